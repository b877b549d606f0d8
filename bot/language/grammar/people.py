"""assign, escalate, mute."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.grammar.grading import grade_named
from bot.language.moments import RE_DURATION, RE_FROM_TO, RE_LENGTH
from bot.language.names import role_in
from bot.language.numbers import number_of
from bot.language.said import Said
from bot.model.intent import Intent

_ASSIGN = re.compile(
    r"指派|主责|归你|(?:转|派|分)\s?[#Ⓘ\d号Ⓣ\s]+给|加(?:个|一个|上)?(?:协办|协同|配合|跟进|负责)人?|(?:^"
    r"|(?<=[ⒾⓉ\d\s号]))给(?=\s?[一-龥Ⓟ@]{2,6}$)|(?:客服|法务|公关|技术|品牌|市场|业务|人力|运维|质检|财务"
    r"|行政|物业)(?:部|组|那边|这边)?(?:来|去)?(?:跟|处理|负责|牵头|接|看一|管)|派(?:给|去|单给|到)?"
    r"|分(?:派|配)?给|分派|转(?:给|交|派|到)|移交|交(?:给|由|接给|到)|交(?=Ⓟ)|安排(?:给)?|assign"
    r"|hand(?:ed)? ?over.{0,8} to|(?:让|由|请|叫|换|归|找|麻烦|拉|给)(?=.{0,12}(?:跟|处理|负责|牵头|接|看"
    r"|盯|管|配合|来|支援|协助|顶|主责|主导|弄|搞|解决|审|收|应对))"
    r"|(?:负责人|责任人|owner|主责|牵头人?|执行人|经办人?)\s?(?:[是为:]|(?=Ⓟ|[一-龥]{2,3}[,，\s])|改(?:成"
    r"|为)?|换(?:成|为)?|调整为|变更?为?|设为)?|换成?|改(?:成|为|由|派)|归(?=Ⓟ|客服|法务|公关|技术|品牌"
    r"|市场|业务|人力|hr|运维|质检|财务|行政)|(?:跟进|跟一下|负责|牵头|接手|接管|主责|盯着?)(?=\s?(?:#|Ⓘ"
    r"|\d))|你(?:来|接|跟|负责|处理|牵头|盯|去|看)(?:一下|下|着|手|吧|跟|处理|负责)*|reassign"
    r"|pass .{1,10} to|give .{1,10} to|轮到|顶上|接替|转单|甩给|丢给|扔给|划给|拨给|挪给|归口|搭把手|(?:来"
    r"|去)(?:跟|负责|处理|牵头|盯|接)"
)
_HANDLE = re.compile(r"跟进?|处理|负责|牵头|接(?:手|管|一下)?|盯|管|配合|备份|协助|支援|主责")
_NOT_ASSIGN = re.compile(
    r"上报|请示|汇报|升级|抄送|给领导|给老板|我(?:来|再|好|直接)?转给|任务[:：\s]|待办|todo|加个?任务"
    r"|建任务|派出|安排(?:一次|会|采访)|转发|转评|换成第|怎么把|怎么|如何"
)


def read_assign(said: Said) -> Intent | None:
    """指派 #12 给 @王磊, #7 让法务的孙律跟一下, T5 改成赵倩做."""
    found = _ASSIGN.search(said.shape)
    names = [n for n in said.names if n]
    role = role_in(said.text)
    if not found and not (
        names
        and re.search(
            r"(?:Ⓟ+\s?|^[一-龥a-z]{2,5})(?:你)?(?:今晚|今天|明天|先|再|赶紧|马上)?(?:来)?(?:跟进?|负责|牵头|接手|处理)",
            said.shape,
        )
    ):
        return None
    if not names and not role:
        return None
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
    strong = bool(re.search(r"指派|派给|转给|转交|移交|交给|assign|转派|分派|负责人|责任人|派(?=Ⓟ)", said.shape))
    pointed = (
        has_object or said.quote is not None or re.search(r"这(?:个|事|条|单|件|起|摊)|那(?:个|条|事|单)|它|此事", said.shape)
    )
    if not pointed and not strong:
        return None
    return Intent("assign", slots, 0.91 if strong and names else 0.84 if has_object else 0.74)


