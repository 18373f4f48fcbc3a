"""A declaration that lacks something is refused with the name of the variable and what it lacks."""

from typing import Annotated, NamedTuple

import pytest

from sim.model import declaring
from sim.model.declaring import DeclarationError, Variable, computed, declared_fields
from sim.model.variables import VARIABLES
from sim.model.world import FIELDS, Floats, World
from sim.rules.registry import RULES


class Undeclared(NamedTuple):
    grievance: Floats


class WithoutMeaning(NamedTuple):
    grievance: Annotated[Floats, Variable("N", "")]


class WithoutOwner(NamedTuple):
    grievance: Annotated[Floats, Variable(("N", 2), "felt grievance", "0..1")]


class FadingByNothing(NamedTuple):
    grievance: Annotated[Floats, Variable("N", "felt grievance", half_life="grievance_half_life")]


class FadingTreaty(NamedTuple):
    grievance: Annotated[Floats, Variable("K", "felt grievance", half_life="pressure_half_life")]


class WithoutUnit(NamedTuple):
    grievance: Annotated[Floats, Variable("N", "felt grievance", worse=1)]


class PlainNumber(NamedTuple):
    grievance: Annotated[float, Variable("N", "felt grievance")]


class NamelessPart(NamedTuple):
    grievance: Annotated[Floats, Variable("NNS", "grievance", parts=(Variable("NN", "old grievance", "0..1"),))]


@pytest.mark.parametrize(
    ("world", "lacks"),
    [
        (Undeclared, "grievance: undeclared"),
        (WithoutMeaning, "grievance: no meaning"),
        (WithoutOwner, "grievance: has a unit, so files may name it, but its axes are not 'N', 'NN', 'NK', 'K'"),
        (FadingByNothing, "grievance: fades by 'grievance_half_life', which is no parameter"),
        (FadingTreaty, "grievance: fades, but its axes are not"),
        (WithoutUnit, "grievance: no unit"),
        (PlainNumber, "grievance: has axes 'N', so its type must be"),
        (NamelessPart, "'': not a name for a variable"),
    ],
)
def test_a_field_that_lacks_something_is_refused(world, lacks):
    with pytest.raises(DeclarationError) as refused:
        declared_fields(world)
    assert str(refused.value).startswith(lacks)


def test_a_computed_variable_needs_a_rule_of_its_owners(monkeypatch):
    monkeypatch.setattr(declaring, "COMPUTED", {})

    def strain(world, state):
        return 0.0

    before = list(RULES)
    with pytest.raises(DeclarationError, match="strain: a variable with axes 'NN' is computed from world, i, j, but"):
        computed("strain", "NN", "felt strain", "0..1")(strain)
    with pytest.raises(DeclarationError, match="strain: no meaning"):
        computed("strain", "N", "", "0..1")
    assert before == RULES


def test_a_computed_variable_is_declared_once():
    assert "trust" in declaring.COMPUTED

    def again(world, one, other):
        return 0.0

    with pytest.raises(DeclarationError, match="trust: declared twice, by trust_in and again"):
        computed("trust", "NN", "the same once more", "0..1")(again)


def test_every_variable_has_one_place_to_be_read_from():
    fields = {name for name, (field, _) in FIELDS.items() if field.unit}
    parts = {part.name for field, _ in FIELDS.values() for part in field.parts}
    assert sorted([*fields, *parts, *declaring.COMPUTED]) == sorted(VARIABLES)
    assert tuple(FIELDS) == World._fields
