import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.experiments.parameters.posteriors import (
    DEFAULTS,
    PRIOR,
    Posterior,
    default_posterior,
    load_posterior,
    shipped_posteriors,
)
from sim.experiments.parameters.priors import NAMES, prior_draws, with_priors
from sim.experiments.parameters.sources import OTHERS, OWN_FITS, described_draws, warn_of_differences
from sim.model.parameters import PARAMETERS, Parameters
from sim.output.parquet import write_parquet
from sim.scenario import load
from tests.conftest import SHIPPED
from tests.worlds import scenario

DIGESTS = {
    "explanation-faithless-guarantor": "05313fb9",
    "explanation-faithless-guarantor-2019": "b8f3bfa8",
    "explanation-no-legal-duty": "b7c1e5b7",
    "explanation-no-legal-duty-2019": "bfd2006a",
    "explanation-overstretched": "066166ee",
    "explanation-overstretched-2019": "b7e7cd44",
    "explanation-price-of-crossing": "4d0fd450",
    "explanation-price-of-crossing-2019": "eea79a24",
    "general": "e3f8be40",
    "posterior-2019": "537e6a9c",
    "posterior-full": "5107dd93",
    "reference-class": "945589e9",
    "without-ARM": "ba79852c",
    "without-AZE": "0369a9a1",
    "without-BLR": "65ad08a8",
    "without-GEO": "e245ab60",
    "without-KAZ": "c84ec0a8",
    "without-KGZ": "16433128",
    "without-RUS": "6824c89c",
    "without-TJK": "a5e7143b",
    "without-UZB": "12163044",
}
"""Digests that ids of stored results rest on; `make calibration` gives new ones."""


def made(count: int = 5) -> Posterior:
    return Posterior.of_sets("mine", prior_draws(count, seed=1), np.full(count, 1.0 / count), {"n": 1}, {"seed": 1})


def written(tmp_path: Path, table: pd.DataFrame) -> Path:
    """Write a table with the description of a posterior, without the digest of its values."""
    path = tmp_path / "mine.parquet"
    made().save(path)
    about = {key: value for key, value in pq.read_schema(path).metadata.items() if key != b"csto-sim block digest"}
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(about), path)
    return path


def table() -> pd.DataFrame:
    frame = pd.DataFrame(made().values, columns=list(NAMES))
    frame["weight"] = 0.2
    return frame


def test_it_is_read_back_as_it_was_written(tmp_path: Path):
    one = made()
    one.save(tmp_path / "below" / "mine.parquet")
    found = load_posterior(tmp_path / "below" / "mine.parquet")
    assert (found.values == one.values).all()
    assert (found.weights == one.weights).all()
    assert (found.name, found.digest, found.diagnostics, found.provenance) == (
        "mine",
        one.digest,
        {"n": 1},
        {"seed": 1},
    )
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["mine.parquet"]


@pytest.mark.parametrize("seed", range(20))
def test_its_digest_is_that_of_what_is_read(tmp_path: Path, seed: int):
    weight = np.random.default_rng(seed).random(5)
    one = Posterior.of_sets("mine", made().values, weight / weight.sum())
    one.save(tmp_path / "mine.parquet")
    assert load_posterior(tmp_path / "mine.parquet").digest == one.digest


def test_weights_that_do_not_sum_to_one_are_scaled(tmp_path: Path):
    found = load_posterior(written(tmp_path, table().assign(weight=[1.0, 0.0, 0.0, 0.0, 3.0])))
    assert found.weights == pytest.approx([0.25, 0.0, 0.0, 0.0, 0.75])


def test_a_draw_depends_on_seed_and_number_alone():
    one = made()
    assert (one.draws(50, seed=3)[:7] == one.draws(7, seed=3)).all()
    assert (one.rows(3, np.array([6, 2])) == one.draws(7, seed=3)[[6, 2]]).all()
    assert (one.draws(50, seed=3) != one.draws(50, seed=4)).any()


def test_draws_come_as_often_as_their_weights_say():
    values = prior_draws(3, seed=1)
    one = Posterior.of_sets("mine", values, np.array([0.6, 0.0, 0.4]))
    drawn = one.draws(20_000, seed=1)
    shares = [(drawn == row).all(axis=1).mean() for row in values]
    assert shares == pytest.approx([0.6, 0.0, 0.4], abs=0.015)
    assert one.effective_size == pytest.approx(1.0 / 0.52)


def test_the_digest_tells_weights_and_values_apart():
    one = made()
    assert one.digest == made().digest
    assert one.digest != replace(one, stored=one.stored + 1e-9).digest
    assert one.digest != replace(one, weights=one.weights[::-1] * np.arange(1, 6)).digest


def test_seeds_out_of_range_are_refused():
    with pytest.raises(InputError, match="seed -1"):
        made().draws(1, seed=-1)


def test_the_defaults_are_a_posterior_of_one_set():
    one = default_posterior()
    assert one.name == DEFAULTS
    assert one.draws(3, seed=9).tolist() == [list(one.values[0])] * 3


def test_what_ensembles_take_exists():
    assert {OTHERS, *OWN_FITS.values()} <= {PRIOR, *shipped_posteriors()}
    for name in shipped_posteriors():
        assert load_posterior(name).name == name


