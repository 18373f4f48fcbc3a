"""Polls and shares as observations of a run's variables, with a stated error on the scale of logits.

The error follows Student's t with four degrees of freedom, so that one odd wave does not rule a course out (Lange,
Little & Taylor 1989). Waves of one measure on one day share one weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import lgamma, log, pi
from typing import Final

import numpy as np

from sim.evidence.record import Record
from sim.evidence.tables import ALLIANCE
from sim.model.world import Floats
from sim.scenario.expressions import Path
from sim.words import ARMS, CHANNELS

FREEDOM: Final = 4.0

ERRORS: Final = {"approval": 0.4, "exit_support": 0.4, "trust": 0.4, "arms": 0.5}
"""Scale of the error in logits of a direct question or measure: question order, wording, house and sample."""

INDIRECT: Final = 0.8
"""Scale for a poll that asks about the guarantor instead of the alliance, or the reverse."""

EDGE: Final = 0.01
"""Shares are kept so far from 0 and 1 before they are turned into logits."""


@dataclass(frozen=True)
class Observation:
    """One poll or share: the variable, state and day that it is of, its value 0..1, its error in logits, its weight."""

    path: Path
    state: str
    day: date
    value: float
    error: float
    weight: float


def observations_of(record: Record, guarantor: str, treaty: str = ALLIANCE) -> tuple[Observation, ...]:
    """Return the polls and arms shares of a record as observations.

    Polls of other measures are left out. A poll is direct if it asks about the guarantor for trust, and about the
    alliance for approval and support for exit. A share of arms counts in the middle of its years.
    """
    polls = record.polls[record.polls["measure"].isin(ERRORS)]
    sharing = polls.groupby(["state", "measure", "date"])["percent"].transform("size")
    observations = []
    for row, others in zip(polls.to_dict("records"), sharing, strict=True):
        measure = str(row["measure"])
        direct = (treaty in str(row["question"])) != (measure == "trust")
        path = Path(row["state"], measure, guarantor if measure == "trust" else treaty)
        error = ERRORS[measure] if direct else INDIRECT
        observations.append(Observation(path, row["state"], row["date"], row["percent"] / 100.0, error, 1.0 / others))
    for row in record.arms.to_dict("records"):
        middle = date((row["first"] + row["last"]) // 2, 7, 1)
        path = Path(row["state"], CHANNELS[ARMS], row["supplier"])
        observations.append(Observation(path, row["state"], middle, row["share"], ERRORS["arms"], 1.0))
    return tuple(observations)


def log_densities(observed: Sequence[Observation], values: Floats) -> Floats:
    """Return the log-density of each observation given the run's values, times its weight.

    Parameters
    ----------
    values : array (R, observations)
        Shares 0..1 in each run.

    Returns
    -------
    array (R, observations)
    """
    errors, weights = (
        np.array([getattr(observation, name) for observation in observed]) for name in ("error", "weight")
    )
    away = (_logits(values) - _logits(np.array([observation.value for observation in observed]))) / errors
    constant = lgamma((FREEDOM + 1.0) / 2.0) - lgamma(FREEDOM / 2.0) - 0.5 * log(FREEDOM * pi)
    return np.asarray(weights * (constant - np.log(errors) - 0.5 * (FREEDOM + 1.0) * np.log1p(away**2 / FREEDOM)))


def drawn_at(observed: Sequence[Observation], values: Floats, generator: np.random.Generator) -> list[Observation]:
    """Return observations of weight 1 whose values are a run's own, with errors drawn from their distribution.

    Parameters
    ----------
    values : array (observations)
        Shares 0..1 in the run.
    """
    errors = np.array([observation.error for observation in observed]) * generator.standard_t(FREEDOM, len(observed))
    shares = 1.0 / (1.0 + np.exp(-_logits(values) - errors))
    return [
        replace(observation, value=float(share), weight=1.0)
        for observation, share in zip(observed, shares, strict=True)
    ]


def _logits(shares: Floats) -> Floats:
    clipped = np.clip(shares, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(clipped / (1.0 - clipped)))


def before(observed: Sequence[Observation], first: date, last: date) -> tuple[Observation, ...]:
    """Return the observations between two days, both included."""
    return tuple(observation for observation in observed if first <= observation.day <= last)
