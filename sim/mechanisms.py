"""Mechanisms that can be switched off: the one list of which parameters, at which value, leave each without effect."""

from dataclasses import dataclass
from math import inf
from typing import Final


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


MECHANISMS: Final = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism("evidence", {"evidence_weight": 0.0}, "what others do, and leave undone, moves beliefs"),
        Mechanism("forgetting", {"memory_half_life": inf}, "evidence about others loses weight with time"),
        Mechanism("onlookers", {"observer_weight": 0.0}, "states learn from what happens to others"),
        Mechanism("interest", {"record_weight": 1.0}, "present interest counts beside the record"),
        Mechanism("record", {"record_weight": 0.0}, "what an ally did before counts beside its present interest"),
        Mechanism("silence", {"silence_weight": 0.0}, "an attack without call or help is weak evidence"),
        Mechanism("legal-excuse", {"excuse_legal": 0.0}, "doubtful legal coverage excuses"),
        Mechanism("hard-times", {"excuse_hard_times": 0.0}, "defaults of others excuse"),
        Mechanism("veto-excuse", {"excuse_veto": 0.0}, "a fellow member's objection excuses"),
        Mechanism(
            "overstretch",
            {"overstretch_cost": 0.0, "overstretch_curvature": 0.0, "challenge_distraction": 0.0},
            "forces tied down elsewhere make help dear and weak",
        ),
        Mechanism(
            "client-watching", {"reputation_return": 0.0, "audience_cost": 0.0},
            "other clients and the audience at home reward help",
        ),
        Mechanism(
            "objection", {"objection_base": -inf, "objection_ties": 0.0, "guarantor_pull": 0.0},
            "members object where a treaty decides by consensus",
        ),
        Mechanism(
            "call-fears", {"call_shame": 0.0, "call_autonomy": 0.0},
            "fear of a public refusal, and of the helpers' presence, holds calls back",
        ),
        Mechanism("deterrence", {"challenge_power": 0.0}, "the coalition that is expected deters attacks"),
        Mechanism("claims", {"challenge_claim": 0.0}, "territorial claims are a cause of attacks"),
        Mechanism("distrust", {"ladder_trust": 0.0}, "reliability below what is asked pushes up the ladder"),
        Mechanism("threat", {"ladder_threat": 0.0}, "threat under low reliability pushes up the ladder"),
        Mechanism("autonomy", {"ladder_autonomy": 0.0}, "an intrusive guarantor pushes up the ladder"),
        Mechanism(
            "outside-offers", {"ladder_outside": 0.0, "exit_alternative": 0.0},
            "offers of others pull up the ladder, and publics to support an exit",
        ),
        Mechanism("dependence", {"ladder_exit_cost": 0.0}, "dependence holds back from the ladder"),
        Mechanism("publics", {"ladder_public": 0.0}, "support for exit pushes democracies up the ladder"),
        Mechanism("emulation", {"ladder_emulation": 0.0}, "fellow members who moved up are followed"),
        Mechanism("hysteresis", {"hysteresis": 0.0}, "steps down are harder than steps up"),
        Mechanism("windows", {"window_multiplier": 1.0}, "summits, elections and renewals make large steps easier"),
    )
}  # fmt: skip
"""Every mechanism that can be switched off, by name."""


def conflict(one: str, other: str) -> str:
    """Return a parameter that two mechanisms need at different values to be off, empty where they can be off together.

    Examples
    --------
    >>> conflict("interest", "record"), conflict("evidence", "record")
    ('record_weight', '')
    """
    first, second = MECHANISMS[one].off, MECHANISMS[other].off
    return next((name for name in first.keys() & second.keys() if first[name] != second[name]), "")


def together() -> tuple[str, ...]:
    """Return the mechanisms that can all be off at once: of two that conflict the first.

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
