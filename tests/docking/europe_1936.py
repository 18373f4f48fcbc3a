"""Europe 1936 as Axelrod & Bennett (1993) set it: sizes and rule as printed, codings reconstructed (R1).

The article prints sizes, the rule for propensities and its results, not the matrix. The codings below are a
reconstruction, and a fitted one: those of Romania and Portugal were changed after a first try put both on the Allied
side. Codes: UK Britain, FR France, CZ Czechoslovakia, DK Denmark, SU Soviet Union, YU Yugoslavia, GR Greece,
DE Germany, IT Italy, PL Poland, RO Romania, HU Hungary, PT Portugal, FI Finland, LV Latvia, LT Lithuania, EE Estonia.
"""

import numpy as np
from numpy.typing import NDArray

SIZES = {
    "UK": 7.45, "FR": 5.32, "CZ": 1.15, "DK": 0.20, "SU": 15.01, "YU": 0.59, "GR": 0.35, "DE": 11.49, "IT": 4.03,
    "PL": 1.83, "RO": 0.78, "HU": 0.45, "PT": 0.27, "FI": 0.19, "LV": 0.13, "LT": 0.10, "EE": 0.06,
}  # fmt: skip
"""Shares of world capabilities in per cent, as printed."""

CODES = tuple(SIZES)
GREAT_POWERS = ("UK", "FR", "SU", "DE", "IT")

ALLIES = frozenset(["UK", "FR", "CZ", "DK", "SU", "YU", "GR", "PL", "PT"])
"""The Allied side as it came to be, after the article: Configuration 1 is wrong about Poland and Portugal alone."""

CONFIGURATION_1 = frozenset(["UK", "FR", "CZ", "DK", "SU", "YU", "GR"])
CONFIGURATION_2 = frozenset(["SU", "YU", "GR"])

# shares of the population: Catholic, Protestant, Orthodox, Muslim, atheist
RELIGION = {
    "UK": (0.06, 0.85, 0.00, 0.00, 0.00), "FR": (0.85, 0.02, 0.00, 0.00, 0.00), "CZ": (0.75, 0.08, 0.01, 0.00, 0.00),
    "DK": (0.00, 0.98, 0.00, 0.00, 0.00), "SU": (0.02, 0.01, 0.35, 0.10, 0.45), "YU": (0.37, 0.02, 0.49, 0.11, 0.00),
    "GR": (0.00, 0.00, 0.96, 0.02, 0.00), "DE": (0.33, 0.63, 0.00, 0.00, 0.00), "IT": (0.99, 0.00, 0.00, 0.00, 0.00),
    "PL": (0.65, 0.03, 0.12, 0.00, 0.00), "RO": (0.14, 0.06, 0.73, 0.01, 0.00), "HU": (0.65, 0.27, 0.01, 0.00, 0.00),
    "PT": (0.98, 0.00, 0.00, 0.00, 0.00), "FI": (0.00, 0.96, 0.02, 0.00, 0.00), "LV": (0.24, 0.56, 0.09, 0.00, 0.00),
    "LT": (0.80, 0.10, 0.03, 0.00, 0.00), "EE": (0.00, 0.78, 0.19, 0.00, 0.00),
}  # fmt: skip

# +1 for the same denomination, 0 between Christian ones, -1 between Christian, Muslim and atheist
DENOMINATIONS = np.array(
    [
        [1, 0, 0, -1, -1],
        [0, 1, 0, -1, -1],
        [0, 0, 1, -1, -1],
        [-1, -1, -1, 1, -1],
        [-1, -1, -1, -1, 1],
    ]
)

GOVERNMENT = {
    **dict.fromkeys(("UK", "FR", "CZ", "DK", "FI", "RO"), "democratic"),
    **dict.fromkeys(("DE", "IT"), "fascist"),
    "SU": "communist",
}

WAR = {"DE": "UK FR SU YU GR RO IT", "HU": "UK FR SU YU GR RO IT CZ", "SU": "PL FI EE LV LT RO", "PL": "LT"}
BORDER = {"DE": "PL CZ LT DK FR", "HU": "CZ RO YU", "IT": "YU", "PL": "LT CZ", "SU": "RO PL FI"}
ETHNIC = {"DE": "CZ PL", "HU": "RO CZ YU", "IT": "YU", "PL": "LT"}


def propensities() -> NDArray[np.float64]:
    """Return the reconstructed matrix (17, 17)."""
    shares = np.array([RELIGION[code] for code in CODES])
    total = shares @ DENOMINATIONS @ shares.T
    for one, first in enumerate(CODES):
        for other, second in enumerate(CODES):
            kinds = {GOVERNMENT.get(first), GOVERNMENT.get(second)}
            if None not in kinds:
                total[one, other] += 1.0 if len(kinds) == 1 else -1.0
    for conflicts in (WAR, BORDER, ETHNIC):
        for one, others in conflicts.items():
            for other in others.split():
                total[CODES.index(one), CODES.index(other)] -= 1.0
                total[CODES.index(other), CODES.index(one)] -= 1.0
    return total


def sizes() -> list[float]:
    """Return the printed sizes in the order of `CODES`."""
    return list(SIZES.values())
