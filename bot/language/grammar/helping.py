"""help: what can you do, and how is one command written."""

from __future__ import annotations

import re

from bot.language.lazy import later
from bot.language.said import Said
from bot.model.intent import Intent

_HELP = later(
    r"^帮助\s\S{1,6}$|^(?:帮助|help|manual|commands|/help|/\?|\?+|？+|菜单|指令|命令|说明书?|用法|功能|手册|menu|usage|教程|使用说明"
    r"|使用手册|操作手册|使用指南)(?:一下|列表|大全|清单|有哪些|发一?份|给我|来?一份|文档|吧|我|[!~?？。\s])*$"
    r"|^/?help\b|(?:指令|命令|功能|口令|关键词)(?:大全|清单|列表|手册|汇总|一览|表|有哪些|都有(?:啥|哪些"
    r"|什么)|说明|都有)|(?:有|发|给|来|看|求).{0,8}(?:说明书|使用手册|操作手册|指令表?|命令表?|教程|使用说明"
    r"|手册|操作指南)|你(?:都|还|到底)?(?:会|能)(?:干|做|搞|帮|些|点)(?:啥|什么|嘛|些什么|哪些|点什么|点啥"
    r"|我做什么)*|(?:能|会|可以)(?:干|做)(?:些|点)?(?:啥|什么|哪些)|(?:这|你|它)?(?:个)?(?:机器人|bot|东西"
    r"|玩意儿?|工具|助手|系统)(?:要|该|到底)?(?:怎么|咋|如何)(?:用|使|玩|操作)|^(?:你|这个?)?(?:怎么|咋"
    r"|如何)(?:用|使用|玩|操作)(?:你|啊|的|呢|呀|它|这个)*[?？!。]*$|how (?:do i|to|can i)|what can you"
    r"|commands?$|(?:使用|操作)?(?:手册|说明书|说明)(?:有吗|有没有|在哪|呢)|第一步(?:该|要)?(?:做|干)"
    r"|新来的|新人.{0,8}(?:怎么|该|做|指引|上手)|不会用|(?:第一次|头一次|头回|初次|刚开始)(?:用|使|接触)|新手|"
    r"上手(?:指南|教程)?|入门|(?:能|会)帮(?:我们?|忙)?(?:干|做|搞)?(?:啥|什么|点啥|哪些)|(?:不知道|不会|不懂|"
    r"搞不懂)(?:怎么|咋|如何)?(?:操作|用|使|弄)|有(?:啥|什么)(?:本事|能耐|用处|技能|用)(?:$|[?？啊呀])|(?:哪些|"
    r"什么|啥)(?:命令|指令|功能)|怎么(?:跟|和)你(?:说|聊|对话|沟通)|你是(?:干|做)(?:嘛|啥|什么)的|(?:怎么|咋"
    r"|如何)@?你?(?:干活|工作|用)|有(?:啥|什么|哪些)(?:功能|命令|指令)|支持(?:啥|什么|哪些)"
)
_HOW = later(
    r"(?:怎么|咋|如何|怎样)(?:说|写|打|发|输|敲|操作|弄|搞|讲)(?=$|[?？啊呀呢才])|(?:怎么|咋|如何|"
    r"怎样)(?:样)?(?:才能|来|去|把|给|用)?|(?:格式|写法|语法|句式|用法|命令|指令|口令"
    r"|步骤)(?:是|怎么|咋)?(?:啥|什么|写|来着|忘)?|忘了?.{0,10}(?:格式|怎么|咋|命令|指令|写法)|(?:命令"
    r"|指令|格式)(?:怎么|咋|是|忘)|how (?:do i|to|can i)|(?:是)?(?:发|打|输|敲|说)(?:什么|啥|哪个)(?:命令"
    r"|指令|词)?|在哪(?:里|儿)?(?:操作|点|看|改|弄)|教(?:我|一下|下)"
)
_COMMANDS = (
    ("multi", r"多条|多个命令|连着"),
    ("reopen", r"重开|重新打开|reopen|撤销结案|再打开"),
    ("review", r"复盘|review|postmortem|改进项|案例"),
    ("drill", r"演练|推演|drill|演习"),
    ("grade", r"定级|升级?(?:红|橙|黄|蓝)|升红|降级|改级别|级别|调级|grade|改颜色|定(?:红|橙|黄|蓝)|降(?:红|橙|黄|蓝)|等级"),
    ("assign", r"指派|转给|转派|派给|交给|换负责人|assign|分派|转交|派人|移交|换人|改负责人|派单"),
    ("claim", r"认领|接手|接单|claim|领(?:事件|任务)"),
    ("approve", r"审批|同意|驳回|签批|approve|会签|签字|批稿|签(?=稿)|批准|打回|退回|批(?=声明|稿)"),
    ("publish", r"发布|publish|发声明|release|撤下|发(?:出去|微博|公众号|稿|公告)"),
    ("draft", r"起草|写(?:声明|稿|公告|致歉|说明)|draft|拟稿|改稿|草稿|声明"),
    ("task", r"任务|待办|todo|task|催办?"),
    ("fact", r"事实|fact|核实|记一条|更正|记录事实"),
    ("decision", r"决策|决定|decision|拍板"),
    ("mute", r"静音|闭嘴|别吵|免打扰|屏蔽|mute|推送|勿扰|提醒|消息|安静"),
    ("escalate", r"上报|升级|escalate|请示|往上报|报给领导"),
    ("close", r"结案|关闭|close|归档|关掉|误报|合并|结束事件|结掉|关事件|(?<!相)关了"),
    ("summary", r"汇总|简报|日报|周报|总结|摘要|summary|补课|时间线|专报|小结"),
    ("trend", r"趋势|走势|热度|曲线|trend|预测"),
    ("status", r"状态|进展|status|进度"),
    ("list", r"列表|所有事件|list|看事件|有哪些事件|查事件|清单|未结"),
)

