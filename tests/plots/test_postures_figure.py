from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.dates import date2num

from sim.errors import InputError
from sim.output.intervals import paired_bootstrap, wilson
from sim.plots import record
from sim.plots.postures import asked_by, posture_shares, postures, reached_by
from sim.plots.style import POSTURE_COLOURS
from sim.result import Result
from sim.scenario import Scenario
from sim.words import FREEZE, POSTURES
from tests.plots.drawn import faults, whole_text
from tests.plots.making import result


def stacks(figure, panel: int) -> dict[str, PolyCollection]:
    found = [c for c in figure.axes[panel].collections if isinstance(c, PolyCollection)]
    return {c.get_label(): c for c in found}


def test_shares_are_counts_and_stack_to_one(made: Result) -> None:
    shares = posture_shares(made, "as-happened", "ARM")
    ranks = made.posture.sel(branch="as-happened", state="ARM").values
    assert shares.shape == (6, 85)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    assert shares[3, 60] == pytest.approx((ranks[:, 60] == 3).mean())


def test_each_panel_stacks_six_postures_from_zero_to_one(steep: Result) -> None:
    figure = postures(steep, "ARM")
    for panel, branch in enumerate(("as-happened", "russia-sends-forces-2022")):
        found = stacks(figure, panel)
        assert list(found) == list(POSTURES)
        tops = np.cumsum(posture_shares(steep, branch, "ARM"), axis=0)
        for rank, posture in enumerate(POSTURES):
            corners = found[posture].get_paths()[0].vertices
            at = np.isclose(corners[:, 0], date2num(steep.dates[-1]))
            assert corners[at, 1].max() == pytest.approx(tops[rank, -1])
            assert tuple(found[posture].get_facecolor()[0]) == to_rgba(POSTURE_COLOURS[posture])
        assert tops[-1, -1] == pytest.approx(1.0)


def test_time_before_membership_is_left_open(made: Result) -> None:
    data = made.data.copy(deep=True)
    data["posture"][:, :, :10, 1] = -1
    late = replace(made, data=data)
    shares = posture_shares(late, "as-happened", "ARM")
    assert np.isnan(shares[:, :10]).all()
    np.testing.assert_allclose(shares[:, 10:].sum(axis=0), 1.0)
    assert len(postures(late, "ARM").axes[0].patches) == 1


def test_by_counts_a_freeze_that_was_undone(made: Result) -> None:
    data = made.data.copy(deep=True)
    data["posture"][:] = 0
    data["posture"][0, :30, 50, 1] = FREEZE
    undone = replace(made, data=data)
    day = made.days[60]
    assert reached_by(undone, "as-happened", "ARM", FREEZE, day).sum() == 30
    assert reached_by(undone, "as-happened", "ARM", FREEZE, made.days[49]).sum() == 0
    text = whole_text(postures(undone, "ARM"))
    assert "freeze or beyond by Dec 2024: 30 % (23 to 38 %)" in text
    assert "still or again there at that time: 0 % (0 to 3 %)" in text


def test_prints_chance_interval_and_paired_difference(made: Result) -> None:
    day = date(2024, 12, 31)
    first = reached_by(made, "as-happened", "ARM", FREEZE, day)
    second = reached_by(made, "agents-decide", "ARM", FREEZE, day)
    figure = postures(made, "ARM", branches=("as-happened", "agents-decide"))
    text = whole_text(figure).replace("\N{MINUS SIGN}", "-")
    assert 0.02 < second.mean() < first.mean() < 0.98
    for froze in (first, second):
        low, high = wilson(froze.sum(), 100)
        assert (
            f"freeze or beyond by Dec 2024: {100 * froze.mean():.0f} % ({100 * low:.0f} to {100 * high:.0f} %)" in text
        )
    low, high = paired_bootstrap(second - first)
    assert "less \N{LEFT DOUBLE QUOTATION MARK}as happened" in text
    assert f"{100 * (second - first).mean():.0f} points ({100 * low:.0f} to {100 * high:.0f} points)" in text


