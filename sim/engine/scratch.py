"""Working tables of the stages that are not part of the world and last for a tick or a run."""

from typing import Any, NamedTuple

import numpy as np

from sim.model.parameters import PARAMETERS
from sim.model.world import Flags, Floats, Ints
from sim.rules.course import STANDINGS
from sim.rules.decay import HALF_LIVES

SHOCKS, ANSWERS, LOGGED, FULL, REVIEWS = range(5)
"""Counters of `Scratch.counts`: attacks and crises of the tick, its answers, answers kept so far, whether any table was
too small, and members whose posture is under review."""

LOG_COLUMNS = (
    "tick", "shock", "victim", "aggressor", "severity", "made",
    "ally", "coverage", "choice", "level", "fulfilment", "fixed", "vetoed",
)  # fmt: skip
"""Columns of a logged response; ``shock`` is a row of the script, `sim.model.world.NOBODY` for an attack by choice."""

ALLIES = 8
"""Rows of answers for each row of attacks and crises."""

SIGHTS = 3
"""Number of ways to perceive the location of a case (`sim.rules.coverage.perceived_location`)."""


class Scratch(NamedTuple):
    """Working tables of one run, with a fixed number of rows.

    Axes: states ``N``, treaties ``K``, parameters ``Q``, attacks and crises ``S``, answers ``A``, kept answers ``L``.
    """

    key: Ints
    """Key of the replicate's random numbers (2)."""
    counts: Ints
    parameters: Floats
    """The run's parameters (Q), those that rules read."""
    left: Floats
    """What a tick leaves of feelings and evidence, from `sim.rules.decay.decay_factors`."""

    renewing: Flags
    """Whether a member may let a treaty lapse in this tick (N, K)."""
    renewed: Flags
    interest_moved: Flags
    """Whether anything that a guarantor's interest in a state depends on may have changed (N)."""
    rung: Ints
    """Next rung of each member, or the guarantor's act (N, K)."""
    review_state: Ints
    """Members whose posture is under review in this tick, by treaty and state (N K)."""
    review_treaty: Ints
    review_draw: Floats
    """Draw of the review of each."""
    pact_draw: Floats
    """Draw of each for a rival pact, NaN where it may conclude none."""
    patron_draw: Floats
    """Draw of each about diversification, to begin or to end it; NaN where it can do neither."""

    row: Ints
    """Row of each attack or crisis in the script, `sim.model.world.NOBODY` for one by choice (S)."""
    code: Ints
    victim: Ints
    aggressor: Ints
    place: Ints
    severity: Floats
    made: Flags

    choice: Ints
    """Own choice of each ally in the case at hand, `sim.model.world.NOBODY` where not obliged (N)."""
    given: Ints
    """Row of each ally's response on record, else `sim.model.world.NOBODY` (N)."""
    number: Floats
    """Draw of each member that may object (N)."""

    answer_shock: Ints
    answer_ally: Ints
    answer_choice: Ints
    answer_level: Ints
    answer_done: Floats
    """Share of the duty that each answer delivers (A)."""
    answer_fixed: Flags
    answer_weight: Floats
    """What the answer says, as in `sim.rules.learning.Evidence` (A), or by how a reader sees the place (A, 3)."""
    answer_favourable: Floats
    answer_adverse: Floats
    answer_unmet: Floats
    answer_excused: Floats
    answer_refused: Floats
    answer_public: Floats
    answer_log_ratio: Floats

    course: Floats
    """Chances of the places in which members on a recorded course may stand, by state and treaty (N K, 24)."""
    course_at: Ints
    """Place in which each stands, `sim.model.world.NOBODY` for members that choose for themselves (N, K)."""
    passing: Floats
    after: Floats
    terms: Floats
    """Terms of the likelihood of a forced run, by kind, state and span of time, in one row."""

    log: Floats
    """Answers of the run (L, columns)."""


def make_scratch(states: int, treaties: int, rows: int, log: int, terms: int = 0) -> Scratch:
    """Return empty working tables for a given number of states and treaties.

    Parameters
    ----------
    rows : int
        Largest number of attacks and crises in a tick.
    log : int
        Largest number of logged responses; 0 logs none.
    terms : int
        Number of terms of the likelihood; 0 in runs that are not forced.
    """
    kinds_of = {Ints: np.int64, Flags: np.bool_, Floats: np.float64}
    reviews = (states * treaties,)
    sizes = {
        "key": (2,), "counts": (5,), "parameters": (len(PARAMETERS),), "left": (len(HALF_LIVES),),
        "renewing": (states, treaties), "renewed": (treaties,), "rung": (states, treaties),
        "review_state": reviews, "review_treaty": reviews, "review_draw": reviews,
        "pact_draw": reviews, "patron_draw": reviews,
        "interest_moved": (states,), "choice": (states,), "given": (states,), "number": (states,),
        **dict.fromkeys(
            ("answer_excused", "answer_refused", "answer_public", "answer_log_ratio"), (rows * ALLIES, SIGHTS)
        ),
        "course": (states * treaties, STANDINGS), "course_at": (states, treaties),
        "passing": (STANDINGS,), "after": (STANDINGS,), "terms": (terms,),
        "log": (log, len(LOG_COLUMNS)),
    }  # fmt: skip
    arrays: dict[str, Any] = {
        name: np.zeros(
            sizes.get(name, (rows * ALLIES,) if name.startswith("answer") else (rows,)), dtype=kinds_of[kind]
        )
        for name, kind in Scratch.__annotations__.items()
    }
    return Scratch(**arrays)


def grown(scratch: Scratch, rows: int) -> Scratch:
    """Return a copy of the working tables with room for more crises in a tick."""
    states, treaties = scratch.renewing.shape
    larger = make_scratch(states, treaties, rows, log=len(scratch.log), terms=len(scratch.terms))
    for into, held in zip(larger, scratch, strict=True):
        into[tuple(map(slice, held.shape))] = held
    return larger
