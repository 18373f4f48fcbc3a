"""Audits: verdicts worked out by hand, what checks change, and whole audits of a small scenario."""

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analysis.auditing import worlds as w
from sim.analysis.auditing.audit import audit, chosen_checks, worlds_of
from sim.analysis.auditing.checks import Invariance, spread_over_seeds, unread_parameters
from sim.analysis.auditing.results import Audit, Baseline, CheckResult, JudgedSample
from sim.analysis.auditing.verdicts import (
    PairedSample,
    Verdict,
    judge,
    level_of,
    replicates_needed,
    worst,
)
from sim.errors import InputError
from sim.scenario import load
from sim.scenario.claims import parse_claim
from tests.experiments.conftest import SMALL

CLAIM = "BBB.trust[AAA]@2021-12: help-comes > as-it-was"
BASE = PairedSample(400, 0.4, 0.5)
LEVEL = 0.99


def sample(mean: float, spread: float = 0.5, pairs: int = 400) -> PairedSample:
    return PairedSample(pairs, mean, spread)


# The half width at 99 % with 400 pairs and a spread of 0.5 is 2.588 * 0.5 / 20 = 0.0647.
@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (0.40, "robust"),
        (0.21, "robust"),  # above 0.4 / 2
        (0.79, "robust"),  # below 2 * 0.4
        (0.19, "shifted"),  # interval from 0.125, but below half
        (0.81, "shifted"),
        (0.07, "shifted"),
        (0.06, "fragile"),  # covers 0, and half of 0.4 can be seen with 76 pairs, which there are
        (-0.06, "fragile"),
        (-0.07, "fragile"),  # on the other side
    ],
)
def test_verdicts_by_hand(mean: float, verdict: str) -> None:
    found = judge(sample(mean), BASE, 0.0, LEVEL)
    assert found.verdict.word == verdict
    assert found.high - found.low == pytest.approx(2 * 2.5882 * 0.5 / 20, abs=1e-4)
    assert found.needed is None


def test_without_power_a_check_is_undecided_and_says_what_it_needs() -> None:
    few = judge(sample(0.05, pairs=50), PairedSample(50, 0.4, 0.5), 0.0, LEVEL)
    assert (few.verdict, few.needed) == (Verdict.UNDECIDED, 76)
    assert judge(sample(0.05, pairs=76), BASE, 0.0, LEVEL).verdict is Verdict.FRAGILE
    # t with 75 degrees of freedom is 2.6430: (2.6430 + 0.8416) * 0.5 / sqrt(76) is 0.1999, and with 75 pairs 0.2012
    assert replicates_needed(0.5, 0.4, LEVEL) == 76
    assert replicates_needed(0.5, 0.0, LEVEL) is None


def test_two_pairs_say_nothing_however_close_they_are() -> None:
    two = judge(sample(0.2, 0.01, 2), PairedSample(2, 0.2, 0.01), 0.0, LEVEL)
    assert two.low < 0.0
    assert (two.verdict, two.needed) == (Verdict.UNDECIDED, 3)  # t with 2 degrees is 9.925: half the width is 0.057


def test_a_least_difference_moves_the_limit_and_the_power() -> None:
    by = 0.3
    assert judge(sample(0.40), BASE, by, LEVEL).verdict is Verdict.ROBUST  # 0.335 is above 0.3
    assert judge(sample(0.23), BASE, by, LEVEL).verdict is Verdict.FRAGILE  # 0.295 is below 0.3
    covers = judge(sample(0.35), BASE, by, LEVEL)
    assert (covers.verdict, covers.needed) == (Verdict.UNDECIDED, replicates_needed(0.5, 0.1, LEVEL))
    assert covers.needed == 1171


