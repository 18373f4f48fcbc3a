"""The generated parts of ``docs/``: tables of ``odd.md`` and other pages, written from the objects that the code uses.

``python -m sim.reference`` writes them anew, and with them every other generated part of the documents.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sim.engine.decisions import TERMS
from sim.engine.schedule import STAGES
from sim.evidence import validation
from sim.experiments.sweep_schema import schema_text
from sim.interop.columns import MEANINGS, MEASURES
from sim.interop.layouts import LAYOUTS
from sim.mechanisms import MECHANISMS
from sim.model.parameters import PARAMETERS, Parameter
from sim.model.terms import terms_of
from sim.model.variables import VARIABLES
from sim.output.formatting import percent, percents
from sim.scenario import load
from sim.scenario.reference import DOCS, replace_part, write_documents

_GREEK: Final = (
    "chi", "delta", "eta", "gamma", "iota", "kappa", "lambda", "mu", "omega", "psi", "sigma", "tau", "theta", "zeta",
)  # fmt: skip
_OWNERS: Final = {"state": "a state", "dyad": "a pair of states", "member": "a state in a treaty", "treaty": "a treaty"}


def symbol(parameter: Parameter) -> str:
    """Return the symbol of a parameter, with the names of Greek letters replaced by the letters.

    Examples
    --------
    >>> symbol(PARAMETERS["ladder_precision"])
    'λ_p'
    """
    return re.sub(rf"^({'|'.join(_GREEK)})(?![a-z])", lambda found: unescape(f"&{found[0]};"), parameter.symbol)


def stages() -> str:
    """Return the table of the stages of a tick."""
    rows = [(str(number), f"`{stage.name}`", stage.meaning) for number, stage in enumerate(STAGES, 1)]
    return _table(("", "stage", "what happens"), rows)


def variables() -> str:
    """Return the table of variables."""
    rows = [
        (f"`{variable.name}`", _OWNERS[variable.of], variable.unit, variable.meaning) for variable in VARIABLES.values()
    ]
    return _table(("variable", "of", "unit", "meaning"), rows)


def parameters() -> str:
    """Return the tables of parameters, one for each group, and the defaults that are not medians."""
    heads = ("name", "symbol", "unit", "default", "range", "prior", "meaning", "source")
    parts = []
    for group in dict.fromkeys(parameter.group for parameter in PARAMETERS.values()):
        rows = [_row(parameter) for parameter in PARAMETERS.values() if parameter.group == group]
        parts += [f"**{group.capitalize()}**", _table(heads, rows)]
    parts.append("Defaults are the medians of the priors, with these exceptions:")
    parts += [
        f"- `{parameter.name}`: {parameter.departure}." for parameter in PARAMETERS.values() if parameter.departure
    ]
    return "\n\n".join(parts)


def mechanisms() -> str:
    """Return the table of mechanisms that can be switched off."""
    rows = [
        (
            f"`{mechanism.name}`",
            mechanism.meaning,
            ", ".join(f"`{name}` = {value:g}" for name, value in mechanism.off.items()),
        )
        for mechanism in MECHANISMS.values()
    ]
    return _table(("mechanism", "what it does", "off with"), rows)


def terms() -> str:
    """Return the table of the terms of decisions."""
    rows = []
    for declared in dict.fromkeys(term_class for classes in TERMS.values() for term_class in classes):
        kinds = ", ".join(kind for kind, classes in TERMS.items() if declared in classes)
        for name, term in terms_of(declared).items():
            weights = ", ".join(f"`{parameter}`" for parameter in term.parameters.split())
            rows.append((kinds, name, weights, f"`{term.mechanism}`" if term.mechanism else ""))
    return _table(("decision", "term", "weighed by", "switched off as"), rows)


PARTS: Final = {"variables": variables, "stages": stages, "parameters": parameters, "terms": terms}
"""The generated parts of ``odd.md``, by the name in their markers."""

COMPARING: Final = {"mechanisms": mechanisms}
"""The generated parts of ``comparing.md``."""


def exported(table: str) -> str:
    """Return the table of an exported table's columns, in which ``*`` means the mean and quantiles."""
    rows = []
    for name, meaning in MEANINGS[table].items():
        variable, _, measure = name.rpartition("_")
        if measure == "mean":
            rows.append((f"`{variable}_*`", meaning.removeprefix(f"{MEASURES['mean']}: ")))
        elif measure not in MEASURES:
            rows.append((f"`{name}`", meaning))
    return _table(("column", "meaning"), rows)


