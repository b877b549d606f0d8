"""Is it a command at all: doubts, questions, negations, plans, hearsay and stories are not."""

from __future__ import annotations

import re

from bot.language.lazy import later
from bot.language.said import Said

_BREAK = later(r"[,，。;；!！?？\n~]")
_NEGATED = later(
    r"(?:没说|没让|(?<!有)没有?(?!问题|啥|什么|事|人|异议|意见)|不要|不用|不必|先不|先别|暂不|暂时别|暂缓"
    r"|(?<!能)不能|不该|不应该?|不建议|不想|不许|不准|不得|无需|谁说|谁让|(?<!是)不是|未(?!来)|别(?!的|人|家|处"
    r"|墅)|甭|勿|禁止|不可|没法|无法|(?<!会)不会|不(?:急着|着急|赞成|主张|打算|想要|同意|让|愿意?|允许)"
    r"|反对)[^,，。]{0,4}$|(?<![得要是])不\s?$"
)
_DOUBTED = later(
    r"要不要|该不该|应不应该|能不能(?!帮)|可不可以(?!帮)|是不是|是否|需不需要|用不用|有没有必要|拿不准"
    r"|说不准|再看看|再等等|再观察|再想想|再议|再说吧|再商量|考虑|不确定|犹豫|纠结|万一|如果|假如|要是"
    r"|倘若|会不会|好不好|行不行"
    r"|要不(?=再|先|咱|还)|等.{1,16}(?:再|才)(?!次)|先(?!定|静|认|升|降)[^,，]{2,8}再(?=认领|结|发|上报|升|定|"
    r"重)|何时才|什么时候(?:能|可以|才)|有必要|至于吗|合适吗"
    r"|凭[什甚]么|凭啥|为什么要|为啥要|干嘛要|怎么(?:就|又|会|突然)|难道|难不成|应该(?:不)?会|恐怕|估计(?:要|得|会)"
    r"|可能(?:要|得|会)|也许|大概(?:要|得|会)|好像(?:要|该)?|打算|准备(?=[^。]{0,4}(?:结|发|升|报|关))"
    r"|争取|计划|原计划|建议讨论|讨论一下|商量|议一议|怎么看"
)
_ASKED = later(
    r"(?:吗|么|嘛|呢|没有?|不|吧)?[?？]+$|(?:吗|么|了没有?|没有?|呢|不呀|来着)[啊呀哈呢~。!]*$|(?:[还]没"
    r"|谁|哪[位个些]|多少|几[个点级]|为[何啥]|怎么)"
)
_TOLD = later(
    r"昨天|昨晚|上次|上回|当时|以前|那时|去年|听说|据说|以为|记得|梦|电影|小说|电视|新闻里|网友|有人|他们"
    r"|对方|竞品|对手|隔壁|别家|人家|(?:说(?!明)|讲(?!话|课|座|解)|问(?!题|答|卷|一下)|提(?!供|示|醒|交|前|级)|喊|传(?!播"
    r"|媒|真)|骂|质疑|要求|觉得|认为|希望|想让|催)(?:我们|咱们?|过|的|要|了|应该|可以|得|他|她|先"
    r"|\s)?(?:[^,，]{0,6})$"
)
_UNREAL = later(
    r"(?:结案|发布?|同意|通过|批准|上报|重开|升[红级]|关闭|升级|归档)\s?(?:#?\w{0,4}\s?)?(?:之前|以前"
    r"|前[要先得]|以后|之后|的时候|时候|的话|的人|的是|的理由|的原因|的条件|的流程|条件|流程|标准|要求"
    r"|陈述|材料|还差|还缺)"
    r"|讨论|什么情况|啥情况下|准备(?:发|结|升|报|关)|打算|扬言|威胁(?:要|说)|声称|吵着|不至于|没人(?:批|同意|"
    r"让|叫|上报|发|说)|关于.{0,6}(?:重开|结案|上报|升[红级]|发布|关闭|审批)|(?:他们?|她|对方|人家|客户|家属|"
    r"用户|记者)(?:已经?|都|自己|又)?(?:去)?(?:报警|上报|同意|批|结案|重开|报了警)|嚷嚷|嚷着|闹着|叫嚣|放话|"
    r"反对|建议.{0,8}(?:结|关闭|重开|上报"
    r"|发布)|不赞成|要不(?=把|先|就|再|咱|还)|要是|差一?点|(?:离|距).{1,6}(?:还差|还有)|为什么|为啥|(?:让"
    r"|叫|要|逼|劝|催)我(?!来|们)|不是不|没让|谁(?:说|让|把|叫)|假如|假设|当初|早知道|本来|差一步|到时候"
    r"|迟早|总有一天|原来"
)
"""Words around a grave act that make it no command, wherever they stand in the line."""
_POLITE = later(r"(?:能不能|能|可以|可不可以|可否|能否|麻烦|方便)(?:帮|给|替|请(?!示)|麻烦)|帮(?:我|忙)|麻烦(?:你|您)?")
_CHATTER = later(
    r"^(?:\[[^\]]{1,8}\]\s*)+$|^#[^#\d\s][^#]*#|^(?:哈|嘿|呵|嗯|哦|噢|喔|啊|唉|嗨|6|1|\.|。|!|~|\s"
    r"|[\U0001F300-\U0001FAFF]|[☀-➿])+$"
    r"|^(?:好的?|收到|明白|了解|知道了?|辛苦了?|谢谢|多谢|感谢|没事|不客气|早|早上好|大家好|晚安|在的?"
    r"|来了|可以|行|嗯嗯|ok|okay|好嘞|得嘞|copy|roger|thx|thanks|对|是的?"
    r"|没错|麻烦(?:你|晒)|麻烦$)[的啊呀哈哦了!~。,，\s]*(?:大家|各位|好的?|收到|谢谢|辛苦了?)?[!~。\s]*$"
)


