"""Scenario discovery: a plain-language rule for when an outcome occurs, validated on held-out runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.averages import average
from sim.analysis.boxes import Box, Flags, quasi_p
from sim.analysis.finders import choose_method, find_boxes
from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output.formatting import percent, percents
from sim.output.measuring import Floats

SPLIT_SEED = 1
FEWEST = 20
"""Runs of interest, and runs not of interest, below which no rule is looked for."""

SURE = 0.05
"""Quasi-p value above which a limit is taken for chance."""

NEAR = 0.01
"""How much a box may fall short of the best one and be taken for having fewer limits."""

MOST_RUNS = 200_000
"""Runs that a box is looked for in; of more, the first replicates of each point."""

HALVES = ("learned", "held-out")


@dataclass(frozen=True, eq=False)
class Discovery:
    """Scenario-discovery rule: the box of factors in which an outcome occurs most, with its validation.

    Attributes
    ----------
    metric, branch : str
        What happens, and where.
    method : str
        ``prim`` or ``cart``.
    limits : pandas.DataFrame
        One row a factor of the chosen box: ``factor``, ``low``, ``high`` (missing where there is no limit),
        ``quasi_p_low``, ``quasi_p_high``; no row if no box is better than chance.
    boxes : pandas.DataFrame
        The boxes to choose from, on the half they were found on: ``box``, ``coverage`` (share of the cases that lie
        in it), ``density`` (share of its runs that are cases), ``mass`` (share of the runs that lie in it), ``limits``
        (how many), ``quasi_p`` (the largest), ``chosen``.
    halves : pandas.DataFrame
        The chosen box on the half it was found on and on the other: ``half``, ``points``, ``runs``, ``cases``,
        ``base`` (share of cases), ``mass``, then ``density`` and ``coverage`` with ``_low`` and ``_high``.
    text : str
        The rule in words.
    spans : pandas.DataFrame
        One row a factor: ``factor``, and ``least`` and ``most`` of its values.
    warnings : tuple of str
        What limits the rule.
    """

    metric: str
    branch: str
    method: str
    limits: pd.DataFrame
    boxes: pd.DataFrame
    halves: pd.DataFrame
    text: str
    spans: pd.DataFrame
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Half:
    """Half of the design points: their factors, their independent part of the design, and their values by run."""

    points: pd.DataFrame
    blocks: NDArray[np.int64]
    values: Floats

    @property
    def runs(self) -> Floats:
        return np.asarray((~np.isnan(self.values)).sum(axis=1), dtype=np.float64)

    @property
    def cases(self) -> Floats:
        return np.asarray(np.nansum(self.values, axis=1), dtype=np.float64)


def discover(sweep: StoredSweep, case: str, branch: str | None = None, method: str | None = None) -> Discovery:
    """Find the conditions on the factors under which a given outcome occurs.

    Half of the points (whole base points or trajectories, drawn with a fixed seed) yield boxes; the one with the
    highest harmonic mean of coverage and density among those whose every limit has a quasi-p value of 0.05 at
    most is chosen (one with fewer limits if it is as good within 0.01), and applied to the other half.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep that varies two numbers or more.
    case : str
        What is of interest: a true or false metric of the sweep, or a comparison of another one.
    branch : str, optional
        Default: the first of the sweep.
    method : str, optional
        ``prim`` or ``cart``; default: the first whose package is installed.

    Raises
    ------
    InputError
        If the sweep has too few factors or cases, or what the method needs is not installed.

    Examples
    --------
    >>> discover(sweep, "ARM.posture@2024-12 >= freeze").text  # doctest: +SKIP
    'ARM.posture@2024-12 >= freeze when memory_half_life >= 71.2: in 83 % (78 to 87 %) of such runs; misses ...'
    """
    return find_rule(sweep, cases_of(sweep, case, branch), method)


def find_rule(sweep: StoredSweep, what: MetricOutcome, method: str | None = None, *, unit: str = "runs") -> Discovery:
    """Find the conditions under which what is true or false at each point and replicate is true, as `discover` does.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep that varies two numbers or more.
    what : MetricOutcome
        What is of interest.
    method : str, optional
        As for `discover`.
    unit : str
        What one value is of, in words.

    Raises
    ------
    InputError
        As for `discover`.
    """
    if len(sweep.numeric) < 2:
        raise InputError("scenario discovery needs two factors that are numbers or more")
    chosen_method = choose_method(method)
    count = int(np.nansum(what.values))
    least = min(count, int((~np.isnan(what.values)).sum()) - count)
    if least < FEWEST:
        raise InputError(
            f"'{what.metric}' is {'true' if least == count else 'false'} in {least} {unit}; "
            f"scenario discovery needs {FEWEST} or more"
        )
    learned, held = _halves(sweep, what)
    candidates = find_boxes(chosen_method, *_as_runs(learned))
    boxes = _rated(candidates, learned)
    chosen = _choice(boxes)
    box = candidates[chosen] if chosen is not None else Box({})
    boxes["chosen"] = [number == chosen for number in range(len(boxes))]
    halves = pd.DataFrame([_tried(name, half, box) for name, half in zip(HALVES, (learned, held), strict=True)])
    return Discovery(
        metric=what.metric,
        branch=what.branch,
        method=chosen_method,
        limits=_limits(box, learned),
        boxes=boxes,
        halves=halves,
        text=_in_words(what.metric, box, halves, unit),
        spans=_spans(sweep),
        warnings=_cautions(what, learned, halves, has_rule=chosen is not None),
    )


def cases_of(sweep: StoredSweep, case: str, branch: str | None = None) -> MetricOutcome:
    """Return, for each run, whether the outcome of interest occurs.

    Raises
    ------
    InputError
        If it is not true or false, or not of this sweep.
    """
    what = outcome(sweep, case, branch)
    if not what.chance:
        raise InputError(f"'{case}' is a number; compare it, such as --case '{case} > 0.5'")
    return what


def _halves(sweep: StoredSweep, what: MetricOutcome) -> tuple[_Half, _Half]:
    blocks = sweep.blocks
    parts = np.random.default_rng(SPLIT_SEED).permutation(blocks.max() + 1)
    learns = np.isin(blocks, parts[: (len(parts) + 1) // 2])
    points = sweep.points[list(sweep.numeric)]
    halves = [_Half(points[side], blocks[side], what.values[side]) for side in (learns, ~learns)]
    return halves[0], halves[1]


def _as_runs(half: _Half) -> tuple[pd.DataFrame, Flags]:
    """Return the factors with one row a run, and whether each run is a case."""
    replicates = max(1, min(half.values.shape[1], MOST_RUNS // len(half.points)))
    values = half.values[:, :replicates].ravel()
    known = ~np.isnan(values)
    points = half.points.loc[half.points.index.repeat(replicates)].reset_index(drop=True)
    return points[known].reset_index(drop=True), values[known] > 0


def _rated(candidates: list[Box], half: _Half) -> pd.DataFrame:
    cases, runs = half.cases, half.runs
    rows = []
    for number, box in enumerate(candidates):
        inside = box.holds(half.points)
        rows.append(
            {
                "box": number,
                "coverage": cases[inside].sum() / max(1.0, cases.sum()),
                "density": cases[inside].sum() / max(1.0, runs[inside].sum()),
                "mass": runs[inside].sum() / runs.sum(),
                "limits": len(box.sides),
                "quasi_p": max(quasi_p(box, half.points, cases, runs).values(), default=np.nan),
            }
        )
    return pd.DataFrame(rows)


def _choice(boxes: pd.DataFrame) -> int | None:
    sure = boxes[(boxes["limits"] > 0) & (boxes["quasi_p"] <= SURE) & (boxes["density"] > boxes["density"].iloc[0])]
    if sure.empty:
        return None
    merit = 2 * sure["coverage"] * sure["density"] / (sure["coverage"] + sure["density"])
    near = sure[merit >= merit.max() - NEAR].assign(merit=merit)
    best = near.sort_values(["limits", "merit"], ascending=[True, False], kind="stable")
    return int(best["box"].iloc[0])


def _tried(name: str, half: _Half, box: Box) -> dict[str, Any]:
    inside = box.holds(half.points)
    runs, cases = half.runs, half.cases
    units = np.broadcast_to(half.blocks[:, None], half.values.shape)
    density = average(half.values[inside].ravel(), units[inside].ravel(), chance=True)
    of_interest = half.values == 1
    lies_inside = np.broadcast_to(inside[:, None], half.values.shape)[of_interest].astype(np.float64)
    coverage = average(lies_inside, units[of_interest], chance=True)
    return {
        "half": name,
        "points": len(half.points),
        "runs": int(runs.sum()),
        "cases": int(cases.sum()),
        "base": cases.sum() / max(1.0, runs.sum()),
        "mass": runs[inside].sum() / max(1.0, runs.sum()),
        "density": density.mean,
        "density_low": density.low,
        "density_high": density.high,
        "coverage": coverage.mean,
        "coverage_low": coverage.low,
        "coverage_high": coverage.high,
    }


def _limits(box: Box, half: _Half) -> pd.DataFrame:
    p_values = quasi_p(box, half.points, half.cases, half.runs)
    rows = [
        {
            "factor": key,
            "low": low if isfinite(low) else np.nan,
            "high": high if isfinite(high) else np.nan,
            "quasi_p_low": p_values.get((key, 0), np.nan),
            "quasi_p_high": p_values.get((key, 1), np.nan),
        }
        for key, (low, high) in box.limits.items()
    ]
    return pd.DataFrame(rows, columns=["factor", "low", "high", "quasi_p_low", "quasi_p_high"])


def conditions(box: Box) -> str:
    """Return the limits of a box as a plain-language rule.

    Examples
    --------
    >>> conditions(Box({"parameters.memory_half_life": (71.0, float("inf"))}))
    'memory_half_life >= 71'
    """
    words = []
    for key, (low, high) in box.limits.items():
        name = key.partition(".")[2] or key
        words += [f"{name} >= {low:g}"] if isfinite(low) else []
        words += [f"{name} <= {high:g}"] if isfinite(high) else []
    return " and ".join(words)


def _in_words(metric: str, box: Box, halves: pd.DataFrame, unit: str) -> str:
    learned, held = halves.to_dict("records")
    if not box.limits:
        return f"no rule found for {metric}: it happens in {percent(learned['base'])} of the {unit}, wherever they lie"
    return (
        f"{metric} when {conditions(box)}: in {_share(learned, 'density')} of such {unit}; misses {_missed(learned)} "
        f"of all cases; on held-out points {_share(held, 'density')} of such {unit}, misses {_missed(held)}. "
        f"Anywhere: {percent(held['base'])}"
    )


def _missed(row: Mapping[Any, Any]) -> str:
    """Return the share of cases that lie outside the box, with its interval."""
    ends = {"missed": "coverage", "missed_low": "coverage_high", "missed_high": "coverage_low"}
    return _share({name: 1 - row[end] for name, end in ends.items()}, "missed")


def _share(row: Mapping[Any, Any], name: str) -> str:
    if np.isnan(row[name]):
        return "no run"
    return f"{percent(row[name])} ({percents(row[f'{name}_low'], row[f'{name}_high'])})"


def _spans(sweep: StoredSweep) -> pd.DataFrame:
    points = sweep.points[list(sweep.numeric)]
    return pd.DataFrame({"factor": sweep.numeric, "least": points.min().to_numpy(), "most": points.max().to_numpy()})


def _cautions(what: MetricOutcome, learned: _Half, halves: pd.DataFrame, *, has_rule: bool) -> tuple[str, ...]:
    warned = []
    with_cases = int((learned.cases > 0).sum())
    if with_cases < FEWEST:
        warned.append(
            f"'{what.metric}': {with_cases} of {len(learned.points)} points that rules are found on have a case; "
            f"fewer than {FEWEST} say little"
        )
    if learned.values.size > MOST_RUNS:
        used = max(1, MOST_RUNS // len(learned.points))
        warned.append(f"'{what.metric}': boxes were looked for in the first {used} replicates of each point")
    first, second = halves.to_dict("records")
    warned += [
        f"'{what.metric}': {name} of the rule is lower on held-out points, {_share(second, name)}, than where it was "
        f"found, {_share(first, name)}"
        for name in ("density", "coverage")
        if has_rule and not second[name] >= first[f"{name}_low"]
    ]
    return (*warned, *what.missing_values())
