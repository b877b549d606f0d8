"""A scenario is checked whole before its first line is played, and a wrong line is named."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.cli import main
from tests.conftest import CONFIG, THREE_COMPLAINTS


def play(path: str, *options: str) -> int:
    return main(["replay", path, "-c", str(CONFIG), "--json", *options])


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("oops", "第2行不是合法的剧本行"),
        ('{"at": "soon", "text": "晨露"}', "第2行不是合法的剧本行"),
        ('{"at": NaN, "text": "晨露"}', "第2行：at"),
        ('{"at": 1e12, "text": "晨露"}', "第2行：at"),
        ('{"at": -1, "text": "晨露"}', "第2行：at"),
        ('{"at": 1}', "第2行：text、title"),
        ('{"at": 1, "text": "晨露", "tier": "Q"}', "第2行：tier"),
        ('{"at": 1, "say": "列表"}', "第2行：say"),
        ('{"at": 1, "fact": "停售", "state": "maybe", "by": "林工"}', "第2行：state"),
        ('{"at": 1, "fact": "停售", "by": "林工", "incident": "one"}', "第2行：incident"),
        ('{"at": 1, "probe": "sideways", "source": "官网"}', "第2行：probe"),
        ('{"at": 1, "health": "odd", "source": "官网"}', "第2行：health"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_played(
    line: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"at": 0, "say": "列表", "by": "张敏"}\n' + line + "\n", "utf-8")

    assert play(str(file)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert named in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf"])
def test_a_speed_that_is_none_is_refused(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert play("demo", "--speed", speed) == 2
    assert "--speed" in capsys.readouterr().err


def test_the_daily_digest_stands_in_a_scenario_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"at": 120, "say": "列表", "by": "张敏"}\n', "utf-8")

    assert play(str(file), "--start", "2026-12-03T07:30:00+08:00") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "digest" in [message["reason"] for message in said if message["kind"] == "notice"]


def test_what_comes_in_one_moment_is_judged_in_that_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    posts = [
        "晨露奶粉喝出异物，恶心死了", "晨露乳业奶粉太难喝，一股怪味，差评", "晨露奶粉里面有虫子，气死人",
        "晨露奶粉孩子不肯喝，结块严重，垃圾", "晨露奶粉过期还在卖，无良商家", "晨露奶粉包装漏了，客服推诿不管，差劲",
        "买晨露奶粉被骗，退款一直不给", "晨露奶粉冲出来全是黑点，恶心", "晨露奶粉罐子生锈，太坑人了", "晨露奶粉味道发酸，质量太差，后悔买",
    ]  # fmt: skip
    file = tmp_path / "s.jsonl"
    lines = [{"at": 5, "text": text, "tier": "C", "platform": "微博", "author": f"u{n}"} for n, text in enumerate(posts)]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")

    assert play(str(file), "--start", "2026-12-03T10:00:00+08:00") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    alerts = [message for message in said if message["kind"] == "alert"]
    assert [(alert["at"], alert["reason"], alert["suggested"]) for alert in alerts] == [
        ("2026-12-03T02:05:00.000000Z", "raised", "yellow")
    ]
    figures = alerts[0]["indicators"]
    assert (figures["n"], figures["heat"], figures["per_hour"]) == (10, 28.15, 10)
    assert figures["negative_lower"] == 0.7225


def test_what_nobody_has_written_of_yet_neither_falls_nor_has_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"at": 0, "probe": "changed", "source": "官网"}', "utf-8")

    assert play(str(file), "--start", "2026-12-03T10:00:00+08:00") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    alert = next(message["text"] for message in said if message["kind"] == "alert")
    brief = next(message["text"] for message in said if message["text"].startswith("【领导简报】"))
    assert alert.splitlines()[1:3] == ["尚无人提及", "依据 红线 自有网站出现违法内容（已核实，红）"]
    assert "最高信源" not in alert
    assert brief.splitlines()[0] == "【领导简报】#1 官网 的页面有改动｜🔴红（建议）｜10:00"
    assert "态势：尚无人提及\n" in brief


def test_chatter_of_a_scenario_is_met_with_silence_and_a_word_to_us_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["要不要升红？我拿不准", "先别定级", "我十分钟后到会议室", "列表"]
    rows = [{"at": n, "say": text, "by": "张敏"} for n, text in enumerate(said)]
    rows.append({"at": 9, "say": "@望楼 先别定级", "by": "张敏"})
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")

    assert play(str(file), "--start", "2026-12-03T10:00:00+08:00") == 0
    replies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(reply["at"][11:16], reply["text"][:4]) for reply in replies] == [("02:03", "未结0件"), ("02:09", "没看懂。")]


def test_a_scenario_comes_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps({"at": at, "text": text, "state": "new"}) for at, text in enumerate(THREE_COMPLAINTS)]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("\n".join(lines).encode())))

    assert play("-", "--start", "2026-12-03T10:00:00+08:00") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["reason"] == "raised"


@pytest.mark.parametrize("own", [False, True])
def test_a_replay_honours_the_companys_own_table_of_authority(
    own: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "wanglou.toml"
    config.write_text(CONFIG.read_text("utf-8").replace('data_dir = "data"', f'data_dir = "{tmp_path}"'), "utf-8")
    if own:
        (tmp_path / "plan").mkdir()
        table = '[[group]]\nname = "本地"\ntier = "A"\nscope = "local"\nnames = ["榕城小报记者"]\n'
        (tmp_path / "plan" / "authority.toml").write_text(table, "utf-8")
    file = tmp_path / "s.jsonl"
    lines = [{"at": n, "text": text, "author": "榕城小报记者"} for n, text in enumerate(THREE_COMPLAINTS)]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")

    assert main(["replay", str(file), "-c", str(config), "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    best = {message["indicators"]["authority"] for message in said if message["kind"] == "alert"}
    assert ("A" in best) is own


def test_a_fact_by_nobody_we_know_is_named_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"at": 0, "say": "列表", "by": "张敏"}\n{"at": 1, "fact": "停售", "by": "无此人"}\n', "utf-8")

    assert play(str(file)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "第2行" in said.err
    assert "'无此人'" in said.err
    assert said.err.count("\n") == 1


def test_a_stranger_may_speak_and_an_unknown_source_be_watched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"at": 0, "say": "认领 #1", "by": "路人甲"},
        {"at": 1, "health": "failing", "source": "没有这个信源"},
        {"at": 2, "probe": "down", "source": "没有这个探测"},
        {"at": 2, "probe": "up", "source": "另一个"},
        {"at": 5, "fact": "停售", "by": "林工", "incident": 99},
    ]
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")

    assert play(str(file), "--start", "2026-12-03T10:00:00+08:00") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "我还不认识你" in said[0]["text"]
    assert any(message["kind"] == "health" and "没有这个信源" in message["text"] for message in said)
    assert any(message["kind"] == "alert" and "没有这个探测" in message["text"] for message in said)
