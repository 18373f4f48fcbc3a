"""How well the model has done, in lines below the figures: on the record, on polls, and in tests."""

from collections.abc import Iterator
from functools import cache
from html import escape

import numpy as np
import panel as pn

from sim.experiments.parameters.sources import OWN_FITS
from sim.explorer.page.palette import Palette
from sim.explorer.page.publics import MARKS, Publics
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.output.formatting import percent, plural, points
from sim.plots.record import has_postures
from sim.report.fits import not_scored
from sim.report.scorecard import verdict
from sim.words import POSTURES


class HowWell:
    """Lines below the figures: what of them is on record, and how well the model has done there."""

    def __init__(self, story: Story, publics: Publics, palette: Palette, stylesheets: list[str]) -> None:
        self._story, self._publics = story, publics
        self.trust, self.postures, self.publics = (
            pn.pane.HTML("", stylesheets=stylesheets, sizing_mode="stretch_width", css_classes=["how-well"])
            for _ in range(3)
        )
        key = "".join(
            f" <i class='chip' style='background: {colour}'></i> {name}"
            for name, colour in zip(POSTURES, palette.postures, strict=True)
        )
        seen = has_postures(story.scenario, story.cast.focus)
        strip = f"The coloured strips show the recorded postures:{key}. " if seen else "No posture is on record here. "
        self.trust.object = f"<p>{strip}Nobody has recorded trust itself. {escape(how_tested(story))}</p>"

    def show(self, shown: Shown) -> None:
        """Say how well the runs match the record of the selected member."""
        self.postures.object = f"<p>{postures_line(shown)} {escape(how_tested(self._story))}</p>"
        self.publics.object = f"<p>{' '.join(self._polls(shown))}</p>"

    def _polls(self, shown: Shown) -> Iterator[str]:
        for name, words in (("approval", "approval"), ("exit_support", "support for leaving")):
            asked = self._publics.polls[name].data
            count = len(asked["share"])
            if not count:
                yield f"No poll of {words} is on record here for {escape(shown.story.in_text(shown.state))}."
                continue
            median = np.interp(asked["time"], self._publics.times, shown.view.public(name, shown.client)[2])
            away = float(np.abs(np.asarray(asked["share"]) - median).mean())
            questions = dict(zip(asked["question"], asked["marker"], strict=True))
            named = ", ".join(
                f"{MARKS[marker]} \u201c{escape(question)}\u201d" for question, marker in questions.items()
            )
            yield (
                f"Polls of {words}: {named}. The median of the runs lies <b>{points(away)}</b> from "
                f"{'it' if count == 1 else f'these {count} on average'}."
            )


@cache
def _verdict() -> str:
    return verdict()


def how_tested(story: Story) -> str:
    """Return how well the model did in tests on this alliance's record, or that there was none."""
    if story.cast.focus in OWN_FITS:
        return _verdict()
    return not_scored(story.scenario.treaties[story.cast.focus].name or story.cast.focus)


def postures_line(shown: Shown) -> str:
    """Return how many of the runs stand on the recorded rung of the selected member, on average over the record."""
    story = shown.story
    names = [story.recorded_at(shown.state, index) for index in range(len(story.cast.dates))]
    hits = [shown.view.shares[index, shown.client, POSTURES.index(name)] for index, name in enumerate(names) if name]
    if not hits:
        return f"No posture of {escape(story.in_text(shown.state))} is on record here."
    return (
        f"At the {plural(len(hits), 'date')} on record, <b>{percent(float(np.mean(hits)))}</b> of the runs have the "
        "recorded posture, on average."
    )
