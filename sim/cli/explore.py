"""The command ``csto-sim explore``: the interactive explorer in a browser."""

import webbrowser
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

import typer

from sim.cli.console import note, put
from sim.cli.options import Replicates, Seed
from sim.errors import InputError
from sim.library import find_scenario

EXAMPLE = """\b
Examples:
  csto-sim explore
  csto-sim explore karabakh-2023 --replicates 500
  csto-sim explore --load explorer.json --port 8000 --no-browser
"""

DEFAULT = "karabakh-2023"
"""Scenario that is explored where none is named."""

PORT = 5006


def explore(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO", help=f"Name of a scenario or case, or a file; default: {DEFAULT}.",
            show_default=False,
        ),
    ] = None,
    *,
    load: Annotated[
        Path | None, typer.Option("--load", metavar="FILE", help="Open a saved page of the explorer.")
    ] = None,
    replicates: Replicates = None,
    seed: Seed = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0: any free one.")] = PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; others need --allow-network.")
    ] = "127.0.0.1",
    allow_network: Annotated[
        bool,
        typer.Option("--allow-network", help="Let other machines open the page, by a link with a key."),
    ] = False,
) -> None:  # fmt: skip
    """Open the explorer in a browser on this machine: change a scenario and see the results of all runs at once."""
    _check_panel()
    path = find_scenario(scenario or DEFAULT)
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    from sim.explorer.address import free_port, is_local

    if not is_local(host) and not allow_network:
        raise InputError(f"--host {host} would let other machines open the page; add --allow-network if that is meant")
    number = free_port(host, port)
    from sim.explorer.opening import open_page

    library, page = open_page(path, load, replicates, seed)  # its runs begin while the rest is loaded
    from sim.explorer.server import serve

    def ready(address: str) -> None:
        put(f"The explorer is at {address} (stop it with Ctrl-C)")
        if not no_browser and not webbrowser.open(address):
            note("no browser was found; open the address yourself")

    serve(library, page, host, number, ready, with_story=load is None, key=token_urlsafe(16) if allow_network else "")


def _check_panel() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("panel", "bokeh") if find_spec(name) is None]
    if missing:
        raise InputError(f"the explorer needs {' and '.join(missing)}: python -m pip install 'csto-sim[explore]'")
