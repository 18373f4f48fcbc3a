"""Atomic writes: folders and files that appear complete or not at all.

Everything is written to a hidden folder or file first, which is locked while its process lives. What a killed process
leaves behind is therefore known by the missing lock, and removed by the next one that writes to the same place.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.errors import InputError, quoted

_PREFIX, _SUFFIX = ".csto-sim-", ".part"
_HIDDEN: Final = re.compile(rf"{re.escape(_PREFIX)}[a-z0-9_]{{8}}{re.escape(_SUFFIX)}\Z")
_LAST: Final = "manifest.sha256"
"""The file without which a folder counts as unfinished, moved last."""

PARTS: Final = ".csto-sim.parts"
"""The hidden folder with the chunks of a sweep that is to fill the folder around it."""

LONGEST_NAME: Final = 240
"""Bytes of a name; file systems allow 255, and names that are made from it are a little longer."""

MOST_NUMBERS: Final = 1000
"""How many folders of equal name are told apart by numbers."""

finished: list[Path] = []
"""The folders and files that this process has completed."""

_locks: dict[Path, int | None] = {}
"""The hidden folders and files of this process, with the descriptor that holds the lock of each."""

_parents: list[Path] = []
"""The folders made to hold them, innermost first, which go again if nothing is completed."""


@dataclass
class Staged:
    """A hidden folder to write to, and the folder that it becomes."""

    folder: Path
    target: Path


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
    too_long = [part for part in target.parts if len(os.fsencode(part)) > LONGEST_NAME]
    if too_long or "\0" in str(target):
        held = "a name is too long" if too_long else "a name has a zero byte"
        raise InputError(f"{quoted(str(target))}: is no place for a folder ({held})")
    try:
        _check(target)
    except OSError as error:
        raise InputError(f"{target}: is no place for a folder ({error.strerror})") from None


def _check(target: Path) -> None:
    if target.is_dir():
        above = target
        if content(target):
            raise InputError(f"{target}: the folder exists and is not empty; give a new or empty folder")
    elif os.path.lexists(target):
        raise InputError(f"{target}: exists and is not a folder; give a new or empty folder")
    elif target.name in ("", ".."):
        raise InputError(f"{target}: names no new folder; give a new or empty folder")
    else:
        above = next(folder for folder in target.absolute().parents if folder.exists())
        if not above.is_dir():
            raise InputError(f"{target}: {above} is not a folder")
    check_writable(above, target)


def check_place(folder: Path) -> None:
    """Reject a folder, new or not, whose files could not be written or replaced, before any work is done.

    Raises
    ------
    InputError
        If it is or lies below a file, or nothing may be written there.
    """
    above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not above.is_dir():
        raise InputError(f"{folder}: {above} is not a folder")
    check_writable(above, folder)


def check_writable(folder: Path, target: Path) -> None:
    """Reject a folder in which nothing can be written; ``target`` is what was to be written."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"{target}: nothing can be written in {folder} ({error.strerror})") from error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Provide a hidden folder, which becomes ``target`` if no error occurs.

    Any interruption of the block (an error, Ctrl-C, a full disk) removes the hidden folder, so that ``target`` never
    exists in part. An empty folder that exists (a mount point, a link to a folder) stays, and gets the files.

    Examples
    --------
    >>> with staged(Path("results/mine")) as folder:  # doctest: +SKIP
    ...     (folder / "table.csv").write_text("a,b")
    """
    with staging(target, numbered=False) as made:
        yield made.folder


@contextmanager
def staging(target: Path, *, numbered: bool) -> Iterator[Staged]:
    """Provide a hidden folder as `staged` does, in an object that names the final folder afterwards.

    Parameters
    ----------
    target : Path
    numbered : bool
        Whether a number is added to ``target`` if that exists.
    """
    if not (numbered and os.path.lexists(target)):
        check_target(target)
    there = target.is_dir() and not numbered
    above = [] if there else [folder for folder in target.absolute().parents if not folder.exists()]
    folder = target if there else target.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder)
        hidden = _make(folder, above)
        try:
            hidden.chmod(0o755)
            made = Staged(hidden, target)
            yield made
            made.target = _put(hidden, target, there=there, numbered=numbered)
        finally:
            _remove(hidden)
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
    clear_leftovers(folder)
    hidden = _make(folder)
    try:
        yield hidden
        _replace_all(hidden, folder)
    finally:
        _remove(hidden)


@contextmanager
def staged_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Provide a hidden path beside ``target``, which is renamed to ``target`` if no error occurs.

    Parameters
    ----------
    target : Path
    replace : bool
        Whether a file of that name may exist; it is replaced.

    Raises
    ------
    InputError
        If the file exists, or nothing can be written there.
    """
    if not replace:
        if os.path.lexists(target):
            raise InputError(f"{target}: exists; give a new file")
        if not target.absolute().parent.is_dir():
            raise InputError(f"{target}: there is no folder {target.absolute().parent}")
        check_target(target)
        clear_leftovers(target.parent)
    hidden = _make(target.parent, file=True)
    try:
        hidden.chmod(0o644)
        yield hidden
        _put_file(hidden, target, replace=replace)
    finally:
        _remove(hidden)


