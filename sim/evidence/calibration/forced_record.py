"""The likelihood of the alliance's coded record, 1992-2026, from runs of its history that the record forces.

Attacks, crises, offers and renewals are given. Calls, responses, and each member's rung in every month are entries; so
are polls and shares of arms. Whether a member diversifies is not coded, so all ways are summed over. A spell, its quiet
months and the step that ends it, has one weight: the confidence with which the step is coded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.forcing import KINDS, Forcing, bits, blank_forcing
from sim.engine.setup import Setup, prepare
from sim.evidence.calibration.observations import Observation, before, log_densities, observations_of
from sim.evidence.record import Record
from sim.evidence.tables import ALLIANCE, UNKNOWN
from sim.model.world import NOBODY, Floats
from sim.rules.course import standing
from sim.scenario import Scenario, resolve
from sim.words import OUT, POSTURES

CONFIDENCE: Final = {"high": 1.0, "medium": 0.7, "low": 0.4}
"""Weight of an entry by the confidence with which it is coded; judgement."""

ALL_KINDS: Final = (*KINDS, "observations")


@dataclass(frozen=True)
class RungSpell:
    """A spell of a member on one rung, by tick: where it begins and ends, the rung, and the weight of its coding."""

    first: int
    last: int
    rung: int
    weight: float


class ForcedHistory:
    """A history that is forced by entries for its calls, responses, courses, polls and shares.

    Parameters
    ----------
    setup : Setup
        The history with its calls and responses.
    members : tuple of str
        States whose terms are kept.
    observed : sequence of Observation
        Polls and shares of members.
    forcing : Forcing
        Courses, and the weights of entries; spans of time are years.
    """

    def __init__(
        self, setup: Setup, members: tuple[str, ...], observed: Sequence[Observation], forcing: Forcing
    ) -> None:
        self.setup, self.members, self.observed, self.forcing = setup, members, tuple(observed), forcing
        self._program = Program(setup, [observation.path for observation in self.observed], forcing)
        self._rows = rows_of(setup, self.observed)
        self._seats = [setup.codes.index(code) for code in members]
        self._years = np.array([day.year for day in setup.calendar.starts])

    def terms(self, parameters: Floats, *, seed: int = 0, threads: int = 1) -> Floats:
        """Return the terms of the log-likelihood, from one run of each set on the same random numbers.

        Only a few responses without a weight are drawn, so that one run is enough.

        Parameters
        ----------
        parameters : array (D, Q)
            In the order of the table.

        Returns
        -------
        array (D, members, kinds, years)
            By `ALL_KINDS`; observations count in their year.
        """
        batch = self._program.run(seed, np.zeros(len(parameters), dtype=np.int64), parameters, threads=threads)
        terms = np.zeros((len(parameters), len(self.members), len(ALL_KINDS), self.forcing.spans))
        terms[:, :, : len(KINDS)] = batch.terms[:, :, self._seats].transpose(0, 2, 1, 3)
        if self.observed:
            values = batch.values[:, self._rows, np.arange(len(self.observed))]
            densities = log_densities(self.observed, values)
            for column, observation in enumerate(self.observed):
                span = observation.day.year - int(self._years[0])
                terms[:, self.members.index(observation.state), len(KINDS), span] += densities[:, column]
        return terms

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the last axis of `terms`."""
        return tuple(range(int(self._years[0]), int(self._years[-1]) + 1))


class ForcedRecord(ForcedHistory):
    """The history of the alliance, forced by its record.

    Parameters
    ----------
    scenario : Scenario
        The history; its branches are left aside, so that every act on record is given.
    record : Record
    since, until : date, optional
        Entries before the first day and after the last have no weight; a record that is cut at its end is not run on.
    """

    def __init__(
        self, scenario: Scenario, record: Record, *, since: date | None = None, until: date | None = None
    ) -> None:
        branch = resolve(scenario, None)
        end = branch.end if until is None else min(branch.end, until)
        setup = prepare(branch.model_copy(update={"end": end, "record_end": end}))
        first = setup.calendar.starts[0] if since is None else since
        guarantor = setup.codes[setup.first.guarantor[setup.treaties.index(ALLIANCE)]]
        observed = before(observations_of(record, guarantor), first, setup.calendar.ends[-1])
        super().__init__(setup, record.members, observed, forcing_of(setup, record, first))


def rows_of(setup: Setup, observed: Sequence[Observation]) -> list[int]:
    """Return the date of a run, by number, at which each observation is compared with it."""
    dates = setup.calendar.dates
    return [next(row for row, day in enumerate(dates) if day >= observation.day) for observation in observed]


