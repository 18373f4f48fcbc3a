"""The vocabulary of the model: codes and scales that files, code, columns and plots share.

Every fixed vocabulary is declared here once; variables are declared in `sim.model.world` and beside their rules. Order
matters: the position of a posture or a response is its rank.
"""

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
"""Meaning of each posture in words."""

LOYAL, VOICE, REDUCE, FREEZE, NOTIFY, OUT = range(6)

PATRON_VARIABLES: Final = {"diversified": "diversifies", "pact": "rival pact"}
"""Variables of members that turn to an outside patron, with their words in tables and figures."""

STARTING_POSTURES: Final = POSTURES[:OUT]
"""Postures at which a member may start a run."""

RESPONSES: Final = ("none", "statement", "mission", "materiel", "forces")
"""Levels of help in an ally's response to a call, by rank 0..4."""

NONE, STATEMENT, MISSION, MATERIEL, FORCES = range(5)

FULFILMENT: Final = (0.0, 0.1, 0.15, 0.4, 1.0)
"""Share of a defence obligation that each response fulfils, y."""

EFFORT: Final = (0.0, 0.01, 0.03, 0.2, 1.0)
"""Share of the ally's deployable force that each response takes, k."""

CHANNELS: Final = ("arms", "trade", "energy", "remittances", "base")
"""The channels of a state's dependence portfolio."""

ARMS, TRADE, ENERGY, REMITTANCES, BASE = range(5)

OBLIGATIONS: Final = ("defend", "consult")
"""Duties under a clause: help against an attack or crisis, or joint consultation."""

DECISIONS: Final = ("none", "consensus", "majority", "opt-out", "guarantor")
"""Rules by which a treaty decides on collective help; ``none`` leaves each ally free."""

CHOICES: Final = ("ignore", "reassure", "coerce")
"""Policies of a guarantor towards a wavering client."""

BELIEF_RULES: Final = ("beta", "types", "surprise")
"""Rules for updating beliefs about reliability: Beta evidence, two-type Bayes, or learning from surprise."""

OUTLOOKS: Final = ("weighed", "additive")
"""Forms of the reliability that a member expects: record weighed against interest, or record plus interest."""

WINDOWS: Final = ("renewal", "summit", "election", "budget")
"""Kinds of dated windows, in which larger steps are more likely."""

ON_RECORD: Final = ("call", "response")
"""Events that record, and so fix, a decision about an attack or crisis."""

DAYS_IN_MONTH: Final = 365.25 / 12.0
"""Mean length of a month, in days."""
