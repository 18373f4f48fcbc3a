"""The library rung of a model state: the scale on which outcomes of cases are coded."""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.words import FREEZE, NOTIFY, OUT, REDUCE

LIBRARY_RUNGS: Final = ("loyal", "criticise", "reduce", "diversify", "freeze", "out", "rival")
"""The rungs of the library, by rank 0..6."""

RUNG_COUNT: Final = len(LIBRARY_RUNGS)

DIVERSIFIED, FROZEN, LEFT, RIVAL = range(REDUCE + 1, len(LIBRARY_RUNGS))
BREAK: Final = FROZEN
"""Least rung that counts as a break with the alliance."""


def library_rung(posture: ArrayLike, diversified: ArrayLike, pact: ArrayLike) -> NDArray[np.int64]:
    """Return the library rung of model states, numbers or arrays of one shape.

    It is 6 if a rival pact is in force, else 5 if the member is out, 4 if it has frozen its part or given notice, 3 if
    it diversifies, and else its posture, 0..2.

    Parameters
    ----------
    posture : array_like
        Rung on the ladder of postures, 0..5.
    diversified, pact : array_like
        Whether it diversifies, and whether it has a rival pact, as true and false or 1 and 0.

    Examples
    --------
    >>> library_rung([1, 1, 3, 4, 5, 5], [0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1]).tolist()
    [1, 3, 4, 4, 5, 6]
    """
    stands: Any = np.asarray(posture)
    turned, allied = np.asarray(diversified) != 0, np.asarray(pact) != 0
    steps = [allied, stands >= OUT, (stands == FREEZE) | (stands == NOTIFY), turned]
    return np.asarray(np.select(steps, [RIVAL, LEFT, FROZEN, DIVERSIFIED], default=stands), dtype=np.int64)