def known_layouts() -> str:
    """Return the table of the layouts in which official data files are read."""

    def cells(columns: Iterable[str]) -> str:
        quoted = [f"`{column}`" for column in columns]
        return ", ".join(quoted) if len(quoted) < 9 else f"{quoted[0]} .. {quoted[-1]}"

    rows = [
        (
            f"`{layout.data_set}`",
            ", ".join(f"`{column}`" for column in layout.columns.values()),
            cells(layout.optional.values()),
        )
        for layout in LAYOUTS
    ]
    return _table(("data set", "known by its columns", "also read"), rows)


REFERENCE: Final = DOCS.parent / "results" / "reference"
VALIDATED: Final = validation.parts(REFERENCE)
"""The generated parts of ``validation.md``, from the calibration and the hindcast that lie in the repository."""


def story() -> str:
    """Return the table of the main outcomes by branch of the shipped scenario, from the runs in the repository."""
    columns = {
        "froze by December 2024": "first(ARM.posture >= freeze) <= 2024-12",
        "frozen at the end of 2024": "ARM.posture@2024-12 >= freeze",
        "trust in Russia, December 2023": "ARM.trust[RUS]@2023-12",
    }
    rows: list[dict[str, Any]] = pd.read_csv(REFERENCE / "summary.csv").to_dict("records")  # type: ignore[assignment]
    outcomes = {(row["branch"], row["metric"]): row for row in rows}
    titles = load(DOCS.parent / "scenarios" / "karabakh-2023.toml").branches

    def cell(branch: str, metric: str) -> str:
        row = outcomes[branch, metric]
        if row["kind"] == "chance":
            return f"{percent(row['mean'])} ({percents(row['low'], row['high'])})"
        return f"{float(row['median']):.2f}"

    first = next(iter(columns.values()))
    branches = sorted({branch for branch, _ in outcomes}, key=lambda branch: (-outcomes[branch, first]["mean"], branch))
    return _table(
        ("branch", *columns),
        ((titles[branch].title, *(cell(branch, metric) for metric in columns.values())) for branch in branches),
    )


FINDINGS: Final = {"story": story}
"""The generated parts of ``findings.md``."""

EXPORTED: Final[dict[str, Callable[[], str]]] = {
    "layouts": known_layouts,
    **{table: partial(exported, table) for table in MEANINGS},
}
"""The generated parts of ``interoperability.md``."""


GENERATED: Final[dict[str, Mapping[str, Callable[[], str]]]] = {
    "odd.md": PARTS,
    "comparing.md": COMPARING,
    "interoperability.md": EXPORTED,
    "validation.md": VALIDATED,
    "findings.md": FINDINGS,
}
"""The generated parts of each page, by its path from ``docs/``."""


def with_tables(page: str, parts: Mapping[str, Callable[[], str]] = PARTS) -> str:
    """Return a page with all its generated parts written again."""
    for name, write in parts.items():
        begin = f"<!-- {name}: written by `make docs`, do not edit -->"
        page = replace_part(page, begin, f"<!-- end of {name} -->", write())
    return page


def refresh(folder: Path = DOCS) -> None:
    """Write all generated parts of the documents: tables, the reference, the JSON Schemas."""
    write_documents(folder)
    (folder / "sweep.schema.json").write_text(schema_text(), "utf-8")
    for name, parts in GENERATED.items():
        page = folder / name
        page.write_text(with_tables(page.read_text("utf-8"), parts), "utf-8")


def _row(parameter: Parameter) -> tuple[str, ...]:
    limits = f"{parameter.low:g}..{parameter.high:g}"
    named = (
        f"`{parameter.name}`",
        symbol(parameter),
        parameter.unit,
        f"{parameter.default:g}",
        limits,
        parameter.prior,
    )
    return *named, parameter.meaning, parameter.source


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    refresh()
