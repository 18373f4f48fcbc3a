"""Sweep files: reading, validation with line numbers, and conversion to plans."""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from sim.errors import InputError, quoted
from sim.experiments.design import MOST_POINTS
from sim.experiments.factors import PARAMETER, Factor, Listed, Range, spaced
from sim.experiments.parameters.priors import prior_of, with_priors
from sim.experiments.parameters.sources import ParameterSource
from sim.experiments.plan import Plan, problems_of
from sim.experiments.sweep_schema import Design, SweepFile, Variation, sweep_node
from sim.given import read_text
from sim.library import find_sweep, shipped_folder
from sim.model.parameters import PARAMETERS
from sim.scenario import Problem, Scenario, ScenarioError, branch_names, check_files, load, with_overrides
from sim.scenario.files import Source, is_sweep, place, read_source
from sim.scenario.missing import always_missing
from sim.scenario.overrides import split
from sim.scenario.overwriting import overwriting, overwritten_by_branches
from sim.scenario.problems import Finding, KeyPath, closest, key_text
from sim.scenario.targets import LABEL
from sim.scenario.translate import findings_of

ALL_PARAMETERS: Final = f"{PARAMETER}*"
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

MOST_LISTED: Final = 100
"""The number of distinct numbers in a list's column up to which each is treated as a separate value."""


def is_sweep_file(path: Path) -> bool:
    """Return whether a file is a sweep file, with a design or factors; an unreadable file is not."""
    with suppress(ScenarioError):
        return is_sweep(read_source(path, str(path)).data)
    return False


def read_plan(
    path: Path | str,
    *,
    branches: Sequence[str] | None = None,
    metrics: Iterable[str] = (),
    replicates: int | None = None,
    seed: int | None = None,
    common_draws: bool | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    engine: str | None = None,
    parameters: ParameterSource = None,
) -> Plan:
    """Read a sweep file and check its whole content.

    Parameters
    ----------
    path : Path or str
        A sweep file, or the name of one as text (`sim.library.find_sweep`).
    branches, metrics, replicates, seed, common_draws
        Written over what the file says, where they are given.
    settings : mapping or sequence of ``KEY=VALUE``
        Keys written over the scenario, after the file's own.
    engine : str, optional
        ``compiled`` (default) or ``mesa``; both give identical runs.
    parameters : Draws, str or Path, optional
        Posterior from which each replicate draws its parameters.

    Returns
    -------
    Plan

    Raises
    ------
    ScenarioError
        If there are problems in the file or its scenario; the error lists all of them with file, line and key.
    InputError
        If an override of the file is invalid.
    """
    path = find_sweep(path) if isinstance(path, str) else path
    read = _read(path)
    scenario = with_overrides(read.scenario, settings) if settings else read.scenario
    given = read.given
    return Plan(
        path.stem,
        scenario,
        given.design,
        read.factors,
        columns=read.columns,
        branches=branches or given.branches,
        metrics=tuple(metrics) or given.metrics or (),
        replicates=given.replicates if replicates is None else replicates,
        seed=given.seed if seed is None else seed,
        common_draws=given.common_draws if common_draws is None else common_draws,
        engine=engine,
        parameters=parameters,
    )


def check_all_files(paths: Iterable[Path]) -> list[Problem]:
    """Return every problem in every scenario and sweep file; an empty result means that all can be run."""
    problems: list[Problem] = []
    for path in paths:
        if not is_sweep_file(path):
            problems += check_files([path])
            continue
        try:
            read_plan(path)
        except ScenarioError as error:
            problems += error.problems
        except InputError as error:
            problems.append(Problem(str(path), None, "", str(error)))
    return problems


@dataclass(frozen=True)
class _Read:
    given: SweepFile
    scenario: Scenario
    factors: tuple[Factor, ...]
    columns: tuple[NDArray[Any], ...]


def overwritten_in(path: Path) -> list[str]:
    """Return a warning for each value that a valid file varies or a branch changes, and that an event sets anew."""
    if not is_sweep_file(path):
        return overwritten_by_branches(load(path))
    plan = read_plan(path)
    return overwriting(plan.scenario, [factor.key for factor in plan.points.factors], plan.branches)


def missing_in(path: Path) -> list[str]:
    """Return a warning for each metric of a valid file that is missing in every run."""
    if not is_sweep_file(path):
        scenario = load(path)
        return always_missing(scenario, scenario.metrics, branch_names(scenario))
    plan = read_plan(path)
    return always_missing(plan.scenario, plan.metrics, plan.branches)


