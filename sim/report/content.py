"""The content of a report: all its sections in reading order."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from sim.analysis.explaining.explanation import Explanation
from sim.output.formatting import amount, amounts, percents
from sim.output.likelihood import SCALE, SOURCE
from sim.output.subjects import branch_title, quoted
from sim.report.answer import ReportAnswer, answer
from sim.report.assumptions import assumptions, parameter_table
from sim.report.blocks import Block, Content, Grid, Listing, Number, Numbers, Section, Text
from sim.report.changes import changes
from sim.report.events import all_events, main_events
from sim.report.figures import further_figures, main_figure, posture_figure, printed_figures
from sim.report.fits import is_tested
from sim.report.front import how_sure, intervals, tested, what_would_change_it, why_in_short
from sim.report.numbers import numbers
from sim.report.provenance import citation, licence, made, reproduce
from sim.report.question import ReportQuestion
from sim.report.result_sections import difference_figure, explained, why
from sim.report.scorecard import scorecard
from sim.words import POSTURE_MEANINGS, POSTURES, RESPONSES

_ON_THE_PAGE: Final = "Not printed: it is in the report as HTML or Markdown"
_IN_FILES: Final = f"{_ON_THE_PAGE}, and in scenario.json of the result."
_IN_PLOTS: Final = f"{_ON_THE_PAGE}; csto-sim plot draws each figure."
_IN_EXPLAIN: Final = f"{_ON_THE_PAGE}; csto-sim explain writes it out."


def content(question: ReportQuestion, author: str = "") -> Content:
    """Return the full content of a report.

    Parameters
    ----------
    question : ReportQuestion
        The question and the result that answers it.
    author : str
        Who makes the report, for its head and citation.
    """
    result = question.result
    named = partial(quoted, result)
    answered, explanations, main = answer(question), explained(question), main_figure(question)
    shown = {figure.name for figure in main}
    figures = (*posture_figure(question), *difference_figure(question), *printed_figures(question))
    front = (
        Section("question", "The question", _question(question)),
        Section("answer", "The answer", (*_answer(answered, question), *main)),
        Section("reasons", "Why", why_in_short(question, explanations)),
        Section("sure", "How sure", how_sure(question)),
        Section("change", "What would change it", what_would_change_it(answered)),
    )
    behind = (
        Section("differs", "What was varied", _varied(question)),
        Section("numbers", "The numbers", tuple(numbers(question))),
        Section("figures", "Figures", tuple(figure for figure in figures if figure.name not in shown)),
        Section("further", "Further figures", tuple(further_figures(question)), elsewhere=_IN_PLOTS),
        *_why(question, explanations),
        Section("events", "What happened, and who says so", main_events(question)),
        Section("assumptions", "What this rests on", assumptions(question)),
        Section("trust", "How far to trust it", _trust(question)),
        Section("words", "Words used", tuple(_glossary())),
        Section("reproduce", "How to get the same numbers", reproduce(question, author)),
        Section("licence", "Licence and data to cite", licence(question)),
        Section("all-events", "Appendix: all events", (all_events(question),), elsewhere=_IN_FILES),
        Section("parameters", "Appendix: all parameters", (parameter_table(question),), elsewhere=_IN_FILES),
    )
    return Content(
        title=result.scenario.title,
        subtitle="" if question.alone else " against ".join(map(named, reversed(question.branches))),
        made=made(result, author),
        citation=citation(result, author),
        sections=(
            *(replace(section, front=True) for section in front if section.blocks),
            *(section for section in behind if section.blocks),
        ),
    )


def _why(question: ReportQuestion, explanations: Mapping[str, Explanation | str]) -> Iterator[Section]:
    """Yield the explanation of each branch, the first of which is printed."""
    for number, (branch, explanation) in enumerate(explanations.items()):
        title = f"Why, in a typical run{question.under(branch)}"
        if number:
            yield Section(f"why-{number + 1}", title, why(explanation), elsewhere=_IN_EXPLAIN)
        else:
            yield Section("why", title, why(explanation))


def _question(question: ReportQuestion) -> tuple[Block, ...]:
    said = question.result.scenario.description
    return (*((Text(said),) if said else ()), Text(question.text(), strong=True))


def _answer(answered: ReportAnswer, question: ReportQuestion) -> tuple[Block, ...]:
    result = question.result
    large = [
        Number(
            end.stated.kind if question.alone else branch_title(result, end.branch), end.stated.value, end.stated.spread
        )
        for end in answered.ends
    ]
    apart = answered.difference
    if apart is not None and apart.value is not None:
        spread = "" if apart.low is None or apart.high is None else amounts(apart.low, apart.high, apart.kind)
        large.append(Number("difference, pair by pair", amount(apart.value, apart.kind), spread))
    note = "Brackets and small figures: 90 % intervals." if answered.ends[0].stated.kind == "chance" else (
        "Medians, and in small figures where nine in ten runs lie; the difference is a mean, with its 90 % interval."
    )  # fmt: skip
    standing, differing, _ = answered.sentences
    return (Text(standing, strong=True), Text(differing, strong=True), Numbers(tuple(large)), Text(note))


def _varied(question: ReportQuestion) -> tuple[Block, ...]:
    if question.alone:
        return ()
    result = question.result
    notes = []
    for branch in question.branches:
        given = result.scenario.branches.get(branch)
        notes.append(f"{branch_title(result, branch)} ({branch})" + (f": {given.note}" if given and given.note else ""))
    if question.b is None:
        return (Listing(tuple(notes)),)
    table = changes(result, question.a, question.b)
    return (Listing(tuple(notes)), table or Text("Nothing differs between the two branches: they are the same runs."))


def _trust(question: ReportQuestion) -> tuple[Block, ...]:
    """Return how far the numbers can be trusted: the scores on this alliance, and what intervals and chances mean."""
    score = scorecard() if is_tested(question.result) else (Text(tested(question)),)
    return (
        *score,
        Text(
            f"{intervals(question)} They are Wilson's (1927) for chances, and for differences a bootstrap over pairs "
            "of runs, or an exact binomial bound where no pair differs."
        ),
        Text(
            "Differences are between runs of the same replicate in both branches, which draw the same random numbers, "
            "so that they differ only where events lead them apart."
        ),
        Text(
            "The model's chances are statements about the model under these assumptions. They are no forecast, and "
            "nothing in them rests on sources that are not named here."
        ),
    )


def _glossary() -> list[Block]:
    scale = tuple((name, percents(low, high)) for name, low, high in SCALE)
    ladder = tuple((str(rank), name, POSTURE_MEANINGS[name]) for rank, name in enumerate(POSTURES))
    return [
        Grid(
            "The ladder of postures, from loyalty to exit",
            ("rung", "posture", "what the member does"),
            ladder,
            figures=(),
        ),
        Listing(
            (
                "Trust: how far a state expects another to do what its treaty owes, 0 to 1.",
                f"Response: what an ally does about an attack or crisis, one of {', '.join(RESPONSES)}.",
                "Branch: a named variation of the scenario's events.",
                "Run: one course of events with chance draws of its own.",
            )
        ),
        Grid("Words for chances", ("word", "chance"), scale, figures=()),
        Text(
            "Where an interval spans several of these words, the sentences name the two at its ends. A chance on the "
            f"border of two words takes the one further from even. Source: {SOURCE}"
        ),
    ]
