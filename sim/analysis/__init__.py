"""Analyses of sweeps, Shapley attribution of outcomes to events or mechanisms, and blocs implied by ties.

The public names are functions of a stored sweep, `open_sweep` first, and of a scenario
(`attribute`, `compare_rules`, `find_blocs`); each is imported when it is first used.

Examples
--------
>>> import sim.analysis
>>> sweep = sim.analysis.open_sweep("results/sweeps/karabakh-2023/0a1b2c3d")  # doctest: +SKIP
>>> sim.analysis.sobol(sweep, "ARM.trust[RUS]@end").indices  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.analysis.alignment import make_landscape
    from sim.analysis.any_design import given_data
    from sim.analysis.attribution import attribute
    from sim.analysis.blocs import find_blocs
    from sim.analysis.decision_rules import compare_rules
    from sim.analysis.discovery import discover
    from sim.analysis.draws import open_branches
    from sim.analysis.pairs import heat
    from sim.analysis.ranking import robust
    from sim.analysis.response import curves, tornado
    from sim.analysis.screening import morris
    from sim.analysis.stored import open_sweep
    from sim.analysis.studies import study
    from sim.analysis.variance import sobol

__all__ = [
    "attribute",
    "compare_rules",
    "curves",
    "discover",
    "find_blocs",
    "given_data",
    "heat",
    "make_landscape",
    "morris",
    "open_branches",
    "open_sweep",
    "robust",
    "sobol",
    "study",
    "tornado",
]


def __getattr__(name: str) -> object:
    match name:
        case "attribute":
            from sim.analysis.attribution import attribute

            return attribute
        case "compare_rules":
            from sim.analysis.decision_rules import compare_rules

            return compare_rules
        case "curves":
            from sim.analysis.response import curves

            return curves
        case "discover":
            from sim.analysis.discovery import discover

            return discover
        case "find_blocs":
            from sim.analysis.blocs import find_blocs

            return find_blocs
        case "given_data":
            from sim.analysis.any_design import given_data

            return given_data
        case "heat":
            from sim.analysis.pairs import heat

            return heat
        case "make_landscape":
            from sim.analysis.alignment import make_landscape

            return make_landscape
        case "morris":
            from sim.analysis.screening import morris

            return morris
        case "open_branches":
            from sim.analysis.draws import open_branches

            return open_branches
        case "open_sweep":
            from sim.analysis.stored import open_sweep

            return open_sweep
        case "robust":
            from sim.analysis.ranking import robust

            return robust
        case "sobol":
            from sim.analysis.variance import sobol

            return sobol
        case "study":
            from sim.analysis.studies import study

            return study
        case "tornado":
            from sim.analysis.response import tornado

            return tornado
        case _:
            raise AttributeError(f"module 'sim.analysis' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
