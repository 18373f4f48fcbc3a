"""What is not loaded where it is not used: figures, reports, statistics and Mesa take seconds."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("jinja2", "matplotlib", "mesa", "scipy.stats", "sklearn")
SMALL = Path(__file__).parent / "experiments" / "small.toml"

RUN = f"""
from sim.cli.main import main
try:
    main(["run", {str(SMALL)!r}, "--replicates", "2", "--engine", "compiled", "--no-plot", "--out", {{out!r}}])
except SystemExit as done:
    assert not done.code, done.code
"""


@pytest.mark.parametrize(
    "code",
    ["import sim", "import sim; sim.run, sim.load, sim.sweep, sim.Result", RUN],
    ids=["import", "names", "command"],
)
def test_running_loads_neither_figures_nor_statistics_nor_mesa(code: str, tmp_path: Path) -> None:
    before = "import sys; sys.modules['dask'] = None"  # xarray loads it where it is installed, and jinja2 with it
    after = f"print(*(set({HEAVY!r}) & set(sys.modules)), sep=',')"
    told = "\n".join((before, code.format(out=str(tmp_path / "out")), after))
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.slow
def test_the_page_opens_without_mesa_and_reports() -> None:
    told = "import sys; import sim.explorer.server; print(*({'mesa', 'sim.report.making'} & set(sys.modules)), sep=',')"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""
