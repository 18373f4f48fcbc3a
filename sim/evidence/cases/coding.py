"""A case as a scenario: states, treaty, threats, tests and promises, by one mapping for all cases.

The mapping is laid down in ``docs/cases.md``. `ANONYMOUS` names make the key event month 0, January 2000, and the
states MEM, GUA, CHA, PAT, FEL1 and so on, so that nothing but the codings can reach a prediction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

from sim.evidence.cases.dates import When, last_day, on_day
from sim.evidence.cases.reading import (
    CHALLENGER,
    GUARANTOR,
    MEMBER,
    OTHER,
    POST,
    PRE,
    AllianceCase,
    CaseOutcome,
    CaseRow,
)
from sim.evidence.cases.rungs import DIVERSIFIED, FROZEN, LEFT, RIVAL
from sim.scenario import Scenario
from sim.words import FREEZE, LOYAL, OUT, POSTURES, VOICE

Mode = Literal["forecast", "fit"]
Document = dict[str, Any]

BEFORE: Final = 96
"""Months before the key event from which history is taken, at most."""
HORIZON: Final = 60
"""Months after the key event that a case covers."""
FELLOWS: Final = 3
"""Fellow members of a case, at most."""
LEAST_SEVERITY: Final = 0.3
DOUBTFUL: Final = 0.5
"""Legal coverage of a case that the law excuses."""
BOTH_ALLIES: Final = 0.6
"""Ties of a guarantor and a challenger that are allies too."""
GREAT, SMALL, LEAST = 0.15, 0.01, 0.0001
"""Capability of guarantor and patron, of member and fellows, and of the weakest challenger."""
LONGEST_NOTICE: Final = 120.0
DEPENDENCES: Final = ("arms", "energy", "trade", "base")

PATRON, FELLOW = "patron", "fellow"


@dataclass(frozen=True)
class Names:
    """Codes, names and dates in which a case is written.

    Attributes
    ----------
    month : int
        Month of the key event, counted from the year 0.
    treaty : str
    codes : dict
        Code of each role; fellows are ``fellow1`` and so on.
    states : dict
        Full name of each role, where it has one.
    """

    month: int
    treaty: str
    codes: dict[str, str]
    states: dict[str, str] = field(default_factory=dict)

    def day(self, row: CaseRow) -> date:
        """Return the date of a row."""
        return on_day(self.month + row.month, row.day)

    def first(self, month: int) -> date:
        """Return the first day of a month, counted from the key event."""
        return on_day(self.month + month, 1)

    def last(self, month: int) -> date:
        """Return the last day of a month, counted from the key event."""
        return last_day(self.month + month)


ANONYMOUS: Final = Names(
    month=12 * 2000,
    treaty="Alliance",
    codes={
        MEMBER: "MEM", GUARANTOR: "GUA", CHALLENGER: "CHA", PATRON: "PAT",
        **{f"{FELLOW}{number}": f"FEL{number}" for number in range(1, FELLOWS + 1)},
    },
)  # fmt: skip
"""Names and dates of every case that is fitted or scored."""


def scenario_of(case: AllianceCase, mode: Mode = "forecast", names: Names = ANONYMOUS) -> Scenario:
    """Return a case as a scenario.

    Parameters
    ----------
    case : AllianceCase
    mode : str
        ``forecast``: nothing that came after the key event is given; rivals and the guarantor choose. ``fit``: what
        came after it is given, unless it answers a move of the member; rivals and the guarantor do nothing else.
    names : Names
    """
    return Scenario.model_validate({"title": "A case", **document_of(case, mode, names)})


def document_of(case: AllianceCase, mode: Mode = "forecast", names: Names = ANONYMOUS) -> Document:
    """Return a case as the tables of a scenario file, without title."""
    rows = entered(case, mode)
    start = first_month(case)
    member, guarantor, challenger = (names.codes[role] for role in (MEMBER, GUARANTOR, CHALLENGER))
    patron = names.codes[PATRON]
    fellows = [names.codes[f"{FELLOW}{number}"] for number in range(1, fellows_of(case, rows) + 1)]
    by_choice = "after-record" if mode == "forecast" else "never"
    return {
        "start": names.first(start),
        "end": names.last(HORIZON),
        "focus": names.treaty,
        "record_end": names.last(0),
        "endogenous_attacks": by_choice,
        "guarantor_choices": by_choice,
        "pinned_until": names.last(-1),
        "parameters": {"coded_threat": 1.0},
        "states": _states(case, names, start, (member, guarantor, challenger, patron, *fellows)),
        "treaties": {names.treaty: _treaty(case, [guarantor, member, *fellows], member, guarantor)},
        "dyads": _dyads(case, rows, names, fellows),
        "events": dict(_events(case, rows, names, fellows)),
        "observed": {member: {names.first(start).isoformat(): stand(case.rung_at_key, patron)}},
    }


def first_month(case: AllianceCase) -> int:
    """Return the month in which a case's scenario starts: that of its earliest row before the key event.

    At most `BEFORE` months before it, and at least one, in which the member stands on the rung at key.
    """
    months = [row.month for row in case.rows if row.phase == PRE and not row.part_of_key]
    return min([-1, *(max(-BEFORE, month) for month in months)])


def entered(case: AllianceCase, mode: Mode) -> list[tuple[str, CaseRow]]:
    """Return the rows of a case that enter its scenario, by the names of their events."""
    start = first_month(case)
    named_rows = [("key", case.key)]
    for phase in (PRE, POST):
        rows = [
            row
            for row in case.rows
            if row.phase == phase
            and not row.part_of_key
            and start <= row.month <= HORIZON
            and (phase == PRE or (mode == "fit" and not row.endogenous))
        ]
        rows.sort(key=lambda row: (row.month, row.day))
        named_rows += [(f"{phase}-{number:02}", row) for number, row in enumerate(rows, 1)]
    return named_rows


def fellows_of(case: AllianceCase, rows: list[tuple[str, CaseRow]]) -> int:
    """Return how many fellow members a case has: those named, and one to whom help was owed where it looked on."""
    return min(FELLOWS, max(case.fellows, int(any(row.observed and row.test for _, row in rows))))


def stand(rung: int, patron: str) -> Document:
    """Return the entry of an observed course for a library rung; 3 is voice, 6 is out, with a patron outside."""
    if rung == DIVERSIFIED:
        return {"posture": POSTURES[VOICE], "diversified_to": patron}
    if rung == RIVAL:
        return {"posture": POSTURES[OUT], "pact_with": patron}
    return {"posture": POSTURES[{FROZEN: FREEZE, LEFT: OUT}.get(rung, rung)]}


def severity_of(case: AllianceCase, row: CaseRow) -> float:
    """Return the severity of a row, 0..1: the threat to the member at its time, and at least `LEAST_SEVERITY`."""
    return max(LEAST_SEVERITY, case.threat_before if row.phase == PRE else case.threat_after)


def _states(case: AllianceCase, names: Names, start: int, codes: tuple[str, ...]) -> dict[str, Document]:
    member, guarantor, challenger, patron, *fellows = codes
    ratio = case.capability_ratio
    against = GREAT if ratio == 0.0 else min(GREAT, SMALL * (1.0 - ratio) / ratio)
    tables: dict[str, Document] = {
        member: {"capability": SMALL, "democracy": case.salience},
        guarantor: {"capability": GREAT, "overstretch": overstretch_at(case, start)},
        challenger: {"capability": max(LEAST, against)},
        patron: {"capability": GREAT},
        **{code: {"capability": SMALL} for code in fellows},
    }
    called = {code: names.states[role] for role, code in names.codes.items() if role in names.states}
    return {code: {"name": called[code], **table} if code in called else table for code, table in tables.items()}


def overstretch_at(case: AllianceCase, month: int) -> float:
    """Return the guarantor's overstretch in a month; before the first value it is the first."""
    return next((value for first, value in reversed(case.overstretch) if first <= month), case.overstretch[0][1])