_ESCALATE = re.compile(
    r"上报|升级(?!到|为|成|包|版|至)|呈报|报告(?:给|一?下)?(?=Ⓟ|领导|老板|集团|.{0,3}总)|报(?:给|到|请"
    r"|一下|送)?(?=集团|总部|网信|公安|警(?!器|电话)|监管|市监|市场监管|药监|消防|领导|老板|总经理|董事|陈总|董秘"
    r"|工信|证监|交易所|上级|政府|管委会|应急|指挥|法务|消协|派出所|上面|总裁|ceo|母公司|分管|Ⓟ)|报(?:给"
    r"|到)(?![我你他她])|报警(?!器|电话)|请示|escalate|往上(?:捅|走|报|递|反映|送|推|升)|捅(?:上去|到|给)"
    r"|惊动|知会(?=领导|老板|Ⓟ|集团|法务|总)|通知(?=领导|老板|Ⓟ|集团|总部|网信|公安|监管|董事|总经理"
    r"|总裁|高层|陈总)|汇报(?:给|一下)?(?=领导|老板|Ⓟ|集团|总部|董事|总经理|监管|高层)"
    r"|(?:叫|喊|拉|请|让|把)(?=[^,，。]{1,8}(?:进群|进来|来群|过来|上线|介入|出面|知道|拍板|知情|定夺|来定"
    r"|来一下|来$|来[,，\s]|来一趟|来群里|看一下))|(?:需要|要|得|该|申请|请求|建议)(?=.{1,8}(?:介入|出面"
    r"|知道|支援|协助|拍板|定夺|批示|决定|帮忙))|启动(?=应急|指挥|危机(?:小组|领导))|(?:得|要|该|必须|赶紧"
    r"|快)(?:让|告诉|跟|找)(?=领导|老板|.{0,3}总|集团|上面|董事|指挥)|告诉(?=领导|老板|Ⓟ|集团|总经理"
    r"|董事长|陈总)|(?:跟|向|给)(?=(?:领导|老板|集团|总部|董事|监管|网信|公安|Ⓟ"
    r"|总经理)[^,，。]{0,3}(?:报告|汇报|说|反映|报备|报))|报备|惊动|找领导|(?:请|让|找)(?=(?:Ⓟ+|领导|老板"
    r"|董事长|总经理)(?:来)?(?:定|看|拿主意|定夺)(?!一下进度))|越级上报|notify|提级|上升到|上交|(?:我们?"
    r"|部门|这边|我这)(?:部门|级别|层级)?(?:定不了|处理不了|做不了主|压不住|扛不住|顶不住|兜不住|解决不了"
    r"|搞不定)"
)
_TO = (
    re.compile(
        r"(?:上报|升级|呈报|报告?|汇报|请示|通知|知会|告诉|捅|报备|惊动|报送|提级|反映|转报|同步|上交)(?:一下"
        r"|下)?\s?(?:[#Ⓘ\d\s]*)(?:给|到|至|向|于)?\s?((?:应急)?(?:[一-龥]{0,6}?(?:网信办|公安局?|警方|派出所"
        r"|市监局|市场监管总?局|监管部门|监管局|药监局|工信[部局]|证监[会局]|交易所|管委会|消协|应急管理?局"
        r"|应急局|卫健委|教育局|通管局|住建局))|集团(?:公关部?|总部|领导|总裁|[一-龥]{0,4})?|总部|分管领导"
        r"|大?领导层?|大?老板|总经理|总裁(?:办)?|董事长|董事会|董秘|法务总监|法务部?|[一-龥]{2,4}总监|上级"
        r"|上面|母公司|管理层|高层|ceo|政府|指挥部|指挥中心|Ⓟ+)"
    ),
    re.compile(
        r"(?:向|给|跟|让|叫|喊|拉|请|把|找|需要|告诉|要|得|申请|请求)(?:一下)?\s?(Ⓟ+|集团(?:总部|领导)?|总部"
        r"|(?:公司|集团|分管|大|区|市|省|主管|部门|值班)?领导|老板|总经理|总裁|董事长|董事会|董秘|法务总监"
        r"|法务部?|律师|[一-龥]{2,4}总监|网信办|公安|警方|警察|消防|派出所|监管部门|监管|市监局|市场监管局"
        r"|上级|上面|高层|管理层|ceo|指挥部|指挥中心|指挥长|消协|公关总监|政府|应急局)"
    ),
    re.compile(r"\bto\s+(?:the\s+)?([a-z]+)"),
    re.compile(r"(应急指挥部|应急指挥中心|指挥部|指挥中心|指挥长|危机领导小组|应急小组)"),
    re.compile(
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
        r"给领导(?:出|写|做|看|的)|汇报(?:材料|准备|一份|稿)|简报|复盘|演练|案例|任务|待办|todo|[ⓉⒻ]|升级(?:到"
        r"|为|成)?\s?(?:红|橙|黄|蓝|[一二三四]级)|已上报|重新拉|还(?:在)?往上走|往上走(?:吗|嘛|了吗|没)|怎么|如何",
        said.shape,
    ):
        return None
    to = receiver(said)
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
    explicit = any(re.match(r"上报|升级|escalate|请示|启动|呈报|往上", m[0]) for m in hits)
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
            r"往上(?:捅|走|报)|进群|快|级别|这级别|知道|需要|介入|要(?=报)|(?<![一-龥])来(?=\s|$|[,，])", said.text
        )
    ]
    if re.match(r".*(?:定不了|处理不了|做不了主)", verb[0]):
        spans = spans[1:]
    return cut.leftover(said, spans)


