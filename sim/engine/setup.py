"""From a checked scenario to everything a run needs: names, the first world, and a schedule of changes by tick."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy as np

from sim.engine.draws import name_code
from sim.engine.script import Script, write_script
from sim.engine.timetable import Change, Fixed, Shock, changes_by_tick, shocks_by_tick
from sim.errors import InputError
from sim.parameters import Parameters, make_parameters
from sim.rules.coverage import refresh_bonds
from sim.rules.learning import begin_beliefs
from sim.rules.maths import logit
from sim.rules.threats import refresh_exposure
from sim.scenario import Scenario, resolve
from sim.scenario.calendar import Calendar, make_calendar
from sim.scenario.names import focus_of, has_ladder
from sim.scenario.schema import Clause, Treaty
from sim.words import BELIEF_RULES, CHANNELS, DECISIONS, LOYAL, OBLIGATIONS, RESPONSES
from sim.world import DEFEND, LEDGER_ROWS, NEVER, NOBODY, Floats, Ints, World, copy_world

KM = 1000.0
DAYS_A_MONTH = 365.25 / 12.0
EARTH_RADIUS = 6371.0
UNKNOWN_DISTANCE = 2000.0
"""Distance in km between states whose distance and capitals are not given."""


@dataclass(frozen=True)
class Setup:
    """A branch of a scenario, ready to run; shared by all its replicates and not changed by them.

    Attributes
    ----------
    codes, treaties, places : tuple of str
        Names in the order of the axes of `sim.world.World`.
    clauses : tuple of (str, str)
        Treaty and id of each clause.
    calendar : Calendar
    focus : str
        Treaty meant where an expression names none.
    changes, shocks : tuple of tuples
        Changes of the world, and attacks and crises, by tick.
    attacks_on, choices_on : tuple of bool
        By tick: whether rivals attack, and guarantors act, by choice.
    given_rungs : array (T, N, K)
        Rung that a state on a ladder takes at the end of a tick, `sim.world.NOBODY` where it decides by itself, as
        everywhere in a branch that `prepare` builds.
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
    changes: tuple[tuple[Change, ...], ...]
    shocks: tuple[tuple[Shock, ...], ...]
    attacks_on: tuple[bool, ...]
    choices_on: tuple[bool, ...]
    given_rungs: Ints
    state_codes: tuple[int, ...]
    treaty_codes: tuple[int, ...]
    parameters: Parameters

    @cached_property
    def script(self) -> Script:
        """The branch as the stages of a tick read it, with everything watched; computed once."""
        return write_script(self, ())._replace(watched=True)

    @cached_property
    def all_changes(self) -> tuple[Change, ...]:
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

    def border_of(self, state: int) -> int:
        """Return an undelimited place of a state, by index, if the scenario has one."""
        mine = self.first.undelimited & (self.first.owner == state)
        return int(np.argmax(mine)) if mine.any() else NOBODY

    def world(self, parameters: Parameters) -> World:
        """Return a world at the start of the run, with beliefs at their priors."""
        world = copy_world(self.first)
        for state in range(len(self.codes)):
            begin_beliefs(world, parameters, self.given_trust, self.given_confidence, state)
        return world


def prepare(scenario: Scenario, branch: str | None = None) -> Setup:
    """Build one branch of a scenario.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    branch : str, optional
        Name of a branch; None runs the scenario as it stands.

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
    guarantors = [_guarantor(plain, plain.treaties[name]) for name in treaties]
    first = _first_world(plain, codes, treaties, places, clauses, guarantors, calendar)
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
        given_rungs=np.full((len(days), len(codes), len(treaties)), NOBODY, dtype=np.int64),
        state_codes=address_codes(codes),
        treaty_codes=address_codes(treaties),
        parameters=make_parameters(plain.parameters),
    )


def _focus(scenario: Scenario) -> str:
    """Return the treaty that stands for none named: the focus, else the largest by name; empty without treaties."""
    largest = max(sorted(scenario.treaties), key=lambda name: len(scenario.treaties[name].members), default="")
    return focus_of(scenario) or largest


def address_codes(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the address codes of names, refusing two names that share one."""
    codes = tuple(name_code(name) for name in names)
    if len(set(codes)) != len(codes):
        raise InputError("two names of the scenario share an address of random numbers; rename one of them")
    return codes


def _on(when: str, day: date, record_end: date) -> bool:
    return when == "always" or (when == "after-record" and day > record_end)


def _guarantor(scenario: Scenario, treaty: Treaty) -> str:
    if treaty.guarantor is not None:
        return treaty.guarantor
    year = scenario.start.year
    return max(sorted(treaty.members), key=lambda code: scenario.states[code].capability.at(year))


