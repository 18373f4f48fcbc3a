"""Results, sweeps and agents made for November's code still open, run and give the same."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.model.parameters import PARAMETERS
from sim.output.store import read
from sim.output.sweeps import read_sweep
from tests.golden.made import OLD_FORMS, OLD_VALUES
from tests.golden.test_goldens import differing

NOT_TOLD_NOW = ("source", "figures", "words", "excused_clear")
"""Where things lay, sentences, and a number in whose place explanations give the parts of an excuse."""

CONSTANTS = {"attention_half_life": 12.0, "attention_tempo": 2.0}
"""Parameters that were constants, which results did not store; they are fitted now, and have other table values."""

WIDER = ("parameters.attention_tempo",)
"""Parameters whose allowed range is wider now, so that a change of them is found where there was none."""

STORED = Path(__file__).with_name("stored.tar.xz")


@pytest.fixture(scope="module")
def november(tmp_path_factory):
    """Return a folder with what November's code stored."""
    folder = tmp_path_factory.mktemp("november")
    shutil.unpack_archive(STORED, folder, filter="data")
    stored = json.loads((folder / "result" / "scenario.json").read_text())
    stored["parameters"] |= CONSTANTS
    (folder / "result" / "scenario.json").write_text(json.dumps(stored))
    manifest = json.loads((folder / "result" / "manifest.json").read_text())
    written = (folder / "result" / "scenario.json").read_bytes()
    manifest["files"]["scenario.json"] = {"bytes": len(written), "sha256": hashlib.sha256(written).hexdigest()}
    (folder / "result" / "manifest.json").write_text(json.dumps(manifest))
    return folder


def printed(capsys, *arguments):
    """Return what a command prints as JSON, once it has ended well."""
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    out = capsys.readouterr().out
    assert ended.value.code in (0, None)
    return json.loads(out)


def told(november, name):
    return json.loads((november / f"{name}.json").read_text())


def without(value, *keys):
    return {key: each for key, each in value.items() if key not in keys}


def as_told_then(before, now):
    """Return what an explanation tells now of what it told before, all but its sentences."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {key: as_told_then(each, now[key]) for key, each in before.items() if key not in NOT_TOLD_NOW}
    if isinstance(before, list) and isinstance(now, list):
        return [as_told_then(old, new) for old, new in zip(before, now, strict=True)]
    return now


def leave_later_terms_out(before, now):
    """Take out of an explanation the terms that the model did not have before; they must weigh nothing."""
    for then, today in zip(before["decisions"], now["decisions"], strict=True):
        today["flips"] = [each for each in today["flips"] if each["input"] not in WIDER]
        for old, new in zip(then["options"], today["options"], strict=True):
            later = new["terms"].keys() - old["terms"].keys()
            assert [name for name in later if new["terms"].pop(name)["value"] != 0.0] == []


def test_a_result_opens_and_gives_the_same_tables(november):
    result = read(november / "result")
    assert result.engine == "mesa"
    now = result.as_json(november / "result")["branches"]
    for branch, before in told(november, "run")["branches"].items():
        assert differing(before, {metric: now[branch][metric] for metric in before}) == ""
    trust = result.trust.sel(branch="as-happened", truster="ARM", trustee="RUS").isel(date=-1).to_numpy()
    metrics = pd.read_parquet(november / "result" / "metrics.parquet")
    kept = metrics.query("branch == 'as-happened' and metric == 'ARM.trust[RUS]@end'")["value"].to_numpy()
    assert trust == pytest.approx(kept, abs=1e-6)


def test_a_stored_result_is_explained_as_it_was(november, capsys):
    question = ("--state", "ARM", "--date", "2022-09", "--replicate", "0", "--no-plot", "--json")
    now = printed(capsys, "explain", november / "result", *question)
    before = told(november, "explain")
    leave_later_terms_out(before, now)
    assert differing(as_told_then(before, before), as_told_then(before, now)) == ""


@pytest.mark.slow
def test_a_stored_result_is_plotted_and_reported(november, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["plot", str(november / "result")])
    assert ended.value.code in (0, None)
    assert list((november / "result" / "figures").glob("*.png"))
    capsys.readouterr()
    page = tmp_path / "page.md"
    printed(capsys, "report", november / "result", "--out", page, "--json")
    assert "Armenia" in page.read_text()


def test_a_stored_sweep_opens_and_is_analyzed_as_it_was(november, capsys, tmp_path):
    sweep = read_sweep(november / "sweep")
    pd.testing.assert_frame_equal(
        sweep.table.drop(columns="point"), pd.read_parquet(november / "sweep" / "sweep.parquet")
    )
    assert differing(told(november, "sweep")["points"], json.loads(json.dumps(sweep.rows()))) == ""
    now = printed(capsys, "analyze", november / "sweep", "--out", tmp_path / "analysis", "--json")
    before = told(november, "analyze")["metrics"]
    assert differing(before, as_told_then(before, now["metrics"])) == ""


class Legalist(sim.State):
    """Helps in full where the law is clear, and with words where it is not."""

    def respond(self, call):
        return "forces" if self.coverage_of(call) >= 0.8 else "statement"


class Patient(sim.State):
    """Steps up only while trust in the guarantor is below a half."""

    def review_posture(self, treaty):
        step = super().review_posture(treaty)
        guarantor = self.model.setup.codes[self.model.world.guarantor[self.model.treaty_index(treaty)]]
        return 0 if step > 0 and self.trust_in(guarantor) >= 0.5 else step


def test_agents_written_for_november_run_as_they_did():
    off = [f"parameters.{name}={value}" for name, value in OLD_VALUES.items() if value != PARAMETERS[name].default]
    forms = [f"{key}={value}" for key, value in OLD_FORMS.items()]
    scenario = sim.load("scenarios/first-steps.toml", ["drop=['russia-2022']", *forms, *off])
    model = sim.AllianceModel(scenario, rng=7, agents={"RUS": Legalist, "ARM": Patient})
    model.run()
    (russia,) = [answer for answer in model.calls[0].responses if answer.ally == "RUS"]
    assert (russia.coverage, russia.choice) == (0.5, 1)
    assert model.state("ARM").trust_in("RUS") >= 0.5
    assert model.state("ARM").posture == "loyal"
