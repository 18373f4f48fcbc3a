"""Explain what a state did: find the replicate, replay it, and analyse the state's decisions."""

import math
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from sim.analysis.explaining.chain import chain_of
from sim.analysis.explaining.duties import Duty, duties_of
from sim.analysis.explaining.explanation import Explained, Explanation, Force, Jump, Learned
from sim.analysis.explaining.flips import flips, rule_choice
from sim.analysis.explaining.inputs import asked
from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.replay import CourseStep, Moment, Replay, replay
from sim.analysis.explaining.typical import typical_replicate
from sim.analysis.explaining.wording import terms_in_words
from sim.checked import checked
from sim.engine.agents import State
from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import CallRecord
from sim.errors import InputError
from sim.experiments.ensemble import check_seed, run
from sim.experiments.executors import Progress
from sim.experiments.parameters.sources import ParameterSource, parameter_draws, replicate_sets, warn_of_differences
from sim.model.parameters import Parameters
from sim.output.result import ResultData
from sim.output.store import read
from sim.rules.coverage import obliged
from sim.rules.jumps import DOWN, UP, reach_share
from sim.rules.posture import down_chance, up_chance
from sim.scenario import branch_names, load
from sim.scenario.problems import closest, listed
from sim.scenario.schema import Scenario
from sim.words import POSTURES

MAIN: Final = "as-happened"
"""Branch that is explained where none is named, if there is one of that name."""

SAME: Final = 1e-6
"""How far a stored path may lie from its replay; stored numbers may be short."""

MOST_MONTHS: Final = 600
"""Most months around the date."""

MANY: Final = 2
"""Fewest rungs of a step that is called a jump."""

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?\Z", re.ASCII)


