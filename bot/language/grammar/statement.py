"""draft, approve, publish."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.moments import RE_MOMENT
from bot.language.names import role_in
from bot.language.said import Said
from bot.model.intent import Intent

_WRITE = re.compile(
    r"起草|草拟|拟(?:一?[版稿份个封条]|定|写|稿|好)?|撰写|写(?:一?[份个封版篇稿条段下]|个|封|稿)?|起(?:个|一?[份版])?稿|出(?:一?[个份版稿篇封]|稿|个)|draft|准备(?:一?[份个封版])|来(?:一?[份个封版篇]|\d+条|[一二三四五六七八九十]+条)|搞(?:一?[份个封版])|弄(?:一?[份个封版])|整(?:一?[份个封版])|做(?:一?[份个封版])|发(?:一?[个封份])(?=.{0,6}(?:函|信))|write|prepare|编写|给(?=.{0,8}写)|生成(?:一?[份个封版])|要(?:一?[份个封版])|帮(?:我|忙)?(?:写|拟|起)"
)
_DOC = re.compile(r"声明|稿|公告|通告|致歉|道歉|辟谣|说明(?!书)|通报|函|信(?!息|源|号)|问答|q&a|口径|回应|statement|letter|通知|公开信|澄清|短信|召回|holding|apology|notice|文案|微博|faq")
_REVISE = re.compile(r"改|换|删(?!库)|加|短(?!信)|长一?点|软|硬|重写|润色|精简|压缩|扩写|补|调整|语气|缩|去掉|替换|修|翻译|翻成|优化|rewrite|shorten|revise|edit|再(?:真诚|诚恳|口语|正式|温和)|别用|不要(?:用|写|提|出现)|太(?:硬|长|短|官|软|生硬|冷|啰嗦)|口语|标题|第[一二三四五六七八九十\d]+段|开头|结尾|措辞")
_CONSTRAINT = re.compile(
    r"(?:不超过|不要超过|控制在|限|最多|至少|不少于|别超过|压到|压缩到|under|within)?\s?(?:\d+|[一二两三四五六七八九十百千]+)\s?(?:字|条|个问题|段|行|words|页)(?:以内|之内|以下|左右|内|吧)?|中英双语|双语|中英文|英文版?|口语化|第一人称"
)
_NOT_DRAFT = re.compile(r"简报|专报|日报|周报|复盘|小结|摘要|总结|时间线|交接|汇报|任务|待办|todo|黑料|好评|差评|怎么|如何|谁写|写(?:得|的)(?!.{0,4}稿)|会议|纪要|评论夸|水军|帖子删|演练|案例|记录|趋势|曲线|图|事实|播报|剧本")
_NOT_TEXT = re.compile(r"给(?:我|大家|他们|对外)?(?:用|看|念)?的?|帮(?:我|忙)?|麻烦|那个|就是|这个|赶紧|先|再|版本|一[份个封版篇条稿]|出来|一下|吧|把|用(?=$)|请|对外|那边|也要|要|个稿|稿子?|声明|公告|文案|第[二三四五六七八九\d]号|针对#?|关于#?|向|快|马上|发(?=个)|微博版?|版|上发的?|发的?|为|就(?=#)|全体")


def read_draft(said: Said) -> Intent | None:
    """起草声明 #12, 给#12起草一份致歉信, D3 改软一点, #12 致歉 微博 短一点."""
    draft = said.number("Ⓓ") if said.numbers("Ⓓ") else None
    if draft is not None:
        return _revised(said, draft)
    verb = next((m for m in _WRITE.finditer(said.shape)), None)
    kind = words.first(words.TYPES, said.shape)
    if _NOT_DRAFT.search(said.shape) and not re.match(r"^(?:起草|draft|草拟)", said.bare_shape):
        return None
    if said.quote and said.number("Ⓓ") is not None and _REVISE.search(said.shape) and not kind and not re.search("同意|通过|驳回|不行", said.text):
        return Intent("draft", {"op": "revise", "draft": said.number("Ⓓ"), "text": said.raw}, 0.8)
    headed = re.match(r"^(?:#|Ⓘ|\d|\s)*(?:首发|致歉|道歉|辟谣|情况说明|声明|召回公告|员工信|进展通报|媒体问答|澄清|回应)", said.shape)
    if not verb and not (kind and headed and said.number("Ⓘ") is not None) and not (kind and re.match(r"^(?:#|Ⓘ|\s)*(?:.{0,6})(?:写一下|起一下|来一版|来一份)", said.shape)):
        return None
    if verb and not kind and not _DOC.search(said.shape) and not re.match(r"^(?:起草|draft|草拟|拟稿)", said.bare_shape):
        return None
    span = verb.span() if verb else (headed.span() if headed else (0, 0))
    if speech.negated(said, *span) or speech.doubted(said, *span) or speech.told(said, *span):
        return None
    if re.search(r"(?:吗|没有?|了没)[?？]*$|谁(?:来|在)?(?:写|起草)|写(?:完|好)了|起草(?:完|好)了|昨天", said.text) and not speech._POLITE.search(said.text):
        return None
    if re.search(r"发布|先别发|撤下|批|同意|通过", said.shape) and not re.match(r"^(?:起草|写|拟|draft|出)", said.bare_shape):
        return None
    channel = [c for c in cut.channels(said) if not (c == "internal" and kind == "staff_letter") and not (c == "exchange" and kind != "investor_notice")]
    audience = words.first(words.AUDIENCES, said.shape)
    if kind == "media_qa" and audience == "media":
        audience = "media"
    slots = _object(said, span)
    constraint = _CONSTRAINT.search(said.text)
    slots = cut.put(
        slots,
        statement_type=kind,
        channel=channel[0] if channel else None,
        channels=channel if len(channel) > 1 else None,
        audience=audience,
        constraint=said.raw[constraint.start() : constraint.end()] if constraint else None,
    )
    text = _style(said, span, slots, constraint)
    return Intent("draft", cut.put(slots, text=text), 0.92 if verb and re.match("起草|草拟|拟|draft", verb[0]) else 0.82)


