import pytest

from sim.errors import InputError
from sim.experiments import plan as plan_module
from sim.experiments.chunks import RunBatch
from sim.scenario import Scenario, with_overrides
from tests.experiments.swept import FREEZES, TRUSTS, plan

SEVERITY = "events.raid.severity=0.2,0.8"
LOW, HIGH = ((("events.raid.severity", value),) for value in (0.2, 0.8))


@pytest.fixture
def in_fives(monkeypatch):
    """Let chunks have five runs."""
    monkeypatch.setitem(plan_module.CHUNK_RUNS, "compiled", 5)


@pytest.mark.usefixtures("in_fives")
def test_runs_stand_in_the_order_point_branch_replicate(scenario: Scenario):
    made = plan(scenario, SEVERITY, branches=["as-it-was", "they-decide"], replicates=3, common_draws=False)
    assert (made.runs, made.chunks, made.count(0), made.count(2)) == (12, 3, 5, 2)
    assert made.pieces(0) == (RunBatch("as-it-was", 0, 3, LOW), RunBatch("they-decide", 0, 2, LOW))
    assert made.pieces(1) == (
        RunBatch("they-decide", 2, 1, LOW),
        RunBatch("as-it-was", 3, 3, HIGH),
        RunBatch("they-decide", 3, 1, HIGH),
    )
    assert made.pieces(2) == (RunBatch("they-decide", 4, 2, HIGH),)


@pytest.mark.usefixtures("in_fives")
def test_points_of_a_grid_have_the_same_replicates(scenario: Scenario):
    made = plan(scenario, SEVERITY, replicates=7)
    pieces = [piece for chunk in range(made.chunks) for piece in made.pieces(chunk)]
    assert pieces == [RunBatch("as-it-was", 0, 5, LOW), RunBatch("as-it-was", 5, 2, LOW),
                      RunBatch("as-it-was", 0, 3, HIGH), RunBatch("as-it-was", 3, 4, HIGH)]  # fmt: skip


def test_the_folder_is_keyed_by_the_design(scenario: Scenario):
    vary = "events.raid.severity=0:1:3"
    base = plan(scenario, vary).folder
    assert plan(scenario, vary).folder == base
    others = [
        plan(scenario, "events.raid.severity=0:1:4"),
        plan(scenario, "events.raid.severity=0,1,0.5"),
        plan(scenario, vary, replicates=9),
        plan(scenario, vary, seed=9),
        plan(scenario, vary, branches=["they-decide"]),
        plan(scenario, vary, metrics=[TRUSTS]),
        plan(scenario, vary, common_draws=False),
        plan(with_overrides(scenario, {"parameters.memory_half_life": 24.0}), vary),
    ]
    folders = {other.folder for other in others}
    assert base not in folders
    assert len(folders) == len(others)


def test_without_a_metric_the_scenario_must_have_one(scenario: Scenario):
    assert plan(scenario, SEVERITY, metrics=[]).metrics == tuple(scenario.metrics)
    bare = scenario.model_copy(update={"metrics": []})
    with pytest.raises(InputError, match="nothing to measure"):
        plan(bare, SEVERITY, metrics=[])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"branches": ["as-it-wos"]}, "as-it-was"),
        ({"metrics": ["BBB.postur@end"]}, "posture"),
        ({"replicates": 0}, "replicates 0"),
        ({"replicates": 1_000_000_000}, "would take"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_refused_options(scenario: Scenario, options, said):
    with pytest.raises(InputError, match=said):
        plan(scenario, SEVERITY, **options)


def test_the_study_says_what_is_varied_and_measured(scenario: Scenario):
    study = plan(scenario, SEVERITY, "parameters.memory_half_life=24,60").study
    assert study.factors == {
        "events.raid.severity": {"values": [0.2, 0.8]},
        "parameters.memory_half_life": {"values": [24.0, 60.0]},
    }
    assert study.kinds == {FREEZES: "chance", TRUSTS: "number"}
    assert study.design == {"kind": "grid"}
