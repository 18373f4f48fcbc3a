"""Decay: every fading variable fades, whatever its axes; those of members where the treaty has a ladder."""

from types import SimpleNamespace

import numpy as np

from sim.model.world import FIELDS
from sim.model.writing import written
from sim.rules import decay


def test_a_fading_variable_of_each_kind_fades(monkeypatch):
    monkeypatch.setattr(decay, "_FADING", dict.fromkeys(("own", "dyad", "member"), FIELDS["attention"].variable))
    monkeypatch.setattr(decay, "_BY_AXES", {"N": ["own"], "NN": ["dyad"], "NK": ["member"]})
    age = written("age_state", decay._age_state(), {"__name__": __name__})
    world = SimpleNamespace(
        own=np.ones(3), dyad=np.ones((3, 3)), member=np.ones((3, 2)), ladder=np.array([True, False])
    )
    left = np.ones(len(decay.HALF_LIVES))
    left[decay.HALF_LIVES.index("attention_half_life")] = 0.5
    age(world, 1, left)
    assert world.own.tolist() == [1.0, 0.5, 1.0]
    assert world.dyad.tolist() == [[1.0] * 3, [0.5] * 3, [1.0] * 3]
    assert world.member.tolist() == [[1.0, 1.0], [0.5, 1.0], [1.0, 1.0]]
