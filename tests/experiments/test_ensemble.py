import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sim.engine.agents import State
from sim.errors import InputError
from sim.experiments import executors
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.ensemble import short_name
from sim.experiments.metrics import evaluate
from sim.result import run
from sim.scenario import Scenario, branch_names, load, with_overrides
from sim.scenario.expressions import parse_metric
from sim.words import STATEMENT
from tests.experiments.conftest import SMALL


def test_each_replicate_is_the_run_of_that_seed_and_number(scenario: Scenario):
    result = run(scenario, replicates=3, seed=11, workers=1)
    for branch in ("as-it-was", "they-decide"):
        for replicate in range(3):
            one = AllianceModel(scenario, branch, rng=11, replicate=replicate).run()
            bbb, aaa = one.codes.index("BBB"), one.codes.index("AAA")
            own = result.trust.sel(branch=branch, replicate=replicate, truster="BBB", trustee="AAA").values
            np.testing.assert_array_equal(own, one.values["trust"][:, bbb, aaa])
            pact = one.treaties.index("PACT")
            ranks = result.posture.sel(branch=branch, replicate=replicate, state="BBB").values
            np.testing.assert_array_equal(ranks, one.values["posture"][:, bbb, pact])
            text = "BBB.posture@2021-12 >= voice"
            assert result.values(branch, text)[replicate] == evaluate(parse_metric(text), one)
            calls = result.responses.query("branch == @branch and replicate == @replicate")
            assert list(calls["level"]) == [ally.level for call in one.calls for ally in call.responses]


def test_workers_do_not_change_the_outcome(scenario: Scenario, monkeypatch):
    alone = run(scenario, replicates=9, workers=1)
    monkeypatch.setattr(executors, "START_UP", 0.0)
    shared = run(scenario, replicates=9, workers=2)
    assert alone.data.identical(shared.data)
    assert alone.metrics.identical(shared.metrics)
    pd.testing.assert_frame_equal(alone.responses, shared.responses)


def test_more_replicates_leave_the_first_ones_as_they_were(scenario: Scenario):
    few, many = (run(scenario, replicates=n, workers=1) for n in (2, 5))
    assert many.data.isel(replicate=slice(0, 2)).identical(few.data)
    assert many.metrics.isel(replicate=slice(0, 2)).identical(few.metrics)


def test_replicates_beyond_what_a_result_holds_have_their_metrics(scenario: Scenario, monkeypatch):
    whole = run(scenario, replicates=5, metrics=["BBB.trust[AAA]@end"])
    monkeypatch.setattr("sim.experiments.memory.MOST_SERIES", 45_000)
    held = run(scenario, replicates=5, metrics=["BBB.trust[AAA]@end"])
    assert (held.data.sizes["replicate"], held.metrics.sizes["replicate"], held.replicates) == (3, 5, 5)
    assert held.metrics.identical(whole.metrics)
    assert held.trust.identical(whole.trust.isel(replicate=slice(0, 3)))


def test_what_does_not_fit_in_memory_is_refused_with_what_does(scenario: Scenario, monkeypatch):
    monkeypatch.setattr("sim.experiments.memory.MEMORY", 24 * 2**20)
    monkeypatch.setattr("sim.experiments.memory.MOST_SERIES", 2**20)

    def most(match: str, **options) -> int:
        with pytest.raises(InputError, match=match) as refused:
            run(scenario, engine="compiled", **options)
        return int(re.search(r"up to (\d+)", str(refused.value)).group(1))

    fits = most("1000000 replicates would take", replicates=1_000_000)
    assert run(scenario, replicates=fits, engine="compiled").replicates == fits
    assert most("replicates would take", replicates=fits + 1) == fits
    kept = most("1000 kept replicates would take", replicates=1000, keep=range(1000))
    assert 0 < kept < 10
    assert run(scenario, replicates=1000, keep=range(kept), engine="compiled").kept["replicate"].nunique() == kept


@pytest.mark.slow
def test_a_run_stays_within_the_memory_it_declares(tmp_path):
    """Peak memory of runs that fill their budget, beside that of the program and a small run."""
    code = """
import resource, sys
from sim.experiments import ensemble, memory
from sim.errors import InputError
memory.MOST_SERIES = 2**23
run = lambda **options: ensemble.run(sys.argv[1], engine="compiled", **options)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
run(replicates=200, keep=[0])
before = peak()
memory.MEMORY = 2**26
replicates, keep = int(sys.argv[2]), range(int(sys.argv[3]))
try:
    run(replicates=10**9, keep=[])
except InputError as error:
    most = int(str(error).split("up to ")[1].split()[0])
run(replicates=int(most * replicates / 100), keep=keep)
print((peak() - before) / memory.MEMORY)
"""
    for share, keep in (("100", "0"), ("30", "15")):
        words = [sys.executable, "-c", code, str(SMALL), share, keep]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert float(done.stdout) < 1.0, share


