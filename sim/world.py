"""The state of one run as arrays, with names beside indices.

`World` holds everything that a rule may read or change. It is a named tuple of arrays (and a few numbers), so
that rules can be compiled; its axes are states ``N``, treaties ``K``, places ``P``, clauses ``C`` and channels
``S`` in the orders that `sim.engine.setup.Setup` names.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

RECOGNISED, BORDER, FOREIGN, MEMBERS, UNREST, UNREST_FOREIGN, RECOGNISED_AWAY = range(7)
"""Columns of ``World.clause_cover``: the coverage that a clause gives to each kind of case."""

DEFEND, CONSULT = range(2)
"""Duties, in the order of `sim.words.OBLIGATIONS`."""

FREE, CONSENSUS, MAJORITY, OPT_OUT, GUARANTOR_ALONE = range(5)
"""Decision rules, in the order of `sim.words.DECISIONS`."""

BETA, TYPES = range(2)
"""Belief rules, in the order of `sim.words.BELIEF_RULES`."""

NEVER = -1
"""Posture of a state that is no member and never was one in this run."""

LEDGER_ROWS = 256
"""Obligations remembered at most."""

NOBODY = -1
"""Index that stands for no state, place or event."""


class World(NamedTuple):
    """The state of one run.

    Shapes are given by axis; times are in months, distances in 1,000 km, shares in 0..1.
    """

    months: float
    """Length of a tick."""
    belief_rule: int

    clock: Floats
    """Months since the start of the run (1)."""
    kept: Floats
    """What forgetting has left of evidence from the start of the run, 0..1 (1)."""

    # states (N)
    capability: Floats
    population: Floats
    democracy: Floats
    overstretch: Floats
    attention: Floats
    coercion: Floats
    reassurance: Floats
    protest: Floats
    deployed: Floats
    """Allied forces used at home, fading."""
    audience: Floats
    """Share of a state's clients that watch it help another one."""
    exposure: Floats
    """What a state fears most of anybody."""
    feared: Ints
    """Whom a state fears most, and next to that (N, 2); `NOBODY` where it fears nobody."""

    # dyads (N, N), the first axis the one who feels, believes or depends
    distance: Floats
    log_distance: Floats
    """``ln(1 + d)``."""
    contiguous: Flags
    threat: Floats
    ties: Floats
    claim: Floats
    fought: Floats
    """When the two last fought, by `clock`; -inf if never."""
    prior_for: Floats
    prior_against: Floats
    prior_log_odds: Floats
    learnt_for: Floats
    """Evidence gathered since the start of the run, in units that `kept` turns into those of today."""
    learnt_against: Floats
    learnt_log_odds: Floats
    """The same for the two-type rule."""
    offer: Floats
    """Protection offered to the first by the second."""
    courted: Flags
    """Whether anybody offers a state protection (N)."""
    shared: Flags
    """Whether a treaty in force binds both."""
    owed: Flags
    """Whether any clause binds the first to the second."""
    defends: Flags
    """Whether the first owes the second defence, not talks alone."""
    portfolio: Floats
    """Dependence of the first on the second by channel (N, N, S); NaN where not known."""

    # places (P) and readers (N, P)
    owner: Ints
    undelimited: Flags
    recognised: Ints
    """Owner recognised expressly by a state, else `NOBODY`."""
    disputed: Flags

    # members (N, K)
    posture: Ints
    obligor: Flags
    opinion: Floats
    """Logit of approval."""
    opinion_rest: Floats
    approval: Floats
    exit_support: Floats
    opinion_shock: Floats
    """Fall of approval in logits gathered during a tick."""
    notice_left: Floats
    moved_up: Floats
    """When the member last stepped up, by `clock`; -inf if never."""
    window: Floats
    """How far a window is open, 0..1."""
    window_left: Floats
    outlook: Floats
    """Logit of what a member expects of the guarantor in earnest."""
    reliability: Floats
    """The same as a chance."""
    interest: Floats
    """Logit of the chance of real help from the guarantor against the worst threat, less that in ordinary times."""
    interest_stake: Floats
    """The guarantor's stake behind it."""
    interest_gain: Floats
    """What each level of its help changes for a stake of 1, now and in ordinary times, in logits (N, K, 2, levels)."""
    interest_cost: Floats
    """All other terms of its utility (N, K, 2, levels)."""
    pressure: Floats
    patron: Ints
    """Best patron outside the alliance, else `NOBODY`."""
    outside: Floats
    """What that patron offers, times its believed reliability."""
    pact: Ints
    """Partner of a rival pact after exit, else `NOBODY`."""

    # treaties (K)
    guarantor: Ints
    ladder: Flags
    decision: Ints
    exclusive: Flags
    bars: Flags
    """Whether membership in the first treaty bars joining the second (K, K)."""
    notice_months: Floats
    in_force: Flags
    defence: Flags
    """Whether any clause owes defence."""
    months_since_renewal: Floats
    last_step_up: Floats
    """When any member last stepped up, by `clock`; -inf if never (K)."""

    # clauses (C)
    clause_from: Ints
    """First clause of each treaty, and the end of the last (K + 1)."""
    clause_treaty: Ints
    clause_duty: Ints
    clause_cover: Floats
    clause_place: Floats
    """Coverage of places by name (C, P); NaN where a clause does not name the place."""

    # record of obligations: rows of (when by `clock`, victim, ally, fulfilment), a ring
    ledger: Floats
    ledger_first: Ints
    """Row of the oldest obligation that still counts, not wrapped (1)."""
    ledger_next: Ints
    owed_lately: Ints
    """Obligations that count, of each ally to each victim; the last row and column hold the sums (N + 1, N + 1)."""
    failed_lately: Ints
    """Those of them that were defaults."""

    @property
    def evidence_for(self) -> Floats:
        """Evidence for each other state's reliability, in pseudo-observations (N, N); a copy."""
        return self.prior_for + self.kept * self.learnt_for

    @property
    def evidence_against(self) -> Floats:
        """Evidence against it (N, N); a copy."""
        return self.prior_against + self.kept * self.learnt_against

    @property
    def log_odds(self) -> Floats:
        """Belief of the two-type rule, in logits (N, N); a copy."""
        return self.prior_log_odds + self.kept * self.learnt_log_odds

    @property
    def trust(self) -> Floats:
        """Expectation of each state that each other one does what it owes, 0..1 (N, N); a copy."""
        if self.belief_rule == BETA:
            favourable, adverse = self.evidence_for, self.evidence_against
            values = favourable / (favourable + adverse)
        else:
            values = 1.0 / (1.0 + np.exp(-self.log_odds))
        np.fill_diagonal(values, 0.0)
        return values


class Case(NamedTuple):
    """An attack or crisis as allies see it; states and places by index.

    Attributes
    ----------
    victim, aggressor : int
        The aggressor is `NOBODY` for unrest.
    place : int
        `NOBODY` for the victim's recognised territory.
    severity : float
    unrest, foreign, consult : bool
        Internal unrest; with a foreign element; only consultations are asked for.
    override : float
        Coverage given in the file, else NaN.
    """

    victim: int
    aggressor: int
    place: int
    severity: float
    unrest: bool
    foreign: bool
    consult: bool
    override: float


def copy_world(world: World) -> World:
    """Return a copy that shares no array with ``world``."""
    fields: dict[str, Any] = {
        name: value.copy() if isinstance(value, np.ndarray) else value for name, value in world._asdict().items()
    }
    return World(**fields)
