"""What explanations say is true: 500 decisions are read back from text and JSON, and held against the rules."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Any

import pytest

from sim.analysis.explaining import explain as explaining
from sim.analysis.explaining.explanation import Explained, Explanation
from sim.analysis.explaining.replay import Moment
from sim.analysis.explaining.sentences import percent
from sim.engine.decisions import decide
from sim.model.world import copy_world
from sim.rules.call import best_hope, call_chance
from sim.rules.challenge import attack_chance, power_share
from sim.rules.guarantor import policy_chances, value_share
from sim.rules.jumps import DOWN, UP, reach_share
from sim.rules.maths import chance_per_tick, logistic, logit
from sim.rules.patronage import exit_cost
from sim.rules.posture import autonomy_loss, down_chance, lapse_chance, review_rate, unprotected_threat, up_chance
from sim.rules.response import attacker_tie, objection_chance, response_chances
from sim.rules.thresholds import pact_threshold
from sim.scenario import load
from sim.words import CHOICES, FORCES, MISSION, OUT, POSTURES, RESPONSES
from tests.analysis.explaining.reading import below, notes, sections
from tests.engine.test_engines import EVENTS
from tests.engine.test_questions import ANSWER, ATTACK, CALL
from tests.worlds import scenario

RECORD = {"attack": ATTACK, "call": CALL, "answer": ANSWER}
OFFER = {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 2, 3)}
LEAVE = {"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "leave", "date": date(2020, 4, 5)}
OWN = {"kind": "attack", "aggressor": "BIG", "victim": "VIC", "severity": 0.6, "date": date(2020, 8, 3)}
RESTLESS = {
    "ladder_tempo": 0.3, "gap_reduce": 0.1, "gap_freeze": 0.1, "gap_notify": 0.1, "gap_out": 0.1, "ladder_trust": 3.0,
    "initial_trust": 0.3, "jump_chance": 0.9, "force_chance": 0.7, "diversification_tempo": 0.2, "formal_claim": 0.2,
    "attention_tempo": 2.0, "attention_half_life": 12.0,
}  # fmt: skip
BUSY = {
    "events": {**EVENTS, "pledge": OFFER, "raid": OWN},
    "treaties": {"PACT": {"exclusive": False}},
    "endogenous_attacks": "always",
    "guarantor_choices": "always",
    "parameters": RESTLESS,
    "end": date(2022, 12, 31),
}
CALM = {
    "events": {"exit": LEAVE},
    "treaties": {"PACT": {"renewals": [date(2020, 2, 15)], "notice_months": 3, "postures": {"VIC": "notify"}}},
    "end": date(2021, 6, 30),
}
CALLED = {"events": RECORD, "dyads": {"ALY": {"FOE": {"ties": 1.0}}}, "parameters": {"objection_base": 0.0}}

SHIPPED = (
    ("karabakh-2023", "as-happened", "ARM", "2022-09", 30),
    ("karabakh-2023", "agents-decide", "RUS", "2022-09", 30),
    ("karabakh-2023", "agents-decide", "ARM", "2023-01", 36),
    ("kyrgyz-tajik-2022", None, "KGZ", "2022-09", 12),
    ("first-steps", None, "RUS", "2022-09", 12),
)
"""Of shipped scenarios: file, branch, state, month, and the months around it."""
SMALL = (
    ("VIC", 3, BUSY), ("BIG", 3, BUSY), ("FOE", 3, BUSY), ("ALY", 3, BUSY), ("FAR", 3, BUSY), ("VIC", 2, BUSY),
    ("VIC", 3, {**BUSY, "belief_rule": "beta", "outlook": "weighed"}),
    ("VIC", 3, {**BUSY, "belief_rule": "types"}),
    ("VIC", 3, CALLED), ("BIG", 3, CALLED), ("ALY", 3, CALLED), ("VIC", 0, CALM), ("ALY", 3, CALM),
)  # fmt: skip
"""Of small worlds: state, replicate, and the world."""


@dataclass(frozen=True, repr=False)
class Told:
    """An explanation as it is printed and as JSON, with the decisions and the world in which each was taken."""

    explanation: Explanation
    pairs: list[tuple[Explained, Moment]]
    printed: str
    data: dict[str, Any]


def told_of(source: Any, state: str, day: str, within: int, replicate: int, branch: str | None = None) -> Told:
    pairs: list[tuple[Explained, Moment]] = []
    one = explaining._explained

    def noting(moment: Moment, *rest: Any, **options: Any) -> Explained:
        pairs.append((one(moment, *rest, **options), moment))
        return pairs[-1][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explaining, "_explained", noting)
        patch.setattr(explaining, "flips", lambda moment, setup: ())  # held against the rule in test_flips.py
        found = explaining.explain(source, state, day, branch=branch, within=within, replicate=replicate)
    return Told(found, pairs, str(found), json.loads(json.dumps(found.to_dict(), allow_nan=False)))


@pytest.fixture(scope="module")
def told() -> list[Told]:
    files = {name: load(f"scenarios/{name}.toml") for name in {row[0] for row in SHIPPED}}
    found = [told_of(files[name], state, day, within, 2, branch) for name, branch, state, day, within in SHIPPED]
    return found + [told_of(scenario(**over), state, "2020-06", 60, number) for state, number, over in SMALL]


def decisions(told: list[Told]) -> list[tuple[Explained, Moment, dict[str, Any]]]:
    rows = [(one.pairs, one.data["decisions"]) for one in told]
    return [(*pair, data) for pairs, dicts in rows for pair, data in zip(pairs, dicts, strict=True)]


def test_five_hundred_decisions_of_every_kind_are_read_back(told):
    kinds = Counter(each.decision.kind for each, _, _ in decisions(told))
    assert kinds.total() >= 500
    assert set(kinds) == {
        "call", "response", "objection", "posture", "lapse", "return", "pact", "diversify", "policy", "attack",
    }  # fmt: skip
    assert {each.by for each, _, _ in decisions(told)} == {"record", "rule"}
    assert any(each.unlikely for each, _, _ in decisions(told))
    assert any(each.jump for each, _, _ in decisions(told))
    assert {each.force.stopped for each, _, _ in decisions(told) if each.force} == {True, False}


# the terms


def test_the_terms_of_each_alternative_make_its_utility(told):
    for each, _, data in decisions(told):
        for option in data["options"]:
            total = sum(term["value"] for term in option["terms"].values())
            assert total == pytest.approx(option["utility"], abs=1e-12), (each.decision.kind, option["name"])


def test_the_printed_tables_hold_the_terms_and_their_sums(told):
    for one in told:
        shown = sections(one.printed)
        full = [
            data for data, each in zip(one.data["decisions"], one.explanation.decisions, strict=True) if not each.idle
        ]
        assert len(shown) == len(full)
        for section, data in zip(shown, full, strict=True):
            weighed = [option for option in data["options"] if option["terms"]]
            assert len(section.columns) == len(weighed)
            columns = {tuple(column.terms): column.total for column in section.columns.values()}
            for option in weighed:
                terms = tuple(round_half(term["value"]) for term in option["terms"].values())
                assert columns[terms] == pytest.approx(option["utility"], abs=0.00051)
                assert sum(terms) == pytest.approx(columns[terms], abs=0.00051 * (len(terms) + 1))
                last = weighed[-1] if data["kind"] == "response" else option
                assert {term["words"] for term in last["terms"].values()} <= set(section.labels)


def round_half(value: float) -> float:
    """Round a term as the tables do: halves away from zero."""
    return math.copysign(math.floor(abs(value) * 1000 + 0.5 + 1e-6) / 1000, value)


# chances and draws


def chances_by_the_rule(moment: Moment) -> dict[str, float]:
    """Return the chance of each alternative from the rules alone."""
    world, p, asked, kind = moment.world, moment.parameters, moment.decision.question, moment.decision.kind
    state, treaty = asked.state, asked.treaty
    pressure = float(world.pressure[state, treaty])
    if kind == "response":
        return dict(zip(RESPONSES, response_chances(world, p, asked.about, state), strict=True))
    if kind == "policy":
        return dict(zip(CHOICES, policy_chances(world, p, asked.other, treaty), strict=True))
    if kind == "objection":
        levels = range(MISSION, FORCES + 1)
        reached = [objection_chance(world, p, asked.about, state, level, asked.lean) for level in levels]
        most = [0.0, *accumulate(reached, max)]
        found = {RESPONSES[level]: above - under for level, (under, above) in zip(levels, pairwise(most), strict=True)}
        return found | {"no objection": 1.0 - most[-1]}
    if kind == "posture":
        rung = int(world.posture[state, treaty])
        up = up_chance(world, p, state, treaty, pressure)
        down = min(down_chance(world, p, state, treaty, pressure), 1.0 - up)
        found = {POSTURES[rung]: 1.0 - up - down}
        for way, chance in ((UP, up), (DOWN, down)):
            shares = [reach_share(world, p, state, treaty, way, rungs, pressure) for rungs in range(1, OUT + 2)]
            for rungs, (share, further) in enumerate(pairwise(shares), start=1):
                if chance * share > chance * further:
                    found[POSTURES[rung + way * rungs]] = chance * (share - further)
        return found
    wanted = logistic(p.ladder_precision * (pressure - pact_threshold(world, p, state, treaty)))
    free = 1.0 if world.posture[state, treaty] == OUT else 1.0 - float(world.exclusive[treaty])
    again = logistic(p.ladder_precision * (-p.hysteresis - pressure))
    keen = logistic(p.ladder_precision * (pressure - p.diversification_threshold))
    one, chance = {
        "call": lambda: ("appeal", call_chance(world, p, asked.about)),
        "attack": lambda: ("attack", attack_chance(world, p, state, asked.other)),
        "lapse": lambda: ("out", lapse_chance(world, p, state, treaty)),
        "return": lambda: ("loyal", chance_per_tick(review_rate(world, p, state) * again, world.months)),
        "pact": lambda: ("pact", free * chance_per_tick(review_rate(world, p, state) * wanted, world.months)),
        "diversify": lambda: ("diversify", chance_per_tick(p.diversification_tempo * keen, world.months)),
    }[kind]()
    (other,) = (option.name for option in moment.decision.options if option.name != one)
    return {one: chance, other: 1.0 - chance}


def test_the_chances_shown_are_those_of_the_rule(told):
    for each, moment, data in decisions(told):
        expected = chances_by_the_rule(moment)
        shown = {option["name"]: option["chance"] for option in data["options"]}
        assert shown == pytest.approx(expected, abs=1e-9), each.decision.kind
        named = moment.decision.kind if data["choice"] not in expected else data["choice"]
        assert data["chance"] == shown[named]


def test_the_printed_chances_are_those_of_the_rule(told):
    for one in told:
        for section, each in zip(sections(one.printed), one.explanation.full(), strict=True):
            decision = each.decision
            assert list(section.chances.values()) == [percent(option.chance) for option in decision.options]
            assert section.draw == (None if decision.number is None else float(f"{decision.number:.3f}"))


def intervals(moment: Moment, chances: dict[str, float]) -> list[tuple[str, float, float]]:
    """Return the alternatives in the order in which the draws of the rule are divided, each with its ends."""
    world, p, asked, kind = moment.world, moment.parameters, moment.decision.question, moment.decision.kind
    order = list(chances.items())
    if kind == "policy":
        turn = chance_per_tick(review_rate(world, p, asked.other), world.months)
        first = turn - chances["reassure"] - chances["coerce"]
        order = [("ignore", first), *order[1:], ("ignore", 1.0 - turn)]
    if kind == "posture":
        rung = int(world.posture[asked.state, asked.treaty])
        place = {name: POSTURES.index(name) - rung for name in chances}
        order = sorted(order, key=lambda row: -place[row[0]])  # the longest steps up first, the longest down last
    ends = [0.0, *accumulate(chance for _, chance in order)]
    return [(name, low, high) for (name, _), (low, high) in zip(order, pairwise(ends), strict=True)]


def test_the_draw_falls_on_the_side_of_the_choice(told):
    for each, moment, data in decisions(told):
        if data["draw"] is None:
            continue
        choice = data["rule_choice"] if each.by == "record" else each.decision.chosen
        shown = {option["name"]: option["chance"] for option in data["options"]}
        places = [(low, high) for name, low, high in intervals(moment, shown) if name == choice]
        assert any(low - 1e-9 <= data["draw"] <= high + 1e-9 for low, high in places), each.decision.kind
        again = decide(copy_world(moment.world), moment.parameters, moment.decision.question, data["draw"])
        assert again == choice


# what is luck, and what is on record


def test_luck_is_called_luck_and_the_record_the_record(told):
    for one in told:
        lines = {False: notes(one.printed, "In short"), True: notes(one.printed, "Left undone")}
        for idle, shown in lines.items():
            each_of = [each for each in one.explanation.decisions if each.idle is idle]
            assert len(shown) == len(each_of)
            for (how, chance), each in zip(shown, each_of, strict=True):
                rare = each.decision.chance < 0.2
                assert how == (
                    "on record; chance by the rule" if each.decision.fixed else "unlikely" if rare else "chance"
                )
                assert chance == percent(each.decision.chance)
        for section, each in zip(sections(one.printed), one.explanation.full(), strict=True):
            assert ("On record" in section.text) is each.decision.fixed
            lucky = each.by == "rule" and each.decision.chance < 0.2
            assert (f"What was chosen was unlikely: {percent(each.decision.chance)}" in section.text) is lucky


def test_force_and_jumps_are_told_with_chance_and_draw(told):
    for one in told:
        for section, each in zip(sections(one.printed), one.explanation.full(), strict=True):
            assert ("force of" in section.text) is (each.force is not None)
            if each.force is not None:
                assert each.force.stopped is (each.force.draw < each.force.chance) is each.decision.stopped
                assert percent(each.force.chance) in section.text
                assert f"{each.force.draw:.3f}" in section.text
            assert ("such steps cover as many or more" in section.text) is (each.jump is not None)


def test_every_step_on_the_course_is_decided_on_record_or_a_notice_that_ran_out(told):
    seen = Counter()
    for one in told:
        said = below(one.printed, "Its course in this run so far")
        for step in one.data["course"]:
            seen[step["by"]] += 1
            assert (step["chance"] is None) is (step["by"] in ("record", "notice"))
        assert said.count("on record") == sum(step["by"] == "record" for step in one.data["course"])
        rare = [step for step in one.data["course"] if step["by"] == "rule" and step["chance"] < 0.2]
        assert said.count("unlikely") == len(rare)
        assert said.count("the notice ran out") == sum(step["by"] == "notice" for step in one.data["course"])
    assert set(seen) == {"rule", "record", "notice"}


# names


def named_and_quoted(each: Explained, moment: Moment, names: Any) -> dict[str, list[str]]:
    """Return, by term, the states that its sentence has to name and the numbers that it has to quote."""
    world, p, asked, kind = moment.world, moment.parameters, moment.decision.question, moment.decision.kind
    state, treaty = asked.state, asked.treaty
    guarantor = names.by_index(int(world.guarantor[treaty]))
    if kind == "posture":
        rho, protector = float(world.reliability[state, treaty]), int(world.guarantor[treaty])
        feared = sorted(
            range(len(world.capability)), key=lambda other: (-world.threat[state, other], -world.capability[other])
        )
        rivals = [other for other in feared if other != protector and world.threat[state, other] > 0.0]
        own = float(world.threat[state, protector])
        by_own = own > p.rival_threat and unprotected_threat(world, p, state, treaty, rho) == own
        fear = [protector] if by_own else rivals[:1]
        worst = [text for one in fear for text in (names.by_index(one), f"{world.threat[state, one]:.2f}")]
        felt = exit_cost(world, p, state, treaty, world.coercion[state, treaty])
        return {
            "trust": [guarantor, f"{rho:.2f}"],
            "threat": worst or ["nobody"],
            "autonomy": [guarantor, f"{autonomy_loss(world, p, state, protector):.2f}"],
            "exit cost": [guarantor, f"{felt:.2f}"],
            "public": [names.by_index(state), f"{world.exit_support[state, treaty]:.2f}"],
            "government": [guarantor, f"{world.government_line[state, treaty]:.2f}"],
            "entrapment": [guarantor, f"{world.entrapment[state, treaty]:.2f}"],
        }
    if kind == "response":
        victim, foe = asked.about.victim, asked.about.aggressor
        foe_name = "the unrest" if foe < 0 else names.by_index(foe)
        return {
            "stakes": [names.by_index(victim)],
            "distance": [f"{1000 * world.distance[state, victim]:,.0f} km"],
            "ties": [foe_name, f"{attacker_tie(world, asked.about, state):.2f}"],
            "overstretch": [f"{100 * world.overstretch[state]:.0f} %"],
        }
    if kind == "call":
        return {"hope": [f"{best_hope(world, p, asked.about):.2f}", f"{asked.about.severity:.2f}"]}
    if kind == "attack":
        share = power_share(world, p, state, asked.other)
        return {
            "power": [names.by_index(asked.other), f"{share:.2f}"],
            "claim": [names.by_index(asked.other), f"{world.claim[state, asked.other]:.2f}"],
        }
    if kind == "policy":
        return {"client stays": [names.by_index(asked.other), f"{value_share(world, asked.other, treaty):.2f}"]}
    return {"guarantor": [guarantor]} if kind == "objection" else {}


def test_sentences_name_the_states_whose_numbers_they_quote(told):
    checked = Counter()
    for one in told:
        for each, moment in one.pairs:
            expected = named_and_quoted(each, moment, one.explanation.names)
            for words in each.words.values():
                for term, parts in expected.items():
                    if term in words:
                        assert [part for part in parts if part not in words[term]] == [], words[term]
                        checked[each.decision.kind] += 1
    assert set(checked) == {"posture", "response", "call", "attack", "policy", "objection"}


# what moved trust


def test_nothing_is_excused_where_nothing_fell_short_and_all_excuses_are_told(told):
    met = short = 0
    for one in told:
        moves = [move for each in one.data["decisions"] for move in each["learned"]]
        moves += one.data["trust"]["moves"] if one.data["trust"] else []
        for move in moves:
            lesson = move["lesson"]
            if lesson is None:
                continue
            if lesson["done"] == 1.0:
                met += 1
                assert (lesson["shortfall"], lesson["excused"], lesson["excuses"]) == (0.0, 0.0, {})
            short += lesson["shortfall"] > 0.0
            assert sum(lesson["excuses"].values()) == pytest.approx(lesson["excused"])
            assert all(share > 0.0 for share in lesson["excuses"].values())
            assert ("legal doubt" in lesson["excuses"]) <= (lesson["legal"] < 1.0)
            assert ("hard times" in lesson["excuses"]) <= (lesson["hard"] > 0.0)
            assert ("objection" in lesson["excuses"]) <= lesson["vetoed"]
            assert ("forces tied down" in lesson["excuses"]) <= (lesson["overstretch"] > 0.0)
    assert met > 5
    assert short > 50


WHY = {
    "legal doubt": "legal doubt",
    "hard times": "hard times",
    "objection": "an objection",
    "forces tied down": "forces tied",
}


def test_the_printed_moves_say_what_was_excused_where_it_was(told):
    kinds = Counter()
    for one in told:
        if one.explanation.chain is None:
            continue
        items = below_items(one.printed)
        for said, move in zip(items, one.explanation.chain.moves, strict=False):
            excuses = move.lesson.excuses if move.lesson is not None else {}
            kinds[move.kind] += 1
            assert ("excused" in said) is bool(excuses)
            assert {name for name, words in WHY.items() if f"for {words}" in said} == set(excuses) - {"in any case"}
            surprised = move.surprise is not None
            assert ("expected" in said) is surprised
            assert (" for, " in said or "log-odds" in said) is (not surprised and move.lesson is not None)
            if move.kind == "promise":
                assert ("promise kept" in said) is (move.lesson.done >= 0.5)
            if move.kind == "attack":
                assert f"attack by {one.explanation.names.state(one.explanation.chain.trustee)} itself" in said
    assert set(kinds) == {"answer", "promise", "attack", "event", "policy"}


def below_items(printed: str) -> list[str]:
    """Return the items below the sentence that begins the list of moves."""
    _, _, rest = printed.partition("What moved trust; what still matters most comes first:\n")
    items: list[str] = []
    for line in rest.splitlines():
        if line.startswith("- "):
            items.append(line[2:])
        elif line.startswith("  ") and items:
            items[-1] += f" {line.strip()}"
        else:
            break
    return [item for item in items if "further moves" not in item]


def test_a_surprise_is_the_step_from_what_was_expected(told):
    held = steps = 0
    for one in told:
        for move in one.data["trust"]["moves"] if one.data["trust"] else []:
            step = move["surprise"]
            if step is None:
                continue
            steps += 1
            assert step["expected"] == move["before"]
            if step["held_at"] is None:
                assert step["gain"] + step["loss"] == pytest.approx(move["log_odds"], abs=1e-12)
                assert logit(move["before"]) + step["gain"] + step["loss"] == pytest.approx(logit(move["after"]))
            else:
                held += 1
                assert move["after"] == pytest.approx(step["held_at"])
    assert steps > 20


def test_the_outlook_adds_up_to_the_reliability(told):
    additive = 0
    for one in told:
        chain = one.data["trust"]
        if chain is None:
            continue
        assert (chain["outlook"] is None) is (chain["record_weight"] is not None)
        if (made := chain["outlook"]) is None:
            assert "weight of the record" in " ".join(one.printed.split())
            continue
        additive += 1
        interest = made["interest"] or 0.0
        felt = interest if interest > 0.0 else made["burdens_held"] * interest
        expected = logistic(made["trust"] + made["weight"] * (felt + made["release"]))
        assert expected == pytest.approx(chain["reliability"], abs=1e-12)
        assert logistic(made["trust"]) == pytest.approx(chain["now"])
        said = " ".join(one.printed.split())
        assert f"expected a reliability of {chain['reliability']:.3f}" in said
        assert "weight of the record" not in said
        if not math.isclose(interest, 0.0):
            assert f"with a weight of {made['weight']:.2f}" in said
    assert additive > 3