_GRUMBLES = later(
    r"(?:怎么|咋|为啥|干嘛)(?:又|还(?!原)|都|老(?!板)|总(?!结|部|监|经|是?裁)|净|这么|那么|就|会(?!签|诊)|没|不|突然|全(?!部|员|国|渠)|回事|搞的)"
    r"|(?:怎么|咋)(?!把|给|让|才|用|将)[^,，。\s]{0,4}(?:都|又)(?!要)"
)
_OF_US = later(
    r"(?:你|机器人|bot|助手|望楼|小助|系统|工具|这个?(?:东西|玩意))|用法|(?:怎么|咋|如何)(?:用|使|操作)|操作|指令|命令|口令|功能|手册|说明|教程|教(?:我|一下)|新手|新来|新人|上手|不会用|帮助|help|commands?|入门|支持"
)


def about_us(said: Said) -> bool:
    """A line that only resembles a call for help asks how to work with us, or names a command; it neither complains nor asks
    what to tell others (央视记者来问，怎么回)."""
    return not _GRUMBLES.search(said.shape) and bool(_OF_US.search(said.text) or command_named(said))


def command_named(said: Said) -> str | None:
    """The command that a question is about."""
    return next((key for key, pattern in _COMMANDS if re.search(pattern, said.shape)), None)


def read_help(said: Said) -> Intent | None:
    """帮助, ?, 怎么定级来着, 审批命令咋写, /help draft."""
    text = said.text
    general = _HELP.search(text)
    how = _HOW.search(text)
    named = command_named(said)
    slash = re.match(r"^/?(?:help|帮助|用法|man)\s+(\S.*)$", text)
    if slash and (which := next((key for key, pattern in _COMMANDS if re.search(pattern, slash[1])), None)):
        return Intent("help", {"command": which}, 0.95)
    if (
        how
        and named
        and not _GRUMBLES.search(said.shape)
        and not re.search(
            r"以前|上次|又|吗怎么|有什么用|以后|之后|当时|过去|同类|会怎[样么]|怎样(?=[,，。?？]|$)|怎么(?:样|走|变|发展|演变"
            r"|看(?!趋势|状态|列表|进展|任务|热度|事件|走势)|还|又|这么|回事|"
            r"就|会|没|不)|咋(?:样|还|又"
            r"|回事)|如何(?!.{0,10}(?:定级|认领|指派|结案|审批|上报|静音|起草|发布|把|给|写|用|操作))|涨|变|到哪"
            r"|格式化|[ⒾⓉⓕⒹ]|处理|应对|办$",
            said.shape,
        )
    ):
        return Intent("help", {"command": named}, 0.94)
    if general:
        return Intent(
            "help",
            {"command": named} if named and not re.search(r"大全|清单|列表|汇总|说明书|第一步|新来|都有", text) else {},
            0.93,
        )
    return None
