"""The Mesa model: states in alliances, tick by tick."""

from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Self, TypeVar

import mesa
from mesa.datacollection import DataCollector

from sim.engine import draws
from sim.engine.agents import State
from sim.engine.course import climbers, keep_clients, set_course
from sim.engine.decisions import ATTACK, NOTHING, Decision, Question, options
from sim.engine.handling import Handled, appeal, call_record, enter_ledger, respond
from sim.engine.reading import holds
from sim.engine.schedule import STAGES
from sim.engine.setup import Setup, prepare
from sim.engine.timetable import Change, Shock, attack_name
from sim.engine.trajectory import CallRecord, Recorder, Trajectory
from sim.engine.witness import Witness
from sim.errors import InputError
from sim.model.changes import PARAMETER, RENEWAL
from sim.model.dispatch import CODES, apply_change
from sim.parameters import PARAMETERS, Parameters, make_parameters
from sim.rules.audience import update_exit_support
from sim.rules.beliefs import trust_in
from sim.rules.challenge import at_risk, endogenous_severity
from sim.rules.coverage import refresh_bonds
from sim.rules.passing import age_beliefs, fading
from sim.rules.posture import total_pressure
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.rules.response import hit
from sim.scenario import Scenario, load
from sim.scenario.expressions import Condition
from sim.world import NOBODY, Case

Answer = TypeVar("Answer")


