"""Ensembles on demand: a quick first result, then the complete one; a new request cancels the one in progress."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Final

import numpy as np

from sim.engine.setup import Setup
from sim.experiments.parameters.sources import replicate_sets
from sim.explorer.choices import Choices
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
        self._turn = Lock()
        self._rate = 0.0
        self._kept: OrderedDict[Choices, View] = OrderedDict()

    def kept(self, choices: Choices) -> View | None:
        """Return a complete view if it is cached."""
        with self._turn:
            return self._kept.get(choices)

    def views(self, choices: Choices, wanted: Wanted = lambda: True) -> Iterator[View]:
        """Yield views of an ensemble: of the first runs if the ensemble is large, then of all runs.

        Parameters
        ----------
        choices : Choices
        wanted : callable
            Asked between stretches of runs; once false, nothing more comes.
        """
        cached = self.kept(choices)
        if cached is not None:
            yield cached
            return
        batches = []
        program = self.story.program(choices)
        for first, last in _stretches(choices.replicates, first_soon=choices.replicates > SOON * self._rate):
            if not wanted():
                return
            with self._turn:
                began = time.perf_counter()
                numbers = np.arange(first, last)
                sets = parameter_sets(program.setup, choices, numbers)
                batches.append(program.run(choices.seed, numbers, sets, threads=self._threads))
                self._rate = (last - first) / (time.perf_counter() - began)
            if last == FIRST and last < choices.replicates and wanted():
                yield view_of(self.story, batches)
        view = view_of(self.story, batches)
        self._keep(choices, view)
        yield view

    def view(self, choices: Choices) -> View:
        """Return the view of a complete ensemble."""
        return list(self.views(choices))[-1]

    def _keep(self, choices: Choices, view: View) -> None:
        with self._turn:
            self._kept[choices] = view
            self._kept.move_to_end(choices)
            while len(self._kept) > KEPT_VIEWS:
                self._kept.popitem(last=False)


def _stretches(replicates: int, *, first_soon: bool) -> list[tuple[int, int]]:
    start = [0, FIRST] if first_soon and replicates > FIRST else [0]
    starts = [*start[:-1], *range(start[-1], replicates, STRETCH)]
    return list(zip(starts, [*starts[1:], replicates], strict=True))
