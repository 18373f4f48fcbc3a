"""Covariates of the logit baseline: a recent unmet attack, dependence on the guarantor, a change of leader."""

from typing import Final

import numpy as np
import pandas as pd

from sim.evidence.record import Record
from sim.model.events.leader import Leader
from sim.model.quantity import Quantity
from sim.scenario import Scenario
from sim.words import CHANNELS

UNMET_MONTHS: Final = 24
LEADER_MONTHS: Final = 12
"""How long an unmet attack, and a change of leader, counts as recent."""


class Covariates:
    """Covariates of a state in a month for naive forecasts, from data up to that month only.

    Parameters
    ----------
    record : Record
        Attacks, and the guarantor's answers to them.
    history : Scenario
        Dependence by year, and changes of leader.
    guarantor : str
    """

    def __init__(self, record: Record, history: Scenario, guarantor: str) -> None:
        self._history, self._guarantor = history, guarantor
        answers = record.answers()
        answers = answers[(answers["state"] == guarantor) & answers["response"].isin(("materiel", "forces"))]
        helped = dict(zip(answers["event"], answers["date"], strict=True))
        known = set(record.answers().query("state == @guarantor")["event"])
        self._attacks = [
            (victim, pd.Period(day, "M"), None if event not in helped else pd.Period(helped[event], "M"))
            for event, victim, aggressor, day in zip(
                *(record.attacks[name] for name in ("event", "victim", "aggressor", "date")), strict=True
            )
            if event in known or aggressor == guarantor
        ]
        self._leaders = [
            (event.state, pd.Period(event.date, "M")) for event in history.events.values() if isinstance(event, Leader)
        ]

    def at(self, state: str, month: pd.Period) -> tuple[float, float, float]:
        """Return unmet attack (0 or 1), dependence (0..1) and change of leader (0 or 1)."""
        unmet = any(
            victim == state and month - UNMET_MONTHS < day <= month and (met is None or met > month)
            for victim, day, met in self._attacks
        )
        leader = any(who == state and month - LEADER_MONTHS < day <= month for who, day in self._leaders)
        return float(unmet), self._dependence(state, month.year), float(leader)

    def _dependence(self, state: str, year: int) -> float:
        dyad = self._history.dyads.get(state, {}).get(self._guarantor)
        shares = [] if dyad is None else [getattr(dyad, channel) for channel in CHANNELS]
        known = [share.at(year) for share in shares if isinstance(share, Quantity)]
        return float(np.mean(known)) if known else 0.0
