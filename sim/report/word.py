"""The two-page form of a report as a Word document."""

from io import BytesIO
from typing import Any, Final

from sim.errors import InputError
from sim.report.blocks import Block, Code, Content, Figure, Grid, Listing, Numbers, Text

LACKING: Final = "a report as a Word document needs python-docx: python -m pip install 'csto-sim[office]'"

_INCHES: Final = 6.3
_GRID: Final = "Light Grid Accent 1"


def check() -> None:
    """Reject the format where python-docx is not installed.

    Raises
    ------
    InputError
        If it is not.
    """
    try:
        import docx  # noqa: F401, PLC0415 (an extra, wanted only here)
    except ImportError as error:
        raise InputError(LACKING) from error


def render(content: Content) -> bytes:
    """Return a report as the bytes of a Word document, with real tables and its figures.

    Parameters
    ----------
    content : Content
        The content of the report; long reports are long documents, so that the short form is what is wanted here.
    """
    import docx  # noqa: PLC0415

    document = docx.Document()
    document.core_properties.title = content.title
    document.core_properties.comments = content.citation
    document.add_heading(content.title, level=0)
    for line in filter(None, (content.subtitle, content.made, f"Cite as: {content.citation}")):
        document.add_paragraph(line)
    for section in content.sections:
        document.add_heading(section.title, level=1)
        for block in section.blocks:
            _add(document, block)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _add(document: Any, block: Block) -> None:
    from docx.shared import Inches  # noqa: PLC0415

    if isinstance(block, Text):
        document.add_paragraph().add_run(block.text).bold = block.strong
    elif isinstance(block, Listing):
        for item in block.items:
            document.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Numbers):
        heads = ("", "value", "interval")
        rows = tuple((number.label, number.value, number.spread) for number in block.numbers)
        _table(document, heads, rows)
    elif isinstance(block, Grid):
        document.add_paragraph().add_run(block.title).bold = True
        _table(document, block.heads, block.rows)
    elif isinstance(block, Code):
        document.add_paragraph(block.text)
    elif isinstance(block, Figure):
        picture = document.add_picture(BytesIO(block.encoded("png")), width=Inches(_INCHES))
        picture._inline.docPr.set("descr", f"{block.title}. {block.caption}")
        document.add_paragraph(f"{block.title}. {block.caption} {block.source}".strip(), style="Caption")


def _table(document: Any, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=1, cols=len(heads), style=_GRID)
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
