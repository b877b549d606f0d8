"""The only way to an outside address, and what came back made harmless."""

from __future__ import annotations

from bot.fetch.address import is_public
from bot.fetch.fetcher import Fetcher, Limits
from bot.fetch.outside import BadJson, decode, is_html, plain, read_json
from bot.fetch.page import Page

__all__ = ["BadJson", "Fetcher", "Limits", "Page", "decode", "is_html", "is_public", "plain", "read_json"]
