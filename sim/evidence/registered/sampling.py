"""Runs for forecast probabilities: every branch of the question file, with common random numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.evidence.registered.calls import Calls, answered, consultations, highest_responses
from sim.evidence.registered.questions import CheckedQuestions
from sim.experiments.chunks import Job
from sim.experiments.ensemble import choose_engine
from sim.experiments.executors import Progress, first_done, run_branches
from sim.experiments.metrics import read_metrics
from sim.experiments.parameters.sources import Draws, differences, warn_of_differences
from sim.experiments.result_axes import ResultAxes
from sim.model.parameters import make_parameters
from sim.output.manifest import full_digest
from sim.scenario import Scenario

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """Answers to one question in all runs.

    Attributes
    ----------
    values : array (B, R)
        By branch and replicate: 1 or 0 for yes or no, the rank of a response.
    counted : array (B, R)
        Which runs count: all that the question gives holds in them, and they have a value.
    """

    values: Floats
    counted: Flags


def parameters_used(scenario: Scenario, draws: Draws | None) -> dict[str, Any]:
    """Return the source of the parameters of the runs, with a digest that identifies them."""
    if draws is not None:
        sha256 = full_digest({"draws": draws.digest, "set": scenario.parameters})
        return {"name": draws.name, "sha256": sha256, **differences([draws], scenario.parameters)}
    return {"name": "defaults", "sha256": full_digest(make_parameters(scenario.parameters)._asdict())}


def sample(
    asked: CheckedQuestions,
    replicates: int,
    seed: int,
    *,
    draws: Draws | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> Mapping[str, Answers]:
    """Run the branches of a question file and return the answers to each question in every run.

    Parameters
    ----------
    asked : CheckedQuestions
        From `sim.evidence.registered.questions.read_questions`.
    replicates, seed : int
        Runs of each branch; replicate n draws the same random numbers in all of them.
    draws : Draws, optional
        Where each replicate has its parameters from; default: the table's defaults.
    workers : int, optional
        Threads or processes; the answers do not depend on it.
    progress : callable, optional
        Called with the runs done and the runs to do.
    engine : str, optional
        ``compiled`` or ``mesa``; both give the same runs.
    """
    scenario, branches = asked.scenario, tuple(asked.file.branches)
    about_calls = {expression: None for expression in asked.expressions.values() if isinstance(expression, Calls)}
    texts = [question.expression for name, question in asked.file.questions.items() if not _calls(asked, name)]
    texts += [text for question in asked.file.questions.values() for text in question.given]
    metrics = read_metrics(dict.fromkeys(texts), scenario, branches)
    warn_of_differences([draws], scenario.parameters)
    cast = ResultAxes.of(scenario, branches)
    used = choose_engine(engine)
    job = Job(scenario, cast, seed, metrics, series=bool(about_calls), engine=used, draws=draws)
    passed_over = consultations(scenario, branches)
    shape = (len(branches), replicates)
    with_responses = replicates if about_calls else 0

    def gather(
        job: Job, workers: int | None, progress: Progress | None
    ) -> tuple[dict[str, Floats], dict[Calls, Floats]]:
        columns = {text: np.full(shape, np.nan) for text in metrics}
        highest = {calls: np.full(shape, np.nan) for calls in about_calls}
        for piece, outcome in run_branches(job, branches, replicates, with_responses, workers, progress):
            where = branches.index(piece.branch), slice(piece.first, piece.first + piece.count)
            for text, values in zip(metrics, outcome.metrics.T, strict=True):
                columns[text][where] = values
            for calls, responses in highest.items():
                responses[where] = highest_responses(calls, cast, piece, outcome, passed_over)
        return columns, highest

    columns, highest = first_done(job, gather, workers, progress) if engine is None else gather(job, workers, progress)
    return {name: _answers(asked, name, columns, highest) for name in asked.file.questions}


def _calls(asked: CheckedQuestions, name: str) -> Calls | None:
    expression = asked.expressions[name]
    return expression if isinstance(expression, Calls) else None


def _answers(
    asked: CheckedQuestions, name: str, columns: Mapping[str, Floats], highest: Mapping[Calls, Floats]
) -> Answers:
    question, calls = asked.file.questions[name], _calls(asked, name)
    values = columns[question.expression] if calls is None else answered(calls, highest[calls])
    counted = ~np.isnan(values)
    for text in question.given:
        counted &= columns[text] == 1.0
    return Answers(values, counted)
