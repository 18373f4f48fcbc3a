import numpy as np
import pytest

from sim.output.stated import in_words, stated
from sim.scenario.expressions import parse_metric

DAYS = [float(np.datetime64(day, "D").astype(int)) + 719163 for day in ("2022-03-31", "2022-04-30", "2023-01-31")]


@pytest.mark.parametrize(
    ("metric", "values", "value", "spread", "known"),
    [
        ("ARM.posture@end >= freeze", [1.0, 0.0, 0.0, 0.0], "25 %", "6 to 64 %", 4),
        ("ARM.trust[RUS]@end", [0.1, 0.2, 0.3, 0.9], "0.25", "0.12 to 0.81", 4),
        ("CSTO.members@end", [5.0, 6.0, np.nan], "5.50", "5.05 to 5.95", 2),
        ("ARM.posture@end", [0.0, 3.0, 3.0, 5.0], "freeze", "loyal to out", 4),
        ("ARM.posture@end", [2.0, 3.0], "reduce to freeze", "reduce to freeze", 2),
        ("first(ARM.posture >= freeze)", [*DAYS, np.nan], "Apr 2022", "Mar 2022 to Jan 2023", 3),
        ("first(ARM.posture >= freeze)", [np.nan, np.nan], "never", "", 0),
        ("ARM.trust[RUS]@end", [np.nan], "no value", "", 0),
    ],
)
def test_a_value_and_its_spread_by_hand(metric: str, values: list[float], value: str, spread: str, known: int):
    found = stated(np.array(values), parse_metric(metric))
    assert (found.value, found.spread, found.known, found.runs) == (value, spread, known, len(values))


def test_shares_are_never_rounded_to_certainty():
    trust = parse_metric("ARM.trust[RUS]@end")
    assert [in_words(trust, value) for value in (0.0, 0.001, 0.999, 1.0)] == ["0", "<0.01", ">0.99", "1"]
