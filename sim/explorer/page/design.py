"""Visual design of Panel's widgets on the page."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import panel as pn
from panel.io.resources import CDN_DIST
from panel.theme import Inherit, Native
from panel.viewable import Viewable

STATIC: Final = {"own": str(files(__package__) / "static")}
"""Folders that the server gives to browsers, by the start of their address."""

_NATIVE: Final = f"{CDN_DIST}bundled/theme/native.css"
"""Panel's own style sheet; its server puts a copy on this machine in place of this address."""


class PageDesign(Native):  # type: ignore[misc]
    """Panel's plain design with the borders and colours of the page."""

    modifiers = {Viewable: {"stylesheets": [Inherit, _NATIVE, "/own/widgets.css"]}}  # noqa: RUF012 - as Panel has it


def wrapping_row(*parts: Any) -> Any:
    """Return parts side by side, in several rows where the page is narrow.

    Panel's own FlexBox makes code from text in the browser, which the page's policy forbids.
    """
    css = ":host { flex-flow: row wrap !important; } :host > * { align-self: flex-end !important; }"
    return pn.Column(*parts, sizing_mode="stretch_width", stylesheets=[css])


@cache
def style(name: str) -> str:
    """Return a style sheet of the page."""
    return (files(__package__) / f"{name}.css").read_text("utf-8")
