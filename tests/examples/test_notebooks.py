"""The notebooks run from top to bottom, and what they show is true."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.examples.notebooks import EXAMPLES, NOTEBOOKS, executed, read

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def shown(notebook: nbformat.NotebookNode) -> list[list[tuple[str, str]]]:
    """Return the texts of each cell's outputs; figures count by their kind."""
    found = []
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                outputs.append((output.name, output.text))
            else:
                texts = {kind: "" if kind.startswith("image/") else text for kind, text in output.data.items()}
                outputs += [(kind, ADDRESS.sub("", text)) for kind, text in sorted(texts.items())]
        found.append(outputs)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_happens(path: Path) -> None:
    assert shown(executed(path)) == shown(read(path)), "run: python -m tests.examples.notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_quiet_and_draws(path: Path) -> None:
    notebook = read(path)
    kinds = {kind for outputs in shown(notebook) for kind, _ in outputs}
    assert "image/png" in kinds
    assert "stderr" not in kinds
    assert path.stat().st_size < 500_000
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == list(
        range(1, 1 + sum(cell.cell_type == "code" for cell in notebook.cells))
    )


def test_there_are_three() -> None:
    assert [path.name for path in NOTEBOOKS] == ["first-scenario.ipynb", "own-agent.ipynb", "sweep-to-heat-map.ipynb"]
    assert EXAMPLES.is_dir()
