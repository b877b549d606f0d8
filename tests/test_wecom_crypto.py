"""The envelope of WeCom's call-backs: every public vector opens, every fault is refused with the same error."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto.base import BasePrpCrypto
from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.platforms.wecom.crypto import Envelope, EnvelopeError, Seen, decrypt_file, key_of, unpad

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "fakes" / "wecom_vectors.json").read_text("utf-8"))
SEALED = [v for v in VECTORS if "msg_signature" in v]
IDS = [v["id"] for v in SEALED]
FIRST, NAMELESS = SEALED[0], next(v for v in SEALED if v["id"] == "X1")


def opened(v: dict[str, Any], **changed: Any) -> str:
    v = v | changed
    envelope = Envelope(v["token"], v["encoding_aes_key"], v["receiveid"])
    return envelope.open(v["msg_signature"], v["timestamp"], v["nonce"], v["encrypt"], float(v.get("now", v["timestamp"])))


def signed(v: dict[str, Any], clear: bytes) -> dict[str, Any]:
    """The vector with other clear bytes (padding included), rightly signed: only the inside is wrong."""
    encrypt = base64.b64encode(WeChatCipher(key_of(v["encoding_aes_key"])).encrypt(clear)).decode()
    return v | {
        "encrypt": encrypt,
        "msg_signature": Envelope(v["token"], v["encoding_aes_key"], "")._sign(v["timestamp"], v["nonce"], encrypt),
    }


def test_there_are_ten_envelopes_and_a_file() -> None:
    assert IDS == ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "X1", "X2"]
    assert VECTORS[-1]["id"] == "X3"


@pytest.mark.parametrize("vector", SEALED, ids=IDS)
def test_every_vector_opens(vector: dict[str, Any]) -> None:
    assert opened(vector) == vector["plaintext"]


@pytest.mark.parametrize("vector", SEALED, ids=IDS)
def test_sealing_gives_the_vector_byte_for_byte(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BasePrpCrypto, "get_random_string", lambda self: vector["random16"])
    envelope = Envelope(vector["token"], vector["encoding_aes_key"], vector["receiveid"])
    assert envelope.seal(vector["plaintext"], vector["timestamp"], vector["nonce"]) == (
        vector["encrypt"],
        vector["msg_signature"],
    )


def test_the_file_vector_opens_and_a_damaged_file_is_refused() -> None:
    vector = VECTORS[-1]
    data = base64.b64decode(vector["encrypted_base64"])
    assert decrypt_file(data, vector["encoding_aes_key"]).decode() == vector["plaintext"]
    for bad in (data[:-1], data[:16], b"", data[:-16] + bytes(16)):
        with pytest.raises(EnvelopeError):
            decrypt_file(bad, vector["encoding_aes_key"])
    with pytest.raises(EnvelopeError):
        decrypt_file(data, "short")


def flipped(signature: str) -> str:
    return ("0" if signature[0] != "0" else "1") + signature[1:]


@pytest.mark.parametrize("vector", SEALED, ids=IDS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: v | {"msg_signature": flipped(v["msg_signature"])},
        lambda v: v | {"msg_signature": ""},
        lambda v: v | {"msg_signature": "ä" * 40},
        lambda v: v | {"token": v["token"] + "x"},
        lambda v: v | {"nonce": "other"},
        lambda v: v | {"receiveid": "ww0000000000000000"},
        lambda v: v | {"now": int(v["timestamp"]) + 601},
        lambda v: v | {"now": int(v["timestamp"]) - 601},
        lambda v: signed(v, bytes(32)),
        lambda v: signed(v, b"r" * 16 + struct.pack(">I", 9999) + b"x" * 11 + bytes([1])),
        lambda v: signed(v, b"r" * 31 + bytes([0])),
        lambda v: signed(v, b"r" * 31 + bytes([33])),
        lambda v: signed(v, b"r" * 15 + bytes([17]) * 17),
        lambda v: v | {"encrypt": ""},
        lambda v: v | {"encrypt": "A" * (256 * 1024 + 4)},
    ],
)
def test_every_fault_is_the_same_error(vector: dict[str, Any], spoil: Any) -> None:
    with pytest.raises(EnvelopeError) as caught:
        opened(spoil(vector))
    assert str(caught.value) == "bad call-back"


def test_a_truncated_or_dirty_base64_is_refused_even_when_signed() -> None:
    envelope = Envelope(FIRST["token"], FIRST["encoding_aes_key"], FIRST["receiveid"])
    for encrypt in (FIRST["encrypt"][:-44], FIRST["encrypt"] + "!!", "你好", FIRST["encrypt"][:-2]):
        signature = envelope._sign(FIRST["timestamp"], FIRST["nonce"], encrypt)
        with pytest.raises(EnvelopeError):
            opened(FIRST, encrypt=encrypt, msg_signature=signature)


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(["", "ww0123456789abcdef"]))
def test_what_is_sealed_opens_with_us_and_with_wechatpy(text: str, receiveid: str) -> None:
    envelope = Envelope(FIRST["token"], FIRST["encoding_aes_key"], receiveid)
    encrypt, signature = envelope.seal(text, "1700000000", "n")
    assert envelope.open(signature, "1700000000", "n", encrypt, 1700000000.0) == text
    theirs = WeChatCrypto(FIRST["token"], FIRST["encoding_aes_key"], receiveid)
    assert theirs.decrypt_message({"Encrypt": encrypt}, signature, "1700000000", "n") == text


@given(st.binary(max_size=100))
def test_padding_is_right_or_refused(data: bytes) -> None:
    try:
        clear = unpad(data)
    except ValueError:
        return
    pad = len(data) - len(clear)
    assert data == clear + bytes([pad]) * pad
    assert 1 <= pad <= 32


def test_a_key_of_the_wrong_length_is_refused() -> None:
    for key in ("", "abc", "A" * 42, "A" * 44 + "=", "你" * 43):
        with pytest.raises(ValueError):  # noqa: PT011
            key_of(key)


def test_a_signature_is_remembered_until_its_message_would_be_too_old() -> None:
    now = [1000.0]
    seen = Seen(lambda: now[0])
    seen.add("a")
    assert "a" in seen
    assert "b" not in seen
    now[0] += 1199
    assert "a" in seen
    now[0] += 2
    assert "a" not in seen
    seen.add("b")
    assert len(seen._until) == 1
