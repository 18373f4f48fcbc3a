"""Tables as they are printed: at any width, on a terminal and in a pipe, no figure and no name is broken or lost."""

import fcntl
import io
import json
import os
import re
import struct
import sys
import termios
import threading
from collections.abc import Iterator

import pytest

from sim.cli import tables
from sim.cli.console import plain, put, put_json
from sim.cli.main import main
from sim.cli.tables import laid_out, show
from sim.output import formatting
from tests.cli.conftest import Command

WIDTHS = (60, 80, 100, 200)
LONG = "first(ARM.posture >= freeze) <= 2024-12"
FOLDER = "results/kyrgyz-tajik-2022/20261130-094751-001d1fa8"
RUN = ("--replicates", "2", "--engine", "compiled", "--workers", "1", "--no-plot")
LISTS = ("scenarios", "sweeps", "results", "parameters", "metrics", "events", "record", "posteriors", "explanations",
         "cases", "alliances")  # fmt: skip
Table = tuple[tuple[str, ...], tuple[tuple[str, ...], ...], str, int]


def words_of(table: Table) -> Iterator[str]:
    """Give every word and figure of a table's heads and cells."""
    heads, rows, _, _ = table
    for row in (heads, *rows):
        for cell in row:
            yield from cell.replace(" %", "%").split()


def missing(table: Table, text: str) -> set[str]:
    """Return the words and figures of a table that are whole nowhere in a text."""
    held = set(re.split(r"[ \n]+", text.replace(" %", "%")))
    return {word for word in words_of(table) if word and not {word, f"{word}:"} & held}


class Terminal:
    """A terminal of some columns in place of standard output; what is written to it is read from the other side."""

    def __init__(self, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
        reader, writer = os.openpty()
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._parts: list[bytes] = []
        self._reader = reader
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self._out = io.TextIOWrapper(os.fdopen(writer, "wb", buffering=0), encoding="utf-8", write_through=True)
        monkeypatch.delenv("COLUMNS", raising=False)
        monkeypatch.setattr(sys, "stdout", self._out)

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._reader, 65536)
            except OSError:  # the writer has gone
                return
            if not part:
                return
            self._parts.append(part)

    def text(self) -> str:
        """Close the terminal and return what it showed, without the signs that make letters bold."""
        self._out.close()
        self._thread.join(10)
        os.close(self._reader)
        text = b"".join(self._parts).decode("utf-8").replace("\r\n", "\n")
        return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Table]]:
    """Return every table that the quick commands print, by the command."""
    found: dict[str, list[Table]] = {}
    folder = tmp_path_factory.mktemp("printed")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        calls: list[Table] = []
        patch.setattr(tables, "show", lambda heads, rows, title="", left=1: calls.append(
            (tuple(heads), tuple(map(tuple, rows)), title, left)))  # fmt: skip
        patch.setattr(sys, "stdout", io.StringIO())
        metrics = ("--metric", LONG, "--metric", "ARM.trust[RUS]@2024-12")
        vary = ("--vary", "events.ukraine-war.value=0.1,0.9", "--vary", "parameters.memory_half_life=24,60")
        for arguments in (
            ("run", "first-steps", *RUN, *metrics, "--tables"),
            ("compare", "first-steps", "--from", "as-happened", "--to", "russia-sends-forces-2022", "--no-plot"),
            ("sweep", "first-steps", *vary, *metrics, *RUN),
            ("blocs", "first-steps"),
            *(("list", what, *(["--all"] if what == "parameters" else [])) for what in LISTS),
        ):
            calls.clear()
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            assert not ended.value.code, arguments
            found[" ".join(arguments)] = [*calls]
    return found


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_table_is_whole_on_a_terminal(printed: dict[str, list[Table]], columns: int, monkeypatch):
    for name, shown in printed.items():
        assert shown, name
        for table in shown:
            terminal = Terminal(columns, monkeypatch)
            show(*table)
            text = terminal.text()
            assert missing(table, text) == set(), f"{name}, {columns} columns:\n{text}"
            longest = max((len(word) for word in words_of(table)), default=0)
            assert max(map(len, text.splitlines())) <= max(columns, longest + 2), f"{name}, {columns} columns:\n{text}"


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_long_sentence_is_broken_between_words_on_a_terminal_and_what_is_copied_is_not(columns: int, monkeypatch):
    sentence = "  - " + " ".join(["Armenia froze its part in 58 % of the runs;"] * 8)
    terminal = Terminal(columns, monkeypatch)
    put(sentence)
    lines = terminal.text().splitlines()
    assert " ".join(line.strip() for line in lines) == sentence.strip()
    assert all(line.startswith("  ") and len(line) <= columns for line in lines)
    assert not any(line.endswith("58") for line in lines)
    terminal = Terminal(columns, monkeypatch)
    put(f"Next: {sentence}", whole=True)
    assert terminal.text() == f"Next: {sentence}\n"
    terminal = Terminal(columns, monkeypatch)
    put_json({"said": sentence})
    text = terminal.text()
    assert json.loads(text) == {"said": sentence}
    assert text.count("\n") == 3


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
@pytest.mark.parametrize("columns", [None, *WIDTHS])
def test_every_table_is_whole_in_a_pipe(
    printed: dict[str, list[Table]], columns: int | None, encoding: str, monkeypatch
):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    for name, shown in printed.items():
        for table in shown:
            raw = io.BytesIO()
            monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="csto-sim"))
            show(*table)
            sys.stdout.flush()
            text = raw.getvalue().decode(encoding)
            assert missing(in_ascii(table), plain(text)) == set(), f"{name}:\n{text}"


