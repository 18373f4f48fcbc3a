import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiments import ensemble
from sim.experiments.factors import read_factors
from sim.experiments.parameters.posteriors import Posterior, default_posterior
from sim.experiments.parameters.priors import NAMES, prior_draws
from sim.experiments.plan import Plan
from sim.experiments.sweep_schema import Design
from sim.output.store import read, save
from sim.output.sweeps import read_sweep
from sim.result import sweep
from sim.scenario import Scenario, load, with_overrides
from tests.experiments.conftest import SMALL

TRUST = "BBB.trust[AAA]@end"
START = "BBB.trust[AAA]@start"
"""Trust at the start is `initial_trust` where the scenario gives no belief, so it shows which set was drawn."""

PLACE = NAMES.index("initial_trust")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(SMALL)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return Posterior.of_sets("mine", prior_draws(30, seed=1), np.linspace(1.0, 2.0, 30) / 45.0)


def starts(scenario: Scenario, source: object, engine: str = "compiled", **options: int) -> dict[str, np.ndarray]:
    """Return trust at the start by branch and run."""
    result = ensemble.run(scenario, replicates=12, seed=5, metrics=[START], engine=engine, parameters=source, **options)  # type: ignore[arg-type]
    return {branch: result.values(branch, START) for branch in result.branches}


def test_each_replicate_has_the_set_of_its_address_in_every_branch(scenario: Scenario, posterior: Posterior):
    expected = posterior.draws(12, seed=5)[:, PLACE]
    assert len(set(expected)) > 4
    found = starts(scenario, posterior)
    assert len(found) == 3
    for values in found.values():
        assert values == pytest.approx(expected)


def test_both_engines_take_the_same_sets(scenario: Scenario, posterior: Posterior):
    one, other = (
        ensemble.run(scenario, replicates=3, seed=5, metrics=[TRUST], engine=engine, parameters=posterior, workers=1)
        for engine in ("compiled", "mesa")
    )
    for branch in one.branches:
        assert one.values(branch, TRUST) == pytest.approx(other.values(branch, TRUST), abs=1e-9)


def test_what_the_scenario_sets_wins_over_a_draw(scenario: Scenario, posterior: Posterior):
    own = with_overrides(scenario, {"parameters.initial_trust": 0.5})
    assert all(values == pytest.approx(0.5) for values in starts(own, posterior).values())
    branch = scenario.branches["as-it-was"].model_copy(update={"parameters": {"initial_trust": 0.4}})
    mixed = scenario.model_copy(update={"branches": {**scenario.branches, "as-it-was": branch}})
    found = starts(mixed, posterior)
    assert found["as-it-was"] == pytest.approx(0.4)
    assert found["help-comes"] == pytest.approx(posterior.draws(12, seed=5)[:, PLACE])


def test_the_defaults_are_what_they_were(scenario: Scenario):
    plain = starts(scenario, None)
    for source in ("defaults", default_posterior()):
        for branch, values in starts(scenario, source).items():
            assert (values == plain[branch]).all()


def test_kept_runs_have_the_set_of_their_replicate(scenario: Scenario, posterior: Posterior):
    result = ensemble.run(scenario, replicates=4, seed=5, engine="compiled", parameters=posterior, keep=[1, 3])
    assert result.kept is not None
    kept = result.kept[result.kept["date"] == result.kept["date"].min()]
    rows = kept.query("variable == 'trust' and state == 'BBB' and other == 'AAA'")
    drawn = posterior.draws(4, seed=5)[:, PLACE]
    for replicate in (1, 3):
        assert rows.loc[rows["replicate"] == replicate, "value"].to_numpy() == pytest.approx(drawn[replicate])


