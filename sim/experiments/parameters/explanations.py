"""Explanations: parameter sets in which only one reason for not helping is active, and their weights in averages."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.experiments.parameters.posteriors import shipped_posteriors
from sim.experiments.parameters.sources import OWN_FITS
from sim.model.parameters import PARAMETERS
from sim.scenario import focus_of, with_overrides
from sim.scenario.files import SHIPPED, read_source
from sim.scenario.overrides import key_path
from sim.scenario.problems import closest, listed, show
from sim.scenario.schema import Scenario

EXPLANATIONS: Final = SHIPPED / "explanations"
"""Where explanations and their weights lie."""

ALL: Final = "all"
"""Stands for every explanation, with their average."""

PREFIX: Final = "explanation-"
TO_2019: Final = "-2019"
"""Begins the name of the posterior of an explanation; ends the name of the one that is fitted to 2019."""


@dataclass(frozen=True)
class Variant:
    """The model under one explanation, with some parameters and scenario keys fixed.

    Attributes
    ----------
    name, title, meaning : str
    parameters : dict
        Fixed values by name.
    scenario : dict
        Keys of the scenario by dotted name; those that a scenario does not have are left out.
    """

    name: str
    title: str
    meaning: str
    parameters: Mapping[str, float]
    scenario: Mapping[str, Any] = field(default_factory=dict)

    def applied(self, scenario: Scenario) -> Scenario:
        """Return a scenario with the keys of the explanation, for the states and pairs that the scenario has."""
        keys = {key: value for key, value in self.scenario.items() if _has(scenario, key)}
        return with_overrides(scenario, keys) if keys else scenario


def _has(scenario: Scenario, key: str) -> bool:
    table, *rest = key_path(key)
    if table == "dyads":
        return all(code in scenario.states for code in rest[:2])
    return rest[0] in getattr(scenario, table)


def load_explanations() -> dict[str, Variant]:
    """Return the shipped explanations by name.

    Examples
    --------
    >>> sorted(load_explanations())
    ['faithless-guarantor', 'no-legal-duty', 'overstretched', 'price-of-crossing']
    """
    return {variant.name: variant for variant in _shipped()}


@cache
def _shipped() -> tuple[Variant, ...]:
    return tuple(read_explanation(path) for path in sorted(EXPLANATIONS.glob("*.toml")))


def read_explanation(path: Path) -> Variant:
    """Read one explanation from a file.

    Raises
    ------
    InputError
        If the file cannot be read, or names a parameter or value that is not allowed.
    """
    try:
        data = read_source(path, str(path)).data
        fixed = _checked(path, data["parameters"])
        return Variant(path.stem, data["title"], data["meaning"], fixed, data.get("scenario", {}))
    except KeyError as error:
        raise InputError(f"{path}: {error.args[0]} is missing; allowed: title, meaning, parameters, scenario") from None


def _checked(path: Path, parameters: Mapping[str, Any]) -> dict[str, float]:
    for key, value in parameters.items():
        if key not in PARAMETERS:
            near = closest(key, PARAMETERS)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(f"{path}: there is no parameter '{key}'{hint}")
        row = PARAMETERS[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not row.low <= value <= row.high:
            raise InputError(f"{path}: {key} is {show(value)}; allowed: {row.low:g} to {row.high:g}")
    return {key: float(value) for key, value in parameters.items()}


def choose_explanations(name: str) -> dict[str, Variant]:
    """Return the explanation with a given name, or every explanation for ``all``; reject unknown names."""
    return load_explanations() if name == ALL else {name: choose_explanation(name, (ALL,))}


def choose_explanation(name: str, others: Sequence[str] = (), where: str = "") -> Variant:
    """Return the explanation with a given name.

    Parameters
    ----------
    name : str
    others : sequence of str
        Other allowed values, for the message.
    where : str
        Begins the message, such as ``"link: "``.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    known = load_explanations()
    if name not in known:
        allowed = (*known, *others)
        near = closest(name, allowed)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"{where}there is no explanation '{name}'; allowed: {listed(allowed)}{hint}")
    return known[name]


def explained(scenario: Scenario, variant: Variant) -> Scenario:
    """Return a scenario under an explanation; parameters that the scenario itself sets keep their values."""
    changed = variant.applied(scenario)
    return changed.model_copy(update={"parameters": {**variant.parameters, **changed.parameters}})


def own_parameters(name: str, scenario: Scenario) -> str | None:
    """Return the name of the posterior from which an explanation draws its free parameters in a scenario.

    None if none is shipped, and for an alliance without a fit of its own, to whose record no explanation was fitted.
    """
    own = f"{PREFIX}{name}"
    return own if focus_of(scenario) in OWN_FITS and own in shipped_posteriors() else None


def early_posterior(name: str) -> str:
    """Return the name of an explanation's posterior that is fitted to data up to 2019 and tuned on 2020-21.

    Examples
    --------
    >>> early_posterior("overstretched")
    'explanation-overstretched-2019'
    """
    return f"{PREFIX}{name}{TO_2019}"


def explanation_weights(path: Path | None = None) -> dict[str, float]:
    """Return the weight of each explanation in the average; the weights sum to 1.

    Raises
    ------
    InputError
        If the table is damaged.
    """
    file = path or EXPLANATIONS / "weights.csv"
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            weights = {row["explanation"]: float(row["weight"]) for row in csv.DictReader(opened)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    total = sum(weights.values())
    if not weights or any(weight < 0 for weight in weights.values()) or total <= 0:
        raise InputError(f"{file}: the weights are no weights; allowed: numbers from 0, not all 0")
    return {name: weight / total for name, weight in weights.items()}
