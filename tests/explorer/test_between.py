"""The trust matrix leaves the cells of states empty that never owe help."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.explorer.page.between import Between
from sim.explorer.page.palette import LIGHT
from sim.explorer.story import Story
from sim.explorer.views import view_of
from tests.explorer.conftest import SMALL


@pytest.fixture
def owing_story(tmp_path: Path) -> Story:
    path = tmp_path / "small.toml"
    path.write_text(SMALL.read_text().replace('guarantor = "AAA"', 'guarantor = "AAA"\nobligors = ["AAA"]'))
    return Story(path)


def test_states_that_owe_nothing_have_empty_cells(owing_story: Story) -> None:
    program = owing_story.program(owing_story.first_choices())
    assert isinstance(program, Program)
    view = view_of(owing_story, [program.run(1, np.arange(4))])
    matrix = Between(owing_story, LIGHT)
    matrix.show(SimpleNamespace(story=owing_story, view=view, place=5, month="May 2021"))
    names = zip(matrix.source.data["one"], matrix.source.data["other"], strict=True)
    texts = dict(zip(names, matrix.source.data["text"], strict=True))
    assert texts["Bria", "Cora"] == texts["Alda", "Bria"] == ""
    assert 0 < float(texts["Bria", "Alda"]) < 1
    trust = matrix.source.data["trust"]
    assert [math.isnan(value) for value in trust] == [text == "" for text in matrix.source.data["text"]]
