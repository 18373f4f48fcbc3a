"""What moved trust: each event's share and forgetting, as they are drawn of a real run."""

from datetime import date

import numpy as np
import pytest
from matplotlib.figure import Figure

import sim
from sim.analysis.explaining.steps import trust_steps
from sim.output.formatting import month
from sim.plots.gallery import lacking
from sim.plots.moved import MOST, event_shares, moved
from sim.result import Result
from sim.rules.maths import logistic, logit
from sim.words import RESPONSES
from tests.engine.test_questions import ANSWER, ATTACK, CALL
from tests.plots.drawn import faults, texts, whole_text
from tests.worlds import scenario

WORDS = {"kind": "rhetoric", "state": "BIG", "target": "VIC", "tone": -0.8, "date": date(2020, 6, 5)}
GIFT = {"kind": "aid", "state": "BIG", "target": "VIC", "value": 0.3, "channel": "arms", "date": date(2020, 8, 5)}
SMALL = {
    f"hint-{day}": {**WORDS, "tone": -0.01 * day, "date": date(2020, 9, day)} for day in range(1, MOST + 1)
}  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Result:
    events = {"attack": ATTACK, "call": CALL, "answer": ANSWER, "words": WORDS, "gift": GIFT, **SMALL}
    return sim.run(scenario(events=events), replicates=3, engine="mesa", workers=1)


def bars(figure: Figure, panel: int) -> dict[str, float]:
    """Return the sums of the bars of a panel by their labels."""
    found: dict[str, float] = {}
    for container in figure.axes[panel].containers:
        sizes = [bar.get_height() if panel == 1 else bar.get_width() for bar in container]
        found[container.get_label()] = found.get(container.get_label(), 0.0) + sum(sizes)
    return found


def test_bars_of_a_month_add_up_to_the_change_of_the_path(run: Result) -> None:
    figure = moved(run, "VIC")
    (path,) = (line for line in figure.axes[0].lines if line.get_label() == "trust")
    (branch,) = run.branches
    told = trust_steps(run, "VIC", branch)
    np.testing.assert_allclose(
        path.get_ydata(), run.trust.sel(branch=branch, replicate=told.replicate, truster="VIC", trustee="BIG")
    )
    assert sum(bars(figure, 1).values()) == pytest.approx(path.get_ydata()[-1] - path.get_ydata()[0])
    heights = np.zeros(len(path.get_xdata()) - 1)
    for container in figure.axes[1].containers:
        for bar in container:
            place = np.searchsorted(path.get_xdata(), bar.get_x()) - 1
            heights[place] += bar.get_height()
    np.testing.assert_allclose(heights, np.diff(path.get_ydata()), atol=1e-12)


def test_forgetting_is_the_fading_of_what_was_learnt_and_nothing_else(run: Result) -> None:
    (branch,) = run.branches
    told = trust_steps(run, "VIC", branch)
    start, kept = logit(told.path[0]), 2 ** (-1 / 60)
    faded = [logistic(start + kept * (logit(before) - start)) - before for before in told.path[:-1]]
    np.testing.assert_allclose(told.forgotten, faded, atol=1e-12)


def test_the_list_has_the_largest_first_and_sums_up_the_small_ones(run: Result) -> None:
    (branch,) = run.branches
    shares = event_shares(trust_steps(run, "VIC", branch))
    sizes = [abs(share.change) for share in shares]
    assert sizes == sorted(sizes, reverse=True)
    assert {share.name for share in shares} == {"attack", "words", "gift", *SMALL}
    drawn = list(bars(moved(run, "VIC"), 2).values())
    assert len(drawn) == MOST + 2
    np.testing.assert_allclose(drawn[:MOST], [share.change for share in shares[:MOST]])
    assert drawn[MOST] == pytest.approx(sum(share.change for share in shares[MOST:]))
    assert drawn[-1] == pytest.approx(trust_steps(run, "VIC", branch).forgotten.sum())


def test_the_page_says_which_run_and_adds_up(run: Result) -> None:
    figure = moved(run, "VIC")
    text = whole_text(figure)
    assert "One run of 3, the nearest to the median path" in text
    assert "by events" in text
    assert any(each.startswith("Forgetting: what was learnt fades") for each in texts(figure))
    (branch,) = run.branches
    told = trust_steps(run, "VIC", branch)
    ends = f"{told.path[0]:.2f} ({month(told.days[0])}) to {told.path[-1]:.2f} ({month(told.days[-1])})"
    assert ends in figure.get_label()
    assert faults(figure) == []


def test_an_answer_is_the_one_given_in_the_run(run: Result) -> None:
    (branch,) = run.branches
    (attack,) = (step for step in trust_steps(run, "VIC", branch).steps if step.name == "attack")
    assert attack.answer == "mission"
    assert ": mission" in whole_text(moved(run, "VIC"))
    free = sim.run(scenario(events={"attack": ATTACK, "call": CALL}), replicates=1, engine="mesa", workers=1)
    given = free.responses.query("ally == 'BIG' and event == 'attack'")["level"].iloc[0]
    (attack,) = trust_steps(free, "VIC", free.branches[0]).steps
    assert attack.answer == RESPONSES[given]


def test_shares_that_read_as_zero_are_added_to_the_others() -> None:
    tiny = {"kind": "rhetoric", "state": "BIG", "target": "VIC", "tone": -0.001, "date": date(2020, 9, 1)}
    result = sim.run(scenario(events={"words": WORDS, "tiny": tiny}), replicates=1, engine="mesa", workers=1)
    assert list(bars(moved(result, "VIC"), 2)) == ["words", "others", "forgetting"]
    assert "1 smaller share of another event" in texts(moved(result, "VIC"))


def test_a_world_in_which_nothing_happens_moves_hardly_anything() -> None:
    still = sim.run(scenario(), replicates=2, engine="mesa", workers=1)
    figure = moved(still, "VIC")
    assert figure.get_label().startswith("Hardly anything moves ")
    assert faults(figure) == []


def test_made_up_results_cannot_be_replayed(made: Result) -> None:
    assert "the replay is not the run" in lacking(made, "moved")
