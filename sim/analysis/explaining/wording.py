"""Descriptions of the terms of each kind of decision, with their numbers."""

from collections.abc import Mapping

from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.replay import Moment
from sim.engine.decisions import TERMS, Option
from sim.engine.setup import Setup
from sim.model.terms import Weighing, terms_of
from sim.output.formatting import space_percent_signs

UNITS: Mapping[str, str] = {
    "response": "units of a full stake",
    "policy": "units of a full stake",
}
"""Units of utilities; all other decisions are weighed in logits."""


def unit_of(kind: str) -> str:
    """Return the unit of the utilities in a kind of decision."""
    return UNITS.get(kind, "logits")


def terms_in_words(moment: Moment, setup: Setup, names: BranchNames, option: Option) -> dict[str, str]:
    """Return a description of each term of an alternative, in the order of the terms.

    Parameters
    ----------
    moment : Moment
        The decision.
    setup : Setup
    names : BranchNames
    option : Option
        One of its alternatives.
    """
    question = moment.decision.question
    weighing = Weighing(
        moment.world, moment.parameters, question, option.name, option.terms,
        lambda index: names.state(setup.codes[index]),
    )  # fmt: skip
    declared = terms_of(*TERMS[question.kind])
    return {term: space_percent_signs(declared[term].in_words(weighing)) for term in option.terms}
