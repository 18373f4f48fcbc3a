"""Every broken file is refused with its name, line and key, and never with a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario import ScenarioError, check_files, load, resolve
from tests.scenario.broken import BROKEN, Broken
from tests.scenario.small_scenario import SMALL


@pytest.fixture(params=BROKEN.values(), ids=BROKEN.keys())
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Broken]:
    case: Broken = request.param
    path = tmp_path / "scenario.toml"
    path.write_bytes(case.content)
    return path, case


def test_a_broken_file_is_refused_where_it_is_broken(broken: tuple[Path, Broken]) -> None:
    path, case = broken
    with pytest.raises(ScenarioError) as refused:
        load(path)
    found = [problem for problem in refused.value.problems if problem.key == case.key]
    assert found, f"no problem at {case.key!r} in: {refused.value}"
    assert any(case.words in str(problem) for problem in found), str(refused.value)
    assert found[0].line == case.line
    assert found[0].file == str(path)


def test_one_mistake_is_reported_once(broken: tuple[Path, Broken]) -> None:
    path, case = broken
    problems = check_files([path])
    follow_ups = {"treaty of one"}
    names = [name for name, other in BROKEN.items() if other is case]
    if not follow_ups.intersection(names):
        assert len({problem.key for problem in problems}) <= 2, "\n".join(map(str, problems))
    assert all("\n" not in str(problem) for problem in problems)


def test_there_are_enough_broken_files() -> None:
    assert len(BROKEN) >= 100


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing.toml", "no such file"),
        (lambda folder: folder, "is a directory"),
        (lambda folder: folder / "scenaro.toml", "did you mean 'scenario.toml'"),
        (lambda folder: Path("/dev/null"), "not a regular file"),
        (lambda folder: folder / "x\0y.toml", "x"),
        (lambda folder: folder / ("x" * 5000), "x"),
    ],
    ids=["missing", "directory", "misspelt", "device", "nul in the name", "long name"],
)  # fmt: skip
def test_what_is_no_scenario_file(make: Callable[[Path], Path], words: str, tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(SMALL)
    with pytest.raises(ScenarioError) as refused:
        load(make(tmp_path))
    assert words in str(refused.value)
    assert len(refused.value.problems) == 1


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        SMALL.replace("start = 2020-01-01", 'start = "2020-01-01"')
        .replace("severity = 0.7", "severity = 7")
        .replace('because_of = "raid"}', 'because_of = "rad"}')
        .replace('response = "forces"', 'response = "force"')
        .replace('owner = "RIV"', 'owner = "XXX"')
    )
    path = tmp_path / "many.toml"
    path.write_text(text)
    found = [(problem.line, problem.key) for problem in check_files([path])]
    assert found == [
        (2, "start"),
        (13, "places.Hill.owner"),
        (22, "events.raid.severity"),
        (23, "events.appeal.because_of"),
        (29, "branches.forces.events.answer.response"),
    ]


def test_a_problem_of_an_extended_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(SMALL.replace("severity = 0.7", "severity = 7"))
    path = tmp_path / "mine.toml"
    path.write_text('title = "x"\nextends = "base.toml"\n')
    (problem,) = check_files([path])
    assert (Path(problem.file).name, problem.line, problem.key) == ("base.toml", 22, "events.raid.severity")


def test_a_syntax_error_of_an_extended_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("title = \n")
    path = tmp_path / "mine.toml"
    path.write_text('extends = "base.toml"\n')
    (problem,) = check_files([path])
    assert (Path(problem.file).name, problem.line) == ("base.toml", 1)


def test_a_circle_of_files_names_the_steps(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{one}.toml").write_text(f'title = "{one}"\nextends = "{other}.toml"\n')
    (problem,) = check_files([tmp_path / "a.toml"])
    assert "a.toml -> b.toml -> c.toml -> a.toml" in problem.problem
    assert (Path(problem.file).name, problem.line, problem.key) == ("c.toml", 2, "extends")


def test_a_long_chain_of_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0.toml").write_text(SMALL)
    for number in range(1, 1500):
        (tmp_path / f"{number}.toml").write_text(f'title = "x"\nextends = "{number - 1}.toml"\n')
    assert check_files([tmp_path / "24.toml"]) == []
    (problem,) = check_files([tmp_path / "1499.toml"])
    assert (problem.line, problem.key, problem.allowed) == (2, "extends", "24 files")


def test_a_problem_is_one_line_even_if_the_name_is_not(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(SMALL + '["a\\nb"]\nx = "\\u001b[31m"\n')
    (problem,) = check_files([path])
    assert str(problem).startswith(f'{path}:30: "a\\nb": unknown key')


def test_a_flood_of_mistakes_is_cut_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "flood.toml"
    path.write_text("".join(f"key{number} = 1\n" for number in range(20_000)))
    problems = check_files([path])
    assert 100 < len(problems) <= 201
    assert any("more problems" in problem.problem for problem in problems)


def test_a_long_chain_of_causes_is_followed_quickly(tmp_path: Path) -> None:
    fields = 'date = 2021-01-01, kind = "leader", state = "CLA"'
    links = [f'e{n} = {{ {fields}, because_of = "e{n + 1}" }}' for n in range(2_000)]
    chain = "\n".join([*links, f"e2000 = {{ {fields} }}"])
    path = tmp_path / "chain.toml"
    path.write_text(SMALL.replace("[branches.as-happened]", f"{chain}\n[branches.peace]\ndrop = ['e2000']"))
    assert len(load(path).events) == 2006
    assert len(resolve(load(path), "peace").events) == 5
