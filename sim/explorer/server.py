"""Web server of the explorer, reachable from this machine only unless configured otherwise."""

import signal
from collections.abc import Callable, Mapping
from secrets import token_bytes
from typing import Any, Final
from urllib.parse import urlencode
from warnings import filterwarnings

import panel as pn
from bokeh.server.connection import ServerConnection
from bokeh.util.warnings import BokehUserWarning
from panel.reactive import Syncable
from tornado.ioloop import PeriodicCallback

from sim.explorer.address import HERE, address, bracketed, names_of
from sim.explorer.bundles import send_bundled
from sim.explorer.choices import PageState
from sim.explorer.guard import KEY, LARGEST_BODY, LARGEST_MESSAGE, Guard, SecurityHeaders
from sim.explorer.library import Library
from sim.explorer.page.design import STATIC, PageDesign
from sim.explorer.page.palette import palette_of
from sim.explorer.page.storybook import Storybook
from sim.explorer.page.visit import Visit, new_page
from sim.explorer.telling import STORY, routes

for handler in (Syncable._change_coroutine, Syncable._event_coroutine):
    handler.lock = True  # else Panel calls what widgets call without the document's lock, and clicks are lost
ServerConnection.send_patch_document = send_bundled


PINGS: Final = 5
"""Seconds between two pings of every socket."""

UNANSWERED: Final = 3
"""Pings after which a socket that answers none is closed.

They are counted and not timed, so that none is closed while the server itself is busy. The page of a closed socket is
cleared away after 15 seconds more, so that a stalled one holds memory for under a minute.
"""

CHECKS: Final = 10
"""Seconds between two looks for pages without a socket."""


def serve(
    library: Library,
    start: PageState | None,
    host: str,
    port: int,
    ready: Callable[[str], None],
    *,
    with_story: bool = False,
    key: str = "",
) -> None:
    """Serve the explorer until interrupted.

    Parameters
    ----------
    library : Library
    start : PageState or None
        Page to show where a link asks for none.
    host, port : str, int
        Where to listen; the port must be free.
    with_story : bool
        Whether the story of the first scenario, if it tells one, is shown instead where a link asks for no page.
    key : str
        Key that the link brings, without which nobody gets a page or a socket; empty for none.
    ready : callable
        Called with the address once the server listens.
    """
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    server = make_server(library, start, host, port, with_story=with_story, key=key)
    for number, handler in signals.items():  # the server takes them for itself
        signal.signal(number, handler)
    ready(address(host, port) + (f"?{urlencode({KEY: key})}" if key else ""))
    filterwarnings("ignore", "reference already known", BokehUserWarning)  # of figures in tabs that are opened again
    server.start()  # with it, pages that were closed are cleared away
    try:
        server.io_loop.start()
    finally:
        server.stop()


def make_server(
    library: Library, start: PageState | None, host: str, port: int, *, with_story: bool = False, key: str = ""
) -> Any:
    """Return a listening server that is not yet running and answers browsers on its own pages only."""
    tells = with_story and library.ensembles(library.first).story.scenario.story is not None
    opens = f"{STORY}?{urlencode({'scenario': library.first})}" if tells else ""

    def page() -> Any:
        arguments = {
            key: [value.decode("utf-8", "replace") for value in values] for key, values in pn.state.session_args.items()
        }
        theme = arguments.pop("theme", ["default"])[0]
        room = arguments.pop("room", [""])[0], arguments.pop("seat", [""])[0]
        return visit(library, arguments, start, theme, room)

    hosts = {f"{bracketed(name)}:{port}" for name in names_of(host)}
    hosts |= {name.removesuffix(":80") for name in hosts}  # browsers leave out the usual port
    server = pn.serve(
        {"/": page}, port=port, address=host, websocket_origin=f"{HERE}:{port}",
        show=False, start=False, verbose=False, title="csto-sim explorer", admin=False, location=False,
        static_dirs=STATIC, transforms=[SecurityHeaders], http_server_kwargs={"max_body_size": LARGEST_BODY},
        websocket_max_message_size=LARGEST_MESSAGE, sign_sessions=True, secret_key=token_bytes(32),
        include_headers=[], include_cookies=[], extra_patterns=routes(Storybook(library, start)),
        check_unused_sessions_milliseconds=CHECKS * 1000, keep_alive_milliseconds=PINGS * 1000,
    )  # fmt: skip
    application = server._tornado
    PeriodicCallback(lambda: _close_stalled(application), PINGS * 1000).start()
    application.websocket_origins.update(hosts)  # Bokeh's own list takes no address of IPv6
    server._http.request_callback = Guard(application, hosts, opens, key)
    return server


def _close_stalled(application: Any) -> None:
    """Close the sockets of browsers that no longer answer."""
    for client in list(application._clients):
        if client._ping_count - client._socket.latest_pong > UNANSWERED:
            client._socket.close()


def visit(
    library: Library,
    arguments: Mapping[str, list[str]],
    start: PageState | None,
    theme: str,
    room: tuple[str, str] = ("", ""),
) -> Any:
    """Return the page of a new visitor."""
    query = urlencode([(key, value) for key, values in arguments.items() for value in values])
    asked, message = new_page(library, query, start)
    pn.config.design = PageDesign
    visitor = Visit(library, asked, palette_of(theme), message, room)
    pn.state.onload(visitor.start)
    pn.state.on_session_destroyed(lambda _: visitor.close())
    return visitor.template(pn.state.curdoc.session_context.request.nonce)
