import numpy as np
import pytest

from sim.engine.ensemble import Batch
from sim.engine.setup import prepare
from sim.evidence.calibration.generic import NEIGHBOURS, SIZES, YEARS, generic_world
from sim.evidence.calibration.reference_class import COUNTS, STATISTICS, WorldPrograms, count
from sim.experiments.parameters.priors import NAMES, prior_draws, with_values
from sim.words import FORCES, MISSION, OUT

WORLD = generic_world(1)
MONTHS = 12 * YEARS


def test_every_state_is_in_exactly_one_pact():
    members = [code for treaty in WORLD.scenario.treaties.values() for code in treaty.members]
    assert sorted(members) == sorted(WORLD.codes)
    assert [len(treaty.members) for treaty in WORLD.scenario.treaties.values()] == list(SIZES)
    for number, treaty in enumerate(WORLD.scenario.treaties.values()):
        assert {WORLD.codes[n] for n in np.flatnonzero(WORLD.pact == number)} == set(treaty.members)
        assert treaty.guarantor == max(treaty.members, key=lambda code: WORLD.scenario.states[code].capability.at(1950))


def test_the_names_stand_in_the_order_of_the_engine():
    assert prepare(WORLD.scenario).codes == WORLD.codes


def test_who_may_leave_are_the_clients_of_the_larger_pacts():
    assert len(WORLD.joined) == sum(size - 1 for size in SIZES if size > 2)
    assert not {code for code, _ in WORLD.joined} & {treaty.guarantor for treaty in WORLD.scenario.treaties.values()}


def test_neighbours_are_neighbours_both_ways_and_pairs_stand_once():
    near = prepare(WORLD.scenario).first.contiguous
    assert (near == near.T).all()
    assert (near.sum(axis=1) >= NEIGHBOURS).all()
    assert len(WORLD.pairs) * 2 == near.sum()
    assert all(near[one, other] and one < other for one, other in WORLD.pairs)


def test_equal_seeds_give_equal_worlds():
    assert generic_world(1).scenario == WORLD.scenario
    assert generic_world(2).scenario != WORLD.scenario


def counted(
    rows: list[tuple[float, ...]], out: tuple[tuple[int, int], ...] = (), runs: int = 1
) -> dict[str, np.ndarray]:
    """Count a log of (run, tick, victim, aggressor, severity, ally, coverage, level); ``out`` has (member, month)."""
    log = np.zeros((len(rows), 12))
    answered = np.array([int(row[0]) for row in rows], dtype=np.int64)
    for place, (_, tick, victim, aggressor, severity, ally, coverage, level) in enumerate(rows):
        log[place] = (tick, -1, victim, aggressor, severity, 1, ally, coverage, level, level, 0, 0)
    values = np.zeros((runs, MONTHS + 1, len(WORLD.joined)))
    for member, month in out:
        values[0, month:, member] = OUT
    found = count(WORLD, Batch(values, log, answered))
    return dict(zip(COUNTS, found.T, strict=True))


def large() -> tuple[int, int, list[int]]:
    """Return two members of the largest pact that are neighbours of somebody, and all its members."""
    inside = [int(n) for n in np.flatnonzero(WORLD.pact == 0)]
    return inside[0], inside[1], inside


def test_honouring_is_counted_strictly_leniently_and_by_ally():
    one, other = (int(n) for n in WORLD.pairs[0])
    allies = [n for n in range(len(WORLD.codes)) if n not in (one, other)][:3]
    some = [
        (0, 5, one, other, 0.8, ally, 1.0, level) for ally, level in zip(allies, (FORCES, MISSION, FORCES), strict=True)
    ]
    all_of_them = [(0, 9, one, other, 0.8, ally, 1.0, FORCES) for ally in allies]
    small = [(0, 20, one, other, 0.3, ally, 1.0, FORCES) for ally in allies]  # no war
    unclear = [(0, 30, one, other, 0.8, ally, 0.5, FORCES) for ally in allies]  # not triggered
    found = counted([*some, *all_of_them, *small, *unclear])
    assert [found[name][0] for name in ("wars", "strict", "lenient", "owed", "given")] == [2, 1, 2, 6, 5]
    assert [found[name][0] for name in ("attacks", "clear")] == [4, 3]
    assert found["wars2"][0] + found["wars3"][0] == 2
    inside = WORLD.pact[one] == WORLD.pact[other]
    assert found["episodes"][0] == (4 if inside else 8)
    assert found["inside"][0] == (4 if inside else 0)


