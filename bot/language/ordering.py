"""Does a line with a grave verb order the act? Decided by the build of the clause, not by what it must not say.

A grave act (release, approve, close, reopen, escalate, red) is ordered by a clause that holds, beside its verb and the objects,
nothing but helping words (把, 就, 吧, 马上 …), a time, a place of publication, a topic in front, or a remark set apart by a
blank. Whatever else stands in that clause makes it talk about the act. A question makes the whole line no order.
"""

from __future__ import annotations

import re

from bot.language import names, speech, words
from bot.language.lazy import later
from bot.language.moments import RE_DURATION, RE_MOMENT
from bot.language.said import Said

_SIGNS = "ⒾⓉⒻⒿⒹⓋⓅⓊ"
_VERB = {
    "approve": (
        r"审批|同意发布?|批准发布?|同意|通过|批准|批了|批|准了|准予|准|ok|okay|lgtm|没意见|无意见|没有意见|无异议|没异议|没有异议"
        r"|签了|签字|签批|已签|签|(?<![a-z])agreed?(?![a-z])|approved?"
        r"|没问题|没有问题|没毛病|可以发|可以|\+1|审过|审|过了|过|赞成|认可|照此|照发|点头|放行|looks good|sign off|行|✅|👌|签发"
        r"|保留意见|有保留|保留|原则上|原则|有条件|核过"
    ),
    "publish": (
        r"披露|发布|发部|推送|发出去?|发出|发到|发|推到?|推|挂到?|挂出|挂|出|publish|release|go live|上线|上|走|放到?|放出|放行|放|公布"
        r"|post|同步到?|群发"
        r"|投放|撤下来?|撤回|下架|下线|撤掉|删除|删掉|撤稿|撤|retract|take down|拿下来?|取下|下了|下掉|push|改发|见刊|出街"
    ),
    "close": (
        r"closed|收口|"
        r"结束处置|结束处理|结案|结束|销号|关闭|关掉|关单|关了|关|close|归档|了结|销案|收尾|翻篇|结掉|结了|收档|办结|完结|结|收官"
        r"|封存|到此为止|画上?个?句号"
        r"|收工|误报|虚惊一场|虚惊|重复的?|同一(?:件|个)事|false alarm|结单|收了|收掉|了掉|撤案|销掉|销|archive|resolve|告一段落"
        r"|合并|并案|并到|并入|并进"
        r"|归并|并|合到|合入|merge|duplicate|落幕|完事|下线|搞定"
    ),
    "reopen": (
        r"un-?close|"
        r"重开|重新打开|重新启动|重新激活|重新开启|重新立案|重新处置|重新|打开|激活|启动|恢复处置|恢复|reopen|re-open|撤销|取消"
        r"|撤回|收回|结案|归档"
        r"|关闭|再次|再|开|捞回来|捞|捡回来|捡|翻出来|重启|复活|拉回来|拉|解除|反结案|回炉|结早了|关早了|处置中?|处理中?|跟进|别结案?"
        r"|别关|别归档|接着|办|跟|没完|open|again|又|起来|回来|立|启用|从开"
    ),
    "escalate": (
        r"上升到?|说一?声|通个?气|打个招呼|esc(?![a-z])|开(?=应急|指挥)|拉进来?|"
        r"上报|升级到?|呈报|报告|汇报|报警|报备|报送|报|请示|escalate|往上|捅|惊动|知会|告知|通知|告诉|叫|喊|拉|请|找|让|成立"
        r"|组建|启动|提级|反映|"
        r"支援|协助|上交|转报|往|交|提|走|递|送|推|介入|出面|知道|知情|进群|拍板|定夺|到场|需要|要"
    ),
    "cancel": r"取消|作废|不用(?:做|管|弄|跟|办|去)|不做|删掉|删除|删|撤销|撤掉|撤|cancel|去掉|划掉|废|砍掉|砍|免了|不需要|停掉|停",
    "retract": r"撤回|撤销|撤掉|撤|作废|删掉|删除|删|retract|去掉|拿掉|收回|revoke|取消|推翻|废掉|废除|废|withdraw|不算|不要了",
    "red": (
        r"定级?|升级?到?|调整?|改成?|提到?|提高|拉到?|拉高|标|设|按|响应|走|直接|上|红色?|一级|预警|级别?|最高|🔴|🟥|red|grade"
        r"|raise|判|算|归|拔到?|"
        r"顶格|拉满|封顶|顶到?|抬|特别重大|i级|1级|应急|启动|处理|处置"
    ),
}
_HELPING = later(
    r"把|将|给|就|先|吧|了|一下|下|请|麻烦|您|你|帮我?|帮忙|马上|立刻|立即|赶紧|快|直接|现在|可以|能|该|得|要|必须|都|也|还"
    r"|再|我们?|我|这边|咱们?|"
    r"大家|的|啊|哈|呀|哦|啦|呗|嘛|掉|它|这|那|个|条|单|件|起|案|号|事件|事|为|成|到|至|作|做|和|与|及|跟|并且?|同时|一起"
    r"|全部|全|所有|用|在|对外|对|向|"
    r"去|来|出|好|嗯|行|收到|ok|正式|准时|统一|整|点|按|走|级|响应|色|预警|稿子?|声明|公告|版本|版|那条|上|里|群|从|回|继续|起来|过来|立马|火速|"
    r"尽快|速|即刻|同步|各|两|三|四|五|只|仅|面|外|是|于|往|层|领导|as|to|it|the|on|for|please|pls|now|at|now|this|一|起草|好了|完|没事|"
    r"话术|渠道|通道|mark|set|算|处理|流程|按照?|条|没|问题|部门?|组|侧|文|原文|照|即可|就行|就好|过|核|看|意见|申请|提请|趟|凌晨|早上|上午|中午|下午"
    r"|傍晚|晚上|今晚|今天|明天|早|晚|盘后|盘前|首页|撒花|任务|决策|决定|事实|议|[\W_]"
)
_ASIDE = later(
    r"谁|怎|咋|是(?:真|假|谣)|(?:微博|公众号|官网|抖音|视频号|小红书|头条|知乎|短信|邮件)[^,，。]{0,2}还是|[ⒹⓋⒾⓅ]\s?还是\s?[ⒹⓋⒾⓅ]"
    r"|(?:今[天晚早]|明[天早晚]|[上下]午|晚上|早上|现在|马上)[^,，。]{0,2}还是[^,，。]{0,2}(?:今|明|[上下]午|晚|早|等)|刚刚?(?=重|结|关|发|同|上|升|撤|批|签)|不敢|暂时不|不急|^(?:竞品|对手|友商|同行|隔壁|别家|人家|对方|他们|她们)|(?:用户|客户|家属|记者|网友|家长"
    r"|对方)[^,，]{0,2}(?:让|要|催|逼|叫)"
    r"|应该[^,，]*吧$|(?:之前|以前|以后|之后|前)(?:先|再|才|得|要)|已经?[^,，]{1,12}过了$|上[周个次][^,，]*的那"
    r"|[ⒾⒹⓋⓅ案布意红报批]\s?(?:失败|报错|不了|才怪|缓一?缓|太早|太急|太快)|看起来|看上去|看样子|瞧着|感觉|貌似"
    r"|这[都也][能敢行]|居然|竟然|好意思|真[行敢]|有种|(?:一会儿?|待会儿?|等会儿?"
    r"|过会儿?|回头|晚点儿?|晚些|稍后|等等|改天|过几天|过两天|迟点)\s?再"
    r"|([发推结升批关走撤ⓋⒹ])[^,，。]{0,6}还是[^,，。]{0,6}\1|([一-龥]{1,2})不\1|被人|流程|没用|不管用|报销|请假|吃饭|(?:叫"
    r"|告诉|喊|通知)(?:一下)?我|为什么|为啥|凭[什甚]么|凭啥|为何|干嘛|干吗|吗|呢|多少|哪|如何|何时|什么|啥|要不|如果|要是|假如|假设|万一|的话"
    r"|倘若|一旦|除非|等(?!级)|再说|再议|可能|好像|像|似乎"
    r"|听说|据说|想|觉得|以为|希望|打算|准备|计划|考虑|讨论|商量|建议|要求|威胁|昨|上次|上回|当时|以前|梦|差点|差一点|与否"
    r"|取决|是否|(?<![有附])条件|标准|模板|格式|"
    r"离|距|还早|误点|点错|不像|不是|没有?人|能不能|可不可以|该不该|要不要|是不是|会不会|有没有|反正|除了|本来|原来|(?<![数证根])据|传|梦见|假装|玩笑|笑|忘|"
    r"(?<!明)说(?!明)|都快|快要|剩|多久|多长|时限|请回|举手|的请|怀疑|不太|不怎么|(?<=.)还是(?=再|等|不|发|继续)"
    r"|再.{1,4}我?就|要.{1,6}就得?|快(?=[结关升发完].{0,6}了)|难道|估计|大概|应该会|迟早|总有|不会|不能|不该|不想|不要|不用"
    r"|不必|不许|不准|没法|无法|(?<![特级分个类性区])别(?![处家人的店])|勿|暂不|先不|还没|尚未|没说|没让|不同意"
    r"|[能要该]([一-龥])[就不]\3"
)
_FINE = later(r"没(?:啥|什么)?(?:大)?(?:问题|意见)|重新?(?:来|议)|先?不做了?|不用(?:再)?(?:做|管|弄|跟|办|去)了?")
_SET = later(
    r"误报\s*(?:#?[Ⓘ\d]+号?)?\s+(?:说的|这个?)?(?:是(?=另一家|别家|别人家|同名|竞品|友商)|不是)(?!不|这|那|随便|随手|谁|让|叫|要|应该|用来|拿来|什么|啥|给|玩|闹|所有|每|都|想|为了|靠|我们(?:能|想|要|可以|该|说了))|没(?:啥|什么)?问题|没(?:啥|什么)?意见|不是(?:我们(?!能|想|要|可以|该|说了)(?:家|的)?|一回事|一件事|同一[件个回]事?)|(?:跟|向|给|和)(?:领导|老板"
    r"|集团|董事长|总经理|上面|总部|Ⓟ+)[^,，。]{0,2}说|不用(?:再)?(?:做|管|弄|跟|办|去)了?|先?不做了?|重新?(?:来|议)|别(?:急着)?(?:结"
    r"|关|归档)[案掉]?|要不要[^,，。]*$"
)
"""Words that only look like a doubt: 没啥问题就结案, 别结, 请示要不要停售."""
_QUESTION = later(
    r"(?:没(?:啥|什么)?(?:问题|意见|毛病)|是|对|可以)吧[~。!！]*$|谁(?:去|来|说|办|弄|负责)$|[?？][\s~!！]*$|(?:吗|么|没有|没|不|嘛)[\s~。!！]*$"
)
_UPWARDS = later(
    r"(?:[一-龥]{0,4}(?:集团|总部|公司|分管|部门|值班))?(?:领导层?|老板|总经理|总裁|董事长|董事会|董秘|总监|上级|上面|高层"
    r"|管理层|主管|校长|院长|厂长|股东)们?"
    r"|[一-龥]{0,2}集团|总部|母公司|网信办?|公安局?|警方|警察|派出所|市监局?|市场监管[总]?局?|药监局?|监管(?:部门|局)?|工信[部局]|证监[会局]|"
    r"交易所|管委会|消协|消防|应急(?:管理)?局?|人社局|劳动局|环保局?|税务局?|海关|住建委?|卫健委?|教育局|政府|指挥(?:部|中心"
    r"|长|组)|ceo|boss|legal|command"
)
_TO_SEE = later(r"(?:来)?看(?:一?下|看)[一-龥]{2,6}的(?=$|[!。\s])")
"""What somebody is called to look at: 把老板叫来看一下漏油的."""
_WONDERS = later(
    r"(?:是谁|谁(?:在|把|让|给|说|来|要|去|能|敢)?|怎么(?!说|样都)|咋|([一-龥]{1,2})不\1|为什么|为啥|凭[什甚]么|凭啥|什么时候|啥时候|何时"
    r"|几点|来着|多久|合适|干嘛"
    r"|干吗|要不要|该不该|能不能|是不是|会不会|有没有"
    r"|可不可以|好不好)[^,，。;；]{0,14}[?？~!\s]*$|(?:吗|么|了没|没有)[?？~!\s]*$|[?？][\s~!]*$"
)
_PUT_UP = later(r"[^,，。]{0,12}请示[^,，。]{0,20}?(?=是否|要不要|该不该|能不能|可不可以)")
"""请示陈总 #1 是否今晚下架: the question is what is put up, no doubt of the speaker's."""
_PUT_TO = later(
    r"^[#Ⓘ\d\s]*(?:请|先|再|马上|赶紧)*请示(?:一?下)?\s?(?:Ⓟ+|领导|老板|总经理|董事长|集团|总部|上级|指挥部|指挥中心)[,，:：\s]*[#Ⓘ\d]*号?[,，:：\s]*"
    r"(?:[一-龥]{0,8}(?:是否|要不要|该不该|能不能|可不可以|怎么(?:办|处理|回|定)))(?!.*(?:谁|这事|的事|好吗|行吗))"
)
"""The same with its addressee at once behind the verb: an order, also with a question mark at its end."""
_BREAK = later(r"[,，。;；!！?？\n~、:：(（)）]")


