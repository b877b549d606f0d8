"""The picture of the trend: readable, in Chinese on a fresh machine, and unharmed by whatever stands in a title."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
import warnings
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import axis, draw, fonts, picture
from bot.model.card import Chart, Series

BEGIN = datetime(2026, 12, 3, 9, 48, tzinfo=axis.BEIJING).timestamp()
LABELS = "热度每小时条数负面预警现高（）①②③④⑤⑥⑦⑧月日0123456789:%…这段时间还没有数据·声明"


def curve(points: int, step: float = 60.0) -> tuple[tuple[float, float], ...]:
    return tuple((BEGIN + n * step, 40 + 30 * math.sin(n / 20)) for n in range(points))


def trend(points: int, title: str = "#12 果味奶异物投诉", marks: int = 2) -> Chart:
    series = (Series("热度", curve(points)), Series("每小时条数", curve(points)), Series("负面%", curve(points)))
    return Chart(title, "", series, tuple((BEGIN + 60 * n, f"D{n} 首发声明") for n in range(marks)))


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("points", [0, 1, 2, 30, 1440])
@pytest.mark.parametrize("marks", [0, 1, 20])
def test_a_picture_is_as_wide_as_a_phone_and_light_enough_for_every_platform(points: int, marks: int) -> None:
    drawn = draw(trend(points, marks=marks))
    width, height = size(drawn.data)
    assert width == 1080
    assert 300 < height < 2200
    assert len(drawn.data) < 1_000_000
    assert (drawn.name, drawn.mime) == ("走势.png", "image/png")


@settings(max_examples=25)
@given(st.text(max_size=120), st.lists(st.floats(), max_size=5))
def test_no_title_and_no_figure_breaks_it_and_nothing_is_drawn_as_an_empty_box(title: str, values: list[float]) -> None:
    chart = Chart(
        title, "", (Series(title, tuple((BEGIN + n, v) for n, v in enumerate(values) if abs(v) < 1e9)),), ((BEGIN, title),)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert size(draw(chart).data)[0] == 1080


def test_the_systems_font_and_the_shipped_one_have_every_character_of_ours() -> None:
    for font in (fonts.chinese(), fonts.shipped()):
        assert not [c for c in LABELS if ord(c) not in fonts.characters(font)]


def test_without_a_font_of_the_system_the_shipped_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FAMILIES", ("No Such Family",))
    fonts.chinese.cache_clear()
    try:
        file = fonts.chinese().get_file()
        assert Path(str(file)).name == "NotoSansCJKsc-Regular.otf"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert size(draw(trend(30)).data)[0] == 1080
    finally:
        fonts.chinese.cache_clear()


def test_a_word_without_a_glyph_is_left_out_and_not_drawn_as_a_box() -> None:
    assert picture._plain("客服\U0001f600推诿\u202e\x00", fonts.chinese()) == "客服推诿"


def test_there_are_few_ticks_in_beijing_time_at_round_moments() -> None:
    assert axis.moments(BEGIN, BEGIN + 3600) == [
        (BEGIN + 720, "10:00\n12月3日"),
        (BEGIN + 720 + 1800, "10:30"),
    ]
    assert [label for _, label in axis.moments(BEGIN, BEGIN + 20 * 3600)] == ["12:00\n12月3日", "18:00", "00:00\n12月4日"]


@given(st.floats(1.0, 5e8))
def test_whatever_the_length_there_are_at_most_five_ticks_inside_it(length: float) -> None:
    ticks = axis.moments(BEGIN, BEGIN + length)
    assert 1 <= len(ticks) <= 5
    assert all(BEGIN <= at <= BEGIN + length for at, _ in ticks)


def test_nothing_is_loaded_or_changed_before_the_first_picture() -> None:
    code = (
        "import sys, bot.charts, bot.app\nassert 'matplotlib' not in sys.modules\n"
        "import matplotlib as m\nbefore = m.rcParams.copy()\n"
        "from bot.model.card import Chart\nbot.charts.draw(Chart('空', '', ()))\n"
        "assert m.rcParams.copy() == before\nassert 'mplfonts' not in sys.modules\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False
    )
    assert ran.returncode == 0, ran.stderr
