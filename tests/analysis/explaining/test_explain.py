"""An explanation as a whole: the replicate that it is about, what it names first, its words, data and refusals."""

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import sim
from sim.analysis.explaining.explain import explain
from sim.analysis.explaining.sentences import percent
from sim.analysis.explaining.typical import typical_replicate
from sim.engine.agents import State
from sim.errors import InputError
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.parameters.priors import NAMES
from sim.output.store import save
from tests.engine.test_questions import ANSWER, ATTACK, CALL
from tests.worlds import scenario

RECORD = {"attack": ATTACK, "call": CALL, "answer": ANSWER}


@pytest.fixture(scope="module")
def karabakh():
    return sim.run("scenarios/karabakh-2023.toml", branches=["as-happened"], replicates=7, engine="mesa", workers=1)


@pytest.fixture(scope="module")
def armenia(karabakh):
    return karabakh.explain("ARM", "2024-02")


def test_the_unmet_call_of_2022_is_among_the_first_causes_for_armenia(armenia):
    assert armenia.typical
    first = armenia.chain.moves[:3]
    (call,) = (move for move in first if move.name == "attack-2022")
    assert call.lesson.spoken
    assert call.lesson.done == 0.15
    assert armenia.chain.effect(call) < -0.01
    assert all(armenia.chain.effect(move) < 0 for move in first)
    said = str(armenia)
    short = said[said.index("In short") : said.index("\n1. ")]
    assert "Armenia's unmet call of 13 September 2022" in " ".join(short.split())
    assert "Source: 1lurer 2023-04-17" in " ".join(said.split())


def test_moves_come_in_order_of_what_they_do_at_the_date(armenia):
    effects = [abs(armenia.chain.effect(move)) for move in armenia.chain.moves]
    assert effects == sorted(effects, reverse=True)
    assert armenia.chain.now == pytest.approx(armenia.chain.path[50])


def test_the_war_in_ukraine_is_named_beside_the_record(armenia):
    largest = armenia.chain.interest_moves[0]
    assert "ukraine-war" in largest.events
    assert largest.after < largest.before
    assert "full invasion of Ukraine" in str(armenia).replace("\n  ", " ")


def test_the_last_step_before_the_month_is_explained_where_nothing_moves_in_it(karabakh):
    told = karabakh.explain("ARM", "2024-12", replicate=2)
    steps = [each for each in told.decisions if each.steps]
    inside = [each for each in told.decisions if each.decision.date == date(2024, 12, 1)]
    assert inside
    if not any(each.steps for each in inside):
        (step,) = steps
        assert step.earlier
        assert step.decision == told.course[-1].decision
    assert [step.date for step in told.course] == sorted(step.date for step in told.course)


def test_russia_in_september_2022(karabakh):
    told = karabakh.explain("RUS", "2022-09", replicate=0)
    (answer,) = (each for each in told.decisions if each.decision.about == "attack-2022")
    assert (answer.by, answer.decision.choice) == ("record", "mission")
    assert [(duty.treaty, duty.article) for duty in answer.duties if duty.cited] == [("CSTO", "4")]
    assert answer.duties[0].coverage_ally == 0.5
    assert answer.duties[0].coverage_victim == 1.0
    assert answer.answer.offered == 3
    (armenia,) = (one.move for one in answer.learned if one.observer == "ARM")
    assert armenia.after < armenia.before
    said = " ".join(str(told).split())
    assert "forces tied down elsewhere: 80 % of them" in said
    assert "Armenia appealed under RUS-ARM-1997 3, CSTO 4" in said
    assert "On record: the file fixes the choice, whose chance by the rule was" in said
    assert "left to itself it would have been" in said
    assert "Offered and not delivered: materiel" in said
    assert "It covers the case 0.50 as Russia reads it, 1.00 as Armenia does" in said
    assert told.chain is None


def test_the_terms_told_are_those_of_the_engine(karabakh):
    told = karabakh.explain("RUS", "2022-09", replicate=0)
    for each in told.decisions:
        for option in each.decision.options:
            assert sum(option.terms.values()) == pytest.approx(option.utility, abs=1e-12)
            assert set(each.words[option.name]) == set(option.terms)


