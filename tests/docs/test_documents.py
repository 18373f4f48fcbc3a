"""Every command, example and shown output of the pages is true."""

from pathlib import Path

import pytest

from sim.mechanisms import MECHANISMS
from sim.reference import GENERATED, with_tables
from tests.docs.play import BLOCK, PAGES, ROOT, Play

README = ROOT / "README.md"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
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


def test_the_blocks_of_the_readme_run() -> None:
    Play(replicates=2, shows=False).page(README.read_text("utf-8"))


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
