"""Figures of one decision and of the moves of trust: every term is told apart, and axes of shares are whole."""

from datetime import date

from sim.plots.caption import Caption
from sim.plots.decision import Bar, Pull, term_bars, trust_moves
from tests.plots.drawn import faults, texts

CAPTION = Caption("A title", "A note.", "logits", ("Sources: none",))
WORDS = {f"term-{number}": f"meaning {number}" for number in range(12)}


def test_no_two_terms_look_the_same() -> None:
    terms = {term: 0.1 * (number + 1) for number, term in enumerate(WORDS)}
    figure = term_bars([Bar("only", terms, 1.0, "50 %", chosen=True)], WORDS, CAPTION)
    patches = [container[0] for container in figure.axes[0].containers]
    looks = {(patch.get_facecolor(), patch.get_hatch()) for patch in patches}
    assert len(looks) == len(WORDS)
    assert faults(figure) == []


def test_terms_that_are_zero_in_every_bar_are_left_out() -> None:
    terms = {"term-0": 0.4, "term-1": 0.0, "term-2": 0.0}
    bars = [Bar("first", terms, 0.4, "60 %", chosen=True), Bar("second", {**terms, "term-2": -0.1}, 0.3, "40 %", False)]
    figure = term_bars(bars, WORDS, CAPTION)
    assert {"meaning 0", "meaning 2"} <= set(texts(figure))
    assert "meaning 1" not in texts(figure)
    assert [container.get_label() for container in figure.axes[0].containers] == ["term-0", "term-0", "term-2"]


def test_the_axis_of_trust_is_whole() -> None:
    days = [date(2020, month, 28) for month in range(1, 13)]
    pulls = [Pull(date(2020, 5, 10), 0.62, 0.60, "a small step")]
    figure = trust_moves(days, [0.62] * 4 + [0.60] * 8, days[-1], pulls, CAPTION)
    assert figure.axes[0].get_ylim() == (0, 1)
    assert faults(figure) == []
