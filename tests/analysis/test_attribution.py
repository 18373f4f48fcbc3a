"""Shares of events and mechanisms in whole runs."""

import json
import math
import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

import sim.analysis
from sim.analysis.attribution import Attribution, attribute
from sim.analysis.attribution_files import attribution_figure, save_attribution, save_rules
from sim.analysis.decision_rules import RULES, compare_rules
from sim.engine.ensemble import Program
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.parameters.posteriors import load_posterior
from sim.mechanisms import MECHANISMS, together
from sim.model.events import Event
from sim.model.parameters import PARAMETERS
from sim.output.intervals import unseen
from sim.result import run
from sim.scenario import Scenario, load, with_overrides
from sim.scenario.expressions import Path
from sim.scenario.schema import Branch
from tests.plots.drawn import faults, whole_text

SMALL = "tests/experiments/small.toml"
TRUST = "BBB.trust[AAA]@end"
VOICED = "first(BBB.posture >= voice) <= 2021-10"
PLAYERS = ("raid", "answer", "away")


def with_events(**events) -> Scenario:
    """Return the small alliance with more events; dates as text."""
    small = load(SMALL)
    more = {
        name.replace("_", "-"): TypeAdapter(Event).validate_python({**event, "date": date.fromisoformat(event["date"])})
        for name, event in events.items()
    }
    return small.model_copy(update={"events": {**small.events, **more}})


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load(SMALL)


@pytest.fixture(scope="module")
def voiced(small: Scenario) -> Attribution:
    return attribute(small, VOICED, players=PLAYERS, replicates=200, interactions=True)


def value(found: Attribution, player: str) -> float:
    return float(found.shares.set_index("player").loc[player, "value"])


def ends(found: Attribution, player: str) -> tuple[float, float]:
    row = found.shares.set_index("player").loc[player]
    return float(row["low"]), float(row["high"])


def test_shares_add_up_to_what_all_events_make(voiced: Attribution):
    assert voiced.method == "exact"
    assert abs(voiced.shares["value"].sum() - voiced.total) < 1e-9
    assert voiced.total == pytest.approx(voiced.ends[1] - voiced.ends[0])
    assert voiced.total_low < voiced.total < voiced.total_high
    assert voiced.total > 0.2
    for row in voiced.shares.itertuples():
        assert row.low <= row.value <= row.high


def test_shares_are_those_of_ordinary_branches_that_drop_events(small: Scenario, voiced: Attribution):
    branches = {
        str(mask): Branch(drop=[name for place, name in enumerate(PLAYERS) if not mask >> place & 1])
        for mask in range(8)
    }
    result = run(small.model_copy(update={"branches": branches}), replicates=200, metrics=[VOICED], engine="compiled")
    worth = [result.values(str(mask), VOICED).mean() for mask in range(8)]
    assert voiced.coalitions["mean"].tolist() == pytest.approx(worth)
    weights = {0: 1 / 3, 1: 1 / 6, 2: 1 / 3}
    by_hand = sum(weights[(mask & 6).bit_count()] * (worth[mask | 1] - worth[mask]) for mask in range(0, 8, 2))
    assert value(voiced, "raid") == pytest.approx(by_hand)


def test_equal_branches_are_run_once(small: Scenario, voiced: Attribution):
    assert voiced.runs == 6 * 200  # without the raid, its answer is void either way
    assert voiced.coalitions[list(PLAYERS)].drop_duplicates().shape == (8, 3)


def test_an_event_that_does_nothing_gets_nothing_within_its_interval():
    scenario = with_events(
        fair={"date": "2021-03-01", "kind": "rhetoric", "state": "CCC", "target": "DDD", "tone": 0.2}
    )
    found = attribute(scenario, VOICED, players=("raid", "away", "fair"), replicates=100)
    assert value(found, "fair") == 0.0
    low, high = ends(found, "fair")
    assert (low, high) == pytest.approx((-unseen(100), unseen(100)))
    assert any("the same in all replicates: fair" in line for line in found.warnings)


def test_an_event_after_the_metric_is_settled_gets_nothing_for_certain():
    scenario = with_events(late={"date": "2021-11-20", "kind": "protest", "state": "BBB", "severity": 0.9})
    found = attribute(scenario, VOICED, players=("raid", "late"), replicates=50)
    assert value(found, "late") == 0.0
    assert ends(found, "late") == (0.0, 0.0)
    assert any(line.endswith("the share is 0: late") for line in found.warnings)
    assert "late" not in attribute(scenario, VOICED, replicates=2).shares["player"].tolist()


