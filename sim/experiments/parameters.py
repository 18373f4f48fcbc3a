"""Where the parameters of each replicate come from: the scenario, draws from a posterior, a point of a design."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.setup import Setup
from sim.parameters import Parameters

if TYPE_CHECKING:
    from sim.experiments.chunks import Job, Piece

Floats = NDArray[np.float64]


class Draws(Protocol):
    """Sets of parameters by address, such as `sim.evidence.posterior.Posterior`."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def digest(self) -> str:
        """What tells it from every other."""

    def rows(self, seed: int, replicates: NDArray[Any]) -> Floats:
        """Return the set of each replicate (R, Q), by seed and number alone."""


ParameterSource = Draws | str | Path | None
"""Draws, the name of shipped ones or a file of them, ``defaults``, or None for what is taken unless told otherwise."""


def parameter_draws(source: ParameterSource) -> Draws | None:
    """Return the draws that a source stands for, None where the table's defaults hold.

    Raises
    ------
    InputError
        If there are no such parameters.
    """
    from sim.evidence.posterior import DEFAULT_SOURCE, DEFAULTS, load_posterior  # noqa: PLC0415 - needs pyarrow

    asked = DEFAULT_SOURCE if source is None else source
    if isinstance(asked, str | Path):
        return None if asked == DEFAULTS else load_posterior(asked)
    return asked


def described_draws(draws: Draws | None) -> dict[str, str] | None:
    """Return what a manifest says of draws."""
    return None if draws is None else {"name": draws.name, "digest": draws.digest}


def drawn_sets(job: "Job", replicates: int) -> pd.DataFrame | None:
    """Return the set that each replicate draws, one row each; None where none does."""
    if job.draws is None:
        return None
    return pd.DataFrame(job.draws.rows(job.seed, np.arange(replicates)), columns=list(Parameters._fields))


def replicate_sets(
    setup: Setup,
    draws: Draws | None,
    seed: int,
    replicates: NDArray[Any],
    values: Mapping[str, float] | None = None,
) -> Floats:
    """Return the parameters of replicates of a branch.

    What the scenario or branch sets wins over a draw, and what is given by name over both.

    Parameters
    ----------
    setup : Setup
    draws : Draws or None
        None: no parameter differs between replicates.
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
        free = [place for place, name in enumerate(names) if name not in setup.scenario.parameters]
        rows[:, free] = draws.rows(seed, replicates)[:, free]
    for name, value in (values or {}).items():
        rows[:, names.index(name)] = value
    return rows


def parameters_of(job: "Job", setup: Setup, own: frozenset[str], piece: "Piece", values: dict[str, float]) -> Floats:
    """Return the parameters of a piece's replicates: (count, Q).

    Parameters
    ----------
    job, setup, piece
        What is run.
    own : frozenset of str
        Parameters that the branch itself sets, which win over the design.
    values : dict
        Parameters that the point of the design sets.
    """
    numbers = np.arange(piece.first, piece.first + piece.count)
    free = {name: value for name, value in values.items() if name not in own}
    return replicate_sets(setup, job.draws, job.seed, numbers, free)
