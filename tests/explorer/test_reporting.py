import re
from dataclasses import replace
from datetime import date
from html import unescape

from sim.evidence.explained import run_explained
from sim.evidence.explanations import choose_explanations
from sim.experiments.ensemble import run
from sim.explorer.reporting import report_page
from sim.explorer.story import Story


def text_of(page: str) -> str:
    """Return what a page of HTML says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


DAY = date(2024, 6, 30)
ASKED = "first(ARM.posture >= freeze) <= 2024-06"


def test_a_report_answers_the_headline_of_what_was_changed(story: Story):
    choices = story.first_choices(100, seed=7).with_event("russia-2022", "forces")
    page = text_of(report_page(story, choices, "ARM", DAY))
    title = story.branch_title(choices.branch)
    assert f"{title}, with your changes" in page
    froze = run(story.scenario, branches=[story.main_branch], replicates=100, seed=7, metrics=[ASKED])
    assert f"{froze.values(story.main_branch, ASKED).mean() * 100:.0f} %" in page
    assert "Armenia has reached freeze or beyond by Jun 2024" in page


def test_a_page_as_shipped_is_set_beside_the_next_branch(story: Story):
    page = text_of(report_page(story, story.first_choices(20, seed=7), "ARM", DAY))
    assert story.branch_title(story.branches[1]) in page
    assert "with your changes" not in page


def test_an_explanation_holds_on_both_sides(story: Story):
    choices = replace(story.first_choices(50, seed=7), explanation="overstretched").with_event("russia-2022", "forces")
    page = text_of(report_page(story, choices, "ARM", DAY))
    (under,) = run_explained(
        story.scenario, choose_explanations("overstretched"), branches=[story.main_branch], replicates=50, seed=7,
        metrics=[ASKED],
    ).values()  # fmt: skip
    assert f"{under.values(story.main_branch, ASKED).mean() * 100:.0f} %" in page
