"""The files of a calibration, from a made-up one."""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.calibration import files
from sim.evidence.calibration.calibrating import EARLY, FULL, GENERAL, contraction
from sim.evidence.calibration.checks import met
from sim.evidence.calibration.cube import coordinates
from sim.evidence.calibration.fits import PARTICLES, PER_COORDINATE, SMALL, FitSize
from sim.experiments.parameters.posteriors import load_posterior
from sim.output import manifest
from sim.scenario import Scenario, load
from tests.docs.play import ROOT
from tests.evidence.calibration.made import NARROW, calibration, fit_of, patterns


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(ROOT / "scenarios" / "csto-history.toml")


def test_a_calibration_is_stored_whole_with_posteriors_that_load(tmp_path: Path, history: Scenario):
    found, size = calibration(), FitSize()
    files.save(found, patterns(), history, size, tmp_path / "one", 1.5)
    content = manifest.read(tmp_path / "one")
    assert (content["kind"], content["seed"], content["particles"]) == ("calibration", 1, PARTICLES)
    assert content["id"] == files.identity(history, size)
    assert content["posteriors"][FULL]["tail"] is None  # minus infinity, which JSON does not have
    assert set(content["files"]) == {
        "fits.csv", "exponents.csv", "contraction.csv", "members.csv", "patterns.csv",
        *(f"{name}.parquet" for name in found.fits),
    }  # fmt: skip
    for name, posterior in found.posteriors().items():
        stored = load_posterior(tmp_path / "one" / f"{name}.parquet")
        assert stored.digest == posterior.digest == content["posteriors"][name]["digest"]
        assert stored.diagnostics["exponent"] == 0.4
    with pytest.raises(InputError, match="not empty"):
        files.save(found, patterns(), history, size, tmp_path / "one")


def test_tables_tell_what_is_identified_and_where_the_model_is_surprised():
    found = calibration()
    tables = files.tables(found, patterns())
    moved = tables["contraction.csv"]
    assert moved["fit"].unique().tolist() == [GENERAL, EARLY, FULL]
    assert (moved.groupby("fit")["parameter"].nunique() == len(coordinates())).all()
    assert moved.loc[moved["width"] <= 0.5, "parameter"].tolist() == [NARROW] * 3
    assert tables["fits.csv"]["identified"].tolist() == [1] * len(found.fits)
    assert files.most_surprising(found.members)["member"].tolist() == ["UZB", "ARM", "KGZ"]
    report = files.report(found, patterns(), Path("there"), 2.0)
    assert report["identified"][FULL] == [NARROW]
    assert report["patterns"]["prior"] == {"panel": 1, "panel of": 1, "world": 0, "world of": 1}


def test_contraction_is_measured_on_the_scale_of_a_standard_normal():
    """The draws lie between the quantiles .1 and .2, where the mean of a standard normal is near -1.05."""
    row = contraction(fit_of(FULL, 1)).set_index("parameter").loc[NARROW]
    assert row["shift"] == pytest.approx(-1.05, abs=0.03)
    assert row["width"] == pytest.approx(0.13, abs=0.02)
    others = contraction(fit_of(FULL, 1)).set_index("parameter").drop(NARROW)
    assert others["width"].between(0.85, 1.15).all()


def test_rows_of_text_are_short():
    found = calibration()
    assert files.fit_rows(found)[-1] == ["overstretched-2019", "0.4", "400", "400", "1"]
    assert files.exponent_rows(found)[0] == ["library", "clusters left out", "0.4", "-5.250"]
    assert [row[:2] for row in files.identified_rows(found)] == [[name, NARROW] for name in files.MAIN]
    assert files.surprise_rows(found)[0] == ["UZB", "observations", "1999", "-4.00"]
    assert files.pattern_rows(patterns()) == [["prior", "0 of 1", "1 of 1"], ["null", "0 of 0", "0 of 1"]]


def test_patterns_that_have_no_value_are_neither_met_nor_missed():
    table = met(patterns()).set_index("parameters")
    assert table.loc["null"].to_dict() == {"panel": 0, "panel of": 1, "world": 0, "world of": 0}


def test_the_identity_depends_on_all_that_settles_the_draws_and_not_on_threads(history: Scenario):
    one = files.identity(history, FitSize())
    assert one == files.identity(history, FitSize(threads=2))
    assert one != files.identity(history, FitSize(seed=2))
    assert one != files.identity(history, FitSize(particles=200))
    assert one != files.identity(history.model_copy(update={"parameters": {"reach": 1.0}}), FitSize())


def test_the_sampler_needs_some_particles_for_each_coordinate():
    least = PER_COORDINATE * len(coordinates())
    assert FitSize.of(least) == FitSize(least, least)
    assert FitSize.of() == FitSize(PARTICLES, SMALL)
    assert replace(FitSize.of(PARTICLES, seed=3, threads=2), seed=1, threads=1) == FitSize()
    with pytest.raises(InputError, match=f"particles {least - 1} is not allowed; allowed: whole numbers from {least}"):
        FitSize.of(least - 1)
