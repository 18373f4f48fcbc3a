"""Claims: their text, and what a scenario file may claim."""

import pytest

from sim.scenario import load
from sim.scenario.claims import parse_claim
from sim.scenario.expressions import ExpressionError
from sim.scenario.problems import ScenarioError
from tests.experiments.conftest import SMALL

METRIC = "BBB.posture@2021-12 >= voice"


def test_a_claim_has_a_metric_and_two_branches() -> None:
    claim = parse_claim(f"{METRIC}: as-it-was > help comes")
    assert (claim.metric, claim.higher, claim.lower) == (METRIC, "as-it-was", "help comes")
    assert (claim.least, claim.through) == (0.0, ())


def test_less_is_more_turned_round_with_a_limit_and_mechanisms() -> None:
    claim = parse_claim(f"{METRIC}: a<b by 0.25 through evidence, legal-excuse,evidence")
    assert (claim.higher, claim.lower, claim.least) == ("b", "a", 0.25)
    assert claim.through == ("evidence", "legal-excuse")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (METRIC, 'a colon between; allowed: "METRIC: A > B"'),
        ("BBB.postur@end: a > b", "did you mean 'posture'?"),
        ("first(BBB.posture >= voice): a > b", "is a date, which has no mean; allowed: a comparison with a month"),
        (f"{METRIC}: a = b", "'a = b' does not compare two branches"),
        (f"{METRIC}: a > b > c", "does not compare two branches"),
        (f"{METRIC}: a > a", "both branches are 'a'"),
        (f"{METRIC}: a > b by much", "'by much' is no difference; allowed: a number from 0"),
        (f"{METRIC}: a > b by -0.1", "'by -0.1' is no difference"),
        (f"{METRIC}: a > b by nan", "'by nan' is no difference"),
    ],
)
def test_what_is_no_claim_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_claim(text)
    assert message in str(refused.value)


def written(tmp_path, claims: str):
    path = tmp_path / "claimed.toml"
    path.write_text(f"claims = {claims}\n{SMALL.read_text('utf-8')}", "utf-8")
    return path


def test_a_file_may_hold_claims_which_files_that_extend_it_do_not_inherit(tmp_path) -> None:
    claim = f"{METRIC}: as-it-was > help-comes"
    path = written(tmp_path, f"['{claim}']")
    assert load(path).claims == [claim]
    further = tmp_path / "further.toml"
    further.write_text('title = "Further"\nextends = "claimed.toml"\ndrop_branches = true\n', "utf-8")
    assert load(further).claims == []


def test_without_claims_a_scenario_is_written_as_before(tmp_path) -> None:
    assert "claims" not in load(SMALL).model_dump()
    assert "claims" in load(written(tmp_path, f"['{METRIC}: as-it-was > help-comes']")).model_dump()


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (f"{METRIC}: as-it-was > help-come", "there is no branch 'help-come'"),
        ("XXX.posture@end: as-it-was > help-comes", "there is no state 'XXX'"),
        ("BBB.posture@2031-01: as-it-was > help-comes", "lies outside the period"),
        (METRIC, "a colon between"),
    ],
)
def test_a_wrong_claim_of_a_file_is_a_problem_at_its_line(tmp_path, claim: str, message: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(written(tmp_path, f"['{claim}']"))
    assert message in str(refused.value)
    assert "claimed.toml:1" in str(refused.value)