def test_names_and_files_that_are_none_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"allowed: a \.parquet file, defaults"):
        load_posterior("posterior-fool")
    with pytest.raises(InputError, match="no posterior can be read"):
        load_posterior(tmp_path / "missing.parquet")
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(InputError, match="no posterior can be read"):
        load_posterior(tmp_path / "text.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="is not a posterior"):
        load_posterior(tmp_path / "other.parquet")


def test_values_that_are_not_those_of_the_digest_are_refused(tmp_path: Path):
    path = tmp_path / "mine.parquet"
    made(400).save(path)
    table = pq.read_table(path)
    pq.write_table(table.take(np.arange(400)[::-1]).replace_schema_metadata(table.schema.metadata), path)
    with pytest.raises(InputError, match=r"mine\.parquet: damaged; its values do not have the digest"):
        load_posterior(path)


def test_pages_are_checked_where_there_is_no_digest(tmp_path: Path):
    path = tmp_path / "mine.parquet"
    made(400).save(path)
    table = pq.read_table(path)
    about = {key: value for key, value in table.schema.metadata.items() if key != b"csto-sim block digest"}
    write_parquet(table.replace_schema_metadata(about), path)
    content = bytearray(path.read_bytes())
    content[2000] ^= 1  # among the values of a column
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"no posterior can be read .*CRC"):
        load_posterior(path)


def test_the_digests_of_the_shipped_posteriors_stay_whatever_the_table_holds():
    assert {name: load_posterior(name).digest for name in shipped_posteriors()} == DIGESTS


@pytest.mark.parametrize("name", shipped_posteriors())
def test_the_shipped_posteriors_hold_constants_at_their_defaults(name: str):
    found = load_posterior(name)
    assert found.constants == ()
    for place, row in enumerate(PARAMETERS.values()):
        if not row.fitted:
            assert (found.values[:, place] == row.default).all()


def test_constants_are_not_stored():
    assert made().columns == with_priors()
    moved = made().values
    moved[0, NAMES.index("minimum_stake")] = 0.2
    one = Posterior.of_sets("mine", moved, made().weights)
    assert set(one.columns) - set(with_priors()) == {"minimum_stake"}
    assert (one.values == moved).all()


def test_a_parameter_that_is_not_stored_has_its_default(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    found = load_posterior(written(tmp_path, table().drop(columns=["record_weight", "reach"])))
    whole = load_posterior(written(tmp_path / "whole", table()))
    assert found.filled == {"record_weight": 0.5, "reach": 2.0}
    for place, name in enumerate(NAMES):
        expected = PARAMETERS[name].default if name in found.filled else whole.values[:, place]
        assert (found.values[:, place] == expected).all()
    assert (found.draws(4, seed=2)[:, NAMES.index("reach")] == 2.0).all()
    about = {"name": "mine", "digest": found.digest}
    assert described_draws(found) == {**about, "filled": {"record_weight": 0.5, "reach": 2.0}}
    assert described_draws(found, ["reach"]) == {**about, "filled": {"record_weight": 0.5}}
    warn_of_differences([found], ["reach"])
    assert [record.getMessage() for record in caplog.records] == [
        "parameters 'mine': the fit predates the present equations; at their table values in every run: record_weight"
    ]
    assert caplog.records[0].levelno == logging.WARNING


def test_a_new_mechanism_that_is_off_needs_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    found = load_posterior(written(tmp_path, table().drop(columns="record_weight")))
    row = PARAMETERS["record_weight"]
    monkeypatch.setitem(PARAMETERS, "record_weight", replace(row, off=row.default))
    warn_of_differences([found, None])
    assert not caplog.records
    assert described_draws(found) == {"name": "mine", "digest": found.digest, "filled": {"record_weight": row.default}}


def test_a_parameter_that_the_model_no_longer_has_is_ignored_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    whole = load_posterior(written(tmp_path, table()))
    found = load_posterior(written(tmp_path / "older", table().assign(old_name=7.0)))
    assert (found.values == whole.values).all()
    assert found.digest != whole.digest  # of all that is stored
    assert found.ignored == ("old_name",)
    assert described_draws(found) == {"name": "mine", "digest": found.digest, "ignored": ["old_name"]}
    warn_of_differences([found, found], source="fitted")
    assert [record.getMessage() for record in caplog.records] == [
        "parameters 'fitted': in the fit, but parameters of the model no longer, so ignored: old_name"
    ]
    found.save(tmp_path / "again.parquet")
    assert load_posterior(tmp_path / "again.parquet").digest == found.digest


def test_constants_of_a_fit_hold_where_the_table_has_others_now(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    found = load_posterior(written(tmp_path, table().assign(minimum_stake=0.2)))
    assert found.constants == ("minimum_stake",)
    assert (found.values[:, NAMES.index("minimum_stake")] == 0.2).all()
    assert Parameters().minimum_stake == 0.1
    warn_of_differences([found], ["minimum_stake"])
    assert not caplog.records
    warn_of_differences([found])
    assert "of which the fit has other values than the table" in caplog.text


def test_tables_out_of_range_or_without_weights_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="lacks the column 'weight'"):
        load_posterior(written(tmp_path, table().drop(columns="weight")))
    with pytest.raises(InputError, match="'old_name' has values of type large_string; allowed: numbers"):
        load_posterior(written(tmp_path, table().assign(old_name="seven")))
    with pytest.raises(InputError, match="record_weight is 2; allowed: 0 to 1"):
        load_posterior(written(tmp_path, table().assign(record_weight=2.0)))
    with pytest.raises(InputError, match="record_weight is nan"):
        load_posterior(written(tmp_path, table().assign(record_weight=np.nan)))
    with pytest.raises(InputError, match="weights are no weights"):
        load_posterior(written(tmp_path, table().assign(weight=0.0)))


def test_an_alliance_draws_from_its_own_fit_and_any_other_from_the_default():
    own, other = load("scenarios/first-steps.toml"), scenario()
    assert (SHIPPED(own), SHIPPED(other)) == (OWN_FITS["CSTO"], OTHERS)
