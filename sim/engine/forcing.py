"""A record that forces a run, which then yields the likelihood of the record and draws no course at random.

A forced run draws nothing that the record answers. At each such decision it notes the log-probability of the entry:
calls, responses, and the places in which members stand at the end of every tick (`sim.rules.course`). Where the record
leaves several places open, a forward filter carries the chances of all of them, and the world stands in the likeliest.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from sim.model.world import Floats, Ints

if TYPE_CHECKING:
    from sim.engine.setup import Setup

CALLS, RESPONSES, COURSES = range(3)
"""Kinds of terms, in the order of the axis."""

KINDS: Final = ("calls", "responses", "courses")

SLIP = 1e-5
"""Chance that a decision is coded at random, so that no entry of a record is impossible."""


class Forcing(NamedTuple):
    """What a record says of the decisions of a branch, and the weight of each entry in the likelihood.

    Axes: ticks ``T``, states ``N``, treaties ``K``, dated attacks and crises ``S``, responses on record ``F``.

    Attributes
    ----------
    possible : array (T, N, K)
        Places in which each member may stand at the end of a tick, as a set of bits; 0 where it chooses for itself.
    assumed : array (T, N, K)
        Subset of ``possible`` in which the world may stand.
    course_weight : array (T, N, K)
    call_weight : array (S)
    response_weight : array (F)
    response_level : array (F)
        Level of help that counts as chosen, 0..4.
    span : array (T)
        Number of the span of time, such as a year, to which each tick belongs.
    """

    possible: Ints
    assumed: Ints
    course_weight: Floats
    call_weight: Floats
    response_weight: Floats
    response_level: Ints
    span: Ints

    @property
    def spans(self) -> int:
        """Number of spans of time."""
        return int(self.span.max(initial=-1)) + 1


def blank_forcing(setup: "Setup") -> Forcing:
    """Return a forcing of a branch that forces nothing and weighs nothing; all ticks are one span."""
    ticks, (states, treaties) = len(setup.calendar.starts), setup.first.posture.shape
    course = (ticks, states, treaties)
    return Forcing(
        possible=np.zeros(course, dtype=np.int64),
        assumed=np.zeros(course, dtype=np.int64),
        course_weight=np.zeros(course),
        call_weight=np.zeros(len(setup.all_shocks)),
        response_weight=np.zeros(len(setup.all_fixed)),
        response_level=np.array([row.level for row in setup.all_fixed], dtype=np.int64),
        span=np.zeros(ticks, dtype=np.int64),
    )


def none_forced() -> Forcing:
    """Return the forcing of a run that is not forced: every table is empty."""
    courses, entries = np.zeros((0, 0, 0)), np.zeros(0)
    sets, numbers = courses.astype(np.int64), entries.astype(np.int64)
    return Forcing(sets, sets, courses, entries, entries, numbers, numbers)


def bits(places: Iterable[int]) -> int:
    """Return a set of places as an integer with a bit for each.

    Examples
    --------
    >>> bits([0, 3])
    9
    """
    return sum(1 << bit for bit in set(places))
