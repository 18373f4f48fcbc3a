"""Words for probabilities: the calibrated language of the Intergovernmental Panel on Climate Change."""

from typing import Final

SCALE: Final = (
    ("exceptionally unlikely", 0.0, 0.01),
    ("very unlikely", 0.01, 0.10),
    ("unlikely", 0.10, 0.33),
    ("about as likely as not", 0.33, 0.66),
    ("likely", 0.66, 0.90),
    ("very likely", 0.90, 0.99),
    ("virtually certain", 0.99, 1.0),
)
"""The words and their ranges of probability (Mastrandrea et al. 2010, table 1), changed so that they do not overlap."""

SOURCE: Final = (
    "Mastrandrea, Michael D., and others (2010). Guidance Note for Lead Authors of the IPCC Fifth Assessment Report on "
    "Consistent Treatment of Uncertainties. Intergovernmental Panel on Climate Change."
)
"""Where the words are from."""

_EVEN = 0.5


def word(chance: float) -> str:
    """Return the word for a probability; on the border of two words, the one further from 0.5.

    Parameters
    ----------
    chance : float
        0..1.

    Examples
    --------
    >>> word(0.5), word(0.8), word(0.9), word(0.0)
    ('about as likely as not', 'likely', 'very likely', 'exceptionally unlikely')
    """
    if chance < _EVEN:
        return next(name for name, _, high in SCALE if chance <= high)
    return next(name for name, low, _ in reversed(SCALE) if chance >= low)


def words(low: float, high: float) -> str:
    """Return the word for an interval of probabilities, or the words for its two ends.

    Parameters
    ----------
    low, high : float
        Ends of the interval, 0..1.

    Examples
    --------
    >>> words(0.75, 0.84)
    'likely'
    >>> words(0.15, 0.85)
    'anywhere from unlikely to likely'
    """
    least, most = word(low), word(high)
    return least if least == most else f"anywhere from {least} to {most}"
