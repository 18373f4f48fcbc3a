"""Files of an analysis: a table for every figure, saved as a complete folder or not at all."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.any_design import GivenDataIndices
from sim.analysis.bins import FEW, Bins
from sim.analysis.discovery import HALVES, Discovery
from sim.analysis.draws import StoredDraws
from sim.analysis.pairs import Heat
from sim.analysis.ranking import RobustRanking
from sim.analysis.screening import MorrisEffects
from sim.analysis.stored import StoredSweep
from sim.analysis.studies import StudyFinding, StudyReport, report
from sim.analysis.variance import SobolIndices
from sim.output.formatting import branch_title, percent, plural, shown
from sim.output.staging import staged
from sim.plots.caption import Caption
from sim.plots.factors import expression_label, factor_label, factor_name, is_share
from sim.plots.prim import peeling
from sim.plots.ranking import ranking_rows
from sim.plots.response import heat_cells, response_panels
from sim.plots.sensitivity import given_data_bars, morris_effects, pair_bars, sobol_bars, tornado_bars
from sim.plots.style import Sheet, save
from sim.scenario import Scenario
from sim.version import __version__

FOLDER = "analysis"
"""Where an analysis lies in its sweep's folder unless another one is given."""

NAME = "analysis.json"
_PACKAGES = ("numpy", "pandas", "SALib", "scipy")


@dataclass(frozen=True, eq=False)
class OutputFile:
    """Output file of an analysis: a table, with the figure that shows it, if any."""

    stem: str
    table: pd.DataFrame
    draw: Callable[[], Sheet] | None = None


