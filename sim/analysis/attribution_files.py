"""Files of attributions and of decision-rule comparisons: tables, the waterfall figure and JSON."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.mechanisms import MECHANISMS
from sim.output import manifest
from sim.output.formatting import event_in_words, month
from sim.output.sources import sources_text
from sim.output.staging import replacing, staged
from sim.output.store import RESULTS
from sim.plots.caption import Caption
from sim.plots.factors import expression_label
from sim.plots.style import Sheet, save
from sim.plots.waterfall import waterfall
from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.attribution import Attribution
    from sim.analysis.decision_rules import RuleTrial

FIGURE = "waterfall"
_PACKAGES = ("numba", "numpy")


def save_attribution(attribution: "Attribution", name: str, out: Path | None = None, *, draw: bool = True) -> Path:
    """Save an attribution as a folder and return the path of the folder.

    Parameters
    ----------
    attribution : Attribution
        What to write.
    name : str
        Short name of the scenario.
    out : Path, optional
        Folder, new or empty; default: ``results/<scenario>/attribution-<digest>``, where equal inputs replace what lies
        there.
    draw : bool
        Whether the figure is drawn.

    Raises
    ------
    InputError
        If ``out`` exists and is not empty.
    """
    players = {player.name: player.members for player in attribution.players}
    asked = (attribution.of, players, attribution.orders, attribution.interactions is None)
    with _folder(attribution, asked, out, name, "attribution") as (folder, target):
        _write(
            folder,
            {
                "shares": attribution.shares,
                "interactions": attribution.interactions,
                "coalitions": attribution.coalitions,
            },
        )
        if draw:
            save(attribution_figure(attribution), folder / FIGURE)
    return target


def save_rules(trial: "RuleTrial", name: str, out: Path | None = None) -> Path:
    """Save a comparison of decision rules as a folder and return its path; parameters as in `save_attribution`."""
    with _folder(trial, (), out, name, "rules") as (folder, target):
        _write(folder, {"rules": trial.rules})
    return target


@contextmanager
def _folder(
    result: "Attribution | RuleTrial", asked: tuple[object, ...], out: Path | None, name: str, kind: str
) -> Iterator[tuple[Path, Path]]:
    """Yield a temporary folder to write to and its final path, then add the sources and a JSON file of all results."""
    inputs = manifest.scenario_inputs(result.scenario)
    draws = result.metric, result.branch, result.seed, result.replicates
    target = out or RESULTS / name / f"{kind}-{manifest.digest({'scenario': inputs, 'asked': (*draws, *asked)})}"
    with staged(target) if out is not None else replacing(target) as folder:
        yield folder, target
        (folder / "DATA-SOURCES.txt").write_text(sources_text(result.scenario), encoding="utf-8", newline="\n")
        versions = {"csto-sim": __version__, **{package: version(package) for package in _PACKAGES}}
        content = {**result.report(), "versions": versions, "scenario": inputs}
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (folder / f"{kind}.json").write_text(text, encoding="utf-8", newline="\n")


def _write(folder: Path, tables: Mapping[str, pd.DataFrame | None]) -> None:
    for stem, table in tables.items():
        if table is not None:
            table.to_csv(folder / f"{stem}.csv", index=False, lineterminator="\n", float_format="%.6g")


def attribution_figure(attribution: "Attribution") -> Sheet:
    """Draw the waterfall of an attribution."""
    label = expression_label(attribution.scenario, attribution.metric)
    measured = label if label == attribution.metric else f"{label} ({attribution.metric})"
    what = "event" if attribution.of == "events" else "mechanism"
    if attribution.method == "exact":
        how = f"Shapley shares over all {2 ** len(attribution.players):,} sets of {what}s"
    else:
        how = f"Shapley shares over {attribution.orders} orders in which {what}s come in"
    caption = Caption(
        title=f"What each {what} adds to {'the ' if label.startswith('chance') else ''}{label}",
        note=f"{measured[:1].upper()}{measured[1:]}, from none of these {what}s to all. {how} "
        f"({attribution.replicates} runs of each, on the same random draws). Black lines: 90 % intervals of the "
        "shares.",
        measure=label,
        footer=("Sources: model runs", _provenance(attribution)),
        names=_names(attribution),
    )
    return waterfall(
        attribution.shares,
        attribution.ends,
        caption,
        words=(f"none of these {what}s", "all of them"),
        metric=attribution.metric,
    )


def _provenance(attribution: "Attribution") -> str:
    parts = (
        f"Scenario: {attribution.scenario.title}",
        f"branch {attribution.branch}",
        f"{attribution.replicates} replicates",
        f"seed {attribution.seed}",
        f"csto-sim {__version__}",
    )
    return " · ".join(parts)


def _event_name(attribution: "Attribution", player: str, day: date) -> str:
    """Return an event in words with its month; a group of events keeps its label."""
    event = attribution.scenario.events.get(player)
    words = player if event is None else event_in_words(event, attribution.scenario)
    return f"{words} ({month(day)})"


def _names(attribution: "Attribution") -> dict[str, str]:
    if attribution.of == "events":
        rows = attribution.shares.to_dict("records")
        return {row["player"]: _event_name(attribution, row["player"], row["date"]) for row in rows}
    return {
        player.name: f"{player.name}: {MECHANISMS[player.name].meaning}"
        for player in attribution.players
        if player.members == (player.name,)
    }