def _first_world(
    scenario: Scenario,
    codes: tuple[str, ...],
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    clauses: tuple[tuple[str, str], ...],
    guarantors: list[str],
    calendar: Calendar,
) -> World:
    n, k = len(codes), len(treaties)
    at = {code: index for index, code in enumerate(codes)}
    year = scenario.start.year
    states = [scenario.states[code] for code in codes]
    approval = np.repeat(np.array([state.approval.at(year) for state in states])[:, None], k, axis=1).reshape(n, k)
    opinion = np.array([logit(share) for share in approval.flat]).reshape(n, k)
    posture = np.full((n, k), NEVER, dtype=np.int64)
    obligor = np.zeros((n, k), dtype=np.bool_)
    bars = np.zeros((k, k), dtype=np.bool_)
    for column, name in enumerate(treaties):
        treaty = scenario.treaties[name]
        for code in treaty.members:
            posture[at[code], column] = LOYAL
        for code in treaty.obligors or treaty.members:
            obligor[at[code], column] = True
        for rival in treaty.rivals:
            bars[column, treaties.index(rival)] = treaty.exclusive
    kept = [scenario.treaties[name] for name in treaties]
    world = World(
        months=calendar.months,
        belief_rule=BELIEF_RULES.index(scenario.belief_rule),
        clock=np.zeros(1),
        kept=np.ones(1),
        capability=np.array([state.capability.at(year) for state in states]),
        population=np.array([state.population.at(year) for state in states]),
        democracy=np.array([state.democracy.at(year) for state in states]),
        overstretch=np.array([state.overstretch.at(year) for state in states]),
        attention=np.array([state.attention for state in states]),
        **_zeros(("coercion", "reassurance", "protest", "deployed", "audience", "exposure"), n),
        **_dyads(scenario, codes),
        **_zeros(("prior_for", "prior_against", "prior_log_odds"), n, n),
        **_zeros(("learnt_for", "learnt_against", "learnt_log_odds", "offer"), n, n),
        feared=np.full((n, 2), NOBODY, dtype=np.int64),
        courted=np.zeros(n, dtype=np.bool_),
        shared=np.zeros((n, n), dtype=np.bool_),
        owed=np.zeros((n, n), dtype=np.bool_),
        defends=np.zeros((n, n), dtype=np.bool_),
        **_places(scenario, codes, places),
        posture=posture,
        obligor=obligor,
        opinion=opinion,
        opinion_rest=opinion.copy(),
        approval=approval,
        **_zeros(("exit_support", "opinion_shock", "window", "window_left", "pressure"), n, k),
        notice_left=np.full((n, k), np.inf),
        moved_up=np.full((n, k), -np.inf),
        **_zeros(("outlook", "reliability"), n, k),
        interest=np.full((n, k), np.nan),
        interest_stake=np.full((n, k), np.nan),
        interest_gain=np.zeros((n, k, 2, len(RESPONSES))),
        interest_cost=np.zeros((n, k, 2, len(RESPONSES))),
        patron=np.full((n, k), NOBODY, dtype=np.int64),
        outside=np.zeros((n, k)),
        pact=np.full((n, k), NOBODY, dtype=np.int64),
        guarantor=np.array([at[code] for code in guarantors], dtype=np.int64),
        ladder=np.array([has_ladder(treaty) for treaty in kept], dtype=np.bool_),
        decision=np.array([DECISIONS.index(treaty.decision) for treaty in kept], dtype=np.int64),
        exclusive=np.array([treaty.exclusive for treaty in kept], dtype=np.bool_),
        bars=bars,
        notice_months=np.array([treaty.notice_months for treaty in kept]),
        in_force=np.array(
            [
                (treaty.in_force is None or treaty.in_force <= scenario.start)
                and (treaty.expires is None or treaty.expires > scenario.start)
                for treaty in kept
            ],
            dtype=np.bool_,
        ),
        months_since_renewal=np.array([_since_renewal(treaty, scenario.start) for treaty in kept]),
        last_step_up=np.full(k, -np.inf),
        **_clauses(scenario, treaties, places, clauses),
        ledger=np.full((LEDGER_ROWS, 4), np.inf),
        ledger_first=np.zeros(1, dtype=np.int64),
        ledger_next=np.zeros(1, dtype=np.int64),
        owed_lately=np.zeros((n + 1, n + 1), dtype=np.int64),
        failed_lately=np.zeros((n + 1, n + 1), dtype=np.int64),
    )  # fmt: skip
    for state in range(n):
        refresh_bonds(world, state)
        refresh_exposure(world, state)
    return world


def _zeros(names: tuple[str, ...], *shape: int) -> dict[str, Any]:
    return {name: np.zeros(shape) for name in names}


def _since_renewal(treaty: Treaty, start: date) -> float:
    """Return the months since a treaty came into force or was last renewed; 0 where that is not known or not yet."""
    before = [day for day in (treaty.in_force, *treaty.renewals) if day is not None and day <= start]
    return (start - max(before)).days / DAYS_A_MONTH if before else 0.0


