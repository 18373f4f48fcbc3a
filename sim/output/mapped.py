"""What a map of an alliance shows: trust, promises, attacks and help."""

import datetime
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from sim.model.parameters import PARAMETERS
from sim.output.result import ResultData
from sim.output.subjects import clients, last_recorded, main_branch, state_name
from sim.scenario.schema import Scenario
from sim.words import LOYAL, MISSION, NONE, OUT, POSTURES, RESPONSES

_LEAST: Final = 0.05
"""Share of the runs from which help that was sent is shown."""


class MapRow(NamedTuple):
    """One fill, line or arrow of a map.

    Attributes
    ----------
    what : str
        ``trust``, ``promise``, ``attack`` or ``help``.
    state, name : str
        Whose it is: the member, the attacker, or the helper.
    other : str
        The guarantor; or who is attacked or helped.
    trust : float
        Median trust over the runs; NaN but for ``trust``.
    level : str
        The commonest posture, or the commonest level of help; empty for the others.
    share : float
        Share of the runs: with that level, in which the promise stands, or in which the attack happens.
    event : str
        Of an attack or of help.
    date : date or None
        Of that event.
    """

    what: Literal["trust", "promise", "attack", "help"]
    state: str
    name: str
    other: str
    trust: float
    level: str
    share: float
    event: str = ""
    date: datetime.date | None = None


def map_rows(result: ResultData, branch: str | None = None, day: datetime.date | None = None) -> list[MapRow]:
    """Return the fills, lines and arrows of a map of the alliance on a day.

    Help is what an ally sends beyond words, a mission or more. Of several events it is the one whose commonest level is
    highest, then the one with the largest share of runs, then the latest. Of several attacks it is the latest.

    Parameters
    ----------
    result : ResultData
    branch : str, optional
        Default: ``as-happened``, else the first.
    day : date, optional
        Default: the end of the record or of the run.
    """
    chosen = main_branch(result, branch)
    until = result.days[last_recorded(result)] if day is None else day
    return [*_members(result, chosen, until), *_attacks(result, chosen, until), *_help(result, chosen, until)]


def map_table(result: ResultData) -> pd.DataFrame:
    """Return the map of the main branch at the end of the record or of the run, as a table."""
    return pd.DataFrame(map_rows(result), columns=list(MapRow._fields))


def rivals_of(scenario: Scenario, members: tuple[str, ...], guarantor: str) -> tuple[str, ...]:
    """Return the states outside an alliance that a client fears at the start, as far as the rules call them rivals."""
    least = scenario.parameters.get("rival_threat", PARAMETERS["rival_threat"].default)
    rivals: dict[str, None] = {}
    for code in members:
        for other, dyad in scenario.dyads.get(code, {}).items():
            threat = 0.0 if dyad.threat is None else dyad.threat.at(scenario.start.year)
            if code != guarantor and other not in members and threat >= least:
                rivals[other] = None
    return tuple(rivals)


def _members(result: ResultData, branch: str, until: datetime.date) -> Iterator[MapRow]:
    date_index = max(0, int(np.searchsorted(result.dates, np.datetime64(until, "D"), side="right")) - 1)
    for code in clients(result):
        trust = result.trust.sel(branch=branch, truster=code, trustee=result.guarantor).isel(date=date_index).to_numpy()
        ranks = result.posture.sel(branch=branch, state=code).isel(date=date_index).to_numpy()
        counts = np.bincount(ranks[ranks >= LOYAL], minlength=len(POSTURES))
        common = int(counts.argmax())
        about = (code, state_name(result, code), result.guarantor)
        level = POSTURES[common] if counts.any() else ""
        yield MapRow("trust", *about, float(np.median(trust)), level, float(counts[common] / len(ranks)))
        if counts.any() and common != OUT:
            yield MapRow("promise", *about, np.nan, "", float(counts[:OUT].sum() / len(ranks)))


def _attacks(result: ResultData, branch: str, until: datetime.date) -> list[MapRow]:
    answers = _answers(result, branch, until)
    latest: dict[tuple[str, str], MapRow] = {}
    for event, rows in answers[answers["aggressor"] != ""].groupby("event", sort=False):
        attacker, victim, day = (str(rows["aggressor"].iloc[0]), str(rows["victim"].iloc[0]), rows["date"].iloc[0])
        share = rows["replicate"].nunique() / result.replicates
        row = MapRow("attack", attacker, state_name(result, attacker), victim, np.nan, "", share, str(event), day)
        before = latest.get((attacker, victim))
        if before is None or (before.date or day) <= day:
            latest[attacker, victim] = row
    return list(latest.values())


def _help(result: ResultData, branch: str, until: datetime.date) -> list[MapRow]:
    answers = _answers(result, branch, until)
    spoken = answers["made"] | (answers["fixed"] & (answers["level"] > NONE))
    sent = answers[spoken & (answers["level"] >= MISSION)]
    heaviest: dict[tuple[str, str], MapRow] = {}
    for _, rows in sent.groupby(["event", "ally"], sort=False):
        event, ally, victim = (str(rows[name].iloc[0]) for name in ("event", "ally", "victim"))
        counts = np.bincount(rows["level"], minlength=len(RESPONSES))
        level = RESPONSES[int(counts.argmax())]
        row = MapRow(
            "help", ally, state_name(result, ally), victim, np.nan, level, float(counts.max() / result.replicates),
            event, rows["date"].iloc[0],
        )  # fmt: skip
        before = heaviest.get((ally, victim))
        if len(rows) / result.replicates >= _LEAST and (before is None or _weight(row) >= _weight(before)):
            heaviest[ally, victim] = row
    return sorted(heaviest.values(), key=lambda row: (row.state != result.guarantor, -row.share))


def _answers(result: ResultData, branch: str, until: datetime.date) -> pd.DataFrame:
    """Return the answers of a branch to the dated events up to a day."""
    rows = result.responses
    return rows[(rows["branch"] == branch) & rows["event"].isin(result.scenario.events) & (rows["date"] <= until)]


def _weight(row: MapRow) -> tuple[int, float, datetime.date | None]:
    return RESPONSES.index(row.level), row.share, row.date
