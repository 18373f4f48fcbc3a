"""Records drawn by the model itself, to check whether its fits find the parameters that a record was drawn with.

The alliance's history runs freely: attacks, crises and offers come as they came, and everything else is chosen. What
its members said and did then takes the place of the coded record, and forces the history as the coded record does.

Three things differ from the fit to the coded record, so that every decision that is drawn is an entry: guarantors have
no policy towards wavering clients, treaties do not decide on help together, and promises on record are left out. Every
entry has the weight 1.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import nan
from typing import Final

import numpy as np

from sim.engine.ensemble import Batch, Program
from sim.engine.forcing import Forcing, bits, blank_forcing
from sim.engine.scratch import LOG_COLUMNS
from sim.engine.setup import Setup, prepare
from sim.engine.timetable import Fixed, Recorded, Shock
from sim.evidence.calibration.forced_record import ForcedHistory, places_on, rows_of
from sim.evidence.calibration.observations import before, drawn_at, observations_of
from sim.evidence.record import Record
from sim.evidence.tables import ALLIANCE
from sim.model.world import NOBODY, Floats
from sim.rules.course import standing
from sim.scenario import Scenario, resolve
from sim.scenario.expressions import Path
from sim.words import LOYAL

FREE: Final = "agents-decide"
"""Branch of the history in which members and guarantor decide for themselves."""

PLACE: Final = ("posture", "diversified", "pact")
"""Variables that make up the place in which a member stands."""


class Simulator:
    """The history of the alliance, run freely to draw records.

    Parameters
    ----------
    scenario : Scenario
        The history; its branch `FREE` is run.
    record : Record
        Coded record: it says who the members are, and which polls and shares are taken when.
    until : date, optional
        Last day; default: that of the history.
    """

    def __init__(self, scenario: Scenario, record: Record, until: date | None = None) -> None:
        branch = resolve(scenario, FREE)
        end = branch.end if until is None else min(branch.end, until)
        treaties = {name: treaty.model_copy(update={"decision": "none"}) for name, treaty in branch.treaties.items()}
        changes = {"end": end, "record_end": end, "guarantor_choices": "never", "treaties": treaties}
        self.setup, self.members = prepare(branch.model_copy(update=changes)), record.members
        self._treaty = self.setup.treaties.index(ALLIANCE)
        guarantor = self.setup.codes[self.setup.first.guarantor[self._treaty]]
        first, last = self.setup.calendar.starts[0], self.setup.calendar.ends[-1]
        self.observed = before(observations_of(record, guarantor), first, last)
        self.clients = tuple(code for code in record.members if code != guarantor)
        places = [Path(code, variable, ALLIANCE) for code in self.clients for variable in PLACE]
        self._program = Program(self.setup, [*places, *(observation.path for observation in self.observed)])

    def draw(self, parameters: Floats, seed: int, replicate: int, *, patrons: bool = False) -> ForcedHistory:
        """Return the history forced by the record of one free run.

        Parameters
        ----------
        parameters : array (Q)
            In the order of the table.
        seed, replicate : int
            Address of the run's random numbers.
        patrons : bool
            Whether diversification, and pacts of former members, are on record; the coded record leaves them open.
        """
        batch = self._program.run(seed, np.array([replicate]), parameters[None], answers=True)
        values = batch.values[0]
        setup = replace(self.setup, shocks=tuple(self._shocks(batch)))
        own = values[rows_of(setup, self.observed), np.arange(-len(self.observed), 0)]
        observed = drawn_at(self.observed, own, np.random.default_rng([seed, replicate, 1]))
        return ForcedHistory(setup, self.members, observed, self._forcing(setup, values, patrons))

    def _shocks(self, batch: Batch) -> Iterator[tuple[Shock, ...]]:
        """Yield the attacks and crises of each tick with the calls and responses of a run as recorded ones."""
        column = LOG_COLUMNS.index
        row = 0
        for shocks in self.setup.shocks:
            recorded = []
            for shock in shocks:
                answers = batch.answers[batch.answers[:, column("shock")] == row]
                recorded.append(shock if shock.is_promise or not len(answers) else _as_recorded(shock, answers))
                row += 1
            yield tuple(recorded)

    def _forcing(self, setup: Setup, values: Floats, patrons: bool) -> Forcing:
        forcing = blank_forcing(setup)
        for number, code in enumerate(self.clients):
            state = setup.codes.index(code)
            course = values[1:, len(PLACE) * number : len(PLACE) * (number + 1)]
            for tick, (rung, turned, pact) in enumerate(course):
                if rung >= LOYAL:
                    own = standing(int(rung), turned > 0.0, pact > 0.0)
                    known = bits({own} if patrons else places_on(int(rung), pact=pact > 0.0))
                    forcing.possible[tick, state, self._treaty] = forcing.assumed[tick, state, self._treaty] = known
                    forcing.course_weight[tick, state, self._treaty] = 1.0
        forcing.call_weight[:] = [1.0 if shock.calls else 0.0 for shock in setup.all_shocks]
        forcing.response_weight[:] = [
            0.0 if shock.is_promise else 1.0 for shock in setup.all_shocks for _ in shock.fixed
        ]
        forcing.span[:] = [day.year - setup.calendar.starts[0].year for day in setup.calendar.starts]
        return forcing


def _as_recorded(shock: Shock, answers: Floats) -> Shock:
    """Return an attack or crisis with its call, made or not, and the responses to it as recorded."""
    made, allies, levels = (answers[:, LOG_COLUMNS.index(name)] for name in ("made", "ally", "choice"))
    fixed = [Fixed(int(ally), int(level), NOBODY, nan, None) for ally, level in zip(allies, levels, strict=True)]
    called = bool(made[0])
    return replace(shock, calls=(Recorded(called, "", None),), fixed=tuple(sorted(fixed)) if called else ())
