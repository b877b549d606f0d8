"""task: add, list, update, done, cancel, remind, reopen."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.moments import RE_DUE, RE_LENGTH, RE_MOMENT
from bot.language.names import role_in
from bot.language.said import Said
from bot.model.intent import Intent

_ADD = later(
    r"^新?(?:任务|待办|todo|task|action item|ai:)|(?:派|安排|交代|布置|分)(?:一?[个件项])?(?:活儿?|"
    r"事儿?)(?=[\s,，:：Ⓟ给])|(?:加|建|新增|新建|添加|创建|记|开|派|列|布置|下|增加|补"
    r"|安排|挂)(?:一?个|一条|一项|条|项|个)?(?:新的?)?(?:任务|待办|todo|task)|待办[:：\s]|todo[:：\s]"
    r"|任务[:：]|add (?:a )?(?:task|todo)|new task|(?:建|记|列|转)(?:为|成)?任务|作为任务|任务给"
)
_MARK = later(
    r"(?:帮我|麻烦|请|再|先)?(?:给?Ⓘ+)?\s?(?:(?:加|建|新增|新建|添加|创建|记|开|派|列|布置|下|增加|补|安排"
    r"|挂)(?:一?个|一条|一项|条|项|个)?(?:新的?)?(?:任务|待办|todo|task)(?:给)?|任务给|记为任务|建任务给?|"
    r"(?:派|安排|交代|布置|分)(?:一?[个件项])?(?:活儿?|事儿?)"
    r"|新?任务|待办事?项?|todo|task|action item|add (?:a )?task|new task|截止(?:时间)?|ddl|deadline|due"
    r"|(?<![一-龥])阻断|负责人?(?=\s?Ⓟ)|由(?=Ⓟ))[:\s]*"
)
_DONE = later(
    r"完成|已经办|办了(?=$|[,，。!\s])|交差|交活|交付|提交了|拿下|收尾了|清了|搞定|做完|办完|弄完|办好|做好|"
    r"好了|(?<![a-z])done|finished|结束了|(?<![a-z])ok(?![a-z])|办妥"
    r"|落实了|已落实|交付|交了(?=$|[,，。!\s])|交上(?:去|来)了|已办|已处理|已解决|处理完|搞完|完事|弄好|干完|可以划掉|√|✅|勾掉|收工|complete"
    r"|销项"
)
_UNDONE = later(
    r"(?:没|未|还没|没有)(?:真的?|全|都)?(?:完成|搞定|做完|办完|弄完|好|做好)|点错|标错|误点|误标|按错"
    r"|重新打开|重开|恢复|reopen|没做完|返工|打回重做|不算完成"
)
_CANCEL = later(
    r"取消|不用(?:做|管|弄|跟|办|去)|作废|删(?:掉|了|除)?|撤(?:销|掉|了)|cancel|不做了|去掉|划掉这|废了|砍(?:掉|了)|没必要做"
    r"|免了|不需要了"
)
_REMIND = later(r"催|remind|提醒|push一下|盯一下|追一下|跟催|ping|问问进度|戳")
_DELAY = later(
    r"改期|再给|改(?=\s?(?:今|明|后天|周|下周|月|\d{1,2}[点:]|[一二三四五六七八九十]{1,3}点))|延(?:期|后|长|迟|到|一|两|半|\d)|改(?:到|成|为)|推(?:到|迟|后)|顺延|提前|截止|宽限|挪到|放到"
    r"|缓到|往后|晚一?点|due|ddl|extend|postpone"
)
_DOING = later(
    r"开始(?:做|了|弄|处理)|在做|进行中|正在|在弄|动手|着手|开工|已启动|在跑|跑着|在推进|在跟|在写|在查|在联系|"
    r"start(?:ed)?|在处理|做着"
)
_BLOCKED = later(r"卡(?:住|在|了|着)|受阻|阻塞|block(?:ed)?|做不下去|推不动|等(?!一?下)|停在|搁置|卡壳|缺|遇阻|进行不下去")
_LIST = later(
    r"(?:任务|待办).{0,2}还?剩|(?:任务|待办).{0,3}(?:列|看|查|发)一?[下出]|我的(?:任务|待办|todo)|(?:任务|待办|"
    r"todo)(?:列表|清单|一览|进度"
    r"|情况|表|都?有?哪些|有几个|有多少|还有)|(?:还有|还剩|剩)(?:下)?(?:哪些|几[个项条件]|多少[个项条]?|什么|啥)(?:任务"
    r"|待办|活)|(?:哪些|几个|多少|啥|什么)(?:任务|待办|活)|任务.{0,6}(?:完成|做完|弄完|搞定)了?(?:吗|没"
    r"|么)|(?:任务|待办).{0,6}(?:哪些|没做|没完成|没弄|逾期|超期|超时|过期|到期|卡)|(?:逾期|超期|超时|过期"
    r"|未完成|没完成|没做完|所有|全部|今天(?:到期)?的?|到期)的?(?:任务|待办)|(?:列|看|查|发)(?:一下|下"
    r"|出)?.{0,8}(?:任务|待办)|我(?:手上|名下|今天)?(?:还)?有(?:啥|什么|哪些)(?:活|任务|要做|事|待办)"
    r"|list tasks|my tasks|我(?:手上|名下|今天)?还(?:有|剩)(?:啥|什么|哪些|几[个件]|多少).{0,3}(?:没|要)(?:干|做|弄|办|完|交)"
    r"|tasks$|谁的任务|谁还没(?:做|交|完成)|任务$"
)


def read_task(said: Said) -> Intent | None:
    """任务 @王磊 今晚8点前 …, T3 完成, T5延到明天中午, 催一下T8, 我的任务."""
    tasks = said.numbers("Ⓣ")
    if tasks or (said.number("Ⓣ") is not None and not _ADD.search(said.shape)):
        return _on_task(said, tasks or [said.number("Ⓣ") or 0])
    if re.match(r"^催", said.bare_shape) and "任务" in said.shape:
        return Intent("task", cut.put({"op": "remind"}, persons=said.names), 0.9)
    adding = _ADD.search(said.shape)
    listing = _LIST.search(said.shape)
    if (
        (
            listing
            and not re.search(r"任务[:：]", said.shape)
            and not re.search(r"昨天|整理了|(?<!没)(?<!没有)(?<!未)(?:完成|做完)了?(?:吧|。)?$", said.text)
        )
        and not (
            adding
            and (
                re.match(r"^任务\s*(?:给|[@Ⓟ])", said.shape)
                or (_due(said) and said.names)
                or re.match("建|加|记|开|新|添|创|派|布置|下", adding[0])
            )
        )
        and not re.match(r"^(?:待办|任务)[:\s]", said.shape)
    ):
        return _listed(said)
    if (
        adding
        and not speech.negated(said, *adding.span())
        and not speech.doubted(said, *adding.span())
        and not re.search(r"怎么|如何|格式", said.text)
    ):
        return _added(said, 0.92)
    return _given(said)


def _on_task(said: Said, tasks: list[int]) -> Intent | None:
    objects: dict[str, Any] = {"task": tasks[0]} if len(tasks) == 1 else {"tasks": tasks}
    text = said.shape
    if re.search(r"(?:吗|没有?|么)[?？]*$", said.text) and not _REMIND.search(text):
        return Intent("task", {"op": "list"} | objects, 0.7)
    if re.search(r"谁(?:在|来)?(?:做|跟|办|管|负责|处理)", said.text):
        return Intent("task", {"op": "list"} | objects, 0.85)
    if re.search(r"还没.{0,4}(?:吧|啊)?[?？]*$", said.text) and not re.search(r"点错|标错|误", said.text):
        return Intent("task", {"op": "list"} | objects, 0.85)
    if (undone := _UNDONE.search(text)) and not re.match("恢复", undone[0]):
        return Intent("task", cut.put({"op": "reopen"} | objects, reason=_rest(said, undone)), 0.93)
    if (remind := _REMIND.search(text)) and not speech.negated(said, *remind.span()):
        return Intent("task", cut.put({"op": "remind"} | objects, persons=said.names), 0.92)
    if (off := _CANCEL.search(text)) and not speech.no_command(said, *off.span()):
        return Intent("task", cut.put({"op": "cancel"} | objects, reason=_rest(said, off)), 0.92)
    done = next((m for m in _DONE.finditer(text) if not speech.no_command(said, *m.span())), None)
    if done and re.search(
        r"(?:完成|做完?|弄完?)(?:比例|一半|度|率|多少|情况|进度|\d)|不了|没法|快(?=完|做|办|弄|搞|好)|即将|差不多|马上就", text
    ):
        done = None
    if done and not re.search(r"就好了$", said.text):
        return Intent("task", cut.put({"op": "done"} | objects, comment=_rest(said, done)), 0.92)
    moment = RE_MOMENT.search(said.text) or RE_DUE.search(said.text)
    length = RE_LENGTH.search(said.text)
    delay = _DELAY.search(text)
    if delay and (moment or length) and not speech.no_command(said, *delay.span()):
        when = moment or length
        assert when is not None
        return Intent("task", {"op": "update"} | objects | {"due": said.raw[when.start() : when.end()]}, 0.92)
    if _BLOCKED.search(text):
        return Intent("task", cut.put({"op": "update", "state": "blocked"} | objects, reason=_rest(said)), 0.85)
    if _DOING.search(text):
        return Intent("task", {"op": "update", "state": "doing"} | objects, 0.85)
    if _UNDONE.search(text):
        return Intent("task", {"op": "reopen"} | objects, 0.85)
    if _LIST.search(text) or re.search(r"进度|怎么样|咋样|状态|到哪|谁在?(?:做|负责)|详情|情况", said.text):
        return Intent("task", {"op": "list"} | objects, 0.85)
    if re.search(r"改|换成|更新|补充|备注|加上|内容|备一下", text) and not said.names:
        return Intent("task", cut.put({"op": "update"} | objects, text=_rest(said)), 0.7)
    return None


def _rest(said: Said, *verbs: re.Match[str]) -> str:
    return cut.leftover(said, [*(m.span() for m in verbs), *((t.start, t.end) for t in said.things if t.kind == "Ⓣ")])


def _listed(said: Said) -> Intent:
    number = said.number("Ⓘ")
    mine = bool(re.search(r"我(?:的|手|名下|今天|还|有|都)|(?<![a-z])my", said.text))
    overdue = bool(re.search(r"逾期|超期|超时|过期|overdue|误期|拖", said.text))
    owner = re.match(r"^([一-龥]{2,3}?)(?:的|手上|手里|名下|那边|还有|还剩).{0,6}(?:任务|待办|活)", said.text)
    names = (
        [n.name for n in said.people]
        or ([said.raw[owner.start(1) : owner.end(1)]] if owner and not re.search("我|谁|天|部|逾期|有", owner[1]) else [])
        or ([] if mine else [n for n in said.names if n])
    )
    state = (
        "open"
        if re.search(r"没做完|没完成|未完成|没做|没弄|没办", said.text)
        else "done"
        if re.search(r"已完成|做完了?的|完成的", said.text)
        else "blocked"
        if "卡" in said.text
        else None
    )
    slots = cut.put({"op": "list"}, incident=number, mine=mine or None, overdue=overdue or None, persons=names, state=state)
    if number is None and (name := cut.topic(said)):
        slots["topic"] = name
    return Intent("task", slots, 0.86)


def _added(said: Said, confidence: float) -> Intent | None:
    number = said.number("Ⓘ", bare=False)
    if number is None and (first := next((t for t in said.things if t.kind == "Ⓘ" and t.bare), None)) is not None:
        marker = _MARK.search(said.shape)
        number = first.number if (marker and abs(first.start - marker.end()) <= 1) or first.start == 0 else None
    due = _due(said)
    spans = [m.span() for m in _MARK.finditer(said.shape)] + cut.people(said)
    spans += [(t.start, t.end) for t in said.things if t.kind == "Ⓘ" and (not t.bare or t.number == number)]
    if due:
        spans.append(due.span())
    text = re.sub(
        r"^(?:帮我|帮|给|让|请|由|叫|你|去|来|[,，\s])+|(?:[,，\s]|给|由|让|负责|来做|完成|去做|搞定|,?谢谢)+$",
        "",
        cut.leftover(said, spans),
    )
    pieces = (
        [p for p in re.split(r"[,，?？]", text) if not re.match(r"谁|你去吧?$|你来吧?$", p)]
        if re.search(r"[?？]|你去", text)
        else []
    )
    text = cut.tidy(",".join(pieces)) if pieces else text
    if said.quote and len(text) < 3:
        text = said.quote.text
    slots = cut.put(
        {"op": "add"},
        incident=number,
        persons=said.names,
        due=said.raw[due.start() : due.end()].strip() if due else None,
        text=text,
        role=role_in(said.text) if not said.names else None,
    )
    if number is None and said.quote is None and (name := cut.topic(said)) and re.match(r"^给?" + re.escape(name), said.raw):
        slots["topic"] = name
    return Intent("task", slots, confidence) if text or said.names or said.quote else Intent("task", slots, 0.6)


def _due(said: Said) -> re.Match[str] | None:
    dues = list(RE_DUE.finditer(said.shape))
    if dues:
        return next(
            (m for m in dues if re.search("前|内|之前|ddl|截止", m[0])),
            dues[-1] if re.search(r"[,，\s]$", said.text[: dues[-1].start()]) else dues[0],
        )
    return re.search(r"马上|立刻|尽快|现在|asap|eod|下班前", said.text)


_SEND = later(r"(?:让|请|叫|派|麻烦|安排)\s?(?:Ⓟ+|[一-龥]{2,3})|把|Ⓟ+\s?(?:你)?(?:去|把|负责|来)?|你(?:去|把)")
_ACT = later(
    r"核实|联系|确认(?!了)|拍照|取证|准备|整理|收集|统计|调取|查(?!看)|打电话|送检|检测|写|翻译|翻|回访"
    r"|安抚|通知|约|跑一趟|去现场|盯|对接|同步|催|发给|导出|截图|下载|备份|排查|修|补|慰问|拜访|梳理|备好"
    r"|拿到|要到|出一份|提交|回复|跟进|落实|买|封存|清点|更新|测|找|报给|报|做|弄|给"
)


def _given(said: Said) -> Intent | None:
    """An action given to a person with a time, without the word 任务: @老周 两点前到门店拍照."""
    due = _due(said)
    if speech.asked(said, *(due.span() if due else (0, 0))):
        return None
    if not due or not said.names or not _ACT.search(said.shape) or not _SEND.search(said.shape):
        return None
    if (
        re.search(r"推送|静音|认领|结案|发布|演练|复盘|会议室|开会|吃饭|[ⒹⒻ]|电话打不通|定级|起草|上报|简报", said.shape)
        or re.search(r"(?:吗|没|呢|么)[?？]*$", said.text)
        or re.search(r"昨天|说", said.text)
    ):
        return None
    return _added(said, 0.8)


def task_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a line about tasks: a change to one that is named, a list where it asks, else a new one."""
    tasks = said.numbers("Ⓣ")
    if tasks or said.number("Ⓣ") is not None:
        found = _on_task(said, tasks or [said.number("Ⓣ") or 0])
        return dict(found.slots) if found else None
    if _LIST.search(said.shape) or re.search(r"哪些|什么|啥|几[个条件项]|多少|吗$|没$|[?？]$|列|清单", said.text):
        return dict(_listed(said).slots)
    added = _added(said, 0.7)
    return dict(added.slots) if added and added.slots.get("text") else None
