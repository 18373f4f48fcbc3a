from datetime import date

import numpy as np
import pytest

from sim.output.measuring import summaries


def test_many_ensembles_at_a_time_give_what_numpy_gives_for_each():
    rng = np.random.default_rng(5)
    names = {"median": 0.5, "q05": 0.05, "q95": 0.95}
    for runs in (1, 2, 7, 20, 41):
        values = rng.normal(size=(30, runs))
        values[rng.random(values.shape) < 0.3] = np.nan
        values[0] = np.nan
        cells = summaries(values, "number")
        for row in range(1, 30):
            known = values[row][~np.isnan(values[row])]
            assert cells["n"][row] == known.size
            for name, share in names.items():
                expected = np.quantile(known, share) if known.size else np.nan
                assert cells[name][row] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert cells["n"][0] == 0
        assert np.isnan(cells["mean"][0])
        days = np.floor(738000 + 300 * values)
        dated = summaries(days, "date")
        for row in range(1, 30):
            known = days[row][~np.isnan(days[row])]
            for name, share in names.items():
                day = date.fromordinal(int(np.quantile(known, share, method="inverted_cdf"))) if known.size else None
                assert dated[name][row] == (f"{day:%Y-%m}" if day else None)
