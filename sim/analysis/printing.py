"""The summary of an analysis as commands print it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.analysis.discovery import Discovery
from sim.analysis.screening import MorrisEffects
from sim.analysis.studies import Finding, Study
from sim.analysis.variance import SobolIndices
from sim.analysis.writing import design_in_words, short_names
from sim.output.summary import Table


def study_tables(study: Study) -> list[Table]:
    """Return a table for each metric and method: indices or effects where the design gives them, and tornadoes."""
    return [table for finding in study.findings for table in _tables(study, finding)]


def rules(study: Study) -> list[str]:
    """Return the rules that scenario discovery found, in words."""
    return [finding.found.text for finding in study.findings if isinstance(finding.found, Discovery)]


def _tables(study: Study, finding: Finding) -> Iterator[Table]:
    found, names = finding.found, short_names(study.sweep.keys)
    place = f"{study.branch}, {design_in_words(study.sweep)}"
    if isinstance(found, SobolIndices):
        title = f"{finding.metric}: Sobol indices ({place})"
        yield Table(
            title,
            ("factor", "first order", "90 %", "total", "90 %"),
            tuple(
                (
                    names[row["factor"]],
                    _text(row["first"]),
                    _span(row, "first_"),
                    _text(row["total"]),
                    _span(row, "total_"),
                )
                for row in found.indices.to_dict("records")
            ),
        )
    elif isinstance(found, MorrisEffects):
        title = f"{finding.metric}: elementary effects ({place})"
        yield Table(
            title,
            ("factor", "mu*", "90 %", "mu", "sigma"),
            tuple(
                (
                    names[row["factor"]],
                    _text(row["mu_star"]),
                    _span(row, "mu_star_"),
                    _text(row["mu"]),
                    _text(row["sigma"]),
                )
                for row in found.effects.to_dict("records")
            ),
        )
    elif isinstance(found, pd.DataFrame) and finding.method == "tornado":
        title = f"{finding.metric}: from the low to the high end of each factor ({place})"
        yield Table(
            title,
            ("factor", "values", "low end", "high end", "change", "90 %"),
            tuple(
                (
                    names[row["factor"]],
                    f"{row['low_value']:.3g} to {row['high_value']:.3g}",
                    _text(row["low_mean"]),
                    _text(row["high_mean"]),
                    _text(row["change"]),
                    _span(row, ""),
                )
                for row in found.to_dict("records")
            ),
        )


def _text(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.3f}"


def _span(row: Mapping[Any, Any], prefix: str) -> str:
    return f"{_text(row[f'{prefix}low'])} to {_text(row[f'{prefix}high'])}"
