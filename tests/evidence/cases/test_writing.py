"""Cases as scenario files with their names, dates and sources."""

from datetime import date
from pathlib import Path

import pytest

import sim
from sim.evidence.cases.coding import ANONYMOUS, document_of
from sim.evidence.cases.listing import listed_cases
from sim.evidence.cases.reading import CaseFile, cases_of, load_file, outcomes_of, stories_of
from sim.evidence.cases.telling import promised_in
from sim.evidence.cases.writing import as_toml, real_document, state_code, write_cases
from sim.scenario import Scenario, load, resolve, scenario_warnings
from tests.evidence.cases.made import entry

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "scenarios" / "cases"
LIBRARY = load_file()
RUN = (
    "turkey_us_johnson_1964",
    pytest.param("italy_triple_1914", marks=pytest.mark.slow),
    pytest.param("denmark_nato_dualtrack_1979", marks=pytest.mark.slow),
)


def made() -> dict[str, object]:
    file = CaseFile("made", {"one": entry(guarantor="France", other_members=["Belgium", "others"])})
    return real_document(cases_of(file)["one"], stories_of(file)["one"], outcomes_of(file)["one"])


def test_the_shipped_files_are_those_of_the_library(tmp_path: Path) -> None:
    written = write_cases(tmp_path)
    assert [path.stem for path in written] == list(LIBRARY.cases)
    assert sorted(path.name for path in FOLDER.glob("*.toml")) == sorted(path.name for path in written)
    for path in written:
        assert path.read_text(encoding="utf-8") == (FOLDER / path.name).read_text(encoding="utf-8"), path.name


def test_every_file_is_a_sound_scenario_with_its_course() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        scenario = load(path)
        assert list(scenario_warnings(scenario)) == [], path.name
        assert len(scenario.observed) == 1


def test_a_file_says_what_the_document_says() -> None:
    import tomllib

    document = made()
    assert Scenario.model_validate(tomllib.loads(as_toml(document))) == Scenario.model_validate(document)  # type: ignore[arg-type]


def test_names_dates_notes_and_course_are_those_of_the_case() -> None:
    scenario = Scenario.model_validate(made())
    assert scenario.title == "Client and France, 1950"
    assert {code: state.name for code, state in scenario.states.items()} == {
        "CLI": "Client", "FRA": "France", "FOE": "Enemy", "PAT": "an outside patron", "BEL": "Belgium", "FL2": "others",
    }  # fmt: skip
    assert scenario.events["key"].date == date(1950, 5, 20)
    assert scenario.events["key"].note == "Asked"
    assert scenario.treaties["Alliance"].name == "Pact of 1940"
    assert list(scenario.observed["CLI"]) == ["1949-03-01", "1952-06-01"]
    assert scenario.observed["CLI"]["1952-06-01"].posture == "freeze"
    assert scenario.recorded_until(scenario.end) == scenario.end == date(1955, 5, 31)


def test_the_same_events_happen_with_and_without_names() -> None:
    case = cases_of(LIBRARY)[RUN[0]]
    story = stories_of(LIBRARY)[RUN[0]]
    plain, real = document_of(case, names=ANONYMOUS)["events"], real_document(case, story, None)["events"]
    assert list(plain) == list(real)
    months = [(each["date"].year - 2000) * 12 + each["date"].month - 1 for each in plain.values()]
    assert months == [(each["date"].year - 1964) * 12 + each["date"].month - 6 for each in real.values()]


def told_of(given: float, owed: float = 0.8, **more: object) -> Scenario:
    raw = entry(guarantor="United States", **more)
    raw["key_event"] |= {"owed": owed, "given": given}
    raw["treaty_obligations"]["defence"]["text"] = "No more than talks"
    file = CaseFile("made", {"one": raw})
    document = real_document(
        cases_of(file)["one"], stories_of(file)["one"], outcomes_of(file)["one"], promised_in(file.cases["one"])
    )
    return Scenario.model_validate(document)


def test_the_story_of_a_case_is_made_from_its_fields() -> None:
    scenario = told_of(given=0.2)
    story = scenario.story
    assert story is not None
    assert story.question == "Would Client have stayed closer if the United States had given all it owed?"
    assert story.promise is not None
    assert story.promise.text == "The United States' promise to Client: no more than talks."
    assert "Pact of 1940" in story.promise.source
    assert story.call is not None
    assert story.call.text == "May 1950: Asked."
    assert story.answer is not None
    assert story.answer.text == "The United States largely owed help, and gave little."
    assert "owed 0.8, given 0.2" in story.answer.source
    assert story.change is not None
    assert story.change.metric == "CLI.posture@1955-05 >= freeze"
    assert story.change.counted == "Client has frozen its part or left by May 1955"
    assert story.happened is not None
    noted = "The case file notes the first step, in 1952: command left."
    assert story.happened.text == f"In May 1953 Client had frozen its part. {noted}"


@pytest.mark.parametrize(
    ("given", "branch", "share"), [(0.2, "all-given", 1.0), (0.5, "nothing-given", 0.0), (1.0, "nothing-given", 0.0)]
)
def test_the_change_of_a_case_is_the_other_extreme(given: float, branch: str, share: float) -> None:
    scenario = told_of(given)
    assert list(scenario.branches) == ["as-happened", branch]
    changed = resolve(scenario, branch).events
    (name,) = scenario.branches[branch].events
    assert getattr(changed[name], "delivered", getattr(changed[name], "given", None)) == share


def test_a_case_that_asks_nothing_of_the_guarantor_has_no_change() -> None:
    scenario = told_of(given=0.0, owed=0.0)
    assert scenario.branches == {}
    assert scenario.story is not None
    assert scenario.story.change is None
    assert scenario.story.answer is not None
    assert scenario.story.answer.text == "This asked no help of the United States, so there is no answer to judge."


@pytest.mark.parametrize("name", RUN)
def test_a_case_runs(name: str) -> None:
    result = sim.run(load(FOLDER / f"{name}.toml"), replicates=2, engine="mesa", parameters="defaults")
    assert result.posture.sizes["replicate"] == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Republic of China (Taiwan)", "TWN"), ("Prussia and Austria", "PRU"), ("the guarantor itself", ""),
        ("USSR (systemic), Greece (regional)", "SUN"), ("none near (China in theory)", ""),
    ],
)  # fmt: skip
def test_codes_of_states(name: str, code: str) -> None:
    assert state_code(name) == code


def test_the_list_says_what_was_asked_given_and_done() -> None:
    rows = {row["case"]: row for row in listed_cases()}
    assert len(rows) == 91
    row = rows["ah_germany_bosnia_1908"]
    assert (row["year"], row["owed"], row["given"]) == (1908, 0.5, 0.9)
    assert row["did"] == "loyal, criticise 1913, loyal 1913"
