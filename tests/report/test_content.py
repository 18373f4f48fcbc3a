"""What stands in a report beside its answer."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from sim.experiments.parameters.sources import unscored_note
from sim.model.parameters import PARAMETERS
from sim.output.formatting import day_in_words
from sim.output.store import identity
from sim.report.answer import answer
from sim.report.assumptions import assumptions, judged, parameter_table, quantities
from sim.report.blocks import Block, Code, Content, Figure, Grid, Listing, Text
from sim.report.changes import changes
from sim.report.content import content
from sim.report.events import all_events, main_events
from sim.report.figures import main_figure
from sim.report.front import why_in_short
from sim.report.markdown import render
from sim.report.provenance import citation, licence, reproduce
from sim.report.question import ReportQuestion, ask
from sim.report.result_sections import difference_figure, explained, in_short, why
from sim.report.scorecard import NONE, scorecard, verdict
from sim.result import Result
from sim.scenario import load
from sim.scenario.schema import Branch
from sim.version import __version__
from tests.report.conftest import by_hand

SHIPPED = Path(__file__).parents[2] / "scenarios" / "karabakh-2023.toml"
A, B = "as-happened", "russia-sends-forces-2022"


@pytest.fixture(scope="module")
def shipped() -> Result:
    """Made-up runs of the shipped scenario."""
    return replace(by_hand({A: [1, 0], B: [0, 0]}), scenario=load(SHIPPED))


@pytest.fixture(scope="module")
def whole(small: Result) -> Content:
    return content(ask(small), "A. Nalyst")


def text(blocks: tuple[Block, ...]) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, Text | Code):
            parts.append(block.text)
        elif isinstance(block, Listing):
            parts += block.items
        elif isinstance(block, Grid):
            parts += [block.title, *(" | ".join(row) for row in (block.heads, *block.rows))]
    return "\n".join(parts)


def text_of(made: Content) -> str:
    return "\n".join(text(section.blocks) for section in made.sections)


def test_what_differs_between_branches_is_listed_by_event(shipped: Result):
    table = changes(shipped, A, B)
    assert table is not None
    rows = {row[0].rpartition("(")[2].rstrip(")"): row[1:] for row in table.rows}
    assert rows["russia-2022"] == ("response: mission, offered: materiel", "response: forces, offered: none")
    assert rows["protest-september-2022"] == ("happens", "does not happen")
    assert set(rows) == {"russia-2022", "usa-ceasefire-2022", "protest-september-2022", "protest-november-2022"}


def test_what_differs_is_told_in_words_on_the_first_page(shipped: Result):
    said = text(why_in_short(ask(shipped, A, B), {}))
    assert said.splitlines()[0] == "What differs under “Russia sends forces in 2022”, compared with “As it happened”:"
    assert "mission: response forces in place of mission; offered none in place of materiel" in said
    assert "18 Sep 2022: Protests in Armenia: does not happen" in said


def test_other_values_that_differ_are_listed_by_key(shipped: Result):
    table = changes(shipped, A, "peacekeepers-hold-2023")
    assert table is not None
    before = shipped.scenario.treaties["STATEMENT-2020"].expires
    assert ("treaties.STATEMENT-2020.expires", str(before), "2025-11-10") in table.rows


def test_branches_that_are_the_same_have_nothing_that_differs(shipped: Result):
    assert changes(shipped, A, A) is None


def test_the_events_that_matter_stand_with_their_sources(shipped: Result):
    (table,) = main_events(ask(shipped))
    assert isinstance(table, Grid)
    assert any("13 Sep 2022" in row[0] and row[2] == "1lurer 2023-04-17; news.am 755255" for row in table.rows)
    assert all(row[2] for row in table.rows)


def test_every_event_of_both_branches_is_listed_once_with_its_source(shipped: Result):
    table = all_events(ask(shipped, A, B))
    assert len(table.rows) == len(shipped.scenario.events)
    row = next(row for row in table.rows if row[1].startswith("Protests in Armenia"))
    assert row[2:4] == ("severity 0.2", "As it happened")
    answer = next(row for row in table.rows if row[1].startswith("Azerbaijan attacks Armenia: one day"))
    assert answer[2:] == ("severity 0.9", "both", "TASS 2023-09-20; Wikipedia on the offensive")


def test_the_settings_and_judgements_behind_an_answer_are_named(shipped: Result):
    said = text(assumptions(ask(shipped)))
    assert "the coded record ends on 30 Jun 2026" in said
    assert "coerces and reassures by choice: after the record ends" in said
    assert f"All {len(PARAMETERS)} parameters stand at their defaults" in said
    found = [each for _, each in quantities(shipped.scenario) if judged(each)]
    assert f"Coded by a rule from sources, not measured: {len(found)} figures about states and pairs of states" in said
    assert "dyads.ARM.RUS.ties | 0.75 | close ally in practice" in said
    assert "Judgements about Armenia, Azerbaijan, Russia" in said
    assert "dyads.ARM.AZE.threat | 1 | at war or attack expected" in said
    assert "dyads.KAZ." not in said


def test_parameters_off_their_defaults_stand_with_both(shipped: Result):
    branch = shipped.scenario.branches[B].model_copy(update={"parameters": {"memory_half_life": 24.0}})
    told = shipped.scenario.model_copy(
        update={
            "parameters": {"excuse_legal": 0.0},
            "branches": {**shipped.scenario.branches, B: branch},
        }
    )
    asked = ask(replace(shipped, scenario=told), A, B)
    said = text(assumptions(asked))
    assert "memory_half_life | time in which evidence loses half its weight | 60 | 24 | 60 |" in said
    assert f"excuse_legal | {PARAMETERS['excuse_legal'].meaning} | 0 | 0 | 4 |" in said
    assert f"The other {len(PARAMETERS) - 2} parameters stand at their defaults" in said
    rows = {row[0]: row for row in parameter_table(asked).rows}
    assert len(rows) == len(PARAMETERS)
    assert rows["memory_half_life"][3:6] == ("60", "24", "60")


def test_parameters_that_are_newer_than_fit_or_result_stand_at_their_defaults(shipped: Result):
    drawn = pd.DataFrame({name: [row.low, row.low] for name, row in PARAMETERS.items() if name != "reach"})
    about = {"name": "mine", "digest": "0", "filled": {"hysteresis": 0.3}}
    asked = ask(replace(shipped, drawn=drawn, posterior=about))
    said = text(assumptions(asked))
    assert "from the fit, which is older than the present equations, for each run and the same in every branch" in said
    constants = [row for row in PARAMETERS.values() if not row.fitted]
    fitted = len(PARAMETERS) - len(constants) - 1  # hysteresis is newer
    assert f"All {fitted} fitted parameters are drawn" in said
    assert f"{len(constants)} constants keep their values." in said
    assert "At their defaults, since newer than the fit: hysteresis." in said
    cells = {row[0]: row[3] for row in parameter_table(asked).rows}
    assert (cells["reach"], cells["memory_half_life"]) == ("2", "12")


def test_no_scorecard_is_said_plainly_and_one_that_ships_is_shown(tmp_path: Path):
    (none,) = scorecard(tmp_path / "none.csv")
    assert none == Text(NONE, strong=True)
    file = tmp_path / "scorecard.csv"
    file.write_text(
        "split,mode,score,horizon,name,value\n"
        "test,headline,brier,12,model,0.1\ntest,headline,brier,12,persistence,0.05\n"
        "test,observed,brier,12,model,0.9\n"
    )
    said = text(scorecard(file))
    assert "part | what was forecast | months | the model | nothing changes | best" in said
    assert "from 2022 | events (Brier) | 12 | 0.100 | 0.050 | nothing changes" in said
    assert "beat the forecast that nothing changes on 0 of 1 scores." in verdict(file)
    assert "0.9" not in said


def test_a_scorecard_says_which_parameters_it_is_older_than(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(PARAMETERS, "unheard_weight", PARAMETERS["reach"])
    (note,) = [block.text for block in scorecard() if isinstance(block, Text) and "before the model had" in block.text]
    assert note == unscored_note()
    assert note.endswith("unheard_weight.")
    monkeypatch.setattr("sim.report.scorecard.unscored_note", str)
    assert "before the model had" not in text(scorecard())


def test_scores_are_told_in_words(shipped: Result):
    said = text(scorecard())
    for word in ("tune", "rps", "last12", "logit", "persistence"):
        assert word not in said


def test_log_odds_are_called_so(shipped: Result):
    table = text((parameter_table(ask(shipped)),))
    assert "logit" not in table
    assert "IRI polls of Armenia 2019-21: 2.0 log odds in all" in table


def test_one_thing_is_counted_as_one(shipped: Result):
    first = next(event for event in shipped.scenario.events.values() if hasattr(event, "severity"))
    told = shipped.scenario.model_copy(update={"events": {"only": first}, "branches": {A: Branch(), B: Branch()}})
    said = text(assumptions(ask(replace(shipped, scenario=told))))
    assert "1 event carries one" in said


def test_data_sets_are_cited_with_licence(shipped: Result):
    said = text(licence(ask(shipped)))
    assert "Licence: the coding is MIT" in said
    assert "Correlates of War, National Material Capabilities. Version: 7.0 (2022). Licence: free of charge" in said


def test_a_result_in_memory_can_be_made_again_in_python(small: Result):
    said = "\n".join(block.text for block in reproduce(ask(small)) if hasattr(block, "text"))
    assert "replicates=6, seed=3" in said
    assert "csto-sim report RESULT --from as-it-was --to help-comes" in said


def test_the_head_says_who_made_the_report_when_and_how_to_cite_it(small: Result, whole: Content):
    today, made = day_in_words(datetime.now(UTC).date()), whole
    assert made.made == f"A. Nalyst; run of {today}; 6 runs a branch, seed 3; csto-sim {__version__}"
    assert made.citation.startswith(
        f"A. Nalyst ({today[-4:]}). {small.scenario.title}. Report by csto-sim {__version__}"
    )
    assert identity(small) in made.citation
    assert citation(small).startswith("The csto-sim authors (")
    assert "--author 'A. Nalyst'" in text_of(made)


def test_no_control_character_reaches_markdown(whole: Content):
    made = render(replace(whole, title="red \x1b[31m turned \u202e"), "beside")
    assert made.startswith("# red \\u001b\\[31m turned \\u202e\n")


def test_every_figure_has_a_line_with_its_source(whole: Content):
    figures = [block for section in whole.sections for block in section.blocks if isinstance(block, Figure)]
    assert len(figures) >= 5
    assert all(figure.source.startswith("Source: model runs, csto-sim ") for figure in figures)


@pytest.mark.parametrize(
    ("metric", "b", "name"),
    [
        ("BBB.posture@2021-12 >= voice", "help-comes", "postures"),
        ("first(BBB.posture >= voice) <= 2021-12", "help-comes", "postures"),
        ("BBB.posture@2021-12 >= voice", None, "postures"),
        ("BBB.trust[AAA]@end", "help-comes", "metric"),
        ("BBB.trust[AAA]@end", None, "metric"),
        ("AAA.posture@2021-12 >= voice", "help-comes", "metric"),
    ],
)
def test_the_first_figure_is_about_the_metric_asked(small: Result, metric: str, b: str | None, name: str):
    asked = ReportQuestion(small, "as-it-was", b, (metric,))
    assert [figure.name for figure in main_figure(asked)] == [name]


def test_a_metric_that_is_not_recorded_by_date_has_no_figure():
    metric = "mean(RUS.attention, 2021-01..2021-12)"
    asked = ReportQuestion(by_hand({A: [1, 0], B: [0, 0]}), A, B, (metric,))
    assert main_figure(asked) == difference_figure(asked) == ()


def test_no_picture_is_there_twice(small: Result, whole: Content):
    trust = content(ReportQuestion(small, "as-it-was", None, ("BBB.trust[AAA]@end",)))
    for made in (whole, trust):
        names = [block.name for part in made.sections for block in part.blocks if isinstance(block, Figure)]
        assert len(set(names)) == len(names)
    assert "postures" in names


def test_a_scenario_without_branches_names_none(small: Result):
    scenario = small.scenario.model_copy(update={"branches": {}})
    bare = replace(
        small,
        scenario=scenario,
        branches=("base",),
        data=small.data.sel(branch=["as-it-was"]).assign_coords(branch=["base"]),
    )
    asked = ReportQuestion(bare, "base", None, ("BBB.posture@2021-12 >= voice",))
    assert asked.text() == "How likely is it that Bria stands at voice or beyond in Dec 2021?"
    found = answer(asked)
    assert "base" not in " ".join(found.sentences)
    assert found.sentences[1].startswith("The scenario has no branches: nothing is compared with its 6 runs")


def test_the_first_pages_give_reasons_without_sizes(small: Result):
    asked = ask(small)
    reasons = [reason for told in explained(asked).values() for reason in in_short(told)]
    assert any("trust in" in reason for reason in reasons)
    assert not any("Pressure" in reason for reason in reasons)
    assert not any("is even" in reason for reason in reasons)
    assert not any(re.search(r"[ (]-\d", reason) for reason in reasons)
    assert list(in_short("not explained")) == []


def test_sections_have_names_of_their_own_and_something_to_say(whole: Content):
    made = whole
    names = [section.name for section in made.sections]
    assert len(set(names)) == len(names)
    assert all(section.blocks for section in made.sections)
    assert [section.name for section in made.front] == names[:5] == ["question", "answer", "reasons", "sure", "change"]
    assert names[-2:] == ["all-events", "parameters"]
    assert made.short().sections == made.front


def test_the_difference_over_time_and_why_are_there_where_results_can_tell_them(small: Result, whole: Content):
    asked = ask(small)
    assert difference_figure(asked)
    told = explained(asked)
    assert list(told) == list(asked.branches)
    assert all(why(each) for each in told.values())
    assert {"why", "why-2"} <= {section.name for section in whole.sections}
