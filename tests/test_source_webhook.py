"""What vendors push: proven to be theirs, read item by item, missed when it stays away."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model.health import Condition, Health, Outcome, next_health
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import webhook

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
BODY = '{"text": "漏奶"}'.encode()


def signed(raw=BODY, secret="geheim-晨露", number="msg_1", at=NOW, **more):
    stamp = str(int(at.timestamp()))
    proof = hmac.new(secret.encode(), f"{number}.{stamp}.".encode() + raw, hashlib.sha256).digest()
    return {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": "v1," + b64encode(proof).decode()} | more


def test_a_signed_push_is_known_by_its_id():
    assert webhook.verify(signed(), BODY, ["geheim-晨露"], NOW) == "msg_1"
    assert webhook.verify({k.title(): v for k, v in signed().items()}, BODY, ["geheim-晨露"], NOW) == "msg_1"


def test_the_key_of_a_signature_is_the_secret_as_written():
    proof = b64encode(hmac.new(b"whsec_k=", b"m1.1780000000." + BODY, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": "1780000000", "webhook-signature": "v1," + proof}
    assert webhook.verify(headers, BODY, ["whsec_k="], datetime.fromtimestamp(1_780_000_000, UTC)) == "m1"


def test_both_secrets_are_valid_during_rotation():
    for secret in ("alt", "neu"):
        assert webhook.verify(signed(secret=secret), BODY, ["neu", "alt"], NOW) == "msg_1"
    several = signed(secret="neu")
    several["webhook-signature"] = "v1,AAAA v2,xyz " + several["webhook-signature"]
    assert webhook.verify(several, BODY, ["neu"], NOW) == "msg_1"


@pytest.mark.parametrize(
    ("headers", "raw"),
    [
        (signed(secret="falsch"), BODY),
        (signed(), BODY + b" "),
        (signed(at=NOW - timedelta(seconds=301)), BODY),
        (signed(at=NOW + timedelta(seconds=301)), BODY),
        (signed() | {"webhook-id": "msg_2"}, BODY),
        (signed() | {"webhook-timestamp": "jetzt"}, BODY),
        (signed() | {"webhook-timestamp": "９９"}, BODY),
        (signed() | {"webhook-signature": "v1,"}, BODY),
        (signed() | {"webhook-signature": "v0,AAAA"}, BODY),
        (signed(number=""), BODY),
        (signed(secret=""), BODY),
        ({}, BODY),
    ],
)
def test_every_fault_of_a_signature_gives_the_same_answer(headers, raw):
    with pytest.raises(SourceError) as told:
        webhook.verify(headers, raw, ["geheim-晨露", ""], NOW)
    assert str(told.value) == "签名不符"


def test_five_minutes_are_in_time():
    for seconds in (-300, 300):
        assert webhook.verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, ["geheim-晨露"], NOW)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=40)),
    st.binary(max_size=40),
)
def test_no_headers_make_it_fail_otherwise(headers, raw):
    with pytest.raises(SourceError, match="签名不符"):
        webhook.verify(headers, raw, ["geheim"], NOW)


def test_one_mention_or_a_list_is_read():
    one, bad = webhook.parse(BODY, "vendor_a", NOW)
    assert ([m.text for m in one], bad) == (["漏奶"], [])
    two, bad = webhook.parse(json.dumps([{"id": 1, "text": "a", "wert": 9}, {"id": 2, "title": "b"}]).encode(), "vendor_a", NOW)
    assert [m.id for m in two] == ["vendor_a:1", "vendor_a:2"]
    assert (two[0].extra, bad) == ({"wert": 9}, [])


def test_one_bad_item_does_not_spoil_the_others():
    items = [{"text": "gut"}, {"tier": "A"}, 7, {"text": "auch gut", "tier": "X"}, {"text": ["x"]}, {"text": "gut 3"}]
    mentions, bad = webhook.parse(json.dumps(items).encode(), "vendor_a", NOW)
    assert [m.text for m in mentions] == ["gut", "gut 3"]
    assert [line.partition("：")[0] for line in bad] == ["第2条", "第3条", "第4条", "第5条"]


@pytest.mark.parametrize("raw", [b"", b"{", b'"text"', b"null", b'{"text": NaN}', b"[" * 90, b"\xff\xfe\x00"])
def test_a_body_that_is_none_is_refused_as_a_whole(raw):
    with pytest.raises(SourceError):
        webhook.parse(raw, "vendor_a", NOW)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_a_vendor_sends_is_read_or_named(value):
    try:
        mentions, bad = webhook.parse(json.dumps(value).encode(), "vendor_a", NOW)
    except SourceError:
        assert not isinstance(value, dict | list)
        return
    assert len(mentions) + len(bad) == (len(value) if isinstance(value, list) else 1)


def test_the_settings_of_the_source_fill_what_the_vendor_left_open():
    common = read_options(Common, {"name": "vendor_a", "kind": "webhook", "tier": "B", "platform": "抖音"}, "sources.vendor_a")
    mentions, _ = webhook.parse(b'[{"text": "a"}, {"text": "b", "tier": "D", "platform": "siem"}]', "vendor_a", NOW, common)
    assert [(m.tier, m.platform) for m in mentions] == [(Tier.B, "抖音"), (Tier.D, "siem")]


async def test_silence_beyond_the_expected_is_failing():
    common = read_options(Common, {"name": "vendor_a", "kind": "webhook", "expect": "1h"}, "sources.vendor_a")
    ears = webhook.Source("vendor_a", common, webhook.Options(), None)
    first = await ears.poll({}, NOW)
    with pytest.raises(SourceError, match="10:00 起 1时没有推送"):
        await ears.poll(first.state, NOW + timedelta(hours=1))
    state = webhook.heard(first.state, NOW + timedelta(minutes=59))
    second = await ears.poll(state, NOW + timedelta(hours=1))
    assert second.changed
    third = await ears.poll(second.state, NOW + timedelta(hours=1, minutes=1))
    assert not third.changed


async def test_without_expect_silence_is_nothing_to_say():
    common = read_options(Common, {"name": "vendor_a", "kind": "webhook"}, "sources.vendor_a")
    ears = webhook.Source("vendor_a", common, webhook.Options(), None)
    first = await ears.poll({}, NOW)
    month = await ears.poll(first.state, NOW + timedelta(days=30))
    health = next_health(Health.at_start(NOW), Outcome.of(month), NOW + timedelta(days=30), every=ears.every)
    assert health.condition is Condition.OK
