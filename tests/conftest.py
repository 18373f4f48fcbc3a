"""What holds for all tests."""

from collections.abc import Iterator

import pytest

from sim.evidence import posterior

AS_SHIPPED = ("tests.docs", "tests.examples", "tests.shipped")
"""Packages that run scenarios as a user does, with parameters drawn from the shipped posterior."""


@pytest.fixture(scope="module", autouse=True)
def parameters_of_the_table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let runs take the table's defaults, so that what is tested is one model and not one a replicate."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.module.__name__.startswith(AS_SHIPPED):
            patch.setattr(posterior, "DEFAULT_SOURCE", posterior.DEFAULTS)
        yield
