import re
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiments.factors import Listed, Range
from sim.experiments.parameters.priors import with_priors
from sim.experiments.sweep_file import check_all_files, is_sweep_file, read_plan
from sim.model.parameters import PARAMETERS
from sim.scenario import ScenarioError
from tests.experiments.swept import FREEZES, TRUSTS, sweep_file

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.toml"))
GRID = 'kind = "grid"'
SOBOL = 'kind = "sobol"\nsamples = 4'
REACH = '"parameters.reach" = { from = 1, to = 2, count = 3 }'


def test_a_grid_from_a_file(tmp_path: Path):
    words = '"events.answer.response" = { values = ["none", "forces"] }'
    path = sweep_file(tmp_path, GRID, f"{REACH}\n{words}", 'seed = 9\nbranches = ["as-it-was"]\ncommon_draws = true')
    plan = read_plan(path)
    assert (plan.name, plan.seed, plan.replicates, plan.common_draws) == ("sweep", 9, 3, True)
    assert (plan.branches, plan.metrics) == (("as-it-was",), (FREEZES, TRUSTS))
    assert plan.points.factors == (
        Listed("parameters.reach", (1.0, 1.5, 2.0)),
        Listed("events.answer.response", ("none", "forces")),
    )
    assert plan.points.point(3) == (("parameters.reach", 1.5), ("events.answer.response", "forces"))


def test_what_is_given_besides_is_written_over_the_file(tmp_path: Path):
    path = sweep_file(tmp_path, 'kind = "sobol"\nsamples = 4', '"parameters.*" = { prior = true }', "seed = 9")
    own = read_plan(path)
    over = read_plan(
        path, branches=["they-decide"], metrics=[TRUSTS], replicates=1, seed=2, common_draws=True,
        settings=["events.raid.severity=0.3"],
    )  # fmt: skip
    assert (over.branches, over.metrics, over.replicates, over.seed) == (("they-decide",), (TRUSTS,), 1, 2)
    assert over.common_draws
    assert over.scenario.events["raid"].severity == 0.3
    assert own.scenario.events["raid"].severity == 0.8
    assert (own.points.columns[0] != over.points.columns[0]).any()


def test_a_star_stands_for_every_parameter_with_a_prior(tmp_path: Path):
    both = '"parameters.*" = { prior = true }\n"parameters.reach" = { from = 1, to = 2 }'
    plan = read_plan(sweep_file(tmp_path, 'kind = "morris"\nsamples = 2', both))
    keys = [factor.key for factor in plan.points.factors]
    assert sorted(keys) == sorted(f"parameters.{name}" for name in with_priors())
    assert Range("parameters.reach", 1.0, 2.0) in plan.points.factors
    assert len(plan.points) == 2 * (len(keys) + 1)


def test_groups_are_those_of_the_parameters_table_or_of_the_file(tmp_path: Path):
    factors = '"parameters.*" = { prior = true }\n"parameters.reach" = { from = 1, to = 2, group = "far" }\n'
    factors += '"events.raid.severity" = { from = 0.1, to = 0.9 }'
    plan = read_plan(sweep_file(tmp_path, f"{SOBOL}\ngroups = true", factors))
    groups = {factor.key: factor.group for factor in plan.points.factors}
    assert groups["parameters.reach"] == "far"
    assert groups["parameters.memory_half_life"] == PARAMETERS["memory_half_life"].group == "beliefs"
    assert groups["events.raid.severity"] == "events.raid.severity"
    assert len(plan.points) == (len(set(groups.values())) + 2) * 4
    assert plan.study.design["groups"] == list(groups.values())


def test_keys_of_set_hold_at_all_points(tmp_path: Path):
    settings = (
        '[set]\n"events.raid.severity" = 0.3\nevents.away.value = 0.1\nend = 2021-10-31\nmetrics = ["BBB.posture@end"]'
    )
    path = sweep_file(tmp_path, GRID, REACH)
    path.write_text(path.read_text("utf-8") + settings, "utf-8")
    path.write_text(path.read_text("utf-8").replace("2021-12 >= voice", "2021-10 >= voice"), "utf-8")
    scenario = read_plan(path).scenario
    assert (scenario.events["raid"].severity, scenario.events["away"].value) == (0.3, 0.1)
    assert str(scenario.end) == "2021-10-31"


