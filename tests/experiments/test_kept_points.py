import subprocess
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


def test_kept_series_have_a_digest_of_their_own(scenario: Scenario, tmp_path: Path) -> None:
    made = plan(scenario, "parameters.reach=1,2", replicates=3)
    found = sweep(made, out=tmp_path / "swept", workers=1)
    path = keep_points(made, [0], found.folder)
    before, content = found.kept(), path.read_bytes()
    told = subprocess.run(["sha256sum", "--check", "kept.sha256"], cwd=path.parent, check=True, capture_output=True)
    assert told.stdout == b"kept.parquet: OK\n"
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])  # in the description, not in a page
    with pytest.raises(InputError, match=r"kept\.parquet: damaged; its digest is not the one in kept\.sha256"):
        found.kept()
    (path.parent / "kept.sha256").unlink()  # as where points were kept by an older version
    path.write_bytes(content[:-20])
    with pytest.raises(InputError, match=r"kept\.parquet: damaged \(.*\); keep the points again"):
        found.kept()
    path.write_bytes(content)
    assert found.kept().equals(before)
    keep_points(made, [1], found.folder)
    assert set(found.kept()["point"]) == {1}


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
