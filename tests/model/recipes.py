"""The recipes of docs/extending.md, carried out in a copy of the tree with the lines that the page shows."""

import re
from pathlib import Path
from typing import Final

from tests.model.kinds import EXERCISE, PAGE
from tests.model.trees import replaced

BLOCKS: Final = re.findall(r"^```(?:py|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
FIELDS_END: Final = "\n    # fmt: on\n"
ROWS_END: Final = "# fmt: on\n"
TERMS_END: Final = "\n\n@declare_terms\nclass StepTerms"
VALUES_END: Final = "        emulation=p.ladder_emulation * emulation(world, p, state, treaty),\n"


def shown(mark: str) -> str:
    """Return the one block of the page that holds a text."""
    (block,) = [block for block in BLOCKS if mark in block]
    return block


def inserted(path: Path, place: str, text: str) -> None:
    """Write a text before a place that a file holds once."""
    replaced(path, place, f"{text}{place}")


def add_event_kind(tree: Path) -> None:
    """Add the event kind ``exercise``: one file."""
    (tree / "sim/model/events/exercise.py").write_text(EXERCISE, "utf-8")


def add_variable(tree: Path) -> None:
    """Add the variable ``grievance``: one file."""
    inserted(tree / "sim/model/world.py", FIELDS_END, f"\n{shown('grievance: Annotated')}".rstrip())


def add_parameter(tree: Path) -> None:
    """Add the parameter ``grievance_half_life``: one file."""
    inserted(tree / "sim/model/parameters.py", ROWS_END, shown("grievance_half_life: Annotated"))


def add_term(tree: Path, *, value: bool = True) -> None:
    """Add the term ``neglect`` of pressure: two files; without its value, half of one."""
    rules = tree / "sim/rules/posture.py"
    inserted(tree / "sim/model/parameters.py", ROWS_END, shown("ladder_neglect: Annotated"))
    _, made, written = shown("def neglect(").partition("@rule")
    inserted(rules, "# fmt: off\n@declare_terms\nclass PressureTerms", f"{made}{written}\n\n")
    inserted(rules, TERMS_END, f"\n{shown('neglect: Annotated[float, Term')}".rstrip())
    if value:
        inserted(rules, VALUES_END, shown("neglect=p.ladder_neglect"))


def add_mechanism(tree: Path) -> None:
    """Add the mechanism ``momentum``, which has state: three files."""
    rules = tree / "sim/rules/posture.py"
    inserted(tree / "sim/model/parameters.py", ROWS_END, shown("ladder_momentum: Annotated"))
    inserted(tree / "sim/model/world.py", FIELDS_END, f"\n{shown('momentum: Annotated[Floats')}".rstrip())
    inserted(rules, TERMS_END, f"\n{shown('momentum: Annotated[float, Term')}".rstrip())
    inserted(rules, VALUES_END, shown("momentum=p.ladder_momentum"))
    stepped = "    if LOYAL <= world.posture[state, treaty] < rung:\n"
    replaced(rules, stepped, f"{stepped}{shown('world.momentum[state, treaty] = 1.0')}")


def add_figure(tree: Path) -> None:
    """Add the figure ``approval``: two files, one of them by its import and one line."""
    gallery = tree / "sim/plots/gallery.py"
    (tree / "sim/plots/approval.py").write_text(shown("def approval("), "utf-8")
    inserted(gallery, "from sim.plots.branches import", "from sim.plots.approval import approval\n")
    inserted(gallery, "\n\nclass SweepFigures", shown("approval = FigureKind(approval)"))
