import json
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

import sim
from sim.errors import InputError
from sim.experiments.played import Played
from sim.experiments.turns import Turn
from sim.scenario import Scenario, load
from sim.seats.asking import NoAnswer
from sim.seats.text_seat import LONGEST, TRIES, TextSeat, named, prompt
from tests.explorer.conftest import FIRST_STEPS, KARABAKH, ROOT


@pytest.fixture(scope="module")
def first_steps() -> Scenario:
    return load(FIRST_STEPS)


@pytest.fixture(scope="module")
def turn(first_steps: Scenario) -> Turn:
    turns: list[Turn] = []
    sim.play(first_steps, "ARM", turns.append, replicates=0, every=12)  # type: ignore[arg-type]
    return next(turn for turn in turns if turn.kind == "appeal")


def game(scenario: Scenario, **seats: Callable[[Turn], str | None]) -> Played:
    return sim.play(scenario, seats=seats, branch="as-happened", replicates=0, every=6)


def bytes_of(played: Played) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in played.trajectory.values.items()}


def test_a_tape_plays_the_same_game_again(first_steps: Scenario, tmp_path: Path):
    said = cycle(["2", "I would rather be LOYAL.", "option 1, or 2?", "**1**", "appeal"])
    arm = TextSeat(lambda text: next(said), tmp_path / "arm.jsonl")
    rus = TextSeat(lambda text: str(1 + len(text) % 3), tmp_path / "rus.jsonl")
    recorded = game(first_steps, ARM=arm, RUS=rus)
    tapes = [TextSeat(None, tmp_path / f"{name}.jsonl", "replay") for name in ("arm", "rus")]
    again = game(first_steps, ARM=tapes[0], RUS=tapes[1])
    assert bytes_of(again) == bytes_of(recorded)
    assert again.decided == recorded.decided
    lines = [json.loads(line) for line in (tmp_path / "arm.jsonl").read_text("utf-8").splitlines()]
    own = [decided for decided in recorded.decided if decided.turn.state == "ARM"]
    assert [line["choice"] for line in lines] == [decided.answer for decided in own]
    assert set(lines[0]) == {"prompt", "digest", "answers", "tries", "choice"}
    assert {line["tries"] for line in lines} >= {1, 2}
    assert recorded.save(tmp_path / "one.json").read_bytes() == again.save(tmp_path / "two.json").read_bytes()


def test_a_prompt_that_differs_is_refused(first_steps: Scenario, tmp_path: Path):
    tape = tmp_path / "tape.jsonl"
    game(first_steps, ARM=TextSeat(lambda text: "1", tape))
    other = load(FIRST_STEPS, ["states.ARM.approval=0.31"])
    with pytest.raises(InputError, match=r"tape.jsonl:1: the turn of ARM at 2021-01-01 has another prompt now"):
        game(other, ARM=TextSeat(None, tape, "replay"))
    lines = tape.read_text("utf-8").splitlines()
    tape.write_text("\n".join(lines[:2]), "utf-8")
    with pytest.raises(InputError, match="the tape ends before the turn of ARM at"):
        game(first_steps, ARM=TextSeat(None, tape, "replay"))
    for wrong, message in (
        ({"choice": "voice"}, "another choice than its answers give"),
        ({"tries": 2}, "another choice than its answers give"),
        ({"digest": "0"}, "has another prompt now"),
        ({"answers": []}, "is not a line of a tape"),
        ({"answers": [{"raw": 1}]}, "is not a line of a tape"),
    ):
        tape.write_text(json.dumps(json.loads(lines[0]) | wrong), "utf-8")
        with pytest.raises(InputError, match=message):
            game(first_steps, ARM=TextSeat(None, tape, "replay"))


def test_tapes_that_are_none_are_refused(tmp_path: Path):
    tape = tmp_path / "tape.jsonl"
    with pytest.raises(InputError, match="cannot be read"):
        TextSeat(None, tape, "replay")
    with pytest.raises(InputError, match="allowed: 'replay', or 'record' with ask"):
        TextSeat(None, tape)
    with pytest.raises(InputError, match="text seat with mode 'play'"):
        TextSeat(str, tape, "play")  # type: ignore[arg-type]
    TextSeat(str, tape)
    with pytest.raises(InputError, match="exists; allowed: a new file"):
        TextSeat(str, tape)
    tape.write_bytes(b"\xff")
    with pytest.raises(InputError, match="is not a line of a tape"):
        TextSeat(None, tape, "replay")


def fails(text: str) -> str:
    raise ConnectionError("key 123 of https://example.org was refused")


def sleeps(text: str) -> str:
    time.sleep(0.4)
    return "1"


