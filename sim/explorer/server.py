"""The server of the explorer: one page, on this machine alone unless told otherwise."""

import signal
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode
from warnings import filterwarnings

import panel as pn
from bokeh.util.warnings import BokehUserWarning

from sim.errors import InputError
from sim.explorer.choices import Page
from sim.explorer.library import Library
from sim.explorer.page.design import STATIC, PageDesign
from sim.explorer.page.palette import palette_of
from sim.explorer.page.visit import Visit, new_page

HERE: Final = "127.0.0.1"
"""Address that only this machine reaches."""


def is_local(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def free_port(host: str, port: int) -> int:
    """Return a port if it is free, any free one for 0.

    Raises
    ------
    InputError
        If it is taken, or the address is none of this machine.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"port {port} of {host} cannot be used: {reason}; give another --port, or 0 for any") from None


def serve(library: Library, start: Page | None, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the explorer until interrupted.

    Parameters
    ----------
    library : Library
    start : Page or None
        Page to show where a link asks for none.
    host, port : str, int
        Where to listen; the port must be free.
    ready : callable
        Called with the address once the server listens.
    """
    server = make_server(library, start, host, port)
    ready(address(host, port))
    filterwarnings("ignore", "reference already known", BokehUserWarning)  # of figures in tabs that are opened again
    server.start()  # with it, pages that were closed are cleared away
    try:
        server.io_loop.start()
    finally:
        server.stop()


def make_server(library: Library, start: Page | None, host: str, port: int) -> Any:
    """Return a server that listens and is not running yet; web sockets from other pages than its own are refused."""

    def page() -> Any:
        arguments = {key: [value.decode() for value in values] for key, values in pn.state.session_args.items()}
        theme = arguments.pop("theme", ["default"])[0]
        return visit(library, arguments, start, theme)

    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    names = {host, *(("localhost", HERE) if is_local(host) else ())}
    server = pn.serve(
        {"/": page}, port=port, address=host, websocket_origin=sorted(f"{_bracketed(name)}:{port}" for name in names),
        show=False, start=False, verbose=False, title="csto-sim explorer", admin=False, location=False,
        static_dirs=STATIC,
    )  # fmt: skip
    for number, handler in signals.items():  # the server takes them for itself
        signal.signal(number, handler)
    return server


def visit(library: Library, arguments: Mapping[str, list[str]], start: Page | None, theme: str) -> Any:
    """Return the page of a new visitor."""
    query = urlencode([(key, value) for key, values in arguments.items() for value in values])
    asked, message = new_page(library, query, start)
    pn.config.design = PageDesign
    visitor = Visit(library, asked, palette_of(theme), message)
    pn.state.on_session_destroyed(lambda _: visitor.close())
    return visitor.template()


def address(host: str, port: int) -> str:
    """Return the address of the page."""
    return f"http://{_bracketed(host)}:{port}/"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
