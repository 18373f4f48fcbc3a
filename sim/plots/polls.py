"""Polls on figures: which question belongs to which variable of the model, and how its waves are drawn and listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.output.result import ResultData
from sim.output.subjects import state_in_sentence, state_name
from sim.plots import record
from sim.plots.labels import on_axis
from sim.plots.page import FigurePage, ascent
from sim.plots.style import INK, MUTED, SMALL_SIZE

MEASURES: Final = {
    "approval": "approval",
    "exit_support": "support for leaving",
    "trust": "trust",
}
"""Variables with polls, by the record's word for them; polls of other things are left out."""

_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")


@dataclass(frozen=True)
class Series:
    """The polls of one pollster with one question, in one or more waves.

    Attributes
    ----------
    label : str
        The question and the pollster.
    measure : str
        The model's variable to compare with, from `MEASURES`.
    direct : bool
        Whether the question names what the variable is about: the guarantor for trust, the alliance for the others.
    waves : pandas.DataFrame
        Its rows of the record.
    mark : str
        The shape of its points.
    """

    label: str
    measure: str
    direct: bool
    waves: pd.DataFrame
    mark: str

    @property
    def look(self) -> dict[str, Any]:
        """How its points are drawn: full if the question is direct, hollow if it stands in for one."""
        return {
            "marker": self.mark,
            "color": INK,
            "markersize": 5,
            "markerfacecolor": INK if self.direct else "white",
            "markeredgecolor": "white" if self.direct else INK,
            "markeredgewidth": 0.5 if self.direct else 0.9,
        }


def source_of_polls() -> str:
    """Return where the polls come from and up to which day they are known, for the foot of a figure."""
    return f"polls as listed in sim/data/record/polls.csv, {record.known_until('polls')}"


def poll_series(result: ResultData, state: str, measures: Sequence[str] = tuple(MEASURES)) -> tuple[Series, ...]:
    """Return the polls of a state during the run, as one series for each question and pollster."""
    if result.focus != record.TREATY:
        return ()
    table = record.polls(state, result.days[0], result.days[-1])
    groups = [
        (measure, str(question), f"{question} \N{EN DASH} {pollster}", waves)
        for measure in measures
        for (pollster, question), waves in table[table["measure"] == measure].groupby(
            ["pollster", "question"], sort=False
        )
    ]
    return tuple(
        Series(label, measure, (record.TREATY in question) != (measure == "trust"), waves, _MARKS[number % len(_MARKS)])
        for number, (measure, question, label, waves) in enumerate(groups)
    )


def draw_polls(axes: Axes, asked: Sequence[Series]) -> None:
    """Draw polls as points at their days, the waves of one question joined by a thin line."""
    for series in asked:
        days = [on_axis(day) for day in series.waves["date"]]
        shares = series.waves["percent"].to_numpy() / 100
        line: dict[str, Any] = {"linewidth": 0.7, "linestyle": (0, (2, 2)), "zorder": 5, "clip_on": False}
        axes.plot(days, shares, label=series.label, **line, **series.look)


def poll_key(result: ResultData, asked: Sequence[Series]) -> tuple[list[Line2D], list[str]]:
    """Return the legend entries of `draw_polls`, empty without polls."""
    guarantor = state_name(result, result.guarantor)
    handles, names = [], []
    for direct in (True, False):
        matching = [series for series in asked if series.direct == direct]
        if matching:
            about = guarantor if (matching[0].measure == "trust") == direct else result.focus
            handles.append(Line2D([], [], linewidth=0, **{**matching[0].look, "marker": "o"}))
            names.append(f"polls that name {about}")
    return handles, names


def list_polls(
    page: FigurePage, result: ResultData, state: str, measures: Sequence[str], asked: Sequence[Series]
) -> None:
    """Draw the meaning of each mark in columns, and say which variables have no poll."""

    def row(index: int, left: float, right: float) -> None:
        series = asked[index]
        middle = page.top + ascent(SMALL_SIZE) - 0.035
        mark = Line2D([left + 0.08], [-middle], transform=page.inches, linewidth=0, **series.look)
        page.figure.add_artist(mark)
        about = f"{MEASURES[series.measure]}: " if len(measures) > 1 else ""
        page.text(f"{about}{series.label}", size=SMALL_SIZE, left=left + 0.22, right=right, lines=2)

    page.in_columns(len(asked), row)
    polled = {series.measure for series in asked}
    missing = [MEASURES[measure] for measure in measures if measure not in polled]
    if missing:
        words = f"No poll of {' or '.join(missing)} on record for {state_in_sentence(result, state)} in this time."
        page.text(words, size=SMALL_SIZE, colour=MUTED)
