"""Governments and their lines: given by events, drawn after the record, and what they push."""

from datetime import date

import numpy as np
import pytest

from sim.experiments.alliance_model import AllianceModel
from sim.model.events.government import form_government
from sim.model.events.leader import LEADER_MONTHS
from sim.model.world import NOBODY
from sim.rules.government import changes_government, drawn_line, set_line
from sim.rules.maths import normal
from sim.rules.posture import total_pressure
from sim.scenario import check_files
from tests.rules.readied import indices, ready
from tests.scenario.small_scenario import SMALL
from tests.worlds import built, scenario

VOTE = {"kind": "window", "treaty": "PACT", "of": "election", "state": "VIC", "date": date(2020, 6, 7)}
CHANGE = {"kind": "leader", "state": "VIC", "date": date(2020, 6, 7)}
FREE = {"record_end": date(2020, 3, 31), "parameters": {"government_hazard": 1.0}}


def lines(events, replicate=0, **over):
    """Return the line of VIC's government at the end of each month."""
    run = AllianceModel(scenario(events=events, **(FREE | over)), rng=1, replicate=replicate, collect=False)
    return run.run().values["government_line"][:, run.setup.codes.index("VIC"), 0]


def test_a_line_adds_its_weight_to_the_pressure():
    setup, world, p = ready(parameters={"ladder_government": 1.5})
    victim = setup.codes.index("VIC")
    before = total_pressure(world, p, victim, 0)
    form_government(world, p, victim, NOBODY, 0, 0.4)
    assert total_pressure(world, p, victim, 0) == pytest.approx(before + 1.5 * 0.4)
    assert world.window[victim, 0] == 0.0
    form_government(world, p, victim, NOBODY, 0, -0.4)
    assert total_pressure(world, p, victim, 0) == pytest.approx(before - 1.5 * 0.4)


@pytest.mark.parametrize(("value", "line"), [(0.2, 1.0), (-0.2, -1.0)])
def test_a_revolution_is_a_full_line_with_an_open_window(value, line):
    setup, world, p = ready()
    victim, ally = indices(setup, "VIC", "ALY")
    form_government(world, p, victim, NOBODY, 1, value)
    assert world.government_line[victim, 0] == line
    assert (world.window[victim, 0], world.window_left[victim, 0]) == (1.0, LEADER_MONTHS)
    assert (world.government_line[ally, 0], world.window[ally, 0]) == (0.0, 0.0)


def test_a_line_may_be_towards_one_guarantor_alone():
    members = ["FAR", "VIC", "ALY"]
    setup, world, _ = built(
        treaties={"OTHER": {"members": members, "guarantor": "FAR"}, "TWO": {"members": members[1:]}}
    )
    victim = setup.codes.index("VIC")
    other, pact, two = (setup.treaties.index(name) for name in ("OTHER", "PACT", "TWO"))
    set_line(world, victim, pact, 0.5)
    assert list(world.government_line[victim, [other, pact, two]]) == [0.0, 0.5, 0.0]
    set_line(world, victim, NOBODY, -0.5)
    assert list(world.government_line[victim, [other, pact, two]]) == [-0.5, -0.5, 0.0]


def test_drawn_lines_are_normal_and_stay_on_the_scale():
    _, _, p = built()
    assert normal(0.0, 0.3) == 0.0
    assert normal(1 - np.exp(-0.5), 0.0) == pytest.approx(1.0)
    assert drawn_line(p, 1 - np.exp(-0.5), 0.0) == pytest.approx(0.5)
    assert drawn_line(p, 1 - np.exp(-0.5), 0.5) == pytest.approx(-0.5)
    assert drawn_line(p, 1 - np.exp(-8.0), 0.0) == 1.0
    assert drawn_line(p, 1 - np.exp(-8.0), 0.5) == -1.0
    numbers = np.random.default_rng(1).random((4000, 2))
    found = np.array([normal(*pair) for pair in numbers])
    assert (found.mean(), found.std()) == pytest.approx((0.0, 1.0), abs=0.05)
    assert changes_government(p, p.government_hazard - 1e-9)
    assert not changes_government(p, p.government_hazard)


