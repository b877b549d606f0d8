"""approve: 同意, 驳回, 有保留, and who has signed."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.names import role_in
from bot.language.said import Said
from bot.model.intent import Intent

_YES = later(
    r"同意|通过|批准|批了|准了|准予|(?<![a-z])ok(?![a-z])|okay|lgtm|没意见|无意见|没有意见|无异议|没异议"
    r"|没有异议|签了|签字|签批|已签|approved?|没问题|没毛病|可以(?!先?发|了没|放|推|挂|上|公布|公开|往外|对外|"
    r"出街)|\+1|审过了|过了|赞成|认可|照此"
    r"|照发|点头|我这?边?(?:可以|行|过|没)|核过了?(?:没问题)?|looks good|sign(?:ed)? off|(?<![a-z])agreed?(?![a-z])|(?<=Ⓓ)\s?准(?=$|"
    r"[,，。!\s了])|^过(?:了|吧)?[!。]?$|(?<=Ⓓ)\s?过[!。]?$|行[,，!。]"
    r"|^行$|(?<=[务关服术牌])过\s?(?=Ⓓ)|✅|👌|审匹|签发|(?:代|替)(?:Ⓟ+|[一-龥]{2,3})签"
)
_NO = later(
    r"驳回|打回|退回|不行|不同意|不通过|不批|不予|否决|reject(?:ed)?|反对|(?<![a-z])nack?(?![a-z])|过不了"
    r"|不能(?:这[么样])?(?:过|发|签|批|通过)|(?<=[,，\s])退(?:回去?|掉|了)?(?=$|[!。])|毙了|毙掉|(?<=Ⓓ)\s?(?:否|先?退)(?=$|[!。,，])|返回修改|否了|否掉|拒(?:绝|签)|不签|不过(?=[,，。]|$)|veto"
    r"|不认可|打回去|no go|不可以"
)
_WITH = later(
    r"保留|(?:同意|通过|批准|ok)[,，].{0,16}(?:再.{1,6}(?:点|些|一下)|改|换|删|去掉|补上|加上|注意|写清)"
    r"|(?:同意|通过|可以|ok|批准|没问题|行|过|没意见)[^。]{0,3}[,，]?\s?(?:但是?|不过|就是|只是|前提|把"
    r"|需要?|改|删|建议|得(?!去|了|多|很)|除了|except|with changes|仅|只要)|(?:删|改|去|换|加|补|调)(?:掉|好|完|了|一下"
    r"|上|成)?.{0,20}(?:就行|就可以|就同意|就好|即可|就过|就签|后可以|后通过|后同意|再过|后发)"
    r"|没问题[,，][^。]{0,6}(?:前|之前|时候?)[^。]{0,3}把|原则(?:上)?(?:同意|通过|可以)|有条件|附条件"
    r"|修改后(?:同意|通过|可以|发)|with changes|conditional"
    r"|小改|(?:同意|通过|可以|ok|批准|没问题|没意见)[,，][^,，。]{2,14}(?:换掉|换了|去掉|删掉|删了|拿掉|改掉|改一下|改下|改成[^,，。]+)$"
)
_APPROVAL_LIST = later(
    r"谁(?:批准|同意|批|签|审)了?\s?Ⓓ|谁(?:还)?(?:没|未|不)(?:批|签|审|同意|过)|(?:还)?差谁|(?:批|签|"
    r"审)(?:到哪|完了?没|了没|了吗|过了没|过了吗"
    r"|过没)|(?:审批|会签|签批)(?:进度|状态|情况|到哪|列表|走到)|(?:待|等)(?:我)?(?:审批|签批|批|签"
    r"|会签)(?:的|有)|谁(?:批|签|审)了|有(?:谁|哪些人|几个人)(?:批|签|审)|(?:批|签)了几个|卡在谁|等谁(?:批"
    r"|签)|(?:哪些|几个|多少).{0,6}(?:待审|没批|没签|要批|等批)|who.{0,12}approve|(?:通过|同意"
    r"|批准)\s?Ⓓ*\s?了?(?:吗|没有?|么)|pending approval|还有谁|要我(?:批|签)的|(?:等|待)我(?:批|签|审)"
    r"|签齐|批齐|都(?:批|签|审)了|(?:批|签|审|会签|走)到(?:谁|哪)|(?:谁|哪[个位些]).{0,4}(?:没|未)?(?:批|签|审)"
)


_WITHDRAWN = later(
    r"(?:撤回|收回|撤销|取消|撤掉|撤|收回来)(?:我|一下)?[^,，。]{0,10}(?:签字|签名|同意|审批|批准|意见|签批|"
    r"会签|通过|那个签|我的签)"
    r"|(?:签字|签名|同意|审批|批准|签批|会签)[^,，。]{0,4}(?:撤回|收回|撤销|作废|不算|取消)|"
    r"withdraw.{0,8}approval|unapprove|我(?:签错|点错|批错)了"
)

_SIGNS = "(?:签字?|会签|审批?|批)"
_STANDING = later(
    rf"(?:(?:现在|目前|那|稿子?)\s?)?(?:(?:都|还)?有?谁(?:都|还)*(?:没有?|未){_SIGNS}|(?:还)?[差等]谁(?:的|没)?{_SIGNS}(?:没[签批审])?|都?有?谁都?签过?(?=了)|签了几[个家](?:人)?"
    rf"|都?签到谁(?:那儿?|那里)?|都?{_SIGNS}[齐全](?=了?(?:吗|没|[?？]))|(?:会签|签批|审批)(?:到哪(?:一?步|里|儿)?|进度)"
    rf"|(?:还)?有(?:没有)?(?:什么|啥|哪些|几[份个篇])?(?:稿子?|声明)?(?:需要|要|等|待)我来?{_SIGNS}的(?:稿子?|声明)?|(?:(?:需要|要|等|待)我来?|我还?[要得]){_SIGNS}的(?:稿子?|声明)?有?(?:哪些|什么|啥|几[份个篇]))"
    r"了?(?:吗|没有?|呢)?[啊呀\s?？!。]*"
)
"""A question about the signatures, whole and without a draft: 谁还没签, 签齐了吗, 会签到哪了."""

_MEASURE = later(
    r"(?:批准?|准予?|同意|通过|驳回|退回)(?:先|马上|立即|立刻|今[天晚]|全部|全国)*(?:下架|停售|停播|停产|停业|召回|封存|退款|赔付)"
    r"(?!.{0,4}(?:声明|公告|通知|稿|通报|信))"
)
"""A measure that is granted or denied is a matter of decisions, no draft: 不批准下架."""


def read_approve(said: Said) -> Intent | None:
    """同意 D3, 法务OK,D3可以发, 驳回D5,数据没核实, LGTM, D4 谁还没批."""
    draft = said.number("Ⓓ")
    own = bool(said.numbers("Ⓓ"))
    listing = _APPROVAL_LIST.search(said.shape)
    undone = _WITHDRAWN.search(said.shape)
    if undone and (draft is not None or re.search("我", said.shape)) and not speech.no_command(said, *undone.span()):
        return Intent("approve", cut.put({"op": "withdraw"}, draft=draft), 0.95)
    if _STANDING.fullmatch(said.shape):
        return Intent("approve", cut.put({"op": "list"}, draft=draft), 0.97)
    if listing and (own or draft is not None or re.search(r"稿|审批|会签|签批|声明|待批|待我", said.shape)):
        return Intent("approve", cut.put({"op": "list"}, draft=draft), 0.9)
    if re.search(r"[ⓉⒿ]|任务|演练|驳回率", said.shape) or (said.numbers("Ⓘ", bare=False) and draft is None):
        return None
    if draft is None and _MEASURE.search(said.shape):
        return None
    if "不是不" in said.text or re.search(r"(?:Ⓟ+|法务|公关|业务|客服|领导|大家)对Ⓓ", said.shape):
        return None
    if draft is None and said.quote is not None and not re.search(r"稿|声明|公告|审批|草|致歉|通报|[dD]\s?\d", said.quote.text):
        return None
    no = next((m for m in _NO.finditer(said.shape)), None)
    yes = next((m for m in _YES.finditer(said.shape) if not (no and no.start() <= m.start() < no.end())), None)
    partly = _WITH.search(said.shape)
    if (
        no
        and not speech.doubted(said, *no.span())
        and not speech.told(said, *no.span())
        and not speech.asked(said, *no.span())
        and not (yes and partly)
    ):
        if re.search(r"Ⓟ(?:已经?|也|都|那边|刚才?)*$", said.shape[: no.start()]):
            return None
        if draft is None and not re.match(r"^(?:驳回|打回|退回|不同意|reject|不通过|否决|不批)", said.bare_shape):
            return None
        return _verdict(said, draft, "reject", no)
    if yes is None and partly is None:
        return None
    found = yes or partly
    assert found is not None
    version_named = bool(re.fullmatch(r"(?:我)?(?:同意|批准|通过|签|签了)\s?Ⓥ+(?:·[0-9a-f]{4})?[!。\s]*", said.shape))
    behalf = _on_behalf(said) is not None
    place = found.span()
    weighed = speech.negated(said, *place) or speech.doubted(said, *place) or speech.asked(said, *place)
    if (
        weighed
        or (speech.told(said, *place) and not behalf)
        or re.search(
            r"没说|我没(?!意见|问题|异议|有意见|有异议|啥)|并没|不是我|谁(?:说|批|同意)|还没|尚未|(?:吗|么|"
            r"没)[?？]*$|[?？]$|等.{0,12}(?:再|才)"
            r"|能不能|要不要|可不可以|是否",
            said.text,
        )
    ):
        return None
    if re.search(r"Ⓟ(?:已经?|也|都|那边|刚才?)*$", said.shape[: found.start()]) and not behalf:
        return None
    if (
        draft is None
        and not (version_named or _alone(said))
        and not (partly and re.match(r"^(?:我)?(?:原则上?)?同意[,，]", said.shape))
    ):
        return None
    if partly is None and not own and said.quote is None and re.search(r"发布|会议|吃|去|酒店|时间", said.shape):
        return None
    return _verdict(said, draft, "approve_with_changes" if partly else "approve", partly if partly and not yes else found)


def _alone(said: Said) -> bool:
    """A signature without an object, in a wording that means nothing else."""
    return bool(
        re.fullmatch(
            r"(?:我|我们|这边|我这边|法务|公关|业务|技术|客服|指挥|品牌|部门|这版|这稿|稿子|ok|好|嗯|可以|行|"
            r"写得|看过了?|看完了?|看了|审了|这边看|声明|稿|内容"
            r"|[,，\s])*(?:同意|批准|审批通过|通过|lgtm|签了|没意见|无意见|没毛病|没问题|没有问题|无问题|认可|"
            r"照发|放行|准|没有?异议|无异议|approved?|批了|准了"
            r"|审匹通过|已签|签字了|looks good)(?:\s?Ⓥ+(?:·[0-9a-f]{4})?|这版|这稿|稿子|发|了|吧|的|[,，!。\s]|"
            r"签了|批了|通过|同意|没意见"
            r"|可以发|👌|✅)*",
            said.shape,
        )
    )


def _on_behalf(said: Said) -> str | None:
    found = re.search(
        r"(Ⓟ+|[一-龥]{0,3}(?:总|董事长|总经理|总裁|总监|主任))(?:已经?|刚|刚刚|刚才|那边)?(?:在?(?:电话|口头"
        r"|微信|短信|当面|邮件)(?:里|上|中)?)(?:已|里|上)?(?:表示|回复|说|告知|确认)?(?:了)?(?:同意|通过|批准"
        r"|ok|点头|认可|可以|批了|没意见|没问题)|(?:代|替|帮)\s?(Ⓟ+|[一-龥]{2,3}?)(?:录|签|批|同意|记录?|登记"
        r"|确认)|(Ⓟ+|[一-龥]{0,3}(?:总|董事长|总经理))(?:在?(?:电话|口头|微信|短信|群|邮件)(?:里|上|"
        r"中)?)?(?:刚|已经?)?(?:说|回|讲|表示)(?:了|的)?(?:可以|行|同意|ok|没问题|好|批了)[^。]{0,8}我?(?:代|"
        r"替)(?:他|她)?(?:签|录|批|记)|(Ⓟ+|[一-龥]{2,3}?)(?:已经?)?(?:同意|通过|批准|点头|"
        r"授权)[^,，]{0,8}[,，]?\s?我?(?:来)?代(?:录"
        r"|签|批|记)|(Ⓟ+|[一-龥]{0,3}(?:总|董事长|总经理))[^。]{0,12}(?:电话|口头|微信|短信|邮件)(?:里|上|中)?[^。,，]{0,3}"
        r"(?:同意|通过|批准|可以)[^。]{0,12}(?:代|替)(?:他|她)(?:录|签|批|记)",
        said.shape,
    )
    if not found:
        return None
    group = next(i for i in (1, 2, 3, 4, 5) if found[i])
    return said.raw[found.start(group) : found.end(group)].removeprefix("@")


def _verdict(said: Said, draft: int | None, verdict: str, verb: re.Match[str]) -> Intent:
    behalf = _on_behalf(said)
    head = re.match(
        r"^(?:我(?:们|是|代表)?)?(.{1,5}?)(?:这边|部|组|侧)?(?:对|看|[ⒹⓋ\sd\d])*(?:已|也)?(?:同意|ok|通过|没意见|没问题|无意见"
        r"|可以|批准|签了|无异议|过了|不同意|驳回|确认|核对|核过|看过|审过|没毛病|点头|ok了|过(?=[,，\s]|$))",
        said.text,
    )
    role = role_in(head[1]) if head else ""
    spans = [(t.start, t.end) for t in said.things if t.kind in "ⒹⓋ" or (t.kind == "Ⓘ" and not t.bare)]
    spans += [m.span() for p in (_NO, _YES) for m in p.finditer(said.shape) if m.start() == verb.start() or verdict == "reject"]
    spans += [
        m.span()
        for m in re.finditer(
            r"审批|审匹|有保留意见?|但是?|不过|前提是?|就是|原则上?|就行|即可|就可以|可以(?:先)?发|先?发(?=$)"
            r"|(?:原因|理由|因为|意见)(?:是|为)?[:：]?|我?代录|已(?:电话|口头)|(?:电话|口头)(?=同意|通过)|需要?修改|意见[:：]?",
            said.text,
        )
    ]
    if behalf:
        spans += [m.span() for m in re.finditer(re.escape(behalf), said.raw)]
    comment = cut.leftover(said, spans)
    if verdict == "approve" and len(comment) < 4:
        comment = ""
    if code := re.search(r"·\s?([0-9A-Fa-f]{4})(?![0-9A-Za-z])", said.raw):
        comment = cut.tidy(comment.replace(code[0], ""))
    slots: dict[str, Any] = {} if draft is None else {"draft": draft}
    if own := said.numbers("Ⓘ", bare=False):
        slots["incident"] = own[0]
    comment = re.sub(r"^的[,，\s]*|[,，\s]*我$", "", comment)
    slots = cut.put(
        slots,
        version=said.number("Ⓥ"),
        verdict=verdict,
        role=role,
        on_behalf_of=behalf,
        comment=comment,
        code=code[1].upper() if code else None,
    )
    return Intent("approve", slots, 0.92)


def signed_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a signature, a return or a question about signatures; None without a draft."""
    draft = said.number("Ⓓ")
    if draft is None:
        return None
    no, yes, partly = _NO.search(said.shape), _YES.search(said.shape), _WITH.search(said.shape)
    if re.search(r"谁(?:写|起草|改)|没(?:通过|批|签|同意)[。!]*$", said.text):
        return None
    if re.search(r"谁|没|吗|[?？]|几|到哪|进度|差|齐|卡", said.text) and not no:
        return {"op": "list", "draft": draft}
    found = no or yes or partly
    if found is None:
        return None
    verdict = "reject" if no else "approve_with_changes" if partly else "approve"
    return dict(_verdict(said, draft, verdict, found).slots)
