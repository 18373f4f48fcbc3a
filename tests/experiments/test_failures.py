from pathlib import Path

import numpy as np
import pytest

from sim.analysis import open_sweep
from sim.analysis.outcome import outcome
from sim.errors import InputError
from sim.experiments import plan as plan_module
from sim.experiments.chunks import BatchOutcome, RunBatch
from sim.experiments.failures import TolerantRunner
from sim.result import Sweep, sweep
from sim.scenario import Scenario
from tests.experiments.swept import FREEZES, TRUSTS, plan, tables

DATES = ("events.raid.date=2021-03-01,2021-04-13", "events.answer.date=2021-04-15,2021-07-05")
"""The later answer comes more than 90 days after the earlier raid, which is refused; each date by itself is not."""


@pytest.fixture
def failing(scenario: Scenario, tmp_path: Path) -> Sweep:
    return sweep(plan(scenario, *DATES, replicates=3), out=tmp_path / "swept", workers=1)


def test_a_point_that_cannot_be_run_is_rows_with_its_error_and_the_others_go_on(failing: Sweep) -> None:
    lost = failing.failures()
    assert lost[["point", "replicate"]].to_numpy().tolist() == [[1, 0], [1, 1], [1, 2]]
    assert set(lost["branch"]) == {"as-it-was"}
    assert "more than 90 days after" in lost["error"][0]
    assert lost["events.answer.date"].tolist() == ["2021-07-05"] * 3
    runs = failing.runs()
    assert runs[TRUSTS].isna().tolist() == [point == 1 for point in range(4) for _ in range(3)]
    assert failing.table[f"{TRUSTS} | n"].tolist() == [3, 0, 3, 3]
    assert failing.report(failing.folder)["failed"] == 3


def test_whole_sweeps_have_no_file_of_failures(scenario: Scenario, tmp_path: Path) -> None:
    whole = sweep(plan(scenario, "parameters.reach=1,2", replicates=2), out=tmp_path / "whole", workers=1)
    assert whole.failures().empty
    assert not (tmp_path / "whole" / "failures.csv").exists()
    assert "failed" not in whole.report(whole.folder)


def test_chunks_and_engines_change_nothing(
    failing: Sweep, scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plan_module.CHUNK_RUNS, "compiled", 2)
    again = sweep(plan(scenario, *DATES, replicates=3), out=tmp_path / "again", workers=1)
    assert tables(again.folder) == tables(failing.folder)
    assert again.failures().equals(failing.failures())


def test_a_comparison_of_a_failed_run_is_missing_and_not_false(failing: Sweep) -> None:
    stored = open_sweep(failing.folder)
    assert np.isnan(outcome(stored, f"{TRUSTS} < 2").values).sum() == 3
    assert np.isnan(outcome(stored, FREEZES).values).sum() == 3


def test_a_sweep_of_failures_alone_is_refused_and_leaves_nothing(scenario: Scenario, tmp_path: Path) -> None:
    made = plan(scenario, "events.raid.date=2021-04-13,2021-03-01", "events.answer.date=2021-07-05,2021-04-15")
    column = [np.array([1]), np.array([0])]
    object.__setattr__(made.points, "columns", tuple(column))
    with pytest.raises(InputError, match=r"all 4 runs failed; the first with: .*more than 90 days"):
        sweep(made, out=tmp_path / "swept", workers=1)
    assert list(tmp_path.iterdir()) == []


def test_of_a_chunk_only_the_runs_that_fail_are_lost() -> None:
    class Breaks:
        def run(self, pieces):
            numbers = [piece.first + place for piece in pieces for place in range(piece.count)]
            if 5 in numbers:
                raise ZeroDivisionError("run 5 divides by zero")
            return BatchOutcome(np.array(numbers, dtype=float)[:, None])

    found = TolerantRunner(Breaks(), 1).run([RunBatch("a", 0, 4), RunBatch("a", 4, 3), RunBatch("a", 7, 1)])
    assert found.metrics[:, 0].tolist()[:5] == [0, 1, 2, 3, 4]
    assert found.metrics[6:, 0].tolist() == [6, 7]
    assert np.isnan(found.metrics[5, 0])
    assert found.errors == {5: "run 5 divides by zero"}


def test_what_is_no_fault_of_a_run_stops_the_sweep() -> None:
    class Starved:
        def run(self, pieces):
            raise MemoryError

    with pytest.raises(MemoryError):
        TolerantRunner(Starved(), 1).run([RunBatch("a", 0, 4)])
