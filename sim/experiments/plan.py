"""The plan of a sweep: a list of points, branches and replicates, divided into chunks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiments.arguments import texts, with_values
from sim.experiments.chunks import Job, RunBatch
from sim.experiments.design import Points, described, lay_out
from sim.experiments.ensemble import check_seed, choose_branches, choose_engine, positive
from sim.experiments.factors import PARAMETER, Factor, refusals
from sim.experiments.memory import check_sweep_memory
from sim.experiments.metrics import read_metrics
from sim.experiments.parameters.sources import ParameterSource, described_draws, parameter_draws
from sim.experiments.result_axes import ResultAxes
from sim.experiments.sweep_schema import Design
from sim.model.parameters import Parameters
from sim.output.measuring import Floats, kind_of
from sim.output.sweeps import Study, sweep_folder
from sim.scenario import Scenario, branch_names
from sim.scenario.problems import KeyPath

CHUNK_RUNS: Final[dict[str, int]] = {"compiled": 2000, "mesa": 20}
"""Runs in a chunk by engine: some seconds of work, equal on every machine."""

MOST_REPLICATES: Final = 2**32
"""The number of replicates of a seed with distinct random numbers."""


class Plan:
    """A validated sweep that can be run.

    Its runs are a list in the order point, branch, replicate; chunk k is the k-th part of that list.

    Parameters
    ----------
    name : str
        Short name, for folders.
    scenario : Scenario
        Before any key is varied.
    design : Design
        How points are laid out.
    factors : sequence of Factor
        The factors of the sweep.
    columns : sequence of array
        The points of a list, as in `Points`; of the other designs none.
    branches : sequence of str, optional
        Default: the first of the scenario.
    metrics : iterable of str
        Default: those of the scenario.
    replicates, seed : int, optional
        Default: those of the scenario.
    common_draws : bool, optional
        Whether replicate n uses the same random numbers and drawn parameters at every point. The branches of a point
        always do. Default: those of a grid do, so that its points can be compared run by run.
    engine : str, optional
        ``compiled`` (default) or ``mesa``; both give identical runs.
    parameters : mapping, Draws, str or Path, optional
        As for `sim.run`; parameters that the design varies have the values of the design.

    Attributes
    ----------
    points : Points
    parsed : dict
        Metrics by their text.

    Raises
    ------
    InputError
        If a branch, a metric, a key or a number is invalid.
    """

    def __init__(
        self,
        name: str,
        scenario: Scenario,
        design: Design,
        factors: Sequence[Factor],
        *,
        columns: Sequence[NDArray[Any]] = (),
        branches: Sequence[str] | None = None,
        metrics: Iterable[str] = (),
        replicates: int | None = None,
        seed: int | None = None,
        common_draws: bool | None = None,
        engine: str | None = None,
        parameters: Mapping[str, float] | ParameterSource = None,
    ) -> None:
        scenario, source = with_values(scenario, parameters)
        self.name, self.scenario, self.design = name, scenario, design
        self.common_draws = design.kind == "grid" if common_draws is None else common_draws
        self.engine = choose_engine(engine)
        self.draws = parameter_draws(source, scenario)
        self.branches = choose_branches(scenario, branches or branch_names(scenario)[:1])
        self.metrics = tuple(dict.fromkeys(texts("metrics", metrics))) or tuple(scenario.metrics)
        if not self.metrics:
            raise InputError('nothing to measure; give --metric, such as --metric "ARM.posture@end >= freeze"')
        self.replicates = positive("replicates", scenario.replicates if replicates is None else replicates)
        self.seed = check_seed(scenario.seed if seed is None else seed)
        check_sweep_memory(self.replicates, len(self.metrics))
        self.parsed = read_metrics(self.metrics, scenario, self.branches)
        for _, refused in refusals(scenario, factors, self.branches):
            raise refused
        listed = design.kind == "list"
        self.points = Points(tuple(factors), tuple(columns)) if listed else lay_out(design, factors, self.seed)
        if len(self.points) * self.replicates > MOST_REPLICATES:
            points = f"{len(self.points)} points of {self.replicates} replicates"
            raise InputError(f"{points} are too many; allowed: {MOST_REPLICATES} in all")

    @property
    def given(self) -> frozenset[str]:
        """The parameters that the scenario sets or the design varies."""
        keys = [factor.key for factor in self.points.factors]
        varied = {key.removeprefix(PARAMETER) for key in keys if key.startswith(PARAMETER)}
        return frozenset(varied | self.scenario.parameters.keys())

    @property
    def runs(self) -> int:
        """The number of runs in the whole sweep."""
        return len(self.points) * len(self.branches) * self.replicates

    @property
    def chunk_runs(self) -> int:
        """The number of runs in a chunk; the last chunk may have fewer."""
        return CHUNK_RUNS[self.engine]

    @property
    def chunks(self) -> int:
        """The number of chunks."""
        return -(-self.runs // self.chunk_runs)

    def count(self, chunk: int) -> int:
        """Return the number of runs in one chunk."""
        return min(self.chunk_runs, self.runs - chunk * self.chunk_runs)

    def pieces(self, chunk: int) -> tuple[RunBatch, ...]:
        """Return the pieces of work of one chunk, in the order of the list of runs."""
        return tuple(self._pieces(chunk))

    def _pieces(self, chunk: int) -> Iterator[RunBatch]:
        first = chunk * self.chunk_runs
        last = first + self.count(chunk)
        for cell in range(first // self.replicates, -(-last // self.replicates)):
            point, branch = divmod(cell, len(self.branches))
            begins = cell * self.replicates
            start, stop = max(first, begins), min(last, begins + self.replicates)
            first_run = start - begins + self.first_replicate(point)
            yield RunBatch(self.branches[branch], first_run, stop - start, self.points.point(point))

    def drawn(self, points: range) -> dict[str, Floats]:
        """Return the parameters that the replicates of some points draw, except those that scenario or design set."""
        if self.draws is None:
            return {}
        numbers = np.concatenate([self.first_replicate(point) + np.arange(self.replicates) for point in points])
        rows, given = self.draws.rows(self.seed, numbers), self.given
        columns = {name: column for column, name in enumerate(Parameters._fields) if name not in given}
        return {name: np.ascontiguousarray(rows[:, column]) for name, column in columns.items()}

    def first_replicate(self, point: int) -> int:
        """Return the number of a point's first replicate under the seed: 0 for all points if they share their draws."""
        return 0 if self.common_draws else point * self.replicates

    def job(self) -> Job:
        """Return the inputs that all chunks share."""
        cast = ResultAxes.of(self.scenario, self.branches)
        return Job(
            self.scenario, cast, self.seed, self.parsed, series=False, engine=self.engine, draws=self.draws,
            tolerant=True,
        )  # fmt: skip

    @cached_property
    def study(self) -> Study:
        """The description of the sweep's inputs in its folder."""
        return Study(
            name=self.name,
            scenario=self.scenario,
            design=described(self.design, self.seed, self.points.factors),
            factors={factor.key: factor.described() for factor in self.points.factors},
            branches=self.branches,
            metrics=self.metrics,
            kinds={text: kind_of(metric) for text, metric in self.parsed.items()},
            seed=self.seed,
            replicates=self.replicates,
            common_draws=self.common_draws,
            engine=self.engine,
            posterior=described_draws(self.draws, self.given),
        )

    @cached_property
    def identity(self) -> str:
        """A digest of all inputs that determine the tables."""
        return self.study.identity(self.points.shown())

    @property
    def folder(self) -> Path:
        """The default folder of the sweep."""
        return sweep_folder(self.name, self.identity)


def problems_of(
    scenario: Scenario, factors: Sequence[Factor], branches: Sequence[str] | None, metrics: Iterable[str]
) -> Iterator[tuple[KeyPath, InputError]]:
    """Yield every branch, metric and key of a sweep file that `Plan` would reject, with its position in the file."""
    wrong = []
    for number, branch in enumerate(branches or ()):
        try:
            choose_branches(scenario, [branch])
        except InputError as error:
            wrong.append(branch)
            yield ("branches", number), error
    known = [branch for branch in branches or branch_names(scenario)[:1] if branch not in wrong]
    for number, metric in enumerate(metrics if known else ()):
        try:
            read_metrics([metric], scenario, known)
        except InputError as error:
            yield ("metrics", number), error
    for factor, refused in refusals(scenario, factors, known) if known else ():
        yield ("factors", factor.key), refused
