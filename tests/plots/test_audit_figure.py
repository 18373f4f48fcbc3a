"""The figure of an audit."""

import pandas as pd

from sim.plots.audit import audit_rows
from sim.plots.caption import Caption
from tests.plots.drawn import faults, whole_text

ROWS = pd.DataFrame(
    [
        ("baseline", "robust", True, 0.37, 0.34, 0.40),
        ("explanation-faithless-guarantor", "robust", True, 0.24, 0.20, 0.29),
        ("defaults", "shifted", True, 0.03, 0.01, 0.05),
        ("without-evidence", "not counted", False, 0.0, -0.02, 0.02),
        ("weeks", "fragile", True, -0.1, -0.2, 0.0),
        ("seed-2", "undecided", True, 0.3, -0.1, 0.7),
    ],
    columns=["check", "verdict", "counts", "difference", "low", "high"],
)


def test_each_check_is_a_row_beside_the_band_and_nothing_overlaps() -> None:
    caption = Caption(
        "Fragile: a claim", "A note.", "difference: chance of a freeze", ("Sources: model runs", "seed 1")
    )
    sheet = audit_rows(ROWS, 0.1, "chance", caption)
    assert faults(sheet) == []
    (axes,) = [axes for axes in sheet.figure.axes if axes.get_xlabel().startswith("difference")]
    assert axes.get_xlabel() == "difference: chance of a freeze (points)"
    assert "+37 points (" in whole_text(sheet)
    labels = [text.get_text().replace("\n", " ") for text in axes.get_yticklabels()]
    assert labels[0] == "baseline"
    assert labels[3] == "without-evidence"
    drawn = {line.get_label(): line.get_xdata()[0] for line in axes.lines}
    assert (drawn["baseline"], drawn["limit"]) == (37, 10)
    ends = {each.get_label(): each.get_segments()[0][:, 0].tolist() for each in axes.collections}
    assert ends["defaults"] == [1, 5]