_MUTE = re.compile(
    r"静音|静一静|静静|清静|继续推送?|接着推|免打扰|勿扰|别推|别再推|不要再?推|停推|少推|别响|不要响|别吵|太吵|别叫|别弹"
    r"|别再?提醒|不要再?提醒|别再?报警|不要再?报警|不要再?报了|别再?报了|别@|别再@|不要再?@|屏蔽|拉黑|安静"
    r"|消停|闭嘴|(?<![a-z])(?:un)?mute|snooze|silence|不再(?:推送|提醒|告警|报警)|停(?:止|掉)?(?:推送|提醒"
    r"|告警)|暂停(?:推送|提醒|告警|通知)|(?:只|仅)(?:推|报|留|看|响|发|通知|提醒).{0,8}(?:红|橙|黄|电话"
    r"|以上)|(?:告警|预警|推送|提醒|通知)(?:先)?(?:关了|关掉|关一下|关|停了?|停掉)|关(?:掉|闭|了)?(?:推送"
    r"|提醒|告警|通知)|忽略|(?:恢复|打开|开启|重新开)(?:推送|提醒|告警|通知)|(?:取消|解除|关闭|结束"
    r"|撤销)(?:静音|免打扰|勿扰|屏蔽)|别刷|别发了$|别打扰|不打扰|过滤掉|do not disturb|dnd|quiet|别通知"
    r"|先歇|歇会|别闪|可以响了|别再发(?:这个|预警|告警)|不用(?:再)?(?:推|提醒|报)"
)
_OFF = re.compile(
    r"(?:取消|解除|关闭|结束|撤销|退出)[^,，]{0,10}?(?:静音|免打扰|勿扰|屏蔽|安静)|(?:恢复|打开|开启"
    r"|重新开?)(?:推送|提醒|告警|通知|响)|unmute|mute off|可以响了|放开推送|继续推|接着推|静音(?:取消|解除"
    r"|关了|关掉|可以取消)|(?:屏蔽|免打扰)(?:取消|解除)"
)


