"""Runs the commands that the comparison of two trees compares, in one process, with the tree that PYTHONPATH names.

``python -P commands.py [--quick]`` writes what the commands write, and what each prints, below the folder in which
it is started.
"""

import contextlib
import io
import os
import shutil
import sys
import time
from pathlib import Path

QUESTIONS = {
    "csto-history": ("UZB", "1999-04", "2020-10"),
    "first-steps": ("ARM", "2022-09", "2022-09"),
    "karabakh-2023": ("ARM", "2022-10", "2022-09"),
    "kazakhstan-2022": ("KAZ", "2022-01", "2022-01"),
    "kursk-2024": ("BLR", "2024-08", "2024-08"),
    "kyrgyz-tajik-2022": ("KGZ", "2022-09", "2022-09"),
    "kyrgyzstan-2010": ("KGZ", "2010-06", "2010-06"),
    "outlook-2031": ("ARM", "2024-02", "2022-09"),
    "uzbekistan-1999": ("UZB", "1999-04", "2005-05"),
}
"""By scenario: a member and the month it is asked about, and the month that Russia is asked about."""


def call(name: str, *arguments: str) -> None:
    """Run one command; keep what it prints under a name, with how it ended."""
    from sim.cli.main import main

    began = time.perf_counter()
    out, ended = io.StringIO(), "0"
    with contextlib.redirect_stdout(out):
        try:
            main([*arguments])
        except SystemExit as error:
            ended = str(error.code or 0)
        except Exception as error:  # noqa: BLE001  # a defect of one tree is a difference to tell
            ended = f"{type(error).__name__}: {error}"
    path = Path("printed", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(out.getvalue() if name.endswith(".json") and ended == "0" else f"{out.getvalue()}ended: {ended}\n")
    sys.stderr.write(f"{time.perf_counter() - began:6.1f} s  {name}  ended: {ended}\n")


def run_all(quick: bool) -> None:
    """Run everything, the cheapest first."""
    for what in ("scenarios", "sweeps", "parameters", "metrics", "events", "posteriors", "explanations"):
        call(f"list-{what}.json", "list", what, "--json")
    call("list-parameters.txt", "list", "parameters", "--all")
    call("schema-scenario.json", "schema", "scenario")
    call("schema-sweep.json", "schema", "sweep")
    files = [str(path) for path in sorted(Path("scenarios").rglob("*.toml"))]
    call("validate.json", "validate", *files, "--json")
    for path in files:
        if Path(path).parent.name == "scenarios":
            scenario_commands(path, quick)
    sweeps()
    if not quick:
        more()


def scenario_commands(path: str, quick: bool) -> None:
    """Run a scenario with both engines, and all that is made of its result."""
    name = Path(path).stem
    member, month, guarantor_month = QUESTIONS.get(name, ("ARM", "2022-09", "2022-09"))
    few = ["--no-plot", "--workers", "1", "--json"]
    replicates = "1" if quick else "3"
    call(f"{name}-mesa.json", "run", path, "--engine", "mesa", "--replicates", replicates, "--keep", "0",
         "--out", f"mesa/{name}", *few)  # fmt: skip
    stored = f"compiled/{name}"
    call(f"{name}-compiled.json", "run", path, "--engine", "compiled", "--replicates", "20", "--keep", "0,5-6",
         "--out", stored, *few)  # fmt: skip
    if not Path(stored).is_dir():
        return
    branches = branch_names(stored)
    if len(branches) > 1:
        call(f"{name}-compare.json", "compare", stored, "--from", branches[0], "--to", branches[1],
             "--out", f"compare/{name}", "--no-plot", "--json")  # fmt: skip
    about = ["explain", stored, "--replicate", "0", "--no-plot"]
    asked = ["--state", member, "--date", month, "--within", "1" if quick else "3"]
    call(f"{name}-explain-{member}.json", *about, *asked, "--json")
    if not quick:
        call(f"{name}-explain-{member}.txt", *about, *asked)
    call(f"{name}-explain-RUS.txt", *about, "--state", "RUS", "--date", guarantor_month)
    if not quick or name == "first-steps":
        call(f"{name}-report.json", "report", stored, "--format", "md", "--out", f"report-{name}.md", "--json")
    call(f"{name}-blocs.json", "blocs", path, "--json")
    for table in ("country-month", "dyad-month") if name == "first-steps" else ():
        call(f"{name}-export-{table}.json", "export", stored, "--table", table, "--out", f"{table}.csv", "--json")


def branch_names(folder: str) -> list[str]:
    """Return the branches of a stored result."""
    import json

    branches: list[str] = json.loads(Path(folder, "manifest.json").read_text())["branches"]
    return branches


def sweeps() -> None:
    """Run small sweeps with both engines and analyze one."""
    grid = ["scenarios/first-steps.toml", "--vary", "parameters.memory_half_life=24,90",
            "--vary", "parameters.observer_weight=0.1:0.7:2", "--metric", "ARM.trust[RUS]@end",
            "--metric", "ARM.posture@2024-12 >= freeze", "--no-plot", "--workers", "1", "--json"]  # fmt: skip
    call("sweep-mesa.json", "sweep", *grid, "--engine", "mesa", "--replicates", "2", "--out", "sweep-mesa")
    call("sweep-compiled.json", "sweep", *grid, "--engine", "compiled", "--replicates", "20", "--out", "sweep-compiled")
    call("sweep-common.json", "sweep", *grid, "--engine", "compiled", "--replicates", "20", "--common-draws",
         "--out", "sweep-common")  # fmt: skip
    call("sweep-file.json", "sweep", "scenarios/sweeps/overstretch-coverage.toml", "--engine", "compiled",
         "--replicates", "4", "--out", "sweep-file", "--no-plot", "--workers", "1", "--json")  # fmt: skip
    call("analyze.json", "analyze", "sweep-file", "--out", "analysis", "--json")


def more() -> None:
    """Run the commands that take long."""
    few = ["--workers", "1", "--no-plot", "--json"]
    all_mechanisms = ["--mechanisms", "all"]
    metric = ["scenarios/first-steps.toml", "--metric", "ARM.trust[RUS]@2023-12", "--replicates", "8"]
    call("attribute-events.json", "attribute", *metric, "--out", "attribute-events", *few)
    call("attribute-mechanisms.json", "attribute", *metric, *all_mechanisms, "--out", "attribute-mechanisms", *few)
    call("attribute-rules.json", "attribute", *metric, "--rules", "--out", "attribute-rules", *few)
    call("explanation-all.json", "run", "scenarios/karabakh-2023.toml", "--explanation", "all", "--replicates", "4",
         "--engine", "compiled", "--out", "explanations", *few)  # fmt: skip
    call("hindcast.json", "hindcast", "--replicates", "4", "--out", "hindcast", *few)


if __name__ == "__main__":
    import sim

    tree = os.environ["PYTHONPATH"]
    if not Path(str(sim.__file__)).is_relative_to(tree):
        sys.exit(f"sim comes from {sim.__file__}, not from {tree}")
    shutil.copytree(Path(tree, "scenarios"), "scenarios")
    run_all(quick="--quick" in sys.argv[1:])
