import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.contour import ContourSet

from sim.errors import InputError
from sim.plots.factors import factor_label, metric_label, month_ticks, noise, own_value
from sim.plots.sweep import curve, grid, heatmap
from sim.plots.tipping import tipping
from sim.result import Sweep
from sim.scenario.schema import Scenario
from tests.plots.drawn import faults, texts, whole_text
from tests.plots.making import COVERAGE, EVENTS, OVERSTRETCH, TIPPING, scenario, sweep

WORDS = "events.russia-2022.response"


def contours(figure, *, ends: bool = False) -> list[ContourSet]:
    """Return the line of even chances, or the two that enclose its interval."""
    found = [c for c in figure.axes[0].collections if isinstance(c, ContourSet)]
    return [c for c in found if (c.get_linewidth()[0] < 1.0) == ends]


def dots(figure):
    return [line for line in figure.axes[0].lines if line.get_label() == "dot"]


def test_heat_map_shows_the_table(plane: Sweep) -> None:
    figure = tipping(plane)
    mesh = next(c for c in figure.axes[0].collections if isinstance(c, QuadMesh))
    values = np.asarray(mesh.get_array()).reshape(11, 10)
    row = plane.table[(plane.table[OVERSTRETCH] == plane.values(OVERSTRETCH)[7]) & (plane.table[COVERAGE] == 0.2)]
    assert values[2, 7] == pytest.approx(float(row[f"{TIPPING} | mean"].iloc[0]))
    assert mesh.get_clim() == (0, 1)
    assert "overstretch" in figure.axes[0].get_xlabel()
    assert figure.axes[0].get_ylabel() == "coverage of the attack of Sep 2022, 0 to 1"


def test_line_of_even_chances_lies_where_the_chance_crosses_one_half(plane: Sweep) -> None:
    (line,) = contours(tipping(plane))
    assert list(line.levels) == [0.5]
    points = np.concatenate([path.vertices for path in line.get_paths()])
    np.testing.assert_allclose(points.sum(axis=1), 1.2, atol=0.01)
    low, high = (
        np.concatenate([path.vertices for path in each.get_paths()]).sum(axis=1).mean()
        for each in contours(tipping(plane), ends=True)
    )
    assert high < points.sum(axis=1).mean() < low


def test_no_line_where_no_chance_crosses_one_half() -> None:
    low = sweep({OVERSTRETCH: (0.0, 0.1), COVERAGE: (0.0, 0.1)})
    figure = tipping(low)
    assert not contours(figure)
    assert "even chance" not in whole_text(figure)


def test_dot_stands_where_the_scenario_was_or_where_it_is_put(plane: Sweep) -> None:
    (dot,) = dots(tipping(plane))
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.8, 1.0)
    (dot,) = dots(tipping(plane, dot=(0.3, 0.4)))
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.3, 0.4)
    assert "where 2022 was, as Armenia read it" in texts(tipping(plane))
    assert "where 2022 was" in texts(tipping(plane, dot=(0.3, 0.4)))


def test_a_coverage_that_the_file_sets_is_nobodys_reading(plane: Sweep) -> None:
    events = {**EVENTS, "attack-2022": {**EVENTS["attack-2022"], "coverage": 0.7}}
    figure = tipping(replace(plane, scenario=scenario(events=events)))
    assert (dots(figure)[0].get_xdata()[0], dots(figure)[0].get_ydata()[0]) == (0.8, 0.7)
    assert "where 2022 was" in texts(figure)


def test_tipping_says_who_calls_and_who_answers_in_its_branch() -> None:
    branches = {
        "as-happened": {}, "free": {"drop": ["russia-2022"]}, "agents-decide": {"drop": ["appeal-2022", "russia-2022"]},
    }  # fmt: skip
    told = Scenario.model_validate({**dict(scenario()), "branches": branches})
    factors = {OVERSTRETCH: (0.2, 0.8), COVERAGE: (0.2, 0.8)}
    swept = replace(sweep(factors, branches=tuple(branches)), scenario=told)
    said = {branch: whole_text(tipping(swept, branch=branch)) for branch in branches}
    assert "In this branch the call is made, and Russia answers as on record (mission)." in said["as-happened"]
    assert "In this branch the call is made, and Russia decides what it does." in said["free"]
    assert "In this branch the victim decides whether to call, and Russia decides" in said["agents-decide"]
    assert "Branch: agents decide" in said["agents-decide"]


def test_tipping_puts_overstretch_across_whatever_the_order() -> None:
    turned = sweep({COVERAGE: (0.0, 0.5, 1.0), OVERSTRETCH: (0.0, 0.9)})
    assert "overstretch" in tipping(turned).axes[0].get_xlabel()


