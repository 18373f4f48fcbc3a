"""Expressions about calls for help: whether a call comes, and the highest response to the first one.

``called(CSTO, 2026-12..2027-12)`` is yes or no. ``response(CSTO, 2026-12..2027-12)`` is a response, known in those runs
alone in which there is a call.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.engine.setup import prepare
from sim.experiments.chunks import BatchOutcome, RunBatch
from sim.experiments.result_axes import ResultAxes
from sim.scenario import Scenario, ScenarioError, check_metric, focus_of
from sim.scenario.expressions import ExpressionError, Month, Span, month_text
from sim.words import LOYAL, OUT

Floats = NDArray[np.float64]

_WRITTEN = re.compile(r"\s*(?P<kind>called|response)\s*\(\s*(?P<treaty>[^,()]*?)\s*,\s*(?P<span>[^,()]*?)\s*\)\s*\Z")
_FORM: Final = "called(TREATY, 2026-12..2027-12) or response(TREATY, 2026-12..2027-12)"


@dataclass(frozen=True)
class Calls:
    """Calls for help under a treaty's duty to defend, in a range of months, both ends included.

    A call counts if a member of the treaty that is not out makes it about an attack by a state that is no member, or
    about unrest, and a fellow member reads it as covered; where only consultations were asked for, it does not.
    """

    kind: Literal["called", "response"]
    treaty: str
    first: Month
    last: Month

    @property
    def text(self) -> str:
        """Canonical form of the expression."""
        return f"{self.kind}({self.treaty}, {month_text(self.first)}..{month_text(self.last)})"


def is_about_calls(text: str) -> bool:
    """Return whether an expression is about calls for help instead of a metric."""
    return text.lstrip().startswith(("called", "response"))


def read_calls(scenario: Scenario, text: str) -> Calls:
    """Parse an expression about calls and check that it fits a scenario.

    Raises
    ------
    ExpressionError
        If it cannot be read, or is not about the focus treaty.
    ScenarioError
        If it names what the scenario does not have.
    """
    match = _WRITTEN.match(text)
    if match is None:
        raise ExpressionError(f"'{text.strip()}' cannot be read", _FORM)
    try:
        span = check_metric(scenario, f"max({match['treaty']}.members, {match['span']})")
    except ScenarioError as error:
        raise ScenarioError([replace(problem, key=text) for problem in error.problems]) from None
    except ExpressionError as error:
        raise ExpressionError(f"'{text.strip()}' cannot be read ({error.message})", _FORM) from None
    treaty, focus = span.path.owner if isinstance(span, Span) else "", focus_of(scenario)
    if not isinstance(span, Span) or treaty != focus:
        raise ExpressionError(f"calls are recorded under the focus treaty alone, not under '{treaty}'", str(focus))
    return Calls("called" if match["kind"] == "called" else "response", treaty, span.first, span.last)


def consultations(scenario: Scenario, branches: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return the dated events, by branch and name, that only call for consultations."""
    return frozenset(
        (branch, shock.name)
        for branch in branches
        for tick in prepare(scenario, branch).shocks
        for shock in tick
        if shock.case.consult
    )


def highest_responses(
    calls: Calls, cast: ResultAxes, piece: RunBatch, outcome: BatchOutcome, passed_over: frozenset[tuple[str, str]]
) -> Floats:
    """Return the rank of the highest response to the first call in each run of a piece, NaN if there is no call.

    Parameters
    ----------
    calls : Calls
    cast : ResultAxes
        Names on the axes of the outcome's postures.
    piece, outcome
        Batch of runs, and its outcome with trajectories and responses.
    passed_over : frozenset
        From `consultations`.

    Returns
    -------
    array (R)
        Of calls on one day, the higher response.
    """
    highest = np.full(piece.count, np.nan)
    since: dict[int, date] = {}
    ends = np.array(cast.dates, dtype="datetime64[D]")
    postures = outcome.arrays["posture"]

    def member(run: int, state: str, tick: int) -> bool:
        return state in cast.members and LOYAL <= postures[run, tick, cast.members.index(state)] < OUT

    for row in _rows(outcome.responses, calls):
        if (row["branch"], row["event"]) in passed_over:
            continue
        run, day = row["replicate"] - piece.first, row["date"]
        before = int(np.searchsorted(ends[1:], np.datetime64(day, "D")))  # a tick's calls come before its reviews
        fellows = member(run, row["victim"], before) and member(run, row["ally"], before)
        if not fellows or (row["aggressor"] and member(run, row["aggressor"], before)) or day > since.get(run, day):
            continue
        level = float(row["level"])
        highest[run] = level if day < since.get(run, date.max) else max(highest[run], level)
        since[run] = day
    return highest


def _rows(responses: pa.Table, calls: Calls) -> Iterable[dict[str, Any]]:
    for row in responses.filter((pc.field("made")) & (pc.field("coverage") > 0.0)).to_pylist():
        if calls.first <= (row["date"].year, row["date"].month) <= calls.last:
            yield row


def answered(calls: Calls, highest: Floats) -> Floats:
    """Return the value of an expression in each run: 1 or 0 for a call, the rank of the response or NaN."""
    return (~np.isnan(highest)).astype(np.float64) if calls.kind == "called" else highest
