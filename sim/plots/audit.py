"""The figure of an audit: the difference that a claim is about, under every check."""

from typing import Any, Final

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.analysis.auditing.verdicts import NOT_COUNTED
from sim.output.formatting import amount_within
from sim.output.measuring import Kind
from sim.plots.caption import Caption, name_column
from sim.plots.page import FigurePage, text_width
from sim.plots.style import ACCENT, FAINT, INK, MUTED, SECOND, SMALL_SIZE, Sheet, styled

_ROW: Final = 0.2
_COLOURS: Final = {"robust": INK, "shifted": SECOND, "fragile": ACCENT, "undecided": MUTED, NOT_COUNTED: MUTED}


def audit_rows(rows: pd.DataFrame, least: float, kind: Kind, caption: Caption) -> Sheet:
    """Draw the interval of the difference under each check against the band in which the claim is robust.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``check``, ``verdict``, ``counts``, ``difference``, ``low``, ``high``; the first row is the baseline.
    least : float
        The claim says that the difference exceeds this.
    kind : str
        Whether the metric is a number or a chance, whose differences are drawn in points.
    caption : Caption
        Words.
    kind : str
        What the metric is: a difference of chances is drawn in points.
    """
    scale = 100.0 if kind == "chance" else 1.0
    with styled():
        page = FigurePage(caption.title, caption.note)
        lines = [Line2D([], [], **_mark(verdict)) for verdict in _COLOURS]
        page.key([Patch(facecolor=FAINT), *lines], ["half to twice the baseline", *_COLOURS])
        entries = rows.to_dict("records")
        texts = [amount_within(row["difference"], row["low"], row["high"], kind) for row in entries]
        room = max(text_width(text, SMALL_SIZE) for text in texts)
        wrapped, left = name_column([row["check"] for row in entries], page.width)
        height = _ROW * len(entries) + 0.1
        axes = page.axes(height, left, page.right - room - 0.2)
        base = scale * float(rows["difference"].iloc[0])
        axes.axvspan(*sorted((base / 2, 2 * base)), color=FAINT, linewidth=0, zorder=0)
        axes.axvline(base, color=INK, linewidth=0.6, zorder=0.5, label="baseline")
        axes.axvline(scale * least, color=INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.6, label="limit")
        for position, (row, text) in enumerate(zip(entries, texts, strict=True)):
            low, middle, high = (scale * row[end] for end in ("low", "difference", "high"))
            colour = _COLOURS[row["verdict"]]
            axes.hlines(position, low, high, color=colour, linewidth=1.1, zorder=2, label=row["check"])
            axes.plot(middle, position, **_mark(row["verdict"]), zorder=3)
            axes.text(1, position, f"   {text}", transform=axes.get_yaxis_transform(), size=SMALL_SIZE, va="center")
        axes.set_yticks(range(len(entries)), wrapped, size=SMALL_SIZE)
        axes.set_ylim(len(entries) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.use_sticky_edges = False
        axes.set_xlabel(f"{caption.measure}{' (points)' if kind == 'chance' else ''}")
        page.below(height + 0.45)
        return page.finish(*caption.footer)


def _mark(verdict: str) -> dict[str, Any]:
    """Return the look of a verdict's mark: hollow where the check does not count."""
    face = {"markerfacecolor": "white"} if verdict == NOT_COUNTED else {}
    return {"color": _COLOURS[verdict], "marker": "o", "markersize": 3.5, **face}
