"""Checks that metrics and conditions can be parsed and refer to existing names."""

from collections.abc import Iterator

from sim.model.findings import unknown
from sim.model.variables import (
    DYAD_VARIABLES,
    MEMBER_VARIABLES,
    RUNG_VARIABLES,
    STATE_VARIABLES,
    TREATY_VARIABLES,
    VARIABLES,
)
from sim.scenario.calendar import make_calendar
from sim.scenario.claims import parse_claim
from sim.scenario.expressions import (
    At,
    Compare,
    ExpressionError,
    First,
    Metric,
    Month,
    Path,
    Span,
    month_text,
    parse_condition,
    parse_metric,
)
from sim.scenario.names import DeclaredNames, ever_members, focus_of, has_ladder
from sim.scenario.problems import Finding, KeyPath, Problem, ScenarioError, closest, listed, show
from sim.scenario.schema import Scenario

_LADDER_VARIABLES = (*RUNG_VARIABLES, "pressure")


def check_metric(scenario: Scenario, text: str) -> Metric:
    """Parse a single metric, such as one given by ``--metric``, and check that it fits a scenario.

    Raises
    ------
    ExpressionError
        If the text is not a metric.
    ScenarioError
        If it names what the scenario does not have.
    """
    metric = parse_metric(text)
    findings = list(_fits(metric, scenario, DeclaredNames.of(dict(scenario)), (text,)))
    if findings:
        raise ScenarioError([Problem("metric", None, text, f.problem, f.allowed, f.nearest) for f in findings])
    return metric


def metric_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Check the metrics that the scenario reports."""
    for position, text in enumerate(scenario.metrics):
        path = ("metrics", position)
        try:
            metric = parse_metric(text)
        except ExpressionError as error:
            yield Finding(path, error.message, error.allowed, error.nearest)
        else:
            yield from _fits(metric, scenario, names, path)


def story_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Check that the branches of a story's change exist, and that what it counts is true or false."""
    change = scenario.story.change if scenario.story is not None else None
    if change is None:
        return
    at = ("story", "change")
    for key in ("branch", "against"):
        named = getattr(change, key)
        if scenario.branches and named is not None:
            yield from unknown("branch", named, tuple(scenario.branches), (*at, key))
    path = (*at, "metric")
    try:
        metric = parse_metric(change.metric)
    except ExpressionError as error:
        yield Finding(path, error.message, error.allowed, error.nearest)
        return
    if isinstance(metric, Compare):
        yield from _fits(metric, scenario, names, path)
    else:
        yield Finding(path, "this metric is neither true nor false", "a comparison, such as ARM.posture@end >= freeze")


def claim_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Check the claims of the scenario; mechanisms that they name are checked where an audit begins."""
    for position, text in enumerate(scenario.claims):
        path = ("claims", position)
        try:
            claim = parse_claim(text)
        except ExpressionError as error:
            yield Finding(path, error.message, error.allowed, error.nearest)
        else:
            yield from _fits(claim.parsed, scenario, names, path)
            for side in (claim.higher, claim.lower):
                yield from unknown("branch", side, tuple(scenario.branches), path)


def condition_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Check the conditions that events carry."""
    for name, event in scenario.events.items():
        if event.only_if is None:
            continue
        path = ("events", name, "only_if")
        try:
            condition = parse_condition(event.only_if)
        except ExpressionError as error:
            yield Finding(path, error.message, error.allowed, error.nearest)
        else:
            yield from _path_fits(condition.path, scenario, names, path)


def _fits(metric: Metric, scenario: Scenario, names: DeclaredNames, where: KeyPath) -> Iterator[Finding]:
    yield from _path_fits(metric.condition.path if isinstance(metric, First) else metric.path, scenario, names, where)
    begin = (scenario.start.year, scenario.start.month)
    finish = (scenario.end.year, scenario.end.month)
    for month in _months(metric):
        if not begin <= month <= finish:
            problem = f"{month_text(month)} lies outside the period"
            yield Finding(where, problem, f"{month_text(begin)}..{month_text(finish)}")
            return
    yield from _ticks_end(metric, scenario, where)


