"""What holds for all tests."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sim.experiments.parameters import sources

TESTS = Path(__file__).parent
LONG = (
    "cli/test_interrupted.py", "model/test_recipes.py", "cli/test_hindcast.py", "docs/test_documents.py",
    "model/test_new_kind.py", "explorer/test_reporting.py", "test_new_parameter.py", "model/test_variables.py",
    "examples/test_notebooks.py", "cli/test_explore.py", "experiments/test_cluster.py",
)  # fmt: skip
"""Files whose tests take longest: they begin first, so that no worker is left with one of them at the end."""

settings.register_profile("unhurried", deadline=None)  # a slow moment of the machine is no failure
settings.load_profile("unhurried")

SHIPPED = sources.default_source
AS_SHIPPED = ("tests.docs", "tests.examples", "tests.shipped")
"""Packages that run scenarios as a user does, with parameters drawn from the shipped posterior."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, in the order of `LONG`; all else stays in place."""
    places = {TESTS / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is imported, which stays, and look for more only now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def parameters_of_the_table() -> Iterator[None]:
    """Let runs take the table's defaults, so that what is tested is one model and not one a replicate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "default_source", lambda _scenario: sources.DEFAULTS)
        yield


@pytest.fixture(scope="module", autouse=True)
def parameters_as_shipped(request: pytest.FixtureRequest, parameters_of_the_table: None) -> Iterator[None]:
    """Let runs of some packages draw their parameters."""
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.startswith(AS_SHIPPED):
            patch.setattr(sources, "default_source", SHIPPED)
        yield
