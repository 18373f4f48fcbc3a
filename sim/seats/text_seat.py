"""A seat that answers in text, such as a language model's, with a tape from which a game is played again."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from sim.errors import InputError
from sim.experiments.turns import Turn
from sim.given import parse_json, read_text
from sim.output.formatting import MONTHS, percent, share
from sim.seats.asking import NoAnswer, ask_all

TRIES: Final = 3
"""Times that a turn is put to the function; after that the built-in rule decides."""

LONGEST: Final = 10_000
"""Characters of an answer that are read and kept; a longer one does not count."""

_WORDS_OF_NOTE: Final = 30
_LINES_OF_NEWS: Final = 6
_STATES_NAMED: Final = 6

_FAILED: Final = f"no answer of {TRIES} named exactly one option"
_AGAIN: Final = "Your last answer did not name exactly one option."

Mode = Literal["record", "replay"]


class TextSeat:
    """A seat whose turns are put in words to a function that answers in words.

    An answer counts if it names exactly one option, by its number or by its name. A function that fails, takes too
    long or answers in another way is asked again, three times in all; then the built-in rule decides, and the record of
    the game says so. A prompt has fewer than 500 words, and says nothing but what is in the `Turn`.

    Parameters
    ----------
    ask : callable or None
        A function from a prompt to an answer; not needed for a replay.
    tape : str, Path or readable text
        The file that keeps prompts and answers, one line of JSON for each turn; an open one is for a replay.
    mode : str
        ``record`` writes a new tape; ``replay`` answers as the tape says, and refuses a prompt that differs from it.
    seconds : float, optional
        Limit of time for one answer; default: none.

    Raises
    ------
    InputError
        If a tape that is to be recorded exists, or one that is to be replayed cannot be read.

    Examples
    --------
    >>> seat = TextSeat(lambda prompt: "1", tape="armenia.jsonl")  # doctest: +SKIP
    >>> sim.play("first-steps", "ARM", seat)  # doctest: +SKIP
    """

    def __init__(
        self,
        ask: Callable[[str], str] | None,
        tape: str | Path | TextIO,
        mode: Mode = "record",
        *,
        seconds: float | None = None,
    ) -> None:
        self.tape = Path(tape) if isinstance(tape, str | Path) else Path("tape")
        self._ask, self._mode, self._seconds = ask, mode, seconds
        self._lines: Iterator[tuple[int, dict[str, Any]]] = iter(())
        if mode == "replay":
            held = None if isinstance(tape, str | Path) else tape
            self._lines = iter(_read(self.tape, held))
        elif mode != "record" or ask is None:
            raise InputError(f"a text seat with mode {mode!r} and ask {ask!r}; allowed: 'replay', or 'record' with ask")
        else:
            try:
                self.tape.open("x", encoding="utf-8").close()
            except FileExistsError:
                raise InputError(f"{self.tape} exists; allowed: a new file, or mode='replay'") from None

    def __call__(self, turn: Turn) -> str:
        """Return one of the options of a turn.

        Raises
        ------
        NoAnswer
            If no answer counts.
        """
        text = prompt(turn)
        answers = self._replayed(text, turn) if self._mode == "replay" else self._asked(text, turn)
        choice = _choice(answers[-1]["raw"], turn)
        if choice is None:
            raise NoAnswer(_FAILED)
        return choice

    def _asked(self, text: str, turn: Turn) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        while len(answers) < TRIES and (not answers or _choice(answers[-1]["raw"], turn) is None):
            answers.append(self._answer(f"{text}\n{_AGAIN}" if answers else text))
        line = {
            "prompt": text,
            "digest": _digest(text),
            "answers": answers,
            "tries": len(answers),
            "choice": _choice(answers[-1]["raw"], turn),
        }
        with self.tape.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line) + "\n")
        return answers

    def _answer(self, text: str) -> dict[str, Any]:
        """Return an answer as the tape keeps it: its text, or None with the reason why there is none."""
        ask = self._ask
        assert ask is not None  # noqa: S101 - a seat without a function replays

        def heard() -> dict[str, Any]:
            try:
                raw = ask(text)
            except Exception as error:  # noqa: BLE001 - whatever fails there, the game goes on
                return {"raw": None, "failed": type(error).__name__}
            if not isinstance(raw, str):
                return {"raw": None, "failed": "no text"}
            return {"raw": raw[: LONGEST + 1], "failed": ""}

        (reply,) = ask_all([heard], self._seconds)
        return {"raw": None, "failed": str(reply)} if isinstance(reply, NoAnswer) else reply

    def _replayed(self, text: str, turn: Turn) -> list[dict[str, Any]]:
        number, line = next(self._lines, (0, {}))
        if not line:
            raise InputError(f"{self.tape}: the tape ends before the turn of {turn.state} at {turn.date}")
        where = f"{self.tape}:{number}: the turn of {turn.state} at {turn.date}"
        if line["prompt"] != text or line["digest"] != _digest(text):
            raise InputError(f"{where} has another prompt now: the game or csto-sim has changed since")
        answers: list[dict[str, Any]] = line["answers"]
        if line["tries"] != len(answers) or line["choice"] != _choice(answers[-1]["raw"], turn):
            raise InputError(f"{where} has another choice than its answers give; the tape was changed by hand")
        return answers


def prompt(turn: Turn) -> str:
    """Return a turn in words, with its options numbered, in fewer than 500 words."""
    return "\n".join(_paragraphs(turn))


def named(answer: str, options: tuple[str, ...]) -> list[str]:
    """Return the options that an answer names, by number or by name.

    Examples
    --------
    >>> named("2.", ("loyal", "voice")), named("Voice, not loyal", ("loyal", "voice"))
    (['voice'], ['loyal', 'voice'])
    """
    return [
        option for number, option in enumerate(options, start=1)
        if re.search(rf"(?<![\w.,-]){number}(?![\w-]|[.,][0-9])", answer)
        or re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", answer, re.IGNORECASE)
    ]  # fmt: skip


def _choice(raw: str | None, turn: Turn) -> str | None:
    if raw is None or len(raw) > LONGEST:
        return None
    choices = named(raw, turn.options)
    return choices[0] if len(choices) == 1 else None


def _paragraphs(turn: Turn) -> Iterator[str]:
    knows, name = turn.knows, turn.names.__getitem__
    yield f"You govern {name(turn.state)}. It is {MONTHS[turn.date.month - 1]} {turn.date.year}."
    yield f"Your aim: {turn.aim}"
    yield ""
    yield "What you know:"
    if turn.guarantor in knows.trust:
        yield f"- You trust your guarantor, {name(turn.guarantor)}, from 0 to 1: {share(knows.trust[turn.guarantor])}."
    others = {code: value for code, value in knows.trust.items() if code != turn.guarantor}
    if others:
        yield f"- Among the other members you trust most: {_most(others, name)}."
    if knows.threat:
        yield f"- You fear, from 0 to 1: {_most(knows.threat, name)}."
    apart = [f"{name(code)} {posture}" for code, posture in knows.postures.items() if posture != "loyal"]
    yield f"- Members that are not loyal: {', '.join(apart[:_STATES_NAMED]) or 'none'}."
    approve, leave = percent(knows.approval), percent(knows.exit_support)
    yield f"- Your public: {approve} approve of the alliance, {leave} would leave it."
    if knows.held:
        held = (f"{channel} {percent(part)} from {name(partner)}" for channel, (partner, part) in knows.held.items())
        yield f"- You depend on others: {', '.join(held)}."
    if knows.offers:
        yield f"- Protection on offer from outside, from 0 to 1: {_most(knows.offers, name)}."
    if knows.news:
        yield ""
        yield "Since your last turn:"
        yield from (f"- {_short(line)}" for line in knows.news[-_LINES_OF_NEWS:])
    yield ""
    yield _short(turn.question)
    if turn.figures:
        severity, coverage = (share(turn.figures[name]) for name in ("severity", "coverage"))
        yield f"From 0 to 1, it is {severity} grave, and you read the treaty as covering it {coverage} clearly."
    yield from (f"{number}. {option}: {turn.words[option]}" for number, option in enumerate(turn.options, start=1))
    yield ""
    yield "Answer with the number of one option, and nothing else."


def _most(values: Mapping[str, float], name: Callable[[str], str]) -> str:
    largest = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:_STATES_NAMED]
    return ", ".join(f"{name(code)} {share(value)}" for code, value in largest)


def _short(text: str) -> str:
    """Return a text in one line, cut off after some words, each of which is cut off too."""
    words = text.split()
    cut = " ".join(word[:40] for word in words[:_WORDS_OF_NOTE])
    return cut if len(words) <= _WORDS_OF_NOTE else f"{cut} ..."


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _read(tape: Path, held: TextIO | None = None) -> list[tuple[int, dict[str, Any]]]:
    lines = []
    number = 0
    try:
        whole = read_text(tape) if held is None else held.read()
        for number, text in enumerate(whole.split("\n"), start=1):
            if text:
                line = parse_json(text)
                raws = [answer["raw"] for answer in line["answers"]]
                if not {"prompt", "digest", "tries", "choice"} <= line.keys() or not raws:
                    raise ValueError
                if not all(raw is None or isinstance(raw, str) for raw in raws):
                    raise ValueError
                lines.append((number, line))
    except OSError as error:
        raise InputError(f"{tape}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{tape}:{number}: is not a line of a tape; allowed: what a text seat recorded") from None
    return lines
