"""Shapley shares and interactions with intervals, computed from the value of each coalition in each replicate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.players import CoalitionGame
from sim.analysis.shapley import Ints, coalitions_along, exact_interactions, exact_shares
from sim.errors import InputError
from sim.output.intervals import mean_interval, mean_intervals, two_way_intervals
from sim.output.measuring import Floats

IDLE: Final = "idle"
"""Of a share that is 0 for certain."""

ALIKE: Final = "alike"
"""Of a share that is the same in all replicates, whose interval is the exact binomial bound."""

_DIGITS = 12
"""Decimals of a replicate's share; what is beyond is rounding of sums."""


class Share(NamedTuple):
    """Shapley share with its interval, and the reason if the interval is not from a bootstrap."""

    value: float
    low: float
    high: float
    kind: str


@dataclass(frozen=True)
class Worth:
    """Value of the metric in each coalition and replicate.

    Attributes
    ----------
    game : CoalitionGame
        Whose coalitions.
    values : dict
        The metric in each replicate, by coalition.
    reach : float or None
        Largest size of a difference of the metric.
    lost : int
        Replicates left out, in which the metric is null in some coalition.
    """

    game: CoalitionGame
    values: Mapping[int, Floats]
    reach: float | None
    lost: int = 0

    @property
    def replicates(self) -> int:
        """Number of replicates that have a value in all coalitions."""
        return len(self.values[0])

    def without_nulls(self, metric: str) -> "Worth":
        """Drop replicates in which the metric is null in any coalition; raise an error if none is left."""
        known = ~np.isnan(np.stack(list(self.values.values()))).any(axis=0)
        if not known.any():
            raise InputError(f"metric '{metric}' has no value (null) in some coalition of every replicate")
        complete = {mask: values[known] for mask, values in self.values.items()}
        return replace(self, values=complete, lost=int((~known).sum()))

    def table(self) -> Floats:
        """Return the values of all coalitions (coalition, replicate), ordered by bit mask."""
        return np.stack([self.values[mask] for mask in range(len(self.values))])


def shares_of_all(worth: Worth) -> list[Share]:
    """Return Shapley shares from all coalitions, with bootstrap intervals over replicates."""
    shares = _rounded(exact_shares(worth.table()))
    moving = np.ptp(shares, axis=1) > 0
    return _shares(worth, shares, moving, mean_intervals(shares[moving].T))


def shares_of_orders(worth: Worth, orders: Sequence[Ints]) -> list[Share]:
    """Return sampled Shapley shares, with bootstrap intervals over pairs of orders and over replicates."""
    count, replicates = len(worth.game.players), worth.replicates
    gains = np.zeros((count, len(orders) // 2, replicates))
    for number, order in enumerate(orders):
        masks = list(coalitions_along(order))
        for player, before, after in zip(order.tolist(), masks, masks[1:], strict=False):
            gains[player, number // 2] += (worth.values[after] - worth.values[before]) / 2
    gains = _rounded(gains)
    moving = np.ptp(gains, axis=(1, 2)) > 0
    return _shares(worth, gains.mean(axis=1), moving, two_way_intervals(gains[moving]))


def _shares(worth: Worth, shares: Floats, moving: NDArray[np.bool_], intervals: tuple[Floats, Floats]) -> list[Share]:
    """Combine shares (player, replicate) with intervals for those that vary between replicates."""
    ends = iter(zip(*(end.tolist() for end in intervals), strict=True))
    estimates = []
    for player, share in enumerate(shares):
        value = float(share.mean())
        if moving[player]:
            low, high = next(ends)
            estimates.append(Share(value, low, high, ""))
        elif _idle(worth.game, player):
            estimates.append(Share(value, 0.0, 0.0, IDLE))
        else:
            low, high, _ = mean_interval(share, worth.reach)
            estimates.append(Share(value, low, high, ALIKE))
    return estimates


def _idle(game: CoalitionGame, player: int) -> bool:
    """Return whether a player changes no input of a run."""
    whole = 2 ** len(game.players) - 1
    return game.key(whole) == game.key(whole & ~(1 << player))


def _rounded(shares: Floats) -> Floats:
    return np.round(shares, _DIGITS) + 0.0


def pair_table(worth: Worth) -> pd.DataFrame:
    """Return the interaction of each pair, the strongest first: ``a``, ``b``, ``value``, ``low``, ``high``."""
    reach = None if worth.reach is None else 2 * worth.reach
    names = [player.name for player in worth.game.players]
    rows = []
    for (i, j), values in exact_interactions(worth.table()).items():
        interaction = _rounded(values)
        low, high, alike = mean_interval(interaction, reach)
        if alike and (_idle(worth.game, i) or _idle(worth.game, j)):
            low = high = 0.0
        rows.append({"a": names[i], "b": names[j], "value": float(interaction.mean()), "low": low, "high": high})
    table = pd.DataFrame(rows, columns=["a", "b", "value", "low", "high"])
    order = table["value"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def coalition_table(worth: Worth) -> pd.DataFrame:
    """Return a row for each coalition: its players, and the mean of the metric."""
    masks = np.arange(len(worth.values))
    columns: dict[str, Any] = {
        player.name: (masks >> bit & 1).astype(bool) for bit, player in enumerate(worth.game.players)
    }
    return pd.DataFrame({**columns, "mean": worth.table().mean(axis=1)})
