"""How long the figures of a run take: all that `csto-sim run` draws of the shipped scenario, as PNG and SVG."""

import time

import pytest

import sim
from sim.plots.gallery import KINDS, draw_all
from tests.benchmarks.test_engine_speed import KARABAKH

FLOOR = 9.0
"""Seconds of processor time that the files of figures may take."""


@pytest.fixture(scope="module")
def result():
    return sim.run(sim.load(KARABAKH), replicates=4, engine="mesa")


@pytest.mark.slow
def test_the_figures_of_a_run(benchmark, result, tmp_path):
    took = []

    def drawn():
        began = time.process_time()
        paths = draw_all(result, tmp_path)
        took.append(time.process_time() - began)
        return paths

    paths = benchmark.pedantic(drawn, rounds=1, warmup_rounds=1)
    assert len(paths) == 2 * len(KINDS) + 1  # with the data of the map
    assert min(took) < FLOOR
