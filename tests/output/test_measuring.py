from datetime import date

import numpy as np
import pytest

from sim.errors import InputError
from sim.output.measuring import horizon, measure, summaries
from sim.scenario.expressions import parse_metric

MONTHS = [date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


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


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("A.posture@start", 0),
        ("A.posture@2024-02", 2),
        ("A.posture@end", 4),
        ("A.posture@2024-03 >= voice", 3),
        ("mean(A.posture, 2024-01..2024-02)", 2),
        ("max(A.posture, 2024-01..2024-03) > 2", 3),
        ("first(A.posture >= reduce)", 4),
        ("first(A.posture >= reduce) <= 2024-02", 2),
        ("first(A.posture >= reduce) == 2024-02", 2),
        ("first(A.posture >= reduce) < 2023-01", 0),
        ("first(A.posture >= reduce) > 2024-02", 4),
        ("first(A.posture >= reduce) != 2024-02", 4),
    ],
)
def test_a_metric_is_settled_at_its_horizon(text, ticks):
    metric = parse_metric(text)
    assert horizon(metric, MONTHS) == ticks
    values = np.random.default_rng(1).integers(0, 6, size=(200, 5)).astype(float)
    cut = max(1, ticks) + 1
    short = measure(metric, MONTHS[:cut], lambda _: values[:, :cut])
    np.testing.assert_array_equal(short, measure(metric, MONTHS, lambda _: values))


def test_a_horizon_beyond_the_run_is_refused():
    with pytest.raises(InputError, match="no tick ends then"):
        horizon(parse_metric("A.posture@2031-01"), MONTHS)
