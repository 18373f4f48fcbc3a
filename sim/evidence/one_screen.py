"""The one screen that opens ``docs/validation.md``: what was asked of the model, its score, the rival, met or missed.

All rows are read from stored tables: of the judgement of the library, the hindcast, the calibration and its check. A
table that is not stored leaves a row that says which command makes it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from sim.evidence.calibration.calibrating import FULL, IDENTIFIED
from sim.output.formatting import decimals, signed_number

CASES: Final = Path("cases")
CALIBRATION: Final = Path("calibration")
HINDCAST: Final = Path("hindcast")
RANKS: Final = Path("sbc")
"""Folders with the tables that are shown, below the one that `rows` is given."""

PLACES: Final = 3
FINER: Final = 4
"""Decimals of scores of the library, and of the record, whose scores are smaller."""

MET: Final = {True: "met", False: "**missed**"}
SCORES: Final = {
    "rps": ("rung", "ranked probability score", "at least as good"),
    "brier": ("all", "Brier score of all questions", "ahead"),
    "log": ("all", "log score of all questions", "ahead"),
}
"""Targets of the scores of the record, their words, and what is asked of each."""

SPLITS: Final = {"test": "from 2022, by the fit to 2019", "leave-one-out": "each member left out"}
HORIZONS: Final = (6, 12, 24)
RIVAL: Final = "persistence"


class ScreenRow(NamedTuple):
    """One goal: what was asked, the model's score, the rival and its score, the interval of the difference, verdict."""

    asked: str
    score: str
    rival: str
    difference: str
    interval: str
    verdict: str


def rows(folder: Path) -> list[ScreenRow]:
    """Return the goals of the judgement in the order of the page.

    Parameters
    ----------
    folder : Path
        Holds `CASES`, `HINDCAST`, `CALIBRATION` and `RANKS`.
    """
    return [
        *_library(folder / CASES),
        *_variants(folder / CASES),
        *_record(folder / HINDCAST),
        *_known(folder),
        *_recovered(folder / RANKS),
    ]


def _library(folder: Path) -> Iterator[ScreenRow]:
    path = folder / "screen.csv"
    if not path.exists():
        yield _missing("other alliances, each without its cluster", "make cases")
        return
    table = pd.read_csv(path, dtype=str)
    for row in table[table["verdict"] != "-"].to_dict("records"):
        yield ScreenRow(
            f"other alliances, {row['score']}: {row['asked']}", str(row["model"]), f"{row['rival']} {row['against']}",
            str(row["difference"]), str(row["interval"]), MET[row["verdict"] == "met"],
        )  # fmt: skip


def _variants(folder: Path) -> Iterator[ScreenRow]:
    path = folder / "variants.csv"
    if not path.exists():
        yield _missing("other alliances, worse without what the model says of trust and events", "make cases")
        return
    table = pd.read_csv(path)
    for row in table[table["score"] == "rps"].to_dict("records"):
        yield _compared(f"other alliances, rung (ranked probability): better than with {row['rival']}", row, "high")


def _record(folder: Path) -> Iterator[ScreenRow]:
    path = folder / "differences.csv"
    if not path.exists():
        yield _missing("the CSTO from 2022, and each member left out", "make hindcast")
        return
    table, scores = pd.read_csv(path), pd.read_csv(folder / "scorecard.csv")
    for split, words in SPLITS.items():
        for score, (target, named, asked) in SCORES.items():
            for months in HORIZONS:
                keys = {"split": split, "mode": "headline", "score": score, "horizon": months}
                comparison = _where(table, {**keys, "target": target, "baseline": RIVAL})
                model, rival = (_where(scores, {**keys, "name": name})["value"] for name in ("model", RIVAL))
                row = {**comparison, "model": model, "against": rival, "rival": RIVAL}
                yield _compared(f"the CSTO, {words}: {named} at {months} months: {asked}", row, "difference", FINER)


def _known(folder: Path) -> Iterator[ScreenRow]:
    path = folder / CALIBRATION / "contraction.csv"
    if not path.exists():
        yield _missing("parameters that the data identify", "make calibration")
        return
    table = pd.read_csv(path)
    widths = table[table["fit"] == FULL]["width"]
    identified = f"{int((widths <= IDENTIFIED).sum())} of {len(widths)}"
    yield ScreenRow(
        "parameters that the data identify (width at most half of the prior's)", identified, "", "", "", "-"
    )


def _recovered(folder: Path) -> Iterator[ScreenRow]:
    path = folder / "ranks.csv"
    if not path.exists():
        yield _missing("true values of records that the model drew itself", "make sbc")
        return
    table = pd.read_csv(path)
    identified = table[table["identified"]]
    yield _even("all parameters that such records identify", identified, MET[bool(identified["uniform"].all())])
    yield _even("parameters that vary", table, "-")


def _even(which: str, table: pd.DataFrame, verdict: str) -> ScreenRow:
    asked = f"records that the model drew itself, true values evenly ranked among posterior draws: {which}"
    return ScreenRow(asked, f"{int(table['uniform'].sum())} of {len(table)}", "", "", "", verdict)


def _where(table: pd.DataFrame, keys: dict[str, Any]) -> dict[str, Any]:
    chosen = table
    for column, value in keys.items():
        chosen = chosen[chosen[column] == value]
    (row,) = chosen.to_dict("records")
    return {str(name): value for name, value in row.items()}


def _compared(asked: str, row: Any, by: str, places: int = PLACES) -> ScreenRow:
    """Return a comparison as a row; it is met where the number named ``by`` is below 0, or 0 for "at least as good"."""
    low, high = (signed_number(row[end], places) for end in ("low", "high"))
    met = row[by] <= 0.0 if "at least" in asked else row[by] < 0.0
    return ScreenRow(
        asked, decimals(row["model"], places), f"{row['rival']} {decimals(row['against'], places)}",
        signed_number(row["difference"], places), f"{low} to {high}", MET[bool(met)],
    )  # fmt: skip


def _missing(asked: str, command: str) -> ScreenRow:
    return ScreenRow(asked, "", "", "", "", f"not scored yet: `{command}`")
