"""Rooms in which visitors play one run: seats, answers that stay hidden until all are in, and a clock."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from io import StringIO
from secrets import choice
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from sim.errors import InputError
from sim.experiments.turns import LEFT, Turn, seats
from sim.explorer.choices import LARGEST_PAGE, Choices
from sim.explorer.ensembles import parameter_sets
from sim.explorer.story import Story
from sim.seats.asking import LATE, NoAnswer
from sim.seats.text_seat import TextSeat

if TYPE_CHECKING:
    from sim.experiments.debrief import Debrief
    from sim.experiments.exchange import Consequence

TURNS: Final = 15
"""Most questions to a seat in five years; the other months run by themselves."""

EVERY: Final = 6
"""Months between two questions about a posture or a client."""

CLOCKS: Final = (30, 60, 120)
"""Seconds for an answer that a room with several seats can give."""

MOST_ROOMS: Final = 16
"""Rooms that are open at once."""

WAITING, PLAYING, OVER = "waiting", "playing", "over"
"""Phases of a room."""

UNFIT: Final = "the recorded answers are of another run"
"""Why the rule decides where a tape does not fit the run."""

_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH: Final = 5
"""Letters of a code, of which none makes a word or looks like a digit, and how many of them."""


class _Left(Exception):  # noqa: N818 - leaving is no error
    """Signal that nobody plays any more."""


@dataclass(eq=False)
class Sitter:
    """A visitor in a room.

    Attributes
    ----------
    changed : callable
        Called, in any thread, when there is something new to show.
    present : callable
        Tells whether the visitor's page is still open.
    """

    changed: Callable[[], None]
    present: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class PublicAnswer:
    """An answer that all may see, as all answers of its turn are in; without an answer, why the rule decided."""

    day: date
    state: str
    kind: str
    about: str
    answer: str | None
    left: str


@dataclass
class _Chair:
    """One seat: its holder or the text of its tape, its open question, and its answer."""

    holder: Sitter | None = None
    turn: Turn | None = None
    reply: tuple[str | None, str] | None = None
    asked: float = 0.0
    hands_over: bool = False
    tape: str = ""
    player: TextSeat | None = None
    consequences: "list[Consequence]" = field(default_factory=list)

    @property
    def taken(self) -> bool:
        return bool(self.tape) or (self.holder is not None and self.holder.present())


@dataclass(frozen=True)
class RoomView:
    """What one visitor may see of a room.

    Attributes
    ----------
    code, phase : str
    seats : tuple of (str, bool)
        All seats, and whether each is taken.
    recorded : tuple of str
        Seats whose answers are recorded.
    playing : tuple of str
        The seats of the run.
    mine : str
        The visitor's own seat; empty for an observer.
    turn : Turn or None
        The open question to the visitor's own seat.
    elapsed : float
        Seconds since it was asked.
    asked, answered : tuple of str
        Seats that are asked now, and those of them that have answered; not what.
    consequences : tuple of Consequence
        Of the visitor's own last answers.
    answers : tuple of PublicAnswer
        All answers of earlier turns.
    news : tuple of str
        What all could observe so far.
    postures : dict of str
        Of all members, as last observed.
    debrief : Debrief or None
        At the end.
    error : str
        What went wrong.
    """

    code: str
    phase: str
    seats: tuple[tuple[str, bool], ...]
    recorded: tuple[str, ...]
    playing: tuple[str, ...]
    mine: str
    turn: Turn | None
    elapsed: float
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    consequences: "tuple[Consequence, ...]"
    answers: tuple[PublicAnswer, ...]
    news: tuple[str, ...]
    postures: dict[str, str]
    debrief: "Debrief | None"
    error: str


class Room:
    """One played run and the visitors who decide in it or watch.

    Parameters
    ----------
    story : Story
    choices : Choices
        The branch, its events and parameters, and the seed; its runs are the ensemble that paths are set beside.
    replicate : int
        Which of the runs is played.
    seconds : int, optional
        Limit of time for an answer, after which the built-in rule answers; default: none.
    code : str
        By which others find the room; empty for a visitor alone.
    """

    def __init__(
        self, story: Story, choices: Choices, replicate: int, *, seconds: int | None = None, code: str = ""
    ) -> None:
        self.story, self.choices, self.replicate, self.seconds, self.code = story, choices, replicate, seconds, code
        self._condition = Condition()
        self._setup = story.program(choices).setup
        self._chairs = {state: _Chair() for state in seats(self._setup)}
        self._visitors: list[Sitter] = []
        self._thread: Thread | None = None
        self._reset(WAITING)

    def _reset(self, phase: str) -> None:
        self._phase, self._playing, self._error = phase, tuple[str, ...](), ""
        self._debrief: Debrief | None = None
        self._answers: list[PublicAnswer] = []
        self._news: list[str] = []
        self._postures: dict[str, str] = {}
        for chair in self._chairs.values():
            chair.turn, chair.reply, chair.hands_over, chair.consequences = None, None, False, []

    @property
    def deserted(self) -> bool:
        """Whether no visitor is in the room."""
        return not any(visitor.present() for visitor in self._visitors)

    def enter(self, sitter: Sitter) -> None:
        """Let a visitor in, first as an observer."""
        with self._condition:
            self._visitors.append(sitter)
            self._tell()

    def leave(self, sitter: Sitter) -> None:
        """Let a visitor go, whose seat is free then; a run without a clock ends with its last visitor."""
        with self._condition:
            self._stand_up(sitter)
            with suppress(ValueError):
                self._visitors.remove(sitter)
            self._condition.notify_all()
            self._tell()

    def take(self, sitter: Sitter, state: str) -> None:
        """Seat a visitor where nobody sits, or where the visitor's page is closed.

        Raises
        ------
        InputError
            If there is no such seat, or somebody has it.
        """
        with self._condition:
            chair = self._chairs.get(state)
            if chair is None:
                raise InputError(f"there is no seat for '{state}'; allowed: {', '.join(self._chairs)}")
            if chair.taken and chair.holder is not sitter:
                raise InputError(f"the seat of {self.story.state_name(state)} is taken")
            self._stand_up(sitter)
            chair.holder = sitter
            self._tell()

    def seat_tape(self, state: str, tape: bytes) -> None:
        """Let recorded answers of a `TextSeat` play a free seat.

        Raises
        ------
        InputError
            If somebody has the seat, the run has begun, or it is no tape.
        """
        if len(tape) > LARGEST_PAGE:
            raise InputError(f"is too large for a tape; allowed: {LARGEST_PAGE:,} bytes")
        text = tape.decode("utf-8", "replace")
        TextSeat(None, StringIO(text), "replay")
        with self._condition:
            chair = self._chairs.get(state)
            if chair is None or chair.taken or self._phase == PLAYING:
                raise InputError(f"no free seat for recorded answers: '{state}'")
            chair.tape = text
            self._tell()

    def begin(self) -> None:
        """Begin the run with the seats that are taken; once it is over, the next run, with other luck."""
        with self._condition:
            taken = tuple(state for state, chair in self._chairs.items() if chair.taken)
            if self._phase == PLAYING or not taken:
                return
            if self._phase == OVER:
                self.replicate += 1
            self._reset(PLAYING)
            self._playing = taken
            for chair in self._chairs.values():
                chair.player = TextSeat(None, StringIO(chair.tape), "replay") if chair.tape else None
            self._thread = Thread(target=self._run, name="game", daemon=True)
            self._thread.start()
            self._tell()

    def answer(self, sitter: Sitter, option: str | None) -> None:
        """Answer the open question to a visitor's seat; None leaves it to the built-in rule."""
        self._reply(sitter, option, hands_over=False)

    def hand_over(self, sitter: Sitter) -> None:
        """Leave the open question to a visitor's seat and all later ones to the built-in rule."""
        self._reply(sitter, None, hands_over=True)

    def view(self, sitter: Sitter) -> RoomView:
        """Return the facts that a visitor may see now."""
        with self._condition:
            mine = next((state for state, chair in self._chairs.items() if chair.holder is sitter), "")
            own = self._chairs[mine] if mine else _Chair()
            asked = {state: chair for state, chair in self._chairs.items() if chair.turn is not None}
            return RoomView(
                code=self.code,
                phase=self._phase,
                seats=tuple((state, chair.taken) for state, chair in self._chairs.items()),
                recorded=tuple(state for state, chair in self._chairs.items() if chair.tape),
                playing=self._playing,
                mine=mine,
                turn=own.turn if own.reply is None else None,
                elapsed=time.monotonic() - own.asked,
                asked=tuple(asked),
                answered=tuple(state for state, chair in asked.items() if chair.reply is not None),
                consequences=tuple(own.consequences),
                answers=tuple(self._answers),
                news=tuple(self._news),
                postures=dict(self._postures),
                debrief=self._debrief,
                error=self._error,
            )

    def wait(self, timeout: float) -> bool:
        """Wait for the end of the run; return whether it came within the time limit (seconds)."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _stand_up(self, sitter: Sitter) -> None:
        for chair in self._chairs.values():
            if chair.holder is sitter:
                chair.holder = None

    def _reply(self, sitter: Sitter, option: str | None, *, hands_over: bool) -> None:
        with self._condition:
            for chair in self._chairs.values():
                if chair.holder is sitter and chair.turn is not None and chair.reply is None:
                    chair.reply = option, "" if option is not None else LEFT
                    chair.hands_over = hands_over
                    chair.consequences = []
            self._publish()
            self._condition.notify_all()
            self._tell()

    def _publish(self) -> None:
        """Show the answers of the turn if all are in."""
        asked = [chair for chair in self._chairs.values() if chair.turn is not None]
        if all(chair.reply is not None for chair in asked):
            for chair in asked:
                self._show_answer(chair)

    def _publish_before(self, turn: Turn) -> None:
        """Show recorded answers of earlier months, and of the seat that is now asked again."""
        for state, chair in self._chairs.items():
            if chair.turn is not None and (chair.turn.date < turn.date or state == turn.state):
                self._show_answer(chair)

    def _show_answer(self, chair: _Chair) -> None:
        if chair.turn is not None and chair.reply is not None:
            turn = chair.turn
            self._answers.append(PublicAnswer(turn.date, turn.state, turn.kind, turn.about, *chair.reply))
            chair.turn = None

    def _tell(self) -> None:
        for visitor in self._visitors:
            visitor.changed()

    # in the thread of the run

    def _run(self) -> None:
        from sim.experiments.debrief import debrief  # noqa: PLC0415 - Mesa takes a second, and no page waits for it
        from sim.experiments.playing import play_setup  # noqa: PLC0415

        choices = self.choices
        try:
            played = play_setup(
                self._setup,
                seats=dict.fromkeys(self._playing, self._decide),
                seed=choices.seed,
                replicate=self.replicate,
                replicates=choices.replicates,
                every=EVERY,
                turns=TURNS,
                after=self._after,
                sets=partial(parameter_sets, self._setup, choices),
            )
            debriefed = debrief(played)
        except _Left:
            with self._condition:
                self._reset(WAITING)
            return
        except Exception as error:  # noqa: BLE001 - told to the visitors
            with self._condition:
                self._phase, self._error = OVER, f"{type(error).__name__}: {error}"
                self._tell()
            return
        with self._condition:
            self._publish()
            self._phase, self._debrief = OVER, debriefed
            self._tell()

    def _decide(self, turn: Turn) -> str | None:
        """Put a turn to its seat, and wait for the answer."""
        with self._condition:
            chair = self._chairs[turn.state]
            self._news += [line for line in turn.knows.news if line not in self._news]
            self._postures = dict(turn.knows.postures)
            self._publish_before(turn)
            if chair.tape:
                return self._recorded(chair, turn)
            if chair.hands_over:
                return None
            chair.turn, chair.reply, chair.asked = turn, None, time.monotonic()
            self._tell()
            while chair.reply is None:
                left = None if self.seconds is None else chair.asked + self.seconds - time.monotonic()
                if left is not None and left <= 0 and not self.deserted:
                    chair.reply = None, LATE
                    self._publish()
                    self._condition.notify_all()
                    self._tell()
                elif self.deserted and (left is None or left <= 0):
                    raise _Left
                else:
                    self._condition.wait(left)
            answer, why = chair.reply
        if answer is None and why != LEFT:
            raise NoAnswer(why)
        return answer

    def _recorded(self, chair: _Chair, turn: Turn) -> str | None:
        """Return the recorded answer of a seat."""
        chair.turn, chair.reply = turn, (None, UNFIT)
        if chair.player is not None:
            try:
                chair.reply = chair.player(turn), ""
            except NoAnswer as reason:
                chair.reply = None, str(reason)
            except InputError:
                chair.player = None
        answer, why = chair.reply
        if answer is None:
            raise NoAnswer(why)
        return answer

    def _after(self, consequence: "Consequence") -> None:
        with self._condition:
            self._chairs[consequence.decided.turn.state].consequences.append(consequence)


class Rooms:
    """The open rooms of a server, by code."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def open(self, story: Story, choices: Choices, replicate: int, seconds: int) -> Room:
        """Open a room, and close those that are deserted if there are too many.

        Raises
        ------
        InputError
            If too many rooms are in use.
        """
        if len(self._rooms) >= MOST_ROOMS:
            self._rooms = {code: room for code, room in self._rooms.items() if not room.deserted}
        if len(self._rooms) >= MOST_ROOMS:
            raise InputError(f"{MOST_ROOMS} rooms are in use, which is all that there are; try again later")
        code = ""
        while not code or code in self._rooms:
            code = "".join(choice(_LETTERS) for _ in range(_LENGTH))
        self._rooms[code] = Room(story, choices, replicate, seconds=seconds, code=code)
        return self._rooms[code]

    def find(self, code: str) -> Room:
        """Return the room of a code, in capitals or not.

        Raises
        ------
        InputError
            If there is no such room.
        """
        room = self._rooms.get(code.strip().upper())
        if room is None:
            raise InputError(f"there is no room '{code.strip()[:_LENGTH]}'; codes have {_LENGTH} letters")
        return room
