import asyncio
from types import SimpleNamespace
from typing import Any

from bokeh.document import Document
from bokeh.models import Div
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession

from sim.explorer import server


class Socket:
    """Stand-in for a browser's socket that keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send_message(self, message: Any) -> None:
        self.sent.append(message)


def test_all_that_changes_while_a_document_is_locked_is_one_message_in_its_order():
    assert server.ServerConnection is ServerConnection  # which it has changed
    document, socket = Document(), Socket()
    one, other = Div(text="before"), Div(text="before")
    document.add_root(one)
    document.add_root(other)
    document.models.flush_synced()

    async def visit() -> None:
        session = ServerSession("1", document, io_loop=SimpleNamespace(asyncio_loop=None))
        ServerConnection(Protocol(), socket, SimpleNamespace(), session)

        def change() -> None:
            one.text = "first"
            other.text = "second"
            one.tags = [1, 2]

        await session.with_document_locked(change)
        await session.with_document_locked(lambda: setattr(one, "text", "later"))
        await session.with_document_locked(lambda: None)

    asyncio.run(visit())
    changes = [
        [(event["model"]["id"], event["attr"], event["new"]) for event in message.content["events"]]
        for message in socket.sent
    ]
    assert changes == [
        [(one.id, "text", "first"), (other.id, "text", "second"), (one.id, "tags", [1, 2])],
        [(one.id, "text", "later")],
    ]


def test_changes_before_a_fault_are_sent_with_the_next():
    document, socket = Document(), Socket()
    one = Div(text="before")
    document.add_root(one)
    document.models.flush_synced()

    async def visit() -> None:
        session = ServerSession("1", document, io_loop=SimpleNamespace(asyncio_loop=None))
        ServerConnection(Protocol(), socket, SimpleNamespace(), session)

        def fail() -> None:
            one.text = "shown all the same"
            raise RuntimeError

        try:
            await session.with_document_locked(fail)
        except RuntimeError:
            await session.with_document_locked(lambda: setattr(one, "tags", [1]))

    asyncio.run(visit())
    assert [[event["attr"] for event in message.content["events"]] for message in socket.sent] == [["text", "tags"]]
