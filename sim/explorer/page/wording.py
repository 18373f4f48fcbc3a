"""Plain words for switches and parameters."""

import re
from collections.abc import Mapping
from typing import Final

from sim.experiments.parameters.explanations import explanation_weights, load_explanations
from sim.experiments.parameters.sources import unscored_note
from sim.explorer.story import Story
from sim.explorer.switches import DECIDE, MADE, OFF, ON, SILENT, Switch
from sim.parameters import Parameter
from sim.plots.labels import month, share
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

_DOES: Final = {
    "aid": "helps", "offer": "makes an offer", "coercion": "applies pressure", "reassurance": "reassures",
    "rhetoric": "speaks", "overstretch": "is tied down elsewhere", "recognition": "recognises a border",
    "protest": "sees protests", "refugees": "takes in refugees", "leader": "changes its leader",
    "membership": "joins or leaves",
}  # fmt: skip

NO_EXPLANATION: Final = "any reason, as fitted to the record"
"""What stands for the model with all roads open."""


def explanation_options() -> dict[str, str]:
    """Return the explanations that can be chosen: title and name, first the model with all roads open."""
    return {NO_EXPLANATION: "", **{one.title: name for name, one in load_explanations().items()}}


def explanation_note(name: str) -> str:
    """Return what an explanation says, and how much it counts by its forecasts; empty for none."""
    if not name:
        return ""
    weight = explanation_weights().get(name, 0.0)
    note = f"{load_explanations()[name].meaning} Weight by its forecasts of 2022-26: {share(weight)}."
    return " ".join(filter(None, [note, unscored_note()]))


def setting_words(setting: str) -> str:
    """Return what a setting of a switch means."""
    return _SETTINGS[setting]


def switch_title(story: Story, switch: Switch) -> str:
    """Return what a switch is about, without its date."""
    who = _name(story, switch.who)
    if switch.kind in ("attack", "crisis"):
        event = story.scenario.events.get(switch.name)
        victim = story.state_name(getattr(event, "victim", "")) if event is not None else ""
        if switch.kind == "attack":
            return f"{who} attacks {victim}".strip()
        return f"Crisis in {victim}" if victim else "Crisis"
    if switch.kind == "response":
        return f"{who} answers"
    if switch.kind == "call":
        return f"Appeal of {who}"
    if switch.kind == "window":
        return "Summit, election or renewal"
    return f"{who} {_DOES.get(switch.kind, '')}".strip() or "A figure changes"


def switch_label(story: Story, switch: Switch) -> str:
    """Return a line that tells one switch from all others, for lists."""
    return f"{month(switch.day)}: {switch_title(story, switch)} ({switch.name})"


def answer_label(story: Story, shock: Switch) -> str:
    """Return how the guarantor's answer to an attack or crisis is asked for: when, where, first words of its note."""
    clause = _CLAUSE.split(shock.note)[0]
    place = getattr(story.scenario.events.get(shock.name), "place", None)
    where = f", {place.replace('-', ' ')}" if place else ""
    return f"{month(shock.day)}{where}: {clause or switch_title(story, shock)}"


def parameter_label(row: Parameter) -> str:
    """Return a parameter's name, meaning and unit for a slider."""
    unit = "" if row.unit in ("-", "") else f" [{row.unit}]"
    return f"{row.name.replace('_', ' ').capitalize()}: {row.meaning}{unit}"


def beyond(story: Story, branch: str, settings: Mapping[str, str]) -> str:
    """Return which prepared branch has an answer that was set by hand, as it may change more; empty if none has."""
    for name, setting in settings.items():
        for other, held in story.scenario.branches.items():
            if other != branch and held.events.get(name, {}).get("response") == setting:
                title = f"\N{LEFT DOUBLE QUOTATION MARK}{story.branch_title(other)}\N{RIGHT DOUBLE QUOTATION MARK}"
                return f"Only this answer was changed. {title} above has it too, and what goes with it."
    return ""


def _name(story: Story, who: str) -> str:
    return f"The {who}" if who in story.scenario.treaties else story.state_name(who) if who else ""
