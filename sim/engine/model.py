"""The Mesa model of states in alliances, run tick by tick."""

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Final

import mesa
from mesa.datacollection import DataCollector

from sim.engine import draws
from sim.engine.agents import State, refuse_retired
from sim.engine.crisis import CrisisOutcome, call_record
from sim.engine.decisions import Decision, options
from sim.engine.door import Door
from sim.engine.schedule import STAGES
from sim.engine.scratch import ALLIES, SHOCKS, grown, make_scratch
from sim.engine.setup import Setup
from sim.engine.stage_tools import mark_interest
from sim.engine.stages import STAGE_FUNCTIONS, begin
from sim.engine.trajectory import CallRecord, Recorder, Trajectory
from sim.engine.witness import Witness
from sim.errors import InputError
from sim.model.parameters import Parameters
from sim.model.terms import Question
from sim.model.world import NOBODY, World, copy_world
from sim.rules.challenge import at_risk
from sim.rules.coverage import is_promise

ROWS: Final = 16
"""Crises of a tick that a model has room for to begin with."""

COLLECTED: Final = ("code", "posture", "trust_in_guarantor", "approval", "exit_support")
"""Attributes of `State` that the data collector gathers."""

RETIRED: Final = {
    "perceive": "override `advance`",
    "sway_publics": "override `update_opinion`",
    "set_course": "override `review_postures`",
    "keep_clients": "override `guarantor_policy`",
}
"""Stages of a model that have another name now."""


