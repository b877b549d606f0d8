"""Persons, organisations and places in a Chinese text, and whether two names mean the same one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from bot.drafting.figure import CN, Figure, number_of

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛范彭郎鲁韦马苗凤方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛狄米贝明臧计成戴宋庞熊纪舒屈项祝"
    "董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁宣邓刘曾侯谭崔段覃翟龚洪申庄阎冉聂焦向牛葛"
)
_TITLE = r"(?:先生|女士|小姐|医生|大夫|主任|经理|院长|教授|博士|同学|师傅|护士|律师|局长|处长|董事长|总裁)"
_PERSON = (
    "联系人|负责人|发言人|经办人|患者|当事人|患儿|孩子|儿童|男童|女童|学生|员工|举报人|姓名|驾驶员|司机|质检员|检验员|店长|店员|主播|骑手"
    "|快递员|工人|工程师|记者|经理|组长|主任|站长|班长|校长|顾问|专员|教师|老师|厂长|法定代表人|董事长|总经理|副总裁|总裁|总监|主管|创始人|部长|秘书长|队长|科长|教授|博士|代言人|董秘"
    "|邀请|聘请|任命|感谢"
)
_TITLED = re.compile(rf"(?P<a>[{SURNAMES}](?:某{{1,2}}|[一-龥]{{0,2}}?{_TITLE}))")
_CALLED = re.compile(
    rf"(?:{_PERSON})(?:是|为|：|:)?\s*(?P<a>[{SURNAMES}][一-龥]{{1,2}}?)(?=[，。；、（(\s\d的已在被说称表介于将曾因及和与同担出当到赶向对]|$)"
)
_ACTS = (
    "表示|称(?!为)|说(?!明)|认为|透露|回应|指出|介绍|承认|否认|道歉|致歉|告诉|强调|坦言|解释|受伤|身亡|去世|遇难|离世|昏迷|牵头|赶到|到场|出席|主持|签字|签署|接任"
    "|担任|出任|辞去|离任|辞职|离职|自首|本人|(?:[现正]?在)?接受|在(?:医院(?:接受|治疗|抢救)|抢救|现场(?:处置|道歉|指挥))"
    "|(?:已经?)?被(?:捕|拘(?!留所)|警方|公安|带走|停职|免职|辞退|开除|起诉|送医)|已经?(?:被停职|离职|辞职|到案|出院|身亡|脱离危险)"
)
_BARE = re.compile(
    rf"(?:^|(?<=[，。；！？：、\s“「（(]))(?P<a>(?:欧阳|司马|上官|诸葛|[{SURNAMES}])[一-龥]{{1,2}}?)(?=(?:{_ACTS}))",
    re.MULTILINE,
)
_NO_BARE = re.compile(
    r"^(?:高[层校]|金融|康复|华[东南北中]|江[苏西]|安[徽保监]|云南|毛利|白[天酒]|成[员功果]|程[序度]|项目|支行|路人|卫[生健]|章[程节]|余|党|元|时|方|史"
    r"|单位|部门|家|官|温|齐|严[正重]|陈述|贺电|贝|计|童|颜|车间|宗|丁|邓)|(?:方|们|者|员|人|工|部|层|组|团|司|店|厂|局|会|等|均|都|也|还|已|曾|就|并|再次)$"
)
NOT_NAME = re.compile(
    r"^(?:任[何期职]|应[该当在将由对]|成[都立为]|和|安[全排抚]|方[面式案]|万|平[台时]|高[管度]|明[天日确]|于|解决|管理|支持|计划|水|常|强|向"
    r"|关[于注心]|路[上过]|全|时|连|曾[经在]|何[时种]|支[付出])"
)
_ORG = re.compile(
    r"[一-龥]{1,14}?(?:医院|大学|学院|中学|小学|幼儿园|有限公司|股份公司|集团|研究院|研究所|检测院|质检院|检验院|监督管理局|监管局|管理局"
    r"|(?:生态环境|应急|消防|住建|人社|教育|交通|文旅|商务|税务|卫生|邮政|海事|铁路|民航|公安)局|支队|大队|检察院|交易所|证监会|网信办"
    r"|卫健委|公安局|派出所|法院|协会|(?:检验|检测|监测|检疫|鉴定|医学|急救|疾控|质检|认证|计量)中心|实验室|会计师事务所|律师事务所"
    r"|日报|晚报|时报|晨报|早报|商报|周刊|电视台|卫视|新闻网|通讯社|总局|药监局|工厂|商贸|分公司|子公司|养老院|银行(?!卡|账|转|流水)"
    r"|(?:乳品|食品|饮料|化工|电子|制药|加工|代工|包装)厂|工业园|产业园|科技园|物流园|开发区|高新区|新区|机场|火车站|高铁站|地铁站)"
)
_PLACE = re.compile(r"[一-龥]{2,5}?(?:自治区|自治州|街道|[省市县区镇乡村路](?![场民委井级面内上外边间长段线镇域分由]))")
_ROOM = re.compile(
    rf"(?P<n>\d{{1,3}}|{CN})号?(?P<what>车间|分厂|厂区|号线|号楼|号仓|号库|冷库|仓库|库房|机组|高炉|生产线|产线)"
)
_LEAD = re.compile(
    r"^.*(?:[经由在向与和对的到至于从及请已被是去往自给让说称跟为进住了把、，]|送往|来自|位于|委托|联合|前往|以及|邀请)(?=[一-龥]{2,})"
)
_FUNCTION = frozenset("经由在向与和对的到至于从及请已被是去往自给让说称跟为进住了、，将把等约近有并就即")
_KINDS = (
    "工厂|分公司|子公司|银行|养老院|医院|学校|大学|中学|小学|幼儿园|法院|协会|集团|机场|大队|支队|公安局|派出所"
    "|监管局|管理局|药监局|实验室|工业园|产业园|新区|开发区|(?:乳品|食品|饮料|化工|电子|制药|加工|代工|包装)厂"
)
_GENERIC = re.compile(
    r"^(?:全|本|该|各|某|当地|其他|部分|多|一些|此|城|超|小|校|社|片|地|山|厂|园|景|辖|省|市|县|区|我|外|有关|相关|所在|周边|上述|整个|这|那|两|三|几)"
    r"[省市县区镇乡村路]*$"
    rf"|^(?:我们|我司|本|该|各|某|全|涉事|涉案|相关|所有|全部|部分|自有|下属|上述|另一|有关|当地|属地|附近|就近|送)?(?:家|个|的|所)*(?:{_KINDS})$"
    r"|的[路区县市村镇乡]$|(?:地区|小区|市区|城市|超市|门市|上市|区域|道路|一路|网路|思路|出路|线路|电路|管路|油路|气路|水路|马路|公路|铁路|销路|退路|农村|都市|夜市"
    r"|股市|全市|全省|校区|片区|社区|厂区|园区|景区|专区|误区|禁区|灾区|[库床乐息车业产公餐童动售货活候]区)$"
)
_ALIKE = (
    ("监督管理", "监管"),
    ("药品监管局", "药监局"),
    ("卫生健康委员会", "卫健委"),
    ("股份有限公司", "公司"),
    ("有限公司", "公司"),
)
_QUALIFIED = re.compile(r"[省市县区镇乡村第一二三四五六七八九十东南西北中总分]$")


def persons(text: str, _: date) -> Iterator[Figure]:
    """Persons: a surname with a title, a name after a word for who it is, or one that begins a clause and speaks, acts or suffers."""
    for m in (*_CALLED.finditer(text), *_TITLED.finditer(text)):
        if not NOT_NAME.match(m["a"]):
            yield Figure("name", m["a"], m["a"], m.start("a"), m.end("a"))
    for m in _BARE.finditer(text):
        if not NOT_NAME.match(m["a"]) and not _NO_BARE.search(m["a"]):
            yield Figure("name", m["a"], m["a"], m.start("a"), m.end("a"))


def rooms(text: str, _: date) -> Iterator[Figure]:
    """Numbered parts of a works: 三号车间, 二分厂."""
    for m in _ROOM.finditer(text):
        number = int(m["n"]) if m["n"].isdigit() else int(number_of(m["n"]))
        if m["n"] not in ("一", "两") or m[0][len(m["n"])] == "号":
            yield Figure("place", m[0], f"{number}{m['what']}", m.start(), m.end())


def places(text: str, _: date) -> Iterator[Figure]:
    """Organisations, administrative places and roads."""
    for kind, pattern in (("org", _ORG), ("place", _PLACE)):
        for m in pattern.finditer(text):
            lead = _LEAD.match(m[0])
            start = m.start() + (lead.end() if lead else 0)
            while start < m.end() and text[start] in _FUNCTION:
                start += 1
            words = text[start : m.end()]
            if len(words) >= 3 and not _GENERIC.search(words):
                yield Figure(kind, words, _plain(words), start, m.end())


def places_in(text: str, known: Sequence[str]) -> Iterator[Figure]:
    """Well-known places by their short names."""
    for place in known:
        for m in re.finditer(re.escape(place), text):
            yield Figure("place", place, place, m.start(), m.end())


def same_name(said: str, known: str) -> bool:
    """Whether a name in a text is one that a fact knows: the same, a shorter form of it, or with a verb caught before it. What is
    told more exactly than the fact does (第二人民医院 for 人民医院) is not the same."""
    return said in known or (said.endswith(known) and len(known) >= 3 and not _QUALIFIED.search(said.removesuffix(known)))


def named_in(name: str, fact: str) -> bool:
    """Whether the words of a fact hold the name, or its end (four characters or more) where the fact's own name begins."""
    fact = _plain(fact)
    if name in fact:
        return True
    for n in range(1, max(1, len(name) - 3)):
        at = fact.find(name[n:])
        if at >= 0 and not _QUALIFIED.search(name[:n]) and (at == 0 or not _inside(fact[at - 1])):
            return True
    return False


def _inside(char: str) -> bool:
    return "一" <= char <= "龥" and char not in _FUNCTION


def _plain(words: str) -> str:
    for long, short in _ALIKE:
        words = words.replace(long, short)
    return words