def test_two_identical_events_get_equal_shares():
    march = {"date": "2021-03-01", "kind": "protest", "state": "BBB", "severity": 0.3}
    scenario = with_events(march_one=march, march_two=march)
    found = attribute(scenario, "BBB.exit_support@2021-06", players=("raid", "march-one", "march-two"), replicates=60)
    assert value(found, "march-one") > 0.001
    assert value(found, "march-one") == pytest.approx(value(found, "march-two"), abs=1e-12)
    sampled = attribute(scenario, "BBB.exit_support@2021-06", players=("raid", "march-one", "march-two"),
                        replicates=60, orders=12)  # fmt: skip
    assert value(sampled, "march-one") == pytest.approx(value(found, "march-one"), rel=0.1)


def test_groups_come_and_go_together(small: Scenario):
    found = attribute(small, TRUST, players=("war=raid+appeal", "away"), replicates=40)
    assert found.shares["player"].tolist() == ["war", "away"]
    assert found.shares["members"].tolist() == ["raid+appeal", "away"]
    alone = attribute(small, TRUST, players=("raid", "away"), replicates=40)  # the appeal is because of the raid
    assert value(found, "war") == value(alone, "raid")


def test_all_events_that_are_not_because_of_another_by_default(small: Scenario):
    found = attribute(small, TRUST, replicates=4)
    assert found.shares["player"].tolist() == ["away", "answer", "raid"]
    assert found.branch == "as-it-was"
    assert found.seed == small.seed


def test_draws_do_not_depend_on_workers(small: Scenario):
    one, two = (attribute(small, TRUST, replicates=20, workers=workers) for workers in (1, 2))
    pd.testing.assert_frame_equal(one.shares, two.shares)
    assert attribute(small, TRUST, replicates=20, seed=99).total != one.total


def test_sampled_shares_add_up_and_agree_with_exact_ones(small: Scenario, voiced: Attribution):
    sampled = attribute(small, VOICED, players=PLAYERS, replicates=200, orders=40)
    assert (sampled.method, sampled.orders, sampled.coalitions) == ("orders", 40, None)
    assert abs(sampled.shares["value"].sum() - sampled.total) < 1e-9
    assert sampled.total == voiced.total
    for name in PLAYERS:
        low, high = ends(sampled, name)
        assert low <= value(voiced, name) <= high
    assert any("sampled over orders" in line for line in sampled.warnings)


def test_more_than_twelve_events_are_sampled():
    marches = {
        f"march_{number}": {"date": f"2021-0{number % 6 + 2}-01", "kind": "protest", "state": "BBB", "severity": 0.1}
        for number in range(10)
    }
    scenario = with_events(**marches)
    found = attribute(scenario, TRUST, replicates=4)
    assert (len(found.players), found.method, found.orders) == (13, "orders", 20)
    assert abs(found.shares["value"].sum() - found.total) < 1e-9
    with pytest.raises(InputError, match="at most 12 players; there are 13"):
        attribute(scenario, TRUST, replicates=4, interactions=True)


def test_what_pairs_make_together(voiced: Attribution):
    pairs = voiced.interactions.set_index(["a", "b"])
    assert len(pairs) == 3
    means = voiced.coalitions.set_index(list(PLAYERS))["mean"]

    def together(away: bool) -> float:
        return means[True, True, away] - means[True, False, away] - means[False, True, away] + means[False, False, away]

    assert pairs.loc[("raid", "answer"), "value"] == pytest.approx((together(True) + together(False)) / 2)


@pytest.mark.parametrize(
    ("metric", "options", "said"),
    [
        ("first(BBB.posture >= voice)", {}, "is a date, which has no mean; compare it"),
        ("BBB.trust[ZZZ]@end", {}, "ZZZ"),
        (TRUST, {"players": ["ried"]}, "there is no event 'ried' in this branch; .*did you mean 'raid'"),
        (TRUST, {"players": ["raid", "a=raid+away"]}, "'raid' stands in 'raid' and in 'a'"),
        (TRUST, {"players": ["a=raid", "a=away"]}, "groups need names of their own"),
        (TRUST, {"branch": "nope"}, "there is no branch 'nope'"),
        (TRUST, {"branch": "they-decide", "players": ["answer"]}, "there is no event 'answer'"),
        (TRUST, {"replicates": 0}, "replicates 0"),
        (TRUST, {"orders": 3}, "orders 3 is not allowed; allowed: even numbers from 4"),
        (TRUST, {"seed": -1}, "seed -1"),
        ("BBB.trust[AAA]@2021-01", {}, "no event acts by 2021-01-31"),
        (
            TRUST,
            {"of": "mechanisms", "players": ["record", "interest"]},
            "'record' and 'interest' cannot be off together: both set record_weight",
        ),
        (TRUST, {"of": "mechanisms", "players": ["distrast"]}, "no mechanism 'distrast'.*did you mean 'distrust'"),
    ],
)
def test_what_is_refused(small: Scenario, metric: str, options, said: str):
    with pytest.raises(InputError, match=said):
        attribute(small, metric, **{"replicates": 4, **options})


