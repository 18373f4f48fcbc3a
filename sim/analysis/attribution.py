"""Which event did it: the Shapley share of each event, or mechanism, in a metric of a branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from sim.analysis.players import EventGame, Game, MechanismGame, Player
from sim.analysis.shapley import MOST_EXACT, coalitions_along, exact_interactions, exact_shares, sampled_orders
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.ensemble import check_seed, choose_branches, positive
from sim.experiments.masking import shortened
from sim.experiments.metrics import read_metrics
from sim.experiments.variants import Trial, run_variants
from sim.experiments.workers import Progress
from sim.output.comparing import reach_of
from sim.output.intervals import mean_interval, mean_intervals, two_way_intervals
from sim.output.measuring import Floats, horizon, kind_of
from sim.scenario.branches import acts_on
from sim.scenario.schema import Scenario

REPLICATES: Final = 256
"""Replicates of each coalition unless another number is asked for."""

ORDERS: Final = 20
"""Orders that are sampled unless another number is asked for."""

_DIGITS = 12
"""Decimals of a replicate's share; what is beyond is rounding of sums."""

_IDLE, _ALIKE = "idle", "alike"

Of = Literal["events", "mechanisms"]


@dataclass(frozen=True, eq=False)
class Attribution:
    """The shares of players in a metric of a branch.

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
        """Return what ``attribute --json`` prints beside the folder."""
        found: dict[str, Any] = {
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
            found["interactions"] = [{"a": row["a"], "b": row["b"], **_cells(row)} for row in rows]
        return found

    def plot(self) -> Any:
        """Draw the shares one after the other, from the metric without any player to that with all."""
        return import_module("sim.analysis.attribution_files").attribution_figure(self)

    def _repr_html_(self) -> str:
        title = f"{self.metric}: from {self.ends[0]:.3g} without any to {self.ends[1]:.3g} with all ({self.branch})"
        return f"<p>{escape(title)}</p>{self.shares.to_html(index=False)}"


class _Share(NamedTuple):
    """A share, its interval, and why that is not from a bootstrap, if it is not."""

    value: float
    low: float
    high: float
    kind: str


@dataclass(frozen=True)
class _Table:
    """Values of coalitions by replicate, and what is needed to judge them."""

    game: Game
    worth: dict[int, Floats]
    reach: float | None
    runs: int
    lost: int


def attribute(
    scenario: Scenario,
    metric: str,
    *,
    of: Of = "events",
    players: Sequence[str] = (),
    branch: str | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    interactions: bool = False,
    orders: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Share out a metric among the events of a branch, or among mechanisms of the model.

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
    interactions : bool
        Whether pairs of players are looked at; needs 12 players at most.
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
    (chosen,) = choose_branches(scenario, [branch] if branch else None)[:1]
    (parsed,) = read_metrics([metric], scenario, [chosen]).values()
    if kind_of(parsed) == "date":
        raise InputError(f"metric '{metric}' is a date, which has no mean; compare it, such as '{metric} <= 2024-12'")
    whole = prepare(scenario, chosen)
    days = whole.calendar.dates
    setup = shortened(whole, max(1, horizon(parsed, days)))
    game: Game = EventGame(setup, players) if of == "events" else MechanismGame(setup, players)
    count = len(game.players)
    sampled = orders is not None or count > MOST_EXACT
    if interactions and sampled:
        raise InputError(f"interactions need all coalitions of at most {MOST_EXACT} players; there are {count}")
    joined = sampled_orders(count, _order_pairs(orders), 1) if sampled else []
    masks = [mask for order in joined for mask in coalitions_along(order)] if sampled else range(2**count)
    keys = {mask: game.key(mask) for mask in masks}
    start = check_seed(scenario.seed if seed is None else seed)
    trial = Trial(parsed, start, positive("replicates", replicates))
    ran = run_variants(trial, list(keys.values()), game.variant, workers, progress)
    worth = {mask: ran[key] for mask, key in keys.items()}
    table = _known(_Table(game, worth, reach_of(parsed, days), len(ran) * replicates, 0), metric)
    worth = table.worth
    none, all_ = worth[0], worth[2**count - 1]
    total_low, total_high, _ = mean_interval(all_ - none, table.reach)
    shares = _sampled(table, joined) if sampled else _exact(table)
    return Attribution(
        scenario=scenario,
        metric=metric,
        branch=chosen,
        of=of,
        players=game.players,
        seed=start,
        replicates=replicates,
        runs=table.runs,
        method="orders" if sampled else "exact",
        orders=len(joined),
        ends=(float(none.mean()), float(all_.mean())),
        total=float((all_ - none).mean()),
        total_low=total_low,
        total_high=total_high,
        shares=_rows(game.players, setup.scenario if of == "events" else None, shares),
        interactions=_interactions(table) if interactions else None,
        coalitions=None if sampled else _coalitions(table),
        warnings=_warnings(table, metric, shares, sampled=sampled),
    )


def _order_pairs(orders: int | None) -> int:
    count = ORDERS if orders is None else orders
    if count < 4 or count % 2:
        raise InputError(
            f"orders {count} is not allowed; allowed: even numbers from 4, each order comes with its reverse"
        )
    return count // 2


def _known(table: _Table, metric: str) -> _Table:
    """Leave out replicates in which the metric is null in any coalition."""
    known = ~np.isnan(np.stack(list(table.worth.values()))).any(axis=0)
    if not known.any():
        raise InputError(f"metric '{metric}' has no value (null) in some coalition of every replicate")
    if known.all():
        return table
    worth = {mask: values[known] for mask, values in table.worth.items()}
    return _Table(table.game, worth, table.reach, table.runs, int((~known).sum()))


def _exact(table: _Table) -> list[_Share]:
    """Return the shares with intervals from a bootstrap over replicates."""
    shares = _rounded(exact_shares(np.stack([table.worth[mask] for mask in range(len(table.worth))])))
    moving = np.ptp(shares, axis=1) > 0
    return _shares(table, shares, moving, mean_intervals(shares[moving].T))


def _sampled(table: _Table, orders: Sequence[Any]) -> list[_Share]:
    """Return the shares with intervals from a bootstrap over pairs of orders and over replicates."""
    count, replicates = len(table.game.players), len(table.worth[0])
    gains = np.zeros((count, len(orders) // 2, replicates))
    for place, order in enumerate(orders):
        masks = list(coalitions_along(order))
        for player, before, after in zip(order.tolist(), masks, masks[1:], strict=False):
            gains[player, place // 2] += (table.worth[after] - table.worth[before]) / 2
    gains = _rounded(gains)
    moving = np.ptp(gains, axis=(1, 2)) > 0
    return _shares(table, gains.mean(axis=1), moving, two_way_intervals(gains[moving]))


def _shares(table: _Table, shares: Floats, moving: Any, intervals: tuple[Floats, Floats]) -> list[_Share]:
    """Join shares (player, replicate) and the intervals of those that are not the same throughout."""
    ends = iter(zip(*(end.tolist() for end in intervals), strict=True))
    found = []
    for player, share in enumerate(shares):
        value = float(share.mean())
        if moving[player]:
            low, high = next(ends)
            found.append(_Share(value, low, high, ""))
        elif _idle(table.game, player):
            found.append(_Share(value, 0.0, 0.0, _IDLE))
        else:
            low, high, _ = mean_interval(share, table.reach)
            found.append(_Share(value, low, high, _ALIKE))
    return found


def _idle(game: Game, player: int) -> bool:
    """Tell whether a player changes nothing that a run reads."""
    whole = 2 ** len(game.players) - 1
    return game.key(whole) == game.key(whole & ~(1 << player))


def _rounded(shares: Floats) -> Floats:
    return np.round(shares, _DIGITS) + 0.0


def _rows(players: Sequence[Player], scenario: Scenario | None, shares: Sequence[_Share]) -> pd.DataFrame:
    rows = []
    for player, share in zip(players, shares, strict=True):
        day = None
        if scenario is not None:
            day = min(acts_on(scenario, scenario.events[name]) for name in player.members)
        cells = {"value": share.value, "low": share.low, "high": share.high}
        rows.append({"player": player.name, "members": "+".join(player.members), "date": day, **cells})
    return pd.DataFrame(rows)


def _interactions(table: _Table) -> pd.DataFrame:
    worth = np.stack([table.worth[mask] for mask in range(len(table.worth))])
    reach = None if table.reach is None else 2 * table.reach
    names = [player.name for player in table.game.players]
    rows = []
    for (i, j), values in exact_interactions(worth).items():
        found = _rounded(values)
        low, high, alike = mean_interval(found, reach)
        if alike and (_idle(table.game, i) or _idle(table.game, j)):
            low = high = 0.0
        rows.append({"a": names[i], "b": names[j], "value": float(found.mean()), "low": low, "high": high})
    table_of = pd.DataFrame(rows, columns=["a", "b", "value", "low", "high"])
    order = table_of["value"].abs().sort_values(ascending=False, kind="stable").index
    return table_of.loc[order].reset_index(drop=True)


def _coalitions(table: _Table) -> pd.DataFrame:
    masks = np.arange(len(table.worth))
    columns: dict[str, Any] = {
        player.name: (masks >> place & 1).astype(bool) for place, player in enumerate(table.game.players)
    }
    return pd.DataFrame({**columns, "mean": [float(table.worth[mask].mean()) for mask in masks.tolist()]})


def _warnings(table: _Table, metric: str, shares: Sequence[_Share], *, sampled: bool) -> tuple[str, ...]:
    named = {
        kind: ", ".join(
            player.name for player, share in zip(table.game.players, shares, strict=True) if share.kind == kind
        )
        for kind in (_IDLE, _ALIKE)
    }
    found = []
    if named[_IDLE]:
        found.append(f"nothing that a run reads before the metric is settled, so the share is 0: {named[_IDLE]}")
    if named[_ALIKE]:
        found.append(
            f"the same in all replicates: {named[_ALIKE]}; the interval is what {len(table.worth[0])} replicates "
            "cannot rule out (exact binomial bound)"
        )
    if table.lost:
        found.append(f"'{metric}' has no value in {table.lost} replicates of some coalition; they are left out")
    if sampled:
        found.append(f"shares among {len(table.game.players)} players are sampled over orders in which they join")
    return tuple(found)


def _cells(row: dict[Any, Any]) -> dict[str, float | None]:
    return {name: _plain(row[name]) for name in ("value", "low", "high")}


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
