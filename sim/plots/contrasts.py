"""Figure of several comparisons: the difference of each branch from one, by metric."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
from matplotlib.lines import Line2D

from sim.output.contrasts import Contrasts
from sim.output.formatting import amount, amounts, branch_title
from sim.output.measuring import Kind, kind_of
from sim.plots.caption import name_column
from sim.plots.factors import expression_label
from sim.plots.labels import provenance
from sim.plots.page import FigurePage, text_width
from sim.plots.sensitivity import ROW, row_axes
from sim.plots.style import INK, MUTED, SECOND, SMALL_SIZE, Sheet, save, styled
from sim.scenario.expressions import parse_metric

_UNITS: Final[Mapping[str, str]] = {"chance": "points", "date": "months", "number": "difference"}


def contrast_rows(contrasts: Contrasts) -> Sheet:
    """Draw the differences of several branches from one with their intervals, in a panel for each metric.

    Parameters
    ----------
    contrasts : Contrasts
        What was compared.
    """
    result = contrasts.result
    with styled():
        page = FigurePage(
            f"How far is each from '{branch_title(result.scenario, contrasts.baseline)}'?",
            f"Difference, the branch minus '{branch_title(result.scenario, contrasts.baseline)}', "
            f"with its 90 % interval. {contrasts.in_words()}",
        )
        page.key([Line2D([], [], color=SECOND, marker="o", markersize=4.5)], ["difference, with 90 % interval"])
        table = contrasts.table()
        for metric, rows in table.groupby("metric", sort=False):
            kind = kind_of(parse_metric(str(metric)))
            page.text(f"{expression_label(result.scenario, str(metric))} ({metric})", size=SMALL_SIZE)
            page.below(0.04)
            _panel(page, [_title(contrasts, branch) for branch in rows["branch"]], rows, kind)
        return page.finish(*provenance(result, "model runs"))


def draw_contrasts(contrasts: Contrasts, folder: Path) -> list[Path]:
    """Draw the figure ``comparison`` of several comparisons into a folder."""
    return save(contrast_rows(contrasts), folder / "comparison")


def _title(contrasts: Contrasts, branch: str) -> str:
    if contrasts.other is None:
        return branch_title(contrasts.result.scenario, branch)
    name, _, own = branch.rpartition(": ")
    return f"{name}: {branch_title(contrasts.other.scenario, own)}"


def _panel(page: FigurePage, names: list[str], rows: pd.DataFrame, kind: Kind) -> None:
    entries = rows.to_dict("records")
    texts = [_text(row, kind) for row in entries]
    room = max(text_width(text, SMALL_SIZE) for text in texts)
    axes = row_axes(page, names, left=name_column(names, page.width)[1], right=page.right - room - 0.2)
    scale = 100 if kind == "chance" else 1
    for position, (row, text) in enumerate(zip(entries, texts, strict=True)):
        if pd.notna(row["difference"]):
            label = row["branch"]
            axes.hlines(position, scale * row["low"], scale * row["high"], color=SECOND, linewidth=1.3, label=label)
            axes.plot(scale * row["difference"], position, marker="o", markersize=4.5, color=SECOND, label=label)
        axes.text(
            1, position, f"   {text}", transform=axes.get_yaxis_transform(), size=SMALL_SIZE, va="center", color=INK
        )
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=0.6)
    axes.set_xlabel(_UNITS[kind])
    page.below(ROW * len(entries) + 0.5)


def _text(row: dict[Any, Any], kind: Kind) -> str:
    if pd.isna(row["difference"]):
        return "unknown"
    return f"{amount(row['difference'], kind)} ({amounts(row['low'], row['high'], kind)})"
