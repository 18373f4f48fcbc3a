"""Figure of allies' responses to calls: the most frequent response and its frequency."""

from collections.abc import Hashable
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from sim.errors import InputError
from sim.model.events.attack import Attack, Crisis
from sim.output.formatting import day_in_words
from sim.output.result import ResultData
from sim.plots.labels import branch_title, main_branch, provenance, state_name
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import (
    FAINT,
    FOOT_SIZE,
    HALO,
    HATCH,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    RESPONSE_COLOURS,
    SMALL_SIZE,
    WIDTH,
    Sheet,
    styled,
)
from sim.words import MATERIEL, NONE, RESPONSES

_ROW = 0.32
_UNASKED: Final[dict[str, Any]] = {**HATCH, "edgecolor": FAINT}
_MOST = 16

NOT_ASKED = -1
"""Stands in place of a level where nobody called and the ally is not recorded as having helped."""


def calls(result: ResultData, *, branch: str | None = None) -> Sheet:
    """Draw each ally's most frequent response to each attack and crisis that has a date in the scenario.

    Parameters
    ----------
    result : ResultData
        The result.
    branch : str, optional
        Default: ``as-happened``, else the first.

    Examples
    --------
    >>> result.plot.calls(branch="agents-decide")  # doctest: +SKIP
    """
    chosen = main_branch(result, branch)
    table = usual_responses(result, chosen)
    if table.empty:
        raise InputError(f"no ally was called in branch '{chosen}'")
    with styled():
        order = (result.guarantor, *(code for code in result.members if code != result.guarantor))
        allies = [code for code in order if code in set(table["ally"])]
        page = FigurePage(
            "What allies did about each attack and crisis",
            f"Most frequent response of each {result.focus} member and the share of runs with it; "
            "bold: fixed by the record, else decided by the agents; blank: attacked itself, a party to it, "
            f"or not bound. Branch: {branch_title(result, chosen)}.",
        )
        unasked = bool((table["level"] == NOT_ASKED).any())
        page.key(
            [
                *(Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in RESPONSE_COLOURS.values()),
                *([Patch(**{**_UNASKED, "linewidth": 0.4})] if unasked else []),
            ],
            [*RESPONSE_COLOURS, *(["not asked: nobody called"] if unasked else [])],
        )
        _matrix(page, result, table, allies)
        return page.finish(*provenance(result, "model runs; fixed responses as the scenario file gives them", chosen))


def no_calls(result: ResultData) -> str:
    """Return the reason why a result has no such figure, or an empty text."""
    return "" if result.answers.num_rows else "no ally was called"


def usual_responses(result: ResultData, branch: str) -> pd.DataFrame:
    """Return each ally's most frequent response to each dated attack or crisis, with its share of runs.

    Columns: event, date, victim, ally, level, share, fixed (whether the record fixes it in every run),
    severity; the most severe sixteen events, in order of time. The level is `NOT_ASKED` where most often nobody
    called and the ally is not fixed at a level above none.
    """
    rows = result.responses
    rows = rows[(rows["branch"] == branch) & rows["event"].isin(result.scenario.events)]
    spoken = rows["made"] | (rows["fixed"] & (rows["level"] > NONE))
    levels = rows["level"].where(spoken, NOT_ASKED).to_numpy(dtype=np.int64)
    pairs = rows.groupby(["event", "ally"], sort=True)
    counts = np.zeros((pairs.ngroups, len(RESPONSES) + 1), dtype=np.int64)
    np.add.at(counts, (pairs.ngroup().to_numpy(), levels - NOT_ASKED), 1)
    table = pairs.agg(
        date=("date", "first"), victim=("victim", "first"), fixed=("fixed", "all"), severity=("severity", "first")
    ).reset_index()
    table = table.assign(
        date=table["date"].map(_day), level=counts.argmax(axis=1) + NOT_ASKED, share=counts.max(1) / counts.sum(1)
    )
    gravest = table.drop_duplicates("event").sort_values(["severity", "date"], ascending=[False, True])
    kept = table[table["event"].isin(gravest["event"].head(_MOST))]
    return kept.sort_values(["date", "event", "ally"]).reset_index(drop=True)


def _day(given: object) -> date:
    return pd.Timestamp(str(given)).date()


def _matrix(page: FigurePage, result: ResultData, table: pd.DataFrame, allies: list[str]) -> None:
    events = list(dict.fromkeys(table["event"]))
    left = 2.35
    names = {
        event: f"{day_in_words(_day(rows['date'].iloc[0]))}, {_what(result, str(event))}"
        for event, rows in table.groupby("event", sort=False)
    }
    height = _ROW * len(events)
    page.below(0.16)
    axes = page.axes(height, left)
    width = (WIDTH - MARGIN - left) / len(allies)
    cells = {(cell["event"], cell["ally"]): cell for cell in table.to_dict("records")}
    for row, event in enumerate(events):
        for column, ally in enumerate(allies):
            _cell(axes, row, column, cells.get((event, ally)), width)
    axes.set_xlim(-0.5, len(allies) - 0.5)
    axes.set_ylim(len(events) - 0.5, -0.5)
    room = left - MARGIN - 0.1
    axes.set_yticks(
        range(len(events)),
        [wrap(names[event], room, SMALL_SIZE, lines=2) for event in events],
        size=SMALL_SIZE,
    )
    full = [state_name(result, ally) for ally in allies]
    fits = all(text_width(name, LABEL_SIZE) < width - 0.05 for name in full)
    axes.set_xticks(range(len(allies)), full if fits else allies)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    page.below(height + 0.05)


def _what(result: ResultData, event: str) -> str:
    happened = result.scenario.events[event]
    if isinstance(happened, Attack):
        return f"{state_name(result, happened.aggressor)} attacks {state_name(result, happened.victim)}"
    if isinstance(happened, Crisis):
        return f"crisis in {state_name(result, happened.victim)}"
    return event


def _cell(axes: Axes, row: int, column: int, found: dict[Hashable, Any] | None, width: float) -> None:
    box = (column - 0.48, row - 0.46)
    if found is None:
        axes.add_artist(Rectangle(box, 0.96, 0.92, facecolor="white", edgecolor=FAINT, linewidth=0.5))
        return
    asked = found["level"] != NOT_ASKED
    response = RESPONSES[int(found["level"])] if asked else "not asked"
    look = {"facecolor": RESPONSE_COLOURS[response], "linewidth": 0} if asked else _UNASKED
    axes.add_artist(Rectangle(box, 0.96, 0.92, **look))
    percent = "" if found["share"] > 0.995 else f" {100 * found['share']:.0f} %"
    text = response + percent
    weight = "bold" if found["fixed"] else "normal"
    size = SMALL_SIZE
    if text_width(text, size, weight) > width * 0.92:
        text, size = f"{response}\n{percent.strip()}" if percent else text.replace(" ", "\n"), FOOT_SIZE
    if text_width("statement", FOOT_SIZE, "bold") > width * 0.94:
        text = f"{100 * found['share']:.0f}"
    axes.text(
        column, row, text, ha="center", va="center", size=size, weight=weight, linespacing=1.0,
        color="white" if found["level"] >= MATERIEL else INK, path_effects=None if asked else HALO,
    )  # fmt: skip
