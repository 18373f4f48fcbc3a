"""Treaty duties behind a call or a response: which clauses bind an ally, and how clearly they cover the case."""

import math
from dataclasses import dataclass

from sim.analysis.explaining.names import BranchNames
from sim.engine.obligations import VERBS
from sim.engine.setup import Setup
from sim.model.world import Case, World
from sim.rules.coverage import clause_coverage, duty, owes, perceived_location
from sim.words import OBLIGATIONS


@dataclass(frozen=True)
class Duty:
    """Treaty clause that binds an ally to the victim of a case.

    Attributes
    ----------
    ally, treaty, clause, article, owed, text : str
        ``owed`` is ``defend`` or ``consult``.
    coverage_ally, coverage_victim : float
        How clearly the clause covers the case as the ally and the victim read it, 0..1.
    cited : bool
        Whether it is the clause that covers the case most clearly in the ally's eyes.
    """

    ally: str
    treaty: str
    clause: str
    article: str
    owed: str
    text: str
    coverage_ally: float
    coverage_victim: float
    cited: bool


def duties_of(setup: Setup, world: World, case: Case, ally: int) -> tuple[Duty, ...]:
    """Return the clauses that oblige an ally to help the victim of a case, ordered by legal clarity for the ally."""
    owed = duty(world, case, ally)
    rows = [
        row
        for row in range(len(setup.clauses))
        if world.clause_duty[row] == owed and owes(world, ally, case.victim, int(world.clause_treaty[row]))
    ]

    def seen(row: int, reader: int) -> float:
        if not math.isnan(case.override):
            return case.override
        return float(clause_coverage(world, case, row, perceived_location(world, case, reader)))

    rows.sort(key=lambda row: -seen(row, ally))
    duties = []
    for rank, row in enumerate(rows):
        treaty, clause = setup.clauses[row]
        text = setup.scenario.treaties[treaty].clauses[clause]
        duties.append(
            Duty(
                setup.codes[ally], treaty, clause, text.article, OBLIGATIONS[owed], text.text,
                seen(row, ally), seen(row, case.victim), cited=rank == 0,
            )
        )  # fmt: skip
    return tuple(duties)


def duty_in_words(names: BranchNames, clause: Duty, victim: str) -> str:
    """Describe the duty in a clause, and how clearly each side finds the case covered."""
    ally, owed = names.state(clause.ally), VERBS[clause.owed]
    text = f" ({clause.text})" if clause.text else ""
    return (
        f"{clause.treaty}, article {clause.article}: {ally} owes to {owed} {names.state(victim)}{text}. "
        f"It covers the case {clause.coverage_ally:.2f} as {ally} reads it, "
        f"{clause.coverage_victim:.2f} as {names.state(victim)} does."
    )
