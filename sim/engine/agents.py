"""States as Mesa agents, with treaty obligations, beliefs and decisions.

Each kind of decision has one method of `State`; the built-in methods call the rules. A subclass can override any of
them::

    class Dove(State):
        def respond(self, call):
            return "statement"

    model = sim.AllianceModel(scenario, agents={"RUS": Dove})
"""

import inspect
import itertools
import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Final

import mesa

from sim.engine import draws
from sim.engine.crisis import Call
from sim.engine.obligations import Obligations, obligations_of
from sim.engine.readout import CODES, value_of
from sim.errors import InputError
from sim.model.variables import MEMBER_VARIABLES, STATE_VARIABLES
from sim.model.world import NOBODY
from sim.rules.beliefs import trust_in
from sim.rules.call import choose_call
from sim.rules.challenge import chooses_attack
from sim.rules.coverage import coverage
from sim.rules.diversification import chooses_diversification
from sim.rules.guarantor import choose_policy
from sim.rules.posture import choose_step, chooses_lapse, chooses_pact, chooses_return
from sim.rules.response import choose_response
from sim.words import LOYAL, POSTURES

if TYPE_CHECKING:
    from sim.engine.model import EngineModel
    from sim.engine.setup import Setup


class _Counters:
    """Per-model counters of agents; Mesa 3.3 keeps them in one global table and so never frees a model."""

    def __getitem__(self, model: Any) -> "itertools.count[int]":
        counter: itertools.count[int] = vars(model).setdefault("agent_ids", itertools.count(1))
        return counter


DECISIONS: Final = (
    "attacks", "appeal", "respond", "review_posture", "lapses", "rejoins", "seeks_pact", "diversifies",
    "policy_towards",
)  # fmt: skip
"""Methods of `State` that decide, which a subclass may override."""

SIMILAR: Final = 0.75
"""Similarity of two names from which one is taken for a misspelling of the other."""

ATTRIBUTES: Final = (*STATE_VARIABLES, *(name for name in MEMBER_VARIABLES if name != "posture"))
"""Variables that are attributes of a state; its posture is one in words, and its ``rung`` in numbers."""

RETIRED = {
    "perceive": "time passes for all states at once, in `AllianceModel.advance`",
    "learn": "all states learn at once, in `AllianceModel.learn`",
    "sway_public": "opinion moves in all states at once, in `AllianceModel.update_opinion`",
}
"""Methods of `State` that are not called any more, with what takes their place."""


