"""claim, close (also merge and false alarm), reopen."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.grammar.grading import grade_named
from bot.language.lazy import later
from bot.language.said import Said, head_at
from bot.model.intent import Intent

_CLAIM = later(
    r"认领|^领了?\s?(?=#|Ⓘ|\d)|^(?:我)?认了?(?=\s?(?:#|Ⓘ|\d))|(?<=[Ⓘ\d]\s)认(?=$|吧|了)|接单|领单|抢单|"
    r"(?<![a-z])claim(?!ed)|(?<![a-z])take\s?(?=#|Ⓘ|\d)"
    r"|(?<=[Ⓘ\d]\s)take(?=$|\s|,)|(?<![a-z])(?:i.?ll |i )?take (?:it|this|over)|i.?ll take|(?<![a-z])mine(?![a-z])|i.?m on it"
    r"|i got this"
    r"|我(?:们|这边|先|就|也|可以|这就|马上)?(?:去|先)?(?:看(?=着)|来|接|跟|盯|领|拿|扛|上|做|管|负责|处理|牵头|认|收|"
    r"揽|包|办|顶|兜)(?:走"
    r"|下|手|着|住|过来|了|吧|一下|跟|盯|处理|负责|牵头|接|做|办|认领|看|扛|弄|搞|管|跟进|这个|这条|这单"
    r"|下来|着手|揽|到底|上|进|去)*(?:这个|这条|这单|这事|它|这件|这起|那条|该事件)?(?:[蓝黄橙红]色?的)?(?:吧|了|啦|哈"
    r"|呗|好了|就行|。|!|，)*(?=$|[,，。!;；\s]|#|Ⓘ|Ⓣ|\d)"
    r"|归我(?:了|吧|管|哈|啊|跟|处理)*(?=$|[,，。!\s])|(?:给|交给|派给|分给|转给|丢给|扔给|留给|划给"
    r"|挂)我(?:来|吧|了|处理|跟|做|名下|手上|就行|好了|头上)*(?=$|[,，。!\s])|算我的|算我头上|我的了"
    r"|我包了|我领了|我认了|让我来|(?:由|换)我(?:来)?(?:跟|负责|处理|接|盯|牵头|认领)|包在我身上"
    r"|我们组?接了?"
)
_CLAIM_STOP = later(
    r"(?:报告|稿子?|材料|ppt|纪要|总结|简报|海报)[^,，。]{0,3}我(?:来|去)?(?:写|做|弄|出|起草|搞)|(?:来龙去脉|经过|时间线"
    r"|简报|汇总|小结|摘要|报告|曲线|趋势|走势|清单|列表|材料|稿子?|链接|截图|图|数据|名单)(?:都)?(?:再)?(?:发|拉"
    r"|列)?给我|(?:有关|相关|都|列|发|转发|整理)给我|(?:有关|相关)的|认领了?一[只条名个张份套]|认领(?:宠物|孩子|树|失物|"
    r"猫|狗|行李)|失物|我来(?:得|不|晚|了?$(?<=我来了)|说|问|看看|的时候|自|之前|以后)|我(?:跟|管|上|接)(?:你|"
    r"他|她|大家|们"
    r"|班|网|车|楼|孩子|人|电话|个|完|到了)|我做(?:完|好|不)|我处理(?:完|好|不)|我办(?:完|好)|我收到"
    r"|我上(?:飞机|车|厕所|班|线|网)|给我(?:一个|个|补|理|捋|整理|念|总结|汇总|介绍|发|看|讲|说|写|出|份|列|查|拉)|我(?:负责|认领|跟|接"
    r"|处理)的|我看"
)


def read_claim(said: Said) -> Intent | None:
    """认领 #12, 这个我来, T4 我做, 刚才那条橙色的我先接着."""
    found = _CLAIM.search(said.shape)
    if not found or _CLAIM_STOP.search(said.shape):
        return None
    if re.search(r"[ⒹⒻⒿ]", said.shape) and not said.numbers("Ⓘ") and not said.numbers("Ⓣ"):
        return None
    if speech.no_command(said, *found.span()) or re.search(
        r"(?:没人|无人|未|谁|怎么|如何|没有人|待|已被?|已经|被|取消|撤销|还没|多久|都|等)(?:被)?认领|认领[^,，。]{0,3}(?:花|耗|用)了|认领(?:的"
        r"|人|率|时限|时间|情况|过|用了)|claimed",
        said.shape,
    ):
        return None
    slots: dict[str, Any] = {}
    task = said.number("Ⓣ") if said.numbers("Ⓣ") else None
    if task is not None:
        slots["task"] = task
    else:
        slots = cut.incident(said, at=found.start(), after=found.end() if "认领" in found[0] or "claim" in found[0] else None)
    bulk = re.search(r"全部|所有|全都|都认领", said.shape)
    slots = cut.put(slots, grade=grade_named(said), scope=bulk[0] if bulk and not slots else None)
    explicit = "认领" in found[0] or "claim" in found[0]
    return Intent("claim", slots, 0.93 if explicit else 0.85 if slots or len(said.text) < 10 else 0.66)