def _object(said: Said, span: cut.Span) -> dict[str, Any]:
    number = said.number("Ⓘ")
    if number is not None:
        return {"incident": number}
    about = re.search(r"(?:说明|关于|针对|就|解释)(?:一下|下|清楚)?([^\s,，。的]{2,8})的", said.shape)
    if about and not re.search(r"[Ⓟ那这]|什么", about[1]):
        return {"topic": said.raw[about.start(1) : about.end(1)]}
    name = "" if "针对" in said.text else cut.topic(said)
    if not name:
        head = re.match(r"^([一-龥a-z]{2,6}?)的(?:首次|首发|短信|员工|函|致歉|道歉|召回|情况|声明|公告|辟谣|说明|回应|通报|告知)", said.bare_shape)
        start = len(said.shape) - len(said.bare_shape)
        if head and not cut._NO_TOPIC.search(head[1]):
            name = said.raw[start : start + len(head[1])]
    return {"topic": name} if name and not words.first(words.TYPES, name) else {}


def _style(said: Said, verb: cut.Span, slots: dict[str, Any], constraint: re.Match[str] | None) -> str:
    spans = [verb, *cut.objects(said)]
    if constraint:
        spans.append(constraint.span())
    for table in (words.TYPES, words.CHANNELS, words.AUDIENCES):
        for _, pattern in table:
            spans += [m.span() for m in pattern.finditer(said.text)]
    if topic := slots.get("topic"):
        at = said.raw.find(str(topic))
        spans.append((at, at + len(str(topic))))
    left = [p for p in cut.leftover(said, spans).split(",") if not re.fullmatch(rf"(?:{_NOT_TEXT.pattern}|\s|的|了|事|那)+", p)]
    pieces = [p for p in left if len(p) > 1]
    if not pieces:
        return ""
    about = re.search(r"(?:针对|重点|强调|语气|要(?:提到|写|包含|有|突出)|别(?:提|写|用)|不要(?:提|写|用)|突出|说清楚?).+$", said.raw)
    return cut.tidy(about[0]) if about else " ".join(pieces)


