"""Reading a file of cases: what a prediction may see, and apart from that the outcomes, names and sources.

A prediction sees `AllianceCase` alone: codings as they stood at the key event, dates as months from it, and names only
as roles. Outcomes are read by `outcomes_of`, names and sources by `stories_of`; a file without outcomes is complete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.evidence.cases.dates import When, read_date
from sim.evidence.cases.fields import (
    Fields,
    Found,
    Raw,
    one_of,
    optional,
    read_items,
    read_months,
    read_note,
    read_rung,
    read_share,
    read_text,
    read_truth,
    read_when,
)
from sim.given import parse_json
from sim.given import read_text as read_file
from sim.scenario.files import SHIPPED
from sim.scenario.problems import Problem, show

LIBRARY: Final = SHIPPED / "cases.json"
"""The library that ships with the package."""

KINDS: Final = ("shock", "reassurance", "response", "coercion", "attack", "aid", "invocation")
PHASES: Final = ("pre", "key", "post")
PRE, KEY, POST = PHASES
OBLIGORS: Final = ("ally", "subject", "none")
EXCUSES: Final = ("none", "overstretch", "legal", "both_allies")
YEARS: Final = (1, 3, 5)
"""Anniversaries of the key event for which a rung is coded."""

MEMBER, GUARANTOR, CHALLENGER, OTHER = "member", "guarantor", "challenger", "other"
"""Roles of the states in a case; who is none of the first three is `OTHER`."""

NOBODY_NAMED: Final = "none"
"""Entry in the list of other members that stands for nobody."""


@dataclass(frozen=True)
class CaseRow:
    """One row of a case's history, without names and notes.

    Attributes
    ----------
    month : int
        Month, counted from that of the key event.
    day : int
        Day of the month.
    kind, phase, excuse : str
        Of `KINDS`, `PHASES` and `EXCUSES`.
    actor, target : str
        Roles.
    owed, given : float
        How firmly the ally was obliged, and how far it delivered, 0..1.
    test : bool
        Whether it is a test of the guarantor of its own: it counts as one, and the ally was obliged.
    part_of_key : bool
        Whether the key event stands for it.
    promised_by_member : bool
        Whether the member itself was obliged.
    observed : bool
        Whether a third state was tested and the member looked on.
    endogenous : bool
        Whether it answers a move of the member.
    """

    month: int
    day: int
    kind: str
    phase: str
    actor: str
    target: str
    owed: float
    given: float
    excuse: str
    test: bool
    part_of_key: bool
    promised_by_member: bool
    observed: bool
    endogenous: bool


@dataclass(frozen=True)
class AllianceCase:
    """A test of an alliance as a prediction may see it.

    Attributes
    ----------
    defence, consultation, exclusive : float
        Strength of the treaty's clauses, 0..1.
    notice_months : float or None
        None where no notice is stated.
    threat_before, threat_after : float
        What the member fears from the challenger, a year before the key event and just after it, 0..1.
    arms, energy, trade, base : float
        Dependence on the guarantor, 0..1.
    outside : float
        Mean of the components of the outside option, 0..1.
    overstretch : tuple of (int, float)
        Share of the guarantor's forces tied down, from a month on, counted from the key event; up to the year of it.
    capability_ratio, regime_distance, salience : float
        Member against challenger; member and guarantor; how much the public minds; 0..1.
    fellows : int
        Other members that the file names.
    rung_at_key : int
        Library rung on which the member stood.
    key : CaseRow
        The key event.
    rows : tuple of CaseRow
        All other rows, in the order of the file.
    """

    defence: float
    consultation: float
    exclusive: float
    notice_months: float | None
    threat_before: float
    threat_after: float
    arms: float
    energy: float
    trade: float
    base: float
    outside: float
    overstretch: tuple[tuple[int, float], ...]
    capability_ratio: float
    regime_distance: float
    salience: float
    fellows: int
    rung_at_key: int
    key: CaseRow
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
class CaseOutcome:
    """The outcome of a case, for the fit and for scores alone.

    Attributes
    ----------
    cluster : str
        Cases that are not independent share it.
    key : When
        Date of the key event.
    steps : tuple of (When, int)
        Dated steps with the library rung from then on, in the order of time.
    by_years : dict
        Rung at each anniversary of `YEARS`; None where it was not coded.
    highest : int or None
        Highest rung touched within five years.
    censored : When or None
        From when on the member no longer acted freely.
    """

    cluster: str
    key: When
    steps: tuple[tuple[When, int], ...]
    by_years: dict[int, int | None]
    highest: int | None
    censored: When | None


@dataclass(frozen=True)
class CaseStory:
    """Names, dates and sources of a case, for people.

    Attributes
    ----------
    alliance, instrument, member, guarantor, challenger, asked, confidence : str
    fellows : tuple of str
    key : When
    notes : tuple of str
        Of each row, in the order of the case's rows.
    steps : tuple of str
        Note of each dated step.
    sources : tuple of str
    """

    alliance: str
    instrument: str
    member: str
    guarantor: str
    challenger: str
    fellows: tuple[str, ...]
    asked: str
    confidence: str
    key: When
    notes: tuple[str, ...]
    steps: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class CaseFile:
    """The cases of a file by id, as text that is not yet checked.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    cases : dict
        In the order of the file.
    """

    name: str
    cases: dict[str, Raw] = field(repr=False)


def load_file(path: Path = LIBRARY) -> CaseFile:
    """Return the cases of a file by id.

    Raises
    ------
    InputError
        If it is no list of cases with an id each, all different.
    """
    try:
        content = parse_json(read_file(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: is not JSON text in UTF-8: {error}") from None
    if not isinstance(content, list) or not content:
        raise InputError(f"{path}: holds no list of cases; allowed: a list of tables, each with an id")
    cases: dict[str, Raw] = {}
    problems = []
    for index, entry in enumerate(content):
        name = entry.get("id") if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or not name:
            problems.append(Problem(path.name, None, f"[{index}].id", "the case has no id", "text"))
        elif name in cases:
            problems.append(Problem(path.name, None, f"{name}: id", "two cases have this id", "a different id each"))
        else:
            cases[name] = entry
    _refuse(problems)
    return CaseFile(path.name, cases)


def cases_of(file: CaseFile) -> dict[str, AllianceCase]:
    """Return the cases of a file by id, without all that is hidden from predictions.

    Raises
    ------
    InputError
        With one line a problem, each with the id of the case and the key.
    """
    return _each(file, _case)


def outcomes_of(file: CaseFile) -> dict[str, CaseOutcome]:
    """Return the outcomes of the cases of a file by id; a case without outcomes is left out.

    Raises
    ------
    InputError
        As for `cases_of`.
    """
    coded = {name: entry for name, entry in file.cases.items() if "by_years" in entry or "outcomes" in entry}
    return _each(CaseFile(file.name, coded), _outcome)


def stories_of(file: CaseFile) -> dict[str, CaseStory]:
    """Return names, dates and sources of the cases of a file, by id."""
    return _each(file, _story)


def _each(file: CaseFile, read: Callable[[Fields], Found]) -> dict[str, Found]:
    problems: list[Problem] = []
    results = {name: read(Fields(file.name, name, problems, entry)) for name, entry in file.cases.items()}
    _refuse(problems)
    return results


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InputError("\n".join(str(problem) for problem in problems))


NO_DATE: Final = When(0, 0, 1, True)
_NONE: Final[list[Any]] = []


def _case(given: Fields) -> AllianceCase:
    key_event, context, treaty = given.inner("key_event"), given.inner("context"), given.inner("treaty_obligations")
    when = key_event.get("date", read_when, NO_DATE)
    rows = _rows(given, when)
    key = next((row for row in rows if row.phase == KEY), None)
    if key is None and isinstance(given.table.get("events"), list):
        given.report("events", "no row is the key event", f"one row with phase '{KEY}'")
    threat, holds = context.inner("threat_to_subject"), context.inner("dependence_on_guarantor")
    outside = context.inner("outside_option_components")
    components = [outside.get(name, read_share, 0.0) for name in ("rival_patron", "safe_exit", "self_help")]
    return AllianceCase(
        defence=treaty.inner("defence").get("strength", read_share, 0.0),
        consultation=treaty.inner("consultation").get("strength", read_share, 0.0),
        exclusive=treaty.inner("exclusivity").get("strength", read_share, 0.0),
        notice_months=treaty.inner("notice_period").get("months", read_months, None),
        threat_before=threat.get("before", read_share, 0.0),
        threat_after=threat.get("after", read_share, 0.0),
        arms=holds.get("arms", read_share, 0.0),
        energy=holds.get("energy", read_share, 0.0),
        trade=holds.get("trade", read_share, 0.0),
        base=holds.get("base", read_share, 0.0),
        outside=sum(components) / len(components),
        overstretch=_overstretch(context, when),
        capability_ratio=context.get("subject_capability_ratio_to_challenger", read_share, 0.5),
        regime_distance=context.get("regime_distance_to_guarantor", read_share, 0.0),
        salience=context.get("public_salience", read_share, 0.0),
        fellows=len([name for name in given.get("other_members", read_items, _NONE) if name != NOBODY_NAMED]),
        rung_at_key=given.get("rung_at_key", read_rung, 0),
        key=_key_row(key_event, when, key),
        rows=tuple(row for row in rows if row.phase != KEY),
    )


def _key_row(key_event: Fields, when: When, row: CaseRow | None) -> CaseRow:
    """Return the key event: kind and roles of its row; what was owed and given as coded for the event as a whole."""
    return CaseRow(
        month=0,
        day=when.day,
        kind="shock" if row is None else row.kind,
        phase=KEY,
        actor=OTHER if row is None else row.actor,
        target=OTHER if row is None else row.target,
        owed=key_event.get("owed", read_share, 0.0),
        given=key_event.get("given", read_share, 0.0),
        excuse=key_event.get("excuse", one_of(EXCUSES), "none"),
        test=True,
        part_of_key=True,
        promised_by_member=False,
        observed=row is not None and row.observed,
        endogenous=False,
    )


def _overstretch(context: Fields, key: When) -> tuple[tuple[int, float], ...]:
    series = context.inner("guarantor_overstretch")
    shares = []
    for text in sorted(series.table):
        if not (text.isdigit() and len(text) == 4):
            series.report(text, f"{show(text)} is no year", "such as 1936")
            continue
        month = read_date(text).first - key.month
        if read_date(text).first <= key.last:
            shares.append((month, series.get(text, read_share, 0.0)))
    if not shares and "guarantor_overstretch" in context.table:
        context.report("guarantor_overstretch", "has no year up to the key event", "a value of that year or before")
    return tuple(shares)


def _rows(given: Fields, key: When) -> list[CaseRow]:
    roles = {
        given.get("challenger", read_text, ""): CHALLENGER,
        given.get("guarantor", read_text, ""): GUARANTOR,
        given.get("subject_state", read_text, ""): MEMBER,
    }
    rows = []
    for index, entry in enumerate(given.get("events", read_items, _NONE)):
        where = f"events[{index}]"
        if not isinstance(entry, Mapping):
            given.report(where, f"{show(entry)} is no table", "a table in braces")
            continue
        rows.append(_row(Fields(given.file, given.case, given.problems, entry, where), roles, key))
    return rows


def _row(entry: Fields, roles: Mapping[str, str], key: When) -> CaseRow:
    when, phase = entry.get("date", read_when, key), entry.get("phase", one_of(PHASES), POST)
    obligor = entry.get("obligor", one_of(OBLIGORS), "none")
    month = when.month - key.month
    return CaseRow(
        month=min(month, 0) if phase == PRE and when.first <= key.month else month,
        day=when.day,
        kind=entry.get("kind", one_of(KINDS), "shock"),
        phase=phase,
        actor=roles.get(entry.get("actor", read_text, ""), OTHER),
        target=roles.get(entry.get("target", read_text, ""), OTHER),
        owed=entry.get("owed", read_share, 0.0),
        given=entry.get("given", read_share, 0.0),
        excuse=entry.get("excuse", one_of(EXCUSES), "none"),
        test=entry.get("counts_as_test", read_truth, False) and obligor == "ally",
        part_of_key=entry.get("part_of_key_test", read_truth, False),
        promised_by_member=obligor == "subject",
        observed=entry.get("observed_only", read_truth, False),
        endogenous=entry.get("endogenous", read_truth, False),
    )


def _outcome(given: Fields) -> CaseOutcome:
    steps = []
    for index, entry in enumerate(given.maybe("outcomes", read_items, _NONE)):
        where = f"outcomes[{index}]"
        step = Fields(given.file, given.case, given.problems, entry if isinstance(entry, Mapping) else {}, where)
        steps.append((step.get("date", read_when, NO_DATE), step.get("rung", read_rung, 0)))
    years = given.inner("by_years") if "by_years" in given.table else None
    return CaseOutcome(
        cluster=given.get("cluster", read_text, ""),
        key=given.inner("key_event").get("date", read_when, NO_DATE),
        steps=tuple(steps),
        by_years={year: None if years is None else years.get(str(year), optional(read_rung), None) for year in YEARS},
        highest=given.maybe("max_rung_within_5y", optional(read_rung), None),
        censored=given.maybe("censored", optional(read_when), None),
    )


def _story(given: Fields) -> CaseStory:
    events = [entry for entry in given.get("events", read_items, _NONE) if isinstance(entry, Mapping)]
    rows = [entry for entry in events if entry.get("phase") != KEY]
    steps = given.table.get("outcomes")
    obligations = given.inner("treaty_obligations").table
    return CaseStory(
        alliance=read_note(given.table.get("alliance")),
        instrument=read_note(obligations.get("instrument")),
        member=given.get("subject_state", read_text, ""),
        guarantor=given.get("guarantor", read_text, ""),
        challenger=given.get("challenger", read_text, ""),
        fellows=tuple(
            read_note(name) for name in given.get("other_members", read_items, _NONE) if name != NOBODY_NAMED
        ),
        asked=read_note(given.inner("key_event").table.get("description")),
        confidence=read_note(given.table.get("confidence")),
        key=given.inner("key_event").get("date", read_when, NO_DATE),
        notes=tuple(read_note(entry.get("note")) for entry in rows),
        steps=tuple(read_note(entry.get("note")) for entry in steps if isinstance(entry, Mapping))
        if isinstance(steps, list)
        else (),
        sources=tuple(read_note(text) for text in given.table.get("sources") or () if read_note(text)),
    )
