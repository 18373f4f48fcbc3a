"""Texts made to do harm: deep, long, or with control characters."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sim.errors import InputError, printable, quoted
from sim.experiments.sweep_file import is_sweep_file, read_plan
from sim.scenario import ScenarioError, load
from sim.scenario.expressions import ExpressionError, parse_condition, parse_metric
from sim.scenario.files import nests_deeply
from sim.scenario.overrides import as_source, key_path, split

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"
LONG = 30_000


def seconds(do: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    with suppress(InputError):
        do(text)
    return time.process_time() - began


@pytest.mark.parametrize(
    ("do", "text"),
    [
        (parse_condition, "A" + " " * LONG + "x"),
        (parse_condition, " " * LONG),
        (parse_condition, "BBB.trust[" + " " * LONG),
        (parse_condition, "BBB.posture >= " + "1." * LONG),
        (parse_metric, "mean(" + "A" * LONG),
        (parse_metric, "a" * LONG + "("),
        (parse_metric, "BBB.posture@" + "1" * LONG),
        (key_path, "a" + " " * LONG + "["),
        (key_path, '"\\' * LONG),
        (split, "a=" + "{a=" * LONG),
        (split, "a={" + "a." * LONG + "a=1}"),
        (nests_deeply, "a." * LONG + "a = 1"),
        (nests_deeply, '"a"\t.' * LONG),
        (nests_deeply, '"a\\' * LONG),
        (nests_deeply, "'''a" * LONG),
        (nests_deeply, "a" + " " * LONG + "b"),
    ],
)
def test_a_long_text_takes_no_long_time(do: Callable[[str], object], text: str):
    assert seconds(do, text) < 1.0


def test_deep_keys_are_refused_at_once(tmp_path: Path):
    path = tmp_path / "deep.toml"
    path.write_text(SMALL.read_text("utf-8") + "\n" + "a." * 20_000 + "a = 1\n", "utf-8")
    began = time.process_time()
    with pytest.raises(ScenarioError, match="nested too deeply"):
        load(path)
    assert not is_sweep_file(path)
    assert time.process_time() - began < 1.0
    for text in ("a." * 5_000 + "a", "a." * 30 + "a"):
        with pytest.raises(ScenarioError, match="nested too deeply; allowed: at most 24 names"):
            as_source([f"{text}=1"])


@pytest.mark.parametrize(
    ("text", "deep"),
    [
        ("a.b.c = 1", False),
        (".".join(["a"] * 25) + " = 1", True),
        (".".join(["a"] * 24) + " = 1", False),
        ("[" + " . ".join(['"a"'] * 30) + "]", True),
        (f"note = '{'b.' * 99}'", False),
        (f'note = """{"b." * 99}\n{"b." * 99}"""', False),
        (f"# {'b.' * 99}", False),
        ('a = "\\"' + "b." * 99 + '"', False),
        ("a = '''" + "''b." * 99, False),
    ],
)
def test_dots_count_in_keys_alone(text: str, deep: bool):
    assert nests_deeply(text) is deep


@pytest.mark.parametrize("text", ["\x1b[31mBBB.posture", "\u202eBBB.posture", "\x9b31m", "B\nBB", "\0"])
def test_messages_show_control_characters_as_escapes(text: str):
    with pytest.raises(ExpressionError) as refused:
        parse_metric(text)
    assert printable(str(refused.value)) == str(refused.value)
    assert "\n" not in str(refused.value)


def test_given_texts_are_cut():
    assert len(quoted("a" * 400_000)) < 120
    with pytest.raises(ScenarioError) as refused:
        as_source([f"{'a' * 400_000}[=1"])
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("name", ["a\\u0000.toml", f"{'a' * 5000}.toml", f"{'a' * 5000}", "\\u001b[31m"])
def test_files_that_cannot_be_extended_are_named(tmp_path: Path, name: str):
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "{name}"\n' + SMALL.read_text("utf-8"), "utf-8")
    with pytest.raises(ScenarioError, match=r"mine\.toml:1: extends: ") as refused:
        load(path)
    assert printable(str(refused.value)) == str(refused.value)
    assert len(str(refused.value)) < 500


def test_a_sweep_that_is_taken_for_a_scenario_is_called_one(tmp_path: Path):
    path = tmp_path / "my sweep.toml"
    path.write_text(f'title = "A sweep"\nscenario = "{SMALL}"\n[design]\nkind = "grid"\n', "utf-8")
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert str(refused.value).endswith(f"this is a sweep: csto-sim sweep '{path}'")


def test_a_missing_file_hides_no_mistake_of_the_file_itself(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Mine"\nextends = ["nowhere", "csto"]\nreplicates = 0\n[states.ARM]\ncapability = "x"\n'
        '[events]\nraid = { date = 2022-09-13, kind = "attac" }\nmove = { severity = 2.0 }\n',
        "utf-8",
    )
    with pytest.raises(ScenarioError) as refused:
        load(path, ["a"])
    found = [(problem.line, problem.key) for problem in refused.value.problems]
    assert found == [
        (2, "extends[0]"), (None, "a"), (3, "replicates"), (5, "states.ARM.capability"), (7, "events.raid.kind"),
    ]  # fmt: skip


def test_a_sweep_file_and_its_scenario_tell_their_mistakes_together(tmp_path: Path):
    (tmp_path / "scenario.toml").write_text(
        SMALL.read_text("utf-8").replace("replicates = ", "replicates = -"), "utf-8"
    )
    path = tmp_path / "sweep.toml"
    for head, own in (('kind = "grid"\nsampels = 3', "design.sampels"), ('kind = "grid"', "factors.reach")):
        factors = "[factors]\nreach = { prior = true }\n"
        path.write_text(f'title = "A"\nscenario = "scenario.toml"\n[design]\n{head}\n{factors}', "utf-8")
        with pytest.raises(ScenarioError) as refused:
            read_plan(path)
        assert {problem.key for problem in refused.value.problems} == {own, "replicates"}
