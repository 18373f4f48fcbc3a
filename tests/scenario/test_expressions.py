import pytest

from sim.scenario.expressions import (
    At,
    Compare,
    Condition,
    ExpressionError,
    First,
    Path,
    Span,
    parse_condition,
    parse_metric,
)

ARM = Path("ARM", "posture")
TRUST = Path("ARM", "trust", "RUS")
THREAT = Path("ARM", "threat", "AZE")
FREEZE = Condition(ARM, ">=", 3.0)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("ARM.posture@2024-12", At(ARM, (2024, 12))),
        ("ARM.posture[CSTO]@end", At(Path("ARM", "posture", "CSTO"), "end")),
        ("CSTO.credibility@start", At(Path("CSTO", "credibility"), "start")),
        ("ARM.trust[ RUS ]@2023-12", At(Path("ARM", "trust", "RUS"), (2023, 12))),
        ("mean(ARM.trust[RUS], 2021-01..2021-12)", Span("mean", TRUST, (2021, 1), (2021, 12))),
        ("max(ARM.threat[AZE],2021-01..2021-01)", Span("max", THREAT, (2021, 1), (2021, 1))),
        ("first(ARM.posture >= freeze)", First(FREEZE)),
        ("first(ARM.posture>=freeze)<=2024-12", Compare(First(FREEZE), "<=", (2024, 12))),
        ("ARM.posture@2024-12 >= freeze", Compare(At(ARM, (2024, 12)), ">=", 3.0)),
        ("ARM.ties[RUS]@end > -0.5", Compare(At(Path("ARM", "ties", "RUS"), "end"), ">", -0.5)),
        ("Union State.members@end == 2", Compare(At(Path("Union State", "members"), "end"), "==", 2.0)),
        ("ARM.posture[RUS-ARM-1997]@end", At(Path("ARM", "posture", "RUS-ARM-1997"), "end")),
    ],
)  # fmt: skip
def test_metrics_are_read_and_written_back(text: str, metric: object) -> None:
    assert parse_metric(text) == metric
    assert parse_metric(parse_metric(text).text) == metric


def test_canonical_text_names_postures_and_months() -> None:
    assert parse_metric("first( ARM.posture>=3 ) <= 2024-12").text == "first(ARM.posture >= freeze) <= 2024-12"
    assert parse_metric("ARM.posture@end>=2.5").text == "ARM.posture@end >= 2.5"


def test_conditions_have_no_date() -> None:
    assert parse_condition("ARM.trust[RUS] < 0.5") == Condition(Path("ARM", "trust", "RUS"), "<", 0.5)
    with pytest.raises(ExpressionError, match="its own date"):
        parse_condition("ARM.posture@2024-12 >= freeze")


@pytest.mark.parametrize(
    ("text", "message", "nearest"),
    [
        ("", "does not begin with a variable", ""),
        ("ARM", "does not begin with a variable", ""),
        ("ARM.postur@end", "unknown variable 'postur'", "posture"),
        ("ARM.posture", "says no date", ""),
        ("ARM.posture@soon", "not a date", ""),
        ("ARM.posture@endless", "not a date", ""),
        ("ARM.posture@2024-13", "no month 2024-13", ""),
        ("ARM.posture@2024-12-01", "not a date", ""),
        ("frst(ARM.posture >= freeze)", "unknown function", "first"),
        ("first(ARM.posture >= freeze", "not closed", ""),
        ("first(ARM.posture)", "comparison is missing", ""),
        ("first(ARM.posture >= frze)", "not a posture", "freeze"),
        ("first(ARM.posture >= freeze) <= 3", "is a date", ""),
        ("mean(ARM.trust[RUS])", "says no span", ""),
        ("mean(ARM.trust[RUS], 2022-01..2021-01)", "ends before it begins", ""),
        ("ARM.posture@end >= 2024-12", "is a number", ""),
        ("ARM.posture@end >=", "nothing stands after", ""),
        ("ARM.posture@end freeze", "expected a comparison", ""),
        ("ARM.trust[RUS]@end >= freeze", "not a number", ""),
        ("ARM.trust[RUS]@end >= nan", "not a number", ""),
        ("ARM.trust[RUS]@end >= 1e999", "not a number", ""),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, message: str, nearest: str) -> None:
    with pytest.raises(ExpressionError, match=message) as refused:
        parse_metric(text)
    assert refused.value.nearest == nearest
