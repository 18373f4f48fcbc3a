import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.figure import Figure

from sim.plots.caption import Caption
from sim.plots.prim import peeling
from sim.plots.ranking import ranking_rows
from sim.plots.response import heat_cells, response_panels
from sim.plots.sensitivity import PAIRS, given_data_bars, morris_effects, pair_bars, sobol_bars, tornado_bars
from tests.plots.drawn import drawn_texts, faults, texts, whole_text

FACTORS = [f"parameters.factor_{name}" for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta")]
LONG = "time in which evidence loses half its weight, told in more words than fit on a line (months)"


def caption(note: str = "What is drawn, and from how many runs.") -> Caption:
    return Caption(
        "What matters?",
        note,
        "chance of freeze or beyond (Dec 2024)",
        ("Sources: model runs", "Scenario: made up · branch as-happened · seed 1"),
        {factor: factor.partition(".")[2] for factor in FACTORS},
        {FACTORS[0]: LONG},
    )


def bars(axes, label: str) -> list[float]:
    (container,) = [each for each in axes.containers if each.get_label() == label]
    return [patch.get_width() for patch in container.patches]


def spans(axes, label: str) -> list[tuple[float, float]]:
    (lines,) = [each for each in axes.collections if isinstance(each, LineCollection) and each.get_label() == label]
    return [(segment[0][0], segment[1][0]) for segment in lines.get_segments()]


@pytest.fixture
def indices() -> pd.DataFrame:
    total = np.linspace(0.8, 0.02, len(FACTORS))
    first = total * 0.6 - 0.05
    return pd.DataFrame(
        {
            "factor": FACTORS,
            "first": first,
            "first_low": first - 0.06,
            "first_high": first + 0.06,
            "total": total,
            "total_low": total - 0.04,
            "total_high": total + 0.04,
        }
    )


def test_bars_of_sobol_indices_and_their_intervals_are_the_table(indices: pd.DataFrame) -> None:
    figure = sobol_bars(indices, caption())
    axes = figure.axes[0]
    for name in ("first", "total"):
        assert bars(axes, name) == pytest.approx(indices[name].tolist())
        low, high = zip(*spans(axes, f"{name} 90 %"), strict=True)
        assert low == pytest.approx(indices[f"{name}_low"].tolist())
        assert high == pytest.approx(indices[f"{name}_high"].tolist())
    assert [label.get_text() for label in axes.get_yticklabels()] == [f.partition(".")[2] for f in FACTORS]
    assert axes.yaxis_inverted()
    assert "share of the variance" in axes.get_xlabel()
    assert faults(figure) == []


def test_indices_of_any_design_stand_beside_the_dummy_in_a_panel_each(indices: pd.DataFrame) -> None:
    parts = [indices[["factor"]]]
    for place, name in enumerate(("delta", "pawn", "rbd_fast")):
        value = indices["total"] / (place + 1)
        ends = {name: value, f"{name}_low": value - 0.1, f"{name}_high": value + 0.1, f"{name}_dummy": 0.05}
        parts.append(pd.DataFrame(ends))
    table = pd.concat(parts, axis=1)
    figure = given_data_bars(table, caption())
    for axes, name in zip(figure.axes, ("delta", "pawn", "rbd_fast"), strict=True):
        assert bars(axes, name) == pytest.approx(table[name].tolist())
        assert spans(axes, f"{name} 90 %")[0] == pytest.approx((table[f"{name}_low"][0], table[f"{name}_high"][0]))
        assert spans(axes, f"{name} dummy") == [pytest.approx((0.05, 0.05))] * len(table)
    assert "dummy factor" in whole_text(figure)
    assert faults(figure) == []


def test_a_row_of_a_ranking_has_every_draw_the_regret_and_the_share() -> None:
    ranking = pd.DataFrame(
        {
            "branch": ["a", "b"], "mean": [0.5, 0.4], "regret": [0.1, 0.3], "regret_q95": [0.2, 0.5],
            "best": [0.7, 0.3], "best_low": [0.6, 0.2], "best_high": [0.8, 0.4],
        }
    )  # fmt: skip
    by_point = pd.DataFrame({"branch": ["a", "b"] * 3, "value": [0.4, 0.3, 0.5, 0.4, 0.6, 0.5]})
    figure = ranking_rows(ranking, by_point, {"a": "As it was", "b": "Help comes"}, caption(), share=True)
    values, regrets, shares = figure.axes
    (drawn,) = [line for line in values.lines if line.get_label() == "a draws"]
    assert drawn.get_xdata().tolist() == [0.4, 0.5, 0.6]
    assert bars(regrets, "regret") == [0.1, 0.3]
    assert spans(regrets, "regret 95 %") == [(0.1, 0.2), (0.3, 0.5)]
    assert bars(shares, "best") == [0.7, 0.3]
    assert spans(shares, "best 90 %")[1] == (0.2, 0.4)
    assert "Help comes" in whole_text(figure)
    assert faults(figure) == []
    chances = ranking_rows(ranking, by_point, {}, caption(), share=True, chance=True)
    assert bars(chances.axes[1], "regret") == [10, 30]
    assert "regret (points)" in whole_text(chances)
    assert faults(chances) == []


def test_only_the_largest_pairs_are_drawn() -> None:
    count = PAIRS + 5
    second = np.linspace(0.3, -0.35, count)
    table = pd.DataFrame(
        {
            "factor_a": FACTORS[0],
            "factor_b": [f"f{i}" for i in range(count)],
            "second": second,
            "second_low": second - 0.1,
            "second_high": second + 0.1,
        }
    )
    figure = pair_bars(table, caption())
    drawn = bars(figure.axes[0], "second")
    assert drawn == pytest.approx(sorted(second, key=abs, reverse=True)[:PAIRS])
    assert "factor_alpha and f16" in whole_text(figure)
    assert faults(figure) == []


def effects(count: int, *, together: bool) -> pd.DataFrame:
    size = np.full(count, 0.5) if together else np.linspace(2, 0.1, count)
    return pd.DataFrame(
        {
            "rank": np.arange(1, count + 1),
            "factor": [f"parameters.factor_{i}" for i in range(count)],
            "mu": size,
            "mu_star": size,
            "mu_star_low": size * 0.8,
            "mu_star_high": size * 1.2,
            "sigma": size * 0.5,
        }
    )


def test_effects_are_drawn_as_bars_and_against_their_spread() -> None:
    table = effects(6, together=False)
    figure = morris_effects(table, caption(), chance=0.3)
    upper, lower = figure.axes
    assert bars(upper, "mu_star") == pytest.approx(table["mu_star"].tolist())
    assert spans(upper, "mu_star 90 %")[0] == pytest.approx((1.6, 2.4))
    (dots,) = [line for line in lower.lines if line.get_label() == "factors"]
    np.testing.assert_allclose(dots.get_xdata(), table["mu_star"])
    np.testing.assert_allclose(dots.get_ydata(), table["sigma"])
    for axes in (upper, lower):
        (line,) = [line for line in axes.lines if line.get_label() == "chance"]
        assert line.get_xdata() == [0.3, 0.3]
    assert "1 parameters.factor_0" in whole_text(figure)
    assert faults(figure) == []


@pytest.mark.parametrize("count", [1, 8, 24])
def test_labels_of_effects_never_overlap_even_in_one_place(count: int) -> None:
    figure = morris_effects(effects(count, together=True), caption())
    found = [text for text in drawn_texts(figure) if text.text in {str(n) for n in range(1, count + 1)}]
    assert len(found) == count
    assert faults(figure) == []


def test_effects_of_nothing_can_be_drawn() -> None:
    table = effects(3, together=True)
    table[["mu_star", "mu_star_low", "mu_star_high", "sigma"]] = 0.0
    assert faults(morris_effects(table, caption(), chance=0.0)) == []


def test_a_tornado_goes_from_the_low_to_the_high_end() -> None:
    table = pd.DataFrame(
        {
            "factor": FACTORS[:3],
            "low_value": [6.0, 0.0, 0.1],
            "high_value": [120.0, 1.0, 0.9],
            "low_mean": [0.1, 0.5, 0.3],
            "high_mean": [0.6, 0.3, 0.31],
            "change": [0.5, -0.2, 0.01],
            "low": [0.4, -0.3, np.nan],
            "high": [0.6, -0.1, np.nan],
        }
    )
    figure = tornado_bars(table, caption())
    axes = figure.axes[0]
    ends = {line.get_label(): line.get_xdata()[0] for line in axes.lines}
    assert ends["parameters.factor_alpha low"] == 0.1
    assert ends["parameters.factor_alpha high"] == 0.6
    boxes = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches]
    assert boxes[1] == pytest.approx((0.5, 0.3))
    assert axes.get_xlim()[0] < 0.1
    said = whole_text(figure)
    assert "+0.50 (+0.40 to +0.60)" in said
    assert "unknown" in said
    assert "factor_alpha: 6 to 120" in said
    assert axes.get_xlabel() == "chance of freeze or beyond (Dec 2024)"
    assert faults(figure) == []


