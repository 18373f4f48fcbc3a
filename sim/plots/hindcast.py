"""Figures of a hindcast: skill against naive forecasts, reliability, and predicted shares with the record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from sim.errors import InputError
from sim.output.formatting import state_name
from sim.plots import record
from sim.plots.labels import on_axis, time_axis, unit_ticks
from sim.plots.page import FigurePage
from sim.plots.style import (
    ACCENT,
    FAINT,
    HATCH,
    INK,
    MEMBER_COLOURS,
    MUTED,
    POSTURE_COLOURS,
    SMALL_SIZE,
    Sheet,
    save,
    styled,
)
from sim.scenario import focus_of
from sim.version import __version__
from sim.words import POSTURES

if TYPE_CHECKING:
    from sim.evidence.hindcast.scorecard import Scorecard

KINDS: Final = ("skill", "reliability", "strips")
"""Figures of a hindcast."""

Spells = Callable[[str, date, date], tuple[record.Spell, ...]]

HORIZON_COLOURS: Final = {6: MEMBER_COLOURS[1], 12: ACCENT, 24: MEMBER_COLOURS[3]}
SHOWN_HORIZON: Final = 12
"""Months ahead of the forecasts that strips show."""

SCORE_NAMES: Final = {
    "rps": "rung (ranked probability)",
    "brier": "events and answers (Brier)",
    "log": "events and answers (log)",
}
TARGET_NAMES: Final = {
    "freeze": "freeze or beyond",
    "exit": "notice or exit",
    "step-up": "any step up",
    "help": "help with materiel or forces",
}

_LEFT = 0.95
_GAP = 0.24
_PANEL = 1.55
_SQUARE = 1.5
_STACK = 0.62
_STRIP = 0.12


def draw_card(
    card: "Scorecard", folder: Path, formats: Sequence[str] | None = None, *, kinds: Sequence[str] | None = None
) -> list[Path]:
    """Draw the figures of a hindcast into a folder, one of each kind for each split.

    Parameters
    ----------
    card : Scorecard
    folder : Path
        An existing folder.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: those of the current look.
    kinds : sequence of str, optional
        Of `KINDS`; default: all. A split without forecasts a year ahead has no strips.
    """
    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        raise InputError(f"unknown kind of figure '{unknown[0]}'; allowed for a hindcast: {', '.join(KINDS)}")
    paths: list[Path] = []
    for split in card.splits:
        for kind in KINDS if kinds is None else kinds:
            if kind == "strips" and not _far_enough(card, split):
                continue
            paths += save(_sheet(card, split, kind), folder / f"{kind}-{split}", formats)
    return paths


def _far_enough(card: "Scorecard", split: str) -> bool:
    """Return whether a split has forecasts as far ahead as strips show."""
    return bool(((card.rungs["split"] == split) & (card.rungs["horizon"] == SHOWN_HORIZON)).any())


def _sheet(card: "Scorecard", split: str, kind: str) -> Sheet:
    footer = _footer(card)
    if kind == "skill":
        return skill(card.differences[card.differences["split"] == split], split, footer)
    if kind == "reliability":
        chances = card.reliability[card.reliability["split"] == split]
        chosen = np.where(chances["target"] == "help", "observed", "simulated")
        return reliability(chances[chances["mode"] == chosen], split, footer)
    rungs = card.rungs[(card.rungs["split"] == split) & (card.rungs["mode"] == "simulated")]
    names = {code: state_name(card.scenario, code) for code in card.scenario.states}
    spells = partial(record.observed_postures, card.scenario, focus_of(card.scenario) or "")
    return strips(rungs, split, names, card.scenario.recorded_until(card.scenario.end), footer, spells)


def _footer(card: "Scorecard") -> tuple[str, str]:
    parts = (
        f"Scenario: {card.scenario.title}", f"{card.replicates} runs from each origin", f"seed {card.seed}",
        f"csto-sim {__version__}",
    )  # fmt: skip
    on_file = f"the coded record in sim/data/record, {record.known_until('postures')}"
    course = "the scenario's observed course" if card.scenario.observed else on_file
    return f"Sources: model runs; {course}", " · ".join(parts)


def skill(differences: pd.DataFrame, split: str, footer: tuple[str, ...]) -> Sheet:
    """Draw the model's score minus each naive forecast's score, with intervals, in one panel for each score.

    Parameters
    ----------
    differences : DataFrame
        ``score``, ``target``, ``horizon``, ``baseline``, ``difference``, ``low``, ``high``, of one split.
    split : str
    footer : tuple of str
    """
    rows = differences[differences["target"].isin(("all", "rung"))]
    with styled():
        page = FigurePage(
            f"Is the model better than naive forecasts? ({split})",
            "Mean score of the model less that of each naive forecaster, and its 90 % interval from blocks of time "
            "drawn again; a dot without a line: too few origins for one. Left of the line the model is better."
            + (" On rungs the last two have no word of their own." if "never-helps" in set(rows["baseline"]) else ""),
        )
        page.key(
            [Line2D([], [], color=colour, marker="o", markersize=4) for colour in HORIZON_COLOURS.values()],
            [f"{horizon} months ahead" for horizon in HORIZON_COLOURS],
        )
        baselines = list(dict.fromkeys(rows["baseline"]))
        width = (page.right - _LEFT - 2 * _GAP) / 3
        for panel, (score, name) in enumerate(SCORE_NAMES.items()):
            left = _LEFT + panel * (width + _GAP)
            axes = page.axes(_PANEL, left, left + width)
            _differences(axes, rows[rows["score"] == score], baselines)
            axes.set_xlabel(name, size=SMALL_SIZE)
            if panel:
                axes.tick_params(axis="y", labelleft=False)
        page.below(_PANEL + 0.5)
        return page.finish(*footer)


def _differences(axes: Axes, rows: pd.DataFrame, baselines: Sequence[str]) -> None:
    for shift, (horizon, colour) in zip((-0.24, 0.0, 0.24), HORIZON_COLOURS.items(), strict=True):
        here = rows[rows["horizon"] == horizon]
        y = np.array([baselines.index(name) for name in here["baseline"]]) + shift
        axes.hlines(y, here["low"], here["high"], color=colour, linewidth=1.3, label=f"{horizon} 90 %")
        axes.plot(here["difference"], y, color=colour, marker="o", markersize=3.6, linewidth=0, label=str(horizon))
    axes.axvline(0.0, color=INK, linewidth=0.7, zorder=0.5)
    axes.set_ylim(len(baselines) - 0.5, -0.5)
    axes.set_yticks(range(len(baselines)), baselines)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))


def reliability(table: pd.DataFrame, split: str, footer: tuple[str, ...]) -> Sheet:
    """Draw observed frequencies against forecast probabilities, with one panel for each question.

    Parameters
    ----------
    table : DataFrame
        ``target``, ``horizon``, ``name``, ``n``, ``chance``, ``share``, ``low``, ``high``, of one split.
    split : str
    footer : tuple of str
    """
    with styled():
        page = FigurePage(
            f"When the model gives a chance, how often does it happen? ({split})",
            "Forecasts in bins of their chance: mean chance, and the share of them after which it happened, with its "
            "90 % interval as if they were independent. The larger a dot, the more forecasts. Grey: perfect "
            "reliability. Both scales are square roots, as most chances are small.",
        )
        page.key(
            [
                Line2D([], [], color=colour, marker="o", markersize=4, linewidth=0.8)
                for colour in HORIZON_COLOURS.values()
            ],
            [f"{horizon} months ahead" for horizon in HORIZON_COLOURS],
        )
        page.below(0.16)
        left_edge = 0.55
        width = (page.right - left_edge - 3 * _GAP) / 4
        for panel, (target, name) in enumerate(TARGET_NAMES.items()):
            left = left_edge + panel * (width + _GAP)
            axes = page.axes(_SQUARE, left, left + width)
            rows = table[(table["target"] == target) & (table["name"] == "model")]
            _calibration(axes, rows)
            axes.set_title(name, size=SMALL_SIZE, color=INK)
            axes.set_xlabel("chance given")
            if panel:
                axes.tick_params(axis="y", labelleft=False)
            else:
                axes.set_ylabel("share that happened")
        page.below(_SQUARE + 0.42)
        return page.finish(*footer)


def _calibration(axes: Axes, rows: pd.DataFrame) -> None:
    root: Any = (lambda value: np.sqrt(np.maximum(value, 0.0)), np.square)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0, zorder=0.5, label="perfect")
    for horizon, colour in HORIZON_COLOURS.items():
        here = rows[rows["horizon"] == horizon].sort_values("chance")
        axes.vlines(here["chance"], here["low"], here["high"], color=colour, linewidth=0.8, alpha=0.6)
        size = 5 + 1.5 * np.sqrt(here["n"])
        axes.scatter(here["chance"], here["share"], s=size, color=colour, zorder=3, clip_on=False, label=str(horizon))
    if rows.empty:
        axes.text(0.5, 0.5, "not asked", color=MUTED, size=SMALL_SIZE, ha="center", va="center")
    for axis, set_scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        set_scale("function", functions=root)
        axis.set_major_locator(FixedLocator([0, 0.05, 0.2, 0.5, 1]))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.0004, 1.03)
    axes.set_ylim(-0.0004, 1.03)


def strips(
    rungs: pd.DataFrame,
    split: str,
    names: Mapping[str, str],
    record_end: date,
    footer: tuple[str, ...],
    spells: Spells = record.postures,
) -> Sheet:
    """Draw the predicted shares of each member's postures by target month, with the recorded postures.

    Parameters
    ----------
    rungs : DataFrame
        ``origin``, ``horizon``, ``state``, ``name`` and a column a rung, of one split in one mode.
    split : str
    names : mapping
        Full names of states by code.
    record_end : date
        Last day on record.
    footer : tuple of str
    spells : callable
        Returns the recorded postures of a state between two days.
    """
    with styled():
        page = FigurePage(
            f"Where each member was expected a year ahead, and where it stood ({split})",
            f"Shares of runs on each rung {SHOWN_HORIZON} months after they were let go from the record, at the month "
            "that they are for; attacks after the origin are the model's own. Below: the record.",
        )
        page.key(
            [Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in POSTURE_COLOURS.values()],
            POSTURES,
        )
        shown = rungs[(rungs["horizon"] == SHOWN_HORIZON) & (rungs["name"] == "model")]
        ends = [(pd.Period(origin, "M") + SHOWN_HORIZON).end_time.date() for origin in sorted(set(shown["origin"]))]
        last = min(record_end, (pd.Timestamp(ends[-1]) + pd.Timedelta(days=184)).date())
        states = list(dict.fromkeys(shown["state"]))
        for state in states:
            _member(page, shown[shown["state"] == state], names.get(state, state), (ends[0], last), spells)
        axes = page.axes(0.01, _LEFT)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        page.below(time_axis(axes, ends[0], last, page.right - _LEFT) + 0.02)
        return page.finish(*footer)


def _member(page: FigurePage, rows: pd.DataFrame, name: str, span: tuple[date, date], spells: Spells) -> None:
    width = page.right - _LEFT
    axes = page.axes(_STACK, _LEFT)
    page.aside(name, _LEFT - 0.22, page.top + _STACK / 2)
    rows = rows.sort_values("origin")
    ends = [(pd.Period(origin, "M") + SHOWN_HORIZON).end_time.date() for origin in rows["origin"]]
    days = [*(on_axis(day) for day in ends), on_axis(span[1])]
    floor = np.zeros(len(days))
    for posture in POSTURES:
        share = rows[posture].to_numpy(dtype=np.float64)
        ceiling = floor + np.append(share, share[-1])
        axes.fill_between(days, floor, ceiling, step="post", color=POSTURE_COLOURS[posture], linewidth=0, label=posture)
        floor = ceiling
    time_axis(axes, *span, width, labels=False)
    axes.tick_params(axis="x", length=0, which="both")
    axes.set_ylim(0, 1)
    unit_ticks(axes.yaxis)
    axes.set_yticks([0, 0.5, 1], ["0", "", "1"])
    page.below(_STACK + 0.03)
    strip = page.axes(_STRIP, _LEFT)
    page.aside("record", _LEFT, page.top + _STRIP / 2)
    strip.axvspan(on_axis(span[0]), on_axis(span[1]), zorder=0, **HATCH)
    for spell in spells(rows["state"].iloc[0], *span):
        start, end = on_axis(spell.first), on_axis(spell.last)
        strip.broken_barh([(start, end - start)], (0, 1), facecolor=POSTURE_COLOURS[spell.posture], linewidth=0)
    time_axis(strip, *span, width, labels=False)
    strip.tick_params(axis="x", length=0, which="both")
    strip.set_ylim(0, 1)
    strip.set_yticks([])
    for side in strip.spines.values():
        side.set(visible=True, linewidth=0.4)
    page.below(_STRIP + 0.15)
