"""How long the parts take: one tick, one replicate, loading and building a file, reading a result back."""

import time
from pathlib import Path

import pytest

from sim.engine.model import EngineModel
from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.scenario import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
KARABAKH = SCENARIOS / "karabakh-2023.toml"
FLOOR = 0.3
"""Seconds of processor time that one replicate of the shipped scenario may take in the Mesa engine."""


def least_processor_time(run, rounds=3):
    """Return the least processor time of a few runs, which other work on the machine does not change."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        run()
        took.append(time.process_time() - began)
    return min(took)


@pytest.fixture(scope="module")
def setup():
    return prepare(load(KARABAKH), "as-happened")


def test_one_tick(benchmark, setup):
    def fresh():
        return (EngineModel(setup, seed=1, replicate=0),), {}

    benchmark.pedantic(lambda model: model.step(), setup=fresh, rounds=20)
    model = fresh()[0][0]
    assert model.tick == 0
    assert least_processor_time(model.step) < FLOOR / 10


def test_one_replicate(benchmark, setup):
    def run():
        return EngineModel(setup, seed=1, replicate=0).run()

    trajectory = benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    assert len(trajectory.dates) == 85
    assert least_processor_time(run) < FLOOR


def test_one_replicate_with_tables_and_decisions(benchmark, setup):
    def run():
        model = AllianceModel(setup, rng=1, parameters="defaults")
        model.run()
        return model

    model = benchmark.pedantic(run, rounds=3)
    assert model.decisions
    assert least_processor_time(run) < 2 * FLOOR


def test_loading_a_file(benchmark):
    scenario = benchmark.pedantic(lambda: load(KARABAKH), rounds=3)
    assert len(scenario.branches) == 8


def test_building_a_branch(benchmark):
    scenario = load(KARABAKH)
    built = benchmark.pedantic(lambda: prepare(scenario, "as-happened"), rounds=5)
    assert len(built.codes) == 17
