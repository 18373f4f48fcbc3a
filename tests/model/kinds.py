"""Event kinds that tests make up, from the example of docs/extending.md."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sim.rules.registry import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")
EXERCISE = next(
    block for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE) if "class Exercise" in block
)
"""The file that the page tells readers to write."""


@contextmanager
def package_of(folder: Path, **sources: str) -> Iterator[ModuleType]:
    """Give a package of modules with these sources, and forget it again, rules and all."""
    name = f"kinds_of_{folder.name.replace('-', '_')}"
    place = folder / name
    place.mkdir()
    (place / "__init__.py").touch()
    for module, source in sources.items():
        (place / f"{module}.py").write_text(source, "utf-8")
    rules = list(RULES)
    sys.path.insert(0, str(folder))
    try:
        yield import_module(name)
    finally:
        sys.path.remove(str(folder))
        RULES[:] = rules
        for known in [known for known in sys.modules if known.split(".")[0] == name]:
            del sys.modules[known]
