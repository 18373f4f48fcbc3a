"""D1: Furnas and Axelrod's landscape of Syria and ISIS in 2016, exactly."""

import numpy as np
import pytest

from sim.analysis.alignment import Landscape, make_landscape

SIZES = {
    "US": 10, "Russia": 10, "Syria": 50, "Turkey": 10, "SaudiArabia": 10, "Iran": 20, "ISIS": 100, "Hezbollah": 20,
    "IraqiKurds": 40, "Nusra": 10, "Iraq": 50,
}  # fmt: skip

AFFINITY = """
- 2 2 5 4 2 1 1 4 2 4
2 - 4 2 3 3 1 3 2 2 4
2 4 - 1 2 4 1 4 1 2 3
5 2 1 - 3 2 2 3 2 2 3
4 3 2 3 - 1 1 3 3 2 3
2 3 4 2 1 - 2 5 3 2 2
1 1 1 2 1 2 - 2 1 2 1
1 3 4 3 3 5 2 - 3 2 3
4 2 1 2 3 3 1 3 - 2 3
2 2 2 2 2 2 2 2 2 - 2
4 4 3 3 3 2 1 3 3 2 -
"""
"""Scale 1 to 5, 3 neutral; actors in the order above."""


def landscape(**sizes: float) -> Landscape:
    rows = [line.split() for line in AFFINITY.split("\n") if line]
    affinity = np.array([[3.0 if cell == "-" else float(cell) for cell in row] for row in rows])
    assert np.array_equal(affinity, affinity.T)
    actors = SIZES | sizes
    return make_landscape(tuple(actors), list(actors.values()), affinity - 3.0)


def test_one_alignment_is_stable_and_every_configuration_leads_to_it():
    (only,) = landscape().minima()
    assert set(only.sides[1]) == {"Turkey", "ISIS", "Nusra"}
    assert set(only.sides[0]) == set(SIZES) - {"Turkey", "ISIS", "Nusra"}
    assert only.energy == -83_200
    assert only.basin == 1_024


def test_with_a_smaller_syria_turkey_changes_sides():
    (only,) = landscape(Syria=10).minima()
    assert set(only.sides[1]) == {"ISIS", "Nusra"}
    assert only.energy == -65_600


@pytest.mark.parametrize(
    ("side", "energy"), [({"US", "Russia"}, -7_200), ({"US"}, -4_200), ({"US", "ISIS"}, -76_200), (set(SIZES), 0)]
)
def test_energies_that_are_named(side: set[str], energy: float):
    assert landscape().energy(side) == energy
