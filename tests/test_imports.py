"""The structure of the package: no circles, no imports by string, one class a name, names that say what they hold."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).parents[1] / "sim"
FACADES = ("sim", "sim.analysis", "sim.result", "sim.cli.")
"""Modules above all others, whose imports inside functions reach down only when they are called; with a dot, rooms."""


def module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def is_facade(name: str) -> bool:
    return name in FACADES or any(name.startswith(room) for room in FACADES if room.endswith("."))


def imports(node: ast.AST, *, inside: bool) -> Iterator[str]:
    """Give what is imported, of blocks for type checkers nothing, and inside functions only if ``inside``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not inside:
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            names = [f"{child.module}.{alias.name}" for alias in child.names]
            yield from (name if name in TREES else str(child.module) for name in names)
        yield from imports(child, inside=inside)


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    graph = nx.DiGraph(edges)
    return [sorted(found) for found in nx.strongly_connected_components(graph) if len(found) > 2]


def test_no_more_than_two_files_import_each_other_in_a_circle() -> None:
    edges = {
        name: {found for found in imports(tree, inside=not is_facade(name)) if found in TREES}
        for name, tree in TREES.items()
    }
    assert edges["sim.experiments.sweep"] >= {"sim.output.sweeps", "sim.experiments.executors"}
    assert "sim.engine.ensemble" in edges["sim.experiments.keeping"]  # inside a function
    assert circles(edges) == []
    edges["sim.output.result"].add("sim.report.making")
    assert len(circles(edges)[0]) > 20  # what a result that imports its own report would bring back


def test_one_module_runs_the_batches_of_experiments() -> None:
    pools = ("concurrent.futures", "multiprocessing", "distributed", "threading")
    users = {
        name
        for name, tree in TREES.items()
        if name.startswith("sim.experiments.") and set(imports(tree, inside=True)) & set(pools)
    }
    assert users == {"sim.experiments.executors"}
    runs = ("make_runner", "MesaRunner", "CompiledRunner")
    called = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in runs
    }
    assert called == {"sim.experiments.executors"}


DISCOVERY = ("sim.model.event_registry", "sim.model.variables")
"""Modules that import what pkgutil finds: every event kind, and every file of rules."""


@pytest.mark.parametrize("name", sorted(set(TREES) - set(DISCOVERY)))
def test_nothing_is_imported_by_a_string(name: str) -> None:
    words = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(TREES[name])}
    assert not words & {"import_module", "__import__"}


def test_a_class_name_stands_for_one_class() -> None:
    homes: dict[str, list[str]] = {}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(name)
    assert {kind: where for kind, where in homes.items() if len(where) > 1} == {}


VAGUE = frozenset({"found", "place", "one", "each", "told", "kept"})
"""Names that fit any value; an argument or a local is named for what it holds."""
MOST_VAGUE = 0.0007
"""Largest share of such names among all arguments and locals; what is left are mostly places on a map."""


def names_in_functions(tree: ast.Module) -> list[str]:
    """Return the arguments and locals of each function, each name once a function."""
    names: list[str] = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            own = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
            own |= {
                node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            names += own
    return names


def test_names_say_what_they_hold() -> None:
    names = [name for tree in TREES.values() for name in names_in_functions(tree)]
    vague = Counter(name for name in names if name in VAGUE)
    assert vague.total() <= MOST_VAGUE * len(names), dict(vague)


def test_a_vague_argument_and_a_vague_local_are_counted() -> None:
    tree = ast.parse("def f(found, *, each):\n    return [place for place in found if place != each]\n")
    assert sorted(names_in_functions(tree)) == ["each", "found", "place"]
