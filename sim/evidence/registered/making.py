"""Registered forecast: its inputs and the probabilities that follow from them."""

from datetime import date
from math import exp
from typing import Any, Final

from sim.engine.draws import SCHEME
from sim.engine.kernel_cache import source_digest
from sim.evidence.registered.chances import DECIMALS, chances
from sim.evidence.registered.questions import YES_NO, CheckedQuestions, ForecastQuestion
from sim.evidence.registered.sampling import parameters_used, sample
from sim.experiments.ensemble import check_seed, positive
from sim.experiments.executors import Progress
from sim.experiments.parameters.sources import Draws
from sim.output.intervals import LEVEL
from sim.output.manifest import full_digest, scenario_inputs
from sim.version import __version__
from sim.words import RESPONSES

FORMAT: Final = 1
DAYS_IN_YEAR: Final = 365.25

Content = dict[str, Any]


def inputs_of(
    asked: CheckedQuestions,
    made_on: date,
    replicates: int | None = None,
    seed: int | None = None,
    draws: Draws | None = None,
) -> Content:
    """Return a forecast without its probabilities: all inputs that they follow from.

    Parameters
    ----------
    asked : CheckedQuestions
    made_on : date
    replicates, seed : int, optional
        Default: those of the file of questions.
    draws : Draws, optional
        As in `sim.evidence.registered.sampling.sample`.

    Raises
    ------
    InputError
        If a number is refused, or a question is to be answered by the day on which it is asked.
    """
    file, scenario = asked.file, asked.scenario
    return {
        "format": FORMAT,
        "title": file.title,
        "made_on": made_on.isoformat(),
        "known_until": file.known_until.isoformat(),
        "model": {"csto-sim": __version__, "draws": SCHEME, "sources": source_digest()},
        "scenario": {"name": asked.name, "title": scenario.title, "sha256": full_digest(scenario_inputs(scenario))},
        "parameters": parameters_used(scenario, draws),
        "replicates": positive("replicates", file.replicates if replicates is None else replicates),
        "seed": check_seed(file.seed if seed is None else seed),
        "level": LEVEL,
        "branches": {
            name: {"title": scenario.branches[name].title if name in scenario.branches else "", **dict(branch)}
            for name, branch in file.branches.items()
        },
        "questions": {name: _asked(question, asked.options(name)) for name, question in file.questions.items()},
    }


def _asked(question: ForecastQuestion, options: tuple[str, ...]) -> Content:
    return {
        "question": question.question,
        "expression": question.expression,
        "given": list(question.given),
        "options": list(options),
        "resolution": question.resolution,
        "resolves_on": question.resolves_on.isoformat(),
        "source": question.source,
    }


def with_chances(
    asked: CheckedQuestions,
    inputs: Content,
    *,
    draws: Draws | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> Content:
    """Run the model and return the whole forecast.

    Parameters
    ----------
    asked : CheckedQuestions
    inputs : dict
        From `inputs_of`.
    draws, workers, progress, engine
        As in `sim.evidence.registered.sampling.sample`.
    """
    answers = sample(
        asked, inputs["replicates"], inputs["seed"], draws=draws, workers=workers, progress=progress, engine=engine
    )
    weights = {name: branch.weight for name, branch in asked.file.branches.items()}
    questions = {}
    for name, question in asked.file.questions.items():
        options = asked.options(name)
        ranks = (1, 0) if options == YES_NO else tuple(map(RESPONSES.index, options))
        estimate = chances(name, answers[name], options, weights, ranks)
        questions[name] = {
            **inputs["questions"][name],
            "probabilities": dict(estimate.probabilities),
            "intervals": {option: list(ends) for option, ends in estimate.intervals.items()},
            "worth": estimate.worth,
            "counted": dict(estimate.counted),
            "branches": {branch: dict(shares) for branch, shares in estimate.branches.items()},
            "references": references(question, options, date.fromisoformat(inputs["made_on"])),
            "reference_source": question.reference.source,
        }
    return {**inputs, "questions": questions}


def references(question: ForecastQuestion, options: tuple[str, ...], made_on: date) -> Content:
    """Return the naive forecasts of a question: a constant rate, and an equal chance of each option.

    A hazard of h a year gives ``1 - exp(-h years)`` from the day of the forecast to that of the resolution.
    """
    reference = question.reference
    if reference.shares is not None:
        usual = {option: reference.shares[option] for option in options}
    else:
        years = (question.resolves_on - made_on).days / DAYS_IN_YEAR
        chance = 1.0 - exp(-(reference.per_year or 0.0) * years)
        usual = {"yes": round(chance, DECIMALS), "no": round(1.0 - chance, DECIMALS)}
    return {"constant": usual, "even": dict.fromkeys(options, round(1.0 / len(options), DECIMALS))}
