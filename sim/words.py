"""The words of the model: codes, scales and variable names that files, code, columns and plots share.

Everything that has a fixed vocabulary is declared here once. Order matters: the position of a posture or a
response is its rank.
"""

from dataclasses import dataclass
from typing import Final

POSTURES: Final = ("loyal", "voice", "reduce", "freeze", "notify", "out")
"""A member's rungs on the ladder of loyalty, voice and exit (Hirschman 1970), by rank 0..5."""

POSTURE_MEANINGS: Final = {
    "loyal": "takes part in full",
    "voice": "criticises the alliance in public",
    "reduce": "skips exercises, refuses missions",
    "freeze": "stops taking part or paying; informal, and can be undone",
    "notify": "has given notice of leaving",
    "out": "has left",
}
"""What each posture is, for readers."""

LOYAL, VOICE, REDUCE, FREEZE, NOTIFY, OUT = range(6)

RESPONSES: Final = ("none", "statement", "mission", "materiel", "forces")
"""What an ally does about a call, by rank 0..4."""

NONE, STATEMENT, MISSION, MATERIEL, FORCES = range(5)

FULFILMENT: Final = (0.0, 0.1, 0.15, 0.4, 1.0)
"""Share of a defence obligation that each response fulfils, y."""

EFFORT: Final = (0.0, 0.01, 0.03, 0.2, 1.0)
"""Share of the ally's deployable force that each response takes, k."""

CHANNELS: Final = ("arms", "trade", "energy", "remittances", "base")
"""The channels of a state's dependence portfolio."""

ARMS, TRADE, ENERGY, REMITTANCES, BASE = range(5)

OBLIGATIONS: Final = ("defend", "consult")
"""What a clause owes: help against an attack or crisis, or joint consultation."""

DECISIONS: Final = ("none", "consensus", "majority", "opt-out", "guarantor")
"""How a treaty decides on collective help; ``none`` leaves each ally free."""

CHOICES: Final = ("ignore", "reassure", "coerce")
"""What a guarantor does about a wavering client."""

BELIEF_RULES: Final = ("beta", "types")
"""How beliefs about reliability are updated: Beta evidence, or two-type Bayes."""

WINDOWS: Final = ("renewal", "summit", "election", "budget")
"""Dated openings in which larger steps of policy are easier."""

ON_RECORD: Final = ("call", "response")
"""Events that fix a decision about an attack or crisis, as it is on record."""

DAYS_IN_MONTH: Final = 365.25 / 12.0
"""Mean length of a month."""


@dataclass(frozen=True)
class Variable:
    """One variable that metrics, conditions, tables and figures can name.

    Attributes
    ----------
    name : str
        The word used in expressions and columns.
    of : str
        ``"state"``, ``"dyad"`` (written ``ARM.trust[RUS]``), ``"member"`` (a state in a treaty, written
        ``ARM.posture`` for the scenario's focus or ``ARM.posture[CSTO]``) or ``"treaty"``.
    unit : str
        Unit or range.
    meaning : str
        One line for lists and documents.
    """

    name: str
    of: str
    unit: str
    meaning: str

    @property
    def ends(self) -> tuple[float, float] | None:
        """The least and greatest value, where the unit is a range; postures by rank."""
        least, dots, most = self.unit.partition("..")
        if not dots:
            return None
        low, high = (float(POSTURES.index(end) if end in POSTURES else end) for end in (least, most))
        return low, high


VARIABLES: Final = {
    variable.name: variable
    for variable in (
        Variable("capability", "state", "share of the world", "material capability (CINC share)"),
        Variable("overstretch", "state", "0..1", "share of capability tied down elsewhere"),
        Variable("attention", "state", "0..1", "attention to security after attacks"),
        Variable("coercion", "state", "0..1", "coercion felt from a guarantor, fading"),
        Variable("reassurance", "state", "0..1", "reassurance felt from a guarantor, fading"),
        Variable("trust", "dyad", "0..1", "expectation that the other does what its treaty owes"),
        Variable("confidence", "dyad", "pseudo-observations", "evidence behind the trust"),
        Variable("threat", "dyad", "0..1", "what the state fears from the other"),
        Variable("ties", "dyad", "-1..1", "how close the state is to the other"),
        Variable("dependence", "dyad", "0..1", "mean share of the portfolio held by the other"),
        Variable("arms", "dyad", "0..1", "share of arms from the other"),
        Variable("trade", "dyad", "0..1", "share of trade with the other"),
        Variable("energy", "dyad", "0..1", "share of energy from the other"),
        Variable("remittances", "dyad", "0..1", "remittances from the other, share of GDP"),
        Variable("base", "dyad", "0..1", "the other's military presence on the state's soil"),
        Variable("posture", "member", "loyal..out", "the member's rung on the ladder"),
        Variable("approval", "member", "0..1", "public approval of the alliance"),
        Variable("exit_support", "member", "0..1", "public support for leaving"),
        Variable("reliability", "member", "0..1", "trust in the guarantor weighed with its present interest"),
        Variable("pressure", "member", "logit", "how strongly the ladder pulls upwards, z of the review"),
        Variable("credibility", "treaty", "0..1", "mean trust of the members not out in the guarantor"),
        Variable("members", "treaty", "count", "members not out"),
    )
}
"""Every variable of a run, by name."""

WORSE: Final = {
    "posture": 1, "exit_support": 1, "pressure": 1,
    "trust": -1, "approval": -1, "reliability": -1, "credibility": -1, "members": -1,
}  # fmt: skip
"""Direction, 1 up or -1 down, in which a variable is worse for the alliance; the others have none."""

MEMBER_VARIABLES: Final = tuple(v.name for v in VARIABLES.values() if v.of == "member")
STATE_VARIABLES: Final = tuple(v.name for v in VARIABLES.values() if v.of == "state")
DYAD_VARIABLES: Final = tuple(v.name for v in VARIABLES.values() if v.of == "dyad")
TREATY_VARIABLES: Final = tuple(v.name for v in VARIABLES.values() if v.of == "treaty")
