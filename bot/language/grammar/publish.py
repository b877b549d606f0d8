"""publish: 发布, 已发, 撤下, 先别发."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.lazy import later
from bot.language.moments import RE_MOMENT
from bot.language.said import Said
from bot.model.intent import Intent

_HOLD = later(
    r"(?:先别|别|不要|先不|暂不|不能|暂时别|暂时不要|千万别|停|都别|暂时先别|先不要|不许|不准|勿)(?:再"
    r"|急着|着急|往外|对外|先)?(?:发布|发(?!酵|现|火)|推(?!送预警)|挂|上线)|压住|压一?[压下]|暂缓|缓发"
    r"|缓一[缓下]|(?<![a-z])hold(?!ing)|等一?[下等].{0,4}发|停发|停止发布|停止发|叫停|按住|扣住|暂停发布|撤回发布|压着"
    r"|先压|先停|don.?t publish|先放着|摁住|发布暂停|先等等"
)
_RETRACT = later(
    r"撤下|撤回|下架|下线|撤掉|删(?:掉|除)(?!\s?[「“『\"])|撤稿|撤(?=[一-龥]{0,6}Ⓓ)|retract|take down|拿下来|取下"
    r"|(?<=Ⓓ)\s?下(?:了|掉)(?=吧?(?:$|[,，。!]))|撤(?:了"
    r"|一下)"
)
_DONE = later(
    r"已(?:经)?(?:在|于|从).{0,8}(?:发布|推送|上线|挂出|发出|发了)|(?:已经?|刚|刚刚|都)(?:发|推|挂|上线"
    r"|发布|推送)(?:出去|完|好|布)?(?:了|出)?|(?:发|推|挂|上|发布|推送)(?:出去|完|好|上去)?了(?=[,，。\s!]"
    r"|$|\d)|登记(?:一下)?(?:发布|已发)?|补录|(?:发布|推送|群发|上线|上传|刊登|投放)(?:已经?|都)?(?:完成|成功|完毕|好了|结束)|(?:发|推)完(?!记得|之?后|再|就|告诉|叫|喊)了?|published|released|已上线"
    r"|已见刊|已播出|已推送"
)
_GO = later(
    r"(?:一起|同时|统一|齐|先|就)出(?=$|[,，。!\s])|发布|发部|可以(?:发|推|上|放|挂)|(?:就|那就|立刻|立即|马上|现在|赶紧|快"
    r"|正式|直接|准备|今晚|今天"
    r"|明[天早]|点整?|同步|统一|整|半)\s?(?:对外)?(?:发|推送?|挂)|(?<![一-龥])发(?:出去?|了吧|吧|一下|到"
    r"|微博|公众号|官网)?(?=$|[,，。!\s]|微博|公众号|官网|Ⓓ|短信|抖音|视频号|全)|推送|(?<![a-z])publish"
    r"|(?<![a-z])release|go live|上线|走(?=微博|公众号|官网|抖音|小红书|视频号|头条|知乎|b站|短信|邮件|app|"
    r"内网|内部群|交易所|首页|热线)|全渠道|推(?=给|$|吧"
    r"|[,，。!\s]|送|到|出)|披露(?=$|[,，。!\s]|出)|挂(?=$|吧|[,，。!\s]|出|到|官网|上)|放(?:出去|行|到官网|官网)|对外发|post"
    r"|发(?=$|吧|出|到|给)|同步发|群发|见刊|投放|(?<![往马以网线])上(?=(?:一下|到)?(?:微博|公众号|官网|抖音|"
    r"小红书|视频号|头条|知乎|b站|短信|邮件|app|内网|内部群|交易所|首页|热线))|同步(?:到|上|至)?(?=微博|公众号|"
    r"官网|抖音|小红书|视频号|头条|知乎|b站|app|内网)|可以公布|公布(?:出去|吧|了吧)?(?=$|[,，。!\s])|放(?:出去|"
    r"出来|行)|send out|push"
)
_NOT_PUBLISH = later(
    r"转发|结尾|开头|发言|发生|发现|发酵|发帖人|发票|发烧|开发|发火|发图|沙发|首发|发起|触发|出发|发短信给我|起草|写"
    r"|拟|帖子|评论|黑料|销毁|发部门|发红包|发快递|发[给我]群"
)


_EDIT = later(
    r"(?:段|句|标题|开头|结尾|落款|措辞|语气)[^。]{0,12}(?:改|删|换|加|去掉|重写)|(?:改|删|换|加)(?:上|成|掉|"
    r"一下|了)?[^,，。]{0,8}(?:段|句|标题|开头|结尾|落款)"
)
"""A change to the words, which releases nothing."""

_BARE_RETRACT = later(
    r"(?:马上|立即|立刻|赶紧|先|请)?(?:撤下来?|撤稿)(?:(?:那|这)[份篇条]?(?:声明|公告|稿子?|通报)|声明|公告|(?:微博|公众号|官网|视频号|抖音|小红书|头条)(?:上)?的?(?:那条|那篇|声明|公告|稿子?)?)?[吧!。\s]*"
)
"""What went out is to be taken down, and nothing says which: the desk takes the only one, or asks."""


def read_publish(said: Said) -> Intent | None:
    """发布 D3 微博, D3今晚八点整发, 先别发布D3, 撤下微博那条 D3, 官微发了,登记一下 D7."""
    draft = said.number("Ⓓ")
    own = bool(said.numbers("Ⓓ"))
    outlets = cut.channels(said)
    lift = re.search(r"(?:解除|取消)(?:暂缓|压住|压稿|hold|暂停|压)|恢复(?:\s?Ⓓ+\s?的?)?发布", said.shape)
    if lift and draft is not None and not speech.no_command(said, *lift.span()):
        return Intent("publish", {"op": "off", "draft": draft}, 0.94)
    if (
        (hold := _HOLD.search(said.shape))
        and (
            (
                own
                or draft is not None
                or re.search(r"声明|稿|公告|致歉|通报|^(?:都|大家|全都?|所有)?(?:等一?[下等]|先|别|停|暂)", said.shape)
                or outlets
            )
            and not re.search(r"任务|[ⓉⒻ]|静音|推送|预警|告警|会议|红包|群里|朋友圈|网信办|监管|上报|帖|公安", said.shape)
            and not re.search(r"(?:吗|要不要|是不是)", said.text)
        )
        and (own or draft is not None or re.search(r"发|声明|稿|hold", hold[0] + said.shape))
    ):
        slots = cut.put(
            {"op": "hold"},
            draft=draft,
            channels=outlets,
            reason=cut.leftover(
                said,
                [hold.span(), *cut.objects(said), *((m.span()) for m in re.finditer("等一下|等等|布|别发", said.text))],
            ),
        )
        return Intent("publish", slots, 0.93)
    if draft is None and _BARE_RETRACT.fullmatch(said.shape):
        return Intent("publish", cut.put({"op": "retract"}, channels=outlets), 0.9)
    if not own and draft is None and not outlets and not re.search(r"声明|公告|稿|致歉", said.shape):
        if re.match(r"^(?:发布|publish)(?:吧)?$", said.bare_shape):
            return Intent("publish", {}, 0.7)
        return None
    if re.search(r"(?:吗|没有?|么)[?？]*$|[?？]$|要不要|能不能|可不可以|是不是|谁(?:来)?发|怎么", said.text) and not re.search(
        r"^发布", said.bare_shape
    ):
        return None
    retract = next((m for m in _RETRACT.finditer(said.shape) if own or draft is not None), None)
    if (
        retract
        and not speech.no_command(said, *retract.span())
        and not re.search(r"同意|就行|段|句|改", said.shape.replace("改发", ""))
    ):
        return Intent(
            "publish",
            cut.put(
                {"op": "retract"},
                draft=draft,
                version=said.number("Ⓥ"),
                channels=outlets,
                reason=cut.leftover(
                    said,
                    [
                        retract.span(),
                        *cut.objects(said),
                        *cut.outlet_spans(said),
                        *((m.span()) for m in re.finditer(r"那条|改发|版本|的", said.text)),
                    ],
                ),
            ),
            0.92,
        )
    return _sent_or_sending(said, draft, own, outlets)


def _sent_or_sending(said: Said, draft: int | None, own: bool, outlets: list[str]) -> Intent | None:
    if _EDIT.search(said.shape) or (_NOT_PUBLISH.search(said.shape) and not own):
        return None
    url = re.search(r"https?://[^\s,，。]+", said.raw)
    done = next((m for m in _DONE.finditer(said.shape) if not speech.no_command(said, *m.span())), None)
    ahead = re.search(r"可以发了|能发了|该发了|发了吧|发了啊?$(?<=可以发了)", said.shape)
    moment = RE_MOMENT.search(said.text) or re.search(r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)(?=发|推|挂|上)", said.text)
    if done and re.search(r"被(?:人|抢|别|对)|竞品|对手|别人|他们", said.shape):
        return None
    if (done and not ahead and (own or draft is not None or url)) or (url and own):
        when = re.search(r"\d{1,2}:\d{2}", said.text) or (
            moment if moment and moment[0] not in ("现在", "马上", "立刻") else None
        )
        slots = cut.put(
            {"op": "record"},
            draft=draft,
            channels=outlets,
            url=url[0] if url else None,
            when=said.raw[when.start() : when.end()] if when else None,
        )
        return Intent("publish", slots, 0.92)
    go = next((m for m in _GO.finditer(said.shape) if not speech.no_command(said, *m.span())), None)
    if (
        go is None
        and draft is not None
        and outlets
        and not re.search(r"谁|说|吗", said.text)
        and (plain := re.search(r"发(?!现|生|酵)|推|挂|走", said.shape))
    ):
        go = None if speech.no_command(said, *plain.span()) else plain
    if go is None or (draft is None and not re.search(r"^发布|声明|公告|稿|致歉", said.bare_shape)):
        if (
            draft is None
            and go
            and re.match(
                r"^(?:马上|立刻|现在|赶紧|直接|[今明后][天晚早]|上午|下午|晚上|中午|\d{1,2}(?:点|:\d\d)|"
                r"[一二两三四五六七八九十]+点|半|整|钟|\s)*发(?:布)?(?:到|上)?(?:微博|公众号|官网|抖音|视频号|"
                r"全渠道)",
                said.bare_shape,
            )
        ):
            return Intent(
                "publish", cut.put({}, channels=outlets, when=said.raw[moment.start() : moment.end()] if moment else None), 0.8
            )
        return None
    if re.search(r"(?:同意|ok|批准|通过|没意见|没问题|lgtm)[^,，]{0,2}[,，]\s?.{0,4}可以发|保留意见|就行", said.text):
        return None
    if re.search(
        r"(?:发|转|推)(?:发)?给?(?:一下)?(?:Ⓟ|我|你|他|她|法务|公关|领导|老板|业务)|给.{1,4}(?:看|审|过目)", said.shape
    ):
        return None
    audience = words.first(words.AUDIENCES, said.shape)
    slots = cut.put(
        {},
        draft=draft,
        version=said.number("Ⓥ"),
        channels=outlets,
        when=said.raw[moment.start() : moment.end()] if moment else None,
        audience=audience,
    )
    return Intent("publish", slots, 0.9 if draft is not None else 0.75)


def publish_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a hold, a retraction, a record or a release; None without a draft."""
    draft = said.number("Ⓓ")
    if draft is None:
        return None
    op = (
        "hold"
        if _HOLD.search(said.shape) or re.search(r"别|不[要能准许]|先等|暂", said.shape)
        else "retract"
        if _RETRACT.search(said.shape) or "撤" in said.shape
        else "record"
        if _DONE.search(said.shape) or "http" in said.text
        else None
    )
    moment = RE_MOMENT.search(said.text)
    when = said.raw[moment.start() : moment.end()] if moment else None
    audience = words.first(words.AUDIENCES, said.shape) if op is None else None
    return cut.put({"op": op} if op else {}, draft=draft, channels=cut.channels(said), when=when, audience=audience)
