from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.errors import InputError
from sim.output.intervals import wilson
from sim.output.subjects import last_recorded
from sim.plots import record
from sim.plots.branches import branches
from sim.plots.calls import UNASKED, answer_shares, calls
from sim.plots.network import matrix, network
from sim.plots.polls import poll_series
from sim.plots.postures import reached_by
from sim.plots.publics import publics
from sim.result import Result
from sim.words import FREEZE, RESPONSES
from tests.plots.drawn import faults, texts, whole_text
from tests.plots.making import BRANCHES, MEMBERS, as_answers, result


def test_network_shows_median_trust_before_and_after(made: Result) -> None:
    figure = network(made, before=date(2020, 1, 1), after=date(2024, 6, 30))
    place = made.days.index(date(2024, 6, 30))
    for axes, at in zip(figure.axes[:2], (0, place), strict=True):
        mesh = next(c for c in axes.collections if isinstance(c, QuadMesh))
        drawn = np.ma.filled(mesh.get_array().reshape(6, 6).astype(float), np.nan)
        np.testing.assert_allclose(drawn, matrix(made, "as-happened", MEMBERS, at))
    expected = made.trust.sel(branch="as-happened", truster="ARM", trustee="RUS").isel(date=place).median()
    assert matrix(made, "as-happened", MEMBERS, place)[1, 0] == pytest.approx(float(expected))
    assert {"1 Jan 2020", "30 Jun 2024"} <= set(texts(figure))


def test_network_title_names_the_largest_fall(made: Result) -> None:
    assert network(made).get_label().startswith("Armenia's trust in Russia falls most, from 0.61 (Jan 2020) to 0.4")
    assert network(result(drop=0.0, replicates=20)).get_label() == "Who counts on whom hardly changes"


def test_network_refuses_a_day_outside_the_run(made: Result) -> None:
    with pytest.raises(InputError, match="2031-01-01 is outside"):
        network(made, after=date(2031, 1, 1))


def test_branches_are_ordered_by_chance_with_their_intervals(steep: Result) -> None:
    figure = branches(steep, "ARM")
    chance_axes, trust_axes = figure.axes
    chances = {b: float(reached_by(steep, b, "ARM", FREEZE, date(2024, 12, 31)).mean()) for b in BRANCHES}
    named = [t.get_text().replace("\n", " ") for t in chance_axes.get_yticklabels()]
    expected = [b.replace("-", " ") for b in sorted(BRANCHES, key=lambda b: -chances[b])]
    assert named == expected
    spans = [
        line.get_xdata() for line in chance_axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1.3
    ]
    top = max(chances.values())
    np.testing.assert_allclose(spans[0], wilson(top * 100, 100))
    assert trust_axes.get_xlabel() == "Armenia's trust in Russia in Dec 2024"


def test_branches_show_quantiles_of_trust(steep: Result) -> None:
    axes = branches(steep, "ARM", by=date(2022, 12, 31)).axes[1]
    place = steep.days.index(date(2022, 12, 31))
    values = steep.trust.sel(truster="ARM", trustee="RUS").isel(date=place)
    drawn = {tuple(np.round(np.atleast_1d(line.get_xdata()), 6)) for line in axes.lines}
    for branch in BRANCHES:
        q = np.quantile(values.sel(branch=branch).values, [0.05, 0.25, 0.5, 0.75, 0.95]).round(6)
        assert {(q[0], q[4]), (q[1], q[3]), (q[2],)} <= drawn


def test_axes_of_shares_are_whole(made: Result) -> None:
    assert [axes.get_xlim() for axes in branches(made, "ARM").axes] == [(0, 1), (0, 1)]


def test_branches_title_counts_those_with_an_equal_chance(steep: Result) -> None:
    twin = steep.posture.copy()
    last = twin.sel(branch=BRANCHES[-1]).values
    twin.loc[{"branch": BRANCHES[-2]}] = last
    assert branches(replace(steep, data=steep.data.assign(posture=twin)), "ARM").get_label().count(" and 1 more)") >= 1


def test_branches_answer_what_was_asked(steep: Result) -> None:
    title = branches(steep, "ARM").get_label()
    assert title.startswith("Chance that Armenia has reached freeze or beyond by Dec 2024: ")
    trust, chance = branches(steep, metrics=["KAZ.trust[RUS]@2023-12", "ARM.posture@end >= voice"]).axes
    assert trust.get_xlabel() == "Kazakhstan's trust in Russia in Dec 2023"
    assert "Armenia stands at voice or beyond at" in chance.get_xlabel()
    (alone,) = branches(steep, metrics=["first(ARM.posture >= voice)"]).axes
    assert next(tick.get_text() for tick in alone.get_xticklabels()) == "2020"
    flat = branches(result(drop=0.0, replicates=20), "ARM")
    assert flat.get_label().endswith(" in every branch")


