"""Every command, example and shown output of the pages is true."""

import re
from pathlib import Path

import pytest
import tomlkit
import yaml

from sim.mechanisms import MECHANISMS
from sim.reference import GENERATED, with_tables
from sim.version import __version__
from tests.docs.play import BLOCK, PAGES, ROOT, Play

README = ROOT / "README.md"
LONG = ("analysis", "playing", "report")
"""Pages whose outputs take long to make."""


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] if path.stem in LONG else []) for path in PAGES],
    ids=lambda path: path.stem,
)
def test_a_page_shows_what_happens(path: Path) -> None:
    page = path.read_text("utf-8")
    assert Play().page(page).splitlines() == page.splitlines(), "run: python -m tests.docs.play"


@pytest.mark.parametrize("name", GENERATED)
def test_the_generated_parts_are_current(name: str) -> None:
    page = (ROOT / "docs" / name).read_text("utf-8")
    assert with_tables(page, GENERATED[name]) == page, "run: make docs"


def test_the_list_of_mechanisms_is_whole() -> None:
    page = (ROOT / "docs" / "comparing.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in MECHANISMS)


def test_the_citation_names_what_is_packaged() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text("utf-8")).unwrap()["project"]
    assert (cited["version"], cited["license"]) == (__version__, project["license"])
    assert cited["keywords"] == project["keywords"]
    assert [author["name"] for author in cited["authors"]] == [author["name"] for author in project["authors"]]


@pytest.mark.parametrize(
    "path",
    [README, ROOT / "docs" / "tour.md", pytest.param(ROOT / "docs" / "sweeps.md", marks=pytest.mark.slow)],
    ids=lambda path: path.stem.lower(),
)
def test_the_blocks_of_a_page_run(path: Path) -> None:
    Play(replicates=2, shows=False).page(path.read_text("utf-8"))


def test_the_commands_that_the_readme_lists_run_one_after_the_other() -> None:
    listed = re.findall(r"`(csto-sim [^`]+)`", README.read_text("utf-8"))
    assert {line.split()[1] for line in listed} >= {"run", "compare", "explain", "sweep", "report", "new", "list"}
    lines = [line for line in listed if " explore " not in line and " audit " not in line]
    lines = [f"{line} --dry-run" if " sweep " in line else line for line in lines]
    Play(replicates=2, shows=False).page("```sh\n" + "\n".join(lines) + "\n```\n")


def test_the_readme_is_short() -> None:
    page = README.read_text("utf-8")
    assert len(page.splitlines()) <= 60
    assert max(len(line) for line in page.splitlines()) <= 100
    assert len(page.split()) < 450
    assert page.count("![") == 1


def test_the_tutorial_uses_each_command_of_the_everyday() -> None:
    page = PAGES[0].read_text("utf-8")
    called = "".join(body for language, body in BLOCK.findall(page) if language == "sh")
    assert [name for name in ("validate", "run", "plot", "compare", "sweep") if f"csto-sim {name} " not in called] == []
    assert "--set " in called


def test_a_false_output_is_put_right() -> None:
    page = "```sh\ncsto-sim --version\n```\n\n```text\nnonsense\n```\n\n```python\n>>> 1 + 1\n3\n```\n"
    played = Play().page(page)
    assert "nonsense" not in played
    assert "```text\ncsto-sim " in played
    assert ">>> 1 + 1\n2\n" in played


def test_a_command_that_fails_fails_the_page() -> None:
    with pytest.raises(AssertionError, match="ended with 2"):
        Play().page("```sh\ncsto-sim validate missing.toml\n```\n")
    Play().page("```sh\ncsto-sim validate missing.toml  # refused\n```\n")
    with pytest.raises(AssertionError, match="csto-sim only"):
        Play().page("```sh\nls\n```\n")
    Play().page("```sh\n# setup\nls\n```\n")
