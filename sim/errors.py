"""The errors that csto-sim raises on purpose, and given texts as they may stand in messages."""

import re
from typing import Final

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""Control characters except tab and line end, marks that turn the direction of a text, and lone surrogates."""

_BREAK: Final = re.compile("[\t\n]")


class CstoSimError(Exception):
    """Base class of every error that csto-sim raises on purpose."""


class InputError(CstoSimError):
    """Invalid input: a file, an option or an expression; commands exit with 2."""


def printable(text: str) -> str:
    r"""Return a text with its control characters as escapes, so that no terminal acts on them.

    Examples
    --------
    >>> print(printable("\x1b[31mred"))
    \u001b[31mred
    """
    return _escaped(_UNPRINTABLE, text)


def cut(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters, with a note of how many were left out.

    Examples
    --------
    >>> cut("a" * 100, 10)
    'aaaaaaaaaa... (90 characters more)'
    """
    return text if len(text) <= most else f"{text[:most]}... ({len(text) - most} characters more)"


def one_line(text: str, most: int = 80) -> str:
    """Return a given text as it may stand in a message: one line, printable and cut."""
    return cut(_escaped(_BREAK, printable(text)), most)


def quoted(text: str, most: int = 80) -> str:
    r"""Return a given text in quotes for a message: one line, printable and cut.

    Examples
    --------
    >>> print(quoted("two\nlines"))
    'two\u000alines'
    """
    return f"'{one_line(text, most)}'"


def _escaped(unwanted: re.Pattern[str], text: str) -> str:
    return unwanted.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
