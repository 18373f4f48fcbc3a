"""Mechanisms of the model that can be switched off, with the parameter values that switch them off.

Mechanisms that are terms of a decision are declared with the terms (`sim.model.terms`), all others here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sim.engine.decisions import TERMS
from sim.model.declaring import DeclarationError
from sim.model.parameters import PARAMETERS
from sim.model.terms import Term, terms_of


@dataclass(frozen=True)
class Mechanism:
    """One mechanism of the model that can be switched off.

    Attributes
    ----------
    name : str
        Name of the mechanism in commands.
    off : dict
        Parameters by name with the values at which the mechanism does nothing; such a value may lie outside the range
        that a scenario file may give.
    meaning : str
        Effect of the mechanism, in one line.
    """

    name: str
    off: dict[str, float]
    meaning: str


def _off(*names: str) -> dict[str, float]:
    """Return the off values of parameters from the table of parameters."""
    values = {name: PARAMETERS[name].off for name in names}
    undeclared = [name for name, value in values.items() if value is None]
    if undeclared:
        raise ValueError(f"sim/model/parameters.py declares no off value of {', '.join(undeclared)}")
    return {name: value for name, value in values.items() if value is not None}


def from_terms(terms: Iterable[Term]) -> Iterator[Mechanism]:
    """Yield the mechanisms that terms of decisions name, in the order of the terms.

    Raises
    ------
    DeclarationError
        If no term says what a mechanism does, or two say different things.
    """
    declared = [term for term in terms if term.mechanism]
    for name in dict.fromkeys(term.mechanism for term in declared):
        shared = [term for term in declared if term.mechanism == name]
        meanings = {term.meaning for term in shared if term.meaning}
        if len(meanings) != 1:
            raise DeclarationError(f"mechanism '{name}': {len(meanings)} meanings; one of its terms says what it does")
        yield Mechanism(name, _off(*(parameter for term in shared for parameter in term.silenced)), meanings.pop())


_LEARNING: Final = (
    Mechanism("evidence", _off("evidence_weight"), "what others do, and leave undone, moves beliefs"),
    Mechanism("forgetting", _off("memory_half_life"), "evidence about others loses weight with time"),
    Mechanism("onlookers", _off("observer_weight"), "states learn from what happens to others"),
    Mechanism("asymmetry", _off("trust_loss_weight"), "a shortfall moves trust by more than help does"),
    Mechanism("duty-weight", _off("duty_weight"), "a case weighs less where less was owed"),
    Mechanism(
        "interest", {"record_weight": 1.0, **_off("interest_weight")}, "present interest counts beside the record"
    ),
    Mechanism("record", _off("record_weight"), "what an ally did before counts (weighed outlook only)"),
    Mechanism("burden-unlearning", _off("burden_unlearning"), "help in spite of a burden makes the burden count less"),
    Mechanism(
        "silence", _off("silence_weight"), "an attack without call or help is weak evidence (older belief rules)"
    ),
    Mechanism("legal-excuse", _off("excuse_legal"), "doubtful legal coverage excuses"),
    Mechanism("hard-times", _off("excuse_hard_times"), "defaults of others excuse"),
    Mechanism("veto-excuse", _off("excuse_veto"), "a fellow member's objection excuses"),
    Mechanism("overstretch-excuse", _off("excuse_overstretch"), "forces tied down elsewhere excuse, in governments"),
    Mechanism("public-excuse", _off("public_legal_excuse"), "publics make less of doubtful coverage than governments"),
)

MECHANISMS: Final = {
    mechanism.name: mechanism
    for mechanism in (
        *_LEARNING,
        *from_terms(term for classes in TERMS.values() for term in terms_of(*classes).values()),
        Mechanism(
            "diversification", _off("diversification_tempo"), "members turn to outside patrons for arms, on any rung"
        ),
        Mechanism("attention", _off("attention_tempo"), "attacks, promises and protest hasten reviews for a while"),
        Mechanism("windows", _off("window_multiplier"), "summits, elections and renewals make large steps easier"),
        Mechanism("force", _off("force_chance"), "a guarantor with forces at hand stops steps to freeze and beyond"),
        Mechanism("jumps", _off("jump_chance"), "a step on the ladder can cover several rungs"),
    )
}
"""Every mechanism that can be switched off, by name."""


def conflict(a: str, b: str) -> str:
    """Return a parameter for which two mechanisms need different off values; empty text if there is none.

    Examples
    --------
    >>> conflict("interest", "record"), conflict("evidence", "record")
    ('record_weight', '')
    """
    first, second = MECHANISMS[a].off, MECHANISMS[b].off
    return next((name for name in first.keys() & second.keys() if first[name] != second[name]), "")


def together() -> tuple[str, ...]:
    """Return the mechanisms that can be switched off together: of two that conflict, only the first.

    Examples
    --------
    >>> "interest" in together(), "record" in together()
    (True, False)
    """
    compatible: list[str] = []
    for name in MECHANISMS:
        if not any(conflict(name, other) for other in compatible):
            compatible.append(name)
    return tuple(compatible)
