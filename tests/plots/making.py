"""A made-up result to draw with: trust falls in steps, members climb the ladder, publics follow."""

import itertools
import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr

from sim.output.responses import RESPONSE_COLUMNS, responses_of
from sim.output.result import label_metrics
from sim.output.sweeps import column
from sim.result import Result, Sweep
from sim.scenario.schema import Scenario
from sim.words import FULFILMENT, PATRON_VARIABLES, RESPONSES

NAMES = {
    "RUS": "Russia",
    "ARM": "Armenia",
    "BLR": "Belarus",
    "KAZ": "Kazakhstan",
    "KGZ": "Kyrgyzstan",
    "TJK": "Tajikistan",
    "AZE": "Azerbaijan",
    "UZB": "Uzbekistan",
    "GEO": "Georgia",
    "TUR": "Türkiye",
    "IRN": "Iran",
    "CHN": "China",
    "IND": "India",
    "USA": "United States",
    "FRA": "France",
    "UKR": "Ukraine",
    "EUU": "European Union",
}

MEMBERS = ("RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK")

BRANCHES = (
    "as-happened",
    "agents-decide",
    "russia-sends-forces-2022",
    "peacekeepers-hold-2023",
    "russia-intervenes",
    "russia-declines-outright",
    "no-ukraine-war",
)

EVENTS: dict[str, dict[str, Any]] = {
    "war-2020": {
        "date": date(2020, 9, 27),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "place": "Karabakh",
        "severity": 0.9,
        "note": "Second Karabakh war: Azerbaijan attacks",
    },
    "war-2020-russia": {
        "date": date(2020, 11, 10),
        "kind": "response",
        "state": "RUS",
        "to": "war-2020",
        "response": "mission",
    },
    "incursion-2021": {
        "date": date(2021, 5, 12),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "place": "Syunik",
        "severity": 0.4,
    },
    "border-2021": {
        "date": date(2021, 11, 16),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "severity": 0.5,
        "note": "Heaviest border attack since the war, in Syunik",
    },
    "kazakhstan-2022": {
        "date": date(2022, 1, 5),
        "kind": "crisis",
        "victim": "KAZ",
        "severity": 0.5,
        "note": "Unrest in Kazakhstan",
    },
    "kazakhstan-russia": {
        "date": date(2022, 1, 6),
        "kind": "response",
        "state": "RUS",
        "to": "kazakhstan-2022",
        "response": "forces",
    },
    "ukraine-war": {
        "date": date(2022, 2, 24),
        "kind": "overstretch",
        "state": "RUS",
        "value": 0.8,
    },
    "attack-2022": {
        "date": date(2022, 9, 13),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "place": "Armenia",
        "severity": 0.7,
        "note": "Azerbaijan attacks Jermuk, Goris and Sotk",
    },
    "appeal-2022": {
        "date": date(2022, 9, 13),
        "kind": "call",
        "state": "ARM",
        "treaty": "CSTO",
        "article": 4,
        "because_of": "attack-2022",
    },
    "russia-2022": {
        "date": date(2022, 9, 15),
        "kind": "response",
        "state": "RUS",
        "to": "attack-2022",
        "response": "mission",
    },
    "members-2022": {
        "date": date(2022, 9, 14),
        "kind": "attack",
        "aggressor": "TJK",
        "victim": "KGZ",
        "severity": 0.6,
    },
    "protest-2022": {
        "date": date(2022, 9, 18),
        "kind": "protest",
        "state": "ARM",
        "severity": 0.2,
    },
    "recognition": {
        "date": date(2022, 10, 6),
        "kind": "recognition",
        "state": "ARM",
        "place": "Karabakh",
        "as": "AZE",
    },
    "blockade": {
        "date": date(2022, 12, 12),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "place": "Karabakh",
        "severity": 0.5,
        "note": "The Lachin corridor is blocked for nine months",
    },
    "offensive-2023": {
        "date": date(2023, 9, 19),
        "kind": "attack",
        "aggressor": "AZE",
        "victim": "ARM",
        "place": "Karabakh",
        "severity": 0.9,
        "note": "Offensive ends the Karabakh republic in a day",
    },
    "exodus-2023": {
        "date": date(2023, 9, 24),
        "kind": "refugees",
        "state": "ARM",
        "value": 100617.0,
    },
    "trucks-2023": {
        "date": date(2023, 11, 14),
        "kind": "coercion",
        "state": "RUS",
        "target": "ARM",
        "channel": "trade",
        "severity": 0.3,
        "only_if": "ARM.posture >= voice",
    },
    "election-2026": {
        "date": date(2026, 6, 7),
        "kind": "leader",
        "state": "ARM",
    },
}

