"""The language model as a stranger: what it is asked, and that nothing it answers hurts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from fakes.model import KEY, NAME, FakeModel, Reply, model, spoken

from bot.assistant import Assistant, NoAnswerError, Options
from bot.cli import main
from bot.config import read, secrets_of
from bot.model.options import Seconds
from tests.sites import page, site


def options(url: str, timeout: float = 3.0, patience: float = 0.3, key: str = KEY) -> Options:
    return Options(url=url, key=key, name=NAME, timeout=Seconds(timeout), patience=Seconds(patience))


@asynccontextmanager
async def asking(*says: Reply) -> AsyncIterator[tuple[Assistant, FakeModel]]:
    async with model(*says) as fake:
        assistant = Assistant(options(fake.base))
        try:
            yield assistant, fake
        finally:
            await assistant.close()


async def test_the_words_of_the_first_choice_come_back() -> None:
    async with asking("认领 #1") as (assistant, fake):
        assert await assistant.ask("对应到指令", {"这句话": "我来"}) == "认领 #1"
        assert fake.asked == [{"这句话": "我来"}]
        assert fake.tasks == ["对应到指令"]


def raw(body: bytes | str, status: int = 200) -> web.Response:
    return page(body, "application/json", status)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (500, "回答 500"),
        (401, "不认这个密钥（401）：请核对 \\[model\\] key"),
        (403, "不认这个密钥（403）"),
        (404, "回答 404"),
        (429, "回答 429"),
        (raw("认领 #1"), "不是合法的 JSON"),
        (raw(b"\xff\xfe\x00"), "不是合法的 JSON"),
        (raw("<html>登录</html>"), "不是合法的 JSON"),
        (raw("[" * 200), "不是合法的 JSON"),
        (raw("[]"), "不合格式"),
        (raw("null"), "不合格式"),
        (raw('{"choices": []}'), "不合格式"),
        (raw('{"choices": [{"message": null}]}'), "不合格式"),
        (raw('{"choices": [{"message": "认领"}]}'), "不合格式"),
        (raw(json.dumps(spoken(None))), "没有给出完整的文字"),
        (raw(json.dumps(spoken(["认领"]))), "没有给出完整的文字"),
        (raw(json.dumps(spoken("  "))), "没有给出完整的文字"),
        (raw(json.dumps(spoken("认领", finish_reason="length"))), "没有给出完整的文字"),
        (raw(json.dumps(spoken("", finish_reason="tool_calls"))), "没有给出完整的文字"),
        (raw(json.dumps(spoken("认", message={"content": "认", "tool_calls": [{"id": "x"}]}))), "没有给出完整的文字"),
        ("长" * 4001, "太长"),
        (raw(json.dumps(spoken("长" * 200_000))), "超过 128 KiB"),
    ],
)
async def test_an_answer_that_is_none_is_one_line_without_its_words(reply: Reply, why: str) -> None:
    async with asking(reply) as (assistant, _):
        with pytest.raises(NoAnswerError, match=why) as error:
            await assistant.ask("改写", {"原文": "你好"})
    said = str(error.value)
    assert "\n" not in said
    assert KEY not in said
    assert len(said) < 80


async def test_a_model_that_does_not_answer_is_left_in_time() -> None:
    async with asking(asyncio.Event()) as (assistant, _):
        with pytest.raises(NoAnswerError, match="没有在时限内答完"):
            await assistant.ask("改写", {}, within=0.05)


async def test_a_model_that_is_not_there_is_one_line() -> None:
    async with site() as gone:
        base = gone.base
    assistant = Assistant(options(f"{base}/v1"))
    with pytest.raises(NoAnswerError, match="连接不上"):
        await assistant.ask("改写", {})
    await assistant.close()


async def test_the_key_follows_no_redirect() -> None:
    async with site() as other, model(page("", status=307, Location=f"{other.base}/v1/chat/completions")) as fake:
        other.says("/v1/chat/completions", raw(json.dumps(spoken("认领 #1"))))
        assistant = Assistant(options(fake.base))
        with pytest.raises(NoAnswerError, match="跳转"):
            await assistant.ask("改写", {})
        await assistant.close()
        assert not other.asked


async def test_no_more_than_two_questions_are_on_their_way() -> None:
    held = asyncio.Event()
    async with asking(held, held, "无") as (assistant, _):
        first = [asyncio.create_task(assistant.ask("改写", {"n": n})) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(NoAnswerError, match="正忙"):
            await assistant.ask("改写", {})
        held.set()
        assert await asyncio.gather(*first) == ["无", "无"]


async def test_without_a_configuration_nothing_is_asked() -> None:
    assistant = Assistant(Options())
    with pytest.raises(NoAnswerError, match=r"没有接语言模型。管理员在配置里写 \[model\] url 和 name"):
        await assistant.ask("改写", {})
    assert assistant.name == ""
    await assistant.close()


def test_it_is_off_while_the_variable_of_its_key_is_not_set() -> None:
    table = {"model": {"url": "http://127.0.0.1:9/v1", "name": NAME, "key": "env:MODEL_KEY"}}
    off = read(table, environ={})
    on = read(table, environ={"MODEL_KEY": KEY})

    assert not off.model.on
    assert off.off == ("model.key: 环境变量 MODEL_KEY 没有设置，这一项未启用",)
    assert on.model.on
    assert KEY in secrets_of(on)


def _check(tmp_path: Path, base: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    path = tmp_path / "wanglou.toml"
    table = f'[bot]\ndata_dir = "{tmp_path / "data"}"\n'
    path.write_text(table + (f'[model]\nurl = "{base}"\nname = "{NAME}"\nkey = "{KEY}"\n' if base else ""), "utf-8")
    main(["check", "-c", str(path), *options])
    said = capsys.readouterr()
    assert KEY not in said.out + said.err
    return next(line for line in said.out.splitlines() if "语言模型" in line and ("：" in line or not options))


def test_check_says_whether_it_is_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(tmp_path, "", capsys) == "ok    语言模型 未接，可有可无"
    assert _check(tmp_path, "http://127.0.0.1:9/v1", capsys) == f"ok    语言模型 {NAME}（127.0.0.1）"


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        ("好", "ok    语言模型 qwen-of-tests：能答"),
        (401, "问题  语言模型 qwen-of-tests：语言模型不认这个密钥（401）：请核对 [model] key"),
    ],
)
async def test_check_online_tries_it(reply: Reply, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with model(reply) as fake:
        assert await asyncio.to_thread(_check, tmp_path, fake.base, capsys, "--online") == line
