"""Box-finding methods: PRIM (Friedman & Fisher 1999, EMA Workbench) and CART (Breiman et al. 1984, scikit-learn)."""

import warnings
from importlib.util import find_spec
from math import inf
from typing import Final

import numpy as np
import pandas as pd

from sim.analysis.boxes import Box, Flags
from sim.errors import InputError

PACKAGES: Final = {"prim": "ema_workbench", "cart": "sklearn"}
"""Methods in the order in which they are preferred, with the package that each needs."""

PEEL: Final = 0.05
"""Share of the runs that PRIM cuts off, or puts back, at a time."""

LEAST: Final = 0.05
"""Share of the runs below which a box is not made smaller."""

DEPTH: Final = 4
"""Most limits in a row of a tree."""


def choose_method(given: str | None) -> str:
    """Return the given method, or the first whose package is installed.

    Raises
    ------
    InputError
        If there is no such method, or its package is not installed.
    """
    if given is not None and given not in PACKAGES:
        raise InputError(f"there is no method '{given}'; allowed: {', '.join(PACKAGES)}")
    for method in PACKAGES if given is None else (given,):
        if find_spec(PACKAGES[method]) is not None:
            return method
    what = "scenario discovery" if given is None else f"method {given}"
    raise InputError(f"{what} needs packages that are not installed; install csto-sim[analysis]")


def find_boxes(method: str, points: pd.DataFrame, cases: Flags) -> list[Box]:
    """Return candidate boxes, the first of which covers the whole space of factors.

    Parameters
    ----------
    method : str
        ``prim`` for the peeling trajectory, ``cart`` for the nodes of a tree.
    points : pandas.DataFrame
        One row a run, one column a factor, all numbers.
    cases : array of bool
        Which runs are of interest.
    """
    limits = _peeled(points, cases) if method == "prim" else _split(points, cases)
    whole = {str(key): (float(points[key].min()), float(points[key].max())) for key in points}
    return _distinct(limits, whole)


def _distinct(limits: list[dict[str, tuple[float, float]]], whole: dict[str, tuple[float, float]]) -> list[Box]:
    boxes: list[Box] = []
    for bounds in limits:
        box = Box.within(bounds, whole)
        if box not in boxes:
            boxes.append(box)
    return boxes


def _peeled(points: pd.DataFrame, cases: Flags) -> list[dict[str, tuple[float, float]]]:
    with warnings.catch_warnings():
        # on import, of optional packages that it can do without; in use, of a word that pandas is about to drop
        warnings.filterwarnings("ignore", module="ema_workbench")
        from ema_workbench.analysis.prim import Prim  # noqa: PLC0415 - takes seconds

        prim = Prim(points, cases, threshold=float(cases.mean()), peel_alpha=PEEL, paste_alpha=PEEL, mass_min=LEAST)
        frames = prim.find_box().box_lims
    return [{str(key): (float(frame[key].iloc[0]), float(frame[key].iloc[1])) for key in points} for frame in frames]


def _split(points: pd.DataFrame, cases: Flags) -> list[dict[str, tuple[float, float]]]:
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415 - takes a second

    least = max(1, round(LEAST * len(points)))
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, random_state=1)
    grown = tree.fit(points.to_numpy(dtype=np.float64), cases).tree_
    keys = [str(key) for key in points]
    boxes: list[dict[str, tuple[float, float]]] = []
    waiting = [(0, dict.fromkeys(keys, (-inf, inf)))]
    while waiting:
        node, limits = waiting.pop(0)
        boxes.append(limits)
        if grown.children_left[node] != grown.children_right[node]:
            key, cut = keys[grown.feature[node]], float(grown.threshold[node])
            low, high = limits[key]
            waiting.append((int(grown.children_left[node]), {**limits, key: (low, min(high, cut))}))
            waiting.append((int(grown.children_right[node]), {**limits, key: (max(low, cut), high)}))
    return boxes
