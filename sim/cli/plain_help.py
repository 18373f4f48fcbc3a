"""The help of a command, in names a reader knows: without braces, and without the types of Python."""

import re
from typing import Any, Final

from typer.core import TyperCommand

_TYPE: Final = re.compile(r" <([^<>]*)>")


class PlainHelp(TyperCommand):
    """A command whose help names its arguments and options as they are typed."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line; an argument that is needed stands without braces."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options; of the types that some versions of Typer add, the choices stay."""
        for title, kind, instead in (("Arguments", "argument", ""), ("Options", "option", r" \1")):
            rows = [
                record
                for parameter in self.get_params(ctx)
                if parameter.param_type_name == kind and (record := parameter.get_help_record(ctx)) is not None
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl([(_TYPE.sub(instead, name), words) for name, words in rows])
