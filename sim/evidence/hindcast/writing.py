"""Files of a scorecard: tables, forecasts and figures, saved as a complete folder or not at all."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from sim.evidence.hindcast.model_forecast import MODES
from sim.evidence.hindcast.origins import EVERY
from sim.evidence.hindcast.scorecard import Scorecard
from sim.experiments.parameters.sources import SCORED, Draws, differences
from sim.model.parameters import PARAMETERS
from sim.output import manifest
from sim.output.parquet import write_parquet
from sim.output.sources import sources_text
from sim.output.staging import staging
from sim.output.store import FIGURES, new_folder, read_scenario_text
from sim.scenario.names import focus_of

NAME: Final = "hindcast"
_TABLES: Final = {
    "scorecard": "scores",
    "differences": "differences",
    "reliability": "reliability",
    "members": "members",
    "quantities": "quantities",
    "rankings": "rankings",
    "false-alarms": "alarms",
}
"""The table that each CSV file holds."""

DRAWN = Callable[[Scorecard, Path], object]


def save_card(
    card: Scorecard,
    parameters: str,
    out: Path | None = None,
    draw: DRAWN | None = None,
    *,
    beside: Mapping[str, pd.DataFrame] | None = None,
    fits: Iterable[Draws] = (),
    every: int = EVERY,
) -> Path:
    """Save a hindcast as a folder.

    Parameters
    ----------
    card : Scorecard
    parameters : str
        Where the parameters came from, for the manifest.
    out : Path, optional
        The folder, new or empty; default: ``results/hindcast/<when>-<id>``.
    draw : callable, optional
        Draws figures into the folder it is given.
    beside : mapping, optional
        Further tables by name, such as those of `sim.evidence.hindcast.ablations` and of
        `sim.evidence.hindcast.explanations`.
    fits : iterable of Draws
        The posteriors behind the parameters; the manifest says in what they differ from the table.
    every : int
        Months from one origin to the next.

    Returns
    -------
    Path
        The folder, which appears when everything in it is whole.
    """
    inputs = manifest.scenario_inputs(card.scenario)
    settings: dict[str, Any] = {
        "seed": card.seed, "replicates": card.replicates, "splits": list(card.splits), "parameters": parameters,
    }  # fmt: skip
    settings |= {"every": every} if every != EVERY else {}
    identity = manifest.digest({"scenario": inputs, **settings})
    target = out if out is not None else new_folder(NAME, identity)
    with staging(target, numbered=out is None) as made:
        folder = made.folder
        tables = csv_tables(card) | dict(beside or {})
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
        pd.DataFrame({"parameter": list(PARAMETERS)}).to_csv(folder / SCORED.name, index=False, lineterminator="\n")
        for name, table in (("forecasts", card.forecasts), ("rungs", card.rungs)):
            whole = pa.Table.from_pandas(table, preserve_index=False)
            write_parquet(whole, folder / f"{name}.parquet")
        text = json.dumps(inputs, indent=1, ensure_ascii=False)
        (folder / "scenario.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")
        (folder / "DATA-SOURCES.txt").write_text(sources_text(card.scenario), encoding="utf-8", newline="\n")
        manifest.write(folder, NAME, _fields(card, identity, settings | differences(fits, card.scenario.parameters)))
        if draw is not None:
            (folder / FIGURES).mkdir()
            draw(card, folder / FIGURES)
    return made.target


def csv_tables(card: Scorecard) -> dict[str, pd.DataFrame]:
    """Return the CSV tables of a scorecard by name."""
    return {name: getattr(card, table) for name, table in _TABLES.items()}


def read_card(folder: Path | str) -> Scorecard:
    """Read a stored hindcast.

    Raises
    ------
    InputError
        If the folder is not a whole hindcast.
    """
    held = manifest.open_folder(folder, "hindcast")
    content = held.content
    with held.assembling():
        return Scorecard(
            scenario=read_scenario_text(held.text("scenario.json")),
            splits=tuple(content["splits"]),
            seed=content["seed"],
            replicates=content["replicates"],
            seconds=content["seconds"],
            forecasts=held.table("forecasts.parquet").to_pandas(),
            rungs=held.table("rungs.parquet").to_pandas(),
            **{table: held.csv(f"{name}.csv") for name, table in _TABLES.items()},
        )


def _fields(card: Scorecard, identity: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identity,
        "name": NAME,
        "title": f"Hindcast: {card.scenario.title}",
        **settings,
        "seconds": round(card.seconds, 3),
        "branches": list(MODES),
        "metrics": [],
        "focus": focus_of(card.scenario),
    }
