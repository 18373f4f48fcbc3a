from pathlib import Path

import numpy as np
import pandas as pd

from sim.experiments.playing import play
from tests.cli.conftest import Command
from tests.explorer.conftest import FIRST_STEPS


def test_run_plays_a_saved_run_again(command: Command, place: Path):
    played = play(FIRST_STEPS, "ARM", lambda turn: turn.options[-1], replicates=0, every=6)
    file = played.save(place / "played.json")
    done = command("run", "played.json", "--out", "out")
    assert done.code == 0, done.err
    assert "to the last byte" in done.out
    table = pd.read_parquet(place / "out" / "kept.parquet")
    chosen = table[(table.state == "ARM") & (table.other == "CSTO") & (table.variable == "posture")]
    np.testing.assert_array_equal(chosen["value"].to_numpy(), played.paths["posture"])
    assert (place / "out" / "played.json").read_bytes() == file.read_bytes()
    refused = command("run", "played.json", "--seed", "3")
    assert (refused.code, "--seed cannot change" in refused.err) == (2, True)
    assert command("run", "missing.json").code == 2


def test_run_and_validate_take_injects(command: Command, place: Path):
    lesson = place / "lesson.csv"
    lesson.write_text("date,kind,states,value,note\n2023-09-19,attack,AZE ARM,9,\n", "utf-8")
    problem = "lesson.csv:2: value: 9.0 is out of range; allowed: a number 0..1"
    done = command("validate", str(FIRST_STEPS), "--injects", "lesson.csv")
    assert (done.code, done.out) == (2, f"{problem}\n")
    assert problem in command("run", str(FIRST_STEPS), "--injects", "lesson.csv").err
    lesson.write_text("date,kind,states,value,note\n2023-09-19,attack,AZE ARM,0.9,\n", "utf-8")
    assert command("validate", str(FIRST_STEPS), "--injects", "lesson.csv").code == 0
    words = ("--injects", "lesson.csv", "--replicates", "2", "--engine", "mesa", "--no-plot", "--out", "out")
    done = command("run", str(FIRST_STEPS), *words)
    assert done.code == 0, done.err
    assert '"inject-2"' in (place / "out" / "scenario.json").read_text("utf-8")
    assert '"--injects",' in (place / "out" / "manifest.json").read_text("utf-8")
