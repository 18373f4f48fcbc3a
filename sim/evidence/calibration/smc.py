"""Adaptive tempered sequential Monte Carlo over the unit cube of prior scores.

Particles live in standard-normal coordinates, where the prior is ``N(0, I)``. At each temperature they are reweighted,
resampled, and moved by preconditioned Crank-Nicolson steps that are reversible with respect to a Gaussian fitted to
the particles. A particle is moved by a Gaussian that was fitted to the other groups of particles only: a Gaussian
fitted to the particle itself would bias its moves, and the evidence with them, as soon as there are many dimensions.

References
----------
Del Moral, Doucet and Jasra (2006), "Sequential Monte Carlo samplers", JRSS B 68, 411-436.
Cotter, Roberts, Stuart and White (2013), "MCMC methods for functions", Statistical Science 28, 424-446.
Zhou, Johansen and Aston (2016), "Toward automatic model comparison", JCGS 25, 701-726.
Donoho, Gavish and Johnstone (2018), "Optimal shrinkage of eigenvalues in the spiked covariance model",
Annals of Statistics 46, 1742-1778.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from sim.output.measuring import Floats
from sim.output.staging import staged_file

LogFactors = Callable[[Floats], Floats]
"""Function from points of the unit cube (N, D) to the logarithms of the factors of the likelihood (N, F)."""

EDGE: Final = 2.0**-53
"""Distance that a coordinate keeps from 0 and 1, so that its normal score is finite."""
LEAST_VARIANCE: Final = 1e-6
"""Variance of a fitted Gaussian along a direction, at least: rounding must not make it 0 or less."""
DECIMALS: Final = 10
"""Decimals of a fitted Gaussian: a linear-algebra library differs in later ones with its number of threads."""


@dataclass(frozen=True)
class Settings:
    """Settings of the sampler.

    Parameters
    ----------
    particles : int
    ess_share : float
        Conditional effective sample size that the next temperature leaves, as a share of the particles.
    correlation : float
        Moves at a temperature end when no identified direction correlates with its start by more than this.
    max_steps : int
        Moves at a temperature, at most.
    acceptance : float
        Rate of acceptance below which steps become shorter; an independent proposal is the longest.
    groups : int
        Groups of particles: each is moved by a Gaussian fitted to the others.
    """

    particles: int = 2_000
    ess_share: float = 0.5
    correlation: float = 0.3
    max_steps: int = 40
    acceptance: float = 0.35
    groups: int = 8


class Start(NamedTuple):
    """Particles to start from instead of the prior, and the exponents of the factors that they were sampled under."""

    unit: Floats
    exponents: Sequence[float]


class Temperature(NamedTuple):
    """One temperature of a run: how it was reached and how the particles moved."""

    beta: float
    """Position between the exponents at the start and the target's, 0..1."""
    ess: float
    acceptance: float
    """Mean over the steps."""
    step: float
    """Length of the last step, 0..1: 1 proposes independently of where a particle is."""
    steps: int
    calls: int
    """Evaluations of the factors so far, one a particle."""
    identified: int
    """Directions in which the fitted Gaussian differs from the prior."""
    correlation: float
    """Largest correlation with the particles before the moves."""


class Sample(NamedTuple):
    """Equally weighted particles of a posterior distribution."""

    unit: Floats
    """Particles in the unit cube (N, D)."""
    log_factors: Floats
    """Logarithms of the factors at the particles (N, F)."""
    log_evidence: float
    """Logarithm of the normalising constant of the target over that of the start."""
    temperatures: tuple[Temperature, ...]


class Gaussian(NamedTuple):
    """Normal distribution that differs from ``N(0, I)`` by its mean and in a few directions."""

    mean: Floats
    root: Floats
    """Symmetric square root of the covariance (D, D)."""
    inverse_root: Floats
    directions: Floats
    """Directions of variances other than 1 (D, r)."""

    def whiten(self, z: Floats) -> Floats:
        """Return points in coordinates in which this distribution is ``N(0, I)``."""
        return _product(z - self.mean, self.inverse_root)

    def colour(self, white: Floats) -> Floats:
        """Return points that `whiten` maps to the given ones."""
        return self.mean + _product(white, self.root)


class _State(NamedTuple):
    """All that a run carries from one temperature to the next."""

    z: Floats
    log_factors: Floats
    group: npt.NDArray[np.int64]
    log_evidence: float
    temperatures: tuple[Temperature, ...]


