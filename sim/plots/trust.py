"""Figure of trust in the guarantor over time, with one member in bold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from sim.output.formatting import month, period, possessive, sentence, share
from sim.output.result import ResultData
from sim.output.subjects import (
    branch_title,
    client,
    clients,
    fall,
    last_recorded,
    main_branch,
    median_trust,
    state_in_sentence,
    state_name,
)
from sim.plots import record
from sim.plots.event_markers import draw_list, draw_strip, key_events
from sim.plots.labels import (
    days_on_axis,
    mass,
    mass_key,
    provenance,
    shade_unrecorded,
    spread,
    time_axis,
    unit_ticks,
    unrecorded_key,
)
from sim.plots.page import FigurePage, text_width
from sim.plots.polls import Series, draw_polls, list_polls, poll_key, poll_series, source_of_polls
from sim.plots.style import ACCENT, LABEL_SIZE, MUTED, REST, SMALL_SIZE, Sheet, member_line, styled

_LEFT = 0.62
_FELL = 0.1
_EVEN = 0.5
_HEIGHT = 3.1
_POLLED = ("trust",)
_NAMED = 12


def trust(result: ResultData, state: str | None = None, *, branch: str | None = None, events: int = 12) -> Sheet:
    """Draw the members' trust in the guarantor over time, one in bold with bands and polls, the others thin.

    Parameters
    ----------
    result : ResultData
        The result.
    state : str, optional
        Member in bold; default: the one whose trust falls most.
    branch : str, optional
        Default: ``as-happened``, else the first.
    events : int
        Most event markers under the chart.

    Examples
    --------
    >>> result.plot.trust("ARM")  # doctest: +SKIP
    """
    with styled():
        chosen = main_branch(result, branch)
        bold = client(result, state, chosen)
        asked = poll_series(result, bold, _POLLED)
        guarantor = state_in_sentence(result, result.guarantor)
        page = FigurePage(
            trust_title(result, bold, chosen),
            f"Trust of {result.focus} members in {guarantor}, 0 to 1: how far each government expects {guarantor} to "
            f"do what its treaty owes. {_poll_note(result, asked)}Named values: {month(result.days[-1])}. "
            f"Branch: {branch_title(result, chosen)}.",
        )
        _key(page, result, bold, asked)
        _chart(page, result, bold, chosen, events, asked)
        sources = "model runs; events and their dates as the scenario file gives them"
        if asked:
            sources += f"; {source_of_polls()}"
        return page.finish(*provenance(result, sources, chosen))


def trust_title(result: ResultData, state: str, branch: str) -> str:
    """Return the title of the figure: whether a member permanently stops trusting the guarantor."""
    median = median_trust(result, state, branch)
    start, end = median[0], median[last_recorded(result)]
    name, guarantor = state_in_sentence(result, state), state_in_sentence(result, result.guarantor)
    if start - end > _FELL or start >= _EVEN > end:
        return sentence(f"{name} stops counting on {guarantor}")
    return sentence(f"{possessive(name)} trust in {guarantor}, {period(result.days[0], result.days[-1])}")


def _poll_note(result: ResultData, asked: Sequence[Series]) -> str:
    if not asked:
        return ""
    guarantor = state_in_sentence(result, result.guarantor)
    return f"Polls ask the public whether {guarantor}, or {result.focus}, is trusted, a partner, or would help. "


def _key(page: FigurePage, result: ResultData, bold: str, asked: Sequence[Series]) -> None:
    ranges, spans = mass_key()
    handles: list[Artist] = [Line2D([], [], color=ACCENT, linewidth=2.2), *ranges]
    names = [f"{state_name(result, bold)}, median", *spans]
    if len(clients(result)) > 1:
        handles.append(Line2D([], [], color=MUTED, linewidth=1.0))
        names.append("other members, median")
    polls, polled = poll_key(result, asked)
    shaded, shading = unrecorded_key(result)
    page.key([*handles, *polls, *shaded], [*names, *polled, *shading])


def _chart(page: FigurePage, result: ResultData, bold: str, branch: str, events: int, asked: Sequence[Series]) -> None:
    named = _named(result, bold, branch)
    right = page.right - 0.25 - max(text_width(_tag(result, code, 0.5), LABEL_SIZE, "bold") for code in named)
    height = _HEIGHT
    axes = page.axes(height, _LEFT, right)
    days = days_on_axis(result)
    values = result.trust.sel(branch=branch, truster=bold, trustee=result.guarantor).values
    mass(axes, days, values)
    for code in clients(result):
        if code == bold:
            continue
        colour, dashes = _line(named, code)
        axes.plot(
            days,
            median_trust(result, code, branch),
            color=colour,
            linestyle=dashes,
            linewidth=1.0,
            zorder=3 if code in named else 2.5,
            label=code,
        )
    axes.plot(days, np.median(values, axis=0), color=ACCENT, linewidth=1.8, zorder=4, label=bold)
    shade_unrecorded(axes, result)
    draw_polls(axes, asked)
    axes.set_ylim(0, 1)
    unit_ticks(axes.yaxis)
    axes.set_ylabel(f"trust in {state_in_sentence(result, result.guarantor)}")
    axes.axhline(_EVEN, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)), zorder=1)
    room = time_axis(axes, result.days[0], result.days[-1], right - _LEFT)
    _tags(page, result, named, branch, right, height)
    page.below(height + room)
    markers = key_events(result, branch, bold, events)
    draw_strip(page, axes, markers, _LEFT, right)
    draw_list(page, markers)
    if result.focus == record.TREATY:
        page.below(0.05)
        list_polls(page, result, bold, _POLLED, asked)


def _tag(result: ResultData, code: str, value: float) -> str:
    return f"{state_name(result, code)} {share(value)}"


def _named(result: ResultData, bold: str, branch: str) -> list[str]:
    """Return the members whose lines have names: the bold one, and those whose trust falls most."""
    others = sorted((code for code in clients(result) if code != bold), key=lambda code: -fall(result, code, branch))
    named = {bold, *others[: _NAMED - 1]}
    return [bold, *(code for code in clients(result) if code in named and code != bold)]


def _line(named: list[str], code: str) -> tuple[str, Any]:
    """Return the colour and dashes of a member's line; the first named member has the bold line."""
    if code not in named:
        return REST, "-"
    return (ACCENT, "-") if code == named[0] else member_line(named.index(code) - 1)


