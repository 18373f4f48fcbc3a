import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.evidence.explained import run_explained
from sim.experiments.ensemble import run
from sim.experiments.parameters.explanations import choose_explanations
from sim.explorer.choices import Choices
from sim.explorer.ensembles import Ensembles
from sim.explorer.saving import scenario_text
from sim.explorer.story import Story
from sim.explorer.switches import EXPLORED
from sim.scenario import load
from tests.explorer.conftest import ROOT, SMALL

CASES = (
    Choices("karabakh-2023", "as-happened", replicates=12),
    Choices("karabakh-2023", "russia-intervenes", replicates=12).with_event("summit-2022", "off"),
    Choices("karabakh-2023", "agents-decide", replicates=12)
    .with_event("russia-2022", "forces")
    .with_event("appeal-2022", "made")
    .with_event("war-2020", "off")
    .with_parameter("memory_half_life", 24.0),
    Choices("karabakh-2023", "agents-decide", explanation="overstretched", replicates=12).with_event("war-2020", "off"),
    Choices("karabakh-2023", "no-ukraine-war", replicates=12).with_event("letter-2020", "silent"),
)


@pytest.mark.parametrize("choices", CASES, ids=lambda choices: choices.branch + choices.explanation)
def test_a_saved_scenario_runs_as_the_page_does(karabakh: Story, choices: Choices, tmp_path: Path):
    saved = tmp_path / "explored.toml"
    saved.write_text(scenario_text(karabakh, choices, tmp_path), "utf-8")
    scenario = load(saved)
    assert list(scenario.branches) == [karabakh.main_branch, EXPLORED]
    assert (scenario.replicates, scenario.seed) == (12, choices.seed)
    explanation = choices.explanation
    if explanation:
        variants = choose_explanations(explanation)
        (result,) = run_explained(scenario, variants, engine="compiled").values()
    else:
        result = run(scenario, engine="compiled")
    client = karabakh.clients.index("ARM")
    ensembles = Ensembles(karabakh)
    for branch, chosen in ((EXPLORED, choices), (karabakh.main_branch, replace(CASES[0], explanation=explanation))):
        view = ensembles.view(chosen)
        trust = result.trust.sel(branch=branch, truster="ARM", trustee="RUS").values
        np.testing.assert_allclose(view.trust[2, :, client], np.quantile(trust, 0.5, axis=0))
        postures = result.posture.sel(branch=branch, state="ARM").values
        np.testing.assert_allclose(view.shares[:, client, 0], (postures == 0).mean(axis=0))


def test_a_saved_scenario_says_how_it_is_run_and_extends_its_neighbour(story: Story):
    text = scenario_text(story, story.first_choices().with_event("russia-2022", "forces"))
    assert "csto-sim run FILE --out DIR; csto-sim compare DIR --from as-happened --to explored" in text
    read = tomllib.loads(text)
    assert read["extends"] == "first-steps.toml"
    assert read["branches"]["explored"]["events"]["russia-2022"] == {"response": "forces"}


def test_a_scenario_without_branches_is_saved_with_two_to_compare(tmp_path: Path):
    shutil.copy(SMALL, tmp_path)
    plain = tmp_path / "plain.toml"
    plain.write_text(f'title = "Plain"\nextends = "{SMALL.name}"\ndrop_branches = true\n', "utf-8")
    story = Story(plain)
    saved = tmp_path / "explored.toml"
    saved.write_text(scenario_text(story, story.first_choices(4).with_parameter("memory_half_life", 20.0)), "utf-8")
    result = run(load(saved), engine="compiled")
    assert result.branches == ("base", EXPLORED)


def test_a_scenario_saved_under_an_explanation_says_so(story: Story):
    text = scenario_text(story, replace(story.first_choices(), explanation="overstretched"))
    assert "csto-sim run FILE --explanation overstretched --out DIR;" in text


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_every_branch_of_every_scenario_can_be_saved(path: Path, tmp_path: Path):
    story = Story(path)
    for branch in story.branches:
        choices = replace(story.first_choices(), branch=branch)
        for switch in list(story.switches(branch).values())[:3]:
            choices = choices.with_event(switch.name, switch.settings[-1])
        saved = tmp_path / f"{branch}.toml"
        saved.write_text(scenario_text(story, choices, tmp_path), "utf-8")
        assert EXPLORED in load(saved).branches
