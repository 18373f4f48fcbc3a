"""Adaptive tempered sequential Monte Carlo, against posteriors that are known."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from sim.evidence.calibration.smc import Settings, Start, fit_gaussian, resample, sample

ROOT = Path(__file__).parents[3]
SMALL = Settings(particles=1_000)


class Conjugate:
    """Normal observations of a few rotated directions, which leave a known sd there and the prior elsewhere."""

    def __init__(self, dimensions, identified, sd=0.1):
        rng = np.random.default_rng(7)
        self.axes = np.linalg.qr(rng.standard_normal((dimensions, identified)))[0]
        self.sd = sd
        self.noise = sd / np.sqrt(1.0 - sd**2)
        self.observed = rng.standard_normal(identified)
        self.mean = self.observed / (1.0 + self.noise**2)
        spread = 1.0 + self.noise**2
        self.log_evidence = float(np.sum(np.log(self.noise) - 0.5 * np.log(spread) - 0.5 * self.observed**2 / spread))

    def __call__(self, unit):
        errors = (ndtri(unit) @ self.axes - self.observed) / self.noise
        return -0.5 * (errors**2).sum(axis=1, keepdims=True)

    def standard_errors(self, unit):
        """Return errors of means and sds in the posterior's sds, in identified directions and then in all others."""
        z = ndtri(unit)
        rest = np.linalg.svd(np.eye(len(z[0])) - self.axes @ self.axes.T)[0][:, : len(z[0]) - self.axes.shape[1]]
        known, free = z @ self.axes, z @ rest
        return (
            (known.mean(axis=0) - self.mean) / self.sd, known.std(axis=0) / self.sd - 1.0,
            free.mean(axis=0), free.std(axis=0) - 1.0,
        )  # fmt: skip


@pytest.mark.parametrize(("dimensions", "identified"), [(10, 4), pytest.param(80, 10, marks=pytest.mark.slow)])
def test_conjugate_posterior(dimensions, identified):
    # Stated in advance: with 1,000 particles worth at least 500 draws, the error of a mean has an sd of 0.045 sds and
    # that of an sd 0.032; bounds are four times that, and 0.7 for the log evidence.
    target = Conjugate(dimensions, identified)

    found = sample(target, dimensions, [1.0], seed=1, settings=SMALL)

    means, sds, free_means, free_sds = target.standard_errors(found.unit)
    assert np.abs(means).max() < 0.18
    assert np.abs(sds).max() < 0.13
    assert np.abs(free_means).max() < 0.18
    assert np.abs(free_sds).max() < 0.13
    assert found.log_evidence == pytest.approx(target.log_evidence, abs=0.7)
    assert found.temperatures[-1].calls <= 1_000 * 70
    assert (found.log_factors == target(found.unit)).all()


def test_evidence_is_unbiased_where_gaussians_are_fitted_to_few_particles():
    # By moves with a Gaussian that is fitted to the moved particles too, the mean error here is -0.6.
    target = Conjugate(30, 5)

    errors = [
        sample(target, 30, [1.0], seed=seed, settings=Settings(particles=400)).log_evidence - target.log_evidence
        for seed in range(4)
    ]

    assert np.mean(errors) == pytest.approx(0.0, abs=0.4)


def test_toy_against_rejection():
    def log_likelihood(unit):  # a ring, with one half likelier
        radius = np.hypot(unit[:, 0] - 0.5, unit[:, 1] - 0.5)
        return (-0.5 * ((radius - 0.3) / 0.05) ** 2 + 8.0 * np.minimum(0.0, unit[:, 0] - 0.5))[:, None]

    rng = np.random.default_rng(1)
    draws = rng.random((400_000, 2))
    likelihood = np.exp(log_likelihood(draws)[:, 0])
    accepted = draws[rng.random(len(draws)) < likelihood]

    found = sample(log_likelihood, 2, [1.0], seed=2)

    for probability in (0.1, 0.25, 0.5, 0.75, 0.9):
        quantiles = np.quantile(accepted, probability, axis=0)
        # four standard errors of a share with 1,000 effective draws, and of the share itself
        below = (found.unit <= quantiles).mean(axis=0)
        assert below == pytest.approx(np.full(2, probability), abs=4.0 * np.sqrt(probability * (1 - probability) / 1e3))
    assert found.log_evidence == pytest.approx(np.log(likelihood.mean()), abs=0.15)


def test_both_modes_keep_their_share():
    def log_likelihood(unit):
        z = ndtri(unit)
        near, far = (np.exp(-0.5 * ((z - centre) / 0.2) ** 2).prod(axis=1) for centre in (-1.0, 1.0))
        return np.log(0.3 * near + 0.7 * far + 1e-300)[:, None]

    found = sample(log_likelihood, 2, [1.0], seed=3)

    assert (found.unit.mean(axis=1) > 0.5).mean() == pytest.approx(0.7, abs=0.07)