STEPS = (("2020-09-27", 0.01), ("2021-05-12", 0.015), ("2022-09-13", 0.05), ("2023-09-19", 0.045))


def scenario(
    members: Sequence[str] = MEMBERS, branches: Sequence[str] = BRANCHES, title: str = "", **keys: Any
) -> Scenario:
    others = ("AZE",) if "AZE" not in members else ()
    given = {
        "title": title or "Had Russia kept its word: Armenia, Karabakh and the CSTO, 2020-26",
        "start": date(2020, 1, 1),
        "end": date(2026, 12, 31),
        "record_end": date(2026, 6, 30),
        "focus": "CSTO",
        "states": {code: {"name": NAMES.get(code, ""), "capability": 0.01} for code in (*members, *others)},
        "places": {
            name: {"owner": owner} for name, owner in (("Karabakh", "AZE"), ("Syunik", "ARM"), ("Armenia", "ARM"))
        },
        "treaties": {"CSTO": {"members": list(members), "guarantor": members[0]}},
        "events": {
            name: event
            for name, event in EVENTS.items()
            if all(event.get(key, members[0]) in (*members, *others) for key in ("state", "victim", "target"))
        },
        "branches": {name: {} for name in branches},
        **keys,
    }
    return Scenario.model_validate(given)


def tick_ends(start: date, end: date, step: str) -> list[date]:
    days = [start]
    if step == "week":
        while (day := days[-1] + timedelta(days=7)) <= end:
            days.append(day)
        return days
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        days.append(date(year, month, 1) - timedelta(days=1))
    return days


def result(
    members: Sequence[str] = MEMBERS,
    branches: Sequence[str] = BRANCHES,
    replicates: int = 100,
    seed: int = 3,
    drop: float = 1.0,
    **keys: Any,
) -> Result:
    """Return a result with ``drop`` times the fall of trust of the first client, and less for the others."""
    told = scenario(members, branches, **keys)
    days = tick_ends(told.start, told.end, told.step)
    rng = np.random.default_rng(seed)
    shape = (len(branches), replicates, len(days))
    trust = np.zeros((*shape, len(members), len(members)))
    posture = np.zeros((*shape, len(members)), dtype=np.int8)
    spread = rng.normal(0, 0.035, (replicates, len(members)))
    walk = rng.normal(0, 0.002, (replicates, len(days), len(members))).cumsum(axis=1)
    for b in range(len(branches)):
        weight = drop * (1.0 - 0.14 * b)
        for i in range(len(members)):
            level = np.full(len(days), 0.62 - 0.015 * i if i < 3 else 0.55 + 0.03 * i)
            for when, size in STEPS:
                hit = size if i == 1 else 0.12 * size * (i % 3)
                level = level - weight * hit * (np.array(days) >= date.fromisoformat(when))
            series = np.clip(level + spread[:, i, None] + walk[:, :, i], 0.02, 0.98)
            trust[b, :, :, i, :] = (series * (0.7 + 0.02 * i))[:, :, None]
            trust[b, :, :, i, 0] = series
            rank = np.floor((0.56 - series) * (26 if i == 1 else 6)).clip(0, 5)
            posture[b, :, :, i] = np.maximum.accumulate(rank, axis=1)
    lead = trust[..., 0]
    data = xr.Dataset(
        {
            "trust": (("branch", "replicate", "date", "truster", "trustee"), trust),
            "posture": (("branch", "replicate", "date", "state"), posture),
            "approval": (("branch", "replicate", "date", "state"), np.clip(lead * 1.3 - 0.2, 0, 1)),
            "exit_support": (("branch", "replicate", "date", "state"), np.clip(0.75 - lead, 0, 1)),
            "reliability": (("branch", "replicate", "date", "state"), lead * 0.9),
            "pressure": (("branch", "replicate", "date", "state"), 0.5 - lead),
            **{name: (("branch", "replicate", "date", "state"), np.zeros_like(lead)) for name in PATRON_VARIABLES},
            "credibility": (("branch", "replicate", "date"), lead[..., 1:].mean(axis=-1)),
        },
        coords={
            "branch": list(branches),
            "replicate": np.arange(replicates),
            "date": np.array(days, "datetime64[ns]"),
            "state": list(members),
            "truster": list(members),
            "trustee": list(members),
        },
    )
    return Result(
        name="synthetic",
        scenario=told,
        seed=7,
        replicates=replicates,
        seconds=1.0,
        branches=tuple(branches),
        codes=tuple(members),
        members=tuple(members),
        focus="CSTO",
        guarantor=members[0],
        data=data,
        metrics=label_metrics(np.zeros((len(branches), 0, replicates)), branches, ()),
        answers=_responses(told, members, branches, replicates, rng),
    )


