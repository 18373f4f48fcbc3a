"""Cases of requested help: allies that could help in a recorded attack or crisis, and whether they did."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.ensemble import Batch
from sim.engine.scratch import LOG_COLUMNS
from sim.engine.setup import Setup
from sim.evidence.record import Record
from sim.scenario import Scenario
from sim.words import MATERIEL

BASE_RATE: Final = 0.14
"""Share of defence pacts after 1945 that were fully honoured once a war had called on them (A2: Berkemeier & Fuhrmann
2018)."""


@dataclass(frozen=True)
class AllyCase:
    """Case of one ally in one recorded attack or crisis."""

    event: str
    month: pd.Period
    victim: str
    ally: str
    helped: bool
    """Whether materiel or forces were delivered."""


def cases_of(record: Record, history: Scenario) -> tuple[AllyCase, ...]:
    """Return a case for each ally in every recorded attack or crisis of a member that the history has, by date."""
    victims = dict(zip(record.attacks["event"], record.attacks["victim"], strict=True))
    days = dict(zip(record.attacks["event"], record.attacks["date"], strict=True))
    levels = ("materiel", "forces")
    cases = [
        AllyCase(row["event"], pd.Period(days[row["event"]], "M"), victims[row["event"]], row["state"],
             row["response"] in levels)
        for row in _rows(record.answers())
        if row["event"] in history.events and victims[row["event"]] in record.members
    ]  # fmt: skip
    return tuple(sorted(cases, key=lambda case: (case.month, case.event, case.ally)))


def helped(setup: Setup, batch: Batch, cases: tuple[AllyCase, ...]) -> NDArray[np.bool_]:
    """Return whether each ally gave materiel or forces in each case and run (cases, R); False if it was not asked."""
    rows = {shock.name: row for row, shock in enumerate(shock for tick in setup.shocks for shock in tick)}
    shock, ally, level = (batch.answers[:, LOG_COLUMNS.index(name)] for name in ("shock", "ally", "level"))
    gave = np.zeros((len(cases), len(batch.values)), dtype=np.bool_)
    for number, case in enumerate(cases):
        if case.event in rows and case.ally in setup.codes:
            hit = (shock == rows[case.event]) & (ally == setup.codes.index(case.ally)) & (level >= MATERIEL)
            gave[number, batch.answered[hit]] = True
    return gave


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # type: ignore[return-value]
