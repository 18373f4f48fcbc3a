"""The figure of the library of alliances: all cases at once, the forecast of each beside its outcome."""

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.cases.rungs import BREAK, LIBRARY_RUNGS
from sim.output.formatting import percent
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import ACCENT, HALO, INK, MARGIN, MUTED, SMALL_SIZE, Sheet, styled

CHANCE_COLUMNS: Final = tuple(f"p{rung}" for rung in range(len(LIBRARY_RUNGS)))

SURPRISE: Final = 0.1
"""An outcome that was given less than this is marked as a surprise."""

_SHADES: Final = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#c9dae8", "#6f9fc0", "#1f5c8b", "#0b2f4e"])
_SHOWN: Final = (0.05, 0.25, 0.5, 0.75, 1.0)

_GUARANTOR: Final = re.compile(r" \((?:[^()]|\([^()]*\))*\)$")

_GUTTER: Final = 0.3
_ROW: Final = 0.126
_HEADS: Final = 0.56
_STRIP: Final = 1.05
_EXIT: Final = 0.34
_GAP: Final = 0.06


def cases(rows: pd.DataFrame, footer: tuple[str, ...]) -> Sheet:
    """Draw every case as a strip over seven rungs, shaded by the forecast at five years, with the outcome as a mark.

    Parameters
    ----------
    rows : DataFrame
        One row for each case: ``label``, ``family``, ``p0`` to ``p6`` (chances of the rungs at five years), ``rung``
        (in force then, NaN where it is not known), ``chance`` of freeze or beyond within five years, and ``exit`` (1 if
        it happened, 0 if not, NaN where it is not known). Families come in their order in the table, and in each the
        cases by ``chance``.
    footer : tuple of str
        Sources and settings.
    """
    with styled():
        page = FigurePage(
            "Every case of the library: forecast and outcome at five years",
            "One row a case: the darker a cell, the likelier its rung; the mark is the rung in force five years after "
            "the key event, and a row without one has none on record. Right: chance of freeze or beyond at any time "
            "within five years, in bold where that happened. Within a family the least likely exits come first.",
        )
        page.key(
            [
                *(Patch(facecolor=_SHADES(share), edgecolor=MUTED, linewidth=0.4) for share in _SHOWN),
                _mark(INK),
                _mark(ACCENT),
            ],
            [
                *(percent(share) for share in _SHOWN),
                "outcome",
                f"outcome that was given less than {percent(SURPRISE)}",
            ],
        )
        columns = _columns(rows)
        width = (page.right - MARGIN - _GUTTER) / 2
        for column, lines in enumerate(columns):
            _column(page, lines, MARGIN + column * (width + _GUTTER), width)
        page.below(_HEADS + max(map(len, columns)) * _ROW + 0.05)
        return page.finish(*footer)


def _mark(colour: str) -> Line2D:
    return Line2D([], [], color=colour, marker="o", markersize=4, linewidth=0)


def _lines(rows: pd.DataFrame) -> Iterator[str | pd.Series]:
    """Yield the name of each family, followed by its cases from the least to the most likely exit."""
    for family, members in rows.groupby("family", sort=False):
        yield str(family)
        for _, row in members.sort_values(["chance", "label"]).iterrows():
            yield row


def _columns(rows: pd.DataFrame) -> list[list[str | pd.Series]]:
    """Return the lines of two columns of about the same length, or of one where there is one family alone."""
    lines = list(_lines(rows))
    heads = [number for number, line in enumerate(lines) if isinstance(line, str)]
    split = min(heads, key=lambda number: max(number, len(lines) - number))
    return [part for part in (lines[:split], lines[split:]) if part]


def _column(page: FigurePage, lines: list[str | pd.Series], left: float, width: float) -> None:
    start = left + width - _EXIT - _STRIP
    top = page.top
    page.below(_HEADS)
    axes = page.axes(len(lines) * _ROW, start, start + _STRIP)
    page.top = top
    _heads(page, start)
    room = start - left - _GAP
    for row, line in enumerate(lines):
        middle = top + _HEADS + (row + 0.5) * _ROW
        level: dict[str, Any] = {"size": SMALL_SIZE, "va": "center_baseline"}
        if isinstance(line, str):
            page.write(line, left, middle, weight="bold", **level)
            continue
        page.write(_name(line["label"], room), start - _GAP, middle, ha="right", **level)
        page.write(
            percent(line["chance"]), left + width, middle, ha="right", weight="bold" if line["exit"] == 1 else "normal",
            **level,
        )  # fmt: skip
    _strips(axes, lines)


def _name(label: str, room: float) -> str:
    """Return year, member and guarantor, or year and member alone where there is no room for the guarantor."""
    if text_width(label, SMALL_SIZE) <= room:
        return label
    return wrap(_GUARANTOR.sub("", label), room, SMALL_SIZE, lines=1)


def _heads(page: FigurePage, start: float) -> None:
    cell = _STRIP / len(LIBRARY_RUNGS)
    foot = page.top + _HEADS - 0.04
    for rung, word in enumerate(LIBRARY_RUNGS):
        page.write(
            word, start + (rung + 0.5) * cell, foot, size=SMALL_SIZE, colour=MUTED, rotation=90, ha="center",
            va="bottom",
        )  # fmt: skip
    right = start + _STRIP + _EXIT
    page.write("exit", right, foot, size=SMALL_SIZE, colour=MUTED, ha="right", va="bottom")


def _strips(axes: Axes, lines: list[str | pd.Series]) -> None:
    chances = np.full((len(lines), len(LIBRARY_RUNGS)), np.nan)
    for row, line in enumerate(lines):
        if isinstance(line, str):
            continue
        chances[row] = line[list(CHANCE_COLUMNS)].to_numpy(dtype=np.float64)
        if np.isnan(line["rung"]):
            continue
        rung = int(line["rung"])
        colour = ACCENT if chances[row, rung] < SURPRISE else INK
        axes.plot(
            rung, row, marker="o", markersize=4, color=colour, linewidth=0, path_effects=HALO, label=line["label"]
        )
    axes.pcolormesh(
        np.arange(-0.5, len(LIBRARY_RUNGS)), np.arange(-0.5, len(lines)), np.ma.masked_invalid(chances), cmap=_SHADES,
        vmin=0.0, vmax=1.0, edgecolors="white", linewidth=0.5, zorder=1,
    )  # fmt: skip
    axes.axvline(BREAK - 0.5, color=MUTED, linewidth=0.7, zorder=1.5)
    axes.set_xlim(-0.5, len(LIBRARY_RUNGS) - 0.5)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_axis_off()
