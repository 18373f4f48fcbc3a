"""What prints a report, and what is refused where nothing does."""

import sys
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.report import printing, word
from sim.report.making import make_report
from sim.result import Result


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither a browser nor the extras."""
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    monkeypatch.setattr(printing, "_usual_places", lambda: iter(()))
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setitem(sys.modules, "docx", None)


def test_the_first_browser_on_the_path_is_taken(monkeypatch: pytest.MonkeyPatch):
    there = {"google-chrome": "/bin/google-chrome", "msedge": "/bin/msedge"}
    monkeypatch.setattr(printing.shutil, "which", there.get)
    assert printing.find_browser() == Path("/bin/google-chrome")


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("darwin", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("darwin", "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
        ("win32", "Microsoft/Edge/Application/msedge.exe"),
    ],
)
def test_browsers_are_found_where_they_are_installed(
    platform: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    monkeypatch.setattr(printing.sys, "platform", platform)
    monkeypatch.setattr(printing.Path, "home", lambda: tmp_path)
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert printing.find_browser() is None
    program = tmp_path / place
    program.parent.mkdir(parents=True)
    program.touch()
    assert printing.find_browser() == program


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("name", "said"), [("brief.pdf", printing.LACKING), ("brief.docx", word.LACKING)])
def test_a_machine_that_cannot_make_it_says_so_before_any_work(
    small: Result, name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = make_report(small)
    monkeypatch.setattr("sim.report.making.content", None)  # which would be the work
    with pytest.raises(InputError) as refused:
        made.save(tmp_path / name)
    assert str(refused.value) == said
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_does_not_print_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "find_browser", lambda: Path(sys.executable))
    with pytest.raises(InputError, match="did not print the report"):
        printing.find_printer()("<p>")


def test_the_word_document_has_the_first_pages_with_real_tables(small: Result, tmp_path: Path):
    docx = pytest.importorskip("docx")
    made = make_report(small, author="A. Nalyst")
    document = docx.Document(made.save(tmp_path / "brief.docx"))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert all(sentence in said for sentence in made.sentences[:2])
    assert made.content.citation in said
    assert len(document.tables) == 1
    assert len(document.inline_shapes) == 1
    assert "The numbers" not in said
