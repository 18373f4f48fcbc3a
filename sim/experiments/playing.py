"""Play mode: one run in which users decide for one or several states, beside the built-in rule and the record."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from sim.checked import checked
from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import Trajectory
from sim.errors import InputError
from sim.experiments.exchange import Consequence, Consequences, followed, paths_of
from sim.experiments.parameters.sources import ParameterSource, parameter_draws, replicate_sets, warn_of_differences
from sim.experiments.pinning import with_course
from sim.experiments.played import Played, SeatPath, course_digest, read_played
from sim.experiments.seat import Decide
from sim.experiments.table import Game, GameTable, seated
from sim.model.parameters import Parameters
from sim.model.world import Floats, Ints
from sim.output.quantiles import date_quantiles
from sim.scenario import Scenario, load
from sim.scenario.injects import with_injects
from sim.scenario.observed import observed_rungs
from sim.words import POSTURES

BANDS: Final = (0.05, 0.5, 0.95)
"""Quantiles of the ensemble that a path is set beside."""


@checked(
    "state", "decide", "seats", "injects", "branch", "replicate", "replicates", "every", "turns", "seconds", "after"
)  # fmt: skip
def play(
    scenario: Scenario | str | FilePath,
    state: str | None = None,
    decide: Decide | None = None,
    *,
    seats: Mapping[str, Decide] | None = None,
    injects: str | FilePath | None = None,
    branch: str | None = None,
    seed: int | None = None,
    replicate: int = 0,
    replicates: int = 200,
    every: int = 3,
    turns: int | None = None,
    seconds: float | None = None,
    after: Callable[[Consequence], object] | None = None,
    parameters: ParameterSource = None,
) -> Played:
    """Play one run as the government of a state, or of several.

    The fixed decisions of the seats in the file (appeals and responses; for a guarantor also pressure and reassurance)
    are removed, and functions make them. There is a turn at each attack or crisis, at renewals, and for the state's
    posture every few months and whenever it was attacked. The built-in rule decides on attacks, rival pacts and
    diversification, and for all other states.

    With several seats, those that are asked at the same stage of a month are asked at the same time, each in a thread
    of its own, and no answer is seen before all are in.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, or the path of its file.
    state : str, optional
        Code of a member of the focus treaty; with ``decide``, the one seat.
    decide : callable, optional
        A function that takes a `Turn` and returns one of its options, or None to use the built-in rule.
    seats : dict of callables, optional
        Such a function for each of several states, in place of ``state`` and ``decide``.
    injects : str or Path, optional
        A CSV file of further events (`sim.scenario.injects`).
    branch : str, optional
        Branch of the scenario; default: the scenario without a branch.
    seed, replicate : int
        Seed and number of the run; default: the scenario's seed, and its first run.
    replicates : int
        Runs of the built-in rule for comparison; 0 for none.
    every : int
        Months between two decisions about the state's posture.
    turns : int, optional
        Most questions to a seat in five years, in other periods in proportion; attacks and crises come first, and what
        is not asked is left to the rule. Default: no limit.
    seconds : float, optional
        Limit of time for an answer, after which the built-in rule answers; default: none.
    after : callable, optional
        Called with the `Consequence` of each answer when its seat is asked again, and at the end; costs one more run
        up to that date for each answer.
    parameters : Draws, str or Path, optional
        Where the parameters of each run come from, as for `sim.run`.

    Raises
    ------
    InputError
        If a state cannot be played, an answer is not one of the options, or a row of the injects is bad.

    Examples
    --------
    >>> played = play(
    ...     "scenarios/first-steps.toml", "ARM", lambda turn: turn.options[0], branch="as-happened", replicates=0
    ... )
    >>> played.turns[0][0].kind
    'course'
    """
    held = scenario if isinstance(scenario, Scenario) else load(scenario)
    if injects is not None:
        known = held.events.keys()
        held = with_injects(held, FilePath(injects))
        added = tuple(name for name in held.events if name not in known)
    setup = prepare(held, branch)
    start = held.seed if seed is None else seed
    draws = parameter_draws(parameters, held)
    warn_of_differences([draws], held.parameters)
    return play_setup(
        setup, state, decide, seats=seats, seed=start, replicate=replicate, replicates=replicates, every=every,
        turns=turns, seconds=seconds, after=after, injects=added if injects is not None else (),
        sets=lambda numbers: replicate_sets(setup, draws, start, numbers),
    )  # fmt: skip


def play_setup(
    setup: Setup,
    state: str | None = None,
    decide: Decide | None = None,
    *,
    seats: Mapping[str, Decide] | None = None,
    seed: int,
    replicate: int = 0,
    replicates: int = 200,
    every: int = 3,
    turns: int | None = None,
    seconds: float | None = None,
    after: Callable[[Consequence], object] | None = None,
    injects: tuple[str, ...] = (),
    sets: Callable[[Ints], Floats] | None = None,
) -> Played:
    """Play one run of a prepared branch, as `play` does for a scenario.

    Parameters
    ----------
    injects : tuple of str
        Events of the branch whose notes the seats may read.
    sets : callable, optional
        A function that returns the parameters of replicates (R, Q); default: the branch's parameters for all.
    """
    decides = dict(seats or {})
    if state is not None and decide is not None:
        decides[state] = decide
    if (state is None) != (decide is None) or (state is None) == (seats is None):
        raise InputError("give either a state and a function that decides for it, or seats={'ARM': function, ...}")
    if every < 1 or replicates < 0 or replicate < 0 or (turns is not None and turns < 1):
        raise InputError("every and turns must be 1 or more, replicate and replicates 0 or more")
    if sets is None:
        sets = partial(replicate_sets, setup, None, seed)
    codes = tuple(decides)
    given = Parameters(*sets(np.array([replicate]))[0].tolist())
    game = Game(seated(setup, codes), codes, seed, replicate, given, every, turns, injects)
    return play_game(game, decides, seconds=seconds, after=after, sets=sets, replicates=replicates)


@checked()
def replay(file: str | FilePath) -> Played:
    """Play a saved run again, and check that every variable takes the same course.

    Parameters
    ----------
    file : str or Path
        A file that `Played.save` wrote.

    Raises
    ------
    InputError
        If it is not such a file, or the run takes another course now.
    """
    path = FilePath(file)
    saved = read_played(path)
    played = play_game(saved.game, saved.decides(path))
    if course_digest(played.trajectory) != saved.course:
        raise InputError(f"{path}: the run takes another course now; it was played with another version of csto-sim")
    return played


def play_game(
    game: Game,
    decides: Mapping[str, Decide],
    *,
    seconds: float | None = None,
    after: Callable[[Consequence], object] | None = None,
    sets: Callable[[Ints], Floats] | None = None,
    replicates: int = 0,
) -> Played:
    """Play a game, and put its paths beside the ensemble of the built-in rule.

    Parameters
    ----------
    sets : callable, optional
        A function that returns the parameters of replicates (R, Q); without it there is no ensemble.
    """
    tell = None if after is None else Consequences(after)
    table = GameTable(game, decides, seconds, tell)
    trajectory = table.run()
    if tell is not None:
        for state in game.seats:
            tell(table, state)
    ensembles = _ensembles(game, None if sets is None else sets(np.arange(replicates)))
    paths = {
        state: SeatPath(
            paths_of(trajectory, game.setup, state), ensembles[state], _recorded(game.setup, state, trajectory)
        )
        for state in game.seats
    }
    scores = {state: tally.score() for state, tally in table.tallies.items()}
    return Played(game, tuple(table.decided), paths, scores, trajectory, sets, replicates)


def play_again(played: Played, decides: Mapping[str, Decide]) -> Played:
    """Play the game of a played run with other luck: the next replicate, with its own parameters where they are drawn.

    Parameters
    ----------
    played : Played
    decides : dict of callables
        Who decides for each seat.
    """
    number = played.replicate + 1
    given = played.game.parameters
    if played.sets is not None:
        given = Parameters(*played.sets(np.array([number]))[0].tolist())
    game = replace(played.game, replicate=number, parameters=given)
    return play_game(game, decides, sets=played.sets, replicates=played.replicates)


def _ensembles(game: Game, sets: Floats | None) -> dict[str, dict[str, Floats]]:
    """Return the quantiles of each seat's variables over the ensemble of the built-in rule."""
    variables = {state: followed(game.setup, state) for state in game.seats}
    if sets is None or not len(sets):
        return {state: {} for state in game.seats}
    paths = tuple(path for named in variables.values() for path in named.values())
    batch = Program(game.setup, paths).run(game.seed, np.arange(len(sets)), sets)
    columns = iter(np.moveaxis(date_quantiles(batch.values, BANDS), 2, 0))
    return {state: {name: next(columns) for name in named} for state, named in variables.items()}


def _recorded(setup: Setup, state: str, trajectory: Trajectory) -> tuple[str, ...]:
    dates = trajectory.dates
    end = setup.scenario.recorded_until(dates[-1])
    ranks = observed_rungs(with_course(setup.scenario), state, dates)
    return tuple(
        POSTURES[rank] if rank is not None and day <= end else "" for day, rank in zip(dates, ranks, strict=True)
    )
