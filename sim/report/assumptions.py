"""The assumptions of a report: settings, parameters off their defaults, judgements, and values carried back in time."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sim.model.events.attack import Attack
from sim.model.fields import ScenarioTable
from sim.model.parameters import KEY_PARAMETERS, PARAMETERS, make_parameters
from sim.model.quantity import CONFIDENCES, Quantity
from sim.output.formatting import day_in_words, plural, sentence
from sim.output.sources import carried_back
from sim.output.subjects import state_in_sentence
from sim.report.blocks import Block, Grid, Listing, Text
from sim.report.changes import as_branch
from sim.report.fits import origin
from sim.report.question import ReportQuestion
from sim.report.wording import plain
from sim.scenario.problems import listed
from sim.scenario.schema import Scenario

_WHEN = {"after-record": "after the record ends", "always": "throughout", "never": "never"}
_JUDGED = ("judgement", "general knowledge")


def assumptions(question: ReportQuestion) -> tuple[Block, ...]:
    """Return the section on the assumptions of the answer."""
    return (
        Listing(tuple(_settings(question))),
        *_off_default(question),
        *_judgements(question),
        *_carried(question),
    )


def parameter_table(question: ReportQuestion) -> Grid:
    """Return a table of all parameters with their values in each branch of the question."""
    heads = ("parameter", "what it is", "unit", *_value_heads(question), "default", "source")
    rows = []
    given = _set_by(question)
    values = [make_parameters(set_by) for set_by in given]
    free = {name: _drawn(question, name) for name in PARAMETERS}
    for name, parameter in PARAMETERS.items():
        written = [
            f"{getattr(value, name):g}" if free[name] is None or name in set_by else str(free[name])
            for value, set_by in zip(values, given, strict=True)
        ]
        shown = written if len(question.branches) == 2 else list(dict.fromkeys(written))
        mark = " (one of the eight that matter most)" if name in KEY_PARAMETERS else ""
        rows.append(
            (
                name,
                f"{parameter.meaning}{mark}",
                plain(parameter.unit),
                *shown,
                f"{parameter.default:g}",
                plain(parameter.source),
            )
        )
    return Grid("Every parameter", heads, tuple(rows), figures=range(3, len(heads) - 1))


def _set_by(question: ReportQuestion) -> list[dict[str, float]]:
    """Return the parameters that each branch of the question sets."""
    return [as_branch(question.result, branch).parameters for branch in question.branches]


def _drawn(question: ReportQuestion, name: str) -> str | None:
    """Return the median and 90 % range of a parameter's draws, in words; None if it was not drawn."""
    drawn = question.result.drawn
    if drawn is None or name not in drawn:  # of a result from before the parameter was added
        return None
    low, middle, high = drawn[name].quantile([0.05, 0.5, 0.95])
    return f"{middle:.3g}" if low == high else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _rest(question: ReportQuestion, names: Sequence[str]) -> str:
    """Return a phrase on the number and origin of the parameters beside those that the scenario sets (``names``)."""
    rest = [parameter for name, parameter in PARAMETERS.items() if name not in names]
    drawn = question.result.posterior
    if drawn is None:
        return (
            f"{len(rest)} parameters stand at their defaults, medians of priors from the literature; their uncertainty "
            "is not in the intervals."
        )
    newer = drawn.get("filled", {})
    fitted = sum(parameter.fitted and parameter.name not in newer for parameter in rest)
    constants = sum(not parameter.fitted for parameter in rest)
    return (
        f"{fitted} fitted parameters are {origin(question.result)}, for each run and the same in every branch; "
        f"what that leaves open is in the intervals. {constants} constants keep their values."
        f"{f' At their defaults, since newer than the fit: {listed(newer)}.' if newer else ''}"
    )


def _value_heads(question: ReportQuestion) -> tuple[str, ...]:
    return ("value",) if question.b is None else ("value (from)", "value (to)")


def _settings(question: ReportQuestion) -> Iterator[str]:
    scenario = as_branch(question.result, question.a)
    end = scenario.record_end
    record = (
        "there is no coded record"
        if end is None
        else f"the coded record ends on {day_in_words(end)}, and nothing that comes after it is known"
    )
    yield (
        f"The period is {day_in_words(scenario.start)} to {day_in_words(scenario.end)}, in steps of a {scenario.step}; "
        f"{record}."
    )
    yield f"Rivals attack at random, too: {_WHEN[scenario.endogenous_attacks]}. Dated attacks come as given."
    yield sentence(
        f"{state_in_sentence(question.result, question.result.guarantor)} coerces and reassures by choice: "
        f"{_WHEN[scenario.guarantor_choices]}. Dated acts come as given."
    )
    yield f"Beliefs are updated by the rule '{scenario.belief_rule}'."
    yield (
        "What an event of the file fixes happens in every run of the branch, unless the event has a condition. "
        "Everything else the states decide themselves."
    )


