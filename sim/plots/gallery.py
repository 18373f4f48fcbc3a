"""The gallery: all kinds of figure by name, and functions that draw all of them into a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, TypeVar, overload

import pandas as pd

from sim.checked import checked
from sim.errors import InputError
from sim.output.mapped import map_table
from sim.output.result import ResultData
from sim.output.sweeps import SweepData
from sim.output.tables import write_csv
from sim.plots.alliance_map import alliance_map, no_map
from sim.plots.asked import asked
from sim.plots.branches import branches
from sim.plots.calls import calls, no_calls
from sim.plots.factors import chosen_metric
from sim.plots.metric import metric, no_metric, unrecorded
from sim.plots.moved import lacks as cannot_be_replayed
from sim.plots.moved import moved
from sim.plots.network import network
from sim.plots.postures import postures
from sim.plots.publics import publics
from sim.plots.style import Sheet, save
from sim.plots.sweep import curve, heatmap
from sim.plots.tipping import tipping, tipping_keys
from sim.plots.trust import trust

Source = TypeVar("Source")
Options = ParamSpec("Options")


@dataclass(frozen=True)
class _Accessor(Generic[Source]):
    """Base class of the figures of one result or sweep, with a method for each kind."""

    source: Source

    if not TYPE_CHECKING:  # type checkers need the declared kinds

        def __getattr__(self, name: str) -> None:
            """Raise an error with the known kinds, as commands do, for an unknown kind."""
            if name.startswith("_"):
                raise AttributeError(name)
            _sweep_kind(name) if isinstance(self, SweepFigures) else _kind(name)


@dataclass(frozen=True)
class FigureKind(Generic[Source, Options]):
    """One kind of figure, declared as a member of `ResultFigures` or `SweepFigures`.

    Attributes
    ----------
    draw : callable
        Takes the result or sweep and options, returns the figure.
    state : bool
        Whether it is about one member, named by ``state``.
    branches : int
        Branches it needs.
    asked : bool
        Whether it takes the metrics that are asked for, as ``metrics``.
    lacks : callable, optional
        Takes the result, returns the reason why it has no such figure, or an empty text.
    table : callable, optional
        Takes the result, returns what the figure shows as a table, which `draw_all` writes beside it as CSV.
    """

    draw: Callable[Concatenate[Source, Options], Sheet]
    state: bool = True
    branches: int = 1
    asked: bool = False
    lacks: Callable[[Source], str] | None = None
    table: Callable[[Source], pd.DataFrame] | None = None

    @overload
    def __get__(self, accessor: None, owner: type) -> "FigureKind[Source, Options]": ...

    @overload
    def __get__(self, accessor: _Accessor[Source], owner: type) -> Callable[Options, Sheet]: ...

    def __get__(
        self, accessor: _Accessor[Source] | None, owner: type
    ) -> "FigureKind[Source, Options] | Callable[Options, Sheet]":
        return self if accessor is None else partial(checked()(self.draw), accessor.source)


class ResultFigures(_Accessor[ResultData]):
    """The figures of a result, called as ``result.plot.trust("ARM")``."""

    metric = FigureKind(metric, state=False, lacks=no_metric)
    trust = FigureKind(trust)
    moved = FigureKind(moved, lacks=cannot_be_replayed)
    postures = FigureKind(postures, asked=True)
    branches = FigureKind(branches, branches=2, asked=True)
    publics = FigureKind(publics)
    network = FigureKind(network, state=False)
    map = FigureKind(alliance_map, state=False, lacks=no_map, table=map_table)
    calls = FigureKind(calls, state=False, lacks=no_calls)


class SweepFigures(_Accessor[SweepData]):
    """The figures of a sweep, called as ``swept.plot.heatmap()``."""

    tipping = FigureKind(tipping)
    curve = FigureKind(curve)
    heatmap = FigureKind(heatmap)


def _declared(accessor: type[_Accessor[Any]]) -> dict[str, FigureKind[Any, ...]]:
    return {name: kind for name, kind in vars(accessor).items() if isinstance(kind, FigureKind)}


_METRIC: Final = "metric"

KINDS: Final[Mapping[str, FigureKind[ResultData, ...]]] = _declared(ResultFigures)
"""Every kind of figure of a result."""

SWEEP_KINDS: Final[Mapping[str, Callable[..., Sheet]]] = {
    name: kind.draw for name, kind in _declared(SweepFigures).items()
}
"""What draws each kind of figure of a sweep."""


def draw(result: ResultData, kind: str, *args: Any, **options: Any) -> Sheet:
    """Draw one kind of figure of a result.

    Parameters
    ----------
    result : ResultData
        The result.
    kind : str
        A name of `KINDS`.
    *args, **options
        Options of the figure, such as ``state`` and ``branch``.

    Examples
    --------
    >>> draw(result, "trust", state="ARM")  # doctest: +SKIP
    """
    return _kind(kind).draw(result, *args, **options)


def lacking(result: ResultData, kind: str) -> str:
    """Return the reason why a result cannot be drawn as a kind of figure, or an empty text if it can."""
    needed = _kind(kind)
    if needed.state and len(result.members) < 2:
        return f"{result.focus} has no member beside its guarantor"
    if len(result.branches) < needed.branches:
        return f"needs {needed.branches} branches; this result has {len(result.branches)}"
    return "" if needed.lacks is None else needed.lacks(result)


def skipped(result: ResultData) -> dict[str, str]:
    """Return the kinds of figure that cannot be drawn from a result, with the reason for each."""
    return {kind: reason for kind in KINDS if (reason := lacking(result, kind))}


def draw_all(
    result: ResultData,
    folder: Path,
    formats: Sequence[str] | None = None,
    *,
    kinds: Sequence[str] | None = None,
    state: str | None = None,
    metrics: Sequence[str] = (),
) -> list[Path]:
    """Draw every kind of figure that can be drawn from a result; `skipped` returns the others.

    Parameters
    ----------
    result : ResultData
        The result.
    folder : Path
        Where the files go; it must exist.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: those of the current look.
    kinds : sequence of str, optional
        Draw these only; then one that cannot be drawn is an error.
    state : str, optional
        Member that figures of one member are about; its code is then added to their file names.
    metrics : sequence of str
        Metric expressions that the figures answer; default: those of the scenario, else of the run.

    Returns
    -------
    list of Path
        The files written.
    """
    paths: list[Path] = []
    for kind in KINDS if kinds is None else dict.fromkeys(kinds):
        reason = "" if kind == _METRIC and metrics else lacking(result, kind)
        if reason and kinds is not None:
            raise InputError(f"cannot draw '{kind}': {reason}")
        if reason:
            continue
        about = state if KINDS[kind].state else None
        name = f"{kind}-{about}" if about else kind
        options: dict[str, Any] = {"state": about} if about else {}
        if kind == _METRIC and metrics:
            drawn = [question for question in asked(result, metrics) if kinds is not None or not unrecorded(question)]
            for number, question in enumerate(drawn, start=1):
                numbered = name if len(drawn) == 1 else f"{name}-{number}"
                paths += save(draw(result, kind, question.text), folder / numbered, formats)
            continue
        if KINDS[kind].asked:
            options["metrics"] = metrics
        paths += save(draw(result, kind, **options), folder / name, formats)
        table = KINDS[kind].table
        if table is not None:
            paths.append(folder / f"{name}.csv")
            write_csv(table(result), paths[-1])
    return paths


def draw_sweep(
    sweep: SweepData,
    folder: Path,
    formats: Sequence[str] | None = None,
    *,
    kinds: Sequence[str] | None = None,
    metrics: Sequence[str] = (),
) -> list[Path]:
    """Draw a curve of each metric for a sweep of one key, or a heat map of each metric for two keys.

    A grid of overstretch and coverage gives the figure ``tipping`` in place of the heat map of its chance; three keys
    or more, and designs that are no grid, give none.

    Parameters
    ----------
    sweep : SweepData
        The sweep.
    folder : Path
        Where the files go; it must exist.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: those of the current look.
    kinds : sequence of str, optional
        Draw these of `SWEEP_KINDS` only; then one that cannot be drawn is an error.
    metrics : sequence of str
        Draw these metrics of the sweep only.
    """
    paths: list[Path] = []
    wanted = [chosen_metric(sweep, text) for text in metrics]
    chosen = sweep_kinds(sweep) if kinds is None else tuple(dict.fromkeys(kinds))
    for kind in chosen:
        drawer = _sweep_kind(kind)
        if kind == "tipping":
            paths += save(drawer(sweep, metric=wanted[0] if wanted else None), folder / kind, formats)
            continue
        drawn = chosen_metric(sweep, wanted[0] if wanted else None) if kinds is None and "tipping" in chosen else None
        for number, text in enumerate(sweep.metrics, start=1):
            if text != drawn and (not wanted or text in wanted):
                name = kind if len(sweep.metrics) == 1 else f"{kind}-{number}"
                paths += save(drawer(sweep, metric=text), folder / name, formats)
    return paths


def sweep_kinds(sweep: SweepData) -> tuple[str, ...]:
    """Return the kinds of figure that can be drawn from a sweep; none except for grids."""
    if sweep.design["kind"] != "grid":
        return ()
    if len(sweep.factors) == 1:
        return ("curve",)
    if len(sweep.factors) != 2:
        return ()
    return ("heatmap", "tipping") if is_tipping(sweep) else ("heatmap",)


def is_tipping(sweep: SweepData) -> bool:
    """Return whether a sweep varies overstretch and coverage and measures a chance."""
    if len(sweep.factors) != 2 or "chance" not in sweep.kinds.values():
        return False
    try:
        tipping_keys(sweep)
    except InputError:
        return False
    return True


def _sweep_kind(name: str) -> Callable[..., Sheet]:
    if name not in SWEEP_KINDS:
        raise InputError(f"unknown kind of figure '{name}' of a sweep; allowed: {', '.join(SWEEP_KINDS)}")
    return SWEEP_KINDS[name]


def _kind(name: str) -> FigureKind[ResultData, ...]:
    if name in KINDS:
        return KINDS[name]
    near = get_close_matches(name, KINDS, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    sweeps = " (of sweeps: " + ", ".join(SWEEP_KINDS) + ")"
    raise InputError(f"unknown kind of figure '{name}'; allowed: {', '.join(KINDS)}{sweeps}{hint}")
