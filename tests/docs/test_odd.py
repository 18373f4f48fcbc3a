"""The ODD page is current, and covers all that the code has."""

import re

import pytest

from sim.engine.decisions import TERMS
from sim.engine.schedule import STAGES
from sim.experiments.parameters.sources import unscored
from sim.model.events import EVENT_KINDS, leader, refugees
from sim.model.parameters import PARAMETERS
from sim.model.terms import terms_of
from sim.model.variables import VARIABLES
from sim.model.world import LEDGER_ROWS
from sim.reference import PARTS, symbol
from sim.rules import challenge, patronage
from sim.rules.maths import LOGIT_LIMIT
from sim.words import EFFORT, FULFILMENT, RESPONSES
from tests.docs.play import ROOT

PAGE = (ROOT / "docs" / "odd.md").read_text("utf-8")
WRITTEN = re.sub(r"<!-- (\w+): written by .*?<!-- end of \1 -->", "", PAGE, flags=re.DOTALL)
"""The page without its generated parts."""

CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction",
    "Stochasticity", "Collectives", "Observation",
)  # fmt: skip


def test_the_generated_parts_have_every_row() -> None:
    text = {name: write() for name, write in PARTS.items()}
    assert all(f"| `{stage.name}` | {stage.meaning} |" in text["stages"] for stage in STAGES)
    assert all(f"| `{name}` |" in text["variables"] for name in VARIABLES)
    assert all(
        f"| `{name}` | {symbol(each)} | {each.unit} |" in text["parameters"] for name, each in PARAMETERS.items()
    )
    declared = [term for classes in TERMS.values() for term in terms_of(*classes)]
    assert len(declared) > 20
    assert all(f" | {term} | " in text["terms"] for term in declared)
    assert all(
        f"- `{each.name}`: {each.departure}" in text["parameters"] for each in PARAMETERS.values() if each.departure
    )


def test_the_seven_elements_and_eleven_concepts_are_there() -> None:
    heads = re.findall(r"^## (\d)\. (.+)$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in heads] == list(range(1, len(heads) + 1))
    assert [head for _, head in heads[:7]] == [
        "Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling",
        "Design concepts", "Initialization", "Input data", "Submodels",
    ]  # fmt: skip
    assert (
        tuple(re.findall(r"^\*\*([A-Z][\w ]+)\.\*\*", PAGE.split("## 4.")[1].split("## 5.")[0], re.MULTILINE))
        == CONCEPTS
    )


def test_every_rule_file_has_its_submodel() -> None:
    files = {f"sim/rules/{path.name}" for path in (ROOT / "sim" / "rules").glob("*.py")}
    files -= {"sim/rules/__init__.py", "sim/rules/registry.py"}
    assert set(re.findall(r"^### 7\.\d+ .*`(sim/rules/\w+\.py)`$", PAGE, re.MULTILINE)) == files


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name not in unscored()])
def test_every_parameter_that_was_scored_stands_in_an_equation(name: str) -> None:
    assert f"`{name}`" in WRITTEN


def test_every_stage_and_every_kind_of_event_is_explained() -> None:
    bullets = "".join(re.findall(r"^- (\*\*.*?\.\*\*)", WRITTEN, re.MULTILINE))
    assert [stage.name for stage in STAGES if not re.search(rf"\b{stage.name}\b", bullets)] == []
    submodels = WRITTEN.split("## 7. Submodels")[1]
    assert [kind for kind in EVENT_KINDS if not re.search(rf"\b{kind}s?\b", submodels)] == []


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    for level, name in enumerate(RESPONSES):
        assert f"| {name} | {level} | {FULFILMENT[level]:g} | {EFFORT[level]:g} |" in WRITTEN
    for said in (
        f"ledger of the last {LEDGER_ROWS} obligations",
        f"clipped to -{LOGIT_LIMIT:g}..{LOGIT_LIMIT:g}",
        f"by {patronage.FULL_EFFECT_MONTHS:g} d_s · value",
        f"attention rises by {refugees.REFUGEE_ATTENTION:g} times",
    ):
        assert said in WRITTEN, said
    assert leader.LEADER_MONTHS == 3.0
    assert challenge.endogenous_severity(0.5) == pytest.approx(0.3138, abs=1e-3)
