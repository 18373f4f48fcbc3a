"""Shapley attribution: how much each event or mechanism contributes to a metric of a branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from sim.analysis.players import CoalitionGame, EventGame, MechanismGame, Player
from sim.analysis.shapley import MOST_EXACT, coalitions_along, sampled_orders
from sim.analysis.sharing import (
    ALIKE,
    IDLE,
    Share,
    Worth,
    coalition_table,
    pair_table,
    shares_of_all,
    shares_of_orders,
)
from sim.errors import InputError
from sim.experiments.executors import Progress
from sim.experiments.parameters.sources import ParameterSource
from sim.experiments.variants import pose, run_variants
from sim.output.comparing import reach_of
from sim.output.intervals import mean_interval
from sim.output.stated import mean_in_words
from sim.scenario.branches import acts_on
from sim.scenario.expressions import parse_metric
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.plots.style import Sheet

REPLICATES: Final = 256
"""Replicates of each coalition unless another number is asked for."""

ORDERS: Final = 20
"""Orders that are sampled unless another number is asked for."""

Of = Literal["events", "mechanisms"]


@dataclass(frozen=True, eq=False)
class Attribution:
    """Shapley shares of the players (events or mechanisms) in a metric of a branch.

    Attributes
    ----------
    scenario : Scenario
        The inputs.
    metric, branch, of : str
        What is shared, where, and among ``events`` or ``mechanisms``.
    players : tuple of Player
        In order of their dates, or as given.
    seed, replicates : int
        The draws.
    runs : int
        Runs that were made; coalitions that leave equal branches share them.
    method : str
        ``exact`` (all coalitions) or ``orders`` (a sample of the orders in which players join).
    orders : int
        Orders sampled; 0 if exact.
    ends : tuple of float
        Mean of the metric without any player and with all.
    total, total_low, total_high : float
        What all players make together, with its 90 % interval.
    shares : pandas.DataFrame
        One row a player: ``player``, ``members``, ``date`` (of the first event; missing for mechanisms), ``value``,
        ``low``, ``high`` (90 % interval). The values add up to the total.
    interactions : pandas.DataFrame or None
        One row a pair, if asked for: ``a``, ``b``, ``value``, ``low``, ``high``; what two make together beyond what
        each makes without the other.
    coalitions : pandas.DataFrame or None
        In exact mode one row a coalition: a column of true or false for each player, and ``mean``.
    warnings : tuple of str
        What limits the shares.
    """

    scenario: Scenario
    metric: str
    branch: str
    of: Of
    players: tuple[Player, ...]
    seed: int
    replicates: int
    runs: int
    method: Literal["exact", "orders"]
    orders: int
    ends: tuple[float, float]
    total: float
    total_low: float
    total_high: float
    shares: pd.DataFrame
    interactions: pd.DataFrame | None
    coalitions: pd.DataFrame | None
    warnings: tuple[str, ...]

    def report(self) -> dict[str, Any]:
        """Return the attribution as plain data for JSON, as ``attribute --json`` prints it."""
        data: dict[str, Any] = {
            "metric": self.metric,
            "branch": self.branch,
            "of": self.of,
            "method": self.method,
            "orders": self.orders,
            "replicates": self.replicates,
            "seed": self.seed,
            "runs": self.runs,
            "from": self.ends[0],
            "to": self.ends[1],
            "total": self.total,
            "total_low": _plain(self.total_low),
            "total_high": _plain(self.total_high),
            "shares": {row["player"]: _cells(row) for row in self.shares.to_dict("records")},
            "warnings": list(self.warnings),
        }
        if self.interactions is not None:
            rows = self.interactions.to_dict("records")
            data["interactions"] = [{"a": row["a"], "b": row["b"], **_cells(row)} for row in rows]
        return data

    def plot(self) -> "Sheet":
        """Draw the shares as a waterfall, from the metric without any player to the metric with all of them."""
        from sim.analysis.attribution_files import attribution_figure  # noqa: PLC0415 - loads matplotlib

        return attribution_figure(self)

    def _repr_html_(self) -> str:
        none, every = (mean_in_words(parse_metric(self.metric), end) for end in self.ends)
        title = f"{self.metric}: from {none} without any to {every} with all ({self.branch})"
        return f"<p>{escape(title)}</p>{self.shares.to_html(index=False)}"


def attribute(
    scenario: Scenario,
    metric: str,
    *,
    of: Of = "events",
    players: Sequence[str] = (),
    branch: str | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    parameters: ParameterSource = None,
    interactions: bool = False,
    orders: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Attribute a metric to the events of a branch, or to mechanisms of the model, by Shapley shares.

    The worth of a coalition is the mean of the metric over replicates of the branch with the other players taken out;
    all coalitions have the same random draws. Up to 12 players all coalitions are run (exact), more are sampled by the
    orders in which they join (Castro, Gomez & Tejada 2009), each order with its reverse. Runs end when the metric is
    settled.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    metric : str
        A metric expression that is a number, or true or false.
    of : str
        ``events`` or ``mechanisms``.
    players : sequence of str
        ``NAME``, ``NAME+NAME`` or ``LABEL=NAME+NAME``; default: every event that acts before the metric is settled
        and is not because of another, or every mechanism.
    branch : str, optional
        Default: the first.
    replicates, seed : int, optional
        Replicates of each coalition, and the seed of their draws; default: 256, and the scenario's.
    parameters : Draws, str or Path, optional
        Where the parameters of each replicate come from, as for `sim.run`.
    interactions : bool
        Whether to compute interactions of pairs of players; needs 12 players at most.
    orders : int, optional
        Sample so many orders, an even number, even where all coalitions could be run; default: 20 above 12 players.
    workers : int, optional
        Threads; default: the processors at hand.
    progress : callable, optional
        Called with the runs done and the runs to do.

    Raises
    ------
    InputError
        If a name, a number or the metric is refused.

    Examples
    --------
    >>> found = attribute(scenario, "ARM.trust[RUS]@end", players=["attack-2022", "russia-2022"])  # doctest: +SKIP
    >>> found.shares  # doctest: +SKIP
    """
    chosen, setup, trial = pose(scenario, metric, branch, seed, replicates, parameters)
    game: CoalitionGame = EventGame(setup, players) if of == "events" else MechanismGame(setup, players)
    count = len(game.players)
    sampled = orders is not None or count > MOST_EXACT
    if interactions and sampled:
        raise InputError(f"interactions need all coalitions of at most {MOST_EXACT} players; there are {count}")
    joined = sampled_orders(count, _order_pairs(orders), 1) if sampled else []
    masks = [mask for order in joined for mask in coalitions_along(order)] if sampled else range(2**count)
    keys = {mask: game.key(mask) for mask in masks}
    ran = run_variants(trial, list(keys.values()), game.variant, workers, progress)
    values = {mask: ran[key] for mask, key in keys.items()}
    worth = Worth(game, values, reach_of(trial.metric, setup.calendar.dates)).without_nulls(metric)
    none, all_ = worth.values[0], worth.values[2**count - 1]
    total_low, total_high, _ = mean_interval(all_ - none, worth.reach)
    shares = shares_of_orders(worth, joined) if sampled else shares_of_all(worth)
    return Attribution(
        scenario=scenario,
        metric=metric,
        branch=chosen,
        of=of,
        players=game.players,
        seed=trial.seed,
        replicates=replicates,
        runs=len(ran) * replicates,
        method="orders" if sampled else "exact",
        orders=len(joined),
        ends=(float(none.mean()), float(all_.mean())),
        total=float((all_ - none).mean()),
        total_low=total_low,
        total_high=total_high,
        shares=_rows(game.players, setup.scenario if of == "events" else None, shares),
        interactions=pair_table(worth) if interactions else None,
        coalitions=None if sampled else coalition_table(worth),
        warnings=_warnings(worth, metric, shares, sampled=sampled),
    )


