"""First sentences of docstrings stand alone in ``help()``."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.docs.play import ROOT

BANNED: Final = (
    r"\bthe same(?=[,;:.]|$| (as|at|for|from|in|of|where|with)\b)",
    r"\b[Ww]hoever\b",
    r"\bas above\b",
    r"\bof its own\b",
    r"\bof (one's|their) own\b",
    r"\bone's own\b",
    r"\bwhat there is\b",
    r"\bwhat came of\b",
    r"\b(is|are) (asked|told)\b",
    r"\basked for\b",
    r"\beach with\b",
    r"\blooks? on\b",
    r"\bstands? for\b",
    r"\bgives? away\b",
    r"\bin the eyes of\b",
    r"\bas (it stands|as they stand)\b",
    r"\bone a\b",
    r"^(Tell|Give) ",
    r"^Return what\b",
)
"""Patterns that only a reader of the code around them understands."""


def first_sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and first paragraph of every docstring of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, " ".join(text.split("\n\n")[0].split())


def unclear(source: str) -> list[str]:
    """Return the first sentences with a banned pattern, as ``line: sentence``."""
    return [
        f"{line}: {sentence}"
        for line, sentence in first_sentences(ast.parse(source))
        if any(re.search(pattern, sentence) for pattern in BANNED)
    ]


def test_every_first_sentence_stands_alone() -> None:
    modules = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "sim").rglob("*.py"))}
    found = [f"{name}:{each}" for name, path in modules.items() for each in unclear(path.read_text("utf-8"))]
    assert found == [], "\n".join(found)


def test_an_unclear_sentence_is_found() -> None:
    assert unclear('"""Whoever looks on while a model runs."""') == ["1: Whoever looks on while a model runs."]
    assert unclear('def f():\n    """Return the same.\n\n    More.\n    """') == ["2: Return the same."]
    assert unclear('class A:\n    """A state.\n\n    The same as above.\n    """') == []
