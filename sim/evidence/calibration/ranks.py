"""The check of the fit on records that the model draws itself, of which the true values are known.

A few parameters vary, those to which the likelihood of simulated records is most sensitive; the others stay at the
middle of their priors. For each of many true values, drawn from the prior, a record is drawn and fitted as the coded
record is, with an exponent of 1. `uniformity` says what the ranks of the true values must look like.

``python -m sim.evidence.calibration.ranks --out DIR`` runs the check, and goes on where it was stopped.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sim.digests import COMPILED, digest_sources
from sim.evidence.calibration.fits import MOVES, Tell
from sim.evidence.calibration.forced_record import ForcedHistory
from sim.evidence.calibration.simulated import Simulator
from sim.evidence.calibration.smc import Settings, Start, sample
from sim.evidence.calibration.uniformity import LEVEL, bin_band, evenness
from sim.evidence.record import load_record
from sim.experiments.parameters.priors import NAMES, from_unit, prior_of, with_priors
from sim.machine import processors
from sim.model.world import Floats, Ints
from sim.output.staging import staged_file
from sim.plots.ranks import BINS, rank_histograms
from sim.plots.style import save
from sim.scenario import load
from sim.version import __version__

HISTORY: Final = Path("scenarios/csto-history.toml")

DRAWS: Final = 63
"""Draws of a posterior among which a true value is ranked."""

IDENTIFIED: Final = 0.5
"""Largest standard deviation of the posterior, over that of the prior, of a parameter that counts as identified."""

_SCREENING: Final = 1_000_000
"""Replicate of the first record of the screening; those of true values begin at 0."""


@dataclass(frozen=True)
class RankCheck:
    """Settings of the check.

    Attributes
    ----------
    truths : int
        True values, each with a record of its own.
    particles : int
        Particles of each fit.
    exponent : float
        Exponent below 1 of a second posterior of each record, whose coverage is reported beside.
    varied, screened : int
        Parameters that vary, and records by whose likelihood they are chosen.
    seed, threads : int
    """

    truths: int = 100
    particles: int = 200
    exponent: float = 0.4
    varied: int = 12
    screened: int = 24
    seed: int = 1
    threads: int = field(default_factory=processors)


class Found(NamedTuple):
    """True parameter values and draws of the posterior fitted to their record, in the unit cube.

    Attributes
    ----------
    truth : array (P)
    full, tempered : array (D, P)
        Draws of the posterior at an exponent of 1, and at that of the check.
    """

    truth: Floats
    full: Floats
    tempered: Floats


def screen(simulator: Simulator, check: RankCheck) -> pd.DataFrame:
    """Return how far the log-likelihood of simulated records moves with each parameter, the largest first.

    ``change`` is the mean absolute difference between the quantiles .25 and .75 of a parameter's prior, with all others
    at the true values, which are drawn from the prior.
    """
    names = with_priors()
    changes = np.empty((check.screened, len(names)))
    for number in range(check.screened):
        replicate = _SCREENING + number
        truth = np.random.default_rng([check.seed, replicate, 2]).random(len(names))
        forced = simulator.draw(from_unit(truth[None])[0], check.seed, replicate)
        ends = np.tile(truth, (2, len(names), 1))
        for end, value in enumerate((0.25, 0.75)):
            np.fill_diagonal(ends[end], value)
        log_likelihoods = forced.terms(from_unit(ends.reshape(-1, len(names))), threads=check.threads).sum(
            axis=(1, 2, 3)
        )
        changes[number] = np.abs(np.diff(log_likelihoods.reshape(2, -1), axis=0)[0])
    table = pd.DataFrame({"parameter": names, "change": changes.mean(axis=0)})
    return table.sort_values("change", ascending=False, kind="stable", ignore_index=True)


def sets_with(names: Sequence[str], unit: Floats) -> Floats:
    """Return parameter sets (D, Q) at quantiles (D, P) of some parameters' priors; all others are at their medians."""
    middle = from_unit(np.full((1, len(with_priors())), 0.5))
    sets = np.tile(middle, (len(unit), 1))
    for column, name in enumerate(names):
        sets[:, NAMES.index(name)] = prior_of(name).quantile(unit[:, column])
    return sets


def likelihood(forced: ForcedHistory, names: Sequence[str], threads: int = 1) -> Callable[[Floats], Floats]:
    """Return the log-likelihood of a record as a function of quantiles (D, P) of some parameters' priors."""

    def log_factors(unit: Floats) -> Floats:
        terms = forced.terms(sets_with(names, unit), threads=threads)
        return np.asarray(terms.sum(axis=(1, 2, 3))[:, None])

    return log_factors


def find(simulator: Simulator, names: Sequence[str], check: RankCheck, number: int) -> Found:
    """Draw a true value and its record, and fit the record."""
    truth = np.random.default_rng([check.seed, number, 2]).random(len(names))
    forced = simulator.draw(sets_with(names, truth[None])[0], check.seed, number)
    log_factors = likelihood(forced, names, check.threads)
    settings = Settings(particles=check.particles, max_steps=MOVES)
    start, drawn = None, []
    for stage, exponent in enumerate((check.exponent, 1.0)):
        seed = 2 * (1000 * check.seed + number) + stage
        unit = sample(log_factors, len(names), (exponent,), seed=seed, start=start, settings=settings).unit
        start = Start(unit, (exponent,))
        drawn.append(unit)
    return Found(truth, drawn[1], drawn[0])


