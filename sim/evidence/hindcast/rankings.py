"""Rankings of members by risk: the leavers of 1999, Uzbekistan in 2012, Armenia in 2023-24; and false alarms."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from sim.evidence.hindcast.model_forecast import SIMULATED
from sim.output.intervals import LEVEL

Floats = NDArray[np.float64]

ALARM: Final = 0.5
"""Chance from which a forecast counts as an alarm."""


class Contest(NamedTuple):
    """Forecast whose ranking of states is compared with the outcome.

    Attributes
    ----------
    name, origin, target : str
    horizon : int
    winners : tuple of str
        Whom it happened to.
    """

    name: str
    origin: str
    horizon: int
    target: str
    winners: tuple[str, ...]


CONTESTS: Final = (
    Contest("leavers of 1999", "1998-12", 6, "exit", ("AZE", "GEO", "UZB")),
    Contest("Uzbekistan in 2012", "2011-12", 12, "exit", ("UZB",)),
    Contest("Uzbekistan in 2012, at least a freeze", "2011-12", 12, "freeze", ("UZB",)),
    Contest("Armenia in 2023-24", "2022-12", 24, "freeze", ("ARM",)),
)


def auc(winners: Floats, others: Floats) -> float:
    """Return the area under the ROC curve: the chance that a winner ranks above another state, ties counted half.

    Examples
    --------
    >>> auc(np.array([0.3, 0.1]), np.array([0.1, 0.0]))
    0.875
    """
    ranks = rankdata(np.concatenate([winners, others]))
    count = len(winners)
    return float((ranks[:count].sum() - count * (count + 1) / 2) / (count * len(others)))


def auc_interval(winners: Floats, others: Floats, seed: int, resamples: int = 2000) -> tuple[float, float]:
    """Return the bootstrap interval of `auc` over states, winners and others separately; NaN for a single winner."""
    if len(winners) < 2 or len(others) < 2:
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    areas = [
        auc(generator.choice(winners, len(winners)), generator.choice(others, len(others))) for _ in range(resamples)
    ]
    low, high = np.quantile(areas, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return float(low), float(high)


def rankings(forecasts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the rankings that the forecasts cover, a row for each split, contest, mode and member.

    Returns
    -------
    DataFrame
        split, mode, contest, origin, horizon, target, state, won, chance, rank (1 first, ties share the mean), and
        auc, low, high of the contest.
    """
    rows = []
    for (split, mode), group in forecasts.groupby(["split", "mode"], sort=False):
        for contest in CONTESTS:
            asked = group[
                (group["origin"] == contest.origin)
                & (group["horizon"] == contest.horizon)
                & (group["target"] == contest.target)
            ]
            won = asked["state"].isin(contest.winners).to_numpy()
            if not won.any() or won.all():
                continue
            chances = asked["model"].to_numpy(dtype=np.float64)
            area = auc(chances[won], chances[~won])
            low, high = auc_interval(chances[won], chances[~won], seed)
            rows += [
                {
                    "split": split, "mode": mode, "contest": contest.name, "origin": contest.origin,
                    "horizon": contest.horizon, "target": contest.target, "state": state, "won": bool(is_winner),
                    "chance": chance, "rank": rank, "auc": area, "low": low, "high": high,
                }
                for state, is_winner, chance, rank in zip(asked["state"], won, chances, rankdata(-chances), strict=True)
            ]  # fmt: skip
    heads = ["split", "mode", "contest", "origin", "horizon", "target", "state", "won", "chance", "rank"]
    return pd.DataFrame(rows, columns=[*heads, "auc", "low", "high"]).sort_values(
        ["split", "contest", "mode", "rank", "state"], kind="stable", ignore_index=True
    )


def false_alarms(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the false alarms: how often the model gave a high probability to events that did not happen.

    Returns
    -------
    DataFrame
        split, horizon, target, quiet (forecasts after which nothing happened), alarms (those with a chance of
        `ALARM` or more), share, highest (chance), state and origin of the highest.
    """
    rows = []
    quiet = forecasts[(forecasts["mode"] == SIMULATED) & (forecasts["outcome"] == 0)]
    for (split, horizon, target), group in quiet.groupby(["split", "horizon", "target"], sort=False):
        worst = group.iloc[int(group["model"].argmax())]
        alarms = int((group["model"] >= ALARM).sum())
        rows.append(
            {
                "split": split, "horizon": horizon, "target": target, "quiet": len(group), "alarms": alarms,
                "share": alarms / len(group), "highest": worst["model"], "state": worst["state"],
                "origin": worst["origin"],
            }
        )  # fmt: skip
    heads = ["split", "horizon", "target", "quiet", "alarms", "share", "highest", "state", "origin"]
    return pd.DataFrame(rows, columns=heads)
