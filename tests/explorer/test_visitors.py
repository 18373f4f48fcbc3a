"""Many visitors at once, each a web socket that speaks as the page's browser does: answers in time, memory, errors.

The clients are sockets of this process and no browsers, of which 25 would need more than the machine has; so the times
are those of the server and the socket, without the drawing.
"""

import asyncio
import json
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from tests.benchmarks.timing import Timed, calibrate
from tests.explorer.conftest import FIRST_STEPS
from tests.explorer.serving import memory, others_work, served

pytestmark = pytest.mark.slow

VISITORS = 25
EACH = 10.0
"""Seconds between two moves of a visitor."""

MINUTES = float(os.environ.get("VISITORS_MINUTES", "10"))
"""How long they stay; the variable shortens it for a trial."""

TYPICAL = 5.0
"""Goal in seconds for the median of all answers."""

MOST = 2048.0
"""Goal in MiB for the server's memory."""

FLAT = 100.0
"""MiB that memory may grow between the first and the last quarter of the visit."""

ALL_RUNS = 1000
COMPARED = re.compile(r"(more|less)</b> than|just as in")
"""What the headline says once the runs that the visitor's are compared with are there too."""

READY = {"type": "event", "name": "document_ready", "values": {"type": "map"}}


@dataclass
class Visitor:
    """A page that is open, without a browser: its socket, the models that it changes, and what it was answered."""

    address: str
    cookie: str
    draw: Random
    took: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    models: dict[str, str] = field(default_factory=dict)
    socket: Any = None
    heard: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)
    hears: Any = None

    async def open(self) -> None:
        """Get the page, open its socket, read the document, and wait for the first figures."""
        page = await AsyncHTTPClient().fetch(
            f"{self.address}?scenario=first-steps", headers={"Cookie": self.cookie}, request_timeout=300
        )
        (token,) = re.findall(r'"token":"([^"]+)"', page.body.decode())
        origin = self.address.rstrip("/")
        request = HTTPRequest(
            f"{origin.replace('http', 'ws')}/ws", headers={"Cookie": self.cookie, "Origin": origin}, request_timeout=300
        )
        self.socket = await websocket_connect(request, subprotocols=["bokeh", token], max_message_size=2**26)
        self.hears = asyncio.create_task(self._hear())  # always, as a browser does: pings are answered so
        assert (await self._receive())[0] == "ACK"
        await self._send("PULL-DOC-REQ", {})
        while not self.models:
            kind, content = await self._receive()
            if kind == "PULL-DOC-REPLY":
                self._find(content)
        await self._send(
            "PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": READY}]}
        )
        await self._answered(compared=False)

    async def move(self) -> None:
        """Move a slider somewhere, and note how long the first and the final answer take."""
        began = time.monotonic()
        await self._change("slider", "value", round(self.draw.uniform(70.0, 120.0), 2))  # never the branch's own
        first, final = await self._answered(compared=True)
        self.first.append(first - began)
        self.took.append(final - began)

    async def _answered(self, *, compared: bool) -> tuple[float, float]:
        """Wait for the figures of all runs, and for the comparison; return when the first and the final ones came."""
        first = 0.0
        while True:
            _, content = await self._receive()
            for event in content.get("events", ()):
                if event.get("attr") == "tags" and event["model"]["id"] == self.models["mail"]:
                    number, runs, texts = event["new"]
                    await self._change("echo", "value", str(number))
                    if runs:
                        first = first or time.monotonic()
                    if runs >= ALL_RUNS and (COMPARED.search(dict(texts["entries"])["headline"]) or not compared):
                        return first, time.monotonic()

    async def _change(self, what: str, name: str, value: Any) -> None:
        changed = {"kind": "ModelChanged", "model": {"id": self.models[what]}, "attr": name, "new": value}
        await self._send("PATCH-DOC", {"events": [changed]})

    async def _send(self, kind: str, content: Any) -> None:
        header = {"msgid": f"{self.draw.getrandbits(64):x}", "msgtype": kind}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _receive(self) -> tuple[str, Any]:
        """Return the kind and the content of the next message; its buffers are read and dropped."""
        header, _, content = [json.loads(await self._frame()) for _ in range(3)]
        for _ in range(2 * header.get("num_buffers", 0)):
            await self._frame()
        return header["msgtype"], content

    async def _hear(self) -> None:
        held: Any = ""
        while held is not None:
            held = await self.socket.read_message()
            self.heard.put_nowait(held)

    async def _frame(self) -> Any:
        held = await self.heard.get()
        assert held is not None, "the server has closed the socket"
        return held

    def _find(self, content: Any) -> None:
        """Find the models by their names and classes, wherever they stand in the document."""
        waiting = [content]
        while waiting:
            each = waiting.pop()
            if isinstance(each, list):
                waiting.extend(each)
            elif isinstance(each, dict):
                waiting.extend(each.values())
                given = each.get("attributes")
                if isinstance(given, dict) and "id" in each:
                    if given.get("name") in ("mail", "echo"):
                        self.models[given["name"]] = each["id"]
                    if "parameter-memory_half_life" in str(given.get("css_classes")):
                        self.models["slider"] = each["id"]
        assert {*self.models} == {"mail", "echo", "slider"}


