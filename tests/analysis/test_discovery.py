import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import discover, open_sweep
from sim.analysis import finders as finders_module
from sim.analysis.boxes import Box, quasi_p
from sim.analysis.discovery import conditions
from sim.analysis.finders import find_boxes
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output.intervals import wilson
from tests.analysis.making import (
    AWAY,
    BOX,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    ishigami,
    planted,
    sobol_design,
    write_sweep,
)

INF = float("inf")


@pytest.mark.parametrize(("method", "months"), [pytest.param("prim", 3, marks=pytest.mark.slow), ("cart", 6)])
def test_a_planted_box_is_found_and_holds_elsewhere(cube: StoredSweep, method: str, months: float) -> None:
    found = discover(cube, VOICED, method=method)
    limits = found.limits.set_index("factor")
    assert set(limits.index) == {MEMORY, AWAY}
    assert limits.loc[MEMORY, "low"] == pytest.approx(72, abs=months)
    assert limits.loc[AWAY, "low"] == pytest.approx(0.45, abs=0.04)
    assert limits["high"].isna().all()
    assert (limits["quasi_p_low"] < 1e-6).all()
    learned, held = found.halves.to_dict("records")
    in_box = (118 - 72) / 114 * 0.5  # share of the space that the planted box takes, about
    coverage = 0.9 * in_box / (0.9 * in_box + 0.05 * (1 - in_box))
    for half in (learned, held):
        assert half["density"] == pytest.approx(0.9, abs=0.1)
        assert half["coverage"] == pytest.approx(coverage, abs=0.12)
        assert half["density_low"] < half["density"] < half["density_high"]
        assert half["coverage_low"] < half["coverage"] < half["coverage_high"]
    assert (learned["points"], held["points"]) == (200, 200)
    assert found.method == method


def test_shares_are_counted_over_the_runs_in_the_box(cube: StoredSweep) -> None:
    found = discover(cube, VOICED, method="cart")
    limits = found.limits.set_index("factor")["low"]
    inside = (cube.points[MEMORY] >= limits[MEMORY]) & (cube.points[AWAY] >= limits[AWAY])
    values = cube.column(VOICED, "as-it-was")
    hits = sum(row["density"] * row["mass"] * row["runs"] for row in found.halves.to_dict("records"))
    assert hits == pytest.approx(values[inside].sum())
    assert found.halves["cases"].sum() == values.sum()
    learned, held = found.halves.to_dict("records")
    narrow = wilson(held["density"] * held["mass"] * held["runs"], held["mass"] * held["runs"])
    assert held["density_high"] - held["density_low"] > 0.8 * (narrow[1] - narrow[0])
    chosen = found.boxes[found.boxes["chosen"]].iloc[0]
    assert (chosen["coverage"], chosen["density"]) == pytest.approx((learned["coverage"], learned["density"]))


def test_the_rule_in_words_is_the_rule_that_was_tried(cube: StoredSweep) -> None:
    found = discover(cube, VOICED)
    limits = found.limits.set_index("factor")["low"]
    held = found.halves.iloc[1]
    assert f"memory_half_life >= {limits[MEMORY]:g}" in found.text
    assert f"away.value >= {limits[AWAY]:g}" in found.text
    assert found.text.startswith(f"{VOICED} when ")
    assert f"on held-out points {100 * held['density']:.0f} % (" in found.text
    assert all(float(f"{limit:.4g}") == limit for limit in limits)