def test_replicates_without_a_value_are_left_out_and_counted():
    joining = {"date": "2021-03-01", "kind": "membership", "state": "DDD", "treaty": "PACT", "action": "join"}
    scenario = with_events(joining={**joining, "only_if": "BBB.posture >= voice"})
    with pytest.raises(InputError, match=r"has no value \(null\) in some coalition of every replicate"):
        attribute(scenario, "DDD.posture@end", players=("raid", "joining"), replicates=20)


def test_mechanisms_are_known_parameters_and_can_all_be_off(small: Scenario):
    assert all(parameter in PARAMETERS for each in MECHANISMS.values() for parameter in each.off)
    setup = prepare(small, "as-it-was")
    pairs = [(name, value) for each in together() for name, value in MECHANISMS[each].off.items()]
    off = dict(pairs)
    assert set(pairs) == set(off.items())  # none is needed at two values
    assert set(MECHANISMS) - set(together()) == {"record"}
    at_rest = {name for name, value in off.items() if value == PARAMETERS[name].default}
    assert at_rest == {"ladder_regime"}  # its sign is open, so its prior lies on both sides of 0
    paths = [Path("BBB", "trust", "AAA"), Path("BBB", "posture"), Path("BBB", "approval")]
    values = Program(setup, paths).run(1, np.arange(50), np.array([setup.parameters._replace(**off)])).values
    assert np.isfinite(values).all()
    assert (values[:, :, 0] == values[0, 0, 0]).all()  # beliefs rest without evidence


def test_shares_of_mechanisms(small: Scenario):
    found = attribute(small, TRUST, of="mechanisms", players=("evidence", "legal-excuse", "rest=threat+publics"),
                      replicates=50)  # fmt: skip
    assert abs(found.shares["value"].sum() - found.total) < 1e-9
    assert value(found, "evidence") < -0.05
    assert found.shares["date"].isna().all()
    off = with_overrides(small, {"parameters.excuse_legal": 0})
    without = run(off, branches=["as-it-was"], replicates=50, metrics=[TRUST]).values("as-it-was", TRUST).mean()
    row = found.coalitions.query("evidence and rest and not `legal-excuse`")
    assert row["mean"].item() == pytest.approx(without)


def test_a_mechanism_that_is_off_anyway_has_no_share(small: Scenario):
    scenario = with_overrides(small, {"parameters.excuse_legal": 0})
    found = attribute(scenario, TRUST, of="mechanisms", players=("evidence", "legal-excuse"), replicates=10)
    assert ends(found, "legal-excuse") == (0.0, 0.0)
    assert found.runs == 20


def test_parameters_are_drawn_from_what_is_asked_for(small: Scenario):
    draws = load_posterior("posterior-2019")
    drawn = run(small, branches=["as-it-was"], replicates=20, metrics=[TRUST], parameters=draws)
    found = attribute(small, TRUST, players=("raid",), replicates=20, parameters="posterior-2019")
    assert found.ends[1] == pytest.approx(drawn.values("as-it-was", TRUST).mean())
    assert found.ends[1] != pytest.approx(attribute(small, TRUST, players=("raid",), replicates=20).ends[1])
    rules = compare_rules(small, TRUST, replicates=20, parameters=draws).rules
    assert rules.loc[rules["difference"] == 0.0, "value"].iloc[0] == pytest.approx(found.ends[1])


def test_a_mechanism_whose_parameter_an_event_sets_cannot_be_off():
    scenario = with_events(
        change={"date": "2021-03-01", "kind": "set", "key": "parameters.memory_half_life", "value": 24}
    )
    with pytest.raises(InputError, match="'forgetting' cannot be switched off: event 'change' sets"):
        attribute(scenario, TRUST, of="mechanisms", replicates=2)