def _treaty(case: AllianceCase, members: list[str], member: str, guarantor: str) -> Document:
    treaty: Document = {
        "members": members,
        "guarantor": guarantor,
        "obligors": [guarantor],
        "ladder": True,
        "exclusive": case.exclusive,
        "clauses": {
            "defence": {"article": "1", "obligation": "defend", "strength": case.defence},
            "talks": {"article": "2", "obligation": "consult", "strength": case.consultation},
        },
    }
    posture = stand(case.rung_at_key, "")["posture"]
    if posture not in (POSTURES[LOYAL], POSTURES[OUT]):
        treaty["postures"] = {member: posture}
    if case.notice_months is not None:
        treaty["notice_months"] = min(LONGEST_NOTICE, case.notice_months)
    return treaty


def _dyads(
    case: AllianceCase, rows: list[tuple[str, CaseRow]], names: Names, fellows: list[str]
) -> dict[str, dict[str, Document]]:
    member, guarantor, challenger = (names.codes[role] for role in (MEMBER, GUARANTOR, CHALLENGER))
    held = {name: getattr(case, name) for name in DEPENDENCES}
    dyads: dict[str, dict[str, Document]] = {
        code: {guarantor: dict(held), challenger: {"threat": case.threat_before}} for code in (member, *fellows)
    }
    dyads[member][guarantor]["regime_distance"] = case.regime_distance
    dyads[member][challenger]["contiguous"] = True
    if any(row.test and row.phase != POST and row.excuse == "both_allies" for _, row in rows):
        dyads[guarantor] = {challenger: {"ties": BOTH_ALLIES}}
        dyads[challenger] = {guarantor: {"ties": BOTH_ALLIES}}
    return dyads


