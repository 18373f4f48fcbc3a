"""What an audit found: the baseline, a row for each check, and the verdict in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import Any, Final

import pandas as pd

from sim.analysis.auditing.checks import Invariance
from sim.analysis.auditing.verdicts import LEVEL, CheckVerdict, PairedSample, Verdict, worst
from sim.output.formatting import amount, amounts
from sim.output.measuring import Kind, kind_of
from sim.scenario.claims import Claim
from sim.scenario.problems import listed
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class JudgedSample:
    """The paired differences that a check found, and what they mean for the claim."""

    sample: PairedSample
    judgement: CheckVerdict


@dataclass(frozen=True)
class CheckResult:
    """One check of an audit with its finding and verdict.

    Attributes
    ----------
    name, sentence : str
    exact : bool
        Whether it had to leave every run as it is.
    finding : JudgedSample, Invariance or None
        None if the time did not suffice.
    through : bool
        Whether it switches off a mechanism that the claim names, so that it does not count.
    seconds : float
        Time that it took; 0 if it was kept from before.
    """

    name: str
    sentence: str
    exact: bool
    finding: JudgedSample | Invariance | None
    through: bool
    seconds: float

    @property
    def verdict(self) -> Verdict | None:
        """What the check means for the claim; None if it was not made, or does not count."""
        if self.through or self.finding is None:
            return None
        if isinstance(self.finding, Invariance):
            return Verdict.DEFECT if self.finding.touches else Verdict.ROBUST
        return self.finding.judgement.verdict

    def told(self, kind: Kind) -> str:
        """Return the name of the check and what it found, for a list in a sentence."""
        match self.finding:
            case JudgedSample(sample, judgement):
                needed = "" if judgement.needed is None else f", {judgement.needed:,} replicates would tell"
                return f"{self.name} ({amount(sample.mean, kind)}{needed})"
            case Invariance():
                return f"{self.name} ({self.finding.text})"
        return self.name


@dataclass(frozen=True)
class Baseline(CheckResult):
    """The scenario as it is, which all checks are held against."""

    finding: JudgedSample


@dataclass(frozen=True, eq=False)
class Audit:
    """The audit of a claim.

    Attributes
    ----------
    scenario : Scenario
        The inputs.
    claim : Claim
    seed, replicates : int
    engine : str
    draws : str
        Name of the source of parameters.
    means : tuple of float or None
        Means of the metric in the baseline: in the branch that is said to be higher, and in the other one.
    baseline : Baseline
    results : tuple of CheckResult
        In the order in which the checks are made.
    level : float
        Level of the intervals of the checks; that of the baseline is 95 %.
    """

    scenario: Scenario
    claim: Claim
    seed: int
    replicates: int
    engine: str
    draws: str
    means: tuple[float | None, float | None]
    baseline: Baseline
    results: tuple[CheckResult, ...]
    level: float

    @property
    def whole(self) -> bool:
        """Whether every check was made."""
        return all(result.finding is not None for result in self.results)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim."""
        found = [result.verdict for result in (self.baseline, *self.results)]
        return worst((verdict for verdict in found if verdict is not None), whole=self.whole)

    @property
    def seconds(self) -> float:
        """Time that the runs took."""
        return sum(result.seconds for result in (self.baseline, *self.results))

    def named(self, verdict: Verdict) -> tuple[CheckResult, ...]:
        """Return the checks with a verdict, the baseline first."""
        return tuple(result for result in (self.baseline, *self.results) if result.verdict is verdict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict in words: what it is, which checks name it, and what else is to be known."""
        return tuple(_sentences(self))

    def table(self) -> pd.DataFrame:
        """Return one row for the baseline and each check.

        Columns ``check``, ``sentence``, ``exact``, ``counts``, ``verdict``, ``difference``, ``low``, ``high``,
        ``pairs``, ``spread``, ``needed``, ``text``, ``seconds``.
        """
        return pd.DataFrame([_row(result) for result in (self.baseline, *self.results)])

    def report(self) -> dict[str, Any]:
        """Return the content of ``audit --json``."""
        sample, judged = self.baseline.finding.sample, self.baseline.finding.judgement
        return {
            "claim": self.claim.text,
            "metric": self.claim.metric,
            "higher": self.claim.higher,
            "lower": self.claim.lower,
            "least": self.claim.least,
            "through": list(self.claim.through),
            "verdict": self.verdict.word,
            "sentences": list(self.sentences),
            "seed": self.seed,
            "replicates": self.replicates,
            "engine": self.engine,
            "parameters": self.draws,
            "baseline": {
                "higher": self.means[0],
                "lower": self.means[1],
                "difference": _plain(sample.mean),
                "low": _plain(judged.low),
                "high": _plain(judged.high),
                "level": LEVEL,
            },
            "level": self.level,
            "checks": {
                row["check"]: {key: _plain(cell) for key, cell in row.items() if key not in ("check", "seconds")}
                for row in map(_row, self.results)
            },
        }

    def _repr_html_(self) -> str:
        return f"<p>{escape(' '.join(self.sentences))}</p>{self.table().to_html(index=False)}"


def _sentences(audit: Audit) -> Iterator[str]:
    verdict, sample, judged = audit.verdict, audit.baseline.finding.sample, audit.baseline.finding.judgement
    kind = kind_of(audit.claim.parsed)
    size = f"{amount(sample.mean, kind)} ({amounts(judged.low, judged.high, kind)})"
    least = audit.claim.least
    limit = f"above {amount(least, kind).removeprefix('+') if least else 0}"
    made = [result for result in audit.results if isinstance(result.finding, JudgedSample) and not result.through]
    whole = "all of the" if audit.whole else "so far the"
    if verdict is Verdict.ROBUST:
        half, twice = amount(sample.mean / 2, kind), amount(2 * sample.mean, kind)
        yield (
            f"Robust: the difference is {size}; in {whole} {len(made)} variations its interval lies {limit}, and its "
            f"middle between {half} and {twice}."
        )
    else:
        names = ", ".join(result.told(kind) for result in audit.named(verdict)) or "see below"
        yield f"{verdict.word.capitalize()}: the difference is {size}; {_WHY[verdict].format(limit=limit)}{names}."
    for other in (Verdict.FRAGILE, Verdict.UNDECIDED, Verdict.SHIFTED):
        others = audit.named(other)
        if other < verdict and others:
            yield f"Also {other.word}: {', '.join(result.told(kind) for result in others)}."
    through = [result.told(kind) for result in audit.results if result.through and result.finding is not None]
    if through:
        yield f"By the claim it works through these mechanisms; without them: {', '.join(through)}."
    missed = [result.told(kind) for result in audit.results if result.finding is None]
    if missed:
        yield f"Not reached in time: {listed(tuple(missed))}."
    for result in audit.results:
        if isinstance(result.finding, Invariance) and not result.finding.holds and not result.finding.touches:
            yield (f"A defect that the metric does not show: {result.name}: {result.finding.text}.")


_WHY: Final = {
    Verdict.SHIFTED: "the side is kept, but not the size: ",
    Verdict.UNDECIDED: "these checks cannot tell, or were not made: ",
    Verdict.FRAGILE: "not {limit} with: ",
    Verdict.DEFECT: "the program does not do what it says: ",
}


def _row(result: CheckResult) -> dict[str, Any]:
    measured = result.finding if isinstance(result.finding, JudgedSample) else None
    sample, judged = (None, None) if measured is None else (measured.sample, measured.judgement)
    return {
        "check": result.name,
        "sentence": result.sentence,
        "exact": result.exact,
        "counts": not result.through,
        "verdict": verdict_word(result),
        "difference": None if sample is None else sample.mean,
        "low": None if judged is None else judged.low,
        "high": None if judged is None else judged.high,
        "pairs": None if sample is None else sample.pairs,
        "spread": None if sample is None else sample.spread,
        "needed": None if judged is None else judged.needed,
        "text": result.finding.text if isinstance(result.finding, Invariance) else "",
        "seconds": result.seconds,
    }


def verdict_word(result: CheckResult) -> str:
    """Return the verdict of a check in a word or two, as tables have it."""
    if result.finding is None:
        return "not reached"
    if isinstance(result.finding, Invariance):
        if result.finding.holds:
            return "holds"
        return "defect" if result.finding.touches else "defect elsewhere"
    word = result.finding.judgement.verdict.word
    return f"through ({word})" if result.through else word


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
