"""What figures, reports and summaries of a result are about unless told otherwise: branches, member, last date."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output import formatting
from sim.output.result import ResultData

_OWNER = re.compile(r"\b([A-Z][A-Z0-9]{1,7})\.")

MAIN_BRANCH = "as-happened"
"""The default branch of figures, if the result has it."""

CONTRASTS = ("russia-sends-forces-2022", "russia-intervenes")
"""Branches set beside the main one where none is named, the first that the result has."""


def state_name(result: ResultData, code: str) -> str:
    """Return a state's full name, or its code where the scenario gives none."""
    return formatting.state_name(result.scenario, code)


def state_in_sentence(result: ResultData, code: str) -> str:
    """Return a state's name for use in a sentence, with the definite article if it takes one."""
    return formatting.state_in_sentence(result.scenario, code)


def branch_title(result: ResultData, branch: str) -> str:
    """Return a branch's title, or its key with spaces for dashes."""
    return formatting.branch_title(result.scenario, branch)


def main_branch(result: ResultData, branch: str | None = None) -> str:
    """Return the requested branch, by default `MAIN_BRANCH` if the result has it, else the first."""
    if branch is None:
        return MAIN_BRANCH if MAIN_BRANCH in result.branches else result.branches[0]
    if branch not in result.branches:
        raise InputError(f"unknown branch '{branch}'; allowed: {', '.join(result.branches)}")
    return branch


def clients(result: ResultData) -> tuple[str, ...]:
    """Return the members other than the guarantor."""
    return tuple(code for code in result.members if code != result.guarantor)


def client(result: ResultData, state: str | None, branch: str) -> str:
    """Return the requested member; by default, the first in the scenario's metrics or the one with the largest fall."""
    known = clients(result)
    if state is None:
        if not known:
            raise InputError(f"{result.focus} has no member beside its guarantor")
        named = [code for text in result.scenario.metrics for code in _OWNER.findall(text) if code in known]
        if named:
            return str(named[0])
        return max(known, key=lambda code: (fall(result, code, branch), code))
    if state not in known:
        raise InputError(f"unknown member '{state}'; allowed: {', '.join(known)}")
    return state


def median_trust(result: ResultData, state: str, branch: str) -> NDArray[np.float64]:
    """Return the median over replicates of a member's trust in the guarantor, at each date."""
    values = result.trust.sel(branch=branch, truster=state, trustee=result.guarantor).values
    return np.asarray(np.median(values, axis=0), dtype=np.float64)


def fall(result: ResultData, state: str, branch: str) -> float:
    """Return the fall of the median trust in the guarantor, from the start to its minimum."""
    median = median_trust(result, state, branch)
    return float(median[0] - median.min())


def last_recorded(result: ResultData) -> int:
    """Return the index of the last date within the coded record, or of the last date if all are later."""
    index = (
        int(
            np.searchsorted(
                result.dates, np.datetime64(result.scenario.recorded_until(result.days[-1]), "D"), side="right"
            )
        )
        - 1
    )
    return index if index > 0 else len(result.days) - 1


def quoted(result: ResultData, branch: str) -> str:
    """Return a branch's title in quotation marks, for use in a sentence."""
    return formatting.in_quotes(branch_title(result, branch))


def two_branches(result: ResultData, branches: Sequence[str] | None) -> tuple[str, str]:
    """Return the two branches to draw side by side."""
    if branches is None:
        if len(result.branches) < 2:
            raise InputError("two branches are needed; this result has one")
        first = main_branch(result)
        others = [name for name in result.branches if name != first]
        return first, next((name for name in CONTRASTS if name in others), others[0])
    if len(branches) != 2:
        raise InputError(f"two branches are needed, not {len(branches)}")
    return main_branch(result, branches[0]), main_branch(result, branches[1])
