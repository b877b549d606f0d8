"""Codes of the store as people read them, and moments in Beijing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.model.grade import Grade
from bot.model.incident import State
from bot.model.people import Role
from bot.model.times import BEIJING, from_iso

FACTS = {"unverified": "待核实", "confirmed": "已核实", "refuted": "不属实", "retracted": "已撤回"}
TASKS = {"open": "未开始", "doing": "在办", "blocked": "受阻", "done": "完成", "cancelled": "取消"}
DECISIONS = {"decided": "已定", "proposed": "提议", "superseded": "已被替换", "declined": "未采纳", "withdrawn": "已撤回"}
DRAFTS = {
    "draft": "草稿",
    "review": "会签中",
    "approved": "已批准",
    "handed": "已交发布",
    "unknown": "发布结果未知",
    "released": "已发布",
    "superseded": "已被替换",
    "retracted": "已撤回",
    "withdrawn": "已作废",
}
VERSIONS = {"live": "有效", "rejected": "被退回"}
PUBLICATIONS = {
    "queued": "排队",
    "handed": "已交付",
    "calling": "发送中",
    "released": "已发布",
    "unknown": "结果未知",
    "failed": "失败",
    "not_released": "未发布",
    "taken_down": "已撤下",
}
CLOCKS = {
    "claim": "认领",
    "assessment": "研判",
    "report": "上报",
    "first_statement": "首次发声",
    "update": "速报",
    "account": "完整说明",
    "review": "复盘",
    "next_word": "下次通报",
    "signature": "会签",
}
CLOCK_STATES = {"proposed": "待确认", "running": "在走", "met": "已完成", "waived": "已豁免", "cancelled": "已取消"}
TYPES = {
    "holding": "首发声明",
    "situation_notice": "情况说明",
    "apology": "致歉",
    "rumor_rebuttal": "澄清",
    "progress_update": "进展通报",
    "recall_notice": "召回公告",
    "breach_notice": "数据泄露告知",
    "staff_letter": "致员工",
    "partner_letter": "致合作伙伴",
    "investor_notice": "澄清公告",
    "media_qa": "媒体问答口径",
}
AUDIENCES = {
    "users": "用户",
    "affected_users": "受影响用户",
    "employees": "员工",
    "partners": "合作伙伴",
    "investors": "投资者",
    "media": "媒体",
    "regulators": "监管部门",
    "public": "公众",
    "board": "董事会",
    "harmed": "受影响者和家属",
    "authorities": "第三方权威",
}
CHANNELS = {
    "weibo": "微博",
    "wechat_mp": "微信公众号",
    "wechat_channels": "视频号",
    "website": "官网",
    "app": "App",
    "sms": "短信",
    "email": "邮件",
    "douyin": "抖音",
    "xiaohongshu": "小红书",
    "toutiao": "头条",
    "zhihu": "知乎",
    "bilibili": "B站",
    "internal": "内部群",
    "exchange": "交易所",
    "hotline": "热线",
}
HEARINGS = {"planned": "待告知", "told": "已告知", "missed": "已错过", "waived": "不需要"}
INQUIRIES = {"open": "未答复", "answered": "已答复", "declined": "不接受"}
RESOLUTIONS = {"resolved": "已解决", "false_alarm": "误报", "duplicate": "重复", "handed_over": "移交"}
ALERTS = {
    "raised": "新预警",
    "worsened": "升级",
    "trigger": "新红线",
    "first_authority": "权威信源",
    "volume_x3": "声量翻三倍",
    "eased": "回落",
    "second_wave": "二次发酵",
}
VERBS = {
    "open": "立案",
    "claim": "认领",
    "assign": "指派",
    "accept": "接受",
    "assess": "研判",
    "suggest": "建议级别",
    "grade": "定级",
    "start": "启动处置",
    "track": "转入跟踪",
    "resume": "恢复处置",
    "close": "结案",
    "reopen": "重开",
    "merge": "并入",
    "split": "拆分",
    "move": "随并入转来",
    "fact": "记事实",
    "fact_judge": "核实事实",
    "fact_correct": "更正事实",
    "fact_retract": "撤回事实",
    "decision": "记决策",
    "task": "派任务",
    "task_done": "任务完成",
    "task_assign": "改派任务",
    "task_accept": "接下任务",
    "task_claim": "认领任务",
    "task_due": "改任务时限",
    "task_state": "改任务状态",
    "task_reopen": "重开任务",
    "task_cancel": "取消任务",
    "draft": "起草",
    "revise": "改稿",
    "submit": "送会签",
    "hold": "扣住稿件",
    "reject": "退回稿件",
    "sign": "签字",
    "signatures_fell": "签字失效",
    "delegate": "转授签字",
    "waive": "放行提示",
    "shown": "送签",
    "hand_over": "交付发布",
    "release": "发布",
    "report": "上报",
    "mute": "静音",
    "unmute": "取消静音",
    "clock": "开始计时",
    "clock_met": "按时完成",
    "clock_missed": "超时",
    "clock_cancelled": "取消计时",
    "clock_waived": "豁免计时",
    "evidence": "存证",
    "original_gone": "原帖已删",
    "original_edited": "原帖已改",
    "told": "告知受众",
    "question": "记问题",
    "answer": "答问题",
    "expense": "记支出",
    "label": "打标签",
    "link": "贴链接",
    "link_read": "读链接",
    "quiet": "定静默期",
    "call": "呼叫",
    "called": "呼叫结果",
    "handover": "交班",
    "read": "已阅",
    "briefed": "已报",
    "point": "定口径",
    "media": "媒体问询",
    "refused": "越权被拒",
    "owner_idle": "负责人空出",
    "export": "申请导出",
    "export_done": "导出完成",
    "export_failed": "导出失败",
    "approved": "签齐",
    "audience": "列入受众计划",
    "audience_plan": "定告知人和时间",
    "audience_told": "已告知受众",
    "audience_missed": "受众漏告知",
    "authority": "请第三方发声",
    "authority_consented": "第三方同意",
    "authority_declined": "第三方谢绝",
    "authority_spoken": "第三方发声",
    "bind": "绑定房间",
    "call_cancel": "取消呼叫",
    "calling": "自动发布中",
    "case": "入案例库",
    "cite": "登记引用事实",
    "confidential": "设为保密",
    "open_up": "解除保密",
    "drill": "演练",
    "edit": "占稿修改",
    "edited": "改完放开",
    "emergency": "紧急首发",
    "endorse": "追认紧急首发",
    "evidence_disclosed": "对外提供证据",
    "handed": "已交付经办人",
    "known": "结果已核对",
    "not_released": "没有发出",
    "released": "登记已发",
    "taken_down": "撤下",
    "retract": "撤下稿件",
    "lift": "解除扣稿",
    "withdraw": "作废稿件",
    "superseded": "被更正替换",
    "unknown": "发布结果未知",
    "rehearsed": "演练中视为已发",
    "widened": "会签范围变了",
    "page_read": "核对已发页面",
    "relinked": "改登记的链接",
    "improvement": "记改进项",
    "inquiry": "媒体问询",
    "inquiry_answered": "答复媒体",
    "inquiry_declined": "谢绝媒体",
    "learned_at": "定知悉时间",
    "leave": "请假",
    "leave_end": "销假",
    "merged": "并入完成",
    "plan_started": "启动预案",
    "plan_cancelled": "取消预案任务",
    "point_resume": "恢复口径",
    "point_suspend": "暂停口径",
    "point_superseded": "口径被替换",
    "proposal": "提请确认",
    "red_line": "触及红线",
    "refusal": "拒绝违规请求",
    "retype": "改事件类型",
    "review": "复盘",
    "review_filed": "归档复盘",
    "review_written": "写复盘",
    "role": "改角色",
    "shift": "排班",
    "shift_cut": "改排班",
    "sitrep_asked": "请填速报",
    "sitrep_automatic": "自动速报",
    "sitrep_sent": "发速报",
    "sitrep_unchanged": "速报无变化",
    "sitrep_dropped": "速报作罢",
    "handover_taken": "接班",
    "handover_replaced": "交班改派",
    "task_told": "提醒接任务",
}


BRIEFS = {**ALERTS, "graded": "定级", "released": "声明已发", "closed": "结案", "update": "速报", "decision": "请示"}
PAGES = {"same": "与签批文本一致", "differs": "与签批文本不一致", "unreadable": "读不到正文"}


def word(table: dict[str, str], code: object) -> str:
    """The word for a code; the code itself where there is none."""
    return table.get(str(code), str(code or ""))


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with a mark that more follows."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def form(draft: Mapping[str, object]) -> str:
    """The type of a statement, with its short form."""
    return word(TYPES, draft["type"]) + {"sms": "（短信）", "popup": "（弹窗）"}.get(str(draft.get("form") or ""), "")


def grade(key: object) -> str:
    """``橙``, or a dash where there is none."""
    return Grade.of(str(key)).label if key else "—"


def state(key: object) -> str:
    """The state of an incident as said in the room."""
    return State(str(key)).label


def role(key: object) -> str:
    """The role as said in the room."""
    return Role(str(key)).label if key in set(Role) else str(key)


def moment(value: object) -> str:
    """``2026年12月3日 15:20`` in Beijing; a dash where nothing is kept."""
    local = _local(value)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}" if local else "—"


def short(value: object) -> str:
    """``12-03 15:20`` in Beijing, for tables."""
    local = _local(value)
    return f"{local:%m-%d %H:%M}" if local else "—"


def exact(value: object) -> str:
    """``2026-12-03 15:20:31`` in Beijing, for columns that a machine sorts."""
    local = _local(value)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local else ""


def day(value: datetime) -> str:
    """``2026年12月3日`` in Beijing."""
    local = value.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日"


def _local(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING)
    if not value:
        return None
    try:
        return from_iso(str(value)).astimezone(BEIJING)
    except ValueError:
        return None


FATES = {"gone": "原帖已删", "edited": "原帖已改"}
"""What became of the original of a piece of evidence."""
