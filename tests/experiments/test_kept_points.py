from pathlib import Path

import pytest

from sim.errors import InputError
from sim.experiments import kept_points
from sim.experiments.kept_points import keep_points
from sim.result import Sweep, sweep
from sim.scenario import Scenario
from tests.experiments.swept import TRUSTS, plan


@pytest.mark.parametrize("common", [True, False])
def test_kept_series_end_where_the_metrics_of_the_sweep_do(scenario: Scenario, tmp_path: Path, common: bool) -> None:
    made = plan(
        scenario, "events.raid.severity=0.3,0.8", "parameters.memory_half_life=24,60", replicates=3,
        branches=["as-it-was", "they-decide"], common_draws=common,
    )  # fmt: skip
    found = sweep(made, out=tmp_path / "swept", workers=1)
    assert isinstance(found, Sweep)
    assert keep_points(made, [1, 2], found.folder) == tmp_path / "swept" / "kept.parquet"
    kept = found.kept()
    assert set(kept["point"]) == {1, 2}
    last = kept[kept["date"] == kept["date"].max()].query("variable == 'trust' and state == 'BBB' and other == 'AAA'")
    ends = last.set_index(["point", "branch", "replicate"])["value"]
    runs = found.runs().set_index(["point", "branch", "replicate"])[TRUSTS]
    assert len(ends) == 2 * 2 * 3
    for label, value in ends.items():
        assert value == runs[label]


def test_points_that_are_not_there_or_too_many_are_refused(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(scenario, "parameters.reach=1,2", replicates=3)
    with pytest.raises(InputError, match="point 2 cannot be kept; allowed: 0 to 1"):
        keep_points(made, [0, 2], tmp_path)
    monkeypatch.setattr(kept_points, "MOST_RUNS", 5)
    with pytest.raises(InputError, match="2 points have 6 runs; allowed: 5"):
        keep_points(made, [0, 1], tmp_path)
    whole = sweep(made, out=tmp_path / "swept", workers=1)
    with pytest.raises(InputError, match="no series of this sweep were kept"):
        whole.kept()
