"""The audit of a claim: a baseline, then checks in the order of their weight."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

from sim.analysis.auditing.checks import Check, Invariance, as_data, exact_checks, from_data, varying_checks
from sim.analysis.auditing.results import Audit, Baseline, CheckResult, JudgedSample
from sim.analysis.auditing.verdicts import LEVEL, PairedSample, judge, level_of
from sim.analysis.auditing.worlds import ClaimWorlds
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.ensemble import check_seed, choose_branches, choose_engine, positive
from sim.experiments.executors import Progress
from sim.experiments.metrics import read_metrics
from sim.experiments.parameters.sources import Draws, ParameterSource, parameter_draws, warn_of_differences
from sim.mechanisms import MECHANISMS
from sim.output.comparing import reach_of
from sim.output.measuring import horizon
from sim.scenario import resolve
from sim.scenario.branches import parting
from sim.scenario.claims import Claim, parse_claim
from sim.scenario.problems import closest, listed
from sim.scenario.schema import Scenario

REPLICATES: Final = 1000
"""Pairs of runs of each check, unless asked for otherwise."""

BASELINE: Final = "baseline"


class Kept(Protocol):
    """Interface: findings of checks that were made before, by name."""

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the finding of a check as plain data, None if it was not made."""

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        """Keep what a check found."""


def audit(
    scenario: Scenario,
    claim: str | Claim,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    parameters: ParameterSource = None,
    engine: str | None = None,
    workers: int | None = None,
    minutes: float | None = None,
    kept: Kept | None = None,
    checks: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit a claim: find whether its difference holds when everything is varied that should not matter.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    claim : str or Claim
        ``METRIC: A > B``, with ``by X`` and ``through MECHANISM, ...`` where wanted (`sim.scenario.claims`).
    replicates : int
        Pairs of runs of each check.
    seed, parameters, engine, workers : optional
        As for `sim.run`; the seed's default is the scenario's, the engine's ``compiled``.
    minutes : float, optional
        Time after which no further check is begun; the verdict is then at best undecided.
    kept : Kept, optional
        Findings of checks that were made before; they are not made again.
    checks : sequence of str, optional
        Names of the checks to make; default: all.
    progress : callable, optional
        Called with the runs done and the runs to do, by the count of checks.

    Raises
    ------
    InputError
        If the claim, a name or a number is refused.

    Examples
    --------
    >>> claim = "ARM.trust[RUS]@2023-12: russia-sends-forces-2022 > as-happened"
    >>> audit(scenario, claim).verdict.word  # doctest: +SKIP
    'robust'
    """
    stated = parse_claim(claim) if isinstance(claim, str) else claim
    worlds = worlds_of(scenario, stated, replicates, seed, parameters, engine, workers)
    reach = reach_of(stated.parsed, prepare(worlds.branches[0]).calendar.dates)
    chosen = chosen_checks(worlds, checks)
    level = level_of(sum(not check.exact for check in chosen))
    stop = None if minutes is None else time.monotonic() + 60 * _positive_minutes(minutes)
    memory: Kept = kept if kept is not None else _NothingKept()

    data, spent = _remembered(memory, BASELINE, lambda: asdict(PairedSample.of(worlds.values())))
    base = PairedSample(**data)
    if base.pairs < 2:
        raise InputError(f"'{stated.metric}' has a value in {base.pairs} pairs of runs; an audit needs two or more")
    judged = JudgedSample(base, judge(base, base, stated.least, LEVEL, reach))
    first = Baseline(BASELINE, "The scenario as it is.", False, judged, False, spent)
    results, total = [], 2 * replicates * len(chosen)
    for number, check in enumerate(chosen):
        if progress is not None:
            progress(2 * replicates * number, total)
        late = stop is not None and time.monotonic() >= stop and memory.read(check.name) is None
        finding: JudgedSample | Invariance | None = None
        spent = 0.0
        if not late:
            data, spent = _remembered(memory, check.name, lambda check=check: as_data(check.run(worlds)))  # type: ignore[misc]
            outcome = from_data(data)
            if isinstance(outcome, PairedSample):
                finding = JudgedSample(outcome, judge(outcome, base, stated.least, level, reach))
            else:
                finding = outcome
        through = check.mechanism in stated.through
        results.append(CheckResult(check.name, check.sentence, check.exact, finding, through, spent))
    if progress is not None:
        progress(total, total)
    source = "defaults" if worlds.draws is None else worlds.draws.name
    return Audit(scenario, stated, worlds.seed, replicates, worlds.engine, source, first, tuple(results), level)


def worlds_of(
    scenario: Scenario,
    claim: Claim,
    replicates: int = REPLICATES,
    seed: int | None = None,
    parameters: ParameterSource = None,
    engine: str | None = None,
    workers: int | None = None,
) -> ClaimWorlds:
    """Return the worlds of a claim; refuse what cannot be run; parameters as for `audit`.

    Raises
    ------
    InputError
        If a branch, a mechanism, the metric or a number is refused, or the metric is settled before the branches part.
    """
    sides = choose_branches(scenario, [claim.higher, claim.lower])
    read_metrics([claim.metric], scenario, sides)
    for name in claim.through:
        if name not in MECHANISMS:
            near = closest(name, MECHANISMS)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(f"claim: there is no mechanism '{name}'; allowed: {listed(tuple(MECHANISMS))}{hint}")
    if workers is not None:
        positive("workers", workers)
    parts = parting(scenario, *sides)
    first, second = (resolve(scenario, side) for side in sides)
    dates = prepare(first).calendar.dates
    if parts is None or dates[horizon(claim.parsed, dates)] < parts:
        when = "never" if parts is None else f"on {parts}"
        raise InputError(
            f"claim: '{claim.metric}' is settled before '{claim.higher}' and '{claim.lower}' can differ, "
            f"which is {when}"
        )
    draws: Draws | None = parameter_draws(parameters, scenario)
    warn_of_differences([draws], scenario.parameters)
    return ClaimWorlds(
        (claim.higher, claim.lower), (first, second), claim.metric,
        check_seed(scenario.seed if seed is None else seed), positive("replicates", replicates),
        draws, choose_engine(engine), workers, parts,
    )  # fmt: skip


def chosen_checks(worlds: ClaimWorlds, names: Sequence[str] | None = None) -> tuple[Check, ...]:
    """Return the checks of a claim in the order in which they are made; reject unknown names.

    Raises
    ------
    InputError
        Naming the check, and those there are.
    """
    every = {check.name: check for check in (*exact_checks(worlds), *varying_checks(worlds))}
    for name in names or ():
        if name not in every:
            raise InputError(f"there is no check '{name}'; allowed: {listed(tuple(every))}")
    return tuple(check for name, check in every.items() if names is None or name in names)


class _NothingKept:
    """Findings of no earlier audit: every check is made."""

    def read(self, name: str) -> None:
        """Return None."""

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        """Do nothing."""


def _remembered(memory: Kept, name: str, make: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    """Return the kept finding of a check, or make and keep it; with the seconds that this took."""
    data = memory.read(name)
    if data is not None:
        return data, 0.0
    began = time.perf_counter()
    data = make()
    memory.write(name, data)
    return data, time.perf_counter() - began


def _positive_minutes(minutes: float) -> float:
    if not 0 < minutes < float("inf"):
        raise InputError(f"minutes {minutes:g} is not allowed; allowed: numbers above 0")
    return minutes