_MERGE = later(
    r"(?:并|合并|归并|并入|并进|合)(?:到|入|进|给|为|成|至)?\s?(?:Ⓘ+|\d{1,4})|合并|并案|并到一起|并过去|并掉|并了|merge"
)
_CLOSE = later(
    r"结案|^结了(?=\s?(?:#|Ⓘ|\d))|销号|关闭|关掉|关了(?!机)|关(?=了?$)|(?<![a-z])close(?!d)|归档|了结|销案|"
    r"收尾|翻篇|可以结|结了吧"
    r"|结掉|结束(?:掉|处置|处理|吧|了)?|收档|办结|结(?:了)?(?:吧|它)?$|完结|收官|封存|到此为止"
    r"|画上?个?句号|收工|误报|虚惊|(?:可以|能|该|就)关|(?:是|属于)?(?:重复|同一(?:件|个)事)|false alarm"
    r"|关单|结单|(?:mark|set)[^,，]{0,12}closed|(?:可以|能|该|就)销(?:了|掉)|(?:可以|能|该|就|先)收(?:了|掉|吧|一下)|收了吧|收掉|(?<=Ⓘ)\s?收了$|了掉|撤案|销掉|清掉这|"
    r"over(?=$|[,，。!\s])|下线这个|落幕|收口|收摊|了了|完事|关一下|archive|resolve(?!d)|告一段落"
)
_CLOSE_STRONG = later(
    r"结案|关闭|关掉|close|归档|销案|了结|可以结|结掉|误报|结了吧|办结|翻篇|关单|结单|并|收尾|archive"
    r"|resolve|关了|关|结束|收档|句号|完结|告一段落|结"
)
_NOT_CLOSE = later(
    r"(?:撤销|取消|撤回)[^,，]{0,10}(?:归档|结案|关闭)|(?:归档|结案|关闭)[^,，]{0,3}(?:撤销|取消|撤回|作废|不算)|(?:已|所有"
    r"|全部|都|已经)(?:结案|归档|关闭|了结"
    r"|关)(?!吧)|(?:结案|归档|关闭|关掉|了结|结掉)了?的(?!事(?!件))|结早|(?:别|不要|先别|不能)(?:结|关|归档)"
    r"|结案(?:报告|率|的格式|的条件|格式|流程|条件)|总结|小结|团结|结果|结论|结束(?:后|之后|时)|重新打开"
    r"|重开|推送|通知|静音|评论|告警|提醒|报警|热搜|帖|任务|演练|推演|演习|会议|关(?:注|于|系|键|心|联)"
    r"|[ⓉⒹ]|误报率|收了(?:\d|多少|几|钱|到)|权限|时间线|复盘|案例"
)


