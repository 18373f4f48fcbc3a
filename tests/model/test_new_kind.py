"""A new event kind costs one source file: tried in a copy of the tree, by the recipe of docs/extending.md."""

import json
from pathlib import Path

import pytest

from tests.model.recipes import add_event_kind
from tests.model.trees import ROOT, command, copied, printed

SCENARIO = (ROOT / "tests" / "experiments" / "small.toml").read_text("utf-8")
DRILL = (
    'drill = { date = 2021-07-05, kind = "exercise", state = "AAA", target = "BBB", value = 0.9, source = "made up" }\n'
)
TRIED = """
import json
from pathlib import Path

import sim
from sim.explorer.page.wording import switch_title
from sim.explorer.story import Story
from sim.plots.event_markers import key_events

scenario = sim.load("drill.toml")
branches = ["as-it-was", "help-comes"]
plain = dict(branches=branches, replicates=2, seed=1, engine="mesa", workers=1, parameters="defaults")
result = sim.run(scenario, **plain)
result.report().save("report.html")
result.plot.trust("BBB").savefig("trust.png")
story = Story(Path("drill.toml"))
branch = result.branches[0]
without = sim.run(sim.load("drill.toml", ["drop=['drill']"]), **plain)
trust = [
    float(each.trust.sel(branch=branch, truster="BBB", trustee="AAA").isel(date=7).mean()) for each in (result, without)
]
print(json.dumps({
    "trust": trust,
    "explained": str(result.explain("BBB", "2021-07", replicate=0, within=2)),
    "report": Path("report.html").read_text("utf-8"),
    "figure": Path("trust.png").stat().st_size,
    "markers": [marker.text for marker in key_events(result, branch, "BBB")],
    "switch": switch_title(story, story.switches(branch)["drill"]),
}))
"""


@pytest.mark.slow
def test_a_new_kind_in_one_file_goes_from_a_scenario_to_a_report(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    add_event_kind(tree)
    (tree / "drill.toml").write_text(SCENARIO.replace("[events]\n", f"[events]\n{DRILL}"), "utf-8")

    told = json.loads(printed(tree, "-c", TRIED))
    with_drill, without = told["trust"]
    assert with_drill > without
    assert "Alda trains with Bria" in told["markers"]
    assert "exercise, Alda to Bria" in told["explained"]
    assert "Alda trains with Bria" in told["report"]
    assert told["switch"] == "Alda trains with an ally"
    assert told["figure"] > 10_000

    command(tree, "validate", "drill.toml")
    assert "A state trains with another." in command(tree, "list", "events")
    printed(tree, "-m", "sim.reference")
    page = (tree / "docs" / "scenarios.md").read_text("utf-8")
    assert "| `exercise` | Evidence for the host's reliability in the eyes of its guest. |" in page
    assert '#### `kind = "exercise"`\n\nA state trains with another.' in page
    assert '"exercise"' in (tree / "docs" / "scenario.schema.json").read_text("utf-8")
