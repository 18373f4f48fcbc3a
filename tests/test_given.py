"""Whatever a user gives in place of a file is refused, and neither waited for nor read without an end."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.cases.reading import load_file
from sim.evidence.hindcast.draws import draws_of
from sim.evidence.registered.questions import read_questions
from sim.experiments.parameters.explanations import read_explanation
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.played import read_played
from sim.explorer import opening
from sim.explorer.library import Library
from sim.given import MOST_BYTES, read_bytes, read_text
from sim.interop.tables import check_kind
from sim.scenario import load
from sim.scenario.injects import with_injects
from sim.seats import text_seat

SMALL = Path(__file__).parent / "experiments" / "small.toml"

READERS: dict[str, Callable[[Path], object]] = {
    "scenario": load,
    "questions": read_questions,
    "injects": lambda path: with_injects(load(SMALL), path),
    "played run": read_played,
    "tape": text_seat._read,
    "explanation": read_explanation,
    "posterior": load_posterior,
    "draws": lambda path: draws_of(str(path), 3, 1),
    "saved page": opening._read,
    "cases": load_file,
    "table": lambda path: check_kind(path, "a table"),
}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """End a test that waits for a pipe."""

    def end(_number: int, _frame: object) -> None:
        raise AssertionError("the file was waited for")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.parquet")
    return tmp_path / "pipe.parquet"


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """Return a file of two thousand million zeros, which takes no room."""
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)
    return path


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_not_waited_for(pipe: Path, reader: str):
    with pytest.raises(InputError, match=r"pipe\.parquet: .*is a pipe, (and files are read|not a saved page)"):
        READERS[reader](pipe)


@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"posterior"}))
def test_a_file_of_two_gigabytes_is_not_read(sparse: Path, reader: str):
    with pytest.raises(InputError, match=r"sparse\.csv: .*(more than \d+ MB|too large|has 2000\.0 MB)"):
        READERS[reader](sparse)


def test_lines_of_a_table_may_end_in_any_way(tmp_path: Path):
    for ending in (b"\r", b"\n", b"\r\n"):
        path = tmp_path / "table.csv"
        path.write_bytes((b"a,b" + ending) * 400_000)
        check_kind(path, "a table")


def test_a_device_has_no_end():
    with pytest.raises(OSError, match="more than 67 MB"):
        read_bytes(Path("/dev/zero"))


def test_content_may_have_just_the_size_that_is_allowed(tmp_path: Path):
    path = tmp_path / "text.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\r\n")
    assert read_text(path) == "a,b\r\n"
    assert read_bytes(path, 8) == path.read_bytes()
    with pytest.raises(OSError, match="has more than"):
        read_bytes(path, 7)
    assert MOST_BYTES > 5_000_000


def test_the_library_of_the_explorer_names_what_it_cannot_read(tmp_path: Path):
    (tmp_path / "own.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.read_bytes().replace(b"\n", b"\r\n"))
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    entries = {entry.name: entry.title for entry in Library.beside(tmp_path / "own.toml").entries}
    assert entries["own"] == load(SMALL).title
    assert (entries["pipe"], entries["folder"]) == ("pipe", "folder")