@pytest.mark.parametrize("event", [VOTE, CHANGE], ids=["election", "leader"])
def test_after_the_record_an_election_or_another_leader_may_bring_a_line(event):
    found = [lines({"x": event}, replicate) for replicate in range(20)]
    assert all((path[:6] == 0.0).all() for path in found)
    ends = np.array([path[-1] for path in found])
    assert len(set(ends)) == 20
    assert all((path[6:] == path[-1]).all() for path in found)
    assert (lines({"x": event}, record_end=date(2020, 6, 30)) == 0.0).all()
    assert (lines({"x": event}, parameters={"government_hazard": 0.0}) == 0.0).all()
    some = [lines({"x": event}, replicate, parameters={"government_hazard": 0.5})[-1] for replicate in range(20)]
    assert {end for end in some if end != 0.0} < set(ends)
    assert 0.0 in some


def test_other_windows_bring_no_line():
    for of in ("summit", "budget", "renewal"):
        assert (lines({"x": VOTE | {"of": of}}) == 0.0).all()


def test_an_election_in_all_members_draws_for_each_of_them_and_for_nobody_else():
    everywhere = {"kind": "window", "treaty": "PACT", "of": "election", "date": date(2020, 6, 7)}
    run = AllianceModel(scenario(events={"x": everywhere}, **FREE), rng=1, collect=False)
    ends = dict(zip(run.setup.codes, run.run().values["government_line"][-1, :, 0], strict=True))
    assert {code for code, line in ends.items() if line != 0.0} == {"VIC", "ALY"}
    assert ends["VIC"] != ends["ALY"]


def test_a_government_that_the_file_gives_is_not_drawn():
    given = {"kind": "government", "state": "VIC", "line": 0.3, "date": date(2020, 6, 7)}
    for event in (VOTE, CHANGE):
        assert lines({"a": given, "x": event})[-1] == 0.3
        assert lines({"x": event, "z": given})[-1] == 0.3
        assert lines({"a": given | {"date": date(2020, 6, 6)}, "x": event})[-1] != 0.3
        assert lines({"a": given | {"state": "ALY"}, "x": event})[-1] != 0.0


def test_weeks_and_months_draw_at_the_same_elections():
    assert (lines({"x": VOTE}, step="week") != 0.0).any()


@pytest.mark.parametrize(
    ("keys", "key", "words"),
    [
        ('state = "CLA", line = 0.0, revolution = true', "line", "a line of 0 has no direction"),
        ('state = "CLA", line = 1.5', "line", "1.5"),
        ('state = "PAT", line = 0.5', "state", "PAT is the guarantor of 'PACT'"),
        ('state = "PAT", line = 0.5, treaty = "PACT"', "state", "PAT is the guarantor of 'PACT'"),
        ('state = "FAR", line = 0.5', "state", "in no treaty whose members climb a ladder"),
        ('state = "FAR", line = 0.5, treaty = "PACT"', "state", "FAR is not a member of 'PACT'"),
        ('state = "CLA", line = 0.5, treaty = "PAKT"', "treaty", "did you mean 'PACT'"),
        ('state = "CLX", line = 0.5', "state", "there is no state 'CLX'"),
    ],
)  # fmt: skip
def test_a_government_that_cannot_be_meant_is_refused(keys, key, words, tmp_path):
    path = tmp_path / "scenario.toml"
    path.write_text(SMALL.replace("[events]", f'[events]\nx = {{ date = 2022-01-01, kind = "government", {keys} }}'))
    (problem,) = check_files([path])
    assert problem.key == f"events.x.{key}"
    assert words in str(problem)


def test_a_line_towards_a_treaty_without_a_ladder_is_refused(tmp_path):
    path = tmp_path / "scenario.toml"
    event = 'x = { date = 2022-01-01, kind = "government", state = "CLA", line = 0.5, treaty = "TWO" }'
    treaty = '[treaties.TWO]\nmembers = ["CLA", "FAR"]\nclauses.help = { article = "1" }\n\n[events]'
    path.write_text(SMALL.replace("[events]", f"{treaty}\n{event}"))
    (problem,) = check_files([path])
    assert problem.key == "events.x.treaty"
    assert "members of 'TWO' climb no ladder; allowed: PACT" in str(problem)
