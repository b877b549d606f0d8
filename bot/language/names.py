"""People and roles in what somebody typed: @names, known names, titles (陈总, 林工, 孙律), names beside a verb of giving."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.language.lazy import later
from bot.language.normal import lowered, simplified

_DOUBLE = "欧阳|上官|司马|诸葛|司徒|慕容|令狐|皇甫|尉迟|公孙|夏侯|东方"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余"
    "潘杜戴夏钟汪田任姜范石姚谭廖邹熊陆郝孔白崔康毛邱秦江史顾侯邵孟龙万"
    "段雷钱汤尹黎易武乔贺赖龚文庞樊兰殷施陶洪翟颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄"
    "辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁"
    "隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚"
    "木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡"
    "宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺"
)
_TITLES = (
    "总监|总经理|总|工|律师|律|姐|哥|董事长|董秘|董|老师|经理|主任|主管|局长|局|部长|处长|科长|书记|秘书"
    "|博士|院长|所长|队长|站长|店长|厂长|校长|叔|阿姨|主编|助理|助|副总|组长|班长|台长|医生|专家"
)
_SAFE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜"
    "戴夏钟汪田姜范姚谭廖邹熊陆郝孔崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎易武乔贺赖龚庞樊陶洪翟颜倪严牛季俞"
    "章鲁葛韦申毕聂焦柳邢岳齐梅莫庄祝"
)
_NICK = (
    "王李张刘陈杨赵周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶潘杜戴夏钟"
    "汪田姜范姚谭廖邹熊陆崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎武乔贺陶洪严季章鲁葛韦毕柳岳齐庄祝高方任余"
)
_AT_NAME = later(r"@\s?([^\s@,，。.;；:：!！?？、()（）\[\]【】「」<>+/]+)")
_AT_STOP = later(
    r"(?<=.)(?:你(?:来|去|先|跟|接|负责|们)?|来|去(?!年)|跟进|跟一下|接一下|接手|接着|负责|处理|牵头|配合"
    r"|盯|今天|今晚|明天|明早|明晚|后天|下午|上午|晚上|中午|马上|尽快|审|写|拟|把"
    r"|帮|在|看一下|看看|看下|核|联系|周[一二三四五六日]前?|请|麻烦|和(?=@)|做|办|催|半小时|[一二两三四五六七八九十]{1,3}点|\d{1,2}[点:]|来一下|收|都|的"
    r"|整理|准备|统计|收集|通知|确认|回复|回访|安排|对接|(?:本|下|这)周|月底)"
)
_TITLED = later(
    rf"(?:{_DOUBLE}|(?<![一-龥])[{_SURNAMES}]|[{_SAFE}])(?:{_TITLES})(?!结|共|量|部|是|体|额|数|的来说|作"
    r"|程|厂|期|人|具|资|业|会|师事务|所)"
)
_FULL_TITLED = later(
    rf"(?:{_DOUBLE}|[{_SAFE}])[一-龥]{{1,2}}(?:总监|总|律师|老师|经理|主任|主管|部长|工程师|处长|局长)(?!结"
    r"|部)"
)
_NICKED = later(
    rf"(?:[老小大][{_NICK}](?!书|米|时|车|程)|阿(?:杰|强|明|伟|华|芳|珍|敏|辉|斌|勇|宝|玲|梅|霞|琳|亮|飞|龙"
    r"|豪|凯|文|康|健|峰|静|慧|兰|丽|红|芬|东|军|平|黄|林|花|娟|祥|良|成|鹏|超|宏|海|涛)(?!里|姨))"
)
_TRAIL = (
    "加去来跟接看做处管盯办写查审拟也和与吧了把的先负牵配备改联对在今明后周下上你我他她、,。准确拍核复补出"
    "兼负同及或是给帮请让就都再又说过等并、到还催代签批管收整抓有往扛担值替手怎干现回完能想要已没不从向为"
    "被会应该前打带头一协主顶兜撑弄搞赶速着暂临挑核"
)
_JOINS = ("然后", "另外", "此外", "顺便", "随后", "尽快", "立刻", "立即", "马上", "今晚", "明早", "全程", "一起")
"""Words whose first character may look like the end of a name: 派给唐悦然后静音."""
_AFTER_GIVING = later(
    r"(?:主责|配合|协助|协办|牵头|派给|分给|转给|交给|移交给?|转交给?|指派给?|安排给?|分派给?|给到|转到|交到|给|派|转(?=\s?[一-龥]{2,3}(?:$|[\s,，、。]))|让|由"
    r"|请|换成?|归|找|叫|麻烦|安排|改成|改为|改|换|交|责任人|(?:法务|公关|客服|技术|品牌|人力|运维|行政)(?:部|组)?的?|(?:负责|对接|责任|跟进"
    r"|牵头|联系|经办)人?(?:定为|"
    r"设为|是|为|定)|负责人(?:是|为|改|换)?(?:成|为|给|由)?|部|组"
    rf"|和|、|及|跟|同)\s?(?=((?:{_DOUBLE})[一-龥]{{1,2}}|[{_SURNAMES}][一-龥]{{1,2}}))"
)
_BEFORE_VERB = later(
    rf"(?:^|[,，。;；、\s和]|Ⓘ|Ⓣ|的事|这事|那事)((?:{_DOUBLE})[一-龥]{{1,2}}?|[{_SAFE}][一-龥]{{1,2}}?)(?=你?(?:为主|为辅|打配合|主抓|跟进|跟一下|负责"
    r"|牵头|配合|备份|来(?:跟|做|处理|负责|牵头|接)|接(?:一下|下|着|班)|接手|接管|主责|协助|处理|主办|协办|盯|上(?=$|[,，。!\s])))"
)
_BEFORE_TIME = later(
    rf"(?:^|[,，。;；]\s?)((?:{_DOUBLE})[一-龥]{{1,2}}|[{_SAFE}][一-龥]{{1,2}}?)(?=今[天晚]|明[天早晚]|后天|上午|下午|晚上|[一二三四五六七八九十\d]{{1,2}}点前?)"
)
"""A name at the head, with the hour at once behind it: 苏琴下午四点前把…."""
_BEHIND_OBJECT = later(
    rf"(?:指派|分派|转派|改派|派单?|转|分配|安排|负责人|责任人|任务|换|给)(?:给)?\s?[ⒾⓉ\d号\s]+(?:给|由|换|"
    rf"改)?\s?((?:{_DOUBLE})[一-龥]{{1,2}}|[{_SAFE}][一-龥]{{1,2}})(?=$|[\s,，、。])"
)
_NEXT_NAME = later(rf"[\s、,和与及]\s?([{_SAFE}][一-龥]{{1,2}})(?=$|[\s、,，和与及])")
_LISTED = later(rf"[,，、\s:：]([{_SAFE}][一-龥]{{1,2}})(?=\s?(?:[,，、]|负责|$)|\s)")
"""A name alone between commas: 加个任务:核对批次,王磊,周五前."""
_NOT_NAME = later(
    r"成[红橙黄蓝]|季度|季末|高管|高层|马上|余下|任务|任何|何时|何人|方案|方面|方向|钟头|江湖|石油|白天|万一|"
    r"万元|关于|关闭|单独"
    r"|成为|成立|强调|解决|解释|向上|向外|都是|连夜|应该|和解|来电|明天|明早|明晚|"
    r"全体|全员|全部|全国|管理|管用|简单|简报|文字|文件|文案|计划|黄色|黄了|蓝色|红色|宗旨|包括|保证|保留"
    r"|温和|项目|成员|成功|原因|原来|官微|官方|官网|公关|商量|商家|位置|时间|时候|路线|金额|"
    r"高度|高铁|高速|车间|车主|包装|牛奶|花钱|严重|严肃|严格|周[一二三四五六日末]|周报|周边|周期|向量|施工"
    r"|席位|游客|华东|华南|华北|华中|江苏|江西|史上|司机|古人|齐全|左右|冷静|应急|应对|应该|来源|连续|练习"
    r"|台阶|银行|明确|沙发|保密|平台|童装|童车|康复|段落|龙头|雷同|钱款|汤料|顾客|马路|白名单|黑名单|温度"
    r"|全量|毛病|祝贺|谢谢|申诉|申请|申报|董事|董秘|章程|程序|程度|许可|常规|柜台|符合|符号|陈述|陈列|于是"
    r"|房间|房东|宁可|单位|党委|计算|连接|仲裁|封号|封面|匡算|练手"
)
_ENGLISH = later(r"(?<![A-Za-z])([A-Z][a-z]{2,11})(?![A-Za-z])")
_TO_ENGLISH = later(r"(?:\bto\s|给|派|让|由|换|归|请|叫)\s?@?([A-Za-z]{2,12})(?![A-Za-z])")
_NOT_ENGLISH = {
    "app", "seo", "status", "list", "claim", "assign", "grade", "task", "todo", "fact", "decision", "draft", "approve", "publish", "release",
    "escalate", "mute", "close", "reopen", "summary", "trend", "help", "review", "drill", "start", "stop", "pause", "legal", "hr", "pr", "douyin",
    "weibo", "wechat", "please", "red", "orange", "yellow", "blue", "the", "all", "open", "snooze", "holding", "statement", "done", "reject", "ok",
    "lgtm", "hold", "resume", "mark", "log", "record", "remind", "cancel", "sms", "email", "website", "media", "command", "boss", "ceo", "board",
    "me", "us", "it", "be", "now", "today", "tonight", "tomorrow",
}  # fmt: skip

ROLES = {
    "commander": "指挥中心|指挥部|总指挥|应急指挥|commander",
    "duty": "值班长|值班经理|值班员|值班的|值班同事|值班人|值班",
    "monitor": "舆情监测|监测组|舆情组|监测|舆情部|monitor",
    "spokesperson": "新闻发言人|发言人",
    "legal": "法务部|法务组|法务|法律部|律师|合规部?|legal",
    "pr": "公关部|公关组|公关|品牌部|品牌|市场部|媒介|传播部|媒体组|(?<![a-z])pr(?![a-z])",
    "cs": "客服部|客服组|客服|售后|热线组|用户服务",
    "ir": "董秘办|董秘|投关|投资者关系|证券部|证券事务|(?<![a-z])ir(?![a-z])",
    "hr": "人力资源部?|人力|人事|(?<![a-z])hr(?![a-z])",
    "it_sec": "信息安全部?|安全部|网络安全|安全组|技术部|技术组|技术侧|技术|研发部?|运维组?|it部|(?<![a-z])it(?![a-z])|信安"
    "|安全团队|后端|数据组",
    "biz": "业务部|业务方|业务侧|业务负责人|业务|生产部|质量部|质检部?|品控部?|产品部|产品侧|供应链|采购部"
    "|门店管理|运营部?|工厂|品质部?|biz",
    "logistics": "后勤保障组?|后勤部?|行政部?|财务部?|保障组",
    "observer": "旁听|观察员",
    "admin": "管理员|admin",
}
_ROLE = [(role, later(pattern)) for role, pattern in ROLES.items()]
ROLE_WORDS = tuple(pattern for _, pattern in _ROLE)
"""What people call a role, one pattern each."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person named: the name as typed without @, and where. ``at``: written with @."""

    name: str
    start: int
    end: int
    at: bool = False


