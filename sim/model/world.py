"""The state of one run as arrays, with names for their indices.

`World` holds everything that a rule may read or change, each field with its declaration. It is a named tuple of
arrays (and a few numbers), so that rules can be compiled; its axes are states ``N``, treaties ``K``, places ``P``,
clauses ``C`` and channels ``S`` in the orders that `sim.engine.setup.Setup` names.
"""

from math import inf, nan
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from sim.model.declaring import DeclarationError, Variable, declared_fields
from sim.words import CHANNELS, RESPONSES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
else:  # whoever reads a scenario needs the names of the variables, but not NumPy
    Floats, Ints, Flags = (Annotated[Any, dtype] for dtype in ("float64", "int64", "bool"))

RECOGNISED, BORDER, FOREIGN, MEMBERS, UNREST, UNREST_FOREIGN, RECOGNISED_AWAY = range(7)
"""Columns of ``World.clause_cover``: the coverage that a clause gives to each kind of case."""

CASES = 7
"""Kinds of case, by which legal coverage differs."""

DEFEND, CONSULT = range(2)
"""Duties, in the order of `sim.words.OBLIGATIONS`."""

FREE, CONSENSUS, MAJORITY, OPT_OUT, GUARANTOR_ALONE = range(5)
"""Decision rules, in the order of `sim.words.DECISIONS`."""

BETA, TYPES, SURPRISE = range(3)
"""Belief rules, in the order of `sim.words.BELIEF_RULES`."""

WEIGHED, ADDITIVE = range(2)
"""Forms of the outlook, in the order of `sim.words.OUTLOOKS`."""

NEVER = -1
"""Posture of a state that is no member and never was one in this run."""

LEDGER_ROWS = 256
"""Largest number of obligations in the ledger."""

NOBODY = -1
"""Index for no state, place or event."""