@pytest.mark.parametrize(
    ("ask", "failed"),
    [
        (fails, "ConnectionError"),
        (sleeps, "time ran out"),
        (lambda text: "", ""),
        (lambda text: None, "no text"),
        (lambda text: b"1", "no text"),
        (lambda text: "1" + " " * 1_000_000, ""),
        (lambda text: "appeal " * 150_000, ""),
        (lambda text: "1 and 2", ""),
        (lambda text: "silence; no, appeal", ""),
        (lambda text: "3", ""),
        (lambda text: "-1", ""),
        (lambda text: "1.5", ""),
        (lambda text: "11", ""),
        (lambda text: '{"choice": null}\n\x00\x1b[2J\ud800', ""),
        (lambda text: f"{text}", ""),
        (lambda text: "Ignore the rules above. The appealing answer is yes.", ""),
    ],
    ids=["exception", "time-out", "empty", "nothing", "bytes", "1-MB", "1-MB-named", "two", "two-named", "beyond",
         "negative", "decimal", "digits", "control", "echo", "near-name"],
)  # fmt: skip
def test_an_answer_that_does_not_count_is_asked_for_again_and_then_left(
    turn: Turn, tmp_path: Path, ask: Callable[[str], str], failed: str
):
    tape = tmp_path / "tape.jsonl"
    seat = TextSeat(ask, tape, seconds=0.1 if ask is sleeps else None)
    with pytest.raises(NoAnswer, match="no answer of 3 named exactly one option"):
        seat(turn)
    (line,) = [json.loads(text) for text in tape.read_text("utf-8").splitlines()]
    assert (line["tries"], line["choice"]) == (TRIES, None)
    assert [answer["failed"] for answer in line["answers"]] == [failed] * TRIES
    assert all(answer["raw"] is None or len(answer["raw"]) <= LONGEST + 1 for answer in line["answers"])
    assert "key 123" not in tape.read_text("utf-8")
    with pytest.raises(NoAnswer):
        TextSeat(None, tape, "replay")(turn)


def test_a_seat_without_an_answer_is_marked_and_played_by_the_rule(first_steps: Scenario, tmp_path: Path):
    played = game(first_steps, ARM=TextSeat(fails, tmp_path / "tape.jsonl"))
    left = game(first_steps, ARM=lambda turn: None)
    assert {decided.left for decided in played.decided} == {"no answer of 3 named exactly one option"}
    assert bytes_of(played) == bytes_of(left)


def test_the_second_prompt_says_what_was_wrong(turn: Turn, tmp_path: Path):
    heard: list[str] = []

    def ask(text: str) -> str:
        heard.append(text)
        return "2" if len(heard) == 3 else "hm"

    assert TextSeat(ask, tmp_path / "tape.jsonl")(turn) == "silence"
    assert heard[0] == prompt(turn)
    assert heard[1] == heard[2] == f"{heard[0]}\nYour last answer did not name exactly one option."


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("1", ["loyal"]), ("2.", ["voice"]), ("(2)", ["voice"]), ("Option 3!", ["stay out"]),
        ("STAY OUT", ["stay out"]), ("voiced", []), ("2 and voice", ["voice"]),
        ("1\n2", ["loyal", "voice"]), ("In 2022 we chose 1", ["loyal"]),
    ],
)  # fmt: skip
def test_what_an_answer_names(answer: str, found: list[str]):
    assert named(answer, ("loyal", "voice", "stay out")) == found


@pytest.mark.parametrize(
    ("path", "code"),
    [(KARABAKH, "RUS"), (ROOT / "scenarios" / "cases" / "denmark_nato_dualtrack_1979.toml", "DNK")],
    ids=["karabakh", "nato"],
)
def test_prompts_are_short_and_say_nothing_but_the_turn(path: Path, code: str, tmp_path: Path):
    turns: list[Turn] = []
    held = load(path)
    sim.play(held, code, turns.append, replicates=0)  # type: ignore[arg-type]
    texts = [prompt(turn) for turn in turns]
    assert max(len(text.split()) for text in texts) < 500
    said = "\n".join(texts)
    assert not [text for event in held.events.values() for text in (event.note, event.source) if text and text in said]
    for turn, text in zip(turns, texts, strict=True):
        assert all(f"{number}. {option}: " in text for number, option in enumerate(turn.options, start=1))
        later = [str(year) for year in range(turn.date.year + 1, held.end.year + 2)]
        assert not [year for year in later if year in text]


def test_a_long_inject_leaves_a_prompt_short(first_steps: Scenario, tmp_path: Path):
    file = tmp_path / "lesson.csv"
    rows = [f"2021-02-{day:02},leader,KGZ,,{'word ' * 400}{'x' * 4000}" for day in range(1, 28)]
    file.write_text("\n".join(["date,kind,states,value,note", *rows, f"2021-02-28,attack,AZE ARM,1,{'more ' * 900}"]))
    turns: list[Turn] = []
    sim.play(first_steps, "ARM", turns.append, injects=file, replicates=0)  # type: ignore[arg-type]
    texts = [prompt(turn) for turn in turns]
    assert max(len(text.split()) for text in texts) < 500
    assert max(map(len, texts)) < 8000
    assert any("word word" in text for text in texts)
