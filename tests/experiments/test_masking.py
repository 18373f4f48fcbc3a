"""Taking events out of a prepared branch is what `drop` does."""

from datetime import date

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.masking import Masking, shortened
from sim.model.events.call import Response
from sim.scenario import Scenario, load, with_overrides
from sim.scenario.branches import acts_on, branch_names
from sim.scenario.expressions import Path
from sim.scenario.schema import Branch

KARABAKH = "scenarios/karabakh-2023.toml"
SMALL = "tests/experiments/small.toml"
COURSE = (Path("ARM", "posture"), Path("ARM", "trust", "RUS"), Path("CSTO", "credibility"), Path("ARM", "approval"))


@pytest.fixture(scope="module")
def karabakh() -> Scenario:
    return load(KARABAKH)


@pytest.fixture(scope="module")
def whole(karabakh: Scenario) -> Setup:
    return prepare(karabakh, "as-happened")


def dropped(scenario: Scenario, names) -> Setup:
    """Return the branch that a file with `drop` gives."""
    return prepare(scenario.model_copy(update={"branches": {"less": Branch(drop=list(names))}}), "less")


def without_stepping_in(scenario: Scenario, names) -> list[str]:
    """Return events to drop such that no treaty's row can step in for an ally that has lost its own."""
    lost = {scenario.events[name].to for name in names if isinstance(scenario.events[name], Response)}
    rows = [
        name
        for name, event in scenario.events.items()
        if isinstance(event, Response) and event.state in scenario.treaties and event.to in lost
    ]
    return [*names, *rows]


def same_timetable(one: Setup, other: Setup) -> bool:
    """Tell whether two setups follow the same timetable, value for value."""
    return repr(one.changes) == repr(other.changes) and repr(one.shocks) == repr(other.shocks)


def test_any_events_taken_out_give_the_timetable_of_a_branch_that_drops_them(karabakh: Scenario, whole: Setup):
    names = sorted(karabakh.events)
    generator = np.random.default_rng(11)
    masking = Masking(whole)
    for size in (1, 2, 5, 20, 60, len(names)):
        for _ in range(4):
            picked = without_stepping_in(karabakh, generator.choice(names, size=size, replace=False).tolist())
            masked, ordinary = masking.without(masking.gone(picked)), dropped(karabakh, picked)
            assert same_timetable(masked, ordinary)
            assert masked.scenario.events.keys() == ordinary.scenario.events.keys()
    assert not same_timetable(masking.without(masking.gone(["war-2020"])), whole)


def test_nothing_taken_out_leaves_the_branch_as_it_is(whole: Setup):
    masking = Masking(whole)
    assert masking.gone(()) == frozenset()
    assert same_timetable(masking.without(frozenset()), whole)


def test_masked_branches_run_as_dropped_ones_in_both_engines(karabakh: Scenario, whole: Setup):
    masking = Masking(whole)
    picked = ["attack-2022", "ukraine-war", "recognition"]
    masked, ordinary = masking.without(masking.gone(picked)), dropped(karabakh, picked)
    runs = [Program(setup, COURSE).run(5, np.arange(20)).values for setup in (masked, ordinary, whole)]
    assert runs[0].tobytes() == runs[1].tobytes()
    assert runs[0].tobytes() != runs[2].tobytes()
    small = load(SMALL)
    plain = prepare(small, "as-it-was")
    cut = Masking(plain).without({"answer"})
    for replicate in range(3):
        first, second = (
            AllianceModel(setup, rng=3, replicate=replicate).run() for setup in (cut, prepare(small, "they-decide"))
        )
        np.testing.assert_array_equal(first.values["trust"], second.values["trust"])


def test_without_an_attack_nothing_that_is_because_of_it_is_left(whole: Setup):
    masking = Masking(whole)
    gone = masking.gone(["offensive-2023"])
    assert {
        "no-call-2023",
        "appeal-peacekeepers-2023",
        "russia-2023",
        "allies-2023",
        "exodus-2023",
        "putin-2023",
    } <= gone
    masked = masking.without(gone)
    assert not gone & {change.name for tick in masked.changes for change in tick}
    assert "offensive-2023" not in {shock.name for tick in masked.shocks for shock in tick}


