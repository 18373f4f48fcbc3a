"""The labels of a result: its states and treaties, the focus treaty with members and guarantor, and the dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sim.engine.setup import Setup, prepare
from sim.model.events.membership import Membership
from sim.model.world import NEVER
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class ResultAxes:
    """The names and dates that label the axes of a result.

    Attributes
    ----------
    codes, treaties : tuple of str
        All states and all treaties of the branches.
    focus, guarantor : str
        The treaty that results are about and the state whose help its members count on.
    members : tuple of str
        All states that are members of the focus treaty in any branch at any time.
    dates : tuple of date
        The start, then the last day of each tick.
    """

    codes: tuple[str, ...]
    treaties: tuple[str, ...]
    focus: str
    guarantor: str
    members: tuple[str, ...]
    dates: tuple[date, ...]

    @classmethod
    def of(cls, scenario: Scenario, branches: Sequence[str]) -> "ResultAxes":
        """Return the labels for a scenario and some of its branches."""
        return cls.of_setups([prepare(scenario, branch) for branch in branches])

    @classmethod
    def of_setups(cls, setups: Sequence[Setup]) -> "ResultAxes":
        """Return the labels for branches that are prepared."""
        focus = setups[0].focus
        return cls(
            codes=tuple(sorted({code for setup in setups for code in setup.codes})),
            treaties=tuple(sorted({name for setup in setups for name in setup.treaties})),
            focus=focus,
            guarantor=_guarantor(setups[0], focus),
            members=tuple(sorted({code for setup in setups for code in _ever_members(setup, focus)})),
            dates=setups[0].calendar.dates,
        )


def _guarantor(setup: Setup, focus: str) -> str:
    return setup.codes[int(setup.first.guarantor[setup.treaties.index(focus)])]


def _ever_members(setup: Setup, focus: str) -> set[str]:
    column = setup.first.posture[:, setup.treaties.index(focus)]
    bound = {code for code, rank in zip(setup.codes, column, strict=True) if rank != NEVER}
    joining = {
        event.state
        for event in setup.scenario.events.values()
        if isinstance(event, Membership) and event.action == "join" and event.treaty == focus
    }
    return bound | joining
