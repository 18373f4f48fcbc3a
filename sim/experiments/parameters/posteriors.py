"""Posteriors: weighted parameter sets, their files with metadata, and addressed draws from them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from sim.engine.draws import SEEDS, name_code, replicate_key, uniform
from sim.errors import InputError, one_line, quoted
from sim.experiments.parameters.priors import NAMES, prior_draws
from sim.given import PIPE, is_pipe
from sim.model.parameters import PARAMETERS, Parameters
from sim.model.world import Ints
from sim.output.checksums import BlockDigest
from sim.output.measuring import Floats
from sim.output.parquet import read_parquet, write_parquet
from sim.output.staging import staged_file
from sim.scenario.files import SHIPPED
from sim.scenario.problems import closest, listed

POSTERIORS: Final = SHIPPED / "posteriors"
"""Where the posteriors that ship lie."""

PRIOR: Final = "prior"
"""The source whose parameters are drawn from the priors of the table."""

PRIOR_SETS: Final = 8192
"""Number of parameter sets that stand for the priors."""

DEFAULTS: Final = "defaults"
"""Name of the parameter table's own defaults."""

MOST_VALUE: Final = 1e300
"""The largest value of a parameter that is no longer in the table."""

MOST_WEIGHT: Final = 1e100
"""The largest weight of a parameter set, whose sums and squares are finite."""

_WEIGHT: Final = "weight"
_MARK: Final = b"csto-sim posterior"
_SEAL: Final = b"csto-sim block digest"


class _About(BaseModel):
    """The metadata of a posterior file."""

    name: str
    diagnostics: dict[str, Any]
    provenance: dict[str, Any]