def read_close(said: Said) -> Intent | None:
    """结案 #12, 12关闭,误报, 13关了并到12, 这个翻篇了 #15 了结."""
    merge = _MERGE.search(said.shape)
    if itself := _into_itself(said):
        return itself
    found = next((m for m in _CLOSE.finditer(said.shape) if not _blocked_close(said, m)), None)
    verb = merge or found
    joined = merge is not None and len(said.numbers("Ⓘ")) > 1
    if not verb or (
        not joined
        and _NOT_CLOSE.search(said.shape)
        and not re.match(
            r"^(?:结案|误报|close|归档|关闭|销案|了结|完结|销号)(?:吧|了)?\s?(?:[#Ⓘ\d]|$|[,:]|原因|理由|因为)", said.bare_shape
        )
    ):
        return None
    if re.search(r"想(?:把|要)|睡觉|下班前?能|回家", said.text):
        return None
    if merge and (speech.no_command(said, *merge.span()) or (not found and len(said.numbers("Ⓘ")) < 2)):
        return None
    slots = _closing_object(said, verb, merge)
    firm = re.search(r"结案|关闭|关掉|归档|销案|了结|可以|结了吧|结掉|误报|完结|句号|close", verb[0] + said.shape)
    if "topic" in slots and not firm and not cut.topic(said):
        return None
    has_object = bool(slots) or said.quote is not None
    if not has_object and not re.match(r"^(?:结案|误报|close|归档|关闭|可以结案|销案)", said.bare_shape):
        return None
    why = _closing_reason(said, found or verb)
    if (alarm := re.search(r"虚惊一场|一场虚惊|乌龙(?:一场)?", said.text)) and alarm[0] not in why:
        why = alarm[0]
    resolution = _resolution(said.text, bool(merge))
    slots = cut.put(slots, reason=why, resolution=resolution)
    return Intent("close", slots, 0.92 if _CLOSE_STRONG.search(verb[0]) else 0.75)


def _into_itself(said: Said) -> Intent | None:
    """A merge that lacks its target, or names one incident twice: the desk says what is missing."""
    if re.fullmatch(r"(?:并入|合并|并案|merge)[吧!。\s]*", said.shape):
        return Intent("close", {"resolution": "duplicate"}, 0.9)
    twice = [t.number for t in said.things if t.kind == "Ⓘ"]
    if not _MERGE.search(said.shape) and "并" not in said.shape:
        return None
    if len(twice) == 2 and twice[0] == twice[1] and not re.search(r"[?？吗]$|要不|别|不", said.text):
        return Intent("close", {"incident": twice[0], "merge_into": twice[0], "resolution": "duplicate"}, 0.9)
    alone = re.fullmatch(
        r"(?:并入|合并|并案|merge)\s?(?:#|Ⓘ|\d)+[吧!。\s]*|(?:#|Ⓘ|\d)+\s?(?:并入|合并|并案|merge)[吧!。\s]*", said.shape
    )
    return Intent("close", {"incident": twice[0], "resolution": "duplicate"}, 0.9) if alone and len(twice) == 1 else None


def _blocked_close(said: Said, found: re.Match[str]) -> bool:
    if re.match("误报|重复|同一|虚惊|false", found[0]):
        before, after = speech.around(said.text, *found.span())
        if re.match(r"误报\s?[#Ⓘ]|误报\s(?:说的)?不是(?:我们|咱|我司|本公司)", said.bare_shape):
            return bool(re.search(r"是不是|会不会|可能|好像|吗|吧$|[?？]", after))
        return bool(re.search(r"不是|是不是|会不会|可能|好像|吗|[?？]", before[-4:] + after))
    return speech.no_command(said, *found.span())


def _closing_object(said: Said, verb: re.Match[str], merge: re.Match[str] | None) -> dict[str, Any]:
    numbers = said.numbers("Ⓘ")
    if merge and len(numbers) >= 2:
        into = re.search(
            r"(?:并|合并|归并|并入|并进|合|merge)[^Ⓘ\d]{0,4}?(?:到|入|进|给|into|至|in)\s?#?(Ⓘ+|\d{1,4})", said.shape
        )
        if into:
            target = next((t.number for t in said.things if t.kind == "Ⓘ" and t.start <= into.start(1) < t.end), None)
            if target is not None:
                moved = next((n for n in _near_verb(said, merge) if n != target), None)
                return cut.put({}, incident=moved, merge_into=target)
        return {"incident": max(numbers[:2]), "merge_into": min(numbers[:2])}
    return cut.incident(
        said, at=verb.start(), after=verb.end() if verb.start() == head_at(said.shape) and verb[0] != "误报" else None
    )


