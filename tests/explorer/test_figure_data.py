"""The data of every figure: the numbers that are drawn, in tables and files."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from sim.explorer.choices import PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.figure_data import FIGURES, film_table, inside_table, table_of
from sim.explorer.film import make_film
from sim.explorer.inside import look_inside
from sim.explorer.page.data_room import MOST_ROWS, DataRoom
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.words import POSTURES

RUNS = 30


@pytest.fixture(scope="module")
def shown(story: Story) -> Shown:
    ensembles = Ensembles(story, threads=2)
    choices = story.first_choices(RUNS, seed=7).with_event("russia-2022", "none")
    page = PageState(choices, state="ARM")
    other = ensembles.view(choices.as_shipped())
    return Shown(story, page, ensembles.view(choices), other, "as it happened", 24)


def test_every_figure_has_its_numbers(shown: Shown):
    tables = {title: table_of(title, shown) for title in FIGURES}
    view, story = shown.view, shown.story
    dates, client = story.cast.dates, story.clients.index("ARM")
    trust = tables["Trust in the guarantor"].query("member == 'ARM'")
    assert np.array_equal(trust[["q05", "q25", "median", "q75", "q95"]].to_numpy().T, view.trust[:, :, client])
    assert list(trust["date"]) == list(dates)
    assert trust["on record"].iloc[-1] == "freeze"
    postures = tables["Postures"].query("member == 'ARM'")
    assert np.array_equal(postures[list(POSTURES)].to_numpy(), view.shares[:, client])
    (chance,) = tables["Chances of all members"].query("member == 'ARM'").to_dict("records")
    assert (chance["chance"], chance["low"], chance["high"]) == view.chance(24, client)
    public = tables["Public opinion"].query("what == 'approval' and poll.isna()")
    assert np.array_equal(public["median"].to_numpy(), view.public("approval", client)[2])
    assert len(tables["Public opinion"].dropna(subset=["poll"])) > 3
    pair = tables["Trust among members"].query("truster == 'ARM' and trusted == 'RUS'")
    assert np.array_equal(pair["mean trust"].to_numpy(), view.between[:, story.pairs.index(("ARM", "RUS"))])
    assert list(tables["Map"]["state"]) == list(story.clients)
    (event,) = tables["Events"].query("event == 'russia-2022'").to_dict("records")
    assert (event["setting"], event["changed"]) == ("none", True)


def test_runs_that_were_made_have_their_tables_too(shown: Shown):
    film = make_film(shown.story, shown.page.choices)
    table = film_table(shown, film).query("member == 'ARM'")
    assert np.array_equal(table["trust"].to_numpy(), film.trust[:, shown.client])
    found = look_inside(shown.story, shown.page.choices, "ARM", 3)
    assert list(inside_table(shown, found)["posture"]) == list(found.postures)


def test_the_table_is_shown_and_the_file_holds_all_of_it(shown: Shown):
    room = DataRoom(lambda: {"Film of one run": lambda _: pd.DataFrame({"note": ["<b>"]})}, [])
    room.show(shown)
    assert room.figure.options[-1] == "Film of one run"
    room.figure.value = "Trust in the guarantor"
    room._toggle()
    whole = pd.read_csv(StringIO(room.csv()))
    assert len(whole) == len(shown.story.clients) * len(shown.story.cast.dates)
    assert room.text.object.count("<tr") == min(MOST_ROWS, len(whole)) + 1
    assert room.file.filename == "trust-in-the-guarantor.csv"
    room.figure.value = "Film of one run"
    room._toggle()
    assert "&lt;b&gt;" in room.text.object
    room.show(replace(shown, place=3))
    assert room.text.object == ""
