"""The judgement of the library: all tables of the forecasts of its cases, and the files they go to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.evidence.cases.baselines import baselines
from sim.evidence.cases.coding import coded_course
from sim.evidence.cases.features import features_of
from sim.evidence.cases.forecasting import Forecast, as_arrays
from sim.evidence.cases.judging import (
    RULES,
    by_family,
    by_horizon,
    compare,
    judge_near_misses,
    near_misses,
    paired,
    screen,
)
from sim.evidence.cases.library import FROZEN, PERMUTATIONS, RUNS, FitDraws, JudgedLibrary, exchanged, mechanism_scores
from sim.evidence.cases.reading import CaseFile, outcomes_of, stories_of
from sim.evidence.cases.rungs import BREAK, RUNG_COUNT
from sim.evidence.cases.scores import CaseForecasts, Outcomes, coded_outcomes, rung_rps
from sim.experiments.parameters.posteriors import Posterior, shipped_posteriors
from sim.experiments.parameters.sources import GENERAL
from sim.mechanisms import MECHANISMS
from sim.model.world import Flags, Floats
from sim.output.staging import staged

SOON: Final = 3
"""Months after the key event within which a case that breaks is left out of the second line of scores."""

SPARE: Final = 250
"""Draws of a forecast with exchanged events."""

TABLES: Final = (
    "screen", "comparisons", "later", "near-misses", "horizons", "families", "mechanisms", "variants", "cases",
)  # fmt: skip

FAMILIES: Final = {"pre1914": "Before 1914", "interwar": "Between the wars"}
"""Words for the families of alliances whose names in the file are abbreviations."""

Tell = Callable[[str], object]


def draw_cases(cases: pd.DataFrame, folder: Path) -> None:
    """Draw the figure of all cases into a folder."""
    from sim.plots.cases import cases as draw  # noqa: PLC0415 - takes a while
    from sim.plots.style import save  # noqa: PLC0415

    order = cases.sort_values(["family", "chance"], kind="stable")
    save(
        draw(order, (f"Each case forecast from draws of the fit '{GENERAL}' without its own cluster.",)),
        folder / "cases",
    )


@dataclass(frozen=True)
class Judgement:
    """The tables of a judgement, by name (`TABLES`)."""

    tables: Mapping[str, pd.DataFrame]

    def save(self, target: Path) -> None:
        """Save the tables as CSV files of a folder that appears only when it is complete."""
        with staged(target) as folder:
            for name, table in self.tables.items():
                table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
            draw_cases(self.tables["cases"], folder)


def draws_of_posterior(posterior: Posterior) -> FitDraws:
    """Return the draws of the general posterior.

    Raises
    ------
    InputError
        If it is no fit to the library.
    """
    if "exponent" not in posterior.diagnostics or posterior.name in set(shipped_posteriors()) - {GENERAL}:
        raise InputError(f"{posterior.name} is no fit to the library; allowed: {GENERAL}, or the file of such a fit")
    return FitDraws(posterior.values, posterior.weights, float(posterior.diagnostics["exponent"]))


def judge(
    file: CaseFile,
    posterior: Posterior,
    *,
    threads: int = 1,
    seed: int = 1,
    permutations: int = PERMUTATIONS,
    tell: Tell = lambda _text: None,
) -> Judgement:
    """Forecast every case without its cluster, and judge the forecasts against what happened and against rivals.

    Parameters
    ----------
    file : CaseFile
        The library that the posterior was fitted to.
    posterior : Posterior
        The fit.
    permutations : int
        Number of exchanges of events between clusters.
    """
    draws = draws_of_posterior(posterior)
    library = JudgedLibrary(file, draws, threads=threads, seed=seed)
    raw = [file.cases[name] for name in library.cases]
    outcomes, features = coded_outcomes(raw), features_of(raw)
    weights, tails = library.left_out()
    model = library.forecasts(weights)
    tell(f"{len(raw)} cases forecast, each without its cluster")
    rivals = baselines(outcomes, features)
    tell("rivals fitted")
    given = features["given"].to_numpy()
    comparisons = compare(outcomes, model, rivals, given)
    near = judge_near_misses(outcomes, model, features)
    late = _later(library, file)
    families = np.array([_family(file, name) for name in library.cases])
    everybody = {"model": model, **rivals}
    tables = {
        "screen": screen(comparisons, near),
        "comparisons": comparisons,
        "later": compare(
            outcomes.where(late), model.where(late), {n: r.where(late) for n, r in rivals.items()}, given[late]
        ),
        "near-misses": near.thirds,
        "horizons": by_horizon(outcomes, everybody),
        "families": by_family(outcomes, everybody, families),
        "cases": _cases(library, file, model, outcomes, features, tails),
        "variants": _variants(library, outcomes, model, given, permutations),
    }
    tell("frozen trust and exchanged events judged")
    tables["mechanisms"] = mechanism_scores(library)
    return Judgement(tables)


def score_forecasts(file: CaseFile, forecasts: Mapping[str, Forecast]) -> pd.DataFrame | None:
    """Return the screen of scores of forecasts beside naive ones, None where fewer than two clusters have outcomes.

    Parameters
    ----------
    file : CaseFile
    forecasts : mapping of str to Forecast
        Of cases with outcomes, by id.
    """
    raw = [file.cases[name] for name in forecasts]
    if len({str(case["cluster"]) for case in raw}) < 2:
        return None
    outcomes, features = coded_outcomes(raw), features_of(raw)
    model = as_arrays(forecasts)
    compared = compare(outcomes, model, baselines(outcomes, features), features["given"].to_numpy())
    return screen(compared, judge_near_misses(outcomes, model, features))


def _later(library: JudgedLibrary, file: CaseFile) -> Flags:
    """Return which cases had not reached the rung of a break three months after the key event."""
    outcomes = outcomes_of(file)

    def early(name: str) -> bool:
        course = coded_course(library.cases[name], outcomes[name])
        soon = [step.rung for step in course.steps if step.first <= SOON]
        return max([library.cases[name].rung_at_key, *soon]) >= BREAK

    return np.array([not early(name) for name in library.cases])


def _variants(
    library: JudgedLibrary, outcomes: Outcomes, model: CaseForecasts, given: Floats, permutations: int
) -> pd.DataFrame:
    """Return how much worse forecasts are with trust frozen, and with events exchanged between clusters."""
    off = MECHANISMS[FROZEN].off
    weights, _ = library.left_out(library.terms_of(library.cases, off))
    frozen = library.forecasts(weights, off=off)
    rows = compare(outcomes, model, {"trust frozen": frozen}, given)
    rows = rows[rows["rival"] == "trust frozen"]
    if permutations == 0:
        return rows
    spare = JudgedLibrary(library.file, library.draws.thinned(SPARE), threads=library.threads, seed=library.seed)
    scored: dict[str, list[Floats]] = {score: [] for score in RULES}
    for number in range(permutations):
        cases = exchanged(spare, number)
        weights, _ = spare.left_out(spare.terms_of(cases, {}))
        forecast = spare.forecasts(weights, cases=cases, runs=1)
        for score, rule in RULES.items():
            scored[score].append(rule(forecast, outcomes))
    mixed = [
        {"score": score, "rival": "events exchanged"}
        | paired(RULES[score](model, outcomes), np.mean(values, axis=0), outcomes.clusters)
        for score, values in scored.items()
    ]
    return pd.concat([rows, pd.DataFrame(mixed)], ignore_index=True)


def _family(file: CaseFile, name: str) -> str:
    """Return the family of a case's alliance in words, empty where the file has none."""
    family = str(file.cases[name].get("alliance_family", ""))
    return FAMILIES.get(family, family)


