"""Training: from invented sentences, so small that only the machinery is tested."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from bot.analysis.logistic import minimise
from bot.analysis.sentiment import load
from bot.analysis.text import clean
from bot.analysis.train import calibration_error, train
from bot.errors import ConfigError

THINGS = [
    f"{a}{b}"
    for a, b in itertools.product("红蓝绿黄黑白灰紫", ("杯子", "桌子", "椅子", "台灯", "雨伞", "书包", "水壶", "毛巾"))
]
BAD, GOOD, PLAIN = (
    ("裂了", "坏了", "漏水", "掉色", "太差"),
    ("好用", "结实", "漂亮", "喜欢", "满意"),
    ("到货", "下单", "多少钱", "在哪", "几号"),
)


def rows(times: int) -> Iterable[tuple[str, str]]:
    for n in range(times):
        for label, words in (("negative", BAD), ("positive", GOOD), ("neutral", PLAIN)):
            for thing, word in itertools.product(THINGS, words):
                yield label, f"{thing}{word}{n}号"


def written(path: Path, found: Iterable[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("label", "text"), *found])
    return path


def test_a_training_set_makes_a_model_of_its_own_and_always_the_same(tmp_path: Path) -> None:
    file, out, again = written(tmp_path / "things.csv", rows(6)), tmp_path / "model.npz", tmp_path / "again.npz"

    report = train([file], out)
    train([file], again)
    texts = [clean(words) for words in ("红杯子漏水", "红杯子多少钱", "红杯子结实")]
    probabilities = load(out).score(texts)

    assert not report.corrected
    assert report.rows == (1920, 1920, 1920)
    assert report.macro_f1 > 0.95
    assert probabilities.argmax(axis=1).tolist() == [0, 1, 2]
    assert np.array_equal(load(again).score(texts), probabilities)


def test_two_kinds_of_text_keep_their_own_words(tmp_path: Path) -> None:
    turned = {"negative": "positive", "positive": "negative", "neutral": "neutral"}
    one = written(tmp_path / "one.csv", ((label, f"甲方{text}") for label, text in rows(3)))
    two = written(tmp_path / "two.csv", ((turned[label], f"乙方{text}") for label, text in rows(3)))

    train([one, two], tmp_path / "model.npz")
    probabilities = load(tmp_path / "model.npz").score([clean("甲方红杯子漏水1号"), clean("乙方红杯子漏水1号")])

    assert probabilities.argmax(axis=1).tolist() == [0, 2]


def test_few_corrections_bend_the_shipped_model_and_keep_the_rest(tmp_path: Path) -> None:
    corrections = [("negative", f"这批货又{word}窜味了" if n % 2 else f"窜味{word}" * 2) for n, word in enumerate(THINGS)]
    corrections += [("positive", f"{word}很香浓") for word in THINGS]
    file, out = written(tmp_path / "ours.csv", corrections), tmp_path / "model.npz"
    texts = [clean("牛奶窜味了"), clean("房间又脏又小，服务员态度恶劣"), clean("酒店位置很好，下次还会来")]

    report = train([file], out)
    before, after = load().score(texts), load(out).score(texts)

    assert report.corrected
    assert str(report).startswith("已校正随附模型：负面 64、中性 0、正面 64 条")
    assert report.before is not None
    assert report.macro_f1 >= report.before
    assert after[0, 0] > before[0, 0]
    assert np.abs(after[1:] - before[1:]).max() < 0.1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text\n好\n", "第 1 行"),
        ("label,text\nmaybe,好\n", "第 2 行"),
        ("label,text\n0,差\n", "至少需要"),
        ("label,text\n" + "1,好\n" * 40, "一种标签"),
    ],
)
def test_a_file_that_cannot_teach_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError, match=said):
        train([file], tmp_path / "model.npz")
    with pytest.raises(ConfigError, match="nothing"):
        train([tmp_path / "nothing.csv"], tmp_path / "model.npz")


def test_labels_may_be_numbers_as_in_the_public_sets(tmp_path: Path) -> None:
    numbers = {"negative": "0", "positive": "1", "neutral": "2"}
    file = written(tmp_path / "n.csv", ((numbers[label], text) for label, text in rows(1)))

    assert train([file], tmp_path / "model.npz").rows == (320, 320, 320)


def test_the_minimiser_finds_the_bottom_of_a_valley() -> None:
    scale = np.array([1.0, 30.0, 4.0])
    found = minimise(lambda x: (float(scale @ (x - 3) ** 2), 2 * scale * (x - 3)), np.zeros(3))

    assert np.allclose(found, 3, atol=1e-3)


def test_calibration_error_is_the_distance_of_word_and_deed() -> None:
    said = np.full(100, 0.8)

    assert calibration_error(said, np.arange(100) < 80) == pytest.approx(0)
    assert calibration_error(said, np.arange(100) < 30) == pytest.approx(0.5)
