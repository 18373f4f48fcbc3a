"""The blocs of scenarios: what is read from where, and when."""

from datetime import date
from typing import Any

import numpy as np
import pytest

import sim
from sim.analysis.alignment import make_landscape
from sim.analysis.blocs import Blocs, find_blocs
from sim.errors import InputError
from tests.worlds import scenario

TIES = {
    "BIG": {"VIC": {"ties": 0.5}, "FAR": {"ties": -0.5}, "FOE": {"ties": -0.1}},
    "VIC": {"FOE": {"ties": -1.0}},
    "FOE": {"FAR": {"ties": 0.4}},
    "ALY": {"FOE": {"ties": 0.0}},
}


def blocs(when: str = "start", states: tuple[str, ...] = (), **over: Any) -> Blocs:
    return find_blocs(scenario(**{"dyads": TIES, **over}), None, when, states)


def sides(found: Blocs) -> list[set[frozenset[str]]]:
    return [set(map(frozenset, each.sides)) for each in found.minima]


def setting(key: str, value: float, **over: Any) -> dict[str, Any]:
    return {"events": {"change": {"date": date(2020, 5, 20), "kind": "set", "key": key, "value": value, **over}}}


def test_ties_make_two_blocs_and_leave_out_who_has_none():
    found = blocs()
    assert sides(found) == [{frozenset({"BIG", "VIC"}), frozenset({"FAR", "FOE"})}]
    assert found.unattached == ("ALY",)
    assert found.configurations == found.minima[0].basin == 8
    assert found.uncoded == 1  # VIC and FAR
    assert (found.day, found.warnings) == (date(2020, 1, 1), ())


def test_sizes_are_shares_of_capability():
    found = blocs()
    total = 0.04 + 0.001 + 0.002 + 0.01
    assert found.sizes == pytest.approx({"BIG": 0.04 / total, "FAR": 0.01 / total, "FOE": 0.002 / total,
                                         "VIC": 0.001 / total})  # fmt: skip
    held = found.minima[0].holds
    assert held["VIC"] == pytest.approx((0.5 * 0.04 + 1.0 * 0.002) / total)


def test_both_directions_count_alike_and_one_alone_in_full():
    alone = blocs(dyads={"BIG": {"VIC": {"ties": -0.4}}})
    assert alone.minima[0].energy == pytest.approx(2 * alone.sizes["BIG"] * alone.sizes["VIC"] * -0.4)
    both = blocs(dyads={"BIG": {"VIC": {"ties": -0.4}}, "VIC": {"BIG": {"ties": -0.2}}})
    assert both.minima[0].energy == pytest.approx(alone.minima[0].energy * 0.75)


def test_series_and_set_events_are_read_at_the_end_of_a_month():
    turned = setting("dyads.BIG.FAR.ties", 0.9)
    assert sides(blocs("2020-04", **turned)) == sides(blocs(**turned)) == sides(blocs())
    for when in ("2020-05", "2020-12", "end"):
        assert sides(blocs(when, **turned)) == [{frozenset({"BIG", "VIC", "FAR"}), frozenset({"FOE"})}]
    assert blocs("2020-05", **turned).day == date(2020, 5, 31)
    series = {"dyads": {**TIES, "BIG": {**TIES["BIG"], "FAR": {"ties": {"2020": -0.5, "2021": 0.9}}}}}
    long = {"end": date(2021, 12, 31), **series}
    assert sides(blocs("2020-12", **long)) != sides(blocs("2021-01", **long))


def test_an_event_can_code_a_pair_that_had_no_ties():
    coded = setting("dyads.VIC.FAR.ties", -0.3)
    assert [blocs(when, **coded).uncoded for when in ("start", "end")] == [1, 0]


def test_what_only_a_run_can_tell_is_left_out_and_said():
    maybe = setting("dyads.BIG.FAR.ties", 0.9, only_if="VIC.posture >= voice")
    assert sides(blocs("end", **maybe)) == sides(blocs())
    assert blocs("start", **maybe).warnings == ()
    assert [warning.rpartition(" ")[2] for warning in blocs("end", **maybe).warnings] == ["change"]


def test_some_states_alone():
    found = blocs(states=("FOE", "VIC"))
    assert list(found.sizes) == ["FOE", "VIC"]
    assert sides(found) == [{frozenset({"FOE"}), frozenset({"VIC"})}]


def test_capability_and_ties_are_those_of_a_run():
    loaded = sim.load("scenarios/karabakh-2023.toml")
    run = sim.AllianceModel(loaded, branch="as-happened", rng=loaded.seed, collect=False, decisions=False)
    for _ in range(30):
        run.step()
    found = find_blocs(loaded, "as-happened", f"{run.date:%Y-%m}")
    assert (found.day, found.unattached) == (run.date, ())
    capability = run.world.capability
    assert list(found.sizes.values()) == pytest.approx(list(capability / capability.sum()))
    coded = np.array(
        [
            [one in loaded.dyads and other in (row := loaded.dyads[one]) and row[other].ties is not None
             for other in run.setup.codes]
            for one in run.setup.codes
        ]
    )  # fmt: skip
    ties = (run.world.ties + run.world.ties.T) / np.maximum(1, coded.astype(int) + coded.T)
    assert make_landscape(run.setup.codes, capability / capability.sum(), ties).minima() == found.minima


def test_a_branch_has_blocs_of_its_own():
    turned = {"dyads": {"BIG": {"FAR": {"ties": 0.9}}}}
    both = scenario(dyads=TIES, branches={"friends": turned})
    assert sides(find_blocs(both, "friends")) != sides(find_blocs(both))
    with pytest.raises(InputError, match=r"no branch 'freinds'.*did you mean 'friends'"):
        find_blocs(both, "freinds")


@pytest.mark.parametrize("when", ["2019-12", "2021-01", "2020", "2020-5", "05-2020", ""])
def test_months_outside_the_period(when: str):
    with pytest.raises(InputError, match=r"allowed: 2020-01\.\.2020-12, start, end"):
        blocs(when)


def test_states_that_there_are_not():
    with pytest.raises(InputError, match=r"no state 'BGI'.*did you mean 'BIG'"):
        blocs(states=("VIC", "BGI"))


def test_without_ties_there_are_no_blocs():
    with pytest.raises(InputError, match="there are no blocs"):
        blocs(states=("ALY", "BIG"))


def test_too_many_states():
    codes = [f"S{first}{second}" for first in "ABCDE" for second in "ABCDE"]
    many: dict[str, Any] = {
        "states": {code: {"capability": 0.01} for code in codes},
        "dyads": {code: {"BIG": {"ties": 0.5}} for code in codes},
    }
    with pytest.raises(InputError, match="choose them with --state"):
        find_blocs(scenario(**many))
    assert find_blocs(scenario(**many), states=[*codes[:3], "BIG"]).configurations == 8