def test_decision_rules_on_the_same_history():
    small = load("scenarios/first-steps.toml", ["drop=['russia-2022']"])
    metric = "ARM.trust[RUS]@2022-12"
    found = compare_rules(small, metric, branch="as-happened", replicates=60)
    assert found.own == "consensus"
    assert found.rules["rule"].tolist() == list(RULES) == ["consensus", "majority", "opt-out", "guarantor"]
    own = found.rules.iloc[0]
    assert (own["difference"], own["difference_low"], own["difference_high"]) == (0.0, 0.0, 0.0)
    for rule in ("majority", "guarantor"):
        changed = with_overrides(small, {"treaties.CSTO.decision": rule})
        values = run(changed, branches=["as-happened"], replicates=60, metrics=[metric]).values("as-happened", metric)
        assert found.rules.set_index("rule").loc[rule, "value"] == pytest.approx(values.mean())
    assert found.warnings == ()
    fixed = compare_rules(load("scenarios/first-steps.toml"), metric, branch="as-happened", replicates=4)
    assert "answers to 1 of 1 attacks and crises are on record" in fixed.warnings[0]


def test_the_figure_leads_from_none_to_all(voiced: Attribution):
    figure = attribution_figure(voiced)
    assert faults(figure) == []
    text = whole_text(figure)
    for said in ("(Apr 2021)", "none of these events", "all of them", "all 8 sets of events", "200 replicates"):
        assert said in text
    bars = {bars.get_label(): bars.patches[0] for bars in figure.axes[0].containers}
    level = voiced.ends[0]
    for row in voiced.shares.itertuples():
        bar = bars[row.player]
        assert min(bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx(min(level, level + row.value))
        level += row.value
    assert bars["all of them"].get_width() == pytest.approx(level)
    assert voiced.plot().get_label() == figure.get_label()
    assert "raid" in voiced._repr_html_()


def test_small_shares_are_drawn_together():
    marches = {
        f"march_{number}": {"date": "2021-03-01", "kind": "protest", "state": "BBB", "severity": 0.01}
        for number in range(20)
    }
    found = attribute(with_events(**marches), "BBB.exit_support@end", replicates=4, orders=4)
    figure = found.plot()
    assert faults(figure) == []
    assert "10 others" in whole_text(figure)
    labels = [bars.get_label() for bars in figure.axes[0].containers]
    assert len(labels) == 2 + 14


def test_files_hold_what_was_found(voiced: Attribution, small: Scenario, tmp_path):
    folder = save_attribution(voiced, "small", tmp_path / "mine")
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "DATA-SOURCES.txt", "attribution.json", "coalitions.csv", "interactions.csv", "shares.csv", "waterfall.png",
        "waterfall.svg",
    }  # fmt: skip
    stored = json.loads((folder / "attribution.json").read_text("utf-8"))
    assert stored["shares"] == voiced.report()["shares"]
    assert stored["scenario"]["title"] == small.title
    shares = pd.read_csv(folder / "shares.csv").set_index("player")
    assert shares.loc["raid", "value"] == pytest.approx(value(voiced, "raid"), rel=1e-5)
    trial = compare_rules(small, TRUST, replicates=4)
    rules = json.loads((save_rules(trial, "small", tmp_path / "rules") / "rules.json").read_text("utf-8"))
    assert rules["rules"].keys() == set(RULES)
    assert not math.isnan(rules["rules"]["majority"]["value"])


@pytest.mark.slow
def test_ten_events_of_the_shipped_scenario_in_a_minute_on_two_cores():
    karabakh = load("scenarios/karabakh-2023.toml")
    metric = "first(ARM.posture >= freeze) <= 2024-12"
    events = (
        "war-2020", "incursion-may-2021", "attack-november-2021", "kazakhstan-2022", "ukraine-war", "attack-2022",
        "russia-2022", "recognition", "blockade-2022", "offensive-2023",
    )  # fmt: skip
    attribute(karabakh, metric, players=events[:1], replicates=2)  # compiles, if need be
    began = time.process_time()
    found = attribute(karabakh, metric, players=events)
    assert time.process_time() - began < 2 * 60
    assert (found.method, found.replicates, len(found.coalitions)) == ("exact", 256, 1024)
    assert abs(found.shares["value"].sum() - found.total) < 1e-9
    assert found.shares.sort_values("value")["player"].iloc[-1] == "offensive-2023"


def test_public_names():
    assert sim.analysis.attribute is attribute
    assert sim.analysis.compare_rules is compare_rules
