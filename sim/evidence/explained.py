"""Runs of a scenario under each explanation, and their average weighted by forecast performance."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiments import ensemble
from sim.experiments.parameters.explanations import Variant, explained, explanation_weights, own_parameters
from sim.experiments.parameters.sources import ParameterSource, default_source
from sim.output import store
from sim.output.manifest import digest, scenario_inputs
from sim.output.measuring import Cell
from sim.output.result import ResultData
from sim.output.staging import staging
from sim.scenario.schema import Scenario

Averages = dict[str, dict[str, dict[str, float | None]]]
"""Branch, metric expression, ``mean``."""


def run_explained(
    scenario: Scenario, variants: Mapping[str, Variant], parameters: ParameterSource = None, **options: Any
) -> dict[str, ResultData]:
    """Run a scenario under each explanation with common random numbers.

    Parameters
    ----------
    scenario : Scenario
    variants : mapping
        Explanations by name (`sim.experiments.parameters.explanations.choose_explanations`).
    parameters : Draws, str or Path, optional
        Default: the explanation's own posterior where one ships for the alliance, else its default.
    **options
        What `sim.experiments.ensemble.run` takes.

    Returns
    -------
    dict
        Results by explanation.
    """

    def source(name: str) -> ParameterSource:
        return parameters if parameters is not None else own_parameters(name, scenario) or default_source(scenario)

    return {
        name: ensemble.run(explained(scenario, variant), parameters=source(name), **options)
        for name, variant in variants.items()
    }


def averaged(
    results: Mapping[str, ResultData], metrics: Iterable[str] | None = None
) -> tuple[dict[str, float], Averages]:
    """Return the weights of the explanations, and the weighted mean of each metric by branch.

    A metric's mean is over the explanations in which it has a value, their weights scaled to 1; dates have none.
    """
    weights = explanation_weights()
    used = {name: weights.get(name, 0.0) for name in results}
    total = sum(used.values()) or 1.0
    used = {name: weight / total for name, weight in used.items()}
    wanted = None if metrics is None else list(metrics)
    reports = {name: result.as_json(Path(), wanted)["branches"] for name, result in results.items()}
    first = next(iter(reports.values()))
    return used, {
        branch: {
            text: {"mean": _mean({name: reports[name][branch][text]["mean"] for name in used}, used)} for text in texts
        }
        for branch, texts in first.items()
    }


def _mean(values: Mapping[str, Cell], weights: Mapping[str, float]) -> float | None:
    known = {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
    total = sum(weights[name] for name in known)
    return sum(weights[name] * value for name, value in known.items()) / total if total > 0 else None


def save_explained(
    results: Mapping[str, ResultData],
    name: str,
    out: Path | None = None,
    draw: Callable[[ResultData, Path], object] | None = None,
) -> Path:
    """Save the results under several explanations in one folder, with a subfolder each and their average.

    Parameters
    ----------
    results : mapping
        By explanation.
    name : str
        Short name of the scenario.
    out : Path, optional
        Default: ``results/<scenario>/<when>-explanations-<id>``.
    draw : callable, optional
        As in `sim.output.store.save`.
    """
    first = next(iter(results.values()))
    mark = digest({"scenario": scenario_inputs(first.scenario), "seed": first.seed, "replicates": first.replicates})
    when = f"{datetime.now():%Y%m%d-%H%M%S}"
    target = out if out is not None else store.RESULTS / name / f"{when}-explanations-{mark}"
    weights, means = averaged(results)
    with staging(target, numbered=out is None) as made:
        folder = made.folder
        for explanation, result in results.items():
            store.save(result, folder / explanation, draw)
        (folder / "weights.json").write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        average_table(results, weights, means).to_csv(
            folder / "average.csv", index=False, lineterminator="\n", float_format="%.6g"
        )
    return made.target


def average_table(results: Mapping[str, ResultData], weights: Mapping[str, float], means: Averages) -> pd.DataFrame:
    """Return a row for each branch and metric: the mean under each explanation, and the average."""
    reports = {name: result.as_json(Path())["branches"] for name, result in results.items()}
    return pd.DataFrame(
        [
            {
                "branch": branch,
                "metric": text,
                **{name: reports[name][branch][text]["mean"] for name in weights},
                "average": cell["mean"],
            }
            for branch, texts in means.items()
            for text, cell in texts.items()
        ]
    )