class World(NamedTuple):
    """The state of the world in one run, as arrays.

    Times are in months, distances in 1,000 km, shares in 0..1. The first axis of a dyad is the state that perceives,
    believes or depends.
    """

    # fmt: off
    months: Annotated[float, Variable("", "length of a tick", start=None)]
    belief_rule: Annotated[int, Variable("", "rule by which beliefs are updated", start=None)]
    outlook: Annotated[int, Variable("", "form of the reliability that members expect", start=None)]
    clock: Annotated[Floats, Variable((1,), "months since the start of the run")]
    memory_retained: Annotated[Floats, Variable(
        (1,), "what forgetting has left of evidence from the start of the run, 0..1", start=1.0)]

    # states
    capability: Annotated[Floats, Variable(
        "N", "material capability (CINC share)", "share of the world", start=None)]
    population: Annotated[Floats, Variable("N", "millions of people", start=None)]
    democracy: Annotated[Floats, Variable("N", "electoral democracy, 0..1", start=None)]
    overstretch: Annotated[Floats, Variable("N", "share of capability tied down elsewhere", "0..1", start=None)]
    attention: Annotated[Floats, Variable(
        "N", "attention to security after attacks", "0..1", start=None, half_life="attention_half_life")]
    protest: Annotated[Floats, Variable("N", "protests at home, fading", half_life="pressure_half_life")]
    deployed: Annotated[Floats, Variable("N", "allied forces used at home, fading", half_life="pressure_half_life")]
    audience: Annotated[Floats, Variable("N", "share of a state's clients that watch it help another one")]
    exposure: Annotated[Floats, Variable("N", "what a state fears most of anybody")]
    feared: Annotated[Ints, Variable(
        ("N", 2), "whom a state fears most, and next to that; `NOBODY` where it fears nobody", start=NOBODY)]

    # dyads
    distance: Annotated[Floats, Variable("NN", "distance between two states", start=None)]
    log_distance: Annotated[Floats, Variable("NN", "``ln(1 + d)``", start=None)]
    contiguous: Annotated[Flags, Variable("NN", "whether two states share a land border", start=None)]
    threat: Annotated[Floats, Variable("NN", "what the state fears from the other", "0..1", start=None)]
    ties: Annotated[Floats, Variable("NN", "how close the state is to the other", "-1..1", start=None)]
    claim: Annotated[Floats, Variable("NN", "territorial grievance against the other, 0..1", start=None)]
    regime_distance: Annotated[Floats, Variable(
        "NN", "how far the kinds of regime lie apart, 0..1", start=None)]
    fought: Annotated[Floats, Variable("NN", "when the two last fought, by `clock`; -inf if never", start=None)]
    prior_for: Annotated[Floats, Variable("NN", "evidence for the other's reliability that a run starts with")]
    prior_against: Annotated[Floats, Variable("NN", "evidence against it that a run starts with")]
    prior_log_odds: Annotated[Floats, Variable("NN", "trust in logits that a run starts with")]
    learnt_for: Annotated[Floats, Variable(
        "NN", "evidence gathered since, in units that `memory_retained` turns into those of today")]
    learnt_against: Annotated[Floats, Variable("NN", "evidence gathered against it since, in the same units")]
    learnt_log_odds: Annotated[Floats, Variable(
        "NN", "change of trust in logits, under the rules of two types and of surprise, in the same units")]
    offer: Annotated[Floats, Variable("NN", "protection offered to the first by the second")]
    has_offer: Annotated[Flags, Variable("N", "whether anybody offers a state protection")]
    shared: Annotated[Flags, Variable("NN", "whether a treaty in force binds both")]
    owed: Annotated[Flags, Variable("NN", "whether any clause binds the first to the second")]
    defends: Annotated[Flags, Variable("NN", "whether the first owes the second defence, not talks alone")]
    portfolio: Annotated[Floats, Variable(
        "NNS", "dependence of the first on the second by channel; NaN where not known", start=None, parts=(
            Variable("NN", "share of arms from the other", "0..1", name="arms"),
            Variable("NN", "share of trade with the other", "0..1", name="trade"),
            Variable("NN", "share of energy from the other", "0..1", name="energy"),
            Variable("NN", "remittances from the other, share of GDP", "0..1", name="remittances"),
            Variable("NN", "the other's military presence on the state's soil", "0..1", name="base")))]

    # places, and how states read them
    owner: Annotated[Ints, Variable("P", "whose land a place is", start=None)]
    undelimited: Annotated[Flags, Variable("P", "whether a place lies on a border that is not delimited", start=None)]
    recognised: Annotated[Ints, Variable(
        ("N", "P"), "owner recognised expressly by a state, else `NOBODY`", start=None)]
    disputed: Annotated[Flags, Variable(
        ("N", "P"), "whether a state reads a place as an undelimited border", start=None)]

    # members of treaties
    posture: Annotated[Ints, Variable("NK", "the member's rung on the ladder", "loyal..out", start=None, worse=1)]
    obligor: Annotated[Flags, Variable("NK", "whether the member owes help", start=None)]
    opinion: Annotated[Floats, Variable("NK", "logit of approval", start=None)]
    opinion_rest: Annotated[Floats, Variable("NK", "logit to which approval returns", start=None)]
    approval: Annotated[Floats, Variable(
        "NK", "public approval of the alliance", "0..1", start=None, worse=-1, recorded=True,
        phrase="public approval of {treaty} in {owner}")]
    exit_support: Annotated[Floats, Variable(
        "NK", "public support for leaving", "0..1", worse=1, recorded=True, at_reviews=True,
        phrase="public support for leaving {treaty} in {owner}")]
    opinion_shock: Annotated[Floats, Variable("NK", "fall of approval in logits gathered during a tick")]
    coercion: Annotated[Floats, Variable(
        "NK", "coercion felt from the treaty's guarantor, fading", "0..1", half_life="pressure_half_life")]
    reassurance: Annotated[Floats, Variable(
        "NK", "reassurance felt from the treaty's guarantor, fading", "0..1", half_life="pressure_half_life")]
    notice_left: Annotated[Floats, Variable("NK", "months of notice left", start=None)]
    moved_up: Annotated[Floats, Variable(
        "NK", "when the member last stepped up, by `clock`; -inf if never", start=-inf)]
    window: Annotated[Floats, Variable("NK", "how far a window is open, 0..1")]
    window_left: Annotated[Floats, Variable("NK", "months until the window closes")]
    reliability_logit: Annotated[Floats, Variable("NK", "logit of what a member expects of the guarantor in earnest")]
    reliability: Annotated[Floats, Variable(
        "NK", "trust in the guarantor weighed with its present interest", "0..1", worse=-1, recorded=True,
        at_reviews=True, phrase="how reliable {owner} finds {guarantor}")]
    interest: Annotated[Floats, Variable(
        "NK", "logit of the chance of the guarantor's real help against the worst threat, less that in ordinary times",
        start=nan)]
    interest_stake: Annotated[Floats, Variable("NK", "the guarantor's stake behind it", start=nan)]
    interest_gain: Annotated[Floats, Variable(
        ("N", "K", 2, len(RESPONSES)),
        "what each level of its help changes for a stake of 1, now and in ordinary times, in logits")]
    interest_cost: Annotated[Floats, Variable(("N", "K", 2, len(RESPONSES)), "all other terms of its utility")]
    burden_unlearnt: Annotated[Floats, Variable(
        "NK", "share of the guarantor's burdens that are no longer held against it, since it helped in spite of them",
        half_life="memory_half_life")]
    pressure: Annotated[Floats, Variable(
        "NK", "how strongly the ladder pulls upwards, z of the review", "logit", worse=1, recorded=True,
        at_reviews=True, phrase="the pressure on {owner} to move up the ladder")]
    patron: Annotated[Ints, Variable("NK", "best patron outside the alliance, else `NOBODY`", start=NOBODY)]
    outside: Annotated[Floats, Variable("NK", "what that patron offers, times its believed reliability")]
    touched: Annotated[Ints, Variable(
        "NK", "the highest rung that the member has reached or tried to reach", "loyal..out", start=None, worse=1,
        phrase="the highest rung that {owner} has reached or tried in {treaty}")]
    pact_with: Annotated[Ints, Variable("NK", "partner of a rival pact, else `NOBODY`", start=NOBODY)]
    diversified_to: Annotated[Ints, Variable(
        "NK", "patron to whom a member that diversifies has turned, else `NOBODY`", start=NOBODY)]
    government_line: Annotated[Floats, Variable(
        "NK", "line of the government, from towards the guarantor to away from it", "-1..1", worse=1,
        phrase="the line of {owner}'s government away from {guarantor}")]
    entrapment: Annotated[Floats, Variable(
        "NK", "calls to wars and quarrels of the guarantor's making, fading", "0..1", half_life="pressure_half_life",
        worse=1, phrase="the entrapment of {owner} in what {guarantor} does")]

    # treaties
    guarantor: Annotated[Ints, Variable("K", "the state that members rely on", start=None)]
    ladder: Annotated[Flags, Variable("K", "whether members climb the ladder", start=None)]
    decision: Annotated[Ints, Variable("K", "how collective help is decided", start=None)]
    exclusive: Annotated[Floats, Variable(
        "K", "how strictly military alliances against members are barred, 0..1", start=None)]
    bars: Annotated[Flags, Variable(
        ("K", "K"), "whether membership in the first treaty bars joining the second", start=None)]
    notice_months: Annotated[Floats, Variable("K", "months from notice to exit", start=None)]
    in_force: Annotated[Flags, Variable("K", "whether the treaty binds its members", start=None)]
    defence: Annotated[Flags, Variable("K", "whether any clause owes defence", start=None)]
    months_since_renewal: Annotated[Floats, Variable("K", "months since the treaty was last renewed", start=None)]
    last_step_up: Annotated[Floats, Variable(
        "K", "when any member last stepped up, by `clock`; -inf if never", start=-inf)]

    # clauses
    clause_from: Annotated[Ints, Variable(
        ("K+1",), "first clause of each treaty, and the end of the last", start=None)]
    clause_treaty: Annotated[Ints, Variable("C", "treaty of a clause", start=None)]
    clause_duty: Annotated[Ints, Variable("C", "what a clause owes", start=None)]
    clause_strength: Annotated[Floats, Variable("C", "how firmly a clause obliges, 0..1", start=None)]
    clause_cover: Annotated[Floats, Variable(
        ("C", CASES), "coverage that a clause gives to each kind of case", start=None)]
    clause_place: Annotated[Floats, Variable(
        ("C", "P"), "coverage of places by name; NaN where a clause does not name the place", start=None)]

    # record of obligations
    ledger: Annotated[Floats, Variable(
        (LEDGER_ROWS, 5), "rows of when by `clock`, victim, ally, whether it defaulted, weight; a ring", start=inf)]
    ledger_first: Annotated[Ints, Variable(
        (1,), "row of the oldest obligation that still counts, not wrapped")]
    ledger_next: Annotated[Ints, Variable((1,), "row of the next obligation, not wrapped")]
    owed_lately: Annotated[Floats, Variable(
        ("N+1", "N+1"),
        "weight of the obligations that count, of each ally to each victim; the last row and column hold the sums")]
    failed_lately: Annotated[Floats, Variable(("N+1", "N+1"), "weight of those of them that were defaults")]

    # fmt: on
    @property
    def evidence_for(self) -> Floats:
        """Evidence for each other state's reliability, in pseudo-observations (N, N); a copy."""
        return self.prior_for + self.memory_retained[..., None] * self.learnt_for

    @property
    def evidence_against(self) -> Floats:
        """Evidence against each other state's reliability, in pseudo-observations (N, N); a copy."""
        return self.prior_against + self.memory_retained[..., None] * self.learnt_against

    @property
    def log_odds(self) -> Floats:
        """Trust in logits, under the rules of two types and of surprise (N, N); a copy."""
        return self.prior_log_odds + self.memory_retained[..., None] * self.learnt_log_odds

    @property
    def trust(self) -> Floats:
        """Each state's expectation that each other state fulfils its obligations, 0..1 (N, N); a copy."""
        import numpy as np  # noqa: PLC0415 - see `Floats`

        if self.belief_rule == BETA:
            favourable, adverse = self.evidence_for, self.evidence_against
            values = favourable / (favourable + adverse)
        else:
            # not np.exp, which has other last bits than the compiled rule
            from sim.rules.maths import logistic  # noqa: PLC0415 - rules are built on the world

            odds, places = np.unique(np.asarray(self.log_odds), return_inverse=True)
            values = np.array([logistic(value) for value in odds.tolist()])[places].reshape(self.prior_log_odds.shape)
        own = np.arange(values.shape[-1])
        values[..., own, own] = 0.0
        return values