def test_equal_differences_are_bounded_by_the_binomial() -> None:
    none = judge(sample(0.0, 0.0), BASE, 0.0, LEVEL, reach=1.0)
    share = 1 - 0.005 ** (1 / 400)
    assert (none.low, none.high) == pytest.approx((-share, share))
    assert none.verdict is Verdict.FRAGILE  # the interval does not reach half of the baseline
    all_equal = judge(sample(0.4, 0.0), BASE, 0.0, LEVEL, reach=1.0)
    assert all_equal.verdict is Verdict.ROBUST
    few = judge(sample(0.0, 0.0, 10), PairedSample(10, 0.4, 0.5), 0.0, LEVEL, reach=1.0)
    assert (few.verdict, few.needed) == (Verdict.UNDECIDED, 24)  # 1 - 0.005 ** (1 / 24) is 0.198, just below 0.2
    same = judge(sample(0.4, 0.0, 4), PairedSample(4, 0.4, 0.0), 0.0, LEVEL, reach=1.0)
    assert (same.verdict, same.needed) == (Verdict.UNDECIDED, 35)  # 0.4 - 1.4 * (1 - 0.005 ** (1 / 35)) is 0.203
    unknown = judge(sample(0.4, 0.0, 20), PairedSample(20, 0.4, 0.5), 0.0, LEVEL)
    assert unknown.verdict is Verdict.UNDECIDED  # no largest difference is known
    assert judge(PairedSample.of(np.full((2, 5), np.nan)), BASE, 0.0, LEVEL).verdict is Verdict.UNDECIDED


def test_the_baseline_is_judged_by_itself() -> None:
    assert judge(BASE, BASE, 0.0, 0.95).verdict is Verdict.ROBUST
    other = PairedSample(400, -0.4, 0.5)
    assert judge(other, other, 0.0, 0.95).verdict is Verdict.FRAGILE
    none = PairedSample(400, 0.01, 0.5)
    assert judge(none, none, 0.0, 0.95).verdict is Verdict.UNDECIDED


def test_pairs_with_a_missing_value_are_left_out() -> None:
    found = PairedSample.of(np.array([[1.5, 2.5, np.nan, 4.0], [0.0, 1.0, 0.0, np.nan]]))
    assert (found.pairs, found.mean, found.spread) == (2, 1.5, 0.0)
    assert (found.higher, found.lower) == (2.0, 0.5)
    other = PairedSample.of(np.array([[1.0, 2.0], [0.0, 0.0]]))
    assert (other.pairs, other.mean, other.spread) == (2, 1.5, pytest.approx(sqrt(0.5)))


def test_the_worst_check_names_the_verdict() -> None:
    order = [Verdict.ROBUST, Verdict.SHIFTED, Verdict.UNDECIDED, Verdict.FRAGILE, Verdict.DEFECT]
    for place, verdict in enumerate(order):
        assert worst(order[: place + 1], whole=True) is verdict
    assert worst([Verdict.SHIFTED], whole=False) is Verdict.UNDECIDED
    assert worst([Verdict.FRAGILE], whole=False) is Verdict.FRAGILE
    assert level_of(50) == pytest.approx(0.999)


def test_a_sound_interval_holds_and_one_from_copied_runs_does_not() -> None:
    generator = np.random.default_rng(1)
    sound = [generator.normal([[0.3], [0.0]], 1.0, (2, 40)) for _ in range(40)]
    assert spread_over_seeds(sound).holds
    copied = [np.repeat(each[:, :10], 4, axis=1) for each in sound]
    assert not spread_over_seeds(copied).holds
    assert spread_over_seeds([np.ones((2, 3))] * 4).holds


def worlds(claim: str = CLAIM, **options: Any) -> w.ClaimWorlds:
    given = {"replicates": 2, "parameters": "defaults", "engine": "mesa", **options}
    return worlds_of(load(SMALL), parse_claim(claim), **given)


def test_every_parameter_is_read_by_a_rule() -> None:
    assert unread_parameters() == ()


def test_states_are_renamed_wherever_they_are_named() -> None:
    changed = w.renamed(worlds(), with_draws=False)
    text = " ".join(str(branch.model_dump(exclude={"title"})) for branch in changed.branches) + changed.metric
    assert not any(code in text for code in ("AAA", "BBB", "CCC", "DDD"))
    assert changed.metric == "Z0003.trust[Z0004]@2021-12"
    assert list(changed.names.values()) == ["AAA", "BBB", "CCC", "DDD"]
    assert changed.branches[0].treaties["PACT"].members == ["Z0004", "Z0003", "Z0002"]


