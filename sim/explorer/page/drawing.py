"""Common look of the page's figures."""

from typing import Any

from bokeh.models import HoverTool
from bokeh.plotting import figure

from sim.explorer.page.palette import Palette

_FONT = "DejaVu Sans, Verdana, sans-serif"


def chart(palette: Palette, *, title: str = "", height: int = 170, **given: Any) -> Any:
    """Return an empty figure in the colours of a palette; ``given`` is passed on to Bokeh."""
    drawn = figure(
        height=height, sizing_mode="stretch_width", toolbar_location=None, tools="", title=title or None,
        background_fill_color=palette.card, border_fill_color=palette.card, outline_line_color=None,
        min_border_left=34, min_border_right=8, min_border_top=4, min_border_bottom=22, **given,
    )  # fmt: skip
    drawn.grid.grid_line_color = palette.faint
    drawn.grid.grid_line_alpha = 0.7
    drawn.xgrid.grid_line_color = None
    if drawn.title is not None:
        drawn.title.text_color = palette.ink
        drawn.title.text_font, drawn.title.text_font_size = _FONT, "12px"
    for axis in drawn.axis:
        axis.axis_line_color, axis.major_tick_line_color, axis.minor_tick_line_color = (
            palette.muted,
            palette.muted,
            None,
        )
        axis.major_label_text_color, axis.axis_label_text_color = palette.ink, palette.muted
        axis.major_label_text_font, axis.major_label_text_font_size = _FONT, "10px"
        axis.axis_label_text_font, axis.axis_label_text_font_size = _FONT, "10px"
        axis.axis_label_text_font_style, axis.axis_label_standoff = "normal", 4
    return drawn


def over_time(palette: Palette, clock: Any, *, title: str = "", height: int = 170, unit: str = "", **given: Any) -> Any:
    """Return an empty figure over time, with a vertical range of 0 to 1 unless ``given`` sets another."""
    drawn = chart(
        palette, title=title, height=height, x_axis_type="datetime", x_range=clock.range,
        **{"y_range": (0, 1), **given},
    )  # fmt: skip
    drawn.xaxis.ticker.desired_num_ticks = 5
    drawn.yaxis.ticker.desired_num_ticks = 4
    if unit:
        drawn.yaxis.axis_label = unit
    return drawn


def hover(palette: Palette, tips: str, renderers: list[Any], mode: str = "mouse") -> HoverTool:
    """Return a hover tool that shows a line of HTML for the item under the pointer."""
    box = f'<div style="color:#1a1a1a;font:12px {_FONT};max-width:260px;white-space:normal">{tips}</div>'
    return HoverTool(renderers=renderers, tooltips=box, mode=mode, line_policy="nearest", point_policy="snap_to_data")