def find_all(
    simulator: Simulator,
    names: Sequence[str],
    check: RankCheck,
    folder: Path,
    tell: Tell = lambda _text: None,
) -> list[Found]:
    """Return the findings for each true value; they are kept in files, and read from there on a second call.

    Raises
    ------
    ValueError
        If a file belongs to other settings or another model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    last = simulator.setup.calendar.ends[-1].isoformat()
    key = json.dumps([*names, check.particles, check.exponent, check.seed, last, digest_sources(COMPILED)])
    findings = []
    for number in range(check.truths):
        path = folder / f"truth-{number:03}.npz"
        if not path.exists():
            _write(path, key, find(simulator, names, check, number))
            tell(f"record {number + 1} of {check.truths} fitted")
        findings.append(_read(path, key))
    return findings


def _write(path: Path, key: str, finding: Found) -> None:
    """Write a finding to a file, completely or not at all."""
    with staged_file(path, replace=True) as hidden, hidden.open("wb") as file:
        np.savez(file, key=np.array(key), **finding._asdict())


def _read(path: Path, key: str) -> Found:
    with np.load(path) as stored:
        if str(stored["key"]) != key:
            raise ValueError(f"{path} belongs to other settings or another model; remove it to start anew")
        return Found(*(stored[name] for name in Found._fields))


def ranks_of(findings: Sequence[Found]) -> Ints:
    """Return the rank of each true value among `DRAWS` draws of its posterior (truths, P)."""
    ranks = []
    for number, finding in enumerate(findings):
        chosen = np.random.default_rng([number, 3]).choice(len(finding.full), DRAWS, replace=False)
        ranks.append((finding.full[chosen] < finding.truth).sum(axis=0))
    return np.array(ranks)


def summarise(names: Sequence[str], findings: Sequence[Found]) -> pd.DataFrame:
    """Return a table of the check, by parameter.

    ``evenness`` is the p-value of uniform ranks, and ``uniform`` whether they lie within their band. ``width`` is the
    standard deviation of the posterior over that of the prior, on the scale of a standard normal, as root mean square
    over the records; ``correlation`` is that of posterior means with true values. ``coverage50`` and ``coverage90`` are
    the shares of central intervals that hold the true value; those that end in ``_tempered`` are of the posteriors with
    an exponent below 1.
    """
    ranks = ranks_of(findings)
    truths = np.array([finding.truth for finding in findings])
    scores = [ndtri(finding.full) for finding in findings]
    means = np.array([score.mean(axis=0) for score in scores])
    widths = np.sqrt(np.mean([score.var(axis=0) for score in scores], axis=0))
    even = np.array([evenness(column, DRAWS) for column in ranks.T])
    table = pd.DataFrame({"parameter": names, "evenness": even, "uniform": even > 1.0 - LEVEL, "width": widths})
    for share in (0.5, 0.9):
        for which, ending in (("full", ""), ("tempered", "_tempered")):
            inside = [_holds(getattr(finding, which), finding.truth, share) for finding in findings]
            table[f"coverage{share * 100:.0f}{ending}"] = np.mean(inside, axis=0)
    pairs = zip(ndtri(truths).T, means.T, strict=True)
    table["correlation"] = [float(np.corrcoef(truth, mean)[0, 1]) for truth, mean in pairs]
    table["identified"] = widths <= IDENTIFIED
    return table


def _holds(draws: Floats, truth: Floats, share: float) -> Floats:
    low, high = np.quantile(draws, [0.5 * (1.0 - share), 0.5 * (1.0 + share)], axis=0)
    return np.asarray((low <= truth) & (truth <= high), dtype=np.float64)


def run_check(simulator: Simulator, check: RankCheck, out: Path, tell: Tell) -> None:
    """Run the check, and write its tables and figure to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    screening = screen(simulator, check)
    screening.to_csv(out / "screening.csv", index=False, float_format="%.3f", lineterminator="\n")
    names = screening["parameter"].tolist()[: check.varied]
    tell(f"parameters that vary: {', '.join(names)}")
    findings = find_all(simulator, names, check, out / "truths", tell)
    table = summarise(names, findings)
    table.to_csv(out / "ranks.csv", index=False, float_format="%.3f", lineterminator="\n")
    footer = (
        "Sources: records drawn by the model; attacks, crises and offers as in sim/data/record",
        f"{check.truths} records · {check.particles} particles each · seed {check.seed} · csto-sim {__version__}",
    )
    band = bin_band(check.truths, BINS)
    save(rank_histograms(table, ranks_of(findings), DRAWS, band, footer), out / "ranks")


def main() -> None:
    """Run the check from the command line."""
    parser = argparse.ArgumentParser(description="Check the fit on records that the model draws itself.")
    parser.add_argument("--out", type=Path, required=True, help="folder for tables, figure and what is kept")
    for name, words in (
        ("truths", "records that are drawn and fitted"),
        ("particles", "particles of each fit"),
        ("exponent", "exponent of the second posterior of each record"),
        ("seed", "seed of true values, records and fits"),
        ("threads", "threads to use; with any number the results have the same bytes"),
    ):
        default = getattr(RankCheck(), name)
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"{words}; default: {default}")
    given = vars(parser.parse_args())
    out = given.pop("out")
    simulator = Simulator(load(HISTORY), load_record())
    run_check(simulator, RankCheck(**given), out, lambda text: sys.stdout.write(f"{text}\n"))


if __name__ == "__main__":
    main()
