import json
from datetime import date
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.registered.making import Content, inputs_of, references, with_chances
from sim.evidence.registered.questions import CheckedQuestions
from sim.evidence.registered.register import check_new, read_register, register, seal
from tests.evidence.registered.conftest import MADE_ON


def test_a_forecast_says_all_that_it_follows_from(asked: CheckedQuestions, content: Content) -> None:
    assert content["made_on"] == "2026-11-25"
    assert content["known_until"] == "2021-03-31"
    assert (content["replicates"], content["seed"]) == (6, 5)
    assert content["branches"]["help-comes"]["weight"] == 0.25
    assert content["parameters"]["name"] == "defaults"
    question = content["questions"]["bria-voice"]
    assert question["resolution"] == "Yes if its leader says so."
    assert question["given"] == ["BBB.posture@2021-03 == loyal"]
    assert sum(question["probabilities"].values()) == pytest.approx(1.0)
    low, high = question["intervals"]["yes"]
    assert low < question["probabilities"]["yes"] < high
    response = content["questions"]["response"]
    assert list(response["probabilities"]) == list(response["options"]) == list(asked.options("response"))
    assert response["branches"]["help-comes"]["forces"] == 1.0
    assert response["references"]["even"]["none"] == 0.2


def test_the_digests_tell_scenario_and_parameters_apart(asked: CheckedQuestions) -> None:
    from sim.evidence.registered.sampling import parameters_used
    from sim.experiments.parameters.posteriors import load_posterior
    from sim.output.manifest import full_digest, scenario_inputs
    from sim.scenario import with_overrides

    inputs = inputs_of(asked, MADE_ON)
    changed = with_overrides(asked.scenario, {"parameters.memory_half_life": 24})
    assert len(inputs["scenario"]["sha256"]) == 64
    assert full_digest(scenario_inputs(changed)) != inputs["scenario"]["sha256"]
    assert parameters_used(changed, None)["sha256"] != inputs["parameters"]["sha256"]
    assert inputs_of(asked, MADE_ON) == inputs
    draws = load_posterior("posterior-full")
    drawn = inputs_of(asked, MADE_ON, draws=draws)["parameters"]
    assert drawn["name"] == "posterior-full"
    assert drawn["sha256"] not in (parameters_used(changed, draws)["sha256"], inputs["parameters"]["sha256"])


def test_neither_workers_nor_engine_change_a_forecast(asked: CheckedQuestions, content: Content) -> None:
    inputs = inputs_of(asked, MADE_ON)
    assert with_chances(asked, inputs, workers=2, engine="compiled") == content
    assert with_chances(asked, inputs, workers=1, engine="compiled") == content
    other = with_chances(asked, inputs_of(asked, MADE_ON, seed=6), workers=1, engine="compiled")
    assert other["questions"] != content["questions"]


def test_a_hazard_becomes_a_chance_over_the_time_left(asked: CheckedQuestions) -> None:
    question = asked.file.questions["bria-voice"]
    said = references(question, ("yes", "no"), date(2021, 12, 31))
    assert said["constant"]["yes"] == pytest.approx(1 - 2.718281828 ** (-0.1 * 10), abs=1e-4)
    assert said["even"] == {"yes": 0.5, "no": 0.5}


def test_a_forecast_is_sealed_listed_and_read_back(content: Content, tmp_path: Path) -> None:
    target = tmp_path / "new" / "first.json"
    written = register(content, target)
    assert written == seal(content) == json.loads(target.read_text("utf-8"))
    lines = (target.parent / "register.csv").read_text("utf-8").splitlines()
    assert lines == ["date,file,sha256", f"2026-11-25,first.json,{written['sha256']}"]
    later = {**content, "made_on": "2026-12-01", "seed": 6}
    register(later, tmp_path / "new" / "second.json")
    assert (target.parent / "register.csv").read_text("utf-8").splitlines()[:2] == lines
    first, second = read_register(target.parent)
    assert (first.file, first.made_on, first.content) == ("first.json", MADE_ON, written)
    assert second.content["made_on"] == "2026-12-01"
    assert sorted(path.name for path in target.parent.iterdir()) == ["first.json", "register.csv", "second.json"]


