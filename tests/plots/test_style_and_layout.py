from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from sim.explorer.page.palette import DARK, LIGHT, Palette
from sim.output.formatting import interval, period, share, signed_number
from sim.output.subjects import client
from sim.plots import page
from sim.plots.labels import spread
from sim.plots.look import DPI
from sim.plots.page import text_width, wrap
from sim.plots.style import (
    ACCENT,
    CHANCE,
    DARK_POSTURE_COLOURS,
    DARK_RESPONSE_COLOURS,
    INK,
    MEMBER_COLOURS,
    MUTED,
    POSTURE_COLOURS,
    RESPONSE_COLOURS,
    SECOND,
    TRUST,
    branch_line,
    contrast,
    encoded,
    ink_on,
    member_line,
    save,
    styled,
)
from sim.plots.trust import trust
from sim.result import Result
from sim.words import POSTURES, RESPONSES

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
"""Colour vision at full severity, in linear RGB (Machado, Oliveira & Fernandes 2009)."""


def linear(colour) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lightness(colour) -> float:
    y = float(linear(colour) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.clip(xyz / [0.9505, 1.0, 1.089], 1e-6, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SCALES = [
    (POSTURE_COLOURS, POSTURES, LIGHT, -1),
    (RESPONSE_COLOURS, RESPONSES, LIGHT, -1),
    (DARK_POSTURE_COLOURS, POSTURES, DARK, 1),
    (DARK_RESPONSE_COLOURS, RESPONSES, DARK, 1),
]
"""Each table of colours, with its words, the card that it lies on, and whether it gets darker or lighter."""


@pytest.mark.parametrize(("colours", "words", "palette", "way"), SCALES)
def test_scales_leave_their_card_step_by_step_so_that_they_print_in_grey(
    colours: dict[str, str], words: tuple[str, ...], palette: Palette, way: int
) -> None:
    assert tuple(colours) == words
    steps = np.diff([lightness(colour) for colour in colours.values()])
    assert (way * steps > 5).all()


@pytest.mark.parametrize(("colours", "words", "palette", "way"), SCALES)
def test_marks_and_the_text_on_them_stand_out_on_their_card(
    colours: dict[str, str], words: tuple[str, ...], palette: Palette, way: int
) -> None:
    assert min(contrast(colour, palette.card) for colour in colours.values()) >= 3.0
    assert min(contrast(ink_on(colour), colour) for colour in colours.values()) >= 4.5
    assert tuple(colours.values()) in (palette.postures, palette.responses)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_on_both_cards(palette: Palette) -> None:
    assert min(contrast(colour, palette.card) for colour in (palette.ink, palette.muted)) >= 4.5
    assert min(contrast(colour, palette.card) for colour in (palette.accent, palette.second, palette.third)) >= 3.0


def test_lines_of_figures_stand_out_on_paper() -> None:
    assert min(contrast(colour, "#ffffff") for colour in (INK, MUTED)) >= 4.5
    assert min(contrast(colour, "#ffffff") for colour in (ACCENT, SECOND, *MEMBER_COLOURS)) >= 3.0


def test_contrast_is_that_of_the_guidelines() -> None:
    """#767676 is the lightest grey that has 4.5 to 1 on white."""
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


@pytest.mark.parametrize("scale", [CHANCE, TRUST])
def test_continuous_scales_darken_throughout(scale) -> None:
    assert (np.diff([lightness(scale(x)) for x in np.linspace(0, 1, 41)]) < 0).all()


@pytest.mark.parametrize("eye", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["usual", "deuteranopia", "protanopia"])
@pytest.mark.parametrize("colours", [(ACCENT, *MEMBER_COLOURS[:4]), *(tuple(each[0].values()) for each in SCALES)])
def test_colours_can_be_told_apart_by_colour_blind_readers(eye: np.ndarray, colours: tuple[str, ...]) -> None:
    assert min(gaps(eye, colours)) > 9


@pytest.mark.parametrize("eye", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["usual", "deuteranopia", "protanopia"])
@pytest.mark.parametrize(("look", "count"), [(branch_line, 12), (member_line, 17)])
def test_any_two_lines_of_a_figure_differ_in_colour_or_dashes(
    eye: np.ndarray, look: Callable[[int], tuple[str, Any]], count: int
) -> None:
    lines = [look(n) for n in range(count)]
    alike = [(a, b) for a, b in combinations(lines, 2) if a[1] == b[1] and min(gaps(eye, (a[0], b[0]))) <= 5]
    assert alike == []


def gaps(eye: np.ndarray, colours: Sequence[str]) -> list[float]:
    """Return the distances of all pairs of colours as an eye sees them."""
    seen = [lab(np.clip(eye @ linear(colour), 0, 1)) for colour in colours]
    return [float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)]


def test_lines_of_seventeen_members_all_differ() -> None:
    assert len({str(member_line(n)) for n in range(17)}) == 17


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 0.08))
def test_labels_are_spread_in_order_and_inside(targets: list[float], gap: float) -> None:
    placed = spread(targets, gap, 0.0, 1.0)
    in_order = [placed[i] for i in sorted(range(len(targets)), key=lambda i: (targets[i], i))]
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(in_order))
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_labels_that_keep_their_distance_stay_where_they_are() -> None:
    assert spread([0.9, 0.1, 0.5], 0.1, 0, 1) == [0.9, 0.1, 0.5]
    assert spread([], 0.1, 0, 1) == []


