"""Whether somebody who asks for a text wants it as a file to carry away: 「简报 #12 docx」, 「导出简报」, 「要 word 版」."""

from __future__ import annotations

import re

_FILE = re.compile(
    r"docx?(?![a-z])|(?<![a-z])word(?![a-z])|(?<!领)导出|附件|(?:成|用|要|以)?(?:文档|文件)(?!夹)(?:版|形式|格式)?",
    re.IGNORECASE,
)


def as_file(text: str) -> bool:
    """Whether a request names a file, by its kind or by 导出."""
    return _FILE.search(text) is not None


def only_file(topic: str) -> bool:
    """Whether what was taken for a topic only names the kind of file."""
    return bool(topic) and not re.sub(r"[\s版一份个的]", "", _FILE.sub("", topic))
