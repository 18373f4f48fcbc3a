import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from sim.explorer.choices import Choices
from sim.explorer.ensembles import Ensembles
from sim.explorer.reporting import report_page
from sim.explorer.story import Story
from tests.explorer.conftest import SMALL

DAY = date(2024, 6, 30)


def text_of(page: str) -> str:
    """Return what a page of HTML says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def chances_in(page: str) -> list[str]:
    """Return the chances of the answer's sentence in order: of the branch asked about, and of the other."""
    sentence = re.findall(r"In the model it is.*?\.", text_of(page).replace("%,", "%"))[0]
    return re.findall(r"\((\d+ %) 90 % interval", sentence)


def chance(story: Story, choices: Choices) -> str:
    """Return the chance that the page itself shows."""
    view = Ensembles(story).view(choices)
    place = next(place for place, day in enumerate(story.cast.dates) if day == DAY)
    return f"{view.chance(place, story.clients.index('ARM'))[0] * 100:.0f} %"


def test_a_report_answers_the_headline_of_what_was_changed(story: Story):
    plain = story.first_choices(100, seed=7)
    choices = plain.with_event("russia-2022", "forces")
    page = report_page(story, choices, plain, "ARM", DAY)
    assert f"{story.branch_title(choices.branch)}, with your changes" in text_of(page)
    assert "Armenia has reached freeze or beyond by Jun 2024" in text_of(page)
    assert chances_in(page) == [chance(story, choices), chance(story, plain)]


@pytest.mark.slow
def test_an_explanation_holds_on_both_sides_and_is_named(story: Story):
    plain = story.first_choices(100, seed=7)
    under = replace(plain, explanation="overstretched")
    choices = under.with_event("russia-2022", "forces")
    page = report_page(story, choices, plain, "ARM", DAY)
    assert chances_in(page) == [chance(story, choices), chance(story, under)]
    assert chance(story, under) != chance(story, plain)
    assert "under “Overstretched guarantor”" in text_of(page)


@pytest.mark.slow
def test_what_was_pinned_is_the_other_side(story: Story):
    plain = story.first_choices(100, seed=7)
    pinned = plain.with_event("russia-2022", "none")
    choices = plain.with_event("russia-2022", "forces")
    page = report_page(story, choices, pinned, "ARM", DAY)
    assert chances_in(page) == [chance(story, choices), chance(story, pinned)]
    assert "with your changes (pinned)" in text_of(page)


def test_a_page_as_shipped_is_set_beside_the_next_branch(story: Story):
    plain = story.first_choices(20, seed=7)
    text = text_of(report_page(story, plain, plain, "ARM", DAY))
    assert story.branch_title(story.branches[1]) in text
    assert "with your changes" not in text


def test_a_scenario_without_branches_can_be_reported(tmp_path: Path):
    shutil.copy(SMALL, tmp_path)
    file = tmp_path / "plain.toml"
    file.write_text(f'title = "Plain"\nextends = "{SMALL.name}"\ndrop_branches = true\n', "utf-8")
    story = Story(file)
    assert story.branches == ("base",)
    plain = story.first_choices(10)
    state, day = story.clients[0], story.cast.dates[-1]
    alone = text_of(report_page(story, plain, plain, state, day))
    assert "How likely is it that" in alone
    changed = plain.with_parameter("memory_half_life", 20.0)
    assert "compared with" in text_of(report_page(story, changed, plain, state, day))


@pytest.mark.slow
def test_reports_of_several_visitors_do_not_disturb_each_other():
    story = Story(SMALL)
    plain = story.first_choices(4, seed=7)
    asked = [plain.with_event("answer", setting) for setting in ("forces", "statement")]
    state, day = story.clients[0], story.cast.dates[-1]
    alone = [report_page(story, choices, plain, state, day) for choices in asked]
    assert alone[0] != alone[1]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda choices: report_page(story, choices, plain, state, day), asked)) == alone
