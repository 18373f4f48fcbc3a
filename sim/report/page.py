"""Reports as one self-contained HTML page without scripts or outside requests."""

import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.plots.style import ACCENT, FAINT, INK, MUTED, SECOND
from sim.report.blocks import Block, Content, Figure

LIGHT: Final = {
    "paper": "#f6f6f4", "card": "#ffffff", "ink": INK, "muted": MUTED, "line": FAINT, "accent": ACCENT, "link": SECOND,
}  # fmt: skip
"""Colours of the page, those of the figures."""

DARK: Final = {
    "paper": "#14171a", "card": "#1d2125", "ink": "#eceff1", "muted": "#a9b1b8", "line": "#3a4148", "accent": "#ff9a52",
    "link": "#62b5e8",
}  # fmt: skip
"""The colours for readers who prefer dark pages; figures stay on white."""

_PERCENT: Final = re.compile(r"(?<=\d) %")
_WIDE: Final = 3
_TEMPLATES: Final = "templates"


def render(content: Content, paper: str = "") -> str:
    """Return a report as HTML; its text is escaped, so that it cannot act as markup.

    Parameters
    ----------
    content : Content
        The content of the report.
    paper : str
        Size of paper that it is printed on, as style sheets name it; default: that of the reader's printer.
    """
    style = (files("sim.report") / _TEMPLATES / "page.css").read_text(encoding="utf-8")
    template = _environment().get_template("page.html.j2")
    return template.render(content=content, style=style, paper=paper, light=LIGHT, dark=DARK)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sim.report", _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["wide"] = lambda grid: len(grid.heads) > _WIDE
    environment.filters["kind"] = _kind
    environment.filters["bound"] = _bound
    environment.filters["data_uri"] = _data_uri
    return environment


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _bound(text: str) -> str:
    """Join a number and its percent sign with a no-break space."""
    return _PERCENT.sub("\N{NO-BREAK SPACE}%", text)


def _data_uri(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{b64encode(figure.encoded('svg')).decode('ascii')}"