def test_the_printed_rule_keeps_its_word_on_runs_it_has_not_seen(cube: StoredSweep, tmp_path: Path) -> None:
    text = discover(cube, VOICED).text
    limits = re.search(r"memory_half_life >= (\S+) and away.value >= (\S+):", text)
    shares = re.findall(r"(\d+) % \((\d+) to (\d+) %\)", text)
    assert limits is not None
    assert re.search(r": in \d+ % .* of such runs; misses \d+ % .* of all cases; on held-out points ", text)
    design = cube_design(BOX, 3000)
    fresh = open_sweep(write_sweep(tmp_path / "fresh", design, {VOICED: planted(5)}, replicates=5, common_draws=False))
    values = fresh.column(VOICED, "as-it-was")
    inside = ((fresh.points[MEMORY] >= float(limits[1])) & (fresh.points[AWAY] >= float(limits[2]))).to_numpy()
    density, missed = values[inside].mean(), values[~inside].sum() / values.sum()
    for (_, low, high), share in zip(shares[2:], (density, missed), strict=True):
        assert int(low) - 0.5 <= 100 * share <= int(high) + 0.5


def test_quasi_p_values_are_those_of_ema_workbench() -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="ema_workbench")
        from ema_workbench.analysis.prim import Prim

        rng = np.random.default_rng(2)
        points = pd.DataFrame(rng.random((600, 3)), columns=["a", "b", "c"])
        cases = (points["a"] > 0.6).to_numpy() & (rng.random(600) < 0.8)
        box = Prim(points, cases, threshold=cases.mean()).find_box()
        last = len(box.box_lims) - 1
        theirs = box.qp[last]
    lims, whole = box.box_lims[last], box.box_lims[0]
    ends = {
        key: (
            lims[key].iloc[0] if lims[key].iloc[0] > whole[key].iloc[0] else -INF,
            lims[key].iloc[1] if lims[key].iloc[1] < whole[key].iloc[1] else INF,
        )
        for key in theirs
    }
    ours = quasi_p(Box(ends), points, cases.astype(float), np.ones(600))
    assert len(ours) > 1
    for (key, side), value in ours.items():
        assert value == pytest.approx(theirs[key][side], rel=1e-6)


def test_a_rule_is_for_a_comparison_of_a_number_too(cube: StoredSweep) -> None:
    found = discover(cube, f"{TRUST} > 0.5")
    limits = found.limits.set_index("factor")
    assert limits.loc[SEVERITY, "low"] == pytest.approx(0.6, abs=0.12)
    assert found.text.startswith(f"{TRUST} > 0.5 when ")
    with pytest.raises(InputError, match=r"is a number; compare it, such as --case 'BBB\.trust\[AAA\]@end > 0\.5'"):
        discover(cube, TRUST)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_depends_on_nothing_gives_no_rule(tmp_path: Path, seed: int) -> None:
    coin = {VOICED: lambda factors, generator: generator.random((len(factors[AWAY]), 1)) < 0.3}
    found = discover(open_sweep(write_sweep(tmp_path / "s", cube_design(BOX, 300), coin, seed=seed)), VOICED)
    assert found.text.startswith(f"no rule found for {VOICED}")
    assert not found.boxes["chosen"].any()
    assert len(found.boxes) > 2


