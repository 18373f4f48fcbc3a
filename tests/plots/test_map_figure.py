"""The map of an alliance: its fills, lines and arrows are the numbers of the result, and nothing lies on anything."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch

from sim.errors import InputError
from sim.output.mapped import map_rows, rivals_of
from sim.plots.alliance_map import ATTACK, GUARANTOR, RIVAL, alliance_map, no_map
from sim.plots.gallery import draw_all
from sim.plots.style import RESPONSE_COLOURS, TRUST, styled_over
from sim.result import Result
from tests.plots.drawn import drawn_texts, faults, texts, whole_text
from tests.plots.making import as_answers, result

DAY = date(2022, 12, 31)
NATO = (
    "USA", "CAN", "ISL", "NOR", "GBR", "DNK", "NLD", "BEL", "LUX", "FRA", "ESP", "PRT", "DEU", "ITA", "POL", "CZE",
    "SVK", "HUN", "SVN", "HRV", "ALB", "MNE", "MKD", "GRC", "BGR", "ROU", "TUR", "EST", "LVA", "LTU", "FIN", "SWE",
)  # fmt: skip
ASEAN = ("IDN", "MYS", "PHL", "SGP", "THA", "BRN", "VNM", "LAO", "MMR", "KHM")


def land(figure: Figure, gid: str) -> list[PathPatch]:
    return [patch for patch in figure.axes[0].patches if patch.get_gid() == gid]


def median_trust(made: Result, code: str, day: date, branch: str = "as-happened") -> float:
    values = made.trust.sel(branch=branch, truster=code, trustee="RUS", date=np.datetime64(day))
    return float(np.median(values))


@pytest.mark.parametrize("branch", ["as-happened", "no-ukraine-war"])
def test_fills_are_the_median_trust_of_the_result(made: Result, branch: str) -> None:
    figure = alliance_map(made, branch=branch, day=DAY)
    for code in made.members[1:]:
        expected = to_hex(TRUST(median_trust(made, code, DAY, branch)))
        fills = {to_hex(patch.get_facecolor()) for patch in land(figure, code)}
        assert fills == {expected}, code
    assert {to_hex(patch.get_facecolor()) for patch in land(figure, "RUS")} == {GUARANTOR}
    assert {to_hex(patch.get_facecolor()) for patch in land(figure, "AZE")} == {RIVAL}


def test_the_table_says_what_the_map_shows(made: Result) -> None:
    figure = alliance_map(made, day=DAY)
    said = whole_text(figure)
    for row in map_rows(made, day=DAY):
        if row.what == "trust":
            assert f"{row.trust:.2f}  {row.level} " in " ".join(texts(figure))
            assert row.name in said
    assert "Azerbaijan attacks Armenia, Dec 2022" in said
    assert f"Trust in Russia, Dec 2022; lowest: Armenia, {median_trust(made, 'ARM', DAY):.2f}" in said
    assert "Crimea (occupied; Ukraine)" in said
    assert "Karabakh (held by Armenians until September 2023; Azerbaijan)" in said
    assert "no judgement on borders or status" in said
    assert "Karabakh (held" not in whole_text(alliance_map(made, day=date(2024, 6, 30)))


def test_help_is_the_commonest_level_beyond_words_with_its_share_of_all_runs(made: Result) -> None:
    """Of 100 runs Russia sends forces in 46, materiel in 14, and speaks in 40; Belarus sends a mission in 3."""
    answers = made.responses
    wanted = answers[(answers["branch"] == "as-happened") & (answers["event"] == "attack-2022")]
    rows = wanted[wanted["ally"].isin(["RUS", "BLR"])].reset_index(drop=True)
    russia, belarus = rows["ally"] == "RUS", rows["ally"] == "BLR"
    rows.loc[russia, "level"] = [4] * 46 + [3] * 14 + [1] * 40
    rows.loc[belarus, "level"] = [2] * 3 + [0] * 97
    changed = replace(made, answers=as_answers(rows))
    (sent,) = (row for row in map_rows(changed, day=DAY) if row.what == "help")
    assert (sent.state, sent.other, sent.level, sent.share) == ("RUS", "ARM", "forces", 0.46)
    assert (sent.event, sent.date) == ("attack-2022", date(2022, 9, 13))
    figure = alliance_map(changed, day=DAY)
    assert "forces 46 %" in texts(figure)
    assert "Russia helps Armenia, Sep 2022: forces, 46 %" in whole_text(figure)
    colours = {to_hex(each.get_edgecolor()) for each in figure.axes[0].patches if isinstance(each, FancyArrowPatch)}
    assert colours == {ATTACK, RESPONSE_COLOURS["forces"]}
    assert not [row for row in map_rows(changed, day=date(2022, 8, 31)) if row.what in ("help", "attack")]


def test_promises_are_lines_to_the_guarantor_until_members_are_out(made: Result) -> None:
    figure = alliance_map(made, day=DAY)
    assert sum(line.get_gid() == "promise" for line in figure.axes[0].lines) == 5
    gone = made.data.copy(deep=True)
    gone["posture"].loc[{"state": "ARM"}] = 5
    out = replace(made, data=gone)
    assert {row.state for row in map_rows(out) if row.what == "promise"} == {"BLR", "KAZ", "KGZ", "TJK"}
    assert sum(line.get_gid() == "promise" for line in alliance_map(out).axes[0].lines) == 4


@pytest.mark.parametrize(("members", "small"), [(NATO, {"LUX", "MNE"}), (ASEAN, {"SGP", "BRN"})])
def test_states_too_small_to_see_are_dots_of_the_same_fill(members: tuple[str, ...], small: set[str]) -> None:
    made = result(members, branches=("as-happened",), replicates=5)
    figure = alliance_map(made)
    dots = {line.get_gid(): line for line in figure.axes[0].lines if line.get_marker() == "o"}
    assert small <= set(dots)
    trust = {row.state: row.trust for row in map_rows(made) if row.what == "trust"}
    assert {to_hex(dots[code].get_markerfacecolor()) for code in small} == {
        to_hex(TRUST(trust[code])) for code in small
    }


@pytest.mark.parametrize("members", [("RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK"), NATO, ASEAN], ids=len)
@pytest.mark.parametrize("width", [183, pytest.param(120, marks=pytest.mark.slow), 89])
def test_texts_stand_clear_of_each_other_and_the_legend_of_the_map(members: tuple[str, ...], width: int) -> None:
    made = result(members, branches=("as-happened",), replicates=5)
    with styled_over(width=width):
        figure = alliance_map(made)
    assert faults(figure) == []
    box = figure.axes[0].get_window_extent()
    (legend,) = figure.legends
    assert not legend.get_window_extent().overlaps(box)
    on_map = [drawn for drawn in drawn_texts(figure) if drawn.box.overlaps(box)]
    assert len(on_map) > 5
    for drawn in on_map:
        assert box.x0 <= drawn.box.x0 < drawn.box.x1 <= box.x1, drawn.text


def test_what_has_no_place_is_named_below_the_map(made: Result) -> None:
    told = result(("RUS", "ARM", "FL1"), branches=("as-happened",), replicates=5)
    assert "Not on the map: FL1." in whole_text(alliance_map(told))
    nowhere = replace(made, members=("FOE", "FL1"), guarantor="FOE")
    assert no_map(nowhere) == "no member has a place on a map"
    with pytest.raises(InputError, match="no member has a place"):
        alliance_map(nowhere)


def test_days_outside_the_run_are_refused(made: Result) -> None:
    with pytest.raises(InputError, match=r"2031-01-01 is outside the run; allowed: 2020-01-01 to 2026-12-31"):
        alliance_map(made, day=date(2031, 1, 1))


def test_rivals_are_whom_clients_fear(made: Result) -> None:
    dyads = {"ARM": {"TUR": {"threat": 0.6}, "GEO": {"threat": 0.1}}, "RUS": {"USA": {"threat": 0.9}}}
    told = result(branches=("as-happened",), replicates=2, dyads=dyads, states={
        code: {"name": code, "capability": 0.01} for code in (*made.members, "AZE", "TUR", "GEO", "USA")
    })  # fmt: skip
    assert rivals_of(told.scenario, told.members, "RUS") == ("TUR",)


def test_the_data_of_the_map_are_written_beside_it(made: Result, tmp_path: Path) -> None:
    paths = draw_all(made, tmp_path, ("svg",), kinds=("map",))
    assert [path.name for path in paths] == ["map.svg", "map.csv"]
    table = pd.read_csv(tmp_path / "map.csv")
    assert list(table.columns) == ["what", "state", "name", "other", "trust", "level", "share", "event", "date"]
    trust = table[table["what"] == "trust"].set_index("state")["trust"]
    assert trust["ARM"] == pytest.approx(median_trust(made, "ARM", date(2026, 6, 30)), abs=1e-6)
    assert set(table["what"]) == {"trust", "promise", "attack", "help"}
