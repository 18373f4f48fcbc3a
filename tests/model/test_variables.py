"""A variable costs one file, reads right wherever it is entered, and is refused whole if it is half there."""

import ast
import csv
import json
import random

import pytest

from tests.model.trees import command, copied, printed, ran, replaced

GRIEVANCE = (
    '    grievance: Annotated[Floats, Variable(\n'
    '        "N", "grievance of a state, fading", "0..1", start=0.5, half_life="pressure_half_life")]\n'
)  # fmt: skip
HALF_LIFE = (
    '    grievance_half_life: Annotated[float, Spec(\n'
    '        "H_g", "months", 1, 60, "LN(2, 0.5)", "publics", "half-life of a grievance")] = 2.0\n'
)  # fmt: skip
DISCONTENT = '''

@computed("discontent", "NK", "pressure above what loyalty bears", "logit", worse=1)
def discontent(world: World, state: int, treaty: int) -> float:
    """Return how far a member's pressure lies above zero."""
    return float(max(0.0, world.pressure[state, treaty]))
'''
PLACES = {
    "first": ("    months: Annotated[float", "{new}    months: Annotated[float"),
    "beside the others": ("    protest: Annotated[Floats", "{new}    protest: Annotated[Floats"),
    "last": ("\n    # fmt: on\n", "{new}\n    # fmt: on\n"),
}
SCENARIO = """
title = "Grievances"
extends = "scenarios/first-steps.toml"
metrics = ["ARM.grievance@2021-07", "ARM.overstretch@2021-02", "ARM.overstretch@end", "first(ARM.grievance < 0.1)"]
[events]
aggrieved = { date = 2021-02-10, kind = "overstretch", state = "ARM", value = 0.25, only_if = "ARM.grievance > 0.3" }
late = { date = 2022-02-10, kind = "overstretch", state = "ARM", value = 0.75, only_if = "ARM.grievance > 0.3" }
"""

READ = """
import hashlib, json
import numpy as np
import sim
from sim.engine.ensemble import Program
from sim.engine.kernel import run_rows
from sim.engine.memory import arena
from sim.engine.model import EngineModel
from sim.engine.scratch import make_scratch
from sim.engine.setup import prepare
from sim.experiments.keeping import all_paths
from sim.experiments.metrics import series
from sim.model.variables import RUNG_VARIABLES

setup = prepare(sim.load("scenarios/first-steps.toml"), "as-happened")
paths = list(all_paths(setup))
trajectory = EngineModel(setup, seed=7, collect=False).run()
mesa = {path.text: series(trajectory, path) for path in paths}

program = Program(setup, paths)
world, memory = arena(setup.first)
scratch = make_scratch(*setup.first.posture.shape, 64, log=0)
values = np.full((1, program.script.ticks + 1, len(paths)), np.nan)
if COMPILED:
    values = program.run(7, np.zeros(1, dtype=np.int64)).values
else:
    run_rows(
        world, setup.parameters, program.script, scratch, memory, memory.view(np.float64), program.first,
        np.uint64(7), np.zeros(1, dtype=np.uint64), program.parameters[None], values,
        np.zeros(1, dtype=np.int64), np.zeros((1, 0)), 0, 1,
    )
for column, path in enumerate(paths):
    found = values[0, :, column]
    if path.variable in RUNG_VARIABLES:
        found = np.where(found < 0, np.nan, found)
    np.testing.assert_allclose(found, mesa[path.text], rtol=0, atol=1e-9, equal_nan=True, err_msg=path.text)
print(json.dumps({name: hashlib.sha256(found.tobytes()).hexdigest() for name, found in sorted(mesa.items())}))
print(json.dumps([round(mesa["ARM.grievance"][6], 9), program.script.watched] if "ARM.grievance" in mesa else []))
"""


