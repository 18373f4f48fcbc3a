"""Reading of scenario files and of the files that they extend, as TOML tables without further checks."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.errors import quoted
from sim.given import MOST_DIGITS, PIPE, is_pipe
from sim.library import shipped_folder
from sim.scenario.locate import key_lines
from sim.scenario.problems import Finding, KeyPath, Problem, ScenarioError, closest, key_text, listed, show

MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 24
UNCHANGED_KEYS: Final = ("story", "claims")
"""What a file says of the scenario exactly as it stands there, and overrides remove."""

OWN_KEYS: Final = ("title", "description", *UNCHANGED_KEYS)
"""What a file says of itself, and no file that extends it inherits."""
Dated = tuple[str | None, str]
"""A branch, or None for the scenario itself, and an event; or a state and a date of its observed course."""
SHIPPED: Final = Path(__file__).resolve().parent.parent / "data"

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_LEADING_KEY = re.compile(r"""\s*+\[*+\s*+(?P<key>[\w."'-]++)""")
_MONTH = re.compile(r"=\s*+(?P<month>\d{4}-\d{1,2})\s*+(?:[,}\]#]|$)")
"""A month without quotes where a value stands: no TOML, and often meant for a date."""

_TEXT = re.compile(
    r"""
    "{3}(?:[^"\\]++|\\.|"(?!""))*+(?:"{3})?+    # of a text that is not closed, all that follows
    |'{3}(?:[^']++|'(?!''))*+(?:'{3})?+
    |"(?:[^"\\\n]++|\\.)*+"?+
    |'[^'\n]*+'?+
    |\#[^\n]*+
    """,
    re.DOTALL | re.VERBOSE,
)
_DEEP_KEY = re.compile(rf"(?<![\w-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){{{MAX_DEPTH}}}")
_DIGITS: Final = re.compile(rf"\d[\d_]{{{MOST_DIGITS}}}[\d_]*")
_HINTS: Final = (
    ("Invalid value", "text in quotes, a number such as 0.5, a date such as 2020-01-31, true or false"),
    ("Invalid date", "a date that exists, such as 2020-01-31"),
    ("Expected '='", "KEY = VALUE, or a header such as [events]"),
    ("Cannot overwrite", "each key once"),
    ("Duplicate", "each key once"),
    ("Cannot declare", "each table once"),
    ("Expected newline", "one KEY = VALUE a line"),
    ("Illegal character", "plain text"),
)


@dataclass(frozen=True)
class Source:
    """The content of one scenario file, or of the overrides.

    Attributes
    ----------
    label : str
        How messages name it.
    data : dict
        Its tables, as read.
    text : str
        The TOML text, empty for overrides.
    """

    label: str
    data: dict[str, Any]
    text: str = ""

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """The line of each key."""
        return key_lines(self.text)

    def depth_of(self, path: KeyPath) -> int:
        """Return how many leading parts of ``path`` this source contains."""
        held: Any = self.data
        for depth, part in enumerate(path):
            is_key = isinstance(held, dict) and part in held
            is_entry = isinstance(held, list) and isinstance(part, int) and part < len(held)
            if not is_key and not is_entry:
                return depth
            held = held[part]
        return len(path)


def gather(path: str | Path) -> tuple[tuple[Source, ...], list[Problem]]:
    """Read a file and all files that it extends, as far as they can be read, and return them with the problems.

    The most basic file comes first, each once and without inherited `OWN_KEYS`. Problems are files that cannot be read
    or are not TOML, and circles.
    """
    sources: dict[Path, Source] = {}
    problems: list[Problem] = []
    _visit(Path(path), str(path), (), sources, problems)
    *extended, own = sources.values() or [Source(str(path), {})]
    return (*(replace(source, data=_without_own_keys(source.data)) for source in extended), own), problems


def _without_own_keys(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in OWN_KEYS}


def place(finding: Finding, sources: tuple[Source, ...]) -> Problem:
    """Turn a finding into a problem that names the file and line responsible.

    The latest source that has most of the key is blamed; in a branch, its own tables come first.
    """
    path, note = finding.path, ""
    source, depth = _holder(path, sources)
    if finding.branch is not None:
        overlay = ("branches", finding.branch, *path)
        own, own_depth = _holder(overlay, sources)
        if own_depth > 2 and own_depth - 2 >= depth:
            source, depth, path = own, own_depth, overlay
        else:
            note = f" (in branch '{finding.branch}')"
    line = source.lines.get(path[:depth]) if source.text and depth else None
    return Problem(source.label, line, key_text(path), finding.problem + note, finding.allowed, finding.nearest)


def own_dates(sources: tuple[Source, ...]) -> frozenset[Dated]:
    """Return the events and observed moves whose date the file itself or an override sets, also in branches.

    Where an override moves the period, the dates of the file were written for another one and do not count.
    """
    over = [source for source in sources if not source.text]
    own = [source for source in sources if source.text][-1:]
    if any("start" in source.data or "end" in source.data for source in over):
        own = []
    dated: set[Dated] = set()
    for source in (*own, *over):
        dated |= {(None, name) for name in _dated(source.data)}
        dated |= {(code, day) for code, moves in _tables(source.data.get("observed")) for day in moves}
        for branch, table in _tables(source.data.get("branches")):
            dated |= {(branch, name) for name in _dated(table)}
    return frozenset(dated)


def _dated(table: dict[str, Any]) -> list[str]:
    return [name for name, event in _tables(table.get("events")) if "date" in event]


def _tables(held: Any) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(held, dict):
        return []
    return [(name, table) for name, table in held.items() if isinstance(table, dict)]


def _holder(path: KeyPath, sources: tuple[Source, ...]) -> tuple[Source, int]:
    best, most = sources[-1], sources[-1].depth_of(path)
    if not best.text and len(sources) > 1 and most == 0:
        best = sources[-2]
    for source in reversed(sources):
        depth = source.depth_of(path)
        if depth > most:
            best, most = source, depth
    return best, most


def _visit(
    path: Path, label: str, above: tuple[Path, ...], sources: dict[Path, Source], problems: list[Problem]
) -> None:
    try:
        source = read_source(path, label)
    except ScenarioError as refused:
        problems.extend(refused.problems)
        return
    here = path.resolve()
    for position, name in enumerate(extended(source.data)):
        try:
            base = _find(name, path)
        except LookupError as missing:
            problems.append(_extends_problem(source, position, *missing.args))
            continue
        if base.resolve() in (*above, here):
            chain = [*above, here, base.resolve()]
            circle = " -> ".join(step.name for step in chain[chain.index(base.resolve()) :])
            problems.append(_extends_problem(source, position, f"extends goes in a circle: {circle}"))
        elif len(above) == MAX_DEPTH:
            problems.append(
                _extends_problem(source, position, "too many files extend each other", f"{MAX_DEPTH} files")
            )
        elif base.resolve() not in sources:
            _visit(base, _label(base), (*above, here), sources, problems)
    sources[here] = source


def extended(data: Mapping[str, Any]) -> list[str]:
    """Return the entries of ``extends`` that are valid file names."""
    given = data.get("extends")
    names = given if isinstance(given, list) else [given]
    return [name for name in names if isinstance(name, str)]


def _find(name: str, path: Path) -> Path:
    try:
        return _found(name, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a file name"
        problem = f"the extended file {quoted(name)} cannot be read: {reason}"
        raise LookupError(problem, "a path relative to this file, or a shipped name") from None


def _found(name: str, path: Path) -> Path:
    if "/" not in name and "\\" not in name and not name.endswith(".toml"):
        shelves = (SHIPPED, shipped_folder())
        for shelf in shelves:
            if (shelf / f"{name}.toml").is_file():
                return shelf / f"{name}.toml"
        known = sorted(file.stem for shelf in shelves for file in shelf.glob("*.toml"))
        beside = path.parent / f"{name}.toml"
        nearest = f"{name}.toml" if beside.is_file() else closest(name, known)
        raise LookupError(f"no shipped scenario {quoted(name)}", f"{listed(known)}, or a path to a .toml file", nearest)
    base = path.parent / name
    if not base.exists():
        raise LookupError(
            f"the extended file {quoted(name)} does not exist",
            "a path relative to this file, or a shipped name",
            _neighbour(base),
        )
    return base


def _extends_problem(source: Source, position: int, problem: str, allowed: str = "", nearest: str = "") -> Problem:
    path: KeyPath = ("extends", position) if isinstance(source.data["extends"], list) else ("extends",)
    return Problem(source.label, source.lines.get(path), key_text(path), problem, allowed, nearest)


def _label(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path.resolve()) if relative.startswith("..") else relative


def _neighbour(path: Path) -> str:
    try:
        names = {file.stem: file.name for file in path.parent.glob("*.toml")}
        return names.get(closest(path.stem, names), "")
    except OSError:
        return ""


def read_source(path: Path, label: str) -> Source:
    """Read one file without the files that it extends.

    Raises
    ------
    ScenarioError
        If it cannot be read, is not TOML, or is empty.
    """
    text = _text(path, label)
    if nests_deeply(text):
        raise ScenarioError([Problem(label, None, "", "tables or lists are nested too deeply")])
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError([Problem(label, None, "", "tables or lists are nested too deeply")]) from None
    except ValueError as error:
        raise ScenarioError([_syntax_problem(label, text, str(error))]) from None
    if not data:
        raise ScenarioError([Problem(label, 1, "", "the file is empty", "a scenario; see docs/scenarios.md")])
    if _too_deep(data):
        raise ScenarioError([Problem(label, None, "", "tables or lists are nested too deeply")])
    return Source(label, data, text)


def is_sweep(data: Mapping[str, Any]) -> bool:
    """Return whether the tables of a file are those of a sweep, with a design or factors."""
    return not {"design", "factors"}.isdisjoint(data)


def nests_deeply(text: str) -> bool:
    """Return whether a TOML text has keys with very many dots.

    It takes time in proportion to the length of the text, which the parser of such a text does not.

    Examples
    --------
    >>> nests_deeply("a.b = 1"), nests_deeply("a." * 5000 + "a = 1"), nests_deeply("a = '" + "b." * 5000 + "'")
    (False, True, False)
    """
    return _DEEP_KEY.search(_TEXT.sub("s", text)) is not None


def _text(path: Path, label: str) -> str:
    def refuse(problem: str, allowed: str = "", nearest: str = "") -> ScenarioError:
        return ScenarioError([Problem(label, None, "", problem, allowed, nearest)])

    try:
        if path.is_dir():
            raise refuse("is a directory", "a scenario file (.toml)")
        if is_pipe(path):
            raise refuse(PIPE)
        if not path.exists():
            raise refuse("no such file", "", _neighbour(path))
        if not path.is_file():
            raise refuse("is not a regular file", "a scenario file (.toml)")
        if path.stat().st_size > MAX_BYTES:
            raise refuse(f"the file has {path.stat().st_size / 1e6:.1f} MB", f"at most {MAX_BYTES / 1e6:.0f} MB")
        raw = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise refuse("is not a file name") from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = Problem(label, line, "", "is not UTF-8 text", "a TOML text file in UTF-8")
        raise ScenarioError([problem]) from None


def _syntax_problem(label: str, text: str, message: str) -> Problem:
    at = _AT.search(message)
    lines = text.split("\n")
    if at is None:
        line, column = None, ""
    elif at["line"] is None:
        line, column = max(1, len(text.rstrip().split("\n"))), " at the end of the file"
    else:
        line, column = int(at["line"]), f" in column {at['column']}"
    reason = _AT.sub("", message)
    if "integer string conversion" in reason:
        return _long_number(label, text)
    leading = _LEADING_KEY.match(lines[line - 1]) if line is not None else None
    key = leading["key"] if leading is not None else ""
    month = _MONTH.search(lines[line - 1]) if line is not None else None
    if month is not None:
        problem = f"{month['month']} is a month, not a day"
        return Problem(label, line, key[:80], problem, f"a day such as {month['month']}-01")
    allowed = next((hint for start, hint in _HINTS if reason.startswith(start)), "")
    return Problem(label, line, key[:80], f"not valid TOML: {reason}{column}", allowed)


def _long_number(label: str, text: str) -> Problem:
    number = _DIGITS.search(text)
    if number is None:
        return Problem(label, None, "", "a number has too many digits")
    line = text.count("\n", 0, number.start()) + 1
    leading = _LEADING_KEY.match(text.split("\n")[line - 1])
    problem = f"{show(Decimal(number[0]))} has too many digits"
    return Problem(label, line, leading["key"][:80] if leading else "", problem, f"{MOST_DIGITS} digits at most")


def _too_deep(data: dict[str, Any]) -> bool:
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for held in level
            for child in (held.values() if isinstance(held, dict) else held)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
