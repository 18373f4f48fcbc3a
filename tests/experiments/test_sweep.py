import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.experiments import workers as workers_module
from sim.experiments.design import read_factor, read_factors
from sim.experiments.ensemble import run
from sim.experiments.sweep import Plan, run_sweep
from sim.output.sweeps import column
from sim.scenario import Scenario, with_overrides

FREEZES = "BBB.posture@2021-12 >= voice"
TRUSTS = "BBB.trust[AAA]@end"


def plan(scenario: Scenario, *vary: str, **options) -> Plan:
    return Plan("small", scenario, read_factors(vary), **{"metrics": [FREEZES, TRUSTS], **options})


def test_ranges_and_lists():
    assert read_factor("a.b=0:1:5").values == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert read_factor("a.b = 24, 60").values == (24, 60)
    assert read_factor("a.b=none,forces").values == ("none", "forces")
    assert read_factor("a.b=true,false").values == (True, False)
    assert read_factor("a.b=0:0.9:10").values[3] == 0.3


@pytest.mark.parametrize(
    "text",
    ["a.b", "a.b=", "=1,2", "a.b=1:2", "a.b=1:2:3:4", "a.b=1:2:1", "a.b=x:2:3", "a.b=0:inf:3", "a.b=1,,2",
     "a.b=1,1", "a.b=1:2:2.5", "seed=1,2", "replicates=1:9:3", "a.b=[1],[2]"],
)  # fmt: skip
def test_bad_factors_are_refused_with_the_text_given(text):
    with pytest.raises(InputError) as caught:
        read_factors([text])
    assert text in str(caught.value)


def test_a_key_twice_too_many_points_and_none_are_refused():
    with pytest.raises(InputError, match="varied twice"):
        read_factors(["a.b=1,2", "a.b=3,4"])
    with pytest.raises(InputError, match="100000 at most"):
        read_factors(["a.b=0:1:2000", "a.c=0:1:2000"])
    with pytest.raises(InputError, match="nothing to vary"):
        read_factors([])


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("evnts.raid.severity=0:1:2", "did you mean 'events'"),
        ("events.rade.severity=0:1:2", "did you mean 'raid'"),
        ("events.raid.severty=0:1:2", "did you mean 'severity'"),
        ("parameters.memory_half_live=24,60", "did you mean 'memory_half_life'"),
        ("events.raid.severity=0:2:3", "2.0 is out of range"),
        ("events.raid.severity=low,high", "'low'"),
    ],
)
def test_keys_and_values_that_the_scenario_does_not_take_are_refused(scenario, vary, said):
    with pytest.raises(InputError, match=said):
        plan(scenario, vary)


def test_a_key_that_changes_nothing_is_refused(scenario: Scenario):
    with pytest.raises(InputError, match="changes nothing in they-decide"):
        plan(scenario, "events.answer.response=none,forces", branches=["they-decide"])
    assert plan(scenario, "events.answer.response=none,forces", branches=["they-decide", "as-it-was"])


def test_each_point_is_the_ensemble_of_that_scenario(scenario: Scenario):
    swept = run_sweep(
        plan(
            scenario, "events.raid.severity=0.2:0.8:2", "parameters.memory_half_life=24,60",
            branches=["as-it-was", "they-decide"], replicates=6, seed=5,
        ),
        workers=1,
    )  # fmt: skip
    assert len(swept.table) == 2 * 2 * 2
    for row in swept.table.to_dict("records"):
        keys = ("events.raid.severity", "parameters.memory_half_life")
        changed = with_overrides(scenario, {key: row[key] for key in keys})
        alone = run(changed, branches=[row["branch"]], replicates=6, seed=5, metrics=[TRUSTS], workers=1)
        trusts, freezes = (alone.values(row["branch"], text) for text in (TRUSTS, FREEZES))
        assert row[column(TRUSTS, "median")] == pytest.approx(np.median(trusts), abs=1e-9)
        assert row[column(FREEZES, "mean")] == pytest.approx(freezes.mean())
        assert row[column(FREEZES, "low")] <= freezes.mean() <= row[column(FREEZES, "high")]
        assert np.isnan(row[column(TRUSTS, "low")])
        assert row[column(TRUSTS, "n")] == 6
    assert swept.runs is not None
    assert len(swept.runs) == 8 * 6 * 2


def test_points_share_their_draws(scenario: Scenario):
    swept = run_sweep(plan(scenario, "events.answer.response=none,forces", replicates=5, metrics=[TRUSTS]))
    assert swept.runs is not None
    wide = swept.runs.pivot_table(index="replicate", columns="point", values="value")
    assert (wide[1] > wide[0]).all()


def test_workers_do_not_change_the_table(scenario: Scenario, monkeypatch):
    vary = ("events.raid.severity=0:1:3",)
    alone = run_sweep(plan(scenario, *vary, replicates=5), workers=1)
    monkeypatch.setattr(workers_module, "START_UP", 0.0)
    shared = run_sweep(plan(scenario, *vary, replicates=5), workers=2)
    pd.testing.assert_frame_equal(alone.table, shared.table)
    pd.testing.assert_frame_equal(alone.runs, shared.runs)


def test_the_folder_is_keyed_by_the_design(scenario: Scenario):
    vary = "events.raid.severity=0:1:3"
    base = plan(scenario, vary).folder
    assert plan(scenario, vary).folder == base
    others = [
        plan(scenario, "events.raid.severity=0:1:4"),
        plan(scenario, vary, replicates=9),
        plan(scenario, vary, seed=9),
        plan(scenario, vary, branches=["they-decide"]),
        plan(scenario, vary, metrics=[TRUSTS]),
        plan(with_overrides(scenario, {"parameters.memory_half_life": 24.0}), vary),
    ]
    folders = {other.folder for other in others}
    assert base not in folders
    assert len(folders) == len(others)


def test_without_a_metric_the_scenario_must_have_one(scenario: Scenario):
    assert plan(scenario, "events.raid.severity=0:1:3", metrics=[]).metrics == tuple(scenario.metrics)
    bare = scenario.model_copy(update={"metrics": []})
    with pytest.raises(InputError, match="nothing to measure"):
        plan(bare, "events.raid.severity=0:1:3", metrics=[])


def test_dates_never_reached_leave_cells_empty(scenario: Scenario):
    metric = "first(CCC.posture >= notify)"
    swept = run_sweep(plan(scenario, "events.raid.severity=0.1,0.2", metrics=[metric], replicates=2))
    assert swept.kinds == {metric: "date"}
    assert list(swept.table[column(metric, "n")]) == [0, 0]
    assert swept.points()[0]["metrics"][metric]["median"] is None
