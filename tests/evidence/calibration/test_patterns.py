from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.calibration.patterns import Pattern, load_patterns
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
    assert all(0.0 <= one.low < one.high <= 1.0 for one in patterns if one.source in ("answer", "call"))


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
