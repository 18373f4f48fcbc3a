"""The expected-utility model of policy contests, as Masad restates Bueno de Mesquita's and prints an example of it.

A challenger j weighs threatening k: it wins with the chance that the weighted support for its position has against
k's. That contest is `sim.rules.capability.success`, the same function by which allies and challengers of csto-sim
weigh forces, so the printed tables test it with third parties on both sides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.rules.capability import success

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contest:
    """Actors with capability c, position x (0..1) and salience s (0..1), each (n,)."""

    capability: Floats
    position: Floats
    salience: Floats

    def support(self, j: int, k: int) -> tuple[float, float]:
        """Return what third parties and the two themselves put behind j's position, and behind k's."""
        nearer = np.abs(self.position - self.position[k]) - np.abs(self.position - self.position[j])
        votes = self.capability * self.salience * nearer
        return float(votes[votes > 0.0].sum()), float(-votes[votes < 0.0].sum())

    def chance(self, j: int, k: int) -> float:
        """Return P, the chance that j prevails over k."""
        return success(*self.support(j, k))

    def expected_utility(self, j: int, k: int, risk: float) -> float:
        """Return EU(j -> k) of a threat, with j's risk exponent."""
        apart = abs(self.position[j] - self.position[k])
        won = 2.0 - 4.0 * (0.5 - 0.5 * apart) ** risk
        lost = 2.0 - 4.0 * (0.5 + 0.5 * apart) ** risk
        unchanged = 2.0 - 4.0 * 0.5**risk
        chance = self.chance(j, k)
        contested = chance * won + (1.0 - chance) * lost
        return float(self.salience[k] * contested + (1.0 - self.salience[k]) * won - unchanged)

    def expected_utilities(self, risk: Floats) -> Floats:
        """Return EU of every threat, row threatens column (n, n)."""
        n = len(self.capability)
        return np.array([[self.expected_utility(j, k, risk[j]) if j != k else 0.0 for k in range(n)] for j in range(n)])

    def risk(self) -> Floats:
        """Return the risk exponents, from what all others, neutral to risk, expect to gain by threatening each."""
        threatened = self.expected_utilities(np.ones(len(self.capability))).sum(axis=0)
        most, least = threatened.max(), threatened.min()
        attitude = (2.0 * threatened - most - least) / (most - least)
        return np.asarray((1.0 - attitude / 3.0) / (1.0 + attitude / 3.0))

    def median(self) -> float:
        """Return the position that half of the weight c s lies on either side of."""
        order = np.argsort(self.position, kind="stable")
        weight = np.cumsum((self.capability * self.salience)[order])
        return float(self.position[order][np.searchsorted(weight, weight[-1] / 2.0)])
