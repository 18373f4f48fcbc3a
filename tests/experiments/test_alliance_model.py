"""The Mesa model by Mesa's conventions: seeds, parameters, attributes of states, states of one's own, pickling."""

import logging
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.readout import read_all
from sim.errors import InputError
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.keeping import all_paths
from sim.experiments.metrics import series
from sim.experiments.parameters import sources
from sim.model.parameters import Parameters
from sim.scenario import Scenario
from tests.conftest import SHIPPED
from tests.engine.test_model import ANSWER, ATTACK, CALL
from tests.worlds import scenario

SMALL = Path(__file__).parent / "small.toml"


@pytest.fixture(scope="module")
def small() -> Scenario:
    return sim.load(SMALL)


@pytest.mark.parametrize("count", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_replicate_n_is_run_n_of_an_ensemble_in_every_variable(small, monkeypatch, count):
    monkeypatch.setattr(sources, "default_source", SHIPPED)
    asked = {"branches": ["they-decide"], "replicates": count, "keep": range(count)}
    result = sim.run(small, **asked, seed=7, engine="mesa", workers=1)
    assert len(result.drawn.drop_duplicates()) > count / 2  # replicates differ in their parameters too
    for replicate, kept in result.kept.groupby("replicate"):
        model = AllianceModel(small, "they-decide", rng=7, replicate=replicate, collect=False, decisions=False)
        assert "drawn from the fit" in repr(model)
        assert model.parameters == Parameters(*model.parameters)._replace(**small.parameters)
        trajectory = model.run()
        known = kept.set_index(["variable", "state", "other", "date"])["value"]
        seen = 0
        for path in all_paths(model.setup):
            values = series(trajectory, path)
            for day, value in zip(trajectory.dates, values.tolist(), strict=True):
                key = (path.variable, path.owner, path.other or "", np.datetime64(day, "s"))
                assert (known[key] == value) if key in known.index else (np.isnan(value) or value < 0)
                seen += key in known.index
        assert seen == len(kept)


def test_without_a_seed_models_differ_and_keep_theirs():
    one, other = (AllianceModel(scenario(), collect=False) for _ in range(2))
    assert one.seed != other.seed
    again = AllianceModel(scenario(), seed=one.seed, collect=False)
    assert again.run().values["approval"].tobytes() == one.run().values["approval"].tobytes()


def test_seeds_come_in_every_form_of_numpy():
    def seeds(*given, name="rng"):
        return [AllianceModel(scenario(), collect=False, **{name: each}).seed for each in given]

    assert seeds(7, np.int64(7)) == seeds(7, np.uint8(7), name="seed") == [7, 7]
    sequence = np.random.SeedSequence(3)
    first, second = (np.random.SeedSequence(3, spawn_key=(n,)) for n in range(2))
    assert seeds(sequence) == seeds(sequence)
    assert len(set(seeds(sequence, first, second))) == 3
    generator = np.random.default_rng(3)
    moving = seeds(generator, generator)
    assert moving[0] != moving[1]
    assert seeds(np.random.default_rng(3)) == moving[:1] == seeds(np.random.PCG64(3))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rng": 1, "seed": 1}, "two names of one thing"),
        ({"seed": "abc"}, r"seed is 'abc' \(str\); allowed: whole numbers from 0"),
        ({"rng": 2.0}, r"seed is 2.0 \(float\)"),
        ({"rng": True}, r"seed is True \(bool\)"),
        ({"replicate": -1}, "replicate -1 is not allowed"),
        ({"parameters": 3}, r"parameters is 3 \(int\); give values by name"),
        ({"parameters": {"memory_half_life": "long"}}, "memory_half_life is 'long'; allowed: 12..180"),
        ({"agents": [sim.State]}, r"give subclasses of sim.State by code"),
        ({"agents": {"BIG": dict}}, "the agent of BIG is .*; give a subclass of sim.State"),
    ],
)
def test_arguments_of_a_wrong_kind_are_refused_in_words(wrong, message):
    with pytest.raises(InputError, match=message):
        AllianceModel(scenario(), **wrong)


def test_what_is_no_scenario_is_refused():
    with pytest.raises(InputError, match=r"a scenario is what sim.load returns, or the path of a file; not 3 \(int\)"):
        AllianceModel(3)


def test_values_of_parameters_by_name_win_over_the_scenario_and_not_over_its_branches(small):
    assert "memory_half_life" not in small.branches["they-decide"].parameters
    model = AllianceModel(small, "they-decide", rng=1, parameters={"memory_half_life": 24})
    assert model.parameters.memory_half_life == 24.0
    given = small.branches["they-decide"].model_copy(update={"parameters": {"memory_half_life": 36.0}})
    own = small.model_copy(update={"branches": {**small.branches, "they-decide": given}})
    assert (
        AllianceModel(own, "they-decide", rng=1, parameters={"memory_half_life": 24}).parameters[
            Parameters._fields.index("memory_half_life")
        ]
        == 36.0
    )


