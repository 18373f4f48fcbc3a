"""Scenario data for the page: its states, its switches, and the programs that run the user's choices."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path as FilePath

from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.errors import InputError
from sim.evidence.cases.telling import in_text
from sim.experiments.parameters.explanations import choose_explanation, explained, own_parameters
from sim.experiments.parameters.sources import Draws, parameter_draws, warn_of_differences
from sim.experiments.result_axes import ResultAxes
from sim.explorer.choices import MOST_REPLICATES, Choices, PageState
from sim.explorer.switches import EXPLORED, Switch, check_settings, explored, switches_of, with_explored
from sim.model.parameters import KEY_PARAMETERS, PARAMETERS
from sim.output import formatting
from sim.output.subjects import MAIN_BRANCH
from sim.plots.record import Spell, observed_postures
from sim.scenario import Scenario, branch_names, load
from sim.scenario.expressions import Path, parse_metric
from sim.scenario.problems import closest, listed
from sim.scenario.schema import StoryChange

KEPT_PROGRAMS = 32
"""Programs that a story keeps ready; one is made in some milliseconds."""


class Story:
    """Scenario file with all data that the page needs; shared by all visitors and never changed.

    Parameters
    ----------
    path : Path
        The scenario file.

    Raises
    ------
    ScenarioError
        If the file is refused.
    InputError
        If nobody in it is bound to a guarantor, so that there is nothing to show.
    """

    def __init__(self, path: FilePath) -> None:
        self.path = path
        self.name = path.stem
        self.scenario: Scenario = load(path)
        self.branches = branch_names(self.scenario)
        self.cast = ResultAxes.of(self.scenario, self.branches)
        self.clients = tuple(code for code in self.cast.members if code != self.cast.guarantor)
        if not self.clients:
            raise InputError(f"{path}: {self.cast.focus or 'no treaty'} has no member beside its guarantor")
        self._programs = lru_cache(maxsize=KEPT_PROGRAMS)(self._make_program)
        self._switches = lru_cache(maxsize=KEPT_PROGRAMS)(self._make_switches)
        self._recorded = lru_cache(maxsize=None)(self._make_recorded)
        self._under = lru_cache(maxsize=KEPT_PROGRAMS)(self._make_scenario)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Ordered pairs of distinct members."""
        members = self.cast.members
        return tuple((truster, trustee) for truster in members for trustee in members if truster != trustee)

    @cached_property
    def probes(self) -> tuple[Path, ...]:
        """Variables read from every run: trust of members (`pairs`), then posture and public opinion of the clients."""
        focus = self.cast.focus
        trust = [Path(truster, "trust", trustee) for truster, trustee in self.pairs]
        own = [Path(client, name, focus) for name in ("posture", "approval", "exit_support") for client in self.clients]
        return (*trust, *own)

    @property
    def main_branch(self) -> str:
        """Branch that a new page shows."""
        return MAIN_BRANCH if MAIN_BRANCH in self.branches else self.branches[0]

    @property
    def change(self) -> StoryChange | None:
        """The change that the scenario's story makes, if it tells one."""
        return None if self.scenario.story is None else self.scenario.story.change

    @cached_property
    def protagonist(self) -> str:
        """Client that the scenario's metrics name first, otherwise the first client."""
        owners = [parse_metric(text) for text in self.scenario.metrics]
        named = [path.owner for path in map(_path_of, owners) if path is not None and path.owner in self.clients]
        return named[0] if named else self.clients[0]

    def branch_title(self, branch: str) -> str:
        """Return a branch's title, or its key with spaces for dashes."""
        return formatting.branch_title(self.scenario, branch)

    def title(self, choices: Choices) -> str:
        """Return the title of a branch with a note if it was changed."""
        changed = ", with your changes" if choices.changed else ""
        return self.branch_title(choices.branch) + changed

    def explanation_title(self, choices: Choices) -> str:
        """Return the title of the chosen explanation in quotation marks, empty for none."""
        if not choices.explanation:
            return ""
        return formatting.in_quotes(choose_explanation(choices.explanation).title)

    def state_name(self, code: str) -> str:
        """Return a state's full name, or its code if the scenario gives none."""
        return formatting.state_name(self.scenario, code)

    def in_text(self, code: str) -> str:
        """Return a state's name for use in a sentence, with its article."""
        return in_text(self.state_name(code))

    def switches(self, branch: str) -> Mapping[str, Switch]:
        """Return every event of a branch as a switch, by date and name."""
        return self._switches(branch)

    def _make_switches(self, branch: str) -> Mapping[str, Switch]:
        return switches_of(self.scenario, branch, self.cast.guarantor)

    def recorded(self, state: str) -> tuple[Spell, ...]:
        """Return the recorded postures of a member, spell by spell; empty where none are on record."""
        return self._recorded(state)

    def _make_recorded(self, state: str) -> tuple[Spell, ...]:
        dates = self.cast.dates
        end = self.scenario.recorded_until(dates[-1])
        return observed_postures(self.scenario, self.cast.focus, state, dates[0], end)

    def recorded_at(self, state: str, index: int) -> str:
        """Return the recorded posture of a member at a place on the time axis, empty where none is on record."""
        day = self.cast.dates[index]
        held = (spell.posture for spell in reversed(self.recorded(state)) if spell.first <= day <= spell.last)
        return next(held, "")

    def parameters(self, branch: str, explanation: str = "") -> dict[str, float]:
        """Return the value of every parameter in an unchanged branch, under an explanation if one is named."""
        held = self.scenario.branches.get(branch)
        given = {**self._under(explanation).parameters, **(held.parameters if held is not None else {})}
        return {name: float(given.get(name, row.default)) for name, row in PARAMETERS.items()}

    def first_choices(self, replicates: int | None = None, seed: int | None = None) -> Choices:
        """Return the choices of a new page: the unchanged main branch."""
        return Choices(
            self.name,
            self.main_branch,
            replicates=min(1000 if replicates is None else replicates, MOST_REPLICATES),
            seed=self.scenario.seed if seed is None else seed,
        )

    def check(self, page: PageState, where: str) -> None:
        """Raise an `InputError` if this scenario cannot show a page."""
        for choices in filter(None, (page.choices, page.pinned)):
            if choices.branch not in self.branches:
                near = closest(choices.branch, self.branches)
                hint = f"; did you mean '{near}'?" if near else ""
                raise InputError(
                    f"{where}: there is no branch '{choices.branch}' in {self.name}; "
                    f"allowed: {listed(self.branches)}{hint}"
                )
            check_settings(dict(choices.events), self.switches(choices.branch), where)
            if choices.explanation:
                choose_explanation(choices.explanation, where=f"{where}: ")
            for name, value in choices.parameters:
                if name not in PARAMETERS:
                    near = closest(name, PARAMETERS)
                    raise InputError(
                        f"{where}: there is no parameter '{name}'" + (f"; did you mean '{near}'?" if near else "")
                    )
                row = PARAMETERS[name]
                if not row.low <= value <= row.high:
                    raise InputError(
                        f"{where}: parameters.{name}: {value:g} is out of range; allowed: {row.low:g}..{row.high:g}"
                    )
        if page.state and page.state not in self.clients:
            raise InputError(f"{where}: state: '{page.state}' is not known; allowed: {', '.join(self.clients)}")
        if page.day is not None and not self.scenario.start <= page.day <= self.scenario.end:
            raise InputError(
                f"{where}: day: {page.day} is outside the scenario; "
                f"allowed: {self.scenario.start} to {self.scenario.end}"
            )

    def changed(self, choices: Choices, keep: Sequence[str] | None = None) -> Scenario:
        """Return the scenario with a branch `EXPLORED` that holds the choices."""
        scenario = self._under(choices.explanation)
        table = explored(
            scenario, choices.branch, dict(choices.events), dict(choices.parameters),
            self.switches(choices.branch), self.title(choices),
        )  # fmt: skip
        return with_explored(scenario, table, keep)

    def setup(self, choices: Choices) -> Setup:
        """Return the choices as a prepared branch."""
        return prepare(self.changed(choices), EXPLORED)

    def program(self, choices: Choices) -> Program:
        """Return the program of a branch with the chosen events; parameters are given when it runs."""
        return self._programs(choices.branch, choices.events, choices.explanation)

    def _make_program(self, branch: str, events: tuple[tuple[str, str], ...], explanation: str) -> Program:
        setup = self.setup(Choices(self.name, branch, events, explanation))
        return Program(setup, [setup.reported(path) for path in self.probes])

    def _make_scenario(self, explanation: str) -> Scenario:
        chosen = explained(self.scenario, choose_explanation(explanation)) if explanation else self.scenario
        warn_of_differences([self.draws(explanation)], chosen.parameters)
        return chosen

    def draws(self, explanation: str) -> Draws | None:
        """Return the source of parameter draws of the story's scenario."""
        return draws_of(self.scenario, explanation)


def draws_of(scenario: Scenario, explanation: str) -> Draws | None:
    """Return the source of parameter draws: the explanation's posterior, or the default of the alliance."""
    return parameter_draws(own_parameters(explanation, scenario) if explanation else None, scenario)


def key_parameters() -> tuple[str, ...]:
    """Return the key parameters, which come first on the page."""
    return tuple(KEY_PARAMETERS)


def _path_of(metric: object) -> Path | None:
    held = getattr(metric, "condition", metric)
    path = getattr(held, "path", None)
    return path if isinstance(path, Path) else None
