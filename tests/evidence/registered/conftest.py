import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sim.evidence.registered.making import Content, inputs_of, with_chances
from sim.evidence.registered.questions import CheckedQuestions, read_questions
from tests.experiments.conftest import SMALL

QUESTIONS = Path(__file__).with_name("small-questions.toml")
MADE_ON = date(2026, 11, 25)

Change = Callable[[str, str], Path]


def copy_questions(folder: Path) -> Path:
    """Put the small file of questions, and the scenario that it asks about, into a folder."""
    shutil.copy(SMALL, folder / "small.toml")
    return Path(shutil.copy(QUESTIONS, folder / "questions.toml"))


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Return a function that replaces a text, found once in the small file of questions, by another."""

    def replace(old: str, new: str) -> Path:
        path = copy_questions(tmp_path)
        text = path.read_text("utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), "utf-8")
        return path

    return replace


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> CheckedQuestions:
    return read_questions(copy_questions(tmp_path_factory.mktemp("questions")))


@pytest.fixture(scope="session")
def content(asked: CheckedQuestions) -> Content:
    """Return a whole forecast for the small file of questions."""
    return with_chances(asked, inputs_of(asked, MADE_ON), workers=1, engine="mesa")
