"""Rounding of numbers in text, with halves rounded away from zero."""

_NUDGE = 1e-9


def shown(value: float, places: int = 0) -> str:
    """Return a number as text with a given number of decimals; halves are rounded away from zero.

    Examples
    --------
    >>> shown(0.415, 2), shown(46.5), shown(-0.001, 2)
    ('0.42', '47', '0.00')
    """
    text = f"{abs(value) + _NUDGE:.{places}f}"
    return f"-{text}" if value < 0 and float(text) else text