def _responses(
    told: Scenario, members: Sequence[str], branches: Sequence[str], replicates: int, rng: np.random.Generator
) -> pa.Table:
    rows = [
        (
            branch,
            replicate,
            event.date,
            name,
            event.victim,
            getattr(event, "aggressor", ""),
            event.severity,
            True,
            ally,
            0.5,
            level,
            level,
            FULFILMENT[level],
            False,
            False,
        )
        for branch in branches
        for replicate in range(replicates)
        for name, event in told.events.items()
        if event.kind in ("attack", "crisis")
        for ally in members
        if ally != event.victim
        for level in (int(rng.integers(0, len(RESPONSES))) if ally == members[0] else int(rng.integers(0, 2)),)
    ]
    return responses_of(rows)


def as_answers(responses: pd.DataFrame) -> pa.Table:
    """Return a frame of responses as results hold them."""
    return responses_of(list(responses[list(RESPONSE_COLUMNS)].itertuples(index=False, name=None)))


TIPPING = "first(ARM.posture >= freeze) <= 2024-12"
"""The metric of the made-up sweeps."""

OVERSTRETCH, COVERAGE = "events.ukraine-war.value", "events.attack-2022.coverage"
"""Their factors."""


def sweep(
    factors: dict[str, tuple[Any, ...]],
    metrics: dict[str, str] | None = None,
    branches: Sequence[str] = ("agents-decide",),
    slope: float = 9.0,
) -> Sweep:
    """Return a sweep whose chance rises with the sum of its factors, even where two of them sum to 1.2."""
    kinds = metrics or {TIPPING: "chance"}
    rows: list[dict[str, Any]] = []
    for values in itertools.product(*factors.values()):
        for number, branch in enumerate(branches):
            total = sum(v if isinstance(v, int | float) else i * 0.4 for i, v in enumerate(values)) - 0.15 * number
            chance = 1 / (1 + math.exp(-slope * (total - 0.6 * len(factors))))
            row: dict[str, Any] = {**dict(zip(factors, values, strict=True)), "branch": branch}
            for metric, kind in kinds.items():
                cells: dict[str, Any] = {
                    "mean": chance,
                    "median": chance,
                    "q05": chance - 0.1,
                    "q95": chance + 0.1,
                    "low": max(0, chance - 0.05),
                    "high": min(1, chance + 0.05),
                    "n": 50,
                }
                if kind == "date":
                    cells |= {
                        "mean": None,
                        "median": f"{2022 + round(2 * chance)}-0{number + 3}",
                        "q05": "2022-01",
                        "q95": "2025-06",
                    }
                row |= {column(metric, cell): value for cell, value in cells.items()}
            rows.append(row)
    return Sweep(
        name="synthetic",
        scenario=scenario(),
        design={"kind": "grid"},
        factors={key: {"values": list(values)} for key, values in factors.items()},
        branches=tuple(branches),
        metrics=tuple(kinds),
        kinds=kinds,
        seed=7,
        replicates=50,
        seconds=1.0,
        table=pd.DataFrame(rows),
        points=pd.DataFrame(itertools.product(*factors.values()), columns=list(factors))
        .rename_axis("point")
        .reset_index(),
    )
