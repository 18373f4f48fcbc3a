"""Scores of a split's questions by kind, horizon and forecaster, and their differences from the model's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.hindcast.origins import EVERY, HORIZONS
from sim.evidence.hindcast.questions import (
    COLUMNS,
    NAMES,
    RUNG,
    STAND_INS,
    TARGETS,
    Questions,
    Timed,
)
from sim.evidence.hindcast.running import EVENTS
from sim.evidence.hindcast.scores import EDGES, bins, brier, censored_brier, log_score, murphy, rps
from sim.evidence.hindcast.uncertainty import WORLDS, Sums, block_length, interval_of, mean_of, overlap, power_of, sums
from sim.output.intervals import wilson

Floats = NDArray[np.float64]

SCORES: Final = ("rps", "brier", "log")
RULES: Final = {"brier": brier, "log": log_score, "rps": rps}
ALL: Final = "all"
"""The target that stands for all yes-or-no questions, each kind counting alike."""


@dataclass(frozen=True)
class Answered:
    """Questions with all forecasts as arrays.

    Attributes
    ----------
    rows : DataFrame
        `COLUMNS` and ``outcome``.
    chances : dict
        By forecaster, (n) or (n, K).
    worlds : array (n, W)
        Outcomes in runs of the model.
    """

    rows: pd.DataFrame
    chances: Mapping[str, Floats]
    worlds: NDArray[Any]

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: Any) -> "Answered":
        """Return a subset of the questions."""
        mask = np.asarray(chosen, dtype=bool)
        chances = {name: values[mask] for name, values in self.chances.items()}
        return Answered(self.rows[mask].reset_index(drop=True), chances, self.worlds[mask])

    def of(self, horizon: int, target: str = "") -> "Answered":
        """Return the questions at a horizon, or only those of one kind if a target is given."""
        chosen = self.rows["horizon"] == horizon
        return self.where(chosen & (self.rows["target"] == target) if target else chosen)


def answered(asked: Sequence[Questions]) -> Answered:
    """Combine the questions of several parts."""
    rows = [
        (*row, outcome) for questions in asked for row, outcome in zip(questions.rows, questions.outcomes, strict=True)
    ]
    names = asked[0].names
    worlds = [world for questions in asked for world in questions.worlds]
    count = min((len(world) for world in worlds), default=0)
    return Answered(
        pd.DataFrame(rows, columns=[*COLUMNS, "outcome"]),
        {name: np.array([chance for part in asked for chance in part.chances.get(name, [])]) for name in names},
        np.array([world[: min(count, WORLDS)] for world in worlds]),
    )


def headline(courses: Answered, answers: Answered) -> Answered:
    """Combine questions about postures and responses; a forecaster without posture forecasts uses its stand-in's."""
    if not len(answers):
        chances = {name: courses.chances[STAND_INS.get(name, name)] for name in NAMES}
        return Answered(courses.rows, chances, courses.worlds)
    worlds = min(courses.worlds.shape[1], answers.worlds.shape[1])
    return Answered(
        pd.concat([courses.rows, answers.rows], ignore_index=True),
        {name: np.concatenate([courses.chances[STAND_INS.get(name, name)], answers.chances[name]]) for name in NAMES},
        np.concatenate([courses.worlds[:, :worlds], answers.worlds[:, :worlds]]),
    )


