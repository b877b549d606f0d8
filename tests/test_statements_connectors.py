"""Connectors: one attempt, never repeated; what nobody knows is asked of a person."""

from __future__ import annotations

import pytest

from bot import handover as handover_module
from bot.config import Config
from bot.connectors import Order
from bot.errors import DeliveryError
from bot.model.house import Channel
from tests.statement_world import Desk


class Died(BaseException):
    """The process was killed in the middle of a call."""


class Publisher:
    """A connector that does as it is told: an address, or a way to fail."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.orders: list[Order] = []

    async def release(self, order: Order) -> str:
        self.orders.append(order)
        if self.how == "died":
            raise Died
        if self.how.startswith("http"):
            return self.how
        raise DeliveryError("没有答完", outcome=self.how)


def connected(config: Config, how: str, *more: Channel) -> tuple[Desk, Publisher, handover_module.Handover]:
    desk = Desk(config, channels=(Channel("weibo", "微博", "苏琴", "webhook"), *more))
    desk.handed("+".join(["微博", *(c.label for c in more)]))
    publisher = Publisher(how)
    return desk, publisher, runner(desk, publisher)


def runner(desk: Desk, publisher: Publisher) -> handover_module.Handover:
    return handover_module.Handover(desk.store, desk.house, {"webhook": publisher}, lambda: desk.now)


async def test_a_release_of_unknown_outcome_is_never_repeated(config: Config) -> None:
    desk, publisher, hand = connected(config, "unknown")
    await hand.look()
    await hand.look()
    desk.crash()
    hand = runner(desk, publisher)
    await hand.start()
    await hand.look()
    desk.later(days=2)
    await hand.look()
    assert len(publisher.orders) == 1
    assert desk.draft().state == "unknown"
    assert desk.heard("危机室", "结果未知（没有答完），不会重发")
    assert "已经交付过" in desk.say("发布 D1 微博", "王磊") or "还不能发" in desk.say("发布 D1 微博", "王磊")
    assert "已发" in desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert desk.draft().state == "released"
    desk.close()


async def test_a_call_that_the_process_did_not_survive_is_unknown(config: Config) -> None:
    desk, publisher, hand = connected(config, "died")
    with pytest.raises(Died):
        await hand.look()
    assert [p.state for p in desk.publications()] == ["calling"]
    desk.crash()
    hand = runner(desk, publisher)
    await hand.start()
    await hand.look()
    desk.collect()
    assert len(publisher.orders) == 1
    assert [p.state for p in desk.publications()] == ["unknown"]
    assert desk.heard("@苏琴", "请苏琴核对后回：已发 D1 微博 链接｜未发 D1 微博")
    assert "没有发出" in desk.say("未发 D1 微博", "苏琴")
    assert desk.draft().state == "approved"
    desk.close()


async def test_a_connector_releases_exactly_the_text_that_was_signed(config: Config) -> None:
    desk, publisher, hand = connected(config, "https://weibo.example/1")
    await hand.look()
    it = desk.draft()
    assert [(o.text, o.sha256) for o in publisher.orders] == [(it.text, it.sha256)]
    assert it.state == "released"
    desk.close()


async def test_a_connector_that_surely_failed_leaves_the_draft_approved(config: Config) -> None:
    desk, _, hand = connected(config, "permanent")
    await hand.look()
    state = desk.draft().state
    desk.close()
    assert state == "approved"


async def test_a_chain_that_falls_in_the_last_second_stops_the_connector(config: Config) -> None:
    desk, publisher, hand = connected(config, "https://weibo.example/1")
    desk.later(hours=13)
    await hand.look()
    orders = publisher.orders
    desk.close()
    assert not orders


async def test_an_answer_for_the_channel_in_doubt_puts_the_others_back_with_their_operators(config: Config) -> None:
    for line, by in (("已发 D1 微博 https://weibo.example/1", "苏琴"), ("未发 D1 微博", "苏琴")):
        desk, _, hand = connected(config, "unknown", Channel("website", "官网", "周宁", ""))
        await hand.look()
        assert desk.draft().state == "unknown"
        desk.say(line, by)
        assert desk.draft().state == "handed"
        desk.say("已发 D1 https://www.example/1", "周宁")
        assert desk.draft().state == "released"
        desk.close()
        (desk.store.folder / "wanglou.db").unlink()


async def test_a_fact_that_falls_while_the_outcome_is_unknown_holds_the_rest(config: Config) -> None:
    desk, _, hand = connected(config, "unknown", Channel("website", "官网", "周宁", ""))
    await hand.look()
    desk.later(hours=12, minutes=1)
    it, told = desk.draft(), desk.heard("@周宁", "先别发（超过12小时）")
    desk.close()
    assert it.held
    assert told
