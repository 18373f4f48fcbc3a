"""Plain words for switches and parameters."""

import re
from collections.abc import Mapping
from typing import Final

from sim.experiments.parameters.explanations import explanation_weights, load_explanations
from sim.experiments.parameters.sources import unscored_note
from sim.explorer.story import Story
from sim.explorer.switches import DECIDE, MADE, OFF, ON, SILENT, Switch
from sim.model.events import EVENT_KINDS
from sim.model.parameters import Parameter
from sim.output.formatting import in_quotes, month, share
from sim.words import RESPONSES

_SETTINGS: Final = {
    **dict(zip(RESPONSES, ("nothing", "a statement", "a mission", "arms, money", "forces"), strict=True)),
    DECIDE: "let it decide",
    ON: "happens",
    OFF: "does not happen",
    MADE: "appeals",
    SILENT: "stays silent",
}

_CLAUSE: Final = re.compile(r"[;,:] ")

NO_EXPLANATION: Final = "any reason, as fitted to the record"
"""What stands for the model with all roads open."""


def explanation_options() -> dict[str, str]:
    """Return the available explanations by title, first the model with all reasons active."""
    return {NO_EXPLANATION: "", **{variant.title: name for name, variant in load_explanations().items()}}


def explanation_note(name: str) -> str:
    """Return the meaning of an explanation and its weight by forecasts; empty for none."""
    if not name:
        return ""
    weight = explanation_weights().get(name, 0.0)
    note = f"{load_explanations()[name].meaning} Weight by its forecasts of 2022-26: {share(weight)}."
    return " ".join(filter(None, [note, unscored_note()]))


def setting_words(setting: str) -> str:
    """Return the meaning of a switch setting."""
    return _SETTINGS[setting]


def switch_title(story: Story, switch: Switch) -> str:
    """Return the title of a switch, without the date."""
    words = EVENT_KINDS[switch.kind].switch
    return words.format(who=_name(story, switch.who), victim=_name(story, switch.victim))


def switch_label(story: Story, switch: Switch) -> str:
    """Return a unique line for a switch in lists."""
    return f"{month(switch.day)}: {switch_title(story, switch)} ({switch.name})"


def answer_label(story: Story, shock: Switch) -> str:
    """Return the label for the guarantor's response to an attack or crisis: month, place, first words of its note."""
    clause = _CLAUSE.split(shock.note)[0]
    place = getattr(story.scenario.events.get(shock.name), "place", None)
    where = f", {place.replace('-', ' ')}" if place else ""
    return f"{month(shock.day)}{where}: {clause or switch_title(story, shock)}"


def parameter_label(row: Parameter) -> str:
    """Return a parameter's name, meaning and unit for a slider."""
    unit = "" if row.unit in ("-", "") else f" [{row.unit}]"
    return f"{row.name.replace('_', ' ').capitalize()}: {row.meaning}{unit}"


def beyond(story: Story, branch: str, settings: Mapping[str, str]) -> str:
    """Return a note naming the prepared branch that shares a changed response, as it may differ in more; else empty."""
    for name, setting in settings.items():
        for other, held in story.scenario.branches.items():
            if other != branch and held.events.get(name, {}).get("response") == setting:
                title = in_quotes(story.branch_title(other))
                return (
                    f"You changed this answer alone. {title}, above, has the same answer and all that follows from it."
                )
    return ""


def _name(story: Story, who: str) -> str:
    return f"The {who}" if who in story.scenario.treaties else story.in_text(who) if who else ""
