"""Reports on one question, as an HTML page, as Markdown, and in notebooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.output.result import ResultData
from sim.report import markdown, page
from sim.report.answer import answer
from sim.report.blocks import Content
from sim.report.content import content
from sim.report.files import check_file, write
from sim.report.question import ReportQuestion, ask

FORMATS: Final = {"html": (".html", ".htm"), "md": (".md", ".markdown")}
"""Formats of reports with the endings of their files, the usual one first."""


@dataclass(frozen=True, eq=False)
class Report:
    """A report on one question.

    Attributes
    ----------
    question : ReportQuestion
        The question and the result that answers it.
    """

    question: ReportQuestion

    @cached_property
    def sentences(self) -> tuple[str, str, str]:
        """The answer in three sentences: the value, the difference with its certainty, and what would change it."""
        return answer(self.question).sentences

    @cached_property
    def content(self) -> Content:
        """The full content of the report."""
        return content(self.question)

    def html(self) -> str:
        """Return the report as one self-contained HTML page without scripts or outside requests."""
        return page.render(self.content)

    def markdown(self, figures: str = "figures") -> str:
        """Return the report as Markdown.

        Parameters
        ----------
        figures : str
            Folder of the figures, as links write it.
        """
        return markdown.render(self.content, figures)

    def save(self, path: str | Path, form: str | None = None) -> Path:
        """Write the report to a file, completely or not at all; an existing file is replaced.

        Parameters
        ----------
        path : str or Path
            The file. Figures of a Markdown report go into a folder beside it, named after it.
        form : str, optional
            ``html`` or ``md``; default: as the file's name ends, else ``html``.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the format is unknown or is not that of the name, or nothing can be written there.
        """
        target = Path(path)
        form = form_of(target, form)
        check_file(target)
        if form == "html":
            return write(target, self.html())
        folder = f"{target.stem}-figures"
        drawn = {f"{each.name}.png": each.encoded("png") for each in markdown.figures(self.content)}
        return write(target, self.markdown(folder), folder, drawn)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return f"<h3>{escape(self.question.result.scenario.title)}</h3><p>{escape(self.question.text())}</p>{said}"

    def __str__(self) -> str:
        return "\n".join((self.question.text(), *self.sentences))


def make_report(result: ResultData, a: str | None = None, b: str | None = None, metrics: Sequence[str] = ()) -> Report:
    """Return a report on one question; see `Result.report`.

    Raises
    ------
    InputError
        If a branch or metric is not in the result, or the branches are identical.
    """
    return Report(ask(result, a, b, metrics))


def form_of(path: Path, form: str | None = None) -> str:
    """Return the format of a report from the name of its file.

    Raises
    ------
    InputError
        If the format is unknown, or the file's name ends as one of another format.

    Examples
    --------
    >>> form_of(Path("brief.md")), form_of(Path("brief"))
    ('md', 'html')
    """
    if form is not None and form not in FORMATS:
        raise InputError(f"unknown format '{form}'; allowed: {', '.join(FORMATS)}")
    ending = path.suffix.lower()
    named = next((name for name, endings in FORMATS.items() if ending in endings), None)
    if form is not None and named not in (None, form):
        raise InputError(f"{path}: ends as a report of format '{named}', not '{form}'; give one of both")
    return form or named or "html"
