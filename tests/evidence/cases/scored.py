"""Made-up cases in the layout of the library, with nothing but what forecasts and scores read."""

from typing import Any

import numpy as np

from sim.evidence.cases.rungs import RUNG_COUNT
from sim.evidence.cases.scores import CaseForecasts


def case(
    place: int, cluster: str, *, given: float = 0.5, rung: int = 0, by_years: tuple[int | None, ...] = (0, 0, 0),
    highest: int | None = 0,
) -> dict[str, Any]:  # fmt: skip
    """Return one case; ``place`` gives its codings some spread."""
    spread = (place * 37 % 11) / 10
    return {
        "id": f"case_{place}",
        "cluster": cluster,
        "alliance_family": ("north", "south")[place % 2],
        "treaty_obligations": {
            "defence": {"strength": 0.8},
            "consultation": {"strength": spread},
            "exclusivity": {"strength": 0.2},
        },
        "key_event": {
            "date": "1950",
            "owed": 0.6,
            "given": given,
            "excuse": ("none", "overstretch", "legal", "both_allies")[place % 4],
        },
        "rung_at_key": rung,
        "context": {
            "threat_to_subject": {"before": 0.2, "after": spread},
            "dependence_on_guarantor": {"arms": 0.1, "energy": 0.2, "trade": spread, "base": 0.4},
            "guarantor_overstretch": {"1949": 0.3, "1951": 0.9},
            "subject_capability_ratio_to_challenger": 0.5,
            "regime_distance_to_guarantor": 0.6,
            "public_salience": 1.0 - spread,
            "outside_option_components": {"rival_patron": 0.5, "safe_exit": 1.0, "self_help": 0.0},
        },
        "by_years": dict(zip(("1", "3", "5"), by_years, strict=True)),
        "max_rung_within_5y": highest,
    }


def library(count: int = 24) -> list[dict[str, Any]]:
    """Return cases in which those who were given little climb, two of the first four in one cluster."""
    made = []
    for place in range(count):
        given = (place * 7 % 10) / 10
        last = 5 if given < 0.3 else place % 3
        cluster = "shared" if place in {0, 2} else f"c{place:02}"
        courses = (min(2, last), last, None if place == 5 else last)
        made.append(case(place, cluster, given=given, rung=place % 2, by_years=courses, highest=last))
    return made


def certain(rungs: list[int]) -> CaseForecasts:
    """Return forecasts that name one rung for each case at every horizon, and an exit from rung 4 on."""
    chances = np.repeat(np.eye(RUNG_COUNT)[rungs][:, None], 3, axis=1)
    return CaseForecasts(chances, chances[:, 0, 4:].sum(axis=-1))