def test_variables_of_a_state_are_attributes():
    model = AllianceModel(scenario(), rng=1)
    model.step()
    now, focus = read_all(model.world), model.focus_index
    for state in model.agents:
        assert state.capability == now["capability"][state.index]
        member = now["posture"][state.index, focus] >= 0
        assert state.rung == now["posture"][state.index, focus]
        assert state.pressure == now["pressure"][state.index, focus] if member else np.isnan(state.pressure)
    victim = model.state("VIC")
    assert victim.trust_in_guarantor == victim.trust_in("BIG")
    assert model.agents.get("approval") == [state.approval for state in model.agents]
    assert model.agents.agg("rung", max) == 0
    assert {"approval", "capability", "rung", "posture"} <= set(dir(victim))
    with pytest.raises(AttributeError, match="no attribute 'aproval'"):
        victim.aproval  # noqa: B018


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"repond": lambda self, call: "forces"}, "Own.repond is never called; did you mean 'respond'"),
        ({"review": lambda self, treaty: 1}, "Own.review is never called; did you mean 'review_posture'"),
        ({"atacks": lambda self, victim: True}, "did you mean 'attacks'"),
        ({"step": lambda self: None}, "Own.step is never called: .*AllianceModel.advance"),
        ({"respond": lambda self: "forces"}, r"Own.respond must take \(self, call\)"),
        ({"policy_towards": lambda self, client: 0}, r"Own.policy_towards must take \(self, client, treaty\)"),
    ],
)
def test_a_method_that_nothing_calls_is_refused_when_its_class_is_made(methods, message):
    with pytest.raises(InputError, match=message):
        type("Own", (sim.State,), methods)


def test_helpers_and_attributes_of_ones_own_are_free():
    class Own(sim.State):
        patience = 3

        def is_patient(self):
            return self.patience > 2

        def _respond(self):
            return "forces"

        def respond(self, call, *, level="forces"):
            return level

    class Heir(Own):
        def is_patient(self):
            return False

    assert not AllianceModel(scenario(), rng=1, agents={"ALY": Heir}).state("ALY").is_patient()


def test_answers_on_record_are_said_not_to_be_asked(caplog):
    class Own(sim.State):
        def respond(self, call):
            return "forces"

    class Other(sim.State):
        def review_posture(self, treaty):
            return 0

    recorded = scenario(events={"attack": ATTACK, "call": CALL, "answer": ANSWER})
    with caplog.at_level(logging.WARNING):
        AllianceModel(recorded, rng=1, agents={"BIG": Own, "VIC": Other, "ALY": Own})
    assert caplog.messages == ["BIG.respond is not asked about attack: the scenario has the answer on record"]


def test_a_model_goes_on_after_pickling():
    model = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL}), rng=5)
    for _ in range(4):
        model.step()
    again = pickle.loads(pickle.dumps(model))  # noqa: S301
    assert (again.date, again.seed, repr(again)) == (date(2020, 4, 30), 5, repr(model))
    one, other = model.run(), again.run()
    for name, values in one.values.items():
        assert values.tobytes() == other.values[name].tobytes()
    assert one.calls == other.calls
    frames = [each.datacollector.get_agent_vars_dataframe() for each in (model, again)]
    assert frames[0].equals(frames[1])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": "abc"}, r"seed is 'abc' \(str\)"),
        ({"replicates": 5.5}, r"replicates is 5.5 \(float\); allowed: whole numbers from 1"),
        ({"workers": "two"}, r"workers is 'two' \(str\)"),
        ({"branches": "they-decide"}, r"branches is the text 'they-decide'; give a list: \['they-decide'\]"),
        ({"branches": [3]}, r"branches is \[3\] \(list\); give a list of texts"),
        ({"metrics": "BBB.posture@end"}, "metrics is the text 'BBB.posture@end'; give a list"),
        ({"progress": True}, r"progress is True \(bool\); give a function"),
        ({"keep": 3}, r"keep is 3; give a list of replicates, such as \[0, 5\]"),
        ({"parameters": {"memory_halflife": 3}}, "did you mean 'memory_half_life'"),
        ({"parameters": 0.5}, r"parameters is 0.5 \(float\); give values by name"),
        ({"agents": {"BBB": 3}}, r"the agent of BBB is 3 \(int\); give a subclass of sim.State"),
    ],
)
def test_an_ensemble_refuses_arguments_of_a_wrong_kind_in_words(small, wrong, message):
    with pytest.raises(InputError, match=message):
        sim.run(small, **wrong)


def test_an_ensemble_takes_values_of_parameters_by_name(small):
    given = {"memory_half_life": 24.0}
    result = sim.run(small, branches=["they-decide"], replicates=2, seed=7, parameters=given, engine="mesa", workers=1)
    assert {name: result.scenario.parameters[name] for name in given} == given
    model = AllianceModel(small, "they-decide", rng=7, replicate=1, parameters=given)
    model.run()
    trust = result.trust.sel(branch="they-decide", replicate=1, truster="BBB", trustee="AAA").isel(date=-1)
    assert float(trust) == model.state("BBB").trust_in("AAA")
