"""``wanglou check``: one line a thing — ok, what is wrong, how to mend it."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot.analysis.rules import Rule, compile_rules
from bot.analysis.rules_import import import_frequency_words
from bot.analysis.sentiment import load as load_model
from bot.analysis.text import clean
from bot.app import analysis_settings, build, build_sources
from bot.commands import help_of, load_handlers
from bot.config import Config, furnish, load, read
from bot.drills import feed_server
from bot.errors import ConfigError, SourceError
from bot.fetch import Fetcher
from bot.model.message import CheckLine
from bot.model.people import Role
from bot.store.db import lock_folder
from bot.watchdog import utc_now

Line = tuple[bool, str]


def check(path: Path | None, *, online: bool, rules: Path | None) -> int:
    """Prints one line for each thing that was looked at; 1 where something is wrong."""
    config = load(path)
    if rules:
        return _try_rules(config, rules)
    lines = list(_offline(config))
    if online:
        lines += asyncio.run(_online(config))
    for good, text in lines:
        print(("ok    " if good else "问题  ") + text)
    return 0 if all(good for good, _ in lines) else 1


def _offline(config: Config) -> Iterator[Line]:
    yield True, f"配置 {config.path or ''}"
    for line in config.off:
        yield True, f"未启用 {line}"
    settings = analysis_settings(config)
    compile_rules(settings.rules, {"公司": settings.company, "竞品": settings.competitors})
    yield True, f"监测规则 {len(settings.rules)}条"
    furnish(config)
    build_sources(config, Fetcher(config.fetch))
    for each in config.sources:
        yield True, f"信源 {each.common.name}（{each.common.kind}）{'' if each.common.enabled else '已停用'}"
    yield (
        True,
        f"语言模型 {config.model.name}（{urlsplit(config.model.url).hostname}）"
        if config.model.on
        else "语言模型 未接，可有可无",
    )
    if config.analysis.model:
        load_model(Path(config.analysis.model))
    closed = not config.local_room_open and not config.web.local_room_token
    for room in config.rooms:
        if closed and room.platform == "local":
            yield False, f"房间 {room.name}（local）：有真实群或监听地址不是回环，本地房间不开放。请设 web.local_room_token"
            continue
        bound = room.platform == "local" or bool(room.chat or room.webhook)
        yield True, f"房间 {room.name}（{room.platform}）" + ("" if bound else "：还没绑定，启动后在群里回「绑定 码」")
    yield from _people(config)
    handlers = load_handlers()
    yield True, f"指令 {len(handlers)}种：{'、'.join(sorted({help_of(h).partition('：')[0] for h in handlers.values()}))}"


def _people(config: Config) -> Iterator[Line]:
    """Somebody who cannot be reached is named before the crisis."""
    platforms = {room.platform for room in config.rooms}
    for person in config.people:
        reach = [p for p in platforms if person.id_on(p)]
        yield (
            bool(reach),
            f"人员 {person.name}"
            + ("" if reach else f"：没有 {'、'.join(sorted(platforms))} 的编号，送不到私信。请在 [[people]] 里补上"),
        )
    for role in (Role.DUTY, Role.COMMANDER):
        if config.people and not any(role in p.roles for p in config.people):
            yield False, f"角色 {role.label}：没有人。请在 [[people]] 里给一个人加上 {role.value!r}"


async def _online(config: Config) -> list[Line]:
    found = [*await _try_sources(config)]
    try:
        lock_folder(config.data_dir).close()
    except ConfigError:
        if not os.access(config.data_dir, os.W_OK):
            raise
        return [*found, (True, "平台 没有另连：望楼正在这个数据目录里跑，连着没有看它的 /healthz")]
    app = await build(config)
    try:
        found += [await app.assistant.check()] if config.model.on else []
        for platform in app.platforms.values():
            lines: list[CheckLine] = await platform.check() if hasattr(platform, "check") else []
            found += [
                (line.ok, f"平台 {platform.name} {line.what}" + (f"：{line.mend}" if line.mend else "")) for line in lines
            ]
    finally:
        await app.session.close()
        await app.fetcher.close()
        await app.assistant.close()
        await asyncio.to_thread(app.store.close)
    return found


async def _try_sources(config: Config) -> list[Line]:
    """Tries each source once and shows one item."""
    fetcher = Fetcher(config.fetch)
    demo, fetcher.home = await _demo()
    found: list[Line] = []
    for each in build_sources(config, fetcher):
        name = each.common.name
        try:
            poll = await asyncio.wait_for(each.source.poll({}, utc_now()), 20)
        except (SourceError, TimeoutError) as error:
            found.append((False, f"信源 {name}：{error or '20秒没有答复'}。请核对地址、账号与网络"))
            continue
        first = next(iter(poll.mentions), None)
        found.append((True, f"信源 {name}：{len(poll.mentions)}条" + (f"，如「{first.words[:24]}」" if first else "")))
    await fetcher.close()
    await demo.cleanup()
    return found


async def _demo() -> tuple[web.AppRunner, str]:
    """The demo's own feed on a free loopback port, for sources whose address begins with ``/``."""
    app = web.Application()
    app.add_routes(feed_server.routes(utc_now(), utc_now))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    return runner, f"http://{host}:{port}"


def _try_rules(config: Config, file: Path) -> int:
    """Shows, for each sample text, which rules fit and by which words.

    A ``.toml`` file brings its own ``[[watch]]`` rules, a ``frequency_words.txt`` those of TrendRadar, and the samples come from
    standard input; any other file is the samples, one a line, for the rules of the configuration.
    """
    settings = analysis_settings(config)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: 读不了（{error}）") from None
    rules, samples = settings.rules, text
    if file.suffix == ".toml" or file.name == "frequency_words.txt":
        rules, samples = _rules_of(file, text), sys.stdin.read()
    matcher = compile_rules(rules, {"公司": settings.company, "竞品": settings.competitors})
    for sample in filter(None, samples.splitlines()):
        print(sample[:80])
        for found in matcher.explain(clean(sample)):
            print(f"  {found.line}")
    return 0


def _rules_of(file: Path, text: str) -> tuple[Rule, ...]:
    if file.suffix != ".toml":
        return tuple(import_frequency_words(text))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: 不是合法的 TOML（{error}）") from None
    if not table.get("watch"):
        raise ConfigError(f"{file}: 里面没有 [[watch]] 规则")
    return analysis_settings(read({"watch": table["watch"]}, environ={})).rules
