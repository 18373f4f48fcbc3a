"""What the goldens hold: small worlds, one a mechanism, and what the model makes of them.

All is written against public names, so that the goldens outlive a change of the engine's insides.
"""

import json
import math
import tomllib
from datetime import date
from pathlib import Path

import numpy as np

import sim
from sim.engine.witness import Witness
from sim.model.parameters import PARAMETERS
from sim.model.variables import VARIABLES
from tests.worlds import scenario

FOLDER = Path(__file__).with_name("stored")
SEED = 3
DIGITS = 12

OLD_FORMS = {"belief_rule": "beta", "outlook": "weighed"}
OLD_VALUES = {name: each.default if each.off is None else each.off for name, each in PARAMETERS.items()} | json.loads(
    Path(__file__).with_name("november").joinpath("parameters.json").read_text()
)
"""The parameters of November at their values then, and all later ones at their off values, if they have one."""


def attack_on(day, severity=0.8, **over):
    return {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": severity, "date": day, **over}


def call_of(event, day, state="VIC"):
    return {"kind": "call", "state": state, "treaty": "PACT", "article": 4, "date": day, "to": event}


def answer_to(event, day, state, response):
    return {"kind": "response", "state": state, "to": event, "response": response, "date": day}


def world(**over):
    """Return a small world with the forms and parameters of November, and every later mechanism off.

    Every parameter stands in its file, so that nothing is drawn for it.
    """
    values = OLD_VALUES | over.pop("parameters", {})
    return scenario(parameters=values, **(OLD_FORMS | over))


def present(**over):
    """Return a small world with the present forms and every parameter at its present default."""
    values = {name: each.default for name, each in PARAMETERS.items()} | over.pop("parameters", {})
    return scenario(parameters=values, **over)


ATTACK, CALL = attack_on(date(2020, 3, 10)), call_of("attack", date(2020, 3, 11))
REFUSED = {
    "attack": ATTACK,
    "call": CALL,
    "big": answer_to("attack", date(2020, 3, 20), "BIG", "none"),
    "aly": answer_to("attack", date(2020, 3, 21), "ALY", "statement"),
    "again": attack_on(date(2020, 6, 10), place="Hill"),
    "second": call_of("again", date(2020, 6, 11)),
    "sent": answer_to("again", date(2020, 6, 20), "BIG", "materiel"),
}
RESTLESS = {
    "ladder_tempo": 0.3, "gap_reduce": 0.1, "gap_freeze": 0.1, "gap_notify": 0.1, "gap_out": 0.1, "ladder_trust": 3.0,
    "initial_trust": 0.3,
}  # fmt: skip
LONG = {"end": date(2022, 12, 31)}

WORLDS = {
    "challenge": lambda: world(
        endogenous_attacks="always",
        parameters={"challenge_floor": -6.0, "challenge_claim": 3.0, "challenge_recurrence": 3.5},
        **LONG,
    ),
    "call": lambda: world(
        events={"attack": ATTACK, "again": attack_on(date(2020, 7, 2), 0.3), "more": attack_on(date(2020, 9, 2), 1.0)}
    ),
    "response": lambda: world(
        events={"attack": ATTACK, "call": CALL, "again": attack_on(date(2020, 8, 2)),
                "second": call_of("again", date(2020, 8, 3))},
        parameters={"objection_base": 0.0, "guarantor_pull": 0.0, "response_precision": 1.0},
        dyads={"ALY": {"FOE": {"ties": 1.0}}},
    ),
    "learning-beta": lambda: world(events=REFUSED),
    "learning-types": lambda: world(events=REFUSED, belief_rule="types"),
    "audience": lambda: world(
        events={
            **REFUSED,
            "crowd": {"date": date(2020, 4, 3), "kind": "protest", "state": "VIC", "severity": 0.6},
            "words": {"date": date(2020, 5, 4), "kind": "rhetoric", "state": "BIG", "target": "VIC", "tone": -0.7},
            "trek": {"date": date(2020, 5, 9), "kind": "refugees", "state": "VIC", "value": 90000},
        }
    ),
    "posture": lambda: world(
        events={
            **REFUSED,
            "leave": {"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "leave", "date": date(2020, 2,
                5)},
            "renewal": {"date": date(2021, 4, 10), "kind": "window", "treaty": "PACT", "of": "renewal"},
            "pledge": {"date": date(2020, 7, 3), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9},
        },
        parameters=RESTLESS,
        **LONG,
    ),
    "patronage": lambda: world(
        events={
            "pledge": {"date": date(2020, 2, 3), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.6},
            "arms": {"date": date(2020, 5, 2), "kind": "aid", "state": "FAR", "target": "VIC", "channel": "arms",
                "value": 0.3},
            "ban": {"date": date(2020, 6, 1), "kind": "coercion", "state": "BIG", "target": "VIC", "channel": "trade",
                    "severity": 0.6},
        },
        parameters=RESTLESS,
    ),
    "diversification": lambda: world(
        events={
            "pledge": {"date": date(2020, 2, 3), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.6},
            "wares": {"date": date(2020, 2, 3), "kind": "offer", "state": "FAR", "target": "ALY", "value": 0.4},
        },
        parameters={"diversification_tempo": 0.3, "diversification_threshold": -1.0, "diversification_shift": 0.25,
                    "diversification_end": 0.05},
        **LONG,
    ),
    "guarantor": lambda: world(
        guarantor_choices="always", events=REFUSED, parameters=RESTLESS | {"coerce_cost": 0.01, "reassure_cost": 0.01}
    ),
    "surprise": lambda: present(
        events={
            **REFUSED,
            "arms": {"date": date(2020, 9, 3), "kind": "promise", "state": "BIG", "target": "VIC", "owed": 0.8,
                     "given": 0.25, "severity": 0.4},
            "raid": attack_on(date(2020, 11, 4), 0.6, aggressor="BIG"),
        }
    ),
    "ladder": lambda: present(
        events={
            **REFUSED,
            "pledge": {"date": date(2020, 7, 3), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9},
            "vote": {"date": date(2021, 6, 1), "kind": "window", "treaty": "PACT", "of": "election", "state": "VIC"},
            "line": {"date": date(2021, 8, 1), "kind": "government", "state": "VIC", "line": 0.8},
            "storm": {"date": date(2021, 3, 5), "kind": "crisis", "victim": "BIG", "severity": 0.7},
        },
        parameters={
            "ladder_tempo": 0.2, "jump_chance": 0.6, "force_chance": 0.3, "diversification_tempo": 0.2,
            "diversification_threshold": -1.0,
        },
        **LONG,
    ),
    "events": lambda: world(**tomllib.loads(Path("tests/engine/every_event.toml").read_text())),
}  # fmt: skip
"""One world a mechanism; ``events`` has one event of every kind.

``surprise`` and ``ladder`` have the forms and parameters of today, all others those of November.
"""

