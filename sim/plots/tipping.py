"""Figure of the tipping point: a chance by the guarantor's overstretch and the attack's coverage."""

import math
from collections.abc import Sequence

import numpy as np

from sim.errors import InputError
from sim.model.base_event import ShockEvent
from sim.model.events.call import CallEvent, Response
from sim.output.formatting import points, sentence, state_in_sentence
from sim.output.sweeps import SweepData
from sim.plots.factors import branch_scenario, chosen_metric, metric_label
from sim.plots.page import FigurePage
from sim.plots.style import Sheet, styled
from sim.plots.sweep import branch_words, chosen_branch, draw_heat, grid, noise_note, pair_of_keys

_NORMAL_90 = 1.645


def tipping(
    sweep: SweepData,
    metric: str | None = None,
    *,
    branch: str | None = None,
    dot: tuple[float, float] | None = None,
) -> Sheet:
    """Draw a chance by overstretch and coverage, with the 50 % line, and say in the title which of the two matters.

    Parameters
    ----------
    sweep : SweepData
        A sweep over the ``value`` of an overstretch event and the ``coverage`` of an attack.
    metric : str, optional
        A metric of the sweep; default: the first chance.
    branch : str, optional
        Default: the first of the sweep.
    dot : tuple of float, optional
        Overstretch and coverage where the world was; default: the scenario's own values.
    """
    overstretch, coverage = tipping_keys(sweep)
    chosen = chosen_branch(sweep, branch)
    attack = _attack(sweep, chosen, coverage)
    measured = chosen_metric(sweep, metric)
    spans = [_span(sweep, (overstretch, coverage), measured, chosen, axis) for axis in (1, 0)]
    with styled():
        page = FigurePage(
            _title(
                sentence(metric_label(sweep, measured)), spans, _noise(sweep, (overstretch, coverage), measured, chosen)
            ),
            f"Share of {sweep.replicates} runs at each point. {noise_note(sweep, measured, chosen)} "
            f"Branch: {branch_words(sweep, chosen)}. "
            f"{_call_words(sweep, chosen, overstretch, coverage)} In the title: the largest change along each, in the "
            "mean over the other.",
        )
        return draw_heat(
            page, sweep, (overstretch, coverage), measured, branch=chosen, dot=dot,
            dot_label=_dot_label(sweep, attack, put=dot is not None),
        )  # fmt: skip


def _span(sweep: SweepData, keys: tuple[str, str], metric: str, branch: str, axis: int) -> float:
    """Return how far a chance moves along one factor, in the mean over the other; the first factor is axis 1."""
    return float(np.ptp(grid(sweep, keys, metric, branch).mean(axis=1 - axis)))


def _noise(sweep: SweepData, keys: tuple[str, str], metric: str, branch: str) -> float:
    """Return the half-width of the 90 % interval of a difference between two points of mean chance."""
    mean = float(grid(sweep, keys, metric, branch).mean())
    return _NORMAL_90 * math.sqrt(2.0 * mean * (1.0 - mean) / sweep.replicates)


def _title(label: str, spans: Sequence[float], noise: float) -> str:
    """Return the title: on which of overstretch and coverage the chance depends by more than chance explains."""
    factors = [f"{name} ({points(span)})" for name, span in zip(("overstretch", "coverage"), spans, strict=True)]
    matter = [span > noise for span in spans]
    if all(matter):
        return f"{label} depends on {factors[0]} and on {factors[1]}"
    if not any(matter):
        return f"{label} hardly depends on {factors[0]} or on {factors[1]}"
    first, second = factors if matter[0] else factors[::-1]
    return f"{label} depends on {first}, hardly on {second}"


def _attack(sweep: SweepData, branch: str, coverage: str) -> ShockEvent:
    """Return the attack whose coverage is varied, with the changes of a branch."""
    event = branch_scenario(sweep, branch).events.get(coverage.split(".")[1])
    if not isinstance(event, ShockEvent):
        raise InputError(f"branch '{branch}' has no attack or crisis for '{coverage}'")
    return event


def _call_words(sweep: SweepData, branch: str, overstretch: str, coverage: str) -> str:
    """Return whether the victim's appeal is on record in a branch, and what the ally tied down elsewhere does."""
    scenario = branch_scenario(sweep, branch)
    attack, events = coverage.split(".")[1], scenario.events.values()
    ally = str(getattr(scenario.events[overstretch.split(".")[1]], "state", ""))
    calls = [event for event in events if isinstance(event, CallEvent) and (event.to or event.because_of) == attack]
    answers = [event for event in events if isinstance(event, Response) and (event.to, event.state) == (attack, ally)]
    asked = "the victim decides whether to call"
    if calls:
        asked = "the call is made" if any(event.made for event in calls) else "nobody calls"
    answered = f"answers as on record ({answers[-1].level})" if answers else "decides what it does"
    return f"In this branch {asked}, and {state_in_sentence(scenario, ally)} {answered}."


def _dot_label(sweep: SweepData, attack: ShockEvent, *, put: bool) -> str:
    """Return the label of the dot; by default, coverage is the victim's own perception."""
    label = f"where {attack.date.year} was"
    if put or attack.coverage is not None:
        return label
    return f"{label}, as {state_in_sentence(sweep.scenario, attack.victim)} read it"


def tipping_keys(sweep: SweepData) -> tuple[str, str]:
    """Return the keys of overstretch and coverage.

    Raises
    ------
    InputError
        If the sweep does not vary just these two.
    """
    keys = pair_of_keys(sweep, None, None)
    coverage = [key for key in keys if _is(sweep, key, "coverage", ("attack", "crisis"))]
    overstretch = [key for key in keys if _is(sweep, key, "value", ("overstretch",))]
    if not coverage or not overstretch:
        raise InputError(
            "this figure needs a sweep over the value of an overstretch event and the coverage of an attack, "
            f"not over {', '.join(keys)}"
        )
    return overstretch[0], coverage[0]


def _is(sweep: SweepData, key: str, last: str, kinds: tuple[str, ...]) -> bool:
    parts = key.split(".")
    event = sweep.scenario.events.get(parts[1]) if len(parts) == 3 and parts[0] == "events" else None
    return event is not None and parts[2] == last and event.kind in kinds