def _tags(page: FigurePage, result: ResultData, named: list[str], branch: str, right: float, height: float) -> None:
    """Write names and last values at the right ends of lines, without overlap; return the number of unnamed lines."""
    ends = [float(median_trust(result, code, branch)[-1]) for code in named]
    exact = [page.top + (1 - end) * height for end in ends]
    floor = page.top + height - 0.02
    unnamed = len(clients(result)) - len(named)
    if unnamed:
        words = f"and {unnamed} other{'s' * (unnamed > 1)}"
        page.write(words, right + 0.25, floor, size=SMALL_SIZE, colour=MUTED, va="center_baseline")
        floor -= 0.17
    placed = spread(exact, 0.15, page.top + 0.02, floor)
    for code, end, y, label in zip(named, ends, exact, placed, strict=True):
        about = code == named[0]
        colour, dashes = _line(named, code)
        places = [(right, -y), (right + 0.02, -y), (right + 0.1, -label), (right + 0.21, -label)]
        for part, look in (
            (places[:3], {"color": REST, "linewidth": 0.4, "gid": "leader"}),
            (places[2:], {"color": colour, "linestyle": dashes, "linewidth": 1.8 if about else 1.0}),
        ):
            xs, ys = zip(*part, strict=True)
            page.figure.add_artist(Line2D(xs, ys, transform=page.inches, **look))
        size, weight = (LABEL_SIZE, "bold") if about else (SMALL_SIZE, "normal")
        page.write(_tag(result, code, end), right + 0.25, label, size=size, weight=weight, va="center_baseline")
