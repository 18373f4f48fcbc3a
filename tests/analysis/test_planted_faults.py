"""Faults planted in copies of the package: each is found by the check of an audit that is there for it."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from sim.analysis.auditing.audit import audit
from sim.scenario import load
from tests.model.trees import ROOT, copied, printed, replaced

SMALL = (ROOT / "tests" / "experiments" / "small.toml").read_text("utf-8")
CLAIM = "BBB.trust[AAA]@2021-12: help-comes > as-it-was"
PROGRAM = """
import json, sys
import sim
from sim.analysis.auditing import checks
from sim.analysis.auditing.audit import audit

names, claim, engine, replicates, seed = sys.argv[1:]
checks.SPREAD_SEEDS = 24
found = audit(
    sim.load("small.toml"), claim, engine=engine, replicates=int(replicates), seed=int(seed), parameters="defaults",
    checks=names.split(),
)
print(json.dumps({name: row["verdict"] for name, row in found.report()["checks"].items()}))
"""

Plant = Callable[[Path], None]


def planted(file: str, old: str, new: str) -> Plant:
    """Return a function that replaces a text of a file of a copy."""
    return lambda tree: replaced(tree / file, old, new)


FIRST_LISTED = planted(
    "sim/scenario/names.py",
    "    return max(sorted(treaty.members), key=lambda code: scenario.states[code].capability.at(year))",
    "    del year\n    return treaty.members[0]",
)
FIRST_OF_ALL = planted(
    "sim/rules/posture.py",
    "        regime=p.ladder_regime * world.regime_distance[state, guarantor],",
    "        regime=p.ladder_regime * world.regime_distance[state, guarantor] - (0.5 if state == 1 else 0.0),",
)
IDLE_IN_MEAN = planted(
    "sim/rules/threats.py",
    "    return float(likeness if shared else p.unshared_likeness * likeness)",
    "    mean = 4.0 / world.capability.shape[0]\n"
    "    return float(mean * (likeness if shared else p.unshared_likeness * likeness))",
)
SHARED_DRAWS = planted(
    "sim/engine/draws.py", "return threefry(low, high, replicate, 1)", "return threefry(low, high, replicate // 4, 1)"
)
BY_STEP = planted(
    "sim/rules/maths.py", "return float(2.0 ** (-months / half_life))", "return float(2.0 ** (-1.0 / half_life))"
)
BY_NAME = planted(
    "sim/engine/setup.py",
    "                values[codes.index(observer), codes.index(other)] = quantity.at(year)\n    return values",
    "                values[codes.index(observer), codes.index(other)] = quantity.at(year)\n"
    "    for place, code in enumerate(codes):\n"
    '        if code.startswith("B") and what == "trust":\n'
    "            values[place] = 0.9\n"
    "    return values",
)
OTHER_DRAWS = planted(
    "sim/experiments/chunks.py",
    "setup, seed=job.seed, replicate",
    "setup, seed=job.seed + len(setup.branch), replicate",
)
UNREAD = planted("sim/rules/threats.py", "p.unshared_likeness * likeness", "0.5 * likeness")
NARROW = planted("sim/analysis/auditing/verdicts.py", "* spread / sqrt(pairs)", "* spread / sqrt(pairs) / 2")
NARROW_IN_COMPARISONS = planted(
    "sim/output/intervals.py",
    "    return float(low[0]), float(high[0])",
    "    quarter = (high[0] - low[0]) / 4\n    return float(low[0] + quarter), float(high[0] - quarter)",
)

SPREAD = ("BBB.pressure@2021-08: as-it-was > help-comes", "mesa", "8", "3")
QUICK = (CLAIM, "mesa", "2", "3")
LONG = ("BBB.trust[AAA]@2022-12: help-comes > as-it-was", "mesa", "8", "3")

FAULTS = {"an idle state counts in a mean": (IDLE_IN_MEAN, "idle-state", QUICK)}
SLOW = {
    "the first-listed member is the guarantor": (FIRST_LISTED, "file-order", QUICK),
    "a rule depends on a name": (BY_NAME, "state-names", QUICK),
    "a branch is off the common draws": (OTHER_DRAWS, "common-draws", QUICK),
    "a parameter is not read": (UNREAD, "parameters-read", QUICK),
    "a rule favours a place in the alphabet": (FIRST_OF_ALL, "state-names", QUICK),
    "replicates share their draws": (SHARED_DRAWS, "interval", SPREAD),
    "decay goes by step and not by time": (BY_STEP, "weeks", LONG),
    "an interval is too narrow by half": (NARROW, "interval", SPREAD),
    "an interval of comparisons is too narrow by half": (NARROW_IN_COMPARISONS, "interval", SPREAD),
}
GOOD = {"holds", "robust"}


def prepared(tree: Path) -> Path:
    """Write the scenario of the audits into a copy of the package."""
    text = SMALL.replace('guarantor = "AAA"\n', "").replace("end = 2021-12-31", "end = 2022-12-31")
    (tree / "small.toml").write_text(f"{text}\n[parameters]\nmemory_half_life = 12.0\n", "utf-8")
    return tree


def verdicts(tree: Path, names: Iterable[str], asked: tuple[str, ...]) -> dict[str, str]:
    """Return the verdicts of checks in a copy of the package."""
    return dict(json.loads(printed(tree, "-c", PROGRAM, " ".join(names), *asked)))


@pytest.mark.parametrize("fault", [*FAULTS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_each_fault_is_found_by_its_check(fault: str, tmp_path: Path) -> None:
    plant, check, asked = (FAULTS | SLOW)[fault]
    tree = prepared(copied(tmp_path / "tree"))
    plant(tree)
    assert verdicts(tree, [check], asked)[check] not in GOOD


@pytest.mark.slow
def test_sound_rules_pass_these_checks_under_twenty_seeds(tmp_path: Path) -> None:
    scenario = load(prepared(tmp_path) / "small.toml")
    names = sorted({check for _, check, _ in (FAULTS | SLOW).values()} | {"engines", "workers"})
    for seed in range(20):
        found = audit(scenario, LONG[0], replicates=50, seed=seed, parameters="defaults", checks=names)
        assert {row["verdict"] for row in found.report()["checks"].values()} == GOOD