def test_title_of_tipping_says_what_matters(plane: Sweep) -> None:
    """The mean change along one factor is held against the 90 % interval of a difference of two points."""
    table = plane.table.copy()
    mean = f"{TIPPING} | mean"
    label = "Armenia's chance of freeze or beyond by Dec 2024"
    for change, title in (
        (0.5 + 0.4 * table[OVERSTRETCH], f"{label} depends on overstretch (36 percentage points), hardly on coverage"),
        (0.5 - 0.3 * table[COVERAGE], f"{label} depends on coverage (30 percentage points), hardly on overstretch"),
        (0.5 + 0.0 * table[COVERAGE], f"{label} hardly depends on overstretch (0 percentage points) or on coverage"),
        (
            0.9 - 0.4 * table[OVERSTRETCH] - 0.4 * table[COVERAGE],
            f"{label} depends on overstretch (36 percentage points) and",
        ),
    ):
        assert tipping(replace(plane, table=table.assign(**{mean: change}))).get_label().startswith(title)


def test_the_same_change_is_noise_with_few_runs(plane: Sweep) -> None:
    change = 0.5 + 0.2 * plane.table[COVERAGE]
    table = plane.table.assign(**{f"{TIPPING} | mean": change})
    assert "depends on coverage" in tipping(replace(plane, table=table, replicates=200)).get_label()
    assert "hardly depends" in tipping(replace(plane, table=table, replicates=10)).get_label()


@pytest.mark.parametrize("other", ["parameters.memory_half_life", "events.attack-2022.severity"])
def test_tipping_needs_overstretch_and_coverage(other: str) -> None:
    with pytest.raises(InputError, match="overstretch event and the coverage"):
        tipping(sweep({OVERSTRETCH: (0.1, 0.5), other: (0.2, 0.4)}))


def test_curve_has_a_line_and_an_interval_for_each_branch(line: Sweep) -> None:
    axes = curve(line).axes[0]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    for branch, band in zip(line.branches, bands, strict=True):
        rows = line.table[line.table["branch"] == branch]
        drawn = next(x for x in axes.lines if x.get_label() == branch)
        np.testing.assert_allclose(drawn.get_ydata(), rows[f"{TIPPING} | mean"])
        np.testing.assert_allclose(drawn.get_xdata(), rows[OVERSTRETCH])
        corners = band.get_paths()[0].vertices
        at = np.isclose(corners[:, 0], 0.9)
        assert corners[at, 1].min() == pytest.approx(rows[f"{TIPPING} | low"].iloc[-1])
        assert corners[at, 1].max() == pytest.approx(rows[f"{TIPPING} | high"].iloc[-1])


def test_curve_over_words_and_over_dates() -> None:
    metrics = {"ARM.trust[RUS]@2024-12": "number", "first(ARM.posture >= freeze)": "date"}
    words = sweep({WORDS: ("none", "mission", "forces")}, metrics, branches=("as-happened", "agents-decide"))
    figure = curve(words)
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["none", "mission", "forces"]
    assert figure.get_label() == "Armenia's trust in Russia (Dec 2024)"
    dated = curve(words, metric="first(ARM.posture>=freeze)")
    assert dated.axes[0].get_ylabel() == "month"
    assert "2023-01" in [t.get_text() for t in dated.axes[0].get_yticklabels()]
    assert "among runs in which it happens" in whole_text(dated)
    assert "90 % of" not in whole_text(dated)
    assert dated.axes[0].lines[0].get_ydata()[0] == pytest.approx(2022 + 2.5 / 12)
    assert faults(figure) == faults(dated) == []


@pytest.mark.parametrize("slope", [0.0, 9.0])
def test_dates_on_the_colour_bar_are_months(slope: float) -> None:
    dated = sweep(
        {OVERSTRETCH: (0.2, 0.8), COVERAGE: (0.2, 0.8)}, {"first(ARM.posture >= freeze)": "date"}, slope=slope
    )
    figure = heatmap(dated)
    labels = [t.get_text() for t in figure.axes[1].get_yticklabels()]
    assert labels
    assert all(re.fullmatch(r"20\d\d-[01]\d", label) for label in labels)
    assert "Median among runs in which it happens." in whole_text(figure)
    assert faults(figure) == []


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (2022 + 0.5 / 12, 2022 + 2.5 / 12, ["2022-01", "2022-02", "2022-03"]),
        (2021.9, 2024.1, ["2022-01", "2022-07", "2023-01", "2023-07", "2024-01"]),
        (1992.0, 2026.0, ["1995-01", "2000-01", "2005-01", "2010-01", "2015-01", "2020-01", "2025-01"]),
    ],
)
def test_ticks_at_months(low: float, high: float, labels: list[str]) -> None:
    places, found = month_ticks(low, high)
    assert found == labels
    assert all(low <= place <= high for place in places)


def test_heat_map_over_words_has_neither_line_nor_dot() -> None:
    mixed = sweep({"parameters.memory_half_life": (24, 60, 120), WORDS: ("none", "forces")})
    figure = heatmap(mixed)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["none", "forces"]
    assert not contours(figure)
    assert not dots(figure)
    assert faults(figure) == []


def test_heat_map_takes_the_branch_asked_for() -> None:
    two = sweep({OVERSTRETCH: (0.2, 0.8), COVERAGE: (0.2, 0.8)}, branches=("as-happened", "agents-decide"))
    first, second = (grid(two, (OVERSTRETCH, COVERAGE), TIPPING, branch) for branch in two.branches)
    assert (second < first).all()
    figure = heatmap(two, branch="agents-decide")
    assert "branch agents-decide" in whole_text(figure)
    with pytest.raises(InputError, match="unknown branch"):
        heatmap(two, branch="x")


