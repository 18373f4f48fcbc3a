"""Naive posture forecasts: Markov chains of monthly transitions between rungs of the ladder."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.hindcast.covariates import Covariates
from sim.evidence.hindcast.origins import FIRST, Part
from sim.evidence.logit import Logit, fit_logit
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, POSTURES

Floats = NDArray[np.float64]

NAIVE: Final = ("persistence", "hazard", "last12", "logit")
"""Everybody stays; constant hazards; the steps of the last twelve months again; a logit of three covariates."""

ANYWHERE: Final = ("persistence", "hazard", "last12", "base-rate")
"""The forecasters that need postures alone and no library of cases; the base rate is that of exits, without other
moves."""

EXIT_PER_YEAR: Final = 0.0029
"""Early exits from multilateral defence pacts after 1945 a member-year: 29 in 10,020 (A11: ATOP)."""

RECENT: Final = 12
RANKS: Final = len(POSTURES)


SCARCE: Final = 12.0
"""Months that half a case is added to where a course may be short: a vaguer prior would make members on a rung that
nobody has held for long move every other month."""


def rate(count: float, trials: float, added: float = 1.0) -> float:
    """Return a probability estimated from counts, with half a case in ``added`` trials added (1: Jeffreys 1946)."""
    return (count + 0.5) / (trials + added)


def chain(up: float, leave: float, down: float, back: float, notice: float) -> Floats:
    """Return a monthly transition matrix (K, K) between rungs: rows from, columns to.

    Parameters
    ----------
    up, leave, down, back : float
        Monthly chance of a step up, of leaving at once, of a step down, and of a return.
    notice : float
        Months from notice to exit.
    """
    moves = np.zeros((RANKS, RANKS))
    for rung in range(LOYAL, NOTIFY):
        moves[rung, rung + 1] += up
        moves[rung, OUT] += leave
        if rung > LOYAL:
            moves[rung, rung - 1] = down
    moves[NOTIFY, OUT] = 1.0 / max(1.0, notice)
    moves[OUT, LOYAL] = back
    return moves + np.diag(1.0 - moves.sum(axis=1))


def places(moves: Floats, rung: int, months: int) -> Floats:
    """Return the probability of each rung after 0..months months (months + 1, K), from a starting rung."""
    chances = np.zeros((months + 1, RANKS))
    chances[0, rung] = 1.0
    for month in range(months):
        chances[month + 1] = chances[month] @ moves
    return chances


def reached(moves: Floats, rung: int, event: str, months: int) -> Floats:
    """Return the probability that an event has happened by the end of month 0..months (months + 1)."""
    first = {"freeze": FREEZE, "exit": NOTIFY, "step-up": rung + 1}[event]
    stopped = moves.copy()
    stopped[first:] = np.eye(RANKS)[first:]
    return np.asarray(places(stopped, rung, months)[:, first:].sum(axis=1))


class Chains:
    """Naive forecasts of postures for one part of a split.

    Parameters
    ----------
    panel : DataFrame
        Recorded rungs by month and state, the guarantor left out.
    part : Part
        What they may be fitted to: months up to ``part.fitted``, and not ``part.without``.
    covariates : Covariates or None
        Without them there is no logit, and the forecasters are those of `ANYWHERE`.
    notice : float
        Months from notice to exit.
    since : Period
        First month from which moves count.

    Attributes
    ----------
    names : tuple of str
        The naive forecasters.
    """

    def __init__(
        self, panel: pd.DataFrame, part: Part, covariates: Covariates | None, notice: float, since: pd.Period = FIRST
    ) -> None:
        self._covariates, self._notice = covariates, notice
        self._moves = moves_of(panel)
        self._recent: dict[pd.Period, Floats] = {}
        self._leave = 1.0 - (1.0 - EXIT_PER_YEAR) ** (1.0 / 12.0)
        known = (self._moves["month"] >= since) & (self._moves["month"] < part.fitted)
        moves = self._moves[known & (self._moves["state"] != part.without)]
        member, out = moves["before"].between(LOYAL, FREEZE), moves["before"] == OUT
        rises = member & (moves["after"] > moves["before"])
        added = SCARCE if covariates is None else 1.0
        self.up = rate((rises & (moves["after"] < OUT)).sum(), member.sum(), added)
        self.down = rate(
            (moves["before"].between(LOYAL + 1, FREEZE) & (moves["after"] < moves["before"])).sum(),
            moves["before"].between(LOYAL + 1, FREEZE).sum(),
            added,
        )
        self.back = rate((out & (moves["after"] < OUT)).sum(), out.sum(), added)
        self.leaving = rate((rises & (moves["after"] == OUT)).sum(), rises.sum())
        self.names = ANYWHERE if covariates is None else NAIVE
        if covariates is not None:
            rows = moves[member]
            seen = [covariates.at(state, month) for state, month in zip(rows["state"], rows["month"], strict=True)]
            self.logit: Logit = fit_logit(np.array(seen), np.array(rises[member], dtype=np.float64))

    def moves(self, name: str, state: str, origin: pd.Period) -> Floats:
        """Return the transition matrix (K, K) of one naive forecaster for a state at an origin."""
        if name == "persistence":
            return np.eye(RANKS)
        if name == "hazard":
            return chain(self.up, self._leave, self.down, self.back, self._notice)
        if name == "base-rate":
            return chain(0.0, self._leave, 0.0, 0.0, self._notice)
        if name == "last12":
            if origin not in self._recent:
                self._recent[origin] = self._again(origin)
            return self._recent[origin]
        if self._covariates is None:
            raise ValueError(f"no forecaster '{name}' without covariates")
        risen = self.logit.chance(self._covariates.at(state, origin))
        up, leave = risen * (1.0 - self.leaving), risen * self.leaving
        return chain(up, leave, self.down, self.back, self._notice)

    def _again(self, origin: pd.Period) -> Floats:
        """Return a transition matrix that resamples members' steps in the twelve months before an origin."""
        recent = self._moves[(self._moves["month"] >= origin - RECENT) & (self._moves["month"] < origin)]
        moves = np.zeros((RANKS, RANKS))
        for outside in (False, True):
            rows = recent[(recent["before"] == OUT) == outside]
            steps = (rows["after"] - rows["before"]).value_counts(normalize=True)
            for rung in range(RANKS):
                if (rung == OUT) != outside:
                    continue
                if rows.empty:
                    moves[rung, rung] = 1.0
                for step, share in steps.items():
                    moves[rung, int(np.clip(rung + int(str(step)), LOYAL, OUT))] += share
        return moves


def moves_of(panel: pd.DataFrame) -> pd.DataFrame:
    """Return each state's transitions between consecutive months: state, month (the first), before, after."""
    before = panel.iloc[:-1].rename_axis("month").reset_index().melt("month", var_name="state", value_name="before")
    after = panel.iloc[1:].melt(value_name="after")["after"]
    rows = before.assign(after=after)
    return rows[rows["before"] >= LOYAL].reset_index(drop=True)
