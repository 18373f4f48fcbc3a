"""Consistency checks between rows of the coded record: dates, events, responses and the order of postures."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from sim.evidence.tables import ALLIANCE, KNOWN_UNTIL, UNKNOWN, Row, renewals
from sim.model.events.call import RESPONSE_DAYS
from sim.scenario.problems import Problem, closest, listed, show
from sim.words import LOYAL, NOTIFY, OUT, POSTURES, RESPONSES

Tables = Mapping[str, Sequence[Row]]


def disagreements(tables: Tables) -> Iterator[Problem]:
    """Yield every contradiction between rows of the record."""
    yield from _attacks(tables["attacks"])
    events = {row["event"]: row for row in tables["attacks"]}
    for name in ("calls", "responses"):
        yield from _about_events(name, tables[name], events)
    yield from _calls(tables["calls"], events)
    yield from _responses(tables["responses"], events)
    yield from _in_order("moves", tables["moves"])
    for name in ("postures", "polls"):
        for state in dict.fromkeys(row["state"] for row in tables[name]):
            yield from _in_order(name, [row for row in tables[name] if row["state"] == state])
    for state in dict.fromkeys(row["state"] for row in tables["postures"]):
        yield from _rungs([row for row in tables["postures"] if row["state"] == state])
    for row in tables["arms"]:
        if row["last"] < row["first"]:
            problem = f"{row['last']} is before the first year, {row['first']}"
            yield Problem("arms.csv", row["line"], "last", problem, f"{row['first']} or later")
    yield from _known_until(tables)


def _known_until(tables: Tables) -> Iterator[Problem]:
    until: dict[str, date] = {}
    for row in tables[KNOWN_UNTIL]:
        if row["table"] in until:
            yield Problem(f"{KNOWN_UNTIL}.csv", row["line"], "table", f"{show(row['table'])} twice", "each table once")
        until[row["table"]] = row["until"]
    for name, rows in tables.items():
        if name == KNOWN_UNTIL:
            continue
        if name not in until:
            yield Problem(f"{KNOWN_UNTIL}.csv", None, "table", f"has no row for {show(name)}", "a row for each table")
            continue
        key = "last" if name == "arms" else "date"
        for row in rows:
            day = date(row[key], 12, 31) if name == "arms" else row[key]
            if day > until[name] and row.get("posture") != UNKNOWN:
                problem = f"{day} is after {until[name]}, until when {show(name)} are known"
                yield Problem(f"{name}.csv", row["line"], key, problem, "a later day there")


def _in_order(table: str, rows: Sequence[Row]) -> Iterator[Problem]:
    for before, row in pairwise(rows):
        if row["date"] < before["date"]:
            problem = f"{row['date']} stands after {before['date']}"
            yield Problem(f"{table}.csv", row["line"], "date", problem, "rows in the order of their dates")


def _attacks(rows: Sequence[Row]) -> Iterator[Problem]:
    yield from _in_order("attacks", rows)
    seen: set[str] = set()
    for row in rows:
        if row["event"] in seen:
            yield Problem("attacks.csv", row["line"], "event", f"{show(row['event'])} stands there twice", "each once")
        seen.add(row["event"])
        if (row["kind"] == "crisis") == bool(row["aggressor"]):
            allowed = "a state for an attack, nothing for a crisis"
            problem = f"{show(row['aggressor'])} in a row of kind {row['kind']}"
            yield Problem("attacks.csv", row["line"], "aggressor", problem, allowed)
        if row["aggressor"] == row["victim"]:
            yield Problem("attacks.csv", row["line"], "victim", "is the aggressor too", "two different states")
        if (row["kind"] == "crisis") != row["ground"].startswith("unrest"):
            problem = f"{show(row['ground'])} in a row of kind {row['kind']}"
            yield Problem("attacks.csv", row["line"], "ground", problem, "unrest in a crisis and nowhere else")


def _about_events(table: str, rows: Sequence[Row], events: Mapping[str, Row]) -> Iterator[Problem]:
    order = list(events)
    last = 0
    for row in rows:
        name = row["event"]
        if name not in events:
            nearest = closest(name, events)
            yield Problem(f"{table}.csv", row["line"], "event", f"{show(name)} is no attack or crisis", "", nearest)
            continue
        if order.index(name) < last:
            allowed = "rows in the order of attacks.csv"
            yield Problem(f"{table}.csv", row["line"], "event", f"{show(name)} stands too late", allowed)
        last = order.index(name)
        if row["date"] < events[name]["date"]:
            problem = f"{row['date']} is before {show(name)} ({events[name]['date']})"
            yield Problem(f"{table}.csv", row["line"], "date", problem, f"{events[name]['date']} or later")


def _calls(rows: Sequence[Row], events: Mapping[str, Row]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        victim = events[row["event"]]["victim"] if row["event"] in events else row["state"]
        if row["state"] != victim:
            problem = f"{row['state']} is not the victim, who alone can call or stay silent"
            yield Problem("calls.csv", row["line"], "state", problem, victim)
        if (row["event"], row["treaty"]) in seen:
            yield Problem("calls.csv", row["line"], "treaty", f"{show(row['treaty'])} stands there twice", "each once")
        seen.add((row["event"], row["treaty"]))


def _responses(rows: Sequence[Row], events: Mapping[str, Row]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        line = row["line"]
        if (row["event"], row["state"]) in seen:
            problem = f"{row['state']} has answered {show(row['event'])} already"
            yield Problem("responses.csv", line, "state", problem, "one row each, the highest level delivered")
        seen.add((row["event"], row["state"]))
        if row["offered"] and RESPONSES.index(row["offered"]) <= RESPONSES.index(row["response"]):
            problem = f"{row['offered']} is no more than {row['response']}, which was delivered"
            yield Problem("responses.csv", line, "offered", problem, "a higher level, or nothing")
        event = events.get(row["event"])
        if event is None:
            continue
        if row["state"] in (event["victim"], event["aggressor"]):
            problem = f"{row['state']} is a side of {show(row['event'])}"
            yield Problem("responses.csv", line, "state", problem, f"an ally of the victim, or {ALLIANCE}")
        if row["date"] > event["date"] + timedelta(days=RESPONSE_DAYS):
            problem = f"{row['date']} is more than {RESPONSE_DAYS} days after {show(row['event'])} ({event['date']})"
            allowed = f"what was delivered within {RESPONSE_DAYS} days"
            yield Problem("responses.csv", line, "date", problem, allowed)


def _rungs(rows: Sequence[Row]) -> Iterator[Problem]:
    """Yield errors in a state's order of postures: one rung a step, exit by notice or renewal, return as loyal."""
    last = rows[-1]
    if last["posture"] != UNKNOWN:
        yield Problem("postures.csv", last["line"], "posture", "the last row does not end the record", UNKNOWN)
    rung = OUT
    for row in rows:
        if row["posture"] == UNKNOWN:
            if row is not last:
                yield Problem("postures.csv", row["line"], "posture", f"{show(UNKNOWN)} is not the last row", "a rung")
            continue
        new = POSTURES.index(row["posture"])
        allowed = _next(rung, renewal=row["date"] in renewals())
        if new not in allowed:
            before = "outside the treaty" if rung == OUT else POSTURES[rung]
            problem = f"{row['posture']} cannot follow {before}"
            yield Problem("postures.csv", row["line"], "posture", problem, listed(POSTURES[rank] for rank in allowed))
        rung = new


def _next(rung: int, *, renewal: bool) -> tuple[int, ...]:
    if rung == OUT:
        return (LOYAL,)
    near = (rung - 1, rung + 1) if rung > LOYAL else (rung + 1,)
    return (*near, OUT) if renewal and rung != NOTIFY else near
