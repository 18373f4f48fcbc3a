"""The Mesa model of a scenario: one replicate, with Mesa's conventions for seeds."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.checked import checked
from sim.engine.agents import State
from sim.engine.draws import SEEDS
from sim.engine.model import EngineModel
from sim.engine.setup import Setup, prepare
from sim.engine.witness import Witness
from sim.errors import InputError
from sim.experiments.arguments import check_agents, scenario_of, whole_number, with_values
from sim.experiments.parameters.sources import (
    ParameterSource,
    described_draws,
    origin_in_words,
    parameter_draws,
    replicate_sets,
    warn_of_differences,
)
from sim.model.parameters import Parameters
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.experiments.parameters.sources import Draws

REPLICATES: Final = 2**32
"""Number of replicates of a seed with distinct random numbers."""

Seed = int | np.integer | np.random.SeedSequence | np.random.BitGenerator | np.random.Generator

_warned: set[str] = set()
"""Digests of the parameter sources about which this process has warned already; a batch makes many models."""


class AllianceModel(EngineModel):
    """States in alliances, as a Mesa model of one replicate.

    With a seed, replicate ``n`` is run ``n`` of ``sim.run(scenario, seed=...)``, parameters included.

    Parameters
    ----------
    scenario : Scenario or path
        What `sim.load` returns, or a file for it.
    branch : str, optional
        Branch of the scenario; None runs the scenario itself.
    rng : int, SeedSequence or Generator, optional
        Seed; equal seeds, replicates and branches give equal runs. Default: a new seed for each model. The seed that
        was used is ``model.seed``.
    seed : int, SeedSequence or Generator, optional
        Another name for ``rng``; only one of them may be given.
    replicate : int
        Number of the replicate under this seed.
    parameters : mapping, Draws, str or Path, optional
        As in `sim.run`: values by name, which replace those of the scenario, or a source from which the replicate
        draws its set; a `Parameters` set is taken as it is. Default: the source that `sim.run` takes.
    agents : mapping of str to type, optional
        Subclasses of `State` by code, for states with overridden decisions.
    collect : bool
        Whether the Mesa data collector gathers tables.
    decisions : bool
        Whether each decision is kept with the terms of its utility, in ``model.decisions``.
    witness : Witness, optional
        Observer that the model calls after each decision and each change of beliefs.

    Attributes
    ----------
    seed, replicate : int
        The address of the model's random numbers.
    parameters : Parameters
        The parameters that hold now.
    parameters_from : str
        Where they come from, in words.

    Raises
    ------
    InputError
        If the branch or a code does not exist, or an argument is invalid.

    Examples
    --------
    >>> model = AllianceModel("scenarios/first-steps.toml", rng=7)
    >>> model.step()
    >>> 0.0 < model.state("ARM").trust_in("RUS") < 1.0
    True
    """

    @checked("branch", "collect", "decisions", "witness")
    def __init__(
        self,
        scenario: Scenario | str | Path | Setup,
        branch: str | None = None,
        *,
        rng: Seed | None = None,
        seed: Seed | None = None,
        replicate: int = 0,
        parameters: Mapping[str, float] | Parameters | ParameterSource = None,
        agents: Mapping[str, type[State]] | None = None,
        collect: bool = True,
        decisions: bool = True,
        witness: Witness | None = None,
    ) -> None:
        start = seed_of(rng, seed)
        number = whole_number("replicate", replicate, 0, REPLICATES)
        given = None if isinstance(parameters, Parameters) else parameters
        if isinstance(scenario, Setup):
            if isinstance(given, Mapping):
                raise InputError("values of parameters by name need a scenario, and this one is prepared already")
            setup, source = scenario, given
        else:
            checked, source = with_values(scenario_of(scenario), given)
            setup = prepare(checked, branch)
        check_agents(agents, [setup])
        if isinstance(parameters, Parameters):
            taken, origin = parameters, "as given"
        else:
            draws = parameter_draws(source, setup.scenario)
            _warn_once(draws, set(setup.scenario.parameters))
            (row,) = replicate_sets(setup, draws, start, np.array([number])).tolist()
            taken, origin = Parameters(*row), origin_in_words(described_draws(draws))
        super().__init__(
            setup, seed=start, replicate=number, parameters=taken, agents=agents, collect=collect,
            decisions=decisions, witness=witness,
        )  # fmt: skip
        self.parameters_from = origin

    def __repr__(self) -> str:
        """Return a one-line description of the model."""
        branch = f", branch {self.setup.branch}" if self.setup.branch else ""
        return (
            f"<{type(self).__name__} of {self.setup.scenario.title!r}{branch}: seed {self.seed}, replicate "
            f"{self.replicate}, at {self.date.isoformat()}; parameters {self.parameters_from}>"
        )


def seed_of(rng: Seed | None, seed: Seed | None = None) -> int:
    """Return a seed in any of its forms as a whole number, or a new one if none is given.

    Parameters
    ----------
    rng, seed : int, SeedSequence or Generator, optional
        Two names of one thing. A generator moves on, so that it gives each model another seed.

    Raises
    ------
    InputError
        If both are given, or it is none of these.

    Examples
    --------
    >>> seed_of(7)
    7
    >>> seed_of(np.random.default_rng(1)) == seed_of(np.random.default_rng(1))
    True
    """
    if rng is not None and seed is not None:
        raise InputError("rng and seed are two names of one thing; give one of them")
    given = seed if rng is None else rng
    if given is None:
        return secrets.randbelow(SEEDS)
    if isinstance(given, np.random.BitGenerator):
        given = np.random.Generator(given)
    if isinstance(given, np.random.Generator):
        return int(given.integers(SEEDS))
    if isinstance(given, np.random.SeedSequence):
        return int(given.generate_state(1, np.uint64)[0]) % SEEDS
    return whole_number("seed", given, 0, SEEDS)


def _warn_once(draws: "Draws | None", given: set[str]) -> None:
    if draws is not None and draws.digest not in _warned:
        _warned.add(draws.digest)
        warn_of_differences([draws], given)
