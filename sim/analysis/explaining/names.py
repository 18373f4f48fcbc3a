"""Names of states, dates and events in words."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.engine.trajectory import CallRecord
from sim.model.events.call import Response
from sim.output.formatting import MONTHS, space_percent_signs, state_in_sentence
from sim.scenario.schema import Scenario

SENT: Final = {
    "none": "did nothing",
    "statement": "sent words",
    "mission": "sent a mission",
    "materiel": "sent materiel",
    "forces": "sent forces",
}
"""What an ally did, by response."""


_BY_CHOICE: Final = re.compile(r"(\w+)-(\w+)-\d{4}-\d{2}-\d{2}\Z")
"""Names of attacks by choice (`sim.engine.timetable.attack_name`)."""


def day_in_words(day: date) -> str:
    """Return a date in words, such as ``13 September 2022``."""
    return f"{day.day} {month_in_words(day)}"


def month_in_words(day: date) -> str:
    """Return a month in words, such as ``September 2022``."""
    return f"{MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True)
class BranchNames:
    """Names of the states, dates and events of one branch of a scenario."""

    scenario: Scenario
    """As the branch has it (`sim.scenario.resolve`)."""

    def state(self, code: str) -> str:
        """Return a state's name for use in a sentence, or its code if the scenario gives none."""
        return state_in_sentence(self.scenario, code)

    def by_index(self, index: int) -> str:
        """Return the full name of a state, given its index in a run."""
        return self.state(sorted(self.scenario.states)[index])

    def states(self, codes: tuple[str, ...]) -> str:
        """Return a list of states in words: ``Belarus, Kazakhstan and Russia``."""
        names = [self.state(code) for code in codes]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nobody"

    def day(self, event: str, otherwise: date) -> date:
        """Return the date of an event, or the date of the tick if the scenario does not date it."""
        known = self.scenario.events.get(event)
        return otherwise if known is None else known.date

    def happened(self, event: str) -> str:
        """Return the name of an event in words, with its note."""
        known = self.scenario.events.get(event)
        if known is None:
            return self._chosen(event)
        words = space_percent_signs(known.as_cause(self.state))
        return f"{words}: {known.note}" if known.note else words

    def _chosen(self, event: str) -> str:
        """Return the name of an attack by choice in words; any other name comes back unchanged."""
        match = _BY_CHOICE.match(event)
        if match is None or not set(match.groups()) <= set(self.scenario.states):
            return event
        return f"{self.state(match[1])} attacked {self.state(match[2])} by its own choice"

    def source(self, event: str) -> str:
        """Return the source of an event, empty if the scenario gives none."""
        known = self.scenario.events.get(event)
        return "" if known is None else known.source

    def answer_on_record(self, event: str, ally: str) -> Response | None:
        """Return the last recorded response of an ally to an event: its own, otherwise one through a treaty."""
        rows = [row for row in self.scenario.events.values() if isinstance(row, Response) and row.to == event]
        own = [row for row in rows if row.state == ally]
        shared = [row for row in rows if row.state in self.scenario.treaties]
        responses = own or [row for row in shared if ally in self.scenario.treaties[row.state].members]
        return responses[-1] if responses else None

    def sources_of(self, event: str, ally: str) -> str:
        """Return the sources of an event and of an ally's response to it."""
        row = self.answer_on_record(event, ally)
        given = f"{self.source(event)};{row.source if row is not None else ''}"
        return "; ".join(dict.fromkeys(filter(None, (part.strip() for part in given.split(";")))))


def call_in_words(names: BranchNames, record: CallRecord | None) -> str:
    """Describe whether the victim called for help, and under which articles."""
    if record is None:
        return ""
    victim = names.state(record.victim)
    if not record.made:
        return f"{victim} did not appeal"
    return f"{victim} appealed" + (f" under {record.article}" if record.article else "")
