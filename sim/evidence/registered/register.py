"""Register of forecasts: one file each, sealed with its digest, and an append-only list."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.evidence.cells import CellError, text
from sim.evidence.registered.making import FORMAT, Content
from sim.evidence.tables import read_table
from sim.output.manifest import full_digest
from sim.output.staging import staged_file

FORECASTS: Final = Path("forecasts")
"""Where forecasts lie unless told otherwise."""

QUESTIONS: Final = FORECASTS / "questions.toml"
REGISTER: Final = "register.csv"
HEADS: Final = ("date", "file", "sha256")
SEAL: Final = "sha256"

WORDING: Final = ("question", "expression", "options", "resolution", "resolves_on")
"""What an id stands for; a question that is worded otherwise needs an id of its own."""


@dataclass(frozen=True)
class Registered:
    """Registered forecast whose file is complete and unchanged."""

    file: str
    made_on: date
    content: Content

    @property
    def questions(self) -> Mapping[str, Content]:
        """Questions of the forecast by id, with their probabilities."""
        questions: Mapping[str, Content] = self.content["questions"]
        return questions


def seal(content: Content) -> Content:
    """Return a forecast sealed with the SHA-256 of all other content."""
    rest = {key: value for key, value in content.items() if key != SEAL}
    return {**rest, SEAL: full_digest(rest)}


def read_register(folder: Path) -> tuple[Registered, ...]:
    """Return every registered forecast of a folder in the order of the register.

    Raises
    ------
    InputError
        If the register cannot be read, or a forecast is gone or was changed since it was registered.
    """
    path = folder / REGISTER
    if not path.is_file():
        return ()
    rows, problems = read_table(path, {"date": day, "file": text, "sha256": text})
    if problems:
        raise InputError(
            "\n".join(f"{folder / problem.file}{str(problem).removeprefix(problem.file)}" for problem in problems)
        )
    twice = {row["file"] for row in rows if [other["file"] for other in rows].count(row["file"]) > 1}
    if twice:
        raise InputError(
            f"{path}: '{min(twice)}' stands there twice; lines are only added, and each file is registered once"
        )
    return tuple(_unchanged(folder, row) for row in rows)


def day(cell: str) -> date:
    """Return a date, or raise an error if it does not exist."""
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise CellError(f"'{cell}' is no date", "a day such as 2027-12-31") from None


def _unchanged(folder: Path, row: Mapping[str, Any]) -> Registered:
    path = folder / row["file"]
    where = f"{path}: registered on {row['date']}"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{where}, is gone; put the file back as it was") from None
    except ValueError:
        raise InputError(f"{where}, cannot be read any more; put the file back as it was") from None
    whole = isinstance(content, dict) and content == seal(content) and content[SEAL] == row["sha256"]
    if not whole or content.get("made_on") != row["date"].isoformat():
        raise InputError(
            f"{where}, was changed since: it does not have the digest {row['sha256']}; put it back as it was"
        )
    if content.get("format") != FORMAT:
        raise InputError(f"{where}, has a format that this version does not know; allowed: {FORMAT}")
    return Registered(row["file"], row["date"], content)


def check_new(target: Path, inputs: Content) -> None:
    """Refuse, before any run, a forecast that could not be registered.

    Parameters
    ----------
    target : Path
        File to write; the register lies beside it.
    inputs : dict
        From `sim.evidence.registered.making.inputs_of`.

    Raises
    ------
    InputError
        If the file exists, the same was registered before, or an id stands for another question already.
    """
    if target.suffix != ".json" or target.name.startswith("."):
        raise InputError(f"{target}: is no name for a forecast; allowed: a name that ends with .json")
    if target.exists() or target.is_symlink():
        raise InputError(f"{target}: exists; a registered forecast is never written over, give another --out")
    above = next(folder for folder in target.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise InputError(f"{target}: nothing can be written in {above}")
    for name, question in inputs["questions"].items():
        if question["resolves_on"] <= inputs["made_on"]:
            raise InputError(
                f"question '{name}': resolves on {question['resolves_on']}; allowed: days after {inputs['made_on']}"
            )
    for other in read_register(target.parent):
        if other.file == target.name:
            raise InputError(f"{target}: is in the register already; give another --out")
        if _asks_the_same(inputs, other.content):
            raise InputError(
                f"the same was registered on {other.made_on} as {target.parent / other.file}; nothing new to register"
            )
        for name in inputs["questions"].keys() & other.questions.keys():
            before, now = other.questions[name], inputs["questions"][name]
            if any(before[key] != now[key] for key in WORDING):
                raise InputError(
                    f"question '{name}': was registered on {other.made_on} in other words; give it an id of its own"
                )


def _asks_the_same(inputs: Content, content: Content) -> bool:
    """Return whether a registered forecast has identical inputs, apart from its date."""
    same = all(content[key] == value for key, value in inputs.items() if key not in ("made_on", "questions"))
    if not same or content["questions"].keys() != inputs["questions"].keys():
        return False
    return all(
        content["questions"][name][key] == value
        for name, question in inputs["questions"].items()
        for key, value in question.items()
    )


def register(content: Content, target: Path) -> Content:
    """Write a forecast and add it to the register; both or neither.

    Returns
    -------
    dict
        The forecast as it was written, sealed.
    """
    sealed = seal(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(target) as hidden:
        text = json.dumps(sealed, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        hidden.write_text(text, encoding="utf-8", newline="\n")
    try:
        _add_line(target.parent / REGISTER, (sealed["made_on"], target.name, sealed[SEAL]))
    except BaseException:
        target.unlink()
        raise
    return sealed


def _add_line(path: Path, cells: tuple[str, ...]) -> None:
    head = "" if path.exists() else ",".join(HEADS) + "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(head + ",".join(cells) + "\n")