def test_two_factors_with_their_own_exponents():
    first, second = Conjugate(6, 1, 0.3), Conjugate(6, 2, 0.5)

    def log_factors(unit):
        return np.hstack([first(unit), second(unit)])

    both = sample(log_factors, 6, [0.5, 1.0], seed=4, settings=SMALL)
    alone = sample(lambda unit: 0.5 * first(unit) + second(unit), 6, [1.0], seed=4, settings=SMALL)

    assert both.unit == pytest.approx(alone.unit, abs=1e-9)
    assert both.log_evidence == pytest.approx(alone.log_evidence, abs=1e-9)
    assert both.log_factors.shape == (1_000, 2)


def test_factors_that_are_computed_later_leave_the_posterior_as_it_is_and_are_computed_for_fewer_points():
    first, second = Conjugate(6, 1, 0.3), Conjugate(6, 2, 0.5)
    asked = []

    def later(unit):
        asked.append(len(unit))
        return second(unit)

    at_once = sample(lambda unit: np.hstack([first(unit), second(unit)]), 6, [1.0, 1.0], seed=4, settings=SMALL)
    found = sample(first, 6, [1.0, 1.0], seed=4, later=later, settings=SMALL)
    assert found.log_factors == pytest.approx(np.hstack([first(found.unit), second(found.unit)]))
    assert all(count < 1_000 for count in asked[2:])  # one point to count the factors, then the first particles
    z, other = ndtri(found.unit), ndtri(at_once.unit)
    assert z.mean(axis=0) == pytest.approx(other.mean(axis=0), abs=0.15)
    assert z.std(axis=0) == pytest.approx(other.std(axis=0), rel=0.15)
    assert found.log_evidence == pytest.approx(at_once.log_evidence, abs=0.5)


def test_tempering_from_a_start_agrees_with_tempering_from_the_prior():
    first, second = Conjugate(6, 2, 0.3), Conjugate(6, 3, 0.2)

    def log_factors(unit):
        return np.hstack([first(unit), second(unit)])

    general = sample(log_factors, 6, [1.0, 0.0], seed=5)
    onward = sample(log_factors, 6, [1.0, 1.0], seed=6, start=Start(general.unit, [1.0, 0.0]))
    direct = sample(log_factors, 6, [1.0, 1.0], seed=7)

    z, expected = ndtri(onward.unit), ndtri(direct.unit)
    assert (z.mean(axis=0) - expected.mean(axis=0)) / expected.std(axis=0) == pytest.approx(np.zeros(6), abs=0.18)
    assert z.std(axis=0) / expected.std(axis=0) == pytest.approx(np.ones(6), abs=0.13)
    assert general.log_evidence + onward.log_evidence == pytest.approx(direct.log_evidence, abs=0.3)


def test_a_start_may_have_another_number_of_particles():
    target = Conjugate(3, 1, 0.5)
    general = sample(target, 3, [0.5], seed=8, settings=SMALL)

    found = sample(target, 3, [1.0], seed=9, start=Start(general.unit[:300], [0.5]), settings=SMALL)

    assert found.unit.shape == (1_000, 3)
    assert np.abs(np.concatenate(target.standard_errors(found.unit))).max() < 0.2


def test_same_bytes_twice_and_other_bytes_by_another_seed():
    target = Conjugate(4, 2)

    once, again, other = (sample(target, 4, [1.0], seed=seed, settings=SMALL) for seed in (1, 1, 2))

    assert once.unit.tobytes() == again.unit.tobytes()
    assert once.temperatures == again.temperatures
    assert once.log_evidence == again.log_evidence
    assert once.unit.tobytes() != other.unit.tobytes()


def test_bytes_do_not_depend_on_the_number_of_threads():
    program = (
        "import hashlib; from tests.evidence.calibration.test_smc import *\n"
        "found = sample(Conjugate(80, 10), 80, [0.05], seed=3, settings=Settings(particles=300))\n"
        "print(hashlib.sha256(found.unit.tobytes()).hexdigest())"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"OPENBLAS_NUM_THREADS": threads}, cwd=ROOT,
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip

    assert len(printed) == 1


@pytest.mark.parametrize("stop_after", [1, 3])
def test_an_interrupted_run_ends_with_the_same_bytes(tmp_path, stop_after):
    target = Conjugate(4, 2)
    whole = sample(target, 4, [1.0], seed=1, settings=SMALL)
    seen = []

    def stop(row):
        seen.append(row)
        if len(seen) == stop_after:
            raise KeyboardInterrupt

    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        sample(target, 4, [1.0], seed=1, settings=SMALL, path=path, progress=stop)
    resumed = sample(target, 4, [1.0], seed=1, settings=SMALL, path=path, progress=seen.append)

    assert resumed.unit.tobytes() == whole.unit.tobytes()
    assert resumed.log_factors.tobytes() == whole.log_factors.tobytes()
    assert resumed.log_evidence == whole.log_evidence
    assert resumed.temperatures == whole.temperatures == tuple(seen)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_a_file_of_other_arguments_is_refused(tmp_path):
    target = Conjugate(4, 2)
    path = tmp_path / "run.npz"
    sample(target, 4, [1.0], seed=1, settings=Settings(particles=100), path=path)

    with pytest.raises(ValueError, match="other arguments"):
        sample(target, 4, [1.0], seed=2, settings=Settings(particles=100), path=path)


