"""Scores of registered forecasts beside naive ones; lower scores are better."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Final

from sim.evidence.registered.outcomes import VOID, QuestionOutcome
from sim.evidence.registered.register import SEAL, Registered

FORECASTERS: Final = ("model", "constant", "even")
"""The model; a constant hazard or base rate; the same chance for each option."""

RULES: Final = ("brier", "log")

Scores = dict[str, dict[str, float]]


def brier(probabilities: Mapping[str, float], outcome: str) -> float:
    """Return half the squared distance of a forecast from the outcome (Brier 1950), 0..1; ``(p - o)^2`` for yes or no.

    Examples
    --------
    >>> brier({"yes": 0.25, "no": 0.75}, "no")
    0.0625
    """
    return 0.5 * sum((chance - (option == outcome)) ** 2 for option, chance in probabilities.items())


def log_score(probabilities: Mapping[str, float], outcome: str) -> float:
    """Return minus the log of the probability of the actual outcome (Good 1952), in nats.

    Examples
    --------
    >>> round(log_score({"yes": 0.5, "no": 0.5}, "no"), 3)
    0.693
    """
    return -log(probabilities[outcome])


def scores(question: Mapping[str, Any], outcome: str) -> Scores:
    """Return the scores of one question by rule and forecaster."""
    said = {"model": question["probabilities"], **question["references"]}
    rules = {"brier": brier, "log": log_score}
    return {rule: {who: rules[rule](said[who], outcome) for who in FORECASTERS} for rule in RULES}


def scorecard(forecasts: Sequence[Registered], outcomes: Mapping[str, QuestionOutcome]) -> dict[str, Any]:
    """Score every registered forecast.

    Returns
    -------
    dict
        ``forecasts`` by file, each with its scored ``questions``, their ``mean``, and what is ``unresolved`` (with the
        day on which it resolves) and ``void``; and the ``mean`` over all scored questions of all files, with how many
        they are (``n``).
    """
    files = {forecast.file: _file(forecast, outcomes) for forecast in forecasts}
    return {
        "forecasts": files,
        "mean": _mean([scored for file in files.values() for scored in file["questions"].values()]),
    }


def _file(forecast: Registered, outcomes: Mapping[str, QuestionOutcome]) -> dict[str, Any]:
    scored, void, unresolved = {}, {}, {}
    for name, question in forecast.questions.items():
        outcome = outcomes.get(name)
        if outcome is None:
            unresolved[name] = question["resolves_on"]
        elif outcome.outcome == VOID:
            void[name] = outcome.source
        else:
            scored[name] = {
                "outcome": outcome.outcome,
                "resolved_on": outcome.resolved_on.isoformat(),
                "source": outcome.source,
                "probability": question["probabilities"][outcome.outcome],
                **scores(question, outcome.outcome),
            }
    return {
        "made_on": forecast.made_on.isoformat(),
        SEAL: forecast.content[SEAL],
        "questions": scored,
        "mean": _mean(list(scored.values())),
        "unresolved": unresolved,
        "void": void,
    }


def _mean(scored: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not scored:
        return {"n": 0, **dict.fromkeys(RULES)}
    means = {
        rule: {who: sum(question[rule][who] for question in scored) / len(scored) for who in FORECASTERS}
        for rule in RULES
    }
    return {"n": len(scored), **means}