def sample(
    log_factors: LogFactors,
    dimensions: int,
    exponents: Sequence[float],
    *,
    seed: int,
    later: LogFactors | None = None,
    start: Start | None = None,
    settings: Settings = Settings(),
    path: Path | None = None,
    progress: Callable[[Temperature], None] | None = None,
) -> Sample:
    """Sample the posterior: the uniform prior times each factor to the power of its exponent.

    Parameters
    ----------
    log_factors : callable
        Deterministic in its argument; may return ``-inf``.
    dimensions : int
    exponents : sequence of float
        Exponent of each factor in the target, 0 or more; those of ``later`` come last.
    seed : int
    later : callable, optional
        Further factors that take long to compute. They are computed for proposals that the other factors accept, and
        these are then accepted or not by the further ones alone, which leaves the target as it is (delayed acceptance;
        Christen & Fox 2005).
    start : Start, optional
        The prior if not given. Factors are tempered along the line from the start's exponents to the target's.
    settings : Settings
    path : Path, optional
        File (.npz) that is written after each temperature. If it exists, the run goes on from it and ends with the
        same bytes. Its run must have had the same arguments; that the factors are the same is up to the caller.
    progress : callable, optional
        Called after each temperature.

    Returns
    -------
    Sample

    Raises
    ------
    ValueError
        If exponents are negative, a factor is not a number, the start has no density under its own exponents, or the
        file at `path` belongs to other arguments.
    """
    target = np.asarray(exponents, dtype=np.float64)
    base = np.zeros_like(target) if start is None else np.asarray(start.exponents, dtype=np.float64)
    if base.shape != target.shape or min(base.min(), target.min()) < 0.0:
        raise ValueError(f"exponents must be 0 or more, one a factor: {base.tolist()}, {target.tolist()}")
    key = json.dumps([dimensions, target.tolist(), base.tolist(), seed, asdict(settings), _digest(start)])
    stages = [_checked(log_factors, len(target))]
    if later is not None:
        further = later(np.full((1, dimensions), 0.5)).shape[1]
        stages = [_checked(log_factors, len(target) - further), _checked(later, further)]
    if path is not None and path.exists():
        state = _read(path, key)
    else:
        z = _initial(dimensions, start, settings.particles, _generator(seed, 0))
        factors = np.column_stack([evaluate(z) for evaluate in stages])
        state = _State(z, factors, np.arange(len(z)) % settings.groups, 0.0, ())
        if not np.isfinite(_power(state.log_factors, base)).all():
            raise ValueError("the start holds particles without density under its own exponents")
    while not state.temperatures or state.temperatures[-1].beta < 1.0:
        rng = _generator(seed, len(state.temperatures) + 1)
        state = _advance(state, stages, base, target, settings, rng)
        if path is not None:
            _write(path, key, state)
        if progress is not None:
            progress(state.temperatures[-1])
    return Sample(_unit(state.z), state.log_factors, state.log_evidence, state.temperatures)


def _advance(
    state: _State,
    stages: Sequence[LogFactors],
    base: Floats,
    target: Floats,
    settings: Settings,
    rng: np.random.Generator,
) -> _State:
    """Return the state at the next temperature."""
    count = len(state.z)
    last = state.temperatures[-1] if state.temperatures else Temperature(0.0, count, 0.0, 1.0, 0, count, 0, 0.0)
    change = _power(state.log_factors, target - base)
    beta = _next_beta(change, last.beta, settings.ess_share)
    raw, log_mean = _normalised((beta - last.beta) * change)
    log_evidence = state.log_evidence + log_mean
    fits = _fit_groups(state.z, raw, state.group, settings.groups)
    chosen = resample(raw, rng)
    origin, z, factors, group = state.z[chosen], state.z[chosen], state.log_factors[chosen], state.group[chosen]
    powers = base + beta * (target - base)
    step, correlation = last.step, 1.0
    accepted: list[float] = []
    while correlation > settings.correlation and len(accepted) < settings.max_steps:
        if accepted:
            fits = _fit_groups(z, np.full(count, 1.0 / count), group, settings.groups)
        noise, thresholds = rng.standard_normal(z.shape), np.log(rng.random((len(stages), count)))
        proposed, log_ratio = _propose(z, noise, step, fits, group)
        taken, first = np.arange(count), 0
        new_factors = factors.copy()
        for evaluate, threshold in zip(stages, thresholds, strict=True):
            if not len(taken):
                break
            log_factors = evaluate(proposed[taken])
            held = slice(first, first + log_factors.shape[1])
            first = held.stop
            new_factors[taken, held] = log_factors
            log_ratio = (
                log_ratio[taken] + _power(log_factors, powers[held]) - _power(factors[taken, held], powers[held])
            )
            taken = taken[threshold[taken] < log_ratio]
            log_ratio = np.zeros(count)
        z[taken], factors[taken] = proposed[taken], new_factors[taken]
        accepted.append(len(taken) / count)
        step = min(1.0, step * float(np.exp(accepted[-1] - settings.acceptance)))
        correlation = _largest_correlation(origin, z, fits[0].directions)
    row = Temperature(
        beta,
        1.0 / float((raw**2).sum()),
        float(np.mean(accepted)),
        step,
        len(accepted),
        last.calls + count * len(accepted),
        fits[0].directions.shape[1],
        correlation,
    )
    return _State(z, factors, group, log_evidence, (*state.temperatures, row))


