"""Figure of branches ranked over many draws: the metric, the regret, and how often each branch is best."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.plots.caption import Caption, name_column
from sim.plots.labels import share_axis
from sim.plots.page import FigurePage
from sim.plots.sensitivity import ROW, row_axes
from sim.plots.style import ACCENT, INK, SECOND, Sheet, styled

_GAP: Final = 0.36
_EDGE: Final = 0.16
"""Room in inches for the half of the last number that stands out of its axis."""

_LABELS: Final = 0.6


def ranking_rows(
    ranking: pd.DataFrame,
    by_point: pd.DataFrame,
    titles: Mapping[str, str],
    caption: Caption,
    *,
    share: bool = False,
    chance: bool = False,
) -> Sheet:
    """Draw a row for each branch: its metric at every draw, its regret, and the share of draws at which it is best.

    Parameters
    ----------
    ranking : pandas.DataFrame
        ``branch``, ``mean``, ``regret``, ``regret_q95``, ``best``, ``best_low``, ``best_high``; drawn from top to
        bottom.
    by_point : pandas.DataFrame
        ``branch``, ``value``.
    titles : mapping
        Titles of branches.
    caption : Caption
        Words.
    share : bool
        Whether the metric lies between 0 and 1.
    chance : bool
        Whether it is a chance, which is drawn in percent, and its regret in points.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        page.key(
            [
                Line2D([], [], linewidth=0, marker="|", color=SECOND, markersize=8),
                Line2D([], [], linewidth=0, marker="o", color=INK, markersize=4.5),
                Patch(facecolor=ACCENT),
                Line2D([], [], color=INK, linewidth=0.9),
            ],
            ["one draw", "mean", "mean regret (line: up to the 95 % quantile)", "90 % interval"],
        )
        names = [titles.get(branch, branch) for branch in ranking["branch"]]
        positions = np.arange(len(ranking), dtype=np.float64)
        left = name_column(names, page.width)[1]
        width = (page.right - _EDGE - left - 2 * _GAP) / 3
        starts = [left + number * (width + _GAP) for number in range(3)]
        panels = [row_axes(page, names, left=start, right=start + width) for start in starts]
        for number, axes in enumerate(panels):
            axes.tick_params(axis="y", labelleft=number == 0)
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        values, regrets, shares = panels
        for position, branch in zip(positions, ranking["branch"], strict=True):
            drawn = by_point["value"][by_point["branch"] == branch]
            values.plot(
                drawn, np.full(len(drawn), position), linewidth=0, marker="|", markersize=11, color=SECOND, alpha=0.25,
                label=f"{branch} draws",
            )  # fmt: skip
        values.plot(
            ranking["mean"], positions, linewidth=0, marker="o", markersize=4.5, color=INK, label="mean", zorder=3
        )
        low, high = float(by_point["value"].min()), float(by_point["value"].max())
        cut = share_axis(values, "x", low, high, chance=chance) if share else ""
        values.set_xlabel(f"the metric{cut}")
        scale = 100 if chance else 1
        if chance:
            values.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        ends = scale * ranking["regret"], scale * ranking["regret_q95"]
        regrets.barh(positions, ends[0], height=0.6, color=ACCENT, label="regret")
        regrets.hlines(positions, *ends, color=INK, linewidth=0.9, label="regret 95 %")
        regrets.set_xlim(left=0)
        regrets.set_xlabel("regret (points)" if chance else "regret")
        shares.barh(positions, ranking["best"], height=0.6, color=SECOND, label="best")
        shares.hlines(positions, ranking["best_low"], ranking["best_high"], color=INK, linewidth=0.9, label="best 90 %")
        shares.set_xlim(0, 1)
        shares.set_xticks([0, 0.5, 1])
        shares.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        shares.set_xlabel("share of draws at which\nit is best")
        page.below(ROW * len(ranking) + _LABELS)
        return page.finish(*caption.footer)
