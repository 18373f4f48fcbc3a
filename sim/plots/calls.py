"""Figure of allies' answers to calls: the share of runs with each level of help."""

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
from sim.output.subjects import branch_title, main_branch, state_in_sentence, state_name
from sim.plots.labels import provenance
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import (
    FAINT,
    HALO,
    HATCH,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    RESPONSE_COLOURS,
    SMALL_SIZE,
    Sheet,
    ink_on,
    styled,
)
from sim.words import NONE, RESPONSES

_ROW = 0.32
_TALL_ROW = 0.42
_NARROW = 5.0
_WIDE, _TALL = 0.94, 0.84
_UNASKED: Final[dict[str, Any]] = {**HATCH, "edgecolor": FAINT}
_FRAME: Final[dict[str, Any]] = {"edgecolor": INK, "linewidth": 0.9}
_MOST = 16

UNASKED: Final = "not asked"
"""Stands in place of a level where nobody called and the ally is not recorded as having helped."""

_ANSWERS: Final = (*RESPONSES, UNASKED)


def calls(result: ResultData, *, branch: str | None = None) -> Sheet:
    """Draw the shares of each ally's answers to each attack and crisis that has a date in the scenario.

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
    table = answer_shares(result, chosen)
    if table.empty:
        raise InputError(f"no ally was called in branch '{chosen}'")
    with styled():
        order = (result.guarantor, *(code for code in result.members if code != result.guarantor))
        allies = [code for code in order if code in set(table["ally"])]
        page = FigurePage(
            "What allies do about each attack and crisis",
            f"Shares of runs with each answer of each {result.focus} member; numbers are percent of runs. Framed: on "
            "record, so the same in every run; else decided by the agents. Blank: attacked itself, a party to it, or "
            f"not bound. Branch: {branch_title(result, chosen)}.",
        )
        _key(page, table)
        _matrix(page, result, table, allies)
        return page.finish(*provenance(result, "model runs; answers on record as the scenario file gives them", chosen))


def _key(page: FigurePage, table: pd.DataFrame) -> None:
    handles = [Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in RESPONSE_COLOURS.values()]
    names = [*RESPONSE_COLOURS]
    if (table[UNASKED] > 0).any():
        handles.append(Patch(**{**_UNASKED, "linewidth": 0.4}))
        names.append("not asked: nobody called")
    if table["fixed"].any():
        handles.append(Patch(facecolor="white", **_FRAME))
        names.append("on record")
    page.key(handles, names)


def no_calls(result: ResultData) -> str:
    """Return the reason why a result has no such figure, or an empty text."""
    return "" if result.answers.num_rows else "no ally was called"


def answer_shares(result: ResultData, branch: str) -> pd.DataFrame:
    """Return the shares of each ally's answers to each dated attack or crisis over all runs.

    Columns: event, date, victim, ally, fixed (whether the record fixes the answer in every run), severity, and the
    share of runs with each level of help and with `UNASKED`; the most severe sixteen events, in order of time. An ally
    counts as not asked where nobody called and it is not on record with a level above none.
    """
    rows = result.responses
    rows = rows[(rows["branch"] == branch) & rows["event"].isin(result.scenario.events)]
    spoken = rows["made"] | (rows["fixed"] & (rows["level"] > NONE))
    places = rows["level"].where(spoken, len(RESPONSES)).to_numpy(dtype=np.int64)
    pairs = rows.groupby(["event", "ally"], sort=True)
    counts = np.zeros((pairs.ngroups, len(_ANSWERS)), dtype=np.int64)
    np.add.at(counts, (pairs.ngroup().to_numpy(), places), 1)
    table = pairs.agg(
        date=("date", "first"), victim=("victim", "first"), fixed=("fixed", "all"), severity=("severity", "first")
    ).reset_index()
    shares = pd.DataFrame(counts / counts.sum(axis=1, keepdims=True), columns=list(_ANSWERS))
    table = pd.concat([table.assign(date=table["date"].map(_day)), shares], axis=1)
    gravest = table.drop_duplicates("event").sort_values(["severity", "date"], ascending=[False, True])
    shown = table[table["event"].isin(gravest["event"].head(_MOST))]
    return shown.sort_values(["date", "event", "ally"]).reset_index(drop=True)


def _day(given: object) -> date:
    return pd.Timestamp(str(given)).date()


def _matrix(page: FigurePage, result: ResultData, table: pd.DataFrame, allies: list[str]) -> None:
    events = list(dict.fromkeys(table["event"]))
    left = min(2.35, 0.42 * page.width)
    names = {
        event: f"{day_in_words(_day(rows['date'].iloc[0]))}, {_what(result, str(event))}"
        for event, rows in table.groupby("event", sort=False)
    }
    room = left - MARGIN - 0.1
    lines = 2 if page.width > _NARROW else 3
    row_height = _ROW if lines == 2 else _TALL_ROW
    height = row_height * len(events)
    width = (page.right - left) / len(allies)
    full = [state_name(result, ally) for ally in allies]
    heads = full if all(text_width(name, LABEL_SIZE) < width - 0.05 for name in full) else allies
    turned = any(text_width(name, LABEL_SIZE) > width - 0.05 for name in heads)
    page.below(0.1 + max(text_width(name, LABEL_SIZE) for name in heads) if turned else 0.16)
    axes = page.axes(height, left)
    cells = {(cell["event"], cell["ally"]): cell for cell in table.to_dict("records")}
    for row, event in enumerate(events):
        for column, ally in enumerate(allies):
            _cell(axes, row, column, cells.get((event, ally)), width)
    axes.set_xlim(-0.5, len(allies) - 0.5)
    axes.set_ylim(len(events) - 0.5, -0.5)
    axes.set_yticks(
        range(len(events)),
        [wrap(names[event], room, SMALL_SIZE, lines=lines) for event in events],
        size=SMALL_SIZE,
    )
    axes.set_xticks(range(len(allies)), heads, rotation=90 if turned else 0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    page.below(height + 0.05)


def _what(result: ResultData, event: str) -> str:
    happened = result.scenario.events[event]
    if isinstance(happened, Attack):
        return f"{state_name(result, happened.aggressor)} attacks {state_in_sentence(result, happened.victim)}"
    if isinstance(happened, Crisis):
        return f"crisis in {state_in_sentence(result, happened.victim)}"
    return event


def _cell(axes: Axes, row: int, column: int, shares: dict[Hashable, Any] | None, width: float) -> None:
    """Draw one cell: a bar for each answer, as wide as its share of the runs, the least help on the left."""
    left, bottom = column - _WIDE / 2, row - _TALL / 2
    whole = Rectangle((left, bottom), _WIDE, _TALL, facecolor="white", edgecolor=FAINT, linewidth=0.5)
    axes.add_artist(whole)
    if shares is None:
        return
    only = max(shares[answer] for answer in _ANSWERS) == 1.0
    for answer in (UNASKED, *RESPONSES):
        share = float(shares[answer])
        if share == 0.0:
            continue
        look = _UNASKED if answer == UNASKED else {"facecolor": RESPONSE_COLOURS[answer], "linewidth": 0}
        axes.add_artist(Rectangle((left, bottom), _WIDE * share, _TALL, gid=answer, **look))
        text = answer if only else f"{100 * share:.0f}"
        if text_width(text, SMALL_SIZE) < width * _WIDE * share - 0.04:
            axes.text(
                left + _WIDE * share / 2, row, text, ha="center", va="center_baseline", size=SMALL_SIZE,
                color=ink_on(str(look["facecolor"])), path_effects=HALO if answer == UNASKED else None,
            )  # fmt: skip
        left += _WIDE * share
    if shares["fixed"]:
        frame = Rectangle((column - _WIDE / 2, bottom), _WIDE, _TALL, gid="on record", facecolor="none", **_FRAME)
        axes.add_artist(frame)
