"""The Mesa model of states in alliances, run tick by tick."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, Final, Self

import mesa
from mesa.datacollection import DataCollector

from sim.engine import draws
from sim.engine.agents import State, refuse_retired
from sim.engine.crisis import CrisisOutcome, call_record
from sim.engine.decisions import Decision, options
from sim.engine.door import Door
from sim.engine.schedule import STAGES
from sim.engine.scratch import ALLIES, SHOCKS, grown, make_scratch
from sim.engine.setup import Setup, prepare
from sim.engine.stage_tools import mark_interest
from sim.engine.stages import STAGE_FUNCTIONS, begin
from sim.engine.trajectory import CallRecord, Recorder, Trajectory
from sim.engine.witness import Witness
from sim.errors import InputError
from sim.model.parameters import PARAMETERS, Parameters, make_parameters
from sim.model.terms import Question
from sim.model.world import NOBODY, World, copy_world
from sim.rules.beliefs import trust_in
from sim.rules.challenge import at_risk
from sim.rules.coverage import is_promise
from sim.scenario import Scenario, load

ROWS: Final = 16
"""Crises of a tick that a model has room for to begin with."""

RETIRED: Final = {
    "perceive": "override `advance`",
    "sway_publics": "override `update_opinion`",
    "set_course": "override `review_postures`",
    "keep_clients": "override `guarantor_policy`",
}
"""Stages of `AllianceModel` that have another name now."""


class AllianceModel(mesa.Model):  # type: ignore[misc]
    """States in alliances, as a Mesa model.

    Parameters
    ----------
    scenario : Scenario or path
        What `sim.load` returns, or a file for it.
    branch : str, optional
        Branch of the scenario; None runs the scenario itself.
    rng : int, optional
        Seed; equal seeds, replicates and branches give equal runs. Default: the scenario's.
    replicate : int
        Number of the replicate under this seed.
    parameters : mapping, optional
        Parameter values that replace those of the scenario.
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
        If the branch or a code does not exist.

    Examples
    --------
    >>> model = AllianceModel("scenarios/first-steps.toml", rng=7)
    >>> model.step()
    >>> 0.0 < model.state("ARM").trust_in("RUS") < 1.0
    True
    """

    def __init__(
        self,
        scenario: Scenario | str | FilePath | Setup,
        branch: str | None = None,
        *,
        rng: int | None = None,
        replicate: int = 0,
        parameters: Mapping[str, float] | Parameters | None = None,
        agents: Mapping[str, type[State]] | None = None,
        collect: bool = True,
        decisions: bool = True,
        witness: Witness | None = None,
    ) -> None:
        if not isinstance(scenario, Setup):
            scenario = prepare(scenario if isinstance(scenario, Scenario) else load(scenario), branch)
        seed = scenario.scenario.seed if rng is None else int(rng)
        if not 0 <= seed < draws.SEEDS:
            raise InputError(f"seed {seed} is out of range; allowed: 0 to {draws.SEEDS - 1}")
        super().__init__(rng=seed)
        self.setup = scenario
        self.replicate = int(replicate)
        self.parameters = self._parameters(parameters)
        self.keeps_decisions = decisions
        self.witness = Witness() if witness is None else witness
        self.decisions: list[Decision] = []
        self.calls: list[CallRecord] = []
        self.tick = 0
        self.world = copy_world(self.setup.first)
        self.courses = [index for index, ladder in enumerate(self.world.ladder) if ladder]
        self.focus_guarantor = int(self.world.guarantor[self.treaty_index(None)]) if self.setup.treaties else 0
        self.script = self.setup.script
        self.scratch = make_scratch(len(self.setup.codes), len(self.setup.treaties), rows=ROWS, log=0)
        self._key = draws.replicate_key(seed, self.replicate)
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

    @classmethod
    def from_setup(cls, setup: Setup, *, seed: int, replicate: int) -> Self:
        """Return a model for an ensemble, built quickly, without data collection or recorded decisions."""
        return cls(setup, rng=seed, replicate=replicate, collect=False, decisions=False)

    def _parameters(self, given: Mapping[str, float] | Parameters | None) -> Parameters:
        if isinstance(given, Parameters):
            return given
        values = {**self.setup.scenario.parameters, **(given or {})}
        for name, value in values.items():
            row = PARAMETERS.get(name)
            if row is None:
                near = get_close_matches(name, PARAMETERS, 1)
                raise InputError(f"no parameter {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
            if not row.low <= value <= row.high:
                raise InputError(f"parameter {name} is {value!r}; allowed: {row.low:g}..{row.high:g}")
        return make_parameters(values)

    def _make_states(self, kinds_of: Mapping[str, type[State]]) -> dict[str, State]:
        unknown = sorted(set(kinds_of) - set(self.setup.codes))
        if unknown:
            raise InputError(f"agents for unknown states: {', '.join(unknown)}; known: {', '.join(self.setup.codes)}")
        return {code: kinds_of.get(code, State)(self, code) for code in self.setup.codes}

    def _collector(self) -> DataCollector:
        focus = self.treaty_index(None)
        collector = DataCollector(
            model_reporters={"date": lambda model: model.date, "calls": lambda model: len(model.calls)},
            agent_reporters={
                "code": "code",
                "posture": "posture",
                "trust_in_guarantor": lambda a: trust_in(a.model.world, a.index, a.model.focus_guarantor),
                "approval": lambda a: float(a.model.world.approval[a.index, focus]),
                "exit_support": lambda a: float(a.model.world.exit_support[a.index, focus]),
            },
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
        """Run the members' posture reviews and shift their dependence portfolios."""
        self._run_stage("review_postures")

    def guarantor_policy(self) -> None:
        """Run the guarantors' choices to ignore, reassure or coerce their clients."""
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


def at_risk_pairs(world: World, p: Parameters) -> int:
    """Return the number of ordered pairs of states, challenger and victim, between which an attack is possible."""
    pairs = zip(*world.contiguous.nonzero(), strict=True)
    return sum(at_risk(world, p, int(one), int(other)) for one, other in pairs)
