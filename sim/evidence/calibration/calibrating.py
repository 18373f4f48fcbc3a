"""The calibration: all fits in their order, from the library of alliances to the record and what is left out of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.evidence.calibration.cube import coordinates
from sim.evidence.calibration.fits import ETAS, RELIABLE, TUNED_ON, Fit, Fitter, chosen_eta
from sim.evidence.calibration.forced_record import ALL_KINDS
from sim.evidence.calibration.smc import Sample, Start
from sim.evidence.tables import ALLIANCE
from sim.experiments.parameters.explanations import PREFIX, early_posterior, load_explanations
from sim.experiments.parameters.posteriors import Posterior, effective_size
from sim.experiments.parameters.sources import GENERAL, OWN_FITS
from sim.model.world import Floats
from sim.version import __version__

REFERENCE: Final = "reference-class"
FULL: Final = OWN_FITS[ALLIANCE]
EARLY: Final = "posterior-2019"
EARLY_END: Final = TUNED_ON[-1][0]
ARMENIA: Final = "ARM"
IDENTIFIED: Final = 0.5
"""Width of a posterior, as a share of the prior's, up to which a parameter counts as identified."""


@dataclass(frozen=True)
class Calibration:
    """Fits and the tables about them.

    Attributes
    ----------
    fits : dict of str to Fit
    exponents : DataFrame
        Score of each exponent that was tried, by factor and years forecast.
    members : DataFrame
        Log-likelihood of the record by member, year and kind of decision, in the mean of the full fit.
    """

    fits: Mapping[str, Fit]
    exponents: pd.DataFrame
    members: pd.DataFrame

    def posteriors(self) -> dict[str, Posterior]:
        """Return the fits as posteriors, by name."""
        return {name: posterior_of(fit) for name, fit in self.fits.items()}

    def summary(self) -> pd.DataFrame:
        """Return a table of the fits: exponent, draws, effective size, and how many coordinates are identified."""
        rows = [
            {
                "fit": name,
                "exponent": fit.eta,
                "draws": len(fit.weights),
                "effective_size": effective_size(fit.weights),
                "identified": int((contraction(fit)["width"] <= IDENTIFIED).sum()),
                **fit.notes,
            }
            for name, fit in self.fits.items()
        ]
        return pd.DataFrame(rows)


def posterior_of(fit: Fit) -> Posterior:
    """Return a fit as a posterior that can be stored."""
    diagnostics = {"effective_size": effective_size(fit.weights), "exponent": fit.eta, **fit.notes}
    return Posterior.of_sets(fit.name, fit.sets, fit.weights, diagnostics, {"version": __version__})


