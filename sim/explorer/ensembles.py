"""Ensembles on demand: a quick first result, then the complete one; a new request cancels the one in progress."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock
from typing import Final

import numpy as np

from sim.engine.ensemble import Batch
from sim.engine.setup import Setup
from sim.experiments.parameters.sources import replicate_sets
from sim.explorer.choices import Choices
from sim.explorer.line import the_line
from sim.explorer.story import Story, draws_of
from sim.explorer.views import View, view_of
from sim.machine import processors
from sim.model.world import Floats, Ints

FIRST: Final = 256
"""Runs of the first answer."""

SOON: Final = 0.3
"""Seconds within which the whole is worth waiting for, without a first answer that would only delay it."""

STRETCH: Final = 512
"""Runs between two looks at whether the answer is still wanted."""

KEPT_VIEWS: Final = 10
"""Views that are kept for those who ask for them again."""

Wanted = Callable[[], bool]


def parameter_sets(setup: Setup, choices: Choices, replicates: Ints) -> Floats:
    """Return the parameters of replicates, drawn as in ``csto-sim run`` except those that the user has set.

    Under an explanation they are drawn from its own posterior.

    Returns
    -------
    array (R, Q)
    """
    draws = draws_of(setup.scenario, choices.explanation)
    return replicate_sets(setup, draws, choices.seed, replicates, dict(choices.parameters))


class Ensembles:
    """Cache of the views of one scenario; serves several visitors in turn.

    Parameters
    ----------
    story : Story
    threads : int, optional
        Threads of the engine; default: the processors at hand.
    """

    def __init__(self, story: Story, threads: int | None = None) -> None:
        self.story = story
        self._threads = threads or processors()
        self._line = the_line()
        self._rate = 0.0
        self._kept: OrderedDict[Choices, View] = OrderedDict()
        self._lock = Lock()

    def kept(self, choices: Choices) -> View | None:
        """Return a complete view if it is cached."""
        with self._lock:
            if choices in self._kept:
                self._kept.move_to_end(choices)
            return self._kept.get(choices)

    def views(self, choices: Choices, wanted: Wanted = lambda: True) -> Iterator[View]:
        """Yield views of an ensemble: of the first runs if the ensemble takes long, then of all runs.

        Where others wait, the first runs are not shown, which would make all of them wait longer. Equal ensembles that
        are asked for at the same time are run once.

        Parameters
        ----------
        choices : Choices
        wanted : callable
            Asked between stretches of runs; once false, nothing more comes.
        """
        whole = self.kept(choices)
        if whole is None:
            batches: list[Batch] = []
            if choices.replicates > max(FIRST, SOON * self._rate) and not self._line.busy:
                first = self._line.wait_for(partial(self._extend, batches, choices, FIRST, wanted))
                if first is not None:
                    yield first
            whole = self._line.wait_for(partial(self._complete, batches, choices, wanted))
        if whole is not None:
            yield whole

    def view(self, choices: Choices) -> View:
        """Return the view of a complete ensemble."""
        return list(self.views(choices))[-1]

    def _complete(self, batches: list[Batch], choices: Choices, wanted: Wanted) -> View | None:
        """Return the view of all runs; an equal request earlier in the line may have made it."""
        view = self.kept(choices) or self._extend(batches, choices, choices.replicates, wanted)
        if view is not None:
            with self._lock:
                self._kept[choices] = view
                while len(self._kept) > KEPT_VIEWS:
                    self._kept.popitem(last=False)
        return view

    def _extend(self, batches: list[Batch], choices: Choices, last: int, wanted: Wanted) -> View | None:
        """Run replicates up to a number beyond those in the batches; return the view of all, None if not wanted."""
        program = self.story.program(choices)
        for start in range(sum(len(batch.values) for batch in batches), last, STRETCH):
            if not wanted():
                return None
            began = time.perf_counter()
            numbers = np.arange(start, min(last, start + STRETCH))
            sets = parameter_sets(program.setup, choices, numbers)
            batches.append(program.run(choices.seed, numbers, sets, threads=self._threads))
            self._rate = len(numbers) / (time.perf_counter() - began)
        return view_of(self.story, batches) if wanted() else None