FIELDS: Final = declared_fields(World)
"""Every field with its declaration, by name."""

if tuple(part.name for part in FIELDS["portfolio"].variable.parts) != CHANNELS:
    raise DeclarationError(f"portfolio: its parts are not the channels {', '.join(CHANNELS)}, in their order")


class Case(NamedTuple):
    """An attack, a crisis or a promise as states perceive it; states and places by index.

    Attributes
    ----------
    victim, aggressor : int
        The victim, or to whom a promise was made; the aggressor is `NOBODY` for unrest and promises.
    place : int
        `NOBODY` for the victim's recognised territory.
    severity : float
    unrest, foreign, consult : bool
        Internal unrest; with a foreign element; only consultations requested.
    override : float
        Legal coverage given in the scenario file, else NaN.
    promised : float
        How firmly a promise was made, 0..1; NaN for attacks and crises.
    strength : float
        How firmly help was owed in an attack, 0..1; NaN where the clauses say it.
    """

    victim: int
    aggressor: int
    place: int
    severity: float
    unrest: bool
    foreign: bool
    consult: bool
    override: float
    promised: float = nan
    strength: float = nan


_PLAIN: Final = tuple(not FIELDS[name].variable.axes for name in World._fields)
"""Whether each field of a world is a plain number."""


def copy_world(world: World) -> World:
    """Return a copy of a world that shares no array with it."""
    values: list[Any] = list(world)
    return World(*(value if plain else value.copy() for value, plain in zip(values, _PLAIN, strict=True)))
