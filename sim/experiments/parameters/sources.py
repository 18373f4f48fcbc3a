"""Sources of each replicate's parameters: the scenario, draws from a posterior, or a point of a design."""

import csv
import logging
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.setup import Setup
from sim.experiments.parameters.posteriors import DEFAULTS, PRIOR, load_posterior
from sim.model.parameters import PARAMETERS, Parameters
from sim.scenario import Scenario, focus_of
from sim.scenario.files import SHIPPED
from sim.scenario.problems import listed

Floats = NDArray[np.float64]

_log = logging.getLogger(__name__)


GENERAL: Final = "general"
"""The fit to the library of alliances and the reference class."""

OTHERS: Final = GENERAL
"""The default source of parameters of alliances without a fit of their own."""

OWN_FITS: Final = {"CSTO": "posterior-full"}
"""The default sources of parameters of alliances with a fit of their own, by treaty."""

TOLD: Final = 3
"""Names of parameters that a warning lists, of many."""

SCORED: Final = SHIPPED / "scored-parameters.csv"
"""The parameters that the model had when the scores and weights that ship were made."""


class Draws(Protocol):
    """Interface: parameter sets by seed and replicate, such as `sim.experiments.parameters.posteriors.Posterior`."""

    @property
    def name(self) -> str:
        """The name of the source."""

    @property
    def digest(self) -> str:
        """A digest that identifies the source."""

    @property
    def filled(self) -> Mapping[str, float]:
        """The parameters that the source lacks, with the defaults that they take."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The parameters of the source that are no longer in the table."""

    @property
    def constants(self) -> tuple[str, ...]:
        """The constants whose values in the source differ from the table."""

    def rows(self, seed: int, replicates: NDArray[Any]) -> Floats:
        """Return the parameter set of each replicate (R, Q), by seed and replicate number only."""


ParameterSource = Draws | str | Path | None
"""Draws, the name of a shipped posterior, a file, ``defaults``, or None for the default of the scenario's alliance."""


def default_source(scenario: Scenario) -> str:
    """Return the default source of parameters: the alliance's own fit, or the general one.

    The alliance is that of the scenario's focus.
    """
    return OWN_FITS.get(focus_of(scenario) or "", OTHERS)


def origin_in_words(drawn: Mapping[str, Any] | None) -> str:
    """Return a phrase on where the free parameters of a result come from; ``drawn`` is its manifest's ``posterior``."""
    if drawn is None:
        return "at their defaults"
    if drawn["name"] == PRIOR:
        return "drawn from the priors"
    older = " (it predates the present equations)" if drawn.get("filled") else ""
    return f"drawn from the fit '{drawn['name']}'{older}"


def parameter_draws(source: ParameterSource, scenario: Scenario) -> Draws | None:
    """Return the draws for a named source, None if the defaults of the table apply.

    Parameters
    ----------
    source : ParameterSource
    scenario : Scenario
        What is run; without a source, its alliance has the default.

    Raises
    ------
    InputError
        If there are no such parameters.
    """
    asked = default_source(scenario) if source is None else source
    if isinstance(asked, str | Path):
        return None if asked == DEFAULTS else load_posterior(asked)
    return asked


def described_draws(draws: Draws | None, given: Collection[str] = ()) -> dict[str, Any] | None:
    """Return the description of draws in a manifest.

    Parameters
    ----------
    draws : Draws or None
    given : collection of str
        Parameters that have values from elsewhere in every run.
    """
    if draws is None:
        return None
    return {"name": draws.name, "digest": draws.digest, **differences([draws], given)}