def _revised(said: Said, draft: int) -> Intent | None:
    found = _REVISE.search(said.shape)
    if not found or re.search(r"改发|同意|通过(?!率)|批准|驳回|打回|不行|退回|没意见|撤下|撤回|发布|可以发|删掉?就行|改(?:完|好)了?就|改成[^,，]{0,4}(?:点|发)|可以", said.shape) or re.search(r"(?:吗|没有?|么|谁)[?？]*$", said.text):
        return None
    if speech.doubted(said, *found.span()) or speech.told(said, *found.span()) or re.match(r"已", said.text[found.start() - 1 : found.start()]):
        return None
    spans = [(t.start, t.end) for t in said.things if t.kind in "ⒹⓋ"]
    start = max((e for _, e in spans if e <= found.start()), default=0)
    text = cut.tidy(said.raw[start:]) if start else cut.leftover(said, spans)
    text = re.sub(r"^(?:把|的|给我|请|麻烦|再|,|，|:)+(?=改|删|换|加)", "", text)
    lead = re.match(r"^改\s(?=\S)", text)
    slots = cut.put({"op": "revise", "draft": draft}, version=said.number("Ⓥ"), text=text[lead.end() :] if lead else text)
    return Intent("draft", slots, 0.9)


_YES = re.compile(
    r"同意|通过|批准|批了|准了|准予|(?<![a-z])ok(?![a-z])|okay|lgtm|没意见|无意见|没有意见|无异议|没异议|没有异议|签了|签字|签批|已签|approved?|没问题|没毛病|可以(?!发|了没)|\+1|审过了|过了|赞成|认可|照此|照发|点头|放行|我这?边?(?:可以|行|过|没)|核过了?(?:没问题)?|looks good|sign(?:ed)? off|行[,，!。]|^行$|✅|👌|审匹|签发|(?:代|替)(?:Ⓟ+|[一-龥]{2,3})签"
)
_NO = re.compile(r"驳回|打回|退回|不行|不同意|不通过|不批|不予|否决|reject(?:ed)?|反对|(?<![a-z])nack?(?![a-z])|过不了|不能(?:过|发|签|批|通过)|毙了|毙掉|返回修改|否了|否掉|拒(?:绝|签)|不签|不过(?=[,，。]|$)|veto|不认可|打回去|no go|不可以")
_WITH = re.compile(r"保留|(?:同意|通过|批准|ok)[,，].{0,16}(?:再.{1,6}(?:点|些|一下)|改|换|删|去掉|补上|加上|注意|写清)|(?:同意|通过|可以|ok|批准|没问题|行|过|没意见)[^。]{0,3}[,，]?\s?(?:但是?|不过|就是|只是|前提|把|需要?|改|删|建议|得|除了|except|with changes|仅|只要)|(?:删|改|去|换|加|补|调)(?:掉|好|完|了|一下|上|成)?.{0,20}(?:就行|就可以|就同意|就好|即可|就过|就签|后可以|后通过|后同意|再过|后发)|原则(?:上)?(?:同意|通过|可以)|有条件|附条件|修改后(?:同意|通过|可以|发)|with changes|conditional|小改")
_APPROVAL_LIST = re.compile(r"谁(?:还)?(?:没|未|不)(?:批|签|审|同意|过)|(?:还)?差谁|(?:批|签|审)(?:到哪|完了?没|了没|了吗|过了吗|过没)|(?:审批|会签|签批)(?:进度|状态|情况|到哪|列表|走到)|(?:待|等)(?:我)?(?:审批|签批|批|签|会签)(?:的|有)|谁(?:批|签|审)了|有(?:谁|哪些人|几个人)(?:批|签|审)|(?:批|签)了几个|卡在谁|等谁(?:批|签)|(?:哪些|几个|多少).{0,6}(?:待审|没批|没签|要批|等批)|who.{0,12}approve|(?:通过|同意|批准)\s?Ⓓ*\s?了?(?:吗|没有?|么)|pending approval|还有谁|要我(?:批|签)的|(?:等|待)我(?:批|签|审)|签齐|批齐|都(?:批|签|审)了")


