"""Files of reports, written completely or not at all."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from sim.errors import InputError
from sim.output.staging import replacing


def check_file(target: Path) -> None:
    """Reject a file that cannot be written, before any work is done.

    Raises
    ------
    InputError
        If it is a folder, its folder does not exist, or nothing may be written there.
    """
    if target.is_dir():
        raise InputError(f"{target}: is a folder; give a file, such as {target / 'report.html'}")
    above = target.absolute().parent
    if not above.is_dir():
        raise InputError(f"{target}: there is no folder {above}")
    try:
        tempfile.TemporaryFile(dir=above).close()
    except OSError as error:
        raise InputError(f"{target}: nothing can be written in {above} ({error.strerror})") from error


def write(target: Path, content: bytes, folder: str = "", beside: Mapping[str, bytes] | None = None) -> Path:
    """Write a file and a folder of files beside it; existing files with these names are replaced.

    Parameters
    ----------
    target : Path
        The file.
    content : bytes
        The content of the file.
    folder : str
        Name of a folder beside it, made if need be.
    beside : mapping, optional
        Files of that folder by name.
    """
    check_file(target)
    if beside:
        with replacing(target.parent / folder) as drawn:
            for name, figure in beside.items():
                (drawn / name).write_bytes(figure)
    with replacing(target.parent) as made:
        (made / target.name).write_bytes(content)
    return target
