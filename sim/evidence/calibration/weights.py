"""Weights of members in the likelihood, so that no member dominates the fit.

A member brings as much as its log-likelihood differs from that of constant hazards, which know how often things happen
and nothing of why. Weights have mean 1, and none brings more than a fifth of the whole.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from sim.engine.forcing import KINDS
from sim.evidence.calibration.forced_record import ALL_KINDS, ForcedRecord
from sim.evidence.calibration.observations import log_densities
from sim.model.world import NOBODY, Floats
from sim.rules.course import RUNGS
from sim.rules.response import LEVELS

LARGEST: Final = 0.2
"""Largest share of what all members bring that one may bring."""

CALLS, RESPONSES, COURSES = range(len(KINDS))


def constant_hazards(forced: ForcedRecord) -> Floats:
    """Return each member's log-likelihood under constant hazards and frequencies fitted to the record (members, kinds).

    Courses follow the frequency of each step from each rung, calls and responses their frequencies, and each measure of
    polls and shares its mean.
    """
    terms = np.zeros((len(forced.members), len(ALL_KINDS)))
    terms[:, COURSES] = _courses(forced)
    terms[:, CALLS], terms[:, RESPONSES] = _crises(forced)
    terms[:, len(KINDS)] = _observations(forced)
    return terms


def _courses(forced: ForcedRecord) -> Floats:
    steps: list[tuple[int, int, int, float]] = []
    treaty = forced.setup.treaties.index(forced.setup.focus)
    for member, code in enumerate(forced.members):
        state = forced.setup.codes.index(code)
        rungs = [_rung(int(places)) for places in forced.forcing.possible[:, state, treaty]]
        weights = forced.forcing.course_weight[:, state, treaty]
        steps += [
            (member, start, end, float(weight))
            for (start, end), weight in zip(pairwise(rungs), weights[1:], strict=True)
            if NOBODY not in (start, end)
        ]
    counts = np.zeros((RUNGS, RUNGS))
    for _, start, end, weight in steps:
        counts[start, end] += weight
    chances = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    terms = np.zeros(len(forced.members))
    for member, start, end, weight in steps:
        if weight > 0.0:
            terms[member] += weight * np.log(chances[start, end])
    return terms


def _rung(places: int) -> int:
    """Return the rung of a set of places that all share one."""
    rungs = {place % RUNGS for place in range(places.bit_length()) if places >> place & 1}
    return rungs.pop() if len(rungs) == 1 else NOBODY


def _crises(forced: ForcedRecord) -> tuple[Floats, Floats]:
    calls: list[tuple[str, int, float]] = []
    responses: list[tuple[str, int, float]] = []
    setup, forcing = forced.setup, forced.forcing
    at = 0
    for row, shock in enumerate(setup.all_shocks):
        made = any(call.made for call in shock.calls)
        if shock.calls:
            calls.append((setup.codes[shock.case.victim], int(made), float(forcing.call_weight[row])))
        for fixed in shock.fixed:
            if made:
                level, weight = int(forcing.response_level[at]), float(forcing.response_weight[at])
                responses.append((setup.codes[fixed.ally], level, weight))
            at += 1
    return _frequent(forced, calls, 2), _frequent(forced, responses, LEVELS)


def _frequent(forced: ForcedRecord, entries: list[tuple[str, int, float]], kinds: int) -> Floats:
    counts = np.zeros(kinds)
    for _, kind, weight in entries:
        counts[kind] += weight
    terms = np.zeros(len(forced.members))
    for code, kind, weight in entries:
        if code in forced.members and weight > 0.0:
            terms[forced.members.index(code)] += weight * np.log(counts[kind] / counts.sum())
    return terms


def _observations(forced: ForcedRecord) -> Floats:
    terms = np.zeros(len(forced.members))
    if not forced.observed:
        return terms
    measures = [observation.path.variable for observation in forced.observed]
    means = {
        name: np.mean([observation.value for observation in forced.observed if observation.path.variable == name])
        for name in set(measures)
    }
    densities = log_densities(forced.observed, np.array([[means[name] for name in measures]]))[0]
    for observation, density in zip(forced.observed, densities, strict=True):
        terms[forced.members.index(observation.state)] += density
    return terms


def capped_weights(brought: Floats, largest: float = LARGEST) -> Floats:
    """Return weights of mean 1 under which no entry brings more than a share of the whole.

    Parameters
    ----------
    brought : array (M)
        What each brings at weight 1, 0 or more.
    largest : float
        Largest share; it cannot be held where fewer than ``1 / largest`` bring anything, and then all bring alike.

    Examples
    --------
    >>> capped_weights(np.array([8.0, 1.0, 1.0, 1.0, 1.0])).round(2).tolist()
    [0.15, 1.21, 1.21, 1.21, 1.21]
    """
    brought = np.asarray(brought, dtype=np.float64)
    weights = np.ones(len(brought))
    bringing = brought > 0.0
    share = max(largest, 1.0 / max(1, int(bringing.sum())))
    for _ in range(1000):
        whole = float((weights * brought).sum())
        over = bringing & (weights * brought > share * whole * (1.0 + 1e-9))
        if not over.any():
            break
        rest = float((weights * brought)[~over].sum())
        level = share * rest / max(1e-12, 1.0 - share * over.sum()) if rest > 0.0 else whole / bringing.sum()
        weights[over] = level / brought[over]
    return np.asarray(weights / weights.mean())
