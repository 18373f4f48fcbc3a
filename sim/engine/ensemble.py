"""The compiled engine: many replicates of a branch at once, in threads, with the rules of the Mesa engine.

`Program` is a branch translated once; `Program.run` runs replicates of it, each with its own parameters if wanted.
"""

import math
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from queue import Empty, SimpleQueue

import numpy as np

from sim.engine.compiling import run_compiled
from sim.engine.forcing import KINDS, Forcing
from sim.engine.lowering import Handle
from sim.engine.memory import arena
from sim.engine.scratch import LOG_COLUMNS, make_scratch
from sim.engine.script import write_script
from sim.engine.setup import Setup, prepare
from sim.model.parameters import Parameters
from sim.model.world import Floats, Ints
from sim.scenario import Scenario
from sim.scenario.expressions import Path

BLOCK = 64
"""Replicates that a thread runs at a time, at most."""

LEAST = 16
"""Replicates below which another thread would cost more than it saves."""

ANSWERS_A_RUN = 1024
"""Answers that a workspace can keep of each replicate to begin with; a block that has more is run again from its start.
Memory that no answer needs is never touched."""

TABLE_ROWS = 64
"""Rows of a workspace's tables to begin with; they grow when a run needs more."""


@dataclass(frozen=True)
class Batch:
    """Results of a batch of replicates: variables by date and responses to calls.

    Attributes
    ----------
    values : array (R, T + 1, P)
        Probed variables by date; NaN where the branch does not have them.
    answers : array (A, columns)
        Answers to calls (`sim.engine.scratch.LOG_COLUMNS`) in the order of the rows; empty unless requested.
    answered : array (A)
        Row of the replicate of each answer.
    terms : array (R, kinds, N, spans)
        Terms of the log-likelihood of the record by kind of decision (`sim.engine.forcing.KINDS`), state and span of
        time, where the branch is forced by one; else empty.
    """

    values: Floats
    answers: Floats
    answered: Ints
    terms: Floats = field(default_factory=lambda: np.zeros((0, 0, 0, 0)))


class Program:
    """A branch translated for the compiled engine.

    Parameters
    ----------
    setup : Setup
        The branch.
    probes : sequence of Path or None
        Variables to read out at every date; None, or one that the branch does not have, reads as NaN.
    forcing : Forcing, optional
        Record by which runs are forced, to yield its likelihood.
    """

    def __init__(self, setup: Setup, probes: Sequence[Path | None], forcing: Forcing | None = None) -> None:
        self.setup = setup
        self.script = write_script(setup, probes, forcing)
        self.probes = tuple(probes)
        self.parameters = np.array(setup.parameters, dtype=np.float64)
        self.first = arena(setup.first)[1]
        self.handle = Handle(self.script)
        kinds = len(KINDS) if forcing is not None else 0
        self.term_shape = kinds, len(setup.codes), self.script.spans

    def start(
        self,
        seed: int,
        replicates: Ints,
        parameters: Floats | None = None,
        *,
        answers: bool = False,
        threads: int = 1,
        into: Floats | None = None,
    ) -> "Blocks":
        """Prepare to run replicates block by block, in threads that the caller chooses.

        Parameters
        ----------
        seed, replicates, parameters, answers, threads
            As for `run`.
        into : array (R, T + 1, P), optional
            Array to which values are written; default: a new one.
        """
        given = self.parameters[None] if parameters is None else np.ascontiguousarray(parameters, dtype=np.float64)
        shape = len(replicates), self.script.ticks + 1, len(self.probes)
        values = np.empty(shape) if into is None else into
        size = block_size(len(replicates), threads)
        return Blocks(self, seed, np.ascontiguousarray(replicates, dtype=np.int64), given, values, answers, size)

    def run(
        self,
        seed: int,
        replicates: Ints,
        parameters: Floats | None = None,
        *,
        answers: bool = False,
        threads: int = 1,
    ) -> Batch:
        """Run replicates of the branch and return their results.

        Parameters
        ----------
        seed : int
        replicates : array (R)
            Numbers of the replicates, as their random numbers are addressed.
        parameters : array (R, Q), optional
            Parameters of each; default: those of the scenario.
        answers : bool
            Whether answers to calls are kept.
        threads : int
            Threads to use.
        """
        return self.start(seed, replicates, parameters, answers=answers, threads=threads).all(threads)


