"""Metrics of a run: the default list, their validation, and their values."""

from collections.abc import Iterable, Sequence

import numpy as np

from sim.engine.trajectory import Trajectory
from sim.errors import InputError
from sim.experiments.result_axes import ResultAxes
from sim.model.variables import RUNG_VARIABLES, VARIABLES
from sim.output.measuring import Floats, measure
from sim.scenario import resolve
from sim.scenario.consistency_expressions import check_metric
from sim.scenario.expressions import ExpressionError, Metric, Path
from sim.scenario.problems import ScenarioError
from sim.scenario.schema import Scenario


def default_metrics(scenario: Scenario, cast: ResultAxes) -> tuple[str, ...]:
    """Return the metrics of every run: posture and trust of each member, credibility, and those in the file.

    Parameters
    ----------
    scenario : Scenario
        Its ``metrics`` come first.
    cast : ResultAxes
        The focus treaty's members and guarantor.
    """
    metrics = [*scenario.metrics, f"{cast.focus}.credibility@end"]
    for member in cast.members:
        if member != cast.guarantor:
            metrics += [
                f"first({member}.posture >= freeze)",
                f"{member}.trust[{cast.guarantor}]@end",
                f"{member}.posture@end",
            ]
    return tuple(dict.fromkeys(metrics))


def evaluate(metric: Metric, trajectory: Trajectory) -> float:
    """Evaluate a metric in one run.

    Parameters
    ----------
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    trajectory : Trajectory
        One run.

    Returns
    -------
    float
        A number; 0 or 1 for what is true or false; the ordinal of the last day of a tick for a date; NaN for
        null (a date that never came, a posture of a state that was never a member).

    Examples
    --------
    >>> evaluate(parse_metric("ARM.posture@2024-12 >= freeze"), trajectory)  # doctest: +SKIP
    1.0
    """
    return float(measure(metric, trajectory.dates, lambda path: series(trajectory, path)))


def series(trajectory: Trajectory, path: Path) -> Floats:
    """Return a variable of one run by date, NaN where it has no value."""
    codes, treaties = trajectory.codes, trajectory.treaties
    if not _has(trajectory, path):
        return np.full(len(trajectory.dates), np.nan)
    values = trajectory.values[path.variable]
    of = VARIABLES[path.variable].of
    if of == "treaty":
        column = values[:, treaties.index(path.owner)]
    elif of == "state":
        column = values[:, codes.index(path.owner)]
    elif of == "dyad":
        column = values[:, codes.index(path.owner), codes.index(path.other or "")]
    else:
        column = values[:, codes.index(path.owner), treaties.index(path.other or trajectory.focus)]
    column = np.asarray(column, dtype=np.float64)
    return np.where(column < 0, np.nan, column) if path.variable in RUNG_VARIABLES else column


def _has(trajectory: Trajectory, path: Path) -> bool:
    of = VARIABLES[path.variable].of
    if of == "treaty":
        return path.owner in trajectory.treaties
    others = trajectory.treaties if of == "member" else trajectory.codes
    return path.owner in trajectory.codes and (path.other is None or path.other in others)


def read_metrics(texts: Iterable[str], scenario: Scenario, branches: Sequence[str]) -> dict[str, Metric]:
    """Parse metrics and reject those that do not fit the scenario.

    Parameters
    ----------
    texts : iterable of str
        Expressions as written; they stay the names of the metrics.
    scenario : Scenario
        The scenario whose states, treaties and period the metrics use.
    branches : sequence of str
        Branches that are run; a metric fits if any of them can answer it, and is null in the others.

    Raises
    ------
    InputError
        Naming the expression, what is wrong in it and the nearest known name.
    """
    variants = [resolve(scenario, branch) for branch in branches]
    return {text: _read_metric(text, variants) for text in texts}


def _read_metric(text: str, variants: Sequence[Scenario]) -> Metric:
    refused: list[ScenarioError] = []
    for variant in variants:
        try:
            return check_metric(variant, text)
        except ExpressionError as error:
            raise InputError(f"metric '{text}': {error}") from error
        except ScenarioError as error:
            refused.append(error)
    raise refused[0]
