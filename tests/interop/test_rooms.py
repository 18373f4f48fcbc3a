"""The room stands where the architecture puts it: it uses what lies below, and nothing below uses it."""

import ast
from pathlib import Path

SIM = Path(__file__).parents[2] / "sim"
BELOW = ("scenario", "rules", "engine", "experiments", "output", "analysis", "evidence", "plots")
USED = {"checked", "errors", "given", "words", "scenario", "output", "interop", "model", "parameters", "world"}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim."):
            found.add(str(node.module).split(".")[1])
    return found


def test_interop_uses_only_what_lies_below() -> None:
    used = {room for path in (SIM / "interop").glob("*.py") for room in imported(path)}
    assert used <= USED
    assert {"scenario", "output"} <= used


def test_nothing_below_uses_interop() -> None:
    assert [path for room in BELOW for path in (SIM / room).glob("*.py") if "interop" in imported(path)] == []
