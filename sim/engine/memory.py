"""A world in a single block of memory, so that a run starts with one copy and reads variables by position."""

from typing import Any

import numpy as np

from sim.model.world import Ints, World, copy_world

WORD = 8
"""Bytes; every array starts at a whole word."""


def places(world: World) -> dict[str, int]:
    """Return the position of each array of a world in the block that `arena` makes, as its first word."""
    starts: dict[str, int] = {}
    word = 0
    for name, array in _arrays(world).items():
        starts[name] = word
        word += -(-array.nbytes // WORD)
    return starts


def arena(world: World) -> tuple[World, Ints]:
    """Return a copy of a world with all arrays in a single block of memory, and that block."""
    copied = copy_world(world)
    arrays = _arrays(copied)
    memory = np.zeros(sum(-(-array.nbytes // WORD) for array in arrays.values()), dtype=np.int64)
    views: dict[str, Any] = {}
    for name, start in places(world).items():
        array = arrays[name]
        block = memory.view(np.uint8)[start * WORD : start * WORD + array.nbytes]
        views[name] = block.view(array.dtype).reshape(array.shape)
        views[name][...] = array
    return copied._replace(**views), memory


def _arrays(world: World) -> dict[str, Any]:
    return {name: value for name, value in world._asdict().items() if isinstance(value, np.ndarray)}
