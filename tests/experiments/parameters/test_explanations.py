import json
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import InputError
from sim.evidence import explained
from sim.experiments.parameters.explanations import (
    ALL,
    choose_explanations,
    explanation_weights,
    load_explanations,
    read_explanation,
)
from sim.experiments.parameters.explanations import explained as scenario_under
from sim.experiments.parameters.posteriors import default_posterior, load_posterior
from sim.experiments.parameters.sources import described_draws
from sim.scenario import load, resolve, with_overrides
from tests.docs.play import ROOT
from tests.experiments.swept import SMALL

ROADS = {
    "overstretched": "overstretch_cost",
    "no-legal-duty": "excuse_legal",
    "price-of-crossing": "objection_ties",
}


def test_each_explanation_opens_its_own_road_and_shuts_the_others():
    found = load_explanations()
    for name, one in found.items():
        for road, parameter in ROADS.items():
            assert (one.parameters[parameter] > 0.0) == (name == road), (name, parameter)
        faithless = one.parameters["reputation_return"] == 0.0 == one.parameters["audience_cost"]
        assert faithless == (name == "faithless-guarantor")
        assert bool(one.scenario) == (name != "price-of-crossing")
        assert one.title
        assert one.meaning


def test_ties_to_the_attacker_are_cut_where_there_are_such_states():
    one = load_explanations()["overstretched"]
    karabakh = load(ROOT / "scenarios" / "karabakh-2023.toml")
    changed = resolve(one.applied(karabakh), "as-happened")
    for code in ("RUS", "BLR", "KAZ", "KGZ", "TJK"):
        assert changed.dyads[code]["AZE"].ties is not None
        assert changed.dyads[code]["AZE"].ties.at(2022) == 0.0
    assert changed.dyads["AZE"]["RUS"].ties == resolve(karabakh, "as-happened").dyads["AZE"]["RUS"].ties
    small = load(SMALL)
    assert one.applied(small) == small


def test_what_a_scenario_sets_itself_wins_over_an_explanation():
    one = load_explanations()["overstretched"]
    scenario = with_overrides(load(SMALL), {"parameters.overstretch_cost": 0.25})
    found = scenario_under(scenario, one).parameters
    assert found["overstretch_cost"] == 0.25
    assert found["reputation_return"] == one.parameters["reputation_return"]


def test_names_that_are_none_are_refused():
    assert set(choose_explanations(ALL)) == set(load_explanations())
    with pytest.raises(InputError, match="did you mean 'overstretched'"):
        choose_explanations("overstreched")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[parameters]\nreach = 1\n", "title is missing"),
        ('title = "a"\nmeaning = "b"\n[parameters]\nreech = 1\n', "did you mean 'reach'"),
        ('title = "a"\nmeaning = "b"\n[parameters]\nreach = 99\n', "allowed: 0.5 to 5"),
        ('title = "a"\nmeaning = "b"\n[parameters]\nreach = "far"\n', "reach is 'far'"),
        ("= 1", "mine.toml:1: not valid TOML"),
    ],
)
def test_a_bad_explanation_is_refused(tmp_path: Path, text: str, said: str):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_explanation(file)
    assert said in str(refused.value)


def test_weights_are_scaled_and_checked(tmp_path: Path):
    assert set(explanation_weights()) == set(load_explanations())
    assert sum(explanation_weights().values()) == pytest.approx(1.0)
    file = tmp_path / "weights.csv"
    file.write_text("explanation,weight\na,3\nb,1\n")
    assert explanation_weights(file) == {"a": 0.75, "b": 0.25}
    for text in ("explanation,weight\na,-1\nb,2\n", "explanation,weight\n", "explanation,weight\na,0\n"):
        file.write_text(text)
        with pytest.raises(InputError, match="weights are no weights"):
            explanation_weights(file)
    file.write_text("name,weight\na,1\n")
    with pytest.raises(InputError, match="cannot be read"):
        explanation_weights(file)


def test_results_stand_side_by_side_with_their_average(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    weights = {"overstretched": 0.75, "no-legal-duty": 0.25}
    monkeypatch.setattr(explained, "explanation_weights", lambda: weights)
    chosen = {name: load_explanations()[name] for name in weights}
    metric = "BBB.trust[AAA]@end"
    results = explained.run_explained(load(SMALL), chosen, replicates=6, seed=2, metrics=[metric], engine="compiled")
    used, means = explained.averaged(results, [metric])
    assert used == weights
    for branch, cells in means.items():
        one, other = (results[name].values(branch, metric).mean() for name in weights)
        assert cells[metric]["mean"] == pytest.approx(0.75 * one + 0.25 * other)
        assert list(cells) == [metric]
    folder = explained.save_explained(results, "small", tmp_path / "out")
    assert json.loads((folder / "weights.json").read_text()) == weights
    table = pd.read_csv(folder / "average.csv").set_index(["branch", "metric"])
    assert table.loc[("as-it-was", metric), "average"] == pytest.approx(means["as-it-was"][metric]["mean"], rel=1e-5)
    assert all((folder / name / "manifest.json").is_file() for name in weights)


def test_an_explanation_takes_its_own_posterior_unless_told_otherwise():
    chosen = {"overstretched": load_explanations()["overstretched"]}
    scenario = load(ROOT / "scenarios" / "first-steps.toml")
    (plain,) = explained.run_explained(scenario, chosen, replicates=3, engine="compiled").values()
    drawn = explained.run_explained(scenario, chosen, default_posterior(), replicates=3, engine="compiled")
    own = load_posterior("explanation-overstretched")
    assert plain.posterior == described_draws(own)
    assert drawn["overstretched"].posterior == {"name": "defaults", "digest": default_posterior().digest}
    assert (drawn["overstretched"].data["trust"] != plain.data["trust"]).any()


def test_an_explanation_of_another_alliance_draws_from_what_its_runs_draw_from():
    other = load(ROOT / "scenarios" / "cases" / "nz_us_anzus_1984.toml")
    (plain,) = explained.run_explained(other, choose_explanations("overstretched"), replicates=1).values()
    assert plain.posterior == described_draws(load_posterior("general"))
