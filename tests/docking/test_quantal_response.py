"""Our rule of responses against logit quantal response equilibria (McKelvey & Palfrey 1995).

The manual of Gambit (Savani & Turocy) prints the first points of the branch of equilibria of a game of Selten (1975,
Figure 2, in normal form) that starts from even chances. Here both players choose by `sim.rules.response.quantal`, the
function by which allies choose a level of help, until neither changes any more. Levels that the game does not have are
worth too little to be chosen, and left out of the shares where precision is 0.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.rules.response import LEVELS, quantal

Floats = NDArray[np.float64]

FIRST = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 2.0]])
SECOND = np.array([[1.0, 1.0], [2.0, 3.0], [2.0, 0.0]])
"""Payoffs of the players, row against column."""

# precision; chances of the three strategies of the first player and the two of the second
BRANCH = """
0.000000 0.333333 0.333333 0.333333 0.5      0.5
0.022853 0.335873 0.328284 0.335843 0.501962 0.498038
0.047978 0.338668 0.322803 0.33853  0.504249 0.495751
0.075600 0.341747 0.316863 0.34139  0.506915 0.493085
0.105965 0.345145 0.310443 0.344413 0.510023 0.489977
0.139346 0.348902 0.303519 0.347578 0.51364  0.48636
"""

POINTS = [list(map(float, line.split())) for line in BRANCH.split("\n") if line]

PRINTED = 6e-7
"""Half of the last digit of a chance, and a tenth of that of the precision, along which chances rise by 0.1 or less."""


def respond(utilities: Floats, precision: float) -> Floats:
    padded = [*utilities.tolist(), *[-1e9] * (LEVELS - len(utilities))]
    a, b, c, d, e = padded
    chances = np.array(quantal((a, b, c, d, e), precision, 0.0))[: len(utilities)]
    return np.asarray(chances / chances.sum())


def equilibrium(precision: float) -> tuple[Floats, Floats]:
    first, second = np.full(3, 1 / 3), np.full(2, 1 / 2)
    for _ in range(200):
        first, second = respond(FIRST @ second, precision), respond(first @ SECOND, precision)
    assert respond(FIRST @ second, precision) == pytest.approx(first, abs=1e-12)
    return first, second


@pytest.mark.parametrize("point", POINTS, ids=lambda point: str(point[0]))
def test_the_branch_is_that_of_gambit(point: list[float]):
    first, second = equilibrium(point[0])
    assert np.abs(np.concatenate([first, second]) - point[1:]).max() <= PRINTED


def test_another_precision_gives_other_chances():
    first, second = equilibrium(POINTS[-1][0] * 1.01)
    assert np.abs(np.concatenate([first, second]) - POINTS[-1][1:]).max() > 100 * PRINTED
