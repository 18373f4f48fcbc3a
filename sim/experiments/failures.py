"""Runs that fail: a runner that gives them their error in place of values, so that the others go on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from sim.errors import CstoSimError, InputError, one_line
from sim.experiments.chunks import BatchOutcome, RunBatch, Runner

FAILURES: Final = (CstoSimError, ArithmeticError, LookupError, ValueError)
"""What a run may fail with; anything else, such as a lack of memory, stops the sweep."""

LONGEST: Final = 500
"""Characters of an error that are kept."""


class TolerantRunner:
    """Runner that goes on where a run fails.

    A chunk that fails is divided until the runs that fail are alone; a branch that cannot be prepared at a point fails
    with all its replicates at once.

    Parameters
    ----------
    inner : Runner
        What runs the model.
    metrics : int
        How many metrics a run has.
    """

    def __init__(self, inner: Runner, metrics: int) -> None:
        self.inner, self.metrics = inner, metrics

    def run(self, pieces: Sequence[RunBatch]) -> BatchOutcome:
        """Run the replicates of all pieces of a chunk; those that fail have missing values and an error."""
        try:
            return self.inner.run(pieces)
        except FAILURES as error:
            halves = list(_halves(pieces))
            if len(halves) == 1 or (len(pieces) == 1 and isinstance(error, InputError)):
                count = sum(piece.count for piece in pieces)
                text = one_line(f"{error}" or type(error).__name__, LONGEST)
                return BatchOutcome(np.full((count, self.metrics), np.nan), errors=dict.fromkeys(range(count), text))
        outcomes = [self.run(half) for half in halves]
        first = len(outcomes[0].metrics)
        errors = outcomes[0].errors | {first + row: text for row, text in outcomes[1].errors.items()}
        return BatchOutcome(np.concatenate([outcome.metrics for outcome in outcomes]), errors=errors)


def _halves(pieces: Sequence[RunBatch]) -> Iterator[Sequence[RunBatch]]:
    """Yield two halves of a chunk, or the chunk itself if it is a single run."""
    if len(pieces) > 1:
        middle = len(pieces) // 2
        yield from (pieces[:middle], pieces[middle:])
    elif pieces[0].count > 1:
        middle = pieces[0].count // 2
        yield (replace(pieces[0], count=middle),)
        yield (replace(pieces[0], first=pieces[0].first + middle, count=pieces[0].count - middle),)
    else:
        yield pieces
