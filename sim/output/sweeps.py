"""Sweeps: one row for each point of a design and branch, and how they are stored and read."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.engine.draws import SCHEME
from sim.errors import InputError
from sim.output import manifest
from sim.output.measuring import Cell
from sim.output.sources import sources_text
from sim.output.staging import staged
from sim.output.store import FIGURES, RESULTS, read_scenario
from sim.scenario.schema import Scenario
from sim.version import __version__

CELLS = ("mean", "median", "q05", "q95", "low", "high", "n")
"""What the table holds of each metric, in columns named ``METRIC | mean`` and so on."""

MOST_RUNS_KEPT = 2_000_000
"""Values of metrics per replicate above which they are not stored."""

_OWN = ("words.py", "parameters.py", "world.py", "output/measuring.py")
_RULES = ("engine", "rules", "scenario", "experiments")


def column(metric: str, cell: str) -> str:
    """Return the name of a metric's column.

    Examples
    --------
    >>> column("ARM.posture@end", "mean")
    'ARM.posture@end | mean'
    """
    return f"{metric} | {cell}"


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep found.

    Attributes
    ----------
    name : str
        Short name of the scenario.
    scenario : Scenario
        The inputs, before any key is varied.
    factors : dict
        The values of each varied key.
    branches, metrics : tuple of str
        Branches, and metric expressions.
    kinds : dict
        ``number``, ``chance`` or ``date``, by metric.
    seed, replicates : int
        The same at every point, so that points can be compared pair by pair.
    seconds : float
        Time that the runs took.
    table : pandas.DataFrame
        One row for each point and branch: the factors' values, ``branch``, and `CELLS` of each metric
        (``low`` and ``high`` are the 90 % interval of a chance).
    runs : pandas.DataFrame or None
        Metrics by replicate (``point``, ``branch``, ``metric``, ``replicate``, ``value``), if few enough.
    folder : Path, optional
        Where it is stored, if it is.
    """

    name: str
    scenario: Scenario
    factors: dict[str, tuple[Any, ...]]
    branches: tuple[str, ...]
    metrics: tuple[str, ...]
    kinds: dict[str, str]
    seed: int
    replicates: int
    seconds: float
    table: pd.DataFrame
    runs: pd.DataFrame | None
    folder: Path | None = None

    def report(self, folder: Path) -> dict[str, Any]:
        """Return what ``sweep --json`` prints: where it lies, what was run, and the metrics at each point.

        Parameters
        ----------
        folder : Path
            Where the sweep is stored.
        """
        return {
            "result": str(folder),
            "scenario": self.name,
            "seed": self.seed,
            "replicates": self.replicates,
            "seconds": round(self.seconds, 3),
            "factors": {key: list(values) for key, values in self.factors.items()},
            "points": self.points(),
        }

    def points(self) -> list[dict[str, Any]]:
        """Return ``[{"factors", "branch", "metrics": {EXPRESSION: {"mean", "median", ...}}}]``."""
        return [
            {
                "factors": {key: row[key] for key in self.factors},
                "branch": row["branch"],
                "metrics": {
                    metric: {cell: _plain(row[column(metric, cell)]) for cell in CELLS if cell not in ("low", "high")}
                    for metric in self.metrics
                },
            }
            for row in self.table.to_dict("records")
        ]


def _plain(value: Any) -> Cell:
    return None if value is None or pd.isna(value) else value


def design_identity(
    scenario: Scenario,
    factors: dict[str, tuple[Any, ...]],
    *,
    branches: tuple[str, ...],
    metrics: tuple[str, ...],
    seed: int,
    replicates: int,
) -> str:
    """Return the digest of everything that settles a sweep's table, the code of the model included."""
    return manifest.digest(
        {
            "scenario": manifest.scenario_inputs(scenario),
            "factors": [[key, [str(value) for value in values]] for key, values in factors.items()],
            "branches": list(branches),
            "metrics": list(metrics),
            "seed": seed,
            "replicates": replicates,
            "version": [__version__, SCHEME, code_digest()],
        }
    )


