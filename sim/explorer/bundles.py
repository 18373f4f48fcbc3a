"""Changes of a page that are sent together: one message for all that happens while a document is locked.

Bokeh sends each change as a message of its own, and lists every model of the page for each, which took most of the
server's time where several visitors moved.
"""

from collections.abc import Awaitable, Generator
from typing import Any, Final
from weakref import WeakKeyDictionary

from bokeh.server.connection import ServerConnection

_waiting: Final[WeakKeyDictionary[ServerConnection, list[Any]]] = WeakKeyDictionary()


def send_bundled(connection: ServerConnection, event: Any) -> Awaitable[None]:
    """Return an awaitable that sends all waiting changes; Bokeh awaits it before it unlocks a document."""
    _waiting.setdefault(connection, []).append(event)
    return _Sending(connection)


class _Sending:
    """Sender of all waiting changes; Bokeh drops it after a fault, and the next one sends these too."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def __await__(self) -> Generator[Any, None, None]:
        events = _waiting.pop(self._connection, None)
        if events:
            message = self._connection.protocol.create("PATCH-DOC", events)
            yield from self._connection._socket.send_message(message).__await__()