def _order_pairs(orders: int | None) -> int:
    count = ORDERS if orders is None else orders
    if count < 4 or count % 2:
        raise InputError(
            f"orders {count} is not allowed; allowed: even numbers from 4, each order comes with its reverse"
        )
    return count // 2


def _rows(players: Sequence[Player], scenario: Scenario | None, shares: Sequence[Share]) -> pd.DataFrame:
    rows = []
    for player, share in zip(players, shares, strict=True):
        day = None
        if scenario is not None:
            day = min(acts_on(scenario, scenario.events[name]) for name in player.members)
        cells = {"value": share.value, "low": share.low, "high": share.high}
        rows.append({"player": player.name, "members": "+".join(player.members), "date": day, **cells})
    return pd.DataFrame(rows)


def _warnings(worth: Worth, metric: str, shares: Sequence[Share], *, sampled: bool) -> tuple[str, ...]:
    named = {
        kind: ", ".join(
            player.name for player, share in zip(worth.game.players, shares, strict=True) if share.kind == kind
        )
        for kind in (IDLE, ALIKE)
    }
    messages = []
    if named[IDLE]:
        messages.append(f"nothing that a run reads before the metric is settled, so the share is 0: {named[IDLE]}")
    if named[ALIKE]:
        messages.append(
            f"the same in all replicates: {named[ALIKE]}; the interval is what {worth.replicates} replicates "
            "cannot rule out (exact binomial bound)"
        )
    if worth.lost:
        messages.append(f"'{metric}' has no value in {worth.lost} replicates of some coalition; they are left out")
    if sampled:
        messages.append(f"shares among {len(worth.game.players)} players are sampled over orders in which they join")
    return tuple(messages)


def _cells(row: dict[Any, Any]) -> dict[str, float | None]:
    return {name: _plain(row[name]) for name in ("value", "low", "high")}


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
