"""Claims about a scenario: a metric that is higher in one branch than in another."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Final

from sim.scenario.expressions import ExpressionError, First, Metric, parse_metric

FORM: Final = '"METRIC: A > B", with "by X" for the least difference and "through M, N" for mechanisms, if wanted'

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_ -]*?"
_SIDES: Final = re.compile(
    rf"\s*(?P<a>{_NAME})\s*(?P<op>[<>])\s*(?P<b>{_NAME})"
    r"(?:\s+by\s+(?P<least>\S+?))?(?:\s+through\s+(?P<through>[a-z-]+(?:\s*,\s*[a-z-]+)*))?\s*\Z"
)


@dataclass(frozen=True)
class Claim:
    """A claim that a metric is higher in one branch of a scenario than in another.

    Attributes
    ----------
    text : str
        The claim as written.
    metric : str
        Metric expression, a number or true or false in each run.
    higher, lower : str
        The branch in which the metric is said to be higher, and the other one.
    least : float
        The difference of the means is said to exceed this, 0 or more.
    through : tuple of str
        Mechanisms by which the claim says that the difference comes about.
    """

    text: str
    metric: str
    higher: str
    lower: str
    least: float = 0.0
    through: tuple[str, ...] = ()

    @property
    def parsed(self) -> Metric:
        """The metric as a syntax tree."""
        return parse_metric(self.metric)


def parse_claim(text: str) -> Claim:
    """Parse the text of a claim.

    Parameters
    ----------
    text : str
        ``METRIC: A > B``, with ``by X`` and ``through MECHANISM, ...`` where wanted; ``A < B`` is turned round.

    Raises
    ------
    ExpressionError
        If the text is not a claim; names of branches, states and mechanisms are not checked here.

    Examples
    --------
    >>> claim = parse_claim("ARM.trust[RUS]@end: as-happened < russia-intervenes by 0.2 through evidence")
    >>> claim.higher, claim.lower, claim.least, claim.through
    ('russia-intervenes', 'as-happened', 0.2, ('evidence',))
    """
    metric, colon, sides = text.partition(":")
    if not colon:
        raise ExpressionError("a claim has a metric and two branches, with a colon between", FORM)
    if isinstance(parse_metric(metric), First):
        dated = metric.strip()
        raise ExpressionError(
            f"'{dated}' is a date, which has no mean", f"a comparison with a month, such as {dated} <= 2024-12"
        )
    match = _SIDES.match(sides)
    if match is None:
        raise ExpressionError(f"'{sides.strip()}' does not compare two branches", FORM)
    a, b = match["a"], match["b"]
    if a == b:
        raise ExpressionError(f"both branches are '{a}'", "two branches")
    higher, lower = (a, b) if match["op"] == ">" else (b, a)
    through = tuple(dict.fromkeys(re.split(r"\s*,\s*", match["through"]))) if match["through"] else ()
    return Claim(text.strip(), metric.strip(), higher, lower, _least(match["least"]), through)


def _least(text: str | None) -> float:
    if text is None:
        return 0.0
    try:
        least = float(text)
    except ValueError:
        least = -1.0
    if not (isfinite(least) and least >= 0.0):
        raise ExpressionError(f"'by {text}' is no difference", "a number from 0, such as 0.1")
    return least
