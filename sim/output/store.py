"""Storage of results on disk: saving, finding and reading."""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.errors import InputError
from sim.model.parameters import PARAMETERS, make_parameters
from sim.model.variables import MEMBER_SERIES
from sim.output import manifest
from sim.output.comparing import ComparisonData
from sim.output.parquet import write_parquet
from sim.output.responses import completed, stored_responses
from sim.output.result import ResultData, label, label_metrics
from sim.output.sources import sources_text
from sim.output.staging import check_target, is_hidden, replacing, staged, staging
from sim.output.tables import (
    metric_table,
    posture_table,
    quantile_table,
    trust_table,
    write_csv,
    write_trajectories,
)
from sim.scenario.observed import pins
from sim.scenario.schema import Scenario
from sim.words import OUTLOOKS

RESULTS = Path("results")
"""Where results lie unless a folder is given."""

FIGURES = "figures"
COMPARISONS = "comparisons"
KEPT = "kept.parquet"
"""Every variable of the replicates that were to be kept."""

DRAWN_SETS = "parameters.parquet"
"""The parameters that each replicate drew, if they were drawn."""

DRAWN = Callable[[ResultData, Path], object]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TEXT_KEYS = frozenset({"title", "note", "source", "text", "name", "description", "rule"})


def save(
    result: ResultData, out: Path | None = None, draw: DRAWN | None = None, *, command: Sequence[str] = ()
) -> Path:
    """Save a result in a folder of tables, manifest and figures.

    Parameters
    ----------
    result : ResultData
        The result to write.
    out : Path, optional
        The folder; default: ``results/<scenario>/<when>-<id>``.
    draw : callable, optional
        Draws figures of the result into the folder it is given.
    command : sequence of str
        The command line that reproduces the tables, for the manifest.

    Returns
    -------
    Path
        The folder, which appears when everything in it is whole.

    Raises
    ------
    InputError
        If ``out`` exists and is not empty.
    """
    inputs = manifest.scenario_inputs(result.scenario)
    target = out if out is not None else new_folder(result.name, _identity(result, inputs))
    with staging(target, numbered=out is None) as made, ThreadPoolExecutor(1) as pool:
        folder = made.folder
        _write_text(folder / "scenario.json", json.dumps(inputs, indent=1, ensure_ascii=False) + "\n")
        _write_text(folder / "DATA-SOURCES.txt", sources_text(result.scenario))
        trajectories = pool.submit(write_trajectories, result, folder / "trajectories.parquet")
        write_csv(result.summary(), folder / "summary.csv")
        write_csv(trust_table(result), folder / "trust.csv")
        write_csv(posture_table(result), folder / "postures.csv")
        write_parquet(metric_table(result), folder / "metrics.parquet")
        write_parquet(stored_responses(result.answers), folder / "responses.parquet")
        write_parquet(quantile_table(result), folder / "quantiles.parquet")
        trajectories.result()
        if result.kept is not None:
            write_parquet(pa.Table.from_pandas(result.kept, preserve_index=False), folder / KEPT)
        if result.drawn is not None:
            write_parquet(pa.Table.from_pandas(result.drawn, preserve_index=False), folder / DRAWN_SETS)
        manifest.write(folder, "result", _fields(result, inputs) | ({"command": list(command)} if command else {}))
        if draw is not None:
            (folder / FIGURES).mkdir()
            draw(result, folder / FIGURES)
    return made.target


def save_comparison(
    comparison: ComparisonData, out: Path | None = None, draw: Callable[[ComparisonData, Path], object] | None = None
) -> Path:
    """Write the tables of a comparison, ``comparison.csv`` and ``over-time.csv``, and its figure; return the folder.

    Parameters
    ----------
    comparison : ComparisonData
        A comparison of a stored result, unless ``out`` is given.
    out : Path, optional
        Folder, new or empty; default: ``comparisons/<from>-to-<to>`` in the result's folder, written over.
    draw : callable, optional
        Draws into the folder it is given.

    Raises
    ------
    InputError
        If ``out`` exists and is not empty, or nothing can be written.
    """
    if out is not None:
        target = out
    elif comparison.result.folder is not None:
        target = comparison.result.folder / COMPARISONS / f"{comparison.a}-to-{comparison.b}"
    else:
        raise InputError("the result is not stored; give a folder to write")
    with staged(target) if out is not None else replacing(target) as folder:
        for name, table in (("comparison", comparison.table()), ("over-time", comparison.over_time())):
            write_csv(table, folder / f"{name}.csv")
        if draw is not None:
            draw(comparison, folder)
    return target


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def new_folder(what: str, identity: str) -> Path:
    """Return the folder of a new result, ``results/<what>/<when>-<id>``; a number is added if it exists when done."""
    return RESULTS / what / f"{datetime.now():%Y%m%d-%H%M%S}-{identity}"


def check_folder(out: Path | None, what: str) -> None:
    """Reject, before any run, a folder for results that cannot be written.

    Parameters
    ----------
    out : Path or None
        The given folder; None for a new one below ``results/<what>``.
    what : str
    """
    check_target(out if out is not None else RESULTS / what / "new")


def identity(result: ResultData) -> str:
    """Return a digest of a result's inputs as eight hexadecimal digits; equal inputs give equal digits."""
    return _identity(result, manifest.scenario_inputs(result.scenario))


