"""Forecast probabilities from runs: by branch and for the mixture, with intervals for sampling error."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.evidence.registered.sampling import Answers, Flags
from sim.output.intervals import wilson

Floats = NDArray[np.float64]

DECIMALS = 6


@dataclass(frozen=True)
class Chances:
    """Probability of each option of a question, with its interval.

    Attributes
    ----------
    probabilities : dict
        What is registered, never 0 or 1: ``(n p + 1/K) / (n + 1)`` for the share p of an option among K, one run in
        all added to the n that they are worth (Perks 1947).
    intervals : dict
        Score interval of each share for n runs (Wilson 1927); it is about the runs alone, not about the model.
    worth : float
        Independent runs n that would tell as much as the weighted, paired runs do.
    branches : dict
        Plain shares by branch.
    counted : dict
        Runs that count, by branch.
    """

    probabilities: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    worth: float
    branches: Mapping[str, Mapping[str, float]]
    counted: Mapping[str, int]


def chances(
    name: str, answers: Answers, options: tuple[str, ...], weights: Mapping[str, float], ranks: tuple[int, ...]
) -> Chances:
    """Return the probabilities of a question over branches with common random numbers.

    Parameters
    ----------
    name : str
        Id of the question, for messages.
    answers : Answers
    options : tuple of str
    weights : mapping
        Weight of each branch, in the order of the answers; sum 1.
    ranks : tuple of int
        Value of a run for each option.

    Raises
    ------
    InputError
        If a branch that has weight has no run that counts.

    Examples
    --------
    >>> runs = Answers(np.array([[1.0, 0.0, 0.0, 0.0]]), np.ones((1, 4), dtype=bool))
    >>> found = chances("q", runs, ("yes", "no"), {"base": 1.0}, (1, 0))
    >>> found.probabilities, found.worth
    ({'yes': 0.3, 'no': 0.7}, 4.0)
    """
    counts = dict(zip(weights, answers.counted.sum(axis=1).tolist(), strict=True))
    empty = [branch for branch, weight in weights.items() if weight > 0.0 and counts[branch] == 0]
    if empty:
        raise InputError(
            f"question '{name}': no run of branch '{empty[0]}' counts, since in none all that is given holds and the "
            "question has an answer; allowed: more --replicates, or a question that gives less"
        )
    share = np.array(list(weights.values()))
    by_option = {
        option: _shares(answers.values == rank, answers.counted) for option, rank in zip(options, ranks, strict=True)
    }
    mixed = {
        option: min(1.0, float(share[share > 0.0] @ per_branch[share > 0.0]))
        for option, per_branch in by_option.items()
    }
    spread = sum(
        _variance(answers.values == rank, answers.counted, by_option[option], share)
        for option, rank in zip(options, ranks, strict=True)
    )
    least = min(counts[branch] for branch, weight in weights.items() if weight > 0.0)
    worth = sum(p * (1.0 - p) for p in mixed.values()) / spread if spread > 0.0 else float(least)
    added = 1.0 / len(options)
    return Chances(
        probabilities={option: _rounded((worth * p + added) / (worth + 1.0)) for option, p in mixed.items()},
        intervals={option: _interval(p, worth) for option, p in mixed.items()},
        worth=round(worth, 1),
        branches={
            branch: {option: _rounded(per_branch[index]) for option, per_branch in by_option.items()}
            for index, branch in enumerate(weights)
            if counts[branch]
        },
        counted=counts,
    )


def _shares(happened: Flags, counted: Flags) -> Floats:
    """Return the share of each branch's counted runs in which an event happened (B), NaN if no run counts."""
    cases, runs = (happened & counted).sum(axis=1), counted.sum(axis=1)
    return np.asarray(np.divide(cases, runs, out=np.full(len(runs), np.nan), where=runs > 0))


def _variance(happened: Flags, counted: Flags, ratios: Floats, weights: Floats) -> float:
    """Return the variance of a mixture of ratios over counted runs, with runs paired by random numbers."""
    used = weights > 0.0
    among = counted[used].mean(axis=1)
    parts = counted[used] * (happened[used] - ratios[used, None]) * (weights[used] / among)[:, None]
    return float((parts.sum(axis=0) ** 2).mean() / parts.shape[1])


def _interval(share: float, worth: float) -> tuple[float, float]:
    low, high = wilson(share * worth, worth)
    return _rounded(min(low, share)), _rounded(max(high, share))


def _rounded(number: float) -> float:
    return round(float(number), DECIMALS)
