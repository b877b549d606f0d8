"""drill: start, stop, pause, resume, jump, inject, schedule, query, score, list, export."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.moments import MOMENT, RE_STEP
from bot.language.numbers import NUMBER, amount_of, number_of
from bot.language.said import Said
from bot.model.intent import Intent

_DRILL = later(
    r"演练|演习|推演|(?:快进|跳)(?:到|至)第?\s?(?:\d+|[一二三四五六七八九十]+)\s?(?:步|个?节点|幕|个?环节)|(?<![a-z])drill|tabletop|模拟(?:一[次场]|危机|演|场景)|桌面(?:推|演)|注入(?:下一|一"
    r"|第|新|个)|下一[条个](?:注入|情景|情节|剧情)|剧本|(?:\d+(?:\.\d+)?|[一二两三四五六八十半]+)\s?倍速"
    r"|实战模拟|(?<![训教锻熟磨])练(?:一?[次场遍]|一练)|红蓝对抗|练兵|彩排"
)
_SPEED = later(r"(\d+(?:\.\d+)?|[一二两三四五六七八九十半]+)\s?(?:倍速?|x(?![a-z]))|x\s?(\d+)")
_NOISE = later(
    r"演练|演习|桌面推演|桌面演练|推演|drill|tabletop|start|run|begin|play|pause|开始|启动|开一[下场次]"
    r"|开启|来一[场次个下]|搞一?[场次个]|做一?[场次个]|跑一?[遍下次个]?|进行|组织|一次|一场|一个|的|那个"
    r"|这个|剧本|场景|模式|场|次|按|用|练一?[下练]?|模拟|桌面|我们|大家|帮我|来|走|请|主题|题目"
    r"|[:：\s,，。!]|(?<![a-z])(?:for|the|a|an|of|on)(?![a-z])|吧|一下|\d+(?:\.\d+)?倍速?|"
    r"[一二两三四五六八十半]+倍速?|x\d+|\d+x"
    r"|危机|现在|今天|测试|试|给|开|跑|别真发出去|哈|别当真|随便|到|速度|吗|里"
)


def read_drill(said: Said) -> Intent | None:
    """演练, 开始演练 食品安全场景, 演练暂停, 4倍速跑欠薪那个剧本, 跳到第5个节点, 注入下一条."""
    found = _DRILL.search(said.shape)
    if not found or re.match(r"^(?:误报|结案|重开|关闭|上报)\s?[#Ⓘ\d]", said.shape):
        return None
    if re.search(r"通知单|昨天的?演练|上次(?:的)?演练(?!.*(?:得分|打分|报告|成绩))|消防|复盘", said.shape) and not re.search(
        r"开始|启动|导出", said.shape
    ):
        return None
    op = _op(said, found)
    if op is None:
        return None
    return Intent("drill", _slots(said, op), 0.93)


def drill_slots(said: Said) -> dict[str, Any]:
    """The slots of a line about drills, whatever it calls them."""
    return _slots(said, _op(said, re.match("", said.shape)) or "plain")  # type: ignore[arg-type]


def _slots(said: Said, op: str) -> dict[str, Any]:
    slots: dict[str, Any] = {"op": op} if op != "plain" else {}
    if speed := _SPEED.search(said.text):
        value = amount_of(speed[1] or speed[2])
        if value:
            slots["speed"] = int(value) if value == int(value) else value
    if op == "jump":
        step = RE_STEP.search(said.text) or re.search(rf"(?:到|至|to|step)\s?({NUMBER})", said.text)
        if step and (number := number_of(step[1])) is not None:
            slots["step"] = number
        return slots
    if op == "schedule":
        slots = cut.put(slots, when=_when(said))
    if op in ("start", "plain", "schedule") and (scenario := _scenario(said)):
        slots["scenario"] = scenario
        slots.setdefault("op", "start")
    return slots


def _op(said: Said, found: re.Match[str]) -> str | None:
    text = re.sub(r"^\[演练\]|^【演练】", "", said.text)
    if re.search(
        r"是(?:不是)?(?:在)?演[练习]还是|真的还是(?:演|假)|(?:演[练习]|推演)(?:还是|吗|么|[?？])|是演[练习]"
        r"|(?:这|现在)是不是(?:在)?演|还在演练|演练(?:到哪|进度|状态|进行到|中吗|情况|还剩)|is this a drill"
        r"|真(?:事|的)吗|不是真的吧|真的假的|演练(?:了)?(?:没|多久)|演[练习](?:结束|开始)了(?:吗|没)",
        text,
    ):
        return "query"
    if re.search(r"打个?分|评个?分|得分", text) and not re.search(r"结束|停止|终止", text):
        return "score"
    if re.search(
        r"结束|停止|终止|中止|叫停|关闭|退出|stop|end(?![a-z])|收工|到此|停了?(?:吧|掉)|停$|完毕|完了|完事|取消演", text
    ) and not re.search(r"暂停|怎么|(?:别|不要|不能|先不)(?:停|结束|关|终止|退)", text):
        return "stop"
    if re.search(r"暂停|pause|先停|停一[下停]|hold|等一[下等]|冻结", text):
        return "pause"
    if re.search(r"继续|恢复|resume|接着|往下走", text):
        return "resume"
    if re.search(r"跳(?:到|至|过|转|去)|跳(?=第|\d)|快进到|jump|skip", text):
        return "jump"
    if re.search(
        r"注入|inject|(?:再|又)?(?:加|来|插|塞)(?:进)?一?[条个](?:突发|情况|新情况|消息|插曲|变故|意外)|下一[条个](?:消息|信息"
        r"|情景|情节|剧情|事件)?|投放下|推下一",
        text,
    ):
        return "inject"
    if re.search(r"打分|评分|得分|score|成绩|多少分|表现如何|几分", text):
        return "score"
    if re.search(r"导出|export|下载", text):
        return "export"
    if re.search(r"有(?:哪些|哪几|什么|啥|几个)|列表|清单|(?<![a-z])list|都有|可选|哪些|列一?[下出]|剧本库|可以演", text):
        return "list"
    if re.search(r"昨天|上次|得(?:太|很|好|不错|怎么)|别(?:停|结束|关)", text):
        return None
    if speech.negated(said, *found.span()) or (
        speech.doubted(said, *found.span()) and not re.search("安排|计划|预约|定在", text)
    ):
        return None
    if re.search(
        r"安排|预约|排(?:一|个|期)|schedule|定(?:在|个|一)|约(?:一|个|在)|计划|\d{1,2}[号日].{0,6}(?:组织|搞|"
        r"做|开|办|来)|(?:下周|下个?月|月底|月初|年底|季度末|周末|明天|后天"
        r"|周[一二三四五六日]).{0,14}(?:演练|推演|演习)",
        text,
    ):
        return "schedule"
    if re.search(
        r"开始|启动|开|start|跑|run|来|搞|做|进行|模拟|练|走一遍|组织|拉|倍速|begin|play|上",
        text.replace("演练", "").replace("排练", ""),
    ):
        return "start"
    return "plain" if re.match(r"^(?:演练|演习|推演|桌面推演|桌面演练|drill|tabletop|模拟)", said.bare_shape) else None


def _when(said: Said) -> str | None:
    moments = list(re.finditer(rf"{MOMENT}|\d{{1,2}}[号日](?:上午|下午|晚上|早上)?(?:\d{{1,2}}点)?", said.text))
    return "".join(said.raw[m.start() : m.end()] for m in moments) or None


def _scenario(said: Said) -> str:
    text = re.sub(MOMENT, " ", said.raw.lower())
    text = re.sub(r"[\[【]演练[\]】]", "", text)
    text = (
        re.sub(r"(?:安排|预约|排期?|计划|季度|年度|月度|例行|定在|约|先?排上).*", "", text)
        if re.search(r"安排|预约|排期|排上", text)
        else text
    )
    pieces = [p for p in re.split(r"[,，。;!]", text) if p.strip()]
    left = [re.sub(rf"(?:{_NOISE.pattern})", " ", p).strip() for p in pieces]
    best = next((p for p in left if len(p) > 1 and not re.search(r"别|不要|真发|大家|准备|通知|打分", p)), "")
    return re.sub(r"\s+", " ", best)
