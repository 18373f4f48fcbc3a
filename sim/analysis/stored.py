"""Stored sweeps for analysis: the design, its points, and a metric's values by point and replicate."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output import manifest
from sim.output.measuring import Floats
from sim.output.store import read_scenario_text
from sim.output.sweeps import DESIGN, FAILED, RUNS
from sim.scenario.problems import closest
from sim.scenario.schema import Scenario

UNIT = "unit:"
"""Before a key: its column of values on the unit scale."""

_LISTED = ("grid", "list")


@dataclass(frozen=True, eq=False)
class StoredSweep:
    """Sweep stored on disk, whose metric values are read only when needed.

    Attributes
    ----------
    name : str
        Short name of the scenario.
    scenario : Scenario
        The inputs, before any key is varied.
    kind : str
        ``grid``, ``latin-hypercube``, ``sobol``, ``morris`` or ``list``.
    design : dict
        The kind and what goes with it: ``samples``, ``seed``, ``second_order``, ``levels``, ``groups``.
    factors : dict
        What is varied, by key: ``values``, or ``low`` and ``high``, with the ``prior`` if there is one.
    branches, metrics : tuple of str
        Branches, and metric expressions.
    kinds : dict
        ``number``, ``chance`` or ``date``, by metric.
    seed, replicates : int
        Of the runs.
    common_draws : bool
        Whether replicate n draws the same random numbers at every point.
    points : pandas.DataFrame
        One row a point in the order of the design, one column a key.
    unit : pandas.DataFrame
        The same on the unit scale where the method needs it (``morris``); else without columns.
    folder : Path
        Where the sweep lies.
    """

    name: str
    scenario: Scenario
    kind: str
    design: dict[str, Any]
    factors: dict[str, dict[str, Any]]
    branches: tuple[str, ...]
    metrics: tuple[str, ...]
    kinds: dict[str, str]
    seed: int
    replicates: int
    common_draws: bool
    points: pd.DataFrame
    unit: pd.DataFrame
    folder: Path

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are varied."""
        return tuple(self.factors)

    @property
    def counted(self) -> str:
        """What one point is."""
        return "point"

    @property
    def moved(self) -> tuple[str, ...]:
        """What Sobol and Morris designs move: groups of keys where the design has them, else the keys."""
        return tuple(dict.fromkeys(self.design.get("groups", self.keys)))

    @property
    def listed(self) -> bool:
        """Whether the user listed the points instead of sampling them."""
        return self.kind in _LISTED

    @property
    def numeric(self) -> tuple[str, ...]:
        """Varied keys with numeric values and more than one of them."""
        return tuple(
            key for key in self.keys if pd.api.types.is_float_dtype(self.points[key]) and self.points[key].nunique() > 1
        )

    @property
    def blocks(self) -> NDArray[np.int64]:
        """Independent part of the design to which each point belongs (points,).

        Points of a Saltelli sample that come from the same base point share values, as do those of one
        trajectory; elsewhere every point is a part of its own.
        """
        size = 1
        if self.kind == "sobol":
            size = len(self.moved) * (2 if self.design["second_order"] else 1) + 2
        elif self.kind == "morris":
            size = len(self.moved) + 1
        return np.arange(len(self.points), dtype=np.int64) // size

    def inputs(self) -> Floats:
        """Return the points as numbers, as SALib takes them (points, keys).

        Words are numbered in the order in which the sweep lists them, dates are ordinals, true and false 1 and 0.
        """
        columns = [_numbers(self.points[key], self.factors[key].get("values", ())) for key in self.keys]
        return np.column_stack(columns)

    def problem(self) -> dict[str, Any]:
        """Return the factors as the ``problem`` of SALib's functions, with the ends of each factor as its bounds."""
        values = self.inputs()
        bounds = []
        for column, key in enumerate(self.keys):
            low, high = (float(end) for end in (values[:, column].min(), values[:, column].max()))
            given = self.factors[key]
            bounds.append([float(given.get("low", low)), float(given.get("high", high))])
        groups = {"groups": list(self.design["groups"])} if "groups" in self.design else {}
        return {"num_vars": len(self.keys), "names": list(self.keys), "bounds": bounds, **groups}

    def units(self) -> NDArray[np.int64]:
        """Return the independent unit of each run, for the intervals of means (points, replicates).

        Replicates where the points were listed, since another sample would have the same points; else the
        independent parts of the design.
        """
        shape = (len(self.points), self.replicates)
        if self.listed:
            return np.broadcast_to(np.arange(self.replicates, dtype=np.int64), shape)
        return np.broadcast_to(self.blocks[:, None], shape)

    def column(self, metric: str, branch: str) -> Floats:
        """Return a metric of the sweep (points, replicates): 0 and 1 for truth values, NaN for null."""
        table = manifest.open_folder(self.folder, "sweep").table(RUNS, [metric])
        try:
            cube = table[metric].to_numpy().reshape(len(self.points), len(self.branches), self.replicates)
        except (ValueError, KeyError) as error:
            raise InputError(f"{self.folder / RUNS}: damaged ({error}); run again") from error
        return np.asarray(cube[:, self.branches.index(branch)], dtype=np.float64)

    def failed(self, branch: str) -> NDArray[np.bool_]:
        """Return which runs failed (points, replicates)."""
        lost = np.zeros((len(self.points), self.replicates), dtype=np.bool_)
        held = manifest.open_folder(self.folder, "sweep")
        if held.has(FAILED):
            rows = held.csv(FAILED)
            rows = rows[rows["branch"] == branch]
            lost[rows["point"].to_numpy(), rows["replicate"].to_numpy()] = True
        return lost

    def branch(self, given: str | None) -> str:
        """Return the name of the given branch after a check, or the first branch if none is given."""
        if given is None:
            return self.branches[0]
        return self._one_of("branch", given, self.branches)

    def key(self, given: str) -> str:
        """Return a varied key after a check that the sweep has it."""
        return self._one_of("key", given, self.keys)

    def _one_of(self, what: str, given: str, known: tuple[str, ...]) -> str:
        if given not in known:
            raise InputError(
                f"{what} '{given}' is not in this sweep; allowed: {', '.join(known)}{suggestion(given, known)}"
            )
        return given


