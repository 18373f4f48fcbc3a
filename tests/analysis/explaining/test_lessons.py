"""What an observer makes of an ally's conduct: the parts of an excuse, and the parts of a surprise."""

import pytest

from sim.analysis.explaining.explain import explain
from sim.analysis.explaining.lessons import excuses_of, surprise_of
from sim.rules.learning import excuse
from sim.rules.maths import logistic
from tests.engine.test_questions import ANSWER, ATTACK, CALL
from tests.worlds import built, scenario


def test_the_parts_of_an_excuse_make_the_whole_in_proportion_to_their_pulls():
    _, _, p = built()
    parts = excuses_of(p, 0.5, 0.4, vetoed=True, refusal=p.victim_refusal, overstretch=0.8)
    assert list(parts) == ["in any case", "legal doubt", "hard times", "objection", "forces tied down"]
    assert parts["in any case"] == pytest.approx(logistic(p.excuse_base - p.victim_refusal))
    assert sum(parts.values()) == pytest.approx(excuse(p, 0.5, 0.4, True, p.victim_refusal, 0.8))
    assert parts["legal doubt"] / parts["hard times"] == pytest.approx(
        p.excuse_legal * 0.5 / (p.excuse_hard_times * 0.4)
    )
    assert parts["objection"] / parts["forces tied down"] == pytest.approx(p.excuse_veto / (p.excuse_overstretch * 0.8))


def test_a_reason_that_did_not_act_has_no_part():
    _, _, p = built()
    assert list(excuses_of(p, 0.0, 0.0, vetoed=False, refusal=0.0, overstretch=0.0)) == ["in any case"]
    assert list(excuses_of(p, 0.0, 0.3, vetoed=False, refusal=0.0, overstretch=0.0)) == ["in any case", "hard times"]
    mute = p._replace(excuse_overstretch=0.0)
    assert list(excuses_of(mute, 0.0, 0.0, vetoed=False, refusal=0.0, overstretch=0.9)) == ["in any case"]


def test_a_surprise_is_told_in_its_parts():
    step = surprise_of(0.6, 0.2, 0.5, 2.0)  # 0.2 x 0.4, and twice 0.5 x 0.6
    assert (step.expected, step.loss_weight, step.held_at) == (0.6, 2.0, None)
    assert (step.gain, step.loss) == (pytest.approx(0.08), pytest.approx(-0.6))


def test_a_step_that_ends_at_its_fixed_point_says_where():
    step = surprise_of(0.1, 6.0, 2.0, 2.0)  # 5.4 less 0.4 would pass 6 / (6 + 4), 2.6 logits away
    assert step.gain + step.loss == pytest.approx(5.0)
    assert step.held_at == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("response", "asked", "said", "unsaid"),
    [
        ("mission", True, "expected 0.61, got 0.15 of the duty; a shortfall weighs 2.0 times.", "unasked"),
        ("forces", True, "expected 0.61, got 1.00 of the duty. In logits: +", "excused"),
        ("mission", False, "expected 0.61, got 0.15 of the duty, unasked. In logits: +", "excused"),
    ],
)
def test_a_move_reads_as_a_surprise(response, asked, said, unsaid):
    events = {"attack": ATTACK, "call": {**CALL, "made": asked}, "answer": {**ANSWER, "response": response}}
    told = explain(scenario(events=events), "VIC", "2020-04", replicate=0)
    words = " ".join(str(told).split())
    moved = words[words.index("What moved trust; what still matters most") :]
    assert said in moved
    assert unsaid not in moved
    assert "(on record)" in moved


def test_a_trickle_of_help_that_nobody_asked_for_reads_as_help():
    answer = {key: value for key, value in ANSWER.items() if key != "response"}
    events = {"attack": ATTACK, "call": {**CALL, "made": False}, "answer": {**answer, "delivered": 0.05}}
    words = " ".join(str(explain(scenario(events=events), "VIC", "2020-04", replicate=0)).split())
    assert "little help, unasked: FOE attacked VIC." in words
    assert "Nobody called; BIG delivered 5 % of the duty all the same. Surprise (weight" in words
    assert "got 0.05 of the duty, unasked. In logits: +" in words
    assert "nothing was done" not in words


def test_a_promise_reads_as_kept_or_broken_and_an_own_attack_as_such():
    promise = {"kind": "promise", "state": "BIG", "target": "VIC", "owed": 1.0, "severity": 0.5, "date": ATTACK["date"]}
    raid = {**ATTACK, "aggressor": "BIG"}
    for events, said in (
        ({"pledge": {**promise, "given": 1.0}}, "promise kept: BIG kept a promise to VIC. BIG delivered 100 % of it."),
        (
            {"pledge": {**promise, "given": 0.2}},
            "promise broken: BIG broke a promise to VIC. BIG delivered 20 % of it.",
        ),
        ({"raid": raid}, "attack by BIG itself: BIG attacked VIC. Surprise (weight 1.20): expected 0.61, and it"),
    ):
        words = " ".join(str(explain(scenario(events=events), "VIC", "2020-04", replicate=0)).split())
        assert said in words
        assert ("excused" in words) is ("broken" in said)
