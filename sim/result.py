"""Results and sweeps as `sim.run` and `sim.sweep` return them, with their figures, reports and explanations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import WRAPPER_ASSIGNMENTS, cached_property, wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sim.checked import checked
from sim.errors import InputError
from sim.experiments import ensemble
from sim.experiments import sweep as sweeps
from sim.experiments.parameters.sources import origin_in_words
from sim.output import manifest
from sim.output.comparing import ComparisonData
from sim.output.finding import find_result
from sim.output.result import ResultData
from sim.output.store import read, save
from sim.output.sweeps import SweepData, read_sweep

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.explaining.explanation import Explanation
    from sim.engine.agents import State
    from sim.plots.gallery import ResultFigures, SweepFigures
    from sim.plots.style import Sheet
    from sim.report.making import Report

Given = ParamSpec("Given")
Data = TypeVar("Data", ResultData, SweepData)
Facade = TypeVar("Facade", bound="Result | Sweep")


class Result(ResultData):
    """The result of an experiment, with figures, reports, explanations and comparisons.

    Its data are those of `sim.output.result.ResultData`.

    Examples
    --------
    >>> result = Result.read("results/karabakh-2023/20260301-120000-0a1b2c3d")  # doctest: +SKIP
    >>> result.plot.trust("ARM")  # doctest: +SKIP
    """

    @classmethod
    @checked()
    def read(cls, folder: Path | str) -> "Result":
        """Read a stored result from its folder.

        Parameters
        ----------
        folder : Path or str
            Its folder.

        Raises
        ------
        InputError
            If it is not a whole result.
        """
        return cls(**_fields(read(folder)))

    @checked()
    def save(self, folder: Path | str | None = None, *, figures: bool = False) -> Path:
        """Save the result in a folder of tables and a manifest, and return the folder.

        Parameters
        ----------
        folder : Path or str, optional
            New or empty folder; default: ``results/<scenario>/<when>-<id>``.
        figures : bool
            Whether to draw the figures that ``csto-sim run`` draws.

        Raises
        ------
        InputError
            If the folder exists and is not empty, or nothing can be written.

        Examples
        --------
        >>> result.save("results/mine")  # doctest: +SKIP
        PosixPath('results/mine')
        """
        target = None if folder is None else Path(folder)
        if not figures:
            return save(self, target)
        from sim.plots.gallery import draw_all

        return save(self, target, draw_all)

    @checked()
    def to_dataframe(self, table: str = "metrics") -> "pd.DataFrame":
        """Return a table of the result as a tidy pandas frame, with units and meanings in ``attrs``.

        Parameters
        ----------
        table : str
            ``metrics`` (a row for each branch, replicate and metric), ``summary``, ``trajectories`` (each branch,
            replicate, date and member), ``trust`` (each branch, replicate, date and pair), ``quantiles``,
            ``responses``, ``parameters`` (each replicate), ``country-month`` or ``dyad-month``.

        Raises
        ------
        InputError
            If there is no such table, or the result has no drawn parameters.

        Examples
        --------
        >>> result.to_dataframe("trust").query("truster == 'ARM'")  # doctest: +SKIP
        """
        from sim.interop.frames import result_frame

        return result_frame(self, table)

    def _title(self) -> str:
        return f"{super()._title()}, parameters {origin_in_words(self.posterior)}"

    @cached_property
    def plot(self) -> "ResultFigures":
        """The figures by kind, such as ``result.plot.trust("ARM")``."""
        from sim.plots.gallery import ResultFigures

        return ResultFigures(self)

    def comparison(self, a: str, b: str, metrics: Sequence[str] = ()) -> "Comparison":
        """Return the comparison of two branches: several metrics, their course over time, and a figure.

        Parameters
        ----------
        a, b : str
            Branches.
        metrics : sequence of str
            Metric expressions; default: all that were asked for.

        Examples
        --------
        >>> result.comparison("as-happened", "russia-intervenes").plot()  # doctest: +SKIP
        """
        return Comparison(**_fields(super().comparison(a, b, metrics)))

    @checked()
    def report(
        self, a: str | None = None, b: str | None = None, metrics: Sequence[str] = (), author: str = ""
    ) -> "Report":
        """Return a report on one question: two branches, and the metric that the answer is about.

        Parameters
        ----------
        a, b : str, optional
            Branch to start from, and the one compared with it; default: as figures of two branches have them.
        metrics : sequence of str
            Metric expressions, the one that is answered first; default: those of the scenario file.
        author : str
            Who makes the report, for its head and citation.

        Returns
        -------
        sim.report.making.Report
            Shows itself in notebooks; ``save("report.html")`` writes the page, and other endings other formats.

        Examples
        --------
        >>> print(result.report("as-happened", "russia-intervenes"))  # doctest: +SKIP
        >>> result.report().save("report.html")  # doctest: +SKIP
        """
        from sim.report.making import make_report

        return make_report(self, a, b, metrics, author)

    @checked()
    def explain(
        self,
        state: str,
        day: str | date,
        *,
        branch: str | None = None,
        replicate: int | None = None,
        within: int = 0,
        seed: int | None = None,
        agents: "Mapping[str, type[State]] | None" = None,
    ) -> "Explanation":
        """Explain the decisions of a state around a date in one replicate; `sim.explain` describes the options.

        Examples
        --------
        >>> print(result.explain("ARM", "2024-02"))  # doctest: +SKIP
        """
        from sim.analysis.explaining.explain import explain

        return explain(self, state, day, branch=branch, replicate=replicate, within=within, seed=seed, agents=agents)


class Comparison(ComparisonData):
    """A comparison of two branches of a result: tables, their course over time, and a figure."""

    def plot(self) -> "Sheet":
        """Draw the differences over time (`sim.plots.difference`)."""
        from sim.plots.difference import difference

        return difference(self)


class Sweep(SweepData):
    """The result of a sweep, with figures; its data are those of `sim.output.sweeps.SweepData`."""

    @classmethod
    @checked()
    def read(cls, folder: Path | str) -> "Sweep":
        """Read a stored sweep from its folder.

        Parameters
        ----------
        folder : Path or str
            Its folder.

        Raises
        ------
        InputError
            If it is not a whole sweep.
        """
        return cls(**_fields(read_sweep(folder)))

    @checked()
    def to_dataframe(self, table: str = "summary") -> "pd.DataFrame":
        """Return a table of the sweep as a tidy pandas frame, with units and meanings in ``attrs``.

        Parameters
        ----------
        table : str
            ``summary`` (a row for each point, branch and metric), ``runs`` (each run and metric), ``points``, or
            ``parameters`` (those that each replicate of each point drew).

        Raises
        ------
        InputError
            If there is no such table, or the sweep has none.

        Examples
        --------
        >>> swept.to_dataframe("runs")  # doctest: +SKIP
        """
        from sim.interop.frames import sweep_frame

        return sweep_frame(self, table)

    def _title(self) -> str:
        return f"{super()._title()}, parameters {origin_in_words(self.posterior)}"

    @cached_property
    def plot(self) -> "SweepFigures":
        """The figures by kind, such as ``swept.plot.heatmap()``."""
        from sim.plots.gallery import SweepFigures

        return SweepFigures(self)


def open_stored(name: Path | str) -> Result | Sweep:
    """Open a stored result or sweep.

    Parameters
    ----------
    name : Path or str
        Its folder; or ``latest``, or the name of a scenario, sweep or folder below ./results, which means the newest.

    Returns
    -------
    Result or Sweep

    Raises
    ------
    InputError
        If there is none, or it is not whole.

    Examples
    --------
    >>> open_stored("results/sweeps/severity/0a1b2c3d")  # doctest: +SKIP
    """
    folder = _found(name)
    kind = manifest.read(folder)["kind"]
    if kind == "sweep":
        return Sweep.read(folder)
    return Result.read(folder)


def _found(name: Path | str) -> Path:
    if not isinstance(name, str | Path):
        raise InputError(f"give the folder of a result or sweep, not {name!r} ({type(name).__name__})")
    return find_result(str(name), ("result", "sweep"))


def _fields(data: ResultData | ComparisonData | SweepData) -> dict[str, Any]:
    return {field.name: getattr(data, field.name) for field in fields(data)}


def _returning(facade: type[Facade], make: Callable[Given, Data]) -> Callable[Given, Facade]:
    """Return a function whose results are wrapped in a facade class; its name and signature stay unchanged."""

    @wraps(make, assigned=set(WRAPPER_ASSIGNMENTS) - {"__module__"})
    def made(*args: Given.args, **options: Given.kwargs) -> Facade:
        return facade(**_fields(make(*args, **options)))

    vars(made)["__signature__"] = signature(make).replace(return_annotation=facade)
    return made


run = _returning(Result, ensemble.run)
sweep = _returning(Sweep, sweeps.sweep)
