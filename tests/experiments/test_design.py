from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from SALib.sample import morris, sobol

from sim.errors import InputError
from sim.experiments.design import described, lay_out, sampling_seed
from sim.experiments.factors import Listed, Range
from sim.experiments.parameters.priors import prior_of
from sim.experiments.sweep_schema import Design

AB = (Listed("a", (1, 2)), Listed("b", ("x", "y", "z")))
REACH = Range("parameters.reach", 0.5, 5.0, "LN(2, 0.5)")
SIDE = Range("s", -1.0, 1.0)


def test_a_grid_is_every_combination_the_last_key_fastest():
    points = lay_out(Design(kind="grid"), AB, seed=1)
    assert len(points) == 6
    assert [points.point(number) for number in (0, 1, 5)] == [
        (("a", 1), ("b", "x")),
        (("a", 1), ("b", "y")),
        (("a", 2), ("b", "z")),
    ]
    assert type(points.point(0)[0][1]) is int
    assert list(points.shown()["a"]) == [1, 1, 1, 2, 2, 2]
    assert list(points.shown()["b"]) == ["x", "y", "z"] * 2


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_key():
    points = lay_out(Design(kind="latin-hypercube", samples=20), (SIDE, REACH), seed=5)
    slices = np.sort(np.floor((points.columns[0] + 1) / 2 * 20))
    np.testing.assert_array_equal(slices, np.arange(20))
    borders = prior_of("reach").quantile(np.arange(21) / 20)
    assert [int(np.histogram(points.columns[1], borders)[0][n]) for n in range(20)] == [1] * 20
    again, other = (lay_out(Design(kind="latin-hypercube", samples=20), (SIDE, REACH), seed=n) for n in (5, 6))
    np.testing.assert_array_equal(again.columns[0], points.columns[0])
    assert (other.columns[0] != points.columns[0]).any()


@pytest.mark.parametrize(("second_order", "rows"), [(False, 4), (True, 6)])
def test_sobol_is_salibs_design_in_salibs_order(second_order, rows):
    points = lay_out(Design(kind="sobol", samples=8, second_order=second_order), (SIDE, REACH), seed=7)
    assert len(points) == 8 * rows
    problem = {"num_vars": 2, "names": ["p", "q"], "bounds": [[0, 1], [0, 1]]}
    unit = sobol.sample(problem, 8, calc_second_order=second_order, seed=8)
    np.testing.assert_allclose(points.columns[0], 2 * unit[:, 0] - 1)
    np.testing.assert_allclose(points.columns[1], prior_of("reach").quantile(unit[:, 1]))
    assert list(points.shown()) == ["s", "parameters.reach"]
    assert points.point(3) == (("s", points.columns[0][3]), ("parameters.reach", points.columns[1][3]))


def test_morris_moves_one_key_at_a_time_and_keeps_its_places():
    design = Design(kind="morris", samples=5, levels=6)
    points = lay_out(design, (SIDE, REACH, AB[1]), seed=0)
    assert len(points) == 5 * 4
    unit = np.column_stack([points.shown()[f"unit:{key}"] for key in ("s", "parameters.reach", "b")])
    problem = {"num_vars": 3, "names": list("pqr"), "bounds": [[0, 1]] * 3}
    np.testing.assert_array_equal(unit, morris.sample(problem, 5, num_levels=6, seed=1))
    steps = np.diff(unit.reshape(5, 4, 3), axis=1)
    assert (np.count_nonzero(steps, axis=2) == 1).all()
    np.testing.assert_allclose(np.abs(steps).max(axis=2), 0.6)
    np.testing.assert_allclose(points.columns[0], 2 * unit[:, 0] - 1)
    assert set(points.shown()["b"]) <= {"x", "y", "z"}
    assert points.columns[1].min() >= 0.5
    assert points.columns[1].max() <= 5.0


@pytest.mark.parametrize(("kind", "second", "rows"), [("sobol", False, 4), ("sobol", True, 6), ("morris", False, 3)])
def test_the_factors_of_a_group_are_moved_together(kind, second, rows):
    design = Design(kind=kind, samples=8, groups=True, **({"second_order": second} if kind == "sobol" else {}))
    factors = (replace(SIDE, group="one"), replace(REACH, group="other"), replace(AB[1], group="one"))
    points = lay_out(design, factors, seed=0)
    assert len(points) == rows * 8
    columns = np.column_stack(points.columns).reshape(8, rows, 3)
    first = columns[:, 1] != columns[:, 0]
    assert not (first[:, 1] & first[:, 0]).any()


def test_manifests_say_what_applies():
    assert described(Design(kind="grid"), 7, ()) == {"kind": "grid"}
    assert described(Design(kind="sobol", samples=8), 0, ()) == {
        "kind": "sobol", "samples": 8, "seed": 1, "second_order": False,
    }  # fmt: skip
    assert described(Design(kind="morris", samples=3), 7, ()) == {
        "kind": "morris",
        "samples": 3,
        "seed": 8,
        "levels": 4,
    }
    grouped = described(Design(kind="morris", samples=3, groups=True), 7, (replace(SIDE, group="a"),))
    assert grouped["groups"] == ["a"]
    assert 1 <= sampling_seed(2**53 - 1) < 2**32


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "sobol"}, "needs 'samples'"),
        ({"kind": "sobol", "samples": 48}, "powers of 2"),
        ({"kind": "morris", "samples": 4, "levels": 5}, "even numbers"),
        ({"kind": "grid", "samples": 4}, "does not go with kind 'grid'"),
        ({"kind": "latin-hypercube", "samples": 4, "levels": 4}, "'levels', which does not go"),
        ({"kind": "list"}, "needs 'file'"),
        ({"kind": "grid", "groups": True}, "'groups', which does not go"),
    ],
)
def test_numbers_that_do_not_fit_the_kind_are_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        Design(**fields)


def test_more_points_than_can_be_held_are_refused():
    many = Listed("k", tuple(range(1001)))
    with pytest.raises(InputError, match="1002001 points of 2 keys; allowed: 1000000 points"):
        lay_out(Design(kind="grid"), (many, many), seed=1)
    wide = [Range(f"k{number}", 0.0, 1.0) for number in range(30)]
    with pytest.raises(InputError, match="20000000 values"):
        lay_out(Design(kind="latin-hypercube", samples=1_000_000), wide, seed=1)
