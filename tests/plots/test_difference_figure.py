import numpy as np
import pytest

from sim.output.formatting import amount
from sim.plots.difference import PANELS, difference, draw_difference
from sim.result import Result
from tests.plots.drawn import faults, texts, whole_text

ENDS = ("as-happened", "russia-intervenes")
METRICS = ("ARM.trust[RUS]@2023-12", "first(ARM.posture >= freeze) <= 2024-12", "ARM.approval@end")


def test_draws_mean_fan_and_interval(made: Result) -> None:
    comparison = made.comparison(*ENDS, METRICS)
    figure = difference(comparison)
    assert faults(figure) == []
    assert len(figure.axes) == 3
    trust, reached, _ = figure.axes
    values = [made.trust.sel(branch=branch, truster="ARM", trustee="RUS").values for branch in ENDS]
    differences = values[1] - values[0]
    lines = {line.get_label(): line for line in trust.lines}
    np.testing.assert_allclose(lines["mean"].get_ydata().astype(float), differences.mean(axis=0))
    fan = next(area for area in trust.collections if area.get_label() == "q05")
    assert fan.get_paths()[0].vertices[:, 1].min() == pytest.approx(np.quantile(differences, 0.05, axis=0).min())
    table = comparison.courses[1].table
    band = next(area for area in reached.collections if area.get_label() == "interval")
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(max(table["high"].max(), 0.0))


def test_says_what_is_compared(made: Result) -> None:
    figure = difference(made.comparison(*ENDS, METRICS))
    text = whole_text(figure)
    assert figure.get_label().startswith("What changes from \N{LEFT DOUBLE QUOTATION MARK}as happened")
    assert "Chance that Armenia has reached freeze or beyond by then: " in text
    assert "half of the pairs" in text
    assert "90 % interval of a difference in chance" in text


def test_the_difference_is_told_of_the_day_that_is_asked_about_and_of_the_metric_given_first(made: Result) -> None:
    by = "first(ARM.posture >= freeze) <= 2023-12"
    text = whole_text(difference(made.comparison(*ENDS, [by, "first(ARM.posture >= freeze) <= 2024-12"])))
    value = made.compare(*ENDS, by)["difference"]
    assert f"Chance that Armenia has reached freeze or beyond by then: {amount(value, 'chance')} in Dec 2023" in text


def test_draws_a_few_of_many_courses(made: Result) -> None:
    metrics = [f"{code}.trust[RUS]@end" for code in ("ARM", "BLR", "KAZ", "KGZ", "TJK")]
    figure = difference(made.comparison(*ENDS, metrics))
    assert len(figure.axes) == PANELS
    assert "The table has 1 more." in whole_text(figure)


def test_branches_that_never_differ_are_a_flat_line(made: Result) -> None:
    figure = difference(made.comparison("as-happened", "as-happened", METRICS))
    assert faults(figure) == []
    assert "Armenia's trust in Russia: 0.00 in Dec 2023 (90 %: 0.00 to 0.00)" in texts(figure)


def test_is_drawn_into_a_folder(made: Result, tmp_path) -> None:
    paths = draw_difference(made.comparison(*ENDS, METRICS), tmp_path, ("png",))
    assert [path.name for path in paths] == ["difference.png"]
    assert made.comparison(*ENDS, METRICS).plot().get_label().startswith("What changes")