def in_ascii(table: Table) -> Table:
    """Return a table in ASCII."""
    heads, rows, title, left = table
    return tuple(map(plain, heads)), tuple(tuple(map(plain, row)) for row in rows), title, left


def numbers_in(value: object) -> Iterator[float]:
    """Give every number of what a command prints as JSON."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def is_shown(number: float, text: str) -> bool:
    """Return whether a number is in a text, as it is, rounded to four digits, or as commands round what they tell."""
    forms = {f"{number:.4g}", f"{number:g}", str(number), f"{number:.0f}" if number.is_integer() else str(number)}
    size = abs(number)
    forms |= {formatting.shown(100 * size), formatting.shown(size, 1), formatting.shown(size, 2)}
    forms.add(formatting.signed_digits(number, 1))
    return any(re.search(rf"(?<![\d.]){re.escape(form)}(?![\d.])", text) for form in forms)


def test_every_number_of_json_is_in_the_table_of_a_comparison(command: Command, monkeypatch):
    few = ("--replicates", "3", "--engine", "mesa", "--workers", "1", "--no-plot")
    assert command("run", "small.toml", *few, "--out", "mine").code == 0
    metrics = ("BBB.posture@2021-12 >= voice", "BBB.trust[AAA]@end", "CCC.trust[AAA]@end", "CCC.posture@end")
    wanted = [word for metric in metrics for word in ("--metric", metric)]
    asked = ("compare", "mine", "--from", "as-it-was", "--to", "help-comes", "--no-plot", *wanted)
    numbers = [*numbers_in(json.loads(command(*asked, "--json").out))]
    assert len(numbers) > 10
    for columns in WIDTHS:
        with monkeypatch.context() as patch:
            terminal = Terminal(columns, patch)
            with pytest.raises(SystemExit):
                main(asked)
        text = terminal.text()
        assert [number for number in numbers if not is_shown(number, text)] == [], text
        assert "Result: mine/comparisons/as-it-was-to-help-comes\n" in text


@pytest.mark.parametrize("what", ["parameters", "posteriors", "explanations", "alliances"])
def test_every_number_of_json_is_in_the_list(command: Command, what: str, monkeypatch):
    found = json.loads(command("list", what, "--json").out)
    for columns in WIDTHS[:2]:
        with monkeypatch.context() as patch:
            terminal = Terminal(columns, patch)
            with pytest.raises(SystemExit):
                main(["list", what])
        text = terminal.text()
        assert [number for number in numbers_in(found) if not is_shown(number, text)] == [], text


def test_parts_repeat_the_first_columns_and_lists_are_for_what_has_no_room():
    rows = [("ARM", "0.31 (0.20-0.42)", "12 (9-15)", "7"), ("KAZ", "0.72 (0.70-0.75)", "1 (0-2)", "0")]
    heads = ("", "end (90 %)", "freeze", "out")
    assert list(laid_out(heads, rows, 1, 32)) == [
        "           end (90 %)     freeze",
        "────────────────────────────────",
        "ARM  0.31 (0.20-0.42)  12 (9-15)",
        "KAZ  0.72 (0.70-0.75)    1 (0-2)",
        "",
        "     out",
        "────────",
        "ARM    7",
        "KAZ    0",
    ]
    listed = list(laid_out(("folder", "what"), [(FOLDER, "a result of many words")], 2, 40))
    assert listed == ["folder:", f"  {FOLDER}", "what: a result of many words"]
    assert list(laid_out(("folder", "runs"), [(FOLDER, "7")], 1, None))[-1] == f"{FOLDER}     7"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_pipes_in_any_encoding_get_numbers_and_json(command: Command, encoding: str, monkeypatch):
    for arguments in (("list", "alliances", "--json"), ("list", "events"), ("blocs", "first-steps")):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=encoding)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            assert not ended.value.code
        out.flush()
        text = raw.getvalue().decode(encoding)
        told = command(*arguments).out
        assert plain(text) == plain(told)
        if "--json" in arguments:
            assert json.loads(text) == json.loads(told)
