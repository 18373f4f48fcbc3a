"""Public functions refuse arguments of a wrong type in clear words, before any work."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.checked import checked
from sim.errors import InputError

SMALL = Path(__file__).parent / "experiments" / "small.toml"


@checked()
def asked(
    text: str | None = None,
    number: int = 1,
    share: float = 0.5,
    sure: bool = True,
    names: Sequence[str] = (),
    every: Iterable[str] = (),
    day: "str | date" = "2022-01",
    path: str | Path = "",
    call: Callable[[int], int] | None = None,
    values: Mapping[str, float] | None = None,
    other: "Undefined | None" = None,  # type: ignore[name-defined]  # noqa: F821 - as for what checkers alone import
) -> "Undefined":  # type: ignore[name-defined]  # noqa: F821
    return text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": 5}, "text is 5 (int); give a text or None"),
        ({"number": 5.5}, "number is 5.5 (float); give a whole number"),
        ({"number": True}, "number is True (bool); give a whole number"),
        ({"share": "0.5"}, "share is '0.5' (str); give a number"),
        ({"sure": 1}, "sure is 1 (int); give True or False"),
        ({"names": "ARM"}, "names is 'ARM' (str); give a list of texts"),
        ({"names": ["ARM", 3]}, "names is ['ARM', 3] (list); give a list of texts"),
        ({"every": 3}, "every is 3 (int); give a list of texts"),
        ({"day": 2022}, "day is 2022 (int); give a text or a date"),
        ({"path": 3}, "path is 3 (int); give a text or a path"),
        ({"call": 3}, "call is 3 (int); give a function or None"),
        ({"values": [1]}, "values is [1] (list); give a mapping or None"),
        ({"text": b"x" * 99}, "text is b'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (bytes); give a text or None"),
    ],
)
def test_what_does_not_fit_is_named_with_what_is_allowed(given: dict[str, Any], said: str):
    with pytest.raises(InputError) as refused:
        asked(**given)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "given",
    [
        {"number": np.int64(3), "share": np.float32(0.1), "sure": np.bool_(True)},
        {"share": 1, "names": ("ARM",), "every": (name for name in ("ARM",))},
        {"names": {"ARM"}, "day": date(2022, 1, 1), "path": Path("x"), "call": abs, "values": {}, "other": object()},
    ],
)
def test_what_fits_is_taken(given: dict[str, Any]):
    assert asked(**given) is None


def test_what_python_refuses_python_says():
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        asked(nothing=1)


def test_a_function_may_check_the_rest_itself():
    @checked("text")
    def half(text: str, number: int) -> Any:
        return number

    assert half("a", "b") == "b"
    with pytest.raises(InputError, match="text is 1"):
        half(1, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda small, result: sim.load(5),
        lambda small, result: sim.load(SMALL, 5),
        lambda small, result: sim.run(small, pinned=5),
        lambda small, result: sim.run(small, parameters=5),
        lambda small, result: sim.run(small, name=5),
        lambda small, result: sim.run(small, replicates=1.5),
        lambda small, result: sim.open(5),
        lambda small, result: sim.explain(5, "BBB", "2021-05"),
        lambda small, result: sim.explain(small, "BBB", 2021),
        lambda small, result: sim.explain(small, "BBB", "2021-05", replicate="first"),
        lambda small, result: sim.play(small, "BBB", "the usual"),
        lambda small, result: sim.play(small, seats=["BBB"]),
        lambda small, result: sim.play(small, "BBB", first, every="month"),
        lambda small, result: sim.play(small, "BBB", first, replicates=1.5),
        lambda small, result: sim.replay(5),
        lambda small, result: sim.debrief("run"),
        lambda small, result: sim.sweep(5),
        lambda small, result: sim.batch_run(sim.AllianceModel, "scenario"),
        lambda small, result: sim.batch_run("AllianceModel", {"scenario": small}),
        lambda small, result: sim.batch_run(sim.AllianceModel, {"scenario": small}, max_steps=1.5),
        lambda small, result: sim.AllianceModel(small, branch=["as-it-was"]),
        lambda small, result: result.values("as-it-was", 5),
        lambda small, result: result.compare("as-it-was", "help-comes", 5),
        lambda small, result: result.comparison("as-it-was", "help-comes", "BBB.posture@end"),
        lambda small, result: result.save(5),
        lambda small, result: result.to_dataframe(5),
        lambda small, result: result.report(metrics="BBB.posture@end"),
        lambda small, result: result.report().save(5),
        lambda small, result: result.plot.trust(5),
        lambda small, result: result.plot.metric(metric=5),
        lambda small, result: result.plot.branches(metrics=5),
    ],
)
def test_public_functions_refuse_wrong_types(made, call: Callable[..., object]):
    with pytest.raises(InputError, match=r"\((int|float|str|list)\)|allowed|give"):
        call(*made)


def first(turn: Any) -> str:
    return str(turn.options[0])


@pytest.fixture(scope="module")
def made() -> tuple[sim.Scenario, sim.Result]:
    small = sim.load(SMALL)
    return small, sim.run(small, replicates=1, engine="mesa", workers=1)
