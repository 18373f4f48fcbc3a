"""What an audit found: the baseline, a row for each check, and the verdict in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import inf, isnan
from typing import Any, Final

import pandas as pd

from sim.analysis.auditing.checks import Invariance
from sim.analysis.auditing.verdicts import LEVEL, NOT_COUNTED, CheckVerdict, PairedSample, Verdict, worst
from sim.output.formatting import amount, amount_within, amounts, percent, shown
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


@dataclass(frozen=True)
class Baseline(CheckResult):
    """The scenario as it is, against which every check is held."""

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
    baseline: Baseline
    results: tuple[CheckResult, ...]
    level: float

    @property
    def kind(self) -> Kind:
        """Whether the metric of the claim is a number or a chance."""
        return kind_of(self.claim.parsed)

    @property
    def whole(self) -> bool:
        """Whether every check was made."""
        return all(result.finding is not None for result in self.results)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim."""
        verdicts = [result.verdict for result in (self.baseline, *self.results)]
        return worst((verdict for verdict in verdicts if verdict is not None), whole=self.whole)

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

    @property
    def unmoved(self) -> tuple[CheckResult, ...]:
        """The checks that may move the difference and leave it as it is, to the last digit."""
        sample = self.baseline.finding.sample
        return tuple(
            result
            for result in self.results
            if isinstance(result.finding, JudgedSample) and result.finding.sample == sample
        )

    def table(self) -> pd.DataFrame:
        """Return one row for the baseline and each check.

        Columns ``check``, ``sentence``, ``exact``, ``counts``, ``verdict``, ``higher``, ``lower`` (means of the metric
        in both branches), ``difference``, ``low``, ``high``, ``pairs``, ``spread``, ``needed``, ``text``, ``seconds``.
        """
        return pd.DataFrame([_row(result) for result in (self.baseline, *self.results)])

    def report(self) -> dict[str, Any]:
        """Return the content of ``audit --json``."""
        sample, judgement = self.baseline.finding.sample, self.baseline.finding.judgement
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
                "higher": _plain(sample.higher),
                "lower": _plain(sample.lower),
                "difference": _plain(sample.mean),
                "low": _plain(judgement.low),
                "high": _plain(judgement.high),
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
    verdict, sample, kind = audit.verdict, audit.baseline.finding.sample, audit.kind
    yield f"{verdict.word.capitalize()}: {_levels(audit)}."
    limit = f"above {amount(audit.claim.least, kind) if audit.claim.least else '0'}"
    near, far = sorted((sample.mean / 2, min(2 * sample.mean, 1.0 if kind == "chance" else inf)))
    span = amounts(near, far, kind)
    if verdict is Verdict.ROBUST:
        made = sum(isinstance(result.finding, JudgedSample) and not result.through for result in audit.results)
        yield (
            f"In all of the {made} variations its interval lies {limit}, and its middle between half and twice the "
            f"baseline's ({span})."
        )
    for word in (Verdict.DEFECT, Verdict.FRAGILE, Verdict.UNDECIDED, Verdict.SHIFTED):
        named = audit.named(word)
        if named:
            yield f"{_WHY[word].format(limit=limit, span=span)}: {', '.join(_told(result, kind) for result in named)}."
    through = [result for result in audit.results if result.through and result.finding is not None]
    if through:
        listing = ", ".join(_told(result, kind) for result in through)
        yield f"Not counted, since the claim works through them: {listing}."
    if audit.unmoved:
        yield f"The same to the last digit in: {listed(tuple(result.name for result in audit.unmoved))}."
    missed = [result.name for result in audit.results if result.finding is None]
    if missed:
        yield f"Not reached in time: {listed(tuple(missed))}."
    for result in audit.results:
        if isinstance(result.finding, Invariance) and not result.finding.holds and not result.finding.touches:
            yield f"A defect that the metric does not show: {result.name}: {result.finding.text}."


_WHY: Final = {
    Verdict.SHIFTED: "The side holds; the size leaves half to twice ({span}) in",
    Verdict.UNDECIDED: "These checks cannot tell",
    Verdict.FRAGILE: "Not {limit} in",
    Verdict.DEFECT: "The program does not do what it says",
}


def _levels(audit: Audit) -> str:
    """Return the mean of the metric in both branches, and the difference with its interval."""
    sample, judgement = audit.baseline.finding.sample, audit.baseline.finding.judgement
    higher, lower = (_level(mean, audit.kind) for mean in (sample.higher, sample.lower))
    size = amount_within(sample.mean, judgement.low, judgement.high, audit.kind)
    return f"{higher} in {audit.claim.higher}, {lower} in {audit.claim.lower}, a difference of {size}"


def _level(mean: float, kind: Kind) -> str:
    return percent(mean) if kind == "chance" else shown(mean, 2)


def _told(result: CheckResult, kind: Kind) -> str:
    match result.finding:
        case Invariance(text=text):
            return f"{result.name} ({text})"
        case JudgedSample(sample) if not sample.pairs:
            return f"{result.name} (no pair has a value)"
        case JudgedSample(sample, judgement):
            sides = f"{_level(sample.higher, kind)} against {_level(sample.lower, kind)}"
            needed = "" if judgement.needed is None else f"; {judgement.needed:,} replicates would tell"
            return f"{result.name} ({amount(sample.mean, kind)}: {sides}{needed})"
    return result.name


def _row(result: CheckResult) -> dict[str, Any]:
    finding = result.finding if isinstance(result.finding, JudgedSample) else None
    sample, judgement = (None, None) if finding is None else (finding.sample, finding.judgement)
    return {
        "check": result.name,
        "sentence": result.sentence,
        "exact": result.exact,
        "counts": not result.through,
        "verdict": verdict_word(result),
        "higher": None if sample is None else sample.higher,
        "lower": None if sample is None else sample.lower,
        "difference": None if sample is None else sample.mean,
        "low": None if judgement is None else judgement.low,
        "high": None if judgement is None else judgement.high,
        "pairs": None if sample is None else sample.pairs,
        "spread": None if sample is None else sample.spread,
        "needed": None if judgement is None else judgement.needed,
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
    if result.through:
        return NOT_COUNTED
    return result.finding.judgement.verdict.word


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
