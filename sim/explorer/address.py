"""Addresses and ports at which the page can be reached."""

import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from sim.errors import InputError

HERE: Final = "127.0.0.1"
"""Address that only this machine reaches."""

EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - only where the user has said so
"""Addresses that stand for all of this machine's."""


def is_local(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def names_of(host: str) -> tuple[str, ...]:
    """Return the host names under which browsers may open the page; web sockets from other origins are refused."""
    names = {host}
    if is_local(host) or host in EVERYWHERE:
        names |= {"localhost", HERE}
    if host in EVERYWHERE:
        own = socket.gethostname()
        names |= {own, socket.getfqdn()}
        with suppress(OSError):  # where a machine does not know its own name, the others must do
            names |= {str(entry[4][0]) for entry in socket.getaddrinfo(own, None)}
    return tuple(sorted(names))


def free_port(host: str, port: int) -> int:
    """Return a port if it is free; for 0, return any free port.

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


def address(host: str, port: int) -> str:
    """Return the web address of the page."""
    return f"http://{bracketed(host)}:{port}/"


def bracketed(host: str) -> str:
    """Return an address as links and origins write it, with brackets round IPv6."""
    return f"[{host}]" if ":" in host else host
