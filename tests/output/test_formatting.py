from datetime import date

import pytest

from sim.output.formatting import MONTHS, decimals, in_sentence, month, shown, signed_number, state_name
from sim.scenario import Scenario


def test_halves_go_away_from_zero_whatever_their_binary_form():
    assert [shown(half, 2) for half in (0.415, 0.465, 0.475, -0.415)] == ["0.42", "0.47", "0.48", "-0.42"]
    assert [shown(half) for half in (0.5, 1.5, 79.5)] == ["1", "2", "80"]


def test_nothing_is_not_negative():
    assert shown(-0.004, 2) == "0.00"


def test_what_is_not_known_has_a_sign_of_its_own():
    assert [decimals(value) for value in (None, float("nan"), 0.0005)] == ["-", "-", "0.001"]
    assert decimals(None, missing="") == ""


def test_zero_has_no_sign_however_many_places_are_shown():
    assert [signed_number(-0.04, places) for places in (0, 1, 2)] == ["0", "0.0", "\N{MINUS SIGN}0.04"]


def test_months_are_told_apart_by_three_letters():
    assert len({name[:3] for name in MONTHS}) == 12
    assert month(date(2022, 9, 13)) == "Sep 2022"


def test_a_state_without_a_name_goes_by_its_code():
    states = {"AAA": {"capability": 1.0, "name": "Alpha"}, "BBB": {"capability": 1.0}}
    scenario = Scenario.model_validate(
        {"title": "Names", "start": date(2020, 1, 1), "end": date(2020, 1, 31), "states": states}
    )
    assert [state_name(scenario, code) for code in ("AAA", "BBB", "CCC")] == ["Alpha", "BBB", "CCC"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *((name, f"the {name}") for name in (
            "United States", "United Kingdom", "Netherlands", "Soviet Union", "Philippines", "Czech Republic",
            "Ottoman Empire", "Gambia", "Maldives", "Central African Republic", "Democratic Republic of the Congo",
            "Dominican Republic", "Solomon Islands", "Marshall Islands", "Comoros", "United Arab Emirates", "Bahamas",
            "Republic of China (Taiwan)", "United States itself",
        )),
        *((name, name) for name in (
            "Seychelles", "Armenia", "Ireland", "Mauritius", "Honduras", "Czechoslovakia", "Korea", "BIG",
            "Treaty between the United States and Japan", "the Netherlands",
        )),
        ("The Gambia", "the Gambia"),
        ("United Kingdom and United States", "the United Kingdom and the United States"),
        ("United States, India", "the United States, India"),
        ("South Korea and the United States", "South Korea and the United States"),
    ],
)  # fmt: skip
def test_names_of_states_have_their_article_in_sentences(name: str, said: str) -> None:
    assert in_sentence(name) == said
