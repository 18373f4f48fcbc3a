"""Waterfall figure of an attribution: from the metric without any event to the metric with all events."""

from typing import Any, Final

import numpy as np
import pandas as pd

from sim.output.formatting import amount, amounts
from sim.output.measuring import Kind, kind_of
from sim.output.stated import mean_in_words
from sim.plots.caption import Caption
from sim.plots.factors import is_share
from sim.plots.labels import share_axis
from sim.plots.page import FigurePage, text_width
from sim.plots.sensitivity import ROW, row_axes
from sim.plots.style import ACCENT, FAINT, INK, MUTED, SECOND, SMALL_SIZE, Sheet, styled
from sim.scenario.expressions import parse_metric

MOST: Final = 14
"""The maximum number of rows; the smaller shares are added up in one row."""

_BAR = 0.62
_REACH: Final[dict[str, Any]] = {"color": INK, "linewidth": 0.9, "zorder": 4}


def waterfall(
    shares: pd.DataFrame, ends: tuple[float, float], caption: Caption, *, words: tuple[str, str], metric: str
) -> Sheet:
    """Draw shares as steps from one value of a metric to another.

    Parameters
    ----------
    shares : pandas.DataFrame
        ``player``, ``value``, ``low``, ``high``; drawn from top to bottom, small ones beyond `MOST` as one.
    ends : tuple of float
        The metric without any of them, and with all.
    caption : Caption
        Words; its names stand at the rows.
    words : tuple of str
        The names of the first and the last row.
    metric : str
        The metric; where it lies between 0 and 1, the axis begins at 0 and is whole, or shows where it is cut.
    """
    with styled():
        rows = condensed(shares).to_dict("records")
        page = FigurePage(caption.title, caption.note)
        names = [words[0], *(caption.name(row["player"]) for row in rows), words[1]]
        parsed = parse_metric(metric)
        kind = kind_of(parsed)
        first, last = (mean_in_words(parsed, end) for end in ends)
        texts = [first, *(_text(row, kind) for row in rows), last]
        room = max(text_width(text, SMALL_SIZE) for text in (*texts, "share (90 %)"))
        page.below(0.12)  # the head of the last column stands above the rows
        axes = row_axes(page, names, right=page.right - room - 0.2)
        for position, end in ((0, ends[0]), (len(rows) + 1, ends[1])):
            axes.barh(position, end, height=_BAR, color=MUTED, label=names[position], zorder=2)
        level = ends[0]
        for position, row in enumerate(rows, start=1):
            value = row["value"]
            colour = ACCENT if value > 0 else SECOND
            axes.barh(position, value, left=level, height=_BAR, color=colour, label=row["player"], zorder=2)
            axes.plot([level, level], [position - 1, position], color=FAINT, linewidth=0.8, zorder=1)
            if not np.isnan(row["low"]):
                axes.hlines(position, level + row["low"], level + row["high"], label=f"{row['player']} 90 %", **_REACH)
            level += value
        axes.plot([level, level], [len(rows), len(rows) + 1], color=FAINT, linewidth=0.8, zorder=1)
        axes.axvline(0, color=MUTED, linewidth=0.6, zorder=0.6)
        beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "size": SMALL_SIZE, "va": "center"}
        for position, text in enumerate(texts):
            axes.text(1, position, f"   {text}", **beside)
        axes.text(1, -0.75, "   share (90 %)", color=MUTED, **beside)
        axes.use_sticky_edges = False
        axes.margins(x=0.05)
        reach = min(axes.dataLim.x0, 0.0), axes.dataLim.x1
        cut = share_axis(axes, "x", *reach, chance=kind == "chance") if is_share(metric) else ""
        axes.set_xlabel(f"{caption.measure}{cut}")
        page.below(ROW * len(names) + 0.45)
        return page.finish(*caption.footer)


def condensed(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the largest shares in their order, followed by the sum of all smaller ones.

    The sum has no interval; those of its parts are not independent.
    """
    if len(shares) <= MOST:
        return shares
    ranks = shares["value"].abs().rank(ascending=False, method="first")
    small = ranks >= MOST
    total = shares.loc[small, "value"].sum()
    together = {"player": f"{int(small.sum())} others", "value": total, "low": np.nan, "high": np.nan}
    large = shares.loc[~small, ["player", "value", "low", "high"]]
    return pd.concat([large, pd.DataFrame([together])], ignore_index=True)


def _text(row: dict[Any, Any], kind: Kind) -> str:
    value = amount(row["value"], kind)
    return value if np.isnan(row["low"]) else f"{value} ({amounts(row['low'], row['high'], kind)})"
