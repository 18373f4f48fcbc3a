"""The command ``csto-sim calibrate`` with little data, so that a whole calibration takes seconds: a process to kill."""

import sys
from datetime import date
from pathlib import Path

from sim.cli.main import main
from sim.evidence.calibration import calibrating, checks, fits
from sim.evidence.calibration.forced_cases import ForcedCases
from sim.evidence.cases.reading import cases_of, load_file, outcomes_of
from sim.experiments.parameters.explanations import load_explanations
from sim.scenario import Scenario

CASES = 3
ETAS = (0.1, 1.0)


def few_cases() -> ForcedCases:
    """Return the first cases of the library."""
    file = load_file()
    cases, outcomes = cases_of(file), outcomes_of(file)
    names = list(cases)[:CASES]
    return ForcedCases({name: cases[name] for name in names}, {name: outcomes[name] for name in names}, {})


class SmallFitter(fits.Fitter):
    """A fitter with few cases, few exponents, and the history up to 1999."""

    def __init__(self, history: Scenario, folder: Path, size: fits.FitSize, *, tell: fits.Tell) -> None:
        short = history.model_copy(update={"end": date(1999, 12, 31), "metrics": []})
        super().__init__(short, folder, size, library=few_cases(), tell=tell)


if __name__ == "__main__":
    explanations = dict(list(load_explanations().items())[:1])
    calibrating.load_explanations = lambda: explanations
    calibrating.ETAS = fits.ETAS = ETAS
    fits.Fitter.path.__defaults__ = (ETAS, None)
    calibrating.RELIABLE = float("inf")  # no member has a fit of its own
    fits.MOVES = fits.MOVES_OF_ALL = 1
    fits.PER_COORDINATE = 1
    fits.Fitter = SmallFitter
    checks.DRAWS = checks.RUNS = 2
    main(["calibrate", *sys.argv[1:]])
