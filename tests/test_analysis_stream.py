"""``analyze``: lines in, lines out, in order, at once, and a bad line is named and passed over."""

from __future__ import annotations

import io
import json
import queue
import random
import re
import threading
from datetime import UTC, datetime

import pytest

from bot.analysis import analyst, stream
from bot.analysis.analyst import Settings
from bot.analysis.rules import Rule
from bot.analysis.stories import Stories
from bot.analysis.stream import BATCH, run

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SETTINGS = Settings(rules=(Rule("晨露", any=("晨露",)), Rule("退款", any=("退款",), none=("招聘",))), company=("晨露",))
POST = "今天给孩子冲晨露奶粉，杯底有黑色异物，客服说是正常现象，让我自己去检测，费用自理，太让人心寒了"


def analyze(*records, workers=1, progress=None):
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    out, said = io.BytesIO(), []
    bad = run(lines, out, SETTINGS, now=NOW, workers=workers, complain=said.append, progress=progress)
    assert bad == len(said)
    return [json.loads(line) for line in out.getvalue().splitlines()], said


def test_each_mention_gives_one_line_with_the_keys_of_the_contract():
    answers, said = analyze({"id": "a", "text": POST}, {"title": "晨露不给退款"}, {"id": "c", "text": f"大家注意了！{POST}"})
    assert [answer["id"] for answer in answers] == ["a", "2", "c"]
    assert [list(answer) for answer in answers] == [["id", "rules", "negative", "sentiment", "duplicate_of", "story"]] * 3
    assert answers[1]["rules"] == ["晨露", "退款"]
    assert (answers[2]["duplicate_of"], answers[2]["story"]) == ("a", answers[0]["story"])
    assert said == []


def test_numeric_ids_come_back_as_numbers():
    answers, _ = analyze({"id": 7, "text": POST}, {"id": 8, "text": POST, "source": "某:站"})
    assert (answers[1]["id"], answers[1]["duplicate_of"]) == (8, 7)


@pytest.mark.parametrize(
    "line", [b"{", b"[1]", b'"x"', b"\xff\xfe", b'{"id": 1}', b'{"text": ["x"]}', b"[" * 100_000, b'{"text": "x", "tier": "Q"}']
)
def test_a_bad_line_is_named_and_the_rest_goes_on(line):
    answers, said = analyze({"text": "晨露"}, line, b"", {"text": "退款"})
    assert [answer["id"] for answer in answers] == ["1", "4"]
    assert len(said) == 1
    assert said[0].startswith("第2行：")
    assert re.search("不是 JSON（第2字|应是一个 JSON 对象|不是 UTF-8|至少要有一个|应为|不是 JSON（第1字|太深", said[0]), said[0]


def test_unknown_keys_and_wild_values_do_no_harm():
    answers, said = analyze(
        {"text": "晨露", "__class__": {"a": [1]}, "followers": "1.2万", "published": "昨天", "reads": 1e400}
    )
    assert (len(answers), said) == (1, [])


def test_output_begins_before_input_ends():
    waiting: queue.Queue[bytes | None] = queue.Queue()
    reader, written = threading.Event(), io.BytesIO()

    class Out(io.BytesIO):
        def flush(self):
            written.write(self.getvalue())
            if self.getvalue():
                reader.set()

    thread = threading.Thread(
        target=run, args=(iter(waiting.get, None), Out(), SETTINGS), kwargs={"now": NOW, "complain": print}, daemon=True
    )
    thread.start()
    waiting.put(json.dumps({"id": "first", "text": "晨露"}).encode())
    assert reader.wait(30)
    assert b"first" in written.getvalue()
    waiting.put(None)
    thread.join(30)
    assert not thread.is_alive()


def test_several_workers_give_the_same_answer():
    records = [{"id": str(n), "text": f"第{n}条 {POST[n % 7 : 30 + n % 11]}"} for n in range(2 * BATCH + 3)]
    records[5] = b"{"
    seen: list[int] = []
    assert analyze(*records, workers=2, progress=seen.append) == analyze(*records)
    assert seen[-1] == len(records)


def test_what_breaks_the_judge_is_quarantined_by_line(monkeypatch):
    def breaks(many, cleaned=analyst.cleaned):
        if any("毒" in words for words in many):
            raise ZeroDivisionError
        return cleaned(many)

    monkeypatch.setattr(analyst, "cleaned", breaks)
    answers, said = analyze(*({"text": "有毒" if n == 3 else f"晨露{n}"} for n in range(9)))
    assert len(answers) == 8
    assert said == ["第4行：分析失败（ZeroDivisionError），已隔离"]


def test_what_breaks_the_stories_is_quarantined_by_line(monkeypatch):
    def breaks(self, mention, *more, place=Stories._place):
        if "毒" in mention.clean.text:
            raise ZeroDivisionError
        return place(self, mention, *more)

    monkeypatch.setattr(Stories, "_place", breaks)
    answers, said = analyze(*({"text": "有毒的东西" if n == 3 else f"晨露{n}"} for n in range(9)))
    assert len(answers) == 8
    assert all(answer["duplicate_of"] is None for answer in answers)
    assert said == ["第4行：分析失败（ZeroDivisionError），已隔离"]


def test_a_broken_input_is_no_end_of_input():
    def broken():
        yield b'{"text": "x"}'
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        run(broken(), io.BytesIO(), SETTINGS, now=NOW, complain=print)


def test_the_size_of_a_batch_changes_no_answer(monkeypatch):
    dice = random.Random(5)
    told: list[str] = []
    for _ in range(700):
        if told and dice.random() < 0.4:
            again = dice.choice(told)
            told.append(
                dice.choice([again, f"转发微博//@路人:{again}", f"【突发】{again}", again[: len(again) * 3 // 4] + "…"])
            )
        else:
            told.append(
                "，".join("".join(map(chr, dice.choices(range(0x4E00, 0x4F80), k=9))) for _ in range(dice.randint(1, 5)))
            )
    whole = analyze(*({"text": text} for text in told))
    for size in (1, 61, 300):
        monkeypatch.setattr(stream, "BATCH", size)
        assert analyze(*({"text": text} for text in told)) == whole
    assert len({answer["duplicate_of"] for answer in whole[0]}) > 50
