"""Metrics that are missing in every run, because they ask for trust in a state that never owes help."""

from collections.abc import Iterable, Sequence

from sim.scenario.branches import resolve
from sim.scenario.expressions import First, parse_metric
from sim.scenario.names import owing
from sim.scenario.schema import Scenario


def always_missing(scenario: Scenario, metrics: Iterable[str], branches: Sequence[str]) -> list[str]:
    """Return a warning for each metric about trust in a state that owes the other no help in any of the branches.

    Parameters
    ----------
    scenario : Scenario
    metrics : iterable of str
        Valid metric expressions.
    branches : sequence of str
        The branches that are run.
    """
    owed = frozenset[tuple[str, str]]().union(*(owing(resolve(scenario, branch)) for branch in branches))
    lines = []
    for text in dict.fromkeys(metrics):
        metric = parse_metric(text)
        path = metric.condition.path if isinstance(metric, First) else metric.path
        if path.variable == "trust" and (path.owner, path.other) not in owed:
            lines.append(f"metric '{text}' is missing in every run: {path.other} never owes {path.owner} help")
    return lines
