"""Verbs beyond the intents: the exact first word, or the one right after the object, where the intents say none (room handbook 10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.language import verb_slots as take
from bot.language.lazy import later
from bot.language.moments import LENGTH, MOMENT
from bot.language.ordering import asks, wonders
from bot.language.said import BOT_NAMES, Quoted, Said, opened
from bot.model.intent import Intent
from bot.model.message import Quote


def verb(
    text: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quote | None = None
) -> Intent | None:
    """The verb whose exact first word heads the line, with its slots; None where there is none.

    Names: report assess start track resume accept submit released not_released later confidential evidence talking_points
    handover expense reported called phones roster bind whoami confirm why split try_rule not_negative is_negative emergency
    disclose lift override compare show_draft endorse audience_plan inquiry authority freeze points_off points_on written
    co_sign delegate learned_at missing read told question answered role.
    Every verb keeps what follows it as ``text`` where nothing else was made of it.
    """
    quoted = Quoted(quote.text[:2000], quote.sender) if quote and quote.text else None
    return read_verb(opened(text[:2600], bot_names=bot_names, people=people, quote=quoted))


def read_verb(said: Said) -> Intent | None:
    """The verb that heads an opened line, or comes right after its object; asked about, an act is none."""
    if _WHO_TOLD.fullmatch(said.shape):
        return Intent("told", take.common(said), 0.95)
    head = _OBJECT.sub(lambda m: " " * len(m[0]), said.shape)
    start = len(head) - len(head.lstrip())
    for name, pattern, read in _VERBS:
        if found := pattern.match(head, start):
            if (name in _ACTS and (asks(said) or wonders(said))) or (name in _TELLING and asks(said)):
                return None
            slots = take.common(said) | read(said, said.part(found.end(), len(said.raw)))
            return Intent(name, slots, 0.95)
    return None


_OBJECT = later(r"^(?:q\s?\d{1,4}(?=\s?(?:已答|答复?)[\s:])|[#\d\s]*(?:[ⒾⒹⓉⒻⒿⓋ]|#\d+)(?:[ⒾⒹⓉⒻⒿⓋ\d\s]|(?<=Ⓣ)[、和及]\s?(?=Ⓣ))*)")
"""The object in front of its verb; several tasks may stand there, and a question that is answered (Q1 已答 …)."""
_HEARERS = (
    r"(?:全体|受影响的?)?(?:员工|同事|同仁|家属|当事人|受害者|用户|消费者|客户|顾客|家长|乘客|经销商|供应商|合作(?:伙伴|方|商)|商户|投资者|股东"
    r"|媒体|记者|监管(?:部门|机构|局)?|市监局?|市场监管局?|网信办?|董事会|公众)们?"
)
"""Whom one tells, as people say it."""
_WHO_TOLD = later(
    rf"[ⒾⓉ#\d\s]*(?:(?:是)?谁(?:已经?)?(?:告诉|告知|通知)(?:过|了)?(?:{_HEARERS})(?:了|过)?(?:吗|没有?)?|(?:都|已经?|还)?(?:告诉|告知|通知)(?:过|了)?(?:谁|哪些人)了?"
    rf"|(?:还有)?(?:谁|哪些人)(?:还)?(?:没|未)(?:告诉|告知|通知)(?:到|过)?|(?:还)?(?:没|未)(?:告诉|告知|通知)(?:过|到)?(?:谁|哪些人)"
    rf"|(?:{_HEARERS})(?:都|已经?)*(?:告诉|告知|通知)(?:到|过)?了?(?:吗|没有?))[啊呀呢\s]*[?？!。]*"
)
"""Who has told whom: 谁告诉员工了, 员工告知了吗, 还没告知谁."""
_LEAVE = rf"(?:请假|休假)(?=[\s:,]+(?:Ⓟ+[\s,]*)?(?:到|至)?\s?(?:{MOMENT}|{LENGTH})[^?？吗么]*$)|销假(?=\s*Ⓟ*\s*[吧了!。]*$)|(?:顶|替)班(?=\s+Ⓟ)"
_RULE = (
    "食安|食品安全|个保|个人信息|网信|网络安全|关基|数安|数据安全|网数|召回|缺陷|消费品|事故|安监|应急管理|澄清|披露|市场监管"
)
"""Legal clocks as people call them, in front of 起点改."""
_ACTS = frozenset(
    "assess start track resume accept submit later confidential read handover confirm emergency co_sign delegate lift endorse freeze"
    " points_off points_on split written legal_start sitrep_send sitrep_same".split()
)
"""Verbs that change something: a question about one (送审 D1 了吗) changes nothing."""
_TELLING = frozenset("released not_released told answered disclose reported called override learned_at waive improved".split())
"""The same, but what is told may itself hold a question word (已告知 用户 怎么退款)."""
_WHY = (
    "(?:为什么|为啥|凭什么|凭啥|怎么)(?:会|就|能)?(?:是|定成?|判成?|评成?|算成?|给)个?(?:[蓝黄橙红]色?|这个?级别?)[的级]?[啊呀呢了]?[?？]?"
    "|为什么[?？]?|为啥[?？]?|why"
)
_KEPT = "(?:存证|证据)"
_EVIDENCE = (
    rf"存证|(?:所有|全部){_KEPT}|把?{_KEPT}都?列(?:出来|一下)|{_KEPT}(?:列表|清单)|(?:[都还]?有(?:哪些|什么|啥){_KEPT}|{_KEPT}都?有(?:哪些|什么|啥))[?]?"
    rf"|[看查](?:一?下|看)?{_KEPT}|evidence"
)
_END = r"(?=[\s,，。:：!#@0-9ⒾⒹⓉⒻⒿⓅⓊⓋ]|$|(?<=研判)不?属?实|(?<=告知|通知)(?:了|过)?" + _HEARERS + r"(?!的|是否|家属|怎么|如何))"
_VERBS: tuple[tuple[str, re.Pattern[str], Callable[[Said, Said], take.Slots]], ...] = tuple(
    (name, later(rf"(?:{pattern}){_END}"), read)
    for name, pattern, read in (
        ("report", "上报|report", take.report),
        ("assess", "研判|assess", take.assess),
        ("start", "启动(?:预案)?|start", take.free),
        ("track", "跟踪|track", take.free),
        ("resume", "恢复处置|resume", take.free),
        (
            "accept",
            "(?:都|全部?)?(?:接受?|接下)|accept|(?<=\\s)(?:我)?(?:都|全部?)?(?:接(?:下|收|受)?了|已经?接(?:下|收|受)?了?)(?=[吧哈\\s!。]*$)",
            take.free,
        ),
        ("submit", "送审|submit", take.free),
        ("released", "已发(?:布|出)?|released", take.released),
        ("not_released", "未发(?:布|出)?|没发成?|not_released", take.not_released),
        ("later", "稍后(?:提醒)?|later", take.later),
        ("confidential", "(?:取消|解除)?保密|confidential", take.confidential),
        ("read", "已阅|已读", take.free),
        ("told", rf"已经?告知(?:了|过)?|已经?通知(?:了|过)?(?={_HEARERS})", take.told),
        ("question", "待答|疑问", take.free),
        ("answered", r"已答|(?<=[\d\s])答复?", take.answered),
        ("fact", "补记", take.late),
        ("role", "角色", take.whole),
        ("evidence", _EVIDENCE, take.evidence),
        ("disclose", "披露", take.whole),
        ("talking_points", "口径", take.whole),
        ("handover", "交班|handover", take.people),
        ("expense", "花费|expense", take.expense),
        ("reported", "已报", take.reported),
        ("called", "已电话|已致电", take.called),
        ("phones", "电话表|通讯录", take.whole),
        ("roster", "值班表?|谁在?值班|谁值班|roster", take.whole),
        ("roster", _LEAVE, take.whole_line),
        ("bind", "绑定|bind", take.code),
        ("whoami", "我是谁|whoami", take.whole),
        ("confirm", "确认|confirm", take.confirm),
        ("why", _WHY, take.free),
        ("split", "拆分|拆出|split", take.split),
        ("try_rule", "试规则|试一下规则|try", take.as_typed),
        ("not_negative", "不是负面|非负面", take.free),
        ("is_negative", "是负面", take.free),
        ("emergency", "紧急首发", take.free),
        ("co_sign", "加签", take.people),
        ("delegate", "转代理", take.people),
        ("missing", "还差(?:什么|啥)|还缺(?:什么|啥)", take.free),
        ("lift", r"解除(?:压稿|暂缓|压住)?|恢复(?=\s?Ⓓ+\s?[吧!。]*$)", take.free),
        ("override", "忽略", take.whole),
        ("compare", "对比|差异|改动", take.free),
        ("show_draft", "看稿?|稿件|全文", take.free),
        ("endorse", "不?追认", take.free),
        ("audience_plan", "受众(?:计划)?", take.whole),
        ("inquiry", "采访", take.whole),
        ("authority", "第三方", take.whole),
        ("freeze", "(?:冻结|暂停)(?:营销|推广|排期)", take.free),
        ("points_off", "(?:暂停|停用)口径", take.whole),
        ("points_on", "恢复口径", take.whole),
        ("written", "改好", take.free),
        ("learned_at", rf"起点(?:改[为到成]?)?|知悉时间|(?:把)?(?:{_RULE})的?\s?起点改[为到成]?", take.learned),
        ("legal_start", "确认起点", take.free),
        ("waive", "免报|豁免|不适用", take.free),
        ("clocks", "(?:法定)?时限", take.free),
        ("plan", "预案", take.free),
        ("sitrep_send", "照报", take.free),
        ("sitrep_add", "补一句", take.free),
        ("sitrep_same", "(?:情况)?无变化", take.free),
        ("phone_talk", "电话谈", take.decided),
        ("spread", "溯源|传播(?:路径|链)?|关键账号", take.free),
        ("improved", "改进(?:项)?(?:已)?完成", take.improved),
    )
)