def _propose(
    z: Floats, noise: Floats, step: float, fits: Sequence[Gaussian], group: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return Crank-Nicolson proposals, and what prior and proposals add to the log-ratio of acceptance."""
    proposed = np.empty_like(z)
    log_ratio = np.empty(len(z))
    for number, fit in enumerate(fits):
        own = group == number
        white = fit.whiten(z[own])
        moved = np.sqrt(1.0 - step**2) * white + step * noise[own]
        proposed[own] = fit.colour(moved)
        log_ratio[own] = 0.5 * ((moved**2).sum(axis=1) - (white**2).sum(axis=1))
    return proposed, log_ratio + 0.5 * ((z**2).sum(axis=1) - (proposed**2).sum(axis=1))


def fit_gaussian(mean: Floats, covariance: Floats, effective: float) -> Gaussian:
    """Return a fitted normal distribution, shrunk to ``N(0, I)`` where sampling noise explains the difference.

    Eigenvalues of the covariance that noise could produce around 1 (inside the Marchenko-Pastur bulk) become 1. The
    others are replaced by the variance that their estimated direction has in the spiked covariance model.

    Parameters
    ----------
    mean : array (D)
    covariance : array (D, D)
    effective : float
        Effective number of points that mean and covariance were estimated from.
    """
    values, vectors = np.linalg.eigh(covariance)
    gamma = min(0.95, len(mean) / effective)
    spiked = np.abs(np.sqrt(np.maximum(values, 0.0)) - 1.0) > np.sqrt(gamma)
    values, vectors = values[spiked], vectors[:, spiked]
    middle = values + 1.0 - gamma
    shift = np.sqrt(np.maximum(middle**2 - 4.0 * values, 0.0))
    spike = 0.5 * np.where(values > 1.0, middle + shift, middle - shift)
    squared_cosine = np.clip((1.0 - gamma / (spike - 1.0) ** 2) / (1.0 + gamma / (spike - 1.0)), 0.0, 1.0)
    variance = np.maximum(squared_cosine * spike + 1.0 - squared_cosine, LEAST_VARIANCE)
    identity = np.eye(len(mean))
    root, inverse_root = (
        np.round(identity + np.einsum("ir,r,jr->ij", vectors, variance**power - 1.0, vectors), DECIMALS)
        for power in (0.5, -0.5)
    )
    return Gaussian(np.round(mean, DECIMALS), root, inverse_root, vectors)


def _fit_groups(z: Floats, weight: Floats, group: npt.NDArray[np.int64], groups: int) -> list[Gaussian]:
    """Return for each group of particles the Gaussian fitted to all others."""
    members = [group == number for number in range(groups)]
    mass, squares = (np.array([values[own].sum() for own in members]) for values in (weight, weight**2))
    first = np.array([np.einsum("n,ni->i", weight[own], z[own]) for own in members])
    second = np.array([np.einsum("ni,nj->ij", weight[own, None] * z[own], z[own]) for own in members])
    fits = []
    for number in range(groups):
        other = np.arange(groups) != number
        total = mass[other].sum()
        mean = first[other].sum(axis=0) / total
        covariance = second[other].sum(axis=0) / total - np.outer(mean, mean)
        fits.append(fit_gaussian(mean, covariance, total**2 / squares[other].sum()))
    return fits


def resample(weight: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return indices drawn by systematic resampling: each as often as its share of the weight, rounded up or down."""
    edges = np.cumsum(weight)
    points = (np.arange(len(weight)) + rng.random()) / len(weight) * edges[-1]
    return np.asarray(np.searchsorted(edges, np.minimum(points, np.nextafter(edges[-1], 0.0)), side="right"))


def _next_beta(change: Floats, beta: float, share: float) -> float:
    """Return the next temperature by bisection on the effective share of the particles that have weight at all."""
    possible = np.isfinite(change).sum()

    def enough(candidate: float) -> bool:
        weight, _ = _normalised((candidate - beta) * change)
        return bool(share * possible * (weight**2).sum() <= 1.0)

    if enough(1.0):
        return 1.0
    low, high = beta, 1.0
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if enough(middle) else (low, middle)
    return high


def _normalised(log_weight: Floats) -> tuple[Floats, float]:
    """Return weights that sum to 1, and the logarithm of their mean before."""
    top = float(log_weight.max())
    if top == -np.inf:
        raise ValueError("no particle has any density under the target")
    weight = np.exp(log_weight - top)
    return weight / weight.sum(), top + float(np.log(weight.mean()))


def _power(log_factors: Floats, exponents: Floats) -> Floats:
    """Return the logarithm of the product of factors to their exponents; a factor to the power 0 is 1."""
    used = exponents != 0.0
    return np.asarray((log_factors[:, used] * exponents[used]).sum(axis=1))


def _largest_correlation(before: Floats, after: Floats, directions: Floats) -> float:
    """Return the largest correlation of particles with their start along directions, or coordinates without any."""
    if directions.shape[1]:
        before, after = _product(before, directions), _product(after, directions)
    before, after = before - before.mean(axis=0), after - after.mean(axis=0)
    scale = np.sqrt((before**2).sum(axis=0) * (after**2).sum(axis=0))
    return float(((before * after).sum(axis=0) / scale).max())


def _product(points: Floats, matrix: Floats) -> Floats:
    """Return a matrix product whose bytes do not depend on the number of threads."""
    return np.asarray(np.einsum("ni,ij->nj", points, matrix))


def _unit(z: Floats) -> Floats:
    return np.asarray(np.clip(ndtr(z), EDGE, 1.0 - EDGE))


def _generator(seed: int, stage: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, stage])))


