"""Question files of registered forecasts: the format, reading and checks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from sim.evidence.registered.calls import Calls, is_about_calls, read_calls
from sim.model.fields import Day, Name, ScenarioTable, Unit
from sim.output.measuring import kind_of
from sim.scenario import Scenario, ScenarioError, branch_names, check_metric, load
from sim.scenario.describe import Node, whole_node
from sim.scenario.expressions import ExpressionError, Metric
from sim.scenario.files import Source, place, read_source
from sim.scenario.problems import Finding, KeyPath, closest, listed
from sim.scenario.translate import findings_of
from sim.words import RESPONSES

YES_NO: Final = ("yes", "no")
ROUNDING: Final = 1e-9

Text = Annotated[str, Field(min_length=1)]


class Weight(ScenarioTable):
    """Weight of a branch in the forecast."""

    weight: Unit = Field(description="share in the mixture, 0..1; 0 for a what-if that is shown beside")
    note: Text = Field(description="why")


class Reference(ScenarioTable):
    """Naive forecast of a question from the base rate of such events."""

    per_year: Annotated[float, Field(gt=0.0, le=100.0)] | None = Field(
        None, description="constant hazard, events a year"
    )
    shares: dict[Name, Unit] | None = Field(None, description="chance of each option, sum 1")
    source: Text = Field(description="what it was counted from")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.per_year is None) == (self.shares is None):
            raise ValueError("must have just one of: per_year; shares")
        return self


class ForecastQuestion(ScenarioTable):
    """Forecast question, worded so that another person can resolve it."""

    question: Text = Field(description="in words, with its last day")
    expression: Text = Field(
        description="the same of a run: a metric that is true or false, called(...), response(...)"
    )
    given: list[Text] = Field(
        default_factory=list, description="metrics that are true or false; runs count in which all are true"
    )
    resolution: Text = Field(description="what decides it, and when it is void")
    resolves_on: Day = Field(description="day from which its last answer can be entered")
    source: Text = Field(description="where to look")
    reference: Reference = Field(description="a naive forecast to compare with")


class QuestionFile(ScenarioTable):
    """File of forecast questions; `csto-sim forecast` registers probabilities for them."""

    title: Text = Field(description="what is asked, for lists")
    description: str = Field("", description="more about it")
    scenario: Text = Field(description="scenario file to run, relative to this file")
    replicates: Annotated[int, Field(ge=1, le=10_000_000)] = Field(description="runs of each branch")
    seed: Annotated[int, Field(ge=0, lt=2**53)] = Field(description="start of the random numbers")
    known_until: Day = Field(description="last day of which the forecaster knows anything")
    branches: dict[Name, Weight] = Field(description="branches of the scenario, each with its weight; sum 1")
    questions: Annotated[dict[Name, ForecastQuestion], Field(min_length=1)] = Field(description="the questions, by id")


@dataclass(frozen=True)
class CheckedQuestions:
    """Checked file of questions, with the scenario that answers it.

    Attributes
    ----------
    file : QuestionFile
    name : str
        Name of the scenario's file.
    scenario : Scenario
    expressions : dict
        What each question asks of a run, by id.
    """

    file: QuestionFile
    name: str
    scenario: Scenario
    expressions: Mapping[str, Metric | Calls]

    def options(self, question: str) -> tuple[str, ...]:
        """Return the possible answers to a question, apart from void."""
        return options_of(self.expressions[question])


def options_of(expression: Metric | Calls) -> tuple[str, ...]:
    """Return the possible answers to an expression."""
    return RESPONSES if isinstance(expression, Calls) and expression.kind == "response" else YES_NO


def read_questions(path: str | Path) -> CheckedQuestions:
    """Read a file of questions and check all of its content.

    Raises
    ------
    ScenarioError
        With every problem found, each with file, line and key.

    Examples
    --------
    >>> read_questions("forecasts/questions.toml").options("arm-notice-2027")
    ('yes', 'no')
    """
    path = Path(path)
    source = read_source(path, str(path))
    try:
        file = QuestionFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(
            [place(finding, (source,)) for finding in findings_of(error, root=question_node())]
        ) from None
    scenario = _scenario(path, file, source)
    expressions: dict[str, Metric | Calls] = {}
    findings = list(_branch_findings(file, scenario))
    for name, question in file.questions.items():
        findings += _question_findings(file, scenario, name, question, expressions)
    if findings:
        raise ScenarioError([place(finding, (source,)) for finding in findings])
    return CheckedQuestions(file, Path(file.scenario).stem, scenario, expressions)


@cache
def question_node() -> Node:
    """Return the JSON Schema of question files with every reference expanded."""
    return whole_node(QuestionFile)


def _scenario(path: Path, file: QuestionFile, source: Source) -> Scenario:
    target = path.parent / file.scenario
    if not target.is_file():
        near = closest(target.name, [other.name for other in target.parent.glob("*.toml")])
        finding = Finding(("scenario",), f"there is no file '{file.scenario}'", "a path relative to this file", near)
        raise ScenarioError([place(finding, (source,))])
    return load(target)


def _branch_findings(file: QuestionFile, scenario: Scenario) -> Iterator[Finding]:
    known = branch_names(scenario)
    for name in file.branches:
        if name not in known:
            yield Finding(("branches", name), f"there is no branch '{name}'", listed(known), closest(name, known))
    total = sum(branch.weight for branch in file.branches.values())
    if abs(total - 1.0) > ROUNDING:
        yield Finding(("branches",), f"the weights sum to {total:g}", "weights that sum to 1")


def _question_findings(
    file: QuestionFile,
    scenario: Scenario,
    name: str,
    question: ForecastQuestion,
    expressions: dict[str, Metric | Calls],
) -> Iterator[Finding]:
    above: KeyPath = ("questions", name)
    try:
        if is_about_calls(question.expression):
            expressions[name] = read_calls(scenario, question.expression)
        else:
            expressions[name] = _true_or_false(scenario, question.expression)
    except (ExpressionError, ScenarioError) as error:
        yield from _refused((*above, "expression"), error)
    for position, text in enumerate(question.given):
        try:
            _true_or_false(scenario, text)
        except (ExpressionError, ScenarioError) as error:
            yield from _refused((*above, "given", position), error)
    if question.resolves_on <= file.known_until:
        problem = f"{question.resolves_on} is no day after known_until"
        yield Finding((*above, "resolves_on"), problem, f"days after {file.known_until}")
    if name in expressions:
        yield from _reference_findings(question.reference, options_of(expressions[name]), (*above, "reference"))


def _true_or_false(scenario: Scenario, text: str) -> Metric:
    metric = check_metric(scenario, text)
    if kind_of(metric) != "chance":
        raise ExpressionError(f"'{text}' is not true or false", "a comparison, such as ARM.posture@2027-12 >= freeze")
    return metric


def _refused(path: KeyPath, error: ExpressionError | ScenarioError) -> Iterator[Finding]:
    if isinstance(error, ExpressionError):
        yield Finding(path, error.message, error.allowed, error.nearest)
        return
    for problem in error.problems:
        yield Finding(path, problem.problem, problem.allowed, problem.nearest)


def _reference_findings(reference: Reference, options: tuple[str, ...], path: KeyPath) -> Iterator[Finding]:
    if reference.shares is None:
        if options != YES_NO:
            yield Finding((*path, "per_year"), f"a hazard does not say which of {listed(options)}", "shares")
        return
    for name in reference.shares:
        if name not in options:
            yield Finding((*path, "shares", name), "is no option", listed(options), closest(name, options))
    missing = [name for name in options if not reference.shares.get(name)]
    total = sum(reference.shares.values())
    if missing or abs(total - 1.0) > ROUNDING:
        problem = f"{listed(missing)} missing" if missing else f"the shares sum to {total:g}"
        yield Finding((*path, "shares"), problem, f"a share above 0 of each of {listed(options)}, sum 1")
