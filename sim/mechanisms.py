"""Mechanisms of the model that can be switched off, with the parameter values that do so."""

from dataclasses import dataclass
from typing import Final

from sim.parameters import PARAMETERS


@dataclass(frozen=True)
class Mechanism:
    """One mechanism of the model.

    Attributes
    ----------
    name : str
        The word that commands take.
    off : dict
        Parameters by name with the values at which the mechanism does nothing; such a value may lie outside the range
        that a scenario file may give.
    meaning : str
        What it does, in one line.
    """

    name: str
    off: dict[str, float]
    meaning: str


def _off(*names: str) -> dict[str, float]:
    """Return the off values that are declared in the table of parameters."""
    values = {name: PARAMETERS[name].off for name in names}
    undeclared = [name for name, value in values.items() if value is None]
    if undeclared:
        raise ValueError(f"sim/parameters.py declares no off value of {', '.join(undeclared)}")
    return {name: value for name, value in values.items() if value is not None}


MECHANISMS: Final = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism("evidence", _off("evidence_weight"), "what others do, and leave undone, moves beliefs"),
        Mechanism("forgetting", _off("memory_half_life"), "evidence about others loses weight with time"),
        Mechanism("onlookers", _off("observer_weight"), "states learn from what happens to others"),
        Mechanism("interest", {"record_weight": 1.0}, "present interest counts beside the record"),
        Mechanism("record", _off("record_weight"), "what an ally did before counts beside its present interest"),
        Mechanism("silence", _off("silence_weight"), "an attack without call or help is weak evidence"),
        Mechanism("legal-excuse", _off("excuse_legal"), "doubtful legal coverage excuses"),
        Mechanism("hard-times", _off("excuse_hard_times"), "defaults of others excuse"),
        Mechanism("veto-excuse", _off("excuse_veto"), "a fellow member's objection excuses"),
        Mechanism(
            "overstretch",
            _off("overstretch_cost", "overstretch_curvature", "challenge_distraction"),
            "forces tied down elsewhere make help dear and weak",
        ),
        Mechanism(
            "client-watching", _off("reputation_return", "audience_cost"),
            "other clients and the audience at home reward help",
        ),
        Mechanism(
            "objection", _off("objection_base", "objection_ties", "guarantor_pull"),
            "members object where a treaty decides by consensus",
        ),
        Mechanism(
            "call-fears", _off("call_shame", "call_autonomy"),
            "fear of a public refusal, and of the helpers' presence, holds calls back",
        ),
        Mechanism("deterrence", _off("challenge_power"), "the coalition that is expected deters attacks"),
        Mechanism("claims", _off("challenge_claim"), "territorial claims are a cause of attacks"),
        Mechanism("distrust", _off("ladder_trust"), "reliability below what is asked pushes up the ladder"),
        Mechanism("threat", _off("ladder_threat"), "threat under low reliability pushes up the ladder"),
        Mechanism("autonomy", _off("ladder_autonomy"), "an intrusive guarantor pushes up the ladder"),
        Mechanism(
            "outside-offers", _off("ladder_outside", "exit_alternative"),
            "offers of others pull up the ladder, and publics to support an exit",
        ),
        Mechanism("dependence", _off("ladder_exit_cost"), "dependence holds back from the ladder"),
        Mechanism("publics", _off("ladder_public"), "support for exit pushes democracies up the ladder"),
        Mechanism("emulation", _off("ladder_emulation"), "fellow members who moved up are followed"),
        Mechanism("hysteresis", _off("hysteresis"), "steps down are harder than steps up"),
        Mechanism("windows", _off("window_multiplier"), "summits, elections and renewals make large steps easier"),
    )
}  # fmt: skip
"""Every mechanism that can be switched off, by name."""


def conflict(one: str, other: str) -> str:
    """Return a parameter for which two mechanisms need different off values, empty text if there is none.

    Examples
    --------
    >>> conflict("interest", "record"), conflict("evidence", "record")
    ('record_weight', '')
    """
    first, second = MECHANISMS[one].off, MECHANISMS[other].off
    return next((name for name in first.keys() & second.keys() if first[name] != second[name]), "")


def together() -> tuple[str, ...]:
    """Return mechanisms that can be switched off together: of two that conflict, only the first.

    Examples
    --------
    >>> "interest" in together(), "record" in together()
    (True, False)
    """
    found: list[str] = []
    for name in MECHANISMS:
        if not any(conflict(name, other) for other in found):
            found.append(name)
    return tuple(found)