def test_data_are_json_and_hold_the_numbers(armenia):
    data = json.loads(json.dumps(armenia.to_dict(), allow_nan=False))
    assert data["replicate"] == armenia.replicate
    assert data["typical"] is True
    first = data["trust"]["moves"][0]
    assert first["effect"] == pytest.approx(data["trust"]["now"] - first["without"])
    step = data["decisions"][0]
    for option in step["options"]:
        total = sum(term["value"] for term in option["terms"].values())
        assert total == pytest.approx(option["utility"], abs=1e-12)
    assert {flip["input"] for flip in step["flips"]} >= {"draw"}
    assert step["runner_up"] in {option["name"] for option in step["options"]} - {step["choice"]}


def test_html_shows_tables_and_lists_and_escapes(armenia):
    page = armenia._repr_html_()
    assert page.count("<table>") == page.count("</table>") > 0
    assert page.count("<ul>") == page.count("</ul>") > 0
    odd = replace(armenia, branch_title="<b>&")
    assert "&lt;b&gt;&amp;" in odd._repr_html_()


def test_text_keeps_to_its_width_outside_tables(armenia):
    for line in str(armenia).splitlines():
        assert len(line) <= 100 or line.startswith("  ")
        assert line == line.rstrip()


# the replicate


def test_the_typical_replicate_is_the_one_on_the_median_path(karabakh):
    trust = karabakh.trust.copy(deep=True)
    posture = karabakh.posture.copy(deep=True)
    middle = 4
    for place in range(7):
        shift = 0.0 if place == middle else (1 if place % 2 else -1) * 0.01 * (place + 1)
        trust[{"replicate": place}] = trust.isel(replicate=0).values + shift
        posture[{"replicate": place}] = 2 if place == middle else 5 * (place % 2)
    data = karabakh.data.assign(trust=trust, posture=posture)
    made = replace(karabakh, data=data)
    assert typical_replicate(made, "as-happened", "ARM") == middle
    assert typical_replicate(made, "as-happened", "RUS") == middle


def test_equal_replicates_give_the_first(karabakh):
    same = karabakh.data.isel(replicate=[3] * 7)
    assert typical_replicate(replace(karabakh, data=same), "as-happened", "ARM") == 0


def test_a_scenario_is_run_first_for_its_typical_run_and_not_for_one_that_is_named():
    given = scenario(events=RECORD, replicates=5, seed=3)
    asked = []
    told = explain(given, "VIC", "2020-03", progress=lambda done, total: asked.append(total))
    assert told.typical
    assert told.replicates == 5
    assert asked
    named = explain(given, "VIC", "2020-03", replicate=told.replicate, seed=3)
    assert not named.typical
    assert named.replicates == 0
    assert named.decisions[0].decision == told.decisions[0].decision


def test_a_stored_result_gives_the_same_explanation(karabakh, armenia, tmp_path):
    told = sim.explain(save(karabakh, tmp_path / "mine"), "ARM", "2024-02")
    assert told.to_dict() == {**armenia.to_dict(), "source": str(tmp_path / "mine")}


def test_parameters_of_the_result_are_those_of_the_replay():
    result = sim.run(
        scenario(events=RECORD, parameters={"evidence_weight": 3.0}), replicates=2, engine="mesa", workers=1
    )
    told = result.explain("VIC", "2020-04")
    assert told.chain.moves[0].lesson.weight == pytest.approx(3.0 * 0.8)


def test_parameters_of_a_scenario_are_drawn_from_what_is_asked_for():
    given = scenario(events=RECORD, replicates=3, seed=3)
    drawn = load_posterior("posterior-2019").draws(3, seed=3)[:, NAMES.index("evidence_weight")]
    for replicate in (1, None):
        told = explain(given, "VIC", "2020-04", replicate=replicate, parameters="posterior-2019")
        assert told.chain.moves[0].lesson.weight == pytest.approx(drawn[told.replicate] * 0.8)
    result = sim.run(given, engine="mesa", workers=1, parameters="posterior-2019")
    assert explain(result, "VIC", "2020-04", replicate=1).chain.moves[0].lesson.weight == pytest.approx(drawn[1] * 0.8)
    with pytest.raises(InputError, match="a result has the parameters that its runs drew"):
        explain(result, "VIC", "2020-04", parameters="defaults")


