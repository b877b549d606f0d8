"""The help desk: what can be said now, and what we refuse to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.commands import Ask, help_of, load_handlers
from bot.model.people import Verdict, right
from bot.moves import hints
from bot.store import incidents, journal

FAMILIES = (
    "status",
    "claim",
    "grade",
    "task",
    "fact",
    "decision",
    "draft",
    "close",
)
RIGHTS = {
    "claim": "claim",
    "grade": "grade",
    "task": "task",
    "fact": "fact",
    "decision": "task",
    "draft": "draft",
    "close": "close",
}
"""The verb of the table that a family needs; what somebody may not do at all is not offered to them."""
LINES = 8
OFTEN = ("list", "assign", "escalate", "mute", "approve", "publish", "summary", "trend", "review", "drill", "close", "reopen")
"""What the last line of the help names; the rest is a question away."""
A_ROW = 14
"""Names in one line of the whole list: two lines of a phone."""
INSTEAD = {
    "paid_deletion": "付费删帖违法。可走平台投诉（附存证）、律师函，或依民法典1195条通知平台",
    "water_army": "雇水军、假扮用户违法。可用官方账号公开回应，先答最多人赞的真实投诉",
    "search_suppression": "刷屏压搜索不做。可在自家网站放事实页，更正不实内容",
    "fabricate": "没核实的不能说成事实。可先说已知的和正在查的",
    "falsify_record": "记录不能改。说错了请回：更正 F编号",
    "destroy_evidence": "记录不能清，可能要作证据。请法务做证据保全",
    "conceal_report": "瞒报、迟报加重处罚。先报已知情况，其余补报；请法务看时限",
    "doxx": "不查个人信息。需要联系当事人请走法务",
    "smear": "不编造他人黑料，违法且会反噬。可公开自己的事实",
    "fake_report": "不用小号虚假举报。内容不实可由公司实名投诉",
}


def help_me(ask: Ask) -> str:
    """帮助：看现在能说什么。例：帮助　帮助 定级　帮助 全部"""
    handlers = load_handlers()
    wanted = ask.intent.text("command")
    if wanted in handlers:
        return help_of(handlers[wanted])
    titles = {help_of(h).partition("：")[0]: h for name, h in handlers.items() if name != "help"}
    every = [title for title in titles if title[0] not in "（("]
    if (typed := ask.text.split()[-1]) in every:
        return help_of(titles[typed])
    if re.search("全部|所有|大全|一览", ask.text):
        rows = ["、".join(every[at : at + A_ROW]) for at in range(0, len(every), A_ROW)]
        return "\n".join([f"全部{len(every)}条指令，细看一条回：帮助 定级", *rows])
    open_ones = [i for i in incidents.listed(ask.db) if ask.sees(i)]
    rows = []
    if open_ones:
        verbs = hints(ask.db, open_ones[0], ask.person, ask.at)
        if verbs:
            rows.append(f"你现在可用：{'、'.join(verbs)}。例：{verbs[0]} #{open_ones[0].id}")
    owns = any(i.owned_by(ask.person) for i in open_ones)
    able = [name for name in FAMILIES if name not in RIGHTS or _may(ask, RIGHTS[name], owner=owns)]
    shown = [name for name in able if name in handlers][: LINES - 1 - len(rows)]
    rows += [help_of(handlers[name]) for name in shown]
    often = "、".join(help_of(handlers[name]).partition("：")[0] for name in OFTEN if name in handlers and name not in shown)
    more = f"还有：{often}。细看一条回：帮助 定级；全部{len(every)}条回：帮助 全部"
    return "\n".join([*rows, more])


def _may(ask: Ask, verb: str, *, owner: bool) -> bool:
    return right(verb, ask.person.roles, owner=owner).verdict is not Verdict.NO


def refuse(ask: Ask) -> str:
    """（不做的事：给出一条理由和合法的办法）"""
    kind = ask.intent.text("kind")
    with journal.act(ask.db, "refusal", at=ask.at, by=ask.person.name, incident=ask.about(), why=kind):
        pass
    return f"不能做：{INSTEAD.get(kind, '这一步不合法。请法务看合法的办法')}"


COMMANDS: dict[str, Callable[[Ask], str]] = {"help": help_me, "refuse": refuse}
