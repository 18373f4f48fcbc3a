"""Figure of scenario discovery: the candidate boxes, and the limits of the chosen box."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from sim.plots.caption import Caption, name_column
from sim.plots.labels import unit_ticks
from sim.plots.page import FigurePage
from sim.plots.style import ACCENT, FAINT, INK, MUTED, SECOND, SMALL_SIZE, Sheet, styled

_TALL = 3.0
_ROW = 0.34


def peeling(
    boxes: pd.DataFrame,
    halves: pd.DataFrame,
    limits: pd.DataFrame,
    spans: pd.DataFrame,
    caption: Caption,
    *,
    joined: bool,
) -> Sheet:
    """Draw density against coverage of all boxes, the chosen box on both halves of the data, and its limits.

    Parameters
    ----------
    boxes : pandas.DataFrame
        ``coverage``, ``density``, ``limits``, ``chosen``.
    halves : pandas.DataFrame
        ``half``; ``density`` and ``coverage`` with ``_low`` and ``_high``; the last row is the held-out half.
    limits : pandas.DataFrame
        ``factor``, ``low``, ``high`` of the chosen box; may be empty.
    spans : pandas.DataFrame
        ``factor``, ``least``, ``most``.
    caption : Caption
        Words.
    joined : bool
        Whether one box follows from the one before, as in a peeling trajectory.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        has_box = bool(boxes["chosen"].any())
        _key(page, joined=joined, has_box=has_box)
        axes = page.axes(_TALL, 0.72, page.right)
        dot: dict[str, Any] = {"linewidth": 0.0, "zorder": 3}
        line = {"linewidth": 0.8} if joined else {"linewidth": 0}
        axes.plot(boxes["coverage"], boxes["density"], color=MUTED, marker="o", markersize=3.2, label="boxes", **line)
        if has_box:
            chosen = boxes[boxes["chosen"]]
            axes.plot(chosen["coverage"], chosen["density"], "o", markersize=8, color=ACCENT, label="chosen", **dot)
            held = halves.to_dict("records")[-1]
            axes.hlines(held["density"], held["coverage_low"], held["coverage_high"], color=SECOND, linewidth=1.2)
            axes.vlines(held["coverage"], held["density_low"], held["density_high"], color=SECOND, linewidth=1.2)
            axes.plot(
                held["coverage"],
                held["density"],
                marker="D",
                markersize=5.5,
                color=SECOND,
                linewidth=0,
                label="held-out",
            )
        axes.axhline(boxes["density"].iloc[0], color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0.5)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        for axis in (axes.xaxis, axes.yaxis):
            unit_ticks(axis)
        axes.set_xlabel("coverage: share of all cases that lie in the box")
        axes.set_ylabel("density: share of the box's runs that are cases")
        page.below(_TALL + 0.55)
        if has_box:
            _ranges(page, limits, spans, caption)
        return page.finish(*caption.footer)


def _key(page: FigurePage, *, joined: bool, has_box: bool) -> None:
    handles = [Line2D([], [], color=MUTED, marker="o", markersize=3.2, linewidth=0.8 if joined else 0)]
    names = ["boxes, from the whole space on" if joined else "nodes of the tree"]
    if has_box:
        handles += [
            Line2D([], [], color=ACCENT, marker="o", markersize=7, linewidth=0),
            Line2D([], [], color=SECOND, marker="D", markersize=5, linewidth=1.2),
        ]
        names += ["chosen box", "the same on held-out points, with 90 %"]
    handles.append(Line2D([], [], color=MUTED, linewidth=0.6, linestyle=(0, (2, 2))))
    page.key(handles, [*names, "all runs"])


def _ranges(page: FigurePage, limits: pd.DataFrame, spans: pd.DataFrame, caption: Caption) -> None:
    """Draw the limits of the chosen box, each within its factor's range in the design."""
    names, left = name_column([caption.name(factor) for factor in limits["factor"]], page.width)
    page.text("The chosen box within the range of each factor", size=SMALL_SIZE, colour=MUTED)
    page.below(0.05)
    axes = page.axes(_ROW * len(limits), left + 0.55, page.right - 0.55)
    ends = {row["factor"]: (row["least"], row["most"]) for row in spans.to_dict("records")}
    for position, row in enumerate(limits.to_dict("records")):
        least, most = ends[row["factor"]]
        start = 0.0 if np.isnan(row["low"]) else (row["low"] - least) / (most - least)
        stop = 1.0 if np.isnan(row["high"]) else (row["high"] - least) / (most - least)
        axes.barh(position, 1, height=0.3, color=FAINT)
        axes.barh(position, stop - start, left=start, height=0.3, color=ACCENT, label=str(row["factor"]))
        for at, end, side in ((-0.01, least, "right"), (1.01, most, "left")):
            axes.text(at, position, _end(end, most - least), size=SMALL_SIZE, color=MUTED, ha=side, va="center")
        for at, end in ((start, row["low"]), (stop, row["high"])):
            if not np.isnan(end):
                axes.text(at, position - 0.18, f"{end:.4g}", size=SMALL_SIZE, color=INK, ha="center", va="bottom")
    axes.set_xlim(0, 1)
    axes.set_ylim(len(limits) - 0.5, -0.75)
    axes.set_yticks(range(len(limits)), names)
    axes.tick_params(axis="y", length=0, pad=42)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    page.below(_ROW * len(limits) + 0.1)


def _end(value: float, span: float) -> str:
    """Return the end of a range, rounded to a hundredth of the range."""
    return f"{round(value, 2 - math.floor(math.log10(span))):g}"