def _cases(
    library: JudgedLibrary, file: CaseFile, model: CaseForecasts, outcomes: Outcomes, features: pd.DataFrame,
    tails: Floats,
) -> pd.DataFrame:  # fmt: skip
    """Return one row a case: what was asked and given, what happened, and what the model says."""
    stories = stories_of(file)
    close = near_misses(features)
    scores = rung_rps(model.rungs, outcomes.rungs)
    rows: list[dict[str, Any]] = []
    for index, name in enumerate(library.cases):
        story = stories[name]
        rows.append(
            {
                "case": name,
                "cluster": library.forced.clusters[index],
                "family": _family(file, name),
                "label": f"{story.key.month // 12} {story.member} ({story.guarantor})",
                "owed": library.cases[name].key.owed,
                "given": library.cases[name].key.given,
                **{f"p{rung}": float(model.rungs[index, -1, rung]) for rung in range(RUNG_COUNT)},
                "rung": float(outcomes.rungs[index, -1]),
                "chance": float(model.exits[index]),
                "exit": float(outcomes.exits[index]),
                "near_miss": bool(close[index]),
                "rps": float(np.nanmean(scores[index])) if (~np.isnan(scores[index])).any() else np.nan,
                "tail": float(tails[index]),
                "runs": len(library.draws.weights) * RUNS,
            }
        )
    return pd.DataFrame(rows)
