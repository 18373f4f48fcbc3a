from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from sim.errors import InputError
from sim.output.subjects import clients, fall
from sim.plots.event_markers import key_events
from sim.plots.polls import poll_series
from sim.plots.trust import trust
from sim.result import Result
from tests.plots.drawn import drawn_texts, texts, whole_text
from tests.plots.making import MEMBERS, NAMES, result


def chart(figure: Figure):
    return figure.axes[0]


def test_draws_one_line_for_each_member_beside_the_guarantor(made: Result) -> None:
    lines = {line.get_label(): line for line in chart(trust(made)).lines if line.get_label() in MEMBERS}
    assert set(lines) == set(MEMBERS) - {"RUS"}
    for code, line in lines.items():
        values = made.trust.sel(branch="as-happened", truster=code, trustee="RUS").values
        np.testing.assert_allclose(line.get_ydata(), np.median(values, axis=0))
        np.testing.assert_allclose(line.get_xdata(), date2num(made.dates))


def test_only_the_chosen_member_is_bold(made: Result) -> None:
    for bold in ("ARM", "KAZ"):
        figure = trust(made, bold)
        widths = {line.get_label(): line.get_linewidth() for line in chart(figure).lines}
        assert all(widths[bold] > widths[code] for code in MEMBERS[1:] if code != bold)
        heavy = [drawn.text for drawn in drawn_texts(figure) if drawn.text.startswith(("Armenia 0", "Kazakhstan 0"))]
        assert len(heavy) == 2


@pytest.mark.parametrize(("band", "low", "high"), [(0, 0.05, 0.95), (1, 0.25, 0.75)])
def test_bands_end_at_the_quantiles_of_the_runs(made: Result, band: int, low: float, high: float) -> None:
    bands = [c for c in chart(trust(made, "ARM")).collections if isinstance(c, PolyCollection)]
    assert len(bands) == 2
    values = made.trust.sel(branch="as-happened", truster="ARM", trustee="RUS").values
    corners = bands[band].get_paths()[0].vertices
    for place, day in ((0, made.dates[0]), (40, made.dates[40]), (84, made.dates[84])):
        heights = corners[np.isclose(corners[:, 0], date2num(day)), 1]
        assert heights.min() == pytest.approx(np.quantile(values[:, place], low))
        assert heights.max() == pytest.approx(np.quantile(values[:, place], high))


def test_title_says_that_trust_is_lost_only_where_it_is() -> None:
    assert trust(result(drop=1.0)).get_label() == "Armenia stops counting on Russia"
    assert trust(result(drop=0.3), "ARM").get_label() == "Armenia's trust in Russia, 2020\N{EN DASH}26"


def lowered(made: Result, first: str, last: str, by: float) -> Result:
    """Return the result with the trust of all lower by a number between two days."""
    dates = made.dates.astype("datetime64[D]")
    within = (dates >= np.datetime64(first)) & (dates <= np.datetime64(last))
    down = made.data["trust"] - by * made.data["date"].copy(data=within)
    return replace(made, data=made.data.assign(trust=down.transpose(*made.data["trust"].dims)))


@pytest.mark.parametrize(
    ("first", "last", "lost"),
    [("2022-01-01", "2024-12-31", False), ("2024-01-01", "2026-12-31", True), ("2026-08-01", "2026-12-31", False)],
)
def test_title_wants_a_fall_that_lasts_to_the_end_of_the_record(first: str, last: str, lost: bool) -> None:
    made = lowered(result(drop=0.0, replicates=20), first, last, 0.3)
    title = "Armenia stops counting on Russia" if lost else "Armenia's trust in Russia, 2020\N{EN DASH}26"
    assert trust(made, "ARM").get_label() == title


def test_of_many_members_those_that_fall_most_are_named_and_the_others_counted() -> None:
    made = result(members=tuple(NAMES), replicates=5)
    figure = trust(made)
    drawn = texts(figure)
    named = {name for name in NAMES.values() if any(text.startswith(f"{name} 0.") for text in drawn)}
    falls = sorted(clients(made), key=lambda code: -fall(made, code, "as-happened"))
    assert named == {NAMES[code] for code in falls[:12]}
    assert "and 4 others" in drawn
    assert set(clients(made)) <= {line.get_label() for line in chart(figure).lines}


def test_leaders_are_thin_and_grey(made: Result) -> None:
    leaders = [line for line in trust(made).artists if line.get_gid() == "leader"]
    assert len(leaders) == 5
    lines = [line for line in chart(trust(made)).lines if line.get_label() in MEMBERS]
    assert {line.get_color() for line in leaders}.isdisjoint({line.get_color() for line in lines})
    assert max(line.get_linewidth() for line in leaders) < min(line.get_linewidth() for line in lines)


def test_title_and_bold_line_follow_the_largest_fall(made: Result) -> None:
    turned = made.data.assign_coords(
        truster=["RUS", "KGZ", "BLR", "KAZ", "ARM", "TJK"], state=["RUS", "KGZ", "BLR", "KAZ", "ARM", "TJK"]
    )
    other = replace(made, data=turned)
    assert trust(other).get_label() == "Kyrgyzstan stops counting on Russia"


def test_the_title_is_drawn(made: Result) -> None:
    assert "Armenia stops counting on Russia" in texts(trust(made))