def compile_kernel() -> None:
    """Compile the kernel and keep it: what the process of `sim.engine.compiler` does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    smallest_program().run(0, np.zeros(1, dtype=np.int64))


def smallest_program() -> Program:
    """Return a one-month program with a single state; every scenario uses the same kernel."""
    month = {"start": date(2020, 1, 1), "end": date(2020, 1, 31)}
    states = {"ONE": {"capability": 1.0}}
    return Program(prepare(Scenario.model_validate({"title": "Smallest", **month, "states": states})), ())


def block_size(replicates: int, threads: int) -> int:
    """Return how many replicates a block has, so that all threads have about as much to do.

    Examples
    --------
    >>> [block_size(replicates, 2) for replicates in (1, 31, 32, 65, 128, 130, 700)]
    [1, 31, 16, 33, 64, 33, 59]
    """
    blocks = -(-replicates // (BLOCK * threads)) * threads
    return max(1, -(-replicates // max(1, min(blocks, replicates // LEAST))))


class Blocks:
    """Replicates of a branch in blocks that can be run in any order, several at a time.

    Attributes
    ----------
    starts : range
        First row of each block.
    size : int
        Replicates of each, save the last.
    """

    def __init__(
        self, program: Program, seed: int, replicates: Ints, parameters: Floats, values: Floats, answers: bool,
        size: int,
    ) -> None:  # fmt: skip
        self._program, self._seed, self._replicates, self._parameters = program, seed, replicates, parameters
        self._values, self._answers = values, answers
        self._absent = np.flatnonzero(program.script.probe_variable < 0)
        self._logged = np.zeros(len(replicates), dtype=np.int64)
        self._terms = np.zeros((len(replicates), math.prod(program.term_shape)))
        self._idle: SimpleQueue[_Workspace] = SimpleQueue()
        self.starts, self.size = range(0, len(replicates), size), size

    def run(self, start: int) -> Floats:
        """Run the block that begins at a row and return its logged responses."""
        stop = min(len(self._replicates), start + self.size)
        self._values[start:stop, :, self._absent] = np.nan
        try:
            space = self._idle.get_nowait()
        except Empty:
            space = _Workspace(self._program, self._answers)
        try:
            return space.run(
                self._seed, self._replicates, self._parameters, self._values, self._logged, self._terms, start, stop
            )  # fmt: skip
        finally:
            self._idle.put(space)

    def all(self, threads: int) -> Batch:
        """Run all blocks and return their results as one batch."""
        if threads == 1 or len(self.starts) == 1:
            return self.batch([self.run(start) for start in self.starts])
        with ThreadPoolExecutor(threads) as pool:
            return self.batch(list(pool.map(self.run, self.starts)))

    def batch(self, answers: Sequence[Floats]) -> Batch:
        """Combine the results of all blocks into one batch, in their order."""
        counts = np.diff(self._logged, prepend=0)
        counts[:: self.size] = self._logged[:: self.size]
        log = np.concatenate(answers) if answers else np.empty((0, len(LOG_COLUMNS)))
        terms = self._terms.reshape(len(self._replicates), *self._program.term_shape)
        return Batch(self._values, log, np.repeat(np.arange(len(counts)), counts), terms)


class _Workspace:
    """The memory of one thread: a world, its script and scratch tables, with their handles."""

    def __init__(self, program: Program, answers: bool) -> None:
        self._program, self._answers = program, answers
        world, self._memory = arena(program.setup.first)
        self._world = Handle(world)
        self._tables(TABLE_ROWS)

    def _tables(self, rows: int) -> None:
        states, treaties = self._program.setup.first.posture.shape
        self._rows = rows
        log = ANSWERS_A_RUN * BLOCK * rows // TABLE_ROWS
        self._scratch = make_scratch(
            states, treaties, rows, log=log if self._answers else 0, terms=math.prod(self._program.term_shape)
        )
        self._run = Handle(self._scratch)
        self._parameters = Handle(Parameters(*self._scratch.parameters.tolist()), over=self._scratch.parameters)

    def run(
        self,
        seed: int,
        replicates: Ints,
        parameters: Floats,
        values: Floats,
        logged: Ints,
        terms: Floats,
        start: int,
        stop: int,
    ) -> Floats:
        """Run rows of a batch and return their logged responses; a table that is too small is doubled."""
        while not run_compiled(
            self._world, self._parameters, self._program.handle, self._run, self._memory, self._memory.view(np.float64),
            self._program.first, seed, replicates, parameters, values, logged, terms, start, stop,
        ):  # fmt: skip
            self._tables(2 * self._rows)
        return self._scratch.log[: logged[stop - 1]].copy()
