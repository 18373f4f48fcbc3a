"""States as Mesa agents: they carry treaty obligations, believe, and decide.

Every decision goes through one method of `State`; the built-in ones call the rules. A subclass that overrides
one takes part like any other::

    class Dove(State):
        def respond(self, call):
            return "statement"

    model = AllianceModel(scenario, agents={"RUS": Dove})
"""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import mesa

from sim.engine import draws
from sim.engine.crisis import Call
from sim.engine.obligations import Obligations, obligations_of
from sim.errors import InputError
from sim.rules.beliefs import trust_in
from sim.rules.call import choose_call
from sim.rules.challenge import chooses_attack
from sim.rules.coverage import coverage
from sim.rules.guarantor import choose_policy
from sim.rules.posture import choose_step, chooses_lapse, chooses_pact, chooses_return
from sim.rules.response import choose_response
from sim.words import POSTURES

if TYPE_CHECKING:
    from sim.engine.model import AllianceModel


class _Counters:
    """Counters of agents, kept by each model; Mesa 3.3 has one place for all and so keeps every model that ever was."""

    def __getitem__(self, model: Any) -> "itertools.count[int]":
        counter: itertools.count[int] = vars(model).setdefault("agent_ids", itertools.count(1))
        return counter


RETIRED = {
    "perceive": "time passes for all states at once, in `AllianceModel.advance`",
    "learn": "all states learn at once, in `AllianceModel.learn`",
    "sway_public": "opinion moves in all states at once, in `AllianceModel.update_opinion`",
}
"""Methods of `State` that are not called any more, with what takes their place."""


class State(mesa.Agent):  # type: ignore[misc]
    """A state: what it owes, what it expects of others, and how it decides.

    Parameters
    ----------
    model : AllianceModel
    code : str
        Its code in the scenario, such as ``ARM``.
    """

    model: "AllianceModel"
    _ids: ClassVar = _Counters()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_retired(cls, RETIRED)

    def __init__(self, model: "AllianceModel", code: str) -> None:
        super().__init__(model)
        self.code = code
        self.index = model.setup.codes.index(code)

    # what it has and believes

    @property
    def name(self) -> str:
        """Full name, else the code."""
        return self.model.setup.scenario.states[self.code].name or self.code

    @property
    def obligations(self) -> Obligations:
        """What it owes now, clause by clause; prints in words."""
        return obligations_of(self.model.setup, self.model.world, self.index)

    def trust_in(self, other: str) -> float:
        """Return its expectation, 0..1, that ``other`` does what its treaty owes."""
        return trust_in(self.model.world, self.index, self.model.state(other).index)

    def posture_in(self, treaty: str | None = None) -> str:
        """Return its rung in a treaty (default: the focus); empty if it is no member."""
        rung = self.model.world.posture[self.index, self.model.treaty_index(treaty)]
        return POSTURES[rung] if rung >= 0 else ""

    @property
    def posture(self) -> str:
        """Its rung in the focus treaty."""
        return self.posture_in()

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
        """Decide what to do about an appeal (B2): a level by name or by rank 0..4."""
        draw = self.model.draw(draws.RESPOND, self.index, call.case.victim, call.code)
        return choose_response(self.model.world, self.model.parameters, call.case, self.index, draw)

    def review_posture(self, treaty: str) -> int:
        """Review its posture in a treaty (B5): +1 a step up the ladder, -1 a step down, 0 none."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.REVIEW, self.index, treaty=column)
        return choose_step(self.model.world, self.model.parameters, self.index, column, draw)

    def lapses(self, treaty: str) -> bool:
        """Decide at a renewal whether to let the treaty lapse."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.LAPSE, self.index, treaty=column)
        return chooses_lapse(self.model.world, self.model.parameters, self.index, column, draw)

    def rejoins(self, treaty: str) -> bool:
        """Decide as a former member whether to come back."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.REJOIN, self.index, treaty=column)
        return chooses_return(self.model.world, self.model.parameters, self.index, column, draw)

    def seeks_pact(self, treaty: str) -> bool:
        """Decide whether to conclude a rival pact with its best patron."""
        column = self.model.treaty_index(treaty)
        draw = self.model.draw(draws.PACT, self.index, treaty=column)
        return chooses_pact(self.model.world, self.model.parameters, self.index, column, draw)

    def policy_towards(self, client: str, treaty: str) -> int | str:
        """Decide as guarantor what to do about a client (B6): ignore, reassure or coerce."""
        other, column = self.model.setup.codes.index(client), self.model.treaty_index(treaty)
        draw = self.model.draw(draws.GUARANTOR, self.index, other)
        return choose_policy(self.model.world, self.model.parameters, other, column, draw)

    def coverage_of(self, call: Call) -> float:
        """Return how clearly the law binds it in a call, as it reads it itself, 0..1."""
        return coverage(self.model.world, call.case, self.index, self.index)


def refuse_retired(kind: type, retired: Mapping[str, str]) -> None:
    """Refuse a class that defines a method which nothing calls any more.

    Raises
    ------
    InputError
        If it does; the message says what takes the method's place.
    """
    for name, instead in retired.items():
        if name in vars(kind):
            raise InputError(f"{kind.__name__}.{name} is not called any more: {instead}; see docs/extending.md")
