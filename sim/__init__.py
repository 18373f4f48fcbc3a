"""csto-sim: an agent-based simulator of alliance credibility.

The public names are `load`, `run`, `sweep`, `open`, `explain`, `play`, `replay`, `debrief`, `batch_run`, `Scenario`,
`Result`, `Sweep`, `AllianceModel`, `State`, `TextSeat` and `__version__`; each is imported when it is first used, so
that ``import sim`` stays light.

Examples
--------
>>> import sim
>>> scenario = sim.load("scenarios/first-steps.toml")  # doctest: +SKIP
>>> result = sim.run(scenario, replicates=100, seed=7)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.explaining.explain import explain
    from sim.engine.agents import State
    from sim.experiments.alliance_model import AllianceModel
    from sim.experiments.debrief import debrief
    from sim.experiments.playing import play, replay
    from sim.interop.batch_run import batch_run
    from sim.result import Result, Sweep, run, sweep
    from sim.result import open_stored as open  # noqa: A004 - public as sim.open
    from sim.scenario import Scenario, load
    from sim.seats.text_seat import TextSeat

__all__ = [
    "AllianceModel",
    "Result",
    "Scenario",
    "State",
    "Sweep",
    "TextSeat",
    "__version__",
    "batch_run",
    "debrief",
    "explain",
    "load",
    "open",
    "play",
    "replay",
    "run",
    "sweep",
]


def __getattr__(name: str) -> object:
    match name:
        case "AllianceModel":
            from sim.experiments.alliance_model import AllianceModel

            return AllianceModel
        case "Result":
            from sim.result import Result

            return Result
        case "Scenario":
            from sim.scenario import Scenario

            return Scenario
        case "State":
            from sim.engine.agents import State

            return State
        case "Sweep":
            from sim.result import Sweep

            return Sweep
        case "TextSeat":
            from sim.seats.text_seat import TextSeat

            return TextSeat
        case "batch_run":
            from sim.interop.batch_run import batch_run

            return batch_run
        case "debrief":
            from sim.experiments.debrief import debrief

            return debrief
        case "explain":
            from sim.analysis.explaining.explain import explain

            return explain
        case "load":
            from sim.scenario import load

            return load
        case "open":
            from sim.result import open_stored

            return open_stored
        case "play":
            from sim.experiments.playing import play

            return play
        case "replay":
            from sim.experiments.playing import replay

            return replay
        case "run":
            from sim.result import run

            return run
        case "sweep":
            from sim.result import sweep

            return sweep
        case _:
            raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
