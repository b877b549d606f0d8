"""SnowNLP as the named alternative of ``[analysis] sentiment``: same shape of answer, its own judgement.

It was trained on shopping reviews of two classes; its probability p of "positive" is read as two draws, so that three classes
come out: (1-p)², 2p(1-p), p². About 9 ms a text and 400 MB, which is why it lives in the worker only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.analysis.text import Clean


class Snow:
    """A scorer like ``bot.analysis.sentiment.Scorer``."""

    def __init__(self) -> None:
        from snownlp import sentiment

        self._classify = sentiment.classify

    def score(self, texts: Sequence[Clean]) -> npt.NDArray[np.float32]:
        """Probabilities of negative, neutral, positive, one row a text."""
        p = np.array([self._positive(clean) for clean in texts], np.float32)
        return np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)

    def _positive(self, clean: Clean) -> float:
        if not clean.dense:
            return 0.5
        return float(self._classify(clean.bare))