def _near_verb(said: Said, merge: re.Match[str]) -> list[int]:
    """The incidents before the merge, nearest first, then the others."""
    before = [t.number for t in said.things if t.kind == "Ⓘ" and t.end <= merge.start()]
    return [*reversed(before), *said.numbers("Ⓘ")]


def _closing_reason(said: Said, verb: re.Match[str]) -> str:
    text = cut.reason(
        said, verb.span(), *(m.span() for m in re.finditer(r"可以|关掉|关了|了结|收尾了?|翻篇|结案|关闭|归档|销案", said.text))
    )
    if "误报" in said.text and "误报" not in text:
        text = ",".join(p for p in ("误报", text) if p)
    return text


def _resolution(text: str, merged: bool) -> str | None:
    if merged or re.search(r"重复|同一(?:件|个)|duplicate", text):
        return "duplicate"
    if re.search(r"误报|虚惊|不是我们|false alarm|跟我们无关|与我们无关|乌龙|认错人|同名", text):
        return "false_alarm"
    if re.search(r"(?:移?交|转)(?!发)[^,，]{1,10}了[,，]|移交|交由|划归|归口|转(?:给|交|由).{1,8}(?:处理|跟进|负责)", text):
        return "handed_over"
    return None


_REOPEN = later(
    r"重开(?!过|了?几次|调查|的)|(?:结案|归档|关闭)[^,，]{0,3}(?:撤销|取消|撤回|收回|作废|不算)|重新拉|恢复[^,，]{0,8}(?:处置"
    r"|处理)|重新(?:打开|启动|激活|开(?!业|张|始|会|机|店|放|庭|学|工)|处置|"
    r"立案|开启|处理)|reopen|re-open(?!ed)|(?:撤销|取消|撤回|收回|回退"
    r"|作废)[^,，]{0,10}?(?:结案|归档|关闭|了结|销案)|再(?:次)?(?:打)?开(?!会|始|一个|个会)(?:起来)?|(?:捡|捞|拽|翻|找|揪)(?:回来|出来"
    r"|起来)|重启|恢复处置|复活|拉回来|解除归档|激活|恢复(?:成|到|为)?(?:处置中?|处理中?|打开)|反结案|Ⓘ\s?恢复$"
    r"|恢复\s?#?(?:Ⓘ+|\d+)(?:号)?$|回炉|重新来过|(?:别|不要|不能|先别|别急着|不该)(?:急着)?(?:结(?!果)"
    r"|关闭|关掉|关(?=$|[,，。!\s])|归档)|结早了|关早了|重新立|回滚结案|开回来|重拾|再启|un-?close|重提|(?:还得|还要|得再|要再|"
    r"必须再?|赶紧再?)开(?=$|[,，。!\s])|恢复(?:跟踪|跟进|监测|处置)|重新立|(?:重新|再|又)(?:立上|立起来|挂上|"
    r"跟起来|办起来|捡起来|提上来|拾起来|开起来)|(?:误|错)(?:结|关)|(?:结|关)错|拉回来|接着(?:办|跟|处理)(?=$|"
    r"[,，。!\s]|Ⓘ)|open.{0,12}again|(?:恢复|复原|还原)\s?(?:Ⓘ+|\d+)(?:号)?(?:事件|案子|处理|跟进)?|"
    r"(?<=[Ⓘ\d])[,，\s]*(?:还)?没完(?=$|[,，。!\s])"
)


