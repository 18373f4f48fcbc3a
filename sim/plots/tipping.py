"""Figure of the tipping point: the chance of freeze by the guarantor's overstretch and the attack's coverage."""

from sim.errors import InputError
from sim.model.base_event import ShockEvent
from sim.model.events.call import CallEvent
from sim.output.formatting import state_name
from sim.output.sweeps import SweepData
from sim.plots.factors import branch_scenario, chosen_metric, metric_label
from sim.plots.page import FigurePage
from sim.plots.style import Sheet, styled
from sim.plots.sweep import branch_words, chosen_branch, draw_heat, pair_of_keys


def tipping(
    sweep: SweepData,
    metric: str | None = None,
    *,
    branch: str | None = None,
    dot: tuple[float, float] | None = None,
) -> Sheet:
    """Draw the chance of freeze by overstretch and coverage, with the 50 % line.

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
    decides = "" if _has_call(sweep, chosen, coverage) else " In this branch the victim decides whether to call."
    with styled():
        label = metric_label(sweep, measured)
        page = FigurePage(
            "When does an unanswered call become a freeze?",
            f"{label[:1].upper()}{label[1:]}: {measured}. "
            f"Branch: {branch_words(sweep, chosen)}, {sweep.replicates} runs a point.{decides}",
        )
        return draw_heat(
            page, sweep, (overstretch, coverage), measured, branch=chosen, dot=dot,
            dot_label=_dot_label(sweep, attack, put=dot is not None),
        )  # fmt: skip


def _attack(sweep: SweepData, branch: str, coverage: str) -> ShockEvent:
    """Return the attack whose coverage is varied, with the changes of a branch."""
    event = branch_scenario(sweep, branch).events.get(coverage.split(".")[1])
    if not isinstance(event, ShockEvent):
        raise InputError(f"branch '{branch}' has no attack or crisis for '{coverage}'")
    return event


def _has_call(sweep: SweepData, branch: str, coverage: str) -> bool:
    """Return whether a branch records a decision of the attack's victim to call or not to call."""
    events = branch_scenario(sweep, branch).events.values()
    return any(
        isinstance(event, CallEvent) and (event.to or event.because_of) == coverage.split(".")[1] for event in events
    )


def _dot_label(sweep: SweepData, attack: ShockEvent, *, put: bool) -> str:
    """Return the label of the dot; by default, coverage is the victim's own perception."""
    label = f"where {attack.date.year} was"
    if put or attack.coverage is not None:
        return label
    return f"{label}, as {state_name(sweep.scenario, attack.victim)} read it"


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