@pytest.mark.parametrize("workers", [1, 2])
def test_states_that_decide_by_rules_of_their_own_run_in_ensembles(scenario: Scenario, workers: int, monkeypatch):
    monkeypatch.setattr("sim.experiments.executors.START_UP", 0.0)
    result = run(scenario, replicates=4, workers=workers, agents={"AAA": Dove})
    assert result.engine == "mesa"
    answers = result.responses.query("ally == 'AAA' and not fixed and made")
    assert len(answers)
    assert set(answers["choice"]) == {STATEMENT}


def test_agents_of_ones_own_do_not_run_compiled(scenario: Scenario):
    with pytest.raises(InputError, match="need the Mesa engine"):
        run(scenario, agents={"AAA": Dove}, engine="compiled")
    with pytest.raises(InputError, match="allowed: compiled, mesa"):
        run(scenario, engine="fast")


class Dove(State):
    """A state that answers every appeal with words."""

    def respond(self, call):
        """Speak."""
        return "statement"


def test_branches_share_their_draws(scenario: Scenario):
    both = run(scenario, replicates=4, workers=1)
    alone = run(scenario, branches=["they-decide"], replicates=4, workers=1)
    assert both.data.sel(branch=["they-decide"]).identical(alone.data)
    assert both.metrics.sel(branch=["they-decide"]).identical(alone.metrics)
    before = both.data.sel(date=slice(None, "2021-03-31"))["trust"]
    np.testing.assert_array_equal(before.sel(branch="as-it-was"), before.sel(branch="help-comes"))


def test_defaults_come_from_the_scenario_and_seed_zero_is_a_seed(scenario: Scenario):
    result = run(scenario, branches=["they-decide"], workers=1)
    assert (result.replicates, result.seed) == (4, 3)
    assert run(scenario, branches=["as-it-was"], replicates=1, seed=0, workers=1).seed == 0


def test_a_file_gives_its_name_and_a_scenario_its_title(scenario: Scenario):
    assert run(SMALL, branches=["as-it-was"], replicates=1, workers=1).name == "small"
    assert run(scenario, branches=["as-it-was"], replicates=1, workers=1).name == "a-small-alliance"
    assert short_name("?!") == "scenario"


def test_labels(scenario: Scenario):
    result = run(scenario, replicates=1, workers=1)
    assert result.members == ("AAA", "BBB", "CCC")
    assert result.codes == ("AAA", "BBB", "CCC", "DDD")
    assert (result.focus, result.guarantor) == ("PACT", "AAA")
    assert len(result.dates) == 13
    assert str(result.dates[0]) == "2021-01-01"
    assert str(result.dates[-1]) == "2021-12-31"
    assert result.trust.dims == ("branch", "replicate", "date", "truster", "trustee")
    assert np.isnan(result.trust.sel(truster="AAA", trustee="AAA")).all()
    assert not np.isnan(result.trust.sel(truster="BBB", trustee=["AAA", "CCC"])).any()
    assert np.isnan(result.trust.sel(trustee="DDD")).all()  # it owes nobody help


def test_a_scenario_without_branches_has_one_called_base(tmp_path):
    text = SMALL.read_text(encoding="utf-8").partition("[branches")[0]
    path = tmp_path / "plain.toml"
    path.write_text(text, encoding="utf-8")
    assert run(path, replicates=1, workers=1).branches == ("base",)


def test_members_include_those_who_join_later(tmp_path):
    joining = 'joins = { date = 2021-02-01, kind = "membership", state = "DDD", treaty = "PACT", action = "join" }'
    path = tmp_path / "joining.toml"
    path.write_text(SMALL.read_text(encoding="utf-8").replace("[events]", f"[events]\n{joining}"), encoding="utf-8")
    result = run(path, branches=["as-it-was"], replicates=1, workers=1)
    assert result.members == ("AAA", "BBB", "CCC", "DDD")
    ranks = result.posture.sel(state="DDD").values[0, 0]
    assert (ranks[0], ranks[-1] >= 0) == (-1, True)


