"""escalate: 上报, 请示, 叫董事长进群, 启动应急指挥部."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.said import Said
from bot.model.intent import Intent

_ESCALATE = later(
    r"(?:Ⓟ+|领导|老板|董事长|总经理|集团|总部)(?:那边|那里|也)?(?:知会|报备|请示|告知)(?:一?下|一声)(?=$|[\s,，。!#Ⓘ\d])"
    r"|请(?=(?:集团|总部)[一-龥]{0,6}(?:支援|协助|帮忙|介入))"
    r"|(?:跟|向|给|和)(?=(?:领导|老板|集团|总部|董事长|总经理|Ⓟ+)(?:那边)?(?:说一?[声下]|通个?气|打个招呼|交个底))"
    r"|(?:集团|总部|领导|老板|董事长|总经理|高层|Ⓟ+)(?:得|要|必须|应该)(?:知道|知情)(?=$|[,，。!吧])"
    r"|通报(?:给|到)?(?=网信|公安|监管|市监|市场监管|集团|总部|领导|警方|应急|卫健|消防)"
    r"|上报|往(?=[^,，。]{1,6}报)|升级到(?=法务|公关|总监|上级|高层|指挥|集团|总部|领导|老板|董事|总经理|Ⓟ|应急)|(?:快|赶紧|马上|立刻|"
    r"速)(?:去)?(?:叫|喊|请|找|拉)(?=Ⓟ+(?=$|\s|[,，]|#|Ⓘ)|领导|老板|董事|总经理|总裁|总监|高管|高层)|升级(?!到|为|成|包|版|至)|"
    r"呈报|报告(?:给|一?下)?(?=Ⓟ|领导|老板|集团|.{0,3}总)|(?<![周日月简专汇通申举填])报(?:给|到|请"
    r"|一下|送)?(?=集团|总部|网信|公安|警(?!器|电话)|监管|市监|市场监管|药监|消防|领导|老板|总经理|董事|陈总|董秘"
    r"|工信|证监|交易所|上级|政府|管委会|应急|指挥|法务|消协|派出所|上面|总裁|ceo|母公司|分管|卫健|环保|教育局|"
    r"税务|海关|人社|劳动|高层|大老板|120|119|110|Ⓟ)|(?<![周日月简专汇通申举填])报(?:给"
    r"|到)(?![我你他她])|报警(?!器|电话)|请示|escalate|(?<![a-z])esc(?![a-z])|往上(?:捅|走|报|递|反映|送|推|升|交|提)|捅(?:上去|到|给)"
    r"|惊动|(?:知会|告知)(?:一下|下|到)?(?=领导|老板|Ⓟ|集团|法务|总)|通知(?:一下|下|到)?(?=领导|老板|Ⓟ|集团|"
    r"总部|网信|公安|监管|消防|警方|派出所|应急|市监|药监|卫健|环保|上级|董事|总经理"
    r"|总裁|董秘|高层|陈总)|汇报(?:给|一下|到)?(?=领导|老板|Ⓟ|集团|总部|董事|总经理|监管|高层)"
    r"|(?:拉|叫|喊|请|找|开|成立|拉起|组|组建|召集)(?=(?:应急)?指挥(?:部|中心|长|组))|(?:叫|喊|拉|请|让|"
    r"把)(?=[^,，。]{1,8}(?:进群|叫来|喊来|请来|拉来|叫过来|出来|到场|入群|来看|来听|来盯|露面|进来|来群|过来|"
    r"上线|介入|出面|知道|拍板|知情|定夺|来定"
    r"|来一下|来$|来[,，\s]|来一趟|来群里|看一下))|(?:需要|要|得|该|申请|请求|建议)(?=.{1,8}(?:介入|出面"
    r"|知道|支援|协助|拍板|定夺|批示|决定|帮忙))|启动(?=应急|指挥|危机(?:小组|领导))|(?:得|要|该|必须|赶紧"
    r"|快)(?:让|告诉|跟|找)(?=领导|老板|.{0,3}总|集团|上面|董事|指挥)|告诉(?=领导|老板|Ⓟ|集团|总经理"
    r"|董事长|陈总)|(?:跟|向|给)(?=(?:领导|老板|集团|总部|董事|监管|网信|公安|Ⓟ"
    r"|总经理)[^,，。]{0,3}(?:报告|汇报|说|反映|报备|报))|报备|惊动|找领导|(?:请|让|找)(?=(?:Ⓟ+|领导|老板"
    r"|董事长|总经理)(?:马上|赶紧|尽快|也|来)?(?:来)?(?:定|看|拿主意|定夺|过目)(?!一下进度))|越级上报|notify|"
    r"找(?=上面|上级|总部|集团|领导|老板|董事长|总经理|高层)|提级|上升到?(?=集团|总部|公司|董事|领导|高层)|上交|"
    r"(?:我们?|部门|这边|我这)(?:部门|级别|层级)?(?:定不了|处理不了|做不了主|压不住|扛不住|顶不住|兜不住|解决不了|搞不定)"
)
_UNABLE = later(
    r"(?:我们?|部门|这边|我这)(?:部门|级别|层级)?(?:定不了|处理不了|做不了主|压不住|扛不住|顶不住|兜不住|解决不了|搞不定)了?"
)
_TO = (
    later(r"(Ⓟ+|领导|老板|董事长|总经理|集团|总部)(?:那边|那里|也)?(?:知会|报备|请示|告知)(?:一?下|一声)(?=$|[\s,，。!#Ⓘ\d])"),
    later(
        r"(?:上报|升级|呈报|报告?|汇报|请示|通知|知会|告诉|捅|报备|惊动|报送|提级|反映|转报|同步|上交)(?:一下"
        r"|下)?\s?(?:[#Ⓘ\d\s]*)(?:给|到|至|向|于)?\s?((?:应急)?(?:[一-龥]{0,6}?(?:网信办|公安局?|警方|派出所"
        r"|市监局|市场监管总?局|监管部门|监管局|药监局|工信[部局]|证监[会局]|交易所|管委会|消协|应急管理?局"
        r"|应急局|人社局|劳动局|劳动监察|环保局|税务局|海关|住建委|卫健委|教育局|通管局|住建局))|"
        r"校长|院长|厂长|区长|市长|省里|市里|区里|集团(?:公关部?|总部|领导|总裁|[一-龥]{0,4})?|总部|分管领导"
        r"|大?领导层?|大?老板|总经理|总裁(?:办)?|董事长|董事会|董秘|法务总监|法务部?|[一-龥]{2,4}总监|总监|上级"
        r"|上面|母公司|管理层|高层|ceo|政府|指挥部|指挥中心|Ⓟ+)"
    ),
    later(
        r"(?:向|给|跟|往|让|叫|喊|拉|请|把|找|需要|告诉|要|得|申请|请求)(?:一下)?\s?(Ⓟ+|集团(?:总部|领导|公关部?|法务部?|品牌部?)?|总部"
        r"|(?:公司|集团|分管|大|区|市|省|主管|部门|值班)?领导|老板|总经理|总裁|董事长|董事会|董秘|法务总监"
        r"|法务部?|律师|[一-龥]{2,4}总监|总监|网信办|公安|警方|警察|消防|派出所|监管部门|监管|市监局|市场监管局"
        r"|上级|上面|高层|管理层|ceo|指挥部|指挥中心|指挥长|消协|公关总监|政府|应急局|"
        r"[一-龥]{1,4}局(?![部面势])|卫健委|股东|投资方)"
    ),
    later(r"\bto\s+(?:the\s+)?([a-z]+)"),
    later(r"(应急指挥部|应急指挥中心|指挥部|指挥中心|指挥长|危机领导小组|应急小组)"),
    later(
        r"(网信办|公安|警方|消防[和、]应急局|消防|应急局|市监局|市场监管局|药监局|证监局|集团|总部|董事长"
        r"|总经理|老板|领导|派出所)"
    ),
)


def receiver(said: Said) -> str | None:
    """Who is to hear of it: as typed, or ``command``, ``legal``."""
    for pattern in _TO:
        found = pattern.search(said.shape)
        if not found:
            continue
        typed = said.raw[found.start(1) : found.end(1)]
        plain = said.text[found.start(1) : found.end(1)]
        if re.search(r"指挥(?:部|中心|长)|^command", plain):
            return "command"
        if re.fullmatch(r"法务部?|legal", plain):
            return "legal"
        return typed.removeprefix("@").strip()
    if re.search(r"报警(?!器)", said.shape):
        return "公安"
    return None


def read_escalate(said: Said) -> Intent | None:
    """上报 #12 给陈总, 叫董事长进群, 往上捅, 启动应急指挥部."""
    hits = [m for m in _ESCALATE.finditer(said.shape) if not _held(said, m)]
    if not hits:
        return None
    found = hits[0]
    if re.search(
        r"给(?:领导|老板|Ⓟ+)(?:出|写|做|看|的|弄|整|准备|发(?:个|一?份))|汇报(?:材料|准备|一份|稿)|简报|复盘|"
        r"演练|案例|任务|待办|todo|[ⓉⒻ]|升级(?:到"
        r"|为|成)?\s?(?:红|橙|黄|蓝|[一二三四]级)|已上报|重新拉|还(?:在)?往上走|往上走(?:吗|嘛|了吗|没)|怎么|如何",
        said.shape,
    ):
        return None
    to = receiver(said)
    if found[0].startswith("Ⓟ") and not re.search("[总董导长]$", to or ""):
        return None
    if re.match("通知|告诉", found[0]) and said.people and to == said.people[0].name and not re.search("[总董导长]$", to):
        return None
    slots = cut.incident(said, at=found.start(), after=hits[-1].end() if not to else None)
    if slots.get("topic") and to and str(slots["topic"]) in to:
        slots.pop("topic")
    if not to and not slots and not re.match(r"^(?:上报|升级|escalate|请示)", said.bare_shape) and not said.quote:
        return None
    calling = re.match("叫|喊|拉|请|让|把|需要|要|得|该", found[0])
    rising = (
        found[0] == "升级"
        and "incident" not in slots
        and not cut.topic(said)
        and "上报" not in said.text
        and len(said.text) > 3
    )
    if not to and not said.quote and (calling or rising):
        return None
    slots = cut.put(slots, to=to, reason=_why(said, found, *(m.span() for m in hits[1:]), *cut.topic_span(said, slots)))
    explicit = any(re.match(r"上报|升级|escalate|请示|启动|呈报|往上", m[0]) for m in hits) or (
        bool(re.fullmatch(r"跟|向|给|和", found[0])) and bool(re.search(r"[总董长]$|领导|老板|集团|总部", to or ""))
    )
    return Intent("escalate", slots, 0.9 if explicit else 0.86 if to else 0.7)