def test_labels_without_room_share_what_there_is() -> None:
    assert spread([0.5, 0.5, 0.5], 1.0, 0.0, 1.0) == [0.0, 0.5, 1.0]


def test_wrapped_lines_fit() -> None:
    text = "Trust of members in the guarantor, and " + "x" * 200
    lines = wrap(text, 1.5, 8.0).split("\n")
    assert max(text_width(line, 8.0) for line in lines) <= 1.5
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.text("iWn.-", min_size=1, max_size=12), max_size=30), st.floats(0.2, 3.0))
def test_each_line_takes_as_many_words_as_fit(words: list[str], width: float) -> None:
    expected = [""]
    for word in words:
        rest = word
        while rest:
            longer = f"{expected[-1]} {rest}".lstrip()
            if text_width(longer, 8.0) <= width:
                expected[-1], rest = longer, ""
            elif expected[-1]:
                expected.append("")
            else:
                fitting = max((n for n in range(1, len(rest)) if text_width(rest[:n], 8.0) <= width), default=1)
                expected[-1], rest = rest[:fitting], rest[fitting:]
    assert wrap(" ".join(words), width, 8.0).split("\n") == expected


def test_wrapping_measures_a_few_texts_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = set()

    def counted(text: str, size: float, weight: str = "normal") -> float:
        measured.add(text)
        return text_width(text, size, weight)

    monkeypatch.setattr(page, "text_width", counted)
    text = "Trust of members in the guarantor, as far as each expects it to do what its treaty owes. " * 12
    lines = wrap(text, 4.0, 8.0).split("\n")
    assert len(measured) < 4 * len(lines) < len(text.split())


def test_ticks_have_our_style_where_a_figure_is_saved_outside_it(made: Result) -> None:
    figure = trust(made)
    lines = figure.axes[0].xaxis.get_ticklines(minor=True)
    assert lines
    figure.savefig(BytesIO(), format="png")
    assert {line.get_markersize() for line in figure.axes[0].xaxis.get_ticklines(minor=True)} == {1.8}


def test_files_are_those_that_matplotlib_writes(made: Result, tmp_path: Path) -> None:
    figure = trust(made)
    for path in save(figure, tmp_path / "trust"):
        form, theirs = path.suffix[1:], BytesIO()
        with styled():
            creator = {"png": {"Software": None}, "svg": {"Date": None, "Creator": "csto-sim"}}
            figure.savefig(theirs, format=form, dpi=DPI, metadata=creator[form])
        assert path.read_bytes() == theirs.getvalue() == encoded(figure, form)


def test_wrapping_can_be_cut_short() -> None:
    short = wrap("one two three four five six seven eight nine ten", 0.8, 8.0, lines=2).split("\n")
    assert len(short) == 2
    assert short[1].endswith("…")
    assert text_width(short[1], 8.0) <= 0.8


def test_numbers_in_words() -> None:
    assert interval(0.871, 0.9531) == "0.87 to 0.95"
    assert interval(-0.2, 0.1, signed=True) == "\N{MINUS SIGN}0.20 to +0.10"
    assert signed_number(-0.001) == "0.00"
    assert share(0.0) == "0"
    assert (share(0.997), share(0.003)) == (">0.99", "<0.01")


def test_periods_in_words() -> None:
    from datetime import date

    assert period(date(2020, 1, 1), date(2026, 12, 31)) == "2020\N{EN DASH}26"
    assert period(date(1992, 1, 1), date(2026, 12, 31)) == "1992\N{EN DASH}2026"
    assert period(date(2022, 1, 1), date(2022, 12, 31)) == "2022"


def test_a_figure_is_of_the_member_that_the_scenario_asks_about(made: Result) -> None:
    def asked(*metrics: str) -> Result:
        return replace(made, scenario=made.scenario.model_copy(update={"metrics": list(metrics)}))

    assert client(asked(), None, "as-happened") == "ARM"
    assert client(asked("CSTO.credibility@end", "KGZ.trust[RUS]@end", "KAZ.posture@end"), None, "as-happened") == "KGZ"
    assert client(asked("RUS.trust[KAZ]@end", "first(BLR.posture >= voice)"), None, "as-happened") == "BLR"
    assert client(asked("KGZ.trust[RUS]@end"), "KAZ", "as-happened") == "KAZ"


def test_a_percent_sign_stays_with_its_number() -> None:
    text = "Dec 2024: 5 % (1 to 20 %)"
    for width in np.arange(0.5, 2.0, 0.1):
        lines = wrap(text, width, 7.0).split("\n")
        assert " ".join(lines) == text
        assert not any(line.startswith("%") for line in lines)
