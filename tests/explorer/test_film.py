"""The film of one run: which run it is, and that it is number by number the run that ``csto-sim explain`` explains."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analysis.explaining.explain import explain
from sim.analysis.explaining.replay import replay
from sim.analysis.explaining.typical import nearest_median, typical_replicate
from sim.explorer.film import PROMISE, Film, make_film
from sim.explorer.library import Library
from sim.explorer.page.clock import Clock
from sim.explorer.page.fans import Fans
from sim.explorer.page.film_view import FilmView
from sim.explorer.page.palette import LIGHT
from sim.explorer.page.region import Region
from sim.explorer.story import Story
from sim.output.formatting import percent
from sim.result import run
from sim.words import POSTURES
from tests.explorer.conftest import FIRST_STEPS, ROOT
from tests.explorer.hostile import running
from tests.explorer.serving import CHROMIUM, FOCUSED, Looked

RUNS = 40


@pytest.fixture(scope="module")
def film(story: Story) -> Film:
    return make_film(story, replace(story.first_choices(RUNS), events=(("russia-2022", "none"),)))


@pytest.fixture(scope="module")
def plain(story: Story) -> Film:
    return make_film(story, story.first_choices(RUNS))


def test_the_run_is_the_one_nearest_the_medians():
    trust = np.array([[0.1, 0.9], [0.4, 0.5], [0.5, 0.4]])[:, :, None]
    posture = np.array([[0, 0], [0, 3], [0, 3]])[:, :, None]
    assert nearest_median(trust, posture) == 1
    assert nearest_median(trust[::-1], posture[::-1]) == 1


def test_it_is_the_run_that_explain_takes_for_typical(story: Story, plain: Film):
    branch = story.main_branch
    result = run(story.scenario, branches=[branch], replicates=RUNS, seed=story.scenario.seed)
    assert plain.replicate == typical_replicate(result, branch, story.cast.guarantor)
    stored = result.data["trust"].sel(branch=branch, replicate=plain.replicate, trustee="RUS")
    assert np.allclose(plain.trust, stored.sel(truster=list(story.clients)).values)


def test_how_near_it_is_to_the_median_is_measured(film: Film):
    assert film.away == pytest.approx(np.abs(film.trust - film.trust_bands[2]).mean())
    assert film.on_median == pytest.approx((film.posture == film.posture_bands[2]).mean())


def test_it_is_number_by_number_the_run_of_explain(story: Story, plain: Film):
    choices = story.first_choices(RUNS)
    setup = story.program(choices).setup
    told = explain(story.scenario, "ARM", "2022-09", branch=story.main_branch, replicate=plain.replicate, within=2)
    seen = replay(
        setup, seed=choices.seed, replicate=told.replicate, state=setup.codes.index("ARM"),
        ticks=range(len(setup.calendar.starts)),
    )  # fmt: skip
    assert seen.trajectory.values.keys() == plain.trajectory.values.keys()
    for name, values in seen.trajectory.values.items():
        assert np.array_equal(values, plain.trajectory.values[name], equal_nan=values.dtype.kind == "f"), name
    said = " ".join(" ".join((caption.text, *caption.lines)) for caption in plain.captions)
    taken = [each for each in told.decisions if each.decision.kind == "call" or each.steps]
    assert taken
    for each in taken:
        chance = percent(each.decision.chance)
        assert f"the model gave it {chance})" in said if each.decision.fixed else f"(chance {chance})" in said


def test_every_change_of_a_posture_has_a_caption(story: Story, film: Film):
    for client, code in enumerate(story.clients):
        name = story.state_name(code)
        for place, (before, now) in enumerate(pairwise(film.posture[:, client].tolist()), start=1):
            texts = [caption.text for caption in film.captions if caption.place == place]
            moved = [text for text in texts if text.startswith((f"{name} moves to", f"{name} is at"))]
            assert len(moved) == (before != now), (code, place)
            assert all(POSTURES[now] in text for text in moved)
    assert (film.posture.min(axis=0) < film.posture.max(axis=0)).any()


def test_an_attack_is_told_with_its_call_its_answers_and_their_chances(film: Film, plain: Film):
    (changed,), (shipped,) = (
        [caption for caption in each.captions if "Azerbaijan attacks Armenia" in caption.text] for each in (film, plain)
    )
    assert changed.lines[0].startswith("Armenia appeals (")
    (russia,) = [line for line in changed.lines if line.startswith("Russia")]
    assert russia.startswith("Russia: nothing (on record; the model gave it ")
    assert changed.arrows[0] == ("AZE", "ARM", "attack")
    assert ("RUS", "ARM", "mission") in shipped.arrows
    assert "RUS" not in [one for one, _, _ in changed.arrows]


def test_a_case_without_attacks_is_told_by_its_promises():
    story = Story(ROOT / "scenarios" / "cases" / "new_zealand_uk_singapore_1942.toml")
    told = [caption for caption in make_film(story, story.first_choices(2)).captions if caption.kind == PROMISE]
    assert [caption.text.partition(":")[0] for caption in told] == [
        "14 Apr 1939", "13 Jun 1940", "10 Dec 1941", "15 Feb 1942",
    ]  # fmt: skip
    assert "breaks a promise to New Zealand: Singapore falls" in told[-1].text
    assert told[-1].lines == ("The United Kingdom gives 20 % of what it owed",)


def test_hostile_texts_stay_texts(story: Story, film: Film):
    caption = replace(film.captions[0], text="<script>ran()</script>", lines=("<b>",))
    view = FilmView(story, LIGHT, Region(story, LIGHT, lambda _: None))
    html = view.html(replace(film, captions=(caption,)), "ARM")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<li>&lt;b&gt;</li>" in html


# in a browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("film")
    shutil.copy(FIRST_STEPS, folder)
    with running(Library.beside(folder / FIRST_STEPS.name)) as server:
        yield server.address


def watching(browser: Any, address: str, **given: Any) -> Looked:
    """Open the film by keyboard."""
    looked = Looked(browser.new_context(viewport={"width": 390, "height": 844}, **given).new_page())
    looked.open(address)
    looked.tab.locator(".watch-film button").focus()
    looked.tab.keyboard.press("Enter")
    looked.tab.wait_for_selector("#film-room", timeout=60_000)
    return looked


def date_of(page: Looked) -> str:
    return str(page.tab.inner_text("#film-date"))


slow_in_a_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand"),
    pytest.mark.filterwarnings("ignore:reference already known"),
]


class TestInABrowser:
    pytestmark = slow_in_a_browser

    def test_the_film_is_played_and_stepped_by_keyboard_alone(self, browser: Any, address: str):
        page = watching(browser, address)
        tab = page.tab
        assert tab.evaluate("document.activeElement.id") == "film-play"
        assert date_of(page) == "Jan 2021"
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("ArrowRight")
        assert date_of(page) == "Feb 2021"
        tab.keyboard.press("ArrowLeft")
        assert date_of(page) == "Jan 2021"
        tab.keyboard.press("Space")
        tab.wait_for_function("() => document.getElementById('film-place').value > 4")
        assert tab.inner_text("#film-play") == "Pause"
        tab.keyboard.press("Space")
        assert tab.inner_text("#film-play") == "Play"
        stood = date_of(page)
        tab.wait_for_timeout(600)
        assert date_of(page) == stood
        tab.focus("#film-place")
        while date_of(page) != "Sep 2022":
            tab.keyboard.press("ArrowRight")
        told = tab.inner_text("#film-said")
        assert "Azerbaijan attacks Armenia" in told
        assert "Russia: a mission (on record; the model gave it" in told
        assert tab.locator(".arrow[visibility=visible]").count() >= 2
        assert tab.evaluate("getComputedStyle(document.querySelector('.chosen .fan')).opacity") == "0"
        tab.keyboard.press("End")
        assert date_of(page) == "Dec 2024"
        tab.wait_for_function("() => getComputedStyle(document.querySelector('.chosen .fan')).opacity === '1'")
        assert tab.evaluate("document.getElementById('film').scrollWidth") <= 390
        tab.keyboard.press("Escape")
        assert tab.locator("#film-room").count() == 0
        assert tab.evaluate(FOCUSED) == "Watch one run as a film"
        tab.context.close()
        assert page.wrong == []

    def test_it_is_still_where_less_motion_is_asked_for(self, browser: Any, address: str):
        page = watching(browser, address, reduced_motion="reduce")
        tab = page.tab
        assert tab.is_disabled("#film-play")
        assert tab.is_visible("#film-still")
        tab.keyboard.press("Space")
        tab.wait_for_timeout(600)
        assert date_of(page) == "Jan 2021"
        tab.keyboard.press("End")
        assert tab.evaluate("getComputedStyle(document.querySelector('.chosen .fan')).opacity") == "1"
        tab.context.close()
        assert page.wrong == []

    def test_it_shows_the_numbers_of_the_run(self, browser: Any, address: str, story: Story):
        page = watching(browser, address)
        film = make_film(story, story.first_choices())
        assert f"run {film.replicate} of 1,000" in page.tab.inner_text("#film h2")
        shown = page.tab.evaluate("JSON.parse(document.getElementById('film-room').dataset.film)")
        assert np.allclose(shown["trust"], film.trust, atol=5e-5)
        assert shown["posture"] == film.posture.tolist()
        page.tab.context.close()
        assert page.wrong == []


def test_names_in_sentences_have_their_article():
    story = Story(ROOT / "scenarios" / "cases" / "zaire_us_shaba_1977.toml")
    assert (story.state_name("USA"), story.in_text("USA"), story.in_text("ZAR")) == (
        "United States", "the United States", "Zaire",
    )  # fmt: skip
    fans = Fans(story, LIGHT, Clock(story.cast.dates, LIGHT, lambda _: None))
    assert fans.figures[0].title.text.endswith(": trust in the United States")
    film = make_film(story, story.first_choices(20))
    said = [text for caption in film.captions for text in (caption.text, *caption.lines)]
    assert any("he United States " in text for text in said)
    assert all(text[0].isupper() or text[0].isdigit() for text in said)
