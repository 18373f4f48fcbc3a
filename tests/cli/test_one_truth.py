"""One number in one form: the same quantity read from the terminal, files, figures, the report, JSON and Python."""

import ast
import csv
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

import sim
from sim.analysis.attribution import attribute
from sim.output.formatting import amount, amounts, percent
from sim.output.stated import stated
from sim.scenario.expressions import parse_metric
from tests.cli.conftest import Command

CHANCE = "BBB.posture@2021-12 >= voice"
TRUST = "BBB.trust[AAA]@2021-12"
WHEN = "first(BBB.posture >= voice)"
RUN = ("--replicates", "8", "--engine", "mesa", "--workers", "1", "--no-plot", "--out", "mine")
A, B = "as-it-was", "help-comes"
PACKAGE = Path(sim.__file__).parent


def text_of(svg: Path) -> str:
    """Return the text of a figure, line after line."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """Return a text with single blanks, and signs that HTML escapes as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("metric", [CHANCE, TRUST])
def test_a_number_is_the_same_wherever_it_is_read(command: Command, metric: str):
    ran = command("run", "small.toml", *RUN, "--metric", metric, "--branch", A, "--branch", B)
    assert ran.code == 0, ran.err
    result = sim.open("mine")
    chance = metric == CHANCE
    told = {branch: stated(result.values(branch, metric), parse_metric(metric)) for branch in (A, B)}

    summary = list(csv.DictReader(Path("mine/summary.csv").read_text(encoding="utf-8").splitlines()))
    found = json.loads(command("run", "small.toml", *RUN[:-2], "--out", "again", "--metric", metric, "--json").out)
    for branch in (A, B):
        (row,) = [row for row in summary if (row["branch"], row["metric"]) == (branch, metric)]
        cells = found["branches"][branch][metric]
        middle = "mean" if chance else "median"
        assert float(row[middle]) == pytest.approx(told[branch].middle, abs=1e-6)
        assert cells[middle] == pytest.approx(told[branch].middle, abs=1e-6)
        ends = ("low", "high") if chance else ("q05", "q95")
        assert [float(row[end]) for end in ends] == pytest.approx([told[branch].low, told[branch].high], abs=1e-6)

    assert command("report", "mine", "--metric", metric, "--out", "mine.html").code == 0
    report = plain(Path("mine.html").read_text(encoding="utf-8"))
    assert (
        command("plot", "mine", "--kind", "metric", "--kind", "branches", "--metric", metric, "--out", "drawn").code
        == 0
    )
    answer = plain(ran.out)
    question = re.search(r"Question: (.*?\?)", answer)
    assert question is not None
    assert question[1] in report
    for branch, each in told.items():
        row = f"{branch} {each.value} {each.spread} 8"
        assert row in answer
        assert f"{each.value} ({each.spread})" in report
        for kind in ("metric", "branches"):
            shown = text_of(Path(f"drawn/{kind}.svg"))
            assert f"{each.value} ({each.spread})" in shown, kind
            assert each.value in shown


def test_months_are_written_alike_in_table_and_answer(command: Command):
    ran = command("run", "small.toml", *RUN, "--metric", WHEN, "--branch", A, "--branch", B)
    each = stated(sim.open("mine").values(A, WHEN), parse_metric(WHEN))
    assert re.fullmatch(r"[A-Z][a-z]{2} 2021", each.value)
    assert f"{A} {each.value} {each.spread} {each.known}" in plain(ran.out)
    assert f"is {each.value} (median of" in plain(ran.out)


