"""Credentials that outlive a restart lie sealed in the database, with a key that only the configuration holds."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


def seal(text: str, secret: str) -> str:
    """``text`` as nobody without ``secret`` can read it."""
    return _key(secret).encrypt(text.encode()).decode()


def unseal(sealed: object, secret: str) -> str:
    """The text behind ``seal``; empty where it was sealed with another secret, or is nothing of ours."""
    try:
        return _key(secret).decrypt(str(sealed).encode()).decode()
    except (InvalidToken, ValueError):
        return ""


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"wanglou dingtalk {secret}".encode()).digest()))
