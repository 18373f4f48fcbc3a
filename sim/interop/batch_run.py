"""Batches of Mesa models, with the last step of each run in the rows."""

import itertools
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import mesa

from sim.checked import checked
from sim.errors import InputError
from sim.scenario import Scenario

SINGLE: Final = (str, bytes, Mapping, Scenario)
"""Kinds of values that are one value, although they can be iterated over."""

Row = dict[str, Any]


@checked()
def batch_run(
    model_cls: type[mesa.Model],
    parameters: Mapping[str, Any],
    number_processes: int | None = 1,
    iterations: int | None = None,
    data_collection_period: int = -1,
    max_steps: int = 1000,
    display_progress: bool = True,
    rng: Any = None,
) -> list[Row]:
    """Run a Mesa model for every combination of parameter values, as `mesa.batch_run` does.

    Arguments and columns are those of Mesa. The rows of Mesa (3.3 to 3.5 at least) end one step early; these include
    the last step. A run has at most ``max_steps`` steps, and a scenario or a mapping counts as one value.

    Parameters
    ----------
    model_cls : type
        Class of the model, such as `sim.AllianceModel`.
    parameters : mapping
        Keyword arguments of the model: values, or iterables of values.
    number_processes : int, optional
        Processes to use; None for one a processor.
    iterations : int, optional
        Runs of each combination; default: 1. They differ unless a seed is given.
    data_collection_period : int
        Steps between the rows of a run; -1 for the last step only.
    max_steps : int
        Steps after which a run stops.
    display_progress : bool
        Whether to show a progress bar.
    rng : seed or iterable of seeds, optional
        Seeds to run each combination with, in place of iterations.

    Returns
    -------
    list of dict
        One row for each agent and collected step.

    Raises
    ------
    InputError
        If both iterations and seeds are given, or a parameter has no value.

    Examples
    --------
    >>> from sim.experiments.alliance_model import AllianceModel
    >>> given = {"scenario": "scenarios/first-steps.toml", "seed": 7, "replicate": range(2), "decisions": False}
    >>> rows = batch_run(AllianceModel, given, display_progress=False)
    >>> [(row["Step"], row["replicate"]) for row in rows if row["code"] == "ARM"]
    [(48, 0), (48, 1)]
    """
    if rng is not None and iterations is not None:
        raise InputError("give iterations or rng, not both")
    if rng is None:
        repeats: list[Row] = [{}] * (1 if iterations is None else iterations)
    else:
        repeats = [{"rng": seed} for seed in _values("rng", rng)]
    named = [[(name, value) for value in _values(name, values)] for name, values in parameters.items()]
    every = [dict(chosen) for chosen in itertools.product(*named)]
    runs = [
        (number, iteration, kwargs | repeat)
        for number, ((iteration, repeat), kwargs) in enumerate(itertools.product(enumerate(repeats), every))
    ]
    rows_of = partial(_rows, model_cls, max_steps=max_steps, period=data_collection_period)
    if number_processes == 1:
        return list(itertools.chain.from_iterable(_shown(map(rows_of, runs), len(runs), display_progress)))
    with multiprocessing.get_context("spawn").Pool(number_processes) as pool:
        batches = _shown(pool.imap(rows_of, runs), len(runs), display_progress)
        return list(itertools.chain.from_iterable(batches))


def _values(name: str, given: Any) -> list[Any]:
    if isinstance(given, SINGLE) or not isinstance(given, Iterable):
        return [given]
    values = list(given)
    if not values:
        raise InputError(f"'{name}' has no value; leave it out or give one")
    return values


def _shown(batches: Iterable[list[Row]], total: int, bar: bool) -> Iterable[list[Row]]:
    from tqdm.auto import tqdm  # noqa: PLC0415 - comes with Mesa, and asks notebooks for widgets

    return tqdm(batches, total=total, disable=not bar)  # type: ignore[no-any-return]


def _rows(model_cls: type[mesa.Model], run: tuple[int, int, Row], max_steps: int, period: int) -> list[Row]:
    number, iteration, kwargs = run
    model = model_cls(**kwargs)
    while model.running and model.steps < max_steps:
        model.step()
    return [
        {"RunId": number, "iteration": iteration, "Step": step, **kwargs, **collected}
        for step in _steps(model.steps, period)
        for collected in _collected(model, step)
    ]


def _steps(last: int, period: int) -> list[int]:
    return sorted({*(range(0, last, period) if period > 0 else ()), last})


def _collected(model: mesa.Model, step: int) -> Iterator[Row]:
    """Yield the model's values with those of each agent at a step, or alone if no agent has any."""
    collector = getattr(model, "datacollector", None)
    if collector is None:
        raise InputError(f"{type(model).__name__} has no data collector; with sim.AllianceModel, leave collect out")
    steps = sorted(collector._agent_records) or list(range(model.steps + 1))
    if step not in steps:
        return
    index = steps.index(step)
    of_model = {name: values[index] for name, values in collector.model_vars.items()}
    records = collector._agent_records.get(step, ())
    for record in records:
        yield of_model | {"AgentID": record[1], **dict(zip(collector.agent_reporters, record[2:], strict=True))}
    if not records:
        yield of_model
