"""The figure of the library shows each case's forecast, outcome and chance, and nothing overlaps."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from sim.evidence.cases.rungs import LIBRARY_RUNGS
from sim.plots.cases import CHANCE_COLUMNS, cases
from sim.plots.style import ACCENT, INK
from tests.plots.drawn import drawn_texts, faults, texts

FOOTER = ("Sources: a test", "made by hand")


def made(families: dict[str, int]) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    rows = []
    for family, count in families.items():
        for place in range(count):
            chances = generator.dirichlet(np.ones(len(LIBRARY_RUNGS)))
            rows.append(
                {
                    "label": f"19{place:02} A member with a long name {place}, the guarantor of {family}",
                    "family": family,
                    **dict(zip(CHANCE_COLUMNS, chances, strict=True)),
                    "rung": float(generator.integers(7)),
                    "chance": chances[4:].sum(),
                    "exit": float(place % 2),
                }
            )
    return pd.DataFrame(rows)


def marks(axes: Axes) -> dict[str, tuple[float, float, str]]:
    return {
        line.get_label(): (float(line.get_xdata()[0]), float(line.get_ydata()[0]), line.get_color())
        for line in axes.lines
        if line.get_marker() == "o"
    }


def test_a_row_shows_forecast_outcome_and_chance() -> None:
    rows = made({"north": 2})
    rows["label"] = ["1914 Calm", "1938 Shaken"]
    rows["chance"] = [0.12, 0.07]
    rows["rung"] = [1.0, 5.0]
    rows.loc[:, list(CHANCE_COLUMNS)] = [[0.05, 0.9, 0.05, 0, 0, 0, 0], [0.5, 0.2, 0.2, 0.05, 0, 0.05, 0]]
    sheet = cases(rows, FOOTER)
    (axes,) = sheet.axes
    # line 0 is the family, then the less likely exit
    assert marks(axes) == {"1938 Shaken": (5.0, 1.0, ACCENT), "1914 Calm": (1.0, 2.0, INK)}
    mesh = next(each for each in axes.collections if isinstance(each, QuadMesh))
    shown = np.ma.filled(mesh.get_array(), np.nan).reshape(3, 7)
    assert np.isnan(shown[0]).all()
    np.testing.assert_allclose(shown[1:], rows.loc[[1, 0], list(CHANCE_COLUMNS)])
    said = texts(sheet)
    assert {"1938 Shaken", "1914 Calm", "12 %", "7 %", "north", *LIBRARY_RUNGS} <= set(said)


def test_an_unknown_outcome_has_no_mark_and_a_chance_is_bold_where_it_happened() -> None:
    rows = made({"north": 2})
    rows["rung"] = [np.nan, 2.0]
    rows["chance"] = [0.31, 0.42]
    rows["exit"] = [np.nan, 1.0]
    sheet = cases(rows, FOOTER)
    assert len(marks(sheet.axes[0])) == 1
    weights = {text.get_text(): text.get_weight() for text in sheet.texts}
    assert (weights["31 %"], weights["42 %"]) == ("normal", "bold")


@pytest.mark.parametrize("families", [{"north": 45, "south": 20, "east": 26}, {"only": 30}, {"north": 1, "south": 1}])
def test_nothing_overlaps_whatever_the_number_of_cases(families: dict[str, int]) -> None:
    rows = made(families)
    sheet = cases(rows, FOOTER)
    assert faults(sheet) == []
    assert len(sheet.axes) == min(2, len(families))
    assert sum(len(marks(axes)) for axes in sheet.axes) == len(rows)


def test_a_family_stays_in_one_column_and_is_sorted_by_chance() -> None:
    sheet = cases(made({"north": 9, "south": 8}), FOOTER)
    heads = {d.text: d.box for d in drawn_texts(sheet) if d.text in {"north", "south"}}
    assert heads["north"].y0 == pytest.approx(heads["south"].y0)
    assert heads["north"].x1 < heads["south"].x0
    for axes in sheet.axes:
        chances = [
            float(np.sum(row[4:])) for row in np.ma.filled(axes.collections[0].get_array(), np.nan).reshape(-1, 7)[1:]
        ]
        assert all(first <= second for first, second in pairwise(chances))


def test_a_guarantor_without_room_is_left_out_whole() -> None:
    rows = made({"north": 3})
    rows["label"] = [
        "1938 Czechoslovakia (France (with the USSR))",
        "1958 Republic of China (Taiwan) (a guarantor)",
        "1962 Cuba (USSR)",
    ]
    said = texts(cases(rows, FOOTER))
    assert {"1938 Czechoslovakia", "1958 Republic of China (Taiwan)", "1962 Cuba (USSR)"} <= set(said)
