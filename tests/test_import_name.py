"""The second import name of the package, and what it says where another `sim` is in the way."""

import subprocess
import sys
from pathlib import Path

import csto_sim
import sim

ROOT = Path(__file__).parents[1]


def test_both_names_are_one_package() -> None:
    assert csto_sim.AllianceModel is sim.AllianceModel
    assert csto_sim.__version__ == sim.__version__
    assert set(sim.__all__) <= set(dir(csto_sim))


def test_another_sim_on_the_path_is_named_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "sim.py").write_text("raise SystemExit('it ran')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import csto_sim"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: another 'sim' stands before csto-sim's")
    assert str(tmp_path / "sim.py") in last
