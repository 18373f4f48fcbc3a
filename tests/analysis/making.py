"""Sweeps written from a known function, in the format in which sweeps are stored."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from SALib.sample import sobol as saltelli
from SALib.sample.morris import sample as trajectories
from scipy.stats import qmc

from sim.output import manifest
from sim.scenario import load
from sim.scenario.expressions import Compare, First, parse_metric

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"
TRUST = "BBB.trust[AAA]@end"
VOICED = "BBB.posture@2021-12 >= voice"
FIRST = "first(BBB.posture >= voice)"

MEMORY, SEVERITY, AWAY = "parameters.memory_half_life", "events.raid.severity", "events.away.value"
KEYS = (MEMORY, SEVERITY, AWAY)

Runs = Mapping[str, np.ndarray]
Function = Callable[[dict[str, np.ndarray], np.random.Generator], np.ndarray]
"""Takes columns of factors (points, 1) and a generator, returns the values of a metric (points, replicates)."""


def sobol_design(
    ranges: Mapping[str, tuple[float, float]], samples: int, *, second_order: bool = True, groups: Sequence[str] = ()
):
    given = {"groups": list(groups)} if groups else {}
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [[0.0, 1.0]] * len(ranges), **given}
    unit = saltelli.sample(problem, samples, calc_second_order=second_order, seed=1)
    design = {"kind": "sobol", "samples": samples, "seed": 1, "second_order": second_order, **given}
    return design, _scaled(unit, ranges)


def morris_design(ranges: Mapping[str, tuple[float, float]], samples: int, levels: int = 4, groups: Sequence[str] = ()):
    given = {"groups": list(groups)} if groups else {}
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [[0.0, 1.0]] * len(ranges), **given}
    unit = trajectories(problem, samples, num_levels=levels, seed=1)
    return {"kind": "morris", "samples": samples, "seed": 1, "levels": levels, **given}, _scaled(unit, ranges)


def cube_design(ranges: Mapping[str, tuple[float, float]], samples: int):
    unit = qmc.LatinHypercube(len(ranges), seed=1).random(samples)
    return {"kind": "latin-hypercube", "samples": samples, "seed": 1}, _scaled(unit, ranges)


def grid_design(values: Mapping[str, Sequence[Any]]):
    frame = pd.MultiIndex.from_product(values.values(), names=list(values)).to_frame(index=False)
    return {"kind": "grid"}, frame


def _scaled(unit: np.ndarray, ranges: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    columns = {key: low + (high - low) * unit[:, i] for i, (key, (low, high)) in enumerate(ranges.items())}
    return pd.DataFrame({**columns, **{f"unit:{key}": unit[:, i] for i, key in enumerate(ranges)}})


def write_sweep(
    folder: Path,
    design: tuple[dict[str, Any], pd.DataFrame],
    metrics: Mapping[str, Function | Mapping[str, Function]],
    *,
    replicates: int = 1,
    branches: Sequence[str] = ("as-it-was",),
    common_draws: bool = True,
    seed: int = 5,
) -> Path:
    """Write a sweep whose metrics are given functions of its factors, the same in all branches or one for each."""
    described, points = design
    keys = [key for key in points if not key.startswith("unit:")]
    scenario = load(SMALL)
    shape = (len(points), len(branches), replicates)
    point, branch, replicate = (axis.ravel() for axis in np.indices(shape, dtype=np.int32))
    columns: dict[str, Any] = {
        "point": point,
        "branch": pa.DictionaryArray.from_arrays(branch, pa.array(list(branches))),
        "replicate": replicate,
    }
    factors = {key: points[key].to_numpy()[:, None] for key in keys}
    for number, (text, function) in enumerate(metrics.items()):
        generator = np.random.default_rng(seed + number)
        of_branch = [function[name] if isinstance(function, Mapping) else function for name in branches]
        values = [np.broadcast_to(each(factors, generator), shape[::2]) for each in of_branch]
        columns[text] = np.stack(values, axis=1).astype(np.float64).ravel()
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "runs.parquet")
    pq.write_table(
        pa.Table.from_pandas(points.assign(point=np.arange(len(points))), preserve_index=False),
        folder / "design.parquet",
    )
    text = json.dumps(manifest.scenario_inputs(scenario), indent=1)
    (folder / "scenario.json").write_text(text, encoding="utf-8")
    manifest.write(
        folder,
        "sweep",
        {
            "id": "0a1b2c3d",
            "name": "small",
            "title": scenario.title,
            "seed": seed,
            "replicates": replicates,
            "seconds": 1.0,
            "branches": list(branches),
            "metrics": list(metrics),
            "kinds": {text: _kind(text) for text in metrics},
            "design": described,
            "common_draws": common_draws,
            "engine": "compiled",
            "factors": {key: _factor(points[key], described["kind"]) for key in keys},
        },
    )
    return folder


def _kind(text: str) -> str:
    parsed = parse_metric(text)
    if isinstance(parsed, Compare):
        return "chance"
    return "date" if isinstance(parsed, First) else "number"


def _factor(values: pd.Series, kind: str) -> dict[str, Any]:
    if kind in ("grid", "list"):
        return {"values": list(dict.fromkeys(values.tolist()))}
    return {"low": float(values.min()), "high": float(values.max())}


ISHIGAMI = dict.fromkeys(KEYS, (-np.pi, np.pi))


def ishigami(factors: dict[str, np.ndarray], generator: np.random.Generator) -> np.ndarray:
    """Return the function of Ishigami & Homma (1990), a = 7, b = 0.1."""
    del generator
    x, y, z = factors.values()
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


BOX = {MEMORY: (6.0, 120.0), SEVERITY: (0.0, 1.0), AWAY: (0.0, 0.9)}
"""Ranges of the factors of `planted`."""


def planted(replicates: int, inside: float = 0.9, outside: float = 0.05) -> Function:
    """Return what is likely where memory is long and the guarantor is away, and rare elsewhere."""

    def happens(factors: dict[str, np.ndarray], generator: np.random.Generator) -> np.ndarray:
        box = (factors[MEMORY] > 72) & (factors[AWAY] > 0.45)
        return generator.random((len(box), replicates)) < np.where(box, inside, outside)

    return happens
