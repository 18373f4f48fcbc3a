"""Forecast and score tables for the command line."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim.evidence.registered.making import Content
from sim.evidence.registered.scoring import FORECASTERS, RULES
from sim.output.formatting import percent, percents
from sim.output.summary import TextTable

_RULES: Final = dict(zip(RULES, ("Brier score", "log score"), strict=True))


def forecast_tables(content: Content) -> tuple[TextTable, TextTable]:
    """Return the probabilities with their intervals beside naive forecasts, and the shares of each branch."""
    branches = content["branches"]
    headline, beside = [], []
    for name, question in content["questions"].items():
        for option in question["options"] if len(question["options"]) > 2 else question["options"][:1]:
            chance, (low, high) = question["probabilities"][option], question["intervals"][option]
            usual = [percent(question["references"][who][option]) for who in FORECASTERS[1:]]
            headline.append((name, option, percent(chance), percents(low, high), *usual))
            shares = [question["branches"].get(branch, {}).get(option) for branch in branches]
            beside.append((name, option, *("-" if share is None else percent(share) for share in shares)))
    numbered = [f"{number} {name} ({branch['weight']:g})" for number, (name, branch) in enumerate(branches.items(), 1)]
    heads = map(str, range(1, len(branches) + 1))
    return (
        TextTable(
            f"{content['title']}, {content['made_on']}: chances, and what naive forecasters say",
            ("question", "answer", "chance", percent(content["level"]), *FORECASTERS[1:]),
            tuple(headline),
        ),
        TextTable(
            f"Share of runs in each branch, by number (and weight): {', '.join(numbered)}",
            ("question", "answer", *heads),
            tuple(beside),
        ),
    )


def score_tables(card: Mapping[str, Any]) -> Iterator[TextTable]:
    """Yield score tables: one for each forecast and rule, one of all, and one of the unscored questions of each."""
    for file, scores in card["forecasts"].items():
        for rule, name in _RULES.items() if scores["questions"] else ():
            rows = [
                (question, scored["outcome"], percent(scored["probability"]), *_cells(scored[rule]))
                for question, scored in scores["questions"].items()
            ]
            rows.append((f"mean of {scores['mean']['n']}", "", "", *_cells(scores["mean"][rule])))
            heads = ("question", "outcome", "chance", *FORECASTERS)
            yield TextTable(f"{file}, made on {scores['made_on']}: {name}, the smaller the better", heads, tuple(rows))
    if sum(bool(scores["questions"]) for scores in card["forecasts"].values()) > 1:
        rows = [(name, str(card["mean"]["n"]), *_cells(card["mean"][rule])) for rule, name in _RULES.items()]
        yield TextTable("All forecasts", ("mean", "questions", *FORECASTERS), tuple(rows))
    for file, scores in card["forecasts"].items():
        left = [(question, f"open, resolves on {day}") for question, day in scores["unresolved"].items()]
        left += [(question, f"void: {source}") for question, source in scores["void"].items()]
        if left:
            yield TextTable(f"{file}: not scored", ("question", "why"), tuple(left))


def _cells(scores: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{scores[who]:.3f}" for who in FORECASTERS)