@cache
def code_digest() -> str:
    """Return the digest of the model's own source files."""
    content = hashlib.sha256()
    package = Path(str(files("sim")))
    own = [package / name for name in _OWN]
    for path in (*own, *sorted(file for room in _RULES for file in (package / room).glob("*.py"))):
        content.update(path.read_bytes())
    return content.hexdigest()[:8]


def sweep_folder(name: str, identity: str) -> Path:
    """Return where a sweep lies unless a folder is given."""
    return RESULTS / "sweeps" / name / identity


def save_sweep(sweep: Sweep, out: Path, draw: Callable[[Sweep, Path], object] | None = None) -> Path:
    """Write a sweep's folder, whole or not at all.

    Parameters
    ----------
    sweep : Sweep
        What to write.
    out : Path
        The folder.
    draw : callable, optional
        Draws figures of the sweep into the folder it is given.
    """
    inputs = manifest.scenario_inputs(sweep.scenario)
    with staged(out) as folder:
        text = json.dumps(inputs, indent=1, ensure_ascii=False) + "\n"
        (folder / "scenario.json").write_text(text, encoding="utf-8", newline="\n")
        (folder / "DATA-SOURCES.txt").write_text(sources_text(sweep.scenario), encoding="utf-8", newline="\n")
        sweep.table.to_csv(folder / "sweep.csv", index=False, lineterminator="\n", float_format="%.6g")
        _write(sweep.table, folder / "sweep.parquet")
        if sweep.runs is not None:
            _write(sweep.runs, folder / "metrics.parquet")
        manifest.write(folder, "sweep", _fields(sweep))
        if draw is not None:
            (folder / FIGURES).mkdir()
            draw(sweep, folder / FIGURES)
    return out


def _write(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd")


def _fields(sweep: Sweep) -> dict[str, Any]:
    identity = design_identity(
        sweep.scenario,
        sweep.factors,
        branches=sweep.branches,
        metrics=sweep.metrics,
        seed=sweep.seed,
        replicates=sweep.replicates,
    )
    return {
        "id": identity,
        "name": sweep.name,
        "title": sweep.scenario.title,
        "engine": "mesa",
        "seed": sweep.seed,
        "replicates": sweep.replicates,
        "seconds": round(sweep.seconds, 3),
        "factors": {key: [_json(value) for value in values] for key, values in sweep.factors.items()},
        "branches": list(sweep.branches),
        "metrics": list(sweep.metrics),
        "kinds": sweep.kinds,
        "code": code_digest(),
    }


def _json(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value)


def stored_whole(folder: Path) -> bool:
    """Tell whether a whole sweep lies in a folder.

    Raises
    ------
    InputError
        If something lies there that is not whole, with what to do about it.
    """
    if not folder.is_dir():
        return False
    try:
        return bool(manifest.read(folder)["kind"] == "sweep")
    except InputError as error:
        raise InputError(f"{folder} holds no whole sweep; delete it and run again ({error})") from error


def read_sweep(folder: Path | str) -> Sweep:
    """Read a stored sweep back.

    Raises
    ------
    InputError
        If the folder does not hold a whole sweep.
    """
    folder = Path(folder)
    content = manifest.read(folder)
    if content["kind"] != "sweep":
        raise InputError(f"{folder}: holds a {content['kind']}, not a sweep")
    try:
        runs = folder / "metrics.parquet"
        return Sweep(
            name=content["name"],
            scenario=read_scenario(folder / "scenario.json"),
            factors={key: tuple(values) for key, values in content["factors"].items()},
            branches=tuple(content["branches"]),
            metrics=tuple(content["metrics"]),
            kinds=content["kinds"],
            seed=content["seed"],
            replicates=content["replicates"],
            seconds=content["seconds"],
            table=pq.read_table(folder / "sweep.parquet").to_pandas(),
            runs=pq.read_table(runs).to_pandas() if runs.exists() else None,
            folder=folder,
        )
    except (ValueError, KeyError, OSError, pa.ArrowException) as error:
        raise InputError(f"{folder}: damaged ({error}); run again") from error
