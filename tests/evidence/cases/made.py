"""A made-up case file for tests."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from sim.evidence.cases.reading import AllianceCase, CaseFile, cases_of, load_file

Entry = dict[str, Any]


def row(date: str, kind: str, actor: str, target: str, **changes: Any) -> Entry:
    """Return a row of a history in which the ally was obliged to half and gave a quarter."""
    plain = {
        "date": date, "kind": kind, "actor": actor, "target": target, "owed": 0.5, "given": 0.25, "excuse": "none",
        "note": "", "phase": "pre", "obligor": "ally", "part_of_key_test": False, "counts_as_test": True,
        "observed_only": False, "endogenous": False,
    }  # fmt: skip
    return plain | changes


def entry(**changes: Any) -> Entry:
    """Return a case of the layout of the library: Client and Patron, tested in May 1950."""
    plain: Entry = {
        "id": "client_1950",
        "cluster": "client",
        "alliance": "Pact",
        "treaty_obligations": {
            "instrument": "Pact of 1940",
            "defence": {"text": "", "strength": 0.8},
            "consultation": {"text": "", "strength": 0.6},
            "exclusivity": {"text": "", "strength": 0.4},
            "notice_period": {"text": "", "months": 12},
        },
        "guarantor": "Patron",
        "subject_state": "Client",
        "other_members": ["Fellow", "others"],
        "challenger": "Enemy",
        "key_event": {"date": "1950-05-20", "description": "Asked", "owed": 0.7, "given": 0.2, "excuse": "none"},
        "rung_at_key": 1,
        "context": {
            "threat_to_subject": {"before": 0.2, "after": 0.6},
            "dependence_on_guarantor": {"arms": 0.9, "energy": 0.1, "trade": 0.5, "base": 0.3},
            "outside_option_quality": None,
            "guarantor_overstretch": {"1948": 0.1, "1950": 0.4},
            "subject_capability_ratio_to_challenger": 0.2,
            "regime_distance_to_guarantor": 0.3,
            "public_salience": 0.7,
            "outside_option_components": {"rival_patron": 1, "safe_exit": 0.5, "self_help": 0},
            "outside_option_rule": 0.5,
        },
        "events": [
            row("1949-03-10", "attack", "Enemy", "Client"),
            row("1949-07-01", "reassurance", "Patron", "Client", owed=0.0, given=0.6, obligor="none"),
            row("1950-05-20", "coercion", "Patron", "Client", phase="key", part_of_key_test=True),
            row("1951-01-15", "response", "Patron", "Client", phase="post"),
            row("1951-02-15", "coercion", "Patron", "Client", phase="post", endogenous=True),
        ],
        "outcomes": [{"date": "1940", "rung": 0, "note": ""}, {"date": "1950-01", "rung": 1, "note": "speech"},
                     {"date": "1952-06-01", "rung": 4, "note": "command left"}],
        "by_years": {"1": 1, "3": 4, "5": None},
        "max_rung_within_5y": 4,
        "censored": None,
        "confidence": "high",
        "sources": ["recall"],
    }  # fmt: skip
    return deepcopy(plain | changes)


def without(table: Entry, *path: str) -> Entry:
    """Return a copy of a case without one key."""
    copy = deepcopy(table)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


def put(table: Entry, value: Any, *path: str | int) -> Entry:
    """Return a copy of a case with another value at one place."""
    copy = deepcopy(table)
    inner: Any = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def case_of(**changes: Any) -> AllianceCase:
    """Return a case of `entry` as a prediction sees it."""
    made = entry(**changes)
    return cases_of(CaseFile("made.json", {made["id"]: made}))[made["id"]]


def written(folder: Path, *entries: Entry) -> CaseFile:
    """Write cases to a file and load it."""
    path = folder / "made.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return load_file(path)
