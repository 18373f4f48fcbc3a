"""Scores of seats: how well a member or a guarantor reached its aim in a run, by the model's own quantities.

A member lives with unprotected threat, with dependence on its guarantor and with the guarantor's pressure. A guarantor
keeps its allies, and spends on help and pressure. `sim.experiments.turns` has the aims in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.engine.model import EngineModel
from sim.rules.coverage import bound, dependence
from sim.rules.guarantor import COERCE, REASSURE
from sim.rules.maths import total
from sim.rules.reliability import exposure
from sim.rules.response import burden_terms
from sim.words import EFFORT, LOYAL, OUT

MEMBER_PARTS: Final = {"threat": 0.5, "dependence": 0.25, "pressure": 0.25}
"""What counts against a member, each 0..1 in a month, with its weight.

``threat`` is the worst threat times the share of it from which nobody protects: a member expects protection as far as
it finds its guarantor reliable, and a state with a rival pact as far as it trusts the offer. ``dependence`` is the mean
share of the guarantor in what the state gets from abroad, ``pressure`` the coercion that it feels.
"""

GUARANTOR_PARTS: Final = {"allies": 3.0, "cost": 0.5}
"""What counts against a guarantor, with its weight.

``allies`` is the mean place of its allies on the ladder, 0 loyal .. 1 out. ``cost`` is what help and pressure cost in a
year, in the units of the model's decisions: 1 is what a full stake in an ally is worth.
"""


@dataclass(frozen=True)
class SeatScore:
    """The score of one seat in one run: 100 less what counts against it.

    Attributes
    ----------
    points : float
        At most 100; below 0 for a guarantor that loses all or spends beyond measure.
    lost : dict of float
        Points lost by part (`MEMBER_PARTS` or `GUARANTOR_PARTS`).
    """

    points: float
    lost: dict[str, float]

    def __str__(self) -> str:
        """Return the points, and the reasons for those that are lost."""
        parts = ", ".join(f"{part} {points:.1f}" for part, points in self.lost.items())
        return f"{self.points:.1f} of 100 (lost: {parts})"


class Tally:
    """The tally of one seat, tick by tick.

    Parameters
    ----------
    model : EngineModel
    state : int
        The seat, by index.
    """

    def __init__(self, model: EngineModel, state: int) -> None:
        self._state, self._treaty = state, model.focus_index
        self._guards = state == model.focus_guarantor
        self._allies = [
            other for other in range(len(model.setup.codes))
            if other != state and bound(model.world, other, self._treaty)
        ]  # fmt: skip
        self.rows: list[tuple[float, ...]] = []

    def add(self, model: EngineModel) -> None:
        """Count a tick at its end."""
        self.rows.append(self._guarantor(model) if self._guards else self._member(model))

    def score(self, ticks: int | None = None) -> SeatScore:
        """Return the score of the first ticks, by default of all."""
        parts = GUARANTOR_PARTS if self._guards else MEMBER_PARTS
        return score(self.rows[:ticks], parts)

    def _member(self, model: EngineModel) -> tuple[float, ...]:
        world, state, treaty = model.world, self._state, self._treaty
        guarantor = model.focus_guarantor
        protected = float(world.reliability[state, treaty]) if bound(world, state, treaty) else 0.0
        if world.pact_with[state, treaty] >= 0:
            protected = max(protected, float(world.outside[state, treaty]))
        felt = float(world.coercion[state, treaty])
        return exposure(world, state, guarantor) * (1.0 - protected), dependence(world, state, guarantor), felt

    def _guarantor(self, model: EngineModel) -> tuple[float, ...]:
        world, p, state, treaty = model.world, model.parameters, self._state, self._treaty
        rungs = [max(LOYAL, int(world.posture[other, treaty])) / OUT for other in self._allies]
        lost = sum(rungs) / len(rungs) if rungs else 0.0
        spent = sum(
            EFFORT[answer.level] * total(burden_terms(world, p, outcome.case, state, world.overstretch[state]))
            for outcome in model.outcomes
            for answer in outcome.responses
            if answer.ally == state
        )
        policies = model.scratch.rung[self._allies, treaty].tolist()
        price = policies.count(REASSURE) * p.reassure_cost + policies.count(COERCE) * p.coerce_cost
        spent += (1.0 + float(world.overstretch[state])) * price
        return lost, float(spent) * 12.0 / world.months


def score(rows: Sequence[tuple[float, ...]], parts: dict[str, float]) -> SeatScore:
    """Return the score for rows of parts, one for each tick.

    Examples
    --------
    >>> score([(0.25, 0.0), (0.25, 0.5)], GUARANTOR_PARTS)
    SeatScore(points=12.5, lost={'allies': 75.0, 'cost': 12.5})
    """
    lost = {
        part: 100.0 * weight * sum(row[column] for row in rows) / max(1, len(rows))
        for column, (part, weight) in enumerate(parts.items())
    }
    return SeatScore(100.0 - sum(lost.values()), lost)
