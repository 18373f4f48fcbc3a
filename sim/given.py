"""Files that users give, read whole but never without an end."""

import errno
import stat
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 2**26
"""Bytes of a file that are read, unless something else is said."""


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        If it cannot be read, is a pipe or socket, or has more than ``most`` bytes (devices have no end).
    """
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise OSError(errno.EINVAL, "is a pipe, not a file", str(path))
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
