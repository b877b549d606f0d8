"""How fast a command is answered while mentions pour in, and how fast the bot is back with many stored.

    python -m benchmarks.room                 1,000 mentions a second for 20 s, 5 commands a second; then a start with 100,000 stored
    python -m benchmarks.room --rate 500 --seconds 10 --stored 20000

Load and server share this machine's cores. Figures are printed, nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from random import Random

import aiohttp

from tests.process import PEOPLE, Bot, Client, config

WORDS = "瓶盖 异物 客服 退款 变质 包装 快递 口感 会员 活动 门店 价格 发票 配送 试饮 新品 代言 广告 股价 招聘".split()
COMMANDS = ("列表", "状态 #1", "记一下 #1 现场照片已存", "趋势 #1", "我的任务")


def mention(rand: Random, number: int) -> dict[str, object]:
    """A mention of its own words; one in five is about us."""
    name = "晨露" if rand.random() < 0.2 else rand.choice(["某品牌", "这家", "本地", "网红"])
    text = f"{name}{''.join(rand.choice(WORDS) for _ in range(8))}，{number}号帖，{rand.choice(['太差了', '不错', '怎么看', '求回复'])}"
    return {"id": f"b{number}", "text": text, "platform": rand.choice(["微博", "抖音", "知乎"]), "likes": rand.randrange(50)}


async def pour(client: Client, rate: int, seconds: float, rand: Random, first: int = 0) -> tuple[int, list[float]]:
    """Pushes batches of 50 at ``rate`` mentions a second; how many were acknowledged, and the seconds each batch took."""
    took: list[float] = []
    begun, number, acknowledged = time.monotonic(), first, 0
    pending: set[asyncio.Task[None]] = set()

    async def push(batch: list[dict[str, object]], name: str) -> None:
        nonlocal acknowledged
        start = time.monotonic()
        if await client.push(name, batch) == 202:
            acknowledged += len(batch)
            took.append(time.monotonic() - start)

    while time.monotonic() - begun < seconds:
        batch = [mention(rand, number + n) for n in range(50)]
        number += 50
        pending.add(task := asyncio.create_task(push(batch, f"p{number}")))
        task.add_done_callback(pending.discard)
        await asyncio.sleep(max(0.0, begun + (number - first) / rate - time.monotonic()))
    await asyncio.gather(*pending)
    return acknowledged, took


async def ask(client: Client, seconds: float, rand: Random) -> list[float]:
    """Five commands a second; the seconds each took."""
    took, begun, number = [], time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        number += 1
        start = time.monotonic()
        await client.say(rand.choice(COMMANDS), rand.choice(PEOPLE)[0])
        took.append(time.monotonic() - start)
        await asyncio.sleep(max(0.0, begun + number * 0.2 - time.monotonic()))
    return took


def said(name: str, took: list[float]) -> None:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"{name}: n {len(took)}  p50 {1000 * statistics.median(took):.0f} ms  p99 {1000 * p99:.0f} ms  max {1000 * ordered[-1]:.0f} ms"
    )


async def main(rate: int, seconds: float, stored: int) -> None:
    rand = Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = config(Path(folder))
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            bot = await Bot(path).start()
            client = Client(session, bot)
            await pour(client, 200, 3, rand, 10_000_000)
            done, quiet = await asyncio.gather(pour(client, rate, seconds, rand), ask(client, seconds, rand))
            acknowledged, batches = done
            print(f"acknowledged {acknowledged} mentions in {seconds:.0f} s ({acknowledged / seconds:.0f}/s)")
            said("command under load", quiet)
            said("batch of 50 to 202", batches)
            said("command without load", await ask(client, 5, rand))
            more = max(0, stored - acknowledged)
            if more:
                await pour(client, 4000, more / 4000, rand, 20_000_000)
            await bot.end()
            again = await Bot(path).start()
            print(f"start to serving with about {max(stored, acknowledged)} stored mentions: {again.started_in:.2f} s")
            await again.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--stored", type=int, default=100_000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.rate, arguments.seconds, arguments.stored))
