import json
import re
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import typer

import sim
from sim.cli import analyze, attribute, compare, explain, hindcast, plot, run, sweep
from sim.cli.drawing import OPTIONS
from sim.cli.invocation import IRRELEVANT
from sim.cli.main import PURPOSES, app
from sim.cli.new import alliance_names
from sim.cli.options import result_names, scenario_names, sweep_names
from sim.model.parameters import KEY_PARAMETERS, PARAMETERS
from sim.model.variables import VARIABLES
from sim.output.finding import find_result
from sim.output.store import read
from tests.cli.conftest import Command
from tests.experiments.swept import sweep_file

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "run",
    "compare",
    "audit",
    "explore",
    "report",
    "explain",
    "attribute",
    "sweep",
    "analyze",
    "blocs",
    "new",
    "validate",
    "list",
    "schema",
    "plot",
    "export",
    "hindcast",
    "calibrate",
    "forecast",
    "score",
)


@pytest.fixture
def ran(command: Command) -> str:
    assert command("run", "small.toml", "--replicates", "4", "--no-plot", "--out", "mine").code == 0
    return "mine"


def test_help_lists_the_commands_in_order(command: Command):
    done = command("--help")
    assert done.code == 0
    places = [done.out.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert set(COMMANDS) | {"import"} == set(typer.main.get_command(app).commands)
    headings = re.findall(r"^(\w[\w ]+):$", done.out, re.MULTILINE)
    assert headings == ["Options", *PURPOSES]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_has_an_example(command: Command, name: str):
    done = command(name, "--help")
    assert done.code == 0
    assert f"csto-sim {name}" in done.out.partition("Example")[2]


@pytest.mark.parametrize("words", [*((name,) for name in COMMANDS), ("import",), ("import", "atop-dyads")])
def test_help_fits_80_columns_in_plain_words(command: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]):
    monkeypatch.setenv("COLUMNS", "80")
    said = command(*words, "--help").out
    assert max(map(len, said.splitlines())) <= 80
    assert not re.search(
        r"[{}]|\[\[|list\[|<(str|path|int|float)", said.partition("Example")[0]
    )  # no signs of Python's types
    assert not re.search(r"\w-\n", said)  # no name is broken at its hyphen


def test_choices_stand_in_the_help(command: Command):
    assert "--paper A4|letter" in command("report", "--help").out
    assert "  FILE  Scenarios and sweeps, by file or name." in command("validate", "--help").out


def test_quiet_leaves_out_notes_and_progress_but_not_errors(command: Command):
    few = ("--replicates", "2", "--engine", "mesa", "--no-plot", "--workers", "1")
    told, quiet = (
        command("run", "small.toml", *few, "--out", "a"),
        command("run", "small.toml", *few, "--out", "b", "-q"),
    )
    assert "6 runs in" in told.err
    assert quiet.err == ""
    assert quiet.out.replace("b", "a") == told.out.replace("b", "a")
    commands = [json.loads(Path(folder, "manifest.json").read_text())["command"] for folder in "ab"]
    assert commands[0] == commands[1]
    assert command("run", "small.toml", "--quiet", "--replicates", "0").err.startswith("csto-sim: replicates 0")
    assert "6 runs in" in command("run", "small.toml", *few, "--out", "c").err


def test_names_are_completed(place: Path):
    (place / "mine.toml").write_text("")
    (place / "results" / "mine").mkdir(parents=True)
    assert scenario_names("karabakh") == ["karabakh-2023"]
    assert scenario_names("mi") == ["mine"]
    assert "turkey_nato_patriot_2012" in scenario_names("turkey")
    assert sweep_names("trust") == ["trust-decay"]
    assert result_names("") == ["latest", "mine"]
    assert alliance_names("us-") == ["us-japan", "us-korea", "us-philippines"]


def test_python_runs_the_package_as_the_program():
    told = subprocess.run(
        [sys.executable, "-m", "sim", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == f"csto-sim {sim.__version__}\n"


def test_version(command: Command):
    assert command("--version").out == f"csto-sim {sim.__version__}\n"


def test_help_and_imports_are_quick():
    slow = ("mesa", "numpy", "pandas", "matplotlib", "xarray", "scipy", "SALib", "distributed")
    code = f"import sys, sim, sim.cli.main\nprint([name for name in {slow} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim.cli.main", "--help"], cwd=ROOT, capture_output=True, check=True)
    assert time.perf_counter() - began < 1.5


