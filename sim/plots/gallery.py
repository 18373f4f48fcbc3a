"""All kinds of figure by name, and all of them at once into a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.output.result import Result
from sim.output.sweeps import Sweep
from sim.plots.branches import branches
from sim.plots.calls import calls
from sim.plots.network import network
from sim.plots.postures import postures
from sim.plots.publics import publics
from sim.plots.style import Sheet, save
from sim.plots.sweep import curve, heatmap
from sim.plots.tipping import tipping, tipping_keys
from sim.plots.trust import trust


@dataclass(frozen=True)
class Kind:
    """One kind of figure of a result.

    Attributes
    ----------
    draw : callable
        Takes the result and options, returns the figure.
    meaning : str
        What it shows, in one line.
    state : bool
        Whether it is about one member, named by ``state``.
    branches : int
        Branches it needs.
    """

    draw: Callable[..., Sheet]
    meaning: str
    state: bool = True
    branches: int = 1


KINDS: Final[Mapping[str, Kind]] = {
    "trust": Kind(trust, "trust in the guarantor over time, one member in bold"),
    "postures": Kind(postures, "shares of the six postures in two branches, beside the record", branches=2),
    "branches": Kind(branches, "trust and chance of freeze in every branch", branches=2),
    "publics": Kind(publics, "approval and support for exit against polls"),
    "network": Kind(network, "who counts on whom, before and after", state=False),
    "calls": Kind(calls, "what allies did about each attack and crisis", state=False),
}
"""Every kind of figure of a result."""

SWEEP_KINDS: Final[Mapping[str, Callable[..., Sheet]]] = {
    "tipping": tipping,
    "curve": curve,
    "heatmap": heatmap,
}
"""Every kind of figure of a sweep."""


def draw(result: Result, kind: str, *args: Any, **options: Any) -> Sheet:
    """Draw one kind of figure of a result.

    Parameters
    ----------
    result : Result
        What a run found.
    kind : str
        A name of `KINDS`.
    *args, **options
        What that figure takes, such as ``state`` and ``branch``.

    Examples
    --------
    >>> draw(result, "trust", state="ARM")  # doctest: +SKIP
    """
    return _kind(kind).draw(result, *args, **options)


def draw_of_sweep(sweep: Sweep, kind: str, *args: Any, **options: Any) -> Sheet:
    """Draw one kind of figure of a sweep.

    Parameters
    ----------
    sweep : Sweep
        What a sweep found.
    kind : str
        A name of `SWEEP_KINDS`.
    *args, **options
        What that figure takes, such as ``metric`` and ``branch``.

    Examples
    --------
    >>> draw_of_sweep(sweep, "heatmap")  # doctest: +SKIP
    """
    return _sweep_kind(kind)(sweep, *args, **options)


def lacking(result: Result, kind: str) -> str:
    """Return what a result lacks for a kind of figure, or an empty text if it can be drawn."""
    needed = _kind(kind)
    if needed.state and len(result.members) < 2:
        return f"{result.focus} has no member beside its guarantor"
    if len(result.branches) < needed.branches:
        return f"needs {needed.branches} branches; this result has {len(result.branches)}"
    if kind == "calls" and result.responses.empty:
        return "no ally was called"
    return ""


def skipped(result: Result) -> dict[str, str]:
    """Return the kinds of figure that cannot be drawn of a result, each with the reason."""
    return {kind: reason for kind in KINDS if (reason := lacking(result, kind))}


def draw_all(
    result: Result,
    folder: Path,
    formats: Sequence[str] = ("png", "svg"),
    *,
    kinds: Sequence[str] | None = None,
    state: str | None = None,
) -> list[Path]:
    """Draw every kind of figure that a result has what it takes for; `skipped` tells which are left out.

    Parameters
    ----------
    result : Result
        What a run found.
    folder : Path
        Where the files go; it must exist.
    formats : sequence of str
        Of ``png``, ``svg``, ``pdf``.
    kinds : sequence of str, optional
        Draw these only; then one that cannot be drawn is an error.
    state : str, optional
        Member that figures of one member are about; its code is then added to their file names.

    Returns
    -------
    list of Path
        The files written.
    """
    paths: list[Path] = []
    for kind in KINDS if kinds is None else kinds:
        reason = lacking(result, kind)
        if reason and kinds is not None:
            raise InputError(f"cannot draw '{kind}': {reason}")
        if reason:
            continue
        about = state if KINDS[kind].state else None
        figure = draw(result, kind, state=about) if about else draw(result, kind)
        paths += save(figure, folder / (f"{kind}-{about}" if about else kind), formats)
    return paths


def draw_sweep(
    sweep: Sweep,
    folder: Path,
    formats: Sequence[str] = ("png", "svg"),
    *,
    kinds: Sequence[str] | None = None,
) -> list[Path]:
    """Draw a curve of each metric of a sweep of one key, or a heat map of each of a sweep of two.

    A grid of overstretch and coverage gives the figure ``tipping`` besides; three keys or more, and designs that are no
    grid, give none.

    Parameters
    ----------
    sweep : Sweep
        What a sweep found.
    folder : Path
        Where the files go; it must exist.
    formats : sequence of str
        Of ``png``, ``svg``, ``pdf``.
    kinds : sequence of str, optional
        Draw these of `SWEEP_KINDS` only; then one that cannot be drawn is an error.
    """
    paths: list[Path] = []
    for kind in sweep_kinds(sweep) if kinds is None else kinds:
        drawer = _sweep_kind(kind)
        if kind == "tipping":
            paths += save(drawer(sweep), folder / kind, formats)
            continue
        for number, metric in enumerate(sweep.metrics, start=1):
            name = kind if len(sweep.metrics) == 1 else f"{kind}-{number}"
            paths += save(drawer(sweep, metric=metric), folder / name, formats)
    return paths


def sweep_kinds(sweep: Sweep) -> tuple[str, ...]:
    """Return the kinds of figure that a sweep can be drawn as; none but grids can."""
    if sweep.design["kind"] != "grid":
        return ()
    if len(sweep.factors) == 1:
        return ("curve",)
    if len(sweep.factors) != 2:
        return ()
    return ("heatmap", "tipping") if is_tipping(sweep) else ("heatmap",)


def is_tipping(sweep: Sweep) -> bool:
    """Tell whether a sweep varies overstretch and coverage and measures a chance."""
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


def _kind(name: str) -> Kind:
    if name in KINDS:
        return KINDS[name]
    near = get_close_matches(name, KINDS, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    sweeps = " (of sweeps: " + ", ".join(SWEEP_KINDS) + ")"
    raise InputError(f"unknown kind of figure '{name}'; allowed: {', '.join(KINDS)}{sweeps}{hint}")
