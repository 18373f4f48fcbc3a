"""Results with values set by hand, and one small result that was run."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.result import Result, run
from sim.scenario import load
from sim.scenario.schema import Branch
from sim.words import FREEZE
from tests.plots import making

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"
FROZE = "ARM.posture@2024-12 >= freeze"


def by_hand(frozen: dict[str, Sequence[int]], **keys: Any) -> Result:
    """Return a made-up result in which Armenia is frozen throughout in the runs given as 1, and loyal in the others.

    The branches differ from the start, so that nothing is the same by necessity.
    """
    runs = len(next(iter(frozen.values())))
    result = making.result(branches=tuple(frozen), replicates=runs, metrics=[FROZE], **keys)
    data = result.data.copy(deep=True)
    for branch, values in frozen.items():
        for replicate, value in enumerate(values):
            data["posture"].loc[{"branch": branch, "replicate": replicate, "state": "ARM"}] = FREEZE * value
    branches = {
        branch: Branch.model_validate({"states": {"RUS": {"overstretch": place / 100}}})
        for place, branch in enumerate(frozen)
    }
    return replace(result, data=data, scenario=result.scenario.model_copy(update={"branches": branches}))


def counts(ones: int, of: int) -> list[int]:
    return [1] * ones + [0] * (of - ones)


@pytest.fixture(scope="session")
def small() -> Result:
    return run(load(SMALL), replicates=6, workers=1, name="small")