def test_branches_mark_what_happened(made: Result) -> None:
    """On record Armenia froze in 2024, and nothing is on record of the months after the record ends."""

    def marks(metric: str) -> list[float]:
        axes = branches(made, metrics=[metric]).axes[0]
        return [float(line.get_xdata()[0]) for line in axes.lines if line.get_label() == "what happened"]

    assert marks("first(ARM.posture >= freeze) <= 2024-12") == [1.0]
    assert marks("first(ARM.posture >= freeze) <= 2023-12") == [0.0]
    assert marks("ARM.posture@end >= freeze") == []
    assert marks("ARM.trust[RUS]@2023-12") == []


PUBLIC = ("approval", "exit_support")


@pytest.mark.parametrize("panel", [0, 1])
def test_polls_stand_at_their_date_and_share_in_the_panel_of_their_variable(made: Result, panel: int) -> None:
    figure = publics(made, "ARM")
    drawn = {line.get_label(): line for line in figure.axes[panel].lines if not line.get_label().startswith("_")}
    series = poll_series(made, "ARM", PUBLIC[panel : panel + 1])
    assert series
    assert set(drawn) == {one.label for one in series}
    for one in series:
        np.testing.assert_allclose(drawn[one.label].get_ydata(), one.waves["percent"] / 100)
        assert drawn[one.label].get_xdata()[0] == date2num(one.waves["date"].iloc[0])


def test_each_poll_says_what_it_asked_and_who_asked(made: Result) -> None:
    text = whole_text(publics(made, "ARM"))
    for series in poll_series(made, "ARM", PUBLIC):
        assert series.label in text
    marks = [series.mark for series in poll_series(made, "ARM", PUBLIC)]
    assert len(set(marks)) == len(marks)


def test_polls_that_name_the_guarantor_only_are_hollow_beside_approval(made: Result) -> None:
    drawn = {line.get_label(): line.get_markerfacecolor() for axes in publics(made, "ARM").axes for line in axes.lines}
    for series in poll_series(made, "ARM", PUBLIC):
        assert series.direct == ("CSTO" in series.label)
        assert (drawn[series.label] == "white") == (not series.direct)
    assert {series.direct for series in poll_series(made, "ARM", PUBLIC)} == {True, False}
    assert {"polls that name CSTO", "polls that name Russia"} <= set(texts(publics(made, "ARM")))


def test_publics_lines_are_the_medians(made: Result) -> None:
    figure = publics(made, "KAZ")
    for axes, variable in zip(figure.axes, ("approval", "exit_support"), strict=False):
        median = np.median(made.data[variable].sel(branch="as-happened", state="KAZ").values, axis=0)
        assert any(np.array_equal(line.get_ydata(), median) for line in axes.lines)


def test_publics_without_polls_say_so(made: Result) -> None:
    other = replace(made, focus="NATO")
    figure = publics(other, "ARM")
    assert len(figure.axes) == 2
    assert "No poll of approval or support for leaving on record for Armenia" in whole_text(figure)


def test_one_variable_without_a_poll_is_named(made: Result) -> None:
    text = whole_text(publics(made, "KAZ"))
    assert "No poll of support for leaving on record for Kazakhstan" in text
    assert "approval: supports continued CSTO membership" in text


def test_publics_title_follows_approval(made: Result) -> None:
    assert publics(made, "ARM").get_label().startswith("Approval of CSTO in Armenia falls from 0.60 (Jan 2020)")
    assert publics(made, "KAZ").get_label() == "Approval of CSTO in Kazakhstan hardly moves"


def test_publics_title_reads_the_end_of_the_record(made: Result) -> None:
    later = made.dates.astype("datetime64[D]") > np.datetime64(made.scenario.record_end)
    assert later.any()
    approval = made.data["approval"].copy()
    approval[{"date": later}] = 0.01
    figure = publics(replace(made, data=made.data.assign(approval=approval)), "ARM")
    assert figure.get_label() == publics(made, "ARM").get_label()
    assert "0.01" not in figure.get_label()


@pytest.mark.parametrize(
    ("end", "day"),
    [(date(2022, 6, 30), date(2022, 6, 30)), (date(2022, 7, 15), date(2022, 6, 30)), (date(2019, 1, 1), None)],
)
def test_last_recorded_date_is_the_runs_last_where_nothing_is_on_record(end: date, day: date | None) -> None:
    made = result(replicates=2, record_end=end)
    assert made.days[last_recorded(made)] == (day or made.days[-1])


def test_record_of_postures_begins_with_what_already_held() -> None:
    spells = record.postures("ARM", date(2023, 1, 1), date(2024, 12, 31))
    assert [spell.posture for spell in spells] == ["reduce", "freeze"]
    assert (spells[0].first, spells[-1].last) == (date(2023, 1, 1), date(2024, 12, 31))
    assert all(a.last == b.first for a, b in pairwise(spells))


def test_unknown_postures_are_gaps_in_the_record() -> None:
    spells = record.postures("ARM", date(2026, 1, 1), date(2026, 12, 31))
    assert [(spell.posture, spell.last) for spell in spells] == [("freeze", date(2026, 7, 1))]


