"""Details of one run for one member: its dependence, the requests it received, and the reasons for its choices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.decisions import Decision
from sim.engine.trajectory import CallRecord
from sim.explorer.choices import Choices
from sim.explorer.ensembles import parameter_sets
from sim.explorer.story import Story
from sim.explorer.views import View
from sim.model.parameters import Parameters
from sim.words import CHANNELS, POSTURES

MOST_TERMS = 3
"""Terms of a decision that are named, the weightiest first."""


@dataclass(frozen=True)
class Inside:
    """Details of one run from the point of view of one member.

    Attributes
    ----------
    state : str
    replicate : int
    shares : dict of arrays (T + 1)
        Share of each channel of its portfolio that the guarantor holds, by date; only channels that are known.
    postures : tuple of str
        Its posture at each date; empty where it was no member.
    decisions : tuple of Decision
        Its steps on the ladder, appeals, answers and other choices, in order of time; reviews that changed nothing are
        left out.
    calls : tuple of CallRecord
        Attacks and crises that hit it, with what its allies did.
    """

    state: str
    replicate: int
    shares: dict[str, NDArray[np.float64]]
    postures: tuple[str, ...]
    decisions: tuple[Decision, ...]
    calls: tuple[CallRecord, ...]


def typical(view: View, client: int) -> int:
    """Return the typical run: the one whose date of freeze is the median of all runs."""
    order = np.argsort(view.frozen[:, client], kind="stable")
    return int(order[len(order) // 2])


def look_inside(story: Story, choices: Choices, state: str, replicate: int) -> Inside:
    """Run one replicate again and record every decision."""
    from sim.engine.model import EngineModel  # noqa: PLC0415 - Mesa takes a second, and no page waits for it

    setup = story.program(choices).setup
    given = Parameters(*parameter_sets(setup, choices, np.array([replicate]))[0].tolist())
    model = EngineModel(setup, seed=choices.seed, replicate=replicate, parameters=given)
    trajectory = model.run()
    here, there = setup.codes.index(state), setup.codes.index(story.cast.guarantor)
    column = setup.treaties.index(story.cast.focus)
    shares = {name: trajectory.values[name][:, here, there] for name in CHANNELS}
    ranks = trajectory.values["posture"][:, here, column].tolist()
    return Inside(
        state,
        replicate,
        {name: values for name, values in shares.items() if not np.isnan(values).all()},
        tuple("" if rank < 0 else POSTURES[rank] for rank in ranks),
        tuple(_choices_of(model.decisions, state, story.cast.focus)),
        tuple(call for call in trajectory.calls if call.victim == state),
    )


def _choices_of(decisions: list[Decision], state: str, focus: str) -> list[Decision]:
    choices, rung = [], POSTURES[0]
    for decision in decisions:
        if decision.state != state:
            continue
        if decision.kind == "posture":
            if decision.about != focus or decision.choice == rung:
                continue
            rung = rung if decision.stopped else decision.choice
        elif decision.kind in ("lapse", "return") and decision.about == focus:
            rung = decision.choice
        choices.append(decision)
    return choices


def weightiest(decision: Decision) -> list[tuple[str, float]]:
    """Return the terms with the largest effect on the choice, ordered by size.

    The terms of a review are those of the pressure to move up; those of other choices belong to the alternative taken.
    """
    taken = [option for option in decision.options if option.name == decision.choice and option.terms]
    weighed = taken or [option for option in decision.options if option.terms]
    if not weighed:
        return []
    ranked = sorted(weighed[0].terms.items(), key=lambda term: -abs(term[1]))
    return [term for term in ranked if abs(term[1]) >= 0.005][:MOST_TERMS]


def chance_of(decision: Decision) -> float | None:
    """Return the chance of the actual choice under the built-in rule; None if it is unknown."""
    chances = [option.chance for option in decision.options if option.name == decision.choice]
    return chances[0] if chances and not np.isnan(chances[0]) else None
