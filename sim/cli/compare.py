"""``csto-sim compare``."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import put_json
from sim.cli.options import Json, Metrics

EXAMPLE = """\b
Example:
  csto-sim compare results/karabakh-2023/20260101-120000-0a1b2c3d --from as-happened \\
      --to russia-sends-forces-2022 --metric "ARM.posture@2024-12 >= freeze"
"""


def compare(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Folder of a result.", show_default=False)],
    from_: Annotated[str, typer.Option("--from", metavar="A", help="Branch to start from.", show_default=False)],
    to: Annotated[str, typer.Option("--to", metavar="B", help="Branch to compare with it.", show_default=False)],
    metric: Metrics = None,
    json: Json = False,
) -> None:
    """Compare two branches of a result, run by run on the same random draws."""
    from sim.output.store import read
    from sim.output.summary import comparison_table

    found = read(result)
    metrics = {text: found.compare(from_, to, text) for text in metric or found.expressions}
    if json:
        put_json({"from": from_, "to": to, "metrics": metrics})
        return
    from sim.cli.tables import show

    shown = comparison_table(from_, to, metrics)
    show(shown.heads, shown.rows, shown.title)