_FLARE = later(
    r"又(?:炸|起来|火|爆|热|来|闹|上热搜|冒|有人|被|翻出|发酵|涨|传)|卷土重来|死灰复燃|复燃|二次(?:发酵|报道|"
    r"传播)|反转|再(?:次|度)(?:发酵|上热搜|爆|升温|热)|反弹|反扑|没压住|还没完"
)
_TAKE_UP = later(
    r"(?:重新|再|继续|接着|赶紧|马上|得|要|先|拉|捡|放|恢复|拿|开)(?:给)?(?:我)?(?:再|重新|继续)?(?:开|打开|跟|"
    r"跟进|处理|处置|办|启动|启用|立|拉|捡|管|盯|捞|激活|挂)(?:起来|回来|上|起|出来|回去|一下|吧|了)*(?=$|"
    r"[,，。!\s]|Ⓘ|#)"
)


def _flared(said: Said) -> re.Match[str] | None:
    """It broke out anew, and somebody is to take it up again: both must be said, and of which incident."""
    flare, again = _FLARE.search(said.shape), _TAKE_UP.search(said.shape)
    if not flare or not again or not cut.incident(said):
        return None
    return None if speech.no_command(said, *again.span()) or re.search(r"我|谁", said.shape) else again


def read_reopen(said: Said) -> Intent | None:
    """重开 #12, #7 又炸了,重新打开, 取消归档, 把7号捞回来."""
    hits = list(_REOPEN.finditer(said.shape))
    if said.quote and re.search(r"已(?:经)?(?:结案|关闭|归档|了结)", said.quote.text) and not hits:
        hits = list(re.finditer(r"打开|再开|开开|恢复|接着(?:办|跟)|继续(?:跟|办|处理)", said.shape))
    if not hits and (flared := _flared(said)):
        hits = [flared]
    if not hits or re.search(
        r"任务|[ⓉⒹ]|演练|推送|服务器|系统|重启后|app重启|静音|电脑|手机|服务重启|路由|网络|游戏|一局|软件|"
        r"浏览器|机器|设备|微信|直播间|店|账号|评论区",
        said.shape,
    ):
        return None
    found = next((m for m in hits if not re.match(r"别|不|先别|结早|关早|误|错|结错|关错|没完|还没完|接着", m[0])), None)
    if found is None and said.quote is None and (again := _flared(said)):
        found = again
    if found is None:
        early = next((m for m in hits if re.match(r"结早|关早|误|错|结错|关错|没完", m[0]) and said.numbers("Ⓘ")), None)
        kept = re.search(r"继续|接着|恢复|捡回|打开|还(?:要|得|在)(?:跟|办|处理|看|盯)", said.shape)
        early = early or (hits[0] if kept and said.numbers("Ⓘ") else None)
        quoted_closed = said.quote and re.search(r"结案|关闭|归档", said.quote.text) and "已" in said.quote.text
        if not (quoted_closed or early):
            return None
        found = early or hits[0]
        if speech.asked(said, *found.span()) or speech.doubted(said, *found.span()):
            return None
    elif speech.no_command(said, *found.span()):
        return None
    slots = cut.incident(
        said,
        at=found.start(),
        after=found.end()
        if found.start() == head_at(said.shape)
        and re.match(r"重开|reopen|重启|.*\s$", found[0] + said.shape[found.end() : found.end() + 1])
        else None,
    )
    if (
        not slots
        and not re.match(
            r"^(?:重开|reopen|重新打开|撤销结案|取消归档|恢复处置|别结)(?:吧|一下|了|它|这个)?(?:$|[,，!。])", said.bare_shape
        )
        and not said.quote
    ):
        return None
    removed = [m.span() for m in hits if not re.match(r"结早|关早|误|错|结错|关错|[,，\s]*(?:还)?没完", m[0])]
    why = cut.leftover(said, [*removed, *cut.objects(said), *cut.topic_span(said, slots)])
    return Intent("reopen", cut.put(slots, reason=re.sub(r"^(?:上周|昨天|之前)?关的.*", "", why)), 0.93)


def close_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a closing; None without an object."""
    merge = _MERGE.search(said.shape)
    verb = merge or _CLOSE.search(said.shape)
    if verb is None:
        return None
    slots = _closing_object(said, verb, merge)
    if not slots:
        return None
    return cut.put(slots, reason=_closing_reason(said, verb), resolution=_resolution(said.text, bool(merge)))
