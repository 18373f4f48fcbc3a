"""The screen that opens the validation page: goals and verdicts, from small made-up tables."""

from pathlib import Path

import pandas as pd
import pytest

from sim.evidence.one_screen import CALIBRATION, CASES, HINDCAST, HORIZONS, RANKS, SCORES, SPLITS, rows


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Store tables in which the model is ahead of persistence by its log score alone."""
    for name in (CASES, HINDCAST, CALIBRATION, RANKS):
        (tmp_path / name).mkdir()
    screen = [
        ("better, interval wholly below 0", "rung (ranked probability)", "0.150", "base rate", "0.184", "missed"),
        ("no goal", "rung (log)", "1.500", "base rate", "1.600", "-"),
    ]  # fmt: skip
    columns = ["asked", "score", "model", "rival", "against", "verdict"]
    pd.DataFrame(screen, columns=columns).assign(difference="-0.034", interval="-0.070 to +0.001").to_csv(
        tmp_path / CASES / "screen.csv", index=False
    )
    variants = {"score": ["rps", "rps"], "rival": ["trust frozen", "events exchanged"], "model": 0.15, "against": 0.17}
    pd.DataFrame(variants | {"difference": -0.02, "low": -0.04, "high": [-0.001, 0.002]}).to_csv(
        tmp_path / CASES / "variants.csv", index=False
    )
    differences, scores = [], []
    for split in SPLITS:
        for score, (target, _, _) in SCORES.items():
            for months in HORIZONS:
                keys = {"split": split, "mode": "headline", "score": score, "target": target, "horizon": months}
                gain = {"rps": 0.0, "brier": 0.01, "log": -0.1}[score]
                differences.append({**keys, "baseline": "persistence", "difference": gain, "low": -0.2, "high": 0.2})
                scores += [{**keys, "name": name, "value": 0.5} for name in ("model", "persistence")]
    pd.DataFrame(differences).to_csv(tmp_path / HINDCAST / "differences.csv", index=False)
    pd.DataFrame(scores).to_csv(tmp_path / HINDCAST / "scorecard.csv", index=False)
    widths = {"fit": "posterior-full", "parameter": ["a", "b", "c"], "shift": 0.0, "width": [0.4, 0.5, 0.9]}
    pd.DataFrame(widths).to_csv(tmp_path / CALIBRATION / "contraction.csv", index=False)
    pd.DataFrame({"uniform": [True, True, False], "identified": [True, False, False]}).to_csv(
        tmp_path / RANKS / "ranks.csv", index=False
    )
    return tmp_path


def test_goals_alone_are_shown_with_both_scores_and_the_verdict(stored: Path):
    first = rows(stored)[0]
    assert first.asked == "other alliances, rung (ranked probability): better, interval wholly below 0"
    assert (first.score, first.rival, first.verdict) == ("0.150", "base rate 0.184", "**missed**")
    assert not any("(log)" in row.asked for row in rows(stored))


def test_a_variant_is_worse_where_its_interval_is_clear_of_0(stored: Path):
    verdicts = {row.rival.split(" 0.")[0]: row.verdict for row in rows(stored) if "better than with" in row.asked}
    assert verdicts == {"trust frozen": "met", "events exchanged": "**missed**"}


def test_no_worse_is_enough_for_rungs_and_not_for_other_scores(stored: Path):
    record = [row for row in rows(stored) if row.asked.startswith("the CSTO")]
    assert len(record) == len(SPLITS) * len(SCORES) * len(HORIZONS)
    assert {row.verdict for row in record if "ranked" in row.asked} == {"met"}
    assert {row.verdict for row in record if "Brier" in row.asked} == {"**missed**"}
    assert {row.verdict for row in record if "log score" in row.asked} == {"met"}


def test_identified_parameters_are_counted(stored: Path):
    (known,) = [row for row in rows(stored) if row.asked.startswith("parameters that the data identify")]
    assert known.score == "2 of 3"


def test_even_ranks_are_asked_of_identified_parameters_and_counted_over_all(stored: Path):
    identified, varied = rows(stored)[-2:]
    assert (identified.score, identified.verdict) == ("1 of 1", "met")
    assert (varied.score, varied.verdict) == ("2 of 3", "-")
    pd.DataFrame({"uniform": [True, False], "identified": True}).to_csv(stored / RANKS / "ranks.csv", index=False)
    assert rows(stored)[-2].verdict == "**missed**"


def test_what_was_not_scored_says_what_makes_it(tmp_path: Path):
    assert [row.verdict for row in rows(tmp_path)] == [
        f"not scored yet: `make {target}`" for target in ("cases", "cases", "hindcast", "calibration", "sbc")
    ]