def role_in(text: str) -> str:
    """The first role that ``text`` (simplified, lower case) names, or the empty string."""
    best: tuple[int, int, str] | None = None
    for role, pattern in _ROLE:
        if found := pattern.search(text):
            key = (found.start(), -len(found[0]), role)
            best = key if best is None or key < best else best
    return best[2] if best else ""


def marked(raw: str, text: str, people: Sequence[str]) -> list[Named]:
    """People who can be told from any other word: @names, known names, names with a title. In order, not overlapping."""
    found: list[Named] = []
    for at in _AT_NAME.finditer(raw):
        known = _known(text[at.start(1) : at.end(1)], people)
        name = known or _AT_STOP.split(at[1], maxsplit=1)[0].rstrip("-·")
        if re.match("所有人|全体|all|大家|我", name, re.I):
            continue
        found.append(Named(name, at.start(), at.start(1) + len(name), True))
    for name in sorted(people, key=len, reverse=True):
        if len(name) < 2:
            continue
        found += [Named(name, known.start(), known.end()) for known in re.finditer(re.escape(_folded(name)), text)]
    for pattern in (_FULL_TITLED, _TITLED, _NICKED):
        found += [Named(raw[m.start() : m.end()], m.start(), m.end()) for m in pattern.finditer(text)]
    return _apart(found)