def _events(
    case: AllianceCase, rows: list[tuple[str, CaseRow]], names: Names, fellows: list[str]
) -> Iterator[tuple[str, Document]]:
    """Yield the events of a case by name: what stands as coded from the key event on, then its history."""
    member, guarantor, challenger = (names.codes[role] for role in (MEMBER, GUARANTOR, CHALLENGER))
    now = names.first(0)
    if case.threat_after != case.threat_before:
        for number, code in enumerate((member, *fellows)):
            key = f"dyads.{code}.{challenger}.threat"
            yield f"threat-{number}", {"date": now, "kind": "set", "key": key, "value": case.threat_after}
    if case.rung_at_key > LOYAL or any(row.phase == PRE and row.kind in ("aid", "coercion") for _, row in rows):
        for name in DEPENDENCES:
            key = f"dyads.{member}.{guarantor}.{name}"
            yield f"dependence-{name}", {"date": now, "kind": "set", "key": key, "value": getattr(case, name)}
    if case.outside > 0.0:
        patron = names.codes[PATRON]
        yield "offer", {"date": now, "kind": "offer", "state": patron, "target": member, "value": case.outside}
    yield from _burdens(case, names)
    for name, row in rows:
        yield from _of_row(case, name, row, names)


def _burdens(case: AllianceCase, names: Names) -> Iterator[tuple[str, Document]]:
    """Yield the changes of the guarantor's overstretch after the start."""
    start = first_month(case)
    held = overstretch_at(case, start)
    for number, (month, value) in enumerate(case.overstretch, 1):
        if month > start and value != held:
            busy = {"date": names.first(month), "kind": "overstretch", "state": names.codes[GUARANTOR], "value": value}
            yield f"overstretch-{number:02}", busy
            held = value


def _of_row(case: AllianceCase, name: str, row: CaseRow, names: Names) -> Iterator[tuple[str, Document]]:
    when = {"date": names.day(row)}
    if row.test:
        yield from _test(case, name, row, names)
    elif row.kind == "attack" and MEMBER in (row.actor, row.target) and row.actor != GUARANTOR:
        sides = {"aggressor": _state(names, row.actor), "victim": _state(names, row.target)}
        if names.codes[GUARANTOR] not in sides.values():
            yield name, {**when, "kind": "attack", **sides, "severity": severity_of(case, row), "owed": 0.0}
        if row.target == MEMBER:
            yield f"{name}-silence", _call(names, names.codes[MEMBER], name, when, made=False)
    elif row.promised_by_member and row.owed > 0.0:
        yield name, _promise(case, row, names, names.codes[MEMBER], names.codes[GUARANTOR])
    elif row.target == MEMBER and row.actor != MEMBER and row.kind in ("reassurance", "aid", "coercion"):
        sides = {"state": _partner(names, row), "target": names.codes[MEMBER]}
        if row.kind == "aid":
            yield name, {**when, "kind": "aid", **sides, "value": row.given}
        else:
            weight = row.given if row.kind == "reassurance" else severity_of(case, row)
            yield name, {**when, "kind": row.kind, **sides, "severity": weight}