def shares_drawn(figure: Figure, row: int, column: int) -> dict[str, float]:
    """Return the widths of the bars in a cell by answer, as shares of the cell."""
    inside = [
        patch
        for patch in figure.axes[0].patches
        if column - 0.5 < patch.get_x() + patch.get_width() / 2 < column + 0.5 and round(patch.get_y() + 0.5) == row
    ]
    widest = max(patch.get_width() for patch in inside)
    return {patch.get_gid(): patch.get_width() / widest for patch in inside if patch.get_gid() is not None}


def test_shares_of_answers_are_those_of_the_runs(made: Result) -> None:
    table = answer_shares(made, "agents-decide")
    cell = table[(table["event"] == "attack-2022") & (table["ally"] == "RUS")].iloc[0]
    levels = made.responses.query("branch == 'agents-decide' and event == 'attack-2022' and ally == 'RUS'")["level"]
    for level, answer in enumerate(RESPONSES):
        assert cell[answer] == pytest.approx((levels == level).mean())
    assert cell[UNASKED] == 0.0
    assert list(table["date"]) == sorted(table["date"])


def test_a_cell_is_divided_by_the_shares_of_the_answers(made: Result) -> None:
    figure = calls(made)
    table = answer_shares(made, "as-happened")
    event = list(dict.fromkeys(table["event"])).index("attack-2022")
    cell = table[(table["event"] == "attack-2022") & (table["ally"] == "RUS")].iloc[0]
    expected = {answer: cell[answer] for answer in RESPONSES if cell[answer] > 0}
    assert len(expected) > 2
    assert shares_drawn(figure, event, 0) == pytest.approx(expected)
    assert "on record" not in texts(figure)


def test_calls_draw_a_cell_for_each_event_and_ally(made: Result) -> None:
    figure = calls(made)
    axes = figure.axes[0]
    table = answer_shares(made, "as-happened")
    cells = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_gid() is None]
    assert len(cells) == table["event"].nunique() * len(MEMBERS)
    assert axes.get_xticklabels()[0].get_text() == "Russia"
    assert any("13 Sep 2022, Azerbaijan attacks Armenia" in t.replace("\n", " ") for t in texts(figure))


def test_answers_on_record_are_framed_and_whole() -> None:
    made = result(replicates=5)
    rows = made.responses.assign(level=2, fixed=made.responses["ally"] == "RUS")
    figure = calls(replace(made, answers=as_answers(rows)))
    framed = {patch.get_x() for patch in figure.axes[0].patches if patch.get_gid() == "on record"}
    assert {round(x + 0.47) for x in framed} == {0}
    assert shares_drawn(figure, 0, 0) == {"mission": 1.0, "on record": 1.0}
    assert {"mission", "on record"} <= set(texts(figure))


def test_nobody_declines_what_was_not_asked() -> None:
    made = result(replicates=5)
    rows = made.responses.assign(level=0, made=False, fixed=False)
    helped = (rows["event"] == "war-2020") & (rows["ally"] == "RUS")
    declined = (rows["event"] == "war-2020") & (rows["ally"] == "BLR")
    asked = rows["event"] == "attack-2022"
    rows.loc[helped, ["level", "fixed"]] = [2, True]
    rows.loc[declined, "fixed"] = True
    rows.loc[asked, "made"] = True
    table = answer_shares(replace(made, answers=as_answers(rows)), "as-happened").set_index(["event", "ally"])
    assert table.loc[("war-2020", "RUS"), "mission"] == 1.0
    assert table.loc[("war-2020", "BLR"), UNASKED] == 1.0
    assert table.loc[("war-2020", "KAZ"), UNASKED] == 1.0
    assert set(table.loc["attack-2022", "none"]) == {1.0}
    figure = calls(replace(made, answers=as_answers(rows)))
    assert "not asked: nobody called" in texts(figure)
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    assert len(hatched) == (table[UNASKED] > 0).sum()
    assert faults(figure) == []


def test_share_of_not_asked_is_over_all_runs() -> None:
    made = result(replicates=10)
    rows = made.responses.assign(level=0, fixed=False, made=made.responses["replicate"] >= 7)
    table = answer_shares(replace(made, answers=as_answers(rows)), "as-happened")
    assert set(table[UNASKED]) == {0.7}
    assert set(table["none"]) == {0.3}
    assert {"70", "30"} <= set(texts(calls(replace(made, answers=as_answers(rows)))))
    assert "not asked: nobody called" not in texts(calls(made))


def test_calls_need_responses(made: Result) -> None:
    with pytest.raises(InputError, match="no ally was called"):
        calls(replace(made, answers=as_answers(made.responses.iloc[:0])))


def test_polls_are_read_with_numbers_and_dates() -> None:
    polls = record.polls("ARM", date(2020, 1, 1), date(2026, 12, 31))
    assert pd.api.types.is_float_dtype(polls["percent"])
    assert polls["date"].is_monotonic_increasing
    assert set(polls["state"]) == {"ARM"}