def test_a_list_takes_its_keys_and_points_from_the_file(tmp_path: Path):
    (tmp_path / "points.csv").write_text(
        '\ufeffevents.raid.severity, events.answer.response, "events.raid.date"\n'
        "0.25, none, 2021-04-13\n.5, forces, 2021-04-10\n0.25, forces, 2021-04-13\n",
        "utf-8",
    )
    path = sweep_file(tmp_path, 'kind = "list"\nfile = "points.csv"', "")
    path.write_text(path.read_text("utf-8").replace("[factors]\n", ""), "utf-8")
    plan = read_plan(path)
    shown = plan.points.shown()
    np.testing.assert_array_equal(shown["events.raid.severity"], [0.25, 0.5, 0.25])
    assert list(shown["events.answer.response"]) == ["none", "forces", "forces"]
    assert dict(plan.points.point(1))["events.raid.date"].isoformat() == "2021-04-10"
    assert plan.study.design == {"kind": "list"}
    many = "\n".join(str(number / 1000) for number in range(201))
    (tmp_path / "points.csv").write_text(f"events.raid.severity\n{many}\n", "utf-8")
    plan = read_plan(path)
    assert plan.study.factors == {"events.raid.severity": {"low": 0.0, "high": 0.2}}
    assert plan.points.point(200) == (("events.raid.severity", 0.2),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "must begin with a line of keys"),
        ("a,a\n1,2\n", "each once"),
        ("parameters.reach\n", "has no points"),
        ("parameters.reach,parameters.memory_half_life\n1\n", "points.csv:2 has 1 values for 2 keys"),
        ("parameters.reach\n\n1,\n", "points.csv:2 has 0 values"),
        ("parameters.reach\nnan\n", "points.csv:2: 'nan' cannot be the value"),
        ("parameters.reach\n[1]\n", "cannot be the value"),
        ("parameters.reach\n99\n", "99 is out of range; allowed: 0.5..5"),
        ("parameters.reech\n1\n", "did you mean 'reach'"),
        ('parameters.reach\n"1\n', "cannot be read"),
    ],
)
def test_lists_that_cannot_be_read(tmp_path: Path, content: str, said: str):
    (tmp_path / "points.csv").write_text(content, "utf-8")
    path = sweep_file(tmp_path, 'kind = "list"\nfile = "points.csv"', "")
    with pytest.raises(ScenarioError) as caught:
        read_plan(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:8: design.file")


@pytest.mark.parametrize(
    ("design", "factors", "head", "line", "said"),
    [
        (GRID, REACH, "replicatse = 4", 5, "replicatse: unknown key; allowed: title, "),
        (GRID, REACH, 'branches = ["as-it-wos"]', 5, "branches[0]: there is no branch 'as-it-wos'"),
        (GRID, REACH, "seed = -1", 5, "seed: -1 is out of range"),
        ('kind = "gird"', REACH, "", 7, "design.kind: 'gird' is not known"),
        ('kind = "sobol"', REACH, "", 6, "design: needs 'samples' for kind 'sobol'"),
        ('kind = "sobol"\nsamples = 48', REACH, "", 6, "powers of 2"),
        ('kind = "morris"\nsamples = 2.5', REACH, "", 8, "design.samples: 2.5"),
        (GRID, "", "", 8, "factors: nothing is varied"),
        (GRID, '"parameters.reach" = { from = 1, to = 2 }', "", 9, "a grid needs a count"),
        (GRID, '"parameters.reach" = { from = 2, to = 1, count = 3 }', "", 9, "a from below its to"),
        (GRID, '"parameters.reach" = { from = 1, count = 3 }', "", 9, "both from and to"),
        (GRID, '"parameters.reach" = { values = [1, 1.5, 1] }', "", 9, "has a value twice"),
        (GRID, '"parameters.reach" = { prior = true }', "", 9, "a grid takes no priors"),
        (GRID, '"parameters.reach" = { fro = 1, to = 2, count = 3 }', "", 9, "did you mean 'from'"),
        (GRID, "parameters.reach = { from = 1, to = 2, count = 3 }", "", 9, "write the whole key in quotes"),
        (GRID, '"parameters.reech" = { values = [1, 2] }', "", 9, "did you mean 'reach'"),
        (GRID, '"events.raid.severity" = { values = [1, 2] }', "", 9, "2 is out of range"),
        (GRID, '"title" = { values = ["x", "y"] }', "", 9, "'title' is the same at every point"),
        (SOBOL, '"events.raid.severity" = { prior = true }', "", 10, "only parameters have priors"),
        (SOBOL, '"parameters.reech" = { prior = true }', "", 10, "did you mean 'parameters.reach'"),
        (SOBOL, '"parameters.silence_weight" = { prior = true }', "", 10, "without a prior"),
        (SOBOL, REACH, "", 10, "a count goes with grids"),
        (SOBOL, '"parameters.reach" = { from = 1, to = 2, group = "far" }', "", 10, "but the design has none"),
        (f"{SOBOL}\ngroups = true", '"parameters.reach" = { prior = true }', "", 9, "all keys are in one group"),
    ],
)  # fmt: skip
def test_mistakes_are_placed_on_their_line(tmp_path: Path, design, factors, head, line, said):
    path = sweep_file(tmp_path, design, factors, head)
    with pytest.raises(ScenarioError) as caught:
        read_plan(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert said in str(caught.value)
    assert [problem.line for problem in check_all_files([path])] == [p.line for p in caught.value.problems]


def test_every_problem_is_told_at_once(tmp_path: Path):
    factors = '"events.rade.severity" = { values = [1] }\n"parameters.reach" = { values = [9] }'
    path = sweep_file(tmp_path, GRID, factors, 'branches = ["as-it-was", "no"]')
    path.write_text(path.read_text("utf-8").replace(f'"{TRUSTS}"', '"BBB.postur@end"'), "utf-8")
    assert [(problem.line, problem.key) for problem in check_all_files([path])] == [
        (5, "branches[1]"),
        (3, "metrics[1]"),
        (9, 'factors."events.rade.severity"'),
        (10, 'factors."parameters.reach"'),
    ]


def test_the_scenario_must_be_there_and_take_what_is_set(tmp_path: Path):
    path = sweep_file(tmp_path, GRID, REACH)
    text = path.read_text("utf-8")
    path.write_text(text.replace('scenario = "small.toml"', 'scenario = "smal.toml"'), "utf-8")
    with pytest.raises(ScenarioError, match=r"sweep.toml:2: scenario: there is no file 'smal.toml'.*'small.toml'"):
        read_plan(path)
    path.write_text(f'{text}[set]\n"events.raid.severity" = 3\n', "utf-8")
    with pytest.raises(ScenarioError, match=r'sweep.toml:11: set."events.raid.severity": 3 is out of range'):
        read_plan(path)
    path.write_text(text, "utf-8")
    (tmp_path / "small.toml").write_text("title = 3\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"small.toml:1: title"):
        read_plan(path)


def test_sweep_files_are_told_from_scenarios(tmp_path: Path):
    path = sweep_file(tmp_path, GRID, REACH)
    assert is_sweep_file(path)
    assert not is_sweep_file(tmp_path / "small.toml")
    assert not is_sweep_file(tmp_path / "missing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("title = ", "utf-8")
    assert not is_sweep_file(broken)
    assert [problem.file for problem in check_all_files([path, broken])] == [str(broken)]


def test_settings_that_the_scenario_refuses_are_not_blamed_on_the_file(tmp_path: Path):
    with pytest.raises(InputError, match=r"^override: events\.rade"):
        read_plan(sweep_file(tmp_path, GRID, REACH), settings=["events.rade.severity=0.3"])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_sweeps_can_be_run(path: Path):
    plan = read_plan(path, replicates=1)
    assert path.read_text("utf-8").splitlines()[0] == "#:schema ../../docs/sweep.schema.json"
    assert plan.runs == len(plan.points)


def test_the_three_questions_are_shipped():
    assert {path.stem for path in SHIPPED} >= {"overstretch-coverage", "trust-decay", "exit-screening"}


def test_the_file_of_the_guide_can_be_run(tmp_path: Path):
    page = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
    written, *_ = re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    folder = tmp_path / "scenarios" / "sweeps"
    folder.mkdir(parents=True)
    (folder / "guide.toml").write_text(written, "utf-8")
    (tmp_path / "scenarios" / "karabakh-2023.toml").write_bytes(
        (ROOT / "scenarios" / "karabakh-2023.toml").read_bytes()
    )
    plan = read_plan(folder / "guide.toml")
    assert (len(plan.points), plan.runs) == (200, 2000)
    assert plan.scenario.events["ukraine-war"].value == 0.7
    assert set(plan.points.shown()["events.russia-2022.response"]) == {"none", "mission", "forces"}
