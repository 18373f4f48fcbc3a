"""A prepared branch as numbers alone: changes by date, recorded choices, and variables to read out.

The compiled engine knows no names; `Script` holds the content of `sim.engine.setup.Setup` by index.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.engine import memory
from sim.engine.draws import date_code
from sim.engine.forcing import Forcing, none_forced
from sim.engine.readout import CODES, MISSING, OPERATORS, PARTS, indices, weighed_at_reviews
from sim.model.dispatch import CODES as CHANGE_CODES
from sim.model.world import FIELDS, Case, Flags, Floats, Ints
from sim.scenario.expressions import Condition, Path

if TYPE_CHECKING:
    from sim.engine.setup import Setup
    from sim.engine.timetable import DatedChange, Shock

ALWAYS = -1
"""Index of the condition that always holds."""

UNGIVEN = -2
"""Partner of a state that chooses its partners by itself, beside `NOBODY` for none."""

BELIEFS = ("prior_for", "learnt_for", "prior_against", "learnt_against", "prior_log_odds", "learnt_log_odds")
"""What beliefs under either rule are made of."""

_NAMES = {code: name for name, code in CODES.items()}


class Script(NamedTuple):
    """Schedule of a run; ``..._from`` holds the first row of each tick or shock, and the end of the last.

    Axes: ticks ``T``, states ``N``, treaties ``K``, conditions ``C``, changes ``H``, shocks ``S``, recorded calls
    ``R``, recorded responses ``F``, probes ``P``.
    """

    ticks: int
    days: Ints
    attacks_on: Flags
    choices_on: Flags
    after_record: Flags
    given_rung: Ints
    """Rung given to each state at the end of a tick (T, N, K), `NOBODY` where it decides by itself."""
    given_patron: Ints
    """Patron to whom a state has turned at the end of a tick by its observed course (T, N, K), `UNGIVEN` where it
    decides by itself."""
    given_pact: Ints
    """Partner of a rival pact, in the same way."""
    state_codes: Ints
    treaty_codes: Ints
    neighbours: Ints
    """Ordered pairs of states with a common land border (.., 2)."""
    border: Ints
    """Undelimited place of each state (N), `NOBODY` without one."""
    given_trust: Floats
    given_confidence: Floats

    condition_variable: Ints
    condition_i: Ints
    condition_j: Ints
    condition_op: Ints
    condition_value: Floats

    change_from: Ints
    change_kind: Ints
    change_i: Ints
    change_j: Ints
    change_k: Ints
    change_value: Floats
    change_if: Ints
    change_turnover: Flags
    """Whether a change may bring a government of which the line is not known (H, N)."""

    shock_from: Ints
    shock_code: Ints
    shock_victim: Ints
    shock_aggressor: Ints
    shock_place: Ints
    shock_severity: Floats
    shock_unrest: Flags
    shock_foreign: Flags
    shock_consult: Flags
    shock_override: Floats
    shock_promised: Floats
    shock_strength: Floats
    shock_seen: Flags
    """Whether each state learns of each attack, crisis or promise (S, N)."""
    shock_if: Ints

    call_from: Ints
    call_made: Flags
    call_if: Ints

    fixed_from: Ints
    fixed_ally: Ints
    fixed_level: Ints
    fixed_share: Floats
    """Share of the duty delivered (F), NaN where only the level is given."""
    fixed_if: Ints

    probe_variable: Ints
    probe_i: Ints
    probe_j: Ints
    taken_probe: Ints
    taken_word: Ints
    """Probes that have a place of their own in the block of memory, and its word."""
    trust_probe: Ints
    trust_words: Ints
    """Probes of trust, and the words of what a belief is made of (.., 6): `BELIEFS`."""
    asked_probe: Ints
    """All other probes of what the branch has."""
    forced: bool
    """Whether the run is forced by a record (`sim.engine.forcing.Forcing`, whose tables follow)."""
    spans: int
    span: Ints
    possible: Ints
    assumed: Ints
    course_weight: Floats
    call_weight: Floats
    response_weight: Floats
    response_level: Ints
    watched: bool
    """Whether a probe or condition reads what is weighed at reviews alone, and so must be known at every tick."""


def write_script(setup: "Setup", probes: Sequence[Path | None], forcing: Forcing | None = None) -> Script:
    """Translate a prepared branch into a script.

    Parameters
    ----------
    setup : Setup
        The branch.
    probes : sequence of Path or None
        Variables to read out at every date, in this order; None, and states or treaties that the branch does not
        have, read as missing.
    forcing : Forcing, optional
        Record by which the run is forced.
    """
    forced = none_forced() if forcing is None else forcing
    conditions = _Conditions(setup)
    changes = [change for tick in setup.changes for change in tick]
    shocks = [shock for tick in setup.shocks for shock in tick]
    cases = [shock.case for shock in shocks]
    calls = [call for shock in shocks for call in shock.calls]
    fixed = [row for shock in shocks for row in shock.fixed]
    places = [place_of(setup, path) for path in probes]
    return Script(
        ticks=len(setup.calendar.starts),
        days=_ints(date_code(day) for day in setup.calendar.starts),
        attacks_on=np.array(setup.attacks_on, dtype=np.bool_),
        choices_on=np.array(setup.choices_on, dtype=np.bool_),
        after_record=np.array(setup.after_record, dtype=np.bool_),
        given_rung=np.ascontiguousarray(setup.given_rungs),
        given_patron=np.ascontiguousarray(setup.given_patrons),
        given_pact=np.ascontiguousarray(setup.given_pacts),
        state_codes=_ints(setup.state_codes),
        treaty_codes=_ints(setup.treaty_codes),
        neighbours=np.ascontiguousarray(np.argwhere(setup.first.contiguous), dtype=np.int64),
        border=_ints(setup.border_of(state) for state in range(len(setup.codes))),
        given_trust=setup.given_trust,
        given_confidence=setup.given_confidence,
        change_from=_starts(len(tick) for tick in setup.changes),
        change_kind=_ints(CHANGE_CODES[change.kind] for change in changes),
        change_i=_ints(change.i for change in changes),
        change_j=_ints(change.j for change in changes),
        change_k=_ints(change.k for change in changes),
        change_value=_floats(change.value for change in changes),
        change_if=_ints(conditions.add(change.only_if) for change in changes),
        change_turnover=_turnover(changes, len(setup.codes)),
        shock_from=_starts(len(tick) for tick in setup.shocks),
        shock_code=_ints(shock.code for shock in shocks),
        **_cases(cases),
        shock_seen=_seen(shocks, len(setup.codes)),
        shock_if=_ints(conditions.add(shock.only_if) for shock in shocks),
        call_from=_starts(len(shock.calls) for shock in shocks),
        call_made=np.array([call.made for call in calls], dtype=np.bool_),
        call_if=_ints(conditions.add(call.only_if) for call in calls),
        fixed_from=_starts(len(shock.fixed) for shock in shocks),
        fixed_ally=_ints(row.ally for row in fixed),
        fixed_level=_ints(row.level for row in fixed),
        fixed_share=_floats(row.share for row in fixed),
        fixed_if=_ints(conditions.add(row.only_if) for row in fixed),
        probe_variable=_ints(probe[0] for probe in places),
        probe_i=_ints(probe[1] for probe in places),
        probe_j=_ints(probe[2] for probe in places),
        **_readings(setup, places),
        forced=forcing is not None,
        spans=forced.spans,
        **forced._asdict(),
        watched=_reads_weighed((*places, *conditions.places())),
        **conditions.arrays(),
    )


def _reads_weighed(places: Iterable[tuple[int, int, int]]) -> bool:
    """Return whether any variable read is weighed at reviews alone."""
    return any(code >= 0 and weighed_at_reviews(_NAMES[code]) for code, _, _ in places)


def _readings(setup: "Setup", probes: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """Sort probes by their read-out method."""
    starts = memory.places(setup.first)

    def word(name: str, *at: int) -> int:
        array = getattr(setup.first, name)
        return starts[name] + int(np.ravel_multi_index(at[: array.ndim], array.shape))

    taken: list[tuple[int, int]] = []
    trusts: list[tuple[int, list[int]]] = []
    asked = []
    for probe, (variable, i, j) in enumerate(probes):
        if variable < 0:
            continue
        name, *part = PARTS.get(_NAMES[variable], (_NAMES[variable],))
        if name in FIELDS and FIELDS[name].dtype == "float64":
            taken.append((probe, word(name, i, j, *part)))
        elif name == "trust" and i != j:
            trusts.append((probe, [word(belief, i, j) for belief in BELIEFS]))
        else:
            asked.append(probe)
    return {
        "taken_probe": _ints(probe for probe, _ in taken),
        "taken_word": _ints(position for _, position in taken),
        "trust_probe": _ints(probe for probe, _ in trusts),
        "trust_words": np.array([words for _, words in trusts], dtype=np.int64).reshape(-1, len(BELIEFS)),
        "asked_probe": _ints(asked),
    }


def place_of(setup: "Setup", path: Path | None) -> tuple[int, int, int]:
    """Return the indices of a path in a branch, for `sim.engine.readout.value_of`."""
    return MISSING if path is None else indices(path, setup.codes, setup.treaties, setup.focus)


class _Conditions:
    def __init__(self, setup: "Setup") -> None:
        self._setup = setup
        self._rows: list[Condition] = []

    def add(self, condition: Condition | None) -> int:
        if condition is None:
            return ALWAYS
        if condition not in self._rows:
            self._rows.append(condition)
        return self._rows.index(condition)

    def places(self) -> list[tuple[int, int, int]]:
        return [place_of(self._setup, row.path) for row in self._rows]

    def arrays(self) -> dict[str, Any]:
        places = self.places()
        return {
            "condition_variable": _ints(operand[0] for operand in places),
            "condition_i": _ints(operand[1] for operand in places),
            "condition_j": _ints(operand[2] for operand in places),
            "condition_op": _ints(OPERATORS.index(row.op) for row in self._rows),
            "condition_value": _floats(row.value for row in self._rows),
        }


def _cases(cases: list[Case]) -> dict[str, Any]:
    kinds = {int: np.int64, float: np.float64, bool: np.bool_}
    return {
        f"shock_{name}": np.array([getattr(case, name) for case in cases], dtype=kinds[kind])
        for name, kind in Case.__annotations__.items()
    }


def _seen(shocks: Sequence["Shock"], states: int) -> Flags:
    seen = np.ones((len(shocks), states), dtype=np.bool_)
    for row, shock in enumerate(shocks):
        if shock.watchers is not None:
            seen[row] = np.isin(np.arange(states), shock.watchers)
    return seen


def _turnover(changes: "Sequence[DatedChange]", states: int) -> Flags:
    flags = np.zeros((len(changes), states), dtype=np.bool_)
    for row, change in enumerate(changes):
        flags[row, list(change.turnover)] = True
    return flags


def _starts(counts: Iterable[int]) -> Ints:
    return _ints([0, *accumulate(counts)])


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _floats(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)