_COMMAND = later(
    r"^(?:请|把|将|麻烦[你您]?|马上|立刻|赶紧|快|帮我?|劳驾|辛苦|\s)*(?:结案|关闭|关掉|归档|误报|销案|了结|重开|重启|重新打开|重新激活|激活|恢复处置|发布|撤下|同意(?:发布?)?|批准|通过"
    r"|上报|请示|升红|close|reopen|publish|approve|escalate)[\s:]*#?[ⒾⒹ\d]"
    r"|^(?:请|我们?|就|把|将|麻烦[你您]?|马上|立刻|赶紧|快|帮我?|劳驾|辛苦|\s)*#?[ⒾⒹ\d]*号?\s?Ⓥ*\s?我?(?:结案|关闭|关了|关掉|报警|归档|重开|重新打开|发布|撤下|同意|通过|批准|上报(?:给)?(?:Ⓟ+|集团|总部|领导|老板|董事长|总经理)?|升红色?"
    r"|定红色?)(?:吧?\s?#?[ⒾⒹ\d]*号?[!。\s]*$|吧[\s,，])"
    r"|^#?[ⒾⒹ\d]*号?\s?的?(?:结案|归档|关闭)(?:撤销|撤回|取消)[吧了!。\s]*$"
    r"|^(?:结案|归档|销案|误报|重开)[吧了!。\s]*$|^误报[\s:,，]+(?!率)\S[^?？吗呢]*$"
    r"|^#?[Ⓘ\d]+号?\s?误报[\s:,，]+(?:(?:说|讲|拍|指)的|这[个条件]?|其实|原帖|内容)*(?:不是(?:我们|咱们?|我司|本公司|我家)(?!能|想|要|可以|该|说了|的?(?:判断|意思|说法|看法))"
    r"|(?:跟|与|和)(?:我们|咱们?|我司)无关|是?(?:同名|别家|别人家|另一家|竞品|友商)|(?:是)?(?:认|看|弄|搞)错了?(?:家|牌子|品牌|公司|店|人))[^?？吗呢]*$"
    r"|^(?:请|把|就|先|直接|马上|赶紧)*(?:升|定|提|拉|改|调)(?:到|为|成|级?到)?红色?(?:预警)?[吧!。\s]*$"
)
_UNSURE = later(
    r"但是?还?没(?:签|批|同意|定)|拿不准|没把握|呵呵|练习一下|试着打|手[滑抖误]|不小心|鬼才|复制粘贴|举个?例|例如|比如|示例"
    r"|照着(?:打|写)|教你|说不好|说不准|不确定|犹豫|纠结|再想想|再看看|再商量|再议"
)
"""Words that take back every order of the line."""