def curves(factors: list[str], levels: int = 6) -> pd.DataFrame:
    rows = []
    for number, factor in enumerate(factors):
        for value in np.linspace(0, 10, levels):
            mean = 0.3 + 0.04 * value * (number == 0)
            rows.append({"factor": factor, "value": float(value), "mean": mean, "low": mean - 0.1, "high": mean + 0.1})
    return pd.DataFrame(rows)


def test_a_panel_a_factor_on_one_scale() -> None:
    table = curves(FACTORS)
    figure = response_panels(table, caption(), chance=True)
    assert len(figure.axes) == len(FACTORS)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    first = figure.axes[0]
    (line,) = [line for line in first.lines if line.get_label() == "mean"]
    np.testing.assert_allclose(line.get_ydata(), table["mean"][:6])
    (band,) = [each for each in first.collections if isinstance(each, PolyCollection)]
    corners = band.get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx((0.2, 0.8))
    assert "time in which evidence loses half" in " ".join(first.get_xlabel().split())
    assert first.get_ylabel() == "chance"
    assert faults(figure) == []


def test_words_stand_as_points_with_lines() -> None:
    table = pd.DataFrame(
        {
            "factor": "events.answer.response",
            "value": ["none", "statement", "mission", "forces"],
            "mean": [0.1, 0.2, 0.3, 0.4],
            "low": [0.0, 0.1, 0.2, 0.3],
            "high": [0.2, 0.3, 0.4, np.nan],
        }
    )
    figure = response_panels(table, caption(), chance=False)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["none", "statement", "mission", "forces"]
    assert next(line for line in axes.lines if line.get_label() == "mean").get_linewidth() == 0
    assert axes.get_ylabel() == "mean"
    assert faults(figure) == []


