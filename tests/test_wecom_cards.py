"""One card, many faces: each kind of card on each transport of WeCom, and what must hold for every card that can be."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import wecom_rules as rules
from hypothesis import given
from hypothesis import strategies as st
from wecom_world import ALERT, CARDS

from bot.model.card import Button, Card, Link, Option, Post
from bot.model.grade import Grade
from bot.platforms.text import defuse_text, one_line, size
from bot.platforms.wecom import cards, heard, template
from bot.platforms.wecom.desk import texts
from bot.platforms.wecom.webhook import bodies

SNAPSHOTS = Path(__file__).parent / "snapshots" / "wecom"
HOW = "回复 @望楼 加"
TASK = heard.task_id(16, 901, 0xBEEF)
TRICKS = [
    *"<>@*`[]()#&「」\n\u202e\u200b",
    "<@all>",
    "@all",
    "🔴",
    "橙",
    "https://e.cn/",
    "👩‍👩‍👧‍👦",
    "🇨🇳",
    "👍🏽",
    "é",
    "مرحبا",
    "𠮷",
]
NASTY = st.lists(st.characters(codec="utf-8") | st.sampled_from(TRICKS), max_size=60).map("".join)
WORDS = NASTY.map(lambda t: t.replace("\n", " "))
KEYS = st.sampled_from(["claim", "mute", "merge", "并入", "k" * 1030, "a", "b", "c", "d"])
OPTIONS = st.lists(st.builds(Option, st.sampled_from(["1", "2", "30m", "x" * 140, ""]), WORDS), max_size=6).map(tuple)
BUTTONS = st.lists(
    st.builds(Button, KEYS, WORDS, WORDS, st.sampled_from(["default", "primary", "danger"]), OPTIONS | st.just(())), max_size=9
).map(tuple)
LINKS = st.lists(
    st.builds(Link, WORDS, st.sampled_from(["https://e.cn/a_b?x=1&y=(2)", "ftp://x", "", "javascript:1"]) | WORDS), max_size=5
)
ANY_CARD = st.builds(
    Card,
    kind=st.sampled_from(["alert", "headline", "signoff", "brief", "ask"]),
    title=WORDS,
    lines=st.lists(WORDS, max_size=9).map(tuple),
    must=st.lists(st.text("张敏认领 1234", min_size=1, max_size=20).map(str.strip).filter(bool), max_size=2).map(tuple),
    number=st.sampled_from(["#12", "#99999", "D3", ""]),
    incident=st.sampled_from([None, 12, 99999]),
    grade=st.sampled_from([None, *Grade]),
    confirmed=st.booleans(),
    buttons=BUTTONS,
    links=LINKS.map(tuple),
)


def faces(card: Card) -> dict[str, Any]:
    """The card on every transport, as the vendor gets it."""
    post = Post.of(card)
    said, short = template.in_two(card, template.BOT) or (None, card)
    before = {"bot_words": cards.markdown(Post.of(said), 20480, colors=False)} if said else {}
    return {
        **before,
        "bot_card": template.template_card(short, TASK, face=template.BOT, source="望楼", url="https://example.com/"),
        "app_card": template.template_card(card, TASK, face=template.APP, source="望楼", url="https://example.com/"),
        "bot_markdown": cards.markdown(post, 20480, colors=False, how=HOW),
        "webhook_markdown": bodies(post, ["zhangmin"], HOW)[0]["markdown"]["content"],
        "app_textcard": cards.textcard(card),
        "app_text": cards.plain(post, 2048),
    }


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_a_card_on_every_transport_looks_as_before(kind: str) -> None:
    path = SNAPSHOTS / f"{kind}.json"
    drawn = json.dumps(faces(CARDS[kind]), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("SNAPSHOTS") == "write":
        path.write_text(drawn, "utf-8")
    assert drawn == path.read_text("utf-8")


@given(ANY_CARD)
def test_any_card_is_accepted_by_the_strict_vendor_on_every_transport(card: Card) -> None:
    drawn = faces(card)
    assert rules.card(drawn["bot_card"], "bot") == 0
    assert rules.card(drawn["app_card"], "app") == 0
    assert rules.bot({"msgtype": "markdown", "markdown": {"content": drawn["bot_markdown"]}}, {"markdown"}) == 0
    assert rules.webhook({"msgtype": "markdown", "markdown": {"content": drawn["webhook_markdown"]}}) == 0
    assert rules.app({"msgtype": "text", "text": {"content": drawn["app_text"]}}) == 0
    if drawn["app_textcard"]:
        assert rules.app({"msgtype": "textcard", "textcard": drawn["app_textcard"]}) == 0


def named(text: str, number: str) -> bool:
    return not number or bool(re.search(rf"{re.escape(number)}(?!\d)", text))


@given(ANY_CARD, st.integers(250, 900))
def test_grade_number_owner_and_verb_survive_every_cut(card: Card, limit: int) -> None:
    card = replace(card, lines=(*card.lines, "很长的一行" * 400), buttons=(Button("claim", "认领", "认领 #12"),))
    post = Post.of(card)
    texts = [cards.markdown(post, limit, colors=False), cards.markdown(post, limit, colors=True), cards.plain(post, limit)]
    card_text = json.dumps(
        template.template_card(card, TASK, face=template.BOT, source="望楼", url="https://e.cn/"), ensure_ascii=False
    )
    for text in texts:
        assert size(text) <= limit
        assert "认领 #12" in text
        assert all(" ".join(line.split()) in text for line in card.must)
    for text in [*texts, card_text]:
        assert named(text, card.number)
        assert card.incident is None or named(text, f"#{card.incident}")
        assert card.grade is None or (card.grade.mark in text and card.grade.label in text)
    shown = json.loads(card_text)
    assert all(" ".join(line.split()) in shown["sub_title_text"] for line in card.must)
    assert shown["button_list"][0]["key"] == "claim"


@given(ANY_CARD)
def test_outside_text_is_never_a_mention_or_markup(card: Card) -> None:
    drawn = faces(card)
    robot = drawn["webhook_markdown"]
    assert re.findall(r"<@[^>]*>", robot) == ["<@zhangmin>"]
    rest = robot.replace("<@zhangmin>", "")
    rest = re.sub(r'^<font color="(?:warning|comment|info)">(\*\*.*?\*\*)</font>', r"\1", rest)
    for text in (rest, drawn["bot_markdown"]):
        text = re.sub(r"^\*\*(.*?)\*\*", r"\1", text)
        text = re.sub(r"(?m)^\[[^\[\]]*\]\(https?://[^()\s]*\)$", "", text)
        assert not re.search(r"[<>*`\[\]]", text)
    plain = drawn["app_text"] + json.dumps([drawn["bot_card"], drawn["app_card"], drawn["app_textcard"]], ensure_ascii=False)
    assert "<" not in plain
    assert "@" not in re.sub(r"https?://\S+", "", plain)
    assert not re.search("[\u202e\u200b]", plain + robot)


def test_only_a_persons_id_can_be_called() -> None:
    post = Post.of(ALERT)
    text = cards.markdown(post, 4096, colors=True, pings=["zhangmin", "all", "@all", "a b", "<x>"])
    assert re.findall(r"<@[^>]*>", text) == ["<@zhangmin>"]


def test_several_buttons_with_options_share_one_list() -> None:
    drawn = template.template_card(ALERT, TASK, face=template.BOT, source="望楼", url="https://e.cn/")
    assert [b["key"] for b in drawn["button_list"]] == ["claim", "false_alarm", template.PICK]
    assert [o["id"] for o in drawn["button_selection"]["option_list"]] == ["merge:12", "merge:13", "mute:10分钟", "mute:30分钟"]
    assert template.picked(template.PICK, "mute:30分钟") == ("mute", "30分钟")
    assert template.picked("claim", "mute:30分钟") == ("claim", "")
    assert template.picked("mute", "mute:30分钟") == ("mute", "30分钟")


def test_a_list_too_long_takes_from_each_button_in_turn() -> None:
    many = tuple(Option(str(i), f"#{i}") for i in range(12))
    two = (
        Button("merge", "并入", "16 并到 {choice}", options=many),
        Button("mute", "静音", "静音 #16 {choice}", options=many[:3]),
    )
    drawn = template.template_card(replace(ALERT, buttons=two), TASK, face=template.BOT, source="望楼", url="https://e.cn/")
    ids = [o["id"] for o in drawn["button_selection"]["option_list"]]
    assert ids == [*(f"merge:{i}" for i in range(7)), "mute:0", "mute:1", "mute:2"]
    assert "也可回复：16 并到 0/1/2" in drawn["sub_title_text"]


def test_what_the_card_cannot_show_is_offered_as_words() -> None:
    many = tuple(Button(f"k{i}", f"按{i}", f"做{i} #12") for i in range(9))
    drawn = template.template_card(replace(ALERT, buttons=many), TASK, face=template.BOT, source="望楼", url="https://e.cn/")
    assert len(drawn["button_list"]) == 6
    assert "也可回复：①做6 #12 ②做7 #12 ③做8 #12" in drawn["sub_title_text"]


@given(st.integers(0, 10**6), st.integers(1, 10**12), st.integers(0, 2**32 - 1))
def test_a_task_id_tells_its_parcel(incident: int, parcel: int, stamp: int) -> None:
    id = heard.task_id(incident, parcel, stamp)
    assert rules.TASK_ID.fullmatch(id)
    assert heard.parcel_of(id) == parcel


def test_a_foreign_task_id_is_no_parcel() -> None:
    for id in ("", "inc-1", "say-00ff", "inc-1-x-2", "inc-1-2-3\n", "inc--1-2"):
        assert heard.parcel_of(id) is None


@given(st.text(st.characters(codec="utf-8"), max_size=3000), st.integers(40, 500))
def test_a_long_text_becomes_a_few_messages_and_only_the_end_is_cut(text: str, limit: int) -> None:
    parts = cards.pieces(text, limit)
    assert 1 <= len(parts) <= 4
    assert all(size(part) <= limit for part in parts)
    if not parts[-1].endswith("…"):
        assert "".join("".join(parts).split()) == "".join(text.split())


@given(NASTY | NASTY.map(lambda t: t * 200), st.sampled_from([[], ["zhangmin"], ["a" * 64] * 30]))
def test_any_plain_words_are_accepted_on_every_transport(text: str, pings: list[str]) -> None:
    post = Post(text)
    assert all(rules.webhook(body) == 0 for body in bodies(post, pings, HOW))
    assert all(rules.bot({"msgtype": "markdown", "markdown": {"content": t}}, {"markdown"}) == 0 for t in texts(post, 20480))
    assert all(
        rules.app({"msgtype": "text", "text": {"content": t}}) == 0 for t in cards.pieces(defuse_text(text) or "·", 2048)
    )


def test_a_card_without_buttons_and_with_one_link_is_a_text_card() -> None:
    assert cards.textcard(CARDS["brief"]) == {
        "title": "🟠 【领导简报】#12 奶粉批次 橙",
        "description": "三地家长反映，尚无确诊，央媒未报\n首发声明 11:58 已发\n今晚看点：检测结果\n要您定：是否先行下架",
        "url": "https://example.com/b/12",
        "btntxt": "详情",
    }
    assert cards.textcard(ALERT) is None


@given(ANY_CARD, st.sampled_from([template.BOT, template.APP]))
def test_whoever_answers_has_read_every_word(card: Card, face: template.Face) -> None:
    card = replace(card, kind="ask", buttons=(Button("confirm", "确认", "确认 12"),))
    said, short = template.in_two(card, face) or (None, card)
    drawn = template.template_card(short, TASK, face=face, source="望楼", url="https://e.cn/")
    rows = [f"{row['keyname']} {row['value']}" for row in drawn.get("horizontal_content_list", [])]
    shown = "\n".join(
        [drawn["main_title"]["title"], drawn["main_title"].get("desc", ""), drawn.get("sub_title_text", ""), *rows]
    )
    words = cards.plain(Post.of(said), 100_000) if said else shown
    for line in (card.title, *card.lines, *card.must):
        wanted = one_line(defuse_text(line))
        assert wanted in words or wanted.removeprefix("→ ").replace("\u3000", " ") in words
    assert all(" ".join(line.split()) in shown for line in card.must)
    assert said is None or template.SEE_ABOVE in shown


def test_what_fits_is_one_card_and_lines_keep_their_order() -> None:
    for kind in ("ask", "confirm", "signoff", "brief"):
        assert template.in_two(CARDS[kind], template.BOT) is None
    facts = (
        "—— 依据 ——",
        "F1 已核实｜客服今早接到四个同批次来电，都是MA0423（来电录音）",
        "F2 已核实｜就诊1例",
        "F3 存疑｜批次外1例",
    )
    drawn = template.template_card(
        replace(CARDS["signoff"], lines=facts), TASK, face=template.BOT, source="望楼", url="https://e.cn/"
    )
    assert drawn["main_title"]["desc"] == "—— 依据 ——"
    assert drawn["sub_title_text"].startswith("F1 ")
    assert [row["keyname"] for row in drawn["horizontal_content_list"]] == ["F2", "F3"]
    crowded = replace(CARDS["signoff"], lines=("一行说明", "F2 已核实｜就诊1例", *("很长的一行说明好" * 4 for _ in range(3))))
    drawn = template.template_card(crowded, TASK, face=template.BOT, source="望楼", url="https://e.cn/")
    assert [row["keyname"] for row in drawn["horizontal_content_list"]] == ["F2"]


def test_a_cut_title_still_says_why_it_is_said_again() -> None:
    risen = replace(ALERT, title="🟠 橙（建议）#16 奶粉批次反映皮疹家长要求召回并且公开检测｜升级")
    assert cards.heading(risen, 26) == "🟠 橙（建议）#16 奶粉批次反映皮疹家长要…｜升级"
    assert cards.heading(replace(risen, title="一" * 30 + "｜" + "二" * 9), 26).endswith("…")


def test_the_line_of_verbs_says_where_they_are_heard() -> None:
    assert cards.markdown(Post.of(ALERT), 20480, colors=False, how=HOW).splitlines()[-1].startswith("回复 ＠望楼 加：①认领 #16")
    assert cards.plain(Post.of(ALERT), 2048).splitlines()[-1].startswith("回复：①认领 #16")
