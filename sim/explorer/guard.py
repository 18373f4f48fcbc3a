"""Guard of the explorer's server: who may ask for what, and the security headers of every answer."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest
from html import escape
from secrets import token_urlsafe
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from bokeh.util.token import get_session_id
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    HTTPServerRequest,
    ResponseStartLine,
)
from tornado.web import OutputTransform

from sim.explorer.choices import LARGEST_PAGE

MOST_SESSIONS: Final = 32
"""Pages that can be open at once, those closed in the last half minute among them."""

LARGEST_BODY: Final = 65_536
"""Bytes of a request's body; the page itself sends none, as it speaks through its socket."""

LARGEST_MESSAGE: Final = 4 * LARGEST_PAGE
"""Bytes of a message through a socket, with room for an upload in the encoding that it is sent in."""

MOST_WAITING: Final = 100
"""Visitors beyond that number who have a place in the queue; others are told only that it is full."""

ASKS_AGAIN: Final = 5
"""Seconds after which the browser of somebody who waits asks again."""

KEY: Final = "key"
"""Name of the key in a link, and the beginning of its cookie's name."""

_WAITING: Final = "waiting"
"""Name of the cookie that keeps a place in the queue."""

_OPEN: Final = re.compile(r"/(?:story|stories|ws|favicon\.ico|static/.+|own/.+)?")
"""Paths that the page uses; Bokeh and Panel have others, which import modules and make sessions."""

_PAGES: Final = ("/", "/story", "/stories")
"""Paths that people open."""

_ONLY_THEME: Final = re.compile(r"(?:theme=\w*)?")
"""Queries that ask for no page in particular."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def page_policy(nonce: str) -> str:
    """Return the content security policy as the page itself states it, which holds in copies of the page too."""
    return _POLICY.format(nonce=nonce)


def security_headers(nonce: str) -> dict[str, str]:
    """Return the headers that every answer has."""
    return {
        "Content-Security-Policy": f"{page_policy(nonce)}; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class SecurityHeaders(OutputTransform):
    """Adds the security headers to an answer, and a nonce for the page's own scripts to its request."""

    def __init__(self, request: HTTPServerRequest) -> None:
        super().__init__(request)
        self._nonce = token_urlsafe(16)
        setattr(request, "nonce", self._nonce)  # noqa: B010 - the request does not declare it

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add the headers."""
        headers.update(security_headers(self._nonce))
        return super().transform_first_chunk(status_code, headers, chunk, finishing)


class Refusal(NamedTuple):
    """Answer to a request that is refused or sent elsewhere: its status, the reason as HTML, and further headers."""

    status: int
    reason: str
    text: str
    headers: Mapping[str, str] = {}


class Queue:
    """The visitors who wait for a page, in the order in which they came; who no longer asks is gone."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def place(self, ticket: str, free: int) -> tuple[int, str]:
        """Return how many are before a visitor, and the visitor's ticket, empty if the visitor may come in.

        Parameters
        ----------
        ticket : str
            That of an earlier request; any other text is one of somebody new.
        free : int
            Pages that can be made now.
        """
        now = time.monotonic()
        self._asked = {waiting: when for waiting, when in self._asked.items() if now - when < 4 * ASKS_AGAIN}
        waiting = list(self._asked)
        before = waiting.index(ticket) if ticket in self._asked else len(waiting)
        if before < free:
            self._asked.pop(ticket, None)
            return before, ""
        ticket = ticket if ticket in self._asked else token_urlsafe(16)
        if ticket in self._asked or len(waiting) < MOST_WAITING:
            self._asked[ticket] = now
        return before, ticket


