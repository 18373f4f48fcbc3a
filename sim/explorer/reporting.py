"""Report on the choices made on the page, compared with the page's reference."""

from dataclasses import replace
from datetime import date
from threading import Lock

from sim.experiments.ensemble import run
from sim.explorer.choices import Choices
from sim.explorer.story import Story
from sim.explorer.switches import EXPLORED
from sim.scenario import Scenario
from sim.scenario.schema import Branch

COMPARED = "compared"
"""Name of the branch that holds what the page is compared with."""

_one_at_a_time = Lock()
"""Figures are drawn in settings of the whole process, and the runs take all processors."""


def report_page(story: Story, choices: Choices, against: Choices, state: str, day: date) -> str:
    """Return a report as a self-contained HTML page.

    It asks what the page's headline tells: has a member frozen its membership or left by a month? An explanation holds
    on both sides. Where both sides are then the same, the next branch of the scenario stands beside the page.

    Parameters
    ----------
    story : Story
    choices : Choices
    against : Choices
        What the page is compared with.
    state : str
        Member that the report is about.
    day : date
        Its month is the last that counts.
    """
    from sim.report.making import make_report  # noqa: PLC0415 - with Mesa a second and a half, and no page waits for it

    asked = f"first({state}.posture >= freeze) <= {day:%Y-%m}"
    other = replace(against, explanation=choices.explanation, replicates=choices.replicates, seed=choices.seed)
    if other == choices:
        following = [name for name in story.branches if name != choices.branch]
        other = replace(choices.as_shipped(), branch=following[0] if following else choices.branch,
                        explanation=choices.explanation)  # fmt: skip
    scenario = _with_both(story, choices, other)
    with _one_at_a_time:
        result = run(
            scenario, branches=list(scenario.branches), replicates=choices.replicates, seed=choices.seed,
            metrics=[asked], name=story.name, parameters=story.draws(choices.explanation),
        )  # fmt: skip
        return make_report(result, metrics=[asked, *story.scenario.metrics]).html()


def _with_both(story: Story, choices: Choices, other: Choices) -> Scenario:
    """Return the scenario with one branch for each side, or a single branch if both are equal."""
    mine = story.changed(choices, keep=())
    branches: dict[str, Branch] = {}
    if other != choices:
        branches[COMPARED] = story.changed(other, keep=()).branches[EXPLORED]
    branches[EXPLORED] = mine.branches[EXPLORED]
    if other != choices and branches[COMPARED].title == branches[EXPLORED].title:
        branches[COMPARED] = branches[COMPARED].model_copy(update={"title": f"{branches[COMPARED].title} (pinned)"})
    under = story.explanation_title(choices)
    title = f"{mine.title}, under {under}" if under else mine.title
    return mine.model_copy(update={"branches": branches, "title": title})
