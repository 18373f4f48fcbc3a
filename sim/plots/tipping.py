"""When an unanswered call becomes a freeze: chance over the guarantor's overstretch and coverage."""

from sim.errors import InputError
from sim.output.sweeps import Sweep
from sim.plots.factors import chosen_metric, metric_label
from sim.plots.page import Page
from sim.plots.style import Sheet, styled
from sim.plots.sweep import branch_words, chosen_branch, draw_heat, pair_of_keys


def tipping(
    sweep: Sweep,
    metric: str | None = None,
    *,
    branch: str | None = None,
    dot: tuple[float, float] | None = None,
) -> Sheet:
    """Draw the chance of freeze over overstretch and coverage, with the line of even chances.

    Parameters
    ----------
    sweep : Sweep
        A sweep over the ``value`` of an overstretch event and the ``coverage`` of an attack.
    metric : str, optional
        An expression that was asked for; default: the first chance.
    branch : str, optional
        Default: the first of the sweep.
    dot : tuple of float, optional
        Overstretch and coverage where the world was; default: the scenario's own values.
    """
    overstretch, coverage = tipping_keys(sweep)
    attack = sweep.scenario.events[coverage.split(".")[1]]
    measured = chosen_metric(sweep, metric)
    with styled():
        label = metric_label(sweep, measured)
        page = Page(
            "When does an unanswered call become a freeze?",
            f"{label[:1].upper()}{label[1:]}: {measured}. "
            f"Branch: {branch_words(sweep, chosen_branch(sweep, branch))}, {sweep.replicates} runs a point.",
        )
        return draw_heat(
            page, sweep, (overstretch, coverage), measured, branch=branch, dot=dot,
            dot_label=f"where {attack.date.year} was",
        )  # fmt: skip


def tipping_keys(sweep: Sweep) -> tuple[str, str]:
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


def _is(sweep: Sweep, key: str, last: str, kinds: tuple[str, ...]) -> bool:
    parts = key.split(".")
    event = sweep.scenario.events.get(parts[1]) if len(parts) == 3 and parts[0] == "events" else None
    return event is not None and parts[2] == last and event.kind in kinds
