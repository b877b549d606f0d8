"""Trains the sentiment model from labelled texts; ``benchmarks/train_shipped.py`` makes the one that ships.

1. every kind of text gets its own weights for negative (and positive, where it knows a neutral), and weights that tell it from
   the other kinds;
2. the same on two thirds of the rows gives honest sums for the third, and a small layer over these sums learns the classes;
3. a temperature on rows that the layer has not seen makes the probabilities true.

Few rows (a company's corrections) do not replace the base model: they add a shift to its class logits, held small.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.analysis.grams import Ints
from bot.analysis.layer import Layer, fit_layer, softmax, temperature
from bot.analysis.logistic import Design, Floats, fit, minimise
from bot.analysis.sentiment import ARRAYS, CLASSES, FORMAT, LEVELS, SHIPPED, Model, Scorer, classes, heard, read_model
from bot.analysis.text import clean
from bot.errors import ConfigError

BITS = 20
FAINT = 5.0
"""A bucket stays where its weights in 8 bits, summed, times the root of how often it was seen, come to this much."""
FOLDS = 3
FEWEST = 30
"""Rows below which nothing can be learnt."""
REPLACES = 5_000
"""From this many rows on the file is a training set of its own; below, it corrects the base model."""
SHIFT_PENALTY = 1.0
GATE_ROWS = 8_000
_LABELS = {"0": 0, "negative": 0, "负面": 0, "1": 2, "positive": 2, "正面": 2, "2": 1, "neutral": 1, "中性": 1}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text: ``kind`` names the sort of text, ``label`` is the place in ``CLASSES``, ``text`` as ``sentiment.heard`` gives it."""

    kind: str
    label: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was trained: rows by class, whether the base model was corrected, macro-F1 and calibration error on rows held out.

    For corrections ``before`` is the base model's macro-F1 on the same held-out rows; else None.
    """

    rows: tuple[int, int, int]
    corrected: bool
    macro_f1: float
    calibration: float
    before: float | None = None

    def __str__(self) -> str:
        """The report in Chinese, in one line."""
        negative, neutral, positive = self.rows
        what = "已校正随附模型" if self.corrected else "已训练新模型"
        earlier = "" if self.before is None else f"（校正前 {self.before:.3f}）"
        return (
            f"{what}：负面 {negative}、中性 {neutral}、正面 {positive} 条；留出部分 macro-F1 {self.macro_f1:.3f}{earlier}，"
            f"校准误差 {self.calibration:.3f}"
        )


def train(files: Sequence[Path], out: Path, *, seed: int = 7, progress: Progress | None = None) -> Report:
    """Trains from CSV ``label,text`` (0 negative, 1 positive, 2 neutral, or the words) and writes ``out``.

    An optional column ``kind`` names the sort of text; else each file is a kind. ``ConfigError`` names the file and line.
    """
    rows = [row for path in files for row in read_rows(path)]
    if len(rows) < FEWEST:
        raise ConfigError(f"训练至少需要 {FEWEST} 条有标签的文本，现有 {len(rows)} 条")
    if len({row.label for row in rows}) < 2:
        raise ConfigError("训练数据只有一种标签，至少需要两种")
    return train_rows(rows, out, seed=seed, progress=progress)


def train_rows(rows: Sequence[Row], out: Path, *, seed: int = 7, progress: Progress | None = None) -> Report:
    """As ``train``, from rows."""
    tell = progress or (lambda _: None)
    if len(rows) < REPLACES:
        model, report = _corrected(read_model(SHIPPED), rows, seed, tell)
    else:
        model, report = _fresh(rows, seed, tell)
    write_model(model, out)
    return report


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV with the columns label and text (and kind)."""
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"label", "text"} <= set(reader.fieldnames or ()):
                raise ConfigError(f"{path}: 第 1 行应有列名 label,text")
            for record in reader:
                label = (record["label"] or "").strip().lower()
                if label not in _LABELS:
                    raise ConfigError(
                        f"{path} 第 {reader.line_num} 行: label 应为 0、1、2 或 negative、neutral、positive，现为 {label!r}"
                    )
                text = heard(clean(record["text"] or ""))
                if text:
                    found.append(Row((record.get("kind") or path.stem).strip(), _LABELS[label], text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: 读不出来（{type(error).__name__}）") from None
    return found


def write_model(model: Model, out: Path) -> None:
    """The model as one file; the same model gives the same bytes."""
    arrays = {name: getattr(model, name) for name in ARRAYS}
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    with part.open("wb") as file:
        gaps = np.diff(model.kept, prepend=0)
        np.savez_compressed(file, format=FORMAT, shifts=model.shifts, bits=model.bits, gaps=gaps, **arrays)
    part.replace(out)


@dataclass(frozen=True)
class _Columns:
    weights: Floats
    offsets: Floats

    def sums(self, design: Design) -> Floats:
        return np.stack([design.times(w) for w in self.weights], axis=1) + self.offsets


def _fresh(rows: Sequence[Row], seed: int, tell: Progress) -> tuple[Model, Report]:
    labels = np.array([row.label for row in rows])
    kinds = np.unique([row.kind for row in rows], return_inverse=True)[1]
    part = np.array([zlib.crc32(f"{seed}{row.text}".encode()) % (FOLDS * 10) for row in rows])
    design = Design.of([row.text for row in rows], BITS)
    sums: Floats | None = None
    for fold in range(FOLDS):
        tell(f"第 {fold + 1}/{FOLDS + 1} 轮")
        held = part % FOLDS == fold
        columns = _columns(design, labels, kinds, ~held, seed)
        sums = np.zeros((len(rows), len(columns.offsets))) if sums is None else sums
        sums[held] = columns.sums(design.pick(np.flatnonzero(held)))
    assert sums is not None
    tell(f"第 {FOLDS + 1}/{FOLDS + 1} 轮")
    columns = _columns(design, labels, kinds, np.ones(len(rows), dtype=bool), seed)
    test = part // FOLDS == 0
    weight = _balance(kinds)
    layer = fit_layer(sums[~test], labels[~test], weight[~test], seed)
    layer = layer.cooled(temperature(layer.logits(sums[test]), labels[test], weight[test]))
    model = _packed(columns, layer, design)
    report = measured(classes(model, sums[test].astype(np.float32)), labels[test])
    return model, Report(_by_class(labels), False, *report)


def _balance(kinds: Ints) -> Floats:
    """A kind of text weighs as the fourth root of its rows: the large kinds count for more, but not alone."""
    return np.asarray((np.bincount(kinds) ** -0.75)[kinds])


def _columns(design: Design, labels: Ints, kinds: Ints, use: NDArray[np.bool_], seed: int) -> _Columns:
    fitted = []
    for kind in range(int(kinds.max()) + 1):
        rows = np.flatnonzero(use & (kinds == kind))
        part, own = design.pick(rows), labels[rows]
        even = np.ones(len(rows))
        fitted.append(fit(part, own == 0, even))
        if len(np.unique(labels[kinds == kind])) == len(CLASSES):
            fitted.append(fit(part, own == 2, even))
    if kinds.max() > 0:
        rows = _some_of_each(kinds, use, seed)
        part = design.pick(rows)
        even = np.ones(len(rows))
        fitted += [fit(part, kinds[rows] == kind, even) for kind in range(int(kinds.max()) + 1)]
    return _Columns(np.stack([w for w, _ in fitted]), np.array([b for _, b in fitted]))


def _some_of_each(kinds: Ints, use: NDArray[np.bool_], seed: int) -> Ints:
    random = np.random.default_rng(seed)
    picked = [random.permutation(np.flatnonzero(use & (kinds == kind)))[:GATE_ROWS] for kind in range(int(kinds.max()) + 1)]
    return np.sort(np.concatenate(picked))


def _packed(columns: _Columns, layer: Layer, design: Design) -> Model:
    table, scales = _rounded(columns.weights)
    seen = np.bincount(design.buckets, minlength=design.size)
    kept = np.flatnonzero(np.abs(table.astype(np.int64)).sum(axis=1) * np.sqrt(seen) >= FAINT)
    return Model(
        bits=BITS,
        kept=kept.astype(np.int32),
        table=table[kept],
        scales=scales,
        offsets=columns.offsets.astype(np.float32),
        hidden=layer.hidden.astype(np.float32),
        hidden_offsets=layer.hidden_offsets.astype(np.float32),
        out=layer.out.astype(np.float32),
        out_offsets=layer.out_offsets.astype(np.float32),
    )


def _rounded(weights: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (columns, buckets) as whole numbers (buckets, columns) and scales."""
    scales = np.maximum(np.abs(weights).max(axis=1) / LEVELS, 1e-9)
    table = np.rint(weights / scales[:, None]).astype(np.int8)
    return np.ascontiguousarray(table.T), scales.astype(np.float32)


def _corrected(base: Model, rows: Sequence[Row], seed: int, tell: Progress) -> tuple[Model, Report]:
    """The base model with three more columns, one a class, fitted to what it got wrong."""
    tell("校正")
    labels = np.array([row.label for row in rows])
    held = np.array([zlib.crc32(f"{seed}{row.text}".encode()) % 5 == 0 for row in rows])
    texts = [row.text for row in rows]
    design = Design.of(texts, base.bits)
    logits = np.log(np.maximum(classes(base, Scorer(base).sums(texts)), 1e-6)).astype(np.float64)
    learnt = _shift(design.pick(np.flatnonzero(~held)), labels[~held], logits[~held])
    tried = logits[held] + learnt.sums(design.pick(np.flatnonzero(held)))
    before, _ = measured(softmax(logits[held]), labels[held])
    report = measured(softmax(tried), labels[held])
    return _joined(base, _shift(design, labels, logits)), Report(_by_class(labels), True, *report, before)


def _shift(design: Design, labels: Ints, logits: Floats) -> _Columns:
    """What to add to the class logits, held small: what the corrections do not speak of stays as it was."""
    targets = np.eye(len(CLASSES))[labels]
    whole = design.size
    design, used = design.narrow()

    def loss(point: Floats) -> tuple[float, Floats]:
        weights = point.reshape(len(CLASSES), -1)
        found = softmax(logits + np.stack([design.times(w) for w in weights], axis=1))
        value = float(-(targets * np.log(found + 1e-12)).sum() + 0.5 * SHIFT_PENALTY * (point @ point))
        slope = np.concatenate([design.back(column) for column in (found - targets).T])
        return value, slope + SHIFT_PENALTY * point

    weights = np.zeros((len(CLASSES), whole))
    weights[:, used] = minimise(loss, np.zeros(len(CLASSES) * design.size)).reshape(len(CLASSES), -1)
    return _Columns(weights, np.zeros(len(CLASSES)))


def _joined(base: Model, shift: _Columns) -> Model:
    added, scales = _rounded(shift.weights)
    kept = np.union1d(base.kept, np.flatnonzero(added.any(axis=1)))
    table = np.zeros((len(kept), base.table.shape[1]), np.int8)
    table[np.searchsorted(kept, base.kept)] = base.table
    return replace(
        base,
        kept=kept.astype(np.int32),
        table=np.ascontiguousarray(np.hstack([table, added[kept]])),
        scales=np.concatenate([base.scales, scales]),
        offsets=np.concatenate([base.offsets, shift.offsets.astype(np.float32)]),
        shifts=len(CLASSES),
    )


def measured(probabilities: NDArray[np.floating], labels: Ints) -> tuple[float, float]:
    """Macro-F1 over the classes that occur, and the expected calibration error (15 bins) of the probability of negative."""
    chosen = probabilities.argmax(axis=1)
    scores = [
        2 * ((chosen == c) & (labels == c)).sum() / max(1, (chosen == c).sum() + (labels == c).sum()) for c in set(labels)
    ]
    return float(np.mean(scores)) if scores else 0.0, calibration_error(probabilities[:, 0], labels == 0)


def calibration_error(probability: NDArray[np.floating], happened: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean distance between what was said and what came, over equal bins of probability, weighted by their size."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [abs(probability[place == b].mean() - happened[place == b].mean()) * (place == b).mean() for b in set(place)]
    return float(np.sum(gaps))


def _by_class(labels: Ints) -> tuple[int, int, int]:
    negative, neutral, positive = np.bincount(labels, minlength=len(CLASSES))
    return int(negative), int(neutral), int(positive)
