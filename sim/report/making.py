"""Reports on one question, as an HTML page, PDF, Word document or Markdown, and in notebooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Final

from sim.checked import checked
from sim.errors import InputError
from sim.output.result import ResultData
from sim.report import markdown, page, word
from sim.report.answer import answer
from sim.report.blocks import Content
from sim.report.content import content
from sim.report.files import check_file, write
from sim.report.printing import PAPERS, find_printer
from sim.report.question import ReportQuestion, ask

FORMATS: Final = {"html": (".html", ".htm"), "pdf": (".pdf",), "docx": (".docx",), "md": (".md", ".markdown")}
"""Formats of reports with the endings of their files, the usual one first."""


@dataclass(frozen=True, eq=False)
class Report:
    """A report on one question.

    Attributes
    ----------
    question : ReportQuestion
        The question and the result that answers it.
    author : str
        Who makes the report, for its head and citation.
    """

    question: ReportQuestion
    author: str = ""

    @cached_property
    def sentences(self) -> tuple[str, str, str]:
        """The answer in three sentences: the value, the difference with its certainty, and what would change it."""
        return answer(self.question).sentences

    @cached_property
    def content(self) -> Content:
        """The full content of the report."""
        return content(self.question, self.author)

    @checked()
    def html(self, *, short: bool = False, paper: str = "") -> str:
        """Return the report as one self-contained HTML page without scripts or outside requests.

        Parameters
        ----------
        short : bool
            Whether to leave out all but the first two pages.
        paper : str
            Size of paper that it is printed on, of ``A4`` and ``letter``; default: that of the reader's printer.
        """
        return page.render(self._content(short), paper)

    def markdown(self, figures: str = "figures", *, short: bool = False) -> str:
        """Return the report as Markdown.

        Parameters
        ----------
        figures : str
            Folder of the figures, as links write it.
        short : bool
            Whether to leave out all but the first two pages.
        """
        return markdown.render(self._content(short), figures)

    @checked()
    def save(self, path: str | Path, form: str | None = None, *, short: bool = False, paper: str = "A4") -> Path:
        """Write the report to a file, completely or not at all; an existing file is replaced.

        Parameters
        ----------
        path : str or Path
            The file. Figures of a Markdown report go into a folder beside it, named after it.
        form : str, optional
            ``html``, ``pdf``, ``docx`` or ``md``; default: as the file's name ends, else ``html``.
        short : bool
            Whether to leave out all but the first two pages; a ``docx`` has no more in any case.
        paper : str
            Size of the paper of a ``pdf``, ``A4`` or ``letter``.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the format is unknown or is not that of the name, nothing on this machine makes it, or nothing can be
            written there.
        """
        target = Path(path)
        form = check_target(target, form, paper)
        if form == "html":
            return write(target, self.html(short=short).encode())
        if form == "pdf":
            return write(target, find_printer()(self.html(short=short, paper=paper)))
        if form == "docx":
            return write(target, word.render(self._content(short=True)))
        folder = f"{target.stem}-figures"
        drawn = {f"{figure.name}.png": figure.encoded("png") for figure in markdown.figures(self._content(short))}
        return write(target, self.markdown(folder, short=short).encode(), folder, drawn)

    def _content(self, short: bool) -> Content:
        return self.content.short() if short else self.content

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return f"<h3>{escape(self.question.result.scenario.title)}</h3><p>{escape(self.question.text())}</p>{said}"

    def __str__(self) -> str:
        return "\n".join((self.question.text(), *self.sentences))


def make_report(
    result: ResultData, a: str | None = None, b: str | None = None, metrics: Sequence[str] = (), author: str = ""
) -> Report:
    """Return a report on one question; see `Result.report`.

    Raises
    ------
    InputError
        If a branch or metric is not in the result, or the branches are identical.
    """
    return Report(ask(result, a, b, metrics), author)


def check_target(target: Path, form: str | None = None, paper: str = PAPERS[0]) -> str:
    """Return the format of a report to be written, and reject what cannot be made or written, before any work is done.

    Parameters
    ----------
    target : Path
        The file.
    form : str, optional
        The format, if the name of the file does not say it.
    paper : str
        Size of the paper.

    Raises
    ------
    InputError
        If the format or paper is unknown, nothing on this machine makes the format, or nothing can be written there.
    """
    form = form_of(target, form)
    if paper not in PAPERS:
        raise InputError(f"unknown paper '{paper}'; allowed: {', '.join(PAPERS)}")
    check_file(target)
    if form == "pdf":
        find_printer()
    if form == "docx":
        word.check()
    return form


def form_of(path: Path, form: str | None = None) -> str:
    """Return the format of a report from the name of its file; a name without an ending is that of a page.

    Raises
    ------
    InputError
        If the format or the ending is unknown, or the file's name ends as one of another format.

    Examples
    --------
    >>> form_of(Path("brief.md")), form_of(Path("brief.pdf")), form_of(Path("brief"))
    ('md', 'pdf', 'html')
    """
    if form is not None and form not in FORMATS:
        raise InputError(f"unknown format '{form}'; allowed: {', '.join(FORMATS)}")
    ending = path.suffix.lower()
    named = next((name for name, endings in FORMATS.items() if ending in endings), None)
    if ending and named is None:
        allowed = ", ".join(ending for endings in FORMATS.values() for ending in endings)
        raise InputError(f"{path}: reports do not end in '{path.suffix}'; allowed: {allowed}")
    if form is not None and named not in (None, form):
        raise InputError(f"{path}: ends as a report of format '{named}', not '{form}'; give one of both")
    return form or named or "html"
