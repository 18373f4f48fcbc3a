"""The one table of parameters: whole, in range, at the medians of its priors."""

import pytest

from sim import mechanisms
from sim.experiments.parameters.priors import prior_of
from sim.mechanisms import MECHANISMS
from sim.model.parameters import KEY_PARAMETERS, PARAMETERS, Parameters, make_parameters


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


def test_mechanisms_are_off_at_the_values_that_the_table_declares():
    declared = {name: row.off for name, row in PARAMETERS.items() if row.off is not None}
    read = {(each.name, name): value for each in MECHANISMS.values() for name, value in each.off.items()}
    assert read.pop(("interest", "record_weight")) == 1.0  # the other end of the scale between interest and record
    assert {name: value for (_, name), value in read.items()}.items() <= declared.items()


def test_a_mechanism_needs_parameters_that_declare_where_they_are_off():
    with pytest.raises(ValueError, match=r"parameters\.py declares no off value of reach, call_base"):
        mechanisms._off("evidence_weight", "reach", "call_base")


def test_parameters_reach_the_rules_by_name():
    assert Parameters._fields == tuple(PARAMETERS)
    assert make_parameters({"reach": 1.5}).reach == 1.5
    assert set(KEY_PARAMETERS) <= set(PARAMETERS)
    assert len(KEY_PARAMETERS) == 8