def _off_default(question: ReportQuestion) -> tuple[Block, ...]:
    set_by_branch = {branch: as_branch(question.result, branch).parameters for branch in question.branches}
    names = [name for name in PARAMETERS if any(name in given for given in set_by_branch.values())]
    if not names:
        return (Text(f"All {_rest(question, names)}"),)
    rows = []
    for name in names:
        parameter = PARAMETERS[name]
        values = [f"{given.get(name, parameter.default):g}" for given in set_by_branch.values()]
        rows.append(
            (
                name,
                parameter.meaning,
                *values,
                f"{parameter.default:g}",
                f"{parameter.low:g} to {parameter.high:g} {plain(parameter.unit)}",
            )
        )
    heads = ("parameter", "what it is", *_value_heads(question), "default", "range")
    return (
        Grid("Parameters that the scenario sets", heads, tuple(rows), figures=range(2, len(heads) - 1)),
        Text(f"The other {_rest(question, names)}"),
    )


def quantities(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    """Yield every value of states, pairs of states and beliefs with its key."""
    tables: dict[str, ScenarioTable] = {f"states.{code}": state for code, state in scenario.states.items()}
    for name, pairs in (("dyads", scenario.dyads), ("beliefs", scenario.beliefs)):
        tables |= {f"{name}.{code}.{other}": pair for code, others in pairs.items() for other, pair in others.items()}
    for key, table in tables.items():
        for name, value in table:
            if isinstance(value, Quantity):
                yield f"{key}.{name}", value


def judged(quantity: Quantity) -> bool:
    """Return whether a value is a judgement or coded by a rule, rather than measured."""
    return bool(quantity.rule) or any(word in quantity.source for word in _JUDGED)


def _judgements(question: ReportQuestion) -> tuple[Block, ...]:
    scenario = as_branch(question.result, question.a)
    judgements = [(key, quantity) for key, quantity in quantities(scenario) if judged(quantity)]
    events = sum(hasattr(event, "severity") or hasattr(event, "tone") for event in scenario.events.values())
    blocks: list[Block] = []
    if events:
        blocks.append(
            Text(
                f"Severities of attacks and crises, and tones of speeches, are judgements: {plural(events, 'event')} "
                f"{'carries' if events == 1 else 'carry'} one, listed with each event at the end."
            )
        )
    if not judgements:
        return (*blocks, Text("No figure of a state or a pair of states is marked as a judgement."))
    counts = Counter(quantity.confidence or "no" for _, quantity in judgements)
    said = ", ".join(f"{counts[level]} with {level} confidence" for level in (*CONFIDENCES, "no") if counts[level])
    blocks.append(
        Text(
            f"Coded by a rule from sources, not measured: {plural(len(judgements), 'figure')} about states and "
            f"pairs of states, {said}."
        )
    )
    about = _concerned(question, scenario)
    near = [(key, quantity) for key, quantity in judgements if _between(key, about)]
    if near:
        names = ", ".join(state_in_sentence(question.result, code) for code in sorted(about))
        blocks.append(
            Grid(
                f"Judgements about {names}",
                ("key", "value at the start", "rule", "confidence", "source"),
                tuple(
                    (
                        key,
                        f"{quantity.at(scenario.start.year):g}",
                        quantity.rule or "\N{EN DASH}",
                        quantity.confidence,
                        quantity.source,
                    )
                    for key, quantity in near
                ),
                figures=(1,),
            )
        )
        blocks.append(Text("The others stand with rule and source in the scenario's files and in scenario.json."))
    return tuple(blocks)


def _concerned(question: ReportQuestion, scenario: Scenario) -> set[str]:
    """Return the states of the question: the member, the guarantor, and every state that attacks the member."""
    attackers = {
        event.aggressor
        for event in scenario.events.values()
        if isinstance(event, Attack) and event.victim == question.member
    }
    return attackers | {question.result.guarantor} | ({question.member} if question.member else set())


def _between(key: str, about: set[str]) -> bool:
    """Return whether a key is about the given states only."""
    return set(key.split(".")[1:-1]) <= about


def _carried(question: ReportQuestion) -> tuple[Block, ...]:
    late = carried_back(as_branch(question.result, question.a))
    if not late:
        return ()
    year = question.result.scenario.start.year
    return (
        Text(
            f"{plural(len(late), 'figure')} of years after {year} {'holds' if len(late) == 1 else 'hold'} from the "
            "start of the run, because no older ones were found. DATA-SOURCES.txt beside the result lists them."
        ),
    )
