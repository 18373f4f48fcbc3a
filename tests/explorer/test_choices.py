import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.explorer.choices import MOST_REPLICATES, Choices, PageState
from sim.model.parameters import PARAMETERS

WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_ -]{0,20}", fullmatch=True)
CHOICES = st.builds(
    Choices,
    scenario=WORDS,
    branch=WORDS,
    events=st.dictionaries(WORDS, st.sampled_from(["on", "off", "forces", "decide"])).map(
        lambda table: tuple(sorted(table.items()))
    ),
    explanation=st.sampled_from(["", "overstretched"]),
    parameters=st.dictionaries(st.sampled_from(list(PARAMETERS)), st.floats(0, 180), max_size=5).map(
        lambda table: tuple(sorted(table.items()))
    ),
    replicates=st.integers(1, MOST_REPLICATES),
    seed=st.integers(0, 2**53 - 1),
)
PAGES = st.builds(
    PageState,
    choices=CHOICES,
    state=st.sampled_from(["", "ARM", "KAZ"]),
    day=st.none() | st.dates(date(1992, 1, 1), date(2031, 12, 31)),
    pinned=st.none() | CHOICES,
    against=st.sampled_from(["main", "branch"]),
)
SIMPLE = {"scenario": "first-steps", "branch": "as-happened"}


@given(PAGES)
def test_a_page_comes_back_from_its_file_and_from_its_link(page: PageState):
    assert PageState.from_json(page.to_json(), "file") == page
    assert PageState.from_query(page.to_query()) == page


def test_a_link_can_be_read():
    page = PageState(
        Choices("first-steps", "as-happened").with_event("russia-2022", "forces").with_parameter("reach", 3.0)
    )
    assert page.to_query() == (
        "scenario=first-steps&branch=as-happened&events.russia-2022=forces&parameters.reach=3.0&replicates=1000&seed=1"
    )


def test_choices_change_one_thing_and_back():
    choices = Choices("a", "b").with_event("x", "off").with_parameter("reach", 2.0)
    assert (choices.events, choices.parameters) == ((("x", "off"),), (("reach", 2.0),))
    assert choices.with_event("x", None).with_parameter("reach", None) == Choices("a", "b") == choices.as_shipped()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicates": 0}, "replicates: 0 is not allowed; allowed: 1..5000"),
        ({"replicates": "many"}, "replicates: is not a whole number"),
        ({"replicates": True}, "replicates: is not a whole number"),
        ({"seed": -1}, "seed: -1 is not allowed"),
        ({"branch": ""}, "branch: a name is needed"),
        ({"branch": 3}, "branch: a name is needed"),
        ({"events": ["x"]}, "events: is not a table"),
        ({"events": {"x": 1}}, "events.x: is not text"),
        ({"parameters": {"reach": "far"}}, "parameters.reach: is not a number"),
        ({"explanation": 3}, "explanation: a name is needed"),
        ({"parameters": {"reach": True}}, "parameters.reach: is not a number"),
        ({"day": "soon"}, "day: 'soon' is no date"),
        ({"against": "pinned"}, "against: 'pinned' is not possible; allowed: main, branch"),
        ({"pinned": "me"}, "pinned: is not a table"),
        ({"pinned": {**SIMPLE, "state": "ARM"}}, "pinned: unknown key 'state'"),
        ({"colour": "red"}, "unknown key 'colour'; allowed: scenario, "),
    ],
)
def test_what_cannot_stand_in_a_page_is_named(change: dict[str, object], message: str):
    with pytest.raises(InputError, match=r"page\.json: ") as refused:
        PageState.from_json(json.dumps({"csto-sim-explorer": "1", **SIMPLE, **change}), "page.json")
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"title": "a scenario"}', "[" * 100_000])
def test_what_is_no_page_is_refused(text: str):
    with pytest.raises(InputError, match=r"page\.json: is not"):
        PageState.from_json(text, "page.json")


@given(st.text(max_size=60))
def test_any_link_is_read_or_refused(query: str):
    try:
        page = PageState.from_query(query)
    except InputError:
        return
    assert PageState.from_query(page.to_query()) == page
