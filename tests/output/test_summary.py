from dataclasses import replace

from sim.output.summary import TextTable, by_fall, comparison_table, of_hundred, summary_tables
from sim.result import Result

METRIC = "BBB.posture@2021-12 >= voice"


def test_members_stand_in_the_order_in_which_trust_falls(result: Result):
    assert by_fall(result) == ["BBB", "CCC"]


def test_tables_of_a_run(result: Result):
    metrics, *rest = summary_tables(result, [METRIC])
    assert metrics.heads == ("metric", "branch", "value", "90 %", "runs")
    assert [row[1] for row in metrics.rows] == list(result.branches)
    assert len(rest) == 2 * len(result.branches)
    courses, freezes = rest[0], rest[1]
    assert courses.title.startswith("as-it-was: median trust in AAA (2021-01 to 2021-12)")
    assert courses.heads[3:] == ("loyal", "voice", "reduce", "freeze", "notify", "out")
    assert [row[0] for row in courses.rows] == ["BBB", "CCC"]
    start = float(result.trust.sel(branch="as-it-was", truster="BBB", trustee="AAA").values[:, 0].mean())
    assert courses.rows[0][1] == f"{start:.2f}"
    assert sum(int(cell.split()[0]) for cell in courses.rows[0][3:]) in (99, 100, 101)
    assert freezes.heads == ("", "2021")
    assert freezes.rows[1] == ("CCC", of_hundred(0, 12))


def test_reaching_freeze_counts_once_reached(result: Result):
    posture = result.posture.copy(deep=True)
    posture.loc[{"branch": "as-it-was", "state": "CCC"}] = 0
    posture.loc[{"branch": "as-it-was", "state": "CCC", "date": "2021-05-31"}] = 3
    changed = replace(result, data=result.data.assign(posture=posture))
    courses, freezes = summary_tables(changed)[:2]
    assert freezes.rows[1] == ("CCC", of_hundred(12, 12))
    assert courses.rows[1][6] == of_hundred(0, 12)


def test_members_with_an_outside_patron_have_a_table_if_there_are_any(result: Result):
    turned = result.data["diversified"].copy(deep=True)
    turned.loc[{"branch": "as-it-was", "state": "CCC", "date": result.data["date"][-1], "replicate": [0, 1, 2]}] = 1.0
    changed = replace(result, data=result.data.assign(diversified=turned))
    tables = summary_tables(changed)
    assert len(tables) == len(summary_tables(result)) + 1
    assert tables[2].title == "as-it-was: % of runs with an outside patron at the end (in brackets: 90 %)"
    assert tables[2].heads == ("", "diversifies", "rival pact")
    assert tables[2].rows == (
        ("BBB", of_hundred(0, 12), of_hundred(0, 12)),
        ("CCC", of_hundred(3, 12), of_hundred(0, 12)),
    )


def test_counts_of_runs_are_told_out_of_100():
    assert of_hundred(0, 100) == "0 (0-3)"
    assert of_hundred(50, 100) == "50 (42-58)"
    assert of_hundred(1, 1000) == "<1 (<1-<1)"


def test_comparison(result: Result):
    table = comparison_table("as-it-was", "help-comes", {METRIC: result.compare("as-it-was", "help-comes", METRIC)})
    assert table.title.startswith("from as-it-was to help-comes: chances and means")
    assert table.rows[0][0] == METRIC
    assert " to " in table.rows[0][4]


def test_a_notebook_shows_a_table_with_its_words_escaped():
    shown = TextTable("a < b", ("head", "x"), (("<b>", "1"), ("c", "2")))._repr_html_()
    assert shown.startswith("<p>a &lt; b</p><table")
    assert "&lt;b&gt;" in shown
    assert shown.count("<tr") == 3
