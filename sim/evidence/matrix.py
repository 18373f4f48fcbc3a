"""Pattern matrix: every pattern under the priors, the fits, each ablation, and a null model."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.evidence.bank import BankSection
from sim.evidence.patterns import Pattern
from sim.output.measuring import Floats


def pattern_matrix(patterns: Sequence[Pattern], prior: BankSection, columns: Mapping[str, Floats]) -> pd.DataFrame:
    """Return the pattern matrix: the value of every pattern in each column, with its verdict.

    Parameters
    ----------
    patterns : sequence of Pattern
    prior : BankSection
        Draws from the prior, of which quantiles and the share inside each interval are shown.
    columns : mapping
        Statistics by name of the model or its variant.

    Returns
    -------
    DataFrame
        One row a pattern: what it is, its interval, the prior's ``prior_q05``, ``prior_q95`` and ``prior_inside``, and
        for every column its value and ``NAME verdict``: pass, miss, or a dash where there is none.
    """
    rows = []
    for place, one in enumerate(patterns):
        values = prior.means[:, place]
        known = values[~np.isnan(values)]
        row: dict[str, Any] = {
            "pattern": one.name,
            "fact": one.fact,
            "tier": one.tier,
            "member": one.member,
            "low": one.low,
            "high": one.high,
            "prior_q05": float(np.quantile(known, 0.05)) if len(known) else np.nan,
            "prior_q95": float(np.quantile(known, 0.95)) if len(known) else np.nan,
            "prior_inside": float(one.accepts(values).mean()),
        }
        for name, found in columns.items():
            value = float(found[place])
            row[name] = value
            row[f"{name} verdict"] = "-" if np.isnan(value) else "pass" if one.low <= value <= one.high else "miss"
        rows.append(row)
    return pd.DataFrame(rows)
