"""Stored runs for analysis: each replicate is a point, with the parameters that it drew."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.stored import StoredSweep, open_sweep
from sim.errors import InputError
from sim.output import manifest
from sim.output.measuring import Floats, kind_of
from sim.output.store import DRAWN_SETS, read_scenario_text
from sim.scenario.expressions import parse_metric

KIND: Final = "draws"
TABLE: Final = "parameters"


@dataclass(frozen=True, eq=False)
class StoredDraws(StoredSweep):
    """A stored run as a sweep with one run a point: its points are the replicates, its factors what they drew.

    Attributes
    ----------
    values : array
        (branches, metrics, replicates of the run).
    """

    values: Floats

    @property
    def counted(self) -> str:
        """What one point is."""
        return "draw"

    @property
    def blocks(self) -> NDArray[np.int64]:
        """The set of parameters that each replicate drew; replicates that drew the same one belong together."""
        return np.asarray(self.points.groupby(list(self.points), sort=False).ngroup(), dtype=np.int64)

    def column(self, metric: str, branch: str) -> Floats:
        """Return a metric of the run (replicates, 1): 0 and 1 for truth values, NaN for null."""
        by_replicate: Floats = self.values[self.branches.index(branch), self.metrics.index(metric)]
        return by_replicate[:, None]

    def failed(self, branch: str) -> NDArray[np.bool_]:
        """Return that no run failed: else there would be no result."""
        del branch
        return np.zeros((len(self.points), 1), dtype=np.bool_)


def open_branches(folder: Path | str) -> StoredSweep:
    """Open a stored sweep, or a stored run whose replicates drew their parameters.

    Parameters
    ----------
    folder : Path or str
        What ``csto-sim sweep`` or ``csto-sim run`` wrote.

    Raises
    ------
    InputError
        If the folder holds neither, or all replicates of the run have the same parameters.

    Examples
    --------
    >>> robust(open_branches("results/karabakh-2023/0a1b2c3d"), "ARM.trust[RUS]@end")  # doctest: +SKIP
    """
    return open_draws(folder) if manifest.read(Path(folder))["kind"] == "result" else open_sweep(folder)


def open_draws(folder: Path | str) -> StoredDraws:
    """Open a stored run whose replicates drew their parameters.

    Parameters
    ----------
    folder : Path or str
        What ``csto-sim run`` wrote.

    Raises
    ------
    InputError
        If it is no run, or all of its replicates have the same parameters.
    """
    held = manifest.open_folder(folder, "result")
    content = held.content
    if not held.has(DRAWN_SETS):
        raise InputError(f"{folder}: all of its runs have the same parameters; run it with a fit, or sweep them")
    with held.assembling():
        scenario = read_scenario_text(held.text("scenario.json"))
        drawn = held.table(DRAWN_SETS).to_pandas()
        free = [name for name in drawn if name not in scenario.parameters and drawn[name].nunique() > 1]
        points = drawn[free].add_prefix(f"{TABLE}.")
        branches, metrics = tuple(content["branches"]), tuple(content["metrics"])
        values = held.table("metrics.parquet")["value"].to_numpy()
        return StoredDraws(
            name=content["name"],
            scenario=scenario,
            kind=KIND,
            design={"kind": KIND, "samples": len(points)},
            factors={key: {"low": float(points[key].min()), "high": float(points[key].max())} for key in points},
            branches=branches,
            metrics=metrics,
            kinds={text: kind_of(parse_metric(text)) for text in metrics},
            seed=content["seed"],
            replicates=1,
            common_draws=False,
            points=points,
            unit=pd.DataFrame(),
            folder=held.folder,
            values=values.reshape(len(branches), len(metrics), len(points)),
        )
