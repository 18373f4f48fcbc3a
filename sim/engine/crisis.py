"""Attacks and crises as states face them, and their outcomes."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.engine.trajectory import CallRecord, ResponseRecord
from sim.model.world import Case
from sim.rules.call import clearest_coverage
from sim.rules.coverage import coverage, owes

if TYPE_CHECKING:
    from sim.engine.model import EngineModel


@dataclass(frozen=True)
class Call:
    """An attack or crisis, about which the victim and its allies decide; or a promise, about which nobody does.

    Attributes
    ----------
    event : str
        Name of the event.
    date : datetime.date
    victim, aggressor : str
        Codes; the aggressor is empty for unrest.
    severity : float
    made : bool
        Whether the victim appealed; not known yet when the victim decides; true of a promise.
    article : str
        Article that the victim invoked on record, if any.
    case : Case
        The attack or crisis by index, for the rules.
    code : int
        Address code of the event.
    """

    event: str
    date: date
    victim: str
    aggressor: str
    severity: float
    made: bool
    article: str
    case: Case
    code: int


@dataclass(frozen=True)
class Answer:
    """One ally's response to a crisis: its own choice, the level delivered, and why they differ.

    Attributes
    ----------
    ally : int
    choice, level : int
        Ranks of the response that the ally chose and of the one that it delivered, 0..4.
    done : float
        Share of the duty delivered, 0..1.
    vetoed, spoken, fixed : bool
        Held back by an objection; False where nobody called and the ally did nothing; set by the record.
    offered : int
        Level offered and not delivered, -1 if none.
    """

    ally: int
    choice: int
    level: int
    done: float
    vetoed: bool
    spoken: bool
    fixed: bool
    offered: int


@dataclass(frozen=True)
class CrisisOutcome:
    """An attack or crisis with the answers of all allies, or a promise with what became of it."""

    call: Call
    responses: tuple[Answer, ...]

    @property
    def case(self) -> Case:
        """The attack or crisis as a `Case`, by index, for the rules."""
        return self.call.case


def call_record(model: "EngineModel", outcome: CrisisOutcome) -> CallRecord:
    """Return the record of a call and its responses."""
    world, case, call = model.world, outcome.case, outcome.call
    guarantor = model.focus_guarantor
    responses = tuple(
        ResponseRecord(
            ally=model.setup.codes[answer.ally],
            treaties=_binding(model, case, answer.ally),
            coverage=coverage(world, case, answer.ally, answer.ally),
            choice=answer.choice,
            level=answer.level,
            fulfilment=answer.done,
            fixed=answer.fixed,
            vetoed=answer.vetoed,
            spoken=answer.spoken,
            offered=answer.offered,
        )
        for answer in outcome.responses
    )
    return CallRecord(
        date=call.date,
        event=call.event,
        kind="crisis" if case.unrest else "attack",
        victim=call.victim,
        aggressor=call.aggressor,
        severity=case.severity,
        made=call.made,
        article=call.article,
        treaties=tuple(sorted({name for response in responses for name in response.treaties})),
        coverage_victim=clearest_coverage(world, case),
        coverage_guarantor=coverage(world, case, guarantor, guarantor) if guarantor != case.victim else 0.0,
        responses=responses,
    )


def _binding(model: "EngineModel", case: Case, ally: int) -> tuple[str, ...]:
    return tuple(
        name for treaty, name in enumerate(model.setup.treaties) if owes(model.world, ally, case.victim, treaty)
    )
