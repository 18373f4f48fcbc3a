import json
from pathlib import Path

import pytest

from sim.mechanisms import together
from tests.cli.conftest import Command

TRUST = "BBB.trust[AAA]@end"
ASKED = ("attribute", "small.toml", "--metric", TRUST, "--replicates", "20")


def test_shares_as_json_add_up_and_lie_in_the_folder(command: Command, place: Path) -> None:
    done = command(*ASKED, "--events", "raid,answer", "--events", "busy=away", "--interactions", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["metric"] == TRUST
    assert list(found["shares"]) == ["raid", "answer", "busy"]
    assert all(list(cells) == ["value", "low", "high"] for cells in found["shares"].values())
    assert abs(sum(cells["value"] for cells in found["shares"].values()) - found["total"]) < 1e-9
    assert len(found["interactions"]) == 3
    folder = place / found["result"]
    assert folder.parent == place / "results" / "small"
    assert json.loads((folder / "attribution.json").read_text("utf-8"))["shares"] == found["shares"]
    assert (folder / "waterfall.png").read_bytes().startswith(b"\x89PNG")
    again = json.loads(
        command(*ASKED, "--events", "raid,answer", "--events", "busy=away", "--interactions", "--json").out
    )
    assert again == found


def test_the_table_names_events_total_and_figure(command: Command) -> None:
    done = command(*ASKED, "--out", "mine")
    assert done.code == 0
    rows = [line.split()[0] for line in done.out.splitlines() if line and not line.startswith(" ")]
    assert {"away", "raid", "answer", "total"} <= set(rows)
    assert "Result: mine\nFigure: mine/waterfall.png\nNext: csto-sim explain small.toml --state BBB --date " in done.out
    assert "small: 120 runs in" in done.err


def test_other_branches_settings_and_no_figure(command: Command, place: Path) -> None:
    done = command(
        *ASKED, "--branch", "they-decide", "--set", "events.raid.severity=0.2", "--seed", "5", "--no-plot", "--out",
        "mine", "--orders", "4", "--json",
    )  # fmt: skip
    found = json.loads(done.out)
    assert (found["branch"], found["seed"], found["method"]) == ("they-decide", 5, "orders")
    assert "note: shares among 2 players are sampled" in done.err
    assert not list((place / "mine").glob("*.png"))


def test_mechanisms(command: Command) -> None:
    done = command(*ASKED, "--mechanisms", "evidence,legal-excuse", "--no-plot", "--json")
    assert list(json.loads(done.out)["shares"]) == ["evidence", "legal-excuse"]
    every = command("attribute", "small.toml", "--metric", TRUST, "--replicates", "2", "--mechanisms", "all", "--json")
    assert list(json.loads(every.out)["shares"]) == list(together())


def test_decision_rules(command: Command, place: Path) -> None:
    done = command(*ASKED, "--rules", "--branch", "they-decide", "--json")
    found = json.loads(done.out)
    assert list(found["rules"]) == ["consensus", "majority", "opt-out", "guarantor"]
    assert found["rules"]["consensus"]["difference"] == 0.0
    assert (place / found["result"] / "rules.csv").is_file()
    table = command(*ASKED, "--rules", "--branch", "they-decide")
    assert "consensus (as it is)" in table.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--events", "ried"), "there is no event 'ried'"),
        (("--events", ""), "there is no event ''"),
        (("--events", "raid", "--mechanisms", "all"), "--events and --mechanisms exclude each other"),
        (("--rules", "--interactions"), "--rules shares nothing out"),
        (("--branch", "nope"), "there is no branch 'nope'"),
        (("--orders", "1"), "orders 1 is not allowed"),
        (("--workers", "0"), "workers 0 is not allowed"),
        (("--out", "small.toml"), "is not a folder"),
    ],
)
def test_bad_input_is_refused_in_one_line(command: Command, arguments: tuple[str, ...], said: str) -> None:
    done = command(*ASKED, *arguments)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err.splitlines()[-1]


def test_a_metric_is_needed(command: Command) -> None:
    done = command("attribute", "small.toml")
    assert done.code == 2
    assert "--metric" in done.err
