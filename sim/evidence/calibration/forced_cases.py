"""The likelihood of the library of alliances, from runs of its cases that the coded courses force.

What was asked, given and done by others is an input of a case; the entry is the course of the member after the key
event, on library rungs. A rung that leaves several places of the model open is summed over them (`sim.engine.forcing`).
"""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.forcing import COURSES, Forcing, bits, blank_forcing
from sim.engine.setup import Setup, prepare
from sim.evidence.calibration.forced_record import CONFIDENCE
from sim.evidence.cases.coding import ANONYMOUS, HORIZON, CodedCourse, coded_course, first_month, scenario_of
from sim.evidence.cases.dates import on_day
from sim.evidence.cases.reading import MEMBER, AllianceCase, CaseOutcome
from sim.evidence.cases.rungs import LIBRARY_RUNGS, library_rung
from sim.experiments.parameters.priors import with_values
from sim.model.world import Flags, Floats
from sim.rules.course import RUNGS, STANDINGS


def places_of_rung(rung: int) -> set[int]:
    """Return the places in which a member on a library rung may stand.

    Examples
    --------
    >>> sorted(places_of_rung(3))
    [6, 7, 8]
    """
    places = np.arange(STANDINGS)
    rungs = library_rung(places % RUNGS, places // RUNGS % 2, places // (2 * RUNGS))
    return set(np.flatnonzero(rungs == rung).tolist())


ANYWHERE: Final = bits(range(STANDINGS))
_SETS: Final = tuple(bits(places_of_rung(rung)) for rung in range(len(LIBRARY_RUNGS)))


@dataclass(frozen=True)
class ForcedCase:
    """One case, forced by its course.

    Attributes
    ----------
    name, cluster : str
    weight : float
        Confidence of the coding over the number of cases in the cluster.
    ends : date
        Last day that the case covers.
    program : Program
    fixed : dict
        Parameters that the case fixes.
    """

    name: str
    cluster: str
    weight: float
    ends: date
    program: Program
    fixed: Mapping[str, float]


class ForcedCases:
    """Cases of a library with coded courses.

    Parameters
    ----------
    cases, outcomes : mapping
        By id; a case without an outcome is left out.
    confidence : mapping
        Confidence of the coding, by id; a case without one counts as medium.
    """

    def __init__(
        self,
        cases: Mapping[str, AllianceCase],
        outcomes: Mapping[str, CaseOutcome],
        confidence: Mapping[str, str],
    ) -> None:
        known = {name: case for name, case in cases.items() if name in outcomes}
        sizes = Counter(outcomes[name].cluster for name in known)
        self.cases = tuple(
            _forced(name, case, outcomes[name], CONFIDENCE.get(confidence.get(name, ""), CONFIDENCE["medium"]), sizes)
            for name, case in known.items()
        )

    @property
    def weights(self) -> Floats:
        """Weight of each case."""
        return np.array([case.weight for case in self.cases])

    @property
    def clusters(self) -> tuple[str, ...]:
        """Cluster of each case."""
        return tuple(case.cluster for case in self.cases)

    @property
    def by_cluster(self) -> dict[str, Flags]:
        """Which cases belong to each cluster."""
        names = np.array(self.clusters)
        return {str(name): names == name for name in np.unique(names)}

    def ended_by(self, day: date) -> Flags:
        """Return which cases had run their five years by a day."""
        return np.array([case.ends <= day for case in self.cases])

    def terms(self, parameters: Floats, *, seed: int = 0, threads: int = 1) -> Floats:
        """Return the log-likelihood of the course of each case, without its weight (D, cases).

        Cases are shared out among the threads, as each of them is short.
        """
        numbers = np.zeros(len(parameters), dtype=np.int64)

        def log_likelihood(case: ForcedCase) -> Floats:
            batch = case.program.run(seed, numbers, with_values(parameters, case.fixed))
            return np.asarray(batch.terms[:, COURSES].sum(axis=(1, 2)))

        with ThreadPoolExecutor(threads) as pool:
            return np.column_stack(list(pool.map(log_likelihood, self.cases)))


def _forced(name: str, case: AllianceCase, outcome: CaseOutcome, sure: float, sizes: Mapping[str, int]) -> ForcedCase:
    scenario = scenario_of(case, "fit")
    setup = prepare(scenario)
    program = Program(setup, (), course_forcing(setup, case, coded_course(case, outcome)))
    ends = on_day(outcome.key.month + HORIZON, 1)
    return ForcedCase(name, outcome.cluster, sure / sizes[outcome.cluster], ends, program, scenario.parameters)


def course_forcing(setup: Setup, case: AllianceCase, course: CodedCourse) -> Forcing:
    """Return the course of a case as a forcing from the month of the key event to the last that is known.

    A dated step may have come in any month that its date allows, and the world takes it in the middle one. Where only
    anniversaries are coded, the months between are open, and the world changes halfway.
    """
    forcing = blank_forcing(setup)
    at = setup.codes.index(ANONYMOUS.codes[MEMBER]), setup.treaties.index(ANONYMOUS.treaty)
    start = -first_month(case)
    for month in range(min(course.until, HORIZON) + 1):
        possible, assumed = _dated(case, course, month) if course.dated else _anniversaries(case, course, month)
        forcing.possible[start + month, *at], forcing.assumed[start + month, *at] = possible, assumed
        forcing.course_weight[start + month, *at] = 1.0
    return forcing


def _dated(case: AllianceCase, course: CodedCourse, month: int) -> tuple[int, int]:
    possible, assumed = _SETS[case.rung_at_key], case.rung_at_key
    for step in course.steps:
        if step.last <= month:
            possible = _SETS[step.rung]
        elif step.first <= month:
            possible |= _SETS[step.rung]
        if (step.first + step.last) // 2 <= month:
            assumed = step.rung
    return possible, _SETS[assumed]


def _anniversaries(case: AllianceCase, course: CodedCourse, month: int) -> tuple[int, int]:
    known = {0: case.rung_at_key, **course.anniversaries}
    if month in course.anniversaries:
        return (_SETS[known[month]],) * 2
    before = max(past for past in known if past <= month)
    after = min((future for future in known if future > month), default=before)
    return ANYWHERE, _SETS[known[before if 2 * month < before + after else after]]
