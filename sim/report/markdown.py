"""Reports in Markdown with separate figure files; text is escaped, so that it cannot act as markup."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from sim.errors import printable
from sim.report.blocks import Block, Code, Content, Figure, Grid, Listing, Numbers, Text

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|#~&$])")
_OPENING: Final = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|=|-)")


def render(content: Content, folder: str) -> str:
    """Return a report as Markdown (CommonMark with tables), with control characters as escapes.

    Parameters
    ----------
    content : Content
        The content of the report.
    folder : str
        Folder of the figures, as links write it.
    """
    cited = f"Cite as: {content.citation}"
    parts = [f"# {escaped(content.title)}", *map(escaped, filter(None, (content.subtitle, content.made, cited)))]
    for section in content.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [_block(block, folder) for block in section.blocks]
    return printable("\n\n".join(parts)) + "\n"


def figures(content: Content) -> Iterator[Figure]:
    """Yield every figure of a report."""
    for section in content.sections:
        yield from (block for block in section.blocks if isinstance(block, Figure))


def escaped(text: str) -> str:
    r"""Return text in one line, escaped so that Markdown shows it unchanged.

    Examples
    --------
    >>> print(escaped("<b>*now*</b> | 1. x"))
    \<b\>\*now\*\</b\> \| 1. x
    """
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _OPENING.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", line)


def _block(block: Block, folder: str) -> str:
    if isinstance(block, Text):
        return f"**{escaped(block.text)}**" if block.strong else escaped(block.text)
    if isinstance(block, Listing):
        return "\n".join(f"- {escaped(item)}" for item in block.items)
    if isinstance(block, Numbers):
        lines = (
            f"{escaped(number.label)}: **{escaped(number.value)}** {escaped(number.spread)}" for number in block.numbers
        )
        return "\n".join(f"- {line.rstrip()}" for line in lines)
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Code):
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", block.text)), default=0))
        return f"{fence}sh\n{block.text}\n{fence}"
    below = escaped(f"{block.caption} {block.source}".strip())
    return f"![{escaped(block.title)}]({quote(folder)}/{quote(block.name)}.png)\n\n{below}"


def _grid(grid: Grid) -> str:
    rule = ["---:" if right else "---" for right in grid.sides()]
    rows = [[escaped(cell) for cell in row] for row in (grid.heads, *grid.rows)]
    lines = [" | ".join(row) for row in (rows[0], rule, *rows[1:])]
    return f"{escaped(grid.title)}:\n\n" + "\n".join(f"| {line} |" for line in lines)
