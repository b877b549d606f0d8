"""What WeCom's return codes mean, for the queue and for the operator. Decide on ``errcode``, never on ``errmsg``."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import DeliveryError

BAD_CREDENTIALS = frozenset({853000, 93019, 40001, 40013, 40091})
DEAD_REQUEST = frozenset({846605, 846608})
STALE_TOKEN = frozenset({40014, 42001})
SPENT_CARD = frozenset({42014, 42015, 42016, 42022})
NOT_SUBSCRIBED = 846609
BAD_CHAT = 93006
TOO_OFTEN = frozenset({45009, 846607})
CARD_REFUSED = frozenset({40008, 40058, 42045, 43012, 600039})
"""The card, not the message, is at fault: the same words without buttons may pass."""
ELSEWHERE = 600.0
"""The way is closed for this room or person, not the message at fault: silence there, so that the next way is taken."""


@dataclass(frozen=True, slots=True)
class Code:
    """``outcome`` and ``after`` (seconds of silence) as in ``DeliveryError``; ``mend`` tells the operator where to look."""

    meaning: str
    mend: str
    outcome: str = "permanent"
    after: float = 0.0


CODES: dict[int, Code] = {
    -1: Code("企业微信系统繁忙", "不用处理，会自动再发", "retry", 5),
    6000: Code("数据版本冲突", "不用处理，会自动再发", "retry", 1),
    40001: Code("secret 不对", "在后台重新复制 Secret，改 corp_secret 或 secret", "retry", 300),
    40003: Code("成员 userid 不对", "改 [[people]] 里的 wecom，用通讯录里的「账号」", "retry", ELSEWHERE),
    40007: Code("media_id 已失效", "不用处理，会重新上传", "retry", 1),
    40008: Code("消息类型或内容格式不被接受", "请把日志里的这一条报给维护者"),
    40013: Code("企业 ID 不对", "管理后台「我的企业」页底部复制企业 ID，改 corp_id", "retry", 300),
    40014: Code("access_token 无效", "不用处理，会自动换新", "retry", 5),
    40033: Code("内容含不允许的字符", "请把日志里的这一条报给维护者"),
    40056: Code("应用 AgentId 不对", "在应用详情页复制 AgentId，改 agent_id", "retry", 300),
    40058: Code("参数不合要求（多为超长）", "请把日志里的这一条报给维护者"),
    40091: Code("secret 不对", "在后台重新复制 Secret，改 corp_secret", "retry", 300),
    41001: Code("缺少 access_token", "检查 corp_id 与 corp_secret 是否都已填写", "retry", 60),
    42001: Code("access_token 过期", "不用处理，会自动换新", "retry", 5),
    42014: Code("卡片 task_id 不对", "旧卡片不能再更新，看新卡"),
    42015: Code("卡片属于另一个应用", "检查 agent_id 是否换过"),
    42016: Code("没有这张卡片", "旧卡片不能再更新，看新卡"),
    42022: Code("卡片的更新码已用过", "旧卡片不能再更新，看新卡"),
    42045: Code("更新卡片缺少跳转", "检查 card_url 是否是网址"),
    43012: Code("应用没有设置接收消息", "应用详情页「接收消息」设置 API 接收，卡片按钮才能用", "retry", 1),
    44001: Code("上传的文件是空的", "检查附件"),
    44004: Code("文字内容为空", "请把日志里的这一条报给维护者"),
    45002: Code("内容太长", "请把日志里的这一条报给维护者"),
    45009: Code("发送太频繁", "不用处理，停一分钟再发", "retry", 60),
    45033: Code("并发太多", "不用处理，会自动再发", "retry", 10),
    48002: Code("应用没有调用这个接口的权限", "应用详情页检查权限", "retry", 300),
    60011: Code("成员不在应用可见范围", "应用详情页「可见范围」加上这位成员", "retry", ELSEWHERE),
    60020: Code(
        "本机的出口 IP 不可信", "应用详情页「企业可信IP」加上本机出口 IP；要先设可信域名或接收消息服务器", "retry", 300
    ),
    60021: Code("部门不在应用可见范围", "应用详情页「可见范围」加上这个部门", "retry", ELSEWHERE),
    60111: Code("通讯录里没有这个 userid", "改 [[people]] 里的 wecom，用通讯录里的「账号」", "retry", ELSEWHERE),
    81013: Code("收件人全部无效", "检查 [[people]] 里的 wecom 与应用「可见范围」", "retry", ELSEWHERE),
    82001: Code("没有收件人", "检查 [[people]] 里的 wecom", "retry", ELSEWHERE),
    93000: Code(
        "群机器人地址无效，或已被移出群",
        "在群里重新添加消息推送（群机器人），把新地址填到这个房间的 webhook",
        "retry",
        ELSEWHERE,
    ),
    93004: Code("群机器人被停用", "在群设置里启用它，或换一个新的 webhook", "retry", ELSEWHERE),
    93006: Code("chatid 不对", "在群里 @机器人 重新绑定；chatid 区分大小写，原样填写", "retry", ELSEWHERE),
    93008: Code("机器人不在这个群", "把机器人加回群里", "retry", ELSEWHERE),
    93019: Code("bot_id 不对", "智能机器人设置页复制 Bot ID，改 bot_id", "retry", 300),
    301002: Code("Secret 与 AgentId 不是同一个应用", "corp_secret 与 agent_id 要从同一个应用的详情页复制", "retry", 300),
    600039: Code("对方的客户端不支持这种消息", "请对方升级企业微信"),
    846605: Code("回复凭据已失效", "不用处理，会改用主动消息"),
    846607: Code("这个会话发送太频繁", "不用处理，停一分钟再发；若一直如此，请先在群里 @机器人 说句话", "retry", 60),
    846608: Code("流式消息已过期", "不用处理，会改用主动消息"),
    846609: Code("长连接未订阅", "不用处理，会自动重连", "retry", 2),
    853000: Code("机器人 Secret 不对", "智能机器人设置页「长连接」重新获取 Secret，改 secret", "retry", 300),
}


class VendorError(DeliveryError):
    """WeCom answered, and the answer was no: ``code`` says why."""

    def __init__(self, code: int, what: str) -> None:
        entry = CODES.get(code, Code("未列入手册的错误", "按错误码查企业微信开发文档"))
        super().__init__(f"{what}：{entry.meaning}（{code}）。{entry.mend}", entry.outcome, entry.after, gone=code == BAD_CHAT)
        self.code = code


def code_of(answer: object) -> int | None:
    """The ``errcode`` of an answer; None where it has none, which is no success."""
    value = answer.get("errcode") if isinstance(answer, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