class AllianceModel(mesa.Model):  # type: ignore[misc]
    """States in alliances, as a Mesa model.

    Parameters
    ----------
    scenario : Scenario or path
        What `sim.load` returns, or a file for it.
    branch : str, optional
        Branch of the scenario; None runs it as it stands.
    rng : int, optional
        Seed; equal seeds, replicates and branches give equal runs. Default: the scenario's.
    replicate : int
        Which of the many runs of this seed.
    parameters : mapping, optional
        Parameter values over those of the scenario.
    agents : mapping of str to type, optional
        Subclasses of `State` by code, for states that decide by rules of their own.
    collect : bool
        Whether the Mesa data collector gathers tables.
    decisions : bool
        Whether each decision is kept with the terms of its utility, in ``model.decisions``.
    witness : Witness, optional
        Whoever looks on, told of decisions and of moves of beliefs.

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
        self.handled: tuple[Handled, ...] = ()
        self.tick = 0
        self.world = self.setup.world(self.parameters)
        self.courses = [index for index, ladder in enumerate(self.world.ladder) if ladder]
        self.focus_guarantor = int(self.world.guarantor[self.treaty_index(None)]) if self.setup.treaties else 0
        self._key = draws.replicate_key(seed, self.replicate)
        self._shocks: list[Shock] = []
        self._renewals: list[tuple[int, int]] = []
        self._changed = False
        self.passed = fading(self.parameters, self.world.months)
        self.last_draw: float | None = None
        self._states = self._make_states(agents or {})
        self._begin()
        self._recorder = Recorder(len(self.setup.calendar.dates), self.world)
        self._recorder.add(self.world)
        self.datacollector = self._collector() if collect else None

    @classmethod
    def from_setup(cls, setup: Setup, *, seed: int, replicate: int) -> Self:
        """Return a model for an ensemble: built quickly, without tables or kept decisions."""
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

    def _begin(self) -> None:
        for treaty in self.courses:
            for state in range(len(self.setup.codes)):
                update_exit_support(self.world, self.parameters, state, treaty)
        for state, treaty in climbers(self):
            read_circumstances(self.world, self.parameters, state, treaty)
            update_interest(self.world, self.parameters, state, treaty)
            update_reliability(self.world, self.parameters, state, treaty)
            self.world.pressure[state, treaty] = total_pressure(self.world, self.parameters, state, treaty)

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

    def treaty_index(self, treaty: str | None) -> int:
        """Return the index of a treaty; None stands for the focus."""
        name = self.setup.focus if treaty is None else treaty
        if name not in self.setup.treaties:
            raise InputError(f"no treaty {name!r}; known: {', '.join(self.setup.treaties)}")
        return self.setup.treaties.index(name)

    @property
    def date(self) -> date:
        """The date reached: the start, then the last day of each tick."""
        return self.setup.calendar.dates[self.tick]

    def draw(self, purpose: int, state: int, other: int = NOBODY, event: int = 0, *, treaty: int = NOBODY) -> float:
        """Return the random number at an address of this tick; states and treaties by index."""
        second = 0
        if other != NOBODY:
            second = self.setup.state_codes[other]
        elif treaty != NOBODY:
            second = self.setup.treaty_codes[treaty]
        day = draws.date_code(self.setup.calendar.starts[self.tick])
        self.last_draw = draws.uniform(*self._key, day, purpose, self.setup.state_codes[state], second, event)
        return self.last_draw

    def holds(self, condition: Condition | None) -> bool:
        """Tell whether a condition of the scenario holds now."""
        return holds(self.world, condition, self.setup.codes, self.setup.treaties, self.setup.focus)

    def ask(self, decide: Callable[..., Answer], *about: object) -> Answer:
        """Let an agent decide, and keep the number that it draws, if it draws one, as ``last_draw``."""
        self.last_draw = None
        return decide(*about)

    def notes(self, kind: str, state: int) -> bool:
        """Tell whether decisions of a kind by a state, by index, are kept or shown to the witness."""
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
    ) -> None:
        """Keep one decision with its alternatives, and show it to the witness if it wants it.

        Parameters
        ----------
        draw, number : float, optional
            The number that decided; the one at its address where it is not the same.
        fixed : bool
            Whether the record fixed the choice.
        acts : bool
            Whether anything is done; a choice to do nothing that nobody asked about is shown and not kept.
        """
        keeps = self.keeps_decisions and acts
        shows = self.witness.wants(question.kind, question.state)
        if not keeps and not shows:
            return
        decision = Decision(
            self.setup.calendar.starts[self.tick],
            self.setup.codes[question.state],
            question.kind,
            about,
            choice,
            draw,
            options(self.world, self.parameters, question),
            question,
            draw if number is None else number,
            fixed,
        )
        if keeps:
            self.decisions.append(decision)
        if shows:
            self.witness.decided(self, decision)

    # the tick

    def step(self) -> None:
        """Run one tick, in the order of `sim.engine.schedule.STAGES`; nothing happens after the last."""
        if self.tick >= len(self.setup.calendar.starts):
            return
        for stage in STAGES:
            getattr(self, stage.name)()

    def run(self) -> Trajectory:
        """Run to the end and return what the run left behind."""
        while self.running:
            self.step()
        return self.trajectory

    @property
    def trajectory(self) -> Trajectory:
        """What the run has left behind so far."""
        return Trajectory(
            self.setup.codes, self.setup.treaties, self.setup.focus, self.setup.calendar.dates[: self.tick + 1],
            self._recorder.values(), tuple(self.calls),
        )  # fmt: skip

    def perceive(self) -> None:
        """Let time pass, then apply the dated changes of this tick."""
        self._renewals = []
        self._changed = False
        self.world.months_since_renewal[:] += self.world.months
        self.world.clock[:] += self.world.months
        self.passed = fading(self.parameters, self.world.months)
        age_beliefs(self.world, self.passed)
        self.agents.do("perceive")
        self.witness.faded(self)
        for change in self.setup.changes[self.tick]:
            if self.holds(change.only_if):
                self._apply(change)
                self.witness.changed(self, change)
        if self._changed:
            self.refresh_bonds()

    def _apply(self, change: Change) -> None:
        if change.kind == PARAMETER.name:
            self.parameters = self.parameters._replace(**{list(PARAMETERS)[change.i]: change.value})
        elif change.kind == RENEWAL.name:
            self._renewals.append((change.i, change.j))
        else:
            changed = apply_change(
                self.world, self.parameters, CODES[change.kind], change.i, change.j, change.k, change.value
            )
            self._changed = self._changed or changed

    def refresh_bonds(self) -> None:
        """Enter anew who owes what to whom, after a change of membership."""
        for state in range(len(self.setup.codes)):
            refresh_bonds(self.world, state)

    def challenge(self) -> None:
        """Gather the attacks and crises of this tick, dated or by choice, and let them hit."""
        self._shocks = [shock for shock in self.setup.shocks[self.tick] if self.holds(shock.only_if)]
        if self.setup.attacks_on[self.tick]:
            self._shocks += self._chosen_attacks()
        for shock in self._shocks:
            hit(self.world, shock.case)

    def _chosen_attacks(self) -> list[Shock]:
        codes = self.setup.codes
        found = []
        for one, other in ((i, j) for i in range(len(codes)) for j in range(len(codes))):
            if not at_risk(self.world, one, other):
                continue
            attacks = self.ask(self.state(codes[one]).attacks, codes[other])
            decided, question = self.last_draw, Question("attack", one, other=other)
            name = attack_name(codes[one], codes[other], self.setup.calendar.starts[self.tick])
            self.note(question, name, ATTACK if attacks else NOTHING, draw=decided, acts=bool(attacks))
            if attacks:
                found.append(self._chosen_attack(name, one, other))
        return found

    def _chosen_attack(self, name: str, one: int, other: int) -> Shock:
        severity = endogenous_severity(self.draw(draws.ATTACK_SEVERITY, one, other))
        day = self.setup.calendar.starts[self.tick]
        on_border = self.world.claim[one, other] > 0.0
        border = self.setup.border_of(other) if on_border else NOBODY
        case = Case(other, one, border, severity, False, False, False, float("nan"))
        code = draws.pair_code(self.setup.state_codes[one], self.setup.state_codes[other])
        return Shock(name, code, day, case, (), (), None)

    def appeal(self) -> None:
        """Let the victims appeal or stay silent."""
        self._appeals = [(shock, appeal(self, shock)) for shock in self._shocks]

    def respond(self) -> None:
        """Let the allies answer."""
        self.handled = tuple(respond(self, shock, call) for shock, call in self._appeals)

    def learn(self) -> None:
        """Let everybody learn from what the allies did."""
        if not self.handled:
            return
        self.calls.extend(call_record(self, handled) for handled in self.handled)
        self.agents.do("learn")
        for handled in self.handled:
            enter_ledger(self, handled)

    def sway_publics(self) -> None:
        """Let publics move."""
        self.agents.do("sway_public")

    def set_course(self) -> None:
        """Let members review their posture and adjust their portfolios."""
        set_course(self, self._renewals)

    def keep_clients(self) -> None:
        """Let guarantors reassure or coerce."""
        if self.setup.choices_on[self.tick]:
            keep_clients(self)

    def record(self) -> None:
        """Record the state reached; after the last tick the model stops running."""
        self.tick += 1
        self._recorder.add(self.world)
        self.witness.recorded(self)
        if self.datacollector is not None:
            self.datacollector.collect(self)
        self.running = self.tick < len(self.setup.calendar.starts)