def save_study(study: StudyReport, out: Path, formats: Sequence[str] | None = None) -> Path:
    """Save the tables and figures of an analysis, and ``analysis.json`` with all results.

    Parameters
    ----------
    study : StudyReport
        What was found.
    out : Path
        Folder, new or empty.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: those of the current look.

    Raises
    ------
    InputError
        If ``out`` exists and is not empty.
    """
    with staged(out) as folder:
        for piece in pieces(study):
            piece.table.to_csv(folder / f"{piece.stem}.csv", index=False, lineterminator="\n", float_format="%.6g")
            if piece.draw is not None:
                save(piece.draw(), folder / piece.stem, formats)
        versions = {"csto-sim": __version__, **{package: version(package) for package in _PACKAGES}}
        text = json.dumps({**report(study), "versions": versions}, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return out


def pieces(study: StudyReport) -> Iterator[OutputFile]:
    """Yield the tables of an analysis, with the functions that draw them."""
    for finding in study.findings:
        result, words = finding.found, _Words(study, finding)
        if isinstance(result, SobolIndices):
            yield from _sobol(finding, result, words)
        elif isinstance(result, GivenDataIndices):
            yield _given(finding, result, words)
        elif isinstance(result, RobustRanking):
            yield from _robust(finding, result, words)
        elif isinstance(result, MorrisEffects):
            yield _morris(finding, result, words)
        elif isinstance(result, Heat):
            yield _heat(finding, result, words)
        elif isinstance(result, Discovery):
            yield from _discovery(finding, result, words)
        elif finding.method == "response":
            yield _response(finding, result, words)
        else:
            yield _tornado(finding, result, words)


def _sobol(finding: StudyFinding, result: SobolIndices, words: "_Words") -> Iterator[OutputFile]:
    noise = "unknown" if result.noise is None else percent(result.noise)
    caption = words.caption(
        "Which factors carry the outcome?",
        f"Sobol indices from {result.samples} base points. Chance of the replicates in the variance: {noise}.",
    )
    yield OutputFile(finding.stem, result.indices, lambda: sobol_bars(result.indices, caption))
    if result.pairs is not None:
        pairs, second = (
            result.pairs,
            words.caption(
                "Which factors work together?", f"Second-order Sobol indices from {result.samples} base points."
            ),
        )
        yield OutputFile(finding.stem.replace("sobol", "sobol-pairs"), pairs, lambda: pair_bars(pairs, second))


def _given(finding: StudyFinding, result: GivenDataIndices, words: "_Words") -> OutputFile:
    noise = "unknown" if result.noise is None else percent(result.noise)
    caption = words.caption(
        "Which factors move the outcome?",
        f"Indices from {result.points} points, which need no special design. Dashed: what 95 % of dummy factors stay "
        f"below, which have the factor's values and no effect. Chance of the replicates in the variance: {noise}.",
    )
    return OutputFile(finding.stem, result.indices, lambda: given_data_bars(result.indices, caption))


def _robust(finding: StudyFinding, ranking: RobustRanking, words: "_Words") -> Iterator[OutputFile]:
    caption = words.caption(
        "Which branch holds up over all draws?",
        f"{words.measured}, {ranking.better} is better. Each of the {words.points(len(words.sweep.points))} is one "
        f"state of what is not known. Regret: how much worse than the best branch there. {' '.join(ranking.sentences)}",
    )
    titles = {branch: branch_title(words.sweep.scenario, branch) for branch in words.sweep.branches}
    yield OutputFile(
        finding.stem,
        ranking.ranking,
        lambda: ranking_rows(
            ranking.ranking, ranking.by_point, titles, caption, share=words.share, chance=finding.chance
        ),
    )
    yield OutputFile(finding.stem.replace("robust", "robust-points"), ranking.by_point)


def _morris(finding: StudyFinding, result: MorrisEffects, words: "_Words") -> OutputFile:
    grouped = "groups" in words.sweep.design
    whole = "the whole ranges of a group." if grouped else "a factor's whole range. Below, factors by their rank."
    unknown = result.chance_effect is None
    chance = "" if unknown else " Dashed: what chance alone would make of a factor without effect."
    caption = words.caption(
        "Which factors matter at all?",
        f"Elementary effects from {result.trajectories} trajectories on {result.levels} levels: change of the mean "
        f"over {whole}{chance}",
    )
    return OutputFile(
        finding.stem, result.effects, lambda: morris_effects(result.effects, caption, result.chance_effect)
    )


def _response(finding: StudyFinding, curves: pd.DataFrame, words: "_Words") -> OutputFile:
    caption = words.caption(
        "How does the outcome move along each factor?",
        f"{words.measured}: mean with 90 % interval, the other factors taken as the design has them; "
        "factors along which it moves most come first.",
    )
    return OutputFile(
        finding.stem, curves, lambda: response_panels(curves, caption, chance=finding.chance, share=words.share)
    )


def _tornado(finding: StudyFinding, table: pd.DataFrame, words: "_Words") -> OutputFile:
    ends = (
        "from the lowest to the highest value"
        if words.sweep.kind == "grid"
        else "from the 10 to the 90 % value (means over the lowest and the highest fifth; levels where they are few)"
    )
    caption = words.caption(
        "How much does each factor change the outcome?",
        f"{words.measured}: mean {ends} of each factor, the others averaged over.",
    )
    return OutputFile(
        finding.stem, table, lambda: tornado_bars(table, caption, share=words.share, chance=finding.chance)
    )


def _heat(finding: StudyFinding, heat: Heat, words: "_Words") -> OutputFile:
    caption = words.caption(
        "Where is the outcome high, and where low?",
        f"{words.measured}: mean over the points in each cell; numbers: how many points it holds. {_sure(heat.cells)}",
    )
    edges = (_edges(heat.x), _edges(heat.y))
    names = (_names(heat.x), _names(heat.y))
    keys = (heat.x.key, heat.y.key)
    return OutputFile(
        finding.stem, heat.cells, lambda: heat_cells(heat.cells, keys, edges, names, caption, chance=finding.chance)
    )


def _sure(cells: pd.DataFrame) -> str:
    """Return a sentence on how far the mean of a cell is uncertain because its runs are few."""
    halves = ((cells["high"] - cells["low"]) / 2).dropna()
    if halves.empty:
        return "Each cell rests on one run."
    return f"A typical cell is uncertain by {shown(halves.median(), 3)} to both sides (90 % interval)."


_CONDITIONS = "Under which conditions does it happen?"


def _discovery(finding: StudyFinding, discovery: Discovery, words: "_Words") -> Iterator[OutputFile]:
    method = {"prim": "PRIM, boxes peeled from the whole space", "cart": "CART, nodes of a tree"}[discovery.method]
    caption = words.caption(
        "Where does the order of the branches turn?" if finding.method == "turning" else _CONDITIONS,
        f"{discovery.text}. {method}; discovery on {words.points(discovery.halves['points'].iloc[0])}, tried on "
        f"{discovery.halves['points'].iloc[1]} {HALVES[1]} ones.",
    )
    joined = discovery.method == "prim"
    yield OutputFile(
        finding.stem,
        discovery.boxes,
        lambda: peeling(discovery.boxes, discovery.halves, discovery.limits, discovery.spans, caption, joined=joined),
    )
    yield OutputFile(finding.stem.replace(finding.method, f"{finding.method}-limits"), discovery.limits)
    yield OutputFile(finding.stem.replace(finding.method, f"{finding.method}-halves"), discovery.halves)


def _names(bins: Bins) -> tuple[str, ...]:
    """Return the label of each cell: words or evenly spaced values; empty for other scales."""
    if np.isnan(bins.low).any():
        return tuple(str(value) for value in bins.values)
    even = not bins.ranges and len(bins) <= FEW and np.allclose(np.diff(bins.low, n=2), 0)
    return tuple(f"{value:.4g}" for value in bins.values) if even else ()


def _edges(bins: Bins) -> NDArray[np.float64]:
    """Return the edges of cells: those of ranges, otherwise midpoints between values."""
    if bins.ranges:
        return np.append(bins.low, bins.high[-1])
    places = np.arange(len(bins), dtype=np.float64) if np.isnan(bins.low).any() else bins.low
    if len(places) == 1:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    middles = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])