def _read(path: Path) -> _Read:
    source = read_source(path, str(path))
    try:
        given = SweepFile.model_validate(source.data)
    except ValidationError as error:
        own = [place(finding, (source,)) for finding in findings_of(error, root=sweep_node())]
        raise ScenarioError([*own, *_of_scenario(path, source.data.get("scenario"))]) from None
    columns: tuple[NDArray[Any], ...] = ()
    if given.design.kind == "list":
        factors, columns, findings = _from_list(path.parent / str(given.design.file), given)
    else:
        factors, findings = _from_tables(given)
    problems = [place(finding, (source,)) for finding in findings]
    try:
        scenario = _scenario(path, given, source)
    except ScenarioError as refused:
        raise ScenarioError([*problems, *refused.problems]) from None
    for where, wrong in problems_of(scenario, factors, given.branches, tuple(given.metrics or ())):
        problems += _blamed(wrong, _origin(where, given), source)
    if problems:
        raise ScenarioError(problems)
    return _Read(given, scenario, factors, columns)


def _of_scenario(path: Path, name: object) -> tuple[Problem, ...]:
    """Return the problems of the scenario that an invalid sweep file names, if it names one."""
    try:
        if isinstance(name, str) and (path.parent / name).is_file():
            load(path.parent / name)
    except ScenarioError as refused:
        return refused.problems
    except (OSError, ValueError):
        pass
    return ()


def _scenario(path: Path, given: SweepFile, source: Source) -> Scenario:
    file = path.parent / given.scenario
    if Path(given.scenario).suffix != ".toml":
        file = shipped_folder() / f"{given.scenario}.toml"
    if not file.is_file():
        near = closest(file.name, [other.name for other in file.parent.glob("*.toml")])
        allowed = "a path relative to this file, or the name of a scenario that ships"
        finding = Finding(("scenario",), f"there is no file '{given.scenario}'", allowed, near)
        raise ScenarioError([place(finding, (source,))])
    try:
        return load(file, _flat(given.settings))
    except ScenarioError as error:
        raise ScenarioError(
            [
                problem if problem.file != LABEL else _at(("set", _setting(problem.key, given)), problem, source)
                for problem in error.problems
            ]
        ) from None


