"""Sweeps of the small alliance that tests run."""

from pathlib import Path

from sim.experiments.factors import read_factors
from sim.experiments.plan import Plan
from sim.experiments.sweep_schema import Design
from sim.scenario import Scenario
from tests.experiments.conftest import SMALL

FREEZES = "BBB.posture@2021-12 >= voice"
TRUSTS = "BBB.trust[AAA]@end"
TABLES = ("runs.parquet", "design.parquet", "sweep.parquet", "sweep.csv", "scenario.json", "DATA-SOURCES.txt")


def plan(scenario: Scenario, *vary: str, **options) -> Plan:
    """Return the plan of a grid, as ``--vary`` makes it."""
    return Plan("small", scenario, Design(kind="grid"), read_factors(vary), **{"metrics": [FREEZES, TRUSTS], **options})


def sweep_file(folder: Path, design: str, factors: str, head: str = "") -> Path:
    """Write a sweep file beside a copy of its scenario."""
    (folder / "small.toml").write_bytes(SMALL.read_bytes())
    path = folder / "sweep.toml"
    path.write_text(
        f'title = "A sweep"\nscenario = "small.toml"\nmetrics = ["{FREEZES}", "{TRUSTS}"]\nreplicates = 3\n'
        f"{head}\n[design]\n{design}\n[factors]\n{factors}\n",
        encoding="utf-8",
    )
    return path


def tables(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every table of a stored sweep."""
    return {name: (folder / name).read_bytes() for name in TABLES}
