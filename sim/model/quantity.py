"""An empirical quantity: one number, or a series over years, with its source."""

from collections.abc import Mapping
from sys import float_info
from typing import Any

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator

NOTES = ("source", "rule", "confidence")
FIRST_YEAR, LAST_YEAR = 1800, 2200
"""Range of years that a scenario can use."""

CONFIDENCES = ("high", "medium", "low")


def _finite(value: float) -> float:
    if not abs(value) < float_info.max:
        raise ValueError("must be a finite number")
    return float(value)


def quantity_schema(name: str, low: float, high: float) -> dict[str, Any]:
    """Return the JSON Schema of a quantity with numbers in the range ``low``..``high``."""
    number = {"type": "number", "minimum": low, "maximum": high}
    notes = {key: {"type": "string"} for key in NOTES} | {"confidence": {"enum": list(CONFIDENCES)}}
    return {
        "title": name,
        "anyOf": [
            number,
            {
                "type": "object",
                "properties": {"value": number, **notes},
                "patternProperties": {"^[0-9]{4}$": number},
                "additionalProperties": False,
            },
        ],
    }


class Quantity(BaseModel):
    """A number, or numbers by year, as written in a scenario file.

    A file writes ``0.4``, ``{ 2010 = 0.2, 2022 = 0.8 }`` or ``{ value = 0.4, source = "..." }``; year keys
    and ``value`` may stand beside ``source``, ``rule`` (how a judgement was made) and ``confidence``.

    Attributes
    ----------
    years : tuple of int
        The years of the series, ascending; empty for a single number.
    values : tuple of float
        One value a year, or the single number.
    source, rule, confidence : str
        Source of the figure; rule by which it was judged; ``high``, ``medium`` or ``low``.

    Examples
    --------
    >>> Quantity.model_validate({"2010": 0.2, "2022": 0.8}).at(2015)
    0.2
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    years: tuple[int, ...] = ()
    values: tuple[float, ...]
    source: str = ""
    rule: str = ""
    confidence: str = ""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "values" not in given:
            return cls._read_table(given)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"values": (_finite(given),)}
        if isinstance(given, Mapping | cls):
            return given
        raise ValueError("expected a number, a table of numbers by year, or { value = NUMBER, source = TEXT }")

    @staticmethod
    def _read_table(given: Mapping[str, Any]) -> dict[str, Any]:
        notes = {key: given[key] for key in NOTES if key in given}
        for key, note in notes.items():
            if not isinstance(note, str):
                raise ValueError(f"{key} must be text")
        if notes.get("confidence", "high") not in CONFIDENCES:
            raise ValueError(f"confidence must be one of {', '.join(CONFIDENCES)}")
        numbers = {key: value for key, value in given.items() if key not in NOTES}
        for key, value in numbers.items():
            if key != "value" and not (len(key) == 4 and key.isdigit()):
                raise ValueError(f"unknown key '{key}': expected years, value, {', '.join(NOTES)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"'{key}' must be a number")
        if not numbers:
            raise ValueError("expected a value, or values by year")
        if "value" in numbers:
            if len(numbers) > 1:
                raise ValueError("give either 'value' or years, not both")
            return {"values": (_finite(numbers["value"]),), **notes}
        years = sorted(numbers)
        if not FIRST_YEAR <= int(years[0]) <= int(years[-1]) <= LAST_YEAR:
            raise ValueError(f"years must lie in {FIRST_YEAR}..{LAST_YEAR}")
        return {
            "years": tuple(int(year) for year in years),
            "values": tuple(_finite(numbers[year]) for year in years),
            **notes,
        }

    @model_serializer
    def _as_written(self) -> float | dict[str, float | str]:
        """Return the quantity in the form of a scenario file."""
        notes = {key: note for key in NOTES if (note := getattr(self, key))}
        if self.years:
            return {
                **{str(year): value for year, value in zip(self.years, self.values, strict=True)},
                **notes,
            }
        return {"value": self.values[0], **notes} if notes else self.values[0]

    def at(self, year: int) -> float:
        """Return the value for a year: the latest one up to that year, else the earliest."""
        held = self.values[0]
        for start, value in zip(self.years, self.values, strict=False):
            if start <= year:
                held = value
        return held

    def carried_at(self, year: int) -> bool:
        """Return whether a year is before the start of the series, so that the first value is carried back."""
        return bool(self.years) and year < self.years[0]
