"""Stored answers: what the change of each shipped story does, counted once over 1,000 runs of both branches.

``python -m sim.explorer.stored`` counts them anew and writes them into the package.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.engine.ensemble import Program
from sim.experiments.parameters.sources import replicate_sets
from sim.explorer.story import Story
from sim.library import CASES, shipped_folder
from sim.machine import processors
from sim.model.variables import RUNG_VARIABLES
from sim.output.measuring import measure
from sim.scenario import Scenario
from sim.scenario.expressions import First, Metric, parse_metric
from sim.scenario.files import SHIPPED

FILE: Final = SHIPPED / "stories.json"
RUNS: Final = 1000
"""Runs of each branch."""

_LABELS: Final = {"title", "description", "story", "claims", "metrics", "replicates"}
"""Keys of a scenario on which no count depends."""


@dataclass(frozen=True)
class StoredAnswer:
    """How often what a story counts came true, without its change and with it.

    Attributes
    ----------
    runs, seed : int
        Runs of each branch, and where their random numbers start.
    before, after : int
        Runs in which it came true.
    scenario : str
        Digest of the scenario that was run (`digest_of`).
    """

    runs: int
    seed: int
    before: int
    after: int
    scenario: str


def digest_of(scenario: Scenario) -> str:
    """Return a digest of all keys of a scenario on which the count of its story depends."""
    story = scenario.story
    change = None if story is None else story.change
    asked = None if change is None else change.model_dump(include={"branch", "against", "metric"})
    held = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=_LABELS)
    text = json.dumps([held, asked], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stored_answer(story: Story) -> StoredAnswer | None:
    """Return the stored answer of a story, None if there is none or it is of another state of the scenario."""
    held = _all_stored(FILE).get(story.name)
    return held if held is not None and held.scenario == digest_of(story.scenario) else None


def count(story: Story, runs: int = RUNS) -> StoredAnswer | None:
    """Run both branches of a story's change and count; None if the story makes no change.

    The runs are those of ``csto-sim run`` with the scenario's seed.
    """
    change = story.change
    if change is None:
        return None
    metric = parse_metric(change.metric)
    branches = (change.against or story.main_branch, change.branch)
    before, after = (_count(story, branch, metric, runs) for branch in branches)
    return StoredAnswer(runs, story.scenario.seed, before, after, digest_of(story.scenario))


def _count(story: Story, branch: str, metric: Metric, runs: int) -> int:
    choices = replace(story.first_choices(runs), branch=branch)
    setup, numbers = story.setup(choices), np.arange(runs)
    path = setup.reported(metric.condition.path if isinstance(metric, First) else metric.path)
    sets = replicate_sets(setup, story.draws(""), choices.seed, numbers, {})
    values = Program(setup, [path]).run(choices.seed, numbers, sets, threads=processors()).values[:, :, 0]
    if path is not None and path.variable in RUNG_VARIABLES:
        values = np.where(values < 0, np.nan, values)
    return int(measure(metric, story.cast.dates, lambda _: values).sum())


def write_stored(paths: Iterable[Path], file: Path = FILE) -> dict[str, StoredAnswer]:
    """Count the stories of scenario files, write the answers into a file, and return them."""
    answers = {path.stem: answer for path in paths if (answer := count(Story(path))) is not None}
    lines = [f"{json.dumps(name)}: {json.dumps(asdict(answer))}" for name, answer in answers.items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    _all_stored.cache_clear()
    return answers


def shipped_stories() -> list[Path]:
    """Return the files of all shipped scenarios and cases."""
    folder = shipped_folder()
    return [*sorted(folder.glob("*.toml")), *sorted((folder / CASES).glob("*.toml"))]


@cache
def _all_stored(file: Path) -> dict[str, StoredAnswer]:
    held: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return {name: StoredAnswer(**table) for name, table in held.items()}


if __name__ == "__main__":
    sys.stdout.write(f"{len(write_stored(shipped_stories()))} answers written\n")