def score_rows(questions: Answered, targets: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the mean scores by target, horizon and forecaster, with the components of the Brier score."""
    for target in targets:
        for horizon in HORIZONS:
            here = questions.of(horizon, target)
            if not len(here):
                continue
            outcome = here.rows["outcome"].to_numpy()
            for name, chance in here.chances.items():
                base = {"target": target, "horizon": horizon, "name": name, "n": len(here)}
                if target == RUNG:
                    yield {**base, "score": "rps", "value": float(rps(chance, outcome).mean())}
                    continue
                base["events"] = int(outcome.sum())
                parts = murphy(chance, outcome)._asdict()
                yield {**base, "score": "brier", "value": float(brier(chance, outcome).mean()), **parts}
                yield {**base, "score": "log", "value": float(log_score(chance, outcome).mean())}


def headline_rows(joined: Answered) -> Iterator[dict[str, Any]]:
    """Yield the mean score by horizon and forecaster, averaged over kinds of question."""
    for horizon in HORIZONS:
        here = joined.of(horizon)
        if not len(here):
            continue
        events = int(here.rows["outcome"].sum())
        for score in ("brier", "log"):
            means = mean_of(_sums(here, score, here.rows["outcome"].to_numpy()))
            for name, value in zip(here.chances, means, strict=True):
                yield {
                    "target": ALL, "horizon": horizon, "name": name, "n": len(here), "events": events,
                    "score": score, "value": float(value),
                }  # fmt: skip


def timing_rows(timed: Sequence[Timed]) -> Iterator[dict[str, Any]]:
    """Yield the integrated Brier score of event times, weighted for censoring at the end of the record."""
    rows = [row for times in timed for row in times.rows]
    when = np.array([value for times in timed for value in times.when])
    seen = np.array([value for times in timed for value in times.seen], dtype=np.int64)
    for event in EVENTS:
        here = np.array([row[2] == event for row in rows], dtype=bool)
        names = dict.fromkeys(name for times in timed for name in times.curves)
        for name in names if here.any() else ():
            curves = np.array([curve for times in timed for curve in times.curves.get(name, ())])[here]
            yield {
                "target": event, "horizon": curves.shape[1], "name": name, "n": int(here.sum()),
                "events": int((~np.isnan(when[here])).sum()), "score": "timing",
                "value": censored_brier(curves, when[here], seen[here]),
            }  # fmt: skip


def member_rows(events: Answered, rungs: Answered) -> Iterator[dict[str, Any]]:
    """Yield the mean scores of each state's rung and events, by horizon and forecaster."""
    for score, asked in (("rps", rungs), ("brier", events)):
        values = {
            name: RULES[score](chance, asked.rows["outcome"].to_numpy()) for name, chance in asked.chances.items()
        }
        table = asked.rows[["state", "horizon", "target"]].assign(**values)
        for (state, horizon), group in table.groupby(["state", "horizon"], sort=True):
            means = group.groupby("target")[list(values)].mean().mean()
            for name in values:
                yield {
                    "state": state, "score": score, "horizon": horizon, "name": name, "value": float(means[name]),
                    "n": len(group),
                }  # fmt: skip


def reliability_rows(questions: Answered, targets: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield reliability data by target, horizon, forecaster and bin: mean forecast, observed frequency and interval."""
    for target in targets:
        for horizon in HORIZONS:
            here = questions.of(horizon, target)
            outcome = here.rows["outcome"].to_numpy()
            for name, chance in here.chances.items() if len(here) else ():
                bin_index = bins(chance)
                for number in np.unique(bin_index):
                    inside = bin_index == number
                    low, high = wilson(float(outcome[inside].sum()), int(inside.sum()))
                    yield {
                        "target": target, "horizon": horizon, "name": name,
                        "from": EDGES[number], "to": EDGES[number + 1], "n": int(inside.sum()),
                        "chance": float(chance[inside].mean()), "share": float(outcome[inside].mean()),
                        "low": low, "high": high,
                    }  # fmt: skip


def difference_rows(
    questions: Answered, scores: Sequence[str], target: str, seed: int, every: int = EVERY
) -> Iterator[dict[str, Any]]:
    """Yield the model's score minus each baseline's, with its block-bootstrap interval and the comparison's power.

    ``every`` is the number of months from one origin to the next.
    """
    for horizon in HORIZONS:
        here = questions.of(horizon, "" if target == ALL else target)
        if not len(here):
            continue
        for score in scores:
            score_sums = _sums(here, score, here.rows["outcome"].to_numpy())
            length = block_length(horizon, score_sums.counts.shape[1], every)
            apart = score_sums._replace(totals=score_sums.totals[:1] - score_sums.totals[1:])
            low, high = interval_of(apart, length, seed)
            imagined = _sums(here, score, here.worlds).totals
            ideal = np.moveaxis(imagined[:1] - imagined[1:], 1, 0)
            for index, name in enumerate(list(here.chances)[1:]):
                yield {
                    "score": score, "target": target, "horizon": horizon, "baseline": name,
                    "difference": float(mean_of(apart)[index]), "low": float(low[index]), "high": float(high[index]),
                    "origins": score_sums.counts.shape[1], "block": length,
                    "overlap": overlap(horizon, every),
                    "power": power_of(score_sums._replace(totals=ideal[:, index]), length, seed),
                }  # fmt: skip


def _sums(here: Answered, score: str, outcome: NDArray[Any]) -> Sums:
    """Sum each forecaster's scores by kind and origin, the model first; outcomes (n), or (n, W) of simulated worlds."""
    kinds = here.rows["target"].map([RUNG, *TARGETS].index).to_numpy(dtype=np.int64)
    origins, labels = pd.factorize(here.rows["origin"], sort=True)
    worlds = outcome.ndim == 2
    said = [chance[:, None] if worlds else chance for chance in here.chances.values()]
    values = np.stack([RULES[score](chance, outcome).T for chance in said])
    return sums(values, kinds, origins.astype(np.int64), (len(TARGETS) + 1, len(labels)))


def forecast_table(questions: Answered, names: Sequence[str] = NAMES) -> pd.DataFrame:
    """Return the yes-or-no questions with a column for each forecaster."""
    return questions.rows.assign(**{name: questions.chances.get(name, np.nan) for name in names})


def rung_table(questions: Answered, ranks: Sequence[str]) -> pd.DataFrame:
    """Return the questions about rungs, a row for each question and forecaster, with a column for each rung."""
    plain = questions.rows[["origin", "horizon", "state", "outcome"]]
    tables = [
        pd.concat([plain.assign(name=name), pd.DataFrame(chances, columns=list(ranks))], axis=1)
        for name, chances in questions.chances.items()
    ]
    return pd.concat(tables, ignore_index=True)