def beside_verbs(raw: str, text: str, shape: str) -> list[Named]:
    """Unmarked names that stand where a person is given something or takes it: 派给张敏, 王磊跟进, to Kevin."""
    found = [
        Named(raw[start:end], start, end)
        for start, end in (
            *_given(text),
            *((m.start(1), m.end(1)) for p in (_BEFORE_VERB, _BEFORE_TIME, _BEHIND_OBJECT) for m in p.finditer(shape)),
        )
    ]
    found = [one for one in found if not _NOT_NAME.match(text[one.start : one.end + 1])]
    if re.search(r"任务|待办|todo|改进|整改", shape):
        found += [Named(raw[m.start(1) : m.end(1)], m.start(1), m.end(1)) for m in _LISTED.finditer(text)]
        found = [one for one in found if not _NOT_NAME.match(text[one.start : one.end + 1])]
    for pattern in (_TO_ENGLISH, _ENGLISH):
        for english in pattern.finditer(raw):
            if english[1].lower() not in _NOT_ENGLISH:
                found.append(Named(english[1], english.start(1), english.end(1)))
    return _apart(found)


def _given(text: str) -> list[tuple[int, int]]:
    spans = []
    for given in _AFTER_GIVING.finditer(text):
        start, end = given.span(1)
        trails = text[start : start + 2] not in _DOUBLE and text[end - 1] in _TRAIL
        if end - start == 3 and (trails or text[end - 1 : end + 1] in _JOINS):
            end -= 1
        spans.append((start, end))
    for span in list(spans):
        at = span[1]
        while follow := _NEXT_NAME.match(text, at):
            at = follow.end()
            spans.append(follow.span(1))
    return spans


def _known(typed: str, people: Sequence[str]) -> str:
    """The longest known name that what stands behind an @ (simplified, lower case) begins with, in its own writing."""
    fits = [name for name in people if typed.startswith(_folded(name))]
    return max(fits, key=len, default="")


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return lowered(simplified(name))


def _apart(found: list[Named]) -> list[Named]:
    kept: list[Named] = []
    for one in sorted(found, key=lambda n: (not n.at, n.start, -(n.end - n.start))):
        if one.name and all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda n: n.start)
