"""The shipped scorecard of the model against the record, if there is one."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import pandas as pd

from sim.experiments.parameters.sources import unscored_note
from sim.output.formatting import decimals
from sim.report.blocks import Block, Grid, Text

COLUMNS: Final = ("split", "mode", "score", "horizon", "name", "value")
"""The columns read from a scorecard: mean scores of forecasters, lower is better."""

HEADLINE: Final = "headline"
"""The mode whose scores represent a split."""

MODEL: Final = "model"
NONE: Final = (
    "No scorecard ships yet: this version has not been scored against the coded record beside naive forecasters, so "
    "nothing here tells how far the model's chances can be trusted."
)


def shipped() -> Traversable:
    """Return the path of the shipped scorecard."""
    return files("sim") / "data" / "scorecard.csv"


def scorecard(path: Traversable | None = None) -> tuple[Block, ...]:
    """Return the scorecard as a table, or a statement that there is none.

    Parameters
    ----------
    path : Traversable, optional
        Default: `shipped`.
    """
    source = path or shipped()
    if not source.is_file():
        return (Text(NONE, strong=True),)
    with source.open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, dtype={"horizon": str})[list(COLUMNS)]
    older = unscored_note()
    rows = table[table["mode"] == HEADLINE]
    names = list(dict.fromkeys(rows["name"]))
    cells = rows.pivot_table(index=["split", "score", "horizon"], columns="name", values="value", sort=False)
    return (
        Text(
            "Forecasts of the coded record from many dates, scored beside naive forecasters; 0 is perfect, and less is "
            "better. Where a naive forecaster scores less than the model, the model has not earned trust for that."
        ),
        *((Text(older),) if older else ()),
        Grid(
            "Mean scores by part of the record, score and months ahead",
            ("part", "score", "months", *names, "best"),
            tuple(
                (*key, *(decimals(row[name], missing="\N{EN DASH}") for name in names), str(row.idxmin()))
                for key, (_, row) in zip(cells.index.to_list(), cells.iterrows(), strict=True)
            ),
            figures=range(2, len(names) + 3),
        ),
    )