def read_approve(said: Said) -> Intent | None:
    """同意 D3, 法务OK,D3可以发, 驳回D5,数据没核实, LGTM, D4 谁还没批."""
    draft = said.number("Ⓓ")
    own = bool(said.numbers("Ⓓ"))
    listing = _APPROVAL_LIST.search(said.shape)
    if listing and (own or draft is not None or re.search(r"稿|审批|会签|签批|声明|待批|待我", said.shape)):
        return Intent("approve", cut.put({"op": "list"}, draft=draft), 0.9)
    if re.search(r"[ⓉⒿ]|任务|演练|驳回率", said.shape) or (said.numbers("Ⓘ", bare=False) and draft is None):
        return None
    if "不是不" in said.text:
        return None
    no = next((m for m in _NO.finditer(said.shape)), None)
    yes = next((m for m in _YES.finditer(said.shape) if not (no and no.start() <= m.start() < no.end())), None)
    partly = _WITH.search(said.shape)
    if no and not speech.doubted(said, *no.span()) and not speech.told(said, *no.span()) and not speech.asked(said, *no.span()) and not (yes and partly):
        if re.search(r"Ⓟ(?:已经?|也|都|那边|刚才?)*$", said.shape[: no.start()]):
            return None
        if draft is None and not re.match(r"^(?:驳回|打回|退回|不同意|reject|不通过|否决|不批)", said.bare_shape):
            return None
        return _verdict(said, draft, "reject", no)
    if yes is None and partly is None:
        return None
    found = yes or partly
    assert found is not None
    if speech.no_command(said, *found.span()) or re.search(r"没说|我没|并没|不是我|谁(?:说|批|同意)|还没|尚未|(?:吗|么|没)[?？]*$|[?？]$|等.{0,12}(?:再|才)|能不能|要不要|可不可以|是否", said.text):
        return None
    if speech.told(said, *found.span()) and not _on_behalf(said):
        return None
    if re.search(r"Ⓟ(?:已经?|也|都|那边|刚才?)*$", said.shape[: found.start()]) and not _on_behalf(said):
        return None
    if draft is None and not _alone(said):
        return None
    if partly is None and not own and said.quote is None and re.search(r"发布|会议|吃|去|酒店|时间", said.shape):
        return None
    return _verdict(said, draft, "approve_with_changes" if partly else "approve", partly if partly and not yes else found)


def _alone(said: Said) -> bool:
    """A signature without an object, in a wording that means nothing else."""
    return bool(
        re.fullmatch(r"(?:我|我们|这边|我这边|法务|公关|业务|技术|客服|指挥|品牌|部门|这版|这稿|稿子|ok|好|嗯|可以|行|[,，\s])*(?:同意|批准|审批通过|通过|lgtm|签了|没意见|无意见|没有?异议|无异议|approved?|批了|准了|审匹通过|已签|签字了|looks good)(?:这版|这稿|稿子|发|了|吧|的|[,，!。\s]|签了|批了|通过|同意|没意见|可以发|👌|✅)*", said.shape)
    )


def _on_behalf(said: Said) -> str | None:
    found = re.search(r"(Ⓟ+|[一-龥]{0,3}(?:总|董事长|总经理|总裁|总监|主任))(?:已经?|刚|刚刚|刚才|那边)?(?:在?(?:电话|口头|微信|短信|当面|邮件)(?:里|上|中)?)(?:已|里|上)?(?:表示|回复|说|告知|确认)?(?:了)?(?:同意|通过|批准|ok|点头|认可|可以|批了|没意见|没问题)|(?:代|替|帮)\s?(Ⓟ+|[一-龥]{2,3}?)(?:录|签|批|同意|记录?|登记|确认)|(Ⓟ+|[一-龥]{2,3}?)(?:已经?)?(?:同意|通过|批准|点头|授权)[^,，]{0,8}[,，]?\s?我?(?:来)?代(?:录|签|批|记)", said.shape)
    if not found:
        return None
    group = next(i for i in (1, 2, 3) if found[i])
    return said.raw[found.start(group) : found.end(group)].removeprefix("@")


