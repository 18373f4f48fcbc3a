"""Set: any world value or parameter changes."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, WorldEvent
from sim.model.changes import DYAD_VALUE, DYAD_VALUES, PARAMETER, SHARE, STATE_VALUE, STATE_VALUES, Effect
from sim.model.findings import Finding, KeyPath, closest, listed, parameter_findings, show, unknown
from sim.model.parameters import PARAMETERS
from sim.words import CHANNELS

STATE_KEYS: Final = {
    "capability": (0.0, 1e12),
    "population": (0.0, 1e12),
    "democracy": (0.0, 1.0),
    "overstretch": (0.0, 1.0),
    "attention": (0.0, 1.0),
}
DYAD_KEYS: Final = {"ties": (-1.0, 1.0)} | dict.fromkeys(("threat", "claim", *CHANNELS), (0.0, 1.0))
"""World values that a ``set`` event can change, with their ranges."""

AT_START: Final = ("initial_trust", "initial_confidence")
"""Parameters that matter only where a run begins."""


class Set(WorldEvent):
    """Any world value or parameter changes."""

    kind: Literal["set"]
    key: str = Field(description="such as states.RUS.capability, dyads.ARM.AZE.threat, parameters.memory_half_life")
    value: Annotated[float, Field(allow_inf_nan=False)] = Field(description="value from that date on")

    order = 170
    sentence = "figure {key} becomes {value:g}"
    guide = "Sets any world value or parameter from that date on."
    switch = "A figure changes"
    marker = MarkerStyle()
    apply = None
    acts_through = (STATE_VALUE, DYAD_VALUE, SHARE, PARAMETER)

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the value or parameter that the key names."""
        table, *path = self.key.split(".")
        if table == "parameters":
            return (Effect(PARAMETER.name, list(PARAMETERS).index(path[0]), value=self.value),)
        if table == "states":
            which = STATE_VALUES.index(path[1])
            return (Effect(STATE_VALUE.name, axes.state(path[0]), k=which, value=self.value),)
        i, j, value = axes.state(path[0]), axes.state(path[1]), path[2]
        if value in DYAD_VALUES:
            return (Effect(DYAD_VALUE.name, i, j, DYAD_VALUES.index(value), self.value),)
        return (Effect(SHARE.name, i, j, CHANNELS.index(value), self.value),)

    def overwrites(self) -> tuple[str, ...]:
        """Return the key that is set."""
        return (self.key,)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a key that cannot be set, and a value outside its range."""
        key = (*path, "key")
        match self.key.split("."):
            case ["parameters", name] if name in AT_START:
                yield Finding(key, f"{name} holds at the start only", f"[parameters] with {name}")
            case ["parameters", name]:
                yield from parameter_findings(name, self.value, key, (*path, "value"))
            case ["states", code, value]:
                yield from unknown("state", code, facts.states, key)
                yield from self._settable(value, STATE_KEYS, path)
            case ["dyads", first, second, value]:
                for code in (first, second):
                    yield from unknown("state", code, facts.states, key)
                yield from self._settable(value, DYAD_KEYS, path)
            case _:
                shapes = "states.CODE.KEY, dyads.CODE.CODE.KEY, parameters.NAME"
                yield Finding(key, f"{show(self.key)} cannot be set", shapes)

    def _settable(self, key: str, ranges: dict[str, tuple[float, float]], path: KeyPath) -> Iterator[Finding]:
        if key not in ranges:
            yield Finding((*path, "key"), f"{show(key)} cannot be set", listed(ranges), closest(key, ranges))
            return
        low, high = ranges[key]
        if not low <= self.value <= high:
            yield Finding((*path, "value"), f"{self.value:g} is out of range", f"{low:g}..{high:g}")
