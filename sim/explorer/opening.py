"""First page of a new explorer: a scenario, or a saved page."""

from dataclasses import replace
from pathlib import Path
from threading import Thread

from sim.errors import InputError
from sim.explorer.choices import LARGEST_PAGE, MOST_REPLICATES, PageState
from sim.explorer.library import Library


def open_page(
    path: Path, saved: Path | None = None, replicates: int | None = None, seed: int | None = None
) -> tuple[Library, PageState]:
    """Return the available scenarios and the first page, and start the runs of that page.

    Parameters
    ----------
    path : Path
        Scenario file; the others in its folder are at hand too.
    saved : Path, optional
        A page that was saved; its scenario must be one of them.
    replicates, seed : int, optional
        Runs and seed of the first page; default: those saved, else 1,000 and the scenario's.

    Raises
    ------
    InputError
        If a file or number is refused.
    """
    if replicates is not None and not 1 <= replicates <= MOST_REPLICATES:
        raise InputError(f"replicates {replicates} is not allowed; allowed: 1..{MOST_REPLICATES}")
    if seed is not None and not 0 <= seed < 2**53:
        raise InputError(f"seed {seed} is not allowed; allowed: whole numbers from 0 below 2**53")
    library = Library.beside(path)
    if saved is None:
        page = PageState(library.ensembles(library.first).story.first_choices(replicates, seed))
    else:
        page = _with(library.check(_read(saved), str(saved)), replicates, seed)
    ensembles = library.ensembles(page.choices.scenario)
    Thread(target=ensembles.view, args=(page.choices,), daemon=True).start()  # the kernel is loaded meanwhile
    return library, page


def _read(path: Path) -> PageState:
    try:
        if path.is_fifo():
            raise InputError(f"{path}: is a pipe, not a saved page")
        with path.open("rb") as file:
            held = file.read(LARGEST_PAGE + 1)  # and no more, as a device has no end
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    return PageState.from_file(held, str(path))


def _with(page: PageState, replicates: int | None, seed: int | None) -> PageState:
    choices = page.choices
    if replicates is not None:
        choices = replace(choices, replicates=replicates)
    if seed is not None:
        choices = replace(choices, seed=seed)
    return replace(page, choices=choices)