def test_without_any_sure_box_there_is_no_rule(cube: StoredSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.analysis.discovery.find_boxes", lambda *_: [Box({}), Box({SEVERITY: (0.001, INF)})])
    found = discover(cube, VOICED)
    assert found.limits.empty
    assert found.text.startswith(f"no rule found for {VOICED}: it happens in 2")
    assert found.halves["mass"].tolist() == [1.0, 1.0]


def test_base_points_are_never_split_between_the_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", sobol_design(ISHIGAMI, 64), {TRUST: ishigami}))
    seen = {}

    def kept(method, points, cases):
        seen["points"] = points
        return find_boxes(method, points, cases)

    monkeypatch.setattr("sim.analysis.discovery.find_boxes", kept)
    found = discover(sweep, f"{TRUST} > 5")
    assert found.halves["points"].tolist() == [256, 256]
    learned = set(map(tuple, seen["points"].to_numpy()))
    whole = [
        sum(tuple(row) in learned for row in sweep.points.to_numpy()[block * 8 : block * 8 + 8]) for block in range(64)
    ]
    assert sorted(set(whole)) == [0, 8]


def test_fewer_than_twenty_cases_are_refused(tmp_path: Path) -> None:
    design = cube_design(BOX, 100)
    rare = {VOICED: lambda factors, _: factors[MEMORY] > 99}
    sweep = open_sweep(write_sweep(tmp_path / "s", design, rare))
    count = int(sweep.column(VOICED, "as-it-was").sum())
    assert 0 < count < 20
    with pytest.raises(InputError, match=f"is true in {count} runs; scenario discovery needs 20 or more"):
        discover(sweep, VOICED)
    often = {VOICED: lambda factors, _: factors[MEMORY] <= 99}
    with pytest.raises(InputError, match=f"is false in {count} runs"):
        discover(open_sweep(write_sweep(tmp_path / "often", design, often)), VOICED)


def test_few_points_with_a_case_are_named(tmp_path: Path) -> None:
    many = {VOICED: planted(40, inside=0.9, outside=0.0)}
    sweep = open_sweep(write_sweep(tmp_path / "s", cube_design(BOX, 40), many, replicates=40))
    assert any("points that rules are found on have a case" in text for text in discover(sweep, VOICED).warnings)


def test_one_factor_is_not_enough(tmp_path: Path) -> None:
    design = cube_design({MEMORY: (6.0, 120.0)}, 100)
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {VOICED: lambda factors, _: factors[MEMORY] > 60}))
    with pytest.raises(InputError, match="two factors"):
        discover(sweep, VOICED)


def test_runs_beyond_the_most_are_left_out_of_the_search_alone(
    cube: StoredSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.analysis.discovery.MOST_RUNS", 400)
    found = discover(cube, VOICED)
    assert any("the first 2 replicates of each point" in text for text in found.warnings)
    assert found.halves["runs"].tolist() == [1000, 1000]
    assert found.limits.set_index("factor").loc[MEMORY, "low"] == pytest.approx(72, abs=4)


def test_what_is_not_installed_is_told(cube: StoredSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    there = finders_module.find_spec
    monkeypatch.setattr(finders_module, "find_spec", lambda name: None if name == "ema_workbench" else there(name))
    assert discover(cube, VOICED).method == "cart"
    with pytest.raises(InputError, match=r"method prim needs .* not installed; install csto-sim\[analysis\]"):
        discover(cube, VOICED, method="prim")
    monkeypatch.setattr(finders_module, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"scenario discovery needs packages"):
        discover(cube, VOICED)
    with pytest.raises(InputError, match="there is no method 'tree'; allowed: prim, cart"):
        discover(cube, VOICED, method="tree")


def test_rules_do_not_change_between_calls(cube: StoredSweep) -> None:
    for method in ("prim", "cart"):
        first, second = (discover(cube, VOICED, method=method) for _ in range(2))
        pd.testing.assert_frame_equal(first.boxes, second.boxes)
        assert first.text == second.text


def test_limits_at_the_edge_of_the_space_are_none() -> None:
    box = Box.within({"a": (0.0, 0.51239), "b": (0.0, 1.0)}, {"a": (0.0, 1.0), "b": (0.0, 1.0)})
    assert box == Box({"a": (-INF, 0.5124)})
    assert box.sides == (("a", 1),)
    assert box.without("a", 1) == Box({})
    assert conditions(Box({"events.war.value": (0.25, 0.5)})) == "war.value >= 0.25 and war.value <= 0.5"
    points = pd.DataFrame({"a": [0.1, 0.5124, 0.6], "b": [9.0, 9.0, 9.0]})
    assert box.holds(points).tolist() == [True, True, False]


def test_quasi_p_is_the_chance_of_as_many_cases_without_the_limit() -> None:
    points = pd.DataFrame({"a": [0.1, 0.2, 0.8, 0.9]})
    found = quasi_p(Box({"a": (0.5, INF)}), points, np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4))
    assert found == {("a", 0): pytest.approx(0.25)}