async def visits(address: str, process: int, seconds: float) -> tuple[list[Visitor], list[float]]:
    """Let all visitors come, one after another, and move; return them and the server's memory, second by second."""
    where = urlsplit(address)
    link = await AsyncHTTPClient().fetch(address, follow_redirects=False, raise_error=False)
    cookie = link.headers["Set-Cookie"].partition(";")[0]
    own = f"http://{where.netloc}/"
    visitors = [Visitor(own, cookie, Random(number)) for number in range(VISITORS)]
    for visitor in visitors:
        await visitor.open()
    held: list[float] = []
    until = time.monotonic() + seconds

    async def stay(visitor: Visitor) -> None:
        await asyncio.sleep(visitor.draw.uniform(0.0, EACH))
        while (began := time.monotonic()) < until:
            await visitor.move()
            await asyncio.sleep(max(0.0, began + EACH - time.monotonic()))

    async def watch() -> None:
        while time.monotonic() < until:
            held.append(memory(process))
            await asyncio.sleep(1.0)

    await asyncio.gather(watch(), *map(stay, visitors))
    for visitor in visitors:
        visitor.socket.close()
    return visitors, held


def test_25_visitors_move_every_ten_seconds(tmp_path: Path):
    shutil.copy(FIRST_STEPS, tmp_path)
    busy, draw = others_work(), calibrate()
    with served(tmp_path, FIRST_STEPS.name, "--allow-network") as (address, server):
        assert "?key=" in address
        visitors, held = asyncio.run(visits(address, server.pid, 60.0 * MINUTES))
        server.terminate()
        with suppress(ValueError):
            said = server.communicate(timeout=60)[1]
    draw = min(draw, calibrate())
    took = np.array([each for visitor in visitors for each in visitor.took])
    first = np.array([each for visitor in visitors for each in visitor.first])
    quarter = max(1, len(held) // 4)
    grown = float(np.mean(held[-quarter:]) - np.mean(held[:quarter]))
    typical = Timed(float(np.median(took)), draw)
    print(  # noqa: T201
        f"{VISITORS} visitors, {len(took)} moves in {MINUTES:g} min: first answer {np.median(first):.2f} s, final "
        f"{typical.seconds:.2f} s at the median, {np.quantile(took, 0.95):.2f} s at 95 %; scaled {typical.scaled:.2f} "
        f"s at {draw:.1f} ns a draw, {busy:.0%} busy before; memory {max(held):.0f} MiB at most, {grown:+.0f} MiB"
    )
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert min(len(visitor.took) for visitor in visitors) >= 1
    assert max(held) < MOST
    assert grown < FLAT
    if busy > 0.1:
        pytest.skip(f"others use {busy:.0%} of the machine")
    assert typical.decisive < TYPICAL
