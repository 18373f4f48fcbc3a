"""Pipes in place of files are refused by every command, in words that say what to do instead."""

import os
from pathlib import Path

import pytest

from sim.given import PIPE
from tests.cli.conftest import Command

ARGUMENTS = [
    ("run", "@"),
    ("validate", "@"),
    ("sweep", "@", "--vary", "parameters.memory_half_life=24,60"),
    ("attribute", "@", "--metric", "BBB.trust[AAA]@end"),
    ("audit", "@"),
    ("explore", "@", "--no-browser"),
    ("blocs", "@"),
    ("calibrate", "@"),
    ("forecast", "@"),
    ("hindcast", "@"),
    ("hindcast", "--cases", "@"),
    ("import", "cow-nmc", "@", "--states", "RUS", "--year", "2016"),
    ("run", "small.toml", "--injects", "@"),
    ("validate", "small.toml", "--injects", "@"),
    ("run", "small.toml", "--parameters", "@"),
    ("hindcast", "small.toml", "--parameters", "@"),
]
"""Commands with a file, which ``@`` stands for."""


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_commands_say_what_to_do_instead_of_a_pipe(command: Command, place: Path, arguments: tuple[str, ...]):
    """A pipe, such as a shell makes of ``<(command)``, and standard input, as ``-``, are refused in the same words."""
    os.mkfifo(place / "pipe")
    for given in ("./pipe", "-"):
        done = command(*(given if argument == "@" else argument for argument in arguments))
        assert done.code == 2
        assert " ".join((done.out + done.err).split()).count(PIPE) == 1
        assert given.removeprefix("./") in done.err + done.out
    assert sorted(path.name for path in place.iterdir()) == ["pipe", "small.toml"]
