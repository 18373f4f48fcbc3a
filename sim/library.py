"""Scenario and sweep files by name: those of the working folder, and those that ship with csto-sim."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.given import is_pipe

OWN: Final = Path("scenarios")
"""Folder, in the working folder, whose files are found by name before those that ship."""

SWEEPS: Final = "sweeps"
CASES: Final = "cases"


def shipped_folder() -> Path:
    """Return the folder of the scenarios that ship: in the package if it was installed, at the top of a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "data" / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def scenario_folders() -> tuple[Path, ...]:
    """Return the folders in which scenarios are found by name, in this order."""
    shipped = shipped_folder()
    return OWN, Path(), shipped, shipped / CASES


def sweep_folders() -> tuple[Path, ...]:
    """Return the folders in which sweep files are found by name, in this order."""
    return OWN / SWEEPS, shipped_folder() / SWEEPS


def find_scenario(given: str) -> Path:
    """Return the scenario file for a path or a name.

    Parameters
    ----------
    given : str
        A path; or a name, which is sought in ./scenarios, in the working folder, and among the scenarios and cases
        that ship.

    Raises
    ------
    InputError
        If it is a name that no file has, or its file is called as the folder of sweeps is.

    Examples
    --------
    >>> find_scenario("karabakh-2023").name
    'karabakh-2023.toml'
    """
    path = _find(given, scenario_folders(), "scenario", "`csto-sim list scenarios` and `csto-sim list cases` show all")
    if path.stem == SWEEPS and path.is_file():
        raise InputError(f"{path}: a scenario cannot be called '{path.stem}', under which sweeps lie; rename the file")
    return path


def find_sweep(given: str) -> Path:
    """Return the sweep file or scenario file for a path or a name.

    Raises
    ------
    InputError
        If it is a name that no file has.
    """
    folders = (*sweep_folders(), *scenario_folders())
    return _find(given, folders, "sweep or scenario", "`csto-sim list sweeps` and `csto-sim list scenarios` show all")


def _find(given: str, folders: tuple[Path, ...], what: str, where: str) -> Path:
    path = Path(given)
    if path.is_file() or path.suffix == ".toml" or path.name != given:
        return path
    for folder in folders:
        named = folder / f"{given}.toml"
        if named.is_file():
            return named
    if path.exists() or is_pipe(path):
        return path
    from sim.scenario.problems import closest  # noqa: PLC0415 - loads all of sim.scenario

    near = closest(given, {file.stem for folder in folders for file in folder.glob("*.toml")})
    hint = f"did you mean '{near}'? " if near else ""
    raise InputError(f"there is no {what} '{given}'; {hint}{where}")


def scenario_files(folders: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files in folders, each name once, as it is found."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            if path.stem not in seen:
                seen.add(path.stem)
                yield path