def test_a_result_from_before_a_parameter_was_added_is_explained_with_its_default():
    given = scenario(events=RECORD, replicates=2, seed=3)
    result = sim.run(given, engine="mesa", workers=1, parameters="posterior-2019")
    older = replace(result, drawn=result.drawn.drop(columns="minimum_stake"))
    assert (
        explain(older, "VIC", "2020-04", replicate=1).to_dict()
        == result.explain("VIC", "2020-04", replicate=1).to_dict()
    )


class Steadfast(State):
    def respond(self, call):
        return "forces"


def test_a_result_of_agents_of_ones_own_needs_them_again():
    given = scenario(events={"attack": ATTACK, "call": CALL}, treaties={"PACT": {"decision": "none"}})
    result = sim.run(given, replicates=3, agents={"BIG": Steadfast}, workers=1)
    with pytest.raises(InputError, match="not the run that the result holds"):
        result.explain("VIC", "2020-03", replicate=0)
    told = result.explain("BIG", "2020-03", replicate=0, agents={"BIG": Steadfast})
    (answer,) = told.full()
    assert (answer.by, answer.decision.choice) == ("own rule", "forces")
    assert answer.flips == ()
    assert "rule of its own" in str(told)


# what is said where


def test_nobody_asked_is_an_answer_too():
    silent = {"attack": ATTACK, "call": {**CALL, "made": False}}
    told = explain(scenario(events=silent), "BIG", "2020-03", replicate=0)
    assert [call.event for call in told.unasked] == ["attack"]
    assert "nobody asked BIG for help" in str(told)
    assert "ask why with --state VIC" in " ".join(str(told).split())


def test_a_review_that_was_not_due_is_said_to_be():
    given = scenario(parameters={"ladder_tempo": 0.005})
    told = explain(given, "VIC", "2020-06", replicate=0)
    (review,) = told.full()
    assert review.due is False
    assert "No review was due" in " ".join(str(told).split())


def test_a_step_that_force_stopped_is_told_and_is_no_step():
    class Leaper(State):
        def review_posture(self, treaty):
            return 3

    told = explain(
        scenario(parameters={"force_chance": 1.0}), "VIC", "2020-02", replicate=0, seed=1, agents={"VIC": Leaper}
    )
    (review,) = [each for each in told.decisions if each.decision.kind == "posture"]
    assert not review.steps
    assert told.course == ()
    assert "VIC tried to step up from 'loyal' to 'freeze' in PACT; the guarantor's force stopped it" in " ".join(
        str(told).split()
    )
    assert told.to_dict()["decisions"][0]["stopped"] is True


VOTE = {"kind": "leader", "state": "VIC", "date": date(2020, 7, 2)}
CABINET = {"kind": "government", "state": "VIC", "line": 0.6, "date": date(2020, 3, 2)}


@pytest.mark.parametrize(("hazard", "said"), [(1.0, "chance 100 %"), (0.15, "unlikely: 15 %")])
def test_a_government_by_chance_is_told_with_its_chance_and_draw(hazard, said):
    given = scenario(
        events={"vote": VOTE, "cabinet": CABINET},
        record_end=date(2020, 6, 30),
        parameters={"government_hazard": hazard},
    )
    for replicate in range(40):
        told = explain(given, "VIC", "2020-12", replicate=replicate)
        cabinet, *drawn = told.lines
        assert (cabinet.date, cabinet.before, cabinet.after) == (date(2020, 3, 1), 0.0, 0.6)
        assert (cabinet.event, cabinet.chance, cabinet.draw) == ("cabinet", None, None)
        words = " ".join(str(told).split())
        assert "2 March 2020: its line in PACT went from 0.00 to +0.60, on record: government in VIC." in words
        if drawn:
            (line,) = drawn
            assert (line.date, line.before, line.event, line.chance) == (date(2020, 7, 1), 0.6, "", hazard)
            assert line.draw < hazard
            assert f"to \N{MINUS SIGN}{-line.after:.2f} ({said}; the draw was {line.draw:.3f})." in words
            assert told.to_dict()["government"][1]["draw"] == line.draw
            return
    pytest.fail("no new government in 40 runs")


