"""Run the notebooks in ``examples/`` as a reader would.

``python -m tests.examples.notebooks`` writes their outputs anew.
"""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = tuple(sorted(EXAMPLES.glob("*.ipynb")))
QUIET = "ignore:IProgress"
"""What tqdm says where notebook widgets are not installed; nothing here needs them."""

LONGEST = 300
"""Seconds that a cell may take: the first run of all may have to compile the engine."""


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it lies there."""
    return nbformat.read(path, as_version=4)


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with the outputs of now; an error in a cell is an error."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": EXAMPLES}},
    )
    client.execute(env={**os.environ, "PYTHONWARNINGS": QUIET})
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


if __name__ == "__main__":
    for each in NOTEBOOKS:
        nbformat.write(executed(each), each)
