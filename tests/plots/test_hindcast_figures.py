"""Figures of a hindcast show what their tables say."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.plots.hindcast import HORIZON_COLOURS, reliability, skill, strips
from sim.words import POSTURES

FOOTER = ("Sources: a test", "made by hand")
BASELINES = ("persistence", "hazard")


@pytest.fixture
def differences() -> pd.DataFrame:
    rows = [
        {
            "score": score, "target": "rung" if score == "rps" else "all", "horizon": horizon, "baseline": name,
            "difference": 0.01 * place - 0.02, "low": 0.01 * place - 0.03, "high": 0.01 * place,
        }
        for score in ("rps", "brier", "log")
        for horizon in HORIZON_COLOURS
        for place, name in enumerate(BASELINES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_skill_has_a_dot_and_a_line_for_each_difference(differences: pd.DataFrame):
    differences.loc[0, ["low", "high"]] = np.nan
    sheet = skill(differences, "test", FOOTER)
    assert len(sheet.axes) == 3
    for axes in sheet.axes:
        dots = {line.get_label(): line for line in axes.lines}
        for horizon in HORIZON_COLOURS:
            np.testing.assert_allclose(dots[str(horizon)].get_xdata(), [-0.02, -0.01])
        rows = [line.get_ydata() for line in dots.values() if line.get_label() in map(str, HORIZON_COLOURS)]
        assert len({round(y, 3) for ys in rows for y in ys}) == 6  # nothing hides anything
    assert [label.get_text() for label in sheet.axes[0].get_yticklabels()] == list(BASELINES)


def test_reliability_puts_shares_over_chances_and_says_what_was_not_asked():
    table = pd.DataFrame(
        {
            "target": ["freeze", "freeze"], "horizon": [12, 12], "name": ["model", "model"], "n": [40, 9],
            "chance": [0.01, 0.4], "share": [0.025, 0.5], "low": [0.0, 0.2], "high": [0.1, 0.8],
        }
    )  # fmt: skip
    sheet = reliability(table, "test", FOOTER)
    freeze, empty = sheet.axes[0], sheet.axes[1]
    dots = next(each for each in freeze.collections if each.get_label() == "12")
    np.testing.assert_allclose(dots.get_offsets(), [[0.01, 0.025], [0.4, 0.5]])
    small, large = sorted(dots.get_sizes())
    assert small < large
    assert [text.get_text() for text in empty.texts] == ["not asked"]


def test_strips_stack_to_one_over_the_record():
    rows = pd.DataFrame(
        [
            {"origin": origin, "horizon": 12, "state": state, "name": "model", **dict.fromkeys(POSTURES, 1 / 6)}
            for origin in ("2022-06", "2022-12", "2023-06")
            for state in ("ARM", "BLR")
        ]
    )
    sheet = strips(rows, "test", {"ARM": "Armenia"}, date(2026, 6, 30), FOOTER)
    stacks = [axes for axes in sheet.axes if len(axes.collections) == len(POSTURES)]
    assert len(stacks) == 2
    for axes in stacks:
        tops = [float(area.get_paths()[0].vertices[:, 1].max()) for area in axes.collections]
        np.testing.assert_allclose(tops, np.arange(1, 7) / 6)
    said = {text.get_text() for text in sheet.texts}
    assert {"Armenia", "BLR", "record"} <= said
