"""The command as a process of its own, and a browser that looks at its page."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.explorer.conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
"""The browser at hand, if there is one."""

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


FOCUSED = """
() => {
    let held = document.activeElement
    while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement
    return held?.textContent
}
"""
"""Text of what has the focus."""


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run ``csto-sim explore`` in a folder; give its address and process, and end it."""
    with subprocess.Popen(
        [sys.executable, "-m", "sim.cli.main", "explore", *arguments, "--port", "0", "--no-browser"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            yield re.findall(r"http://127\.0\.0\.1:\d+/\S*", server.stdout.readline())[0], server
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)


def memory(process: int) -> float:
    """Return the memory that a process holds, in MiB."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


def threads(process: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def others_work(seconds: float = 2.0) -> float:
    """Return the share of all processors that is at work now, 0..1; nothing of ours should be."""

    def ticks() -> tuple[int, int]:
        spent = [int(part) for part in Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:]]
        return sum(spent), spent[3] + spent[4]

    (whole, idle), _ = ticks(), time.sleep(seconds)
    later, rested = ticks()
    return 1.0 - (rested - idle) / max(1, later - whole)


@dataclass
class Looked:
    """A tab of a browser, with all that went wrong in it."""

    tab: Any
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("console", lambda said: said.type == "error" and self.wrong.append(f"console: {said.text}"))
        self.tab.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.tab.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}"))
        self.tab.on(
            "response", lambda answer: answer.status >= 400 and self.wrong.append(f"{answer.status}: {answer.url}")
        )
        self.tab.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.wrong.append(f"outside: {request.url}")

    def open(self, address: str) -> None:
        """Open an address, leave the story if it opens with one, and wait for the first figures."""
        self.tab.goto(address)
        if "/story" in self.tab.url:
            self.tab.click("#skip")
        self.tab.wait_for_selector("#headline b", timeout=60_000)
        self.settle()

    @property
    def headline(self) -> str:
        return str(self.tab.inner_text("#headline"))

    def settle(self, runs: int | None = None) -> None:
        """Wait until nothing has come for a while; at least until so many runs are shown."""
        before, still = None, 0
        until = time.monotonic() + 60
        while still < 5 and time.monotonic() < until:
            self.tab.wait_for_timeout(120)
            now = self.tab.inner_html("#headline") + self.tab.inner_text("#status") + self.tab.url
            enough = runs is None or self.tab.inner_text("#status") == f"{runs:,} runs"
            still = still + 1 if now == before and enough else 0
            before = now

    def share_of(self, figure: str, colour: str) -> float:
        """Return the share of a figure's pixels that are of a colour."""
        box = self.tab.evaluate(
            """name => {
                const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(name))
                view.el.scrollIntoView({block: "center"})
                const {x, y, width, height} = view.el.getBoundingClientRect()
                return {x, y, width, height}
            }""",
            figure,
        )
        with Image.open(io.BytesIO(self.tab.screenshot(clip=box))) as drawn:
            pixels = np.asarray(drawn.convert("RGB"), dtype=int)
        wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        return float((np.abs(pixels - wanted).max(axis=-1) < 24).mean())

    def choose(self, place: str, words: str) -> None:
        """Choose in a list of the page."""
        self.tab.locator(f"{place} select").select_option(label=words)
        self.settle()

    def point(self, figure: str, x: float, y: float) -> None:
        """Click at a place of a figure, in its own coordinates."""
        at = self.tab.evaluate(
            """([name, x, y]) => {
                const plot = Bokeh.documents[0].get_model_by_name(name)
                const view = Bokeh.index.find_one(plot)
                view.el.scrollIntoView({block: "center"})
                const box = view.canvas_view.el.getBoundingClientRect()
                const {x_scale, y_scale} = view.frame
                return [box.left + x_scale.compute(x), box.top + y_scale.compute(y)]
            }""",
            [figure, x, y],
        )
        self.tab.mouse.click(*at)
        self.settle()