def heat(means: np.ndarray, points: np.ndarray, *, chance: bool, words=((), ())) -> Figure:
    ends = {"low": means.ravel() - 0.05, "high": means.ravel() + 0.05}
    cells = pd.DataFrame({"mean": means.ravel(), **ends, "points": points.ravel()})
    edges = (np.linspace(0, 1, means.shape[1] + 1), np.linspace(0, 5, means.shape[0] + 1))
    return heat_cells(cells, (FACTORS[0], FACTORS[1]), edges, words, caption(), chance=chance)


def test_cells_show_the_table_with_counts_and_empty_ones_hatched() -> None:
    means = np.array([[0.1, 0.2, 0.3], [0.4, np.nan, 0.9]])
    points = np.array([[5, 6, 7], [8, 0, 10]])
    figure = heat(means, points, chance=True)
    (mesh,) = [each for each in figure.axes[0].collections if isinstance(each, QuadMesh)]
    drawn = np.ma.asarray(mesh.get_array()).reshape(2, 3)
    np.testing.assert_array_equal(drawn.mask, np.isnan(means))
    np.testing.assert_allclose(drawn.compressed(), means[~np.isnan(means)])
    assert mesh.get_clim() == (0, 1)
    (background,) = figure.axes[0].patches
    assert background.get_hatch()
    said = texts(figure)
    assert {"5", "6", "7", "8", "10"} <= set(said)
    assert "no point of the design" in said
    assert faults(figure) == []


