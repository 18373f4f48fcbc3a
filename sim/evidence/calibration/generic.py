"""Generic worlds: random states and pacts that represent the reference class of alliances since 1945.

A world has a large pact around its strongest state and a smaller one, both deciding by consensus, and pairs under
bilateral pacts. Every state is in exactly one pact, so that every attack finds somebody who owes an answer. Nothing is
dated but renewals: rivals attack, victims appeal and allies answer by choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from sim.model.world import Flags, Floats, Ints
from sim.scenario import Scenario
from sim.words import CHANNELS

YEARS: Final = 40
FIRST: Final = 1950

SIZES: Final = (6, 4, 2, 2, 2, 2)
"""Members of the pacts; the first two are multilateral."""

NEIGHBOURS: Final = 3
"""Nearest states that a state borders on."""

SIDE: Final = 30.0
"""Side of the square, in degrees, that capitals lie in: some 3,300 km."""

CLAIMING: Final = 0.25
"""Share of contiguous directed pairs with a territorial claim."""

RENEWALS: Final = (10, 20, 30)
"""Years after which members of the larger pacts may let them lapse."""


@dataclass(frozen=True)
class GenericWorld:
    """Generic world: a random scenario, with the data that its statistics need.

    Attributes
    ----------
    scenario : Scenario
    codes : tuple of str
        States in the order of the engine's axis.
    pact : array (N)
        Number of each state's pact.
    joined : tuple of (str, str)
        Members of the larger pacts other than guarantors, with their pact: those who may leave.
    pairs : array (B, 2)
        Contiguous pairs, by index, each once.
    """

    scenario: Scenario
    codes: tuple[str, ...]
    pact: Ints
    joined: tuple[tuple[str, str], ...]
    pairs: Ints

    @property
    def bilateral(self) -> Flags:
        """Whether each state's pact has two members (N)."""
        return np.array([SIZES[number] == 2 for number in self.pact])


def generic_world(seed: int) -> GenericWorld:
    """Generate a random world of states and pacts.

    Parameters
    ----------
    seed : int
        Equal seeds give equal worlds.

    Examples
    --------
    >>> len(generic_world(1).codes)
    18
    """
    rng = np.random.default_rng(seed)
    count = sum(SIZES)
    codes = [f"G{chr(65 + number)}{chr(65 + seed % 26)}" for number in range(count)]
    places = rng.uniform(0.0, SIDE, (count, 2))
    capability = rng.lognormal(0.0, 1.0, count)
    capability *= 0.3 / capability.sum()
    pact = _pacts(places, capability)
    near = _neighbours(places)
    members = {f"P{number}": [n for n in range(count) if pact[n] == number] for number in range(len(SIZES))}
    guarantors = {name: max(group, key=lambda n: capability[n]) for name, group in members.items()}
    tables: dict[str, Any] = {
        "title": f"A generic world, seed {seed}",
        "start": date(FIRST, 1, 1),
        "end": date(FIRST + YEARS - 1, 12, 31),
        "endogenous_attacks": "always",
        "guarantor_choices": "always",
        "focus": "P0",
        "states": {
            code: {
                "capability": float(capability[n]),
                "democracy": float(rng.random()),
                "population": float(rng.lognormal(2.0, 1.0)),
                "overstretch": float(rng.uniform(0.0, 0.5)),
                "approval": float(rng.uniform(0.5, 0.9)),
                "capital": (float(places[n, 0]), float(places[n, 1])),
            }
            for n, code in enumerate(codes)
        },
        "places": {f"border of {code}": {"owner": code, "undelimited": True} for code in codes},
        "treaties": {name: _treaty(name, group, codes[guarantors[name]], codes) for name, group in members.items()},
        "dyads": _dyads(rng, codes, near, pact, {number: guarantors[f"P{number}"] for number in range(len(SIZES))}),
    }
    larger = [name for name, group in members.items() if len(group) > 2]
    return GenericWorld(
        scenario=Scenario.model_validate(tables),
        codes=tuple(codes),
        pact=pact,
        joined=tuple((codes[n], name) for name in larger for n in members[name] if n != guarantors[name]),
        pairs=np.argwhere(np.triu(near)),
    )


def _pacts(places: Floats, capability: Floats) -> Ints:
    """Assign each state to a pact, largest pact first: the strongest unassigned state with its nearest neighbours."""
    pact = np.full(len(places), -1)
    for number, size in enumerate(SIZES):
        left = np.flatnonzero(pact < 0)
        strongest = left[np.argmax(capability[left])]
        away = np.linalg.norm(places[left] - places[strongest], axis=1)
        pact[left[np.argsort(away, kind="stable")[:size]]] = number
    return pact


def _neighbours(places: Floats) -> Flags:
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    near = np.zeros(away.shape, dtype=bool)
    for state, others in enumerate(np.argsort(away, axis=1, kind="stable")[:, :NEIGHBOURS]):
        near[state, others] = near[others, state] = True
    return near


def _treaty(name: str, group: list[int], guarantor: str, codes: list[str]) -> dict[str, Any]:
    larger = len(group) > 2
    return {
        "name": name,
        "members": sorted(codes[n] for n in group),
        "guarantor": guarantor,
        "decision": "consensus" if larger else "none",
        "clauses": {"aggression": {"article": "4", "obligation": "defend"}},
        "renewals": [date(FIRST + years, 1, 1) for years in RENEWALS] if larger else [],
    }


def _dyads(
    rng: np.random.Generator, codes: list[str], near: Flags, pact: Ints, guarantors: Mapping[int, int]
) -> dict[str, Any]:
    dyads: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for state, code in enumerate(codes):
        for other, name in enumerate(codes):
            if state == other:
                continue
            together = pact[state] == pact[other]
            held: dict[str, Any] = {"ties": float(rng.uniform(0.1, 0.9) if together else rng.uniform(-0.5, 0.4))}
            if near[state, other]:
                fear = float(rng.beta(1, 6) if together else rng.beta(1, 3))
                claim = float(rng.uniform(0.25, 1.0)) if rng.random() < CLAIMING else 0.0
                held |= {"contiguous": True, "threat": fear, "claim": claim, "trade": float(rng.uniform(0.0, 0.2))}
            if together and other == guarantors[int(pact[state])]:
                held |= {channel: float(rng.uniform(0.1, 0.7)) for channel in CHANNELS}
            dyads[code][name] = held
    return dyads
