"""Files of a calibration: a folder of posteriors, the pattern matrix and other tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sim.evidence.bench import Bench
from sim.evidence.calibration import Calibration, CalibrationSize
from sim.evidence.fits import ESS_FLOOR, FULL
from sim.evidence.patterns import Pattern, load_patterns
from sim.experiments.parameters.explanations import PREFIX
from sim.output import manifest
from sim.output.manifest import digest
from sim.output.staging import staged
from sim.output.store import RESULTS
from sim.scenario.schema import Scenario

CALIBRATIONS: Final = RESULTS / "calibration"
"""Where calibrations lie unless a folder is given."""

BANK: Final = CALIBRATIONS / "bank"
"""Where the bank lies unless a folder is given."""

PATTERNS: Final = "patterns.csv"
SHOWN: Final = ("prior", "reference-class", "posterior-2019", "posterior-full", "null")
"""Columns of the pattern matrix that are printed; those without a mechanism stand in the file."""


def folder_for(scenario: Scenario, settings: CalibrationSize, patterns: Sequence[Pattern] | None = None) -> Path:
    """Return the default folder of a calibration: ``results/calibration/<digest of its inputs>``.

    Raises
    ------
    InputError
        If the scenario cannot be calibrated on.
    """
    return CALIBRATIONS / _identity(Bench.of(scenario, patterns or load_patterns()).identity, settings)


def _identity(bench: str, settings: CalibrationSize) -> str:
    sizes = {"size": settings.size, "replicates": settings.replicates, "seed": settings.seed}
    return digest({"bench": bench, **sizes})


def save(found: Calibration, scenario: Scenario, target: Path, seconds: float = 0.0) -> None:
    """Save a calibration as a folder that appears only when it is complete.

    Parameters
    ----------
    found : Calibration
    scenario : Scenario
        The history that it was fitted to.
    target : Path
        The folder, new or empty.
    seconds : float
        Time that it took.

    Raises
    ------
    InputError
        If it exists and is not empty.
    """
    settings = found.settings
    with staged(target) as folder:
        for name, table in tables(found).items():
            table.to_csv(folder / name, index=False, lineterminator="\n", float_format="%.6g")
        for name, posterior in found.posteriors.items():
            posterior.save(folder / f"{name}.parquet")
        fields = {
            "id": _identity(found.posteriors[FULL].provenance["bench"], settings),
            "name": "calibration",
            "title": f"Calibration on {scenario.title}",
            "seed": settings.seed,
            "replicates": settings.replicates,
            "size": settings.size,
            "seconds": round(seconds, 3),
            "branches": [],
            "metrics": [],
            "posteriors": {name: {"digest": one.digest, **one.diagnostics} for name, one in found.posteriors.items()},
        }
        manifest.write(folder, "calibration", fields)


def tables(found: Calibration) -> dict[str, pd.DataFrame]:
    """Return the tables of a calibration by file name."""
    return {
        "screening.csv": found.screening,
        PATTERNS: found.matrix,
        "identifiability.csv": found.identifiability,
        "fits.csv": fits_table(found),
        "tuning.csv": found.tuning,
        "emulators.csv": found.emulated,
        "explanations.csv": found.explained,
    }


def fits_table(found: Calibration) -> pd.DataFrame:
    """Return a table of the fits, one row a posterior."""
    return pd.DataFrame([{"posterior": name, **one.diagnostics} for name, one in found.posteriors.items()])


def report(found: Calibration, folder: Path, bank: Path, seconds: float) -> dict[str, Any]:
    """Return a calibration as plain data for JSON."""
    settings = found.settings
    verdicts = [name for name in found.matrix.columns if name.endswith(" verdict")]
    return {
        "folder": str(folder),
        "bank": str(bank),
        "size": settings.size,
        "replicates": settings.replicates,
        "seed": settings.seed,
        "seconds": round(seconds, 3),
        "posteriors": {name: {"digest": one.digest, **one.diagnostics} for name, one in found.posteriors.items()},
        "patterns": {
            name.removesuffix(" verdict"): {
                verdict: int((found.matrix[name] == verdict).sum()) for verdict in ("pass", "miss", "-")
            }
            for name in verdicts
        },
        "parameters_that_matter": list(found.screening.loc[found.screening["kept"], "parameter"]),
        "identifiable": list(found.identifiability.loc[found.identifiability["identifiable"], "parameter"]),
        "explanations": found.explained.set_index("explanation").to_dict("index"),
    }


def thin(found: Calibration) -> list[str]:
    """Return a warning for every fit whose effective sample size is below the minimum."""
    return [
        f"{name}: effective sample size {one.effective_size:.0f}, below {ESS_FLOOR:.0f}; its spread is unsure"
        for name, one in found.posteriors.items()
        if one.diagnostics["thin"]
    ]


def pattern_rows(found: Calibration, tier: str | None = None) -> list[list[str]]:
    """Return the pattern matrix as rows of text: pattern, interval, and the value with its verdict in each column."""
    rows = []
    for row in found.matrix.to_dict("records"):
        if tier is not None and row["tier"] != tier:
            continue
        cells = [f"{row[name]:.3g} {_MARKS[row[f'{name} verdict']]}" for name in SHOWN if name in row]
        rows.append([str(row["pattern"]), f"{row['low']:g}..{row['high']:g}", *cells])
    return rows


_MARKS: Final = {"pass": "ok", "miss": "--", "-": " ?"}


def fit_rows(found: Calibration) -> list[list[str]]:
    """Return the fits as rows of text: posterior, accepted draws, effective size, mean distance, Armenia's weight."""
    return [
        [
            name.removeprefix(PREFIX) if name.startswith(PREFIX) else name,
            f"{one.diagnostics['accepted']} of {one.diagnostics['pool']}",
            f"{one.effective_size:.0f}",
            f"{one.diagnostics['mean_distance']:.3f}",
            f"{one.diagnostics['armenia_weight']:.3f}",
        ]
        for name, one in found.posteriors.items()
    ]


def explained_rows(found: Calibration) -> list[list[str]]:
    """Return explanations as rows of text: draws among the nearest, distance of the nearest draw, median distance."""
    return [
        [str(row["explanation"]), f"{row['near']} of {row['draws']}", f"{row['nearest']:.3f}", f"{row['median']:.3f}"]
        for row in found.explained.to_dict("records")
    ]
