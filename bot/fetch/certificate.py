"""Until when a server's certificate is good."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

LIMIT = 5.0


async def certificate_until(url: str, context: ssl.SSLContext | None = None) -> datetime | None:
    """The end of the certificate of an https address of the configuration; None where there is none or no connection."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        async with asyncio.timeout(LIMIT):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=context or ssl.create_default_context()
            )
    except (OSError, TimeoutError, ValueError):
        return None
    try:
        certificate = writer.get_extra_info("peercert") or {}
    finally:
        writer.transport.abort()
    end = certificate.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if end else None
