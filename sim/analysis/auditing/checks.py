"""The checks of an audit, as data: what must leave every run as it is, and what may move the difference."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.special import chdtri, ndtri, stdtrit

import sim
from sim.analysis.auditing import worlds as w
from sim.analysis.auditing.verdicts import LEVEL, PairedSample
from sim.analysis.auditing.worlds import CLAIMED, UNSTATED, ClaimWorlds
from sim.engine.draws import SEEDS
from sim.experiments.parameters.explanations import Variant, explained, load_explanations, own_parameters
from sim.experiments.parameters.sources import Draws, parameter_draws
from sim.mechanisms import MECHANISMS
from sim.model.parameters import PARAMETERS
from sim.output.intervals import LEVEL as COMPARED
from sim.output.intervals import mean_interval
from sim.output.measuring import Floats
from sim.rules.decay import HALF_LIVES
from sim.words import BELIEF_RULES

EXACT: Final = {"compiled": 64, "mesa": 4}
"""Replicates that must not change, by engine."""

BOTH_ENGINES: Final = 4
"""Replicates that both engines run."""

ROUNDING: Final = 1e-9
"""Difference that a sum over states in another order may make in its last digits."""

OTHER_SEEDS: Final = 2
SPREAD_SEEDS: Final = 40
SPREAD_REPLICATES: Final = 50
"""Seeds, and replicates of each, whose differences show how wide intervals must be."""

FALSE_ALARM: Final = 1e-4
"""Chance that the spread over seeds is called too wide though intervals are sound."""


@dataclass(frozen=True)
class Invariance:
    """Whether runs stayed the same under a change that must not matter.

    Attributes
    ----------
    holds : bool
    touches : bool
        Whether what is wrong can be seen in the metric of the claim.
    text : str
        What was found.
    """

    holds: bool
    touches: bool
    text: str


Finding = PairedSample | Invariance


@dataclass(frozen=True)
class Check:
    """One check of a claim.

    Attributes
    ----------
    name : str
    sentence : str
        What the check does, in one sentence.
    run : callable
        A function of the worlds of the claim that returns what was found: an `Invariance` if the check must hold
        exactly, else the `PairedSample` of the changed worlds.
    exact : bool
        Whether a difference is a defect.
    mechanism : str
        The mechanism that it switches off, if it does.
    """

    name: str
    sentence: str
    run: Callable[[ClaimWorlds], Finding]
    exact: bool = False
    mechanism: str = ""


def as_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    return asdict(finding)


def from_data(data: Mapping[str, Any]) -> Finding:
    """Return the finding of plain data."""
    return Invariance(**data) if "holds" in data else PairedSample(**data)


def exact_checks(worlds: ClaimWorlds) -> Iterator[Check]:
    """Yield the checks that must leave every run as it is, or find nothing wrong."""
    yield Check("parameters-read", "Some rule reads each parameter of the table.", _parameters_read, exact=True)
    if worlds.engine == "compiled":
        yield Check("workers", "One worker and three give the same runs.", _workers, exact=True)
    yield Check("file-order", "Every table and list of the scenario is turned round.", _file_order, exact=True)
    if not w.share_a_name(worlds):
        yield Check(
            "state-names", "Every state has another name, in another order, with the draws that it had.", _state_names,
            exact=True,
        )  # fmt: skip
    yield Check("idle-state", "A state without treaty, relations or power is added.", _idle_state, exact=True)
    yield Check(
        "common-draws", "Both branches are equal until they part, and a branch is equal to its copy.", _common_draws,
        exact=True,
    )  # fmt: skip
    yield Check("engines", "Both engines give the same runs.", _engines, exact=True)
    yield Check(
        "interval", f"The difference varies over {SPREAD_SEEDS} seeds as its interval says.", _interval, exact=True
    )


def varying_checks(worlds: ClaimWorlds) -> Iterator[Check]:
    """Yield the checks that may move the difference, in the order of their weight."""
    for further in range(1, OTHER_SEEDS + 1):
        seed = (worlds.seed + further) % SEEDS
        yield _varied(f"seed-{seed}", f"Seed {seed}.", partial(_replaced, seed=seed))
    if not w.share_a_name(worlds):
        yield _varied(
            "draws-by-name", "Other names of states, with the draws of these names.",
            partial(w.renamed, with_draws=True),
        )  # fmt: skip
    if worlds.branches[0].step == "month":
        yield _varied("weeks", "A tick is a week in place of a month.", partial(_changed, w.by_week))
    yield _other_source(worlds)
    for name, variant in load_explanations().items():
        explained_by = partial(_explained, variant, _fit_of(name, worlds))
        yield _varied(f"explanation-{name}", f"Explanation: {variant.title}.", explained_by)
    for rule in BELIEF_RULES:
        if rule != worlds.branches[0].belief_rule:
            yield _varied(f"beliefs-{rule}", f"Belief rule: {rule}.", partial(_changed, w.with_belief_rule(rule)))
    yield from _judgements(worlds)
    for mechanism in MECHANISMS.values():
        off = partial(_with_parameters, mechanism.off)
        yield _varied(f"without-{mechanism.name}", f"Off: {mechanism.meaning}.", off, mechanism.name)


def _replaced(worlds: ClaimWorlds, **settings: Any) -> ClaimWorlds:
    return replace(worlds, **settings)


def _fit_of(explanation: str, worlds: ClaimWorlds) -> Draws | None:
    """Return the fit of an explanation for the alliance that it was fitted to, for others the draws of the audit."""
    scenario = worlds.branches[0]
    own = own_parameters(explanation, scenario)
    return worlds.draws if own is None else parameter_draws(own, scenario)


def _explained(variant: Variant, fit: Draws | None, worlds: ClaimWorlds) -> ClaimWorlds:
    return replace(worlds.changed(lambda scenario: explained(scenario, variant)), draws=fit)


def _changed(change: w.Change, worlds: ClaimWorlds) -> ClaimWorlds:
    return worlds.changed(change)


def _with_parameters(values: Mapping[str, float], worlds: ClaimWorlds) -> ClaimWorlds:
    return worlds.with_parameters(values)


def _varied(name: str, sentence: str, change: Callable[[ClaimWorlds], ClaimWorlds], mechanism: str = "") -> Check:
    return Check(name, sentence, lambda worlds: PairedSample.of(change(worlds).values()), mechanism=mechanism)


def _other_source(worlds: ClaimWorlds) -> Check:
    if worlds.draws is not None:
        return _varied("defaults", "Parameters at the defaults of the table.", partial(_replaced, draws=None))
    fit = parameter_draws(None, worlds.branches[0])
    named = "defaults" if fit is None else fit.name
    return _varied("posterior", f"Parameters drawn from '{named}'.", partial(_replaced, draws=fit))


def _judgements(worlds: ClaimWorlds) -> Iterator[Check]:
    mixed = w.either(worlds.seed)
    kinds: tuple[tuple[str, str, w.Direction, w.Direction], ...] = (
        ("severities-up", f"Severities of events {UNSTATED:g} higher.", w.up, w.fixed),
        ("severities-down", f"Severities of events {UNSTATED:g} lower.", w.down, w.fixed),
        ("ties-up", "Ties higher by their range.", w.fixed, w.up),
        ("ties-down", "Ties lower by their range.", w.fixed, w.down),
        ("judgements-mixed", "Each severity and tie higher or lower, at random.", mixed, mixed),
    )
    for name, sentence, severities, ties in kinds:
        yield _varied(name, sentence, partial(_changed, partial(w.moved, severities=severities, ties=ties)))


def _few(worlds: ClaimWorlds, most: int | None = None) -> ClaimWorlds:
    return replace(worlds, replicates=min(worlds.replicates, most or EXACT[worlds.engine]))


def _compared(before: Mapping[str, Floats], after: Mapping[str, Floats], tolerance: float = 0.0) -> Invariance:
    """Compare runs, value by value, to the last bit unless a tolerance is given."""
    runs = next(iter(before.values())).size
    apart = {name: _differ(values, after[name], tolerance) for name, values in before.items()}
    wrong = {name: places for name, places in apart.items() if places.any()}
    if not wrong:
        return Invariance(True, False, f"{runs} runs equal")
    touches = CLAIMED in wrong
    name = CLAIMED if touches else max(wrong, key=lambda name: _gap(before[name], after[name]))
    count = int(np.any(list(wrong.values()), axis=0).sum())
    gap = _gap(before[name], after[name])
    return Invariance(False, touches, f"{count} of {runs} runs differ; {name} by {gap:.2g}")


def _differ(first: Floats, second: Floats, tolerance: float) -> Any:
    return ~(np.abs(first - second) <= tolerance) & ~(np.isnan(first) & np.isnan(second))


def _gap(first: Floats, second: Floats) -> float:
    gaps = np.abs(first - second)
    return float(np.nanmax(gaps)) if not np.isnan(gaps).all() else float("inf")


def _against(worlds: ClaimWorlds, other: ClaimWorlds) -> Invariance:
    return _compared(worlds.fingerprint(), other.fingerprint())


def _workers(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds)
    return _against(replace(few, workers=1), replace(few, workers=3))


def _file_order(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds)
    return _against(few, few.changed(w.turned_round))


def _state_names(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds)
    return _compared(few.fingerprint(), w.renamed(few, with_draws=False).fingerprint(), ROUNDING)


def _idle_state(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds)
    return _against(few, few.changed(w.with_idle_state))


def _engines(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds, BOTH_ENGINES)
    return _against(replace(few, engine="mesa"), replace(few, engine="compiled"))


def _common_draws(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds)
    twice = replace(few, branches=(few.branches[0],) * 2).fingerprint()
    apart = {name: values[:1] for name, values in twice.items()}, {name: values[1:] for name, values in twice.items()}
    copied = _compared(*apart)
    before = few.fingerprint(few.parts) if few.parts is not None else {}
    if not copied.holds or not before:
        return copied
    return _compared(
        {name: values[:1] for name, values in before.items()}, {name: values[1:] for name, values in before.items()}
    )


def _interval(worlds: ClaimWorlds) -> Invariance:
    few = _few(worlds, SPREAD_REPLICATES)
    seeds = [(few.seed + 1 + number) % SEEDS for number in range(SPREAD_SEEDS)]
    return spread_over_seeds([replace(few, seed=seed).values() for seed in seeds])


def spread_over_seeds(values: Sequence[Floats]) -> Invariance:
    """Compare the spread of a mean difference over seeds with the spread that intervals imply.

    Both intervals are asked: Student's t, which audits use, and the bootstrap of `sim.output.intervals.mean_interval`,
    which comparisons use. The variance over seeds follows a chi-square distribution if an interval is sound.

    Parameters
    ----------
    values : sequence of array (branch, replicate)
        The metric under each seed.
    """
    samples = [PairedSample.of(seed_values) for seed_values in values]
    seen = float(np.var([sample.mean for sample in samples], ddof=1))
    if not seen > 0.0:
        return Invariance(True, False, "the same difference under all seeds")
    student = [
        _implied(sample.interval(LEVEL, None), stdtrit(max(1, sample.pairs - 1), 0.5 + LEVEL / 2)) for sample in samples
    ]
    bootstrap = [
        _implied(mean_interval(seed_values[0] - seed_values[1], None)[:2], ndtri(0.5 + COMPARED / 2))
        for seed_values in values
    ]
    ratio = max(
        (seen / claimed) ** 0.5 if claimed > 0 else float("inf") for claimed in map(np.mean, (student, bootstrap))
    )
    degrees = len(samples) - 1
    holds = bool(degrees * ratio**2 <= chdtri(degrees, FALSE_ALARM))
    return Invariance(holds, not holds, f"{len(samples)} seeds spread {ratio:.2f} times as far as intervals say")


def _implied(ends: tuple[float, float], quantile: float) -> float:
    """Return the variance of a mean that an interval implies; 0 for an interval without ends."""
    width = ends[1] - ends[0]
    return 0.0 if np.isnan(width) else (width / 2 / quantile) ** 2


def _parameters_read(_: ClaimWorlds) -> Invariance:
    unread = unread_parameters()
    text = f"no rule reads {', '.join(unread)}" if unread else f"{len(PARAMETERS)} parameters read"
    return Invariance(not unread, bool(unread), text)


def unread_parameters() -> tuple[str, ...]:
    """Return the parameters that neither a rule nor a stage reads, by the source of both."""
    package = Path(sim.__file__).parent
    read = set(HALF_LIVES)
    for room in ("rules", "engine"):
        for path in sorted((package / room).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and _is_parameters(node.value):
                    read.add(node.attr)
    return tuple(name for name in PARAMETERS if name not in read)


def _is_parameters(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name in ("p", "parameters")