@checked()
def explain(
    source: ResultData | Scenario | str | Path,
    state: str,
    day: str | date,
    *,
    branch: str | None = None,
    replicate: int | None = None,
    within: int = 0,
    seed: int | None = None,
    parameters: ParameterSource = None,
    agents: Mapping[str, type[State]] | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain what a state decided around a date in one replicate, and why.

    Parameters
    ----------
    source : ResultData, Scenario, str or Path
        A result or the folder of one; a scenario or its file.
    state : str
        Code of the state to explain.
    day : str or date
        A month such as ``2022-09``, or a day.
    branch : str, optional
        Default: ``as-happened``, else the first.
    replicate : int, optional
        Default: the typical one, nearest the median path; for a scenario its replicates are then run first.
    within : int
        Months around the date whose decisions are shown too.
    seed : int, optional
        Of a scenario; default: its own. Results have theirs.
    parameters : Draws, str or Path, optional
        Of a scenario: where the parameters of each replicate come from, as for `sim.run`. Results have theirs.
    agents : mapping of str to type, optional
        Subclasses of `State` by code, where the result was made with some.
    progress : callable, optional
        Called with the runs done and the runs to do, where a scenario is run first.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        If a name, a date or a number is refused, or the replay is not the run that the result holds.

    Examples
    --------
    >>> print(explain("scenarios/first-steps.toml", "RUS", "2022-09", replicate=0))  # doctest: +SKIP
    """
    if isinstance(source, str | Path):
        source = read(source) if Path(source).is_dir() else load(source)
    scenario = source.scenario if isinstance(source, ResultData) else source
    names = source.branches if isinstance(source, ResultData) else branch_names(scenario)
    chosen = _branch(names, branch)
    if not 0 <= within <= MOST_MONTHS:
        raise InputError(f"within {within} is not allowed; allowed: whole numbers of months from 0 to {MOST_MONTHS}")
    setup = prepare(scenario, chosen)
    _check_state(setup, state)
    ticks = _ticks(setup, day, within)
    if isinstance(source, ResultData) and seed not in (None, source.seed):
        raise InputError(f"seed {seed} is not that of the result; its runs have seed {source.seed}")
    if isinstance(source, ResultData) and parameters is not None:
        raise InputError("a result has the parameters that its runs drew; others are allowed with a scenario")
    start = source.seed if isinstance(source, ResultData) else check_seed(scenario.seed if seed is None else seed)
    typical = replicate is None
    if isinstance(source, Scenario) and typical:
        source = run(scenario, branches=[chosen], seed=start, progress=progress, agents=agents, parameters=parameters)
    number = _replicate(source, chosen, state, replicate)
    seen = replay(
        setup, seed=start, replicate=number, state=setup.codes.index(state), ticks=ticks,
        parameters=parameters_of(source, parameters, setup, start, number), agents=agents,
    )  # fmt: skip
    if isinstance(source, ResultData):
        check_same(source, chosen, seen)
    return _explanation(seen, source, chosen, typical=typical, own=state in (agents or {}))


def parameters_of(
    source: ResultData | Scenario, asked: ParameterSource, setup: Setup, seed: int, replicate: int
) -> Parameters:
    """Return the parameters of a run: its drawn values, overridden by those that the scenario sets."""
    if not isinstance(source, ResultData):
        draws = parameter_draws(asked, setup.scenario)
        warn_of_differences([draws], setup.scenario.parameters)
        return Parameters(*replicate_sets(setup, draws, seed, np.array([replicate]))[0].tolist())
    if source.drawn is None:
        return setup.parameters
    drawn = source.drawn.iloc[replicate].to_dict()
    free = [name for name in Parameters._fields if name in drawn and name not in setup.scenario.parameters]
    return setup.parameters._replace(**{name: drawn[name] for name in free})


def _branch(names: tuple[str, ...], branch: str | None) -> str:
    if branch is None:
        return MAIN if MAIN in names else names[0]
    if branch not in names:
        near = closest(branch, names)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"there is no branch '{branch}'; allowed: {listed(names)}{hint}")
    return branch


def _check_state(setup: Setup, state: str) -> None:
    if state not in setup.codes:
        near = closest(state, setup.codes)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"there is no state '{state}'; allowed: {listed(setup.codes)}{hint}")


def _ticks(setup: Setup, day: str | date, within: int) -> range:
    first, last = _days(day)
    dates = setup.calendar
    if last < dates.starts[0] or first > dates.ends[-1]:
        raise InputError(f"{day} lies outside the run; allowed: {dates.starts[0]} to {dates.ends[-1]}")
    first, last = _moved(first, -within), _moved(last, within)
    begin = dates.tick(max(first, dates.starts[0]))
    end = dates.tick(min(last, dates.ends[-1]))
    if begin is None or end is None:
        raise RuntimeError("a day inside the run has a tick")
    return range(begin, end + 1)


def _days(day: str | date) -> tuple[date, date]:
    """Return the first and last day of a month; for a single day, that day twice."""
    if isinstance(day, date):
        return day, day
    match = _MONTH.match(day)
    try:
        if match is None:
            raise ValueError(day)
        first = date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        raise InputError(f"'{day}' is no date; allowed: a month such as 2022-09, or a day such as 2022-09-13") from None
    return first, first if match[3] else first.replace(day=monthrange(first.year, first.month)[1])


def _moved(day: date, months: int) -> date:
    """Return the date a number of months later, or the month's last day if the month is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _replicate(source: ResultData | Scenario, branch: str, state: str, replicate: int | None) -> int:
    if replicate is None:
        if not isinstance(source, ResultData):
            raise RuntimeError("the typical replicate is one of a result")
        return typical_replicate(source, branch, state)
    most = source.replicates if isinstance(source, ResultData) else 2**32
    if not 0 <= replicate < most:
        raise InputError(f"there is no replicate {replicate}; allowed: 0 to {most - 1}")
    return replicate


def check_same(result: ResultData, branch: str, seen: Replay) -> None:
    """Refuse a replay that differs from the stored run, because of other agents or another version of the rules."""
    if seen.replicate >= result.data.sizes["replicate"]:
        return
    stored = result.trust.sel(branch=branch, replicate=seen.replicate)
    known = seen.setup.codes
    own, others = ([code for code in axis if code in known] for axis in (result.members, result.codes))
    rows, columns = ([known.index(code) for code in axis] for axis in (own, others))
    again = seen.trajectory.values["trust"][:, rows][:, :, columns]
    away = np.abs(stored.sel(truster=own, trustee=others).values - again)  # trust in oneself is not stored
    if float(np.nanmax(away, initial=0.0)) > SAME:
        raise InputError(
            "the replay is not the run that the result holds: it was made by another version, or with agents of one's "
            "own, which are to be given again; run the scenario again"
        )


def _explanation(seen: Replay, source: ResultData | Scenario, branch: str, *, typical: bool, own: bool) -> Explanation:
    setup, scenario = seen.setup, source.scenario if isinstance(source, ResultData) else source
    names, title = BranchNames(setup.scenario), scenario.branches[branch].title if branch in scenario.branches else ""
    from_result = isinstance(source, ResultData)
    folder = source.folder if isinstance(source, ResultData) else None
    inside = [moment for moment in seen.moments if moment.tick in seen.ticks]
    moments = inside if any(moment.steps for moment in inside) else list(seen.moments)
    return Explanation(
        names=names,
        source=scenario.title if folder is None else str(folder),
        branch=branch,
        branch_title=title,
        seed=seen.seed,
        replicate=seen.replicate,
        replicates=source.replicates if from_result else 0,
        typical=typical,
        state=setup.codes[seen.state],
        first=setup.calendar.starts[seen.ticks.start],
        last=setup.calendar.ends[seen.ticks.stop - 1],
        decisions=tuple(_explained(moment, seen, names, own=own) for moment in moments),
        course=tuple(_by(step, own=own) for step in seen.course),
        lines=seen.lines,
        calls={call.event: call for call in seen.trajectory.calls},
        unasked=_unasked(seen),
        chain=chain_of(seen),
    )


def _by(step: CourseStep, *, own: bool) -> CourseStep:
    return replace(step, by="own rule") if own and step.by == "rule" else step


def _explained(moment: Moment, seen: Replay, names: BranchNames, *, own: bool) -> Explained:
    decision = moment.decision
    drawn = decision.number is not None
    by = "record" if decision.fixed else "own rule" if own else "rule"
    choice = rule_choice(asked(moment)) if drawn else decision.choice
    call = next((call for call in seen.trajectory.calls if call.event == decision.about), None)
    answers = [] if call is None else [row for row in call.responses if row.ally == decision.state]
    others = [
        objection
        for objection in seen.objections
        if objection.about == decision.about and objection.state != decision.state
    ]
    return Explained(
        decision=decision,
        by=by,
        rule_choice=choice,
        steps=moment.steps,
        earlier=moment.tick < seen.ticks.start,
        words={option.name: terms_in_words(moment, seen.setup, names, option) for option in decision.options},
        force=_force(moment, seen.setup),
        jump=_jump(moment) if by == "rule" else None,
        due=_due(moment),
        flips=flips(moment, seen.setup) if drawn else (),
        duties=_duties(moment, seen.setup),
        call=call if decision.kind in ("call", "response", "objection") else None,
        answer=answers[0] if answers and decision.kind == "response" else None,
        objections=tuple(others) if decision.kind == "response" else (),
        learned=_learned(moment, seen) if decision.kind == "response" else (),
    )


def _due(moment: Moment) -> bool | None:
    """Return whether a posture review can change the posture at its random draw under any pressure."""
    decision, question = moment.decision, moment.decision.question
    if decision.kind != "posture" or decision.number is None:
        return None
    review = (moment.world, moment.parameters, question.state, question.treaty)
    most, least = up_chance(*review, math.inf), down_chance(*review, -math.inf)
    return decision.number < most or decision.number >= 1.0 - least


def _force(moment: Moment, setup: Setup) -> Force | None:
    if moment.force is None:
        return None
    guarantor = int(moment.world.guarantor[moment.decision.question.treaty])
    return Force(setup.codes[guarantor], moment.parameters.force_chance, moment.force, moment.decision.stopped)


def _jump(moment: Moment) -> Jump | None:
    """Return the number of rungs that a step covers, if several, and the share of steps that cover as many."""
    decision, question, world = moment.decision, moment.decision.question, moment.world
    membership = question.state, question.treaty
    rungs = POSTURES.index(decision.choice) - int(world.posture[membership]) if decision.kind == "posture" else 0
    if abs(rungs) < MANY:
        return None
    way, pressure = UP if rungs > 0 else DOWN, float(world.pressure[membership])
    return Jump(abs(rungs), float(reach_share(world, moment.parameters, *membership, way, abs(rungs), pressure)))


def _duties(moment: Moment, setup: Setup) -> tuple[Duty, ...]:
    """Return the clauses that bind an ally that responds, or the allies of a victim that may call."""
    question = moment.decision.question
    case = question.case
    if case is None or question.kind == "objection":
        return ()
    if question.kind == "response":
        return duties_of(setup, moment.world, case, question.state)
    allies = [ally for ally in range(len(setup.codes)) if obliged(moment.world, case, ally)]
    clearest = [duties_of(setup, moment.world, case, ally)[:1] for ally in allies]
    return tuple(sorted((duty for duties in clearest for duty in duties), key=lambda duty: -duty.coverage_victim))


def _unasked(seen: Replay) -> tuple[CallRecord, ...]:
    code, dates = seen.setup.codes[seen.state], seen.setup.calendar
    first, last = dates.starts[seen.ticks.start], dates.ends[seen.ticks.stop - 1]
    return tuple(
        call
        for call in seen.trajectory.calls
        if first <= call.date <= last
        and any(row.ally == code and not row.spoken and not row.fixed for row in call.responses)
    )


def _learned(moment: Moment, seen: Replay) -> tuple[Learned, ...]:
    ally = moment.decision.question.state
    by_observer = [
        Learned(seen.setup.codes[observer], move)
        for (observer, other), moves in seen.moves.items()
        for move in moves
        if other == ally and move.kind == "answer" and move.name == moment.decision.about
    ]
    return tuple(sorted(by_observer, key=lambda learned: -abs(learned.move.after - learned.move.before)))
