"""The data of every figure of the page: as a table to read, and as a file to download."""

from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any, Final

import pandas as pd
import panel as pn

from sim.explorer.figure_data import FIGURES, table_of
from sim.explorer.page.design import wrapping_row
from sim.explorer.shown import Shown

MOST_ROWS: Final = 400
"""Rows that the page itself shows of a table; the file has all."""

WIDE = "stretch_width"


class DataRoom:
    """Choice of a figure, its data as a table, and the file.

    Parameters
    ----------
    made : callable
        Returns what gives the tables of the figures that are not on every page, by title.
    stylesheets : list of str
    """

    def __init__(
        self, made: Callable[[], Mapping[str, Callable[[Shown], pd.DataFrame]]], stylesheets: list[str]
    ) -> None:
        self._made = made
        self._shown: Shown | None = None
        self.figure = pn.widgets.Select(
            label="The data of a figure", options=list(FIGURES), width=230, css_classes=["data-of"]
        )
        self.button = pn.widgets.Button(label="Show as a table", width=150, css_classes=["show-table"])
        self.file = pn.widgets.FileDownload(
            callback=lambda: StringIO(self.csv()), filename="figure.csv", label="Save as CSV", color="default",
            width=150, css_classes=["save-data"],
        )  # fmt: skip
        self.text = pn.pane.HTML("", stylesheets=stylesheets, sizing_mode=WIDE, css_classes=["data"])
        self.figure.param.watch(lambda _: self._clear(), "value")
        self.button.on_click(lambda _: self._toggle())

    def panel(self) -> Any:
        """Return the controls with the table."""
        return pn.Column(wrapping_row(self.figure, self.button, self.file), self.text, sizing_mode=WIDE)

    def show(self, shown: Shown) -> None:
        """Hold what is shown now; a table of before is removed."""
        self._shown = shown
        self.offer()
        self._clear()

    def offer(self) -> None:
        """Offer the figures that are there now."""
        options = [*FIGURES, *self._made()]
        if options != self.figure.options:
            self.figure.options = options

    def table(self) -> pd.DataFrame:
        """Return the data of the chosen figure."""
        title = self.figure.value
        if self._shown is None:
            return pd.DataFrame()
        if title in FIGURES:
            return table_of(title, self._shown)
        return self._made()[title](self._shown)

    def csv(self) -> str:
        """Return the data of the chosen figure as the text of a file."""
        return self.table().to_csv(index=False, float_format="%.6g")

    def _toggle(self) -> None:
        if self.text.object:
            self._clear()
            return
        table = self.table()
        cut = f"<p>The first {MOST_ROWS:,} of {len(table):,} rows; the file has all.</p>" * (len(table) > MOST_ROWS)
        html = table.head(MOST_ROWS).to_html(
            index=False, float_format="{:.3f}".format, border=0, na_rep="", justify="left", escape=True
        )
        self.text.object = f"{cut}<div class='wide' tabindex='0' role='region' aria-label='Data'>{html}</div>"
        self.button.label = "Hide the table"

    def _clear(self) -> None:
        if self.text.object:
            self.text.object = ""
            self.button.label = "Show as a table"
        self.file.filename = f"{str(self.figure.value).lower().replace(' ', '-')}.csv"
