"""Runs of a game with single answers exchanged for those of the built-in rule, on the same random draws."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.engine.setup import Setup
from sim.engine.trajectory import Trajectory
from sim.experiments.table import Game, GameTable
from sim.experiments.turns import DecidedTurn, Turn
from sim.model.world import Floats
from sim.output.formatting import signed_number
from sim.output.stated import of_variable
from sim.scenario.expressions import Path


@dataclass(frozen=True)
class Consequence:
    """The consequence of one answer so far: the run as it is, and with this answer exchanged for the rule's.

    Attributes
    ----------
    decided : DecidedTurn
    dates : tuple of date
        From the beginning of the turn's tick on.
    own, rule : dict of arrays
        The variables of the seat at these dates, with the answer and with the rule's.
    points : float
        The score so far, less that with the rule's answer.
    """

    decided: DecidedTurn
    dates: tuple[date, ...]
    own: Mapping[str, Floats]
    rule: Mapping[str, Floats]
    points: float

    def __str__(self) -> str:
        """Return one sentence."""
        turn = self.decided.turn
        moved = [
            f"{name} {mine} and not {its}"
            for name, own in self.own.items()
            if (mine := of_variable(name, own[-1])) != (its := of_variable(name, self.rule[name][-1]))
        ]
        made = ", ".join(moved) or "nothing that shows yet"
        return (
            f"{turn.date}, {turn.kind}: you chose {self.decided.answer}, the rule {self.decided.rule}; "
            f"by {self.dates[-1]} this made {made} ({signed_number(self.points, 1)} points)"
        )


def without(
    game: Game, decided: Sequence[DecidedTurn], left_out: Collection[int], ticks: int | None = None
) -> GameTable:
    """Run a game again with some answers left to the rule, and later ones too where they no longer fit.

    Parameters
    ----------
    game : Game
    decided : sequence of DecidedTurn
        The turns with their answers.
    left_out : collection of int
        Indices of the answers to leave out.
    ticks : int, optional
        Ticks to run; default: all.
    """
    answers = {
        _address(decision.turn): decision.answer for index, decision in enumerate(decided) if index not in left_out
    }

    def decide(turn: Turn) -> str | None:
        answer = answers.get(_address(turn))
        return answer if answer in turn.options else None

    table = GameTable(game, dict.fromkeys(game.seats, decide))
    for _ in range(len(game.setup.calendar.starts) if ticks is None else ticks):
        table.step()
    return table


class Consequences:
    """Reports the consequence of each answer at the seat's next turn, and at the end of the run.

    Parameters
    ----------
    tell : callable
        Receives a `Consequence`.
    """

    def __init__(self, tell: Callable[[Consequence], object]) -> None:
        self._tell, self._told = tell, dict[str, int]()

    def __call__(self, table: GameTable, code: str) -> None:
        """Report the consequences of a seat's answers in earlier ticks, each once."""
        for index in range(self._told.get(code, 0), len(table.decided)):
            decision = table.decided[index]
            if decision.turn.state == code and decision.turn.date < table.setup.calendar.dates[table.tick]:
                self._told[code] = index + 1
                if decision.answer is not None:
                    self._tell(consequence(table, index))


def consequence(table: GameTable, index: int) -> Consequence:
    """Return the consequence of one answer up to the present date of a run."""
    decision, setup = table.decided[index], table.setup
    first = setup.calendar.starts.index(decision.turn.date)
    other = without(table.game, table.decided, [index], table.tick)
    own, rule = (
        {name: path[first:] for name, path in paths_of(run.trajectory, setup, decision.turn.state).items()}
        for run in (table, other)
    )
    points = (
        table.tallies[decision.turn.state].score().points - other.tallies[decision.turn.state].score(table.tick).points
    )
    return Consequence(decision, setup.calendar.dates[first : table.tick + 1], own, rule, points)


def followed(setup: Setup, state: str) -> dict[str, Path]:
    """Return the variables by which a seat is followed: a member's own, or the guarantor's credibility."""
    guarantor = setup.codes[int(setup.first.guarantor[setup.treaties.index(setup.focus)])]
    if state == guarantor:
        return {"credibility": Path(setup.focus, "credibility")}
    return {
        "posture": Path(state, "posture", setup.focus),
        "trust": Path(state, "trust", guarantor),
        "approval": Path(state, "approval", setup.focus),
    }


def paths_of(trajectory: Trajectory, setup: Setup, state: str) -> dict[str, Floats]:
    """Return the `followed` variables of a seat at all dates of a trajectory."""
    paths = {}
    for name, path in followed(setup, state).items():
        values = trajectory.values[path.variable]
        owner = setup.treaties.index(path.owner) if path.variable == "credibility" else setup.codes.index(path.owner)
        values = values[:, owner]
        if path.other is not None:
            others = setup.codes if path.variable == "trust" else setup.treaties
            values = values[:, others.index(path.other)]
        paths[name] = np.asarray(values, dtype=np.float64)
    return paths


def _address(turn: Turn) -> tuple[str, date, str, str]:
    return turn.state, turn.date, turn.kind, turn.about