class _Words:
    """Captions of the figures for one result of an analysis."""

    def __init__(self, study: StudyReport, finding: StudyFinding) -> None:
        self.study, self.finding = study, finding
        self.sweep = study.sweep

    @property
    def label(self) -> str:
        """Description of the metric, or its expression if there is none."""
        return expression_label(self.sweep.scenario, self.finding.metric)

    @property
    def share(self) -> bool:
        """Whether the metric lies between 0 and 1."""
        return self.finding.chance or is_share(self.finding.metric)

    @property
    def measured(self) -> str:
        """Name of the metric, capitalised for the start of a sentence."""
        label = self.label
        return label if label == self.finding.metric else f"{label[:1].upper()}{label[1:]} ({self.finding.metric})"

    def points(self, count: int) -> str:
        """Return a number of points, or of what a point is."""
        return plural(int(count), self.sweep.counted)

    def caption(self, title: str, note: str) -> Caption:
        """Return a caption; a note that does not name the metric gets the name as a prefix."""
        named = note if self.finding.metric in note else f"{self.measured}. {note}"
        names = names_of(self.sweep.scenario, self.sweep.keys)
        labels = {key: factor_label(self.sweep.scenario, key) for key in self.sweep.keys}
        return Caption(title, named, self.label, self._footer(), names, labels)

    def _footer(self) -> tuple[str, str]:
        sweep = self.sweep
        parts = (
            f"Scenario: {sweep.scenario.title}",
            f"{'branches' if self.finding.method in ('robust', 'turning') else 'branch'} {self.study.branch}",
            design_in_words(sweep),
            f"{plural(sweep.replicates, 'replicate')} a {sweep.counted}",
            f"seed {sweep.seed}",
            f"csto-sim {__version__}",
        )
        return "Sources: model runs", " · ".join(parts)


def design_in_words(sweep: StoredSweep) -> str:
    """Describe a design with its size, such as ``latin-hypercube design of 200 points``."""
    if isinstance(sweep, StoredDraws):
        return f"{len(sweep.points)} draws of the parameters"
    return f"{sweep.kind} design of {len(sweep.points)} points"


def names_of(scenario: Scenario, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of factors in words; keys whose names are equal keep their keys."""
    names = {key: factor_name(scenario, key) for key in keys}
    return {key: name if list(names.values()).count(name) == 1 else key for key, name in names.items()}


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return keys without their table names, if the short names are distinct.

    Examples
    --------
    >>> short_names(["parameters.memory_half_life", "events.war.value"])
    {'parameters.memory_half_life': 'memory_half_life', 'events.war.value': 'war.value'}
    """
    short = [key.partition(".")[2] or key for key in keys]
    return {key: name if short.count(name) == 1 else key for key, name in zip(keys, short, strict=True)}
