"""Replay of one replicate in the Mesa engine, with an observer that records decisions and changes of belief."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from sim.analysis.explaining.lessons import AnswerEvidence, Surprise, lesson_of, surprise_of
from sim.engine import draws
from sim.engine.agents import State
from sim.engine.crisis import Answer, Call, CrisisOutcome
from sim.engine.decisions import NOTHING, PATRONS, Decision
from sim.engine.model import EngineModel
from sim.engine.setup import Setup
from sim.engine.timetable import DatedChange
from sim.engine.trajectory import Trajectory
from sim.engine.witness import Witness
from sim.model.parameters import Parameters
from sim.model.world import SURPRISE, Floats, Ints, World, copy_world
from sim.rules.beliefs import trust_in
from sim.rules.coverage import is_promise
from sim.rules.force import may_be_stopped
from sim.rules.maths import clip_logit
from sim.rules.surprise import surprise
from sim.words import CHOICES, POSTURES

LEARNT: Final = ("learnt_for", "learnt_against", "learnt_log_odds")
"""Arrays of the world that hold what was learnt."""

_GOVERNMENT: Final = "government"
"""Kind of the change by which a scenario gives a government and its line."""

STEPS: Final = ("posture", "lapse", "return", *PATRONS)
"""Kinds of decision about a member's course."""


@dataclass(frozen=True)
class Moment:
    """Decision together with the state of the world when it was taken.

    ``force`` is the random number by which the guarantor's force stops the step or not; None where it cannot.
    """

    decision: Decision
    world: World
    parameters: Parameters
    tick: int
    force: float | None = None

    @property
    def steps(self) -> bool:
        """Whether the state changes its posture, concludes a pact or begins to diversify."""
        decision, asked = self.decision, self.decision.question
        if decision.stopped:
            return False
        if decision.kind in PATRONS:
            return decision.choice != NOTHING
        return (
            decision.kind in STEPS and decision.choice != POSTURES[int(self.world.posture[asked.state, asked.treaty])]
        )


@dataclass(frozen=True)
class CourseStep:
    """Step of a state on its course.

    Attributes
    ----------
    date : date
    kind, about, choice : str
        As in `Decision`; the kind of a step without a decision is that of the event on record, or ``notice``.
    by : str
        ``rule``, ``own rule``, ``record``, or ``notice`` where a notice ran out.
    decision : Decision, optional
        Where it was decided.
    """

    date: date
    kind: str
    about: str
    choice: str
    by: str
    decision: Decision | None = None

    @property
    def chance(self) -> float | None:
        """Chance of the step under the built-in rule, None where nothing was decided."""
        return None if self.decision is None else self.decision.chance


@dataclass(frozen=True)
class NewLine:
    """New line of a state's government towards the guarantor of a treaty.

    Attributes
    ----------
    date : date
    treaty : str
    before, after : float
    event : str
        The government on record; empty where the line was drawn after the record.
    chance, draw : float, optional
        Chance of another line at an election or change of leader, and the random number, where it was drawn.
    """

    date: date
    treaty: str
    before: float
    after: float
    event: str
    chance: float | None
    draw: float | None


@dataclass(frozen=True)
class Move:
    """Change in one state's belief about another's reliability.

    Attributes
    ----------
    day : date
    kind : str
        ``answer``, ``promise``, ``attack`` (by the ally itself), ``event`` or ``policy``.
    name : str
        Event of the scenario, attack by choice, or act of the guarantor.
    favourable, adverse, odds : float
        Evidence for and against that it brought, and its step in logits (rules of surprise and of two types).
    before, after : float
        Trust before and after.
    lesson : AnswerEvidence, optional
        Of an answer or a promise.
    surprise : Surprise, optional
        The step in its parts, under the rule of surprise.
    without : float
        Trust at the end of the explained period, had this evidence never come.
    """

    day: date
    kind: str
    name: str
    favourable: float
    adverse: float
    odds: float
    before: float
    after: float
    lesson: AnswerEvidence | None
    surprise: Surprise | None
    without: float = float("nan")


@dataclass
class _Piece:
    """Evidence gained at one moment, in units of the start of the run, so that it does not decay.

    ``retained`` is the share of evidence from the start that was left then, and ``loss`` the weight of a shortfall.
    """

    move: Move
    favourable: float
    adverse: float
    odds: float
    retained: float
    loss: float


