"""Coverage comes from place, kind and clauses alone."""

import pytest

from sim.model.world import CONSULT, DEFEND, NOBODY
from sim.rules.coverage import bound, coverage, duty, duty_strength, obliged, owes, refresh_bonds, survives_veto
from sim.rules.posture import move_to
from sim.words import FREEZE, OUT
from tests.worlds import attack, built


@pytest.mark.parametrize(
    ("place", "expected"),
    [(None, 1.0), ("VIC", 1.0), ("Border", 0.5), ("Enclave", 0.0), ("Hill", 1.0), ("FAR", 0.0)],
)
def test_places_map_to_coverage(place, expected):
    setup, world, _ = built()
    big = setup.codes.index("BIG")
    assert coverage(world, attack(setup, place), big, big) == expected


def test_readings_differ_where_a_member_disputes_a_place():
    setup, world, _ = built()
    big, ally, victim = (setup.codes.index(code) for code in ("BIG", "ALY", "VIC"))
    case = attack(setup, "Hill")
    assert coverage(world, case, big, victim) == 1.0
    assert coverage(world, case, big, ally) == 0.5


@pytest.mark.parametrize(("foreign", "expected"), [(False, 0.2), (True, 0.7)])
def test_unrest_is_covered_less_than_attack(foreign, expected):
    setup, world, _ = built()
    big = setup.codes.index("BIG")
    case = attack(setup, aggressor=NOBODY, unrest=True, foreign=foreign)
    assert coverage(world, case, big, big) == expected


def test_an_attack_by_a_fellow_member_is_not_covered():
    setup, world, _ = built()
    big, ally = setup.codes.index("BIG"), setup.codes.index("ALY")
    assert coverage(world, attack(setup, aggressor=ally), big, big) == 0.0
    assert not obliged(world, attack(setup, aggressor=ally), ally)


def test_the_firmest_clause_that_obliges_gives_the_strength_of_a_duty_and_no_coverage():
    clauses = {"aggression": {"strength": 0.6}, "talks": {"strength": 0.9}}
    more = {"LOOSE": {"members": ["BIG", "VIC"], "clauses": {"aid": {"article": "1", "strength": 0.4}}}}
    setup, world, _ = built(treaties={"PACT": {"clauses": clauses}, **more})
    big, ally = setup.codes.index("BIG"), setup.codes.index("ALY")
    assert duty_strength(world, attack(setup), big) == 0.6
    assert duty_strength(world, attack(setup, consult=True), big) == 0.9
    assert duty_strength(world, attack(setup, victim=ally, consult=True), big) == 0.9
    assert coverage(world, attack(setup), big, big) == 1.0
    move_to(world, setup.codes.index("VIC"), setup.treaties.index("PACT"), OUT)
    for state in range(len(setup.codes)):
        refresh_bonds(world, state)
    assert duty_strength(world, attack(setup), big) == 0.4
    assert duty_strength(world, attack(setup), ally) == 0.0


def test_a_file_may_override_coverage():
    setup, world, _ = built()
    big = setup.codes.index("BIG")
    assert coverage(world, attack(setup, "Enclave", override=0.4), big, big) == 0.4


UNDERTAKING = {
    "treaties": {
        "WORD": {
            "members": ["BIG", "VIC"],
            "obligors": ["BIG"],
            "guarantor": "BIG",
            "clauses": {
                "guard": {
                    "article": "1",
                    "coverage": {"recognised": 0.0, "border": 0.0, "places": {"Enclave": 1.0}},
                }
            },
        }
    }
}


def test_an_undertaking_covers_a_place_by_name_and_only_that():
    setup, world, _ = built(**UNDERTAKING)
    big, ally, victim = (setup.codes.index(code) for code in ("BIG", "ALY", "VIC"))
    case = attack(setup, "Enclave")
    assert coverage(world, case, big, big) == 1.0
    assert coverage(world, case, ally, ally) == 0.0
    assert survives_veto(world, case, big)
    assert not survives_veto(world, attack(setup, "Border"), big)
    assert not owes(world, victim, big, setup.treaties.index("WORD"))


def test_recognition_by_the_victim_weakens_an_undertaking():
    setup, world, _ = built(**UNDERTAKING)
    big, victim, foe = (setup.codes.index(code) for code in ("BIG", "VIC", "FOE"))
    world.recognised[victim, setup.places.index("Enclave")] = foe
    case = attack(setup, "Enclave")
    assert coverage(world, case, big, big) == 0.5
    assert coverage(world, case, big, victim) == 0.5


def test_talks_are_owed_when_only_talks_are_asked():
    setup, world, _ = built()
    big = setup.codes.index("BIG")
    assert duty(world, attack(setup), big) == DEFEND
    assert duty(world, attack(setup, consult=True), big) == CONSULT


def test_a_state_that_left_owes_nothing_and_is_owed_nothing():
    setup, world, _ = built()
    big, victim, ally = (setup.codes.index(code) for code in ("BIG", "VIC", "ALY"))
    treaty = setup.treaties.index("PACT")
    assert owes(world, big, victim, treaty)
    assert owes(world, victim, ally, treaty)
    assert not move_to(world, victim, treaty, FREEZE)
    assert bound(world, victim, treaty)
    assert move_to(world, victim, treaty, OUT)
    for state in range(len(setup.codes)):
        refresh_bonds(world, state)
    assert not owes(world, big, victim, treaty)
    assert not owes(world, victim, ally, treaty)
    assert not obliged(world, attack(setup), big)
    assert world.audience[big] == 0.0  # one client is left, nobody else watches
