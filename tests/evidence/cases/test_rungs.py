"""The library rung of a model state."""

from itertools import product

import numpy as np
import pytest

from sim.evidence.cases.rungs import LIBRARY_RUNGS, library_rung
from sim.words import POSTURES


@pytest.mark.parametrize(
    ("posture", "diversified", "pact", "rung"),
    [
        ("loyal", 0, 0, "loyal"),
        ("voice", 0, 0, "criticise"),
        ("reduce", 0, 0, "reduce"),
        ("loyal", 1, 0, "diversify"),
        ("reduce", 1, 0, "diversify"),
        ("freeze", 1, 0, "freeze"),
        ("notify", 0, 0, "freeze"),
        ("out", 1, 0, "out"),
        ("loyal", 0, 1, "rival"),
        ("out", 0, 1, "rival"),
    ],
)
def test_rung_of_a_state(posture: str, diversified: int, pact: int, rung: str) -> None:
    assert library_rung(POSTURES.index(posture), diversified, pact) == LIBRARY_RUNGS.index(rung)


def test_arrays_and_numbers_agree() -> None:
    states = np.array(list(product(range(6), (0, 1), (0, 1))))
    whole = library_rung(*states.astype(float).T)
    assert whole.tolist() == [int(library_rung(*state)) for state in states]
