"""The content of a report: all its sections in reading order."""

from sim.output.formatting import amount, amounts, percents
from sim.output.likelihood import SCALE, SOURCE
from sim.output.result import ResultData
from sim.output.subjects import branch_title, quoted
from sim.report.answer import FEW, ReportAnswer, answer
from sim.report.assumptions import assumptions, parameter_table
from sim.report.blocks import Block, Content, Grid, Listing, Number, Numbers, Section, Text
from sim.report.changes import changes
from sim.report.events import all_events, main_events
from sim.report.figures import further_figures, main_figure
from sim.report.numbers import numbers
from sim.report.provenance import licence, reproduce
from sim.report.question import ReportQuestion
from sim.report.result_sections import difference_figure, why
from sim.report.scorecard import scorecard
from sim.version import __version__
from sim.words import POSTURE_MEANINGS, POSTURES, RESPONSES


def content(question: ReportQuestion) -> Content:
    """Return the full content of a report.

    Parameters
    ----------
    question : ReportQuestion
        The question and the result that answers it.
    """
    result = question.result
    runs = f"{result.replicates} run{'s' * (result.replicates != 1)} a branch, seed {result.seed}"
    titles = " against ".join(quoted(result, branch) for branch in reversed(question.branches))
    found = answer(question)
    sections = (
        Section("question", "The question", _question(question)),
        Section(
            "answer", "The answer", (*_answer(found, result), *main_figure(question), *difference_figure(question))
        ),
        Section("differs", "What was varied", _varied(question)),
        Section("numbers", "The numbers", tuple(numbers(question))),
        Section("figures", "Figures", tuple(further_figures(question))),
        Section("why", "Why, in a typical run", why(question)),
        Section("events", "What happened, and who says so", main_events(question)),
        Section("assumptions", "What this rests on", assumptions(question)),
        Section("trust", "How far to trust it", (*scorecard(), *_limits(result))),
        Section("words", "Words used", tuple(_glossary())),
        Section("reproduce", "How to get the same numbers", reproduce(question)),
        Section("licence", "Licence and data to cite", licence(question)),
        Section("all-events", "Appendix: all events", (all_events(question),)),
        Section("parameters", "Appendix: all parameters", (parameter_table(question),)),
    )
    return Content(
        title=result.scenario.title,
        subtitle=f"{titles}; {runs}; csto-sim {__version__}",
        sections=tuple(section for section in sections if section.blocks),
    )


def _question(question: ReportQuestion) -> tuple[Block, ...]:
    said = question.result.scenario.description
    return (*((Text(said),) if said else ()), Text(question.text(), strong=True))


def _answer(found: ReportAnswer, result: ResultData) -> tuple[Block, ...]:
    large = [Number(branch_title(result, end.branch), end.value, end.spread) for end in found.ends]
    apart = found.difference
    if apart is not None and apart.value is not None:
        spread = "" if apart.low is None or apart.high is None else amounts(apart.low, apart.high, apart.kind)
        large.append(Number("difference, pair by pair", amount(apart.value, apart.kind), spread))
    note = "Brackets and small figures: 90 % intervals." if found.ends[0].kind == "chance" else (
        "Small figures: where nine in ten runs lie; of the difference, its 90 % interval."
    )  # fmt: skip
    return (*(Text(sentence, strong=True) for sentence in found.sentences), Numbers(tuple(large)), Text(note))


def _varied(question: ReportQuestion) -> tuple[Block, ...]:
    result = question.result
    notes = []
    for branch in question.branches:
        given = result.scenario.branches.get(branch)
        notes.append(f"{branch_title(result, branch)} ({branch})" + (f": {given.note}" if given and given.note else ""))
    if question.b is None:
        return (Listing(tuple(notes)),)
    table = changes(result, question.a, question.b)
    return (Listing(tuple(notes)), table or Text("Nothing differs between the two branches: they are the same runs."))


def _limits(result: ResultData) -> tuple[Block, ...]:
    few = f" {result.replicates} runs are few: read the intervals, not the values." if result.replicates < FEW else ""
    return (
        Text(
            "Intervals are of 90 %. They count chance between runs (Wilson 1927 for chances; a bootstrap over pairs of "
            "runs for differences, or an exact binomial bound where no pair differs), not doubt about parameters, "
            "codings or the form of the model, which can be larger." + few
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