def _verdict(said: Said, draft: int | None, verdict: str, verb: re.Match[str]) -> Intent:
    behalf = _on_behalf(said)
    head = re.match(r"^(?:我(?:们|是|代表)?)?(.{1,5}?)(?:这边|部|组|侧)?(?:已|也)?(?:同意|ok|通过|没意见|没问题|无意见|可以|批准|签了|无异议|过了|不同意|驳回)", said.text)
    role = role_in(head[1]) if head else ""
    spans = [(t.start, t.end) for t in said.things if t.kind in "ⒹⓋ"]
    spans += [m.span() for p in (_NO, _YES) for m in p.finditer(said.shape) if m.start() == verb.start() or verdict == "reject"]
    spans += [m.span() for m in re.finditer(r"审批|审匹|有保留意见?|但是?|不过|前提是?|就是|原则上?|就行|即可|就可以|可以(?:先)?发|先?发(?=$)|我?代录|已(?:电话|口头)|(?:电话|口头)(?=同意|通过)|需要?修改|意见[:：]?", said.text)]
    if behalf:
        spans += [m.span() for m in re.finditer(re.escape(behalf), said.raw)]
    comment = cut.leftover(said, spans)
    if verdict == "approve" and len(comment) < 4:
        comment = ""
    slots: dict[str, Any] = {} if draft is None else {"draft": draft}
    slots = cut.put(slots, version=said.number("Ⓥ"), verdict=verdict, role=role, on_behalf_of=behalf, comment=comment)
    return Intent("approve", slots, 0.92)


_HOLD = re.compile(r"(?:先别|别|不要|先不|暂不|不能|暂时别|暂时不要|千万别|停|都别|暂时先别|先不要|不许|不准|勿)(?:再|急着|着急|往外|对外|先)?(?:发布|发(?!酵|现|火)|推(?!送预警)|挂|上线)|压住|压一?[压下]|暂缓|缓发|缓一[缓下]|(?<![a-z])hold(?!ing)|等一?[下等].{0,4}发|停发|叫停|按住|扣住|暂停发布|撤回发布|压着|先压|先停|don.?t publish|先放着|摁住|发布暂停|先等等")
_RETRACT = re.compile(r"撤下|撤回|下架|下线|撤掉|删掉|删除|撤稿|撤(?=[一-龥]{0,6}Ⓓ)|retract|take down|拿下来|取下|撤(?:了|一下)")
_DONE = re.compile(r"已(?:经)?(?:在|于|从).{0,8}(?:发布|推送|上线|挂出|发出|发了)|(?:已经?|刚|刚刚|都)(?:发|推|挂|上线|发布|推送)(?:出去|完|好|布)?(?:了|出)?|(?:发|推|挂|上|发布|推送)(?:出去|完|好|上去)?了(?=[,，。\s!]|$|\d)|登记(?:一下)?(?:发布|已发)?|补录|发布(?:完成|成功)|(?:发|推)完了?|published|released|已上线|已见刊|已播出|已推送")
_GO = re.compile(r"发布|发部|可以(?:发|推|上|放|挂)|(?:就|那就|立刻|立即|马上|现在|赶紧|快|正式|直接|准备|今晚|今天|明[天早]|点整?|同步|统一|整|半)\s?(?:对外)?(?:发|推送?|挂)|(?<![一-龥])发(?:出去?|了吧|吧|一下|到|微博|公众号|官网)?(?=$|[,，。!\s]|微博|公众号|官网|Ⓓ|短信|抖音|视频号|全)|推送|(?<![a-z])publish|(?<![a-z])release|go live|上线|走(?=短信|微博|公众号|官网|app|邮件|抖音|视频号)|全渠道|推(?=$|吧|[,，。!\s]|送|到|出)|挂(?=$|吧|[,，。!\s]|出|到|官网|上)|放(?:出去|行|到官网|官网)|对外发|post|发(?=$|吧|出|到|给)|同步发|群发|见刊|投放|上(?=微博|公众号|官网)|send out|push")
_NOT_PUBLISH = re.compile(r"转发|发言|发生|发现|发酵|发帖人|发票|发烧|开发|发火|发图|沙发|首发|发起|触发|出发|发短信给我|起草|写|拟|帖子|评论|黑料|销毁|发部门|发红包|发快递|发[给我]群")