def _dyads(scenario: Scenario, codes: tuple[str, ...]) -> dict[str, Any]:
    n = len(codes)
    at = {code: index for index, code in enumerate(codes)}
    year = scenario.start.year
    distance = _distances(scenario, codes)
    felt = {name: np.zeros((n, n)) for name in ("threat", "ties", "claim")}
    contiguous = np.zeros((n, n), dtype=np.bool_)
    fought = np.full((n, n), -np.inf)
    portfolio = np.full((n, n, len(CHANNELS)), np.nan)
    for one, others in scenario.dyads.items():
        for other, dyad in others.items():
            i, j = at[one], at[other]
            if dyad.distance is not None:
                distance[i, j] = distance[j, i] = dyad.distance.at(year)
            if dyad.contiguous is not None:
                contiguous[i, j] = contiguous[j, i] = dyad.contiguous
            if dyad.fought is not None:
                since = (dyad.fought - scenario.start).days / DAYS_A_MONTH
                fought[i, j] = fought[j, i] = since if since <= 0.0 else -np.inf
            for name, values in felt.items():
                quantity = getattr(dyad, name)
                if quantity is not None:
                    values[i, j] = quantity.at(year)
            for channel, name in enumerate(CHANNELS):
                quantity = getattr(dyad, name)
                if quantity is not None:
                    portfolio[i, j, channel] = quantity.at(year)
    return {
        "distance": distance / KM, "log_distance": np.log1p(distance / KM), "contiguous": contiguous,
        "fought": fought, "portfolio": portfolio, **felt,
    }  # fmt: skip


def _distances(scenario: Scenario, codes: tuple[str, ...]) -> Floats:
    distance = np.full((len(codes), len(codes)), UNKNOWN_DISTANCE)
    np.fill_diagonal(distance, 0.0)
    for i, one in enumerate(codes):
        for j, other in enumerate(codes[:i]):
            a, b = scenario.states[one].capital, scenario.states[other].capital
            if a is not None and b is not None:
                distance[i, j] = distance[j, i] = max(1.0, _great_circle(a, b))
    return distance


def _great_circle(a: tuple[float, float], b: tuple[float, float]) -> float:
    lon_a, lat_a, lon_b, lat_b = (radians(value) for value in (*a, *b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


def _places(scenario: Scenario, codes: tuple[str, ...], places: tuple[str, ...]) -> dict[str, Any]:
    at = {code: index for index, code in enumerate(codes)}
    owner = np.full(len(places), NOBODY, dtype=np.int64)
    undelimited = np.zeros(len(places), dtype=np.bool_)
    recognised = np.full((len(codes), len(places)), NOBODY, dtype=np.int64)
    disputed = np.zeros((len(codes), len(places)), dtype=np.bool_)
    for column, name in enumerate(places):
        if name not in scenario.places:
            owner[column] = at[name]
            continue
        place = scenario.places[name]
        owner[column] = at[place.owner]
        undelimited[column] = place.undelimited
        for code, seen in place.eyes.items():
            recognised[at[code], column] = at[seen]
        for code in place.disputed_by:
            disputed[at[code], column] = True
    return {"owner": owner, "undelimited": undelimited, "recognised": recognised, "disputed": disputed}


def _clauses(
    scenario: Scenario,
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    clauses: tuple[tuple[str, str], ...],
) -> dict[str, Any]:
    texts: list[Clause] = [scenario.treaties[treaty].clauses[name] for treaty, name in clauses]
    cover = np.zeros((len(texts), 7))
    named = np.full((len(texts), len(places)), np.nan)
    for row, clause in enumerate(texts):
        rule = clause.coverage
        cover[row] = (
            rule.recognised, rule.border, rule.foreign, rule.members, rule.unrest, rule.unrest_foreign,
            rule.recognised_away,
        )  # fmt: skip
        for place, value in rule.places.items():
            named[row, places.index(place)] = value
    duties = [OBLIGATIONS.index(clause.obligation) for clause in texts]
    defence = [
        any(treaty == name and duty == DEFEND for (treaty, _), duty in zip(clauses, duties, strict=True))
        for name in treaties
    ]
    return {
        "clause_from": np.cumsum(
            [0, *(sum(treaty == name for treaty, _ in clauses) for name in treaties)], dtype=np.int64
        ),
        "clause_treaty": np.array([treaties.index(treaty) for treaty, _ in clauses], dtype=np.int64),
        "clause_duty": np.array(duties, dtype=np.int64),
        "clause_cover": cover,
        "clause_place": named,
        "defence": np.array(defence, dtype=np.bool_),
    }


def _beliefs(scenario: Scenario, codes: tuple[str, ...], what: str) -> Floats:
    values = np.full((len(codes), len(codes)), np.nan)
    year = scenario.start.year
    for one, others in scenario.beliefs.items():
        for other, belief in others.items():
            quantity = getattr(belief, what)
            if quantity is not None:
                values[codes.index(one), codes.index(other)] = quantity.at(year)
    return values