def test_the_package_gives_its_public_names_lazily():
    code = "import sys, sim\nprint(sorted(set(sim.__all__) - set(dir(sim))), 'numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[] False"
    assert sim.AllianceModel.__name__ == "AllianceModel"
    assert sim.State.__name__ == "State"
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = sim.nothing_here


def test_plot_draws_again_in_the_formats_asked_for(command: Command, ran: str, place: Path):
    done = command("plot", ran, "--kind", "trust", "--state", "BBB", "--format", "pdf", "--format", "svg")
    assert done.code == 0
    drawn = done.out.split()
    assert {Path(name).suffix for name in drawn} == {".pdf", ".svg"}
    assert all((place / name).is_file() for name in drawn)
    assert all("trust" in name for name in drawn)
    assert not any(path.name.startswith(".") for path in (place / ran / "figures").iterdir())
    assert read(ran).replicates == 4


def test_plot_follows_a_style_and_the_sizes_asked_for(command: Command, ran: str, place: Path):
    (place / "serif.mplstyle").write_text("font.family: DejaVu Serif\nfigure.figsize: 6, 4\n")
    drawn = []
    for number, options in enumerate(([], ["--style", "serif.mplstyle"], ["--width", "120", "--dpi", "100"])):
        out = f"out-{number}"
        assert command("plot", ran, "--kind", "trust", "--format", "png", *options, "--out", out).code == 0
        drawn.append((place / out / "trust.png").read_bytes())
    assert [int.from_bytes(png[16:20], "big") for png in drawn] == [1440, 1200, 472]


@pytest.mark.parametrize("of", [run, sweep, compare, explain, attribute, analyze, hindcast, plot])
def test_every_command_that_draws_takes_the_same_options(of: ModuleType):
    command = getattr(of, of.__name__.rpartition(".")[2])
    assert list(signature(command).parameters)[-len(OPTIONS) :] == list(OPTIONS)
    assert set(OPTIONS) <= IRRELEVANT  # a result is the same, however it is drawn


def test_the_size_and_format_of_figures_hold_for_other_commands_than_plot(command: Command, ran: str, place: Path):
    assert command("compare", ran, "--format", "png", "--width", "120", "--dpi", "100", "--out", "apart").code == 0
    assert [path.name for path in (place / "apart").glob("*.*g")] == ["difference.png"]
    assert int.from_bytes((place / "apart" / "difference.png").read_bytes()[16:20], "big") == 472


def test_a_size_that_cannot_be_drawn_is_refused_before_the_work(command: Command, place: Path):
    refused = command("run", "small.toml", "--width", "5", "--out", "narrow")
    assert refused.code == 2
    assert "a figure 5 mm wide in type of 8 points: allowed" in refused.err
    assert not (place / "narrow").exists()


def test_plot_writes_over_no_figure(command: Command, ran: str, place: Path):
    figure = place / ran / "figures" / "trust.png"
    figure.parent.mkdir()
    figure.write_bytes(b"the result's own")
    for again in ("figures-2", "figures-3"):
        done = command("plot", ran, "--kind", "trust", "--format", "png")
        assert done.out.split() == [f"{ran}/{again}/trust.png"]
    assert figure.read_bytes() == b"the result's own"
    assert command("plot", ran, "--kind", "trust", "--out", ran).code == 2