def read_publish(said: Said) -> Intent | None:
    """发布 D3 微博, D3今晚八点整发, 先别发布D3, 撤下微博那条 D3, 官微发了,登记一下 D7."""
    draft = said.number("Ⓓ")
    own = bool(said.numbers("Ⓓ"))
    outlets = cut.channels(said)
    if hold := _HOLD.search(said.shape):
        if (own or draft is not None or re.search(r"声明|稿|公告|致歉|通报|^(?:等一?[下等]|先|别|停|暂)", said.shape) or outlets) and not re.search(r"任务|[ⓉⒻ]|静音|推送|预警|告警|会议|红包|群里|朋友圈|网信办|监管|上报|帖|公安", said.shape) and not re.search(r"(?:吗|要不要|是不是)", said.text):
            if own or draft is not None or re.search(r"发|声明|稿|hold", hold[0] + said.shape):
                slots = cut.put({"op": "hold"}, draft=draft, channels=outlets, reason=cut.leftover(said, [hold.span(), *cut.objects(said), *((m.span()) for m in re.finditer("等一下|等等|布|别发", said.text))]))
                return Intent("publish", slots, 0.93)
    if not own and draft is None and not outlets and not re.search(r"声明|公告|稿|致歉", said.shape):
        if re.match(r"^(?:发布|publish)(?:吧)?$", said.bare_shape):
            return Intent("publish", {}, 0.7)
        return None
    if re.search(r"(?:吗|没有?|么)[?？]*$|[?？]$|要不要|能不能|可不可以|是不是|谁(?:来)?发|怎么", said.text) and not re.search(r"^发布", said.bare_shape):
        return None
    retract = next((m for m in _RETRACT.finditer(said.shape) if own or draft is not None), None)
    if retract and not speech.no_command(said, *retract.span()) and not re.search(r"同意|就行|段|句|改", said.shape.replace("改发", "")):
        return Intent("publish", cut.put({"op": "retract"}, draft=draft, version=said.number("Ⓥ"), channels=outlets, reason=cut.leftover(said, [retract.span(), *cut.objects(said), *_places(said), *((m.span()) for m in re.finditer(r"那条|改发|版本|的", said.text))])), 0.92)
    return _sent_or_sending(said, draft, own, outlets)


def _places(said: Said) -> list[cut.Span]:
    return [m.span() for _, pattern in words.CHANNELS for m in pattern.finditer(said.text)]


def _sent_or_sending(said: Said, draft: int | None, own: bool, outlets: list[str]) -> Intent | None:
    if _NOT_PUBLISH.search(said.shape) and not own:
        return None
    url = re.search(r"https?://[^\s,，。]+", said.raw)
    done = next((m for m in _DONE.finditer(said.shape) if not speech.no_command(said, *m.span())), None)
    ahead = re.search(r"可以发了|能发了|该发了|发了吧|发了啊?$(?<=可以发了)", said.shape)
    moment = RE_MOMENT.search(said.text)
    if (done and not ahead and (own or draft is not None or url)) or (url and own):
        when = re.search(r"\d{1,2}:\d{2}", said.text) or (moment if moment and moment[0] not in ("现在", "马上", "立刻") else None)
        slots = cut.put({"op": "record"}, draft=draft, channels=outlets, url=url[0] if url else None, when=said.raw[when.start() : when.end()] if when else None)
        return Intent("publish", slots, 0.92)
    go = next((m for m in _GO.finditer(said.shape) if not speech.no_command(said, *m.span())), None)
    if go is None and draft is not None and outlets and not re.search(r"谁|说|吗", said.text) and (plain := re.search(r"发(?!现|生|酵)|推|挂|走", said.shape)):
        go = None if speech.no_command(said, *plain.span()) else plain
    if go is None or (draft is None and not re.search(r"^发布|声明|公告|稿|致歉", said.bare_shape)):
        if draft is None and go and re.match(r"^(?:马上|立刻|现在|赶紧|直接)?发(?:布)?(?:到|上)?(?:微博|公众号|官网|抖音|视频号|全渠道)", said.bare_shape):
            return Intent("publish", cut.put({}, channels=outlets, when=said.raw[moment.start() : moment.end()] if moment else None), 0.8)
        return None
    if re.search(r"(?:同意|ok|批准|通过|没意见|没问题|lgtm)[^,，]{0,2}[,，]\s?.{0,4}可以发|保留意见|就行", said.text):
        return None
    audience = words.first(words.AUDIENCES, said.shape)
    slots = cut.put({}, draft=draft, version=said.number("Ⓥ"), channels=outlets, when=said.raw[moment.start() : moment.end()] if moment else None, audience=audience)
    return Intent("publish", slots, 0.9 if draft is not None else 0.75)
