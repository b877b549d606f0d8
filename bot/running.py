"""``wanglou run``: from start to a clean stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot import binding
from bot.app import App, build
from bot.cards import masked
from bot.config import Config, is_loopback, load, secrets_of
from bot.errors import ConfigError
from bot.model.card import Post
from bot.model.message import Parcel, Target
from bot.model.people import Role
from bot.rehearsal import Rehearsal


def run(path: Path | None, port: int | None, data: Path | None) -> int:
    """Runs until SIGTERM or SIGINT; ``port`` and ``data`` override the configuration."""
    config = load(path)
    if port is not None:
        if not 0 <= port < 65536:
            raise ConfigError(f"--port: 端口应在 1–65535，现为 {port}")
        config = replace(config, web=replace(config.web, port=port))
    if data is not None:
        config = replace(config, bot=replace(config.bot, data_dir=str(data)))
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(Plain(secrets_of(config)))
    return asyncio.run(_serve(config))


class Plain(logging.Formatter):
    """Keeps secrets and personal numbers out of the log, whoever put them there, and outside words inside one line: what
    follows an entry (a traceback) is set in, so that nothing in it looks like an entry of ours."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return masked("\n    | ".join(escaped(line) for line in text.split("\n")))


def escaped(text: str) -> str:
    """Text without control and direction characters: each stands as its code."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


async def _serve(config: Config) -> int:
    app = await build(config)
    rehearsal = Rehearsal(config, app.store, app.clock)
    app.commands.rehearse = rehearsal.hear
    app.schedule.every("drill", 1.0, rehearsal.tick, spread=False, limit=300.0)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await app.start()
    except OSError as error:
        print(
            f"wanglou: web.port: 端口 {config.web.port} 打不开（{error.strerror}）。换一个：make run PORT=9000", file=sys.stderr
        )
        await app.stop()
        return 2
    await _greet(app)
    await stopping.wait()
    print("正在停下…", file=sys.stderr)
    await rehearsal.stop()
    await app.stop()
    return 0


async def _show_admins(app: App, room: str, code: str) -> None:
    """The code in the private chat of each administrator in the local room, once."""
    local = app.platforms.get("local")
    for person in app.house.people if local else ():
        if local and person.has(Role.ADMIN):
            text = f"「{room}」还没有绑定。在它的群里 @{app.house.name} 回：绑定 {code}"
            target = Target("local", person.name, person.name, private=True)
            await local.send(Parcel(-int(code, 16), target, Post(text)), "page")


async def _greet(app: App) -> None:
    """The address of the local room, what is off, and the codes that bind rooms."""
    for line in app.config.off:
        print(f"提示 {line}")
    made = await app.store.run(binding.codes, app.house, lambda: secrets.token_hex(4).upper())
    for room, code in made.items():
        print(f"绑定 在「{room}」的群里回：绑定 {code}")
        await _show_admins(app, room, code)
    if app.config.local_room_open or app.config.web.local_room_token:
        host = app.config.web.host if is_loopback(app.config.web.host) else "本机地址"
        print(f"望楼已就绪，本地房间：http://{host}:{app.port}/", flush=True)
    else:
        print(f"望楼已就绪，端口 {app.port}（没有本地房间：有真实群时要设 web.local_room_token）", flush=True)