class State(mesa.Agent):  # type: ignore[misc]
    """A state as an agent: its obligations, its beliefs about other states, and its decisions.

    Its variables are attributes, such as ``state.capability`` and ``state.approval``; those of members are about the
    focus treaty, and missing (NaN) for states outside it.

    Parameters
    ----------
    model : EngineModel
    code : str
        Code of the state in the scenario, such as ``ARM``.
    """

    model: "EngineModel"
    _ids: ClassVar = _Counters()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_retired(cls, RETIRED)
        _refuse_misspelt(cls)

    def __init__(self, model: "EngineModel", code: str) -> None:
        super().__init__(model)
        self.code = code
        self.index = model.setup.codes.index(code)

    def __getattr__(self, name: str) -> float:
        if name not in ATTRIBUTES:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        model = self.model
        if name in STATE_VARIABLES:
            return value_of(model.world, CODES[name], self.index, 0)
        return value_of(model.world, CODES[name], self.index, model.focus_index) if self.rung >= LOYAL else math.nan

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *ATTRIBUTES})

    # what it has and believes

    @property
    def name(self) -> str:
        """Full name of the state; its code where it has no name."""
        return self.model.setup.scenario.states[self.code].name or self.code

    @property
    def obligations(self) -> Obligations:
        """The state's present treaty obligations, clause by clause; they print as sentences."""
        return obligations_of(self.model.setup, self.model.world, self.index)

    def trust_in(self, other: str) -> float:
        """Return the state's trust in another: the expectation, 0..1, that ``other`` fulfils its obligations."""
        return trust_in(self.model.world, self.index, self.model.state(other).index)

    def posture_in(self, treaty: str | None = None) -> str:
        """Return the state's posture in a treaty (default: the focus treaty); empty for a non-member."""
        rung = self.model.world.posture[self.index, self.model.treaty_index(treaty)]
        return POSTURES[rung] if rung >= 0 else ""

    @property
    def posture(self) -> str:
        """The state's posture in the focus treaty."""
        return self.posture_in()

    @property
    def rung(self) -> int:
        """Rank of the state's posture in the focus treaty, 0 for loyal; -1 for a non-member."""
        model = self.model
        return NOBODY if model.focus_index == NOBODY else int(model.world.posture[self.index, model.focus_index])

    @property
    def trust_in_guarantor(self) -> float:
        """The state's trust in the guarantor of the focus treaty; missing (NaN) where nothing is owed."""
        model = self.model
        owed = bool(model.setup.owed[self.index, model.focus_guarantor])
        return float(trust_in(model.world, self.index, model.focus_guarantor)) if owed else math.nan

    # what it decides

    def attacks(self, victim: str) -> bool:
        """Decide whether to attack ``victim`` in this tick (B3)."""
        other = self.model.setup.codes.index(victim)
        draw = self.model.draw(draws.ATTACK, self.index, other)
        return chooses_attack(self.model.world, self.model.parameters, self.index, other, draw)

    def appeal(self, call: Call) -> bool:
        """Decide whether to appeal for help after an attack or crisis (B2)."""
        draw = self.model.draw(draws.CALL, self.index, event=call.code)
        return choose_call(self.model.world, self.model.parameters, call.case, draw)

    def respond(self, call: Call) -> int | str:
        """Choose the response to an appeal (B2): a level of help, by name or by rank 0..4."""
        draw = self.model.draw(draws.RESPOND, self.index, call.case.victim, call.code)
        return choose_response(self.model.world, self.model.parameters, call.case, self.index, draw)

    def review_posture(self, treaty: str) -> int:
        """Review the state's posture in a treaty (B5): rungs up the ladder, as a negative number down, or 0."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.REVIEW, self.index, treaty=column)
        return choose_step(self.model.world, self.model.parameters, self.index, column, draw)

    def lapses(self, treaty: str) -> bool:
        """Decide at a treaty's renewal whether to let it lapse."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.LAPSE, self.index, treaty=column)
        return chooses_lapse(self.model.world, self.model.parameters, self.index, column, draw)

    def rejoins(self, treaty: str) -> bool:
        """Decide, as a former member, whether to rejoin a treaty."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.REJOIN, self.index, treaty=column)
        return chooses_return(self.model.world, self.model.parameters, self.index, column, draw)

    def seeks_pact(self, treaty: str) -> bool:
        """Decide whether to conclude a rival pact with the state's best patron."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.PACT, self.index, treaty=column)
        return chooses_pact(self.model.world, self.model.parameters, self.index, column, draw)

    def diversifies(self, treaty: str) -> bool:
        """Decide whether to begin to diversify: to turn to the state's best patron for arms."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.DIVERSIFY, self.index, treaty=column)
        return chooses_diversification(self.model.world, self.model.parameters, self.index, column, draw)

    def policy_towards(self, client: str, treaty: str) -> int | str:
        """Decide, as guarantor, on a policy towards a client (B6): ignore, reassure or coerce."""
        other, column = self.model.setup.codes.index(client), self.model.treaty_index(treaty)
        draw = self.model.draw(draws.GUARANTOR, self.index, other)
        return choose_policy(self.model.world, self.model.parameters, other, column, draw)

    def coverage_of(self, call: Call) -> float:
        """Return the legal coverage of a call, 0..1, as this state perceives it."""
        return coverage(self.model.world, call.case, self.index, self.index)


def refuse_retired(kind: type, retired: Mapping[str, str]) -> None:
    """Refuse a class that defines a retired method, which nothing calls any more.

    Raises
    ------
    InputError
        If the class defines one; the message names the method to use instead.
    """
    for name, instead in retired.items():
        if callable(vars(kind).get(name)):
            raise InputError(f"{kind.__name__}.{name} is not called any more: {instead}; see docs/extending.md")


def _refuse_misspelt(kind: type[State]) -> None:
    """Refuse a class with a method that nothing calls, or that cannot be called as its decision is.

    Raises
    ------
    InputError
        If a method is named like a decision but not exactly so, or takes other arguments than the decision gives.
    """
    for name, method in vars(kind).items():
        if not inspect.isfunction(method) or name.startswith("_"):
            continue
        if name == "step":
            raise InputError(
                f"{kind.__name__}.step is never called: states decide where the rules ask them; override a decision, "
                f"or `AllianceModel.advance` for what happens in every tick"
            )
        if name in DECISIONS:
            _check_arguments(kind, name)
        elif not any(hasattr(base, name) for base in kind.__mro__[1:]):
            meant = get_close_matches(name, DECISIONS, 1, SIMILAR) or [
                known for known in DECISIONS if known.startswith(f"{name}_")
            ]
            if meant:
                raise InputError(
                    f"{kind.__name__}.{name} is never called; did you mean '{meant[0]}'? "
                    "A method that is no decision needs a name that is less like one"
                )


def _check_arguments(kind: type[State], name: str) -> None:
    given = list(inspect.signature(getattr(State, name)).parameters)
    try:
        inspect.signature(getattr(kind, name)).bind(*given)
    except TypeError:
        raise InputError(f"{kind.__name__}.{name} must take ({', '.join(given)})") from None


def answers_on_record(setup: "Setup", kinds: Mapping[str, type[State]]) -> dict[str, tuple[str, ...]]:
    """Return the overridden decisions that the scenario has on record, so that the states do not make them.

    Parameters
    ----------
    setup : Setup
    kinds : mapping of str to type
        Subclasses of `State` by code.

    Returns
    -------
    dict
        Events by decision, such as ``{"RUS.respond": ("attack-2022",)}``.
    """
    by_decision: dict[str, dict[str, None]] = {}
    for shock in (shock for shock in setup.all_shocks if not shock.is_promise):
        decided = [(fixed.ally, "respond") for fixed in shock.fixed]
        decided += [(shock.case.victim, "appeal")] if shock.calls else []
        for state, decision in decided:
            code = setup.codes[state]
            if code in kinds and getattr(kinds[code], decision) is not getattr(State, decision):
                by_decision.setdefault(f"{code}.{decision}", {})[shock.name] = None
    return {decision: tuple(events) for decision, events in by_decision.items()}
