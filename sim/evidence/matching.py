"""History matching: emulators of the statistics, and the parameters that they rule out.

The implausibility of a set is ``I = |f - z| / sqrt(V_obs + V_disc + V_em + V_ens)`` for each pattern (Andrianakis et
al. 2015): f the emulated statistic, z the middle of the acceptance interval, V_obs half its half-width squared, V_disc
the allowance for what lies outside the model, V_em + V_ens the emulator's error on sets that it has not seen, chance of
the replicates included.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from sim.errors import InputError
from sim.evidence.patterns import Pattern, weights
from sim.experiments.parameters.priors import NAMES
from sim.output.measuring import Floats

Item = TypeVar("Item")
Done = TypeVar("Done")

IMPLAUSIBLE: Final = 3.0
"""Implausibility above which a pattern is missed (Pukelsheim's rule)."""

HELD_BACK: Final = 5
"""One set in so many is held back from an emulator, to tell its error."""

REGRESSOR: Final[dict[str, Any]] = {
    "max_iter": 150, "learning_rate": 0.08, "max_leaf_nodes": 15, "min_samples_leaf": 20, "l2_regularization": 1.0,
    "early_stopping": False, "random_state": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Emulator:
    """One statistic as a function of the parameters that matter.

    Attributes
    ----------
    model : object or None
        Gradient-boosted trees; None where the statistic does not vary.
    level : float
        Its mean.
    error : float
        Variance of its error on sets held back.
    explained : float
        Share of the variance among sets held back that it explains.
    """

    model: Any
    level: float
    error: float
    explained: float

    def predict(self, inputs: Floats) -> Floats:
        """Return the emulated statistic of each row."""
        if self.model is None:
            return np.full(len(inputs), self.level)
        return np.asarray(self.model.predict(inputs))


@dataclass(frozen=True)
class Emulators:
    """Emulators of all patterns.

    Attributes
    ----------
    parameters : tuple of str
        Those that they take.
    single : tuple of Emulator
        In the order of the patterns.
    """

    parameters: tuple[str, ...]
    single: tuple[Emulator, ...]

    def predict(self, sets: Floats, threads: int = 1) -> Floats:
        """Return emulated statistics (D, patterns) of sets of parameters (D, Q)."""
        inputs = sets[:, [NAMES.index(name) for name in self.parameters]]
        return np.column_stack(_each(lambda one: one.predict(inputs), self.single, threads))

    @property
    def errors(self) -> Floats:
        """Variance of the error, by pattern."""
        return np.array([one.error for one in self.single])


def fit_emulators(sets: Floats, values: Floats, parameters: Sequence[str], threads: int = 1) -> Emulators:
    """Fit an emulator to each statistic.

    Parameters
    ----------
    sets : array (D, Q)
    values : array (D, patterns)
        NaN where there is none.
    parameters : sequence of str
        Parameters that the emulators take.
    threads : int
        Emulators that are fitted at a time.

    Raises
    ------
    InputError
        If scikit-learn is not installed.
    """
    try:
        import sklearn.ensemble  # noqa: F401, PLC0415 - of the extra 'analysis'
    except ImportError:
        raise InputError("calibration needs packages that are not installed; install csto-sim[analysis]") from None
    inputs = sets[:, [NAMES.index(name) for name in parameters]]
    return Emulators(tuple(parameters), tuple(_each(lambda column: _fitted(inputs, column), values.T, threads)))


def _each(work: Callable[[Item], Done], items: Iterable[Item], threads: int) -> list[Done]:
    """Do some work on each item, in threads of our own; scikit-learn's would wait for each other on a busy machine."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    def alone(item: Item) -> Done:
        with threadpool_limits(1, user_api="openmp"):
            return work(item)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(alone, items))


def _fitted(inputs: Floats, values: Floats) -> Emulator:
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - slow to import

    known = ~np.isnan(values)
    inputs, values = inputs[known], values[known]
    if len(values) < 2 * REGRESSOR["min_samples_leaf"] or np.ptp(values) == 0.0:
        level = float(values.mean()) if len(values) else 0.0
        return Emulator(None, level, float(values.var()) if len(values) else 0.0, 0.0)
    held = np.arange(len(values)) % HELD_BACK == 0
    model = HistGradientBoostingRegressor(**REGRESSOR).fit(inputs[~held], values[~held])
    error = float(np.mean((model.predict(inputs[held]) - values[held]) ** 2))
    spread = float(values[held].var())
    return Emulator(model, float(values.mean()), error, 1.0 - error / spread if spread > 0.0 else 0.0)


def implausibility(values: Floats, patterns: Sequence[Pattern], error: Floats) -> Floats:
    """Return I of each set and pattern; infinite where there is no value.

    Parameters
    ----------
    values : array (D, patterns)
    patterns : sequence of Pattern
    error : array (patterns)
        Variance of the values: of the emulator, or of chance alone where they were simulated.
    """
    middle = np.array([one.middle for one in patterns])
    spread = np.sqrt(np.array([one.variance for one in patterns]) + error)
    return np.asarray(np.nan_to_num(np.abs(values - middle) / spread, nan=np.inf))


def missed(values: Floats, patterns: Sequence[Pattern], error: Floats) -> Floats:
    """Return the weight of the patterns that each set misses implausibly, 0..1.

    The usual rule throws a set out for one such pattern. Some patterns here lie beyond what the model can do
    whatever its parameters, so the rule would leave nothing; the weight that is missed orders sets instead.
    """
    return np.asarray((implausibility(values, patterns, error) > IMPLAUSIBLE) @ weights(patterns))
