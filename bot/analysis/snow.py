"""SnowNLP as the named alternative of ``[analysis] sentiment``: its own score, of the words as they came.

It was trained on shopping reviews of two classes, so nothing is neutral: negative is one less its probability of "positive".
About 9 ms a text and 400 MB, which is why it lives in the worker only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Snow:
    """Scores words like ``bot.analysis.sentiment.Scorer`` does."""

    def __init__(self) -> None:
        from snownlp import sentiment

        self._classify = sentiment.classify

    def score(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities of negative, neutral, positive, one row a text; a text without any is neutral."""
        return np.array([self._one(text) for text in words], np.float32).reshape(-1, 3)

    def _one(self, text: str) -> tuple[float, float, float]:
        if not text.strip():
            return 0.0, 1.0, 0.0
        positive = float(self._classify(text))
        return 1 - positive, 0.0, positive
