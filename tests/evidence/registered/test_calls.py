from datetime import date

import numpy as np
import pytest

import sim
from sim.evidence.registered.calls import Calls, answered, consultations, highest_responses
from sim.evidence.registered.questions import CheckedQuestions
from sim.evidence.registered.sampling import sample
from sim.experiments.chunks import BatchOutcome, RunBatch
from sim.experiments.result_axes import ResultAxes
from sim.output.responses import responses_of
from sim.scenario import load
from sim.words import FORCES, FREEZE, LOYAL, MATERIEL, MISSION, NONE, OUT, STATEMENT
from tests.docs.play import ROOT

CAST = ResultAxes(
    codes=("AAA", "BBB", "CCC", "DDD"),
    treaties=("PACT",),
    focus="PACT",
    guarantor="AAA",
    members=("AAA", "BBB", "CCC"),
    dates=(date(2021, 1, 1), date(2021, 1, 31), date(2021, 2, 28), date(2021, 3, 31)),
)
SPAN = Calls("response", "PACT", (2021, 2), (2021, 3))


def row(run: int, day: date, ally: str, level: int, **other: object) -> tuple[object, ...]:
    """Return an answer to a call of BBB against DDD."""
    said = {
        "branch": "b", "replicate": run, "date": day, "event": "raid", "victim": "BBB", "aggressor": "DDD",
        "severity": 0.5, "made": True, "ally": ally, "coverage": 1.0, "choice": level, "level": level,
        "fulfilment": 0.0, "fixed": False, "vetoed": False,
    } | other  # fmt: skip
    return tuple(said.values())


def highest(*rows: tuple[object, ...], postures: np.ndarray | None = None) -> list[float]:
    ranks = np.zeros((2, 4, 3), dtype=np.int8) if postures is None else postures
    outcome = BatchOutcome(np.empty((2, 0)), {"posture": ranks}, responses_of(rows))
    found = highest_responses(SPAN, CAST, RunBatch("b", 10, 2), outcome, frozenset({("b", "talks")}))
    return [-1.0 if np.isnan(level) else level for level in found]


FEBRUARY, MARCH = date(2021, 2, 10), date(2021, 3, 10)


def test_the_highest_response_to_the_first_call_counts() -> None:
    assert highest(row(10, FEBRUARY, "AAA", STATEMENT), row(10, FEBRUARY, "CCC", MISSION)) == [MISSION, -1]
    assert highest(row(11, MARCH, "AAA", FORCES), row(11, FEBRUARY, "AAA", NONE)) == [-1, NONE]
    assert highest(row(11, FEBRUARY, "AAA", NONE), row(11, MARCH, "AAA", FORCES)) == [-1, NONE]
    assert highest() == [-1, -1]


@pytest.mark.parametrize(
    "other",
    [{"made": False}, {"coverage": 0.0}, {"event": "talks"}, {"aggressor": "CCC"}, {"victim": "DDD"}],
)
def test_what_is_no_call_under_the_duty_to_defend_does_not_count(other: dict[str, object]) -> None:
    assert highest(row(10, FEBRUARY, "AAA", FORCES, **other)) == [-1, -1]
    assert highest(row(10, FEBRUARY, "AAA", FORCES)) == [FORCES, -1]
    assert highest(row(10, FEBRUARY, "DDD", FORCES)) == [-1, -1]


def test_calls_outside_the_span_and_unrest() -> None:
    assert highest(row(10, date(2021, 1, 31), "AAA", FORCES)) == [-1, -1]
    assert highest(row(10, date(2021, 4, 1), "AAA", FORCES)) == [-1, -1]
    assert highest(row(10, MARCH, "AAA", MATERIEL, aggressor="")) == [MATERIEL, -1]


def test_who_is_a_member_is_asked_of_each_run_before_the_reviews_of_the_month() -> None:
    postures = np.full((2, 4, 3), FREEZE, dtype=np.int8)
    postures[0, 2:, 1] = OUT  # BBB leaves at the end of February in the first run
    rows = [row(run, MARCH, "AAA", FORCES) for run in (10, 11)]
    assert highest(*rows, postures=postures) == [-1, FORCES]
    rows = [row(run, FEBRUARY, "AAA", FORCES) for run in (10, 11)]
    assert highest(*rows, postures=postures) == [FORCES, FORCES]
    postures[:, :, 2] = OUT
    assert highest(row(10, FEBRUARY, "CCC", FORCES), postures=postures) == [-1, -1]
    assert highest(row(10, FEBRUARY, "AAA", FORCES, aggressor="CCC"), postures=postures) == [FORCES, -1]


def test_yes_or_no_and_levels() -> None:
    ranks = np.array([[np.nan, 0.0, 4.0]])
    assert answered(Calls("called", "PACT", (2021, 1), (2021, 2)), ranks).tolist() == [[0.0, 1.0, 1.0]]
    assert answered(SPAN, ranks)[0, 1:].tolist() == [0.0, 4.0]


def test_consultations_of_the_shipped_story_are_known() -> None:
    scenario = load(ROOT / "scenarios" / "karabakh-2023.toml")
    found = consultations(scenario, ("as-happened", "agents-decide"))
    assert ("as-happened", "afghan-border-2021") in found  # Article 2 of the treaty
    assert ("as-happened", "attack-2022") not in found
    assert ("as-happened", "kazakhstan-2022") not in found


def test_a_sample_agrees_with_the_responses_of_a_result(asked: CheckedQuestions) -> None:
    found = sample(asked, 4, 5, workers=1, engine="mesa")
    result = sim.run(asked.scenario, replicates=4, seed=5, workers=1, engine="mesa")
    made = result.responses[result.responses["made"]]
    levels = made.groupby(["branch", "replicate"])["level"].max()
    for place, branch in enumerate(asked.file.branches):
        assert found["response"].values[place].tolist() == levels[branch].tolist()
        voice = (result.posture.sel(branch=branch, state="BBB").isel(date=slice(5, None)) >= 1).any("date")
        assert found["bria-voice"].values[place].tolist() == voice.astype(float).values.tolist()
    loyal = result.posture.sel(branch=list(asked.file.branches), state="BBB").isel(date=3) == LOYAL
    assert (found["bria-voice"].counted == loyal.values).all()
    assert found["call"].counted.all()
