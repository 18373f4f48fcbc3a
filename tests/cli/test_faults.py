"""What must go wrong goes wrong in words, before any run, and leaves nothing behind."""

import errno
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.experiments import executors, memory
from sim.experiments import sweep as sweeping
from sim.experiments.parameters.posteriors import Posterior, load_posterior
from sim.experiments.parameters.priors import prior_draws
from sim.experiments.plan import Plan
from sim.experiments.sweep import sweep
from sim.experiments.sweep_schema import Design
from sim.output import manifest, store
from sim.output.store import read, save
from sim.output.sweeps import read_sweep
from sim.result import run
from sim.scenario import load
from tests.cli.conftest import Command

RUN = ("run", "small.toml", "--replicates", "3", "--no-plot")
SWEEP = ("sweep", "small.toml", "--vary", "parameters.memory_half_life=24,60", "--metric", "BBB.trust[AAA]@end",
         "--replicates", "3", "--no-plot")  # fmt: skip


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be written anywhere, as in a folder that is read-only."""

    def refuse(**_options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)


@pytest.mark.parametrize(
    "arguments",
    [
        RUN,
        SWEEP,
        ("hindcast", "small.toml"),
        ("attribute", "small.toml", "--metric", "BBB.trust[AAA]@end"),
        ("explain", "small.toml", "--state", "BBB", "--date", "2021-06"),
    ],
)
def test_a_folder_that_is_read_only_is_found_before_the_runs(
    command: Command, place: Path, read_only: None, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
):
    def ran(*_arguments: object, **_options: object) -> None:
        raise AssertionError("runs were made")

    monkeypatch.setattr(executors, "make_runner", ran)
    done = command(*arguments)
    assert (done.code, "nothing can be written in" in done.err) == (2, True)
    assert names(place) == ["small.toml"]


def test_a_refused_scheduler_leaves_nothing(command: Command, place: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "CLUSTER_PATIENCE", 0.5)
    done = command(*SWEEP, "--scheduler", "tcp://127.0.0.1:1")
    assert (done.code, "no Dask scheduler answers there" in done.err) == (2, True)
    assert names(place) == ["small.toml"]


def test_an_empty_folder_with_any_name_is_filled_by_a_sweep(
    command: Command, place: Path, monkeypatch: pytest.MonkeyPatch
):
    (place / "empty").mkdir()
    monkeypatch.chdir(place / "empty")
    done = command("sweep", "../small.toml", *SWEEP[2:], "--out", ".")
    assert done.code == 0
    assert len(read_sweep(place / "empty").table) == 2
    assert not [name for name in names(place) if name.startswith(".")]
    assert "was run before" in command("sweep", "../small.toml", *SWEEP[2:], "--out", ".").err


def test_of_two_equal_sweeps_at_once_the_second_takes_what_the_first_has_made(
    command: Command, place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The other process finishes while this one has runs to make, and while it writes its tables."""
    for moment in ("run_left", "_assemble"):
        act: Callable[..., Any] = getattr(sweeping, moment)

        def after_the_other(*given: Any, act: Callable[..., Any] = act, moment: str = moment, **options: Any) -> Any:
            monkeypatch.setattr(sweeping, moment, act)
            assert command(*SWEEP, "--out", moment).code == 0
            return act(*given, **options)

        monkeypatch.setattr(sweeping, moment, after_the_other)
        done = command(*SWEEP, "--out", moment)
        assert done.code == 0
        assert caplog.messages[-1] == f"{moment}: made by another process meanwhile"
        assert len(read_sweep(place / moment).table) == 2
    assert not [name for name in names(place) if name.startswith(".")]