class Guard(HTTPServerConnectionDelegate):
    """Front of a Bokeh application that refuses requests before anything is made for them.

    Refused are requests for a name or port other than the server's own (a foreign page reaches this machine under a
    name of its own by DNS rebinding), requests from other sites, paths that the page does not use, and pages beyond
    `MOST_SESSIONS`, whose visitors wait in a queue. Where a key is needed, the link brings it and a cookie keeps it.

    Parameters
    ----------
    application : BokehTornado
        What answers all other requests.
    hosts : iterable of str
        Host and port as browsers send them.
    opens : str
        Address to which requests for no page in particular are sent; empty for the application's own first page.
    key : str
        Key that pages and sockets need; empty for none.
    """

    def __init__(self, application: Any, hosts: Iterable[str], opens: str = "", key: str = "") -> None:
        self._application, self._opens, self._key = application, opens, key
        self._hosts = frozenset(host.lower() for host in hosts)
        self._queue = Queue()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Return the reader of a request."""
        return _Request(self.refusal, self._application.start_request(server_conn, request_conn), request_conn)

    def refusal(self, asked: str, headers: HTTPHeaders) -> Refusal | None:
        """Return why a request is refused, or None."""
        path, _, query = asked.partition("?")
        named = headers.get_list("Host")
        if len(named) != 1 or named[0].lower() not in self._hosts:
            return Refusal(403, "Forbidden", "The explorer does not answer under this name.")
        if self._is_foreign(headers):
            link = f' <a href="{path}?{escape(query)}">Open the explorer</a>' if path in _PAGES else ""
            return Refusal(403, "Forbidden", f"Another site asked for this page.{link}")
        if not _OPEN.fullmatch(path) or "%00" in path:  # the system knows no such file, and says so by an error
            return Refusal(404, "Not Found", "The explorer has no such page.")
        if self._key and path in (*_PAGES, "/ws") and (refused := self._without_key(path, query, headers)):
            return refused
        if path == "/" and self._opens and _ONLY_THEME.fullmatch(query):
            here = f"{self._opens}&{query}" if query else self._opens
            return Refusal(302, "Found", f'<a href="{escape(here)}">The story</a>', {"Location": here})
        if path == "/":
            return self._full(headers)
        if path == "/ws" and self._is_full(headers):
            return Refusal(503, "Service Unavailable", "The room is full.")
        return None

    def _without_key(self, path: str, query: str, headers: HTTPHeaders) -> Refusal | None:
        """Return the answer to a request without the key's cookie: the cookie if the link has the key, or a refusal."""
        name = f"{KEY}-{headers['Host'].rpartition(':')[2]}"
        if compare_digest(_cookie(headers, name).encode(), self._key.encode()):
            return None
        pairs = parse_qsl(query, keep_blank_values=True)
        if not compare_digest(dict(pairs).get(KEY, "").encode("utf-8", "replace"), self._key.encode()):
            return Refusal(403, "Forbidden", "The explorer needs the whole link, with its key.")
        rest = urlencode([(given, value) for given, value in pairs if given != KEY])
        here = f"{path}?{rest}" if rest else path
        cookie = f"{name}={self._key}; Path=/; HttpOnly; SameSite=Lax"
        return Refusal(
            302, "Found", f'<a href="{escape(here)}">The explorer</a>', {"Location": here, "Set-Cookie": cookie}
        )

    def _full(self, headers: HTTPHeaders) -> Refusal | None:
        """Return the refusal that tells a visitor's place in the queue, or None if a page can be made now."""
        free = MOST_SESSIONS - len(self._application.get_sessions("/"))
        before, ticket = self._queue.place(_cookie(headers, _WAITING), free)
        if not ticket:
            return None
        text = f"The room is full, {before} before you. This page asks again every {ASKS_AGAIN} seconds."
        cookie = f"{_WAITING}={ticket}; Path=/; HttpOnly; SameSite=Lax"
        return Refusal(503, "Service Unavailable", text, {"Refresh": str(ASKS_AGAIN), "Set-Cookie": cookie})

    def _is_foreign(self, headers: HTTPHeaders) -> bool:
        """Return whether another site's page made the request."""
        named = headers.get("Origin") or headers.get("Referer")
        try:
            ours = named is None or urlsplit(named).netloc.lower() in self._hosts
        except ValueError:  # of what is no address
            ours = False
        return not ours or headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")

    def _is_full(self, headers: HTTPHeaders) -> bool:
        open_now = {session.id for session in self._application.get_sessions("/")}
        return len(open_now) >= MOST_SESSIONS and _session_of(headers) not in open_now


class _Request(HTTPMessageDelegate):
    """Reader of one request, which is handed on or refused."""

    def __init__(
        self,
        refusal: Callable[[str, HTTPHeaders], Refusal | None],
        reader: HTTPMessageDelegate,
        connection: HTTPConnection,
    ) -> None:
        self._refusal, self._reader, self._connection = refusal, reader, connection
        self._refused: Refusal | None = None
        self._method = ""

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Any:
        self._method = start_line.method
        self._refused = self._refusal(start_line.path, headers)
        return None if self._refused else self._reader.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return None if self._refused else self._reader.data_received(chunk)

    def finish(self) -> None:
        if self._refused is None:
            self._reader.finish()
            return
        status, reason, text, more = self._refused
        body = f"<!DOCTYPE html>\n<title>csto-sim explorer</title>\n<p>{text}</p>\n".encode()
        headers = HTTPHeaders(security_headers(token_urlsafe(16)))
        headers.update({"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))})
        headers.update(more)
        self._connection.write_headers(
            ResponseStartLine("HTTP/1.1", status, reason), headers, body if self._method != "HEAD" else b""
        )
        self._connection.finish()

    def on_connection_close(self) -> None:
        if self._refused is None:
            self._reader.on_connection_close()


def _cookie(headers: HTTPHeaders, name: str) -> str:
    """Return the value of a cookie, empty for none."""
    pairs = (part.strip().partition("=") for part in headers.get("Cookie", "").split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def _session_of(headers: HTTPHeaders) -> str:
    """Return the session that a socket belongs to, empty for none."""
    _, _, token = headers.get("Sec-WebSocket-Protocol", "").partition(",")
    try:
        return str(get_session_id(token.strip()))
    except Exception:  # noqa: BLE001 - whatever a stranger sends
        return ""
