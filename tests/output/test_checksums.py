"""The digest of stored files: by hand, and what it tells apart."""

import hashlib
import struct

import numpy as np
import pytest

from sim.output.checksums import BLOCK, BlockDigest

CONTENT = np.random.default_rng(5).bytes(2 * BLOCK + 9)


def digest(*pieces: bytes) -> str:
    found = BlockDigest()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def swapped(content: bytes, one: int, other: int, size: int) -> bytes:
    changed = bytearray(content)
    changed[one : one + size], changed[other : other + size] = content[other : other + size], content[one : one + size]
    return bytes(changed)


def test_a_block_is_the_sum_of_its_words_with_odd_weights():
    block = struct.pack("<4I", 5, 7, 0, 2**31) + bytes(BLOCK - 16)
    total = 1 * 5 + 3 * 7 + 7 * 2**31
    expected = hashlib.sha256(struct.pack("<I", total % 2**32) + b"rest").hexdigest()
    assert digest(block + b"rest") == expected
    assert digest(bytes(BLOCK - 4) + struct.pack("<I", 1)) == hashlib.sha256(struct.pack("<I", 2047)).hexdigest()


@pytest.mark.parametrize("content", [b"", b"short"])
def test_what_has_no_whole_block_has_its_sha256(content: bytes):
    assert digest(content) == hashlib.sha256(content).hexdigest()


def test_every_changed_bit_changes_the_digest():
    whole = digest(CONTENT)
    for bit in [*range(0, 8 * len(CONTENT), 61), *range(8 * len(CONTENT) - 80, 8 * len(CONTENT))]:
        changed = bytearray(CONTENT)
        changed[bit // 8] ^= 1 << bit % 8
        assert digest(bytes(changed)) != whole


def test_order_and_length_change_the_digest():
    others = [
        swapped(CONTENT, 0, BLOCK, BLOCK),
        swapped(CONTENT, 8, 512, 4),
        swapped(CONTENT, 0, 512, 512),
        CONTENT[BLOCK:],
        CONTENT[:-1],
        CONTENT + b"\0",
        CONTENT + bytes(BLOCK),
        CONTENT[:BLOCK] + CONTENT,
    ]
    assert len({digest(content) for content in [CONTENT, *others]}) == 1 + len(others)


def test_content_may_come_in_pieces_of_whole_blocks():
    pieces = [CONTENT[:BLOCK], CONTENT[BLOCK : 2 * BLOCK], CONTENT[2 * BLOCK :]]
    assert digest(*pieces) == digest(CONTENT) == digest(*map(memoryview, pieces))
