"""The coded record of members' postures, as it ships."""

import csv
from importlib.resources import files

COLUMNS = ("state", "date", "posture", "confidence", "source")


def postures_on_record() -> list[dict[str, str]]:
    """Return the coded changes of posture in the order of the record: state, date, posture, confidence, source."""
    text = (files("sim") / "data" / "record" / "postures.csv").read_text("utf-8")
    return [{column: row[column] for column in COLUMNS} for row in csv.DictReader(text.splitlines())]