def _ticks_end(metric: Metric, scenario: Scenario, where: KeyPath) -> Iterator[Finding]:
    """Check that a tick ends in the month or span for which a value is requested."""
    asked = metric.left if isinstance(metric, Compare) else metric
    months = () if isinstance(asked, First) else _months(asked)
    if not months:
        return
    ends = [(day.year, day.month) for day in make_calendar(scenario.start, scenario.end, scenario.step).ends]
    if not any(months[0] <= month <= months[-1] for month in ends):
        problem = f"no tick ends in {'..'.join(map(month_text, dict.fromkeys(months)))}"
        yield Finding(where, problem, f"{month_text(ends[0])}..{month_text(ends[-1])}")


def _months(metric: Metric) -> tuple[Month, ...]:
    if isinstance(metric, Compare):
        return _months(metric.left) + ((metric.value,) if isinstance(metric.value, tuple) else ())
    if isinstance(metric, At):
        return () if isinstance(metric.when, str) else (metric.when,)
    return (metric.first, metric.last) if isinstance(metric, Span) else ()


def _path_fits(path: Path, scenario: Scenario, names: DeclaredNames, where: KeyPath) -> Iterator[Finding]:
    of = VARIABLES[path.variable].of
    if of == "treaty":
        if path.owner in names.states:
            yield _wrong_owner(path, "treaty", (*STATE_VARIABLES, *MEMBER_VARIABLES, *DYAD_VARIABLES), where)
            return
        yield from unknown("treaty", path.owner, names.treaties, where)
    elif path.owner in names.treaties and path.owner not in names.states:
        yield _wrong_owner(path, "state", TREATY_VARIABLES, where)
        return
    else:
        yield from unknown("state", path.owner, names.states, where)
    if of in ("state", "treaty"):
        if path.other is not None:
            yield Finding(where, f"'{path.variable}' takes nothing in brackets", f"{path.owner}.{path.variable}")
    elif of == "dyad":
        yield from _dyad_fits(path, names, where)
    elif path.owner in names.states:
        yield from _member_fits(path, scenario, names, where)


def _wrong_owner(path: Path, of: str, others: tuple[str, ...], where: KeyPath) -> Finding:
    return Finding(where, f"'{path.variable}' is a variable of a {of}, and '{path.owner}' is none", listed(others))


def _dyad_fits(path: Path, names: DeclaredNames, where: KeyPath) -> Iterator[Finding]:
    if path.other is None:
        problem = f"'{path.variable}' needs a second state"
        yield Finding(where, problem, f"{path.owner}.{path.variable}[STATE]")
    elif path.other == path.owner:
        yield Finding(where, f"'{path.variable}' is between two states", "another state in the brackets")
    else:
        yield from unknown("state", path.other, names.states, where)


def _member_fits(path: Path, scenario: Scenario, names: DeclaredNames, where: KeyPath) -> Iterator[Finding]:
    treaty = path.other if path.other is not None else focus_of(scenario)
    if treaty is None:
        return
    if path.other is not None:
        yield from unknown("treaty", path.other, names.treaties, where)
    if treaty not in scenario.treaties:
        return
    members = ever_members(scenario, treaty)
    if path.owner not in members:
        problem = f"{path.owner} is never a member of {show(treaty)}"
        yield Finding(where, problem, listed(members), closest(path.owner, members))
    elif path.variable in _LADDER_VARIABLES and not has_ladder(scenario.treaties[treaty]):
        laddered = [name for name, other in scenario.treaties.items() if has_ladder(other)]
        yield Finding(where, f"{show(treaty)} has no ladder", f"{listed(laddered)}, or ladder = true in the treaty")
