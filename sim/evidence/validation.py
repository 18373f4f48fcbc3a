"""Tables of ``docs/validation.md``, read from a stored calibration and a stored hindcast without new computation."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.experiments.parameters.sources import SCORED, unscored_note

CALIBRATION: Final = Path("calibration")
HINDCAST: Final = Path("hindcast")
"""Folders with the tables that are shown, below the one that `parts` is given."""

MARKS: Final = {"pass": "", "miss": " **miss**", "-": " ?"}
"""Beside a value: within its interval, outside it, or not to be told."""

SHOWN: Final = ("prior", "posterior-2019", "posterior-full", "null")
MODEL: Final = "model"


def parts(folder: Path) -> Mapping[str, Callable[[], str]]:
    """Return functions that write the generated parts of the page, by name of the part.

    Parameters
    ----------
    folder : Path
        Holds `CALIBRATION` and `HINDCAST`.
    """
    calibration, hindcast = folder / CALIBRATION, folder / HINDCAST
    writers: dict[str, Callable[[], str]] = {
        "reference class": partial(patterns, calibration, "world"),
        "panel": partial(patterns, calibration, "panel"),
        "passes": partial(passes, calibration),
        "fits": partial(fits, calibration),
        "identifiability": partial(identifiability, calibration),
        "explanations": partial(explanations, calibration),
        "explanations' weights": partial(weights, hindcast),
        "scorecard": partial(scorecard, hindcast),
        "differences": partial(differences, hindcast),
        "ablations": partial(ablations, hindcast),
        "rankings": partial(rankings, hindcast),
    }
    return writers


def patterns(folder: Path, tier: str) -> str:
    """Return the pattern matrix of a tier: interval, and value with verdict by column; `passes` has the ablations."""
    matrix = _read(folder, "patterns.csv")
    rows: list[dict[str, Any]] = matrix[matrix["tier"] == tier].to_dict("records")  # type: ignore[assignment]
    return _table(
        ("pattern", "fact", "accepted", *SHOWN),
        (
            (
                row["pattern"],
                row["fact"],
                f"{row['low']:g} to {row['high']:g}",
                *(_verdict(row, name) for name in SHOWN),
            )
            for row in rows
        ),
    )


def passes(folder: Path) -> str:
    """Return the number of patterns that each column of the matrix meets: priors, fits, ablations, the null."""
    matrix = _read(folder, "patterns.csv")
    names = [name.removesuffix(" verdict") for name in matrix.columns if name.endswith(" verdict")]
    tiers = {tier: matrix["tier"] == tier for tier in ("world", "panel")}

    def met(name: str, chosen: Any) -> str:
        verdicts = matrix.loc[chosen, f"{name} verdict"]
        return f"{int((verdicts == 'pass').sum())} of {int((verdicts != '-').sum())}"

    return _table(
        ("parameters", "reference class", "panel"),
        ((name, *(met(name, chosen) for chosen in tiers.values())) for name in names),
    )


def fits(folder: Path) -> str:
    """Return a table of the fits."""
    table = _read(folder, "fits.csv")
    return _table(
        ("posterior", "accepted", "effective size", "mean distance", "Armenia's weight", "its share of the misfit"),
        (
            (
                row["posterior"], f"{row['accepted']} of {row['pool']}", f"{row['effective_size']:.0f}",
                f"{row['mean_distance']:.3f}", f"{row['armenia_weight']:.3f}", f"{row['armenia_misfit']:.3f}",
            )
            for row in table.to_dict("records")
        ),
    )  # fmt: skip


def identifiability(folder: Path) -> str:
    """Return a table of how well each parameter can be identified from a history, the best identified first."""
    table = _read(folder, "identifiability.csv").sort_values("width", kind="stable")
    return _table(
        ("parameter", "width, of the prior's", "correlation", "coverage of 90 %", "identifiable"),
        (
            (
                f"`{row['parameter']}`", f"{row['width']:.2f}", f"{row['correlation']:.2f}", f"{row['coverage']:.2f}",
                "yes" if row["identifiable"] else "",
            )
            for row in table.head(12).to_dict("records")
        ),
    )  # fmt: skip


def explanations(folder: Path) -> str:
    """Return a table of explanations: their distances, or their forecast scores and weights."""
    table = _read(folder, "explanations.csv")
    numbers = [name for name in table.columns if name != "explanation"]
    return _table(
        ("explanation", *numbers),
        ((row["explanation"], *(_number(row[name]) for name in numbers)) for row in table.to_dict("records")),
    )


def weights(folder: Path) -> str:
    """Return a table of the explanations' forecast scores and weights, and note which parameters these leave out."""
    return _with_note(explanations(folder), folder)


