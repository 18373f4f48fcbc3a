"""Figure of public opinion: modelled approval and support for leaving, beside the polls of both."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.output.formatting import month, share
from sim.output.result import ResultData
from sim.output.subjects import branch_title, client, last_recorded, main_branch, state_in_sentence
from sim.plots.event_markers import draw_list, draw_strip, key_events
from sim.plots.labels import (
    days_on_axis,
    mass,
    mass_key,
    provenance,
    shade_unrecorded,
    time_axis,
    unit_ticks,
    unrecorded_key,
)
from sim.plots.page import FigurePage
from sim.plots.polls import Series, draw_polls, list_polls, poll_key, poll_series, source_of_polls
from sim.plots.style import ACCENT, Sheet, styled

EVENTS: Final = 8
"""Most events that are marked."""

_LEFT = 0.62
_HEIGHT = 1.8
_MOVED = 0.05
_SHOWN: Final = {"approval": "approval of {}", "exit_support": "support for leaving {}"}


def publics(result: ResultData, state: str | None = None, *, branch: str | None = None) -> Sheet:
    """Draw a member's public approval of the alliance and support for leaving it, beside the polls of both.

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
        asked = poll_series(result, member, tuple(_SHOWN))
        guarantor = state_in_sentence(result, result.guarantor)
        page = FigurePage(
            _title(result, member, chosen),
            f"Shares of the public that approve of {result.focus} and that want to leave it, 0 to 1: the model over "
            f"runs, and polls. Those that name {guarantor} stand in for approval: they do not ask about membership. "
            f"Branch: {branch_title(result, chosen)}.",
        )
        _key(page, result, asked)
        panels = []
        for measure, words in _SHOWN.items():
            last = measure == tuple(_SHOWN)[-1]
            axes = page.axes(_HEIGHT, _LEFT)
            _panel(axes, result, modelled(result, measure, chosen, member))
            draw_polls(axes, [series for series in asked if series.measure == measure])
            axes.set_ylabel(words.format(result.focus))
            room = time_axis(axes, result.days[0], result.days[-1], page.right - _LEFT, labels=last)
            page.below(_HEIGHT + (room + 0.04 if last else 0.15))
            panels.append(axes)
        markers = key_events(result, chosen, member, EVENTS)
        draw_strip(page, panels, markers, _LEFT, page.right)
        draw_list(page, markers)
        page.below(0.05)
        list_polls(page, result, member, tuple(_SHOWN), asked)
        sources = f"model runs; events and their dates as the scenario file gives them; {source_of_polls()}"
        return page.finish(*provenance(result, sources, chosen))


def modelled(result: ResultData, measure: str, branch: str, state: str) -> NDArray[np.float64]:
    """Return the model's values of a variable of a member's public (replicate, date)."""
    values = result.data[measure].sel(branch=branch, state=state)
    return np.asarray(values.transpose("replicate", "date").values, dtype=np.float64)


def _title(result: ResultData, state: str, branch: str) -> str:
    median = np.median(result.approval.sel(branch=branch, state=state).values, axis=0)
    until = last_recorded(result)
    first, last = float(median[0]), float(median[until])
    what = f"Approval of {result.focus} in {state_in_sentence(result, state)}"
    if abs(last - first) < _MOVED:
        return f"{what} hardly moves"
    ends = f"{share(first)} ({month(result.days[0])}) to {share(last)} ({month(result.days[until])})"
    return f"{what} {'falls' if last < first else 'rises'} from {ends}"


def _key(page: FigurePage, result: ResultData, asked: Sequence[Series]) -> None:
    ranges, spans = mass_key()
    polls, polled = poll_key(result, asked)
    shaded, shading = unrecorded_key(result)
    page.key(
        [Line2D([], [], color=ACCENT, linewidth=1.8), *ranges, *polls, *shaded],
        ["model, median", *spans, *polled, *shading],
    )


def _panel(axes: Axes, result: ResultData, values: NDArray[np.float64]) -> None:
    days = days_on_axis(result)
    mass(axes, days, values)
    axes.plot(days, np.median(values, axis=0), color=ACCENT, linewidth=1.8, zorder=3)
    shade_unrecorded(axes, result)
    axes.set_ylim(0, 1)
    unit_ticks(axes.yaxis)