class EngineModel(mesa.Model):  # type: ignore[misc]
    """One replicate of a prepared branch, as a Mesa model; `sim.AllianceModel` prepares it from a scenario.

    Parameters
    ----------
    setup : Setup
        The prepared branch.
    seed : int
        Seed; equal seeds, replicates and branches give equal runs.
    replicate : int
        Number of the replicate under this seed.
    parameters : Parameters, optional
        Default: those of the branch.
    agents : mapping of str to type, optional
        Subclasses of `State` by code, for states with overridden decisions.
    collect : bool
        Whether the Mesa data collector gathers tables.
    decisions : bool
        Whether each decision is kept with the terms of its utility, in ``model.decisions``.
    witness : Witness, optional
        Observer that the model calls after each decision and each change of beliefs.

    Raises
    ------
    InputError
        If a code does not exist.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        seed: int,
        replicate: int = 0,
        parameters: Parameters | None = None,
        agents: Mapping[str, type[State]] | None = None,
        collect: bool = False,
        decisions: bool = True,
        witness: Witness | None = None,
    ) -> None:
        super().__init__(rng=seed)
        self.setup = setup
        self.seed = seed
        self.replicate = replicate
        self.parameters = setup.parameters if parameters is None else parameters
        self.keeps_decisions = decisions
        self.witness = Witness() if witness is None else witness
        self.decisions: list[Decision] = []
        self.calls: list[CallRecord] = []
        self.tick = 0
        self.world = copy_world(self.setup.first)
        self.courses = [index for index, ladder in enumerate(self.world.ladder) if ladder]
        self.focus_index = self.treaty_index(None) if self.setup.treaties else NOBODY
        self.focus_guarantor = int(self.world.guarantor[self.focus_index]) if self.setup.treaties else 0
        self.script = self.setup.script
        self.scratch = make_scratch(len(self.setup.codes), len(self.setup.treaties), rows=ROWS, log=0)
        self._key = draws.replicate_key(seed, replicate)
        self.scratch.key[:] = self._key
        self.scratch.parameters[:] = self.parameters
        self.last_draw: float | None = None
        self._states = self._make_states(agents or {})
        self._agents_in_order = tuple(self._states.values())
        self._door = Door(self)
        self._in_run = False
        begin(self.world, self.parameters, self.script, self.scratch)
        self._recorder = Recorder(len(self.setup.calendar.dates), self.world)
        self._recorder.add(self.world)
        self.datacollector = self._collector() if collect else None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_retired(cls, RETIRED)

    def _make_states(self, kinds_of: Mapping[str, type[State]]) -> dict[str, State]:
        unknown = sorted(set(kinds_of) - set(self.setup.codes))
        if unknown:
            raise InputError(f"agents for unknown states: {', '.join(unknown)}; known: {', '.join(self.setup.codes)}")
        return {code: kinds_of.get(code, State)(self, code) for code in self.setup.codes}

    def _collector(self) -> DataCollector:
        collector = DataCollector(
            model_reporters={"date": _date_of, "calls": _number_of_calls},
            agent_reporters={name: attrgetter(name) for name in COLLECTED},
        )
        collector.collect(self)
        return collector

    # names and numbers

    def state(self, code: str) -> State:
        """Return the agent of a state.

        Raises
        ------
        InputError
            If the scenario has no such state.
        """
        if code not in self._states:
            raise InputError(f"no state {code!r}; known: {', '.join(self._states)}")
        return self._states[code]

    def state_at(self, index: int) -> State:
        """Return the agent of a state by index."""
        return self._agents_in_order[index]

    def treaty_index(self, treaty: str | None) -> int:
        """Return the index of a treaty; None means the focus treaty."""
        name = self.setup.focus if treaty is None else treaty
        if name not in self.setup.treaties:
            raise InputError(f"no treaty {name!r}; known: {', '.join(self.setup.treaties)}")
        return self.setup.treaties.index(name)

    @property
    def day(self) -> date:
        """The first day of the present tick, which is part of the address of its random numbers."""
        return self.setup.calendar.starts[self.tick]

    @property
    def date(self) -> date:
        """The date that the run has reached: its start, then the last day of each tick."""
        return self.setup.calendar.dates[self.tick]

    @property
    def outcomes(self) -> tuple[CrisisOutcome, ...]:
        """The attacks, crises and promises of the present tick, with what allies did about each."""
        return self._door.outcomes

    def draw(self, purpose: int, state: int, other: int = NOBODY, event: int = 0, *, treaty: int = NOBODY) -> float:
        """Return the random number at an address of this tick; states and treaties by index."""
        second = 0
        if other != NOBODY:
            second = self.setup.state_codes[other]
        elif treaty != NOBODY:
            second = self.setup.treaty_codes[treaty]
        day = draws.date_code(self.day)
        self.last_draw = draws.uniform(*self._key, day, purpose, self.setup.state_codes[state], second, event)
        return self.last_draw

    def notes(self, kind: str, state: int) -> bool:
        """Return whether decisions of a kind by a state, by index, are recorded or shown to the witness."""
        return self.keeps_decisions or self.witness.wants(kind, state)

    def note(
        self,
        question: Question,
        about: str,
        choice: str,
        *,
        draw: float | None,
        number: float | None = None,
        fixed: bool = False,
        acts: bool = True,
        stopped: bool = False,
    ) -> None:
        """Record one decision with its alternatives, and show it to the witness if wanted.

        Parameters
        ----------
        draw, number : float, optional
            The random number that decided; the one at the decision's address where they differ.
        fixed : bool
            Whether the record fixed the choice.
        acts : bool
            Whether the choice is to act; a routine choice not to act is shown to the witness but not recorded.
        stopped : bool
            Whether the guarantor's force stopped the step that was chosen.
        """
        keeps = self.keeps_decisions and acts
        shows = self.witness.wants(question.kind, question.state)
        if not keeps and not shows:
            return
        decision = Decision(
            self.day,
            self.setup.codes[question.state],
            question.kind,
            about,
            choice,
            draw,
            options(self.world, self.parameters, question),
            question,
            draw if number is None else number,
            fixed,
            stopped,
        )
        if keeps:
            self.decisions.append(decision)
        if shows:
            self.witness.decided(self, decision)

    # the tick

    def step(self) -> None:
        """Run one tick, in the order of `sim.engine.schedule.STAGES`; do nothing after the last tick."""
        if self.tick >= len(self.setup.calendar.starts):
            return
        if not self._in_run:  # somebody may have changed the world since the last tick
            mark_interest(self.scratch, True)
        for stage in STAGES:
            getattr(self, stage.name)()

    def run(self) -> Trajectory:
        """Run the model to its last tick and return the trajectory."""
        try:
            while self.running:
                self.step()
                self._in_run = True
        finally:
            self._in_run = False
        return self.trajectory

    @property
    def trajectory(self) -> Trajectory:
        """The trajectory of the run so far."""
        return Trajectory(
            self.setup.codes, self.setup.treaties, self.setup.focus, self.setup.calendar.dates[: self.tick + 1],
            self._recorder.values(), tuple(self.calls),
        )  # fmt: skip

    def advance(self) -> None:
        """Apply the passage of time, then the dated changes of this tick."""
        self._run_stage("advance")

    def challenge(self) -> None:
        """Collect the attacks and crises of this tick, dated or by choice, and apply their direct effects."""
        dated = len(self.setup.shocks[self.tick])
        pairs = at_risk_pairs(self.world, self.parameters) if self.setup.attacks_on[self.tick] else 0
        self._make_room(crises=dated + pairs)
        self._run_stage("challenge")

    def appeal(self) -> None:
        """Settle whether each victim appeals or stays silent."""
        self._run_stage("appeal")

    def respond(self) -> None:
        """Settle the responses of the allies to each crisis."""
        crises = int(self.scratch.counts[SHOCKS])
        self._make_room(answers=crises * len(self.setup.codes))
        self._run_stage("respond")

    def learn(self) -> None:
        """Update all beliefs with the evidence from the allies' conduct."""
        self.calls.extend(call_record(self, outcome) for outcome in self.outcomes if not is_promise(outcome.case))
        self._run_stage("learn")

    def update_opinion(self) -> None:
        """Update approval of each alliance and support for leaving it."""
        self._run_stage("update_opinion")

    def review_postures(self) -> None:
        """Let all members review their posture, seek outside partners, and shift their dependence."""
        self._run_stage("review_postures")

    def guarantor_policy(self) -> None:
        """Let all guarantors choose whether to ignore, reassure or coerce each client that is not loyal."""
        self._run_stage("guarantor_policy")

    def record(self) -> None:
        """Record the state of the world at the end of a tick; after the last tick, stop the model."""
        self.tick += 1
        self._recorder.add(self.world)
        self.witness.recorded(self)
        if self.datacollector is not None:
            self.datacollector.collect(self)
        self.running = self.tick < len(self.setup.calendar.starts)

    def _run_stage(self, name: str) -> None:
        STAGE_FUNCTIONS[name](self.world, self.parameters, self.script, self.scratch, self.tick, self._door)

    def _make_room(self, crises: int = 0, answers: int = 0) -> None:
        """Enlarge the tables of the tick to hold more crises and responses, and keep their content."""
        needed = max(crises, -(-answers // ALLIES))
        if needed > len(self.scratch.row):
            self.scratch = grown(self.scratch, needed)


def _date_of(model: EngineModel) -> date:
    return model.date


def _number_of_calls(model: EngineModel) -> int:
    return len(model.calls)


def at_risk_pairs(world: World, p: Parameters) -> int:
    """Return the number of ordered pairs of states, challenger and victim, between which an attack is possible."""
    pairs = zip(*world.contiguous.nonzero(), strict=True)
    return sum(at_risk(world, p, int(challenger), int(victim)) for challenger, victim in pairs)
