"""Play a page: run its blocks in order, as a reader would, and write the outputs that it shows anew.

``python -m tests.docs.play`` does so with the pages named below. What counts:

- ``sh``: every line is a call of csto-sim; the block is passed over if it begins with ``# setup``; a line that ends
  with ``# refused`` must end with exit code 2, one with ``# exit N`` with N, all others with 0.
- ``text`` after ``sh``: what the calls said; with ``...`` as last line, its beginning.
- ``toml`` or ``csv`` after a paragraph that ends with a file name in backquotes and a colon: is saved there.
- ``python``: is executed; lines after ``>>>`` show what follows from them.
"""

import io
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from doctest import DocTestParser
from pathlib import Path
from typing import Any

from sim.cli.main import main
from sim.rules.registry import RULES

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    ROOT / "docs" / f"{name}.md"
    for name in (
        "tutorial",
        "analysis",
        "extending",
        "comparing",
        "auditing",
        "docking",
        "explaining",
        "explorer",
        "interoperability",
        "playing",
        "report",
    )
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SAVED_AS = re.compile(r"`([^`]+\.(?:toml|csv))`:\s*\Z")
CUT = "..."


class Play:
    """One reading of one page.

    Parameters
    ----------
    replicates : int, optional
        Runs of a branch in place of those that the page asks for.
    shows : bool
        Whether shown outputs are written anew; else they are left as they are.
    """

    def __init__(self, replicates: int | None = None, *, shows: bool = True) -> None:
        self.replicates = replicates
        self.shows = shows
        self.said = ""
        self.names: dict[str, Any] = {"__name__": "page"}

    def page(self, text: str) -> str:
        """Run all blocks of a page in a folder of their own; return the page with the outputs of now."""
        parts, place = [], 0
        with _folder(), _rules_as_they_were():
            for found in BLOCK.finditer(text):
                parts.append(text[place : found.start(2)])
                parts.append(self._block(found[1], found[2], text[: found.start()]))
                place = found.end(2)
        return "".join(parts) + text[place:]

    def _block(self, language: str, body: str, before: str) -> str:
        if language == "sh" and not body.startswith("# setup"):
            self.said = "".join(self._call(line) for line in body.replace("\\\n", " ").splitlines())
        elif language == "text" and self.shows:
            return self._shown(body)
        elif language in ("toml", "csv") and (name := SAVED_AS.search(before)):
            Path(name[1]).write_text(body, "utf-8")
        elif language == "python" and ">>> " in body:
            return "".join(self._examples(body))
        elif language == "python":
            exec(compile(self._fewer(body), "<page>", "exec"), self.names)  # noqa: S102 (the page is ours)
        return body

    def _call(self, line: str) -> str:
        words = shlex.split(self._fewer(line), comments=True)
        if not words:
            return ""
        assert Path(words[0]).name == "csto-sim", f"a page may call csto-sim only: {line}"
        counted = words[1] in ("run", "sweep") and "--help" not in words
        if self.replicates and counted and "--replicates" not in words:
            words += ["--replicates", str(self.replicates)]
        code, out, err = _command(words[1:])
        ending = re.search(r"# exit (\d+)$", line)
        wanted = int(ending[1]) if ending else 2 if line.endswith("# refused") else 0
        assert code == wanted, f"{line}\nended with {code}: {err}"
        return out or err

    def _fewer(self, text: str) -> str:
        if self.replicates is None:
            return text
        return re.sub(r"(replicates[= ])[\d_]+", rf"\g<1>{self.replicates}", text)

    def _shown(self, body: str) -> str:
        lines = [line.rstrip() for line in self.said.strip("\n").splitlines()]
        shown = body.splitlines()
        if shown[-1] == CUT:
            lines = [*lines[: len(shown) - 1], CUT]
        return "\n".join(lines) + "\n"

    def _examples(self, body: str) -> Iterator[str]:
        for part in DocTestParser().parse(body):
            if isinstance(part, str):
                yield part
            else:
                lines = zip([">>> ", *["... "] * part.source.count("\n")], part.source.splitlines(), strict=False)
                yield "".join(f"{prompt}{line}".rstrip() + "\n" for prompt, line in lines)
                yield self._answer(self._fewer(part.source))

    def _answer(self, source: str) -> str:
        said = io.StringIO()
        with redirect_stdout(said):
            exec(compile(source, "<page>", "single"), self.names)  # noqa: S102 (the page is ours)
        return said.getvalue()


def _command(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    hook = sys.excepthook
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main(words)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.excepthook = hook
    raise AssertionError("the command did not end")


@contextmanager
def _folder() -> Iterator[None]:
    """Work in a passing folder that holds the scenarios."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "scenarios", Path(folder, "scenarios"))
        with chdir(folder):
            yield


@contextmanager
def _rules_as_they_were() -> Iterator[None]:
    """Take rules that a page enters as an example out of the list again."""
    before = len(RULES)
    try:
        yield
    finally:
        del RULES[before:]


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(Play().page(path.read_text("utf-8")), "utf-8")
