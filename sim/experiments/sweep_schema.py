"""The schema of a sweep file: one typed class for each table, with a description of every key."""

import json
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from sim.model.fields import ScenarioTable
from sim.scenario.describe import Node, whole_node
from sim.scenario.schema_json import DIALECT, clean

MOST_SAMPLES: Final = 1_000_000

_OWN: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "grid": ((), ()),
    "latin-hypercube": (("samples",), ()),
    "sobol": (("samples",), ("second_order", "groups")),
    "morris": (("samples",), ("levels", "groups")),
    "list": (("file",), ()),
}
"""Keys that each kind of design needs, and those that it may have besides."""


class Design(ScenarioTable):
    """The layout of the points of a sweep."""

    kind: Literal["grid", "latin-hypercube", "sobol", "morris", "list"] = Field(
        description="every combination; a Latin hypercube; Sobol's design; Morris's trajectories; a list from a file"
    )
    samples: Annotated[int, Field(ge=1, le=MOST_SAMPLES)] | None = Field(
        None,
        description="points of a Latin hypercube, base samples of a Sobol design (a power of 2), Morris trajectories",
    )
    second_order: bool = Field(
        False, description="sobol: whether indices of pairs can be estimated; doubles the points"
    )
    groups: bool = Field(
        False,
        description="sobol and morris: move keys in groups: parameters of a mechanism together, or as 'group' says",
    )
    levels: Annotated[int, Field(ge=2, le=100)] = Field(4, description="morris: levels of each key, an even number")
    file: str | None = Field(None, description="list: a CSV file, keys in its first line, one point a line")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needed, allowed = _OWN[self.kind]
        for key in needed:
            if getattr(self, key) is None:
                raise ValueError(f"needs '{key}' for kind '{self.kind}'")
        for key in sorted(self.model_fields_set - {"kind", *needed, *allowed}):
            raise ValueError(f"has '{key}', which does not go with kind '{self.kind}'")
        if self.kind == "sobol" and self.samples is not None and self.samples & (self.samples - 1):
            raise ValueError(f"has {self.samples} samples; allowed for sobol: powers of 2, such as 64 or 256")
        if self.levels % 2:
            raise ValueError(f"has {self.levels} levels; allowed: even numbers")
        return self


Value = bool | int | float | date | str
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Variation(ScenarioTable):
    """The values of one varied key: a range, a list, or the parameter's prior."""

    from_: Finite | None = Field(None, alias="from", description="least value of a range")
    to: Finite | None = Field(None, description="greatest value of a range")
    count: Annotated[int, Field(ge=2, le=100_000)] | None = Field(
        None, description="grid: how many evenly spaced values, both ends included"
    )
    values: Annotated[list[Value], Field(min_length=1)] | None = Field(None, description="the values, one by one")
    group: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="name of a group of keys that are varied together; goes with groups = true of the design"
    )
    prior: bool = Field(False, description="true: as the prior of the parameter has it, within the parameter's range")

    @model_validator(mode="before")
    @classmethod
    def _whole_key(cls, given: Any) -> Any:
        if isinstance(given, dict) and any(isinstance(value, dict) for value in given.values()):
            raise ValueError('holds tables; write the whole key in quotes, such as "events.ukraine-war.value" = {...}')
        return given

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ends = [self.from_, self.to]
        ways = [any(end is not None for end in ends), self.values is not None, self.prior]
        if sum(ways) != 1:
            raise ValueError("must have just one of: from and to; values; prior = true")
        if ways[0] and None in ends:
            raise ValueError("must have both from and to")
        if self.from_ is not None and self.to is not None and not self.from_ < self.to:
            raise ValueError("must have a from below its to")
        if self.count is not None and not ways[0]:
            raise ValueError("has a count, which goes with from and to alone")
        if self.values is not None and len({str(value) for value in self.values}) < len(self.values):
            raise ValueError("has a value twice")
        return self


class SweepFile(ScenarioTable):
    """The content of a sweep file; `sim.sweep` runs it."""

    title: str = Field(description="what the sweep asks, for lists and reports")
    description: str = Field("", description="more about it")
    scenario: str = Field(description="scenario to vary: a file, relative to this one, or the name of one that ships")
    branches: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="branches to run at each point; default: the first of the scenario"
    )
    metrics: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="metric expressions; default: those of the scenario"
    )
    replicates: Annotated[int, Field(ge=1, le=10_000_000)] | None = Field(
        None, description="runs of each branch at each point; default: those of the scenario"
    )
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = Field(
        None, description="start of the random numbers, and of a sampled design; default: the scenario's"
    )
    common_draws: bool | None = Field(
        None,
        description="whether all points share their random draws, so that they can be compared run by run; "
        "default: those of a grid do",
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, alias="set", description="keys written over the scenario at all points"
    )
    design: Design = Field(description="how the points are laid out")
    factors: dict[str, Variation] = Field(
        default_factory=dict,
        description='what is varied, by key of the scenario in quotes; "parameters.*" stands for all with a prior',
    )


@cache
def sweep_node() -> Node:
    """Return the JSON Schema of a sweep file with all references resolved."""
    return whole_node(SweepFile)


def schema_text() -> str:
    """Return the JSON Schema of sweep files as text, as shipped in ``docs/sweep.schema.json``."""
    schema = clean(sweep_node(), {})
    head = {"$schema": DIALECT, "title": "csto-sim sweep", "description": "A sweep of csto-sim; see docs/sweeps.md."}
    return (
        json.dumps({**head, **{key: schema[key] for key in schema if key not in head}}, indent=1, ensure_ascii=False)
        + "\n"
    )
