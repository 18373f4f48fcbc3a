"""Sentences that warn where a reader may take sensitivity indices for more than they are."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from sim.analysis.outcome import MetricOutcome
from sim.output.formatting import percent

WIDE: Final = 0.1
"""Half-width of an interval above which an index is called unsettled."""

MOST_NAMED: Final = 5


def plain_list(keys: Sequence[str]) -> str:
    """Return names as a list in words, the first of them if they are many.

    Examples
    --------
    >>> plain_list(["a", "b", "c"])
    'a, b and c'
    """
    shown = list(keys[:MOST_NAMED])
    if len(keys) > MOST_NAMED:
        return f"{', '.join(shown)} and {len(keys) - MOST_NAMED} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def below_zero(table: pd.DataFrame, name: str, words: str) -> list[str]:
    """Return a sentence on the factors whose share of the variance is estimated below zero."""
    low = table[table[name] < 0]
    sure, unsure = low[low[f"{name}_high"] < 0]["factor"], low[low[f"{name}_high"] >= 0]["factor"]
    sentences = []
    if len(unsure):
        sentences.append(
            f"The {words} of {plain_list(list(unsure))} is below zero, which no share can be: read it as zero, which "
            "its interval holds."
        )
    if len(sure):
        sentences.append(
            f"The {words} of {plain_list(list(sure))} is below zero by more than its interval, which no share can be: "
            "the sample is too small for it."
        )
    return sentences


def unsettled(table: pd.DataFrame, name: str, words: str, more: str) -> list[str]:
    """Return a sentence on the factors whose interval is wider than a tenth to both sides."""
    half = (table[f"{name}_high"] - table[f"{name}_low"]) / 2
    wide = list(table["factor"][half > WIDE])
    if not wide:
        return []
    reach = f"±{half.max():.2f}{' at most' if len(wide) > 1 else ''}"
    said = f"The {words} of {plain_list(wide)} is unsettled: its interval reaches {reach}"
    return [f"{said}; more {more} would narrow it."]


def chance_share(what: MetricOutcome) -> list[str]:
    """Return a sentence on the share of the variance between points that is chance of the replicates."""
    noise = what.noise()
    if noise is None:
        return []
    return [f"Chance of the replicates makes {percent(noise)} of the variance between points; no factor explains it."]
