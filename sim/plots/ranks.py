"""The figure of ranks: where true values lie among draws of the posteriors of records that the model drew itself."""

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sim.output.measuring import Floats
from sim.plots.page import FigurePage, wrap
from sim.plots.style import ACCENT, FAINT, INK, MUTED, SECOND, SMALL_SIZE, Sheet, styled

BINS: Final = 8
"""Bins of each histogram."""

_COLUMNS: Final = 4
_GAP: Final = 0.14
_LEFT: Final = 0.5
_HEIGHT: Final = 0.72
_HEAD: Final = 0.34
_FOOT: Final = 0.2


def rank_histograms(
    table: pd.DataFrame, ranks: Any, draws: int, band: tuple[int, int], footer: tuple[str, ...]
) -> Sheet:
    """Draw the histogram of the ranks of each parameter, with the range in which even ranks would stay.

    Parameters
    ----------
    table : DataFrame
        One row for each parameter: ``parameter``, ``uniform``, ``width``.
    ranks : array (truths, parameters)
        0..draws; ``uniform`` says whether they are even as a whole.
    draws : int
        Draws among which each true value was ranked; one more is a multiple of `BINS`.
    band : tuple of int
        Lowest and highest count of a bin of even ranks.
    footer : tuple of str
        Sources and settings.
    """
    with styled():
        page = FigurePage(
            "Does the fit find the values that a record was drawn with?",
            f"Rank of the true value among {draws} draws of its posterior, in {BINS} bins, over {len(ranks)} records "
            "that the model drew itself. Too narrow a posterior piles ranks up at both ends, too wide a one in the "
            "middle, a shifted one at one end. Beside each name: width of the posterior, in widths of the prior.",
        )
        page.key(
            [Patch(facecolor=FAINT), Patch(facecolor=SECOND), Patch(facecolor=ACCENT)],
            ["95 % of even ranks, all bins together", "ranks even as a whole", "uneven as a whole, at 95 %"],
        )
        most = max(band[1], *(int(_counts(column, draws).max()) for column in ranks.T)) * 1.08
        width = (page.right - _LEFT - (_COLUMNS - 1) * _GAP) / _COLUMNS
        for index, row in enumerate(table.to_dict("records")):
            column = index % _COLUMNS
            left = _LEFT + column * (width + _GAP)
            head = wrap(row["parameter"], width - 0.3, SMALL_SIZE, lines=1)
            page.write(head, left, page.top + _HEAD - 0.08, size=SMALL_SIZE)
            page.write(
                f"{row['width']:.2f}", left + width, page.top + _HEAD - 0.08, size=SMALL_SIZE, colour=MUTED, ha="right"
            )
            page.below(_HEAD)
            axes = page.axes(_HEIGHT, left, left + width)
            page.below(-_HEAD)
            _histogram(axes, _counts(ranks[:, index], draws), band, SECOND if row["uniform"] else ACCENT)
            axes.set_ylim(0.0, most)
            axes.set_xticks([0, BINS], ["0", str(draws)])
            first, last = axes.get_xticklabels()
            first.set_horizontalalignment("left")
            last.set_horizontalalignment("right")
            if column == 0:
                axes.set_ylabel("records", size=SMALL_SIZE)
            else:
                axes.tick_params(labelleft=False)
            if column == _COLUMNS - 1 or index == len(table) - 1:
                page.below(_HEAD + _HEIGHT + _FOOT)
        page.below(0.05)
        return page.finish(*footer)


def _counts(ranks: Any, draws: int) -> Floats:
    return np.bincount(ranks * BINS // (draws + 1), minlength=BINS).astype(np.float64)


def _histogram(axes: Axes, counts: Floats, band: tuple[int, int], colour: str) -> None:
    axes.axhspan(*band, color=FAINT, linewidth=0, zorder=1)
    axes.bar(np.arange(BINS) + 0.5, counts, width=0.86, color=colour, zorder=2)
    axes.axhline(counts.sum() / BINS, color=INK, linewidth=0.6, zorder=3)
    axes.set_xlim(0, BINS)
