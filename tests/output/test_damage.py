"""One changed bit in a stored file is refused, or changes nothing that is read."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.experiments.factors import read_factors
from sim.experiments.parameters.posteriors import Posterior, load_posterior
from sim.experiments.parameters.priors import prior_draws
from sim.experiments.plan import Plan
from sim.experiments.sweep import sweep
from sim.experiments.sweep_schema import Design
from sim.output.parquet import read_parquet, write_parquet
from sim.output.store import read, save
from sim.output.sweeps import read_sweep
from sim.result import run
from sim.scenario import Scenario

Read = Callable[[Path], list[object]]

FILES = {
    "result": ("metrics.parquet", "trajectories.parquet", "kept.parquet", "manifest.json"),
    "sweep": ("runs.parquet", "sweep.parquet", "design.parquet"),
    "posterior": ("mine.parquet",),
}


def of_result(folder: Path) -> list[object]:
    result = read(folder)
    assert result.kept is not None
    arrays = [values.to_numpy() for values in result.data.values()]
    return [*arrays, result.kept, result.responses, result.seed, result.scenario, result.branches, result.name]


def of_sweep(folder: Path) -> list[object]:
    found = read_sweep(folder)
    return [found.table, found.points, found.runs(), found.seed, found.scenario, found.kinds]


def of_posterior(folder: Path) -> list[object]:
    found = load_posterior(folder / "mine.parquet")
    return [found.stored, found.weights, found.columns, found.name, found.diagnostics, found.provenance]


READS: dict[str, Read] = {"result": of_result, "sweep": of_sweep, "posterior": of_posterior}


@pytest.fixture(scope="module")
def stored(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("stored")
    save(run(scenario, replicates=12, keep=[0, 3], workers=1, name="small"), place / "result")
    factors = read_factors(["parameters.memory_half_life=24,60"])
    plan = Plan("small", scenario, Design(kind="grid"), factors, metrics=["BBB.trust[AAA]@end"], replicates=30)
    sweep(plan, out=place / "sweep", workers=1)
    Posterior.of_sets("mine", prior_draws(50, 1), np.full(50, 0.02), {"n": 1}, {"seed": 1}).save(
        place / "posterior" / "mine.parquet"
    )
    return place


def is_same(one: object, other: object) -> bool:
    if isinstance(one, pd.DataFrame):
        return one.equals(other)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other


def harmful(stored: Path, kind: str, name: str, flips: int, tmp_path: Path) -> list[int]:
    """Return the bits of a file whose change is neither refused nor without effect."""
    folder = tmp_path / kind
    shutil.copytree(stored / kind, folder)
    whole = (stored / kind / name).read_bytes()
    before = READS[kind](stored / kind)
    wrong = []
    for bit in np.random.default_rng(len(name)).choice(8 * len(whole), flips, replace=False).tolist():
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        (folder / name).write_bytes(content)
        try:
            after = READS[kind](folder)
        except InputError:
            continue
        if not all(map(is_same, before, after)):
            wrong.append(bit)
    return wrong


def check(stored: Path, kind: str, flips: int, tmp_path: Path) -> None:
    for name in FILES[kind]:
        assert harmful(stored, kind, name, flips, tmp_path / name) == []


@pytest.mark.parametrize("kind", FILES)
def test_no_changed_bit_is_read_as_other_numbers(stored: Path, kind: str, tmp_path: Path):
    check(stored, kind, 6, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_sixty_changed_bits_of_each_file_are_harmless(stored: Path, kind: str, tmp_path: Path):
    check(stored, kind, 60, tmp_path)


def test_a_page_has_a_checksum(tmp_path: Path):
    table = pa.table({"value": np.random.default_rng(1).random(5000)})
    write_parquet(table, tmp_path / "with.parquet")
    pq.write_table(table, tmp_path / "without.parquet", compression="zstd", use_dictionary=False)
    for path in tmp_path.iterdir():
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 1
        path.write_bytes(content)
    assert not read_parquet(tmp_path / "without.parquet").equals(table)
    with pytest.raises(OSError, match=r"(?i)crc"):
        read_parquet(tmp_path / "with.parquet")


def test_one_module_writes_and_reads_tables():
    calls = re.compile(r"pq\.write_table\(|ParquetWriter\(|ParquetFile\(|pq\.read_table\(|pd\.read_parquet\(")
    users = {path.name for path in Path("sim").rglob("*.py") if calls.search(path.read_text(encoding="utf-8"))}
    assert users == {"parquet.py"}