def test_full_maps_have_no_key_and_numbers_their_own_scale() -> None:
    figure = heat(np.array([[3.0, 4.0], [5.0, 7.0]]), np.full((2, 2), 3), chance=False)
    (mesh,) = [each for each in figure.axes[0].collections if isinstance(each, QuadMesh)]
    assert mesh.get_clim() == (3.0, 7.0)
    assert "no point of the design" not in texts(figure)
    assert faults(figure) == []


def test_a_scale_spans_at_least_twice_the_interval_of_a_cell() -> None:
    figure = heat(np.array([[3.0, 3.01], [3.0, 3.02]]), np.full((2, 2), 3), chance=False)
    (mesh,) = [each for each in figure.axes[0].collections if isinstance(each, QuadMesh)]
    assert mesh.get_clim() == pytest.approx((2.91, 3.11))


def test_words_and_values_name_cells() -> None:
    figure = heat(
        np.full((2, 3), 0.5), np.ones((2, 3), int), chance=True, words=(("0", "0.5", "1"), ("none", "forces"))
    )
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["none", "forces"]
    np.testing.assert_allclose(axes.get_xticks(), [1 / 6, 0.5, 5 / 6])
    assert faults(figure) == []


@pytest.fixture
def found() -> dict[str, pd.DataFrame]:
    coverage = np.linspace(1, 0.5, 12)
    half = {"density": 0.8, "density_low": 0.7, "density_high": 0.86, "coverage_low": 0.55, "coverage_high": 0.7}
    return {
        "boxes": pd.DataFrame(
            {
                "coverage": coverage,
                "density": np.linspace(0.2, 0.95, 12),
                "limits": np.arange(12),
                "chosen": np.arange(12) == 9,
            }
        ),
        "halves": pd.DataFrame(
            [{"half": "learned", **half, "coverage": 0.6}, {"half": "held-out", **half, "coverage": 0.62}]
        ),
        "limits": pd.DataFrame({"factor": FACTORS[:2], "low": [72.0, np.nan], "high": [np.nan, 0.25]}),
        "spans": pd.DataFrame({"factor": FACTORS[:2], "least": [6.08, 0.00006], "most": [119.9, 1.0]}),
    }


def test_the_chosen_box_stands_on_the_trajectory_and_beside_itself_on_the_other_half(found) -> None:
    figure = peeling(**found, caption=caption(), joined=True)
    axes, ranges = figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    np.testing.assert_allclose(lines["boxes"].get_xdata(), found["boxes"]["coverage"])
    assert lines["boxes"].get_linewidth() > 0
    assert lines["chosen"].get_xdata() == pytest.approx(found["boxes"]["coverage"][9])
    assert (lines["held-out"].get_xdata(), lines["held-out"].get_ydata()) == ([0.62], [0.8])
    boxes = {each.get_label(): each.patches[0] for each in ranges.containers}
    first = boxes[FACTORS[0]]
    assert first.get_x() == pytest.approx((72 - 6.08) / (119.9 - 6.08))
    assert first.get_x() + first.get_width() == pytest.approx(1)
    second = boxes[FACTORS[1]]
    assert (second.get_x(), second.get_width()) == pytest.approx((0, 0.25), abs=1e-3)
    said = texts(figure)
    assert {"72", "0.25", "6", "120", "0", "1"} <= set(said)
    assert faults(figure) == []


def test_without_a_rule_the_boxes_stand_alone(found) -> None:
    found["boxes"]["chosen"] = False
    found["limits"] = found["limits"].iloc[:0]
    figure = peeling(**found, caption=caption(), joined=False)
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    assert "chosen" not in lines
    assert lines["boxes"].get_linewidth() == 0
    assert "nodes of the tree" in texts(figure)
    assert faults(figure) == []