def _numbers(column: pd.Series, listed: Sequence[Any]) -> Floats:
    """Return the values of one factor as numbers."""
    if pd.api.types.is_float_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=np.float64)
    words = [str(value) for value in listed or dict.fromkeys(column)]
    with suppress(ValueError):
        return np.array([date.fromisoformat(str(value)).toordinal() for value in column], dtype=np.float64)
    return np.array([words.index(str(value)) for value in column], dtype=np.float64)


def suggestion(given: str, known: tuple[str, ...]) -> str:
    """Return the end of an error message that suggests the nearest known name, if any."""
    near = closest(given, known)
    return f"; did you mean '{near}'?" if near else ""


def open_sweep(folder: Path | str) -> StoredSweep:
    """Open a sweep stored on disk.

    Parameters
    ----------
    folder : Path or str
        What ``csto-sim sweep`` wrote.

    Raises
    ------
    InputError
        If the folder holds no whole sweep.
    """
    held = manifest.open_folder(folder, "sweep")
    content = held.content
    with held.assembling():
        table = held.table(DESIGN).to_pandas()
        factors = dict(content["factors"])
        keys = tuple(factors)
        kind = content["design"]["kind"]
        unit = keys if kind == "morris" else ()
        return StoredSweep(
            name=content["name"],
            scenario=read_scenario_text(held.text("scenario.json")),
            kind=kind,
            design=content["design"],
            factors=factors,
            branches=tuple(content["branches"]),
            metrics=tuple(content["metrics"]),
            kinds=content["kinds"],
            seed=content["seed"],
            replicates=content["replicates"],
            common_draws=content["common_draws"],
            points=table[list(keys)],
            unit=table[[f"{UNIT}{key}" for key in unit]].set_axis(list(unit), axis=1),
            folder=held.folder,
        )
