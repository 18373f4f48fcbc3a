"""What was chosen on the page as a report: the question of its headline, beside the main branch as shipped."""

from datetime import date

from sim.experiments.ensemble import run
from sim.explorer.choices import Choices
from sim.explorer.ensembles import source_of
from sim.explorer.story import Story
from sim.explorer.switches import EXPLORED
from sim.report.making import make_report


def report_page(story: Story, choices: Choices, state: str, day: date) -> str:
    """Return a report as one page of HTML that needs nothing else.

    It asks what the page's headline tells: has a member frozen its membership or left by a month? Where nothing was
    changed, the main branch is set beside the next one. An explanation holds on both sides.

    Parameters
    ----------
    story : Story
    choices : Choices
    state : str
        Member that is asked about.
    day : date
        Its month is the last that counts.
    """
    asked = f"first({state}.posture >= freeze) <= {day:%Y-%m}"
    unchanged = choices.branch == story.main_branch and not choices.events and not choices.parameters
    others = [name for name in story.branches if name != story.main_branch]
    branches = [story.main_branch, *(others[:1] if unchanged else [EXPLORED])]
    result = run(
        story.changed(choices), branches=branches, replicates=choices.replicates, seed=choices.seed, metrics=[asked],
        name=story.name, parameters=source_of(choices),
    )  # fmt: skip
    return make_report(result, metrics=[asked, *story.scenario.metrics]).html()