def asks(said: Said) -> bool:
    """The line ends as a question, and is no polite request and none that is put up to somebody."""
    return bool(_QUESTION.search(said.text)) and not speech.polite(said) and not _PUT_TO.match(said.shape)


def wonders(said: Said) -> bool:
    """The line asks who, when, why or whether of what it names."""
    return bool(_WONDERS.search(said.text)) and not speech.polite(said)


def ordered(said: Said, act: str) -> bool:
    """Whether some clause orders the act (approve, publish, close, reopen, escalate, red) by its build."""
    if asks(said) or _UNSURE.search(said.text):
        return False
    verb = re.compile(_VERB[act], re.I)
    return any(_plain(said, start, end, act, verb) for start, end in _clauses(said) if verb.search(said.shape, start, end))


def _clauses(said: Said) -> list[tuple[int, int]]:
    cuts = [0, *(at for found in _BREAK.finditer(said.shape) for at in found.span()), len(said.shape)]
    return [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if said.shape[a:b].strip()]


def _plain(said: Said, start: int, end: int, act: str, verb: re.Pattern[str]) -> bool:
    """Nothing foreign stands in this clause beside the verb."""
    if asked := _PUT_UP.match(said.shape, start, end):
        end = asked.end()
    shape = said.shape[start:end]
    head = verb.search(shape)
    if act != "approve" and re.search(rf"[ⒾⒹⓅ]过了?$|(?:{verb.pattern})过(?:了|(?=$|[{_SIGNS}\s]))", shape):
        return False
    if head is None:
        return False
    told = _without_remarks(shape, head, verb)
    if act in ("cancel", "retract"):
        told = _MISTAKE.sub("", told)
    if _ASIDE.search(_SET.sub("", told) if "要不要" not in told else told) or _describes(shape, verb):
        return False
    numbered = bool(re.search(rf"[{_SIGNS}]", shape)) or said.quote is not None
    left = verb.sub(lambda m: "\0" * len(m[0]), re.sub(rf"[{_SIGNS}\d]", " ", _emptied(said, start, end, act)))
    pieces = [(m.start(), m[0]) for m in re.finditer(r"[^\s\0]+", left)]
    if act in ("close", "reopen", "cancel", "retract"):
        pieces = [(at, piece) for at, piece in pieces if not (at >= head.end() and re.match(r"吧(?!不|别|没)..", piece))]
    apart = {at for token in re.finditer(r"\S+", left) if _remark(shape, token, head, verb) for at in range(*token.span())}
    return all(at in apart or _lets(piece, left[at - 1 : at] == "\0", at, head, numbered=numbered) for at, piece in pieces)


