from datetime import date

import pytest

from sim.scenario.problems import Problem, ScenarioError, closest, key_text, listed, show


def test_a_problem_is_one_line_with_all_that_is_known() -> None:
    problem = Problem("a.toml", 3, "events.x", "is wrong", "0..1", "y")
    assert str(problem) == "a.toml:3: events.x: is wrong; allowed: 0..1; did you mean 'y'?"
    assert str(Problem("a.toml", None, "", "no such file")) == "a.toml: no such file"


def test_an_error_shows_every_problem() -> None:
    error = ScenarioError([Problem("a", 1, "x", "one"), Problem("a", 2, "y", "two")])
    assert str(error) == "a:1: x: one\na:2: y: two"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("events", "ukraine-war", "value"), "events.ukraine-war.value"),
        (("metrics", 0), "metrics[0]"),
        (("places", "Far Island", "owner"), 'places."Far Island".owner'),
        (("a\nb",), '"a\\nb"'),
        ((), ""),
    ],
)
def test_keys_are_written_as_in_a_file(path: tuple[str | int, ...], text: str) -> None:
    assert key_text(path) == text


def test_the_nearest_name_ignores_case_and_strangers() -> None:
    assert closest("arm", ["ARM", "RUS"]) == "ARM"
    assert closest("weather", ["ARM", "RUS"]) == ""
    assert closest(3, ["ARM"]) == ""


def test_values_are_shown_shortly_and_on_one_line() -> None:
    assert show("a\nb") == "'a\\nb'"
    assert len(show("x" * 500)) <= 40
    assert [show(v) for v in (True, 0.5, date(2020, 1, 1), [], [1], {}, 10**400)] == [
        "true", "0.5", "2020-01-01", "an empty list", "a list", "a table", f"'1{'0' * 35}...' (401 digits)",
    ]  # fmt: skip


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