def test_plot_draws_the_metric_asked_for(command: Command, ran: str, place: Path):
    done = command(
        "plot", ran, "--kind", "metric", "--metric", "BBB.trust[AAA]@end", "--format", "svg", "--out", "asked"
    )
    assert done.out.split() == ["asked/metric.svg"]
    assert "trust in" in (place / "asked" / "metric.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mine", "--style", "nope"], "there is no style 'nope'"),
        (["mine", "--style", "ggplot"], "which figures do not follow"),
        (["mine", "--width", "40"], "40 mm wide in type of 8 points: allowed 86 to"),
        (["mine", "--metric", "BBB.trust@@"], "'@@' is not a date; allowed: BBB.trust@2024-12"),
        (["mine", "--kind", "truss"], "did you mean 'trust'"),
        (["nowhere"], "there is no result or sweep or hindcast 'nowhere'"),
        (["."], "not a finished result"),
        (["mine", "--state", "ZZZ"], "ZZZ"),
        (["mine", "--format", "gif"], "gif"),
    ],
)
def test_plot_refuses_what_it_cannot_draw(command: Command, ran: str, place: Path, arguments, said):
    done = command("plot", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not list((place / ran).glob("figures/*"))


def test_plot_draws_sweeps(command: Command, place: Path):
    sweep = (
        "sweep",
        "small.toml",
        "--vary",
        "events.raid.severity=0.2,0.8",
        "--replicates",
        "2",
        "--no-plot",
    )
    assert command(*sweep, "--out", "swept", "--metric", "BBB.trust[AAA]@end").code == 0
    done = command("plot", "swept", "--format", "png")
    assert done.out.split() == ["swept/figures/curve.png"]
    assert (place / "swept" / "figures" / "curve.png").is_file()


def test_compare(command: Command, ran: str):
    metric = "BBB.trust[AAA]@end"
    ends = ("--from", "as-it-was", "--to", "help-comes")
    done = command("compare", ran, *ends, "--metric", metric, "--json")
    found = json.loads(done.out)
    assert found == {
        "from": "as-it-was",
        "to": "help-comes",
        "metrics": {metric: read(ran).compare("as-it-was", "help-comes", metric)},
    }
    assert list(found["metrics"][metric]) == ["from", "to", "difference", "low", "high"]
    table = command("compare", ran, *ends, "--metric", metric)
    assert "from as-it-was to help-comes" in table.out
    assert command("compare", ran, "--metric", metric).out == table.out  # the branches of the question
    assert command("compare", ran, "--from", "as-it-was", "--to", "nope").code == 2


def test_compare_takes_any_number_of_branches(command: Command, ran: str, place: Path):
    metric = "BBB.trust[AAA]@end"
    done = command("compare", ran, "--from", "as-it-was", "--to", "all", "--metric", metric)
    assert done.code == 0
    others = [branch for branch in read(ran).branches if branch != "as-it-was"]
    rows = [line.split()[0] for line in done.out.splitlines() if line.strip()]
    assert all(branch in rows for branch in others)
    folder = place / ran / "comparisons" / "as-it-was-to-several"
    assert {path.name for path in folder.iterdir()} == {"comparison.csv", "comparison.png", "comparison.svg"}
    some = [word for branch in others for word in ("--to", branch)]
    again = command("compare", ran, "--from", "as-it-was", *some, "--metric", metric, "--json")
    found = json.loads(again.out)
    assert list(found["to"]) == others
    assert found["to"]["help-comes"][metric] == read(ran).compare("as-it-was", "help-comes", metric)


def test_compare_takes_two_results(command: Command, ran: str, place: Path):
    metric = "BBB.trust[AAA]@end"
    assert command("run", "small.toml", "--replicates", "5", "--seed", "88", "--out", "beside", "--no-plot").code == 0
    done = command("compare", ran, "--with", "beside", "--to", "help-comes", "--metric", metric)
    assert done.code == 0
    assert "on random numbers of their own, compared as two samples" in " ".join(done.out.split())
    assert "beside:" in done.out
    table = pd.read_csv(place / ran / "comparisons" / "as-it-was-to-beside" / "comparison.csv")
    assert table["branch"].tolist() == ["beside: help-comes"]
    for words, said in (
        (["--with", "beside", "--to", "all"], "give --to once"),
        (["--with", "beside", "--to", "nope"], "unknown branch 'nope'"),
        (["--with", "nowhere"], "there is no result 'nowhere'"),
        (["--to", "help-comes", "--to", "help-comes"], "given twice"),
    ):
        refused = command("compare", ran, *words)
        assert (refused.code, said in refused.err) == (2, True)


def test_compare_writes_tables_and_the_difference_fan(command: Command, ran: str, place: Path):
    ends = ("--from", "as-it-was", "--to", "help-comes", "--metric", "BBB.trust[AAA]@end")
    done = command("compare", ran, *ends)
    folder = Path(ran, "comparisons", "as-it-was-to-help-comes")
    assert f"Result: {folder}" in done.out
    assert f"Figure: {folder / 'difference.png'}" in done.out
    names = {path.name for path in (place / folder).iterdir()}
    assert names == {"comparison.csv", "over-time.csv", "difference.png", "difference.svg"}
    assert command("compare", ran, *ends).code == 0  # once more, over what lies there
    done = command("compare", ran, *ends, "--out", "there", "--no-plot")
    assert {path.name for path in (place / "there").iterdir()} == {"comparison.csv", "over-time.csv"}
    done = command("compare", ran, *ends, "--out", "there")
    assert (done.code, "not empty" in done.err) == (2, True)


def test_compare_says_what_an_interval_without_differences_is(command: Command, ran: str):
    done = command(
        "compare", ran, "--from", "as-it-was", "--to", "help-comes", "--metric", "CCC.posture@end >= out", "--json"
    )
    found = json.loads(done.out)["metrics"]["CCC.posture@end >= out"]
    assert found["low"] < found["difference"] == 0.0 < found["high"]
    assert "no pair differs: with 4 pairs, up to 53 % of pairs could be otherwise" in done.err


def test_compare_refuses_metrics_that_are_neither_stored_nor_in_the_trajectories(command: Command, ran: str):
    done = command("compare", ran, "--from", "as-it-was", "--to", "help-comes", "--metric", "BBB.arms[AAA]@end")
    assert done.code == 2
    assert "'BBB.arms[AAA]' is not recorded in this result" in done.err


def test_validate(command: Command, place: Path):
    assert command("validate", "small.toml").code == 0
    assert json.loads(command("validate", "small.toml", "--json").out) == []
    text = (place / "small.toml").read_text(encoding="utf-8")
    (place / "bad.toml").write_text(text.replace("severity = 0.8", "severty = 0.8"), encoding="utf-8")
    done = command("validate", "small.toml", "bad.toml")
    assert done.code == 2
    line = text.splitlines().index(next(row for row in text.splitlines() if row.startswith("raid"))) + 1
    assert f"bad.toml:{line}: events.raid" in done.out
    found = json.loads(command("validate", "bad.toml", "--json").out)
    assert all(list(problem) == ["file", "line", "key", "problem", "allowed"] for problem in found)
    assert any("did you mean 'severity'" in problem["problem"] for problem in found)


def test_schemas_are_json(command: Command):
    assert "events" in json.loads(command("schema").out)["properties"]
    assert json.loads(command("schema", "scenario").out) == json.loads(command("schema").out)
    assert "factors" in json.loads(command("schema", "sweep").out)["properties"]


def test_list_parameters(command: Command):
    assert [row["parameter"] for row in json.loads(command("list", "parameters", "--json").out)["parameters"]] == [
        name for name in PARAMETERS if name in KEY_PARAMETERS
    ]
    everything = json.loads(command("list", "parameters", "--all", "--json").out)["parameters"]
    assert [row["parameter"] for row in everything] == list(PARAMETERS)
    assert "memory_half_life" in command("list", "parameters").out


def test_list_scenarios_and_results(command: Command, ran: str, place: Path):
    shipped = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))
    here = json.loads(command("list", "scenarios", "--json").out)["scenarios"]
    assert [row["name"] for row in here] == ["small", *shipped]
    (place / "scenarios").mkdir()
    (place / "small.toml").rename(place / "scenarios" / "small.toml")
    (place / "scenarios" / "broken.toml").write_text("title = ")
    rows = json.loads(command("list", "scenarios", "--json").out)["scenarios"]
    assert [row["name"] for row in rows] == ["broken", "small", *shipped]
    assert rows[1] == {
        "name": "small",
        "title": "A small alliance",
        "period": "2021-01-01..2021-12-31",
        "branches": 3,
        "file": "scenarios/small.toml",
    }
    assert "no results here" in command("list", "results").out
    (place / "results").mkdir()
    (place / ran).rename(place / "results" / ran)
    assert json.loads(command("list", "results", "--json").out)["results"][0]["folder"] == "results/mine"


