import numpy as np
import pytest

from sim.errors import InputError
from sim.experiments.factors import Listed, Range, read_factor, read_factors, refusals
from sim.scenario import Scenario, load
from tests.experiments.conftest import SMALL


def test_ranges_and_lists():
    assert read_factor("a.b=0:1:5").values == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert read_factor("a.b = 24, 60").values == (24, 60)
    assert read_factor("a.b=none,forces").values == ("none", "forces")
    assert read_factor("a.b=true,false").values == (True, False)
    assert read_factor("a.b=0:0.9:10").values[3] == 0.3


@pytest.mark.parametrize(
    "text",
    ["a.b", "a.b=", "=1,2", "a.b=1:2", "a.b=1:2:3:4", "a.b=1:2:1", "a.b=x:2:3", "a.b=0:inf:3", "a.b=1,,2",
     "a.b=1,1", "a.b=1:2:2.5", "a.b=[1],[2]"],
)  # fmt: skip
def test_bad_factors_are_refused_with_the_text_given(text):
    with pytest.raises(InputError) as caught:
        read_factors([text])
    assert text in str(caught.value)


def test_a_key_twice_and_none_are_refused():
    with pytest.raises(InputError, match="varied twice"):
        read_factors(["a.b=1,2", "a.b=3,4"])
    with pytest.raises(InputError, match="nothing to vary"):
        read_factors([])


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("evnts.raid.severity=0:1:2", "did you mean 'events'"),
        ("events.rade.severity=0:1:2", "did you mean 'raid'"),
        ("events.raid.severty=0:1:2", "did you mean 'severity'"),
        ("parameters.memory_half_live=24,60", "did you mean 'memory_half_life'"),
        ("parameters.memory_half_life=1:60:3", "1 is out of range; allowed: 12..180"),
        ("parameters.memory_half_life=24,long", "'long' is text"),
        ("events.raid.severity=0:2:3", "2.0 is out of range"),
        ("events.raid.severity=low,high", "'low'"),
        ("seed=1,2", "same at every point"),
        ("replicates=1:9:3", "same at every point"),
    ],
)
def test_keys_and_values_that_the_scenario_does_not_take_are_refused(scenario: Scenario, vary, said):
    ((factor, error),) = refusals(scenario, read_factors([vary]), ["as-it-was"])
    assert factor.key == vary.partition("=")[0]
    assert said in str(error)


def test_a_key_that_changes_nothing_is_refused(scenario: Scenario, tmp_path):
    answer = read_factors(["events.answer.response=none,forces"])
    ((_, error),) = refusals(scenario, answer, ["they-decide"])
    assert "changes nothing in they-decide" in str(error)
    assert not list(refusals(scenario, answer, ["they-decide", "as-it-was"]))
    path = tmp_path / "own.toml"
    path.write_text(SMALL.read_text("utf-8") + "\n[branches.own]\nparameters.reach = 3\n", "utf-8")
    reach = [Range("parameters.reach", 1.0, 2.0)]
    assert len(list(refusals(load(path), reach, ["own"]))) == 1
    assert not list(refusals(load(path), reach, ["own", "as-it-was"]))


def test_places_of_the_unit_cube_become_values():
    places = np.array([0.0, 0.3, 0.5, 0.99, 1.0])
    words = Listed("k", ("none", "mission", "forces"))
    assert [words.value(number) for number in words.from_unit(places)] == [
        "none", "none", "mission", "forces", "forces",
    ]  # fmt: skip
    np.testing.assert_allclose(Range("k", -1.0, 3.0).from_unit(places), [-1, 0.2, 1, 2.96, 3])
    median = Range("parameters.memory_half_life", 12.0, 180.0, "LN(60, 0.6)").from_unit(places)
    assert (median[0], median[-1]) == (12.0, 180.0)
    # ln 12/60 and ln 180/60 are -2.682 and 1.831 log-sd: shares 0.0037 and 0.9664, whose middle lies at -0.0375 log-sd
    assert median[2] == pytest.approx(60 * np.exp(-0.0375 * 0.6), abs=0.01)


def test_values_as_tables_show_them():
    assert Listed("k", (24, 60.5)).plain() == [24.0, 60.5]
    assert Listed("k", (True, False)).plain() == [True, False]
    assert Listed("k", (True, "x", 3)).plain() == ["true", "x", "3"]
    assert list(Listed("k", ("a", "b")).shown(np.array([1, 0, 1]))) == ["b", "a", "b"]
    assert Range("k", 0.0, 1.0).described() == {"low": 0.0, "high": 1.0}
    assert Range("k", 0.0, 1.0, "U(0, 1)").described() == {"prior": "U(0, 1)", "low": 0.0, "high": 1.0}