def test_member_names_stand_at_the_right_in_the_order_of_their_trust(made: Result) -> None:
    figure = trust(made)
    right = chart(figure).get_window_extent().x1
    tags = [d for d in drawn_texts(figure) if d.box.x0 > right and d.text[-4:-2] == "0."]
    ordered = sorted(tags, key=lambda d: -d.box.y0)
    assert len(tags) == 5
    assert [float(d.text.split()[-1]) for d in ordered] == sorted(
        (float(d.text.split()[-1]) for d in tags), reverse=True
    )


def test_events_are_numbered_by_date_and_stand_at_it(made: Result) -> None:
    figure = trust(made)
    markers = key_events(made, "as-happened", "ARM")
    assert [m.day for m in markers] == sorted(m.day for m in markers)
    axes = chart(figure)
    numbers = {t.get_gid(): t for t in figure.texts if t.get_gid()}
    assert sorted(numbers) == sorted(f"event-{n}" for n in range(1, len(markers) + 1))
    for n, marker in enumerate(markers, start=1):
        x = numbers[f"event-{n}"].get_window_extent()
        expected = axes.transData.transform((date2num(marker.day), 0.5))[0]
        assert (x.x0 + x.x1) / 2 == pytest.approx(expected, abs=1.5)


def test_markers_are_few_and_the_gravest_are_among_them(made: Result) -> None:
    markers = key_events(made, "as-happened", "ARM")
    names = {marker.name for marker in markers}
    assert len(markers) == 12
    assert {"war-2020", "attack-2022", "offensive-2023", "ukraine-war", "recognition", "exodus-2023"} <= names
    assert not names & {"russia-2022", "appeal-2022", "election-2026"}
    assert [m.name for m in key_events(made, "as-happened", "ARM", limit=2)] == ["war-2020", "offensive-2023"]


def test_the_list_gives_date_note_and_the_guarantors_response(made: Result) -> None:
    text = whole_text(trust(made))
    assert "13 Sep 2022" in text
    assert "Attack on Armenia: Azerbaijan attacks Jermuk, Goris and Sotk; Russia: mission" in text
    assert "100,617 refugees reach Armenia" in text
    assert "(conditional)" in text


def test_the_response_is_the_branchs_own() -> None:
    branches = {"as-happened": {}, "forces": {"events": {"russia-2022": {"response": "forces"}}}}
    made = result(branches=tuple(branches), replicates=5)
    told = type(made.scenario).model_validate({**dict(made.scenario), "branches": branches})
    made = replace(made, scenario=told)
    assert "Russia: forces" in next(m.text for m in key_events(made, "forces", "ARM") if m.name == "attack-2022")


def test_no_markers_on_request(made: Result) -> None:
    assert not any(t.get_gid() for t in trust(made, events=0).texts)


def test_time_without_a_record_is_grey(made: Result) -> None:
    shaded = [p.get_extents() for p in chart(trust(made)).patches]
    spans = [made.scenario.record_end.toordinal() - date(1970, 1, 1).toordinal()]
    assert len(shaded) == 1
    assert chart(trust(made)).patches[0].get_x() == spans[0]
    within = result(replicates=5, end=date(2024, 12, 31))
    assert not chart(trust(within)).patches
    assert "no record yet" not in texts(trust(within))


def test_footer_names_scenario_branch_replicates_seed_and_version(made: Result) -> None:
    text = whole_text(trust(made, branch="agents-decide"))
    for part in (
        "Sources:",
        made.scenario.title,
        "branch agents-decide",
        "100 replicates",
        "seed 7",
        "csto-sim 0.",
    ):
        assert part in text


@pytest.mark.parametrize(("options", "word"), [({"state": "RUS"}, "RUS"), ({"branch": "nowhere"}, "nowhere")])
def test_unknown_names_are_refused(made: Result, options: dict[str, str], word: str) -> None:
    with pytest.raises(InputError, match=f"'{word}'; allowed"):
        trust(made, **options)


def test_polls_of_trust_stand_beside_the_band(made: Result) -> None:
    drawn = {line.get_label(): line for line in chart(trust(made, "ARM")).lines}
    series = poll_series(made, "ARM", ("trust",))
    assert {one.label.partition(" \N{EN DASH} ")[0] for one in series} >= {
        "Russia among the most important security partners", "Russia could give military-political help"
    }  # fmt: skip
    for one in series:
        np.testing.assert_allclose(drawn[one.label].get_ydata(), one.waves["percent"] / 100)
        np.testing.assert_allclose(drawn[one.label].get_xdata(), date2num(one.waves["date"]))
        assert drawn[one.label].get_zorder() > max(drawn[code].get_zorder() for code in MEMBERS[1:])
        assert one.direct == ("Russia" in one.label)
        assert (drawn[one.label].get_markerfacecolor() == "white") == (not one.direct)
    text = whole_text(trust(made, "ARM"))
    assert all(one.label in text for one in series)
    assert "Polls ask the public whether Russia, or CSTO," in text


def test_no_poll_of_trust_is_said_on_the_csto_record_only(made: Result) -> None:
    said = "No poll of trust on record for Kazakhstan"
    assert said in whole_text(trust(made, "KAZ"))
    assert "Polls ask" not in whole_text(trust(made, "KAZ"))
    assert said not in whole_text(trust(replace(made, focus="NATO"), "KAZ"))


def test_the_axis_of_trust_is_whole(made: Result) -> None:
    assert chart(trust(made, "KAZ")).get_ylim() == (0, 1)