def forcing_of(setup: Setup, record: Record, since: date) -> Forcing:
    """Return the record as a forcing of the prepared history; entries before a day have no weight."""
    forcing = blank_forcing(setup)
    treaty = setup.treaties.index(ALLIANCE)
    weighed = np.array([day >= since for day in setup.calendar.ends])
    for code in record.members:
        state = setup.codes.index(code)
        for spell in spells_of(setup, record, code):
            if state == setup.first.guarantor[treaty]:
                continue
            ticks = slice(spell.first, spell.last + 1)
            places = places_on(spell.rung)
            forcing.possible[ticks, state, treaty] = forcing.assumed[ticks, state, treaty] = bits(places)
            forcing.course_weight[ticks, state, treaty] = spell.weight * weighed[ticks]
    called = {row["event"]: CONFIDENCE[row["confidence"]] for row in _rows(record.calls)}
    answers = _answer_weights(record)
    at = 0
    for row, shock in enumerate(setup.all_shocks):
        counts = shock.day >= since
        forcing.call_weight[row] = called.get(shock.name, 0.0) if counts and shock.calls else 0.0
        for fixed in shock.fixed:
            forcing.response_weight[at] = answers.get((shock.name, setup.codes[fixed.ally]), 0.0) if counts else 0.0
            forcing.response_level[at] = fixed.level if fixed.offered == NOBODY else max(fixed.level, fixed.offered)
            at += 1
    forcing.span[:] = [day.year - setup.calendar.starts[0].year for day in setup.calendar.starts]
    return forcing


def places_on(rung: int, *, pact: bool = False) -> set[int]:
    """Return the places in which a member on a rung may stand, as far as a record leaves them open.

    Diversification is not coded, nor are pacts of former members; ``pact`` says whether a member has one.
    """
    pacts = {False, True} if rung == OUT else {pact}
    return {standing(rung, turned, signed) for turned in (False, True) for signed in pacts}


def spells_of(setup: Setup, record: Record, code: str) -> list[RungSpell]:
    """Return the spells of a member, by the rung in force at the end of each tick, in the order of time.

    A spell has the weight of the step that ends it; the last one, which nothing ends, that of the step that began it.
    """
    rows = record.postures[record.postures["state"] == code].sort_values("date", kind="stable").to_dict("records")
    rungs, weights = [], []
    for day in setup.calendar.ends:
        known = [row for row in rows if row["date"] <= day]
        row = known[-1] if known else None
        coded = row is not None and row["posture"] != UNKNOWN
        rungs.append(POSTURES.index(row["posture"]) if row is not None and coded else NOBODY)
        weights.append(CONFIDENCE[row["confidence"]] if row is not None and coded else 0.0)
    spells: list[RungSpell] = []
    first = 0
    for tick in range(1, len(rungs) + 1):
        if tick < len(rungs) and rungs[tick] == rungs[first]:
            continue
        if rungs[first] != NOBODY:
            ends = tick < len(rungs) and rungs[tick] != NOBODY
            spells.append(RungSpell(first, tick - 1, rungs[first], weights[tick] if ends else weights[first]))
        first = tick
    return _with_own_steps(spells)


def _with_own_steps(spells: Sequence[RungSpell]) -> list[RungSpell]:
    """Assign the month of each step, in which the next spell begins, to the spell that ends.

    The chance of a step belongs to the month in which the member arrives; its weight is that of the step.
    """
    assigned: list[RungSpell] = []
    for number, spell in enumerate(spells):
        follows = number > 0 and spells[number - 1].last + 1 == spell.first
        if follows and spell.last > spell.first:
            assigned.append(RungSpell(spell.first, spell.first, spell.rung, spells[number - 1].weight))
            assigned.append(RungSpell(spell.first + 1, spell.last, spell.rung, spell.weight))
        elif follows:
            assigned.append(RungSpell(spell.first, spell.last, spell.rung, spells[number - 1].weight))
        else:
            assigned.append(spell)
    return assigned


def _answer_weights(record: Record) -> Mapping[tuple[str, str], float]:
    """Return the weight of each ally's response to each event; those for whom the alliance answered share one."""
    answers = record.answers()
    sharing = answers.groupby(["event", "collective"])["state"].transform("size").where(answers["collective"], 1)
    return {
        (row["event"], row["state"]): CONFIDENCE[row["confidence"]] / others
        for row, others in zip(_rows(answers), sharing, strict=True)
    }


def _rows(table: Any) -> list[dict[str, Any]]:
    return list(table.to_dict("records"))
