"""The scenarios beside Karabakh: complete, sourced, and right about who was covered, who asked and who came."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.trajectory import CallRecord
from sim.experiments.alliance_model import AllianceModel
from sim.rules.posture import lapse_chance
from sim.scenario import Scenario, branch_names, load, resolve, scenario_warnings
from sim.words import FORCES, FREEZE, LOYAL, NONE, OUT, REDUCE, RESPONSES, STATEMENT

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NAMES = (
    "csto-history", "kazakhstan-2022", "kyrgyz-tajik-2022", "kyrgyzstan-2010", "kursk-2024", "uzbekistan-1999",
    "outlook-2031",
)  # fmt: skip
COURSE_OF_MEMBERS = {"RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK", "UZB", "AZE", "GEO"}


@cache
def shipped(name: str) -> Scenario:
    return load(SCENARIOS / f"{name}.toml")


def until(name: str, end: str) -> Scenario:
    """Return a shipped scenario cut off at a date."""
    return load(SCENARIOS / f"{name}.toml", [f"end={end}", "metrics=[]"])


@cache
def calls(name: str, branch: str, end: str) -> dict[str, CallRecord]:
    """Return the cases of one replicate of a branch by event, run to a date."""
    model = AllianceModel(until(name, end), branch, rng=3, parameters="defaults", collect=False, decisions=False)
    model.run()
    return {call.event: call for call in model.calls}


def levels(call: CallRecord) -> dict[str, int]:
    return {response.ally: response.level for response in call.responses}


@pytest.mark.parametrize("name", NAMES)
def test_each_loads_without_a_warning_and_varies_something(name: str) -> None:
    scenario = shipped(name)
    assert scenario.description
    assert scenario.metrics
    assert len(scenario.branches) >= 3
    resolved = {branch: resolve(scenario, branch) for branch in branch_names(scenario)}
    for branch, one in resolved.items():
        assert scenario.branches[branch].title
        assert scenario_warnings(one) == []
    kept = [one.model_dump_json(exclude={"drop"}) for one in resolved.values()]
    assert len(set(kept)) == len(kept)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_says_what_happened_and_who_says_so(name: str) -> None:
    for branch in branch_names(shipped(name)):
        for key, event in resolve(shipped(name), branch).events.items():
            assert event.source, key
            assert event.note, key


@pytest.mark.parametrize("name", ["csto-history", "kyrgyzstan-2010", "uzbekistan-1999"])
def test_codings_of_the_years_before_2020_have_rule_source_and_confidence(name: str) -> None:
    coded = 0
    for one, others in shipped(name).dyads.items():
        for other, dyad in others.items():
            for key in ("threat", "ties", "claim", "base"):
                quantity = getattr(dyad, key)
                if quantity is not None and quantity.years and quantity.years[0] < 2020:
                    coded += 1
                    assert quantity.rule, f"{one}.{other}.{key}"
                    assert quantity.source, f"{one}.{other}.{key}"
                    assert quantity.confidence, f"{one}.{other}.{key}"
    assert coded > 60


@pytest.mark.parametrize("branch", ["agents-decide", "as-answered", "no-renewal-1999"])
def test_the_history_gives_shocks_and_no_course(branch: str) -> None:
    for name, event in resolve(shipped("csto-history"), branch).events.items():
        assert event.kind not in ("coercion", "reassurance", "membership"), name
        if branch == "agents-decide":
            assert event.kind not in ("call", "response"), name
        if event.kind in ("aid", "offer"):
            assert event.state not in COURSE_OF_MEMBERS, name
        if event.kind == "rhetoric":
            assert event.state not in COURSE_OF_MEMBERS, name


def test_kazakhstan_2022_is_covered_and_honoured() -> None:
    call = calls("kazakhstan-2022", "as-happened", "2022-02-28")["unrest-2022"]
    assert call.made
    assert call.coverage_victim == call.coverage_guarantor == pytest.approx(0.7)
    assert levels(call) == dict.fromkeys(("RUS", "ARM", "BLR", "KGZ", "TJK"), FORCES)
    assert all(response.fixed and response.fulfilment == 1.0 for response in call.responses)
    declined = calls("kazakhstan-2022", "nobody-comes", "2022-02-28")["unrest-2022"]
    assert declined.made
    assert set(levels(declined).values()) == {NONE}
    narrow = calls("kazakhstan-2022", "no-foreign-hand", "2022-02-28")["unrest-2022"]
    assert narrow.coverage_victim == pytest.approx(0.2)


def test_kyrgyzstan_2010_is_hardly_covered_and_declined() -> None:
    call = calls("kyrgyzstan-2010", "as-happened", "2010-07-31")["osh"]
    assert call.made
    assert call.coverage_victim == call.coverage_guarantor == pytest.approx(0.2)
    assert levels(call) == dict.fromkeys(("RUS", "ARM", "BLR", "KAZ", "TJK", "UZB"), STATEMENT)
    assert {response.offered for response in call.responses} == {-1, RESPONSES.index("materiel")}
    sent = calls("kyrgyzstan-2010", "russia-sends-forces", "2010-07-31")["osh"]
    assert levels(sent)["RUS"] == FORCES
    assert calls("kyrgyzstan-2010", "foreign-hand", "2010-07-31")["osh"].coverage_victim == pytest.approx(0.7)


def test_kyrgyz_tajik_fighting_is_member_against_member() -> None:
    for event in ("batken-2021", "batken-2022"):
        call = calls("kyrgyz-tajik-2022", "as-happened", "2022-12-31")[event]
        assert (call.aggressor, call.victim) == ("TJK", "KGZ")
        assert call.coverage_victim == call.coverage_guarantor == 0.0
        assert set(levels(call)) == {"RUS", "ARM", "BLR", "KAZ"}
        assert max(levels(call).values()) < FORCES
        assert calls("kyrgyz-tajik-2022", "treaty-covers-members", "2022-12-31")[event].coverage_victim == 1.0
    assert not calls("kyrgyz-tajik-2022", "as-happened", "2022-12-31")["batken-2021"].made
    assert calls("kyrgyz-tajik-2022", "as-happened", "2022-12-31")["batken-2022"].made


def test_nobody_asks_about_kursk_and_silence_is_no_refusal() -> None:
    call = calls("kursk-2024", "as-happened", "2024-09-30")["kursk"]
    assert not call.made
    assert call.coverage_victim == 1.0
    assert set(levels(call).values()) == {NONE}
    assert not any(response.spoken for response in call.responses)
    asked = calls("kursk-2024", "asked-and-declined", "2024-09-30")["kursk"]
    assert asked.made
    assert all(response.spoken for response in asked.responses)
    assert calls("kursk-2024", "narrow-reading", "2024-09-30")["kursk"].coverage_victim == 0.0


def test_help_lifts_trust_and_refusal_lowers_it() -> None:
    trust = {}
    for branch in ("as-happened", "nobody-comes"):
        scenario = until("kazakhstan-2022", "2022-01-31")
        model = AllianceModel(scenario, branch, rng=3, parameters="defaults", collect=False, decisions=False)
        before = model.state("KAZ").trust_in("RUS")
        model.run()
        trust[branch] = model.state("KAZ").trust_in("RUS") - before
    assert trust["as-happened"] > 0.0 > trust["nobody-comes"]


def test_before_the_treaty_is_in_force_nobody_owes_anything() -> None:
    early = calls("csto-history", "as-answered", "1992-12-31")
    assert set(early) == {"tajik-war-1992", "lachin-1992"}
    assert all(call.responses == () and not call.made for call in early.values())


def test_members_can_let_the_treaty_lapse_in_1999_and_only_then() -> None:
    model = AllianceModel(
        until("csto-history", "1999-03-31"),
        "agents-decide",
        rng=1,
        parameters="defaults",
        collect=False,
        decisions=False,
    )
    model.run()
    treaty = model.treaty_index("CSTO")
    for code in sorted(COURSE_OF_MEMBERS - {"RUS"}):
        assert 0.0 < lapse_chance(model.world, model.parameters, model.state(code).index, treaty) < 1.0, code
    scenario = until("csto-history", "1999-06-30")
    result = sim.run(scenario, branches=("agents-decide", "no-renewal-1999"), replicates=4, seed=1, workers=1)
    out = {branch: result.posture.sel(branch=branch) == OUT for branch in result.branches}
    assert out["agents-decide"].sel(date=np.datetime64("1999-04-30")).any()
    assert not out["agents-decide"].sel(date=slice(None, np.datetime64("1999-03-31"))).any()
    assert not out["no-renewal-1999"].any()


def test_the_outlook_begins_with_armenia_frozen() -> None:
    scenario = until("outlook-2031", "2027-01-31")
    posture = sim.run(scenario, branches=("war-goes-on",), replicates=6, workers=1).posture
    armenia = posture.sel(branch="war-goes-on", state="ARM", date=np.datetime64("2026-12-31"))
    assert (armenia >= REDUCE).all()  # it may step down in the very month
    assert (armenia >= FREEZE).mean() > 0.5
    others = posture.sel(branch="war-goes-on", state=["BLR", "KAZ", "KGZ", "TJK"])
    assert (others < OUT).mean() > 0.9


def test_the_branches_of_the_outlook_part_only_after_its_start() -> None:
    scenario = shipped("outlook-2031")
    common = resolve(scenario, "war-goes-on").events
    for branch in scenario.branches:
        for name, event in resolve(scenario, branch).events.items():
            assert name in common or event.date.year >= 2027, name
        assert set(common) <= set(resolve(scenario, branch).events)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_runs_through_all_its_branches(name: str) -> None:
    scenario = shipped(name)
    result = sim.run(scenario, replicates=2, workers=1)
    assert result.branches == branch_names(scenario)
    ranks = result.posture.sel(state=[code for code in result.members if code != result.guarantor]).to_numpy()
    assert ((ranks >= LOYAL) & (ranks <= OUT)).all()
    in_guarantor = result.trust.sel(trustee=result.guarantor)
    assert {code for code in result.members if code != result.guarantor} <= set(
        in_guarantor["truster"].to_numpy()[in_guarantor.notnull().all(["branch", "replicate", "date"])]
    )
    trust = result.trust.to_numpy()
    known = trust[~np.isnan(trust)]
    assert ((known >= 0.0) & (known <= 1.0)).all()
    assert set(scenario.metrics) <= set(result.expressions)
