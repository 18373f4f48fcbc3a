"""Results and sweeps as tidy frames: keys, dates, units, and the same numbers as elsewhere."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import InputError
from sim.experiments.parameters import sources
from tests.conftest import SHIPPED
from tests.experiments.swept import plan

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"
LEAVES = "first(BBB.posture >= voice)"
FIT = "general"
METRICS = ["BBB.trust[AAA]@end", f"{LEAVES} <= 2021-12", LEAVES]
SEVERITY = "events.raid.severity=0.2,0.8"
BRANCH = "they-decide"


@pytest.fixture(scope="module")
def result() -> sim.Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "default_source", SHIPPED)
        return sim.run(SMALL, replicates=4, seed=3, metrics=METRICS, engine="mesa", workers=1)


def test_metrics_are_a_row_a_replicate_with_dates_as_dates(result: sim.Result) -> None:
    frame = result.to_dataframe()
    assert list(frame.columns) == ["branch", "replicate", "metric", "kind", "value", "date"]
    assert len(frame) == len(result.branches) * 4 * len(result.expressions)
    for (branch, metric), rows in frame.groupby(["branch", "metric"]):
        values = result.values(branch, metric)
        assert rows["replicate"].tolist() == [0, 1, 2, 3]
        if rows["kind"].iloc[0] == "date":
            assert rows["value"].isna().all()
            days = [None if np.isnan(value) else date.fromordinal(int(value)) for value in values]
            assert [None if pd.isna(day) else day.date() for day in rows["date"]] == days
        else:
            assert rows["value"].tolist() == values.tolist()
            assert rows["date"].isna().all()
    assert frame["date"].notna().any()


def test_every_table_of_a_result_is_a_frame_and_says_its_units(result: sim.Result) -> None:
    trust = result.to_dataframe("trust")
    assert trust.attrs["units"]["trust"] == "0..1"
    one = trust.iloc[-1]
    assert one["trust"] == float(
        result.trust.sel({key: one[key] for key in ("branch", "replicate", "date", "truster", "trustee")})
    )
    runs = result.to_dataframe("trajectories")
    assert str(runs["date"].dtype).startswith("datetime64")
    assert runs.attrs["long_name"]["approval"] == "public approval of the alliance"
    assert list(result.to_dataframe("parameters")["replicate"]) == [0, 1, 2, 3]
    assert "memory_half_life" in result.to_dataframe("parameters")
    for name in ("summary", "quantiles", "responses", "country-month", "dyad-month"):
        assert len(result.to_dataframe(name))
    with pytest.raises(InputError, match=r"no table 'trusts'; allowed: .*did you mean 'trust'"):
        result.to_dataframe("trusts")


def test_arrays_have_units_and_one_name_for_the_dimension_of_runs(result: sim.Result) -> None:
    assert result.trust.attrs == {"long_name": "expectation that the other does what its treaty owes", "units": "0..1"}
    assert result.posture.attrs["flag_meanings"] == "loyal voice reduce freeze notify out"
    assert result.metrics.dims[-1] == "replicate"
    assert "run" not in {*result.data.dims, *result.metrics.dims}


def test_results_are_saved_and_opened_by_folder_and_by_name(
    result: sim.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = result.save()
    assert folder.parts[:2] == ("results", "small")
    again = sim.open(folder.name)
    assert isinstance(again, sim.Result)
    assert again.data.identical(result.data)
    assert again.metrics.identical(result.metrics)
    assert "parameters drawn from the fit" in repr(again) == repr(result)
    assert result.save("mine") == Path("mine")
    assert isinstance(sim.open("mine"), sim.Result)
    with pytest.raises(InputError, match="there is no result or sweep 'other'"):
        sim.open("other")
    with pytest.raises(InputError, match=r"give the folder of a result or sweep, not 3 \(int\)"):
        sim.open(3)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> sim.Sweep:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "default_source", SHIPPED)
        given = {"metrics": METRICS, "replicates": 3, "seed": 5, "engine": "mesa", "branches": [BRANCH]}
        made = plan(sim.load(SMALL), SEVERITY, **given)
        return sim.sweep(made, out=tmp_path_factory.mktemp("swept") / "s", workers=1)


def test_a_sweep_is_a_row_for_each_point_branch_and_metric(swept: sim.Sweep) -> None:
    frame = swept.to_dataframe()
    keys = ["point", "events.raid.severity", "branch", "metric", "kind"]
    assert list(frame.columns)[:5] == keys
    assert frame[["point", "metric"]].to_numpy().tolist() == [[p, m] for p in (0, 1) for m in METRICS]
    wide = swept.table.set_index("point")
    for row in frame.to_dict("records"):
        known = wide.loc[row["point"], f"{row['metric']} | median"]
        assert (row["median_month"] if row["kind"] == "date" else row["median"]) == known or pd.isna(known)
    stored = pd.read_csv(swept.folder / "sweep.csv")
    assert list(stored.columns) == list(frame.columns)
    assert stored["mean"].round(4).equals(frame["mean"].round(4))
    assert sim.open(swept.folder).to_dataframe().equals(frame)


def test_runs_of_a_sweep_carry_their_point_and_keep_what_they_drew(swept: sim.Sweep) -> None:
    runs = swept.to_dataframe("runs")
    assert len(runs) == 2 * 3 * len(METRICS)
    at_one = runs[(runs["point"] == 1) & (runs["metric"] == METRICS[0])]
    assert at_one["events.raid.severity"].tolist() == [0.8] * 3
    drawn = swept.to_dataframe("parameters")
    assert drawn[["point", "replicate"]].to_numpy().tolist() == [[p, n] for p in (0, 1) for n in range(3)]
    severe = sim.load(SMALL, {"events.raid.severity": 0.8})
    alone = sim.AllianceModel(severe, BRANCH, rng=5, replicate=2, parameters=FIT)
    alone.run()
    assert at_one["value"].iloc[2] == alone.state("BBB").trust_in("AAA")
    assert drawn["memory_half_life"].iloc[5] == alone.parameters.memory_half_life
    first, second = (drawn[drawn["point"] == point].drop(columns="point").reset_index(drop=True) for point in (0, 1))
    assert first.equals(second)  # a grid shares its draws
    assert swept.common_draws


def test_short_descriptions(swept: sim.Sweep, result: sim.Result) -> None:
    scenario = sim.load(SMALL)
    for each in (scenario, swept, result):
        assert len(repr(each)) < 300
        assert len(str(each)) < 300 or isinstance(each, sim.Sweep)
        assert each._repr_html_().startswith("<p>")
    assert repr(scenario) == f"<Scenario {scenario.title!r}: {scenario._in_short()}>"
