"""Preparation of a run from a checked scenario: names, the initial world, and a schedule of changes by tick."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

import numpy as np

from sim.engine.draws import name_code
from sim.engine.initial import Origin, first_world
from sim.engine.pinning import given_partners, given_rungs
from sim.engine.script import Script, write_script
from sim.engine.timetable import DatedChange, Fixed, Shock, changes_by_tick, shocks_by_tick
from sim.errors import InputError
from sim.model.parameters import Parameters, make_parameters
from sim.model.world import NOBODY, Flags, Floats, Ints, World, copy_world
from sim.rules.learning import begin_beliefs
from sim.scenario import Scenario, resolve
from sim.scenario.calendar import Calendar, make_calendar
from sim.scenario.expressions import Path
from sim.scenario.names import focus_of, guarantor_of, owing


@dataclass(frozen=True)
class Setup:
    """A branch of a scenario, ready to run; all replicates share it, and none changes it.

    Attributes
    ----------
    codes, treaties, places : tuple of str
        Names in the order of the axes of `sim.model.world.World`.
    clauses : tuple of (str, str)
        Treaty and id of each clause.
    calendar : Calendar
    focus : str
        Default treaty of expressions that name none.
    changes, shocks : tuple of tuples
        Changes of the world, and attacks and crises, by tick.
    attacks_on, choices_on, after_record : tuple of bool
        By tick: whether the model decides on attacks, and on guarantors' policies; whether the tick begins after the
        coded record.
    given_rungs : array (T, N, K)
        Rung that a state on a ladder is given at the end of a tick, `NOBODY` where it decides for itself
        (`sim.engine.pinning`).
    given_patrons, given_pacts : array (T, N, K)
        Patron to whom it has turned, and partner of its rival pact, in the same way; `UNGIVEN` where it decides.
    state_codes : tuple of int
        Address codes of the states.
    """

    scenario: Scenario
    branch: str
    codes: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]
    calendar: Calendar
    focus: str
    first: World
    given_trust: Floats
    given_confidence: Floats
    changes: tuple[tuple[DatedChange, ...], ...]
    shocks: tuple[tuple[Shock, ...], ...]
    attacks_on: tuple[bool, ...]
    choices_on: tuple[bool, ...]
    after_record: tuple[bool, ...]
    given_rungs: Ints
    given_patrons: Ints
    given_pacts: Ints
    state_codes: tuple[int, ...]
    treaty_codes: tuple[int, ...]
    parameters: Parameters

    @cached_property
    def script(self) -> Script:
        """The branch as a script for the stages, with all variables kept up to date; computed once."""
        return write_script(self, ())._replace(watched=True)

    @cached_property
    def all_changes(self) -> tuple[DatedChange, ...]:
        """The changes of all ticks, in the order of the script's rows."""
        return tuple(chain.from_iterable(self.changes))

    @cached_property
    def all_shocks(self) -> tuple[Shock, ...]:
        """The dated attacks and crises of all ticks, in the order of the script's rows."""
        return tuple(chain.from_iterable(self.shocks))

    @cached_property
    def all_fixed(self) -> tuple[Fixed, ...]:
        """The responses on record of all attacks and crises, in the order of the script's rows."""
        return tuple(chain.from_iterable(shock.fixed for shock in self.all_shocks))

    @cached_property
    def owed(self) -> Flags:
        """Whether the second state may ever owe the first help (N, N); trust is reported of these pairs alone."""
        flags = np.zeros((len(self.codes), len(self.codes)), dtype=np.bool_)
        for state, other in owing(self.scenario):
            flags[self.codes.index(state), self.codes.index(other)] = True
        return flags

    def reported(self, path: Path | None) -> Path | None:
        """Return a path as results report it: None for trust in a state that never owes help."""
        if path is None or path.variable != "trust" or path.owner not in self.codes or path.other not in self.codes:
            return path
        return path if self.owed[self.codes.index(path.owner), self.codes.index(path.other)] else None

    def border_of(self, state: int) -> int:
        """Return an undelimited place of a state, by index, if the scenario has one."""
        mine = self.first.undelimited & (self.first.owner == state)
        return int(np.argmax(mine)) if mine.any() else NOBODY

    def world(self, parameters: Parameters) -> World:
        """Return the world at the start of a run, with beliefs at their priors."""
        world = copy_world(self.first)
        for state in range(len(self.codes)):
            begin_beliefs(world, parameters, self.given_trust, self.given_confidence, state)
        return world


def prepare(scenario: Scenario, branch: str | None = None) -> Setup:
    """Prepare one branch of a scenario to run.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    branch : str, optional
        Name of a branch; None runs the scenario itself.

    Raises
    ------
    InputError
        If the branch does not exist.
    """
    plain = resolve(scenario, branch)
    codes = tuple(sorted(plain.states))
    treaties = tuple(sorted(plain.treaties))
    places = tuple(sorted(set(plain.places) | set(codes)))
    calendar = make_calendar(plain.start, plain.end, plain.step)
    clauses = tuple((treaty, clause) for treaty in treaties for clause in sorted(plain.treaties[treaty].clauses))
    guarantors = [guarantor_of(plain, plain.treaties[name]) for name in treaties]
    first = first_world(Origin(plain, codes, treaties, places, clauses, guarantors, calendar))
    days = calendar.starts
    return Setup(
        scenario=plain,
        branch=branch or "",
        codes=codes,
        treaties=treaties,
        places=places,
        clauses=clauses,
        calendar=calendar,
        focus=_focus(plain),
        first=first,
        given_trust=_beliefs(plain, codes, "trust"),
        given_confidence=_beliefs(plain, codes, "confidence"),
        changes=changes_by_tick(plain, codes, treaties, places, calendar),
        shocks=shocks_by_tick(plain, codes, treaties, places, calendar),
        attacks_on=tuple(_on(plain.endogenous_attacks, day, plain.record_end) for day in days),
        choices_on=tuple(_on(plain.guarantor_choices, day, plain.record_end) for day in days),
        after_record=tuple(plain.record_end is None or day > plain.record_end for day in days),
        given_rungs=given_rungs(plain, codes, treaties, calendar),
        given_patrons=given_partners(plain, codes, treaties, calendar, "diversified_to"),
        given_pacts=given_partners(plain, codes, treaties, calendar, "pact_with"),
        state_codes=address_codes(codes),
        treaty_codes=address_codes(treaties),
        parameters=make_parameters(plain.parameters),
    )


def _focus(scenario: Scenario) -> str:
    """Return the default treaty: the scenario's focus, else the largest by name; empty without treaties."""
    largest = max(sorted(scenario.treaties), key=lambda name: len(scenario.treaties[name].members), default="")
    return focus_of(scenario) or largest


def address_codes(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the address codes of names; refuse names with equal codes."""
    codes = tuple(name_code(name) for name in names)
    if len(set(codes)) != len(codes):
        raise InputError("two names of the scenario share an address of random numbers; rename one of them")
    return codes


def _on(when: str, day: date, record_end: date | None) -> bool:
    return when == "always" or (when == "after-record" and record_end is not None and day > record_end)


def _beliefs(scenario: Scenario, codes: tuple[str, ...], what: str) -> Floats:
    values = np.full((len(codes), len(codes)), np.nan)
    year = scenario.start.year
    for observer, others in scenario.beliefs.items():
        for other, belief in others.items():
            quantity = getattr(belief, what)
            if quantity is not None:
                values[codes.index(observer), codes.index(other)] = quantity.at(year)
    return values
