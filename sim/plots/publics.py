"""Figure of public opinion: modelled approval and support for exit, with poll results."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.output.formatting import share
from sim.output.result import ResultData
from sim.plots import record
from sim.plots.labels import (
    branch_title,
    client,
    days_on_axis,
    last_recorded,
    main_branch,
    mass,
    mass_key,
    on_axis,
    provenance,
    shade_unrecorded,
    state_name,
    time_axis,
    unit_ticks,
    unrecorded_key,
)
from sim.plots.page import FigurePage, ascent
from sim.plots.style import (
    ACCENT,
    INK,
    MARGIN,
    MEMBER_COLOURS,
    MUTED,
    SMALL_SIZE,
    WIDTH,
    Sheet,
    styled,
)

_LEFT = 0.62
_HEIGHT = 1.5
_MOVED = 0.05
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_COLOURS = MEMBER_COLOURS[:5]
_POINT: Final[dict[str, Any]] = {"markersize": 5, "markeredgecolor": "white", "markeredgewidth": 0.5}

MEASURES: Final = {
    "approval": "approval",
    "exit_support": "support for exit",
    "trust": "trust in the guarantor",
}
"""What polls are set beside, by the record's word for it; polls of other things are left out."""


@dataclass(frozen=True)
class Series:
    """The polls of one pollster with one question, in one or more waves.

    Attributes
    ----------
    label : str
        The question and the pollster.
    measure : str
        The model's variable to compare with, from `MEASURES`.
    waves : pandas.DataFrame
        Its rows of the record.
    mark, colour : str
        How its polls are drawn.
    """

    label: str
    measure: str
    waves: pd.DataFrame
    mark: str
    colour: str


def publics(result: ResultData, state: str | None = None, *, branch: str | None = None) -> Sheet:
    """Draw a member's public approval of the alliance and support for exit, with the polls on record.

    Parameters
    ----------
    result : ResultData
        The result.
    state : str, optional
        Member; default: the first that the scenario's metrics name, else the one whose trust falls most.
    branch : str, optional
        Default: ``as-happened``, else the first.

    Examples
    --------
    >>> result.plot.publics("ARM")  # doctest: +SKIP
    """
    with styled():
        chosen = main_branch(result, branch)
        member = client(result, state, chosen)
        asked = poll_series(result, member)
        page = FigurePage(
            _title(result, member, chosen),
            "Model: median and range over runs, 0 to 1. Polls: share of those asked; none asks for "
            "the model's variable itself, so read the questions in the list. "
            f"Branch: {branch_title(result, chosen)}.",
        )
        _key(page, result, bool(asked))
        polled = {series.measure for series in asked}
        shown = [measure for measure in MEASURES if measure != "trust" or measure in polled]
        for measure in shown:
            last = measure == shown[-1]
            axes = page.axes(_HEIGHT, _LEFT)
            values = modelled(result, measure, chosen, member)
            _panel(axes, result, values, [series for series in asked if series.measure == measure])
            axes.set_ylabel(MEASURES[measure].replace("the guarantor", state_name(result, result.guarantor)))
            room = time_axis(axes, result.days[0], result.days[-1], WIDTH - MARGIN - _LEFT, labels=last)
            page.below(_HEIGHT + (room + 0.04 if last else 0.15))
        _list(page, asked)
        known = record.known_until("polls")
        sources = f"model runs; polls as listed in sim/data/record/polls.csv, {known}"
        return page.finish(*provenance(result, sources, chosen))


def modelled(result: ResultData, measure: str, branch: str, state: str) -> NDArray[np.float64]:
    """Return the model's values of a quantity measured by polls (replicate, date)."""
    if measure == "trust":
        values = result.trust.sel(branch=branch, truster=state, trustee=result.guarantor)
    else:
        values = result.data[measure].sel(branch=branch, state=state)
    return np.asarray(values.transpose("replicate", "date").values, dtype=np.float64)


def poll_series(result: ResultData, state: str) -> tuple[Series, ...]:
    """Return the polls of a state during the run, as one series for each question and pollster."""
    if result.focus != record.TREATY:
        return ()
    table = record.polls(state, result.days[0], result.days[-1])
    table = table[table["measure"].isin(MEASURES)]
    groups = [
        (str(waves["measure"].iloc[0]), f"{question} \N{EN DASH} {pollster}", waves)
        for (_, pollster, question), waves in table.groupby(["measure", "pollster", "question"], sort=False)
    ]
    groups.sort(key=lambda group: list(MEASURES).index(group[0]))
    return tuple(
        Series(
            label=f"{MEASURES[measure].partition(' in ')[0]}: {label}",
            measure=measure,
            waves=waves,
            mark=_MARKS[number % len(_MARKS)],
            colour=_COLOURS[number % len(_COLOURS)],
        )
        for number, (measure, label, waves) in enumerate(groups)
    )


def _title(result: ResultData, state: str, branch: str) -> str:
    median = np.median(result.approval.sel(branch=branch, state=state).values, axis=0)
    first, last = float(median[0]), float(median[last_recorded(result)])
    what = f"Approval of {result.focus} in {state_name(result, state)}"
    if abs(last - first) < _MOVED:
        return f"{what} hardly moves"
    return f"{what} {'falls' if last < first else 'rises'} from {share(first)} to {share(last)}"


def _key(page: FigurePage, result: ResultData, polled: bool) -> None:
    ranges, spans = mass_key()
    shaded, shading = unrecorded_key(result)
    polls = [Line2D([], [], marker="o", color=INK, markersize=4.5, linewidth=0)] if polled else []
    page.key(
        [Line2D([], [], color=ACCENT, linewidth=1.8), *ranges, *polls, *shaded],
        ["model, median", *spans, *(["polls, listed below"] if polled else []), *shading],
    )


def _panel(axes: Axes, result: ResultData, values: NDArray[np.float64], asked: list[Series]) -> None:
    days = days_on_axis(result)
    mass(axes, days, values)
    axes.plot(days, np.median(values, axis=0), color=ACCENT, linewidth=1.8, zorder=3)
    for series in asked:
        axes.plot(
            [on_axis(day) for day in series.waves["date"]],
            series.waves["percent"].to_numpy() / 100,
            marker=series.mark,
            color=series.colour,
            linewidth=0.7,
            linestyle=(0, (2, 2)),
            zorder=4,
            clip_on=False,
            label=series.label,
            **_POINT,
        )
    shade_unrecorded(axes, result)
    axes.set_ylim(0, 1)
    unit_ticks(axes.yaxis)


def _list(page: FigurePage, asked: tuple[Series, ...]) -> None:
    """Draw the meaning of each mark, in two columns."""
    if not asked:
        page.text("No polls on record for this state and time.", size=SMALL_SIZE, colour=MUTED)
        return
    half = -(-len(asked) // 2)
    gutter = 0.2
    column = (WIDTH - 2 * MARGIN - gutter) / 2
    start = lowest = page.top
    for side, part in enumerate((asked[:half], asked[half:])):
        page.top = start
        left = MARGIN + side * (column + gutter)
        for series in part:
            middle = page.top + ascent(SMALL_SIZE) - 0.035
            mark = Line2D(
                [left + 0.08],
                [-middle],
                transform=page.inches,
                marker=series.mark,
                color=series.colour,
                linewidth=0,
                **_POINT,
            )
            page.figure.add_artist(mark)
            page.text(series.label, size=SMALL_SIZE, left=left + 0.22, right=left + column, lines=2)
        lowest = max(lowest, page.top)
    page.top = lowest
