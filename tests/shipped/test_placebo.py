"""Where nothing happens, members stay: nobody drifts away without an attack, a call or a broken promise."""

import sys
from pathlib import Path

import numpy as np

import sim
from sim.scenario import resolve
from sim.words import REDUCE, VOICE

PLACEBO = Path(__file__).parents[2] / "scenarios" / "placebo.toml"


def test_nothing_happens_in_the_placebo() -> None:
    scenario = sim.load(PLACEBO)
    assert not scenario.events
    assert scenario.endogenous_attacks == "never"
    calm = resolve(scenario, "no-threat")
    for member in calm.treaties["CSTO"].members:
        for other, dyad in calm.dyads[member].items():
            assert dyad.threat is None or set(dyad.threat.values) == {0.0}, (member, other)
    for owner in (*scenario.states.values(), *(dyad for others in scenario.dyads.values() for dyad in others.values())):
        for name in ("capability", "democracy", "overstretch", "threat", "ties", "claim", "base"):
            series = getattr(owner, name, None)
            years = getattr(series, "years", ())
            assert all(year > scenario.end.year for year in years[1:]), name


def test_nobody_reduces_in_19_of_20_runs() -> None:
    result = sim.run(sim.load(PLACEBO), replicates=400, parameters="defaults")
    members = [code for code in result.members if code != "RUS"]
    for branch in result.branches:
        rungs = result.posture.sel(branch=branch, state=members).transpose("replicate", "date", "state").to_numpy()
        calm = 1.0 - np.mean(np.any(rungs >= REDUCE, axis=(1, 2)))
        voice = np.mean(rungs[:, -1] == VOICE)
        said = f"{branch}: nobody at reduce in {calm:.1%} of the runs; {voice:.1%} of the members at voice in the end"
        sys.stdout.write(f"{said}\n")
        assert branch != "no-threat" or calm >= 0.95, said