def read(tree, compiled=False, **environment):
    """Run both engines on a scenario, hold them to each other, and return digests by path, and what else is printed.

    Unless ``compiled``, the stages of the compiled engine run as plain Python.
    """
    digests, more = printed(tree, "-c", f"COMPILED = {compiled}\n{READ}", **environment).splitlines()
    return json.loads(digests), more


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the digests of the package as it is."""
    return read(copied(tmp_path_factory.mktemp("plain")))[0]


def enter(tree, place="beside the others"):
    old, new = PLACES[place]
    replaced(tree / "sim/model/world.py", old, new.format(new=GRIEVANCE))


@pytest.mark.parametrize("place", PLACES)
def test_a_new_variable_reads_its_own_value_and_moves_no_other(tmp_path, plain, place):
    tree = copied(tmp_path)
    enter(tree, place)
    digests, more = read(tree)
    assert {name: digest for name, digest in digests.items() if ".grievance" not in name} == plain
    assert more == "[0.25, true]"


def test_the_order_of_declaration_means_nothing(tmp_path, plain):
    tree = copied(tmp_path)
    path = tree / "sim/model/world.py"
    text = path.read_text("utf-8")
    (world,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "World"]
    lines = text.splitlines(keepends=True)
    fields = [(node.lineno - 1, node.end_lineno) for node in world.body if isinstance(node, ast.AnnAssign)]
    declared = ["".join(lines[first:end]) for first, end in fields]
    random.Random(12).shuffle(declared)
    for (first, end), new in zip(fields, declared, strict=True):
        lines[first:end] = [new] + [""] * (end - first - 1)
    path.write_text("".join(lines), "utf-8")
    assert path.read_text("utf-8") != text
    assert read(tree)[0] == plain


def test_a_new_variable_costs_one_file_from_scenario_to_report(tmp_path):
    tree = copied(tmp_path)
    enter(tree)
    (tree / "asked.toml").write_text(SCENARIO)
    command(tree, "run", "asked.toml", "--engine", "mesa", "--replicates", "2", "--no-plot", "--out", "made",
            "--parameters", "defaults", "--branch", "as-happened")  # fmt: skip
    with (tree / "made/summary.csv").open() as summary:
        median = {row["metric"]: row["median"] for row in csv.DictReader(summary)}
    assert float(median["ARM.grievance@2021-07"]) == pytest.approx(0.5 * 2 ** (-7 / 6))
    assert (median["ARM.overstretch@2021-02"], median["ARM.overstretch@end"]) == ("0.25", "0.25")
    assert median["first(ARM.grievance < 0.1)"] == "2022-02"
    listed = command(tree, "list", "metrics")
    assert "STATE.grievance" in listed
    assert "grievance of a state, fading" in listed
    printed(tree, "-m", "sim.scenario.reference")
    assert "| `grievance` | `ARM.grievance` | 0..1 | grievance of a state, fading |" in (
        tree / "docs/scenarios.md"
    ).read_text("utf-8")
    command(tree, "report", "made", "--out", "made.md")
    assert "grievance" in (tree / "made.md").read_text()


def test_a_variable_may_fade_by_a_parameter_of_its_own(tmp_path, plain):
    tree = copied(tmp_path)
    replaced(tree / "sim/model/parameters.py", "# fmt: on\n", f"{HALF_LIFE}# fmt: on\n")
    enter(tree)
    replaced(
        tree / "sim/model/world.py",
        'start=0.5, half_life="pressure_half_life"', 'start=1.0, half_life="grievance_half_life"',
    )  # fmt: skip
    digests, more = read(tree)
    assert {name: digest for name, digest in digests.items() if ".grievance" not in name} == plain
    assert more == "[0.125, true]"


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_computed_variable_costs_the_file_of_its_rule(tmp_path, plain, compiled):
    tree = copied(tmp_path)
    rules = tree / "sim/rules/beliefs.py"
    rules.write_text(rules.read_text("utf-8") + DISCONTENT, "utf-8")
    enter(tree)
    digests, more = read(tree, compiled, CSTO_SIM_CACHE=str(tmp_path / "cache"))
    assert any(name.startswith("ARM.discontent") for name in digests)
    assert {name: digest for name, digest in digests.items() if name in plain} == plain
    assert more == "[0.25, true]"


def test_a_computed_variable_of_what_is_weighed_at_reviews_is_watched(tmp_path):
    tree = copied(tmp_path)
    rules = tree / "sim/rules/beliefs.py"
    rules.write_text(rules.read_text("utf-8") + DISCONTENT, "utf-8")
    asked = (
        "from sim.engine.readout import weighed_at_reviews as weighed\n"
        "print([weighed(name) for name in ('discontent', 'pressure', 'credibility', 'posture')])"
    )
    assert printed(tree, "-c", asked).strip() == "[True, True, False, False]"


@pytest.mark.parametrize(
    ("field", "lacks"),
    [
        ('    grievance: Floats\n', "grievance: undeclared; write Annotated[TYPE, Variable(axes, meaning)]"),
        ('    grievance: Annotated[Floats, Variable("N", "felt grievance", start=None)]\n',
         "grievance: starts from the scenario, but nothing says how"),
        ('    trust: Annotated[Floats, Variable("NN", "trust held in a field", "0..1")]\n', "trust: declared twice"),
    ],
    ids=["undeclared", "without a start", "there already"],
)  # fmt: skip
def test_a_half_added_variable_fails_at_import(tmp_path, field, lacks):
    tree = copied(tmp_path)
    old, new = PLACES["beside the others"]
    replaced(tree / "sim/model/world.py", old, new.format(new=field))
    if field.lstrip().startswith("trust"):
        replaced(
            tree / "sim/model/world.py", "    @property\n    def trust(self)", "    @property\n    def trusts(self)"
        )
    done = ran(tree, "-c", "import sim.engine.setup")
    assert done.returncode != 0
    assert f"DeclarationError: {lacks}" in done.stderr