def test_a_result_says_what_it_drew_from(scenario: Scenario, posterior: Posterior, tmp_path: Path):
    result = ensemble.run(scenario, replicates=2, engine="compiled", parameters=posterior)
    folder = save(result, tmp_path / "drawn")
    content = json.loads((folder / "manifest.json").read_text())
    assert content["posterior"] == {"name": "mine", "digest": posterior.digest}
    assert read(folder).posterior == content["posterior"]
    drawn = read(folder).drawn
    assert drawn is not None
    assert (drawn.to_numpy() == posterior.draws(2, seed=result.seed)).all()
    assert list(drawn.columns) == list(NAMES)
    plain = save(ensemble.run(scenario, replicates=2, engine="compiled"), tmp_path / "plain")
    assert json.loads((plain / "manifest.json").read_text())["posterior"] is None
    assert not (plain / "parameters.parquet").exists()
    assert read(plain).drawn is None
    assert json.loads((plain / "manifest.json").read_text())["id"] != content["id"]


def test_a_result_says_what_its_posterior_lacks_and_what_the_model_no_longer_has(
    scenario: Scenario, posterior: Posterior, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    kept = [place for place, name in enumerate(posterior.columns) if name not in ("reach", "hysteresis")]
    older = Posterior(
        "older", np.column_stack([posterior.stored[:, kept], np.full(30, 7.0)]), posterior.weights,
        (*(posterior.columns[place] for place in kept), "old_name"),
    )  # fmt: skip
    older.save(tmp_path / "older.parquet")
    own = with_overrides(scenario, {"parameters.hysteresis": 0.4})
    result = ensemble.run(own, replicates=2, engine="mesa", parameters=tmp_path / "older.parquet")
    content = json.loads((save(result, tmp_path / "drawn") / "manifest.json").read_text())
    about = {"name": "older", "digest": older.digest, "filled": {"reach": 2.0}, "ignored": ["old_name"]}
    assert content["posterior"] == about == read(tmp_path / "drawn").posterior
    assert [record.getMessage() for record in caplog.records] == [
        "parameters 'older': the fit predates the present equations; at their table values in every run: reach",
        "parameters 'older': in the fit, but parameters of the model no longer, so ignored: old_name",
    ]
    drawn = read(tmp_path / "drawn").drawn
    assert drawn is not None
    assert (drawn["reach"] == 2.0).all()
    factors = read_factors(["parameters.reach=1,2"])
    plan = Plan("small", own, Design(kind="grid"), factors, metrics=[START], parameters=older)
    assert plan.study.posterior == {"name": "older", "digest": older.digest, "ignored": ["old_name"]}


def test_a_file_or_a_name_stand_for_a_posterior(scenario: Scenario, posterior: Posterior, tmp_path: Path):
    posterior.save(tmp_path / "mine.parquet")
    found = starts(scenario, str(tmp_path / "mine.parquet"))
    assert found["as-it-was"] == pytest.approx(posterior.draws(12, seed=5)[:, PLACE])
    with pytest.raises(InputError, match="there are no parameters 'mine'"):
        starts(scenario, "mine")


def test_a_sweep_draws_too_and_its_points_win(scenario: Scenario, posterior: Posterior, tmp_path: Path):
    def plan(source: Posterior | None) -> Plan:
        factors = read_factors(["parameters.memory_half_life=24,60"])
        return Plan("small", scenario, Design(kind="grid"), factors, metrics=[START], replicates=6, seed=5,
                    common_draws=True, parameters=source)  # fmt: skip

    assert plan(posterior).identity != plan(None).identity
    assert plan(posterior).identity != plan(replace(posterior, weights=posterior.weights[::-1])).identity
    swept = sweep(plan(posterior), out=tmp_path / "swept", workers=1)
    assert swept.posterior == {"name": "mine", "digest": posterior.digest}
    assert read_sweep(tmp_path / "swept").posterior == swept.posterior
    expected = posterior.draws(6, seed=5)[:, PLACE].mean()
    assert swept.table[f"{START} | mean"].to_numpy() == pytest.approx([expected, expected])
    factors = read_factors(["parameters.initial_trust=0.4,0.5"])
    over = Plan("small", scenario, Design(kind="grid"), factors, metrics=[START], replicates=6, parameters=posterior)
    table = sweep(over, out=tmp_path / "over", workers=1).table
    assert table[f"{START} | mean"].to_numpy() == pytest.approx([0.4, 0.5])