def test_three_results_of_one_second_are_all_stored(place: Path, monkeypatch: pytest.MonkeyPatch):
    result = run(load(place / "small.toml"), replicates=2, workers=1, name="small")
    begun, write = threading.Barrier(3), store.write_trajectories
    monkeypatch.setattr(store, "write_trajectories", lambda *given: (begun.wait(timeout=60), write(*given)))
    with ThreadPoolExecutor(3) as pool:
        folders = list(pool.map(lambda _: save(result), range(3)))
    assert len(set(folders)) == 3
    assert all(read(folder).data.identical(result.data) for folder in folders)
    assert len(list((place / "results" / "small").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*RUN, "--keep", "0-999999999"), "--keep 0-999999999: too many replicates; allowed: 100000 at most"),
        ((*RUN[:2], "--replicates", "10000000"), "allowed here: up to"),
        ((*SWEEP[:6], "--replicates", "100000000"), "allowed here: up to 41297762 replicates"),
        (("run", "a" * 5000), "File name too long"),
        (("run", f"{'a' * 5000}.toml"), "File name too long"),
        ((*RUN, "--out", "b" * 5000), "is no place for a folder"),
        ((*RUN, "--set", ".".join("a" * 5000) + "=1"), "nested too deeply"),
        ((*RUN, "--parameters", "c" * 5000), "there are no parameters"),
        ((*RUN, "--branch", "\x1b[31m"), r"\u001b[31m"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_short_message(
    command: Command, place: Path, arguments: tuple[str, ...], said: str
):
    done = command(*arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert len(done.err) < 7000
    assert "\x1b" not in done.err
    assert names(place) == ["small.toml"]


def test_the_tables_of_a_sweep_are_refused_by_what_they_take(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "MEMORY", 10_000)
    scenario = load(place / "small.toml")
    from sim.experiments.factors import read_factors

    factors = read_factors(["parameters.memory_half_life=24,60"])

    def plan(replicates: int) -> Plan:
        metrics = ["BBB.trust[AAA]@end"]
        return Plan("small", scenario, Design(kind="grid"), factors, metrics=metrics, replicates=replicates)

    assert plan(96).replicates == 96  # of 104 bytes each
    with pytest.raises(InputError, match=r"97 replicates at a point would take .* up to 96 replicates"):
        plan(97)


WEIGHTS = np.full(4, 0.25)


def posterior(change: Callable[[pa.Table], pa.Table], path: Path) -> Path:
    Posterior.of_sets("mine", prior_draws(4, 1), WEIGHTS, {}, {}).save(path)
    table = pq.read_table(path)
    about = {key: value for key, value in table.schema.metadata.items() if key != b"csto-sim block digest"}
    pq.write_table(change(table).replace_schema_metadata(about), path)
    return path


def with_column(name: str, values: object) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.column_names.index(name), name, pa.array(values))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_column("reach", ["2"] * 4), "'reach' has values of type string; allowed: numbers"),
        (with_column("reach", [None] * 4), "'reach' has values of type null; allowed: numbers"),
        (with_column("reach", [[2.0]] * 4), "'reach' has values of type list"),
        (with_column("reach", [True] * 4), "'reach' has values of type bool"),
        (with_column("reach", [2.0, None, 2.0, 2.0]), "reach is nan; allowed: "),
        (with_column("weight", [1e308] * 4), "the weights are no weights; allowed: numbers 0..1e\\+100, not all 0"),
        (with_column("weight", [None, 0.5, 0.5, 0.0]), "the weights are no weights"),
        (lambda table: table.append_column("old\x1b", pa.array([np.inf] * 4)), r"old\\u001b is inf"),
        (lambda table: table.slice(0, 0), "the weights are no weights"),
        (lambda table: table.select(["weight"]).slice(0, 0), "the weights are no weights"),
    ],
)
def test_a_posterior_that_is_none_is_refused(tmp_path: Path, change: Callable[[pa.Table], pa.Table], said: str):
    with pytest.raises(InputError, match=said):
        load_posterior(posterior(change, tmp_path / "mine.parquet"))


def test_a_circle_of_links_is_no_posterior(tmp_path: Path):
    (tmp_path / "loop.parquet").symlink_to("loop.parquet")
    with pytest.raises(InputError, match="no posterior can be read"):
        load_posterior(tmp_path / "loop.parquet")