def test_impossible_points_are_left_out():
    def log_likelihood(unit):
        return np.where(unit[:, :1] < 0.3, 0.0, -np.inf)

    found = sample(log_likelihood, 2, [1.0], seed=1, settings=SMALL)

    assert found.unit[:, 0].max() < 0.3
    assert found.unit[:, 0].mean() == pytest.approx(0.15, abs=0.015)
    assert found.log_evidence == pytest.approx(np.log(0.3), abs=0.2)


@pytest.mark.parametrize(
    ("values", "exponents", "message"),
    [(np.nan, [1.0], "not a number"), (-np.inf, [1.0], "no particle"), (0.0, [-1.0], "exponents"),
     (0.0, [1.0, 1.0], "must return")],
)  # fmt: skip
def test_what_cannot_be_sampled_is_refused(values, exponents, message):
    with pytest.raises(ValueError, match=message):
        sample(lambda unit: np.full((len(unit), 1), values), 2, exponents, seed=1, settings=Settings(particles=50))


def test_a_start_without_density_is_refused():
    start = Start(np.full((50, 2), 0.5), [1.0])

    with pytest.raises(ValueError, match="without density"):
        sample(lambda unit: np.full((len(unit), 1), -np.inf), 2, [2.0], seed=1, start=start, settings=SMALL)


def test_noise_in_the_covariance_is_shrunk_to_the_prior_and_signal_is_kept():
    rng = np.random.default_rng(1)
    z = rng.standard_normal((1_000, 40)) * np.where(np.arange(40) < 2, 0.1, 1.0)

    found = fit_gaussian(z.mean(axis=0), np.cov(z.T, bias=True), 1_000.0)

    assert found.directions.shape == (40, 2)
    covariance = found.root @ found.root
    assert np.linalg.eigvalsh(covariance)[:2] == pytest.approx([0.01, 0.01], rel=0.2)
    assert np.linalg.eigvalsh(covariance)[2:] == pytest.approx(np.ones(38), abs=1e-6)
    assert found.colour(found.whiten(z)) == pytest.approx(z, abs=1e-6)


def test_systematic_resampling_rounds_expected_counts_up_or_down():
    weight = np.array([0.05, 0.5, 0.0, 0.45])

    counts = np.bincount(resample(weight, np.random.default_rng(1)), minlength=4)

    assert (np.floor(4 * weight) <= counts).all()
    assert (counts <= np.ceil(4 * weight)).all()


@pytest.mark.slow
def test_agreement_with_emcee():
    emcee = pytest.importorskip("emcee", reason="an independent sampler, not a dependency")
    axes = np.linalg.qr(np.random.default_rng(2).standard_normal((10, 10)))[0]

    def log_likelihood(z):
        x = z @ axes
        return -0.5 * (((x + 0.4 * (np.roll(x, 1, axis=1) ** 2 - 1.0) - 0.3) / 0.4) ** 2).sum(axis=1)

    sampler = emcee.EnsembleSampler(
        40, 10, lambda z: log_likelihood(z) - 0.5 * (z**2).sum(axis=1), vectorize=True
    )  # fmt: skip
    sampler.random_state = np.random.RandomState(1).get_state()
    sampler.run_mcmc(np.random.default_rng(1).standard_normal((40, 10)) * 0.3, 10_000)
    expected = sampler.get_chain(discard=2_000, flat=True)

    z = ndtri(sample(lambda unit: log_likelihood(ndtri(unit))[:, None], 10, [1.0], seed=1).unit)

    assert (z.mean(axis=0) - expected.mean(axis=0)) / expected.std(axis=0) == pytest.approx(np.zeros(10), abs=0.18)
    assert z.std(axis=0) / expected.std(axis=0) == pytest.approx(np.ones(10), abs=0.13)


def test_points_in_a_plane_have_a_gaussian_too():
    z = np.random.default_rng(1).standard_normal((300, 40))
    z[:, :20] = z[:, 20:]

    found = fit_gaussian(z.mean(axis=0), np.cov(z.T, bias=True), 50.0)

    assert np.isfinite(found.root).all()
    assert np.isfinite(found.inverse_root).all()
    assert found.whiten(found.colour(z)) == pytest.approx(z, abs=1e-6)
