"""D4: Masad's printed example, European positions on car emissions, to the printed digit."""

import numpy as np
import pytest

from tests.docking.expected_utility import Contest

# capability, position, salience
STATES = {
    "Belgium": (0.08, 0.5, 0.4), "Denmark": (0.05, 0.0, 1.0), "France": (0.16, 1.0, 0.6), "Germany": (0.16, 0.0, 0.8),
    "Greece": (0.08, 0.5, 0.7), "Ireland": (0.05, 0.5, 0.1), "Italy": (0.16, 1.0, 0.6), "Luxembourg": (0.03, 0.0, 0.2),
    "Netherlands": (0.08, 0.0, 0.8), "UK": (0.16, 1.0, 0.9),
}  # fmt: skip

RISK = {
    "Belgium": 1.00, "Denmark": 1.45, "France": 1.02, "Germany": 1.12, "Greece": 1.56, "Ireland": 0.65,
    "Italy": 1.02, "Luxembourg": 0.50, "Netherlands": 1.12, "UK": 2.00,
}  # fmt: skip

EXPECTED_UTILITY = """
-    .27  .40  .41  0    0    .40  .85  .41  .11
.39  -    .08  0    0    .79  .08  0    0    -.61
.60  .28  -    .62  .29  .90  0    1.64 .62  0
.47  0    .46  -    .08  .86  .46  0    0    -.23
0    .13  .27  .28  -    0    .27  .74  .28  -.04
0    .30  .42  .43  0    -    .42  .80  .43  .17
.60  .28  0    .62  .29  .90  -    1.64 .62  0
.46  0    1.45 0    .18  .74  1.45 -    0    .76
.47  0    .46  0    .08  .86  .46  0    -    -.23
.35  -.70 0    -.36 .04  .65  0    .66  -.36 -
"""
"""As printed, row threatens column, states in the order above."""

PRINTED = 0.005
"""Half of the last digit that is printed."""


@pytest.fixture
def contest() -> Contest:
    return Contest(*np.array(list(STATES.values())).T)


def test_the_ten_risk_exponents(contest: Contest):
    assert dict(zip(STATES, contest.risk().round(2), strict=True)) == RISK


def test_the_ninety_expected_utilities(contest: Contest):
    rows = [line.split() for line in EXPECTED_UTILITY.split("\n") if line]
    printed = np.array([[np.nan if cell == "-" else float(cell) for cell in row] for row in rows])
    found = contest.expected_utilities(contest.risk())
    known = ~np.isnan(printed)
    assert known.sum() == 90
    assert np.abs(found - printed)[known].max() <= PRINTED + 1e-9


def test_the_contest_of_belgium_and_the_netherlands(contest: Contest):
    belgium, netherlands = list(STATES).index("Belgium"), list(STATES).index("Netherlands")
    assert contest.support(belgium, netherlands) == pytest.approx((0.2145, 0.124), abs=1e-9)
    assert round(contest.chance(belgium, netherlands), 2) == 0.63


def test_the_weighted_median(contest: Contest):
    assert contest.median() == 0.5


def test_without_differences_nothing_is_won():
    alike = Contest(np.array([0.5, 0.5]), np.array([0.3, 0.3]), np.ones(2))
    assert alike.chance(0, 1) == 0.5
    assert alike.expected_utility(0, 1, 1.3) == pytest.approx(0.0)


def test_the_table_does_not_come_out_without_risk_attitudes(contest: Contest):
    neutral, averse = (contest.expected_utilities(risk) for risk in (np.ones(10), contest.risk()))
    assert np.abs(neutral - averse).max() > 0.1
