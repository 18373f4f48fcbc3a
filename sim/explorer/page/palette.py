"""Colours of the page, light and dark, in the style of the figures (`sim.plots.style`)."""

from dataclasses import dataclass
from typing import Final

from matplotlib.colors import Colormap, to_hex

from sim.plots import style


@dataclass(frozen=True)
class Palette:
    """Colours of one theme as CSS values.

    Attributes
    ----------
    name : str
        As links and Panel write it: ``default`` or ``dark``.
    paper, card, ink, muted, faint : str
        Page, areas on it, text, secondary text, guide lines.
    accent, second, third : str
        What was chosen; what it is compared with; what warns.
    postures, responses : tuple of str
        One for each rung, and one for each response.
    trust : tuple of str
        From no trust to full trust.
    """

    name: str
    paper: str
    card: str
    ink: str
    muted: str
    faint: str
    accent: str
    second: str
    third: str
    postures: tuple[str, ...]
    responses: tuple[str, ...]
    trust: tuple[str, ...]


def _steps(colours: Colormap, count: int = 128) -> tuple[str, ...]:
    return tuple(to_hex(colours(step / (count - 1))) for step in range(count))


LIGHT: Final = Palette(
    "default", "#f6f6f4", "#ffffff", style.INK, style.MUTED, style.FAINT, style.ACCENT, style.SECOND, "#a3123a",
    tuple(style.POSTURE_COLOURS.values()), tuple(style.RESPONSE_COLOURS.values()), _steps(style.TRUST),
)  # fmt: skip

DARK: Final = Palette(
    "dark", "#14171a", "#1d2125", "#eceff1", "#a9b1b8", "#3a4148", "#ff9a52", "#62b5e8", "#ff7d92",
    tuple(style.DARK_POSTURE_COLOURS.values()), tuple(style.DARK_RESPONSE_COLOURS.values()), _steps(style.TRUST),
)  # fmt: skip


def palette_of(theme: str) -> Palette:
    """Return the palette for a theme named in a link; light unless the name is ``dark``."""
    return DARK if theme == DARK.name else LIGHT
