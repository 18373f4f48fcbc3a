"""What a sweep says, which event or rule makes what, and which blocs ties imply.

The public names are functions of a stored sweep, `open_sweep` first, and of a scenario
(`attribute`, `compare_rules`, `find_blocs`); each is imported when it is first used.

Examples
--------
>>> import sim.analysis
>>> sweep = sim.analysis.open_sweep("results/sweeps/karabakh-2023/0a1b2c3d")  # doctest: +SKIP
>>> sim.analysis.sobol(sweep, "ARM.trust[RUS]@end").indices  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.analysis.alignment import make_landscape
    from sim.analysis.attribution import attribute
    from sim.analysis.blocs import find_blocs
    from sim.analysis.decision_rules import compare_rules
    from sim.analysis.discovery import discover
    from sim.analysis.pairs import heat
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
    "heat",
    "make_landscape",
    "morris",
    "open_sweep",
    "sobol",
    "study",
    "tornado",
]

_HOMES = {
    "attribute": "sim.analysis.attribution",
    "compare_rules": "sim.analysis.decision_rules",
    "curves": "sim.analysis.response",
    "discover": "sim.analysis.discovery",
    "find_blocs": "sim.analysis.blocs",
    "heat": "sim.analysis.pairs",
    "make_landscape": "sim.analysis.alignment",
    "morris": "sim.analysis.screening",
    "open_sweep": "sim.analysis.stored",
    "sobol": "sim.analysis.variance",
    "study": "sim.analysis.studies",
    "tornado": "sim.analysis.response",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim.analysis' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
