"""Figure of what moved a member's trust in its guarantor: the share of each event, and of forgetting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.analysis.explaining.steps import TrustSteps, trust_steps
from sim.errors import InputError
from sim.output.formatting import day_in_words, month, possessive, share, shown, signed_number
from sim.output.result import ResultData
from sim.output.subjects import branch_title, client, main_branch, state_in_sentence, state_name
from sim.plots.event_markers import Marker, draw_strip, event_words
from sim.plots.labels import on_axis, provenance, shade_unrecorded, time_axis, unit_ticks, unrecorded_key
from sim.plots.page import FigurePage, ascent, text_width, wrap
from sim.plots.style import ACCENT, FAINT, INK, MARGIN, MUTED, REST, SECOND, SMALL_SIZE, Sheet, styled

MOST: Final = 10
"""Most events in the list; the smaller ones are added up in one row."""

_LEFT = 0.72
_PATH, _MONTHS = 1.5, 1.5
_ROW = 0.31
_TEXT_END = 4.7
_LEAST = 0.02
_PLACES = 3
_SMALLEST = 0.0005


@dataclass(frozen=True)
class EventShare:
    """The change of trust that an event brought over the whole run.

    Attributes
    ----------
    name : str
        As the steps name it.
    day : date
        Day of its first step.
    change : float
        Sum of its steps.
    times : int
        Number of its steps.
    answer : str
        What the guarantor did about it, empty where it is no answer.
    """

    name: str
    day: date
    change: float
    times: int
    answer: str


def moved(result: ResultData, state: str | None = None, *, branch: str | None = None) -> Sheet:
    """Draw what moved a member's trust in its guarantor: each event and forgetting, month by month and in all.

    The run is the one nearest the median path (`sim.analysis.explaining.typical`), replayed.

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
    >>> result.plot.moved("ARM")  # doctest: +SKIP
    """
    chosen = main_branch(result, branch)
    member = client(result, state, chosen)
    replayed = trust_steps(result, member, chosen)
    with styled():
        page = FigurePage(
            _title(result, member, replayed),
            f"One run of {result.replicates}, the nearest to the median path. Above: its trust, 0 to 1. Middle: the "
            "change in each month, by event and by forgetting. Below: each event's share in all, the largest first. "
            f"Branch: {branch_title(result, chosen)}.",
        )
        shaded, shading = unrecorded_key(result)
        page.key(
            [Line2D([], [], color=INK, linewidth=1.4), *(Patch(color=colour) for colour in (ACCENT, SECOND, REST)),
             *shaded],
            ["trust in this run", "lowered by an event", "raised by an event", "forgetting", *shading],
        )  # fmt: skip
        shares = event_shares(replayed)
        listed = sorted(_shown(shares), key=lambda share: (share.day, share.name))
        _over_time(page, result, replayed, [Marker(share.day, share.name, "") for share in listed])
        _in_all(page, result, replayed, shares, {share.name: number for number, share in enumerate(listed, start=1)})
        return page.finish(
            *provenance(
                result, f"model run {replayed.replicate}, replayed; events as the scenario file gives them", chosen
            )
        )


def lacks(result: ResultData) -> str:
    """Return the reason why a result has no such figure: its runs cannot be replayed; empty if they can."""
    try:
        chosen = main_branch(result)
        trust_steps(result, client(result, None, chosen), chosen)
    except InputError as error:
        return str(error)
    return ""


def event_shares(replayed: TrustSteps) -> tuple[EventShare, ...]:
    """Return the change of trust by each event over the whole run, the largest first."""
    shares: dict[str, EventShare] = {}
    for step in replayed.steps:
        before = shares.get(step.name, EventShare(step.name, step.day, 0.0, 0, step.answer))
        shares[step.name] = replace(before, change=before.change + step.change, times=before.times + 1)
    return tuple(sorted(shares.values(), key=lambda share: (-abs(share.change), share.day, share.name)))


def _shown(shares: Sequence[EventShare]) -> Sequence[EventShare]:
    """Return the largest shares, without those that would read as zero."""
    return [share for share in shares[:MOST] if abs(share.change) >= _SMALLEST]


def _title(result: ResultData, state: str, replayed: TrustSteps) -> str:
    whose = f"{possessive(state_in_sentence(result, state))} trust in {state_in_sentence(result, result.guarantor)}"
    if np.ptp(replayed.path) < _LEAST:
        return f"Hardly anything moves {whose}"
    ends = f"{share(replayed.path[-1])} ({month(replayed.days[-1])})"
    return f"What moves {whose}, from {share(replayed.path[0])} ({month(replayed.days[0])}) to {ends}"


def _over_time(page: FigurePage, result: ResultData, replayed: TrustSteps, markers: Sequence[Marker]) -> None:
    days = [on_axis(day) for day in replayed.days]
    right = page.right - 0.1
    above = page.axes(_PATH, _LEFT, right)
    above.plot(days, replayed.path, color=INK, linewidth=1.4, zorder=3, label="trust")
    above.set_ylim(0, 1)
    unit_ticks(above.yaxis)
    above.set_ylabel("trust")
    time_axis(above, replayed.days[0], replayed.days[-1], right - _LEFT, labels=False)
    page.below(_PATH + 0.12)
    middle = page.axes(_MONTHS, _LEFT, right)
    _bars(middle, replayed, days)
    middle.set_ylabel("change in the month")
    for axes in (above, middle):
        shade_unrecorded(axes, result)
        for marker in markers:
            axes.axvline(on_axis(marker.day), color=FAINT, linewidth=0.6, zorder=0.4)
    page.below(_MONTHS + time_axis(middle, replayed.days[0], replayed.days[-1], right - _LEFT))
    draw_strip(page, middle, tuple(markers), _LEFT, right)


def _bars(axes: Axes, replayed: TrustSteps, days: Sequence[float]) -> None:
    """Draw the changes of each tick, stacked upwards and downwards from zero."""
    ends = {True: np.zeros(len(days) - 1), False: np.zeros(len(days) - 1)}
    parts = [(tick, change, "forgetting", REST) for tick, change in enumerate(replayed.forgotten)]
    parts += [(step.tick, step.change, step.name, ACCENT if step.change < 0 else SECOND) for step in replayed.steps]
    for tick, change, label, colour in parts:
        up = change >= 0
        look: dict[str, Any] = {"color": colour, "edgecolor": "white", "linewidth": 0.3, "zorder": 3}
        span = days[tick + 1] - days[tick]
        axes.bar(days[tick] + span / 2, change, width=0.85 * span, bottom=ends[up][tick], label=label, **look)
        ends[up][tick] += change
    axes.axhline(0, color=MUTED, linewidth=0.6, zorder=2)
    axes.margins(y=0.08)
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _in_all(
    page: FigurePage, result: ResultData, replayed: TrustSteps, shares: Sequence[EventShare], numbers: dict[str, int]
) -> None:
    """Draw the list of events with their shares, what is left, forgetting, and the sum."""
    listed = _shown(shares)
    rest = shares[len(listed) :]
    rows = [
        (share.name, str(numbers[share.name]), day_in_words(share.day), _words(result, replayed, share), share.change)
        for share in listed
    ]
    if rest:
        words = "1 smaller share of another event" if len(rest) == 1 else f"{len(rest)} smaller shares of other events"
        rows.append(("others", "", "", words, sum(share.change for share in rest)))
    faded = float(replayed.forgotten.sum())
    rows.append(("forgetting", "", "", "Forgetting: what was learnt fades, month by month", faded))
    start, end = replayed.path[0], replayed.path[-1]
    events = sum(share.change for share in shares)
    page.below(0.08)
    page.text(
        f"{shown(start, _PLACES)} in {month(replayed.days[0])}, {signed_number(events, _PLACES)} by events, "
        f"{signed_number(faded, _PLACES)} by forgetting: {shown(end, _PLACES)} in {month(replayed.days[-1])}",
        weight="bold",
    )
    page.below(0.05)
    dates = max(text_width(row[2], SMALL_SIZE) for row in rows) + 0.1
    left = MARGIN + 0.24
    axes = page.axes(_ROW * len(rows), _TEXT_END + 0.1, page.right - 0.5)
    for position, (name, number, day, words, change) in enumerate(rows):
        colour = REST if name == "forgetting" else ACCENT if change < 0 else SECOND
        axes.barh(position, change, height=0.55, color=colour, label=name)
        text = wrap(words, _TEXT_END - left - (dates if day else 0.0), SMALL_SIZE, lines=2).split("\n")
        line = page.top + (position + 0.5) * _ROW + ascent(SMALL_SIZE) / 2 - 0.065 * (len(text) - 1)
        page.write(number, MARGIN + 0.16, line, size=SMALL_SIZE, weight="bold", ha="right")
        page.write(day, left, line, size=SMALL_SIZE, colour=MUTED)
        for shift, part in enumerate(text):
            page.write(part, left + (dates if day else 0.0), line + 0.13 * shift, size=SMALL_SIZE)
        middle = page.top + (position + 0.5) * _ROW
        page.write(
            signed_number(change, _PLACES), page.right, middle, size=SMALL_SIZE, ha="right", va="center_baseline"
        )
    axes.axvline(0, color=MUTED, linewidth=0.6)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.margins(x=0.06)
    axes.set_xlabel("change of trust in all")
    page.below(_ROW * len(rows) + 0.45)


def _words(result: ResultData, replayed: TrustSteps, share: EventShare) -> str:
    end = f"; {state_name(result, result.guarantor)}: {share.answer}" if share.answer else ""
    if share.times > 1:
        end += f" ({share.times} times)"
    if share.name in replayed.names.scenario.events:
        return event_words(share.name, replayed.names.scenario, result, end)
    return replayed.names.happened(share.name) + end
