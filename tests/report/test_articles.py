"""Names of states have their article in the sentences and titles of reports, explanations and figures."""

import re
from pathlib import Path

import pytest

from sim.result import Result, run
from sim.scenario import load, with_overrides

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"
NAMES = {"states.AAA.name": "United States", "states.BBB.name": "Netherlands"}

_BARE = re.compile(r"\b(?:in|of|by|to|from|with|on|against|attacks|attacked) (?:United States|Netherlands)\b")


@pytest.fixture(scope="module")
def result() -> Result:
    return run(with_overrides(load(SMALL), NAMES), engine="mesa")


def test_a_report_and_its_figures(result: Result):
    text = result.report().markdown()
    assert "Netherlands' trust in the United States" in text
    assert _BARE.findall(text) == []
    assert "| Netherlands |" in text


def test_an_explanation(result: Result):
    text = str(result.explain("BBB", "2021-06"))
    assert "The Netherlands' trust in the United States was" in " ".join(text.split())
    assert _BARE.findall(text) == []
    assert re.findall(r"(?m)^the ", text) == []
