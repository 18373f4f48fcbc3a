"""The table of a played run: one Mesa model in which several seats decide, each without the others' answers."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from sim.engine.model import EngineModel
from sim.engine.scratch import SHOCKS
from sim.engine.setup import Setup
from sim.errors import InputError
from sim.experiments.scores import Tally
from sim.experiments.seat import Decide, Seat, freed_for
from sim.experiments.turns import LEFT, DecidedTurn, Turn, seats
from sim.model.base_event import ShockEvent
from sim.model.parameters import Parameters
from sim.output.formatting import event_in_words
from sim.seats.asking import NoAnswer, ask_all

ASKING: Final = ("appeal", "respond", "review_postures", "guarantor_policy")
"""The stages of a tick in which seats decide; those of one stage decide at the same time."""

_YEARS: Final = 5.0


@dataclass(frozen=True)
class Game:
    """Everything that a played run depends on except the answers.

    Attributes
    ----------
    setup : Setup
        The branch, in which the decisions of the seats are free.
    seats : tuple of str
    seed, replicate : int
    parameters : Parameters
    every : int
        Months between two decisions about a posture or a client.
    turns : int or None
        Most questions to a seat in five years; the other months run by themselves. None: no limit.
    injects : tuple of str
        Events that were brought in from outside, whose notes the seats may read.
    """

    setup: Setup
    seats: tuple[str, ...]
    seed: int
    replicate: int
    parameters: Parameters
    every: int
    turns: int | None
    injects: tuple[str, ...] = ()

    def note_of(self, event: str) -> str:
        """Return the note of an inject; empty for events of the scenario, whose notes are for its readers."""
        return self.setup.scenario.events[event].note if event in self.injects else ""

    def injected(self, after: date, last: date) -> Iterator[str]:
        """Yield in words the injects after a day and up to another, without attacks and crises, which all hear of."""
        events = self.setup.scenario.events
        for name in self.injects:
            event = events.get(name)
            if event is not None and not isinstance(event, ShockEvent) and after < event.date <= last:
                words = event_in_words(event, self.setup.scenario)
                yield f"{event.date}: {words}{f' ({event.note})' if event.note else ''}"

    def room(self, months: float) -> float:
        """Return how many questions a seat may have had after some months of a run: a fifth of the limit a year."""
        return float("inf") if self.turns is None else self.turns * months / 12.0 / _YEARS


def seated(setup: Setup, codes: tuple[str, ...]) -> Setup:
    """Return a branch in which the decisions of several states are free.

    Raises
    ------
    InputError
        If there is no seat for one of them, or none at all.
    """
    allowed = seats(setup)
    unknown = [code for code in codes if code not in allowed]
    if unknown or not codes:
        named = f"for '{unknown[0]}'" if unknown else "without a state"
        raise InputError(f"there is no seat {named}; allowed: {', '.join(allowed)}")
    for code in codes:
        setup = freed_for(setup, code)
    return setup


class GameTable(EngineModel):
    """A run in which seats decide; every stage waits until all seats that it asks have answered.

    With several seats a stage is run once to learn who is asked what, and again from the same point with the answers;
    so no question depends on another seat's answer in the same stage.

    Parameters
    ----------
    game : Game
    decides : mapping of str to callable
        Who decides for each seat: a function that takes a `Turn` and returns one of its options, or None.
    seconds : float, optional
        Limit of time for an answer; default: none.
    before : callable, optional
        Called with the table and the code of a seat before the seat is asked.

    Attributes
    ----------
    decided : list of DecidedTurn
        The turns so far.
    tallies : dict of Tally
        What counts for each seat so far.
    """

    def __init__(
        self,
        game: Game,
        decides: Mapping[str, Decide],
        seconds: float | None = None,
        before: "Callable[[GameTable, str], None] | None" = None,
    ) -> None:
        self.game, self.decided = game, list[DecidedTurn]()
        self._decides, self._seconds, self._before = decides, seconds, before
        self._replies: dict[str, list[tuple[str | None, str]]] = {code: [] for code in game.seats}
        self._used = dict.fromkeys(game.seats, 0)
        self._open: dict[str, Turn] = {}
        super().__init__(
            game.setup, seed=game.seed, replicate=game.replicate, parameters=game.parameters,
            agents=dict.fromkeys(game.seats, Seat), decisions=False,
        )  # fmt: skip
        self.tallies = {code: Tally(self, self.setup.codes.index(code)) for code in game.seats}

    def record(self) -> None:
        """Count the tick for every seat, and record the state of the world."""
        for tally in self.tallies.values():
            tally.add(self)
        super().record()

    def ask(self, turn: Turn, rule: str, odds: Mapping[str, float]) -> str | None:
        """Return the answer to a turn, None where the rule decides or the answer is not in yet."""
        code = turn.state
        months = self.world.months * len(self.setup.calendar.starts)
        if code in self._open or not self._has_room(code, months):
            return None
        if self._used[code] == len(self._replies[code]):
            if len(self.game.seats) > 1:
                self._open[code] = turn
                return None
            self._hear([turn])
        answer, left = self._replies[code][self._used[code]]
        self._used[code] += 1
        self.decided.append(DecidedTurn(turn, answer, left, rule, odds))
        return answer

    def has_room(self, code: str) -> bool:
        """Return whether a seat has turns left so far for a question that can wait."""
        return self._has_room(code, 12.0 * (1.0 + (self.world.clock[0] - self.world.months) // 12.0))

    def _has_room(self, code: str, months: float) -> bool:
        return sum(decided.turn.state == code for decided in self.decided) < self.game.room(months)

    def _run_stage(self, name: str) -> None:
        waits = name in ASKING and (name not in ASKING[:2] or self.scratch.counts[SHOCKS])
        if not waits or len(self.game.seats) == 1:
            super()._run_stage(name)
            return
        before, had, used = self._held(), len(self.decided), dict(self._used)
        super()._run_stage(name)
        while self._open:
            self._hear(list(self._open.values()))
            self._put_back(before)
            del self.decided[had:]
            self._open, self._used = {}, dict(used)
            super()._run_stage(name)

    def _hear(self, turns: list[Turn]) -> None:
        """Ask all seats with an open turn at the same time."""
        if self._before is not None:
            for turn in turns:
                self._before(self, turn.state)
        answers = ask_all([partial(self._decides[turn.state], turn) for turn in turns], self._seconds)
        for turn, answer in zip(turns, answers, strict=True):
            if isinstance(answer, NoAnswer):
                self._replies[turn.state].append((None, str(answer)))
                continue
            if answer is not None and answer not in turn.options:
                allowed = ", ".join(turn.options)
                raise InputError(f"{turn.state} answered {answer!r} at {turn.date}; allowed: {allowed}, or None")
            self._replies[turn.state].append((answer, "" if answer is not None else LEFT))

    def _held(self) -> Any:
        """Return a copy of all that a stage may change."""
        memories = [self.state(code).memory for code in self.game.seats]
        return deepcopy((self.world, self.scratch, self._door, memories), {id(self): self})

    def _put_back(self, held: Any) -> None:
        self.world, self.scratch, self._door, memories = deepcopy(held, {id(self): self})
        for code, memory in zip(self.game.seats, memories, strict=True):
            self.state(code).memory = memory
