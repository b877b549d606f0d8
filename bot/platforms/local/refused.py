"""The one error of the local room."""

from __future__ import annotations

from bot.errors import UserError


class RefusedError(UserError):
    """Not done; the text (Chinese) goes to who asked, with ``status`` as the HTTP answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