def _held(said: Said, found: re.Match[str]) -> bool:
    if re.search(r"(?:同意|决定|拍板|批准|议定|敲定|定了)[:：,，\s]?[^,，]{0,3}$", said.text[: found.start()]):
        return True
    if found[0] == "请示" or (re.match("请|找", found[0]) and not re.search("看", found[0])):
        return speech.negated(said, *found.span()) or speech.told(said, *found.span())
    if re.search(r"定不了|不了|不住|不定", found[0]):
        return speech.asked(said, *found.span())
    return speech.no_command(said, *found.span()) or bool(re.match(r"(?:报告|请|让|叫)?(?:我们)?看", found[0]))


def _why(said: Said, verb: re.Match[str], *more: cut.Span) -> str:
    if given := cut.REASON.search(said.raw):
        return cut.tidy(given[1])
    spans = [verb.span(), *more, *cut.objects(said), *cut.people(said)]
    for pattern in _TO:
        spans += [m.span() for m in pattern.finditer(said.shape)]
    spans += [
        m.span()
        for m in re.finditer(
            r"往上(?:捅|走|报)|进群|出面|露面|到场|过来|叫来|看一下|快|级别|这级别|知道|需要|介入|(?<!不)要(?=报)|"
            r"(?<![一-龥])来(?=\s|$|[,，])",
            said.text,
        )
    ]
    unable = [m.span() for m in _UNABLE.finditer(said.shape)]
    spans = [span for span in spans if not any(span[0] < end and start < span[1] for start, end in unable)]
    return cut.leftover(said, spans)


def escalate_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a report upwards; None without an incident or without a receiver."""
    to = receiver(said)
    slots = cut.incident(said)
    if slots.get("topic") and to and str(slots["topic"]) in to:
        slots.pop("topic")
    found = _ESCALATE.search(said.shape) or re.match("", said.shape)
    assert found is not None
    reason = _why(said, found, *cut.topic_span(said, slots))
    return cut.put(slots, to=to, reason=reason) if slots and (to or said.numbers("Ⓘ")) else None
