"""D3: Europe 1936, the case of Axelrod & Bennett (1993), on a reconstructed matrix; and their realist baseline.

The article's matrix is not printed. What is tested is that landscape theory on the reconstruction R1 gives the
published alignments and nothing else. Energies and basins are those of the reconstruction, not of the article, which
prints basins of 47,945 and 17,591.
"""

import numpy as np

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


def test_the_lower_one_is_wrong_about_poland_and_portugal_alone():
    one, other = (frozenset(side) for side in minima_1936()[0].sides)
    assert min(one ^ europe.ALLIES, other ^ europe.ALLIES, key=len) == {"PL", "PT"}


def test_the_five_great_powers_of_the_realist():
    found = realists(europe.GREAT_POWERS)
    assert len(found) == 4
    right = frozenset({frozenset({"UK", "FR", "SU"}), frozenset({"DE", "IT"})})
    assert right not in splits(found)


def test_the_seventeen_states_of_the_realist():
    assert 190 <= len(realists(europe.CODES)) <= 220
