"""Coverage of the shipped cases comes from place, kind and clauses alone."""

from pathlib import Path

import pytest

from sim.engine.setup import prepare
from sim.model.events.attack import Attack, Crisis
from sim.rules.coverage import clause_coverage, coverage, perceived_location, refresh_bonds, survives_veto
from sim.scenario import load
from sim.scenario.overrides import with_overrides

KARABAKH = Path(__file__).parents[2] / "scenarios" / "karabakh-2023.toml"
DEFENCE = ("CSTO", "aggression")


@pytest.fixture(scope="module")
def shipped():
    return load(KARABAKH)


def verdicts(scenario, reader):
    """Return L of the CSTO's defence clause by event, as one state reads it at the start of the run."""
    setup = prepare(scenario, None)
    world = setup.world(setup.parameters)
    clause = setup.clauses.index(DEFENCE)
    who = setup.codes.index(reader)
    return {
        shock.name: clause_coverage(world, shock.case, clause, perceived_location(world, shock.case, who))
        for shocks in setup.shocks
        for shock in shocks
    }


@pytest.mark.parametrize(
    ("event", "victim_reads", "guarantor_reads"),
    [
        ("war-2020", 0.0, 0.0),
        ("offensive-2023", 0.0, 0.0),
        ("incursion-may-2021", 0.5, 0.5),
        ("attack-2022", 1.0, 0.5),
        ("kazakhstan-2022", 0.7, 0.7),
        ("batken-2021", 0.0, 0.0),
        ("batken-2022", 0.0, 0.0),
        ("kursk-2024", 1.0, 1.0),
    ],
)
def test_verdicts_of_the_shipped_cases(shipped, event, victim_reads, guarantor_reads):
    assert verdicts(shipped, "ARM")[event] == victim_reads
    assert verdicts(shipped, "RUS")[event] == guarantor_reads


def test_the_statement_of_2020_covers_karabakh_for_russia_alone(shipped):
    setup = prepare(shipped, "as-happened")
    world = setup.world(setup.parameters)
    statement = setup.treaties.index("STATEMENT-2020")
    case = next(shock.case for shocks in setup.shocks for shock in shocks if shock.name == "offensive-2023")
    rus, kaz, arm, aze = (setup.codes.index(code) for code in ("RUS", "KAZ", "ARM", "AZE"))
    assert coverage(world, case, rus, rus) == 0.0
    world.in_force[statement] = True
    for state in range(len(setup.codes)):
        refresh_bonds(world, state)
    assert coverage(world, case, rus, rus) == 1.0
    assert survives_veto(world, case, rus)
    assert coverage(world, case, kaz, kaz) == 0.0
    world.recognised[arm, case.place] = aze
    assert coverage(world, case, rus, rus) == 0.5


def test_names_and_dates_of_the_attacks_change_no_verdict(shipped):
    attacks = [name for name, event in shipped.events.items() if isinstance(event, Attack | Crisis)]
    turned = attacks[1:] + attacks[:1]
    dates = {name: shipped.events[other].date for name, other in zip(attacks, turned, strict=True)}
    moved = {
        f"renamed-{index}": shipped.events[name].model_copy(update={"date": dates[name]})
        for index, name in enumerate(attacks)
    }
    rest = {
        name: event
        for name, event in shipped.events.items()
        if name not in attacks and event.because_of not in attacks and getattr(event, "to", None) not in attacks
    }
    permuted = shipped.model_copy(update={"events": {**rest, **moved}})
    for reader in ("ARM", "RUS", "KAZ"):
        before, after = verdicts(shipped, reader), verdicts(permuted, reader)
        assert [before[name] for name in attacks] == [after[f"renamed-{index}"] for index in range(len(attacks))]


def test_an_override_in_the_file_settles_coverage(shipped):
    setup = prepare(with_overrides(shipped, {"events.attack-2022.coverage": 0.25}), None)
    world = setup.world(setup.parameters)
    case = next(shock.case for shocks in setup.shocks for shock in shocks if shock.name == "attack-2022")
    rus, arm = setup.codes.index("RUS"), setup.codes.index("ARM")
    assert coverage(world, case, rus, rus) == coverage(world, case, rus, arm) == 0.25
