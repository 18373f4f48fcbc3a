"""A small scenario that tests write, change and break."""

from collections.abc import Callable
from pathlib import Path

SMALL = """\
title = "Two clients and a patron"
start = 2020-01-01
end = 2024-12-31

[states]
PAT = { capability = 0.1, overstretch = { 2020 = 0.2, 2022 = 0.5 } }
CLA = { capability = 0.01 }
CLB = { capability = 0.01 }
RIV = { capability = 0.03 }
FAR = { capability = 0.05 }

[places]
Hill = { owner = "RIV", eyes = { CLA = "CLA" } }

[treaties.PACT]
members = ["PAT", "CLA", "CLB"]
guarantor = "PAT"
clauses.help = { article = "4" }

[events]
war = { date = 2021-02-24, kind = "overstretch", state = "PAT", value = 0.8 }
raid = { date = 2022-09-13, kind = "attack", aggressor = "RIV", victim = "CLA", severity = 0.7 }
appeal = { date = 2022-09-13, kind = "call", state = "CLA", treaty = "PACT", article = 4, because_of = "raid"}
answer = { date = 2022-09-20, kind = "response", state = "PAT", to = "raid", response = "mission" }
flight = { date = 2022-09-25, kind = "refugees", state = "CLA", value = 1000, because_of = "raid" }

[branches.as-happened]
[branches.forces.events]
answer = { response = "forces" }
"""
"""A valid scenario; the tests of bad input count its lines."""

ROOT = Path(__file__).resolve().parents[2]

Write = Callable[..., Path]
"""Writes a text as a scenario file of a given name."""