def _identity(result: ResultData, inputs: dict[str, Any]) -> str:
    return manifest.digest(
        {
            "scenario": inputs,
            "seed": result.seed,
            "replicates": result.replicates,
            "branches": list(result.branches),
            "metrics": list(result.expressions),
            **({} if result.posterior is None else {"posterior": result.posterior["digest"]}),
        }
    )


def _fields(result: ResultData, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _identity(result, inputs),
        "name": result.name,
        "title": result.scenario.title,
        "engine": result.engine,
        "seed": result.seed,
        "replicates": result.replicates,
        "trajectories": result.data.sizes["replicate"],
        "seconds": round(result.seconds, 3),
        "branches": list(result.branches),
        "metrics": list(result.expressions),
        "focus": result.focus,
        "guarantor": result.guarantor,
        "members": list(result.members),
        "codes": list(result.codes),
        "dates": [day.isoformat() for day in result.days],
        "parameters": make_parameters(result.scenario.parameters)._asdict(),
        "posterior": result.posterior,
        "pinned_until": {name: day.isoformat() for name, day in pins(result.scenario, result.branches).items()},
    }


def read(folder: Path | str) -> ResultData:
    """Read a stored result from its folder.

    Parameters
    ----------
    folder : Path or str
        A folder written by `save`.

    Raises
    ------
    InputError
        If it is not a whole result.
    """
    held = manifest.open_folder(folder, "result")
    with held.assembling():
        return _assemble(held)


def _assemble(held: manifest.StoredFolder) -> ResultData:
    content = held.content
    branches, codes, members = (tuple(content[key]) for key in ("branches", "codes", "members"))
    expressions, runs = tuple(content["metrics"]), int(content["replicates"])
    dates = tuple(date.fromisoformat(day) for day in content["dates"])
    table = held.table("trajectories.parquet")
    trajectories = int(content.get("trajectories") or runs)
    shape = (len(branches), trajectories, len(dates), len(members))

    def column(name: str) -> Any:
        return table[name].to_numpy().reshape(shape)

    def series(name: str) -> Any:
        """Return a variable of members, missing throughout if the result is older than the variable."""
        return column(name) if name in table.column_names else np.full(shape, np.nan)

    metrics = held.table("metrics.parquet")["value"].to_numpy()
    arrays = {
        "trust": np.stack([column(f"trust_{code}") for code in codes], axis=-1),
        "posture": column("posture"),
        **{name: series(name) for name in MEMBER_SERIES},
        "credibility": column("credibility")[..., 0],
    }
    axes: dict[str, Any] = {"branches": branches, "members": members, "codes": codes}
    kept_rows, drawn = (held.table(name) if held.has(name) else None for name in (KEPT, DRAWN_SETS))
    return ResultData(
        **axes,
        name=content["name"],
        scenario=_as_it_was(held, drawn.column_names if drawn is not None else []),
        seed=content["seed"],
        seconds=content["seconds"],
        focus=content["focus"],
        guarantor=content["guarantor"],
        replicates=runs,
        engine=content["engine"],
        data=label(arrays, **axes, dates=dates),
        metrics=label_metrics(metrics.reshape(len(branches), len(expressions), runs), branches, expressions),
        answers=completed(held.table("responses.parquet")),
        kept=kept_rows.to_pandas() if kept_rows is not None else None,
        posterior=content.get("posterior"),
        drawn=drawn.to_pandas() if drawn is not None else None,
        folder=held.folder,
    )


def _as_it_was(held: manifest.StoredFolder, drawn: Sequence[str]) -> Scenario:
    """Return the scenario of a stored result with the forms and parameter values of the model that made it.

    Forms that are newer than the result are set to the old one, and parameters that are newer to their off values.
    Parameters that each replicate drew are left as they are.
    """
    text = held.text("scenario.json")
    scenario = read_scenario_text(text)
    forms = {} if "outlook" in json.loads(text) else {"outlook": OUTLOOKS[0]}
    then = {name: row.off for name, row in PARAMETERS.items()} | held.content["parameters"]
    moved = {
        name: value
        for name, value in then.items()
        if name in PARAMETERS and name not in drawn and value is not None and value != PARAMETERS[name].default
    }
    return scenario.model_copy(update={**forms, "parameters": {**moved, **scenario.parameters}})


def read_scenario(path: Path) -> Scenario:
    """Read a complete scenario from its JSON file; dates inside branches become dates again."""
    return read_scenario_text(path.read_text(encoding="utf-8"))


def read_scenario_text(text: str) -> Scenario:
    """Read a complete scenario from JSON, as `read_scenario` does from a file."""
    scenario = Scenario.model_validate_json(text)
    branches = {
        name: branch.model_copy(update={key: _dated(value) for key, value in branch if isinstance(value, dict)})
        for name, branch in scenario.branches.items()
    }
    return scenario.model_copy(update={"branches": branches})


def _dated(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _dated(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner, key) for inner in value]
    if isinstance(value, str) and key not in _TEXT_KEYS and _DAY.match(value):
        return date.fromisoformat(value)
    return value


def stored(root: Path = RESULTS) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every complete result and sweep below ``root`` with its manifest, oldest first.

    Folders that are being written, or were left behind, are passed over.
    """
    results = []
    for folder, inside, files in os.walk(root):  # which passes over what another process removes meanwhile
        inside[:] = [name for name in inside if not is_hidden(Path(name))]
        if manifest.NAME in files:
            with suppress(InputError):
                results.append((Path(folder), manifest.read(Path(folder))))
    yield from sorted(results, key=lambda pair: (pair[1]["created"], str(pair[0])))
