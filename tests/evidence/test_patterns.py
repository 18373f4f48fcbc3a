from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.fits import EARLY, EARLY_END, planned_fits
from sim.evidence.patterns import MOST_OF_ARMENIA, Pattern, load_patterns, select, weights
from sim.evidence.record import load_record

GOOD = """
[one]
fact = "A2"
tier = "panel"
what = { metric = "ARM.posture@2019-12 >= freeze" }
low = 0.0
high = 0.15
discrepancy = 0.05
member = "ARM"
until = 2019-12-31
source = "record"
basis = "did not happen"
confidence = "high"
"""


def made(name: str, member: str = "", low: float = 0.0, high: float = 1.0) -> Pattern:
    tier = "panel" if member else "world"
    return Pattern(name, "A1", tier, "call" if member else "world", "x", low, high, 0.0, member)


def read(tmp_path: Path, text: str) -> tuple[Pattern, ...]:
    file = tmp_path / "patterns.toml"
    file.write_text(text, encoding="utf-8")
    return load_patterns(file)


def test_the_shipped_patterns_say_what_they_rest_on():
    patterns = load_patterns()
    members = set(load_record().members)
    assert len({one.name for one in patterns}) == len(patterns)
    assert all(one.basis and one.where for one in patterns)
    assert {one.member for one in patterns if one.tier == "panel"} == members
    assert all(0.0 <= one.low < one.high <= 1.0 for one in patterns if one.chance)


def test_armenia_counts_for_a_fifth_at_most_in_every_fit():
    for fit in planned_fits(load_patterns()):
        share = weights(fit.patterns) @ np.array([one.member == "ARM" for one in fit.patterns])
        assert 0.0 <= share <= MOST_OF_ARMENIA + 1e-12
        assert (share == 0.0) == (fit.name == "without-ARM")


def test_armenia_is_held_to_a_fifth_where_it_would_have_more():
    found = weights([made("a", "ARM"), made("b", "ARM"), made("c", "BLR")])
    assert found == pytest.approx([0.1, 0.1, 0.8])
    assert weights([made("a", "ARM")]) == pytest.approx([1.0])  # nobody else is there to take the rest


def test_members_count_the_same_and_the_reference_class_as_two():
    found = weights([made("w"), made("v"), made("a", "KAZ"), made("b", "BLR"), made("c", "BLR")])
    assert found == pytest.approx([0.25, 0.25, 0.25, 0.125, 0.125])


def test_a_fit_to_2019_takes_nothing_later():
    (early,) = (fit for fit in planned_fits(load_patterns()) if fit.name == EARLY)
    assert all(one.until is None or one.until <= EARLY_END for one in early.patterns)
    assert {one.member for one in early.patterns} >= {"ARM", "AZE", "UZB", "BLR"}


def test_a_left_out_member_has_no_pattern():
    patterns = load_patterns()
    assert not any(one.member == "ARM" for one in select(patterns, without="ARM"))
    assert len(select(patterns, without="ARM")) + sum(one.member == "ARM" for one in patterns) == len(patterns)


def test_both_ends_of_an_interval_are_accepted():
    one = made("a", low=0.2, high=0.4)
    assert one.accepts(np.array([0.19, 0.2, 0.4, 0.41])).tolist() == [False, True, True, False]


def test_a_pattern_knows_whether_it_is_about_a_chance(tmp_path: Path):
    (chance,) = read(tmp_path, GOOD)
    assert chance.chance
    assert chance.until == date(2019, 12, 31)
    (number,) = read(tmp_path, GOOD.replace("ARM.posture@2019-12 >= freeze", "ARM.approval@2019-12"))
    assert not number.chance
    assert replace(chance, discrepancy=0.05).variance == pytest.approx(0.0375**2 + 0.05**2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("low = 0.0", "low = 0.2", "high: 0.15 is not above low"),
        ("low = 0.0", "lo = 0.0", "did you mean 'low'"),
        ("discrepancy = 0.05", "discrepancy = -1", "negative"),
        ("discrepancy = 0.05", "discrepancy = true", "no number"),
        ('tier = "panel"', 'tier = "world"', "does not go with"),
        ("until = 2019-12-31", "", "until"),
        ('"ARM.posture@2019-12 >= freeze"', '"ARM.posture@2019"', "[one] what"),
        ('{ metric = "ARM.posture@2019-12 >= freeze" }', '{ answer = ["x", "RUS", "troops"] }', "no response"),
        ('{ metric = "ARM.posture@2019-12 >= freeze" }', '{ answer = ["x"] }', "an event, an ally and a level"),
        ('{ metric = "ARM.posture@2019-12 >= freeze" }', "{}", "one thing that is measured"),
        ('confidence = "high"', 'confidence = "sure"', "'sure' cannot stand here"),
    ],
)
def test_a_bad_pattern_is_refused_by_its_key(tmp_path: Path, old: str, new: str, said: str):
    with pytest.raises(InputError, match=r"patterns\.toml") as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        load_patterns(tmp_path / "missing.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path, "= nonsense")