_MISTAKE = later(r"(?<=\s)(?:我|是)?[说记写弄搞填]错了?")
"""Why something is taken back: 撤销 J1 说错了."""
_TOLD = later(r"威胁|要求|昨[天晚日]?|上[次回]|当时|以前|传|原来|剩|据|[听据]说")
"""What a reason may tell, set apart by a blank behind the order."""


def _remark(shape: str, token: re.Match[str], head: re.Match[str], verb: re.Pattern[str]) -> bool:
    """A passage behind the verb, apart from it by a blank or its object, that holds no verb of the act itself (behind a whole
    word no short one counts: 重开 #22 家长又投诉了)."""
    least = 2 if len(head[0]) > 1 else 1
    told = _SCALE.sub("□", shape)
    return token.start() > head.end() and not any(len(m[0]) >= least for m in verb.finditer(told, *token.span()))


_SCALE = later(r"(?<=[百千万亿])级")
"""百万级泄露: a size, no grade."""


def _without_remarks(shape: str, head: re.Match[str], verb: re.Pattern[str]) -> str:
    return re.sub(r"(?<=\s)\S+", lambda m: _TOLD.sub("", m[0]) if _remark(shape, m, head, verb) else m[0], shape)


def _emptied(said: Said, start: int, end: int, act: str) -> str:
    """The clause without times, places of publication, roles, names and kinds of statement."""
    text = _FINE.sub(lambda m: " " * len(m[0]), said.shape[start:end])
    patterns = [RE_MOMENT, RE_DURATION, *(p for table in (words.CHANNELS, words.TYPES, words.AUDIENCES) for _, p in table)]
    if act == "escalate":
        patterns += [_UPWARDS, _TO_SEE]
    if act in ("escalate", "approve"):
        patterns += names.ROLE_WORDS
    for pattern in patterns:
        text = pattern.sub(lambda m: "\0" * len(m[0]), text)
    for one in said.near:
        if start <= one.start and one.end <= end:
            text = text[: one.start - start] + "\0" * (one.end - one.start) + text[one.end - start :]
    return text.replace("□", "\0")


