from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.evidence.draws import NAMES, prior_draws
from sim.evidence.posterior import (
    DEFAULT_SOURCE,
    DEFAULTS,
    Posterior,
    default_posterior,
    load_posterior,
    shipped_posteriors,
)


def made(count: int = 5) -> Posterior:
    return Posterior("mine", prior_draws(count, seed=1), np.full(count, 1.0 / count), {"n": 1}, {"seed": 1})


def written(tmp_path: Path, table: pd.DataFrame) -> Path:
    """Write a table with the description of a posterior."""
    path = tmp_path / "mine.parquet"
    made().save(path)
    about = pq.read_schema(path).metadata
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
    one = Posterior("mine", made().values, weight / weight.sum())
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
    one = Posterior("mine", values, np.array([0.6, 0.0, 0.4]))
    drawn = one.draws(20_000, seed=1)
    shares = [(drawn == row).all(axis=1).mean() for row in values]
    assert shares == pytest.approx([0.6, 0.0, 0.4], abs=0.015)
    assert one.effective_size == pytest.approx(1.0 / 0.52)


def test_the_digest_tells_weights_and_values_apart():
    one = made()
    assert one.digest == made().digest
    assert one.digest != Posterior("mine", one.values + 1e-9, one.weights).digest
    assert one.digest != Posterior("mine", one.values, one.weights[::-1] * np.arange(1, 6)).digest


def test_seeds_out_of_range_are_refused():
    with pytest.raises(InputError, match="seed -1"):
        made().draws(1, seed=-1)


def test_the_defaults_are_a_posterior_of_one_set():
    one = default_posterior()
    assert one.name == DEFAULTS
    assert one.draws(3, seed=9).tolist() == [list(one.values[0])] * 3


def test_what_ensembles_take_exists():
    assert DEFAULT_SOURCE in (DEFAULTS, *shipped_posteriors())
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


def test_tables_of_another_version_or_out_of_range_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="lacks record_weight"):
        load_posterior(written(tmp_path, table().drop(columns="record_weight")))
    with pytest.raises(InputError, match="has old_name"):
        load_posterior(written(tmp_path, table().assign(old_name=1.0)))
    with pytest.raises(InputError, match="record_weight is 2; allowed: 0 to 1"):
        load_posterior(written(tmp_path, table().assign(record_weight=2.0)))
    with pytest.raises(InputError, match="record_weight is nan"):
        load_posterior(written(tmp_path, table().assign(record_weight=np.nan)))
    with pytest.raises(InputError, match="weights are no weights"):
        load_posterior(written(tmp_path, table().assign(weight=0.0)))