def _test(case: AllianceCase, name: str, row: CaseRow, names: Names) -> Iterator[tuple[str, Document]]:
    """Yield a test of the guarantor: an attack with its answer, an attack by the guarantor itself, or a promise."""
    guarantor = names.codes[GUARANTOR]
    to = names.codes[f"{FELLOW}1" if row.observed else MEMBER]
    when = {"date": names.day(row)}
    if row.kind != "attack" or row.actor == MEMBER or not (row.observed or row.target == MEMBER):
        if row.owed > 0.0:
            yield name, _promise(case, row, names, guarantor, to)
        return
    attack = {**when, "kind": "attack", "victim": to, "severity": severity_of(case, row)}
    if row.actor == GUARANTOR:
        if row.owed > 0.0:
            yield name, {**attack, "aggressor": guarantor}
        return
    attack |= {"aggressor": names.codes[CHALLENGER], "owed": row.owed, **_law(row)}
    yield name, attack
    yield f"{name}-call", _call(names, to, name, when, made=row.owed > 0.0)
    if row.owed > 0.0:
        answer = {**when, "kind": "response", "state": guarantor, "to": name, "delivered": row.given}
        yield f"{name}-answer", answer | {"because_of": name}


def _call(names: Names, state: str, attack: str, when: Document, *, made: bool) -> Document:
    call: Document = {**when, "kind": "call", "state": state, "treaty": names.treaty, "because_of": attack}
    return call if made else {**call, "made": False}


def _promise(case: AllianceCase, row: CaseRow, names: Names, by: str, to: str) -> Document:
    return {
        "date": names.day(row), "kind": "promise", "state": by, "target": to, "owed": row.owed, "given": row.given,
        "severity": severity_of(case, row), **_law(row),
    }  # fmt: skip


def _law(row: CaseRow) -> Document:
    return {"coverage": DOUBTFUL} if row.excuse == "legal" else {}


def _state(names: Names, role: str) -> str:
    return names.codes[CHALLENGER if role == OTHER else role]


def _partner(names: Names, row: CaseRow) -> str:
    return names.codes[PATRON if row.actor == OTHER else row.actor]


@dataclass(frozen=True)
class Step:
    """A step of a member onto a library rung, in months from the key event.

    Attributes
    ----------
    first, last : int
        The months in which it may have come, by its date as far as it is known.
    rung : int
    place : int
        Its place among the steps of the outcome.
    """

    first: int
    last: int
    rung: int
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class CodedCourse:
    """The course of a member after the key event.

    Attributes
    ----------
    steps : tuple of Step
        Dated steps after the key event, in the order of time; empty where none is dated, so also where it never moved.
    anniversaries : dict
        Library rung at 12, 36 and 60 months, where it was coded.
    dated : bool
        Whether steps are known; otherwise only the anniversaries are.
    until : int
        Last month to which the course is known.
    """

    steps: tuple[Step, ...]
    anniversaries: dict[int, int]
    dated: bool
    until: int


def coded_course(case: AllianceCase, outcome: CaseOutcome) -> CodedCourse:
    """Return the coded course of a member after the key event.

    A step that is dated no later than the key event is part of the rung at key. Of a date that reaches on both sides of
    it, a step onto that rung is taken to lie before, any other one after.
    """
    rung = case.rung_at_key
    steps: list[Step] = []
    for index, (when, reached) in enumerate(outcome.steps):
        span = _after(outcome.key, when)
        if span is None or reached == rung or span.first > HORIZON:
            continue
        steps.append(replace(span, rung=reached, place=index, first=max(span.first, steps[-1].first if steps else 0)))
        rung = reached
    known = {12 * year: rung for year, rung in outcome.by_years.items() if rung is not None}
    until = HORIZON if outcome.censored is None else min(HORIZON, outcome.censored.first - outcome.key.month)
    return CodedCourse(tuple(steps), known, bool(outcome.steps), until)


def _after(key: When, when: When) -> Step | None:
    """Return the months after the key event that a date allows, None where it lies before or on the same day."""
    if when.last < key.month or (when.exact and (when.last, when.day) <= (key.month, key.day)):
        return None
    return Step(max(0, when.first - key.month), when.last - key.month, 0)