def _initial(dimensions: int, start: Start | None, count: int, rng: np.random.Generator) -> Floats:
    """Return the first particles in standard-normal coordinates: draws of the prior, or the given ones."""
    if start is None:
        return rng.standard_normal((count, dimensions))
    if start.unit.ndim != 2 or start.unit.shape[1] != dimensions:
        raise ValueError(f"the start must have {dimensions} columns: {start.unit.shape}")
    z = ndtri(np.clip(start.unit, EDGE, 1.0 - EDGE))
    return np.asarray(z if len(z) == count else z[rng.permutation(np.arange(count) % len(z))])


def _checked(log_factors: LogFactors, factors: int) -> LogFactors:
    """Return the factors as a function of standard-normal coordinates that refuses what is not a number."""

    def evaluate(z: Floats) -> Floats:
        values = np.asarray(log_factors(_unit(z)), dtype=np.float64)
        if values.shape != (len(z), factors):
            raise ValueError(f"log_factors must return {(len(z), factors)} values: {values.shape}")
        if not (values < np.inf).all():
            raise ValueError("log_factors returned values that are not a number, or infinite")
        return values

    return evaluate


def _digest(start: Start | None) -> str:
    return "" if start is None else hashlib.sha256(np.ascontiguousarray(start.unit).tobytes()).hexdigest()


def _write(path: Path, key: str, state: _State) -> None:
    """Write a state, whole or not at all."""
    with staged_file(path, replace=True) as hidden, hidden.open("wb") as file:
        np.savez(
            file,
            key=np.array(key),
            z=state.z,
            log_factors=state.log_factors,
            group=state.group,
            log_evidence=np.array(state.log_evidence),
            temperatures=np.array(state.temperatures, dtype=np.float64),
        )


def _read(path: Path, key: str) -> _State:
    """Read a state that `_write` has written for the same arguments."""
    with np.load(path) as stored:
        if str(stored["key"]) != key:
            raise ValueError(f"{path} holds a run with other arguments; remove it to start anew")
        rows = tuple(
            Temperature(beta, ess, acceptance, step, int(steps), int(calls), int(identified), correlation)
            for beta, ess, acceptance, step, steps, calls, identified, correlation in stored["temperatures"].tolist()
        )
        return _State(stored["z"], stored["log_factors"], stored["group"], float(stored["log_evidence"]), rows)
