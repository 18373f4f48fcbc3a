"""A term that lacks something is refused at import with its name and what it lacks."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import pytest

from sim.engine.decisions import KINDS, TERMS
from sim.mechanisms import MECHANISMS, Mechanism, from_terms
from sim.model.declaring import DeclarationError
from sim.model.parameters import PARAMETERS, make_parameters
from sim.model.terms import Term, Weighing, by_name, declare_terms, switched_on, terms_of, terms_rule
from sim.rules.maths import total
from sim.rules.posture import PressureTerms
from sim.rules.registry import RULES


class Undeclared(NamedTuple):
    grudge: float


class WithoutSentence(NamedTuple):
    grudge: Annotated[float, Term("ladder_trust", "")]


class WithoutParameter(NamedTuple):
    grudge: Annotated[float, Term("ladder_trust ladder_grudge", "a grudge")]


class GoingOffWithNothing(NamedTuple):
    grudge: Annotated[float, Term("ladder_trust", "a grudge", "grudges", "held", with_it="grudge_weight")]


class NeverOff(NamedTuple):
    grudge: Annotated[float, Term("required_reliability", "a grudge", "grudges", "grudges are held")]


class OffWithNothing(NamedTuple):
    grudge: Annotated[float, Term("", "a grudge", "grudges", "grudges are held")]


class Nameless(NamedTuple):
    grudge: Annotated[float, Term("ladder_trust", "a grudge", meaning="grudges are held")]


class WholeNumber(NamedTuple):
    grudge: Annotated[int, Term("ladder_trust", "a grudge")]


@declare_terms
class Parts(NamedTuple):
    """Two terms."""

    old_grudge: Annotated[float, Term("ladder_threat", "an old grudge")]
    new_grudge: Annotated[float, Term("ladder_public", lambda at: f"a new grudge of {at.option}", "grudges")]


@declare_terms
class Grudges(NamedTuple):
    """Three terms, two of them summed up in one."""

    base: Annotated[float, Term("ladder_trust", "what is always there", "grudges", "grudges are held")]
    cost: Annotated[float, Parts]


@pytest.mark.parametrize(
    ("terms", "lacks"),
    [
        (Undeclared, "Undeclared.grudge: undeclared; write Annotated[float, Term(parameters, sentence)]"),
        (WithoutSentence, "WithoutSentence.grudge: no sentence"),
        (WithoutParameter, "WithoutParameter.grudge: weighed by 'ladder_grudge', which is no parameter"),
        (GoingOffWithNothing, "GoingOffWithNothing.grudge: weighed by 'grudge_weight', which is no parameter"),
        (
            NeverOff,
            "NeverOff.grudge: switched off by 'required_reliability', of which sim/model/parameters.py declares no",
        ),
        (OffWithNothing, "OffWithNothing.grudge: the mechanism 'grudges' has no parameter to be switched off by"),
        (Nameless, "Nameless.grudge: no mechanism, but what it does"),
        (WholeNumber, "WholeNumber.grudge: a term is a float"),
    ],
)
def test_a_term_that_lacks_something_is_refused(terms: type, lacks: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare_terms(terms)
    assert str(refused.value).startswith(lacks)


def complete() -> Grudges:
    return Grudges(base=0.5, cost=1.0)


def plain() -> tuple[float, float]:
    return 0.5, 1.0


def by_place() -> Grudges:
    return Grudges(0.5, 1.0)


def short(base: float) -> Grudges:
    if base > 0.0:
        return Grudges(base=base, cost=1.0)
    return Grudges(base=base)  # type: ignore[call-arg]


def long() -> Grudges:
    return Grudges(base=0.5, cost=1.0, shame=0.1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("function", "lacks"),
    [
        (plain, "plain: returns no class of terms that '@declare_terms' has entered"),
        (by_place, "by_place: Grudges takes its terms by name: base, cost"),
        (short, "short: gives Grudges no cost"),
        (long, "Grudges: declares no shame, which long gives"),
    ],
)
def test_a_rule_that_gives_other_terms_than_are_declared_is_refused(function: Callable[..., Any], lacks: str) -> None:
    before = list(RULES)
    with pytest.raises(DeclarationError) as refused:
        terms_rule(function)
    assert str(refused.value) == lacks
    assert before == RULES


def test_a_rule_that_gives_its_terms_is_entered() -> None:
    before = list(RULES)
    try:
        assert terms_rule(complete) is complete
        assert [*before, complete] == RULES
    finally:
        RULES[:] = before


def test_a_sum_of_other_terms_counts_as_those() -> None:
    declared = terms_of(Grudges)
    assert list(declared) == ["base", "old grudge", "new grudge"]
    at = Weighing(None, None, None, "going", {}, str)  # type: ignore[arg-type]
    assert [term.in_words(at) for term in declared.values()] == [
        "what is always there", "an old grudge", "a new grudge of going",
    ]  # fmt: skip
    assert by_name(Parts(old_grudge=1, new_grudge=0.5)) == {"old grudge": 1.0, "new grudge": 0.5}


def test_terms_share_a_mechanism_and_one_says_what_it_does() -> None:
    assert list(from_terms(terms_of(Grudges).values())) == [
        Mechanism("grudges", {"ladder_trust": 0.0, "ladder_public": 0.0}, "grudges are held")
    ]
    with pytest.raises(DeclarationError, match="mechanism 'grudges': 0 meanings"):
        list(from_terms(terms_of(Parts).values()))
    twice = [Term("ladder_trust", "a", "grudges", meaning) for meaning in ("held", "dropped")]
    with pytest.raises(DeclarationError, match="mechanism 'grudges': 2 meanings"):
        list(from_terms(twice))


def test_every_kind_of_decision_has_terms_and_every_term_is_whole() -> None:
    assert set(TERMS) == set(KINDS)
    declared = [term for classes in TERMS.values() for term in terms_of(*classes).values()]
    assert {term.mechanism for term in declared if term.mechanism} <= set(MECHANISMS)
    ladder = {name for term in terms_of(PressureTerms).values() for name in term.parameters.split()}
    weights = {name for name in PARAMETERS if name.startswith("ladder_")}
    assert weights - ladder == {"ladder_precision", "ladder_tempo"}


def test_terms_are_added_in_their_order() -> None:
    terms = (1e16, 1.0, -1e16, 0.25)
    assert total(terms) == ((1e16 + 1.0) - 1e16) + 0.25


def test_a_term_that_parameters_switch_off_is_not_listed():
    terms = PressureTerms(*(float(place) for place in range(len(PressureTerms._fields))))
    p = make_parameters({"ladder_regime": 0.5})
    assert switched_on(terms, p) == by_name(terms)
    off = p._replace(ladder_trust=0.0, ladder_exit_cost=0.0)
    assert by_name(terms).keys() - switched_on(terms, off).keys() == {"trust", "exit cost"}
