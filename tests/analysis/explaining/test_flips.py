"""What would have turned a choice: applied, it does, and just short of it, it does not."""

from datetime import date

import numpy as np
import pytest

from sim.analysis.explaining.flips import choice_and_reads, flips, rule_choice
from sim.analysis.explaining.inputs import asked, inputs_of
from sim.analysis.explaining.replay import replay
from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.scenario import load
from tests.engine.test_questions import ATTACK, CALL
from tests.worlds import scenario

EVENTS = {"attack": ATTACK, "call": CALL}


def moments(setup, code, tick, replicate=0, seed=1):
    state = setup.codes.index(code)
    return replay(setup, seed=seed, replicate=replicate, state=state, ticks=range(tick, tick + 1)).moments


def karabakh(code, tick, branch="agents-decide", replicate=3):
    setup = prepare(load("scenarios/karabakh-2023.toml"), branch)
    return setup, moments(setup, code, tick, replicate)


@pytest.mark.parametrize(
    ("code", "tick", "branch"),
    [
        ("ARM", 32, "agents-decide"),
        ("RUS", 32, "as-happened"),
        ("ARM", 26, "agents-decide"),
        ("RUS", 26, "agents-decide"),
    ],
)
def test_each_flip_turns_the_choice_and_nothing_nearer_does(code, tick, branch):
    setup, found = karabakh(code, tick, branch)
    turned = 0
    for moment in found:
        start = asked(moment)
        choice = rule_choice(start)
        inputs = {each.key: each for each in inputs_of(moment, setup)}
        for flip in flips(moment, setup):
            each = inputs[flip.key]
            assert each.low <= flip.at <= each.high
            assert flip.now == each.read(start)
            assert each.read(each.write(start, flip.at)) == pytest.approx(flip.at)
            assert rule_choice(each.write(start, flip.at)) == flip.choice != choice
            for share in (0.5, 0.999999):
                assert rule_choice(each.write(start, flip.now + share * flip.change)) == choice
            turned += 1
    assert turned >= 2


def test_looking_for_flips_changes_nothing():
    setup, found = karabakh("ARM", 32)
    for moment in found:
        before = {name: value.tobytes() for name, value in moment.world._asdict().items() if hasattr(value, "tobytes")}
        flips(moment, setup)
        assert before == {n: v.tobytes() for n, v in moment.world._asdict().items() if hasattr(v, "tobytes")}


def changed(one, other):
    """Return the fields in which two worlds, or two sets of parameters, differ."""
    pairs = zip(one._fields, one, other, strict=True)
    return {name for name, mine, theirs in pairs if np.asarray(mine).tobytes() != np.asarray(theirs).tobytes()}


@pytest.mark.parametrize(("code", "tick"), [("ARM", 32), ("RUS", 26)])
def test_an_input_that_changes_no_choice_is_none_that_the_rule_reads(code, tick):
    """Those passed over change no choice at any of eleven values, and no input changes fields that it does not name."""
    setup, found = karabakh(code, tick)
    passed = 0
    for moment in found:
        start = asked(moment)
        choice, read = choice_and_reads(start)
        assert choice == rule_choice(start)
        for each in inputs_of(moment, setup):
            unread = bool(each.fields) and read.isdisjoint(each.fields)
            for value in np.linspace(each.low, each.high, 11):
                other = each.write(start, float(value))
                fields = changed(start.world, other.world) | changed(start.parameters, other.parameters)
                assert fields <= set(each.fields), each.key
                assert not unread or rule_choice(other) == choice, each.key
            passed += unread
    assert passed > 10


STRETCHED = {"states": {"BIG": {"overstretch": 0.5}}, "treaties": {"PACT": {"decision": "none"}}}


@pytest.fixture(scope="module")
def responses():
    """Return an ally's response in each of 16 replicates, with its flips by key."""
    setup = prepare(scenario(events=EVENTS, **STRETCHED))
    found = []
    for replicate in range(16):
        (moment,) = (m for m in moments(setup, "BIG", 2, replicate) if m.decision.kind == "response")
        found.append((moment, {flip.key: flip for flip in flips(moment, setup)}))
    return found


@pytest.mark.parametrize("key", ["states.BIG.overstretch", "parameters.force_cost"])
def test_a_flip_put_into_the_scenario_turns_the_choice_of_the_run(responses, key):
    """The change is made by a dated event in the tick of the decision, and the whole run goes another way."""
    tried = 0
    for replicate, (moment, found) in enumerate(responses):
        flip = found.get(key)
        if flip is None:
            continue
        short = flip.now + 0.999 * flip.change
        for value, expected in ((flip.at, flip.choice), (short, moment.decision.choice)):
            put = {"kind": "set", "key": key, "value": value, "date": date(2020, 3, 1)}
            run = AllianceModel(scenario(events={**EVENTS, "put": put}, **STRETCHED), rng=1, replicate=replicate)
            run.run()
            (again,) = (d for d in run.decisions if d.kind == "response" and d.state == "BIG")
            assert again.choice == expected
        tried += 1
    assert tried >= 3


def test_the_draw_turns_where_the_chances_meet():
    setup = prepare(scenario(events=EVENTS))
    (moment,) = (m for m in moments(setup, "BIG", 2) if m.decision.kind == "response")
    (flip,) = (flip for flip in flips(moment, setup) if flip.key == "draw")
    reached, edges = 0.0, []
    for option in moment.decision.options:
        reached += option.chance
        edges.append(reached)
    assert min(abs(edge - flip.at) for edge in edges) < 1e-9


def test_flips_come_nearest_first():
    setup, found = karabakh("ARM", 26)
    shares = [flip.share for flip in flips(found[-1], setup)]
    assert shares == sorted(shares)
    assert len(shares) >= 3
