"""The envelope of WeCom's call-backs and the wrapping of its files.

wechatpy does the AES; around it stands what it leaves out: a size cap, the age of the message, a comparison in constant time,
strict base64 and padding, the length field, a table of what was seen, and one error for every fault, so that nobody learns
from our answers which check failed.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from collections.abc import Callable

from wechatpy.crypto import _get_signature
from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.enterprise.crypto import PrpCrypto

from bot.errors import WanglouError
from bot.platforms.wecom import limits

BLOCK = 32


class EnvelopeError(WanglouError):
    """A call-back that is not what it should be. Says nothing more, on purpose."""

    def __init__(self) -> None:
        super().__init__("bad call-back")


def key_of(aes_key: str) -> bytes:
    """The 32 bytes behind an EncodingAESKey or a file's ``aeskey`` (43 characters of base64); ``ValueError`` otherwise."""
    key = base64.b64decode(aes_key.rstrip("=") + "=", validate=True)
    if len(key) != BLOCK:
        raise ValueError("an AES key of WeCom has 43 characters")
    return key


class Envelope:
    """Opens and seals call-backs for one ``receiveid`` (the corp id of an app, empty for an AI bot of our own)."""

    def __init__(self, token: str, aes_key: str, receiveid: str) -> None:
        self._token = token
        self._key = key_of(aes_key)
        self._receiveid = receiveid

    def open(self, signature: str, timestamp: str, nonce: str, encrypt: str, now: float) -> str:
        """The clear text; ``now`` in unix seconds. ``EnvelopeError`` for any fault."""
        if len(encrypt) > limits.CALLBACK_BODY or not encrypt:
            raise EnvelopeError
        if not hmac.compare_digest(self._sign(timestamp, nonce, encrypt).encode(), signature.encode("utf-8", "replace")):
            raise EnvelopeError
        if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp[:15])) > limits.CALLBACK_AGE:
            raise EnvelopeError
        return self._decrypt(encrypt)

    def seal(self, text: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """(encrypt, signature) of an answer."""
        encrypt = PrpCrypto(self._key).encrypt(text, self._receiveid).decode()
        return encrypt, self._sign(timestamp, nonce, encrypt)

    def _sign(self, timestamp: str, nonce: str, encrypt: str) -> str:
        try:
            return str(_get_signature(self._token, timestamp, nonce, encrypt))
        except UnicodeError:
            raise EnvelopeError from None

    def _decrypt(self, encrypt: str) -> str:
        try:
            clear = unpad(WeChatCipher(self._key).decrypt(base64.b64decode(encrypt, validate=True)))
            (length,) = struct.unpack(">I", clear[16:20])
            end = 20 + length
            if end > len(clear) or not hmac.compare_digest(clear[end:], self._receiveid.encode()):
                raise EnvelopeError
            return clear[20:end].decode()
        except (ValueError, binascii.Error, struct.error):
            raise EnvelopeError from None


def unpad(clear: bytes) -> bytes:
    """Without PKCS#7 padding of 32-byte blocks; ``ValueError`` when there is none."""
    count = clear[-1] if clear else 0
    if not 1 <= count <= BLOCK or clear[-count:] != bytes([count]) * count:
        raise ValueError("bad padding")
    return clear[:-count]


def decrypt_file(data: bytes, aes_key: str) -> bytes:
    """The bytes of a received picture or file. ``EnvelopeError`` when they are damaged or the key is not theirs."""
    try:
        return unpad(WeChatCipher(key_of(aes_key)).decrypt(data))
    except ValueError:
        raise EnvelopeError from None


class Seen:
    """Call-backs already accepted, by signature, for as long as their age would pass (monotonic seconds)."""

    def __init__(self, clock: Callable[[], float], span: float = 2 * limits.CALLBACK_AGE) -> None:
        self._clock = clock
        self._span = span
        self._until: dict[str, float] = {}

    def __contains__(self, signature: str) -> bool:
        return self._until.get(signature, 0.0) > self._clock()

    def add(self, signature: str) -> None:
        """Remembers one; forgets what is too old to pass anyway."""
        now = self._clock()
        for old in [key for key, until in self._until.items() if until <= now]:
            del self._until[old]
        self._until[signature] = now + self._span