def differences(fits: Iterable[Draws], given: Collection[str] = ()) -> dict[str, Any]:
    """Return the parameters in which fits and the table of parameters differ, as written in manifests.

    Parameters
    ----------
    fits : iterable of Draws
    given : collection of str
        Parameters that have values from elsewhere in every run.

    Returns
    -------
    dict
        ``filled``, defaults by name, and ``ignored``, names; each only if there are any.
    """
    filled: dict[str, float] = {}
    ignored: dict[str, None] = {}
    for fit in fits:
        filled |= {name: value for name, value in fit.filled.items() if name not in given}
        ignored |= dict.fromkeys(fit.ignored)
    by_kind: dict[str, Any] = {"filled": filled, "ignored": list(ignored)}
    return {what: names for what, names in by_kind.items() if names}


def warn_of_differences(fits: Iterable[Draws | None], given: Collection[str] = (), source: str = "") -> None:
    """Log the differences between fits and the table of parameters, except new mechanisms that are off.

    Parameters
    ----------
    fits : iterable of Draws or None
        The fits; None for the table itself, which has no differences.
    given : collection of str
        Parameters that have values from elsewhere in every run.
    source : str
        A common name for the fits; default: the name of each fit.
    """
    lines: dict[str, None] = {}
    for fit in filter(None, fits):
        acting = [name for name, value in fit.filled.items() if value != PARAMETERS[name].off]
        for names, what in (
            (acting, "the fit predates the present equations; at their table values in every run"),
            (
                fit.constants,
                "constants of which the fit has other values than the table, so that those of the fit hold",
            ),
            (fit.ignored, "in the fit, but parameters of the model no longer, so ignored"),
        ):
            named = [name for name in names if name not in given]
            if named:
                lines[f"parameters '{source or fit.name}': {what}: {in_short(named)}"] = None
    for line in lines:
        _log.warning(line)


def in_short(names: list[str]) -> str:
    """Return a list of names as text, with all but the first few as a number.

    Examples
    --------
    >>> in_short(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more (the manifest has all)'
    """
    if len(names) <= TOLD + 1:
        return ", ".join(names)
    return f"{', '.join(names[:TOLD])} and {len(names) - TOLD} more (the manifest has all)"


def unscored(path: Path = SCORED) -> tuple[str, ...]:
    """Return the parameters that are newer than the stored scores and weights.

    Parameters
    ----------
    path : Path
        Table of the parameters that the model had then, as `csto-sim hindcast` writes it.
    """
    with path.open(encoding="utf-8", newline="") as opened:
        known = {row["parameter"] for row in csv.DictReader(opened)}
    return tuple(name for name in PARAMETERS if name not in known)


def unscored_note(path: Path = SCORED) -> str:
    """Return a sentence about parameters that are newer than scores and weights, empty if there are none."""
    newer = unscored(path)
    return f"Scores and weights are from before the model had the parameters {listed(newer)}." if newer else ""


def drawn_sets(draws: Draws | None, seed: int, replicates: int) -> pd.DataFrame | None:
    """Return the parameter set that each replicate draws, one in each row; None without draws."""
    if draws is None:
        return None
    return pd.DataFrame(draws.rows(seed, np.arange(replicates)), columns=list(Parameters._fields))


def replicate_sets(
    setup: Setup,
    draws: Draws | None,
    seed: int,
    replicates: NDArray[Any],
    values: Mapping[str, float] | None = None,
) -> Floats:
    """Return the parameters of replicates of a branch.

    Values set by the scenario or branch take precedence over draws, and ``values`` over both.

    Parameters
    ----------
    setup : Setup
    draws : Draws or None
        The draws; None if all replicates have equal parameters.
    seed : int
    replicates : array (R)
    values : mapping, optional
        Parameters by name.

    Returns
    -------
    array (R, Q)
    """
    names = Parameters._fields
    rows = np.tile(np.array(setup.parameters, dtype=np.float64), (len(replicates), 1))
    if draws is not None:
        free = [column for column, name in enumerate(names) if name not in setup.scenario.parameters]
        rows[:, free] = draws.rows(seed, replicates)[:, free]
    for name, value in (values or {}).items():
        rows[:, names.index(name)] = value
    return rows