def test_date_of_the_chance_can_be_chosen(made: Result) -> None:
    figure = postures(made, "ARM", by=date(2022, 6, 30))
    assert "by Jun 2022" in whole_text(figure)
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() != "-"]
    assert dashed[0].get_xdata()[0] == date2num(date(2022, 6, 30))
    with pytest.raises(InputError, match="no tick ends by 2019-01-01"):
        postures(made, "ARM", by=date(2019, 1, 1))


def test_record_is_a_strip_under_the_first_panel(made: Result) -> None:
    figure = postures(made, "ARM")
    strip, panel = figure.axes[2], figure.axes[0]
    assert strip.get_position().x0 == pytest.approx(panel.get_position().x0)
    assert strip.get_position().width == pytest.approx(panel.get_position().width)
    assert strip.get_position().y1 < panel.get_position().y0
    spells = record.postures("ARM", made.days[0], made.scenario.record_end)
    assert [spell.posture for spell in spells] == ["loyal", "voice", "reduce", "freeze"]
    drawn = [tuple(c.get_facecolor()[0]) for c in strip.collections]
    assert drawn == [to_rgba(POSTURE_COLOURS[spell.posture]) for spell in spells]
    assert "record/postures.csv" in whole_text(figure)


def test_a_course_of_the_scenario_takes_the_place_of_the_record(made: Result) -> None:
    course = {"ARM": {"2020-03-01": {"posture": "voice"}, "2021-03-01": {"posture": "out"}}}
    data = {**made.scenario.model_dump(by_alias=True), "observed": course, "pinned_until": date(2020, 6, 30)}
    other = replace(made, focus="PACT", scenario=Scenario.model_validate(data))
    figure = postures(other, "ARM")
    drawn = [tuple(c.get_facecolor()[0]) for c in figure.axes[2].collections]
    assert drawn == [to_rgba(POSTURE_COLOURS[posture]) for posture in ("loyal", "voice", "out")]
    said = whole_text(figure)
    assert "given in the scenario" in said
    assert "record/postures.csv" not in said
    assert "until 2020-06-30" in said


def test_record_is_of_the_csto_only() -> None:
    other = result(replicates=5)
    other = replace(other, focus="NATO")
    figure = postures(other, "ARM")
    assert len(figure.axes) == 2
    assert "on record" not in whole_text(figure)


def test_a_single_branch_has_one_panel_and_no_difference() -> None:
    figure = postures(result(branches=("base",), replicates=5))
    assert len([axes for axes in figure.axes if axes.get_ylabel() == "share of runs"]) == 1
    assert "paired over" not in whole_text(figure)
    assert faults(figure) == []


def test_other_numbers_of_branches_are_refused(made: Result) -> None:
    with pytest.raises(InputError, match="not 3"):
        postures(made, branches=("as-happened", "agents-decide", "russia-intervenes"))
    with pytest.raises(InputError, match="unknown branch 'x'"):
        postures(made, branches=("as-happened", "x"))


def test_title(made: Result) -> None:
    assert postures(made, "KAZ").get_label() == "Kazakhstan's posture in the CSTO, 2020\N{EN DASH}26"


def test_a_run_beyond_the_last_year_of_the_record_is_asked_at_its_end(made: Result) -> None:
    assert asked_by(made, None) == date(2024, 12, 31)
    early = replace(made, scenario=made.scenario.model_copy(update={"record_end": date(2025, 6, 30)}))
    assert asked_by(early, None) == made.days[-1]
    assert asked_by(early, date(2024, 12, 31)) == date(2024, 12, 31)


def test_the_caption_says_how_often_the_member_turned_to_an_outside_patron(made: Result) -> None:
    assert "At the end of the run" not in whole_text(postures(made, "ARM"))
    turned = made.data["pact"].copy(deep=True)
    turned.loc[{"branch": "as-happened", "state": "ARM", "date": made.data["date"][-1]}] = 1.0
    changed = replace(made, data=made.data.assign(pact=turned))
    assert "rival pact 100 % in “" in whole_text(postures(changed, "ARM"))