def test_an_idle_state_comes_first_and_the_file_is_turned_round() -> None:
    scenario = worlds().branches[0]
    assert min(w.with_idle_state(scenario).states) == "A0"
    turned = w.turned_round(scenario)
    assert list(turned.states) == list(reversed(scenario.states))
    assert turned.treaties["PACT"].members == ["CCC", "BBB", "AAA"]
    assert turned == scenario.model_copy(update={"treaties": turned.treaties, "metrics": turned.metrics})


def test_judged_figures_move_by_what_their_confidence_allows() -> None:
    scenario = worlds().branches[0]
    up = w.moved(scenario, w.up, w.down)
    assert up.events["raid"].severity == pytest.approx(0.9)
    assert up.dyads["BBB"]["AAA"].ties.values == pytest.approx((0.5,))
    sure = w.moved(with_ties(scenario, {"value": 0.99, "source": "made up", "confidence": "low"}), w.fixed, w.up)
    assert sure.dyads["BBB"]["AAA"].ties.values == (1.0,)
    high = w.moved(with_ties(scenario, {"value": 0.6, "source": "made up", "confidence": "high"}), w.fixed, w.up)
    assert high.dyads["BBB"]["AAA"].ties.values == pytest.approx((0.65,))
    assert w.moved(scenario, w.fixed, w.fixed) == scenario
    mixed = [w.either(seed)("raid") for seed in range(40)]
    assert {1, -1} == set(mixed)


def with_ties(scenario: Any, ties: Mapping[str, Any]) -> Any:
    tables = scenario.model_dump(by_alias=True, exclude_unset=True)
    tables["dyads"]["BBB"]["AAA"]["ties"] = ties
    return type(scenario).model_validate(tables)


def test_the_metric_of_worlds_is_that_of_a_run() -> None:
    from sim.experiments.ensemble import run

    here = worlds(replicates=3, seed=5).values()
    result = run(
        load(SMALL), replicates=3, seed=5, engine="mesa", parameters="defaults", metrics=[parse_claim(CLAIM).metric]
    )
    for place, branch in enumerate(("help-comes", "as-it-was")):
        assert here[place].tolist() == result.values(branch, parse_claim(CLAIM).metric).tolist()


class Memory(dict[str, Any]):
    """Findings kept in memory."""

    def read(self, name: str) -> Any:
        return self.get(name)

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        assert name not in self, "made twice"
        self[name] = data


NAMES = ("parameters-read", "file-order", "seed-4", "without-evidence")
OPTIONS: dict[str, Any] = {"replicates": 40, "engine": "compiled", "parameters": "defaults", "checks": NAMES}


def test_an_audit_goes_on_where_it_was_and_says_what_it_did_not_reach() -> None:
    kept = Memory()
    short = audit(load(SMALL), CLAIM, minutes=1e-9, kept=kept, **OPTIONS)
    assert (list(kept), short.verdict) == (["baseline"], Verdict.UNDECIDED)
    assert f"Not reached in time: {', '.join(NAMES)}." in short.sentences
    whole = audit(load(SMALL), CLAIM, kept=kept, **OPTIONS)
    assert list(kept) == ["baseline", *NAMES]
    again = audit(load(SMALL), CLAIM, minutes=1e-9, kept=kept, **OPTIONS)
    assert again.report() == whole.report()
    assert again.verdict is Verdict.FRAGILE
    assert [row["verdict"] for row in whole.report()["checks"].values()] == ["holds", "holds", "robust", "fragile"]
    assert whole.level == pytest.approx(0.975)


def test_a_mechanism_by_which_a_claim_works_does_not_count_against_it() -> None:
    through = audit(load(SMALL), f"{CLAIM} through evidence", **{**OPTIONS, "checks": NAMES[2:]})
    assert through.verdict is Verdict.ROBUST
    assert through.sentences[-1].startswith("Not counted, since the claim works through them: without-evidence (")
    assert through.table().set_index("check").loc["without-evidence", "verdict"] == "not counted"


