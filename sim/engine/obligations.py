"""A state's treaty obligations, in words."""

from dataclasses import dataclass

from sim.engine.setup import Setup
from sim.model.world import World
from sim.rules.coverage import owes
from sim.words import OBLIGATIONS

VERBS = dict(zip(OBLIGATIONS, ("help defend", "consult with"), strict=True))


@dataclass(frozen=True)
class Obligation:
    """One duty of a state under one clause of a treaty.

    Attributes
    ----------
    treaty, clause, article : str
    owed : str
        ``defend`` or ``consult``.
    to : tuple of str
        States to which the duty is owed.
    decision : str
        How the treaty decides on collective help.
    text : str
        The duty in a few words.
    """

    state: str
    treaty: str
    clause: str
    article: str
    owed: str
    to: tuple[str, ...]
    decision: str
    text: str

    def __str__(self) -> str:
        """Return the obligation as a sentence."""
        by = "" if self.decision == "none" else f", decided by {self.decision}"
        words = f": {self.text}" if self.text else ""
        return (
            f"{self.state} owes under {self.treaty}, article {self.article} ({self.clause}), to {VERBS[self.owed]} "
            f"{', '.join(self.to)}{by}{words}"
        )


class Obligations(tuple[Obligation, ...]):
    """The treaty obligations of a state, printed as one sentence per line."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the obligations as sentences, one per line."""
        return "\n".join(str(duty) for duty in self) or "no obligations"

    __repr__ = __str__


def obligations_of(setup: Setup, world: World, state: int) -> Obligations:
    """Return a state's present obligations, clause by clause; a state that is out has none."""
    duties = []
    for row, (treaty, clause) in enumerate(setup.clauses):
        to = tuple(
            code for other, code in enumerate(setup.codes) if owes(world, state, other, world.clause_treaty[row])
        )
        if to:
            text = setup.scenario.treaties[treaty].clauses[clause]
            duties.append(
                Obligation(
                    setup.codes[state],
                    treaty,
                    clause,
                    text.article,
                    text.obligation,
                    to,
                    setup.scenario.treaties[treaty].decision,
                    text.text,
                )
            )
    return Obligations(duties)