@dataclass(frozen=True)
class Replay:
    """Record of one replayed replicate: decisions of a state, and changes of belief.

    Attributes
    ----------
    moments : tuple of Moment
        Decisions of the state in the explained ticks, and its last step before them.
    course : tuple of CourseStep
        Every step of the state on its course.
    lines : tuple of NewLine
        Every change of the line of its government.
    objections : tuple of Decision
        Every say that a member had on collective help.
    moves : dict
        Moves up to the last explained tick, by (truster, trustee) by index.
    interests : tuple of float
        Logit of the guarantor's present interest in the state at the end of each tick, NaN without a threat.
    trajectory : Trajectory
    last, parameters : World, Parameters
        At the end of the last explained tick.
    """

    setup: Setup
    seed: int
    replicate: int
    state: int
    ticks: range
    moments: tuple[Moment, ...]
    course: tuple[CourseStep, ...]
    lines: tuple[NewLine, ...]
    objections: tuple[Decision, ...]
    moves: dict[tuple[int, int], tuple[Move, ...]]
    interests: tuple[float, ...]
    trajectory: Trajectory
    last: World
    parameters: Parameters


class _Notes(Witness):
    def __init__(self, state: int, ticks: range) -> None:
        self.state, self.ticks = state, ticks
        self.moments: list[Moment] = []
        self.course: list[CourseStep] = []
        self.lines: list[NewLine] = []
        self.objections: list[Decision] = []
        self.pieces: dict[tuple[int, int], list[_Piece]] = {}
        self.done: dict[tuple[int, int], tuple[Move, ...]] = {}
        self.interests: list[float] = []
        self.before: World | None = None
        self.rungs: Ints | None = None
        self.lines_before: Floats = np.zeros(0)
        self.government = ""
        self.turnover: tuple[float, float] | None = None
        self.last: World | None = None
        self.parameters: Parameters | None = None

    def wants(self, kind: str, state: int) -> bool:
        return state == self.state or kind == "objection"

    def decided(self, model: EngineModel, decision: Decision) -> None:
        if decision.kind == "objection":
            self.objections.append(decision)
        if decision.question.state != self.state or model.tick >= self.ticks.stop:
            return
        asked = model.tick in self.ticks
        moment = Moment(decision, model.world, model.parameters, model.tick, _force(model, decision))
        if moment.steps:
            step = CourseStep(decision.date, decision.kind, decision.about, decision.choice, "rule", decision)
            self.course.append(step)
        if not asked and not moment.steps:
            return
        if not asked:  # only the last step before the ticks asked about is shown
            self.moments = []
        self.moments.append(replace(moment, world=copy_world(model.world)))

    # the course, as far as nobody decided it, and beliefs

    def faded(self, model: EngineModel) -> None:
        self.before = copy_world(model.world)
        self._note_rungs(model, "notice", "notice")
        self.lines_before = model.world.government_line[self.state].copy()
        self.government, self.turnover = "", None

    def changed(self, model: EngineModel, change: DatedChange) -> None:
        self._compare(model, "event", change.name)
        self._note_rungs(model, change.kind, "record")
        if change.kind == _GOVERNMENT and change.i == self.state:
            self.government = change.name
        if self.state in change.turnover and model.script.after_record[model.tick]:
            self.turnover = model.parameters.government_hazard, model.draw(draws.GOVERNMENT, self.state)

    def pressed(self, model: EngineModel, guarantor: int, client: int, choice: int) -> None:
        codes = model.setup.codes
        self._compare(model, "policy", f"{codes[guarantor]} {CHOICES[choice]}s {codes[client]}")

    def learned(self, model: EngineModel, observer: int, outcome: CrisisOutcome, answer: Answer) -> None:
        lesson = lesson_of(model.world, model.parameters, outcome, answer, observer)
        kind = "promise" if is_promise(outcome.case) else "answer"
        self._compare_one(model, (observer, answer.ally), kind, outcome.call.event, lesson)

    def attack_judged(self, model: EngineModel, observer: int, call: Call) -> None:
        self._compare_one(model, (observer, call.case.aggressor), "attack", call.event, None)

    def recorded(self, model: EngineModel) -> None:
        world = model.world
        self.rungs = world.posture[self.state].copy()
        if model.tick <= self.ticks.stop:
            self.lines += self._new_lines(model)
        ladders = [t for t in model.courses if world.posture[self.state, t] >= 0]
        self.interests.append(float(world.interest[self.state, ladders[0]]) if ladders else float("nan"))
        if model.tick == self.ticks.stop:
            self.last, self.parameters = copy_world(world), model.parameters
            self.done = {pair: _weighed(self.last, pair, pieces) for pair, pieces in self.pieces.items()}

    def _note_rungs(self, model: EngineModel, kind: str, by: str) -> None:
        """Note steps of the state that nobody decided since the rungs were last known."""
        now, known = model.world.posture[self.state], self.rungs
        if known is not None and model.tick < self.ticks.stop:
            for treaty in (now != known).nonzero()[0].tolist():
                about, rung = model.setup.treaties[treaty], POSTURES[int(now[treaty])]
                self.course.append(CourseStep(model.day, kind, about, rung, by))
        self.rungs = now.copy()

    def _new_lines(self, model: EngineModel) -> list[NewLine]:
        """Return the lines that the state's government has taken in the tick that ends."""
        now, day = model.world.government_line[self.state], model.setup.calendar.starts[model.tick - 1]
        chance, drawn = (None, None) if self.government or self.turnover is None else self.turnover
        return [
            NewLine(
                day, model.setup.treaties[treaty], float(self.lines_before[treaty]), float(now[treaty]),
                self.government, chance, drawn,
            )
            for treaty in (now != self.lines_before).nonzero()[0].tolist()
        ]  # fmt: skip

    def _compare(self, model: EngineModel, kind: str, name: str) -> None:
        """Record the beliefs that an event has changed since the last comparison."""
        before, world = self._known, model.world
        moved = (
            (world.learnt_for != before.learnt_for)
            | (world.learnt_against != before.learnt_against)
            | (world.learnt_log_odds != before.learnt_log_odds)
        )
        for i, j in zip(*moved.nonzero(), strict=True):
            self._compare_one(model, (int(i), int(j)), kind, name, None)

    def _compare_one(
        self, model: EngineModel, pair: tuple[int, int], kind: str, name: str, lesson: AnswerEvidence | None
    ) -> None:
        before, world = self._known, model.world
        gained = [float(getattr(world, name)[pair] - getattr(before, name)[pair]) for name in LEARNT]
        retained = float(world.memory_retained[0])
        day = model.setup.calendar.starts[model.tick]
        then, now = trust_in(before, *pair), trust_in(world, *pair)
        favourable, adverse, odds = (retained * gain for gain in gained)
        loss = model.parameters.trust_loss_weight
        step = surprise_of(then, favourable, adverse, loss) if world.belief_rule == SURPRISE else None
        move = Move(day, kind, name, favourable, adverse, odds, then, now, lesson, step)
        if any(gained):
            piece = _Piece(move, gained[0], gained[1], gained[2], retained, loss)
            self.pieces.setdefault(pair, []).append(piece)
        for array in LEARNT:
            getattr(before, array)[pair] = getattr(world, array)[pair]

    @property
    def _known(self) -> World:
        if self.before is None:
            raise RuntimeError("beliefs move only after the first perception")
        return self.before


