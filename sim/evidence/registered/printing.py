"""Forecasts and their scores as commands print them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sim.evidence.registered.making import Content
from sim.evidence.registered.scoring import FORECASTERS, RULES
from sim.output.summary import Table


def forecast_tables(content: Content) -> tuple[Table, Table]:
    """Return the chances with their intervals beside those of the naive forecasters; and the shares of each branch."""
    branches = content["branches"]
    headline, beside = [], []
    for name, question in content["questions"].items():
        for option in question["options"] if len(question["options"]) > 2 else question["options"][:1]:
            chance, (low, high) = question["probabilities"][option], question["intervals"][option]
            usual = [f"{question['references'][who][option]:.3f}" for who in FORECASTERS[1:]]
            headline.append((name, option, f"{chance:.3f}", f"{low:.3f}-{high:.3f}", *usual))
            shares = [question["branches"].get(branch, {}).get(option) for branch in branches]
            beside.append((name, option, *("-" if share is None else f"{share:.3f}" for share in shares)))
    level = f"{100 * content['level']:.0f} %"
    heads = [f"{name} ({branch['weight']:g})" for name, branch in branches.items()]
    return (
        Table(
            f"{content['title']}, {content['made_on']}: chances, and what naive forecasters say",
            ("question", "answer", "chance", level, *FORECASTERS[1:]),
            tuple(headline),
        ),
        Table("Share of runs by branch, with its weight in the chance", ("question", "answer", *heads), tuple(beside)),
    )


def score_tables(card: Mapping[str, Any]) -> Iterator[Table]:
    """Give a table of scores for each forecast that has any, and one of what is open."""
    heads = ("question", "outcome", "chance", *(f"{rule}, {who}" for rule in RULES for who in FORECASTERS))
    for file, found in card["forecasts"].items():
        rows = [
            (name, one["outcome"], f"{one['probability']:.3f}", *_cells(one))
            for name, one in found["questions"].items()
        ]
        if rows:
            rows.append((f"mean of {found['mean']['n']}", "", "", *_cells(found["mean"])))
            yield Table(f"{file}, made on {found['made_on']}: the smaller the better", heads, tuple(rows))
    if sum(bool(found["questions"]) for found in card["forecasts"].values()) > 1:
        row = (f"mean of {card['mean']['n']}", "", "", *_cells(card["mean"]))
        yield Table("All forecasts", heads, (row,))
    left = [
        (file, name, what)
        for file, found in card["forecasts"].items()
        for name, what in (
            *((name, f"open, resolves on {day}") for name, day in found["unresolved"].items()),
            *((name, f"void: {source}") for name, source in found["void"].items()),
        )
    ]
    if left:
        yield Table("Not scored", ("forecast", "question", "why"), tuple(left))


def _cells(scores: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{scores[rule][who]:.3f}" for rule in RULES for who in FORECASTERS)