def found_by(claim: str, *results: CheckResult) -> Audit:
    """Return an audit whose baseline is 0.5 in one branch and 0.1 in the other."""
    base = replace(BASE, lower=0.1)
    return Audit(load(SMALL), parse_claim(claim), 1, 400, "mesa", "defaults", first(base), results, LEVEL)


def first(base: PairedSample) -> Baseline:
    return Baseline("baseline", "", False, JudgedSample(base, judge(base, base, 0.0, 0.95)), False, 0.0)


def moved(name: str, by: PairedSample, *, through: bool = False) -> CheckResult:
    return CheckResult(name, "", False, JudgedSample(by, judge(by, BASE, 0.0, LEVEL)), through, 0.0)


def test_a_verdict_says_levels_sizes_and_what_leaves_all_as_it_is() -> None:
    from sim.analysis.printing import audit_tables

    few = PairedSample(50, 0.05, 0.5, 0.01)
    found = found_by(
        "BBB.posture@2021-12 >= voice: as-it-was > help-comes through evidence",
        moved("seed-4", PairedSample(400, 0.41, 0.5, 0.1)),
        moved("weeks", PairedSample(400, 0.12, 0.5, 0.0)),
        moved("beliefs-beta", PairedSample(400, 0.01, 0.5, 0.985)),
        moved("ties-up", few),
        moved("ties-down", PairedSample.of(np.full((2, 5), np.nan))),
        moved("without-evidence", PairedSample(400, 0.0, 0.5, 0.1), through=True),
        moved("without-silence", replace(BASE, lower=0.1)),
    )
    assert found.sentences == (
        "Fragile: 50 % in as-it-was, 10 % in help-comes, a difference of +40 points (+35 to +45).",
        "Not above 0 in: beliefs-beta (+1 point: >99 % against 99 %).",
        (
            "These checks cannot tell: ties-up (+5 points: 6 % against 1 %; 76 replicates would tell), ties-down "
            "(no pair has a value)."
        ),
        "The side holds; the size leaves half to twice (+20 to +80 points) in: weeks (+12 points: 12 % against 0 %).",
        "Not counted, since the claim works through them: without-evidence (0 points: 10 % against 10 %).",
        "The same to the last digit in: without-silence.",
    )
    (table,) = audit_tables(found)
    assert [row[0] for row in table.rows] == [
        "baseline", "seed-4", "weeks", "beliefs-beta", "ties-up", "ties-down", "without-evidence",
    ]  # fmt: skip
    assert table.rows[2][1:] == ("+12 points", "+6 to +18 points", "shifted")
    assert table.rows[5][1:] == ("-", "-", "undecided")
    assert table.rows[6][3] == "not counted"
    assert list(found.report()["checks"])[-1] == "without-silence"


def test_twice_a_chance_is_at_most_certain() -> None:
    found = found_by("BBB.posture@2021-12 >= voice: as-it-was > help-comes by 0.1")
    assert found.sentences[1] == (
        "In all of the 0 variations its interval lies above +10 points, and its middle between half and twice the "
        "baseline's (+20 to +80 points)."
    )
    large = replace(found, baseline=first(PairedSample(400, 0.7, 0.3, 0.1)))
    assert large.sentences[1].endswith("(+35 to +100 points).")
    number = found_by(CLAIM)
    assert (
        number.sentences[0] == "Robust: 0.50 in help-comes, 0.10 in as-it-was, a difference of +0.40 (+0.35 to +0.45)."
    )


def test_explanations_have_their_fit_for_the_alliance_they_were_fitted_to_alone() -> None:
    def drawn(worlds: w.ClaimWorlds) -> list[str]:
        draws: list[str] = []

        class Watched(w.ClaimWorlds):
            def values(self) -> Any:
                draws.append("defaults" if self.draws is None else self.draws.name)
                return np.zeros((2, 2))

        watched = Watched(**{name: getattr(worlds, name) for name in worlds.__dataclass_fields__})
        (check,) = chosen_checks(watched, ["explanation-overstretched"])
        check.run(watched)
        return draws

    assert drawn(worlds(parameters="general")) == ["general"]
    own = worlds_of(
        load(SMALL.parents[2] / "scenarios" / "first-steps.toml"),
        parse_claim("ARM.trust[RUS]@2023-12: russia-sends-forces-2022 > as-happened"),
        replicates=2,
    )
    assert drawn(own) == ["explanation-overstretched"]


