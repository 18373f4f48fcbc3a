"""Types of values in the tables of a scenario file."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from sim.model.quantity import FIRST_YEAR, LAST_YEAR, Quantity, quantity_schema

TINY: Final = 1e-12
"""Smallest allowed value of quantities that must be above 0."""


def _within(low: float, high: float) -> AfterValidator:
    def check(quantity: Quantity) -> Quantity:
        if any(not low <= value <= high for value in quantity.values):
            least = "above 0" if low == TINY else f"at least {low:g}"
            raise ValueError(f"must be {least} and at most {high:g}")
        return quantity

    return AfterValidator(check)


def _in_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day} must lie in the years {FIRST_YEAR}..{LAST_YEAR}")
    return day


def _a_day(text: str) -> str:
    _in_years(date.fromisoformat(text))
    return text


def _quantity_schema(name: str, low: float, high: float) -> WithJsonSchema:
    return WithJsonSchema(quantity_schema(name, low, high))


Share = Annotated[Quantity, _within(0.0, 1.0), _quantity_schema("Share", 0.0, 1.0)]
Signed = Annotated[Quantity, _within(-1.0, 1.0), _quantity_schema("Signed", -1.0, 1.0)]
Positive = Annotated[Quantity, _within(TINY, 1e12), _quantity_schema("Positive", TINY, 1e12)]
Unit = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Tone = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
Day = Annotated[date, AfterValidator(_in_years)]
DayText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_a_day)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_ -]*$", max_length=80)]
When = Literal["after-record", "always", "never"]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Point = Annotated[tuple[Longitude, Latitude], Field(strict=False)]


class ScenarioTable(BaseModel):
    """A table of a scenario file; unknown keys are errors, and values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
