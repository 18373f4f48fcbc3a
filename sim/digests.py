"""Digests of the package's source files, which identify the version of the model that made a result."""

import hashlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Final

COMPILED: Final = ("words.py", "model", "rules", "engine")
"""Files and folders of all functions and declarations that are compiled; a folder that is not there holds none."""


def digest_sources(names: Iterable[str]) -> str:
    """Return the SHA-256 digest of files of the package and of all Python files in its folders, at any depth.

    Parameters
    ----------
    names : iterable of str
        Files and folders, by their path in the package.

    Examples
    --------
    >>> digest_sources(["rules"]) == digest_sources(["rules"]) != digest_sources(["engine"])
    True
    """
    package = Path(str(files("sim")))
    content = hashlib.sha256()
    for name in names:
        source = package / name
        for path in [source] if source.suffix == ".py" else sorted(source.rglob("*.py")):
            content.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()
