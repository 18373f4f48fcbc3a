"""Observer interface: what a model calls after each decision and each change of beliefs."""

from typing import TYPE_CHECKING

from sim.engine import compiler, kernel_cache
from sim.engine.decisions import Decision
from sim.engine.timetable import DatedChange

if TYPE_CHECKING:
    from sim.engine.crisis import Answer, Call, CrisisOutcome
    from sim.engine.model import EngineModel


class Witness:
    """Observer of a model that does nothing; subclasses record what they need. They must not change the model."""

    def wants(self, kind: str, state: int) -> bool:
        """Return whether to show decisions of a kind by a state, by index, including decisions to do nothing."""
        del kind, state
        return False

    def decided(self, model: "EngineModel", decision: Decision) -> None:
        """Receive a wanted decision, before it takes effect."""

    def faded(self, model: "EngineModel") -> None:
        """React to the decay of all beliefs over a tick."""

    def changed(self, model: "EngineModel", change: DatedChange) -> None:
        """React to a dated change that has been applied."""

    def learned(self, model: "EngineModel", observer: int, outcome: "CrisisOutcome", answer: "Answer") -> None:
        """React to an observer, by index, that has learned from an ally's response."""

    def attack_judged(self, model: "EngineModel", observer: int, call: "Call") -> None:
        """React to an observer, by index, that has judged a guarantor by its own attack on a member."""

    def pressed(self, model: "EngineModel", guarantor: int, client: int, choice: int) -> None:
        """React to a guarantor that has reassured or coerced a client."""

    def recorded(self, model: "EngineModel") -> None:
        """React to the end of a tick."""


class UntilCompiled(Witness):
    """Observer that stops a run as soon as the compiler is done."""

    def recorded(self, model: "EngineModel") -> None:
        """Raise `sim.engine.compiler.KernelReady` at the first tick after the kernel is there."""
        del model
        if kernel_cache.is_compiled():
            raise compiler.KernelReady
