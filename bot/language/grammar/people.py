"""assign: 指派, 转给, 让孙律跟一下."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.moments import LENGTH, MOMENT
from bot.language.names import role_in
from bot.language.said import Said
from bot.model.intent import Intent

_ASSIGN = later(
    r"指派|指给|给到(?=\s?[一-龥Ⓟ@])|主责|归你|(?<=[ⒾⓉ\d号\s])(?:转|派|改|换)(?=\s?[一-龥]{2,3}(?:$|[\s,，。、])|[一-龥]{0,4}Ⓟ)|(?:加|算|拉|列"
    r"|写)(?:到|进|入|上)[^,，。]{0,8}(?:协办|协同|配合|跟进|负责|名单|"
    r"处理组|小组)|(?:转|派|分)\s?[#Ⓘ\d号Ⓣ\s]+给|加(?:个|一个|上)?(?:协办|协同|配合|跟进|负责)人?|(?:^"
    r"|(?<=[ⒾⓉ\d\s号]))给(?=\s?[一-龥Ⓟ@]{2,6}$)|(?:客服|法务|公关|技术|品牌|市场|业务|人力|运维|质检|财务"
    r"|行政|物业)(?:部|组|那边|这边)?(?:来|去)?(?:跟|处理|负责|牵头|接|看一|管)|派(?:给|去|单给|到)?"
    r"|分(?:派|配)?给|分派|转(?:给|交|派|到)|移交|交(?:给|由|接给|到)|交(?=Ⓟ)|安排(?:给)?|assign"
    r"|hand(?:ed)? ?over.{0,8} to|(?:让|由|请|叫|换|归|找|麻烦|拉|给)(?=.{0,12}(?:跟|做|办|弄|去|处理|负责|牵头|接|看"
    r"|盯|管|把(?:把)?关|配合|来|支援|协助|顶|主责|主导|弄|搞|解决|审|收|应对))"
    r"|(?:(?:负责|责任|对接|跟进|经办|联系|牵头)(?:人|同事)|owner|主责|牵头人?|执行人|经办人?)\s?(?:[是为:]|"
    r"(?=Ⓟ|[一-龥]{2,3}[,，\s])|定为?|改(?:成"
    r"|为)?|换(?:成|为)?|调整为|变更?为?|设为)?|换成?|改(?:成|为|由|派)|归(?=Ⓟ|客服|法务|公关|技术|品牌"
    r"|市场|业务|人力|hr|运维|质检|财务|行政)|(?:跟进|跟一下|负责|牵头|接手|接管|主责|盯着?)(?=\s?(?:#|Ⓘ"
    r"|\d))|你(?:来|接|跟|负责|处理|牵头|盯|去|看)(?:一下|下|着|手|吧|跟|处理|负责)*|reassign|"
    r"(?<=[a-z] )(?:takes|owns|handles)(?![a-z])"
    r"|pass .{1,10} to|give .{1,10} to|轮到|顶上|接替|转单|甩给|丢给|扔给|划给|拨给|挪给|归口|搭把手|(?:来"
    r"|去)(?:跟|负责|处理|牵头|盯|接)"
)
_HANDLE = later(r"跟进?|处理|负责|牵头|接(?:手|管|一下)?|盯|管|配合|备份|协助|支援|主责")
_NOT_ASSIGN = later(
    r"上报|请示|汇报|升级|抄送|给领导|给老板|我(?:来|再|好|直接)?转给|任务[:：\s]|待办|todo|加个?任务"
    r"|建任务|派出|(?:请|让)(?:[一-龥]总|董事长|总经理|老板|领导)|安排(?:一次|会|采访)|转发|转评|换成第|怎么把|怎么|如何"
)

_UNTIL = later(
    rf"[,，\s]+((?:今[天晚]|明天|后天)?\s?(?:{MOMENT})|{LENGTH}(?:之内|以内|内))(?:要|交|给我|完成|做完|弄完|搞定)*[!。\s]*$"
)
"""By when a task that is handed on must be done."""


def read_assign(said: Said) -> Intent | None:
    """指派 #12 给 @王磊, #7 让法务的孙律跟一下, T5 改成赵倩做, T3 给小刘,今晚12点前."""
    if said.numbers("Ⓣ") and not re.search(r"[看说讲发审问]", said.shape) and (until := _UNTIL.search(said.shape)):
        given = read_assign(said.part(0, until.start()))
        due = {"due": said.raw[until.start(1) : until.end(1)].strip()}
        return Intent("assign", {**given.slots, **due}, 0.97) if given and given.persons else None
    found = _ASSIGN.search(said.shape)
    names = receivers(said)
    role = role_in(said.text)
    if not found and not (
        names
        and re.search(
            r"(?:Ⓟ+\s?|^[一-龥a-z]{2,5})(?:你)?(?:今晚|今天|明天|先|再|赶紧|马上)?(?:来)?(?:跟进?|负责|牵头|"
            r"接手|处理|上(?=$|[,，。!\s]))|Ⓣ\s?Ⓟ+\s?来(?=$|[,，。!\s])",
            said.shape,
        )
    ):
        return None
    if names and all(re.match(r"的(?:话|意思|意见|要求|指示|电话)", said.shape[n.end :]) for n in (*said.people, *said.near)):
        return None
    if not names and not role:
        alone = re.fullmatch(
            r"(?:[#Ⓘ\d]+号?\s?)?(?:指派|转派|转交|转给|派给|分派|移交|assign)\s?(?:#|Ⓘ|\d)*号?[吧!。\s]*", said.shape
        )
        return Intent("assign", cut.incident(said), 0.9) if alone else None
    if _NOT_ASSIGN.search(said.shape):
        return None
    verb = found.span() if found else (0, 0)
    if speech.negated(said, *verb) or speech.doubted(said, *verb) or speech.told(said, *verb):
        return None
    if speech.asked(said, *verb) and not re.search(r"派|指派|转给|交给", said.shape[verb[0] : verb[1]]):
        return None
    task = said.number("Ⓣ") if said.numbers("Ⓣ") else None
    slots: dict[str, Any] = {"task": task} if task is not None else cut.incident(said, at=verb[0] or None)
    has_object = bool(slots)
    if (slots.get("topic") and role_in(str(slots["topic"]))) or (
        slots.get("topic") and any(n in str(slots["topic"]) for n in names)
    ):
        slots.pop("topic")
    slots = cut.put(slots, persons=names, role=role)
    handed = any(re.search(r"(?:^|[ⒾⓉ\d\s])(?:派|转|交)(?:给)?\s?$", said.shape[: n.start]) for n in said.near)
    strong = handed or bool(re.search(r"指派|派给|转给|转交|移交|交给|assign|转派|分派|负责人|责任人|派(?=Ⓟ)", said.shape))
    pointed = (
        has_object or said.quote is not None or re.search(r"这(?:个|事|条|单|件|起|摊)|那(?:个|条|事|单)|它|此事", said.shape)
    )
    if not pointed and not strong:
        return None
    return Intent("assign", slots, 0.91 if strong and names else 0.84 if has_object else 0.74)


_LEAVING = later(
    r"^(?:今天|现在|刚|这两天|明天|下周|临时)?(?:请假|休假|不在|没空|忙|出差|离职|手上|手里|手头|名下|病了|"
    r"生病|下班|调走|休产假|走不开|来不了|扛不住|顾不过来|跟不过来)"
    r"|^的(?=\s?[#Ⓘ\dⓉ]|任务|活|单)"
)


def receivers(said: Said) -> list[str]:
    """Everybody named who takes it over: not the one who is away or whose work it was."""
    taking = [n for n in sorted({*said.people, *said.near}, key=lambda n: n.start) if not _leaves(said, n.start, n.end)]
    kept = {n.name for n in taking}
    names = [n for n in said.names if n]
    return [n for n in names if n in kept] or names


def _leaves(said: Said, start: int, end: int) -> bool:
    if _LEAVING.match(said.shape[end:]):
        return True
    return bool(
        re.search(r"(?:从|由)\s?$", said.shape[:start])
        and re.match(r"\s?(?:手里|手上|那|那边|这边)?(?:改|换|转|移|调)", said.shape[end:])
    )
