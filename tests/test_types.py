"""What a type checker knows of the public names."""

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[1]

USER = '''
from typing import assert_type

import sim
from sim.analysis.explaining.explanation import Explanation
from sim.plots.style import Sheet
from sim.report.making import Report

result = sim.run("scenarios/first-steps.toml", replicates=100, metrics=["AAA.trust[BBB]@end"])
assert_type(result, sim.Result)
assert_type(sim.Result.read("results/x"), sim.Result)
assert_type(result.plot.trust("ARM", branch="as-happened", events=3), Sheet)
assert_type(result.report("a", "b"), Report)
assert_type(result.explain("ARM", "2024-02", replicate=3), Explanation)
assert_type(result.explain("ARM", "2024-02").plot.trust(), Sheet)
assert_type(result.comparison("a", "b").plot(), Sheet)
swept = sim.sweep("scenarios/sweeps/overstretch-coverage.toml", replicates=10)
assert_type(swept, sim.Sweep)
assert_type(swept.plot.heatmap(metric="x"), Sheet)
result.plot.truss()
result.plot.trust(stat="ARM")
result.plot.postures(branches=3)
swept.plot.trust()
result.explain("ARM")
sim.run("scenarios/first-steps.toml", replicats=3)
'''  # fmt: skip

REFUSED = (
    '"ResultFigures" has no attribute "truss"',
    'Unexpected keyword argument "stat"',
    'Argument "branches" has incompatible type "int"',
    '"SweepFigures" has no attribute "trust"',
    'Missing positional argument "day" in call to "explain" of "Result"',
    'Unexpected keyword argument "replicats"',
)


@pytest.mark.slow
def test_a_type_checker_sees_figures_reports_and_explanations_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "user.py"
    file.write_text(USER)
    said, _, _ = api.run([str(file), f"--config-file={ROOT / 'pyproject.toml'}", "--no-error-summary"])
    lines = [line for line in said.splitlines() if ": error: " in line]
    assert len(lines) == len(REFUSED), said
    for line, words in zip(lines, REFUSED, strict=True):
        assert words in line
