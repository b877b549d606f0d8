"""Pictures and files for the AI bot: up in chunks over the long connection."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import File
from bot.platforms.wecom import limits
from bot.platforms.wecom.codes import VendorError
from bot.platforms.wecom.desk import is_picture
from bot.platforms.wecom.link import Link
from bot.platforms.wecom.webhook import file_name


async def uploaded(link: Link, meter: limits.Meter, file: File) -> dict[str, Any]:
    """Uploads ``file``; the message body that shows it. Nothing is visible yet, so every fault may be tried again."""
    if wait := meter.wait("uploads"):
        raise DeliveryError("上传太密，稍后再传", "retry", wait)
    meter.note("uploads")
    kind = "image" if is_picture(file) else "file"
    try:
        media = await _media_id(link, kind, file)
    except VendorError:
        raise
    except DeliveryError as exc:
        raise DeliveryError(str(exc), "retry", exc.after) from None
    if not isinstance(media, str) or not media:
        raise DeliveryError("上传文件：回答里没有 media_id", "retry")
    return {"msgtype": kind, kind: {"media_id": media}}


async def _media_id(link: Link, kind: str, file: File) -> object:
    chunks = [file.data[i : i + limits.CHUNK] for i in range(0, len(file.data), limits.CHUNK)]
    md5 = hashlib.md5(file.data, usedforsecurity=False).hexdigest()
    init = {"type": kind, "filename": file_name(file), "total_size": len(file.data), "total_chunks": len(chunks), "md5": md5}
    upload = (await link.call("上传文件", "aibot_upload_media_init", init)).get("upload_id")
    for i, chunk in enumerate(chunks):
        body = {"upload_id": upload, "chunk_index": i, "base64_data": base64.b64encode(chunk).decode()}
        await link.call("上传文件", "aibot_upload_media_chunk", body)
    return (await link.call("上传文件", "aibot_upload_media_finish", {"upload_id": upload})).get("media_id")