def test_shape_and_names_are_checked(plane: Sweep, line: Sweep) -> None:
    with pytest.raises(InputError, match="needs a sweep of one key"):
        curve(plane)
    with pytest.raises(InputError, match="needs a sweep of two keys"):
        heatmap(line)
    with pytest.raises(InputError, match="not varied"):
        heatmap(plane, "events.x.value")
    with pytest.raises(InputError, match="twice"):
        heatmap(plane, COVERAGE, COVERAGE)
    with pytest.raises(InputError, match="not in this sweep"):
        heatmap(plane, metric="ARM.posture@end")


def test_labels_say_what_is_varied_and_measured(plane: Sweep) -> None:
    scenario = plane.scenario
    assert factor_label(scenario, OVERSTRETCH).startswith("Russia's overstretch")
    assert factor_label(scenario, "parameters.memory_half_life").endswith("(months)")
    assert factor_label(scenario, WORDS) == "response of Russia to the attack of Sep 2022"
    assert factor_label(scenario, "states.RUS.capability") == "Russia's capability"
    assert metric_label(plane, TIPPING) == "Armenia's chance of freeze or beyond by Dec 2024"


def test_own_values_are_the_branchs(plane: Sweep) -> None:
    assert own_value(plane, "agents-decide", OVERSTRETCH) == 0.8
    assert own_value(plane, "agents-decide", COVERAGE) == 1.0
    assert own_value(plane, "agents-decide", "events.war-2020.coverage") is None
    assert own_value(plane, "agents-decide", WORDS) is None
    assert own_value(plane, "agents-decide", "parameters.memory_half_life") == 60


@pytest.mark.parametrize("count", [2, 7, 13, 40])
def test_ticks_of_any_number_of_points_fit(count: int) -> None:
    values = tuple(float(f"{x:.12g}") for x in np.linspace(0, 1, count))
    assert faults(tipping(sweep({OVERSTRETCH: values, COVERAGE: values}))) == []


def test_uneven_and_wordy_ticks_fit() -> None:
    uneven = sweep({"parameters.memory_half_life": (1, 2, 3, 100), COVERAGE: (0.0, 0.01, 0.02, 1.0)})
    figure = heatmap(uneven)
    assert faults(figure) == []
    assert "100" in texts(figure)
    long = tuple(f"a value of many words, number {n}" for n in range(5))
    metrics = {TIPPING: "chance"}
    assert faults(heatmap(sweep({WORDS: long, "events.allies-2022.response": long}, metrics))) == []
    assert faults(curve(sweep({WORDS: long}, metrics))) == []


def test_a_point_is_uncertain_as_its_runs_are_few(plane: Sweep) -> None:
    """The table has chances to 0.05, and medians of 50 runs between quantiles 0.2 apart: 1.2533 x 0.1 / sqrt(50)."""
    inner = plane.table[plane.table[f"{TIPPING} | mean"].between(0.06, 0.94)]
    assert noise(plane, inner, TIPPING) == pytest.approx(0.05)
    number = sweep({OVERSTRETCH: (0.2, 0.8), COVERAGE: (0.2, 0.8)}, {"ARM.trust[RUS]@end": "number"})
    assert noise(number, number.table, "ARM.trust[RUS]@end") == pytest.approx(0.017725, abs=1e-5)
    assert "uncertain by 0.018 to both sides (90 % interval)" in whole_text(heatmap(number))


def test_a_colour_scale_spans_the_noise_of_a_point() -> None:
    number = sweep({OVERSTRETCH: (0.2, 0.8), COVERAGE: (0.2, 0.8)}, {"ARM.trust[RUS]@end": "number"}, slope=0.001)
    mesh = next(c for c in heatmap(number).axes[0].collections if isinstance(c, QuadMesh))
    low, high = mesh.get_clim()
    assert high - low >= 4 * 0.0177


def test_an_axis_of_shares_is_whole_or_shows_where_it_is_cut() -> None:
    metric = {"ARM.trust[RUS]@end": "number"}
    narrow = curve(sweep({OVERSTRETCH: (0.0, 0.4, 0.9)}, metric, slope=0.3)).axes[0]
    assert narrow.get_ylim()[0] > 0
    assert "axis cut" in narrow.get_ylabel()
    assert [line.get_ydata()[0] for line in narrow.lines if line.get_label() == "cut"] == [0, 1]
    wide = curve(sweep({OVERSTRETCH: (0.0, 0.4, 0.9)}, metric)).axes[0]
    low, high = wide.get_ylim()
    assert low <= 0
    assert high >= 1
    assert "cut" not in wide.get_ylabel()


def test_a_dot_off_the_grid_is_left_out() -> None:
    off = heatmap(sweep({OVERSTRETCH: (0.0, 0.1), COVERAGE: (0.0, 0.1)}))
    assert not dots(off)