def test_fights_soon_after_a_fight_are_told_from_those_after_a_long_peace():
    one, other = (int(n) for n in WORLD.pairs[0])
    ally = next(n for n in range(len(WORLD.codes)) if n not in (one, other))
    found = counted([(0, tick, one, other, 0.3, ally, 1.0, 0) for tick in (100, 106, 400)])
    # the first comes out of a peace as long as the record, the second six months later, the third after 294 months
    assert (found["recent"][0], found["quiet"][0]) == (1, 2)
    assert found["recent_at"][0] == 6 + 12 + 12  # months after each fight, cut by the second
    exposed = (len(WORLD.pairs) - 1) * MONTHS + 101 + (400 - 106 - 240)
    assert found["quiet_at"][0] == exposed


def test_either_side_makes_the_same_fight():
    one, other = (int(n) for n in WORLD.pairs[0])
    ally = next(n for n in range(len(WORLD.codes)) if n not in (one, other))
    found = counted([(0, 100, one, other, 0.3, ally, 1.0, 0), (0, 103, other, one, 0.3, ally, 1.0, 0)])
    assert found["recent"][0] == 1


def test_first_exits_and_years_at_risk():
    found = counted([(0, 5, *(int(n) for n in WORLD.pairs[0]), 0.3, 2, 1.0, 0)], out=((0, 24), (1, 20 * 12)))
    members = len(WORLD.joined)
    assert (found["young"][0], found["old"][0], found["exits"][0]) == (1, 1, 2)
    assert found["exits_at"][0] == pytest.approx((members - 2) * YEARS + 2 + 20)


def test_runs_are_counted_apart():
    one, other = (int(n) for n in WORLD.pairs[0])
    ally = next(n for n in range(len(WORLD.codes)) if n not in (one, other))
    rows = [(0, 5, one, other, 0.8, ally, 1.0, 4), (1, 5, one, other, 0.8, ally, 1.0, 0)]
    found = counted(rows, runs=2)
    assert found["strict"].tolist() == [1, 0]
    assert found["wars"].tolist() == [1, 1]


@pytest.fixture(scope="module")
def programs() -> WorldPrograms:
    return WorldPrograms([WORLD])


def test_without_a_pull_of_power_nothing_deters_and_more_pull_deters_more(programs: WorldPrograms):
    sets = prior_draws(3, seed=1)
    rows = np.concatenate([with_values(sets[:1], {"challenge_power": value}) for value in (0.0, 0.5, 1.5)])
    found = programs.statistics(np.zeros((3, len(COUNTS))), rows)[:, STATISTICS.index("deterrence")]
    assert found[0] == 0.0
    assert 0.0 < found[1] < found[2] < 0.3


def test_where_nothing_was_counted_there_is_no_statistic(programs: WorldPrograms):
    found = programs.statistics(np.zeros((1, len(COUNTS))), prior_draws(1, seed=1))[0]
    assert np.isnan(found[STATISTICS.index("honoured_strict")])
    assert np.isnan(found[STATISTICS.index("exit_hazard")])


def test_an_ally_that_pays_nothing_for_force_honours_more(programs: WorldPrograms):
    sets = prior_draws(1, seed=1)
    eager = {"force_cost": 0.2, "reputation_return": 1.0, "audience_cost": 0.8, "overstretch_cost": 0.0,
             "response_precision": 10.0, "call_base": 2.0, "distance_cost": 0.0}  # fmt: skip
    reluctant = eager | {"force_cost": 2.0, "reputation_return": 0.0, "audience_cost": 0.0}
    shares = []
    for values in (eager, reluctant):
        rows = np.repeat(with_values(sets, values), 32, axis=0)
        assert rows.shape == (32, len(NAMES))
        counts = programs.counts(1, np.arange(32), rows, 1).sum(axis=0)[None]
        shares.append(programs.statistics(counts, rows[:1])[0, STATISTICS.index("honoured_by_ally")])
    assert shares[0] > 0.2
    assert shares[1] < 0.02