def read_mute(said: Said) -> Intent | None:
    """静音2小时, #12 先别推了, 晚上11点到7点只推红的, 取消静音."""
    found = _MUTE.search(said.shape)
    if (
        not found
        or re.search(r"[Ⓓ]|微博|公众号|演练|发布|稿|评论区|删|号召", said.shape)
        or re.search(r"静音(?:了|着)?(?:吗|没)|别推(?:给|卸|来推去)|屏蔽词|搜索结果|热搜", said.shape)
    ):
        return None
    if (
        speech.doubted(said, *found.span())
        or speech.told(said, *found.span())
        or re.search(r"(?:吗|么|没)[?？]*$|怎么|如何", said.text)
    ):
        return None
    if not found[0].startswith(("别", "不", "太吵", "安静")) and speech.negated(said, *found.span()):
        return None
    slots: dict[str, Any] = {}
    number = said.number("Ⓘ")
    if number is not None:
        slots["incident"] = number
    if _OFF.search(said.shape):
        if number is None and (name := cut.topic(said)):
            slots["topic"] = name
        return Intent("mute", {"op": "off"} | slots, 0.93)
    quiet = _quiet(said)
    low = re.search(r"(?:只|仅|除了?|除非)(?:推|报|留|看|响|发|通知|提醒)?.{0,6}?(红|橙|黄)", said.text)
    slots = cut.put(
        slots,
        keyword=_keyword(said),
        source=_source(said),
        quiet=quiet,
        min_grade={"红": "red", "橙": "orange", "黄": "yellow"}[low[1]] if low else None,
        grade=None if low else grade_named(said),
    )
    if not quiet and (length := (re.search(r"周末两天", said.text) or _duration(said))):
        slots["duration"] = said.raw[length.start() : length.end()]
    if (
        not slots.get("incident")
        and not any(slots.get(k) for k in ("keyword", "source", "quiet", "grade"))
        and (name := cut.topic(said) or cut.topic_before(said, found.start()))
    ):
        slots["topic"] = name
    return Intent("mute", slots, 0.9 if re.match(r"静音|免打扰|mute|屏蔽|snooze|勿扰", found[0]) else 0.82)


def _duration(said: Said) -> re.Match[str] | None:
    until = re.search(r"(?:到|至|直到)", said.text)
    found = RE_DURATION.search(said.text, until.start()) if until else None
    return found or RE_LENGTH.search(said.text) or RE_DURATION.search(said.text)


def _quiet(said: Said) -> str | None:
    found = RE_FROM_TO.search(said.text)
    if not found:
        return None
    ends = re.findall(
        r"(凌晨|早上|上午|中午|下午|晚上|夜里|早|晚)?\s?(\d{1,2}|[一二三四五六七八九十]{1,3})(?:点"
        r"|:(\d{2}))(半)?",
        found[0],
    )
    if len(ends) != 2:
        return None
    hours = []
    for part, hour, minute, half in ends:
        value = number_of(hour) or 0
        if part in ("晚上", "下午", "夜里", "晚") and value < 12:
            value += 12
        hours.append(f"{value % 24:02d}:{minute or ('30' if half else '00')}")
    return "-".join(hours)


def _keyword(said: Said) -> str | None:
    found = re.search(
        r"(?:关键词|关键字|词|包含|含有?|提到|带)[:\s]*[“\"'「『]([^”\"'」』]+)[”\"'」』]|(?:关键词"
        r"|关键字)[:\s]*([^\s,，。别不的先]{2,10})|[“\"]([^”\"]{1,12})[”\"]这?个?(?:关键)?词?",
        said.raw,
    )
    return next((g for g in found.groups() if g), None) if found else None


def _source(said: Said) -> str | None:
    found = re.search(
        r"(?:营销号|账号|博主|号主|大v|信源|来源|公众号|自媒体|网站|论坛|贴吧|媒体"
        r"|号)[^:：,，]{0,8}[:：]\s?([^\s,，。]+)|(?:营销号|账号|博主|信源|来源|自媒体"
        r"|大v)\s?[“\"「]?([^\s,，。的:：“”\"」\d]{2,12}?)[”\"」]?(?=\d|\s|,|，|$|的|先|别|发)|(?:屏蔽|拉黑"
        r"|忽略|过滤掉)(?:掉|一下)?\s?[“\"「]?([^\s,，。:：#的\d“”\"」]{2,12})(?:这个(?:号|账号|博主|信源)"
        r"|的(?:帖|内容|消息))",
        said.raw,
        re.I,
    )
    return next((g for g in found.groups() if g), None) if found else None
