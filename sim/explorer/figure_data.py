"""Data of the page's figures as tables: what is drawn, number by number."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sim.explorer.film import Film
from sim.explorer.inside import Inside
from sim.explorer.shown import Shown
from sim.explorer.views import QUANTILES, Floats, change
from sim.plots.record import TREATY, polls
from sim.words import POSTURES

if TYPE_CHECKING:
    from sim.experiments.debrief import Debrief

Rows = Iterator[dict[str, Any]]

_BANDS: Final = tuple("median" if each == 0.5 else f"q{100 * each:02.0f}" for each in QUANTILES)


def _chances(shown: Shown) -> Rows:
    for client, code in enumerate(shown.story.clients):
        chance, low, high = shown.view.chance(shown.place, client)
        row = {"by": shown.day, "member": code, "chance": chance, "low": low, "high": high}
        if shown.other is not None and not shown.same:
            differs = change(shown.view, shown.other, shown.place, client)
            before, _, _ = shown.other.chance(shown.place, client)
            row |= {"compared with": before, "change": differs.mean, "change low": differs.low}
            row |= {"change high": differs.high}
        yield {**row, "on record": shown.story.recorded_at(code, shown.place)}


def _trust(shown: Shown) -> Rows:
    other = (shown.other or shown.view).trust
    for client, code in enumerate(shown.story.clients):
        for index, day in enumerate(shown.story.cast.dates):
            bands = dict(zip(_BANDS, shown.view.trust[:, index, client], strict=True))
            seen = shown.story.recorded_at(code, index)
            yield {
                "date": day, "member": code, **bands, "compared median": other[2, index, client], "on record": seen
            }  # fmt: skip


def _postures(shown: Shown) -> Rows:
    for client, code in enumerate(shown.story.clients):
        for index, day in enumerate(shown.story.cast.dates):
            shares = dict(zip(POSTURES, shown.view.shares[index, client], strict=True))
            yield {"date": day, "member": code, **shares, "on record": shown.story.recorded_at(code, index)}


def _public(shown: Shown) -> Rows:
    """Yield quantiles of public opinion in the selected member, and the polls."""
    dates = shown.story.cast.dates
    for name in ("approval", "exit_support"):
        own, other = (view.public(name, shown.client) for view in (shown.view, shown.other or shown.view))
        for index, day in enumerate(dates):
            bands = dict(zip(_BANDS, own[:, index], strict=True))
            yield {"date": day, "member": shown.state, "what": name, **bands, "compared median": other[2, index]}
    if shown.story.cast.focus == TREATY:
        asked = polls(shown.state, dates[0], dates[-1])
        for row in asked[asked["measure"].isin(["approval", "exit_support"])].to_dict("records"):
            yield {
                "date": row["date"], "member": shown.state, "what": row["measure"], "poll": row["percent"] / 100,
                "question": row["question"], "pollster": row["pollster"],
            }  # fmt: skip


def _between(shown: Shown) -> Rows:
    for index, day in enumerate(shown.story.cast.dates):
        for (truster, trusted), trust in zip(shown.story.pairs, shown.view.between[index], strict=True):
            if not np.isnan(trust):
                yield {"date": day, "truster": truster, "trusted": trusted, "mean trust": trust}


def _map(shown: Shown) -> Rows:
    story = shown.story
    for code in story.clients:
        trust = shown.view.between[shown.place, story.pairs.index((code, story.cast.guarantor))]
        yield {
            "date": shown.day, "state": code, "name": story.state_name(code), "mean trust": trust,
            "promise of": story.cast.guarantor, "on record": story.recorded_at(code, shown.place),
        }  # fmt: skip


def _events(shown: Shown) -> Rows:
    choices = shown.page.choices
    settings = dict(choices.events)
    for name, switch in shown.story.switches(choices.branch).items():
        yield {
            "date": switch.day, "event": name, "kind": switch.kind, "who": switch.who, "victim": switch.victim,
            "setting": settings.get(name, switch.shipped), "changed": name in settings, "note": switch.note,
        }  # fmt: skip


FIGURES: Final[Mapping[str, Callable[[Shown], Rows]]] = {
    "Chances of all members": _chances,
    "Map": _map,
    "Trust in the guarantor": _trust,
    "Events": _events,
    "Postures": _postures,
    "Public opinion": _public,
    "Trust among members": _between,
}
"""Figures of every page by title, with what gives their rows."""

INSIDE, FILM, PLAYED = "Inside one run", "Film of one run", "Played run"
"""Titles of the figures that are there once they are made."""


def inside_table(shown: Shown, inside: Inside) -> pd.DataFrame:
    """Return the data of the figure of one run: the shares that the guarantor holds, and the postures."""
    dates = shown.story.cast.dates
    columns = {
        "date": dates,
        "member": inside.state,
        "run": inside.replicate,
        **inside.shares,
        "posture": inside.postures,
    }
    return pd.DataFrame(columns)


def film_table(shown: Shown, film: Film) -> pd.DataFrame:
    """Return the data of a film: trust and posture of the members in the run, and the quantiles behind them."""

    def rows() -> Rows:
        for client, code in enumerate(shown.story.clients):
            for index, day in enumerate(shown.story.cast.dates):
                rank = int(film.posture[index, client])
                yield {
                    "date": day, "member": code, "run": film.replicate, "trust": film.trust[index, client],
                    "posture": POSTURES[rank] if rank >= 0 else "", **_bands(film.trust_bands[:, index, client]),
                }  # fmt: skip

    return pd.DataFrame(list(rows()))


def played_table(debrief: "Debrief") -> pd.DataFrame:
    """Return the data of the figure of a played run: the path of each seat, the ensemble and the record."""
    played = debrief.played

    def rows() -> Rows:
        for state, seat in played.seats.items():
            for name, path in seat.paths.items():
                for index, day in enumerate(played.dates):
                    low, median, high = seat.ensemble[name][:, index]
                    yield {
                        "date": day, "seat": state, "run": played.replicate, "what": name, "value": path[index],
                        "q05": low, "median": median, "q95": high, "on record": seat.record[index],
                    }  # fmt: skip

    return pd.DataFrame(list(rows()))


def table_of(title: str, shown: Shown) -> pd.DataFrame:
    """Return the data of a figure of `FIGURES`."""
    return pd.DataFrame(list(FIGURES[title](shown)))


def _bands(values: Floats) -> dict[str, float]:
    return dict(zip(_BANDS, values.tolist(), strict=True))
