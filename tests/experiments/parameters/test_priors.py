import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from sim.errors import InputError
from sim.experiments.parameters.priors import prior_of, read_prior, with_priors
from sim.model.parameters import PARAMETERS
from tests.experiments.conftest import SMALL


@pytest.mark.parametrize(
    ("text", "median", "low_third"),
    [
        ("LN(60, 0.6)", 60.0, 60 * np.exp(0.6 * stats.norm.ppf(1 / 3))),
        ("N(-1.5, 0.5)", -1.5, -1.5 + 0.5 * stats.norm.ppf(1 / 3)),
        ("HalfN(0.3)", 0.3 * stats.norm.ppf(0.75), 0.3 * stats.norm.ppf(2 / 3)),
        ("Exp(2)", 2 * np.log(2), 2 * np.log(1.5)),
        ("U(2, 6)", 4.0, 2 + 4 / 3),
        ("Beta(1, 2)", 1 - np.sqrt(0.5), 1 - np.sqrt(2 / 3)),
    ],
)
def test_each_kind_by_hand(text, median, low_third):
    prior = read_prior(text, -1e9, 1e9)
    assert prior.median() == pytest.approx(median)
    assert float(prior.quantile(1 / 3)) == pytest.approx(low_third, rel=1e-6)


def test_a_plus_cuts_at_zero():
    prior = read_prior("N(1, 1)+", 0, 1e9)
    above = stats.norm.cdf(1)
    assert float(prior.quantile(0.5)) == pytest.approx(1 + stats.norm.ppf(1 - above / 2))
    assert float(prior.quantile(0.0)) == 0.0


def test_the_range_cuts_and_keeps_the_shape():
    prior = read_prior("LN(60, 0.6)", 30, 120)
    levels = np.linspace(0, 1, 101)
    values = prior.quantile(levels)
    assert (values[0], values[-1]) == (30.0, 120.0)
    whole = stats.lognorm(0.6, scale=60)
    share = (whole.cdf(values) - whole.cdf(30)) / (whole.cdf(120) - whole.cdf(30))
    np.testing.assert_allclose(share, levels, atol=1e-12)
    assert prior.quantile(np.zeros((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("name", with_priors())
def test_every_prior_of_the_table_can_be_drawn_from_in_range(name):
    row, prior = PARAMETERS[name], prior_of(name)
    values = prior.quantile(np.linspace(0, 1, 201))
    assert np.isfinite(values).all()
    assert (values >= row.low).all()
    assert (values <= row.high).all()
    assert (np.diff(values) > 0).all()


def test_a_run_needs_no_scipy_stats(tmp_path):
    code = (
        "import sys, sim\n"
        "from sim.output.store import save\n"
        f"save(sim.run({str(SMALL)!r}, replicates=1, engine='mesa'))\n"
        "print('scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_constants_have_no_prior():
    fixed = [name for name, row in PARAMETERS.items() if row.prior == "fixed"]
    assert set(with_priors()) == set(PARAMETERS) - set(fixed)
    with pytest.raises(InputError, match=f"{fixed[0]} is a constant"):
        prior_of(fixed[0])


@pytest.mark.parametrize("text", ["fixed", "LN 60", "Beta(6, 4)+", "Gamma(1, 2)", ""])
def test_other_texts_are_not_priors(text):
    with pytest.raises(ValueError, match="is not a prior"):
        read_prior(text, 0, 1)
