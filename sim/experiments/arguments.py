"""Checks of what `sim.run`, `sim.sweep` and `sim.AllianceModel` are given."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from operator import index
from pathlib import Path
from typing import Any

from sim.checked import shown
from sim.engine.setup import Setup
from sim.errors import InputError
from sim.experiments.parameters.sources import ParameterSource
from sim.model.parameters import PARAMETERS
from sim.scenario import Scenario, load
from sim.scenario.problems import show

_log = logging.getLogger(__name__)


def scenario_of(given: object) -> Scenario:
    """Return a scenario as it is, or read the file of which the path is given.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str | Path):
        return load(given)
    raise InputError(f"a scenario is what sim.load returns, or the path of a file; not {shown(given)}")


def whole_number(what: str, given: object, low: int, high: int | None = None) -> int:
    """Return a whole number within bounds, ``high`` exclusive; reject anything else.

    Examples
    --------
    >>> whole_number("replicates", 5, 1)
    5
    """
    allowed = f"whole numbers from {low}" + ("" if high is None else f" to {high - 1}")
    try:
        number = None if isinstance(given, bool) else index(given)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise InputError(f"{what} is {shown(given)}; allowed: {allowed}")
    if number < low or (high is not None and number >= high):
        raise InputError(f"{what} {show(number)} is not allowed; allowed: {allowed}")
    return number


def texts(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return a list of texts; reject a single text, which would be taken for a list of letters.

    Examples
    --------
    >>> texts("branches", ["as-happened"])
    ('as-happened',)
    """
    if isinstance(given, str):
        raise InputError(f"{what} is the text '{given}'; give a list: [{given!r}]")
    items = tuple(given) if isinstance(given, Iterable) else (given,)
    if not isinstance(given, Iterable) or not all(isinstance(item, str) for item in items):
        raise InputError(f"{what} is {shown(given)}; give a list of texts")
    return items


def check_progress(progress: object) -> None:
    """Reject a callback for progress that cannot be called."""
    if progress is not None and not callable(progress):
        raise InputError(
            f"progress is {shown(progress)}; give a function of the numbers of finished runs and of all runs"
        )


def with_values(
    scenario: Scenario, parameters: Mapping[str, float] | ParameterSource
) -> tuple[Scenario, ParameterSource]:
    """Return a scenario with the parameter values of a mapping, and the source of the other parameters.

    A branch's own values take precedence over them, and they over those of a source.

    Parameters
    ----------
    scenario : Scenario
    parameters : mapping, Draws, str, Path or None
        Values by name; or a source as in `sim.experiments.parameters.sources.parameter_draws`.

    Raises
    ------
    InputError
        If there is no such parameter, or its value is out of bounds.
    """
    if isinstance(parameters, Mapping):
        values = {**scenario.parameters, **checked_values(parameters)}
        return scenario.model_copy(update={"parameters": values}), None
    if parameters is None or isinstance(parameters, str | Path) or hasattr(parameters, "rows"):
        return scenario, parameters
    raise InputError(
        f"parameters is {shown(parameters)}; give values by name, the name of a posterior, its file, or 'defaults'"
    )


def checked_values(values: Mapping[str, Any]) -> dict[str, float]:
    """Return parameter values by name; reject unknown names and values out of bounds.

    Examples
    --------
    >>> checked_values({"memory_half_life": 24})
    {'memory_half_life': 24.0}
    """
    for name, value in values.items():
        row = PARAMETERS.get(name)
        if row is None:
            near = get_close_matches(str(name), PARAMETERS, 1)
            raise InputError(f"no parameter {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        if isinstance(value, bool | str) or not hasattr(value, "__float__") or not row.low <= value <= row.high:
            raise InputError(f"parameter {name} is {value!r}; allowed: {row.low:g}..{row.high:g}")
    return {name: float(value) for name, value in values.items()}


def check_agents(agents: object, setups: Sequence[Setup]) -> None:
    """Reject agents that are no subclasses of `sim.State` by code, and say where the record answers for them.

    Parameters
    ----------
    agents : mapping of str to type, or None
    setups : sequence of Setup
        The branches that are run.
    """
    if agents is None:
        return
    from sim.engine.agents import State, answers_on_record  # noqa: PLC0415 - Mesa takes a second

    if not isinstance(agents, Mapping):
        raise InputError(f"agents is {shown(agents)}; give subclasses of sim.State by code: {{'RUS': Legalist}}")
    for code, kind in agents.items():
        if not (isinstance(kind, type) and issubclass(kind, State)):
            raise InputError(f"the agent of {code} is {shown(kind)}; give a subclass of sim.State")
    recorded: dict[str, dict[str, None]] = {}
    for setup in setups:
        for decision, events in answers_on_record(setup, agents).items():
            recorded.setdefault(decision, {}).update(dict.fromkeys(events))
    for decision, names in recorded.items():
        _log.warning("%s is not asked about %s: the scenario has the answer on record", decision, ", ".join(names))
