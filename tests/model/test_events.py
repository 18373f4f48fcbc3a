"""Kinds of events: whole or refused at import, and told apart by name alone."""

import random
import traceback
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.model.base_event import BaseEvent, ShockEvent, WorldEvent
from sim.model.dispatch import (
    CHANGES,
    CODES,
    apply_change,
    applying_lines,
    bearing_lines,
    bears_on_interest,
    changes_of,
)
from sim.model.event_registry import checked, event_kinds
from sim.model.events import EVENT_KINDS
from sim.model.parameters import make_parameters
from sim.model.world import World, copy_world
from sim.scenario import Scenario
from tests.engine.test_engines import EVENTS
from tests.model.kinds import EXERCISE, package_of
from tests.worlds import built, merged, tables

EFFECTS = EXERCISE[EXERCISE.index("    def effects") :]
BODY = "    add_evidence(world, p, state, partner, p.evidence_weight * value, 0.0)\n"
HALVES = {
    "a docstring": '    """A state trains with another."""\n',
    "'sentence'": '    sentence = "{state} trains with {target}"\n',
    "'guide'": '    guide = "Evidence for the host\'s reliability in the eyes of its guest."\n',
    "'switch'": '    switch = "{who} trains with an ally"\n',
    "'marker'": "    marker = MarkerStyle(on_member=MarkerWeight(2.0, 1.0))\n",
    "'apply'": "    apply = staticmethod(train)\n",
    "'bears_on_interest'": "    bears_on_interest = False\n",
    "'effects'": EFFECTS,
    "a description of 'target'": 'description="guest"',
    "a rule that takes": ", k: int",
    "an effect: its rule changes nothing of the world": BODY,
}


def test_a_whole_kind_is_found(tmp_path: Path) -> None:
    with package_of(tmp_path, exercise=EXERCISE) as package:
        assert list(event_kinds(package)) == ["exercise"]


@pytest.mark.parametrize("missing", HALVES)
def test_a_kind_that_lacks_a_part_is_refused_by_name(missing: str, tmp_path: Path) -> None:
    half = EXERCISE.replace(HALVES[missing], "")
    assert half != EXERCISE
    with package_of(tmp_path, exercise=half) as package, pytest.raises(TypeError) as refused:
        event_kinds(package)
    assert "event kind 'exercise' (" in str(refused.value)
    assert ".exercise.Exercise) lacks " in str(refused.value)
    assert missing in str(refused.value)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (("(WorldEvent)", "(BaseEvent)"), "an effect: it must be a WorldEvent, a ShockEvent or an EvidenceEvent"),
        (("(WorldEvent)", "(ShockEvent)"), "'case': what treaties are asked to cover"),
        (("= staticmethod(train)", "= None"), "an effect: 'apply' is None, and it acts through no other change"),
        (('["exercise"]', '["big exercise"]'), "a kind of letters, digits and dashes"),
        (('["exercise"]', '["renewal"]'), "a name of its own: there is a change 'renewal' that is no event"),
    ],
)
def test_a_kind_that_would_do_nothing_is_refused(change: tuple[str, str], missing: str, tmp_path: Path) -> None:
    idle = EXERCISE.replace(*change).replace("AxisNames,", "AxisNames, BaseEvent, ShockEvent,")
    if "(WorldEvent)" not in idle:
        idle = idle.replace(HALVES["'apply'"], "").replace(HALVES["'bears_on_interest'"], "")
    with package_of(tmp_path, exercise=idle) as package, pytest.raises(TypeError, match=missing):
        event_kinds(package)


def test_an_event_without_effects_is_refused_when_its_run_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EVENT_KINDS["leader"], "effects", lambda *_: ())
    busy = Scenario.model_validate(merged(tables(), {"events": {"vote": EVENTS["vote"]}}))
    with pytest.raises(TypeError, match="event kind 'leader' has no effect: vote changes nothing"):
        prepare(busy)


def test_a_module_without_a_kind_and_a_kind_declared_twice_are_refused(tmp_path: Path) -> None:
    with (
        package_of(tmp_path, nothing='"""No kind."""\n') as package,
        pytest.raises(TypeError, match="nothing declares no kind of event"),
    ):
        event_kinds(package)
    (tmp_path / "other").mkdir()
    with (
        package_of(tmp_path / "other", one=EXERCISE, two=EXERCISE) as package,
        pytest.raises(TypeError, match=r"event kind 'exercise' is declared twice: .*one\.Exercise and .*two\.Exercise"),
    ):
        event_kinds(package)


@pytest.mark.parametrize("kind", sorted(kind for kind, each in EVENT_KINDS.items() if issubclass(each, WorldEvent)))
def test_every_kind_changes_the_world_or_the_parameters(kind: str) -> None:
    events = {name: event for name, event in EVENTS.items() if event["kind"] == kind and "key" not in event}
    events = events or {"fear": EVENTS["fear"]}
    busy = Scenario.model_validate(merged(tables(), {"events": events}))
    setup, world, p = built()
    prepared = prepare(busy)
    assert prepared.codes == setup.codes
    found = []
    for change in (change for tick in prepared.changes for change in tick if change.name in events):
        after = copy_world(world)
        if CHANGES[change.kind].apply is not None:
            apply_change(after, p, CODES[change.kind], change.i, change.j, change.k, change.value)
            found.append(differ(world, after))
    assert any(found)


def differ(one: World, other: World) -> bool:
    return any(
        not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(one, other, strict=True)
        if isinstance(a, np.ndarray) and a.dtype.kind in "fbi"
    )


def test_a_shuffled_registry_changes_nothing() -> None:
    kinds = list(EVENT_KINDS.values())
    lines = applying_lines(CHANGES), bearing_lines(CHANGES)
    for seed in range(5):
        random.Random(seed).shuffle(kinds)
        assert list(checked(kinds)) == list(EVENT_KINDS)
        shuffled = changes_of(kinds)
        assert (applying_lines(shuffled), bearing_lines(shuffled)) == lines
        assert list(changes_of(kinds)) == list(CODES)


def test_what_bears_on_interest_is_what_the_kinds_say() -> None:
    assert [name for name, code in CODES.items() if bears_on_interest(code)] == [
        "dyad-value", "membership", "overstretch", "parameter", "state-value", "validity",
    ]  # fmt: skip
    assert list(CODES) == sorted(CODES)


def test_a_traceback_shows_the_written_dispatch() -> None:
    with pytest.raises(AttributeError) as raised:
        apply_change(None, make_parameters({}), CODES["overstretch"], 0, 0, 0, 0.5)  # type: ignore[arg-type]
    shown = [frame for frame in traceback.extract_tb(raised.value.__traceback__) if frame.name == "apply_change"]
    assert [frame.line for frame in shown] == ["return apply_overstretch(world, p, i, j, k, value)"]


def test_kinds_are_classes_of_events_in_modules_of_their_own() -> None:
    assert {each.__module__.rsplit(".", 1)[0] for each in EVENT_KINDS.values()} == {"sim.model.events"}
    assert all(issubclass(each, BaseEvent) for each in EVENT_KINDS.values())
    shocks = [kind for kind, each in EVENT_KINDS.items() if issubclass(each, ShockEvent)]
    assert shocks == ["attack", "crisis"]


def test_a_set_event_reaches_the_parameters_of_a_run() -> None:
    event = {"kind": "set", "date": date(2020, 1, 5), "key": "parameters.memory_half_life", "value": 20}
    model = AllianceModel(Scenario.model_validate(merged(tables(), {"events": {"forget": event}})), rng=1)
    model.step()
    assert model.parameters.memory_half_life == 20.0
