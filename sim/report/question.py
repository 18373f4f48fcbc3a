"""The question of a report: two branches, the metrics, and the main metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sim.errors import InputError
from sim.output.measuring import kind_of
from sim.output.result import ResultData
from sim.output.subjects import client, clients, main_branch, quoted, two_branches
from sim.report.wording import clause, noun
from sim.scenario.expressions import Compare, First, Metric, parse_metric


@dataclass(frozen=True)
class ReportQuestion:
    """The question that a report answers with a result.

    Attributes
    ----------
    result : ResultData
        The result.
    a : str
        Branch to start from.
    b : str or None
        Branch that is compared with it; None where the result has one branch only.
    metrics : tuple of str
        Metric expressions, the one that the answer is about first.
    """

    result: ResultData
    a: str
    b: str | None
    metrics: tuple[str, ...]

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches in the question, one or two."""
        return (self.a,) if self.b is None else (self.a, self.b)

    @property
    def headline(self) -> Metric:
        """The main metric, which the answer reports."""
        return parse_metric(self.metrics[0])

    @property
    def member(self) -> str | None:
        """The member that figures show; None if the guarantor is the only member."""
        known = clients(self.result)
        if not known:
            return None
        owner = self.headline.path.owner
        return owner if owner in known else client(self.result, None, self.a)

    @property
    def by(self) -> date | None:
        """The last day of the month in the main metric, if it names one inside the run."""
        metric = self.headline
        asked = metric.left if isinstance(metric, Compare) else metric
        when = (
            metric.value if isinstance(metric, Compare) and isinstance(asked, First) else getattr(asked, "when", None)
        )
        if not isinstance(when, tuple):
            return None
        year, number = when
        day = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        return day if self.result.days[1] <= day <= self.result.days[-1] else None

    @property
    def alone(self) -> bool:
        """Whether the scenario has no branches, so that there is one and it has no name."""
        return self.b is None and not self.result.scenario.branches

    def under(self, branch: str) -> str:
        """Return the phrase that names a branch, with a space in front; empty where there is one without a name."""
        return "" if self.alone else f" under {quoted(self.result, branch)}"

    def within(self, branch: str) -> str:
        """Return the phrase for what happens in a branch, as `under` does."""
        return self.under(branch).replace(" under ", " in ", 1)

    def text(self) -> str:
        """Return the question as a sentence."""
        result, metric = self.result, self.headline
        if isinstance(metric, Compare):
            asked = f"How likely is it that {clause(result, metric)}"
        elif isinstance(metric, First):
            asked = f"What is {noun(result, metric)}"
        else:
            asked = f"How high is {noun(result, metric)}"
        if self.b is None:
            return f"{asked}{self.under(self.a)}?"
        return f"{asked} under {quoted(result, self.b)}, compared with {quoted(result, self.a)}?"


def ask(result: ResultData, a: str | None = None, b: str | None = None, metrics: Sequence[str] = ()) -> ReportQuestion:
    """Return the question of a report, with defaults for everything not given.

    Parameters
    ----------
    result : ResultData
        The result.
    a, b : str, optional
        The baseline branch and the branch compared with it; default: the pair of the posture figure.
    metrics : sequence of str
        Metric expressions; the answer is about the first. Default: those of the scenario file, else all metrics of
        the result, starting with the first that is true or false.

    Raises
    ------
    InputError
        If a branch or metric is not in the result, or the branches are identical.
    """
    first, second = _pair(result, a, b)
    expressions = tuple(dict.fromkeys(metrics or result.scenario.metrics or result.expressions))
    if not expressions:
        raise InputError("the result has no metric; give one with --metric")
    if not metrics:
        chances = [text for text in expressions if kind_of(parse_metric(text)) == "chance"]
        expressions = tuple(dict.fromkeys([*chances[:1], *expressions]))
    for text in expressions:
        result.values(first, text)
    return ReportQuestion(result, first, second, expressions)


def _pair(result: ResultData, a: str | None, b: str | None) -> tuple[str, str | None]:
    for branch in (a, b):
        if branch is not None:
            main_branch(result, branch)
    if a is not None and a == b:
        raise InputError(f"--from and --to name the same branch, '{a}'; give two, of: {', '.join(result.branches)}")
    if len(result.branches) == 1:
        return result.branches[0], None
    if a is not None and b is not None:
        return a, b
    first, second = two_branches(result, None)
    if a is not None:
        return a, second if second != a else first
    if b is not None:
        return first if first != b else second, b
    return first, second
