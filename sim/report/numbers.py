"""The tables of numbers in a report."""

from sim.output.formatting import amount, amounts, sentence
from sim.output.result import ResultData
from sim.output.subjects import branch_title, quoted, state_in_sentence, state_name
from sim.output.summary import TextTable, summary_tables
from sim.report.answer import end_of
from sim.report.blocks import Block, Grid
from sim.report.differences import difference
from sim.report.question import ReportQuestion
from sim.report.wording import clause, noun
from sim.scenario.expressions import Compare, parse_metric


def numbers(question: ReportQuestion) -> list[Block]:
    """Return the metrics in the branches of the question, the first metric in every branch, and the final postures."""
    blocks: list[Block] = [_metrics(question)]
    if len(question.result.branches) > 1:
        blocks.append(_branches(question))
    blocks += [_named(question, table) for table in summary_tables(question.result, branches=question.branches)]
    return blocks


def _named(question: ReportQuestion, table: TextTable) -> Grid:
    """Return a table of members with titles and names in place of keys and codes."""
    result = question.result
    branch, _, title = table.title.partition(": ")
    guarantor = state_in_sentence(result, result.guarantor)
    heads = tuple(head or "member" for head in table.heads)
    rows = tuple((state_name(result, row[0]), *row[1:]) for row in table.rows)
    said = title.replace(f" in {result.guarantor} ", f" in {guarantor} ")
    where = "" if question.alone else f"{quoted(result, branch)}: "
    return Grid(sentence(f"{where}{said}"), heads, rows)


def _metrics(question: ReportQuestion) -> Grid:
    """Return a table with one row for each metric: its value in both branches, and the paired difference."""
    result = question.result
    rows = []
    for text in question.metrics:
        ends = [end_of(result, branch, text).stated for branch in question.branches]
        cells = [f"{end.value} ({end.spread})" if end.spread else end.value for end in ends]
        if question.b is not None:
            apart = difference(result, question.a, question.b, text)
            value = "\N{EN DASH}" if apart.value is None else amount(apart.value, apart.kind)
            low, high = apart.low, apart.high
            spread = "\N{EN DASH}" if apart.differing or not apart.pairs else "no pair differs"
            if low is not None and high is not None and low < high:
                spread = amounts(low, high, apart.kind)
            cells += [value, spread, f"{apart.differing} of {apart.pairs}"]
        rows.append((f"{_label(result, text)} [{text}]", *cells))
    titles = ["value"] if question.alone else [branch_title(result, branch) for branch in question.branches]
    compared = ("difference", "90 % interval", "pairs that differ") if question.b is not None else ()
    return Grid(
        "Chances with their 90 % interval; medians with the range of nine in ten runs; differences are means",
        ("what", *titles, *compared),
        tuple(rows),
    )


def _branches(question: ReportQuestion) -> Grid:
    result, text = question.result, question.metrics[0]
    ends = [end_of(result, branch, text) for branch in result.branches]
    rows = tuple(
        (
            f"{branch_title(result, end.branch)} ({end.branch})",
            end.stated.value,
            end.stated.spread or "\N{EN DASH}",
            str(end.stated.known),
        )
        for end in ends
    )
    spread = "90 % interval" if ends[0].stated.kind == "chance" else "nine in ten runs"
    return Grid(f"Every branch: {_label(result, text)}", ("branch", "value", spread, "runs with a value"), rows)


def _label(result: ResultData, text: str) -> str:
    metric = parse_metric(text)
    said = clause(result, metric) if isinstance(metric, Compare) else noun(result, metric)
    return f"{said[:1].upper()}{said[1:]}"