def test_a_branch_may_add_a_member_that_others_lack(tmp_path):
    added = """
[branches.they-join.events]
joins = { date = 2021-02-01, kind = "membership", state = "DDD", treaty = "PACT", action = "join" }

[branches.another.states]
EEE = { capability = 0.002 }
"""
    path = tmp_path / "joining.toml"
    path.write_text(SMALL.read_text(encoding="utf-8") + added, encoding="utf-8")
    asked = ["DDD.posture@end", "EEE.overstretch@end"]
    result = run(path, replicates=2, workers=1, metrics=asked)
    assert np.isnan(result.values("as-it-was", asked[0])).all()
    assert not np.isnan(result.values("they-join", asked[0])).any()
    found = result.metrics.sel(metric=asked[1])
    assert np.isnan(found.sel(branch="as-it-was")).all()
    assert not np.isnan(found.sel(branch="another")).any()
    assert (result.posture.sel(branch="as-it-was", state="DDD") == -1).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"replicates": 0}, "replicates 0"),
        ({"workers": 0}, "workers 0"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**53}, "seed"),
        ({"branches": ["as-it-wos"]}, "as-it-was"),
        ({"seed": "abc"}, "seed is 'abc'"),
        ({"seed": True}, "seed is True"),
        ({"replicates": 5.5}, "replicates is 5.5"),
        ({"workers": "2"}, "workers is '2'"),
        ({"branches": []}, "no branch"),
        ({"branches": "as-it-was"}, "branches is the text 'as-it-was'; give a list"),
        ({"metrics": "BBB.posture@end"}, "metrics is the text 'BBB.posture@end'; give a list"),
        ({"progress": True}, "progress is True"),
        ({"keep": 5}, "keep is 5; give a list"),
        ({"keep": ["a"]}, "a replicate to keep is 'a'"),
        ({"parameters": {"memory_halflife": 3}}, "did you mean 'memory_half_life'"),
        ({"parameters": {"memory_half_life": "long"}}, "memory_half_life is 'long'; allowed"),
        ({"metrics": ["BBB.posture"]}, "says no date"),
    ],
)
def test_refused_options(scenario: Scenario, options, said):
    with pytest.raises(InputError, match=said):
        run(scenario, **options)


def test_parameters_can_be_given_by_name(scenario: Scenario):
    asked = {"replicates": 2, "workers": 1, "engine": "mesa"}
    given = run(scenario, parameters={"memory_half_life": 17.0}, **asked)
    assert given.scenario.parameters["memory_half_life"] == 17.0
    assert given.posterior == run(scenario, **asked).posterior
    assert given.data.equals(run(with_overrides(scenario, {"parameters.memory_half_life": 17.0}), **asked).data)


def test_progress_is_told_every_run(scenario: Scenario):
    told: list[tuple[int, int]] = []
    run(scenario, replicates=3, workers=1, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (9, 9)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_loading_gives_the_same_as_a_path():
    by_path = run(SMALL, branches=["as-it-was"], replicates=1, workers=1)
    by_scenario = run(load(SMALL), branches=["as-it-was"], replicates=1, workers=1)
    assert by_path.data.identical(by_scenario.data)
    assert by_path.metrics.identical(by_scenario.metrics)


def test_the_compiled_engine_writes_into_the_arrays_of_the_result(scenario: Scenario):
    found = run(scenario, replicates=3, engine="compiled").data
    owners = {name: found[name].values for name in ("trust", "approval", "credibility")}
    for name, array in owners.items():
        while array.base is not None:
            array = array.base  # noqa: PLW2901
        owners[name] = array
    assert owners["trust"] is owners["approval"] is owners["credibility"]
    assert owners["trust"].shape[:3] == found["credibility"].shape


def test_branches_that_share_threads_come_out_as_alone_however_many_threads_there_are(scenario: Scenario):
    both = run(scenario, replicates=130, engine="compiled", workers=3)
    for branch in both.branches:
        alone = run(scenario, replicates=130, engine="compiled", workers=1, branches=[branch])
        assert both.data["trust"].sel(branch=[branch]).equals(alone.data["trust"])
        assert both.metrics.sel(branch=[branch]).equals(alone.metrics)
        mine = both.responses.query("branch == @branch").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone.responses)


def test_what_is_told_of_progress_can_stop_a_compiled_run(scenario: Scenario):
    told = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(scenario, replicates=1000, engine="compiled", workers=2, progress=tell)
    assert told == [(63, 1000 * len(branch_names(scenario)))]
