"""The results that users hold: the data, with everything that is made of them."""

import inspect
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.experiments import ensemble
from sim.output.result import ResultData
from sim.output.store import save
from sim.plots.gallery import KINDS, ResultFigures

SMALL = Path(__file__).parent / "experiments" / "small.toml"


@pytest.fixture(scope="module")
def result() -> sim.Result:
    return sim.run(SMALL, replicates=4, workers=1)


def test_run_gives_the_data_of_the_ensemble_and_keeps_its_signature(result: sim.Result) -> None:
    plain = ensemble.run(SMALL, replicates=4, workers=1)
    assert type(result) is sim.Result
    assert type(plain) is ResultData
    assert not hasattr(plain, "plot")
    assert result.data.identical(plain.data)
    assert result.metrics.identical(plain.metrics)
    pd.testing.assert_frame_equal(result.responses, plain.responses)
    assert inspect.signature(sim.run).replace(return_annotation=None) == inspect.signature(ensemble.run).replace(
        return_annotation=None
    )
    assert inspect.signature(sim.run).return_annotation is sim.Result
    assert sim.run.__doc__ == ensemble.run.__doc__
    assert (sim.run.__module__, sim.run.__qualname__) == ("sim.result", "run")  # by which pickle finds it


def test_stored_results_are_read_with_their_figures_and_reports(result: sim.Result, tmp_path: Path) -> None:
    again = sim.Result.read(save(result, tmp_path / "small"))
    assert type(again) is sim.Result
    assert again.folder == tmp_path / "small"
    assert {field.name for field in fields(again)} == {field.name for field in fields(ResultData)}
    assert again.plot.trust("BBB").get_label() == result.plot.trust("BBB").get_label()
    assert str(again.report()) == str(result.report())
    assert str(again.explain("BBB", "2021-06", replicate=1).decisions) == str(
        result.explain("BBB", "2021-06", replicate=1).decisions
    )
    assert again.comparison(*again.branches[:2]).plot().get_label().startswith("What changes")


def test_every_figure_of_the_gallery_is_a_method_that_tells_its_options(result: sim.Result) -> None:
    assert list(KINDS) == [name for name in vars(ResultFigures) if not name.startswith("_")]
    assert list(inspect.signature(result.plot.trust).parameters) == ["state", "branch", "events"]
    assert set(KINDS) <= set(dir(result.plot))
