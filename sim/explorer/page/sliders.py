"""Sliders of the parameters: eight key parameters first, all others by mechanism."""

from collections.abc import Callable
from typing import Any

import panel as pn

from sim.explorer.page.wording import parameter_label
from sim.explorer.session import Session
from sim.explorer.story import key_parameters
from sim.model.parameters import PARAMETERS, Parameter
from sim.plots.style import ACCENT

STEPS = 100
"""Steps of a slider."""

WIDE = "stretch_width"

DRAWN = (
    "Each run draws its own value of a parameter from the fit to the record, unless an explanation fixes it. Once you "
    "move a slider, all runs use the value that you set."
)
"""Stands above the sliders."""


class Slider(pn.widgets.FloatSlider):  # type: ignore[misc]
    """Slider that reports moves at once, without Panel's usual delay of 50 ms."""

    _priority_changes = ["value"]  # noqa: RUF012 - as Panel has it


class Sliders:
    """Sliders of the parameters, each over its parameter's range.

    Parameters
    ----------
    session : Session
    chosen : callable
        Called with a parameter's name and value, None for the value of the branch.
    """

    def __init__(self, session: Session, chosen: Callable[[str, float | None], None]) -> None:
        self._session, self._chosen = session, chosen
        self._showing = False
        self._held = {name: self._make(name) for name in key_parameters()}
        groups = list(dict.fromkeys(row.group for row in PARAMETERS.values()))
        self.group = pn.widgets.Select(label="Mechanism", options=["", *groups], value="", sizing_mode=WIDE)
        self.more = pn.Column(sizing_mode=WIDE)
        self.group.param.watch(self._show_group, "value")

    def panel(self) -> Any:
        """Return the key sliders, with the others folded away."""
        first = [self._held[name] for name in key_parameters()]
        more = pn.Card(self.group, self.more, title="More parameters", collapsed=True, sizing_mode=WIDE)
        return pn.Column(pn.pane.Markdown(DRAWN, sizing_mode=WIDE), *first, more, sizing_mode=WIDE)

    def show(self) -> None:
        """Set every slider to the present choices."""
        choices = self._session.page.choices
        shipped = self._session.story.parameters(choices.branch, choices.explanation)
        given = dict(choices.parameters)
        self._showing = True
        try:
            for name, slider in self._held.items():
                slider.value = given.get(name, shipped[name])
        finally:
            self._showing = False

    def _make(self, name: str) -> Any:
        row = PARAMETERS[name]
        slider = Slider(
            label=parameter_label(row), start=row.low, end=row.high, step=_step(row), value=row.default,
            sizing_mode=WIDE, format="0[.]000", css_classes=[f"parameter-{name}"], bar_color=ACCENT,
        )  # fmt: skip
        slider.param.watch(lambda event: self._moved(name, event.new), "value")
        return slider

    def _moved(self, name: str, value: float) -> None:
        if self._showing:
            return
        choices = self._session.page.choices
        shipped = self._session.story.parameters(choices.branch, choices.explanation)[name]
        near = abs(value - shipped) < _step(PARAMETERS[name]) / 2
        self._chosen(name, None if near else float(f"{value:.6g}"))

    def _show_group(self, event: Any) -> None:
        names = [name for name, row in PARAMETERS.items() if row.group == event.new and name not in key_parameters()]
        for name in names:
            self._held.setdefault(name, self._make(name))
        self.show()
        self.more[:] = [self._held[name] for name in names]


def _step(row: Parameter) -> float:
    return float(f"{(row.high - row.low) / STEPS:.2g}")