@dataclass(frozen=True)
class Posterior:
    """A posterior distribution as weighted parameter sets.

    Attributes
    ----------
    name : str
    stored : array (D, C)
        Values of the parameters that it holds.
    weights : array (D)
        Above 0, sum 1.
    columns : tuple of str
        The parameters that it holds, in the order of ``stored``; some may be in the table no longer.
    diagnostics : dict
        Numbers about the fit: effective sample size, exponent, evaluations.
    provenance : dict
        The basis of the fit, such as the version.
    """

    name: str
    stored: Floats
    weights: Floats
    columns: tuple[str, ...]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_sets(
        cls,
        name: str,
        sets: Floats,
        weights: Floats,
        diagnostics: Mapping[str, Any] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> "Posterior":
        """Return a posterior from complete parameter sets.

        Parameters
        ----------
        sets : array (D, Q)
            Parameter sets in the order of the table. Constants are left out, except those not at their default.
        """
        stored = [
            index
            for index, row in enumerate(PARAMETERS.values())
            if row.fitted or (sets[:, index] != row.default).any()
        ]
        columns = tuple(NAMES[index] for index in stored)
        return cls(name, sets[:, stored], weights, columns, diagnostics or {}, provenance or {})

    @cached_property
    def values(self) -> Floats:
        """The parameter sets (D, Q) in the order of the table, with defaults for parameters that are not stored."""
        sets = np.tile(np.array(Parameters(), dtype=np.float64), (len(self.weights), 1))
        for column, name in enumerate(self.columns):
            if name in PARAMETERS:
                sets[:, NAMES.index(name)] = self.stored[:, column]
        return sets

    @property
    def filled(self) -> dict[str, float]:
        """The parameters that are newer than the fit, with the defaults that they take; constants are excluded."""
        return {name: row.default for name, row in PARAMETERS.items() if row.fitted and name not in self.columns}

    @property
    def ignored(self) -> tuple[str, ...]:
        """The stored parameters that are no longer in the table."""
        return tuple(name for name in self.columns if name not in PARAMETERS)

    @property
    def constants(self) -> tuple[str, ...]:
        """The constants whose stored values differ from the table; draws use the stored values."""
        fixed = Parameters()._asdict()
        return tuple(
            name
            for column, name in enumerate(self.columns)
            if name in fixed and not PARAMETERS[name].fitted and (self.stored[:, column] != fixed[name]).any()
        )

    @property
    def digest(self) -> str:
        """A digest of the stored values and weights, as eight hexadecimal digits."""
        content = hashlib.sha256(np.ascontiguousarray(self.stored).tobytes())
        content.update(np.ascontiguousarray(self.weights).tobytes())
        return content.hexdigest()[:8]

    @property
    def effective_size(self) -> float:
        """The effective number of equally weighted parameter sets."""
        return effective_size(self.weights)

    def rows(self, seed: int, replicates: Ints) -> Floats:
        """Return the parameter set of each replicate; it depends only on the seed and the replicate number.

        Parameters
        ----------
        seed : int
        replicates : array (R)
            Numbers of the replicates, 0 or more.

        Returns
        -------
        array (R, Q)
        """
        keys = replicate_key(seed, replicates)  # type: ignore[arg-type]
        places = np.asarray(uniform(*keys, 0, 0, 0, 0, name_code("parameters")))
        reached = np.cumsum(self.weights)
        return self.values[np.minimum(np.searchsorted(reached / reached[-1], places, side="right"), len(reached) - 1)]

    def draws(self, count: int, seed: int) -> Floats:
        """Return the parameter sets of the first replicates of a seed: (count, Q).

        Examples
        --------
        >>> one = Posterior("one", np.array([[0.4], [0.6]]), np.array([0.5, 0.5]), ("initial_trust",))
        >>> one.draws(3, seed=1).shape == (3, len(Parameters._fields))
        True
        """
        if not 0 <= seed < SEEDS:
            raise InputError(f"seed {seed} is not allowed; allowed: whole numbers from 0 below 2**53")
        return self.rows(seed, np.arange(count))

    def save(self, path: Path) -> None:
        """Write the posterior as Parquet: one column for each stored parameter, the weights, and metadata."""
        columns = {name: self.stored[:, column] for column, name in enumerate(self.columns)} | {_WEIGHT: self.weights}
        metadata = {"name": self.name, "diagnostics": dict(self.diagnostics), "provenance": dict(self.provenance)}
        about = json.dumps(metadata, sort_keys=True).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with staged_file(path, replace=True) as hidden:
            seal = _sealed(about, self.columns, self.stored, self.weights)
            write_parquet(pa.table(columns).replace_schema_metadata({_MARK: about, _SEAL: seal}), hidden)


def effective_size(weight: Floats) -> float:
    """Return the effective number of equally weighted sets for given weights (Kish 1965).

    Examples
    --------
    >>> effective_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def shipped_posteriors() -> tuple[str, ...]:
    """Return the names of the shipped posteriors."""
    return tuple(sorted(path.stem for path in POSTERIORS.glob("*.parquet")))


def is_posterior(path: Path) -> bool:
    """Return whether a file is marked as a posterior."""
    if path.suffix != ".parquet" or not path.is_file():
        return False
    try:
        return _MARK in (pq.read_schema(path).metadata or {})
    except (OSError, ValueError, pa.ArrowException):
        return False


def load_posterior(name: str | Path) -> Posterior:
    """Read a posterior by its shipped name or from a file.

    Parameters
    ----------
    name : str or Path
        A file, the name of one that ships, or ``prior`` for draws from the priors of the table.

    Raises
    ------
    InputError
        If there is none, or it is not whole.
    """
    if str(name) == PRIOR:
        return prior_predictive()
    path = Path(name)
    if is_pipe(path):
        raise InputError(f"{path}: {PIPE}")
    if path.suffix != ".parquet" and path.name == str(name):
        path = POSTERIORS / f"{name}.parquet"
        if name not in shipped_posteriors():
            known = (DEFAULTS, PRIOR, *shipped_posteriors())
            near = closest(str(name), known)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(
                f"there are no parameters {quoted(str(name))}; allowed: a .parquet file, {listed(known)}{hint}"
            )
    try:
        if path.exists() and not path.is_file():
            raise ValueError("it is no file")
        return _stored(path.resolve(), path.stat().st_mtime_ns)
    except (OSError, ValueError, RuntimeError, pa.ArrowException) as error:  # a circle of links is a RuntimeError
        raise InputError(f"{path}: no posterior can be read ({error})") from None


@lru_cache(maxsize=32)
def _stored(path: Path, _written: int) -> Posterior:
    """Read a posterior file; the cache key includes the time of its last change."""
    table = read_parquet(path, check_pages=False)
    if _SEAL not in (table.schema.metadata or {}):
        table = read_parquet(path)
    return _checked(path, table)


def _checked(path: Path, table: "pa.Table") -> Posterior:
    metadata = table.schema.metadata or {}
    if _MARK not in metadata:
        raise InputError(f"{path}: is not a posterior; `csto-sim calibrate` writes them")
    try:
        about = _About.model_validate_json(metadata[_MARK])
    except ValidationError:
        raise InputError(f"{path}: damaged; its metadata lack name, diagnostics or provenance") from None
    if _WEIGHT not in table.column_names:
        raise InputError(f"{path}: lacks the column '{_WEIGHT}'")
    columns = tuple(name for name in table.column_names if name != _WEIGHT)
    for name in (*columns, _WEIGHT):
        kind = table[name].type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise InputError(f"{path}: {quoted(name)} has values of type {kind}; allowed: numbers")
    stored = np.column_stack([table[name].to_numpy().astype(np.float64) for name in columns] or [np.empty((0, 0))])
    weight = table[_WEIGHT].to_numpy().astype(np.float64)
    if _SEAL in metadata and metadata[_SEAL] != _sealed(metadata[_MARK], columns, stored, weight):
        raise InputError(f"{path}: damaged; its values do not have the digest that was stored with them")
    for column, name in enumerate(columns):
        row = PARAMETERS.get(name)
        low, high = (row.low, row.high) if row is not None else (-MOST_VALUE, MOST_VALUE)
        wrong = stored[:, column][~((stored[:, column] >= low) & (stored[:, column] <= high))]
        if len(wrong):
            raise InputError(f"{path}: {one_line(name)} is {wrong[0]:g}; allowed: {low:g} to {high:g}")
    if not len(weight) or not ((weight >= 0) & (weight <= MOST_WEIGHT)).all() or weight.sum() <= 0:
        raise InputError(f"{path}: the weights are no weights; allowed: numbers 0..{MOST_WEIGHT:g}, not all 0")
    if not np.isclose(weight.sum(), 1.0, rtol=0.0, atol=1e-9):  # else they stay as they are, to the last bit
        weight = weight / weight.sum()
    return Posterior(about.name, stored, weight, columns, about.diagnostics, about.provenance)


def _sealed(about: bytes, columns: tuple[str, ...], stored: Floats, weights: Floats) -> bytes:
    """Return a digest of names, values and metadata of a posterior."""
    digest = BlockDigest()
    digest.update(b"\0".join([about, *map(str.encode, columns)]))
    for values in (stored, weights):
        digest.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return digest.hexdigest().encode()


@cache
def prior_predictive() -> Posterior:
    """Return equally weighted parameter sets from the priors of the table; every call gives equal sets."""
    return Posterior.of_sets(PRIOR, prior_draws(PRIOR_SETS, 0), np.full(PRIOR_SETS, 1.0 / PRIOR_SETS))


def default_posterior() -> Posterior:
    """Return the default parameters as a posterior of one set."""
    return Posterior.of_sets(DEFAULTS, np.array([Parameters()], dtype=np.float64), np.ones(1))
