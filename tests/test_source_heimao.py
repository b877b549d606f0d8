"""黑猫投诉: what becomes of a complaint, and when the answer is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.errors import SourceError
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import heimao
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


def complaint(sn="17372711541", title="晨露果味奶瓶盖松动", **more):
    main = {"sn": sn, "title": title, "appeal": "退款", "summary": "一箱漏五瓶", "timestamp": "1782783000",
            "url": f"//tousu.example/complaint/view/{sn}/"} | more  # fmt: skip
    return {"main": main, "author": {"title": "匿名", "phone": "13800000000"}}


def lists(*complaints):
    return json.dumps({"result": {"status": {}, "data": {"lists": list(complaints)}}}, ensure_ascii=False)


async def polls(*replies, path="/api/index/feed", **options):
    brought, state = [], {}
    async with site() as there, fetching() as fetch:
        there.says(path, *[page(r, "application/json") if isinstance(r, str) else r for r in replies])
        common = read_options(Common, {"name": "黑猫投诉", "kind": "heimao"}, "sources.黑猫投诉")
        ears = heimao.Source("黑猫投诉", common, read_options(heimao.Options, {"base": there.base} | options, "x"), fetch)
        for _ in range(2 if len(replies) > 1 else 1):
            brought.append(await ears.poll(json.loads(json.dumps(state)), NOW))
            state = brought[-1].state
    return brought, there


async def test_a_complaint_becomes_a_mention_without_its_complainant():
    (got,), there = await polls(lists(complaint()))
    (mention,) = got.mentions
    assert (mention.key, mention.tier, mention.platform) == ("17372711541", Tier.C, "黑猫投诉")
    assert mention.text == "晨露果味奶瓶盖松动\n退款\n一箱漏五瓶"
    assert mention.url == "https://tousu.example/complaint/view/17372711541/"
    assert mention.published == datetime.fromtimestamp(1_782_783_000, UTC)
    assert "13800000000" not in repr(mention)
    assert dict(there.asked[0].query) == {"type": "1", "page_size": "30", "page": "1"}


async def test_older_answers_are_wrapped_in_a_call():
    for wrapped in (f"jQuery_1({lists(complaint())});", f"try{{cb({lists(complaint())});}}catch(e){{}}"):
        (got,), _ = await polls(wrapped)
        assert len(got.mentions) == 1


async def test_a_page_instead_of_data_asks_for_a_new_log_in():
    with pytest.raises(SourceError, match="重新登录") as told:
        await polls(page("<!doctype html><html>登录</html>"))
    assert told.value.health == "degraded"


@pytest.mark.parametrize(
    "bad", ["{}", '{"result": {"data": {"lists": {}}}}', lists(), lists({"main": {"sn": ""}}), "{", "null"]
)
async def test_an_answer_without_complaints_is_degraded(bad):
    with pytest.raises(SourceError) as told:
        await polls(bad)
    assert told.value.health == "degraded"


async def test_a_search_without_complaints_is_quiet():
    (got,), there = await polls(lists(), path="/api/index/s", keywords=["晨露"])
    assert (got.mentions, got.found) == ((), False)
    assert there.asked[0].query["keywords"] == "晨露"


async def test_pages_are_turned_until_the_known_ones_begin_and_equal_words_are_two_complaints():
    (first, second), there = await polls(
        lists(complaint("1")), lists(complaint("3"), complaint("2", "二")), lists(complaint("1"))
    )
    assert [m.key for m in first.mentions] == ["1"]
    assert [m.key for m in second.mentions] == ["3", "2"]
    assert [request.query["page"] for request in there.asked] == ["1", "1", "2"]


async def test_one_company_is_asked_with_the_company_s_own_cookie():
    (got,), there = await polls(lists(complaint()), path="/api/company/received_complaints", couid="77", cookie="SUB=geheim")
    assert len(got.mentions) == 1
    assert (there.asked[0].query["couid"], there.asked[0].headers["Cookie"]) == ("77", "SUB=geheim")
