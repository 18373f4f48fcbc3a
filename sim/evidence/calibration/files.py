"""Files of a calibration: the posteriors, the tables about them, and the folder of the sampler's steps."""

import hashlib
import math
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sim.digests import digest_sources
from sim.evidence.calibration.calibrating import EARLY, FULL, IDENTIFIED, Calibration, contraction
from sim.evidence.calibration.checks import met
from sim.evidence.calibration.fits import FitSize
from sim.experiments.parameters.explanations import PREFIX
from sim.experiments.parameters.sources import GENERAL
from sim.output import manifest
from sim.output.formatting import signed_number
from sim.output.manifest import digest, scenario_inputs
from sim.output.staging import staged
from sim.output.store import RESULTS
from sim.output.sweeps import code_digest
from sim.scenario.files import SHIPPED
from sim.scenario.schema import Scenario

CALIBRATIONS: Final = RESULTS / "calibration"
"""Where calibrations lie unless a folder is given."""

STEPS: Final = CALIBRATIONS / "steps"
"""Where the steps of the sampler lie unless a folder is given."""

MAIN: Final = (GENERAL, EARLY, FULL)
"""The fits that are checked, and compared with the prior."""

SURPRISES: Final = 12
"""Rows that the table of surprises shows."""

_CODE: Final = ("evidence/calibration", *(f"evidence/{name}.py" for name in (
    "cases/coding", "cases/dates", "cases/fields", "cases/reading", "cases/rungs", "record", "tables",
)))  # fmt: skip
_DATA: Final = ("cases.json", "calibration/*.toml", "explanations/*.toml", "record/*")


def identity(history: Scenario, size: FitSize) -> str:
    """Return the digest of all that determines a calibration: history, data, code, and size."""
    files = sorted(path for pattern in _DATA for path in SHIPPED.glob(pattern))
    data = hashlib.sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files))
    return digest(
        {
            "history": scenario_inputs(history),
            "data": data.hexdigest(),
            "code": [code_digest(), digest_sources(_CODE)],
            "size": [size.particles, size.small, size.seed],
        }
    )


def save(
    calibration: Calibration,
    patterns: pd.DataFrame,
    history: Scenario,
    size: FitSize,
    target: Path,
    seconds: float = 0.0,
) -> None:
    """Save a calibration as a folder that appears only when it is complete.

    Parameters
    ----------
    calibration : Calibration
    patterns : DataFrame
        The table of the posterior predictive checks.
    history : Scenario
        The history that the model was fitted to.
    size : FitSize
    target : Path
        The folder, new or empty.
    seconds : float
        Time that it took.

    Raises
    ------
    InputError
        If the folder exists and is not empty.
    """
    with staged(target) as folder:
        for name, table in tables(calibration, patterns).items():
            table.to_csv(folder / name, index=False, lineterminator="\n", float_format="%.6g")
        for name, posterior in calibration.posteriors().items():
            posterior.save(folder / f"{name}.parquet")
        fields = {
            "id": identity(history, size),
            "name": "calibration",
            "title": f"Calibration on {history.title}",
            "seed": size.seed,
            "replicates": 1,
            "particles": size.particles,
            "seconds": round(seconds, 3),
            "branches": [],
            "metrics": [],
            "posteriors": _described(calibration),
        }
        manifest.write(folder, "calibration", fields)


def tables(calibration: Calibration, patterns: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of a calibration by file name."""
    moved = [contraction(calibration.fits[name]).assign(fit=name) for name in MAIN]
    return {
        "fits.csv": calibration.summary(),
        "exponents.csv": calibration.exponents,
        "contraction.csv": pd.concat(moved)[["fit", "parameter", "shift", "width"]],
        "members.csv": calibration.members,
        "patterns.csv": patterns,
    }


def report(calibration: Calibration, patterns: pd.DataFrame, folder: Path, seconds: float) -> dict[str, Any]:
    """Return a calibration as plain data for JSON."""
    return {
        "folder": str(folder),
        "seconds": round(seconds, 3),
        "posteriors": _described(calibration),
        "identified": {name: identified(calibration, name)["parameter"].to_list() for name in MAIN},
        "patterns": met(patterns).set_index("parameters").to_dict("index"),
    }


def identified(calibration: Calibration, name: str) -> pd.DataFrame:
    """Return the contraction of a fit for the parameters that it identifies, the narrowest first."""
    table = contraction(calibration.fits[name])
    return table[table["width"] <= IDENTIFIED]


def most_surprising(members: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table by member, kind of decision and year with the lowest log-likelihood."""
    return members.sort_values("log_likelihood", kind="stable").head(SURPRISES)


def fit_rows(calibration: Calibration) -> list[list[str]]:
    """Return the fits as rows of text: name, exponent, draws, effective size, number of parameters identified."""
    return [
        [
            str(row["fit"]).removeprefix(PREFIX),
            f"{row['exponent']:g}",
            f"{row['draws']}",
            f"{row['effective_size']:.0f}",
            f"{row['identified']}",
        ]
        for row in calibration.summary().to_dict("records")
    ]


def exponent_rows(calibration: Calibration) -> list[list[str]]:
    """Return the exponents as rows of text: factor, what was forecast, exponent, mean log score."""
    return [
        [str(row["factor"]), str(row["forecast"]), f"{row['exponent']:g}", f"{row['score']:.3f}"]
        for row in calibration.exponents.to_dict("records")
    ]


def identified_rows(calibration: Calibration) -> list[list[str]]:
    """Return the parameters that a fit identifies as rows of text: fit, parameter, shift, width."""
    return [
        [name, str(row["parameter"]), signed_number(row["shift"]), f"{row['width']:.2f}"]
        for name in MAIN
        for row in identified(calibration, name).to_dict("records")
    ]


def surprise_rows(calibration: Calibration) -> list[list[str]]:
    """Return the entries that surprise the model most as rows of text: member, kind, year, log-likelihood."""
    return [
        [str(row["member"]), str(row["kind"]), f"{row['year']}", f"{row['log_likelihood']:.2f}"]
        for row in most_surprising(calibration.members).to_dict("records")
    ]


def pattern_rows(patterns: pd.DataFrame) -> list[list[str]]:
    """Return rows of text: parameters, and how many patterns of the reference class and of the history they meet."""
    return [
        [str(row["parameters"]), *(f"{row[tier]} of {row[f'{tier} of']}" for tier in ("world", "panel"))]
        for row in met(patterns).to_dict("records")
    ]


def _described(calibration: Calibration) -> dict[str, dict[str, Any]]:
    """Return digest and diagnostics of each posterior; numbers that are not finite become null, as JSON has none."""
    return {
        name: {"digest": posterior.digest, **{key: _finite(value) for key, value in posterior.diagnostics.items()}}
        for name, posterior in calibration.posteriors().items()
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
