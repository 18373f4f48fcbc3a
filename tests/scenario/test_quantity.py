import pytest
from pydantic import ValidationError

from sim.model.quantity import Quantity


def test_a_series_holds_until_its_next_year_and_is_carried_back() -> None:
    series = Quantity.model_validate({"2022": 0.8, "2010": 0.2, "source": "s"})
    assert [series.at(year) for year in (2000, 2010, 2015, 2022, 2030)] == [0.2, 0.2, 0.2, 0.8, 0.8]
    assert series.carried_at(2009)
    assert not series.carried_at(2010)


@pytest.mark.parametrize(
    "written",
    [0.4, {"2010": 0.2, "2022": 0.8}, {"value": 0.4, "source": "s", "rule": "r", "confidence": "low"}],
)
def test_a_quantity_is_written_back_as_it_was_read(written: object) -> None:
    quantity = Quantity.model_validate(written)
    assert quantity.model_dump() == written
    assert Quantity.model_validate_json(quantity.model_dump_json()) == quantity


@pytest.mark.parametrize(
    "given",
    [
        "0.4", True, None, [], {}, {"source": "s"}, {"value": "x"}, {"value": 1, "2010": 2}, {"10": 1},
        {"value": 1, "source": 3}, {"value": 1, "confidence": "sure"}, float("nan"), float("inf"), 10**400,
    ],
)  # fmt: skip
def test_what_is_no_figure_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate(given)
