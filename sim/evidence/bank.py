"""The bank: what sets of parameters do, measured once, kept chunk by chunk, and used by every fit.

A section is a list of sets that were measured together. It lies as one Parquet file in the bank's folder, named by the
digest of all that settles it; until it is whole its chunks lie beside it, so that a stopped calibration goes on.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.evidence.averages import known_mean
from sim.evidence.bench import BRANCHES, HALVES, Bench
from sim.evidence.patterns import Pattern
from sim.experiments.parameters.priors import NAMES
from sim.output.manifest import digest
from sim.output.measuring import Floats
from sim.output.parts import Parts

CHUNK: Final = 32
"""Sets of parameters in a chunk: some seconds of work."""

Progress = Callable[[int, int], None]
"""Told the runs done and the runs to do."""

_MARK: Final = b"csto-sim section"


@dataclass(frozen=True)
class BankSection:
    """Sets of parameters and what they do.

    Attributes
    ----------
    parameters : array (D, Q)
    halves : array (D, HALVES, patterns)
        Statistics over each half of the replicates.
    patterns : tuple of Pattern
    """

    parameters: Floats
    halves: Floats
    patterns: tuple[Pattern, ...]

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def means(self) -> Floats:
        """Statistics over all replicates (D, patterns); NaN where neither half has one."""
        return known_mean(self.halves, axis=1)

    def columns(self, patterns: Sequence[Pattern]) -> list[int]:
        """Return where some patterns stand."""
        names = [one.name for one in self.patterns]
        return [names.index(one.name) for one in patterns]


def noise_of(halves: Floats) -> Floats:
    """Return the variance that chance leaves in each statistic, pooled over sets: (patterns)."""
    return np.nan_to_num(known_mean((halves[:, 0] - halves[:, 1]) ** 2 / 4.0, axis=0))


@dataclass(frozen=True)
class Bank:
    """A folder of sections.

    Attributes
    ----------
    folder : Path
    bench : Bench
    replicates, seed, threads : int
    """

    folder: Path
    bench: Bench
    replicates: int
    seed: int
    threads: int

    def runs(self, sets: int) -> int:
        """Return the runs that some sets take."""
        return sets * self.replicates * BRANCHES

    def section(
        self,
        name: str,
        parameters: Floats,
        *,
        bench: Bench | None = None,
        common: bool = False,
        progress: Progress | None = None,
    ) -> BankSection:
        """Measure sets of parameters, or read what was measured before.

        Parameters
        ----------
        name : str
            For the file's name.
        parameters : array (D, Q)
        bench : Bench, optional
            Default: the bank's own; another one has the same patterns.
        common : bool
            Whether all sets draw the same random numbers.
        progress : callable, optional
            Told the runs done and the runs to do of this section.
        """
        bench = bench or self.bench
        identity = digest(
            {
                "bench": bench.identity,
                "parameters": hashlib.sha256(np.ascontiguousarray(parameters).tobytes()).hexdigest(),
                "replicates": self.replicates,
                "seed": self.seed,
                "common": common,
            }
        )
        path = self.folder / f"{name}-{identity}.parquet"
        names = [f"{half}|{one.name}" for half in range(HALVES) for one in bench.patterns]
        found = _read(path, identity, names, len(parameters))
        if found is None:
            found = self._measured(path, identity, names, parameters, bench, common, progress)
            _write(path, identity, names, parameters, found)
            Parts(path, identity, names).remove()
        return BankSection(parameters, found.reshape(len(parameters), HALVES, -1), bench.patterns)

    def _measured(
        self,
        path: Path,
        identity: str,
        names: Sequence[str],
        parameters: Floats,
        bench: Bench,
        common: bool,
        progress: Progress | None,
    ) -> Floats:
        self.folder.mkdir(parents=True, exist_ok=True)
        parts = Parts(path, identity, names)
        parts.open({"sets": len(parameters), "replicates": self.replicates})
        done = []
        for chunk, start in enumerate(range(0, len(parameters), CHUNK)):
            rows = parameters[start : start + CHUNK]
            values = parts.read(chunk, len(rows))
            if values is None:
                try:
                    measured = bench.measure(
                        rows, self.replicates, self.seed, first=start, common=common, threads=self.threads
                    )
                except BaseException as error:
                    error.add_note(f"what was simulated is kept in {self.folder}; the same command goes on from there")
                    raise
                values = measured.reshape(len(rows), -1)
                parts.write(chunk, values)
            done.append(values)
            if progress is not None:
                progress(self.runs(start + len(rows)), self.runs(len(parameters)))
        return np.concatenate(done)


def _write(path: Path, identity: str, names: Sequence[str], parameters: Floats, values: Floats) -> None:
    columns = {f"parameters.{name}": parameters[:, place] for place, name in enumerate(NAMES)}
    columns |= {name: values[:, place] for place, name in enumerate(names)}
    table = pa.table(columns).replace_schema_metadata({_MARK: identity.encode()})
    hidden = path.with_name(f".{path.name}.tmp")
    pq.write_table(table, hidden, compression="zstd")
    hidden.replace(path)


def _read(path: Path, identity: str, names: Sequence[str], rows: int) -> Floats | None:
    """Return a section's values, or None if there is no whole one."""
    try:
        table = pq.read_table(path)
    except (OSError, ValueError, pa.ArrowException):
        return None
    if (table.schema.metadata or {}).get(_MARK) != identity.encode() or table.num_rows != rows:
        return None
    return np.column_stack([table[name].to_numpy() for name in names])