def test_a_step_on_record_and_a_notice_that_runs_out_are_on_the_course():
    exit_ = {"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "leave", "date": date(2020, 4, 5)}
    noticed = {"PACT": {"notice_months": 3, "postures": {"VIC": "notify"}}}
    still = {"ladder_tempo": 0.005}
    given = scenario(events={"exit": exit_}, treaties=noticed, parameters=still)
    for state, kind, by, said in (
        ("ALY", "membership", "record", "'out' in April 2020 (on record)"),
        ("VIC", "notice", "notice", "'out' in March 2020 (the notice ran out)"),
    ):
        told = explain(given, state, "2020-12", replicate=0)
        (step,) = told.course
        assert (step.kind, step.choice, step.by, step.chance) == (kind, "out", by, None)
        assert said in str(told)


def test_a_choice_by_a_rule_of_its_own_is_no_luck():
    busy = {"BIG": {"overstretch": 0.9}}
    given = scenario(events={"attack": ATTACK, "call": CALL}, treaties={"PACT": {"decision": "none"}}, states=busy)
    told = explain(given, "BIG", "2020-03", replicate=0, agents={"BIG": Steadfast})
    (answer,) = told.full()
    assert answer.decision.chance < 0.2
    assert not answer.unlikely
    chance = percent(answer.decision.chance)
    assert f"(by a rule of its own; chance by the built-in rule: {chance})" in " ".join(str(told).split())


def test_objections_are_named():
    pulls = {"objection_base": 0.0, "guarantor_pull": 0.0, "response_precision": 1.0}
    given = scenario(events={"attack": ATTACK, "call": CALL}, parameters=pulls, dyads={"ALY": {"FOE": {"ties": 1.0}}})
    for replicate in range(60):
        told = explain(given, "BIG", "2020-03", replicate=replicate)
        (answer,) = (each for each in told.full() if each.decision.kind == "response")
        if answer.answer.vetoed:
            assert "Held back by objections of ALY" in str(told)
            return
    pytest.fail("no objection in 60 runs")


def test_months_around_the_date_can_be_shown():
    given = scenario()
    reviews = [len(explain(given, "VIC", "2020-06", replicate=0, within=n).full()) for n in (0, 2)]
    assert reviews == [1, 5]
    whole = explain(given, "FAR", date(2020, 6, 30), replicate=0, within=600)
    assert (whole.first, whole.last) == (date(2020, 1, 1), date(2020, 12, 31))


def test_two_type_beliefs_are_told_in_log_odds():
    told = explain(scenario(events=RECORD, belief_rule="types"), "VIC", "2020-04", replicate=0)
    move = told.chain.moves[0]
    assert move.odds < 0.0
    assert "in the log-odds of a reliable ally" in " ".join(str(told).split())
    assert not math.isnan(move.without)


def test_attacks_by_choice_are_told_by_their_parties():
    over = {"endogenous_attacks": "always", "parameters": {"challenge_floor": -6.0, "challenge_recurrence": 3.5}}
    told = explain(scenario(**over), "FOE", "2020-06", replicate=0)
    (decision,) = told.decisions
    attacks = decision.decision.choice == "attack"
    assert f"FOE {'attacked' if attacks else 'did not attack'} VIC" in str(told)
    names = told.names
    assert names.happened("FOE-VIC-2020-06-01") == "FOE attacked VIC by its own choice"
    assert names.happened("UFO-VIC-2020-06-01") == "UFO-VIC-2020-06-01"


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"state": "VID"}, "there is no state 'VID'; allowed: .*; did you mean 'VIC'"),
        ({"day": "2020-13"}, "'2020-13' is no date; allowed: a month such as 2022-09"),
        ({"day": "March"}, "'March' is no date"),
        ({"day": "2022-01"}, "2022-01 lies outside the run; allowed: 2020-01-01 to 2020-12-31"),
        ({"branch": "other"}, "there is no branch 'other'; allowed: base"),
        ({"replicate": -1}, "there is no replicate -1; allowed: 0 to"),
        ({"within": -1}, "within -1 is not allowed"),
        ({"seed": -4}, "seed -4 is not allowed"),
    ],
)
def test_refusals_say_what_is_allowed(over, said):
    options = {"state": "VIC", "day": "2020-03", "replicate": 0, **over}
    with pytest.raises(InputError, match=said):
        explain(scenario(), **options)