def chatter(said: Said) -> bool:
    """Nothing but a picture, a hashtag, laughter, or a word of thanks or receipt."""
    return not said.text or bool(_CHATTER.match(said.text))


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a passage inside its own clause; the closing question mark belongs to it."""
    left = max((m.end() for m in _BREAK.finditer(text, 0, start)), default=0)
    close = _BREAK.search(text, end)
    if not close:
        return text[left:start], text[end:]
    return text[left:start], text[end : close.end() if close[0] in "?？" else close.start()]


def negated(said: Said, start: int, end: int) -> bool:
    """The act at this place is refused or called off."""
    before, _ = around(said.text, start, end)
    return bool(_NEGATED.search(before))


def doubted(said: Said, start: int, end: int) -> bool:
    """The act at this place is only weighed, planned or made to depend on something."""
    before, after = around(said.text, start, end)
    if re.search(r"(?:你们|大家|各位)(?:觉得|看|认为|说)|(?:觉得|意下)(?:呢|如何)", said.text[end:]):
        return True
    sentence = re.split(r"[。;!！?？\n]", said.text[:start])[-1]
    if re.search(r"要不要|该不该|是不是|拿不准|如果|要是|万一|假如|假设|除非", sentence):
        return True
    doubt = next((m for m in _DOUBTED.finditer(before + said.text[start:end])), None)
    return bool(
        (doubt and doubt.start() < len(before))
        or re.search(r"要不要|是不是|拿不准|再看看|再说|再议|合适吗|好不好|行不行|会不会|有点早|太早|太急|是不是", after)
    )


def asked(said: Said, start: int, end: int) -> bool:
    """The clause of this place is a question (a polite request is none)."""
    before, after = around(said.text, start, end)
    if _POLITE.search(before):
        return False
    return bool(_ASKED.search(before[-6:] + said.text[start:end] + after))


def told(said: Said, start: int, end: int) -> bool:
    """Somebody else's words or a story of the past."""
    before, _ = around(said.text, start, end)
    return bool(_TOLD.search(before))


def no_command(said: Said, start: int, end: int) -> bool:
    """The verb at this place commands nothing."""
    return negated(said, start, end) or doubted(said, start, end) or asked(said, start, end) or told(said, start, end)


def unreal(said: Said) -> bool:
    """The line speaks about a grave act, it does not order it."""
    return bool(_UNREAL.search(said.text))


def polite(said: Said) -> bool:
    """A request in the form of a question: 能不能帮我."""
    return bool(_POLITE.search(said.text))
