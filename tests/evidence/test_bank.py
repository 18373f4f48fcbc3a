from pathlib import Path

import numpy as np
import pytest

from sim.evidence import bank as banks
from sim.evidence.bank import Bank, BankSection, noise_of
from sim.evidence.bench import Bench
from sim.evidence.patterns import load_patterns
from sim.experiments.parameters.priors import prior_draws
from sim.scenario import load
from tests.docs.play import ROOT

CHUNK, SETS = 6, 8


@pytest.fixture(scope="module")
def bench() -> Bench:
    kept = (
        "honoured-lenient",
        "recurrence",
        "kazakhstan-keeps-to-it",
        "kazakhstan-appeals-2022",
        "kyrgyzstan-2010-declined",
    )
    patterns = [one for one in load_patterns() if one.name in kept]
    return Bench.of(load(ROOT / "scenarios" / "csto-history.toml"), patterns)


def opened(folder: Path, bench: Bench, seed: int = 1, threads: int = 1) -> Bank:
    return Bank(folder, bench, replicates=2, seed=seed, threads=threads)


def test_a_stopped_section_goes_on_and_ends_with_the_same_file(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(banks, "CHUNK", CHUNK)
    sets = prior_draws(SETS, seed=1)
    whole = opened(tmp_path / "whole", bench).section("prior", sets)

    calls: list[int] = []
    measure = Bench.measure

    def counting(self: Bench, parameters: np.ndarray, *args: int, **options: int) -> np.ndarray:
        calls.append(len(parameters))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measure(self, parameters, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Bench, "measure", counting)
    told: list[tuple[int, int]] = []
    with pytest.raises(KeyboardInterrupt):
        opened(tmp_path / "stopped", bench).section("prior", sets)
    assert list((tmp_path / "stopped").glob("*.parquet")) == []
    found = opened(tmp_path / "stopped", bench, threads=2).section("prior", sets, progress=lambda *n: told.append(n))
    assert calls == [CHUNK, SETS - CHUNK, SETS - CHUNK]  # the first chunk was kept
    assert np.array_equal(found.halves, whole.halves, equal_nan=True)
    (one,), (other,) = (list((tmp_path / name).iterdir()) for name in ("whole", "stopped"))
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()
    assert told[-1][0] == told[-1][1] == SETS * 2 * 4


def test_what_was_measured_is_read_and_damage_is_measured_anew(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    sets = prior_draws(4, seed=1)
    first = opened(tmp_path, bench).section("prior", sets)
    with monkeypatch.context() as patched:
        patched.setattr(Bench, "measure", None)
        again = opened(tmp_path, bench).section("prior", sets)
    assert np.array_equal(first.halves, again.halves, equal_nan=True)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    mended = opened(tmp_path, bench).section("prior", sets)
    assert np.array_equal(first.halves, mended.halves, equal_nan=True)


def test_other_draws_or_another_seed_are_another_section(tmp_path: Path, bench: Bench):
    opened(tmp_path, bench).section("prior", prior_draws(4, seed=1))
    opened(tmp_path, bench).section("prior", prior_draws(4, seed=2))
    opened(tmp_path, bench, seed=2).section("prior", prior_draws(4, seed=1))
    assert len(list(tmp_path.iterdir())) == 3


def test_common_draws_are_common(bench: Bench):
    twice = np.repeat(prior_draws(1, seed=1), 2, axis=0)
    common = bench.measure(twice, 4, 1, common=True)
    apart = bench.measure(twice, 4, 1)
    assert np.array_equal(common[0], common[1], equal_nan=True)
    assert not np.array_equal(apart[0], apart[1], equal_nan=True)


def test_a_set_is_measured_alike_wherever_its_chunk_begins(bench: Bench):
    sets = prior_draws(6, seed=1)
    whole = bench.measure(sets, 2, 1)
    assert np.array_equal(bench.measure(sets[4:], 2, 1, first=4), whole[4:], equal_nan=True)


def test_means_and_noise_of_halves_by_hand():
    halves = np.array([[[0.0, 1.0], [0.4, np.nan]], [[0.5, np.nan], [0.5, np.nan]]])
    section = BankSection(np.zeros((2, 1)), halves, ())
    assert section.means == pytest.approx(np.array([[0.2, 1.0], [0.5, np.nan]]), nan_ok=True)
    assert noise_of(halves) == pytest.approx([0.02, 0.0])  # (0.4 / 2)^2 and 0, averaged; nothing to compare
