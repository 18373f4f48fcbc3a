"""A stored folder as an RO-Crate 1.1: its files with a description that archives and catalogues read."""

from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.output import manifest
from sim.output.staging import is_hidden, staged, staged_file

LACKING: Final = "an RO-Crate needs rocrate: python -m pip install 'csto-sim[crate]'"

ARCHIVE: Final = ".zip"
INPUTS: Final = "scenario.json"
SOURCES: Final = "DATA-SOURCES.txt"

MEDIA: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""Media types by ending; all other files are text."""

NAMES: Final = {
    INPUTS: "The complete scenario: all inputs of the runs",
    SOURCES: "Sources of the data in the scenario, with their terms of use",
    manifest.NAME: "What was run, with versions, and sizes and digests of the files",
    manifest.SEAL: "Digest of the manifest",
}
"""What files contain whose names do not say it."""


def write_crate(folder: Path, out: Path) -> int:
    """Write a stored folder as an RO-Crate; return the number of its files.

    Parameters
    ----------
    folder : Path
        What ``csto-sim run`` or ``csto-sim sweep`` wrote. It stays as it is; the crate can be read in its place.
    out : Path
        New or empty folder, or a new file that ends with ``.zip``.

    Raises
    ------
    InputError
        If the folder holds no whole result, rocrate is not installed, or nothing can be written.

    Examples
    --------
    >>> write_crate(Path("results/first"), Path("first.zip"))  # doctest: +SKIP
    """
    content = manifest.read(folder)
    crate, count = _crate(folder, content)
    if out.suffix.lower() == ARCHIVE:
        with staged_file(out) as path:
            crate.write_zip(path)
    else:
        with staged(out) as made:
            crate.write(made)
    return count


def _crate(folder: Path, content: dict[str, Any]) -> tuple[Any, int]:
    """Return the description of a folder, and the number of its files."""
    try:
        from rocrate.model.contextentity import ContextEntity  # noqa: PLC0415 (an extra, wanted only here)
        from rocrate.rocrate import ROCrate  # noqa: PLC0415
    except ImportError as error:
        raise InputError(LACKING) from error
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not is_hidden(path)]
    files = {
        (name := path.relative_to(folder).as_posix()): crate.add_file(path, name, properties=_file(path, name, content))
        for path in paths
    }
    software = {
        "@type": "SoftwareApplication",
        "name": "csto-sim",
        "softwareVersion": str(content["versions"].get("csto-sim", "")),
        "softwareRequirements": [
            f"{name} {version}" for name, version in content["versions"].items() if name != "csto-sim"
        ],
    }
    program = crate.add(ContextEntity(crate, "#csto-sim", properties=software))
    made = {"name": f"{content['kind'].capitalize()} {content['id']}", "endTime": content["created"]}
    if content.get("command"):
        made["description"] = " ".join(content["command"])
    results = [file for name, file in files.items() if name not in (INPUTS, SOURCES)]
    action = crate.add_action(program, f"#{content['id']}", object=files.get(INPUTS), result=results, properties=made)
    crate.root_dataset["mentions"] = action
    crate.name = content["title"]
    crate.description = _summary(content)
    crate.datePublished = content["created"]
    crate.root_dataset["identifier"] = content["id"]
    crate.license = files.get(SOURCES) or "The terms of use of its data are not stated."
    return crate, len(files)


def _file(path: Path, name: str, content: dict[str, Any]) -> dict[str, str]:
    """Return the properties of a file."""
    listed = content["files"].get(name)
    said = {
        "name": NAMES.get(name, path.name),
        "encodingFormat": MEDIA.get(path.suffix, "text/plain"),
        "contentSize": str(path.stat().st_size),
    }
    return said | ({"sha256": listed["sha256"]} if listed else {})


def _summary(content: dict[str, Any]) -> str:
    """Return one sentence about the runs: how many, from which seed, in which branches."""
    branches = ", ".join(content["branches"])
    return (
        f"Simulated runs of csto-sim, an agent-based simulator of alliance credibility: {content['replicates']:,} "
        f"replicates, seed {content['seed']}; branches: {branches}."
    )