def _force(model: EngineModel, decision: Decision) -> float | None:
    """Return the random number by which the guarantor's force stops a step or not; None where it cannot."""
    asked, world, p = decision.question, model.world, model.parameters
    if decision.kind != "posture":
        return None
    if not may_be_stopped(world, p, asked.state, asked.treaty, POSTURES.index(decision.choice)):
        return None
    return model.draw(draws.FORCE, asked.state, treaty=asked.treaty)


def _weighed(world: World, pair: tuple[int, int], pieces: list[_Piece]) -> tuple[Move, ...]:
    """Return the changes of a belief, with the final trust that would result without each of them."""
    moves = []
    for piece in pieces:
        other = copy_world(world)
        other.learnt_for[pair] -= piece.favourable
        other.learnt_against[pair] -= piece.adverse
        if world.belief_rule == SURPRISE:  # later steps depend on the trust that they meet
            rest = [step for step in pieces if step is not piece]
            other.learnt_log_odds[pair] = _learnt_by_surprise(float(world.prior_log_odds[pair]), rest)
        else:
            other.learnt_log_odds[pair] -= piece.odds
        moves.append(Move(**{**vars(piece.move), "without": trust_in(other, *pair)}))
    return tuple(moves)


def _learnt_by_surprise(prior: float, pieces: list[_Piece]) -> float:
    """Return the change of trust in logits after evidence by surprise, in units of the start of the run."""
    learnt = 0.0
    for piece in pieces:
        favourable, adverse = piece.retained * piece.favourable, piece.retained * piece.adverse
        before = clip_logit(prior + piece.retained * learnt)
        learnt += surprise(before, favourable, piece.loss * adverse) / piece.retained
    return learnt


def replay(
    setup: Setup,
    *,
    seed: int,
    replicate: int,
    state: int,
    ticks: range,
    parameters: Parameters | None = None,
    agents: Mapping[str, type[State]] | None = None,
) -> Replay:
    """Replay one replicate, and record what a state decided and what changed beliefs.

    Parameters
    ----------
    setup : Setup
        The branch.
    seed, replicate : int
        Which of its runs.
    state : int
        Index of the state to explain.
    ticks : range
        Ticks to explain.
    parameters : Parameters, optional
        Those of the run; default: the scenario's.
    agents : mapping of str to type, optional
        States with custom decision rules.
    """
    notes = _Notes(state, ticks)
    model = EngineModel(
        setup, seed=seed, replicate=replicate, parameters=parameters, agents=agents, decisions=False, witness=notes,
    )  # fmt: skip
    trajectory = model.run()
    if notes.last is None or notes.parameters is None:
        raise RuntimeError("the run ended before the date asked about")
    return Replay(
        setup, seed, replicate, state, ticks, tuple(notes.moments), tuple(notes.course), tuple(notes.lines),
        tuple(notes.objections), notes.done, tuple(notes.interests), trajectory, notes.last, notes.parameters,
    )  # fmt: skip
