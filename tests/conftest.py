"""What holds for all tests."""

from collections.abc import Iterator

import pytest

from sim.experiments.parameters import sources

SHIPPED = sources.DEFAULT_SOURCE
AS_SHIPPED = ("tests.docs", "tests.examples", "tests.shipped")
"""Packages that run scenarios as a user does, with parameters drawn from the shipped posterior."""


@pytest.fixture(scope="session", autouse=True)
def parameters_of_the_table() -> Iterator[None]:
    """Let runs take the table's defaults, so that what is tested is one model and not one a replicate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "DEFAULT_SOURCE", sources.DEFAULTS)
        yield


@pytest.fixture(scope="module", autouse=True)
def parameters_as_shipped(request: pytest.FixtureRequest, parameters_of_the_table: None) -> Iterator[None]:
    """Let runs of some packages draw their parameters."""
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.startswith(AS_SHIPPED):
            patch.setattr(sources, "DEFAULT_SOURCE", SHIPPED)
        yield
