"""The one table of parameters: whole, in range, at the medians of its priors."""

import re

import numpy as np
import pytest
from scipy import stats

from sim.parameters import KEY_PARAMETERS, PARAMETERS, Parameters, make_parameters

PRIOR = re.compile(r"(?P<kind>LN|N|HalfN|Beta|Exp|U)\((?P<numbers>[^)]*)\)(?P<cut>\+?)")


def median(prior):
    found = PRIOR.fullmatch(prior)
    assert found, prior
    numbers = [float(number) for number in found["numbers"].split(",")]
    if found["kind"] == "LN":
        return numbers[0]
    if found["kind"] == "N":
        middle, spread = numbers
        return stats.truncnorm(-middle / spread, np.inf, middle, spread).median() if found["cut"] else middle
    if found["kind"] == "Beta":
        return stats.beta(*numbers).median()
    if found["kind"] == "U":
        return sum(numbers) / 2
    return {"HalfN": stats.halfnorm, "Exp": stats.expon}[found["kind"]](scale=numbers[0]).median()


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_row_is_whole_and_in_range(name):
    row = PARAMETERS[name]
    assert row.low <= row.default <= row.high
    assert row.symbol
    assert row.unit
    assert row.meaning
    assert row.source
    assert row.group


@pytest.mark.parametrize("name", [name for name, row in PARAMETERS.items() if row.prior != "fixed"])
def test_defaults_are_the_medians_of_the_priors_or_say_why_not(name):
    row = PARAMETERS[name]
    near = row.default == pytest.approx(median(row.prior), rel=0.005)
    assert near != bool(row.departure), (name, row.default, median(row.prior))


def test_only_the_readiness_to_appeal_departs():
    assert [name for name, row in PARAMETERS.items() if row.departure] == ["call_base"]


def test_parameters_reach_the_rules_by_name():
    assert Parameters._fields == tuple(PARAMETERS)
    assert make_parameters({"reach": 1.5}).reach == 1.5
    assert set(KEY_PARAMETERS) <= set(PARAMETERS)
    assert len(KEY_PARAMETERS) == 8
