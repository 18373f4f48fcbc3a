"""Steps of trust in the guarantor: what each event, and forgetting, changed in each tick of the typical run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np

from sim.analysis.explaining.explain import check_same, parameters_of
from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.replay import Move, replay
from sim.analysis.explaining.typical import typical_replicate
from sim.engine.setup import prepare
from sim.output.measuring import Floats
from sim.output.result import ResultData
from sim.words import RESPONSES


@dataclass(frozen=True)
class TrustStep:
    """Change of trust that an event brought in one tick.

    Attributes
    ----------
    tick : int
        Number of the tick, from 0.
    day : date
        Day of the event, or the first day of the tick if the scenario does not date it.
    name : str
        Event of the scenario, attack by choice, or act of the guarantor.
    change : float
        Trust after it less trust before it.
    answer : str
        What the guarantor did about it in this run: a level of help, ``not asked``, or empty where it is no answer.
    """

    tick: int
    day: date
    name: str
    change: float
    answer: str


@dataclass(frozen=True)
class TrustSteps:
    """Path of a member's trust in its guarantor in one run, divided into steps by events and forgetting.

    Attributes
    ----------
    names : BranchNames
        Names of the branch.
    replicate : int
        The run, nearest the median path.
    days, path : tuple
        Trust at the start and at the end of each tick.
    steps : tuple of TrustStep
        In order of time.
    """

    names: BranchNames
    replicate: int
    days: tuple[date, ...]
    path: tuple[float, ...]
    steps: tuple[TrustStep, ...]

    @property
    def forgotten(self) -> Floats:
        """Change of trust in each tick that no event brought: learnt trust fades."""
        fading = np.diff(np.array(self.path))
        for step in self.steps:
            fading[step.tick] -= step.change
        return fading


_KNOWN: WeakKeyDictionary[ResultData, dict[tuple[str, str], TrustSteps]] = WeakKeyDictionary()


def trust_steps(result: ResultData, state: str, branch: str) -> TrustSteps:
    """Return the steps of a member's trust in its guarantor, from a replay of the run nearest the median path.

    Raises
    ------
    InputError
        If the replay is not the run that the result holds.
    """
    known = _KNOWN.setdefault(result, {})
    if (state, branch) not in known:
        known[state, branch] = _replayed(result, state, branch)
    return known[state, branch]


def _replayed(result: ResultData, state: str, branch: str) -> TrustSteps:
    setup = prepare(result.scenario, branch)
    replicate = typical_replicate(result, branch, state)
    last = len(setup.calendar.ends) - 1
    seen = replay(
        setup, seed=result.seed, replicate=replicate, state=setup.codes.index(state), ticks=range(last, last + 1),
        parameters=parameters_of(result, None, setup, result.seed, replicate),
    )  # fmt: skip
    check_same(result, branch, seen)
    pair = (setup.codes.index(state), setup.codes.index(result.guarantor))
    names = BranchNames(setup.scenario)
    return TrustSteps(
        names,
        replicate,
        seen.trajectory.dates,
        tuple(float(value) for value in seen.trajectory.values["trust"][:, *pair]),
        tuple(_step(move, names, setup.calendar.starts) for move in seen.moves.get(pair, ())),
    )


def _step(move: Move, names: BranchNames, starts: Sequence[date]) -> TrustStep:
    answer = ""
    if move.kind == "answer" and move.lesson is not None:
        answer = RESPONSES[move.lesson.level] if move.lesson.spoken else "not asked"
    day = names.day(move.name, move.day)
    return TrustStep(starts.index(move.day), day, move.name, move.after - move.before, answer)
