"""The sentences of terms name the states whose numbers they quote."""

from datetime import date

import pytest

from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.replay import Moment
from sim.analysis.explaining.wording import terms_in_words
from sim.engine.decisions import Decision, options
from sim.model.terms import Question
from sim.rules.posture import unprotected_threat
from sim.rules.threats import set_threat
from tests.worlds import attack, believe, built

MEMBER, GUARANTOR = "VIC", "BIG"


def words_of(setup, world, p, kind, state, **about):
    """Return the sentences of the first alternative of a question, by term."""
    question = Question(kind, setup.codes.index(state), **about)
    found = options(world, p, question)
    decision = Decision(date(2020, 1, 1), state, kind, "", found[0].name, 0.5, found, question, 0.5)
    return terms_in_words(Moment(decision, world, p, 0), setup, BranchNames(setup.scenario), found[0])


@pytest.mark.parametrize("outlook", ["additive", "weighed"])
@pytest.mark.parametrize(
    ("of_guarantor", "said"),
    [(0.0, "FOE feared at 0.90"), (0.2, "FOE feared at 0.90"), (0.8, "BIG itself feared at 0.80")],
)
def test_the_term_of_threat_names_the_state_that_sets_it(outlook, of_guarantor, said):
    setup, world, p = built(outlook=outlook)
    member, guarantor = setup.codes.index(MEMBER), setup.codes.index(GUARANTOR)
    set_threat(world, member, guarantor, of_guarantor)
    world.reliability[member, 0] = 0.6
    told = words_of(setup, world, p, "posture", MEMBER, treaty=0)
    assert told["threat"].endswith(said)
    assert (unprotected_threat(world, p, member, 0, 0.6) == 0.8) is (of_guarantor == 0.8)


def test_a_rival_feared_more_than_the_guarantor_is_named_where_it_sets_the_term():
    setup, world, p = built(outlook="weighed")
    member, guarantor = setup.codes.index(MEMBER), setup.codes.index(GUARANTOR)
    set_threat(world, member, guarantor, 0.5)
    told_of = {0.2: "FOE feared at 0.90", 0.6: "BIG itself feared at 0.50"}  # 0.9 (1 - rho), or 0.5
    for expected, said in told_of.items():
        world.reliability[member, 0] = expected
        assert words_of(setup, world, p, "posture", MEMBER, treaty=0)["threat"].endswith(said)


def test_terms_of_a_review_name_guarantor_patron_and_rival():
    setup, world, p = built()
    told = words_of(setup, world, p, "posture", MEMBER, treaty=0)
    assert told["autonomy"] == "intrusion of BIG: 0.50"
    assert told["public"].startswith("support for exit in VIC: ")
    assert told["emulation"] == f"similar fellow members that moved up within {p.emulation_months:.0f} months: 0.00"


def test_an_appeal_names_the_ally_of_whom_most_is_hoped_and_the_one_that_is_felt_most():
    setup, world, p = built()
    victim = setup.codes.index(MEMBER)
    for best, other in (("BIG", "ALY"), ("ALY", "BIG")):
        believe(world, victim, setup.codes.index(best), 0.95)
        believe(world, victim, setup.codes.index(other), 0.05)
        told = words_of(setup, world, p, "call", MEMBER, case=attack(setup))
        assert told["hope"].startswith(f"help to hope for from {best}: ")
        assert told["autonomy"] == "what the helpers' presence costs already: intrusion of BIG 0.50"
    alone = words_of(setup, world, p, "call", "FAR", case=attack(setup, victim=setup.codes.index("FAR")))
    assert alone["hope"] == "help to hope for: 0.00 of a full duty, at a severity of 1.00"


def test_a_challenger_is_told_whose_forces_are_tied_down():
    setup, world, p = built()
    world.overstretch[setup.codes.index(GUARANTOR)] = 0.7
    told = words_of(setup, world, p, "attack", "FOE", other=setup.codes.index(MEMBER))
    assert told["distraction"] == "distraction of BIG, guarantor: 0.70"


def test_an_objection_names_the_guarantor_that_leans():
    setup, world, p = built()
    told = words_of(setup, world, p, "objection", "ALY", case=attack(setup), treaty=0, lean=-1.0)
    assert told["guarantor"] == "the guarantor, BIG, wants to stay out"