def contraction(fit: Fit) -> pd.DataFrame:
    """Return how far the draws differ from the prior, by coordinate, on the scale of a standard normal.

    ``shift`` is the mean and ``width`` the standard deviation; the prior has 0 and 1.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - takes a while

    scores = ndtri(np.clip(fit.unit, 1e-12, 1.0 - 1e-12))
    mean = fit.weights @ scores
    width = np.sqrt(fit.weights @ (scores - mean) ** 2)
    return pd.DataFrame({"parameter": coordinates(), "shift": mean, "width": width}).sort_values(
        "width", kind="stable", ignore_index=True
    )


def calibrate(fitter: Fitter) -> Calibration:
    """Make all fits: general, early and full, without each member, and of each explanation."""
    worlds = fitter.path(fitter.reference_target(), None, (0.0,))[0.0]
    base, small, general, tried = _library(fitter, worlds)
    start = fitter.beginning(small, base)
    eta, early, scores = _tuned(fitter, start, base)
    target = fitter.alliance_target("record", base)
    full = fitter.whole(target, eta, fitter.path(target, start, (eta,))[eta])
    fits = {
        REFERENCE: _fit(REFERENCE, 1.0, worlds, record=False),
        GENERAL: _fit(GENERAL, base, general, record=False),
        EARLY: _fit(EARLY, eta, early),
        FULL: _fit(FULL, eta, full),
    }
    fits |= _without_members(fitter, fits[FULL], full, base)
    fits |= _explained(fitter, early, full, base, eta)
    return Calibration(fits, pd.DataFrame(tried + scores), _by_member(fitter, fits[FULL]))


def _library(fitter: Fitter, worlds: Sample) -> tuple[float, Sample, Sample, list[dict[str, Any]]]:
    """Return the exponent that forecasts left-out clusters best, the particles that reached it, and all draws there."""
    target = fitter.general_target()
    drawn = fitter.path(target, Start(worlds.unit, target.exponents(0.0)))
    scores = fitter.library_scores(drawn)
    eta = chosen_eta({tried: score for tried, (score, _) in scores.items()})
    fitter.tell(f"library: exponent {eta:g} chosen")
    rows = [
        {"factor": "library", "forecast": "clusters left out", "exponent": tried, "score": score, "tail": tail}
        for tried, (score, tail) in scores.items()
    ]
    return eta, drawn[eta], fitter.whole(target, eta, drawn[eta]), rows


def _tuned(fitter: Fitter, start: Start, base: float) -> tuple[float, Sample, list[dict[str, Any]]]:
    """Return the exponent of the record that forecasts the later years best, and the fit to 2019 under it."""
    rows: list[dict[str, Any]] = []
    sums: dict[float, float] = dict.fromkeys(ETAS, 0.0)
    for until, later in TUNED_ON:
        target = fitter.alliance_target(f"record-{until.year}", base, until=until)
        drawn = fitter.path(target, start)
        years = f"{until.year + 1}-{later.year}"
        for eta, by_member in fitter.record_scores(drawn, until + timedelta(days=1), later).items():
            others = [score for code, score in by_member.items() if code != ARMENIA]
            score = float(np.mean(list(by_member.values())))
            sums[eta] += score
            rows.append(
                {
                    "factor": "record", "forecast": years, "exponent": eta, "score": score,
                    "without_armenia": float(np.mean(others)),
                }
            )  # fmt: skip
    eta = chosen_eta(sums)
    fitter.tell(f"record: exponent {eta:g} chosen")
    return eta, fitter.whole(target, eta, drawn[eta]), rows


def _fit(name: str, eta: float, drawn: Sample, **also: Any) -> Fit:
    even = np.full(len(drawn.unit), 1.0 / len(drawn.unit))
    last = drawn.temperatures[-1]
    notes = {"evaluations": last.calls, "correlation": last.correlation}
    if math.isfinite(drawn.log_evidence):
        notes["log_evidence"] = drawn.log_evidence
    return Fit(name, float(eta), drawn.unit, even, **{"record": True, "notes": notes, **also})


def _without_members(fitter: Fitter, full: Fit, drawn: Sample, base: float) -> dict[str, Fit]:
    """Return the fits without each member: new weights for the full fit, or a new fit where such weights fail."""
    fits = {}
    for code, left in fitter.left_out(full).items():
        name = f"without-{code}"
        if left.k <= RELIABLE:
            fits[name] = replace(full, name=name, weights=left.weight, notes={"tail": left.k})
        else:
            fits[name] = _fit(name, full.eta, fitter.without(code, drawn, base, full.eta))
        fitter.tell(f"{name}: tail {left.k:.2f}, {effective_size(fits[name].weights):.0f} effective draws")
    return fits


def _explained(fitter: Fitter, early: Sample, full: Sample, base: float, eta: float) -> dict[str, Fit]:
    """Return the fits of each explanation, in full and to 2019, from the draws without what it fixes."""
    fits = {}
    for name, variant in load_explanations().items():
        for title, until, drawn in ((early_posterior(name), EARLY_END, early), (f"{PREFIX}{name}", None, full)):
            target = fitter.alliance_target(title, base, until=until, variant=variant)
            fits[title] = _fit(title, eta, fitter.moved(target, eta, drawn), fixed=variant.parameters)
    return fits


def _by_member(fitter: Fitter, full: Fit) -> pd.DataFrame:
    """Return the mean terms of the record's log-likelihood under a fit, by member, kind of decision and year."""
    forced = fitter.forced()
    terms: Floats = np.tensordot(full.weights, forced.terms(full.sets, threads=fitter.size.threads), axes=1)
    rows = [
        {"member": code, "kind": kind, "year": year, "log_likelihood": float(terms[member, at, span])}
        for member, code in enumerate(forced.members)
        for at, kind in enumerate(ALL_KINDS)
        for span, year in enumerate(forced.years)
        if terms[member, at, span] != 0.0
    ]
    return pd.DataFrame(rows)
