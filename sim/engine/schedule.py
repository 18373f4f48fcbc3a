"""The order of the stages in a tick."""

from typing import Final, NamedTuple


class Stage(NamedTuple):
    """One stage of a tick: its name, which is that of a function in `sim.engine.stages`, and a description."""

    name: str
    meaning: str


STAGES: Final = (
    Stage("advance", "time passes: feelings and beliefs fade, notices run out; dated events change the world"),
    Stage("challenge", "rivals attack, as dated or by choice"),
    Stage("appeal", "coverage is read; victims appeal or stay silent"),
    Stage("respond", "every obliged ally decides what to do; collective help needs consent"),
    Stage("learn", "victims, fellow members, outsiders and challengers update their beliefs"),
    Stage("update_opinion", "approval of the alliance and support for exit move"),
    Stage("review_postures", "members review their posture; portfolios adjust; windows close"),
    Stage("guarantor_policy", "guarantors ignore, reassure or coerce"),
    Stage("record", "the state of the run is recorded"),
)
"""The stages of a tick, in order."""
