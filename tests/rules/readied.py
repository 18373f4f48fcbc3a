"""Worlds whose members know what to expect."""

from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from tests.worlds import built

EVEN = {"states": {"BIG": {"overstretch": 0.2}}, "dyads": {"BIG": {"FOE": {"ties": 0.4}, "VIC": {"ties": 0.4}}}}
"""A guarantor as close to the foe as to the victim, with ordinary burdens."""


def indices(setup, *names):
    return tuple(setup.codes.index(name) for name in names)


def ready(**over):
    """Return a world whose members know what to expect of their guarantor."""
    setup, world, p = built(**over)
    for member in indices(setup, "VIC", "ALY"):
        read_circumstances(world, p, member, 0)
        update_interest(world, p, member, 0)
        update_reliability(world, p, member, 0)
    return setup, world, p
