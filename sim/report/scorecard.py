"""How well the model forecast the record of the alliance, from the shipped scorecard."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import pandas as pd

from sim.experiments.parameters.sources import unscored, unscored_note
from sim.output.formatting import decimals, plural
from sim.report.blocks import Block, Grid, Text

COLUMNS: Final = ("split", "mode", "score", "horizon", "name", "value")
"""The columns read from a scorecard: mean scores of forecasters, lower is better."""

HEADLINE: Final = "headline"
"""The mode whose scores represent a split."""

MODEL: Final = "model"
FORECASTERS: Final = {
    MODEL: "the model",
    "persistence": "nothing changes",
    "hazard": "constant rates",
    "last12": "as in the last year",
    "logit": "a regression",
    "never-helps": "nobody helps",
    "base-rate": "rates of other alliances",
}
"""The forecasters in words."""

TEST: Final = "test"
SPLITS: Final = {TEST: "from 2022", "leave-one-out": "left out"}
"""The parts of the record that the model was not fitted to, in words; the first pages tell of `TEST`."""

SCORES: Final = {
    "rps": "postures (ranked probability)",
    "brier": "events (Brier)",
    "log": "events (log)",
}
"""What was forecast, in words, with the score."""

NONE: Final = (
    "No scorecard ships yet: this version has not been scored against the coded record beside naive forecasters, so "
    "nothing here tells how far the model's chances can be trusted."
)


def shipped() -> Traversable:
    """Return the path of the shipped scorecard."""
    return files("sim") / "data" / "scorecard.csv"


def verdict(path: Traversable | None = None) -> str:
    """Return how often the model beats the forecast that nothing changes, in a sentence.

    Parameters
    ----------
    path : Traversable, optional
        Default: `shipped`.
    """
    cells = _cells(path)
    if cells is None:
        return NONE
    cells = cells[cells.index.get_level_values("split") == TEST]
    ahead, of = int((cells[MODEL] < cells["persistence"]).sum()), len(cells)
    newer = len(unscored())
    older = f" These scores are older than {plural(newer, 'parameter')} of the present model." if newer else ""
    return (
        "Tested on this alliance: with parameters fitted to the record up to 2019, the model's forecasts of 2022 to "
        f"2026 beat the forecast that nothing changes on {ahead} of {of} scores.{older}"
    )


def scorecard(path: Traversable | None = None) -> tuple[Block, ...]:
    """Return the scorecard as a table, or a statement that there is none.

    Parameters
    ----------
    path : Traversable, optional
        Default: `shipped`.
    """
    cells = _cells(path)
    if cells is None:
        return (Text(NONE, strong=True),)
    older = unscored_note()
    names = list(cells.columns)
    said = {name: FORECASTERS.get(name, name) for name in names}
    return (
        Text(
            "Forecasts of the coded record from many dates, scored beside simple forecasters. 0 is perfect, and less "
            "is better. Do not trust the model on a question where a simple forecaster scores less. In the part "
            "\u2018from 2022\u2019 the parameters are fitted to the record up to 2019; in \u2018left out\u2019 each "
            "member is forecast by a fit without its own record."
        ),
        *((Text(older),) if older else ()),
        Grid(
            "Mean scores by part of the record, question and months ahead",
            ("part", "what was forecast", "months", *said.values(), "best"),
            tuple(
                (
                    SPLITS[split],
                    SCORES.get(score, score),
                    months,
                    *(decimals(row[name], missing="\N{EN DASH}") for name in names),
                    said[str(row.idxmin())],
                )
                for (split, score, months), (_, row) in zip(cells.index.to_list(), cells.iterrows(), strict=True)
            ),
            figures=range(2, len(names) + 3),
        ),
    )


def _cells(path: Traversable | None) -> pd.DataFrame | None:
    """Return the headline scores, a row for each part, score and horizon; None if there is no scorecard."""
    source = path or shipped()
    if not source.is_file():
        return None
    with source.open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, dtype={"horizon": str})[list(COLUMNS)]
    rows = table[(table["mode"] == HEADLINE) & table["split"].isin(SPLITS)]
    return rows.pivot_table(index=["split", "score", "horizon"], columns="name", values="value", sort=False)
