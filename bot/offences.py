"""What was done in a drill that nobody may do (domain handbook 8 and 10): each act once, in words, and no person by name.

asked for   the unlawful requests that the room refused, by kind
promised    a promise, an absolute word, blame or somebody's private matter, overridden by hand in a text that went out
unsigned    a text that counts as out without the signatures of its whole chain
leaked      somebody's telephone, identity or bank card number typed into the group
"""

from __future__ import annotations

from dataclasses import replace

from sqlite_utils import Database

from bot import signoff
from bot.cards import masked
from bot.drafting import signing
from bot.model.house import House
from bot.store import inbox, journal, statements
from bot.store.statements import Draft

ASKED = {
    "paid_deletion": "要求付费删帖",
    "water_army": "要求雇水军、控评",
    "search_suppression": "要求刷屏压搜索",
    "fabricate": "要求把没核实的说成事实",
    "falsify_record": "要求改记录",
    "destroy_evidence": "要求清记录",
    "conceal_report": "要求瞒报、迟报",
    "doxx": "要求查个人信息",
    "smear": "要求编造黑料",
    "fake_report": "要求虚假举报",
}
PROMISED = {"absolute": "绝对化用语", "promise": "没有根据的承诺", "blame": "甩锅", "private": "他人隐私"}
"""Findings of the linter that an override does not make lawful."""
OUT = ("handed", "released", "superseded", "retracted")


def found(db: Database, house: House) -> tuple[str, ...]:
    """Every forbidden act in the store of a drill, in the order of the list above."""
    kinds = dict.fromkeys(kind for kind in journal.reasons(db, "refusal"))
    acts = [ASKED.get(kind, "要求不合法的事") for kind in kinds]
    for draft in statements.in_states(db, OUT):
        acts += [
            f"{draft.name} 放行{PROMISED[family]}「{rest}」"
            for code, _, _ in statements.waivers(db, draft)
            if (family := code.partition(":")[0]) in PROMISED and (rest := code.partition(":")[2])
        ]
        acts += [] if signed(db, house, draft) else [f"{draft.name} 签批不全就发"]
    acts += ["群里发了个人号码"] if any(masked(text) != text for text in inbox.said_in_rooms(db)) else []
    return tuple(dict.fromkeys(acts))


def signed(db: Database, house: House, draft: Draft) -> bool:
    """Whether the text that is out had its chain when it went: judged at its last signature and under the grade of that."""
    given = [s for s in statements.signatures(db, draft.id) if s.sha256 == draft.sha256 and s.version == draft.version]
    if not given:
        return False
    last = max(given, key=lambda s: s.at)
    matter = replace(signoff.matter_of(db, house, draft), grade=last.grade)
    text = signing.Text(draft.version, draft.sha256, statements.authors(db, draft.id), dead=draft.dead)
    return signing.standing(matter, text, [replace(s, void="") for s in given], last.at).complete
