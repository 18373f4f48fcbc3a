"""Files that users give, read whole but never without an end."""

import errno
import json
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

MOST_BYTES: Final = 2**26
"""Bytes of a file that are read, unless something else is said."""

MOST_DIGITS: Final = 4000
"""Digits of a whole number up to which Python reads and writes it; its own limit can be set, but is 640 at least."""


PIPE: Final = "is a pipe, and files are read more than once; save what comes out of it to a file, and give that"
"""Said of what can be read just once and may have no end."""


def is_pipe(path: Path) -> bool:
    """Return whether reading a path would read a pipe, a socket or standard input.

    A path ``-`` does, where no file has that name. What cannot be looked at is no pipe: who reads it learns why.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return str(path) == "-"
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        If it cannot be read, is a pipe or socket, or has more than ``most`` bytes (devices have no end).
    """
    if is_pipe(path):
        raise OSError(errno.EINVAL, f"it {PIPE}", str(path))
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"has more than {most / 1e6:.0f} MB", str(path))
    return content


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError
        As of `read_bytes`.
    UnicodeDecodeError
        If it is not UTF-8 text.
    """
    return str(read_bytes(path, most), "utf-8-sig")


def parse_json(text: str) -> Any:
    """Return the content of a JSON text; a whole number of very many digits is a `Decimal`, which no field allows.

    Raises
    ------
    ValueError
        If it is not JSON.

    Examples
    --------
    >>> parse_json('{"months": 12}')
    {'months': 12}
    """
    try:
        return json.loads(text, parse_int=lambda digits: Decimal(digits) if len(digits) > MOST_DIGITS else int(digits))
    except RecursionError:
        raise ValueError("tables or lists are nested too deeply") from None
