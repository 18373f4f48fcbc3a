"""Typical replicate: the one whose path of trust is nearest the median path."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.output.measuring import Floats
from sim.output.result import ResultData


def typical_replicate(result: ResultData, branch: str, state: str) -> int:
    """Return the replicate of a branch whose path is nearest the median path.

    The path is trust in the guarantor and posture at every date, of the state asked about, or of all members where it
    is the guarantor or no member. Each series counts in units of its mean distance from its median at that date, so
    that dates and variables on which replicates differ little count as much as the others. The first of equals stands.

    Parameters
    ----------
    result : ResultData
        Its stored trajectories are searched.
    branch, state : str

    Examples
    --------
    >>> typical_replicate(result, "as-happened", "ARM")  # doctest: +SKIP
    37
    """
    clients = [code for code in result.members if code != result.guarantor]
    asked = [state] if state in clients else clients
    data = result.data.sel(branch=branch)
    trust = data["trust"].sel(truster=asked, trustee=result.guarantor).transpose("replicate", "date", "truster")
    posture = data["posture"].sel(state=asked).transpose("replicate", "date", "state")
    return nearest_median(trust.to_numpy(), posture.to_numpy())


def nearest_median(*series: NDArray[Any]) -> int:
    """Return the replicate whose series are nearest their medians; the first of equals stands.

    Parameters
    ----------
    series : arrays (R, T, ...)
        Each by replicate and date.

    Examples
    --------
    >>> nearest_median(np.array([[0.1, 0.9], [0.4, 0.5], [0.5, 0.4]]))
    1
    """
    return int(np.argmin(sum(_distance(array) for array in series)))


def _distance(series: NDArray[Any]) -> Floats:
    values = np.asarray(series, dtype=np.float64).reshape(len(series), -1)
    away = np.abs(values - np.median(values, axis=0))
    spread = away.mean(axis=0)
    return np.asarray((away[:, spread > 0] / spread[spread > 0]).sum(axis=1), dtype=np.float64)
