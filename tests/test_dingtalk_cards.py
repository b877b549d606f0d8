"""One card, four faces: nothing that matters is lost, nothing is too long, nothing a stranger wrote does anything."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dingtalk_world import ALERT, CARDS
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.card import Button, Card, Link, Option, Post
from bot.model.grade import Grade
from bot.platforms.dingtalk.cards import headline, how_in_group, message, reduced, robot_message, variables
from bot.platforms.dingtalk.wire import dump
from bot.platforms.text import defuse_markdown

SNAPSHOTS = Path(__file__).parent / "snapshots" / "dingtalk_cards.json"
PINGS = (("张敏", "user01"),)
HOW = how_in_group("望楼")
PLAIN = Post("#12 归你（2分）。下一步：研判、转交", mentions=("张敏",))

CHARS = st.characters(codec="utf-8") | st.sampled_from("@#*_`[]()<>!|~\\\"'\n\r\t&-+=0123456789 　é「」")
TRAPS = st.sampled_from(
    ["@13800000000", "@all", "@所有人", "<a atId=user01>x</a>", "[点我](https://evil.example)", "![x](http://e.example/p.png)",
     "https://evil.example/@13800000000", "<@user01>", "\u202e", "---", "\n# ", "👩‍👩‍👧‍👦", "🇨🇳"]
)  # fmt: skip
LONG = st.sampled_from(["长" * 9_000, '"' * 9_000, "\\n" * 4_000, "a\n" * 6_000, "👩‍👩‍👧‍👦" * 800])
WORDS = st.lists(st.text(CHARS, max_size=30) | TRAPS, max_size=8).map("".join)
HOSTILE = WORDS | LONG
SHORT = st.text(st.characters(codec="utf-8") | st.sampled_from("@*[](<"), max_size=40)
URL = st.sampled_from(
    ["https://w.example/i/12", "http://w.example/a b)c", "javascript:alert(1)", "", "https://w.example/" + "x" * 3_000]
)
CARD = st.builds(
    Card,
    kind=st.sampled_from(["alert", "headline", "signoff", "brief", "ask"]),
    title=HOSTILE,
    lines=(st.lists(WORDS, max_size=9) | st.lists(LONG, max_size=2)).map(tuple),
    must=(st.lists(WORDS, max_size=3) | st.lists(LONG, max_size=1)).map(tuple),
    number=st.sampled_from(["", "#12", "D3", "#1"]),
    incident=st.none() | st.integers(1, 10**6),
    grade=st.none() | st.sampled_from(list(Grade)),
    confirmed=st.booleans(),
    buttons=st.lists(
        st.builds(
            Button,
            key=st.sampled_from(["claim", "false_alarm", "mute_"]),
            text=SHORT,
            verb=WORDS,
            options=st.lists(st.builds(Option, id=st.just("30m"), text=SHORT), max_size=3).map(tuple),
        ),
        max_size=8,
    ).map(tuple),
    links=st.lists(st.builds(Link, text=SHORT, url=URL), max_size=7).map(tuple),
)


def faces(post: Post) -> dict[str, Any]:
    """A post on every transport."""
    made: dict[str, Any] = {"webhook": message(post, PINGS, HOW), "robot": list(robot_message(post, PINGS, HOW))}
    made["private"] = list(robot_message(post))
    made["reduced"] = message(reduced(post), PINGS, HOW)
    if post.card:
        values, whole = variables(post.card)
        made["card"] = {"values": {key: value for key, value in values.items() if value}, "whole": whole}
    return made


def test_every_card_looks_on_every_transport_as_it_was_agreed() -> None:
    drawn = {name: faces(Post.of(card, "张敏")) for name, card in CARDS.items()} | {"plain": faces(PLAIN)}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.parent.mkdir(exist_ok=True)
        SNAPSHOTS.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert drawn == json.loads(SNAPSHOTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_number_grade_owner_and_every_verb_stand_on_every_face(card: Card) -> None:
    post = Post.of(card)
    values, whole = variables(card)
    texts = [
        dump(message(post)).decode(),
        robot_message(post)[1]["text"],
        "\n".join(values.values()),
    ]
    assert whole
    for text in texts:
        assert card.number in text
        assert card.grade is None or card.grade.mark in text
        for line in card.must:
            assert line in text
        for button in card.buttons:
            assert button.verb.replace("{choice}", "30分") in text


def test_typed_verbs_are_numbered_so_that_a_group_without_template_can_act() -> None:
    text = robot_message(Post.of(ALERT), how=HOW)[1]["text"]
    assert re.search(r"回复 ＠望楼 加：\s+1\. 认领 #12\s+2\. 误报 #12\s+3\. 静音 #12 30分/2小时", text)


def test_buttons_come_before_the_entries_of_lists_and_each_entry_is_a_button() -> None:
    values, _ = variables(ALERT)
    buttons = [(values[f"b{i}_text"], values[f"b{i}_key"], values[f"b{i}_choice"]) for i in range(1, 7)]
    assert buttons == [("认领", "claim", ""), ("误报", "false_alarm", ""), ("静音 30分", "mute", "30分"), ("静音 2小时", "mute", "2小时"),
                       ("", "", ""), ("", "", "")]  # fmt: skip


def test_a_text_too_long_for_the_template_says_so_and_loses_nothing_as_markdown() -> None:
    statement = [f"第{i}段 " + "我司高度重视此事，已封存送检。" * 12 for i in range(9)]
    card = replace(CARDS["signoff"], lines=tuple(statement))
    _, whole = variables(card)
    key, param = robot_message(Post.of(card))
    assert not whole
    assert key == "sampleActionCard2"
    assert all(part in param["text"] for part in statement)
    assert "同意 D3" in param["text"]


def test_a_cut_title_keeps_grade_and_number_in_front() -> None:
    card = replace(ALERT, title="奶粉批次" * 40 + "#12")
    assert headline(card).startswith("🟠橙（建议） #12 奶粉批次")


def test_a_title_names_its_incident_and_says_its_grade_once() -> None:
    handed = Card("ask", "T5 交给你（张敏）：下架MA0423，18:00 前", incident=12)
    assert headline(handed) == "#12 T5 交给你（张敏）：下架MA0423，18:00 前"
    assert headline(CARDS["brief"]) == "🟠 【领导简报】#12 奶粉批次 橙"
    assert reduced(Post.of(ALERT)).card.title == "🟠橙（建议） #12"  # type: ignore[union-attr]
    assert "现状发：状态 #12" in reduced(Post.of(CARDS["signoff"])).text


def test_verbs_are_asked_for_where_they_are_heard() -> None:
    assert "回复 ＠望楼 加：" in message(Post.of(ALERT), PINGS, HOW)["markdown"]["text"]
    assert "\n回复：" in robot_message(Post.of(ALERT))[1]["text"]
    deaf = message(Post.of(ALERT), PINGS, how_in_group("望楼", hears=False))["markdown"]["text"]
    assert "这里听不到回话，到本地控制台发：" in deaf


def test_number_one_is_not_taken_for_number_twelve() -> None:
    assert headline(replace(ALERT, title="🟠 橙 #12 之后又一件", number="#1", incident=1)).startswith("#1 ")


def test_people_are_mentioned_in_the_text_and_in_the_list() -> None:
    body = message(Post.of(ALERT, "张敏"), PINGS)
    assert body["at"] == {"atUserIds": ["user01"], "isAtAll": False}
    assert body["markdown"]["text"].endswith("@user01")


def test_the_robot_that_cannot_mention_names_people_instead() -> None:
    assert robot_message(Post.of(ALERT, "张敏"), PINGS)[1]["text"].endswith("请看：张敏")


def test_an_id_that_is_no_id_is_never_mentioned() -> None:
    body = message(PLAIN, (("坏人", "x y @all"),))
    assert body["at"]["atUserIds"] == []
    assert "@" not in body["text"]["content"]


def test_links_become_buttons_that_open_them() -> None:
    one = message(Post.of(CARDS["alert_red_confirmed"]))["actionCard"]
    two = message(Post.of(CARDS["signoff"]))["actionCard"]
    assert (one["singleTitle"], one["singleURL"]) == ("详情", "https://w.example/i/12")
    assert [button["actionURL"] for button in two["btns"]] == ["https://w.example/d/3", "https://w.example/f"]


def test_after_the_content_review_no_word_of_a_stranger_is_left() -> None:
    body = dump(message(reduced(Post.of(ALERT)))).decode()
    assert "疹子" not in body
    assert "#12" in body
    assert "🟠" in body
    assert "认领 #12" in body
    assert "张敏 11:02 前认领" in body


def test_chinese_is_not_escaped_because_that_would_double_it() -> None:
    assert dump({"a": "望楼"}) == '{"a":"望楼"}'.encode()


@settings(max_examples=60, deadline=None)
@given(CARD)
def test_any_card_is_within_every_limit(card: Card) -> None:
    post = Post.of(card)
    assert len(dump({**message(post, PINGS), "msgUuid": "wl00000000-1234567890"})) <= 20_000
    _, param = robot_message(post, PINGS)
    assert len(dump(param)) <= 15_000
    assert all(param.values())
    values, _ = variables(card, "我" * 2_000)
    assert all(len(value.encode()) <= 1_024 for value in values.values())
    assert all(len(name.encode()) <= 100 for name in values)
    assert len(headline(card).encode()) <= 180
    dump(reduced(post).text)


@settings(max_examples=60, deadline=None)
@given(CARD)
def test_whatever_is_cut_number_and_grade_stay(card: Card) -> None:
    post = Post.of(card)
    values, _ = variables(card)
    for text in (message(post)[message(post)["msgtype"]]["title"], robot_message(post)[1]["text"], values["title"]):
        assert card.number in text
        assert card.incident is None or re.search(rf"#{card.incident}(?!\d)", text)
        assert card.grade is None or (card.grade.mark in text and card.grade.label in text)


@settings(max_examples=60, deadline=None)
@given(CARD)
def test_a_card_that_says_it_is_whole_has_every_word(card: Card) -> None:
    values, whole = variables(card)
    shown = "".join("".join(values[name] for name in ("title", "body", "body2", "body3", "must")).split())
    for line in (" ".join(card.title.split()), *card.lines, *card.must):  # a title is one line
        assert not whole or "".join(defuse_markdown(line).replace("@", "%40").replace("~", "%7E").split()) in shown


def test_a_long_question_stands_on_its_card_in_full() -> None:
    question = "李雷提请：结案 #12 奶粉批次反映皮疹（" + "检测合格已公布，" * 20 + "）：未了任务3项"
    values, whole = variables(Card("ask", question, incident=12, buttons=(Button("confirm", "确认", "确认 李雷"),)))
    assert whole
    assert values["title"].endswith("…")
    assert values["body"] == question


@settings(max_examples=60, deadline=None)
@given(CARD)
def test_outside_text_never_mentions_and_never_becomes_markup(card: Card) -> None:
    post = Post.of(card)
    texts = [message(post)[message(post)["msgtype"]]["text"], robot_message(post)[1]["text"]]
    values, _ = variables(card)
    texts += [value for name, value in values.items() if not name.endswith(("_key", "_choice", "_style")) and name != "links"]
    for text in texts:
        assert "@" not in text
        assert not re.search(r"[<>\[\]*`|~]", text), text
        assert not re.search(r"^\s*(#{1,6} |[-+] |> )", text.removeprefix("### "), re.M)
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08]", text)


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_plain_text_of_any_kind_fits_and_mentions_only_whom_we_name(text: str) -> None:
    body = message(Post(text, mentions=("张敏",)), PINGS)
    assert len(dump(body)) <= 20_000
    assert body["text"]["content"].count("@") == 1
    assert body["text"]["content"].endswith("@user01")
    assert len(dump(robot_message(Post(text or "。"))[1])) <= 15_000