def test_without_its_response_an_ally_decides_and_no_row_of_the_treaty_steps_in(whole: Setup):
    russia, belarus = (whole.codes.index(code) for code in ("RUS", "BLR"))

    def fixed(setup: Setup, name: str) -> set[int]:
        (shock,) = (shock for tick in setup.shocks for shock in tick if shock.name == name)
        return {row.ally for row in shock.fixed}

    masking = Masking(whole)
    alone = masking.without(masking.gone(["russia-2020"]))
    assert {russia, belarus} <= fixed(whole, "war-2020")
    assert russia not in fixed(alone, "war-2020")
    assert belarus in fixed(alone, "war-2020")
    assert russia in fixed(alone, "attack-2022")
    others = masking.without(masking.gone(["allies-2020"]))
    assert fixed(others, "war-2020") == {russia}
    model = AllianceModel(masking.without(masking.gone(["russia-2022"])), rng=1)
    model.run()
    answers = {answer.ally: answer for call in model.calls if call.event == "attack-2022" for answer in call.responses}
    assert not answers["RUS"].fixed
    assert answers["BLR"].fixed


def test_a_shortened_branch_runs_as_before_until_its_end(whole: Setup):
    short = shortened(whole, 40)
    assert len(short.calendar.starts) == 40
    long, cut = (Program(setup, COURSE).run(5, np.arange(10)).values for setup in (whole, short))
    assert cut.tobytes() == long[:, :41].tobytes()
    assert same_timetable(shortened(whole, 500), whole)
    masking = Masking(short)
    last = short.calendar.ends[-1]
    assert masking.gone(["summit-2024"]) == frozenset()
    assert all(acts_on(whole.scenario, whole.scenario.events[name]) <= last for name in masking.acting)
    assert "no-call-kursk" not in masking.acting


EDITS = {
    "war-2020.severity": 0.3,
    "russia-may-2021.response": "forces",
    "belarus-2022.response": "forces",
    "ukraine-war.value": 0.1,
    "recognition.as": "ARM",
    "offensive-2023.severity": 0.1,
    "exodus-2023.value": 10,
    "summit-2024.of": "renewal",
}


@pytest.mark.parametrize("edit", EDITS)
def test_editing_an_event_leaves_every_trace_before_it_byte_identical(karabakh: Scenario, whole: Setup, edit: str):
    changed = with_overrides(karabakh, {f"events.{edit}": EDITS[edit]})
    name = edit.partition(".")[0]
    day = acts_on(karabakh, karabakh.events[name])
    dates = whole.calendar.dates
    before = sum(date < day for date in dates)
    paths = [*COURSE, *(Path(code, "trust", other) for code in whole.codes for other in whole.codes if code != other)]
    first, second = (
        Program(setup, paths).run(9, np.arange(8)).values for setup in (whole, prepare(changed, "as-happened"))
    )
    assert first[:, :before].tobytes() == second[:, :before].tobytes()
    assert first[:, before:].tobytes() != second[:, before:].tobytes()


def test_the_same_in_the_mesa_engine():
    small = load(SMALL)
    changed = with_overrides(small, {"events.raid.severity": 0.2})
    runs = [AllianceModel(prepare(each, "as-it-was"), rng=3).run() for each in (small, changed)]
    before = sum(day < date(2021, 4, 13) for day in runs[0].dates)
    for name, values in runs[0].values.items():
        assert values[:before].tobytes() == runs[1].values[name][:before].tobytes()
    assert runs[0].values["trust"][before:].tobytes() != runs[1].values["trust"][before:].tobytes()


def test_branches_keep_what_they_say_when_masked(karabakh: Scenario):
    for branch in branch_names(karabakh):
        setup = prepare(karabakh, branch)
        assert same_timetable(Masking(setup).without(frozenset()), setup)
