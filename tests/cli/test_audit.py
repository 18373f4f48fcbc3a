import json
import re
from pathlib import Path

import pytest

from sim.output import manifest
from tests.cli.conftest import Command

METRIC = "BBB.trust[AAA]@2021-12"
CLAIM = f"{METRIC}: help-comes > as-it-was"
ASKED = ("audit", "small.toml", "--replicates", "50", "--parameters", "defaults")


def test_an_audit_prints_checks_and_verdict_and_leaves_its_files(command: Command, place: Path) -> None:
    done = command(*ASKED, "--claim", f"{CLAIM} through evidence")
    assert done.code in (0, 3)
    lines = done.out.splitlines()
    assert all(len(line) <= 100 for line in lines)
    assert "file-order       holds    100 runs equal" in lines
    assert any(line.startswith("without-evidence") and line.endswith("not counted") for line in lines)
    assert any(
        re.match(r"(Robust|Shifted): 0\.\d\d in help-comes, 0\.\d\d in as-it-was, a diff", line) for line in lines
    )
    (folder,) = (place / "results" / "small").glob("audit-*")
    assert f"Result: {folder.relative_to(place)}" in lines
    names = {path.name for path in folder.iterdir() if path.is_file()}
    assert names == {
        "audit.json", "audit.png", "audit.svg", "checks.csv", "scenario.json", "DATA-SOURCES.txt", "manifest.json",
        "manifest.sha256",
    }  # fmt: skip
    content = manifest.read(folder)
    assert (content["kind"], content["verdict"]) == ("audit", {0: "robust", 3: "shifted"}[done.code])
    assert content["claim"] == f"{CLAIM} through evidence"
    held = json.loads((folder / "audit.json").read_text("utf-8"))
    again = command(*ASKED, "--claim", f"{CLAIM} through evidence", "--json", "--no-plot")
    assert again.code == done.code
    printed = json.loads(again.out)
    assert printed.pop("result") == str(folder.relative_to(place))
    assert printed == held
    assert 0.0 < printed["baseline"]["low"] < printed["baseline"]["difference"] < printed["baseline"]["high"]
    assert printed["checks"]["engines"]["verdict"] == "holds"


LATE = ("--minutes", "0.00001", "--no-plot")


def test_exit_codes_follow_the_verdict(command: Command) -> None:
    late = command(*ASKED, *LATE, "--claim", CLAIM)
    assert late.code == 5
    assert "Not reached in time: parameters-read, workers, file-order" in late.out
    assert "Undecided: 0." in late.out
    wrong = command(*ASKED, *LATE, "--claim", f"{METRIC}: help-comes < as-it-was")
    assert wrong.code == 4
    assert "Fragile: 0." in wrong.out
    assert "Not above 0 in: baseline (" in wrong.out


def test_claims_of_the_file_are_audited_and_the_worst_gives_the_code(command: Command, place: Path) -> None:
    text = (place / "small.toml").read_text("utf-8")
    claims = json.dumps([CLAIM, f"{METRIC}: as-it-was > help-comes"])
    (place / "small.toml").write_text(f"claims = {claims}\n{text}", "utf-8")
    done = command(*ASKED, *LATE, "--json", "--engine", "compiled")
    found = json.loads(done.out)
    assert [one["claim"] for one in found] == json.loads(claims)
    assert [one["verdict"] for one in found] == ["undecided", "fragile"]
    assert done.code == 4
    assert command(*ASKED, "--out", "one").code == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "small.toml: has no claims; give one: --claim 'METRIC: A > B'"),
        (("--claim", "BBB.trust[AAA]@2021-12"), "with a colon between"),
        (("--claim", f"{METRIC}: help-comes > elsewhere"), "there is no branch 'elsewhere'"),
        (("--claim", CLAIM, "--minutes", "0"), "minutes 0 is not allowed"),
        (("--claim", CLAIM, "--replicates", "0"), "replicates 0 is not allowed"),
        (("--claim", CLAIM, "--replicates", "1"), "has a value in 1 pairs of runs; an audit needs two or more"),
        (("--claim", CLAIM, "--out", "."), "the folder exists and holds something else"),
    ],
)
def test_what_is_refused_ends_with_2(command: Command, options: tuple[str, ...], message: str) -> None:
    done = command("audit", "small.toml", "--parameters", "defaults", *options)
    assert done.code == 2
    assert message in done.err


def test_a_folder_of_ones_own_goes_on_and_no_other_claim_takes_it(command: Command, place: Path) -> None:
    given = (*ASKED, *LATE, "--out", "mine")
    assert [command(*given, "--claim", CLAIM).code for _ in range(2)] == [5, 5]
    assert not manifest.read(place / "mine")["whole"]
    other = command(*given, "--claim", f"{METRIC}: help-comes > they-decide")
    assert other.code == 2
    assert "mine: the folder exists and holds something else" in other.err
