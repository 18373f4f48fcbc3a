"""Play mode: one run in which a user decides for one state, compared with the built-in rule and the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.model import EngineModel
from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import Trajectory
from sim.errors import InputError
from sim.experiments.parameters.sources import ParameterSource, parameter_draws, replicate_sets, warn_of_differences
from sim.experiments.pinning import with_course
from sim.experiments.seat import Decide, Seat, freed_for, seats
from sim.experiments.turns import Turn
from sim.model.parameters import Parameters
from sim.model.world import Floats, Ints
from sim.output.quantiles import date_quantiles
from sim.scenario import Scenario, load
from sim.scenario.expressions import Path
from sim.scenario.observed import observed_rungs
from sim.words import POSTURES

BANDS: Final = (0.05, 0.5, 0.95)
"""Quantiles of the ensemble that a path is set beside."""


@dataclass(frozen=True)
class Played:
    """The outcome of a played run, beside the ensemble of the built-in rule and the coded record.

    Attributes
    ----------
    state : str
    replicate : int
        The number of the run.
    dates : tuple of date
        The start, then the end of each tick.
    turns : tuple of (Turn, str or None)
        Every turn with its answer; None if the built-in rule decided.
    paths : dict of arrays (T + 1)
        Variables of the played run: ``posture`` (rank), ``trust`` in the guarantor, ``approval``; for the guarantor,
        ``credibility``.
    ensemble : dict of arrays (3, T + 1)
        The same variables over the ensemble: quantiles `BANDS`; empty without replicates.
    record : tuple of str
        Recorded posture at each date; empty where there is none.
    """

    state: str
    replicate: int
    dates: tuple[date, ...]
    turns: tuple[tuple[Turn, str | None], ...]
    paths: Mapping[str, Floats]
    ensemble: Mapping[str, Floats]
    record: tuple[str, ...]

    def __str__(self) -> str:
        """Return the outcome as text, one line for each variable."""
        lines = [f"{self.state}, run {self.replicate}: {len(self.turns)} turns, {self.dates[0]} to {self.dates[-1]}"]
        for name, path in self.paths.items():
            line = f"{name}: {path[0]:.2f} to {path[-1]:.2f}"
            if name == "posture":
                line = f"posture: {_rung(path[0])} to {_rung(path[-1])}"
            if name in self.ensemble:
                low, middle, high = self.ensemble[name][:, -1]
                form = _rung if name == "posture" else "{:.2f}".format
                line += f"; the ensemble ends at {form(middle)} (90 %: {form(low)} to {form(high)})"
            lines.append(line)
        known = [(day, posture) for day, posture in zip(self.dates, self.record, strict=True) if posture]
        if known:
            lines.append(f"on record: {known[-1][1]} at {known[-1][0]}")
        return "\n".join(lines)


def play(
    scenario: Scenario | str | FilePath,
    state: str,
    decide: Decide,
    *,
    branch: str | None = None,
    seed: int | None = None,
    replicate: int = 0,
    replicates: int = 200,
    every: int = 3,
    parameters: ParameterSource = None,
) -> Played:
    """Play one run as the government of a state.

    The fixed decisions of the state in the file (appeals and responses; for a guarantor also pressure and reassurance)
    are removed, and ``decide`` makes them. There is a turn at each attack or crisis, at renewals, and for the state's
    posture every few months and whenever it was attacked. The built-in rule decides on attacks, rival pacts and
    diversification.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, or the path of its file.
    state : str
        Code of a member of the focus treaty.
    decide : callable
        A function that takes a `Turn` and returns one of its options, or None to use the built-in rule.
    branch : str, optional
        Branch of the scenario; default: the scenario without a branch.
    seed, replicate : int
        Seed and number of the run; default: the scenario's seed, and its first run.
    replicates : int
        Runs of the built-in rule for comparison; 0 for none.
    every : int
        Months between two decisions about the state's posture.
    parameters : Draws, str or Path, optional
        Where the parameters of each run come from, as for `sim.run`.

    Raises
    ------
    InputError
        If the state cannot be played, or an answer is not one of the options.

    Examples
    --------
    >>> played = play(
    ...     "scenarios/first-steps.toml", "ARM", lambda turn: turn.options[0], branch="as-happened", replicates=0
    ... )
    >>> played.turns[0][0].kind
    'course'
    """
    held = scenario if isinstance(scenario, Scenario) else load(scenario)
    setup = prepare(held, branch)
    start = held.seed if seed is None else seed
    draws = parameter_draws(parameters, held)
    warn_of_differences([draws], held.parameters)
    return play_setup(
        setup, state, decide, seed=start, replicate=replicate, replicates=replicates, every=every,
        sets=lambda numbers: replicate_sets(setup, draws, start, numbers),
    )  # fmt: skip


def play_setup(
    setup: Setup,
    state: str,
    decide: Decide,
    *,
    seed: int,
    replicate: int = 0,
    replicates: int = 200,
    every: int = 3,
    sets: Callable[[Ints], Floats] | None = None,
) -> Played:
    """Play one run of a prepared branch, as `play` does for a scenario.

    Parameters
    ----------
    sets : callable, optional
        A function that returns the parameters of replicates (R, Q); default: the branch's parameters for all.
    """
    if state not in seats(setup):
        raise InputError(f"there is no seat for '{state}'; allowed: {', '.join(seats(setup))}")
    if every < 1 or replicates < 0 or replicate < 0:
        raise InputError("every must be 1 or more, replicate and replicates 0 or more")
    if sets is None:
        sets = partial(replicate_sets, setup, None, seed)
    given = Parameters(*sets(np.array([replicate]))[0].tolist())
    freed = freed_for(setup, state)
    taken: list[tuple[Turn, str | None]] = []

    def ask(turn: Turn) -> str | None:
        answer = decide(turn)
        if answer is not None and answer not in turn.options:
            raise InputError(f"{state} answered {answer!r} at {turn.date}; allowed: {', '.join(turn.options)}, or None")
        taken.append((turn, answer))
        return answer

    seat = type("Seat", (Seat,), {"ask": staticmethod(ask), "every": every})
    model = EngineModel(freed, seed=seed, replicate=replicate, parameters=given, agents={state: seat})
    trajectory = model.run()
    return Played(
        state, replicate, trajectory.dates, tuple(taken), _paths(trajectory, freed, state),
        _ensemble(freed, state, seed, sets(np.arange(replicates))), _recorded(freed, state, trajectory.dates),
    )  # fmt: skip


def _variables(setup: Setup, state: str) -> dict[str, Path]:
    guarantor = setup.codes[int(setup.first.guarantor[setup.treaties.index(setup.focus)])]
    if state == guarantor:
        return {"credibility": Path(setup.focus, "credibility")}
    return {
        "posture": Path(state, "posture", setup.focus),
        "trust": Path(state, "trust", guarantor),
        "approval": Path(state, "approval", setup.focus),
    }


def _paths(trajectory: Trajectory, setup: Setup, state: str) -> dict[str, Floats]:
    paths = {}
    for name, path in _variables(setup, state).items():
        values = trajectory.values[path.variable]
        owner = setup.treaties.index(path.owner) if path.variable == "credibility" else setup.codes.index(path.owner)
        values = values[:, owner]
        if path.other is not None:
            others = setup.codes if path.variable == "trust" else setup.treaties
            values = values[:, others.index(path.other)]
        paths[name] = np.asarray(values, dtype=np.float64)
    return paths


def _ensemble(setup: Setup, state: str, seed: int, sets: Floats) -> dict[str, Floats]:
    if not len(sets):
        return {}
    variables = _variables(setup, state)
    program = Program(setup, tuple(variables.values()))
    batch = program.run(seed, np.arange(len(sets)), sets)
    found = date_quantiles(batch.values, BANDS)
    return {name: found[:, :, column] for column, name in enumerate(variables)}


def _recorded(setup: Setup, state: str, dates: tuple[date, ...]) -> tuple[str, ...]:
    end = setup.scenario.recorded_until(dates[-1])
    ranks = observed_rungs(with_course(setup.scenario), state, dates)
    return tuple(
        POSTURES[rank] if rank is not None and day <= end else "" for day, rank in zip(dates, ranks, strict=True)
    )


def _rung(rank: float) -> str:
    return POSTURES[round(float(rank))]