def _describes(shape: str, verb: re.Pattern[str]) -> bool:
    """The verb only describes a thing: 重新打开的链接."""
    return any(
        re.match(
            rf"的(?!吧|啊|了|$|[\s,，。{_SIGNS}])|之?后(?!面)|以后|时(?!间)|度|率|(?:申请|功能|按钮|方案|建议|请求|进度|名单|模板|权限|入口)(?!通过|吧)|(?:原因|理由)(?!\s?[:：是为])",
            shape[found.end() :],
        )
        for found in verb.finditer(shape)
    )


def _lets(piece: str, touches: bool, at: int, head: re.Match[str], *, numbered: bool) -> bool:
    """Helping words, a topic in front of the verb (where no number names the object), or a remark apart from it."""
    rest = _HELPING.sub("", piece)
    if not rest:
        return True
    if at + len(piece) <= head.start():
        return len(rest) <= 6 and not (numbered and at + len(piece) == head.start())
    return at > head.end() and not touches


def nothing_else(said: Said, act: str) -> bool:
    """The line is one order and nothing besides: object, verb, a time or a place of publication, and a few words of urging."""
    verb = re.compile(_VERB[act], re.I)
    clauses = _clauses(said)
    if len(clauses) != 1 or not ordered(said, act) or _TOLD_OF.search(said.shape):
        return False
    if act in ("escalate", "reopen", "red") and re.search(r"了[吧!。\s]*$", said.shape):
        return False
    left = verb.sub("\0", re.sub(rf"[{_SIGNS}\d#]", " ", _emptied(said, *clauses[0], act)))
    return not _URGING.sub("", left)


