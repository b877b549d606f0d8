"""The configuration: complete in its example, strict in its reading."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from pathlib import Path
from typing import Any

import pytest

from bot import assistant
from bot import config as configuration
from bot.config import Config, load, plugin, read, secrets_of
from bot.errors import ConfigError
from bot.model.options import Seconds
from bot.model.source import Common
from bot.model.times import seconds_of

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"
KINDS = sorted(path.stem for path in (ROOT / "bot/sources").glob("*.py") if path.stem != "__init__")
PLATFORMS = ["dingtalk", "local", "webhook", "wecom"]
SECTIONS: dict[str, type] = {
    "bot": configuration.BotOptions,
    "web": configuration.WebOptions,
    "analysis": configuration.AnalysisOptions,
    "timers": configuration.TimerOptions,
    "fetch": configuration.Limits,
    "model": assistant.Options,
    "people": configuration.PersonOptions,
    "rooms": configuration.RoomOptions,
    "briefs": configuration.BriefOptions,
    "channels": configuration.ChannelOptions,
    "watch": configuration.WatchOptions,
    "sources": Common,
    **{f"sources.{kind}": plugin("sources", kind, "").Options for kind in KINDS},
    "connectors.webhook": plugin("connectors", "webhook", "").Options,
    **{f"platforms.{name}": plugin("platforms", name, "").Options for name in PLATFORMS},
}
LINE = re.compile(r"^(# )?([a-z_0-9]+) = (.*?)(?:  # (.*))?$")


def shown() -> dict[str, dict[str, tuple[bool, Any, str]]]:
    """Section → key → (commented, value, why), as the example has it."""
    found: dict[str, dict[str, tuple[bool, Any, str]]] = {}
    section = ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if head := re.fullmatch(r"(?:# )?\[\[?([a-z.]+)\]\]?", line):
            section = head[1]
            continue
        if not (row := LINE.match(line)):
            continue
        key, value = row[2], tomllib.loads(f"x = {row[3]}")["x"]
        if section == "sources" and row[1] and key == "kind":
            section = f"sources.{value}"
            continue
        where = "sources.feed" if section == "sources" and key not in Common.__dataclass_fields__ else section
        if key in found.get(where, {}) and not row[1]:
            continue
        assert key not in found.get(where, {}), f"{where}.{key} stands twice"
        found.setdefault(where, {})[key] = (bool(row[1]), value, row[4] or "")
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_stands_in_the_example_once_with_its_default_and_why(section: str) -> None:
    rows, kind = shown().get(section, {}), SECTIONS[section]
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}

    assert set(rows) == set(fields)
    for name, (commented, value, why) in rows.items():
        default = _default(fields[name])
        if not commented or default is None:
            continue
        timed = hints[name] is Seconds or Seconds in typing.get_args(hints[name])
        assert (seconds_of(value) if timed else value) == default, f"{section}.{name}"
        assert len(why) > 3, f"{section}.{name} has no reason"


def _default(field: Any) -> Any:
    if field.default is not dataclasses.MISSING:
        return list(field.default) if isinstance(field.default, tuple) else field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else None


def test_the_example_is_the_demo() -> None:
    config = load(EXAMPLE, environ={})

    assert config.local_room_open
    assert [room.name for room in config.rooms] == ["危机室"]


def make(**sections: Any) -> Config:
    return read(sections, environ={})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"bot": {"nme": "x"}}, "bot.nme"),
    ({"bot": {"name": 3}}, "bot.name"),
    ({"web": {"port": "80"}}, "web.port"),
    ({"web": {"port": 70000}}, "web.port"),
    ({"weeb": {}}, "weeb"),
    ({"people": [{"name": "甲", "roles": ["boss"]}]}, "people[0].roles"),
    ({"people": [{"roles": ["duty"]}]}, "people[0].name"),
    ({"people": [{"name": "甲"}, {"name": "甲"}]}, "people[1].name"),
    ({"rooms": [{"name": "室", "platform": "slack"}]}, "rooms[0].platform"),
    ({"rooms": [{"name": "室", "from_grade": "purple"}]}, "rooms[0].from_grade"),
    ({"watch": [{"name": "规则", "none": ["招聘"]}]}, "watch[0]"),
    ({"watch": [{"name": "规则"}]}, "watch[0]: '规则' 没有要找的词"),
    ({"sources": [{"name": "甲", "kind": "telepathy"}]}, "sources[0].kind"),
    ({"sources": [{"name": "甲", "kind": "feed", "url": "https://example.com", "evry": "5s"}]}, "sources[0].evry"),
    ({"sources": [{"name": "甲", "kind": "feed", "url": "https://example.com", "every": "soon"}]}, "sources[0].every"),
    ({"sources": [{"name": "甲", "kind": "feed"}]}, "sources[0].url"),
    ({"briefs": [{"to": ["无此人"]}]}, "briefs[0].to"),
    ({"bot": {"timezone": "Mars/Base"}}, "bot.timezone"),
    ({"timers": {"claim": ["5m", "15m"]}}, "timers.claim"),
    ({"timers": {"claim": ["5m", "15m", "30m", "bald"]}}, "timers.claim"),
    ({"analysis": {"sentiment": "magic"}}, "analysis.sentiment"),
    ({"analysis": {"thresholds": {"heat": [80, 60, 40, 20]}}}, "analysis.thresholds.heat"),
    ({"people": [{"name": "甲", "deputy": "无此人"}]}, "people[0].deputy"),
    ({"channels": [{"name": "weibo", "operator": "无此人"}]}, "channels[0].operator"),
    ({"timers": {"digest_at": "25:99"}}, "timers.digest_at"),
    ({"people": [{"name": "甲"}], "briefs": [{"to": ["甲"], "at": ["八点半"]}]}, "briefs[0].at"),
    ({"web": {"ingest": {"vendor_a": 3}}}, "web.ingest.vendor_a"),
    ({"web": {"ingest": {"vendor_a": ["a", "b", "c"]}}}, "web.ingest.vendor_a"),
    ({"channels": [{"name": "weibo"}, {"name": "weibo"}]}, "channels[1].name"),
    ({"sources": [{"name": "甲", "kind": "feed", "url": "ftp://example.com"}]}, "sources[0].url"),
    ({"sources": [{"name": "甲", "kind": "newsnow", "base": "example.com", "id": "weibo"}]}, "sources[0].base"),
    ({"fetch": {"redirects": -1}}, "fetch.redirects"),
    ({"fetch": {"connections": 0}}, "fetch.connections"),
    ({"rooms": [{"name": "室", "platform": "wecom", "transports": ["pigeon"]}]}, "rooms[0].transports"),
    ({"rooms": [{"name": "室", "platform": "dingtalk", "transports": ["card", "aibot"]}]}, "rooms[0].transports"),
    ({"platforms": {"wecom": {"token": "t", "aes_key": "short"}}}, "platforms.wecom.aes_key"),
    ({"platforms": {"wecom": {"token": "t"}}}, "platforms.wecom.token"),
    ({"platforms": {"wecom": {"bot": "x"}}}, "platforms.wecom.bot"),
    (
        {"rooms": [{"name": n, "platform": "wecom"} for n in "甲乙"], "platforms": {"wecom": {"webhook": "https://x"}}},
        "platforms.wecom.webhook",
    ),
    ({"model": {"url": "ftp://x"}}, "model.url"),
    ({"model": {"url": "https://user:pass@model.example/v1", "name": "m"}}, "model.url"),
    ({"model": {"url": "http://127.0.0.1:1/v1"}}, "model.name"),
    ({"bot": "x"}, "bot"),
    ({"people": {"name": "甲"}}, "people"),
]


@pytest.mark.parametrize(("sections", "named"), WRONG, ids=[named for _, named in WRONG])
def test_what_is_wrong_is_named_in_one_line(sections: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as error:
        make(**sections)

    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_a_value_comes_from_the_environment_and_what_is_unset_is_off() -> None:
    table = {"platforms": {"wecom": {"secret": "env:S", "bot_id": "env:B"}}}

    config = read(table, environ={"S": "s3cret"})

    assert config.platforms["wecom"].secret == "s3cret"
    assert config.platforms["wecom"].bot_id == ""
    assert config.off == ("platforms.wecom.bot_id: 环境变量 B 没有设置，这一项未启用",)
    assert "s3cret" in secrets_of(config)


def test_a_required_value_that_is_unset_is_an_error() -> None:
    table = {"sources": [{"name": "甲", "kind": "feed", "url": "env:NOT_SET"}]}

    with pytest.raises(ConfigError, match=r"sources\[0\]\.url: 环境变量 NOT_SET 没有设置"):
        read(table, environ={})


def test_a_number_and_a_flag_can_come_from_the_environment_too() -> None:
    table = {"web": {"port": "env:PORT"}, "bot": {"listed": "env:LISTED", "hour_rate": "env:RATE"}}

    config = read(table, environ={"PORT": "9000", "LISTED": "True", "RATE": "12.5"})

    assert (config.web.port, config.bot.listed, config.bot.hour_rate) == (9000, True, 12.5)
    with pytest.raises(ConfigError, match=r"web\.port: 应为整数，现为 'ninety'"):
        read(table, environ={"PORT": "ninety"})


def test_a_value_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    (tmp_path / "c.toml").write_text('[web]\nlocal_room_token = "file:token"\n')

    assert load(tmp_path / "c.toml", environ={}).web.local_room_token == "t0ken"


def test_broken_toml_names_the_file_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[bot\n")

    with pytest.raises(ConfigError, match=r"c\.toml.*line 1"):
        load(tmp_path / "c.toml")


def test_the_local_room_is_closed_where_strangers_could_reach_it() -> None:
    assert not make(web={"host": "0.0.0.0"}).local_room_open
    assert not make(rooms=[{"name": "室", "platform": "wecom"}]).local_room_open
    assert make(rooms=[{"name": "室"}]).local_room_open
