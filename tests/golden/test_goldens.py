"""Each mechanism gives what it gave when the goldens were made; `make goldens` writes them anew."""

import json
import math

import pytest

from tests.golden.made import FOLDER, WORLDS, made

RELATIVE = 1e-9
DECIDES = (
    "attacks", "appeal", "respond", "review_posture", "lapses", "rejoins", "seeks_pact", "diversifies",
    "policy_towards",
)  # fmt: skip
CALLBACKS = ("decided", "faded", "changed", "learned", "pressed", "recorded")


def differing(before, after, where=""):
    """Return where two values differ first, in words; words and whole numbers exactly, floats nearly."""
    if isinstance(before, float) and isinstance(after, float | int):
        same = math.isclose(before, after, rel_tol=RELATIVE, abs_tol=1e-12)
        return "" if same else f"{where}: {before!r}, now {after!r}"
    if isinstance(before, dict) and isinstance(after, dict):
        if list(before) != list(after):
            return f"{where}: keys {list(before)}, now {list(after)}"
        return next(filter(None, (differing(before[key], after[key], f"{where}.{key}") for key in before)), "")
    if isinstance(before, list) and isinstance(after, list):
        pairs = enumerate(zip(before, after, strict=False))
        first = next(filter(None, (differing(old, new, f"{where}[{row}]") for row, (old, new) in pairs)), "")
        return first or ("" if len(before) == len(after) else f"{where}: {len(before)} rows, now {len(after)}")
    same = type(before) is type(after) and before == after
    return "" if same else f"{where}: {before!r}, now {after!r}"


def stored(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", WORLDS)
def test_a_mechanism_gives_what_it_gave(name):
    before, after = stored(name), made(name)
    assert list(before) == list(after)
    assert [told for part in before if (told := differing(before[part], after[part], part))] == []


def test_there_is_one_golden_a_world():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(WORLDS)


def test_the_goldens_show_every_decision_and_callback():
    asked = {row[0] for name in WORLDS for row in stored(name)["asked"]}
    seen = {row[0] for name in WORLDS for row in stored(name)["witness"]}
    kinds = {row[1] for name in WORLDS for row in stored(name)["witness"] if row[0] == "decided"}
    assert asked == set(DECIDES)
    assert seen == set(CALLBACKS)
    assert kinds == {
        "attack", "call", "response", "objection", "posture", "lapse", "return", "pact", "diversify", "policy",
    }  # fmt: skip
    assert any(answer["vetoed"] for call in stored("response")["own calls"] for answer in call["responses"])


def test_a_difference_is_found():
    assert differing([1, {"a": 0.5}], [1, {"a": 0.5 + 1e-12}]) == ""
    assert differing([1, {"a": 0.5}], [1, {"a": 0.5001}], "x") == "x[1].a: 0.5, now 0.5001"
    assert differing(["voice"], ["loyal"])
    assert differing([1], [1, 2])
    assert differing([True], [1])
