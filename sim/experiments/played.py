"""Played runs: their outcome, and the file from which a run is replayed to the last byte."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
from pydantic import ValidationError

from sim.engine.draws import SEEDS
from sim.engine.setup import prepare
from sim.engine.trajectory import Trajectory
from sim.errors import InputError
from sim.experiments.arguments import whole_number
from sim.experiments.keeping import trajectory_rows
from sim.experiments.scores import SeatScore
from sim.experiments.seat import Decide
from sim.experiments.table import Game, seated
from sim.experiments.turns import LEFT, DecidedTurn, Turn
from sim.given import parse_json, read_text
from sim.model.parameters import PARAMETERS, Parameters
from sim.model.world import Floats, Ints
from sim.output.manifest import scenario_inputs
from sim.output.parquet import write_parquet
from sim.output.staging import staged, staged_file
from sim.output.stated import of_variable
from sim.output.store import KEPT, read_scenario_text
from sim.seats.asking import NoAnswer

SUFFIX: Final = ".json"
"""Ending of the files of played runs."""

_WHAT: Final = "a run played with csto-sim"
_VERSION: Final = 1

MOST: Final = 10**9
"""Numbers of replicates, of months between questions and of questions in a file lie below it."""


@dataclass(frozen=True)
class SeatPath:
    """The path of one seat, beside the ensemble of the built-in rule and the coded record.

    Attributes
    ----------
    paths : dict of arrays (T + 1)
        Variables of the played run: ``posture`` (rank), ``trust`` in the guarantor, ``approval``; for the guarantor,
        ``credibility``.
    ensemble : dict of arrays (3, T + 1)
        The same variables over the ensemble: quantiles `BANDS`; empty without replicates.
    record : tuple of str
        Recorded posture at each date; empty where there is none.
    """

    paths: Mapping[str, Floats]
    ensemble: Mapping[str, Floats]
    record: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """The outcome of a played run, beside the ensemble of the built-in rule and the coded record.

    `paths`, `ensemble` and `record` are those of the first seat; `seats` has them all.

    Attributes
    ----------
    game : Game
        All that the run depends on but the answers.
    decided : tuple of DecidedTurn
        Every turn with its answer, and what the rule would have done.
    seats : dict of SeatPath
        By state.
    scores : dict of SeatScore
        By state.
    trajectory : Trajectory
        Every variable at every date.
    sets : callable or None
        A function that returns the parameters of replicates, if they were drawn.
    replicates : int
        Runs of the ensemble.
    """

    game: Game
    decided: tuple[DecidedTurn, ...]
    seats: Mapping[str, SeatPath]
    scores: Mapping[str, SeatScore]
    trajectory: Trajectory = field(repr=False)
    sets: Callable[[Ints], Floats] | None = field(default=None, repr=False)
    replicates: int = 0

    @property
    def state(self) -> str:
        """The first seat."""
        return self.game.seats[0]

    @property
    def replicate(self) -> int:
        """The number of the run."""
        return self.game.replicate

    @property
    def dates(self) -> tuple[date, ...]:
        """The start, then the end of each tick."""
        return self.trajectory.dates

    @property
    def turns(self) -> tuple[tuple[Turn, str | None], ...]:
        """Every turn with its answer; None if the built-in rule decided."""
        return tuple((decided.turn, decided.answer) for decided in self.decided)

    @property
    def paths(self) -> Mapping[str, Floats]:
        """Variables of the played run, of the first seat."""
        return self.seats[self.state].paths

    @property
    def ensemble(self) -> Mapping[str, Floats]:
        """The same variables over the ensemble, of the first seat."""
        return self.seats[self.state].ensemble

    @property
    def record(self) -> tuple[str, ...]:
        """Recorded posture of the first seat at each date; empty where there is none."""
        return self.seats[self.state].record

    def __str__(self) -> str:
        """Return the outcome as text, one line for each variable."""
        return "\n".join(line for state in self.game.seats for line in self._lines(state))

    def _lines(self, state: str) -> Iterator[str]:
        seat = self.seats[state]
        turns = sum(decided.turn.state == state for decided in self.decided)
        yield f"{state}, run {self.replicate}: {turns} turn{'s' * (turns != 1)}, {self.dates[0]} to {self.dates[-1]}"
        for name, path in seat.paths.items():
            line = f"{name}: {of_variable(name, path[0])} to {of_variable(name, path[-1])}"
            if name in seat.ensemble:
                low, middle, high = (of_variable(name, value) for value in seat.ensemble[name][:, -1])
                line += f"; the ensemble ends at {middle} (90 %: {low} to {high})"
            yield line
        known = [(day, posture) for day, posture in zip(self.dates, seat.record, strict=True) if posture]
        if known:
            yield f"on record: {known[-1][1]} at {known[-1][0]}"

    def save(self, file: Path | str) -> Path:
        """Save the game and its answers as a file that ``csto-sim run`` and `replay` play again to the same bytes.

        Parameters
        ----------
        file : Path or str
            A file that ends with ``.json``.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the file has another ending.
        """
        target = Path(file)
        if target.suffix != SUFFIX:
            raise InputError(f"{target} would not be played again; allowed: a name that ends with {SUFFIX}")
        with staged_file(target, replace=True) as made:
            made.write_text(self.to_json(), encoding="utf-8", newline="\n")
        return target

    def to_json(self) -> str:
        """Return the text of the file that `save` writes."""
        return json.dumps(_content(self), indent=1, ensure_ascii=False) + "\n"


def save_course(played: Played, folder: Path) -> Path:
    """Write every variable of a played run at every date, ``kept.parquet``, and its file; return the folder.

    Raises
    ------
    InputError
        If the folder exists and is not empty.
    """
    rows = trajectory_rows(played.game.setup, played.replicate, played.trajectory)
    with staged(folder) as made:
        write_parquet(pa.Table.from_pandas(rows, preserve_index=False), made / KEPT)
        played.save(made / f"played{SUFFIX}")
    return folder


def course_digest(trajectory: Trajectory) -> str:
    """Return a digest of every variable at every date, which differs if a single bit does."""
    content = hashlib.sha256()
    for name, values in sorted(trajectory.values.items()):
        content.update(f"{name} {values.dtype} {values.shape}".encode() + values.tobytes())
    return content.hexdigest()


class SavedAnswer(NamedTuple):
    """An answer in a file: what was asked, one of the options or None, and why the rule decided, if it did."""

    state: str
    date: str
    kind: str
    about: str
    answer: str | None
    left: str


class SavedGame(NamedTuple):
    """A played run as read from its file: the game, its answers, and the digest of its course."""

    game: Game
    answers: tuple[SavedAnswer, ...]
    course: str

    def decides(self, file: Path) -> dict[str, Decide]:
        """Return a function for each seat that gives the answers of the file again, in their order."""
        return {state: _Again(file, [row for row in self.answers if row.state == state]) for state in self.game.seats}


class _Again:
    """A seat that answers as a file says."""

    def __init__(self, file: Path, answers: list[SavedAnswer]) -> None:
        self._file, self._answers = file, iter(answers)

    def __call__(self, turn: Turn) -> str | None:
        row = next(self._answers, None)
        asked = (turn.date.isoformat(), turn.kind, turn.about)
        if row is None or row[1:4] != asked:
            held = "no answer more" if row is None else f"the answer to {' '.join(row[1:4])}"
            raise InputError(
                f"{self._file}: the run asks {turn.state} {' '.join(asked)}, and the file has {held}; "
                "it was played with another version of csto-sim, or changed by hand"
            )
        if row.answer is None and row.left != LEFT:
            raise NoAnswer(row.left)
        return row.answer


def read_played(file: Path) -> SavedGame:
    """Read a played run from its file.

    Raises
    ------
    InputError
        If it is not such a file.
    """
    try:
        held = parse_json(read_text(file))
        if held["what"] != _WHAT or held["version"] != _VERSION:
            raise ValueError
        scenario = read_scenario_text(json.dumps(held["scenario"]))
        parameters = Parameters(*(_within(name, float(held["parameters"][name])) for name in Parameters._fields))
        seats = tuple(held["seats"])
        setup = replace(prepare(scenario), branch=held["branch"])
        game = Game(
            seated(setup, seats), seats,
            whole_number("seed", held["seed"], 0, SEEDS), whole_number("replicate", held["replicate"], 0, MOST),
            parameters, whole_number("every", held["every"], 1, MOST),
            None if held["turns"] is None else whole_number("turns", held["turns"], 1, MOST), tuple(held["injects"]),
        )  # fmt: skip
        answers = tuple(SavedAnswer(**row) for row in held["answers"])
        if not all(isinstance(text, str) for row in answers for text in row._replace(answer=row.answer or "")):
            raise TypeError
        return SavedGame(game, answers, str(held["course"]))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, ValidationError):
        raise InputError(
            f"{file} is not a played run of this version; allowed: a file that Played.save wrote"
        ) from None


def _within(name: str, value: float) -> float:
    row = PARAMETERS[name]
    if not row.low <= value <= row.high:
        raise ValueError
    return value


def _content(played: Played) -> dict[str, Any]:
    game = played.game
    return {
        "what": _WHAT,
        "version": _VERSION,
        "title": game.setup.scenario.title,
        "branch": game.setup.branch,
        "seats": game.seats,
        "seed": game.seed,
        "replicate": game.replicate,
        "every": game.every,
        "turns": game.turns,
        "injects": game.injects,
        "answers": [
            SavedAnswer(
                decision.turn.state,
                decision.turn.date.isoformat(),
                decision.turn.kind,
                decision.turn.about,
                decision.answer,
                decision.left,
            )._asdict()
            for decision in played.decided
        ],
        "course": course_digest(played.trajectory),
        "parameters": game.parameters._asdict(),
        "scenario": scenario_inputs(game.setup.scenario),
    }
