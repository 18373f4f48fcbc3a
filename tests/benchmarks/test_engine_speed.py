"""How long the parts take: one tick, one replicate, loading and building a file, reading a result back."""

from pathlib import Path

import pytest

from sim.engine.model import AllianceModel
from sim.engine.setup import prepare
from sim.scenario import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
KARABAKH = SCENARIOS / "karabakh-2023.toml"
FLOOR = 0.3
"""Seconds that one replicate of the shipped scenario may take in the Mesa engine."""


@pytest.fixture(scope="module")
def setup():
    return prepare(load(KARABAKH), "as-happened")


def test_one_tick(benchmark, setup):
    def fresh():
        return (AllianceModel.from_setup(setup, seed=1, replicate=0),), {}

    benchmark.pedantic(lambda model: model.step(), setup=fresh, rounds=20)
    assert benchmark.stats["min"] < FLOOR / 10


def test_one_replicate(benchmark, setup):
    trajectory = benchmark.pedantic(
        lambda: AllianceModel.from_setup(setup, seed=1, replicate=0).run(), rounds=5, warmup_rounds=1
    )
    assert len(trajectory.dates) == 85
    assert benchmark.stats["min"] < FLOOR


def test_one_replicate_with_tables_and_decisions(benchmark, setup):
    def run():
        model = AllianceModel(setup, rng=1)
        model.run()
        return model

    model = benchmark.pedantic(run, rounds=3)
    assert model.decisions
    assert benchmark.stats["min"] < 2 * FLOOR


def test_loading_a_file(benchmark):
    scenario = benchmark.pedantic(lambda: load(KARABAKH), rounds=3)
    assert len(scenario.branches) == 7


def test_building_a_branch(benchmark):
    scenario = load(KARABAKH)
    built = benchmark.pedantic(lambda: prepare(scenario, "as-happened"), rounds=5)
    assert len(built.codes) == 17
