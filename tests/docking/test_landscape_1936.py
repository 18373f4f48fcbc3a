"""D3: Europe 1936, the case of Axelrod & Bennett (1993), on a reconstructed matrix; and their realist baseline.

The article's matrix is not printed. What is tested is that landscape theory on the reconstruction R1 gives the
published alignments, and nothing else but them; the published basins are compared loosely, since they depend on it.
"""

from math import comb

import numpy as np
import pytest

from sim.analysis.alignment import Alignment, make_landscape
from tests.docking import europe_1936 as europe

ALL = frozenset(europe.CODES)


def minima_1936() -> tuple[Alignment, ...]:
    return make_landscape(europe.CODES, europe.sizes(), europe.propensities()).minima()


def splits(minima: tuple[Alignment, ...]) -> list[frozenset[frozenset[str]]]:
    return [frozenset(map(frozenset, each.sides)) for each in minima]


def realists(codes: tuple[str, ...]) -> tuple[Alignment, ...]:
    """Return the minima where everybody opposes everybody."""
    propensities = -np.ones((len(codes), len(codes)))
    return make_landscape(codes, [europe.SIZES[code] for code in codes], propensities).minima()


def test_the_reconstruction_gives_the_two_published_configurations():
    assert splits(minima_1936()) == [
        frozenset({side, ALL - side}) for side in (europe.CONFIGURATION_1, europe.CONFIGURATION_2)
    ]


def test_energies_and_basins_of_the_reconstruction():
    first, second = minima_1936()
    assert (round(first.energy, 2), round(second.energy, 2)) == (-2031.48, -1971.60)
    assert (first.basin, second.basin) == (51_742, 13_794)
    assert first.basin + second.basin == 65_536


def test_the_published_basins_are_near():
    for found, published in zip(minima_1936(), (47_945, 17_591), strict=True):
        assert found.basin / 65_536 == pytest.approx(published / 65_536, abs=0.06)


def test_configuration_1_is_wrong_about_two_states():
    assert min(len(side ^ europe.ALLIES) for side in (europe.CONFIGURATION_1, ALL - europe.CONFIGURATION_1)) == 2


def test_the_chance_of_as_good_a_forecast():
    as_good = sum(comb(17, wrong) for wrong in range(3))
    assert as_good == 154
    assert round(2 * as_good / 2**16, 4) == 0.0047


def test_the_five_great_powers_of_the_realist():
    found = realists(europe.GREAT_POWERS)
    assert len(found) == 4
    right = frozenset({frozenset({"UK", "FR", "SU"}), frozenset({"DE", "IT"})})
    assert right not in splits(found)


def test_the_seventeen_states_of_the_realist():
    assert 190 <= len(realists(europe.CODES)) <= 220