def test_nothing_is_written_over_or_registered_twice(asked: CheckedQuestions, content: Content, tmp_path: Path) -> None:
    inputs = inputs_of(asked, MADE_ON)
    target = tmp_path / "first.json"
    check_new(target, inputs)
    register(content, target)
    before = target.read_bytes(), (tmp_path / "register.csv").read_bytes()
    with pytest.raises(InputError, match=r"first\.json: exists; a registered forecast is never written over"):
        check_new(target, inputs)
    with pytest.raises(InputError, match=r"first\.json: exists; give a new file"):
        register({**content, "seed": 6}, target)
    again = inputs_of(asked, date(2026, 12, 1))
    with pytest.raises(InputError, match=r"the same was registered on 2026-11-25 as .*first\.json"):
        check_new(tmp_path / "second.json", again)
    check_new(tmp_path / "second.json", inputs_of(asked, date(2026, 12, 1), seed=6))
    check_new(tmp_path / "second.json", inputs_of(asked, date(2026, 12, 1), replicates=7))
    assert before == (target.read_bytes(), (tmp_path / "register.csv").read_bytes())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_line_that_cannot_be_added_takes_the_file_with_it(content: Content, tmp_path: Path) -> None:
    (tmp_path / "register.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        register(content, tmp_path / "first.json")
    assert [path.name for path in tmp_path.iterdir()] == ["register.csv"]


def test_an_id_stands_for_one_question(asked: CheckedQuestions, content: Content, tmp_path: Path) -> None:
    register(content, tmp_path / "first.json")
    inputs = inputs_of(asked, MADE_ON, seed=6)
    inputs["questions"]["call"] = {**inputs["questions"]["call"], "resolves_on": "2032-12-31"}
    with pytest.raises(InputError, match="question 'call': was registered on 2026-11-25 in other words"):
        check_new(tmp_path / "second.json", inputs)


@pytest.mark.parametrize(
    ("name", "made_on", "said"),
    [
        ("first.toml", MADE_ON, "allowed: a name that ends with .json"),
        (".first.json", MADE_ON, "is no name for a forecast"),
        ("plain.txt/first.json", MADE_ON, "nothing can be written"),
        ("first.json", date(2031, 12, 31), "resolves on 2031-12-31; allowed: days after 2031-12-31"),
    ],
)
def test_what_cannot_be_registered_is_refused_before_any_run(
    asked: CheckedQuestions, tmp_path: Path, name: str, made_on: date, said: str
) -> None:
    (tmp_path / "plain.txt").touch()
    with pytest.raises(InputError, match=said):
        check_new(tmp_path / name, inputs_of(asked, made_on))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("first.json", '"seed": 5', '"seed": 6', r"first\.json: registered on 2026-11-25, was changed since"),
        ("first.json", "{", "", "cannot be read any more"),
        ("register.csv", "2026-11-25,first.json,", "2026-11-25,first.json,0", "was changed since"),
        ("register.csv", "2026-11-25", "2026-11-24", "registered on 2026-11-24, was changed since"),
        ("register.csv", "first.json", "frist.json", r"frist\.json: registered on 2026-11-25, is gone"),
        ("register.csv", "2026-11-25", "yesterday", "date: 'yesterday' is no date; allowed: a day such as"),
        ("register.csv", "date,", "day,", "the columns are day, file, sha256; allowed: date, file, sha256"),
    ],
)
def test_a_changed_file_is_refused(content: Content, tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    register(content, tmp_path / "first.json")
    assert len(read_register(tmp_path)) == 1
    path = tmp_path / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=said):
        read_register(tmp_path)


def test_a_changed_chance_is_refused_though_its_seal_is_made_anew(content: Content, tmp_path: Path) -> None:
    register(content, tmp_path / "first.json")
    forged = json.loads((tmp_path / "first.json").read_text("utf-8"))
    forged["questions"]["call"]["probabilities"] = {"yes": 0.5, "no": 0.5}
    (tmp_path / "first.json").write_text(json.dumps(seal(forged)), "utf-8")
    with pytest.raises(InputError, match="was changed since"):
        read_register(tmp_path)


def test_a_format_to_come_is_refused(content: Content, tmp_path: Path) -> None:
    register({**content, "format": 2}, tmp_path / "first.json")
    with pytest.raises(InputError, match="has a format that this version does not know; allowed: 1"):
        read_register(tmp_path)


def test_an_empty_folder_has_no_forecasts(tmp_path: Path) -> None:
    assert read_register(tmp_path) == ()