def test_list_sweeps(command: Command, place: Path):
    shipped = sorted(path.stem for path in (ROOT / "scenarios" / "sweeps").glob("*.toml"))
    assert [row["name"] for row in json.loads(command("list", "sweeps", "--json").out)["sweeps"]] == shipped
    (place / "scenarios" / "sweeps").mkdir(parents=True)
    sweep_file(place / "scenarios" / "sweeps", 'kind = "grid"', '"parameters.reach" = { values = [1, 2] }')
    assert json.loads(command("list", "sweeps", "--json").out)["sweeps"][1] == {
        "name": "sweep",
        "title": "A sweep",
        "design": "grid",
        "file": "scenarios/sweeps/sweep.toml",
    }


def test_a_scenario_does_not_take_the_folder_of_sweeps(command: Command, place: Path):
    (place / "small.toml").rename(place / "sweeps.toml")
    done = command("run", "sweeps.toml", "--replicates", "1")
    assert (done.code, "cannot be called 'sweeps'" in done.err) == (2, True)
    assert [path.name for path in place.iterdir()] == ["sweeps.toml"]


def test_what_is_unknown_by_name_is_told_with_the_nearest(command: Command):
    for name in ("run", "blocs", "validate"):
        done = command(name, "karabak-2023")
        assert (done.code, "'karabak-2023'; did you mean 'karabakh-2023'?" in done.err) == (2, True)