def clear_leftovers(folder: Path) -> None:
    """Remove the hidden folders and files in ``folder`` whose process has died."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if _HIDDEN.match(path.name) and path not in _locks:
                _remove_if_left(path)


def abandon() -> None:
    """Remove all hidden folders and files of this process, which is about to end."""
    for path in list(_locks):
        _remove(path)
    for folder in _parents:
        with suppress(OSError):
            folder.rmdir()


def is_hidden(folder: Path) -> bool:
    """Return whether a folder is unfinished: still being written, or left behind."""
    return folder.name.startswith(".")


def _make(folder: Path, parents: list[Path] | None = None, *, file: bool = False) -> Path:
    """Make a hidden folder or file with a lock; no signal interrupts this (`sim.stopping`)."""
    while True:
        descriptor: int | None = None
        if file:
            descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=folder)
        else:
            name = tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX, dir=folder)
            with suppress(OSError):  # Windows opens no folders
                descriptor = os.open(name, os.O_RDONLY)
        path = Path(name)
        _locks[path] = descriptor
        with suppress(BlockingIOError):  # of a process that takes it for a leftover, and removes it
            if descriptor is not None:
                _lock(descriptor)
            if path.exists():
                _parents.extend(parents or ())
                return path
        _release(path)


def _lock(descriptor: int) -> bool:
    """Lock a file or folder until this process ends; return False if the system has no such locks.

    Raises
    ------
    BlockingIOError
        If another process holds the lock.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _release(path: Path) -> None:
    descriptor = _locks.pop(path, None)
    if descriptor is not None:
        with suppress(OSError):
            os.close(descriptor)


def _remove_if_left(path: Path) -> None:
    with suppress(OSError):  # a lock that another process holds is one
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            if _lock(descriptor):
                _delete(path)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if path in _locks:
        _delete(path)
        _release(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def content(folder: Path) -> list[Path]:
    """Return the content of a folder without hidden folders and files that are being written."""
    return [path for path in folder.iterdir() if path.name != PARTS and not _HIDDEN.match(path.name)]


def _put(hidden: Path, target: Path, *, there: bool, numbered: bool) -> Path:
    """Rename a hidden folder, or move its files to the folder around it; no signal interrupts this."""
    if there:
        _move_up(hidden, target)
    else:
        target = _rename(hidden, target, numbered=numbered)
    _parents.clear()
    finished.append(target)
    return target


def _rename(hidden: Path, target: Path, *, numbered: bool) -> Path:
    names = [target, *(target.with_name(f"{target.name}-{number}") for number in range(2, MOST_NUMBERS))]
    for name in names if numbered else names[:1]:
        if numbered and name.exists():
            continue
        try:
            hidden.rename(name)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
        else:
            return name
    raise _taken(target)


def _move_up(hidden: Path, target: Path) -> None:
    if content(target):
        raise _taken(target)
    moved: list[Path] = []
    try:
        for path in sorted(hidden.iterdir(), key=lambda path: (path.name == _LAST, path.name)):
            path.rename(target / path.name)
            moved.append(target / path.name)
    except BaseException:
        for path in moved:
            _delete(path)
        raise


def _taken(target: Path) -> InputError:
    return InputError(f"{target}: something else was written there in the meantime")


def _put_file(hidden: Path, target: Path, *, replace: bool) -> None:
    """Rename a hidden file; no signal interrupts this."""
    try:
        if not replace:
            os.link(hidden, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:  # of file systems without such links
        replace = True
    if replace:
        hidden.replace(target)
    finished.append(target)


def _replace_all(hidden: Path, folder: Path) -> None:
    for path in sorted(hidden.iterdir()):
        path.replace(folder / path.name)
    finished.append(folder)
