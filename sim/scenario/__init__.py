"""Scenario files: reading, checking, and applying branches and overrides."""

from sim.scenario.branches import BASE, branch_names, hazards, resolve, scenario_warnings
from sim.scenario.consistency_expressions import check_metric
from sim.scenario.loading import check_files, load
from sim.scenario.names import focus_of, has_ladder
from sim.scenario.overrides import with_overrides
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.schema import Scenario

__all__ = [
    "BASE",
    "Problem",
    "Scenario",
    "ScenarioError",
    "branch_names",
    "check_files",
    "check_metric",
    "focus_of",
    "has_ladder",
    "hazards",
    "load",
    "resolve",
    "scenario_warnings",
    "with_overrides",
]