def test_a_file_here_stands_before_one_that_ships(command: Command, place: Path):
    shipped = json.loads(command("blocs", "placebo", "--json").out)
    (place / "small.toml").rename(place / "placebo.toml")
    own = json.loads(command("blocs", "placebo", "--json").out)
    assert (shipped["scenario"], own["scenario"]) == (str(ROOT / "scenarios" / "placebo.toml"), "placebo.toml")


def test_results_are_found_by_name(command: Command, place: Path):
    few = ("--replicates", "2", "--engine", "mesa", "--no-plot", "--workers", "1", "--branch", "as-it-was")
    assert command("run", "small.toml", *few).code == 0
    (place / "small.toml").rename(place / "other.toml")
    assert command("run", "other", *few, "--seed", "2").code == 0
    sweep = ("--vary", "events.raid.severity=0.2,0.8", "--metric", "BBB.trust[AAA]@end")
    assert command("sweep", "other", *sweep, *few).code == 0
    (small,) = (place / "results" / "small").iterdir()
    (other,) = (place / "results" / "other").iterdir()
    for given, meant in (("small", small), ("other", other), ("latest", other), (small.name, small)):
        done = command("export", given, "--table", "country-month", "--out", f"{given}.csv", "--json")
        assert done.code == 0, done.err
        assert f'"file": "{given}.csv"' in done.out
        assert find_result(given) == meant.relative_to(place)
    assert find_result("latest", ("sweep",)).parent == Path("results", "sweeps", "other")
    assert find_result("results") == Path("results")
    done = command("report", "smal")
    assert done.code == 2
    assert "there is no result 'smal' in ./results; did you mean 'small'?" in done.err


def test_list_metrics_and_events(command: Command):
    metrics = command("list", "metrics").out
    assert all(f".{name}" in metrics for name in VARIABLES)
    assert "first(ARM.posture >= freeze)" in metrics
    events = json.loads(command("list", "events", "--json").out)["events"]
    assert {"attack", "response", "set", "membership"} <= {row["kind"] for row in events}


@pytest.mark.parametrize("arguments", [["list", "nothing"], ["nothing"], ["attribute", "mine"]])
def test_unknown_words_exit_with_2(command: Command, arguments):
    done = command(*arguments)
    assert done.code == 2
    assert "Error" in done.err


def test_list_cases(command: Command):
    rows = json.loads(command("list", "cases", "--json").out)["cases"]
    assert len(rows) == 91
    assert list(rows[0]) == ["case", "alliance", "year", "asked", "owed", "given", "did"]
