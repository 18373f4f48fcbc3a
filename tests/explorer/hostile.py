"""A scenario whose every text tries to run code, and a server in this process that shows it."""

import asyncio
import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import markupsafe
import pytest

from sim.experiments.playing import play
from sim.explorer.address import HERE, address, free_port
from sim.explorer.library import Library
from sim.explorer.page import storybook
from sim.explorer.room import EVERY, TURNS
from sim.explorer.server import make_server
from sim.report import page as report_page
from sim.report.markdown import escaped
from sim.scenario import Scenario, load
from sim.scenario.injects import COLUMNS, with_injects
from sim.scenario.schema import Branch
from sim.seats.text_seat import TextSeat
from tests.explorer.conftest import FIRST_STEPS, SMALL

ATTACKS = (
    "<img src=x: onerror=window.ran=1>",
    "</script><script>window.ran=1</script>",
    "[go](javascript:window.ran=1)",
    '"><svg onload=window.ran=1>',
    '<a href="javascript:window.ran=1" class=lure>go</a>',
)
"""Texts that run code, or lead to it, where they become markup."""

HOSTILE = " ".join(ATTACKS)

RAN = """
() => {
    const roots = [document], found = []
    for (const root of roots) {
        for (const each of root.querySelectorAll("*")) {
            if (each.shadowRoot) roots.push(each.shadowRoot)
            if (each.matches("[src='x:'], [onload], [onerror], a[href^='javascript:']")) found.push(each.outerHTML)
        }
    }
    return {ran: window.ran ?? null, found}
}
"""
"""Tells whether code ran, and which elements in the page and in its widgets an attack has made."""

WORDS = """
() => {
    const roots = [document.body], words = []
    for (const root of roots) {
        words.push(root.innerText ?? [...root.children].map(each => each.innerText ?? "").join(" "))
        for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot)
    }
    return words.join(" ")
}
"""
"""Returns all that the page and its widgets say."""

PRESS = """
() => {
    const roots = [document]
    for (const root of roots) {
        for (const each of root.querySelectorAll("*")) {
            if (each.shadowRoot) roots.push(each.shadowRoot)
            const click = new MouseEvent("click", {bubbles: true, cancelable: true})
            if (each.matches("a[href^='javascript:']")) each.dispatchEvent(click)
        }
    }
}
"""
"""Follows every link that leads to code."""


def name_of(code: str) -> str:
    """Return the name of a state in a hostile scenario, short enough for an axis."""
    return f"{code} {ATTACKS[ord(code[0]) % len(ATTACKS)]}"


def hostile_scenario(scenario: Scenario) -> Scenario:
    """Return a scenario with attacks in all its texts."""
    states = {
        code: state.model_copy(update={"name": name_of(code), "source": HOSTILE})
        for code, state in scenario.states.items()
    }
    treaties = {
        code: treaty.model_copy(update={"name": HOSTILE, "source": HOSTILE})
        for code, treaty in scenario.treaties.items()
    }
    events = {
        name: event.model_copy(update={"note": HOSTILE, "source": HOSTILE}) for name, event in scenario.events.items()
    }
    branches = {
        name: Branch.model_validate(
            {**branch.model_dump(by_alias=True, exclude_unset=True), "title": f"{name} {HOSTILE}", "note": HOSTILE}
        )
        for name, branch in scenario.branches.items()
    }
    texts = {"title": HOSTILE, "description": HOSTILE}
    tables = {"states": states, "treaties": treaties, "events": events, "branches": branches}
    return scenario.model_copy(update={**texts, **tables})


def hostile_library(folder: Path) -> Library:
    """Return a library of one hostile scenario, in a file that has an attack for its name."""
    path = folder / f"{ATTACKS[0]}.toml"
    path.write_bytes(SMALL.read_bytes())
    library = Library([path])
    story = library.ensembles(path.stem).story
    story.scenario = hostile_scenario(load(SMALL))
    return library


def hostile_story(folder: Path) -> Library:
    """Return a library of one scenario that tells a story with attacks on each of its pages."""
    attack = json.dumps("".join((ATTACKS[0], ATTACKS[1], ATTACKS[4])))[1:-1]
    text = FIRST_STEPS.read_text("utf-8")
    for words in ("First steps", "Does it matter", "Armenia counts", "Azerbaijan attacked", "Russia sent", "froze its"):
        assert words in text
        text = text.replace(words, f"{attack} {words}")
    path = folder / FIRST_STEPS.name
    path.write_text(f'{text}\n[states.ARM]\nname = "Armenia {attack}"\n', "utf-8")
    return Library([path])


def hostile_injects(folder: Path) -> Library:
    """Return a library of a scenario with an inject whose note is an attack, read from its file."""
    file = folder / "lesson.csv"
    with file.open("w", encoding="utf-8", newline="") as held:
        rows = csv.writer(held)
        rows.writerow(COLUMNS)
        rows.writerow(("2021-03-01", "attack", "DDD BBB", "0.6", HOSTILE))
    path = folder / SMALL.name
    path.write_bytes(SMALL.read_bytes())
    library = Library([path])
    library.ensembles(path.stem).story.scenario = with_injects(load(path), file)
    return library


def hostile_tape(folder: Path) -> bytes:
    """Return recorded answers of Cora in the first run of that scenario: each is an attack that names one option."""
    seat = TextSeat(lambda prompt: f"1 {ATTACKS[0]} {ATTACKS[3]}", folder / "cora.jsonl")
    story = hostile_injects(folder).ensembles(SMALL.stem).story
    seats: dict[str, Any] = {"CCC": seat, "BBB": lambda turn: None}
    branch, seed = story.main_branch, story.scenario.seed
    play(story.scenario, seats=seats, branch=branch, seed=seed, replicates=0, every=EVERY, turns=TURNS)
    return seat.tape.read_bytes()


def without_escaping(patch: pytest.MonkeyPatch) -> None:
    """Let every text of the explorer and of reports become markup."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("sim.explorer", "sim.report")):
            for held in ("escape", "as_markdown"):
                if getattr(module, held, None) in (escape, escaped):
                    patch.setattr(module, held, lambda text: text)
    patch.setattr(storybook, "escape", markupsafe.Markup)
    for module, name in ((report_page, "_environment"), (storybook, "_templates")):
        environment = getattr(module, name).__wrapped__()
        environment.autoescape = False
        patch.setattr(module, name, lambda environment=environment: environment)


@dataclass
class Running:
    """A server that runs in a thread of this process."""

    address: str
    server: Any

    @property
    def sessions(self) -> list[Any]:
        return list(self.server.get_sessions("/"))


@contextmanager
def running(library: Library, host: str = HERE, *, with_story: bool = False, key: str = "") -> Iterator[Running]:
    """Serve a library from a thread of this process."""
    port, made = free_port(host, 0), SimpleQueue[Any]()

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        server = make_server(library, None, host, port, with_story=with_story, key=key)
        server.start()
        made.put(server)
        server.io_loop.start()
        server.stop()
        server.io_loop.close(all_fds=True)

    thread = Thread(target=run)
    thread.start()
    server = made.get()
    try:
        yield Running(address(host, port), server)
    finally:
        server.io_loop.add_callback(server.io_loop.stop)
        thread.join()
