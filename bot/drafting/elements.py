"""The mandatory elements of a statement, found by their phrases (domain handbook 6.1)."""

from __future__ import annotations

import re

from bot.drafting.book import Book
from bot.drafting.finding import Finding
from bot.drafting.kinds import ELEMENTS, required_of
from bot.drafting.templates import BLANK_MARK

_SIGNED_DATE = re.compile(r"(?:20\d\d\s*[年\-/.]\s*)?\d{1,2}\s*[月\-/.]\s*\d{1,2}\s*日?\s*$|二[〇零○]\d*.{2,12}日\s*$")
_TITLE_END = re.compile(r"(?:说明|公告|通报|声明|信|道歉|致歉|通知|告知书?|澄清|函|召回.{0,20})(?:（[^）]*）)?$")
_POINT = re.compile(r"(?:^|\n)\s*(?:[一二三四五六七八九]、|\d[.、)）]|（[一二三四五]）|关于[“「])")
_FACT_WORDS = re.compile(r"事实|核实|依据|实际|并非|没有|不属实|不实|真实|属实|未|是")
_QA = re.compile(
    r"(?:^|\n)\s*(?:问|Q\d*)\s*[\d]*\s*[：:](?P<q>[^\n]+)(?P<rest>(?:\n(?!\s*(?:问|Q\d*)\s*[\d]*\s*[：:])[^\n]*)*)", re.I
)
PAIRS = 5


def missing(text: str, kind: str, form: str, book: Book, company: tuple[str, ...]) -> list[Finding]:
    """The elements that this type requires and the text lacks; a blank is no element."""
    said = BLANK_MARK.sub("", text)
    return [
        Finding(f"missing:{code}", f"缺{code}（{ELEMENTS[code]}）", looked_for=_sought(code, book))
        for code in required_of(kind, form)
        if not has(code, said, book, company)
    ]


def has(code: str, text: str, book: Book, company: tuple[str, ...]) -> bool:
    """Whether the text holds an element. ``company``: the full name first, then others we go by."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return False
    if code == "E01":
        return (
            4 <= len(lines[0]) <= 60
            and (bool(_TITLE_END.search(lines[0])) or not re.search(r"[。；]$", lines[0]))
            and len(lines) > 1
        )
    if code == "E02":
        return bool(company) and company[0] in text
    if code == "E16":
        return bool(_POINT.search(text) and _FACT_WORDS.search(text)) or bool(
            re.search(r"(?:传|称|说法|网传)[^。]{2,40}[。，；].{0,40}(?:事实|实际|经[^。]{0,8}核)", text)
        )
    if code == "E18":
        return any(name in line for name in company[:1] for line in lines[-2:]) and bool(_SIGNED_DATE.search(lines[-1]))
    if code == "E23":
        found = sum(bool(pattern.search(text)) for pattern in book.elements["E23"])
        return found >= 2
    if code == "E24":
        return bool(
            re.search(r"缺陷|瑕疵|不合格|超标|混入|断裂|失效|故障|隐患", text) and re.search(r"危害|风险|隐患|伤害|可能", text)
        )
    if code == "E27":
        return "董事会" in text and bool(
            re.search(r"(?:指定|法定).{0,8}(?:信息)?(?:披露)?(?:媒体|媒介|报刊|网站)|信息披露.{0,6}媒体", text)
        )
    if code == "E29":
        return len(pairs(text)) >= PAIRS
    return any(pattern.search(text) for pattern in book.elements[code])


def pairs(text: str) -> list[tuple[str, str, str, str]]:
    """The complete pairs of a Q&A text: question, answer, what is not said, owner."""
    found = []
    for m in _QA.finditer(BLANK_MARK.sub("", text)):
        parts = {key: re.search(rf"(?:^|\n)\s*{words}\s*[：:]\s*(.+)", m["rest"]) for key, words in _PARTS.items()}
        if all(parts.values()):
            answer, never, owner = (part[1].strip() for part in parts.values() if part)
            found.append((m["q"].strip(), answer, never, owner))
    return found


_NEVER = "(?:不说|不得说|禁用|不能说)"
_PARTS = {"answer": "(?:答|A)", "never": _NEVER, "owner": "(?:负责人?|责任人|口径人)"}
UNSAID = re.compile(rf"(?m)^\s*{_NEVER}\s*[：:].*$")
"""The line of a Q&A text that lists what must not be said; nobody says it."""


def _sought(code: str, book: Book) -> tuple[str, ...]:
    return tuple(pattern.pattern for pattern in book.elements.get(code, ()))