_TOLD_OF = later(r"□|上个?[月周次回]|昨|前天|去年|早|刚|已|之前")
"""A past, or a word that only looks like a command."""
_URGING = later(r"把|将|就|先|那|吧|了|啦|一下|请|麻烦[你您]?|马上|立刻|立即|赶紧|快|直接|现在|全部|都|号|和|、|在|到|[\W\0]")


def puts_up(said: Said) -> bool:
    """A question is put up, and nothing before it says that this is only weighed, told or asked about."""
    question = re.search(r"(?:要不要|是否|该不该|能不能|可不可以|停不停|发不发|怎么办)", said.shape)
    head = said.shape[: question.start()] if question else said.shape
    return not asks(said) and not _ASIDE.search(_SET.sub("", head))


def commands(said: Said) -> bool:
    """The verb stands at the head and its object at once behind it: 结案 #12."""
    return bool(_COMMAND.match(said.shape) or _PUT_TO.match(said.shape))


def talks(said: Said, act: str) -> bool:
    """Every clause with the act's verb talks about it: weighs, tells, asks."""
    verb = re.compile(_VERB[act], re.I)
    pieces = [piece for a, b in _clauses(said) for piece in said.shape[a:b].split() if verb.search(piece)]
    return bool(_UNSURE.search(said.text)) or all(
        _ASIDE.search(_SET.sub("", piece)) or _describes(piece, verb) for piece in pieces
    )
