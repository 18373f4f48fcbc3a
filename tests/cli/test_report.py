import json
import shlex
import sys
from pathlib import Path

import pytest

from sim.output import manifest
from sim.report import printing
from tests.cli.conftest import Command

VOICED = "BBB.posture@2021-12 >= voice"


@pytest.fixture
def ran(command: Command) -> str:
    assert command("run", "small.toml", "--replicates", "4", "--no-plot", "--out", "mine").code == 0
    return "mine"


def test_the_report_lies_in_the_result_and_its_answer_is_printed(command: Command, ran: str, place: Path):
    done = command("report", ran)
    assert done.code == 0
    assert done.out.startswith("How likely is it that Bria stands at voice or beyond in Dec 2021 under")
    assert max(map(len, done.out.splitlines())) <= 100
    assert done.out.endswith("Report: mine/report.html\n")
    page = (place / "mine" / "report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "csto-sim run small.toml --replicates 4 --seed 3" in page
    assert not any(path.name.startswith(".") for path in (place / "mine").iterdir())


def test_json_is_one_object_and_the_report_goes_where_it_is_told(command: Command, ran: str, place: Path):
    options = ("--from", "as-it-was", "--to", "they-decide", "--metric", "BBB.trust[AAA]@end", "--out", "brief.md")
    done = command("report", ran, *options, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == ["report", "from", "to", "metric", "question", "answer"]
    assert (found["report"], found["from"], found["to"]) == ("brief.md", "as-it-was", "they-decide")
    assert len(found["answer"]) == 3
    text = (place / "brief.md").read_text("utf-8")
    assert "Bria's trust in Alda at the end" in text
    again = f"csto-sim report mine --from as-it-was --to they-decide --metric {shlex.quote('BBB.trust[AAA]@end')}"
    assert again in text
    assert (place / "brief-figures" / "postures.png").is_file()


def test_the_short_form_names_its_author(command: Command, ran: str, place: Path):
    assert command("report", ran, "--short", "--author", "A. Nalyst", "--out", "brief.html").code == 0
    page = (place / "brief.html").read_text("utf-8")
    assert "<p>A. Nalyst; run of " in page
    assert "Cite as: A. Nalyst (" in page
    assert "How to get the same numbers" not in page


def test_the_command_that_is_named_gives_the_same_tables_again(command: Command, place: Path):
    options = ("--replicates", "3", "--seed", "0", "--set", "events.away.value=0.8", "--metric", VOICED)
    assert command("run", "small.toml", *options, "--branch", "as-it-was", "--no-plot", "--out", "first").code == 0
    words = manifest.read(place / "first")["command"]
    assert "--seed" in words
    assert words[words.index("--seed") + 1] == "0"
    assert {"--no-plot", "--out", "--json"}.isdisjoint(words)
    assert command(*words[1:], "--no-plot", "--out", "second").code == 0
    files = [manifest.read(place / name)["files"] for name in ("first", "second")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no result 'nowhere' in ./results"),
        (["mine", "--from", "nope"], "unknown branch 'nope'; allowed: as-it-was, help-comes, they-decide"),
        (["mine", "--from", "as-it-was", "--to", "as-it-was"], "same branch"),
        (["mine", "--metric", "BBB.postur@end"], "did you mean 'posture'"),
        (["mine", "--metric", "BBB.overstretch@end"], "is not recorded in this result"),
        (["mine", "--format", "txt"], "txt"),
        (
            ["mine", "--out", "brief.txt"],
            "brief.txt: reports do not end in '.txt'; allowed: .html, .htm, .pdf, .docx, .md",
        ),
        (["mine", "--out", "brief.pdf"], "needs Chromium, Chrome or Edge on this machine, or WeasyPrint"),
        (["mine", "--out", "brief.docx"], "python -m pip install 'csto-sim[office]'"),
        (["mine", "--paper", "A3"], "A3"),
        (["mine", "--format", "md", "--out", "brief.html"], "ends as a report of format 'html'"),
        (["mine", "--out", "mine"], "is a folder"),
        (["mine", "--out", "nowhere/brief.html"], "there is no folder"),
    ],
)
def test_what_cannot_be_reported_is_refused(
    command: Command, ran: str, place: Path, arguments, said, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(printing, "find_browser", lambda: None)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setitem(sys.modules, "docx", None)
    before = sorted(place.rglob("*"))
    done = command("report", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert sorted(place.rglob("*")) == before
