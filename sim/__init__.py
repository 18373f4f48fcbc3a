"""csto-sim: an agent-based simulator of alliance credibility.

The public names are `load`, `run`, `sweep`, `explain`, `play`, `Scenario`, `Result`, `Sweep`, `AllianceModel`, `State`
and `__version__`; each is imported when it is first used, so that ``import sim`` stays light.

Examples
--------
>>> import sim
>>> scenario = sim.load("scenarios/first-steps.toml")  # doctest: +SKIP
>>> result = sim.run(scenario, replicates=100, seed=7)  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.explaining.explain import explain
    from sim.engine.agents import State
    from sim.engine.model import AllianceModel
    from sim.experiments.ensemble import run
    from sim.experiments.playing import play
    from sim.experiments.sweep import sweep
    from sim.output.result import Result
    from sim.output.sweeps import Sweep
    from sim.scenario import Scenario, load

__all__ = [
    "AllianceModel",
    "Result",
    "Scenario",
    "State",
    "Sweep",
    "__version__",
    "explain",
    "load",
    "play",
    "run",
    "sweep",
]

_HOMES = {
    "AllianceModel": "sim.engine.model",
    "Result": "sim.output.result",
    "Scenario": "sim.scenario",
    "explain": "sim.analysis.explaining.explain",
    "State": "sim.engine.agents",
    "Sweep": "sim.output.sweeps",
    "load": "sim.scenario",
    "play": "sim.experiments.playing",
    "run": "sim.experiments.ensemble",
    "sweep": "sim.experiments.sweep",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