def test_a_defect_that_the_metric_does_not_show_is_told_but_does_not_count() -> None:
    def with_finding(touches: bool) -> Audit:
        finding = Invariance(False, touches, "1 of 2 runs differ")
        return found_by(CLAIM, CheckResult("state-names", "", True, finding, False, 0.0))

    assert with_finding(touches=True).verdict is Verdict.DEFECT
    elsewhere = with_finding(touches=False)
    assert elsewhere.verdict is Verdict.ROBUST
    assert "A defect that the metric does not show: state-names: 1 of 2 runs differ." in elsewhere.sentences


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("BBB.trust[AAA]@2021-12: help-comes > as-it-wass", "there is no branch 'as-it-wass'"),
        ("BBB.trust[AAA]@2021-12: help-comes > as-it-was through evidenc", "did you mean 'evidence'?"),
        ("BBB.trust[AAA]@2021-03: help-comes > as-it-was", "is settled before 'help-comes' and 'as-it-was' can differ"),
        ("BBB.trust[AAA]@2025-03: help-comes > as-it-was", "lies outside the period"),
    ],
)
def test_what_cannot_be_audited_is_refused(claim: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        worlds(claim)
    assert message in str(refused.value)


def test_unknown_checks_and_no_time_are_refused() -> None:
    with pytest.raises(InputError, match="there is no check 'weather'; allowed: parameters-read"):
        chosen_checks(worlds(), ["weather"])
    with pytest.raises(InputError, match="minutes 0 is not allowed"):
        audit(load(SMALL), CLAIM, minutes=0, **OPTIONS)


def test_the_checks_are_those_that_a_scenario_allows() -> None:
    names = [check.name for check in chosen_checks(worlds())]
    assert names[0] == "parameters-read"
    assert {"weeks", "posterior", "seed-4", "seed-5", "beliefs-beta", "beliefs-types", "ties-up"} <= set(names)
    assert "workers" not in names  # of the Mesa engine
    weekly = replace(worlds(), branches=tuple(map(w.by_week, worlds().branches)))
    assert "weeks" not in [check.name for check in chosen_checks(weekly)]
    drawn = replace(worlds(), draws=worlds(parameters="prior").draws, engine="compiled")
    assert {"defaults", "workers"} <= {check.name for check in chosen_checks(drawn)}


def test_the_page_names_every_check() -> None:
    page = (SMALL.parents[2] / "docs" / "auditing.md").read_text("utf-8")
    kinds = {
        "seed": "seed-N",
        "explanation": "explanation-NAME",
        "beliefs": "beliefs-RULE",
        "without": "without-MECHANISM",
    }
    for engine, source in (("compiled", "prior"), ("mesa", "defaults")):
        for check in chosen_checks(worlds(engine=engine, parameters=source)):
            assert f"`{kinds.get(check.name.partition('-')[0], check.name)}`" in page


def test_the_claims_of_the_file_do_not_hinder_changes_of_its_branches(tmp_path: Path) -> None:
    path = tmp_path / "claimed.toml"
    path.write_text(f"claims = ['{CLAIM}']\n{SMALL.read_text('utf-8')}", "utf-8")
    found = audit(
        load(path), CLAIM, **{**OPTIONS, "checks": ["explanation-no-legal-duty", "file-order", "severities-up"]}
    )
    assert all(result.finding is not None for result in found.results)
    plain = audit(load(SMALL), CLAIM, **{**OPTIONS, "checks": ["explanation-no-legal-duty"]})
    (same,) = [result for result in found.results if result.name == "explanation-no-legal-duty"]
    assert plain.results[0].finding.sample == same.finding.sample
