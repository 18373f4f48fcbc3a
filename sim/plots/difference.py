"""Figure of the difference between two branches over time, paired run by run on equal random draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.output.comparing import ComparisonData, Course
from sim.output.formatting import amount, amounts, month, sentence, signed_digits
from sim.output.measuring import Kind
from sim.output.result import ResultData
from sim.output.subjects import clients, quoted
from sim.plots.asked import Asked
from sim.plots.event_markers import draw_list, draw_strip, key_events
from sim.plots.labels import days_on_axis, provenance, shade_unrecorded, time_axis, unrecorded_key
from sim.plots.page import FigurePage
from sim.plots.style import ACCENT, INK, MUTED, SECOND, SMALL_SIZE, Sheet, save, styled
from sim.report.wording import course_words

PANELS: Final = 4
"""Most courses that are drawn; all are in the table."""

EVENTS: Final = 8
"""Most events that are marked."""

_LEFT = 0.72
_HEIGHT = 1.45
_FAN = ((("q05", "q95"), 0.16), (("q25", "q75"), 0.34))


def difference(comparison: ComparisonData) -> Sheet:
    """Draw the difference between two branches over time, with one panel for each time series.

    Numbers have a fan that holds 50 and 90 % of the pairs, and chances the 90 % interval of their difference; the
    line is the mean.

    Parameters
    ----------
    comparison : ComparisonData
        Its metrics say what is drawn.

    Examples
    --------
    >>> result.comparison("as-happened", "russia-intervenes").plot()  # doctest: +SKIP
    """
    result = comparison.result
    with styled():
        courses = comparison.courses
        shown = courses[:PANELS]
        page = FigurePage(
            f"What changes from {quoted(result, comparison.a)} to {quoted(result, comparison.b)}",
            "Difference, second branch minus first, of runs that share their random draws: above 0 the second has more "
            "of it." + (f" The table has {len(courses) - PANELS} more." if len(courses) > PANELS else ""),
        )
        _key(page, result, shown)
        panels: list[Axes] = []
        for course in shown:
            last = course is shown[-1]
            page.text(f"{sentence(course_words(result, course.metric))}: {_summary(result, course)}", size=SMALL_SIZE)
            page.below(0.04)
            axes = page.axes(_HEIGHT, _LEFT)
            _panel(axes, result, course)
            room = time_axis(axes, result.days[0], result.days[-1], page.right - _LEFT, labels=last)
            page.below(_HEIGHT + (room + 0.04 if last else 0.16))
            panels.append(axes)
        markers = key_events(result, comparison.b, _member(result, courses), EVENTS)
        draw_strip(page, panels, markers, _LEFT, page.right)
        draw_list(page, markers)
        return page.finish(*provenance(result, "model runs; events and their dates as the scenario file gives them"))


def _member(result: ResultData, courses: Sequence[Course]) -> str:
    """Return the member for which events are weighed: the first that a course is about, else the guarantor."""
    owners = (course.metric.path.owner for course in courses)
    return next((owner for owner in owners if owner in clients(result)), result.guarantor)


def draw_difference(comparison: ComparisonData, folder: Path, formats: Sequence[str] | None = None) -> list[Path]:
    """Draw the figure ``difference`` of a comparison into a folder, if the result records any of its time series."""
    return save(difference(comparison), folder / "difference", formats) if comparison.courses else []


def _summary(result: ResultData, course: Course) -> str:
    """Return the difference on the day that the metric asks about, else at the end, in words."""
    day = Asked(result, course.metric.text).day or result.days[-1]
    end = course.table.iloc[result.days.index(day)]
    if pd.isna(end["difference"]):
        return f"no value in {month(end['date'])}"
    kind: Kind = "chance" if course.chance else "number"
    text = f"{amount(end['difference'], kind)} in {month(end['date'])}"
    return text if pd.isna(end["low"]) else f"{text} (90 %: {amounts(end['low'], end['high'], kind)})"


def _key(page: FigurePage, result: ResultData, shown: Sequence[Course]) -> None:
    shaded, shading = unrecorded_key(result)
    handles: list[Patch | Line2D] = [Line2D([], [], color=ACCENT, linewidth=1.8)]
    names = ["mean difference"]
    if any(not course.chance for course in shown):
        handles += [Patch(facecolor=ACCENT, alpha=opacity + 0.05, linewidth=0) for _, opacity in reversed(_FAN)]
        handles.append(Line2D([], [], color=INK, linewidth=0.7, linestyle=(0, (3, 2))))
        names += ["half of the pairs", "90 % of the pairs", "90 % interval of the mean"]
    if any(course.chance for course in shown):
        handles.append(Patch(facecolor=SECOND, alpha=0.25, linewidth=0))
        names.append("90 % interval of a difference in chance")
    page.key([*handles, *shaded], [*names, *shading])


def _panel(axes: Axes, result: ResultData, course: Course) -> None:
    days, table = days_on_axis(result), course.table
    ends = table["low"], table["high"]
    if course.chance:
        axes.fill_between(days, *ends, color=SECOND, alpha=0.25, linewidth=0, zorder=2, label="interval")
    else:
        for (low, high), opacity in _FAN:
            axes.fill_between(
                days, table[low], table[high], color=ACCENT, alpha=opacity, linewidth=0, zorder=2, label=low
            )
        for end in ends:
            axes.plot(days, end, color=INK, linewidth=0.7, linestyle=(0, (3, 2)), zorder=3, label="interval")
    axes.plot(days, table["difference"], color=ACCENT, linewidth=1.8, zorder=4, label="mean")
    axes.axhline(0, color=MUTED, linewidth=0.6, zorder=1)
    shade_unrecorded(axes, result)
    axes.margins(y=0.08)
    if np.nanmax(np.abs(table.select_dtypes("number").to_numpy()), initial=0.0) == 0:
        axes.set_ylim(-0.1, 0.1)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if course.chance:
        axes.yaxis.set_major_formatter(lambda value, _: signed_digits(100 * value))
    else:
        axes.yaxis.set_major_formatter(lambda value, _: signed_digits(value))
    axes.set_ylabel("points" if course.chance else "difference")
