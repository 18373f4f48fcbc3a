"""Comparison of decision rules: one history under each rule by which an alliance decides on collective help."""

from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.analysis.attribution import REPLICATES
from sim.engine.setup import Setup
from sim.experiments.executors import Progress
from sim.experiments.parameters.sources import ParameterSource
from sim.experiments.variants import pose, run_variants
from sim.output.comparing import Difference, reach_of
from sim.output.intervals import wilson
from sim.output.measuring import Floats, kind_of
from sim.scenario.schema import Scenario
from sim.words import DECISIONS

RULES: Final = tuple(rule for rule in DECISIONS if rule != "none")
"""Rules that are tried: consensus, majority, opt-out, and the guarantor alone."""


@dataclass(frozen=True, eq=False)
class RuleTrial:
    """Metric of a branch under each decision rule of the alliance.

    Attributes
    ----------
    scenario : Scenario
        The inputs.
    metric, branch, treaty, own : str
        What is measured, where, the treaty whose rule changes, and the rule that it has.
    seed, replicates : int
        The draws, the same under all rules.
    rules : pandas.DataFrame
        One row a rule: ``rule``, ``value`` (mean), ``low``, ``high`` (90 % interval for chances, else missing), and the
        paired ``difference`` from the treaty's own rule with ``difference_low`` and ``difference_high``.
    warnings : tuple of str
        What limits the comparison.
    """

    scenario: Scenario
    metric: str
    branch: str
    treaty: str
    own: str
    seed: int
    replicates: int
    rules: pd.DataFrame
    warnings: tuple[str, ...]

    def report(self) -> dict[str, Any]:
        """Return the comparison as plain data for JSON, as ``attribute --rules --json`` prints it."""
        rows = self.rules.astype(object).where(self.rules.notna(), None).to_dict("records")
        return {
            "metric": self.metric,
            "branch": self.branch,
            "treaty": self.treaty,
            "own": self.own,
            "replicates": self.replicates,
            "seed": self.seed,
            "rules": {row["rule"]: {name: cell for name, cell in row.items() if name != "rule"} for row in rows},
            "warnings": list(self.warnings),
        }

    def _repr_html_(self) -> str:
        title = f"{self.metric} under each decision rule of {self.treaty} ({self.branch})"
        return f"<p>{escape(title)}</p>{self.rules.to_html(index=False)}"


def compare_rules(
    scenario: Scenario,
    metric: str,
    *,
    branch: str | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    parameters: ParameterSource = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RuleTrial:
    """Run a branch under each decision rule of its focus treaty, with common random numbers.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    metric : str
        A metric expression that is a number, or true or false.
    branch, replicates, seed, parameters, workers, progress
        As for `sim.analysis.attribution.attribute`.

    Raises
    ------
    InputError
        If the branch, the metric or a number is refused.

    Examples
    --------
    >>> compare_rules(scenario, "ARM.trust[RUS]@end", branch="agents-decide").rules  # doctest: +SKIP
    """
    chosen, setup, trial = pose(scenario, metric, branch, seed, replicates, parameters)
    own = DECISIONS[int(setup.first.decision[setup.treaties.index(setup.focus)])]
    tried = tuple(dict.fromkeys([*RULES, own]))
    values = run_variants(trial, tried, lambda rule: _under(setup, rule), workers, progress)
    reach, chance = reach_of(trial.metric, setup.calendar.dates), kind_of(trial.metric) == "chance"
    rows = []
    for rule in tried:
        difference = Difference(metric, values[own], values[rule], reach=reach, certain=rule == own)
        rows.append(_row(rule, values[rule], difference, chance=chance))
    return RuleTrial(
        scenario, metric, chosen, setup.focus, own, trial.seed, replicates, pd.DataFrame(rows), _warnings(setup)
    )


def _under(setup: Setup, rule: str) -> Setup:
    """Return a copy of a branch whose focus treaty uses a given decision rule."""
    decision = setup.first.decision.copy()
    decision[setup.treaties.index(setup.focus)] = DECISIONS.index(rule)
    return replace(setup, first=setup.first._replace(decision=decision))


def _row(rule: str, values: Floats, difference: Difference, *, chance: bool) -> dict[str, Any]:
    low, high = wilson(float(values.sum()), values.size) if chance else (np.nan, np.nan)
    return {
        "rule": rule, "value": difference["to"], "low": low, "high": high, "difference": difference["difference"],
        "difference_low": difference["low"], "difference_high": difference["high"],
    }  # fmt: skip


def _warnings(setup: Setup) -> tuple[str, ...]:
    answers = [len(shock.fixed) for tick in setup.shocks for shock in tick if not shock.is_promise]
    fixed = sum(1 for count in answers if count)
    if not fixed:
        return ()
    what = f"answers to {fixed} of {len(answers)} attacks and crises are on record in this branch"
    return (f"{what}, and no rule has a say in those; a branch in which agents decide shows more",)
