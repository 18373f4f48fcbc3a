"""Results of sweeps, with one row for each point of the design and branch, and their descriptions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sim.digests import COMPILED, digest_sources
from sim.engine.draws import SCHEME
from sim.errors import InputError
from sim.output import manifest
from sim.output.measuring import Cell, Kind
from sim.output.parquet import read_parquet
from sim.output.staging import content as content_of
from sim.output.store import KEPT, RESULTS, read_scenario_text
from sim.scenario.schema import Scenario
from sim.version import __version__

CELLS = ("mean", "median", "q05", "q95", "low", "high", "n")
"""The statistics of each metric in the table, in columns named ``METRIC | mean`` and so on."""

RUNS, DESIGN, TABLE = "runs.parquet", "design.parquet", "sweep.parquet"
DRAWN_SETS = "parameters.parquet"
"""The parameters that each replicate of each point drew, if they were drawn."""

KEPT_SEAL = "kept.sha256"
"""The file with the digest of the kept series, which are written after the manifest; ``sha256sum --check`` reads it."""

FAILED = "failures.csv"
"""The runs that failed, with their errors; only of sweeps in which some did."""

RUN_LABELS = ("point", "branch", "replicate")
"""Columns of the table of runs, before one for each metric."""

MOST_REPORTED: Final = 10_000
"""Rows above which a report leaves the points to the tables."""

SHOWN: Final = 20
"""Rows of the table that a notebook shows."""

DATED: Final = ("median", "q05", "q95")
"""Statistics of a date, which are months."""

_SOURCES: Final = (*COMPILED, "output/measuring.py", "output/sweep_tables.py", "scenario", "experiments")
"""The files and folders of the package that determine a sweep's numbers."""


def column(metric: str, cell: str) -> str:
    """Return the column name of a metric's statistic.

    Examples
    --------
    >>> column("ARM.posture@end", "mean")
    'ARM.posture@end | mean'
    """
    return f"{metric} | {cell}"


