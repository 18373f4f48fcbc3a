"""Atomic writes: folders and files that appear complete or not at all."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import InputError


def check_target(target: Path) -> None:
    """Reject a folder that cannot be written, before any work is done.

    Parameters
    ----------
    target : Path
        Folder to be made; it may exist if it is empty.

    Raises
    ------
    InputError
        If it is a file, holds anything, lies below a file, or nothing may be written there.
    """
    if target.is_dir():
        if any(target.iterdir()):
            raise InputError(f"{target}: the folder exists and is not empty; give a new or empty folder")
    elif target.exists() or target.is_symlink():
        raise InputError(f"{target}: exists and is not a folder; give a new or empty folder")
    above = next(folder for folder in target.absolute().parents if folder.exists())
    if not above.is_dir():
        raise InputError(f"{target}: {above} is not a folder")
    try:
        Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=above)).rmdir()
    except OSError as error:
        raise InputError(f"{target}: nothing can be written in {above} ({error.strerror})") from error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Provide a hidden folder beside ``target``, which is renamed to ``target`` if no error occurs.

    Any interruption of the block (an error, Ctrl-C, a full disk) removes the hidden folder, so that ``target`` never
    exists in part.

    Examples
    --------
    >>> with staged(Path("results/mine")) as folder:  # doctest: +SKIP
    ...     (folder / "table.csv").write_text("a,b")
    """
    check_target(target)
    above = [folder for folder in target.absolute().parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".part", dir=target.parent))
        try:
            hidden.chmod(0o755)
            yield hidden
            _rename(hidden, target)
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
    except BaseException:
        for folder in above:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Provide a hidden folder whose files replace those in ``folder`` if no error occurs.

    Other files in ``folder`` stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder))
    try:
        yield hidden
        for path in sorted(hidden.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


@contextmanager
def staged_file(target: Path) -> Iterator[Path]:
    """Provide a hidden path beside ``target``, which is renamed to ``target`` if no error occurs.

    Raises
    ------
    InputError
        If the file exists, or nothing can be written there.
    """
    if target.exists() or target.is_symlink():
        raise InputError(f"{target}: exists; give a new file")
    if not target.absolute().parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.absolute().parent}")
    check_target(target)
    hidden = target.with_name(f".{target.name}.part")
    try:
        yield hidden
        hidden.replace(target)
    finally:
        hidden.unlink(missing_ok=True)


def _rename(hidden: Path, target: Path) -> None:
    if target.is_dir():
        target.rmdir()
    try:
        hidden.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise InputError(f"{target}: something else was written there in the meantime") from error
        raise


def is_hidden(folder: Path) -> bool:
    """Return whether a folder is unfinished: still being written, or left behind."""
    return folder.name.startswith(".")
