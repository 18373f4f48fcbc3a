"""Addressed random numbers: an address always gives the same number, so branches share their draws.

An address is seed, replicate, date, purpose, state, other state and event, all by code and never by position.
So two branches differ only where their events differ, and adding or reordering states changes nothing for the
others. The numbers are those of the counter-based generator Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror
& Shaw 2011), folded over the words of the address.

All arithmetic is on non-negative integers below 2**62, so that Python and compiled code agree.
"""

import zlib
from datetime import date

SCHEME = 1
"""Version of the address scheme; a new version changes every result."""

(
    ATTACK, CALL, RESPOND, OBJECT, REVIEW, LAPSE, GUARANTOR, ATTACK_SEVERITY, PACT, REJOIN,
    FORCE, DIVERSIFY, GOVERNMENT,
) = range(13)  # fmt: skip
"""Purposes of a draw, a part of its address."""

SEEDS = 2**53
"""Upper bound of seeds, exclusive."""

_MASK = 0xFFFFFFFF
_PARITY = 0x1BD11BDA
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""Bits by which rounds rotate a word to the left."""


def threefry(key0: int, key1: int, word0: int, word1: int) -> tuple[int, int]:
    """Encrypt two 32-bit words with two 32-bit key words: Threefry-2x32, 20 rounds."""
    key2 = _PARITY ^ key0 ^ key1
    x0 = (word0 + key0) & _MASK
    x1 = (word1 + key1) & _MASK
    for block in range(5):
        r0, r1, r2, r3 = _ROTATIONS[block % 2]
        x0 += x1  # only ever added to, so its low 32 bits are taken at the end
        x1 = (((x1 << r0) | (x1 >> (32 - r0))) ^ x0) & _MASK
        x0 += x1
        x1 = (((x1 << r1) | (x1 >> (32 - r1))) ^ x0) & _MASK
        x0 += x1
        x1 = (((x1 << r2) | (x1 >> (32 - r2))) ^ x0) & _MASK
        x0 += x1
        x1 = (((x1 << r3) | (x1 >> (32 - r3))) ^ x0) & _MASK
        key0, key1, key2 = key1, key2, key0
        x0 += key0
        x1 = (x1 + key1 + block + 1) & _MASK
    return x0 & _MASK, x1


def replicate_key(seed: int, replicate: int) -> tuple[int, int]:
    """Return the key of one replicate; ``seed`` below 2**53, ``replicate`` below 2**32."""
    low, high = threefry(seed & _MASK, seed >> 32, SCHEME, 0)
    return threefry(low, high, replicate, 1)


def name_code(name: str) -> int:
    """Return the 32-bit code of a state, treaty or event in addresses."""
    return zlib.crc32(name.encode())


def date_code(day: date) -> int:
    """Return the code of the date on which a tick begins."""
    return day.toordinal()


def pair_code(code: int, other: int) -> int:
    """Return the code of an event without a name: an act of state ``code`` towards ``other``."""
    return (code + ((other << 1) & _MASK) + 1) & _MASK


def purpose_key(key0: int, key1: int, day: int, purpose: int, event: int) -> tuple[int, int]:
    """Return the key of all numbers that a replicate draws for one purpose, date and event."""
    return threefry(key0, key1, day * 16 + purpose, event)


def uniform_of_pair(key0: int, key1: int, state: int, other: int) -> float:
    """Return the random number in [0, 1) of two states, or a state and a treaty, under a `purpose_key`."""
    x0, x1 = threefry(key0, key1, state, other)
    return ((x0 >> 5) * 67108864.0 + (x1 >> 6)) / 9007199254740992.0


def uniform(key0: int, key1: int, day: int, purpose: int, state: int, other: int, event: int) -> float:
    """Return the random number in [0, 1) at an address of the replicate with key ``(key0, key1)``.

    Parameters
    ----------
    key0, key1 : int
        From `replicate_key`.
    day, purpose, state, other, event : int
        `date_code`, one of the purposes above, and three `name_code` values, 0 where there is none.
    """
    key0, key1 = purpose_key(key0, key1, day, purpose, event)
    return uniform_of_pair(key0, key1, state, other)