def _flat(tables: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return the settings of a file by full key, whether written in quotes or as tables."""
    flat: dict[str, Any] = {}
    for name, value in tables.items():
        key = f"{above}.{key_text((name,))}" if above else name
        flat |= _flat(value, key) if isinstance(value, dict) and value else {key: value}
    return flat


def _setting(key: str, given: SweepFile) -> str:
    """Return the entry of ``[set]`` that sets a key."""
    return next((own for own in given.settings if key == own or key.startswith(f"{own}.")), key)


def _origin(path: KeyPath, given: SweepFile) -> KeyPath:
    """Return the location in a sweep file that causes a problem, such as a column of a list."""
    if path[0] == "factors" and given.design.kind == "list":
        return ("design", "file")
    return ("factors", ALL_PARAMETERS) if path[0] == "factors" and path[1] not in given.factors else path


def _blamed(error: InputError, path: KeyPath, source: Source) -> list[Problem]:
    if isinstance(error, ScenarioError):
        return [_at(path, problem, source) for problem in error.problems]
    return [place(Finding(path, str(error)), (source,))]


def _at(path: KeyPath, problem: Problem, source: Source) -> Problem:
    return place(Finding(path, problem.problem, problem.allowed, problem.nearest), (source,))


def _from_tables(given: SweepFile) -> tuple[tuple[Factor, ...], list[Finding]]:
    """Return the factors in ``[factors]``, and the problems with them."""
    if not given.factors:
        return (), [Finding(("factors",), "nothing is varied", 'keys in quotes, such as "parameters.reach" = {...}')]
    factors: list[Factor] = []
    findings: list[Finding] = []
    for key, variation in given.factors.items():
        if variation.group is not None and not given.design.groups:
            findings.append(
                Finding(("factors", key), "has a group, but the design has none", "groups = true in [design]")
            )
        try:
            if key == ALL_PARAMETERS:
                names = [f"{PARAMETER}{name}" for name in with_priors()]
                factors += [_factor(name, variation, given.design) for name in names if name not in given.factors]
            else:
                factors.append(_factor(key, variation, given.design))
        except InputError as error:
            findings.append(Finding(("factors", key), str(error)))
    if given.design.groups:
        factors = [_grouped(factor, given.factors) for factor in factors]
        if not findings and len({factor.group for factor in factors}) < 2:
            findings.append(Finding(("design", "groups"), "all keys are in one group", "two groups or more"))
    return tuple(factors), findings


def _grouped(factor: Factor, given: Mapping[str, Variation]) -> Factor:
    """Return a factor with its group: the one in the file, that of the table of parameters, or its own key."""
    name = factor.key.removeprefix(PARAMETER)
    group = given[factor.key if factor.key in given else ALL_PARAMETERS].group
    own = PARAMETERS[name].group if factor.key.startswith(PARAMETER) and name in PARAMETERS else factor.key
    return replace(factor, group=group or own)


def _factor(key: str, variation: Variation, design: Design) -> Factor:
    if variation.values is not None:
        return Listed(key, tuple(variation.values))
    if variation.from_ is not None and variation.to is not None:
        if design.kind == "grid" and variation.count is None:
            raise InputError("a grid needs a count beside from and to")
        if design.kind != "grid" and variation.count is not None:
            raise InputError(f"a count goes with grids, not with kind '{design.kind}'")
        if variation.count is None:
            return Range(key, variation.from_, variation.to)
        return Listed(key, spaced(variation.from_, variation.to, variation.count))
    if design.kind == "grid":
        raise InputError("a grid takes no priors; allowed: values, or from, to and count")
    name = key.removeprefix(PARAMETER)
    if not key.startswith(PARAMETER) or name not in PARAMETERS:
        near = closest(name, PARAMETERS)
        hint = f"; did you mean '{PARAMETER}{near}'?" if near else ""
        raise InputError(f"only parameters have priors; allowed: from and to, or values{hint}")
    prior = prior_of(name)
    return Range(key, prior.low, prior.high, prior.text)


Listing = tuple[tuple[Factor, ...], tuple[NDArray[Any], ...], list[Finding]]


def _from_list(file: Path, given: SweepFile) -> Listing:
    """Return the factors and points in a CSV file, and the problems with it."""
    findings: list[Finding] = []

    def refused(problem: str, allowed: str = "") -> Listing:
        return (), (), [Finding(("design", "file"), problem, allowed)]

    if given.factors:
        findings.append(Finding(("factors",), "does not go with a list: the columns of its file are what is varied"))
    try:
        with io.StringIO(read_text(file), newline="") as opened:
            rows = csv.reader(opened, skipinitialspace=True, strict=True)
            keys = [key.strip() for key in next(rows, [])]
            if not keys or "" in keys or len(set(keys)) != len(keys):
                return refused(f"{given.design.file} must begin with a line of keys, each once")
            cells: list[list[Any]] = [[] for _ in keys]
            for row in rows:
                if len(row) != len(keys):
                    return refused(f"{given.design.file}:{rows.line_num} has {len(row)} values for {len(keys)} keys")
                for column, key, text in zip(cells, keys, row, strict=True):
                    column.append(_cell(key, text.strip(), f"{given.design.file}:{rows.line_num}"))
                if len(cells[0]) > MOST_POINTS:
                    return refused(f"{given.design.file} has too many points", f"{MOST_POINTS} at most")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return refused(f"{given.design.file} cannot be read: {getattr(error, 'strerror', None) or error}")
    except InputError as error:
        return refused(str(error))
    if not cells[0]:
        return refused(f"{given.design.file} has no points")
    pairs = [_as_factor(key, column) for key, column in zip(keys, cells, strict=True)]
    return tuple(factor for factor, _ in pairs), tuple(column for _, column in pairs), findings


def _cell(key: str, text: str, where: str) -> Any:
    value = float(text) if _NUMBER.fullmatch(text) else split(f"{key}={text}")[1]
    endless = isinstance(value, float) and not math.isfinite(value)
    if text == "" or endless or isinstance(value, list | dict):
        raise InputError(
            f"{where}: {quoted(text, 40)} cannot be the value of {key}; allowed: numbers, words, true, false, dates"
        )
    return value


def _as_factor(key: str, values: list[Any]) -> tuple[Factor, NDArray[Any]]:
    numeric = all(isinstance(value, float) for value in values)
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    if numeric and len(numbers) > MOST_LISTED:
        return Range(key, min(values), max(values)), np.array(values)
    return Listed(key, tuple(numbers)), np.array([numbers[value] for value in values], dtype=np.int64)
