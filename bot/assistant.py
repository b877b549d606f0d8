"""The optional language model: any address that speaks OpenAI's ``POST /chat/completions``. Off unless it is configured.

It gets words as data and no tools, and gives words back; what they are worth is judged by who asked. One attempt a question.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import SourceError, WanglouError
from bot.fetch import BadJson, Fetcher, Limits
from bot.model.options import Seconds, option

LONGEST_ANSWER = 128 * 1024
"""Bytes of an answer that are read; a longer one is given up."""
AT_ONCE = 2
"""Questions on their way at the same time; one more is not asked at all."""
OFF = "没有接语言模型。管理员在配置里写 [model] url 和 name 即可，见 docs/model.md"


@dataclass(frozen=True)
class Options:
    """``[model]``."""

    url: str = option("", "语言模型的接口地址，到 /v1 为止；可以是内网；空则不用")
    key: str = option("", '接口的密钥，写 "env:MODEL_KEY"；内网服务可不要')
    name: str = option("", "模型名，如 qwen2.5-14b-instruct；写进稿件的标识")
    timeout: Seconds = option(Seconds(20.0), "改写一份稿最多等多久")
    patience: Seconds = option(Seconds(2.5), "没听懂的话问模型最多等多久；过时就照常回答")

    @property
    def on(self) -> bool:
        """Whether a model is configured."""
        return bool(self.url)


class NoAnswerError(WanglouError):
    """The model gave nothing that can be used; the text says why and holds nothing of what it said."""


class Assistant:
    """Asks the model. The address of the configuration may be private, a redirect is refused; nothing is asked twice."""

    def __init__(self, options: Options, fetcher: Fetcher | None = None) -> None:
        self._options = options
        limits = Limits(
            spacing=Seconds(0.0),
            per_host=AT_ONCE,
            total=options.timeout,
            connect=Seconds(min(3.0, options.timeout)),
            read=options.timeout,
            body=LONGEST_ANSWER,
            redirects=0,
        )
        self._fetcher = fetcher or Fetcher(limits)
        self._asking = 0

    @property
    def name(self) -> str:
        """The model's name, as it stands on what it wrote; empty while none is configured."""
        return self._options.name if self._options.on else ""

    @property
    def patience(self) -> float:
        """How long somebody who waits for a reply is kept waiting, in seconds."""
        return min(self._options.patience, self._options.timeout)

    async def ask(self, task: str, data: Mapping[str, Any], *, within: float = 0.0, longest: int = 4000) -> str:
        """What the model makes of ``data`` as ``task`` says, at most ``longest`` characters; ``NoAnswerError`` says why not.

        ``within`` seconds, or the configured time limit.
        """
        if not self._options.on:
            raise NoAnswerError(OFF)
        if self._asking >= AT_ONCE:
            raise NoAnswerError("语言模型正忙")
        self._asking += 1
        try:
            async with asyncio.timeout(min(within or self._options.timeout, self._options.timeout)):
                return _words(await self._post(task, data), longest)
        except TimeoutError:
            raise NoAnswerError("语言模型没有在时限内答完") from None
        finally:
            self._asking -= 1

    async def _post(self, task: str, data: Mapping[str, Any]) -> Any:
        body = {
            "model": self._options.name,
            "messages": [
                {"role": "system", "content": task},
                {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
            ],
            "temperature": 0,
            "stream": False,
        }
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._options.key:
            headers["Authorization"] = f"Bearer {self._options.key}"
        try:
            page = await self._fetcher.request(
                f"{self._options.url.rstrip('/')}/chat/completions",
                trusted=True,
                source="语言模型",
                method="POST",
                headers=headers,
                body=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
                accept=lambda answer: answer.status in (200, 401, 403),
                retry=False,
            )
            if page.status != 200:
                raise NoAnswerError(f"语言模型不认这个密钥（{page.status}）：请核对 [model] key")
            return page.json()
        except SourceError as error:
            raise NoAnswerError(f"语言模型：{error}") from None
        except BadJson:
            raise NoAnswerError("语言模型的回答不是合法的 JSON") from None

    async def check(self) -> tuple[bool, str]:
        """One line for ``wanglou check --online``."""
        try:
            await self.ask("只回一个字：好", {}, longest=200)
        except NoAnswerError as error:
            return False, f"语言模型 {self.name}：{error}"
        return True, f"语言模型 {self.name}：能答"

    async def close(self) -> None:
        """Closes its connections."""
        await self._fetcher.close()


def _words(answer: Any, longest: int) -> str:
    """The text of the first choice; one that calls a tool, is cut off, empty or too long is none."""
    try:
        choice = answer["choices"][0]
        text, tools, end = choice["message"]["content"], choice["message"].get("tool_calls"), choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise NoAnswerError("语言模型的回答不合格式") from None
    if not isinstance(text, str) or not text.strip() or tools or end not in (None, "stop"):
        raise NoAnswerError("语言模型没有给出完整的文字")
    if len(text) > longest:
        raise NoAnswerError("语言模型的回答太长")
    return text.strip()
