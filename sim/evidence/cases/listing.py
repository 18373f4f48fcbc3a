"""The library of alliances as a list for people."""

from typing import Any

from sim.evidence.cases.coding import coded_course
from sim.evidence.cases.reading import cases_of, load_file, outcomes_of, stories_of
from sim.evidence.cases.rungs import LIBRARY_RUNGS


def listed_cases() -> list[dict[str, Any]]:
    """Return a row for each case of the library: alliance, year, what was asked and given, what the member did."""
    file = load_file()
    cases, outcomes, stories = cases_of(file), outcomes_of(file), stories_of(file)
    rows = []
    for name, case in cases.items():
        story = stories[name]
        year = story.key.month // 12
        steps = coded_course(case, outcomes[name]).steps
        moves = [f"{LIBRARY_RUNGS[step.rung]} {(story.key.month + step.first) // 12}" for step in steps]
        rows.append(
            {
                "case": name,
                "alliance": story.alliance,
                "year": year,
                "asked": story.asked,
                "owed": case.key.owed,
                "given": case.key.given,
                "did": ", ".join([LIBRARY_RUNGS[case.rung_at_key], *moves]),
            }
        )
    return rows