def deep(levels: int) -> Any:
    value: Any = None
    for _ in range(levels):
        value = [value]
    return value


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("folders")
    scenario = load(Path(__file__).parents[1] / "experiments" / "small.toml")
    save(run(scenario, replicates=2, workers=1, name="small"), place / "result")
    from sim.experiments.factors import read_factors

    factors = read_factors(["parameters.memory_half_life=24,60"])
    plan = Plan("small", scenario, Design(kind="grid"), factors, metrics=["BBB.trust[AAA]@end"], replicates=2)
    sweep(plan, out=place / "sweep", workers=1)
    return {kind: place / kind for kind in ("result", "sweep")}


READERS: dict[str, Callable[[Path], object]] = {"result": read, "sweep": read_sweep}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("value", [None, -1.5, "text", deep(5000), {"a": {"a": 1}}])
def test_any_value_in_any_field_of_a_manifest_is_refused_or_harmless(
    folders: dict[str, Path], tmp_path: Path, kind: str, value: Any
):
    """No field, whatever it holds, is a defect; fields that are needed are named, with what is allowed."""
    folder = tmp_path / kind
    folder.mkdir()
    for path in folders[kind].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / manifest.SEAL).unlink()
    path = folder / manifest.NAME
    whole = json.loads(path.read_text("utf-8"))
    for key in whole:
        text = json.dumps({**whole, key: "VALUE"}).replace('"VALUE"', dump(value))
        path.write_text(text, "utf-8")
        said = refusal(READERS[kind], folder)
        assert len(said) < 2000
        assert not said or str(folder) in said
    for key in ("branches", "metrics", "files", "seed"):
        path.write_text(json.dumps({**whole, key: None}), "utf-8")
        with pytest.raises(InputError, match=rf"manifest\.json: {key}: nothing cannot stand here; allowed: "):
            READERS[kind](folder)


def refusal(reader: Callable[[Path], object], folder: Path) -> str:
    """Return the message with which a folder is refused, empty if it is read; other errors are not caught."""
    try:
        reader(folder)
    except InputError as error:
        return str(error)
    return ""


def dump(value: Any) -> str:
    depth = 0
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    return "[" * depth + json.dumps(value) + "]" * depth


def test_a_changed_manifest_is_refused_by_its_digest(folders: dict[str, Path], tmp_path: Path):
    folder = tmp_path / "result"
    folder.mkdir()
    for path in folders["result"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    path = folder / manifest.NAME
    text = path.read_text("utf-8")
    path.write_text(text.replace('"seed": 3', '"seed": 4'), "utf-8")
    assert path.read_text("utf-8") != text
    with pytest.raises(InputError, match=r"its digest is not the one in manifest\.sha256"):
        read(folder)
    path.write_text(text, "utf-8")
    assert read(folder).seed == 3


def test_a_list_of_scenarios_passes_over_what_is_no_file(command: Command, place: Path):
    for folder in (place, place / "scenarios"):
        (folder / "folder.toml").mkdir(parents=True)
        os.mkfifo(folder / "pipe.toml")
    (place / "windows.toml").write_bytes(b"\xef\xbb\xbf" + (place / "small.toml").read_bytes().replace(b"\n", b"\r\n"))
    (place / "odd.toml").write_text("start = 1\nbranches = 3\n")
    done = command("list", "scenarios", "--json")
    assert done.code == 0
    titles = {row["name"]: row["title"] for row in json.loads(done.out)["scenarios"]}
    assert titles["windows"] == titles["small"] != ""
    assert titles["folder"] == titles["pipe"] == "(cannot be read; csto-sim validate says why)"


def test_closed_streams_are_written_to_nowhere(place: Path):
    code = "import sys; from sim.cli.main import main; assert sys.stdout is None; main(['list', 'events'])"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} >&-"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
