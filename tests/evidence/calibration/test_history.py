from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.calibration.history import COURSES, FREE, HistoryPrograms, answers_free
from sim.evidence.calibration.patterns import Pattern, load_patterns
from sim.evidence.record import load_record
from sim.experiments.parameters.priors import prior_draws, with_values
from sim.model.events.call import CallEvent, Response
from sim.scenario import Scenario, load
from sim.words import RESPONSES
from tests.docs.play import ROOT

PATTERNS = {one.name: one for one in load_patterns()}


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(ROOT / "scenarios" / "csto-history.toml")


@pytest.fixture(scope="module")
def programs(history: Scenario) -> HistoryPrograms:
    return HistoryPrograms(history, load_patterns())


def of(programs: HistoryPrograms, found: np.ndarray, name: str) -> np.ndarray:
    return found[:, [one.name for one in programs.patterns].index(name)]


def test_the_branch_in_between_keeps_the_calls_and_frees_the_answers(history: Scenario):
    between = answers_free(history)
    calls = {name for name, event in history.events.items() if isinstance(event, CallEvent)}
    answers = {name for name, event in history.events.items() if isinstance(event, Response)}
    assert calls <= set(between.events)
    assert not answers & set(between.events)


def test_the_patterns_of_the_panel_agree_with_the_record():
    """What happened on record lies in the interval that was written down for it, or it would be no pattern."""
    record = load_record()
    answers, calls = record.answers().set_index(["event", "state"]), record.calls
    for one in PATTERNS.values():
        if one.source == "answer":
            event, ally, level = one.about
            levels = answers.loc[event]["response"] if ally == "ANY" else answers.loc[[(event, ally)]]["response"]
            others = levels.drop("RUS", errors="ignore") if ally == "ANY" else levels
            seen = np.mean([RESPONSES.index(response) >= RESPONSES.index(level) for response in others])
            assert one.low <= seen <= one.high, one.name
        elif one.source == "call":
            made = calls.loc[(calls["event"] == one.about) & (calls["state"] == one.member), "made"]
            assert one.low <= float(made.any()) <= one.high, one.name
            assert len(made), one.name


def test_nothing_that_the_record_settles_is_asked_of_a_branch_that_has_it(programs: HistoryPrograms):
    """Answers vary where they are free: they are not the record's."""
    sets = np.repeat(prior_draws(8, seed=1), 8, axis=0)
    found = programs.values(1, np.arange(len(sets)), sets, 1)
    assert 0.0 < of(programs, found, "kyrgyzstan-1999-russia-arms").mean() < 1.0
    assert 0.0 < of(programs, found, "belarus-2020-russia-pledges").mean() < 1.0


def test_who_never_calls_never_calls_and_who_may_calls(programs: HistoryPrograms):
    sets = np.repeat(prior_draws(1, seed=1), 12, axis=0)
    silent = with_values(sets, {"call_base": -6.0, "call_hope": 0.0})
    loud = with_values(sets, {"call_base": 2.0, "call_shame": 0.0, "call_autonomy": 0.0})
    quiet, heard = (programs.values(1, np.arange(12), rows, 1) for rows in (silent, loud))
    assert of(programs, quiet, "kazakhstan-appeals-2022").mean() < 0.2
    assert of(programs, heard, "kazakhstan-appeals-2022").mean() > 0.7


def test_without_any_pressure_nobody_leaves_and_with_much_many_do(programs: HistoryPrograms):
    sets = np.repeat(prior_draws(1, seed=1), 12, axis=0)
    calm = with_values(sets, {"initial_trust": 0.85, "required_reliability": 0.3, "ladder_precision": 15.0})
    upset = with_values(sets, {"initial_trust": 0.3, "required_reliability": 0.8, "ladder_precision": 15.0})
    stay, go = (programs.values(1, np.arange(12), rows, 1) for rows in (calm, upset))
    assert of(programs, stay, "kazakhstan-keeps-to-it").mean() < 0.5
    assert of(programs, go, "kazakhstan-keeps-to-it").mean() > 2.0


def test_if_nothing_ever_happened(programs: HistoryPrograms):
    found = dict(zip([one.name for one in programs.patterns], programs.null(), strict=True))
    assert found["azerbaijan-lapses-1999"] == 0.0
    assert found["uzbekistan-is-in-2009"] == 1.0
    assert found["kazakhstan-2022-russia-comes"] == 0.0
    assert found["armenia-approval-2023"] == found["armenia-approval-2019"]


def test_a_history_without_the_branches_is_refused(history: Scenario):
    bare = history.model_copy(update={"branches": {COURSES: history.branches[COURSES]}})
    with pytest.raises(InputError, match=f"branches {COURSES} and {FREE}; this one has {COURSES}"):
        HistoryPrograms(bare, load_patterns())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "call", "about": "kazakhstan-2021"}, "did you mean 'kazakhstan-2022'"),
        ({"source": "answer", "about": ("osh-2010", "XXX", "forces")}, "no state 'XXX'"),
        ({"source": "metric", "about": "ZZZ.posture@end"}, "pattern azerbaijan-lapses-1999"),
        ({"source": "metric", "about": "AZE.posture@2040-01"}, "pattern azerbaijan-lapses-1999"),
    ],
)
def test_a_pattern_about_what_is_not_there_is_refused(history: Scenario, change: dict[str, object], said: str):
    wrong: Pattern = replace(PATTERNS["azerbaijan-lapses-1999"], **change)  # type: ignore[arg-type]
    with pytest.raises(InputError) as refused:
        HistoryPrograms(history, [wrong])
    assert said in str(refused.value)
