"""Blocs implied by a scenario's ties, by the landscape theory of Axelrod & Bennett (1993).

Sizes are capabilities, as shares of the total of the states looked at; propensities are ties, the mean of both
directions, or the one direction that is coded. A pair without a coding counts as neither drawn together nor apart.
Treaties, trust and events other than those that set ties or capabilities do not enter: where blocs and memberships
disagree, ties and treaties pull in different directions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.analysis.alignment import MOST_ACTORS, Alignment, Floats, make_landscape
from sim.engine.setup import Setup, prepare
from sim.engine.timetable import DatedChange
from sim.errors import InputError
from sim.model.changes import CAPABILITY, DYAD_VALUE, STATE_VALUE, TIES
from sim.scenario import Scenario
from sim.scenario.calendar import Calendar
from sim.scenario.problems import closest, listed


@dataclass(frozen=True)
class Blocs:
    """Predicted blocs: the alignments that the ties of a scenario imply at a date.

    Attributes
    ----------
    day : date
        The day whose ties and capabilities are read.
    sizes : dict of str to float
        Share of each state in the capability of all that have a place, sum 1.
    unattached : tuple of str
        States without any tie to the others, which have no place.
    uncoded : int
        Pairs of states that have a place but no tie in either direction.
    minima : tuple of Alignment
        The alignments that no state would leave alone, the lowest energy first.
    warnings : tuple of str
        What only a run could tell and is left out.
    """

    day: date
    sizes: dict[str, float]
    unattached: tuple[str, ...]
    uncoded: int
    minima: tuple[Alignment, ...]
    warnings: tuple[str, ...]

    @property
    def configurations(self) -> int:
        """Number of ways to divide the states into two sides."""
        return int(2 ** (len(self.sizes) - 1))


def find_blocs(scenario: Scenario, branch: str | None = None, when: str = "start", states: Sequence[str] = ()) -> Blocs:
    """Return the alignments that ties and capabilities imply at a date.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    branch : str, optional
        A branch of it; None takes the scenario without a branch.
    when : str
        ``start``, ``end`` or a month such as ``2024-12``, at whose end the values are read, as for metrics.
    states : sequence of str
        Codes of the states to look at; default: all.

    Raises
    ------
    InputError
        If the branch, the month or a state does not exist, or there are too many states, or none with ties.
    """
    setup = prepare(scenario, branch)
    chosen = _chosen(setup, states)
    done = _ticks_done(setup.calendar, when)
    ties, capability, doubtful = _values(setup, done)
    ties, capability = ties[np.ix_(chosen, chosen)], capability[chosen]
    coded = ~np.isnan(ties)
    mutual = _mutual(ties)
    codes = np.array(setup.codes, dtype=object)[chosen]
    has_place = (np.outer(capability, capability) * np.abs(mutual) > 0.0).any(axis=1)
    if not has_place.any():
        raise InputError("no two of the states have ties and capabilities; without them there are no blocs")
    if has_place.sum() > MOST_ACTORS:
        raise InputError(
            f"{has_place.sum()} states are too many to look at every alignment; "
            f"allowed: {MOST_ACTORS}; choose them with --state CODE"
        )
    sizes = capability[has_place] / capability[has_place].sum()
    landscape = make_landscape(tuple(codes[has_place]), sizes, mutual[np.ix_(has_place, has_place)])
    known = (coded | coded.T)[np.ix_(has_place, has_place)]
    return Blocs(
        day=setup.calendar.dates[done],
        sizes=dict(zip(landscape.actors, sizes.tolist(), strict=True)),
        unattached=tuple(codes[~has_place]),
        uncoded=int((~known[np.triu_indices(len(sizes), 1)]).sum()),
        minima=landscape.minima(),
        warnings=tuple(f"left out, only a run can tell whether it happens: {name}" for name in doubtful),
    )


def _chosen(setup: Setup, states: Sequence[str]) -> list[int]:
    for code in states:
        if code not in setup.codes:
            near = closest(code, setup.codes)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(f"no state '{code}' in this scenario; allowed: {listed(setup.codes)}{hint}")
    return [index for index, code in enumerate(setup.codes) if code in (states or setup.codes)]


def _ticks_done(calendar: Calendar, when: str) -> int:
    """Return the number of ticks completed by ``start``, ``end`` or the end of a month."""
    ends = [f"{day:%Y-%m}" for day in calendar.ends]
    if when == "start":
        return 0
    if when == "end":
        return len(ends)
    if when not in ends:
        raise InputError(f"date '{when}': no tick ends then; allowed: {ends[0]}..{ends[-1]}, start, end")
    return len(ends) - ends[::-1].index(when)


def _values(setup: Setup, ticks: int) -> tuple[Floats, Floats, list[str]]:
    """Return ties (N, N), NaN if not coded, and capabilities (N,) after a number of ticks, and the changes left out."""
    capability = setup.first.capability.copy()
    ties = np.full(setup.first.ties.shape, np.nan)
    for state, others in setup.scenario.dyads.items():
        for other, dyad in others.items():
            if dyad.ties is not None:
                pair = setup.codes.index(state), setup.codes.index(other)
                ties[pair] = setup.first.ties[pair]
    doubtful = []
    for change in _changes(setup, ticks):
        if change.only_if is not None:
            doubtful.append(change.name)
        elif change.kind == DYAD_VALUE.name:
            ties[change.i, change.j] = change.value
        else:
            capability[change.i] = change.value
    return ties, capability, doubtful


def _changes(setup: Setup, ticks: int) -> Iterator[DatedChange]:
    """Yield the changes of ties and capabilities in the first ticks, in chronological order."""
    for changes in setup.changes[:ticks]:
        for change in changes:
            if (change.kind, change.k) in {(DYAD_VALUE.name, TIES), (STATE_VALUE.name, CAPABILITY)}:
                yield change


def _mutual(ties: Floats) -> Floats:
    """Return symmetric ties: the mean of both directions if both are coded, otherwise the coded one, or 0."""
    counts = (~np.isnan(ties)).astype(np.int64)
    sums = np.nan_to_num(ties)
    mutual = (sums + sums.T) / np.maximum(1, counts + counts.T)
    return np.asarray(mutual, dtype=np.float64)
