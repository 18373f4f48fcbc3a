"""Scorecard tables and sentences for the command line."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from sim.evidence.hindcast.model_forecast import SIMULATED
from sim.evidence.hindcast.origins import HORIZONS
from sim.evidence.hindcast.questions import NAMES, RUNG
from sim.evidence.hindcast.rankings import ALARM, CONTESTS
from sim.evidence.hindcast.score_tables import ALL, SCORES
from sim.evidence.hindcast.scorecard import HEADLINE, Scorecard
from sim.output.formatting import percent, percents, signed_number
from sim.output.intervals import LEVEL
from sim.words import FREEZE, POSTURES

SHOWN: Final = 12
"""Horizon in months of what is printed for one horizon only."""


class Printed(NamedTuple):
    """Table for the command line: title, column heads, rows."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def card_tables(card: Scorecard) -> Iterator[Printed]:
    """Yield the headline scores of each split, and the differences from the model's scores with their intervals."""
    for split in card.splits:
        headline = card.headline()[split]
        shown = {name for horizons in headline.values() for values in horizons.values() for name in values}
        names = [name for name in NAMES if name in shown]
        rows = [
            (score, horizon, *(_number(headline[score][horizon].get(name)) for name in names))
            for score in SCORES
            for horizon in headline[score]
        ]
        yield Printed(f"{split}: scores, the smaller the better", ("score", "months", *names), rows)
        yield Printed(
            f"{split}: the model's score less the other's, with its {percent(LEVEL)} interval (~ too narrow)",
            ("score", "less", *(f"{horizon} months" for horizon in HORIZONS)),
            list(_differences(card.differences, split)),
        )
        yield Printed(
            f"{split}: ranked probability score over {SHOWN} months, by member",
            ("member", "forecasts", *(courses := [name for name in names if name in set(card.members["name"])])),
            list(_members(card.members, split, courses)),
        )


def explanations_table(table: pd.DataFrame) -> Printed:
    """Return the scores and weights of explanations as a table of text."""
    rows = [(str(name), *(f"{value:.3f}" for value in values)) for name, *values in table.itertuples(index=False)]
    return Printed(f"explanations, from 2022 on, {SHOWN} months ahead", tuple(table.columns), rows)


def _members(table: pd.DataFrame, split: str, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    shown = table[
        (table["split"] == split) & (table["mode"] == SIMULATED) & (table["score"] == "rps")
        & (table["horizon"] == SHOWN)
    ]  # fmt: skip
    for state, group in shown.groupby("state", sort=False):
        values = dict(zip(group["name"], group["value"], strict=True))
        yield (str(state), str(group["n"].iloc[0]), *(_number(values[name]) for name in names))


def _differences(table: pd.DataFrame, split: str) -> Iterator[tuple[str, ...]]:
    shown = table[(table["split"] == split) & table["target"].isin((ALL, RUNG))]
    for score in SCORES:
        for name in NAMES[1:]:
            here = shown[(shown["score"] == score) & (shown["baseline"] == name)].set_index("horizon")
            if not here.empty:
                rows: dict[Any, Any] = here.to_dict("index")
                yield (score, name, *(_apart(rows[horizon]) if horizon in rows else "" for horizon in HORIZONS))


def _apart(row: dict[str, Any]) -> str:
    if np.isnan(row["low"]):
        return signed_number(row["difference"], 4)
    narrow = "~" if row["block"] < row["overlap"] else ""
    low, high = signed_number(row["low"], 3), signed_number(row["high"], 3)
    return f"{signed_number(row['difference'], 4)} ({narrow}{low} to {high})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def card_lines(card: Scorecard) -> Iterator[str]:
    """Yield sentences about rankings, Armenia's probability, false alarms and power."""
    yield from _rankings(card)
    for split, group in card.alarms.groupby("split", sort=False):
        here = group[group["horizon"] == SHOWN]
        said = "; ".join(
            f"{row['target']} {row['alarms']} of {row['quiet']} (highest {percent(row['highest'])}, {row['state']} "
            f"from {row['origin']})"
            for row in here.to_dict("records")
        )
        alarms = f"a chance of {percent(ALARM)} or more over {SHOWN} months that came to nothing"
        yield f"{split}: false alarms, {alarms}: {said}."
    for split in card.splits:
        here = card.differences[
            (card.differences["split"] == split) & (card.differences["mode"] == HEADLINE)
            & (card.differences["target"] == ALL) & (card.differences["score"] == "brier")
        ]  # fmt: skip
        known = here["power"].dropna()
        if len(known):
            yield (
                f"{split}: were the model right, a comparison of Brier scores would find it better than a naive "
                f"forecaster in {percents(known.min(), known.max())} of histories."
            )


def _rankings(card: Scorecard) -> Iterator[str]:
    simulated = card.rankings[card.rankings["mode"] == SIMULATED]
    for (split, name), group in simulated.groupby(["split", "contest"], sort=False):
        contest = next(contest for contest in CONTESTS if contest.name == name)
        what = POSTURES[FREEZE] if contest.target == POSTURES[FREEZE] else "notice or exit"
        won = group[group["won"]]
        places = ", ".join(
            f"{row['state']} {percent(row['chance'])} (rank {row['rank']:g})" for row in won.to_dict("records")
        )
        area = group["auc"].iloc[0]
        low, high = group[["low", "high"]].iloc[0]
        interval = "" if np.isnan(low) else f", {low:.2f} to {high:.2f}"
        yield (
            f"{split}: {name}, chance of {what} within {contest.horizon} months of {contest.origin}, among "
            f"{len(group)}: {places}; AUC {area:.2f}{interval}."
        )
