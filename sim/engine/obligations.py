"""A state's treaty obligations, in words."""

from dataclasses import dataclass

from sim.engine.setup import Setup
from sim.rules.coverage import owes
from sim.words import OBLIGATIONS
from sim.world import World

VERBS = dict(zip(OBLIGATIONS, ("help defend", "consult with"), strict=True))


@dataclass(frozen=True)
class Obligation:
    """One duty of one state under one clause.

    Attributes
    ----------
    treaty, clause, article : str
    owed : str
        ``defend`` or ``consult``.
    to : tuple of str
        States to which it is owed.
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
        """Return the duty as a sentence."""
        by = "" if self.decision == "none" else f", decided by {self.decision}"
        words = f": {self.text}" if self.text else ""
        return (
            f"{self.state} owes under {self.treaty}, article {self.article} ({self.clause}), to {VERBS[self.owed]} "
            f"{', '.join(self.to)}{by}{words}"
        )


class Obligations(tuple[Obligation, ...]):
    """The obligations of a state; printed, one sentence a line."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return one sentence a line."""
        return "\n".join(str(each) for each in self) or "no obligations"

    __repr__ = __str__


def obligations_of(setup: Setup, world: World, state: int) -> Obligations:
    """Return what a state owes now, clause by clause; a state that left owes nothing."""
    found = []
    for row, (treaty, clause) in enumerate(setup.clauses):
        to = tuple(
            code for other, code in enumerate(setup.codes) if owes(world, state, other, world.clause_treaty[row])
        )
        if to:
            text = setup.scenario.treaties[treaty].clauses[clause]
            found.append(
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
    return Obligations(found)
