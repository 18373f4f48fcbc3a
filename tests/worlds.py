"""Small scenarios and worlds that tests build on."""

from collections.abc import Mapping
from datetime import date
from math import nan
from typing import Any

from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, Case, World
from sim.rules.learning import evidence_as_seen_by, update_belief
from sim.rules.maths import logit
from sim.rules.response import share_delivered
from sim.rules.threats import similarity
from sim.scenario import Scenario

CAPITALS = {
    "BIG": (37.6, 55.8),
    "VIC": (44.5, 40.2),
    "ALY": (71.4, 51.2),
    "FOE": (49.9, 40.4),
    "FAR": (2.3, 48.9),
}


def merged(base: Any, over: Any) -> Any:
    """Return ``base`` with ``over`` written over it, table by table."""
    if isinstance(base, dict) and isinstance(over, Mapping):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over


def tables(**over: Any) -> dict[str, Any]:
    """Return a small world as a file would give it: a guarantor, a victim, an ally, a foe and an outsider."""
    base: dict[str, Any] = {
        "title": "Small world",
        "start": date(2020, 1, 1),
        "end": date(2020, 12, 31),
        "endogenous_attacks": "never",
        "guarantor_choices": "never",
        "focus": "PACT",
        "states": {
            "BIG": {"capability": 0.04, "democracy": 0.2, "capital": CAPITALS["BIG"]},
            "VIC": {"capability": 0.001, "democracy": 0.6, "capital": CAPITALS["VIC"], "population": 3.0},
            "ALY": {"capability": 0.003, "democracy": 0.3, "capital": CAPITALS["ALY"]},
            "FOE": {"capability": 0.002, "democracy": 0.2, "capital": CAPITALS["FOE"]},
            "FAR": {"capability": 0.01, "democracy": 0.9, "capital": CAPITALS["FAR"]},
        },
        "places": {
            "Border": {"owner": "VIC", "undelimited": True},
            "Enclave": {"owner": "FOE"},
            "Hill": {"owner": "VIC", "disputed_by": ["ALY"]},
        },
        "treaties": {
            "PACT": {
                "members": ["BIG", "VIC", "ALY"],
                "guarantor": "BIG",
                "decision": "consensus",
                "exclusive": True,
                "clauses": {
                    "aggression": {"article": "4", "obligation": "defend"},
                    "talks": {"article": "2", "obligation": "consult"},
                },
            },
        },
        "dyads": {
            "VIC": {
                "FOE": {"threat": 0.9, "contiguous": True, "claim": 0.8},
                "BIG": {"arms": 0.9, "base": 1.0},
            },
            "FOE": {"VIC": {"threat": 0.5, "claim": 0.6}},
            "ALY": {"FOE": {"ties": 0.6}, "BIG": {"trade": 0.3}},
        },
        "events": {},
    }
    return dict(merged(base, over))


def scenario(**over: Any) -> Scenario:
    """Return the small world as a checked scenario."""
    return Scenario.model_validate(tables(**over))


def built(**over: Any) -> tuple[Setup, World, Parameters]:
    """Return the small world ready for rules."""
    setup = prepare(scenario(**over))
    return setup, setup.world(setup.parameters), setup.parameters


def model(seed: int = 1, replicate: int = 0, **over: Any) -> AllianceModel:
    """Return a model of the small world."""
    return AllianceModel(scenario(**over), rng=seed, replicate=replicate)


def attack(setup: Setup, place: str | None = None, severity: float = 1.0, **over: Any) -> Case:
    """Return an attack by FOE on VIC, or as said."""
    case = Case(
        victim=setup.codes.index("VIC"),
        aggressor=setup.codes.index("FOE"),
        place=NOBODY if place is None else setup.places.index(place),
        severity=severity,
        unrest=False,
        foreign=False,
        consult=False,
        override=float("nan"),
    )
    return case._replace(**over)


def believe(world, observer, other, trust):
    """Let one state expect ``trust`` of another."""
    behind = world.prior_for[observer, other] + world.prior_against[observer, other]
    world.prior_for[observer, other], world.prior_against[observer, other] = trust * behind, (1.0 - trust) * behind
    world.prior_log_odds[observer, other] = logit(trust)
    for learnt in (world.learnt_for, world.learnt_against, world.learnt_log_odds):
        learnt[observer, other] = 0.0


def learn(world, p, case, ally, observer, level, vetoed, asked, share=nan):
    """Let one observer learn from one ally's answer to a case, as the stages of a tick do."""
    done = share_delivered(world, case, ally, level, share)
    said = evidence_as_seen_by(world, p, case, ally, observer, level, done, vetoed, asked)
    update_belief(world, p, said, observer, similarity(world, p, observer, case.victim, case.aggressor))
