"""Tables of ``docs/validation.md``, read from a stored calibration and a stored hindcast without new computation."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.evidence import one_screen as screen
from sim.evidence.calibration.calibrating import EARLY, FULL, IDENTIFIED
from sim.evidence.calibration.checks import NULL, met
from sim.evidence.calibration.files import most_surprising
from sim.evidence.one_screen import CALIBRATION, HINDCAST, RANKS
from sim.experiments.parameters.sources import GENERAL, SCORED, unscored_note
from sim.output.formatting import percent, signed_number

MARKS: Final = {"pass": "", "miss": " **miss**", "-": " ?"}
"""Beside a value: within its interval, outside it, or not to be told."""

SHOWN: Final = ("prior", GENERAL, EARLY, FULL, NULL)
"""Columns of the table of patterns."""

MODEL: Final = "model"


def parts(folder: Path) -> Mapping[str, Callable[[], str]]:
    """Return functions that write the generated parts of the page, by name of the part.

    Parameters
    ----------
    folder : Path
        Holds the folders of `sim.evidence.one_screen`.
    """
    calibration, hindcast = folder / CALIBRATION, folder / HINDCAST
    fitted: dict[str, tuple[Callable[..., str], str, tuple[str, ...]]] = {
        "reference class": (patterns, "patterns.csv", ("world",)),
        "panel": (patterns, "patterns.csv", ("panel",)),
        "passes": (passes, "patterns.csv", ()),
        "fits": (fits, "fits.csv", ()),
        "exponents": (exponents, "exponents.csv", ()),
        "identified": (identified_parameters, "contraction.csv", ()),
        "surprises": (surprises, "members.csv", ()),
    }
    writers: dict[str, Callable[[], str]] = {
        name: partial(_if_stored, calibration / file, "calibration", write, *more)
        for name, (write, file, more) in fitted.items()
    }
    return writers | {
        "one screen": partial(one_screen, folder),
        "ranks": partial(_if_stored, folder / RANKS / "ranks.csv", "sbc", ranks),
        "explanations' weights": partial(weights, hindcast),
        "scorecard": partial(scorecard, hindcast),
        "differences": partial(differences, hindcast),
        "ablations": partial(ablations, hindcast),
        "rankings": partial(rankings, hindcast),
    }


def one_screen(folder: Path) -> str:
    """Return the goals of the judgement: asked, score, rival, interval of the difference, met or missed."""
    heads = ("asked", "model", "rival", "difference", "90 %", "verdict")
    return _table(heads, screen.rows(folder))


def _if_stored(path: Path, target: str, write: Callable[..., str], *more: str) -> str:
    """Return a part from a stored table, or which target of make writes the table if it is not stored."""
    return write(pd.read_csv(path), *more) if path.exists() else f"`make {target}` writes `{path.name}`."


def patterns(table: pd.DataFrame, tier: str) -> str:
    """Return the patterns of a tier: interval, and value with verdict by column."""
    rows: list[dict[str, Any]] = table[table["tier"] == tier].to_dict("records")  # type: ignore[assignment]
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


def passes(table: pd.DataFrame) -> str:
    """Return the number of patterns that each column meets."""
    return _table(
        ("parameters", "reference class", "panel"),
        (
            (row["parameters"], *(f"{row[tier]} of {row[f'{tier} of']}" for tier in ("world", "panel")))
            for row in met(table).to_dict("records")
        ),
    )


def fits(table: pd.DataFrame) -> str:
    """Return a table of the fits."""
    return _table(
        ("fit", "exponent", "draws", "effective size", "parameters identified", "tail shape of the weights"),
        (
            (
                row["fit"], f"{row['exponent']:g}", f"{row['draws']}", f"{row['effective_size']:.0f}",
                f"{row['identified']}", _number(row.get("tail")),
            )
            for row in table.to_dict("records")
        ),
    )  # fmt: skip


def exponents(table: pd.DataFrame) -> str:
    """Return a table of the exponents that were tried, with the log score of what each forecast."""
    return _table(
        ("factor", "forecast", "exponent", "log score", "without Armenia"),
        (
            (
                row["factor"], row["forecast"], f"{row['exponent']:g}", f"{row['score']:.3f}",
                "" if pd.isna(row["without_armenia"]) else f"{row['without_armenia']:.3f}",
            )
            for row in table.to_dict("records")
        ),
    )  # fmt: skip


def identified_parameters(table: pd.DataFrame) -> str:
    """Return shift and width of each parameter that a fit identifies, narrowest first; identified ones in bold."""
    names = list(dict.fromkeys(table["fit"]))
    cells = {(row["fit"], row["parameter"]): row for row in table.to_dict("records")}
    widths = table.groupby("parameter")["width"].min().sort_values(kind="stable")

    def cell(name: str, parameter: str) -> str:
        row = cells[name, parameter]
        text = f"{signed_number(row['shift'])}, {row['width']:.2f}"
        return f"**{text}**" if row["width"] <= IDENTIFIED else text

    return _table(
        ("parameter", *names),
        (
            (f"`{parameter}`", *(cell(name, str(parameter)) for name in names))
            for parameter in widths.index[widths <= IDENTIFIED]
        ),
    )


def surprises(table: pd.DataFrame) -> str:
    """Return the entries of the record that the full fit gives the lowest log-likelihood."""
    return _table(
        ("member", "kind", "year", "log-likelihood"),
        (
            (row["member"], row["kind"], f"{row['year']}", f"{row['log_likelihood']:.2f}")
            for row in most_surprising(table).to_dict("records")
        ),
    )


def ranks(table: pd.DataFrame) -> str:
    """Return the table of the ranks of true values among posterior draws, by parameter."""
    return _table(
        (
            "parameter", "even ranks (p)", "width", "correlation", "50 % holds", "90 % holds",
            "at the exponent below 1",
        ),
        (
            (
                f"`{row['parameter']}`", f"{row['evenness']:.2f}{'' if row['uniform'] else ' **uneven**'}",
                f"**{row['width']:.3f}**" if row["identified"] else f"{row['width']:.3f}", f"{row['correlation']:.2f}",
                percent(row["coverage50"]), percent(row["coverage90"]),
                f"{percent(row['coverage50_tempered'])}, {percent(row['coverage90_tempered'])}",
            )
            for row in table.to_dict("records")
        ),
    )  # fmt: skip


def weights(folder: Path) -> str:
    """Return a table of the explanations' forecast scores and weights, and note which parameters these leave out."""
    table = _read(folder, "explanations.csv")
    numbers = [name for name in table.columns if name != "explanation"]
    cells = ((row["explanation"], *(_number(row[name]) for name in numbers)) for row in table.to_dict("records"))
    return _with_note(_table(("explanation", *numbers), cells), folder)


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
                row["split"], row["score"], row["baseline"], signed_number(row['difference'], 3),
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
                row["contest"], row["split"], row["mode"], row["state"], percent(row["chance"]), f"{row['rank']:g}",
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
