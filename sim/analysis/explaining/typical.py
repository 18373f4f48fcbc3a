"""Typical replicate: the one whose path of trust is nearest the median path."""

import numpy as np
import xarray as xr

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
    away = sum(_distance(series) for series in (trust, posture))
    return int(np.argmin(away))


def _distance(series: xr.DataArray) -> Floats:
    values = np.asarray(series.values, dtype=np.float64).reshape(series.sizes["replicate"], -1)
    away = np.abs(values - np.median(values, axis=0))
    spread = away.mean(axis=0)
    return np.asarray((away[:, spread > 0] / spread[spread > 0]).sum(axis=1), dtype=np.float64)
