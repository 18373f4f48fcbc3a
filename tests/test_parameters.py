"""The one table of parameters: whole, in range, at the medians of its priors."""

import pytest

from sim.experiments.parameters.priors import prior_of
from sim.parameters import KEY_PARAMETERS, PARAMETERS, Parameters, make_parameters


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
    near = row.default == pytest.approx(prior_of(name).median(), rel=0.005)
    assert near != bool(row.departure), (name, row.default, prior_of(name).median())


def test_no_default_departs_but_those_that_are_off():
    assert [name for name, row in PARAMETERS.items() if row.departure and row.default != row.off] == []


def test_parameters_reach_the_rules_by_name():
    assert Parameters._fields == tuple(PARAMETERS)
    assert make_parameters({"reach": 1.5}).reach == 1.5
    assert set(KEY_PARAMETERS) <= set(PARAMETERS)
    assert len(KEY_PARAMETERS) == 8
