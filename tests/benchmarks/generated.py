"""Random worlds of any size, by seed: states on a sphere, neighbours, treaties of every kind, a story of events."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from sim.scenario import Scenario
from sim.words import CHANNELS, DECISIONS, RESPONSES

NEIGHBOURS = 4
"""Nearest states that a state borders on."""


def generated(states: int, treaties: int | None = None, *, years: int = 2, seed: int = 1) -> Scenario:
    """Return a world.

    Parameters
    ----------
    states : int
        Two or more.
    treaties : int, optional
        Default: 100 for every 195 states, at least 1; the first is the focus.
    years : int
        Length in years, by months.
    seed : int
    """
    rng = np.random.default_rng(seed)
    codes = [f"{chr(65 + n // 676)}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}" for n in range(states)]
    count = max(1, round(states * 100 / 195)) if treaties is None else treaties
    capitals = _on_a_sphere(rng, states)
    near = np.argsort(-(capitals @ capitals.T), axis=1)[:, 1 : 1 + NEIGHBOURS]
    capability = rng.pareto(1.2, states)
    capability /= capability.sum()
    pacts = {f"T{n:03}": _treaty(rng, codes, near, capability, first=n == 0) for n in range(count)}
    start = date(2020, 1, 1)
    events = _events(rng, codes, near, pacts, start, years)
    tables: dict[str, Any] = {
        "title": f"A generated world of {states} states",
        "start": start,
        "end": date(2019 + years, 12, 31),
        "endogenous_attacks": "always",
        "guarantor_choices": "always",
        "focus": "T000",
        "states": {
            code: {
                "capability": float(capability[n]),
                "democracy": float(rng.random()),
                "population": float(rng.lognormal(2.0, 1.0)),
                "capital": _degrees(capitals[n]),
            }
            for n, code in enumerate(codes)
        },
        "places": {f"border of {codes[n]}": {"owner": codes[n], "undelimited": True} for n in range(0, states, 5)},
        "treaties": pacts,
        "dyads": _dyads(rng, codes, near, pacts),
        "events": events,
    }
    return Scenario.model_validate(tables)


def _on_a_sphere(rng: np.random.Generator, count: int) -> np.ndarray:
    points = rng.normal(size=(count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def _degrees(point: np.ndarray) -> tuple[float, float]:
    x, y, z = point
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arcsin(z)))


def _treaty(
    rng: np.random.Generator, codes: list[str], near: np.ndarray, capability: np.ndarray, *, first: bool
) -> dict[str, Any]:
    """Return a treaty around a strong state: every third is of two, the others grow from neighbour to neighbour."""
    guarantor = int(np.argmax(capability)) if first else int(rng.choice(len(codes), p=capability))
    size = min(len(codes), 6 if first else 2 if rng.random() < 1 / 3 else int(rng.integers(3, 13)))
    members = [guarantor]
    while len(members) < size:
        beside = [int(n) for member in members for n in near[member] if n not in members]
        members.append(int(rng.choice(beside or [n for n in range(len(codes)) if n not in members])))
    clauses = {"aggression": {"article": "4", "obligation": "defend"}}
    if rng.random() < 0.5:
        clauses["talks"] = {"article": "2", "obligation": "consult"}
    return {
        "members": sorted(codes[n] for n in members),
        "guarantor": codes[guarantor],
        "decision": str(rng.choice(DECISIONS)),
        "exclusive": bool(rng.random() < 0.5),
        "clauses": clauses,
    }


def _dyads(rng: np.random.Generator, codes: list[str], near: np.ndarray, pacts: dict[str, Any]) -> dict[str, Any]:
    dyads: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for n, code in enumerate(codes):
        for other in near[n]:
            fear, claim = float(rng.beta(1, 3)), float(rng.random() if rng.random() < 0.2 else 0.0)
            dyads[code][codes[other]] = {"threat": fear, "claim": claim, "contiguous": True}
    for pact in pacts.values():
        for member in pact["members"]:
            if member != pact["guarantor"]:
                held = dyads[member].setdefault(pact["guarantor"], {})
                held["ties"] = float(rng.uniform(-0.2, 0.9))
                held |= {channel: float(rng.random()) for channel in CHANNELS}
    return dyads


def _events(
    rng: np.random.Generator, codes: list[str], near: np.ndarray, pacts: dict[str, Any], start: date, years: int
) -> dict[str, Any]:
    """Return an attack for every tenth state and year, half with the guarantor's response, and its overstretch."""
    events: dict[str, Any] = {}
    names = sorted(pacts)
    for n in range(max(2, len(codes) * years // 10)):
        pact = pacts[names[int(rng.integers(len(names)))]]
        others = [code for code in pact["members"] if code != pact["guarantor"]]
        victim = str(rng.choice(others))
        aggressor = codes[int(near[codes.index(victim)][int(rng.integers(near.shape[1]))])]
        day = start + timedelta(days=int(rng.integers(0, 365 * years - 5)))
        events[f"attack-{n}"] = {
            "date": day, "kind": "attack", "aggressor": aggressor, "victim": victim, "place": victim,
            "severity": float(rng.beta(2, 3)), "source": "generated",
        }  # fmt: skip
        if rng.random() < 0.5 and pact["guarantor"] != aggressor:
            events[f"answer-{n}"] = {
                "date": day, "kind": "response", "state": pact["guarantor"], "to": f"attack-{n}",
                "response": str(rng.choice(RESPONSES)), "source": "generated",
            }  # fmt: skip
        events[f"strain-{n}"] = {
            "date": day, "kind": "overstretch", "state": pact["guarantor"], "value": float(rng.uniform(0.0, 0.8)),
            "source": "generated",
        }  # fmt: skip
    return events
