"""Reads a printed explanation back: its decisions with their tables, chances and draws, and its moves of trust."""

import re
from dataclasses import dataclass

NOTE = re.compile(
    r"\((?P<how>on record; chance by the rule: |by a rule of its own; chance by the built-in rule: |unlikely: |chance )"
    r"(?P<chance>(?:<1|>99|\d+) %)(?: in that (?:month|week))?\)"
)
CHANCES = re.compile(r"By the rule the chances were: (.*?)\.(?: |$)")


@dataclass(frozen=True)
class Column:
    """One alternative as the table of a decision shows it."""

    terms: list[float]
    total: float


@dataclass(frozen=True)
class Section:
    """One numbered decision of a printed explanation: its heading, its text in one line, and its columns."""

    heading: str
    text: str
    columns: dict[str, Column]
    labels: list[str]

    @property
    def chances(self) -> dict[str, str]:
        """The chance of each alternative in words."""
        (listed,) = CHANCES.findall(self.text)
        parts = re.findall(r"(.+?) ((?:<1|>99|\d+) %)(?:, |$)", listed)
        return {name.strip("'"): chance for name, chance in parts}

    @property
    def draw(self) -> float | None:
        """The draw that decided, or that would have decided where the record fixes the choice."""
        found = re.search(r"(?:The draw was |\(draw )(\d\.\d{3})", self.text)
        return None if found is None else float(found[1])


def sections(printed: str) -> list[Section]:
    """Return the numbered decisions of a printed explanation."""
    lines = printed.splitlines()
    heads = [place for place, line in enumerate(lines) if place and set(line) == {"-"} and len(line) > 3]
    parts = []
    for place, below in zip(heads, [*heads[1:], len(lines)], strict=True):
        start = place - 1
        while lines[start - 1]:
            start -= 1
        parts.append((" ".join(lines[start:place]), lines[place + 1 : below]))
    return [_section(heading, body) for heading, body in parts if re.match(r"\d+\. ", heading)]


def _section(heading: str, body: list[str]) -> Section:
    columns: dict[str, Column] = {}
    labels: list[str] = []
    table: list[list[str]] = []
    for line in [*body, ""]:
        if line.startswith("  ") and re.search(r"\S  +\S", line):
            table.append(re.split(r"  +", line.strip()))
        elif table:
            (_, *names), *rows, total = table
            for place, name in enumerate(names, start=1):
                columns[name] = Column([_read(row[place]) for row in rows], _read(total[place]))
            labels += [row[0] for row in rows]
            table = []
    plain = [line for line in body if not line.startswith("  ") or not re.search(r"\S  +\S", line)]
    return Section(heading, " ".join(" ".join(plain).split()), columns, labels)


def notes(printed: str, head: str) -> list[tuple[str, str]]:
    """Return how each choice below a heading is said to have come about, and its chance in words."""
    return [(found["how"].split(":")[0].strip(), found["chance"]) for found in NOTE.finditer(below(printed, head))]


def below(printed: str, head: str) -> str:
    """Return what stands below a heading, in one line; empty without the heading."""
    found = re.search(
        rf"\n{re.escape(head)}[^\n]*\n-+\n(.*?)(?=\n\n[^\n]+(?:\n[^\n]+)*?\n-{{4,}}\n|\Z)", printed, re.DOTALL
    )
    return "" if found is None else " ".join(found[1].split())


def _read(shown: str) -> float:
    return float(shown.replace("\N{MINUS SIGN}", "-"))
