"""What the shipped scenario must show with parameters drawn from the shipped posterior, by paired intervals."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.evidence.calibration.patterns import load_patterns
from sim.output.intervals import wilson
from sim.words import FREEZE, REDUCE, VOICE

KARABAKH = Path(__file__).parents[2] / "scenarios" / "karabakh-2023.toml"
BRANCHES = ("as-happened", "agents-decide", "russia-sends-forces-2022", "russia-intervenes", "russia-declines-outright")
FROZEN = "first(ARM.posture >= freeze) <= 2024-12"
Z90 = 1.645


def run(replicates, branches=BRANCHES, overrides=()):
    return sim.run(sim.load(KARABAKH, overrides), branches=branches, replicates=replicates, seed=7)


@pytest.fixture(scope="module")
def few():
    return run(150)


@pytest.fixture(scope="module")
def many():
    return run(400)


def reached(result, branch, member, rung, until="2026-12-31"):
    """Return, by replicate, whether a member reached a rung by a date."""
    path = result.posture.sel(branch=branch, state=member)
    return (path.sel(date=path.date <= np.datetime64(until)) >= rung).any("date").to_numpy()


def at(result, branch, member, day):
    path = result.trust.sel(branch=branch, truster=member, trustee="RUS")
    return path.sel(date=np.datetime64(day)).to_numpy()


def fall(result, since, until, branch="as-happened"):
    return at(result, branch, "ARM", since) - at(result, branch, "ARM", until)


def surely_positive(differences):
    """Tell whether the 90 % interval of a paired mean lies above nought."""
    return differences.mean() - Z90 * differences.std(ddof=1) / np.sqrt(len(differences)) > 0


def check_trust(result):
    after_2020 = fall(result, "2020-08-31", "2020-12-31")
    after_2022 = fall(result, "2022-08-31", "2022-12-31")
    after_2023 = fall(result, "2023-08-31", "2023-12-31")
    assert surely_positive(after_2022 - after_2020)
    assert surely_positive(after_2022 - after_2023)
    lift = -fall(result, "2021-12-31", "2022-01-31")
    assert lift.mean() <= 0.05


def check_freeze(result):
    frozen = {branch: reached(result, branch, "ARM", FREEZE, "2024-12-31").astype(float) for branch in BRANCHES}
    assert surely_positive(frozen["as-happened"] - frozen["russia-sends-forces-2022"])
    assert surely_positive(frozen["agents-decide"] - frozen["russia-intervenes"])
    assert frozen["agents-decide"].mean() <= frozen["russia-declines-outright"].mean()
    paired = result.compare("as-happened", "russia-sends-forces-2022", FROZEN)
    assert paired["high"] < 0.0


def others(result):
    return {
        member: reached(result, "as-happened", member, FREEZE)
        for member in result.members
        if member not in ("ARM", "RUS")
    }


def test_trust_and_freeze_with_few_runs(few):
    check_trust(few)
    check_freeze(few)


def test_no_cascade_with_few_runs(few):
    armenia = reached(few, "as-happened", "ARM", FREEZE).mean()
    assert armenia >= 3 * max(each.mean() for each in others(few).values())
    assert reached(few, "as-happened", "BLR", VOICE + 1).mean() <= 0.1


def test_without_the_discount_for_coverage_the_contrast_of_2020_and_2022_goes(few):
    def contrast(result):
        return fall(result, "2022-08-31", "2022-12-31") - fall(result, "2020-08-31", "2020-12-31")

    flat = contrast(run(150, ("as-happened",), ["parameters.excuse_legal=0"]))
    assert surely_positive(contrast(few) - flat)
    assert abs(flat.mean()) < 0.1 * contrast(few).mean()


@pytest.mark.slow
def test_trust_and_freeze(many):
    check_trust(many)
    check_freeze(many)


@pytest.mark.slow
def test_no_cascade(many):
    frozen = others(many)
    armenia = reached(many, "as-happened", "ARM", FREEZE).mean()
    assert armenia >= 3 * max(each.mean() for each in frozen.values())
    accepted = {pattern.member: pattern for pattern in load_patterns() if pattern.name.endswith("-follows-nobody")}
    for member, each in frozen.items():
        assert each.mean() <= accepted[member].high, member
    assert 1 - reached(many, "as-happened", "BLR", VOICE + 1).mean() >= 0.9


@pytest.mark.slow
def test_kyrgyzstan_reduces_in_late_2022_more_often_than_its_neighbours():
    result = run(1000, ("as-happened",))
    shares = {}
    for member in ("KGZ", "KAZ", "TJK"):
        path = result.posture.sel(branch="as-happened", state=member)
        late = path.sel(date=(path.date >= np.datetime64("2022-10-01")) & (path.date <= np.datetime64("2022-12-31")))
        shares[member] = (late >= REDUCE).any("date").to_numpy().astype(float)
    assert surely_positive(shares["KGZ"] - shares["KAZ"])
    assert surely_positive(shares["KGZ"] - shares["TJK"])
    low, _ = wilson(int(shares["KGZ"].sum()), len(shares["KGZ"]))
    assert low > 0.0