def test_a_comparison_answers_what_is_asked_and_writes_chances_in_percent(command: Command):
    assert command("run", "small.toml", *RUN).code == 0
    compared = plain(command("compare", "mine", "--no-plot").out)
    result = sim.open("mine")
    assert f"from {A} to {B}: chances and means" in compared
    first, second = (100 * result.values(branch, CHANCE).mean() for branch in (A, B))
    assert f"{CHANCE} {first:.0f} % {second:.0f} %" in compared
    asked = plain(command("run", "small.toml", *RUN[:-2], "--out", "again").out)
    question = re.search(r"Question: .*?\?", asked)
    answer = re.search(r"Answer: .*?\)\.", asked)
    assert question is not None
    assert answer is not None
    assert question[0] in compared
    assert answer[0] in compared
    assert compared.count("BBB.trust") == 0  # the metrics of the scenario, and not all that a run keeps


def test_an_attribution_writes_chances_alike_in_table_figure_and_notebook(command: Command):
    asked = ("attribute", "small.toml", "--metric", CHANCE, "--replicates", "20", "--events", "raid,answer")
    told = plain(command(*asked, "--out", "mine", "--format", "svg").out)
    found = json.loads(command(*asked, "--out", "again", "--no-plot", "--json").out)
    none, every = percent(found["from"]), percent(found["to"])
    assert f"{CHANCE}: {none} without any, {every} with all" in told
    drawn = text_of(Path("mine/waterfall.svg"))
    assert none in drawn
    assert every in drawn
    for name, row in found["shares"].items():
        size, spread = amount(row["value"], "chance"), amounts(row["low"], row["high"], "chance")
        assert f"{name} {size} {spread}" in told
        assert f"{size} ({spread})" in drawn
    assert not re.search(r"[+\N{MINUS SIGN}]?0\.\d", f"{told.split('total')[0]} {drawn.split('Scenario')[0]}")
    notebook = attribute(sim.load("small.toml"), CHANCE, players=["raid", "answer"], replicates=20)._repr_html_()
    assert f"from {none} without any to {every} with all" in notebook


def test_an_explanation_and_an_audit_write_shares_as_all_else_does(command: Command):
    asked = ("--state", "AAA", "--date", "2021-04-13", "--branch", "they-decide", "--replicate", "0")
    told = command("explain", "small.toml", *asked, "--no-plot").out
    assert re.search(r"forces tied down elsewhere: \d+ % of them", plain(told))
    assert not re.search(r"\d%", told)
    claim = f"{CHANCE}: {A} > {B}"
    audited = plain(command("audit", "small.toml", "--claim", claim, "--replicates", "20", "--check", "weeks",
                            "--no-plot", "--out", "audited").out)  # fmt: skip
    found = json.loads(Path("audited/audit.json").read_text("utf-8"))["baseline"]
    size, spread = amount(found["difference"], "chance"), amounts(found["low"], found["high"], "chance")
    assert f"baseline {size} {spread}" in audited
    assert f"a difference of {size} ({spread.removesuffix(' points')})" in audited


def own_percents(tree: ast.AST) -> Iterator[int]:
    """Give the lines on which an f-string makes percent of a share, other than the sizes of a style sheet."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        for before, value, after in zip([None, *node.values], node.values, [*node.values[1:], None], strict=False):
            if not isinstance(value, ast.FormattedValue):
                continue
            spec = ast.unparse(value.format_spec).strip("f'") if value.format_spec else ""
            style = isinstance(before, ast.Constant) and str(before.value).endswith(("left:", "width:"))
            scaled = isinstance(value.value, ast.BinOp) and "100" in ast.unparse(value.value)
            signed = isinstance(after, ast.Constant) and str(after.value).startswith((" %", " points", "</b> of 100"))
            if (spec.endswith("%") and not style) or (scaled and signed):
                yield node.lineno


def test_no_file_but_one_makes_percent_of_a_share():
    here = "f'{share:.0%}'\nf'{100 * share:.0f} %'\nf'<i style=\"width:{share:.0%}\">'\nf'{percent(share)} of them'"
    assert list(own_percents(ast.parse(here))) == [1, 2]
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0]
        not in ("rules", "model")  # their sentences go through `space_percent_signs`
        for line in own_percents(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()
