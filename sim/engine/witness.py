"""Observer interface: what a model calls after each decision and each change of beliefs."""

from typing import TYPE_CHECKING

from sim.engine import compiler, kernel_cache
from sim.engine.decisions import Decision
from sim.engine.timetable import Change

if TYPE_CHECKING:
    from sim.engine.crisis import Answer, CrisisOutcome
    from sim.engine.model import AllianceModel


class Witness:
    """Observer that does nothing; subclasses record what they need. They may read the model, never change it."""

    def wants(self, kind: str, state: int) -> bool:
        """Tell whether decisions of a kind by a state, by index, are to be shown, those to do nothing included."""
        del kind, state
        return False

    def decided(self, model: "AllianceModel", decision: Decision) -> None:
        """See a decision that it wants, before anything follows from it."""

    def faded(self, model: "AllianceModel") -> None:
        """See that all beliefs have faded by a tick."""

    def changed(self, model: "AllianceModel", change: Change) -> None:
        """See that a dated change has been applied."""

    def learned(self, model: "AllianceModel", observer: int, outcome: "CrisisOutcome", answer: "Answer") -> None:
        """See that an observer, by index, has learned from an ally's answer."""

    def pressed(self, model: "AllianceModel", guarantor: int, client: int, choice: int) -> None:
        """See that a guarantor has reassured or coerced a client."""

    def recorded(self, model: "AllianceModel") -> None:
        """See the end of a tick."""


class UntilCompiled(Witness):
    """Observer that stops a run as soon as the compiler is done."""

    def recorded(self, model: "AllianceModel") -> None:
        """Raise `sim.engine.compiler.KernelReady` at the first tick after the kernel is there."""
        del model
        if kernel_cache.is_compiled():
            raise compiler.KernelReady
