"""The figure of ranks shows counts, their band and what lies outside, and nothing overlaps."""

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from sim.plots.ranks import BINS, rank_histograms
from sim.plots.style import ACCENT, SECOND
from tests.plots.drawn import faults, texts

FOOTER = ("Sources: a test", "made by hand")
DRAWS = 63
NAMES = ("initial_trust", "required_reliability", "diversification_threshold", "response_precision", "gap_out")


def drawn(count: int):
    table = pd.DataFrame(
        {
            "parameter": NAMES[:count],
            "uniform": [place != 1 for place in range(count)],
            "width": np.linspace(0.2, 1.0, count),
        }
    )
    ranks = np.random.default_rng(1).integers(DRAWS + 1, size=(100, count))
    ranks[:, 1] = 0
    return rank_histograms(table, ranks, DRAWS, (4, 24), FOOTER), ranks


def test_a_panel_counts_ranks_by_bin_and_marks_those_outside_their_band():
    sheet, ranks = drawn(5)
    assert len(sheet.axes) == 5
    for axes, own in zip(sheet.axes, ranks.T, strict=True):
        bars = [bar for bar in axes.patches if 0.8 < bar.get_width() < 0.9]
        counts, _ = np.histogram(own, bins=BINS, range=(0, DRAWS + 1))
        assert [bar.get_height() for bar in bars] == counts.tolist()
    colours = [to_hex(axes.patches[-1].get_facecolor()) for axes in sheet.axes]
    assert colours == [SECOND, ACCENT, SECOND, SECOND, SECOND]
    assert {"initial_trust", "0.20", "1.00"} <= set(texts(sheet))


def test_nothing_overlaps():
    for count in (2, 5):
        assert faults(drawn(count)[0]) == []
