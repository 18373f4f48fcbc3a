"""Figures of an explanation: terms of a decision and moves of trust, with their labels and files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.analysis.explaining.explanation import Explanation
from sim.analysis.explaining.names import month_in_words
from sim.analysis.explaining.sentences import chance_note, choice_in_words, option_name, when
from sim.analysis.explaining.trust_sentences import headline
from sim.analysis.explaining.wording import unit_of
from sim.errors import InputError
from sim.output.formatting import percent, possessive, signed_number
from sim.plots.caption import Caption
from sim.plots.decision import Bar, Pull, term_bars, trust_moves
from sim.plots.style import Sheet, save
from sim.version import __version__

PULLS: Final = 10
"""Most moves that a figure of trust marks."""

LEAST: Final = 0.0005
"""Least effect that is marked; smaller ones would read as zero."""


def draw_decision(explanation: Explanation, number: int = 0) -> Sheet:
    """Draw the terms of each alternative of a decision; decisions are numbered from 0, idle ones excluded.

    Raises
    ------
    InputError
        If there is no such decision.
    """
    full = explanation.full()
    if not 0 <= number < len(full):
        allowed = f"0 to {len(full) - 1}" if full else "none, as nothing was decided"
        raise InputError(f"there is no decision {number}; allowed: {allowed}")
    explained = full[number]
    words = {term: said for option in explained.decision.options for term, said in explained.words[option.name].items()}
    chosen = explained.decision.chosen
    bars = [
        Bar(
            option_name(explained, option),
            option.terms,
            option.utility,
            percent(option.chance),
            option.name == chosen,
        )
        for option in explained.decision.options
    ]
    figures = " Figures in the key are those of forces." if explained.decision.kind == "response" else ""
    note = (
        f"{when(explained, explanation.names)}. What each alternative weighs, term by term; "
        f"the chance is that of the rule.{figures}"
    )
    title = f"{choice_in_words(explained, explanation.names)} {chance_note(explained, explanation.tick)}"
    return term_bars(bars, words, Caption(title, note, unit_of(explained.decision.kind), _footer(explanation)))


def draw_chain(explanation: Explanation) -> Sheet:
    """Draw trust in the guarantor through the run, and mark the moves with the largest effect.

    Raises
    ------
    InputError
        If the state has no guarantor to trust.
    """
    chain = explanation.chain
    if chain is None:
        raise InputError(f"{explanation.state} is no client of a guarantor; there is no trust to draw")
    names = explanation.names
    who, other = names.state(chain.truster), names.state(chain.trustee)
    pulls = [
        Pull(
            names.day(move.name, move.day),
            move.before,
            move.after,
            f"{signed_number(chain.effect(move), 3)} {headline(chain, move, explanation)}: {names.happened(move.name)}",
        )
        for move in chain.moves[:PULLS]
        if abs(chain.effect(move)) >= LEAST
    ]
    note = (
        f"Trust of {who} in {other}, 0 to 1, in one run; the moves that tell most at the end of "
        f"{month_in_words(chain.until)}, each with what it makes of trust then."
    )
    caption = Caption(f"What moved {possessive(who)} trust in {other}", note, f"trust in {other}", _footer(explanation))
    return trust_moves(chain.days, chain.path, chain.until, sorted(pulls, key=lambda pull: pull.day), caption)


def _footer(explanation: Explanation) -> tuple[str, str]:
    typical = ", nearest the median path" if explanation.typical else ""
    parts = (
        f"Scenario: {explanation.title}",
        f"branch {explanation.branch}",
        f"replicate {explanation.replicate}{typical}",
        f"seed {explanation.seed}",
        f"csto-sim {__version__}",
    )
    return "Sources: model run; events and their dates as the scenario file gives them", " · ".join(parts)


def save_figures(explanation: Explanation, folder: Path, formats: Sequence[str] | None = None) -> list[Path]:
    """Save the figures of an explanation in a folder: one for each decision, and one of trust.

    Returns
    -------
    list of Path
        The files written.
    """
    paths: list[Path] = []
    for number, explained in enumerate(explanation.full()):
        paths += save(
            draw_decision(explanation, number), folder / f"decision-{number + 1}-{explained.decision.kind}", formats
        )
    if explanation.chain is not None:
        paths += save(draw_chain(explanation), folder / "trust", formats)
    return paths


def described(explanation: Explanation) -> str:
    """Return the folder name of an explanation, such as ``as-happened-37-ARM-2024-02``."""
    return f"{explanation.branch}-{explanation.replicate}-{explanation.state}-{explanation.first:%Y-%m}"
