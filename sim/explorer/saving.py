"""Scenario file of the choices made on the page, as an extension of the original scenario."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.explorer.choices import Choices
from sim.explorer.story import Story
from sim.explorer.switches import EXPLORED, explored
from sim.scenario.schema import Branch

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT: Final = 110
"""Characters up to which a table stands on one line."""


def scenario_text(story: Story, choices: Choices, folder: Path | None = None) -> str:
    """Return a scenario file that extends the one on the page by a branch with the user's choices.

    Beside it stands the main branch as shipped, to compare with.

    Parameters
    ----------
    story : Story
    choices : Choices
    folder : Path, optional
        Where the file will lie; default: beside the scenario that it extends.
    """
    table = explored(
        story.scenario, choices.branch, dict(choices.events), dict(choices.parameters),
        story.switches(choices.branch), f"{story.branch_title(choices.branch)}, explored",
    )  # fmt: skip
    base = os.path.relpath(story.path, folder or story.path.parent)
    main = story.scenario.branches.get(story.main_branch, Branch())
    branches = {
        story.main_branch: main.model_dump(by_alias=True, exclude_unset=True),
        EXPLORED: _without_empty(table),
    }
    under = f"--explanation {choices.explanation} " if choices.explanation else ""
    lines = [
        f"# Saved by csto-sim explore. Put it beside {story.path.name}, run it and compare:",
        f"#   csto-sim run FILE {under}--out DIR; csto-sim compare DIR --from {story.main_branch} --to {EXPLORED}",
        f"title = {_value(f'{story.scenario.title}, explored')}",
        f"extends = {_value(Path(base).as_posix())}",
        "drop_branches = true",
        f"replicates = {choices.replicates}",
        f"seed = {choices.seed}",
    ]
    for name, branch in branches.items():
        lines += ["", *_table(("branches", name), branch)]
    return "\n".join(lines) + "\n"


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value not in ({}, [])}


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a TOML table: plain values, small inline tables, then larger tables with their own heads."""
    yield f"[{'.'.join(map(_key, path))}]"
    below = []
    for key, value in table.items():
        if isinstance(value, Mapping) and (len(path) < 3 or len(_value(value)) > _SHORT):
            below.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below:
        yield ""
        yield from _table((*path, key), value)


def _key(key: str) -> str:
    return key if _BARE.match(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
