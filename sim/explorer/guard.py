"""Guard of the explorer's server: who may ask for what, and the security headers of every answer."""

import re
from collections.abc import Callable, Iterable
from html import escape
from secrets import token_urlsafe
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

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
    """Answer to a request that is refused or sent elsewhere: its status, the reason as HTML, and the other address."""

    status: int
    reason: str
    text: str
    elsewhere: str = ""


class Guard(HTTPServerConnectionDelegate):
    """Front of a Bokeh application that refuses requests before anything is made for them.

    Refused are requests for a name or port other than the server's own (a foreign page reaches this machine under a
    name of its own by DNS rebinding), requests from other sites, paths that the page does not use, and pages beyond
    `MOST_SESSIONS`.

    Parameters
    ----------
    application : BokehTornado
        What answers all other requests.
    hosts : iterable of str
        Host and port as browsers send them.
    opens : str
        Address to which requests for no page in particular are sent; empty for the application's own first page.
    """

    def __init__(self, application: Any, hosts: Iterable[str], opens: str = "") -> None:
        self._application, self._opens = application, opens
        self._hosts = frozenset(host.lower() for host in hosts)

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
        if path == "/" and self._opens and _ONLY_THEME.fullmatch(query):
            here = f"{self._opens}&{query}" if query else self._opens
            return Refusal(302, "Found", f'<a href="{escape(here)}">The story</a>', here)
        if path in ("/", "/ws") and self._is_full(headers):
            return Refusal(503, "Service Unavailable", "Too many pages of the explorer are open; close some.")
        return None

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
        status, reason, text, elsewhere = self._refused
        body = f"<!DOCTYPE html>\n<title>csto-sim explorer</title>\n<p>{text}</p>\n".encode()
        headers = HTTPHeaders(security_headers(token_urlsafe(16)))
        headers.update({"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))})
        if elsewhere:
            headers["Location"] = elsewhere
        self._connection.write_headers(
            ResponseStartLine("HTTP/1.1", status, reason), headers, body if self._method != "HEAD" else b""
        )
        self._connection.finish()

    def on_connection_close(self) -> None:
        if self._refused is None:
            self._reader.on_connection_close()


def _session_of(headers: HTTPHeaders) -> str:
    """Return the session that a socket belongs to, empty for none."""
    _, _, token = headers.get("Sec-WebSocket-Protocol", "").partition(",")
    try:
        return str(get_session_id(token.strip()))
    except Exception:  # noqa: BLE001 - whatever a stranger sends
        return ""
