"""Layouts of official data files: by which columns a file is known, and what each column means here.

A data set is published in several layouts, and publishers change them. A file is read in the first layout of its data
set whose columns are all there, whatever its name or date. A new layout is one entry of `LAYOUTS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

BEGIN: Final = ("begin_year", "begin_month", "begin_day")
END: Final = ("end_year", "end_month", "end_day")

FILES: Final = {
    "cow-nmc": "COW National Material Capabilities (NMC-*-abridged.csv)",
    "v-dem": "a V-Dem country-year file (V-Dem-CY-*.csv)",
    "un-ideal-points": "UNGA ideal points (Idealpointestimates*.csv or .tab)",
    "contiguity": "COW Direct Contiguity (contdir.csv or contdird.csv)",
    "sipri-arms": "the trade register of SIPRI's arms transfers, exported as csv",
    "atop-members": "the ATOP member file (atop5_1m.csv)",
    "atop-dyads": "the ATOP dyad-year file (atop5_1dy.csv)",
    "cow-alliances": (
        "a COW alliance file of version 4.1 by member or dyad "
        "(alliance_v4.1_by_member.csv, _by_dyad.csv, _by_directed.csv)"
    ),
}
"""The file that each data set is read from, for messages."""


@dataclass(frozen=True)
class FileLayout:
    """One layout of the file of a data set.

    Attributes
    ----------
    data_set : str
        Name of the importer, a key of `FILES`.
    columns : mapping
        Columns by which the layout is known: the file's name of each, in lower case, by the importer's name for it.
    optional : mapping
        Columns that are read where they are there.
    missing : tuple of str
        The publisher's marks for a missing value, in addition to those of every file.
    """

    data_set: str
    columns: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def named(self, column: str) -> str:
        """Return the file's name of a column, by the importer's name for it."""
        return self.columns.get(column) or self.optional[column]

    def lacking(self, head: Sequence[str]) -> list[str]:
        """Return the columns of the layout that a head lacks."""
        return [column for column in self.columns.values() if column not in head]


def _cow_spell(prefix: str) -> dict[str, str]:
    cells = [f"{prefix}_{when}_{part}" for when in ("st", "end") for part in ("year", "month", "day")]
    return dict(zip((*BEGIN, *END), cells, strict=True))


_COW_DUTIES: Final = {"right_censor": "right_censor", "defense": "defense", "consult": "entente"}

LAYOUTS: Final = (
    FileLayout(
        "cow-nmc",
        {"state": "ccode", "year": "year", "capability": "cinc", "population": "tpop"},
        missing=("-9",),
    ),
    FileLayout("v-dem", {"state": "cowcode", "year": "year", "democracy": "v2x_polyarchy"}),
    FileLayout("v-dem", {"iso3": "country_text_id", "year": "year", "democracy": "v2x_polyarchy"}),
    FileLayout("un-ideal-points", {"state": "ccode", "year": "year", "point": "idealpointfp"}),
    FileLayout("un-ideal-points", {"state": "ccode", "year": "year", "point": "idealpointall"}),
    FileLayout("un-ideal-points", {"state": "ccode", "year": "year", "point": "idealpoint"}),
    FileLayout("un-ideal-points", {"state": "ccode", "session": "session", "point": "idealpointfp"}),
    FileLayout("un-ideal-points", {"state": "ccode", "session": "session", "point": "idealpointall"}),
    FileLayout("un-ideal-points", {"state": "ccode", "session": "session", "point": "idealpoint"}),
    FileLayout(
        "contiguity",
        {"one": "statelno", "other": "statehno", "kind": "conttype", "begin": "begin", "end": "end"},
    ),
    FileLayout("contiguity", {"one": "state1no", "other": "state2no", "kind": "conttype", "year": "year"}),
    FileLayout("contiguity", {"one": "statelno", "other": "statehno", "kind": "conttype", "year": "year"}),
    FileLayout(
        "sipri-arms",
        {
            "recipient": "recipient",
            "supplier": "supplier",
            "years": "year(s) of delivery",
            "value": "sipri tiv of delivered weapons",
        },
    ),
    FileLayout(
        "sipri-arms",
        {
            "recipient": "recipient",
            "supplier": "supplier",
            "years": "delivery year",
            "value": "tiv delivery values",
            "deal": "sipri at database id",
        },
    ),
    FileLayout(
        "atop-members",
        {
            "alliance": "atopid",
            "state": "member",
            **dict(zip(BEGIN, ("yrent", "moent", "dayent"), strict=True)),
            **dict(zip(END, ("yrexit", "moexit", "dayexit"), strict=True)),
            "defense": "defense",
            "consult": "consul",
        },
        {"phase": "phase", "exclusive": "noothall"},
    ),
    FileLayout(
        "atop-dyads",
        {"one": "mem1", "other": "mem2", "year": "year", "defense": "defense", "consult": "consul"},
        {f"alliance{number}": f"atopid{number}" for number in range(1, 10)},
    ),
    FileLayout(
        "cow-alliances",
        {"alliance": "version4id", "state": "ccode", **_cow_spell("mem"), **_COW_DUTIES},
        {"year": "year"},
    ),
    FileLayout(
        "cow-alliances",
        {"alliance": "version4id", "one": "ccode1", "other": "ccode2", **_cow_spell("dyad"), **_COW_DUTIES},
        {"year": "year"},
    ),
)
"""Every known layout; the first of a data set that fits is taken."""


def layouts(data_set: str) -> list[FileLayout]:
    """Return the known layouts of a data set."""
    return [layout for layout in LAYOUTS if layout.data_set == data_set]
