"""The example world of docs/scenarios.md does what the text beside it says."""

import re
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.output.result import ResultData
from sim.words import FORCES, MATERIEL
from tests.scenario.small_scenario import ROOT

DECLINES, COMES, DECIDES = "patron-declines", "patron-comes", "patron-decides"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    blocks = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / "docs/scenarios.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    (world,) = (block for block in blocks if "distracted patron" in block)
    path = tmp_path_factory.mktemp("own") / "world.toml"
    path.write_text(world, "utf-8")
    return path


@pytest.fixture(scope="module")
def result(path: Path) -> ResultData:
    return sim.run(sim.load(path), replicates=100, parameters="defaults")


def trust(result: ResultData, branch: str, client: str, day: str) -> float:
    return float(result.trust.sel(branch=branch, truster=client, trustee="AAA", date=np.datetime64(day)).mean())


def levels(result: ResultData) -> "np.ndarray[tuple[int], np.dtype[np.int_]]":
    answers = result.responses
    return answers[(answers["branch"] == DECIDES) & (answers["ally"] == "AAA")]["level"].to_numpy()


def test_a_refusal_costs_trust_and_help_gains_it_most_with_the_client_that_called(result: ResultData) -> None:
    moved = {
        (branch, client): trust(result, branch, client, "2026-03-31") - trust(result, branch, client, "2026-02-28")
        for branch in result.branches
        for client in ("BBB", "CCC")
    }
    assert moved[DECLINES, "BBB"] < moved[DECLINES, "CCC"] < 0.0 < moved[COMES, "CCC"] < moved[COMES, "BBB"]
    assert moved[DECLINES, "BBB"] < moved[DECIDES, "BBB"] < moved[COMES, "BBB"]


def test_ties_to_the_challenger_hold_help_back(result: ResultData, path: Path) -> None:
    friend = levels(result)
    stranger = levels(sim.run(sim.load(path, ["dyads.AAA.DDD.ties=0"]), replicates=100, parameters="defaults"))
    assert np.mean(friend == FORCES) < 0.1
    assert np.mean(friend >= MATERIEL) < np.mean(stranger >= MATERIEL)
    assert np.mean(friend == FORCES) <= np.mean(stranger == FORCES)