def test_a_result_knows_its_seed_and_replicates(karabakh):
    with pytest.raises(InputError, match="seed 9 is not that of the result"):
        karabakh.explain("ARM", "2024-02", seed=9)
    with pytest.raises(InputError, match="there is no replicate 7; allowed: 0 to 6"):
        karabakh.explain("ARM", "2024-02", replicate=7)


def test_percent_never_rounds_to_none_or_all():
    assert [percent(x) for x in (0.0, 1e-9, 0.284, 1 - 1e-9, 1.0)] == ["0 %", "<1 %", "28 %", ">99 %", "100 %"]


def test_figures_draw_the_numbers(armenia, tmp_path):
    from sim.analysis.explaining.drawing import option_name, save_figures
    from tests.plots.drawn import faults, whole_text

    figure = armenia.plot.decision(0)
    assert faults(figure) == []
    (axes,) = figure.axes
    shown = armenia.full()[0]
    first = shown.decision.options[0]
    terms = {term: value for term, value in first.terms.items() if value != 0.0}
    bars = axes.containers[: len(terms)]
    assert {bar.get_label(): bar.patches[0].get_width() for bar in bars} == pytest.approx(terms)
    (sums,) = [line for line in axes.lines if line.get_label() == f"sum of {option_name(shown, first)}"]
    assert sums.get_xdata() == pytest.approx([first.utility])
    trust = armenia.plot.trust()
    assert faults(trust) == []
    (path,) = [line for line in trust.axes[0].lines if line.get_label() == "trust"]
    assert np.asarray(path.get_ydata()) == pytest.approx(armenia.chain.path)
    moves = {tuple(line.get_ydata()) for line in trust.axes[0].lines if line.get_label() == "move"}
    told = [move for move in armenia.chain.moves[:10] if abs(armenia.chain.effect(move)) >= 0.0005]
    assert moves == {(move.before, move.after) for move in told}
    assert "unmet call" in whole_text(trust)
    names = [path.name for path in save_figures(armenia, tmp_path, ["svg"])]
    assert names[-1] == "trust.svg"
    assert len(names) == len(armenia.full()) + 1
    with pytest.raises(InputError, match="there is no decision 9"):
        armenia.plot.decision(9)


@pytest.mark.parametrize(
    ("state", "day", "replicate", "asked"),
    [
        ("RUS", "2021-07", 1, {"response", "objection"}),
        pytest.param("RUS", "2022-02", 4, {"response", "objection", "policy"}, marks=pytest.mark.slow),
        ("ARM", "2022-09", 1, {"posture", "call"}),
    ],
)
def test_nothing_overlaps_in_the_figures_of_each_kind_of_decision(state, day, replicate, asked):
    from tests.plots.drawn import faults

    given = sim.load("scenarios/karabakh-2023.toml", ["parameters.ladder_tempo=0.15"])
    told = explain(given, state, day, branch="agents-decide", replicate=replicate, within=1)
    kinds = {}
    for number, each in enumerate(told.full()):
        kinds.setdefault(each.decision.kind, number)
    assert set(kinds) == asked
    for number in kinds.values():
        assert faults(told.plot.decision(number)) == []


def test_a_guarantor_has_no_trust_to_draw():
    told = explain(scenario(events=RECORD), "BIG", "2020-03", replicate=0)
    with pytest.raises(InputError, match="no trust to draw"):
        told.plot.trust()
