"""How a text sounds: three calibrated probabilities from a small linear model over character n-grams.

Each kind of text that the model was trained on (reviews, Weibo posts, company news …) has its own weights; a small layer over
their sums says which kind it is and what follows. See ``docs/model-card.md``; made by ``train.py``.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.analysis.grams import LONGEST, counted, windows
from bot.analysis.text import Clean
from bot.analysis.towards import Stance, stances
from bot.errors import ConfigError
from bot.model.reading import Sentiment

SHIPPED = Path(__file__).with_name("data") / "sentiment.npz"
"""The model that ships; made by ``python -m bot.analysis.train``."""
CLASSES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
"""The order of the probabilities."""
LEVELS = 127
"""Weights are stored in 8 bits, so that 256 of them add up in a lane of 16."""
FORMAT = 2
ARRAYS = ("table", "scales", "offsets", "hidden", "hidden_offsets", "out", "out_offsets")
"""The arrays of a model's file, beside ``format``, ``shifts``, ``bits`` and ``gaps`` (between the buckets kept)."""

NOT_AGAINST_US = 0.1
"""Most that our own statement, or what befell somebody else, can be negative towards us."""

Floats = NDArray[np.float32]
_ADDRESS = re.compile(r"(?:https?://|www\.|\bt\.cn/)[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_NAME = re.compile(r"@[\w\-·]{1,30}:?")
_LANES = 8
_SEGMENT = 256
_BIAS = 128
_SIGNS, _EVEN = np.uint64(0x8080808080808080), np.uint64(0x00FF00FF00FF00FF)
_AT_ONCE = 256  # more at once asks the system for fresh memory each time, which costs more than it saves


@dataclass(frozen=True)
class Model:
    """Everything the file holds.

    There are ``2**bits`` buckets, of which ``kept`` (ascending) have weights: ``table`` (kept, columns) of whole numbers up to
    ``LEVELS`` either way, times ``scales``. ``offsets`` are the intercepts; ``hidden`` and ``out`` the layer over the columns.
    The last ``shifts`` columns (0 or 3) are a company's corrections, added to the class logits.
    """

    bits: int
    kept: NDArray[np.int32]
    table: NDArray[np.int8]
    scales: Floats
    offsets: Floats
    hidden: Floats
    hidden_offsets: Floats
    out: Floats
    out_offsets: Floats
    shifts: int = 0


def read_model(path: Path) -> Model:
    """The model in ``path``; ``ConfigError`` where it is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise ConfigError(f"{path}: 情感模型的格式不是第 {FORMAT} 版，请用 wanglou train 重新训练")
            arrays = {name: file[name] for name in ARRAYS}
            return Model(int(file["bits"]), np.cumsum(file["gaps"], dtype=np.int32), shifts=int(file["shifts"]), **arrays)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path}: 不是可用的情感模型（{type(error).__name__}）") from None


class Scorer:
    """Scores batches of texts; reads the table eight weights to a 64-bit number, and adds them up in lanes of 16 bits."""

    def __init__(self, model: Model) -> None:
        # The weights are held once, packed.
        self._model = replace(model, kept=np.empty(0, np.int32), table=np.empty((0, 0), np.int8))
        self._place = np.zeros((1 << model.bits) + 1, np.int32)
        self._place[model.kept] = np.arange(1, len(model.kept) + 1, dtype=np.int32)
        table = np.zeros((len(model.kept) + 1, len(model.scales) + -len(model.scales) % _LANES), np.int8)
        table[1:, : len(model.scales)] = model.table
        # _BIAS is added to every weight, so that none is negative. The first row is that of all buckets not kept.
        self._packed = table.view(np.uint64)
        self._packed ^= _SIGNS

    def score(self, texts: Sequence[Clean]) -> NDArray[np.float32]:
        """Probabilities (n, 3) in the order negative, neutral, positive, of the text itself."""
        if not texts:
            return np.zeros((0, len(CLASSES)), dtype=np.float32)
        parts = [self._chunk(texts[i : i + _AT_ONCE]) for i in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(parts)

    def sums(self, texts: Sequence[str]) -> Floats:
        """The columns (n, columns) for texts as ``heard`` gives them."""
        buckets, lengths = windows(texts, self._model.bits)
        places = lengths * LONGEST
        starts = np.cumsum(places) - places
        pieces = -(-places // _SEGMENT)
        first = np.cumsum(pieces) - pieces
        within = np.arange(int(pieces.sum())) - np.repeat(first, pieces)
        cuts = np.repeat(starts, pieces) + within * _SEGMENT
        # All are inside: "clip" saves a look at each.
        packed = self._packed.take(self._place.take(buckets, mode="clip"), axis=0, mode="clip")
        even = np.add.reduceat(packed & _EVEN, cuts, axis=0).view(np.uint16)
        packed >>= np.uint64(8)
        packed &= _EVEN
        odd = np.add.reduceat(packed, cuts, axis=0).view(np.uint16)
        wide = np.stack([even, odd], axis=2).reshape(len(cuts), -1).astype(np.int32)
        whole = np.add.reduceat(wide, first, axis=0)[:, : len(self._model.scales)]
        summed = whole - _BIAS * places[:, None]
        scaled = summed * self._model.scales / np.sqrt(counted(lengths))[:, None]
        return np.asarray(scaled + self._model.offsets, dtype=np.float32)

    def _chunk(self, texts: Sequence[Clean]) -> Floats:
        return classes(self._model, self.sums([heard(text) for text in texts]))


def heard(text: Clean) -> str:
    """The words as the model hears them: that somebody was named or quoted, but not who; no addresses."""
    words = text.text
    if "//" in words or "www." in words:
        words = _ADDRESS.sub(" ", words)
    return _NAME.sub("@", words) if "@" in words else words


def classes(model: Model, sums: Floats) -> Floats:
    """Class probabilities from the columns' sums. In double precision, so that a text's figures do not depend on its batch."""
    own, sums = sums.shape[1] - model.shifts, sums.astype(np.float64)
    hidden = np.maximum(np.tanh(sums[:, :own] / 4) @ model.hidden + model.hidden_offsets, 0)
    logits = hidden @ model.out + model.out_offsets
    if model.shifts:
        logits = logits + sums[:, own:]
    logits = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(logits / logits.sum(axis=1, keepdims=True), dtype=np.float32)


def load(path: Path | None = None) -> Scorer:
    """The scorer of the model in ``path``, else of the shipped one; ``ConfigError`` where it cannot be read."""
    return Scorer(read_model(path or SHIPPED))


class Judgement(NamedTuple):
    """Towards us: the probability of negative, the likeliest class, and whether it is our own denial or its repost."""

    negative: float
    sentiment: Sentiment
    denial: bool


def judge(
    text: Clean, probabilities: Sequence[float], *, ours: Sequence[str], others: Sequence[str], own: bool = False
) -> Judgement:
    """The stance of ``text`` towards us from the probabilities of its own tone. Names are normalised; ``own``: our own account
    says it, which never counts against us."""
    return judged([text], [probabilities], ours=ours, others=others, own=[own])[0]


def judged(
    texts: Sequence[Clean],
    probabilities: Sequence[Sequence[float]],
    *,
    ours: Sequence[str],
    others: Sequence[str],
    own: Sequence[bool],
) -> list[Judgement]:
    """``judge`` for many texts."""
    return list(map(_towards_us, stances(texts, ours=ours, others=others), probabilities, own))


def _towards_us(stance: Stance, probabilities: Sequence[float], own: bool) -> Judgement:
    target, shift, denial, asked = stance
    negative, neutral, positive = probabilities
    if own or denial or target == "other":
        return Judgement(min(negative, NOT_AGAINST_US), Sentiment.NEUTRAL, denial)
    if shift:
        raised = negative * math.exp(shift)
        whole = raised + neutral + positive
        negative, neutral, positive = raised / whole, neutral / whole, positive / whole
    if negative > neutral and negative > positive:
        return Judgement(negative, Sentiment.NEGATIVE, False)
    praised = positive > neutral and not asked
    return Judgement(negative, Sentiment.POSITIVE if praised else Sentiment.NEUTRAL, False)