def scorecard(folder: Path) -> str:
    """Return a table of the headline scores of each split by forecaster, the lowest in bold."""
    table = _read(folder, "scorecard.csv")
    shown = table[table["mode"] == "headline"]
    names = list(dict.fromkeys(shown["name"]))
    cells = shown.pivot_table(index=["split", "score", "horizon"], columns="name", values="value", sort=False)

    rows = []
    for key, values in zip(cells.index.to_list(), cells[names].to_numpy(), strict=True):
        texts = ["" if pd.isna(value) else f"{value:.3f}" for value in values]
        least = int(np.nanargmin(values))
        texts[least] = f"**{texts[least]}**"
        rows.append((*map(str, key), *texts))
    return _with_note(_table(("split", "score", "months", *names), rows), folder)


def differences(folder: Path) -> str:
    """Return the model's score minus each baseline's, with its interval, at 12 months."""
    table = _read(folder, "differences.csv")
    shown = table[(table["mode"] == "headline") & (table["horizon"] == 12)]
    return _table(
        ("split", "score", "baseline", "difference", "90 %", "power"),
        (
            (
                row["split"], row["score"], row["baseline"], f"{row['difference']:+.3f}",
                _interval(row["low"], row["high"]), _number(row["power"]),
            )
            for row in shown.to_dict("records")
        ),
    )  # fmt: skip


def ablations(folder: Path) -> str:
    """Return the model's scores without each mechanism, by score and horizon; better than the whole model in bold."""
    table = _read(folder, "ablations.csv")
    cells = table.pivot_table(index="mechanism", columns=["score", "horizon"], values="value", sort=False)
    values = cells.to_numpy(dtype=np.float64)

    def texts(row: np.ndarray) -> tuple[str, ...]:
        return tuple(
            f"**{value:.4f}**" if value < whole else f"{value:.4f}" for value, whole in zip(row, values[0], strict=True)
        )

    rows = [(str(name), *texts(row)) for name, row in zip(cells.index.to_list(), values, strict=True)]
    return _table(("without", *(f"{key[0]}, {key[1]}" for key in cells.columns.to_list())), rows)


def rankings(folder: Path) -> str:
    """Return the contests: each state's rank and probability, and the area under the curve."""
    table = _read(folder, "rankings.csv")
    won = table[table["won"]]
    return _table(
        ("contest", "split", "mode", "member", "chance", "rank", "AUC", "90 %"),
        (
            (
                row["contest"], row["split"], row["mode"], row["state"], f"{row['chance']:.3f}", f"{row['rank']:g}",
                _number(row["auc"]), _interval(row["low"], row["high"]),
            )
            for row in won.to_dict("records")
        ),
    )  # fmt: skip


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name)


def _with_note(table: str, folder: Path) -> str:
    return "\n\n".join(filter(None, [table, unscored_note(folder / SCORED.name)]))


def _verdict(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    return "" if pd.isna(value) else f"{value:.3g}{MARKS[row[f'{name} verdict']]}"


def _interval(low: float, high: float) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{low:.3f} to {high:.3f}"


def _number(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{float(value):.0f}" if abs(float(value)) >= 100 else f"{float(value):.3g}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
