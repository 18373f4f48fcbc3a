"""Cases as scenario files with their names, dates and sources: ``python -m sim.evidence.cases.writing FOLDER``."""

import csv
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from sim.evidence.cases.coding import (
    FELLOW,
    FELLOWS,
    HORIZON,
    PATRON,
    Document,
    Names,
    coded_course,
    document_of,
    entered,
    stand,
)
from sim.evidence.cases.dates import on_day
from sim.evidence.cases.reading import (
    CHALLENGER,
    GUARANTOR,
    MEMBER,
    AllianceCase,
    CaseOutcome,
    CaseStory,
    cases_of,
    load_file,
    outcomes_of,
    stories_of,
)
from sim.evidence.cases.telling import branches_of, promised_in, told
from sim.scenario.files import SHIPPED

SCHEMA: Final = "#:schema ../../docs/scenario.schema.json"
TREATY: Final = "Alliance"
FORMER: Final = {
    "Austria-Hungary": "AUH", "Czechoslovakia": "CSK", "East Germany": "DDR", "Ivory Coast": "CIV",
    "Ottoman Empire": "OTT", "People's Republic of China": "CHN", "Prussia": "PRU", "Republic of China": "TWN",
    "Sardinia": "SRD", "Soviet Union": "SUN", "Tanganyika": "TZA", "The Gambia": "GMB", "United Arab Republic": "UAR",
    "USSR": "SUN", "West Germany": "FRG", "Yugoslavia": "YUG", "Zaire": "ZAR",
}  # fmt: skip
"""Codes of states of the past, and of states that the cases call by another name."""

UNNAMED: Final = {
    CHALLENGER: "FOE",
    PATRON: "PAT",
    **{f"{FELLOW}{place}": f"FL{place}" for place in range(1, FELLOWS + 1)},
}
"""Codes of those that are no single state, or have no name."""

_FIRST_NAME: Final = re.compile(r"[^,;(]+")


def real_document(case: AllianceCase, story: CaseStory, outcome: CaseOutcome | None, promised: str = "") -> Document:
    """Return a case as the tables of a scenario with its names, dates, sources and story, and the observed course.

    ``promised`` is what its treaty promises, in words.
    """
    names = real_names(story)
    member, guarantor = names.codes[MEMBER], names.codes[GUARANTOR]
    document = document_of(case, names=names)
    treaty = document["treaties"][TREATY]
    named = {"name": story.instrument or story.alliance, "source": "; ".join(story.sources)}
    document["treaties"] = {TREATY: {**{key: text for key, text in named.items() if text}, **treaty}}
    for name, row in entered(case, "forecast"):
        note = story.asked if row is case.key else story.notes[_place(case, row)]
        if name in document["events"] and note:
            document["events"][name] = {**document["events"][name], "note": note}
    if outcome is not None:
        document["observed"][member] |= dict(_moves(case, story, outcome, names))
        known = coded_course(case, outcome).until
        document["observed_until"] = names.last(min(HORIZON, known))
    year, five = names.last(12), names.last(HORIZON)
    branches = branches_of(case, names, document["events"])
    return {
        "title": f"{story.member} and {story.guarantor}, {story.key.month // 12}",
        "description": story.asked,
        "metrics": [
            f"{member}.trust[{guarantor}]@{year:%Y-%m}",
            f"{member}.posture@{five:%Y-%m} >= freeze",
            f"first({member}.posture >= freeze) <= {five:%Y-%m}",
        ],
        **document,
        **({"branches": branches} if branches else {}),
        "story": told(case, story, outcome, names, branches, promised),
    }


def _place(case: AllianceCase, row: object) -> int:
    return next(index for index, other in enumerate(case.rows) if other is row)


def _moves(case: AllianceCase, story: CaseStory, outcome: CaseOutcome, names: Names) -> Iterator[tuple[str, Document]]:
    """Yield the observed moves after the key event; a step known to the year stands in the middle of what it allows."""
    for step in coded_course(case, outcome).steps:
        when = outcome.steps[step.place][0]
        day = on_day(names.month + (step.first + step.last) // 2, when.day)
        note = story.steps[step.place]
        yield day.isoformat(), stand(step.rung, names.codes[PATRON]) | ({"source": note} if note else {})


def real_names(story: CaseStory) -> Names:
    """Return the names and dates of a case as they were."""
    called = {MEMBER: story.member, GUARANTOR: story.guarantor, CHALLENGER: story.challenger}
    called |= {f"{FELLOW}{number}": name for number, name in enumerate(story.fellows[:FELLOWS], 1)}
    called[PATRON] = "an outside patron"
    codes: dict[str, str] = {}
    for role in (MEMBER, GUARANTOR, CHALLENGER, PATRON, *(f"{FELLOW}{number}" for number in range(1, FELLOWS + 1))):
        known = state_code(called.get(role, ""))
        if known and known not in codes.values():
            codes[role] = known
        else:
            codes[role] = UNNAMED[role] if role in UNNAMED else called[role][:3].upper()
    return Names(story.key.month, TREATY, codes, called)


def state_code(name: str) -> str:
    """Return the code of the state that a name begins with, empty if it is none.

    Examples
    --------
    >>> state_code("Soviet Union (Russia from Dec 1991)"), state_code("rebels of the north")
    ('SUN', '')
    """
    match = _FIRST_NAME.match(name)
    first = match[0].strip() if match else ""
    known = _codes()
    return known.get(first) or known.get(first.split(" and ")[0].split(" backed ")[0], "")


@cache
def _codes() -> dict[str, str]:
    with (SHIPPED / "codes.csv").open(encoding="utf-8", newline="") as opened:
        return {row["name"]: row["iso3"] for row in csv.DictReader(opened)} | FORMER


_INSIDE: Final = ("treaties", "dyads", "observed", "branches")
"""Tables that have a header for each of their entries."""


def as_toml(document: Mapping[str, Any]) -> str:
    """Return the tables of a scenario as TOML text."""
    lines = [f"{key} = {_value(value)}" for key, value in document.items() if not isinstance(value, dict)]
    for key, table in document.items():
        if isinstance(table, dict):
            headed = {f"{key}.{_key(name)}": inner for name, inner in table.items()} if key in _INSIDE else {key: table}
            for header, inner in headed.items():
                lines += ["", f"[{header}]", *(f"{_key(name)} = {_value(value)}" for name, value in inner.items())]
    return "\n".join([SCHEMA, *lines]) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def write_cases(folder: Path) -> list[Path]:
    """Write a scenario file for each case of the library, and return the files."""
    file = load_file()
    outcomes, stories = outcomes_of(file), stories_of(file)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, case in cases_of(file).items():
        path = folder / f"{name}.toml"
        document = real_document(case, stories[name], outcomes.get(name), promised_in(file.cases[name]))
        path.write_text(as_toml(document), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    sys.stdout.write(f"{len(write_cases(Path(sys.argv[1])))} files written\n")
