"""Broken scenario files: what is wrong with each, and where the message must point."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tests.scenario.small_scenario import SMALL


class Broken(NamedTuple):
    """One broken file: its content, and the line, key and words that the message must have."""

    content: bytes
    line: int | None
    key: str
    words: str


def _from_table(row: dict[str, Any]) -> Broken:
    if "add" in row:
        content = SMALL + row["add"]
    else:
        assert SMALL.count(row["old"]) == 1, row["old"]
        content = SMALL.replace(row["old"], row["new"])
    return Broken(content.encode(), row["line"] or None, row["key"], row["words"])


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

BROKEN = {
    "empty": Broken(b"", 1, "", "is empty"),
    "only a comment": Broken(b"# nothing\n", 1, "", "is empty"),
    "binary": Broken(b"\x7fELF\x02\x01\x00\xff\xfe" * 50, 1, "", "not UTF-8"),
    "UTF-16": Broken(SMALL.encode("utf-16"), 1, "", "not UTF-8"),
    "nul bytes": Broken(b"title = 'a\x00b'\n", 1, "title", "not valid TOML"),
    "10 MB of junk": Broken(b"junk = 1\n" * 1_200_000, None, "", "MB"),
    "4 MB of junk": Broken(b"junk\n" * 800_000, 1, "junk", "not valid TOML"),
    "not TOML at all": Broken(b"Dear Sir or Madam,\nplease run this.\n", 1, "Dear", "not valid TOML"),
    "month for a day": Broken(b'title = "x"\nstart = 2022-01  # or so\n', 2, "start", "a day such as 2022-01-01"),
    "month for a day in a table": Broken(
        SMALL.replace("war = { date = 2021-02-24", "war = { date = 2021-02").encode(),
        21, "war", "2021-02 is a month, not a day"
    ),
    "number of 5000 digits": Broken(b"x = " + b"9" * 5000, 1, "x", "too many digits"),
    "figure of 400 digits": Broken(
        SMALL.replace("FAR = { capability = 0.05", f"FAR = {{ capability = {'9' * 400}").encode(),
        10, "states.FAR.capability", "finite",
    ),
    "nested too deeply for the parser": Broken(b"x = " + b"[" * 200_000, None, "", "nested too deeply"),
    "nested too deeply": Broken(b"a." * 60 + b"b = 1\n", None, "", "nested too deeply"),
    "no states": Broken(
        b'title = "x"\nstart = 2020-01-01\nend = 2021-01-01\n', None, "states", "at least two states"
    ),
    **{name: _from_table(row) for table in _TABLE.values() for name, row in table.items()},
}  # fmt: skip
"""Every broken file by what is wrong with it."""
