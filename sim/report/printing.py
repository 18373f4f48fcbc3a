"""Pages as PDF files, printed by a browser on the machine or by WeasyPrint."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sim.errors import InputError

PAPERS: Final = ("A4", "letter")
"""Sizes of paper, as style sheets name them."""

COMMANDS: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "msedge",
)  # fmt: skip
"""Commands of browsers that print without a window, the first that there is."""

LACKING: Final = (
    "a report as PDF needs Chromium, Chrome or Edge on this machine, or WeasyPrint: "
    "python -m pip install 'csto-sim[pdf]'; the report as HTML can be printed from any browser"
)

_MAC: Final = ("Google Chrome", "Chromium", "Microsoft Edge")
_WINDOWS: Final = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_PROGRAMS: Final = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_SECONDS: Final = 180

Printer = Callable[[str], bytes]
"""Takes a page as HTML, returns it as PDF."""


def find_printer() -> Printer:
    """Return the printer of pages on this machine: a browser, else WeasyPrint.

    Raises
    ------
    InputError
        If there is neither.
    """
    browser = find_browser()
    if browser is not None:
        return lambda html: _by_browser(browser, html)
    try:
        import weasyprint  # noqa: PLC0415 (an extra, wanted only here)
    except (ImportError, OSError) as error:  # OSError: it is there, but the libraries that it draws with are not
        raise InputError(LACKING) from error
    return lambda html: bytes(weasyprint.HTML(string=html).write_pdf())


def find_browser() -> Path | None:
    """Return the program of Chromium, Chrome or Edge on this machine, if there is one."""
    command = next(filter(None, map(shutil.which, COMMANDS)), None)
    if command is not None:
        return Path(command)
    return next((program for program in _usual_places() if program.is_file()), None)


def _usual_places() -> Iterator[Path]:
    """Yield the places where browsers are installed that are not on the path of commands."""
    system: str = sys.platform  # mypy skips what follows a test of sys.platform for another system
    if system == "darwin":
        for above in (Path("/Applications"), Path.home() / "Applications"):
            yield from (above / f"{name}.app" / "Contents" / "MacOS" / name for name in _MAC)
    elif system == "win32":
        for folder in filter(None, map(os.environ.get, _PROGRAMS)):
            yield from (Path(folder) / program for program in _WINDOWS)


def _by_browser(browser: Path, html: str) -> bytes:
    """Print a page with a browser in a fresh profile, so that a browser that is open is left alone."""
    with TemporaryDirectory(prefix="csto-sim-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        command = [
            str(browser), "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            f"--user-data-dir={Path(folder) / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={printed}",
            *_unconfined(), page.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603 (a browser found above)
            return printed.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise InputError(
                f"{browser}: did not print the report ({type(error).__name__}); write it as HTML and print that"
            ) from error


def _unconfined() -> tuple[str, ...]:
    """Return the option without which Chromium refuses to start for the superuser, as in containers."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