EXPLAINED = {
    "response": ("BIG", "2020-03"),
    "learning-types": ("VIC", "2020-06"),
    "posture": ("VIC", "2021-01"),
    "surprise": ("VIC", "2020-11"),
    "ladder": ("VIC", "2021-08"),
    "guarantor": ("BIG", "2020-09"),
    "events": ("VIC", "2020-04"),
}
"""By world: the state and month of which an explanation is kept."""


class Watch(Witness):
    """Takes down every callback in order, with the world in which it came."""

    def __init__(self):
        self.log = []

    def wants(self, kind, state):
        return True

    def decided(self, model, decision):
        told = [decision.kind, decision.state, decision.about, decision.choice, decision.fixed, decision.number]
        self.log.append(["decided", *told, *moods(model)])

    def faded(self, model):
        self.log.append(["faded", *moods(model)])

    def changed(self, model, change):
        self.log.append(["changed", change.name, *moods(model)])

    def learned(self, model, observer, handled, answer):
        told = [model.setup.codes[observer], handled.call.event, model.setup.codes[answer.ally], answer.level]
        self.log.append(["learned", *told, *moods(model)])

    def pressed(self, model, guarantor, client, choice):
        self.log.append(["pressed", model.setup.codes[guarantor], model.setup.codes[client], choice, *moods(model)])

    def recorded(self, model):
        self.log.append(["recorded", *moods(model)])


