"""Batches of Mesa models: the last step is in the rows, and seeds and iterations mean what they mean in Mesa."""

import mesa
import pytest

import sim
from sim.errors import InputError
from tests.engine.test_model import ATTACK, CALL
from tests.worlds import scenario


def batch(given, **options):
    given = {"scenario": scenario(), "decisions": False, **given}
    return sim.batch_run(sim.AllianceModel, given, display_progress=False, **options)


def test_rows_end_with_the_last_step_and_have_the_columns_of_mesa(tmp_path):
    rows = batch({"rng": 3, "replicate": [0, 1]})
    assert [(row["RunId"], row["Step"], row["code"]) for row in rows] == [
        (run, 12, code) for run in (0, 1) for code in ("ALY", "BIG", "FAR", "FOE", "VIC")
    ]
    for row in rows:
        model = sim.AllianceModel(scenario(), rng=3, replicate=row["replicate"])
        model.run()
        assert (row["date"], row["posture"]) == (model.date, model.state(row["code"]).posture)
    theirs = mesa.batch_run(
        sim.AllianceModel, {"scenario": [scenario()], "decisions": False, "rng": 3, "replicate": [0, 1]},
        number_processes=1, display_progress=False, data_collection_period=1,
    )  # fmt: skip
    ours = batch({"rng": 3, "replicate": [0, 1]}, data_collection_period=1)
    assert list(ours[0]) == [name for name in theirs[0] if name != "seed" or "seed" in ours[0]]
    shared, theirs = ([row for row in rows if row["Step"] <= 11] for rows in (ours, theirs))  # Mesa 3.3 stops there
    same = [name for name in ours[0] if name not in ("scenario", "trust_in_guarantor", "approval", "exit_support")]
    assert [[row[name] for name in same] for row in shared] == [[row[name] for name in same] for row in theirs]


def test_iterations_differ_without_a_seed_and_are_one_run_with_it():
    def trusts(given, iterations):
        return {row["trust_in_guarantor"] for row in batch(given, iterations=iterations) if row["code"] == "VIC"}

    free = {"scenario": scenario(events={"attack": ATTACK, "call": CALL})}
    assert len(trusts(free, 6)) > 1
    assert len(trusts(free | {"rng": 3}, 2)) == 1


def test_seeds_and_steps_are_counted_as_given():
    rows = batch({}, rng=[1, 2], max_steps=5, data_collection_period=2)
    assert sorted({(row["iteration"], row["rng"], row["Step"]) for row in rows}) == [
        (place, seed, step) for place, seed in ((0, 1), (1, 2)) for step in (0, 2, 4, 5)
    ]


def test_contradictions_are_refused():
    with pytest.raises(InputError, match="iterations or rng, not both"):
        batch({}, rng=[1], iterations=2)
    with pytest.raises(InputError, match="'replicate' has no value"):
        batch({"replicate": []})
    with pytest.raises(InputError, match=r"has no data collector; with sim\.AllianceModel, leave collect out"):
        batch({"collect": False, "rng": 1})
