import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim.evidence.registered.register import seal
from tests.cli.conftest import Command
from tests.evidence.registered.conftest import QUESTIONS


@pytest.fixture
def asked(place: Path) -> Path:
    """Return the working folder with questions where the command looks for them."""
    (place / "forecasts").mkdir()
    text = QUESTIONS.read_text("utf-8").replace('"small.toml"', '"../small.toml"')
    (place / "forecasts" / "questions.toml").write_text(text, "utf-8")
    return place


def test_registering_and_scoring_from_end_to_end(command: Command, asked: Path) -> None:
    today = datetime.now(UTC).date()
    done = command("forecast", "--json", "--workers", "1")
    assert done.code == 0
    assert "small: 18 runs in" in done.err
    said = json.loads(done.out)
    path = Path(said.pop("file"))
    assert path == Path("forecasts") / f"{today}-small.json"
    assert json.loads(path.read_text("utf-8")) == said == seal(said)
    assert (path.parent / "register.csv").read_text("utf-8") == (
        f"date,file,sha256\n{today},{path.name},{said['sha256']}\n"
    )
    assert "rests on runs worth" in done.err

    again = command("forecast", "--out", "forecasts/again.json")
    assert again.code == 2
    assert "nothing new to register" in again.err
    other = command("forecast", "--out", "elsewhere/other.json", "--workers", "2")
    assert other.code == 0
    assert said["sha256"] in other.out
    assert "bria-voice" in other.out
    assert "Forecast: elsewhere/other.json" in other.out

    opened = command("score")
    assert opened.code == 0
    assert "no outcomes yet" in opened.err
    assert "open, resolves on 2031-12-31" in opened.out
    (path.parent / "outcomes.csv").write_text(
        f"id,resolved_on,outcome,source\nbria-voice,{today},yes,the Bria Times\ncall,{today},void,nobody knows\n",
        "utf-8",
    )
    scored = command("score", "forecasts", "--json")
    assert scored.code == 0
    card = json.loads(scored.out)
    chance = said["questions"]["bria-voice"]["probabilities"]["yes"]
    assert card["forecasts"][path.name]["questions"]["bria-voice"]["brier"]["model"] == pytest.approx((1 - chance) ** 2)
    assert card["mean"]["brier"]["even"] == 0.25
    assert card["forecasts"][path.name]["void"] == {"call": "nobody knows"}
    table = command("score")
    assert table.code == 0
    assert f"{(1 - chance) ** 2:.3f}" in table.out
    assert "void: nobody knows" in table.out

    path.write_text(path.read_text("utf-8").replace('"seed": 5', '"seed": 4'), "utf-8")
    changed = command("score")
    assert changed.code == 2
    assert "was changed since" in changed.err
    assert changed.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.toml"], "missing.toml: no such file"),
        (["--replicates", "0"], "replicates 0 is not allowed"),
        (["--seed", "-1"], "seed -1 is not allowed"),
        (["--workers", "0"], "workers 0 is not allowed"),
        (["--out", "small.toml"], "a name that ends with .json"),
        (["--out", "small.toml/a.json"], "nothing can be written"),
        (["small.toml"], "this key is missing"),
    ],
)
def test_refused_input_exits_with_2_and_leaves_nothing(
    command: Command, asked: Path, arguments: list[str], said: str
) -> None:
    before = sorted(asked.rglob("*"))
    done = command("forecast", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert sorted(asked.rglob("*")) == before


def test_runs_that_never_meet_what_is_given_are_told(command: Command, asked: Path) -> None:
    path = asked / "forecasts" / "questions.toml"
    path.write_text(path.read_text("utf-8").replace("2021-03 == loyal", "2021-03 == out"), "utf-8")
    done = command("forecast")
    assert done.code == 2
    assert "question 'bria-voice': no run of branch 'as-it-was' counts" in done.err
    assert sorted(each.name for each in path.parent.iterdir()) == ["questions.toml"]


def test_a_bad_outcome_and_an_empty_folder_exit_with_2(command: Command, asked: Path) -> None:
    empty = command("score")
    assert empty.code == 2
    assert "forecasts: no registered forecast (no register.csv)" in empty.err
    assert command("forecast").code == 0
    (asked / "forecasts" / "outcomes.csv").write_text("id,resolved_on,outcome,source\ncal,2027-01-01,no,x\n", "utf-8")
    done = command("score", "--json")
    assert done.code == 2
    assert "forecasts/outcomes.csv:2: id: no registered forecast asks 'cal'" in done.err
    assert done.out == ""


@pytest.mark.parametrize("name", ["forecast", "score"])
def test_help_has_an_example(command: Command, name: str) -> None:
    done = command(name, "--help")
    assert done.code == 0
    assert f"csto-sim {name} forecasts" in done.out