class Contrary(sim.State):
    """Overrides all nine decisions, some against the built-in rule, and takes down when each is asked."""

    def __init__(self, model, code):
        super().__init__(model, code)
        if not hasattr(model, "asked"):
            model.asked = []

    def note(self, decision, about):
        self.model.asked.append([decision, self.code, about, *moods(self.model)])

    def attacks(self, victim):
        self.note("attacks", victim)
        return super().attacks(victim) or self.model.tick == 4

    def appeal(self, call):
        self.note("appeal", call.event)
        super().appeal(call)
        return call.severity > 0.5

    def respond(self, call):
        self.note("respond", f"{call.event} {call.made} {self.coverage_of(call)!r}")
        return "forces" if self.code == "BIG" else super().respond(call)

    def review_posture(self, treaty):
        self.note("review_posture", treaty)
        step = super().review_posture(treaty)
        return step if self.model.tick % 5 else max(-1, 1 - step) if step >= 0 else 0

    def lapses(self, treaty):
        self.note("lapses", treaty)
        return not super().lapses(treaty) and self.code == "ALY"

    def rejoins(self, treaty):
        self.note("rejoins", treaty)
        return super().rejoins(treaty) or self.model.tick % 7 == 6

    def seeks_pact(self, treaty):
        self.note("seeks_pact", treaty)
        return super().seeks_pact(treaty) or self.model.tick % 3 == 1

    def diversifies(self, treaty):
        self.note("diversifies", treaty)
        return super().diversifies(treaty) or self.model.tick == 8

    def policy_towards(self, client, treaty):
        self.note("policy_towards", f"{client} {treaty}")
        return "coerce" if self.model.tick % 2 else super().policy_towards(client, treaty)


def moods(model):
    """Return a few numbers that tell in which world something happened: ranks, trust, and what moves within a tick."""
    w = model.world
    trust = sum(one.trust_in(other) for one in model.agents for other in model.setup.codes if other != one.code)
    moving = (w.approval, w.exit_support, w.pressure, w.attention, w.coercion, w.reassurance, w.protest, w.overstretch)
    return ["".join(str(rank) for rank in w.posture[:, 0]), trust, float(sum(np.nansum(each) for each in moving))]


def made(name):
    """Return everything that is kept of a world, by part, as rows of plain data."""
    watch = Watch()
    checked = WORLDS[name]()
    model = sim.AllianceModel(checked, rng=SEED, parameters="defaults", witness=watch)
    trajectory = model.run()
    own = sim.AllianceModel(checked, rng=SEED, parameters="defaults", agents=dict.fromkeys(checked.states, Contrary))
    own_trajectory = own.run()
    parts = {
        "variables": variables_of(trajectory),
        "decisions": [decision_row(each) for each in model.decisions],
        "calls": [plain(vars(each)) for each in model.calls],
        "witness": watch.log,
        "own variables": variables_of(own_trajectory),
        "own decisions": [decision_row(each)[:7] for each in own.decisions],
        "own calls": [plain(vars(each)) for each in own.calls],
        "asked": getattr(own, "asked", []),
    }
    if name in EXPLAINED:
        state, month = EXPLAINED[name]
        explanation = sim.explain(checked, state, month, replicate=0, within=2, seed=SEED)
        parts["explanation"] = [explanation.to_dict()]
        parts["explanation in words"] = str(explanation).splitlines()
    return plain(parts)


def variables_of(trajectory):
    """Return each variable at four dates, where it is a number or a rank."""
    ticks = [len(trajectory.dates) * part // 4 for part in (1, 2, 3)] + [len(trajectory.dates) - 1]
    return [
        [variable, str(trajectory.dates[tick]), np.asarray(trajectory.values[variable][tick]).tolist()]
        for variable in sorted(VARIABLES)
        for tick in ticks
    ]


def decision_row(decision):
    """Return a decision as a row: date, state, kind, about, choice, draw, fixed, number, and its options."""
    options = [[option.name, option.utility, option.terms, option.chance] for option in decision.options]
    said = [str(decision.date), decision.state, decision.kind, decision.about, decision.choice]
    return [*said, decision.draw, decision.fixed, decision.number, options]


def plain(value):
    """Return a value as JSON has it, floats with as many digits as are compared and NaN as a word."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return plain(vars(value))
    if isinstance(value, date):
        return str(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else str(float(value))
    return int(value) if isinstance(value, np.integer) else bool(value) if isinstance(value, np.bool_) else value


def text_of(parts):
    """Return parts as the text of a file: JSON with one line a row, so that a difference is one line."""
    told = [
        f"{json.dumps(part)}: [\n"
        + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        + "\n]"
        for part, rows in parts.items()
    ]
    return "{\n" + ",\n".join(told) + "\n}\n"