def tidy_summary(wide: pd.DataFrame, factors: Sequence[str], kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return one row for each point, branch and metric of a sweep, from a table with a column for each statistic.

    Parameters
    ----------
    wide : DataFrame
        Rows of `SweepData.table`.
    factors : sequence of str
    kinds : mapping
        ``number``, ``chance`` or ``date`` of each metric.

    Returns
    -------
    DataFrame
        ``point``, the factors, ``branch``, ``metric``, ``kind``, and `CELLS`; if any metric is a date, also
        ``median_month``, ``q05_month`` and ``q95_month``, with ``YYYY-MM`` in the rows of dates.
    """
    parts = []
    for metric, kind in kinds.items():
        part = wide[["point", *factors, "branch"]].assign(metric=metric, kind=kind)
        for cell in CELLS:
            values = wide[column(metric, cell)]
            part[cell] = np.nan if kind == "date" and cell in DATED else values.to_numpy()
        if "date" in kinds.values():
            for cell in DATED:
                part[f"{cell}_month"] = wide[column(metric, cell)].to_numpy() if kind == "date" else None
        parts.append(part)
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """The inputs of a sweep.

    Attributes
    ----------
    name : str
        Short name of the scenario or sweep file.
    scenario : Scenario
        The inputs, before any key is varied.
    design : dict
        ``kind`` and, of sampled designs, ``samples``, ``seed`` and so on.
    factors : dict
        For each varied key, ``values``, or ``low`` and ``high`` of a range, with the ``prior`` if there is one.
    branches, metrics : tuple of str
        Branches, and metric expressions.
    kinds : dict
        ``number``, ``chance`` or ``date``, by metric.
    seed, replicates : int
        Start of the random numbers, and runs of each branch at each point.
    common_draws : bool
        Whether all points share their random draws, so that they can be compared run by run.
    engine : str
        The engine that ran the model.
    posterior : dict or None
        ``name`` and ``digest`` of what replicates drew their parameters from, and in what it differs from the table.
    """

    name: str
    scenario: Scenario
    design: dict[str, Any]
    factors: dict[str, dict[str, Any]]
    branches: tuple[str, ...]
    metrics: tuple[str, ...]
    kinds: dict[str, Kind]
    seed: int
    replicates: int
    common_draws: bool = False
    engine: str = "mesa"
    posterior: dict[str, Any] | None = None

    def values(self, key: str) -> tuple[Any, ...]:
        """Return the listed values of a varied key; an empty tuple if the key varies over a range."""
        return tuple(self.factors[key].get("values", ()))

    def identity(self, points: Mapping[str, NDArray[Any]]) -> str:
        """Return a digest of all inputs that determine the tables, including the code of the model.

        Parameters
        ----------
        points : mapping
            The columns of the design.
        """
        laid = hashlib.sha256()
        for name, values in points.items():
            texts = values.astype(str) if values.dtype.kind in "UO" else values
            laid.update(f"{name}\n".encode())
            laid.update("\n".join(texts).encode() if texts.dtype.kind == "U" else texts.tobytes())
        return manifest.digest(
            {
                "scenario": manifest.scenario_inputs(self.scenario),
                "design": self.design,
                "points": laid.hexdigest(),
                "branches": list(self.branches),
                "metrics": list(self.metrics),
                "seed": self.seed,
                "replicates": self.replicates,
                "common_draws": self.common_draws,
                **({} if self.posterior is None else {"posterior": self.posterior["digest"]}),
                "version": [__version__, SCHEME, self.engine, code_digest()],
            }
        )

    def fields(self, identity: str, seconds: float) -> dict[str, Any]:
        """Return the entries of the manifest."""
        return {
            "id": identity,
            "name": self.name,
            "title": self.scenario.title,
            "engine": self.engine,
            "design": self.design,
            "factors": self.factors,
            "common_draws": self.common_draws,
            "seed": self.seed,
            "replicates": self.replicates,
            "seconds": round(seconds, 3),
            "branches": list(self.branches),
            "metrics": list(self.metrics),
            "kinds": self.kinds,
            "code": code_digest(),
            "posterior": self.posterior,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class SweepData(Study):
    """The data of a sweep: its inputs and its table of results; `sim.Sweep` adds figures.

    Attributes
    ----------
    seconds : float
        Time that the runs took.
    table : pandas.DataFrame
        One row for each point and branch: ``point``, the factors' values, ``branch``, and `CELLS` of each metric
        (``low`` and ``high`` are the 90 % interval of a chance).
    points : pandas.DataFrame
        One row for each point: ``point``, the factors' values, and for Morris's design ``unit:KEY``, where the
        point lies in the unit cube.
    folder : Path, optional
        Where it is stored.
    """

    seconds: float
    table: pd.DataFrame
    points: pd.DataFrame
    folder: Path | None = None

    def runs(self, columns: list[str] | None = None) -> pd.DataFrame:
        """Read the table of all runs, in the order of point, branch and replicate.

        Parameters
        ----------
        columns : list of str, optional
            Metrics, or ``point``, ``branch``, ``replicate``; default: all of them.

        Returns
        -------
        pandas.DataFrame
            True and false as 1 and 0, dates as ordinals, NaN where there is no value.

        Raises
        ------
        InputError
            If the sweep has no such column, or is not stored.
        """
        held = self._held("runs")
        known = (*RUN_LABELS, *self.metrics)
        for name in columns or ():
            if name not in known:
                raise InputError(f"'{name}' is not in this sweep; allowed: {', '.join(known)}")
        frame: pd.DataFrame = held.table(RUNS, columns).to_pandas()
        return frame

    def kept(self) -> pd.DataFrame:
        """Read the series of the points that were kept: ``point``, ``branch``, ``replicate``, ``date``, ``variable``.

        ``state`` owns the variable (or the treaty does), ``other`` is the other state or the treaty, ``value`` its
        value; postures are ranks, and what is not known has no row.

        Raises
        ------
        InputError
            If no point was kept, or the table is not as it was written.
        """
        path = None if self.folder is None else self.folder / KEPT
        if path is None or not path.is_file():
            raise InputError("no series of this sweep were kept; give --keep POINTS to csto-sim sweep")
        content, sealed = path.read_bytes(), path.with_name(KEPT_SEAL)
        if sealed.is_file() and sealed.read_bytes() != manifest.seal(KEPT, content):
            raise InputError(f"{path}: damaged; its digest is not the one in {KEPT_SEAL}; keep the points again")
        try:
            frame: pd.DataFrame = read_parquet(pa.BufferReader(content)).to_pandas()
        except (OSError, ValueError, pa.ArrowException) as error:
            raise InputError(f"{path}: damaged ({error}); keep the points again") from None
        return frame

    def failures(self) -> pd.DataFrame:
        """Read the runs that failed: ``point``, ``branch``, ``replicate``, the factors' values, and ``error``.

        Raises
        ------
        InputError
            If the sweep is not stored.
        """
        held = self._held("failures")
        if not held.has(FAILED):
            return pd.DataFrame(columns=["point", "branch", "replicate", *self.factors, "error"])
        return held.csv(FAILED)

    def drawn(self) -> pd.DataFrame:
        """Read the parameters that each replicate of each point drew; those that the design sets are in ``points``.

        Raises
        ------
        InputError
            If the sweep is not stored, or its runs drew no parameters.
        """
        held = self._held("parameters")
        if not held.has(DRAWN_SETS):
            raise InputError(f"{self.folder}: no parameters were drawn, or csto-sim did not keep them yet")
        frame: pd.DataFrame = held.table(DRAWN_SETS).to_pandas()
        return frame

    def _held(self, what: str) -> manifest.StoredFolder:
        if self.folder is None:
            raise InputError(f"this sweep is not stored, so its {what} cannot be read")
        return manifest.open_folder(self.folder, "sweep")

    def __repr__(self) -> str:
        """Return a one-line description of the sweep."""
        return f"<Sweep of {self._title()}>"

    def _title(self) -> str:
        return f"{self.name}: {len(self.points)} points, {self.replicates} runs a point and branch, seed {self.seed}"

    def _repr_html_(self) -> str:
        more = f"<p>the first {SHOWN} of {len(self.table)} rows</p>" if len(self.table) > SHOWN else ""
        return f"<p>{escape(self._title())}</p>{self.table.head(SHOWN).to_html(index=False)}{more}"

    def report(self, folder: Path) -> dict[str, Any]:
        """Return the content of ``sweep --json``: the folder, the inputs, and the metrics at each point.

        Parameters
        ----------
        folder : Path
            Where the sweep is stored.
        """
        failed = self.failures() if self.folder is not None else ()
        return {
            "result": str(folder),
            "scenario": self.name,
            "design": self.design,
            "seed": self.seed,
            "replicates": self.replicates,
            "common_draws": self.common_draws,
            "seconds": round(self.seconds, 3),
            **({"failed": len(failed)} if len(failed) else {}),
            "factors": {key: list(self.values(key)) or entry for key, entry in self.factors.items()},
            **({"points": self.rows()} if len(self.table) <= MOST_REPORTED else {}),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return the summary of each point and branch as ``{"factors", "branch", "metrics": {EXPRESSION: {...}}}``."""
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


def _with_points(table: pd.DataFrame, branches: int) -> pd.DataFrame:
    """Return a table with the number of each point, which sweeps of older versions did not store."""
    if "point" not in table.columns:
        table.insert(0, "point", np.arange(len(table)) // branches)
    return table


def _plain(value: Any) -> Cell:
    return None if value is None or pd.isna(value) else value


@cache
def code_digest() -> str:
    """Return a digest of the model's source files."""
    return digest_sources(_SOURCES)[:8]


def sweep_folder(name: str, identity: str) -> Path:
    """Return the default folder of a sweep."""
    return RESULTS / "sweeps" / name / identity


def stored_whole(folder: Path, identity: str) -> bool:
    """Return whether a folder contains the complete sweep of a design.

    Raises
    ------
    InputError
        If something else lies there, with what to do about it.
    """
    if not folder.is_dir() or not content_of(folder):
        return False
    try:
        content = manifest.read(folder)
    except InputError as error:
        raise InputError(f"{folder} holds no whole sweep; delete it and run again ({error})") from error
    if content["kind"] != "sweep" or content["id"] != identity:
        what = "a result" if content["kind"] != "sweep" else f"the sweep of another design ({content['id']})"
        raise InputError(f"{folder}: holds {what}, not this one ({identity}); give a new or empty folder")
    return True


def read_sweep(folder: Path | str) -> SweepData:
    """Read a stored sweep from its folder.

    Raises
    ------
    InputError
        If the folder does not hold a whole sweep.
    """
    held = manifest.open_folder(folder, "sweep")
    content = held.content
    with held.assembling():
        return SweepData(
            name=content["name"],
            scenario=read_scenario_text(held.text("scenario.json")),
            design=content["design"],
            factors=content["factors"],
            branches=tuple(content["branches"]),
            metrics=tuple(content["metrics"]),
            kinds=content["kinds"],
            seed=content["seed"],
            replicates=content["replicates"],
            common_draws=content["common_draws"],
            engine=content["engine"],
            posterior=content.get("posterior"),
            seconds=content["seconds"],
            table=_with_points(held.table(TABLE).to_pandas(), len(content["branches"])),
            points=held.table(DESIGN).to_pandas(),
            folder=held.folder,
        )
