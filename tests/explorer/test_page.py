"""The page without a browser: what its parts are given and what they send."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from sim.experiments.parameters.explanations import load_explanations
from sim.explorer.library import Library
from sim.explorer.page import desk as desk_module
from sim.explorer.page.chances import headline, percent, table
from sim.explorer.page.how_well import how_tested
from sim.explorer.page.palette import DARK, LIGHT, palette_of
from sim.explorer.page.visit import Visit, new_page
from sim.model.parameters import PARAMETERS
from sim.output.formatting import percents
from sim.words import POSTURES
from tests.explorer.conftest import FIRST_STEPS, ROOT, SMALL


class Opened:
    """A page that is open, as a browser would have it."""

    def __init__(self, library: Library) -> None:
        self.document = Document()
        with set_curdoc(self.document):
            page = library.new_page()
            self.page = replace(page, choices=replace(page.choices, replicates=60))
            self.visit = Visit(library, self.page, LIGHT)
            self.visit.template("nonce").server_doc(self.document)
            self.visit.start()
        self.settle()

    def settle(self) -> None:
        """Wait for what is computed, and show it."""
        assert self.visit.session.wait()
        with set_curdoc(self.document):
            self.visit._drawn = self.visit._sent  # as a browser says when it has drawn
            self.visit._show_latest()

    def run_scheduled(self) -> None:
        """Do what was put off to the next tick."""
        with set_curdoc(self.document):
            for each in self.document.session_callbacks:
                self.document.remove_next_tick_callback(each)
                each.callback()

    def again(self) -> None:
        """Make the page as it was when it was opened."""
        self.visit.session.page = self.page
        self.visit.session._history = []
        self.visit.session.refresh()
        with set_curdoc(self.document):
            self.visit._restored()
            self.visit.states.value = self.visit.session.story.protagonist
        self.settle()

    @property
    def texts(self) -> dict[str, str]:
        return self.visit.mail.tags[2]


@pytest.fixture(scope="module")
def page_of_first_steps() -> Iterator[Opened]:
    made = Opened(Library([FIRST_STEPS, SMALL]))
    yield made
    made.visit.close()


@pytest.fixture
def opened(page_of_first_steps: Opened) -> Opened:
    page_of_first_steps.again()
    return page_of_first_steps


def test_a_slider_moves_the_fan_and_only_that(opened: Opened):
    visit = opened.visit
    before, events = dict(visit.fans.fans["ARM"].source.data), visit.timeline.source.data
    visit.controls.sliders._held["memory_half_life"].value = 20.0
    opened.settle()
    after = visit.fans.fans["ARM"].source.data
    assert dict(visit.session.page.choices.parameters) == {"memory_half_life": 20.0}
    assert not np.array_equal(after["median"], before["median"])
    np.testing.assert_array_equal(after["other"], before["median"])
    assert visit.timeline.source.data is events
    assert "with your changes" in opened.texts["headline"]


def test_the_headline_gives_the_change_and_its_interval_in_points(opened: Opened):
    opened.visit.controls.branch.value = "russia-sends-forces-2022"
    opened.settle()
    (low, high) = re.findall(r"\((\S+) to (\S+) points\)", opened.texts["headline"])[0]
    (points, word) = re.findall(r"<b>([\d.]+) percentage points? (more|less)</b>", opened.texts["headline"])[0]
    low, high = (float(text.replace("\N{MINUS SIGN}", "-")) for text in (low, high))
    assert low - 1 <= float(points) * (1 if word == "more" else -1) <= high + 1
    assert high - low > 1


def test_a_report_is_offered_until_the_page_changes(opened: Opened, monkeypatch: pytest.MonkeyPatch):
    desk = opened.visit.desk
    asked = []
    monkeypatch.setattr(desk_module, "report_page", lambda *args: asked.append(args) or f"<p>report {len(asked)}</p>")

    def make() -> None:
        with set_curdoc(opened.document):
            desk.report.clicks += 1
        assert "being made" in desk.said.object or desk.report_file.visible
        assert desk._worker.wait()
        opened.run_scheduled()

    make()
    assert desk.report_file.visible
    assert desk.report_file.callback().read() == "<p>report 1</p>"
    assert asked[0][1:4] == (opened.visit.session.page.choices, opened.visit.session.page.choices, "ARM")
    opened.visit.controls.branch.value = "russia-sends-forces-2022"
    opened.settle()
    assert not desk.report_file.visible
    assert desk.said.object == ""
    make()
    assert desk.report_file.callback().read() == "<p>report 2</p>"
    assert asked[1][1].branch == "russia-sends-forces-2022"
    assert asked[1][2].branch == "as-happened"

    def fail(*_: object) -> str:
        raise ValueError("no ink")

    monkeypatch.setattr(desk_module, "report_page", fail)
    make()
    assert not desk.report_file.visible
    assert desk.said.object == ""
    assert "no ink" in opened.texts["message"]


def test_an_explanation_is_chosen_and_told(opened: Opened):
    visit, controls = opened.visit, opened.visit.controls
    titles = {one.title: name for name, one in load_explanations().items()}
    assert dict(list(controls.explanation.options.items())[1:]) == titles
    controls.explanation.value = "overstretched"
    opened.settle()
    assert visit.session.page.choices.explanation == "overstretched"
    assert "under “Overstretched guarantor”" in opened.texts["headline"]
    assert load_explanations()["overstretched"].meaning in controls.explanation_note.object
    controls.sliders.group.value = PARAMETERS["overstretch_cost"].group
    assert controls.sliders._held["overstretch_cost"].value == 1.5
    visit.session.undo()
    controls.show()
    opened.settle()
    assert controls.explanation.value == ""
    assert "under" not in opened.texts["headline"]


def test_a_branch_an_answer_and_an_event_are_chosen(opened: Opened):
    visit, controls = opened.visit, opened.visit.controls
    controls.branch.value = "russia-sends-forces-2022"
    assert controls._answers["russia-2022"].value == "forces"
    controls._answers["russia-2022"].value = "none"
    controls.point_at("ukraine-war")
    controls.setting.value = "off"
    choices = visit.session.page.choices
    assert (choices.branch, dict(choices.events)) == (
        "russia-sends-forces-2022", {"russia-2022": "none", "ukraine-war": "off"},
    )  # fmt: skip
    controls._answers["russia-2022"].value = "forces"
    assert dict(visit.session.page.choices.events) == {"ukraine-war": "off"}
    opened.settle()
    assert "Russia sends forces" in opened.texts["headline"]
    visit.desk.undo.clicks += 1
    assert controls._answers["russia-2022"].value == "none"


def test_a_fan_that_does_not_move_is_not_sent_again(opened: Opened):
    fan = opened.visit.fans.fans["ARM"]
    held = fan.source.data
    bands, other = np.stack([held[name] for name in ("low", "lower", "median", "upper", "high")]), held["other"]
    fan.show(bands + 4e-4, other)
    assert fan.source.data is held
    fan.show(bands, other + 6e-4)
    assert fan.source.data is not held
    np.testing.assert_array_equal(fan.source.data["other"], other + 6e-4)


def test_an_answer_set_by_hand_points_to_the_branch_that_does_more(opened: Opened):
    controls = opened.visit.controls
    assert controls.hint.object == "<p></p>"
    controls._answers["russia-2022"].value = "forces"
    assert "“Russia sends forces”, above, has the same answer" in controls.hint.object
    controls._answers["russia-2022"].value = "none"
    assert controls.hint.object == "<p></p>"


def test_more_parameters_come_by_mechanism(opened: Opened):
    sliders = opened.visit.controls.sliders
    sliders.group.value = "response"
    names = [slider.label.split(":")[0] for slider in sliders.more]
    assert "Force cost" in names
    assert "Response precision" not in names
    sliders._held["force_cost"].value = 1.6
    assert dict(opened.visit.session.page.choices.parameters) == {"force_cost": 1.6}


def test_a_tap_on_the_time_line_points_at_an_event(opened: Opened):
    timeline = opened.visit.timeline
    when, lane, name = next(row for row in timeline._rows if row[2] == "russia-2022")

    class Tapped:
        x, y = when, lane + 0.1

    timeline._tapped(Tapped)
    assert opened.visit.controls.event.value == name


def test_a_change_in_the_panel_of_an_event_is_made_told_and_marked(opened: Opened):
    visit = opened.visit
    panel, marks = visit.event_panel, visit.timeline.source
    visit._pointed(["russia-2022"])
    assert panel.box.visible
    assert not panel.which.visible
    assert panel.setting.value == "mission"
    assert "a fact-finding mission comes" in panel.about.object
    before = visit._last.view.chance(visit._last.place, 0)[0]
    panel.setting.value = "none"
    assert dict(visit.session.page.choices.events) == {"russia-2022": "none"}
    opened.settle()
    after = visit._last.view.chance(visit._last.place, 0)[0]
    assert after > before
    assert f"in <b>{after * 100:.0f}</b> of 100 runs instead of <b>{before * 100:.0f}</b>." in panel.moved.object
    changed = marks.data["name"].index("russia-2022")
    assert marks.data["line"][changed] == max(marks.data["line"]) > 1
    panel.close()
    assert not panel.box.visible
    assert marks.data["line"][marks.data["name"].index("russia-2022")] > 1
    visit._pointed(["russia-2022"])
    visit.desk.undo.clicks += 1
    assert panel.setting.value == "mission"


def test_marks_that_are_close_together_open_as_a_list(opened: Opened):
    visit = opened.visit
    panel, timeline = visit.event_panel, visit.timeline
    attack, answer = (next(row for row in timeline._rows if row[2] == name) for name in ("attack-2022", "russia-2022"))
    timeline._rows.append((answer[0] + 86_400_000.0, answer[1], "attack-2022"))

    class Tapped:
        x, y = answer[0], answer[1]

    timeline._tapped(Tapped)
    assert panel.which.visible
    assert list(panel.which.options.values()) == ["russia-2022", "attack-2022"]
    panel.which.value = "attack-2022"
    assert list(panel.setting.options.values()) == ["on", "off"]
    assert visit.controls.event.value == "attack-2022"
    Tapped.x = attack[0] + 1000 * 86_400_000.0
    timeline._tapped(Tapped)
    assert not panel.box.visible


def test_one_steps_through_the_events_and_the_panel_stays_on_the_figure(opened: Opened):
    panel = opened.visit.event_panel
    names = list(panel._switches)
    panel.begin.clicks += 1
    seen = []
    for _ in names:
        seen.append(panel.which.value)
        left, top = (float(panel.box.styles[side].removesuffix("px")) for side in ("left", "top"))
        assert 0 <= left <= opened.visit.timeline.width - 300
        assert 12 <= top <= 190
        panel.later.clicks += 1
    assert seen == names
    assert panel.which.value == names[0]
    panel.earlier.clicks += 1
    assert panel.which.value == names[-1]
    opened.visit.controls.branch.value = "russia-sends-forces-2022"
    assert panel.box.visible


def test_a_tap_on_the_map_looks_at_a_state_and_one_on_a_figure_at_a_time(opened: Opened):
    visit = opened.visit
    x, y = visit.region.places["KAZ"]
    tapped = type("Tapped", (), {"x": x + 0.5, "y": y})
    visit.region._tapped(tapped)
    opened.settle()
    assert (visit.states.value, visit.tabs.active) == ("KAZ", 1)
    visit.tabs.active = 0
    assert "Kazakhstan has frozen" in opened.texts["headline"]
    visit.clock._moved(20)
    opened.settle()
    assert "Aug 2022" in opened.texts["headline"]
    assert {span.location for span in visit.clock._cursors} == {visit.clock.times[20]}


def test_figures_show_what_the_view_holds(opened: Opened):
    visit = opened.visit
    view = visit.session.ensembles.view(visit.session.page.choices)
    client = visit.session.story.clients.index("ARM")
    np.testing.assert_array_equal(visit.fans.fans["ARM"].source.data["high"], view.trust[4, :, client])
    visit.tabs.active = 1
    np.testing.assert_allclose(visit.postures.source.data["freeze"], view.shares[:, client, 3])
    np.testing.assert_allclose(visit.postures.source.data["edge6"], 1.0)
    np.testing.assert_array_equal(
        visit.publics.fans["approval"].source.data["median"], view.public("approval", client)[2]
    )
    assert list(visit.publics.polls["approval"].data["share"]) != []
    visit.tabs.active = 2
    place = visit.session.place(visit.session.page)
    pair = visit.between._pairs.index(("ARM", "RUS"))
    cell = view.between[place, visit.session.story.pairs.index(("ARM", "RUS"))]
    assert visit.between.source.data["trust"][pair] == pytest.approx(cell)
    dot = list(visit.region.source.data["code"]).index("ARM")
    assert visit.region.source.data["trust"][dot] == pytest.approx(cell)
    assert list(visit.postures.strip.source.data["posture"]) == ["loyal", "voice", "reduce", "freeze"]
    low, high = visit.fans._range.start, visit.fans._range.end
    assert low <= view.trust.min() <= view.trust.max() <= high


def test_the_table_and_the_headline_tell_chance_interval_and_change(opened: Opened):
    visit = opened.visit
    visit.controls.branch.value = "russia-sends-forces-2022"
    opened.settle()
    shown = visit.session._shown(visit.session.page, *visit.session._last)
    chance, low, high = shown.view.chance(shown.place, shown.client)
    assert f"<b>{percent(chance)}</b> of 60 simulated runs <small>({percents(low, high)})" in headline(shown)
    assert "points less</b> than “A mission, as it happened”" in headline(shown)
    assert table(shown).count("<tr") == len(visit.session.story.clients) + 1


def test_what_happened_stands_in_every_figure_with_how_well_the_model_has_done(opened: Opened):
    visit = opened.visit
    visit.tabs.active = 1
    recorded = ["loyal", "voice", "reduce", "freeze"]
    for figure in (*visit.fans.figures[:1], *visit.publics.figures.values(), visit.postures.figure):
        strips = [each.data_source.data for each in figure.renderers if "posture" in each.data_source.data]
        assert [list(strip["posture"]) for strip in strips] == [recorded], figure.name
    assert "<td>freeze</td>" in opened.texts["chances"]
    dot = list(visit.region.source.data["code"]).index("ARM")
    assert visit.region.source.data["tip"][dot].endswith("; on record: freeze")
    view = visit.session.ensembles.view(visit.session.page.choices)
    client, story = visit.session.story.clients.index("ARM"), visit.session.story
    hits = [
        view.shares[place, client, POSTURES.index(story.recorded_at("ARM", place))]
        for place in range(len(story.cast.dates))
    ]
    said = visit.how_well.postures.object
    assert f"At the 49 dates on record, <b>{percent(np.mean(hits))}</b> of the runs" in said
    assert "beat the forecast that nothing changes on" in said
    assert "beat the forecast that nothing changes on" in visit.how_well.trust.object


def test_polls_are_named_by_what_they_asked(opened: Opened):
    visit = opened.visit
    visit.tabs.active = 1
    data = visit.publics.polls["exit_support"].data
    assert len(set(data["marker"])) == len(set(data["question"])) == 3
    said = visit.how_well.publics.object
    assert "\N{BLACK DIAMOND} \u201cArmenia should leave the CSTO\u201d" in said
    view = visit.session.ensembles.view(visit.session.page.choices)
    median = view.public("exit_support", visit.session.story.clients.index("ARM"))[2]
    at = np.interp(data["time"], visit.clock.times, median)
    assert (
        f"<b>{100 * np.abs(np.array(data['share']) - at).mean():.0f} percentage points</b> from these 3 on average"
        in said
    )
    visit.states.value = "TJK"
    opened.settle()
    assert "No poll of approval is on record here for Tajikistan." in visit.how_well.publics.object


def test_an_alliance_without_a_test_says_so(library: Library):
    story = library.ensembles("small").story
    assert how_tested(story).startswith("Not tested for this alliance (The Pact):")


def test_texts_of_files_cannot_become_code(library: Library, tmp_path: Path):
    path = library.paths["small"]
    path.write_text(path.read_text().replace('title = "As it was"', 'title = "<script>alert(1)</script>"'))
    opened = Opened(Library([path]))
    assert "<script" not in opened.texts["headline"]
    assert "&lt;script&gt;" in opened.texts["headline"]
    opened.visit.close()


def test_nothing_is_run_before_a_browser_has_opened_the_socket(library: Library):
    document = Document()
    with set_curdoc(document):
        visit = Visit(library, library.new_page(), LIGHT)
        visit.template("nonce").server_doc(document)
    assert visit.session.wait()
    assert visit.session.ensembles.kept(visit.session.page.choices) is None
    visit.start()
    assert visit.session.wait()
    assert visit.session.ensembles.kept(visit.session.page.choices) is not None
    visit.close()


def test_figures_wait_for_a_browser_that_is_still_drawing(opened: Opened):
    visit = opened.visit
    sent = visit._sent
    visit._drawn, visit._sent_at = sent - 1, visit._sent_at + 1e6
    visit._looked(place=10)
    with set_curdoc(opened.document):
        visit._show_latest()
    assert visit._sent == sent
    visit._echoed("value", "", str(sent))
    assert visit._sent == sent + 1


def test_a_crash_leaves_a_message_that_goes_with_the_next_answer(opened: Opened, monkeypatch):
    visit = opened.visit
    failed = []
    monkeypatch.setattr(visit.session._worker, "_failed", failed.append)
    monkeypatch.setattr(visit.session.ensembles, "views", lambda *_: 1 / 0)
    visit.controls.runs.value = 200
    assert visit.session.wait()
    assert [type(error) for error in failed] == [ZeroDivisionError]
    with set_curdoc(opened.document):
        visit._tell_of(ZeroDivisionError("division by zero"))
    assert "This could not be computed: ZeroDivisionError" in opened.texts["message"]
    monkeypatch.undo()
    visit.desk.undo.clicks += 1
    opened.settle()
    assert opened.texts["message"] == ""


def test_a_file_is_opened_or_refused(opened: Opened):
    desk = opened.visit.desk
    page = opened.visit.session.page
    desk.open.filename, desk.open.value = "mine.json", page.to_json().encode()
    assert desk.going.value == page.to_query()
    desk.open.filename, desk.open.value = "other.json", b"nonsense"
    assert "other.json: is not JSON" in desk.said.object
    desk.open.value = b"x" * 1_000_001
    assert "too large" in desk.said.object
    desk.open.filename, desk.open.value = "<b>.json", b"\xff"
    assert "&lt;b&gt;.json: is not a saved page" in desk.said.object


def test_pinning_and_comparing(opened: Opened):
    visit = opened.visit
    visit.controls._answers["russia-2022"].value = "forces"
    visit.desk.pin.clicks += 1
    assert visit.desk.pin.label == "Unpin"
    assert visit.desk.against.value == "pinned"
    opened.settle()
    assert "<tr" in opened.texts["chances"]
    visit.desk.against.value = "main"
    opened.settle()
    assert "change against “A mission, as it happened”" in opened.texts["chances"]
    assert re.search(r"<b>(under |over )?\d+ %</b> <small>\(.* to .* %\)</small>", opened.texts["chances"])
    assert " points <small>(" in opened.texts["chances"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", ""),
        ("scenario=small", ""),
        ("scenario=nowhere", "link: scenario: there is no 'nowhere' here; allowed: first-steps, small"),
        ("scenario=small&branch=as-it-was&events.raid=maybe", "link: events.raid: 'maybe' is not known"),
        ("scenario=../../etc/passwd", "link: scenario: there is no '../../etc/passwd' here"),
    ],
)
def test_a_link_is_followed_or_refused_with_a_message_and_keeps_its_scenario(
    library: Library, query: str, message: str
):
    page, said = new_page(library, query, None)
    assert said.startswith(message) if message else said == ""
    assert page.choices.scenario == ("small" if query.startswith("scenario=small") else "first-steps")


def test_back_in_the_browser_undoes_and_refuses_what_no_page_is(opened: Opened):
    visit = opened.visit
    visit.desk.reset.clicks += 1
    first, steps = visit.desk.address.value, visit.session.steps
    visit.controls.choose_event(visit.session.story.switches("as-happened")["russia-2022"], "forces")
    assert visit.desk.address.value != first
    assert visit.desk.address.tags == [steps + 1]
    visit.back.tags = [1, f"{first}&theme=dark&room=ABCDE&seat=ARM"]
    assert (visit.desk.address.value, visit.desk.address.tags) == (first, [steps + 2])
    assert visit.controls._answers["russia-2022"].value == "mission"
    visit.back.tags = [2, "scenario=first-steps&branch=<b>"]
    assert "there is no branch &#x27;&lt;b&gt;&#x27;" in visit.mail.tags[2]["message"]
    visit.back.tags = [3, "scenario=small&branch=as-it-was"]
    assert visit.desk.address.value == first


QUICK = ("karabakh-2023", "csto-history", "small", "norway_nato_prague_1968")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
        for path in (
            *sorted((ROOT / "scenarios").glob("*.toml")),
            *sorted((ROOT / "scenarios/cases").glob("*.toml")),
            SMALL,
        )
    ],
)
def test_every_scenario_and_case_has_a_page(path: Path):
    opened = Opened(Library([path]))
    visit = opened.visit
    try:
        assert "%</b> of 60 simulated runs" in opened.texts["headline"]
        assert len(visit.fans.figures) == len(visit.session.story.clients)
        assert len(visit.timeline.source.data["time"]) == len(
            visit.session.story.switches(visit.session.page.choices.branch)
        )
    finally:
        visit.close()


def test_themes_differ_in_all_that_must(library: Library):
    assert palette_of("dark") is DARK
    assert palette_of("") is palette_of("<b>") is LIGHT
    for name in ("paper", "card", "ink", "muted", "faint", "accent", "second", "third"):
        assert getattr(DARK, name) != getattr(LIGHT, name)
