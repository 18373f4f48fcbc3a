"""Statistics of generic worlds: honoured duties by coding, coverage, recurrence, exits (A1-A6, A10, A11).

Each is computed over runs of one set of parameters, from the log of answers, the postures of members, and, where the
fact is about a rule itself, the rule.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.engine.ensemble import Batch, Program
from sim.engine.setup import Setup, prepare
from sim.evidence.calibration.averages import ratio
from sim.evidence.calibration.generic import YEARS, GenericWorld
from sim.model.parameters import Parameters
from sim.model.world import Ints
from sim.output.measuring import Floats
from sim.rules.challenge import attack_chance_at
from sim.rules.learning import excuse
from sim.scenario.expressions import Path
from sim.words import FORCES, OUT

STATISTICS: Final = (
    "honoured_strict", "honoured_lenient", "honoured_by_ally", "bilateral_lead", "covered", "deterrence", "recurrence",
    "initiation", "inside_pacts", "hard_times", "exit_hazard", "exit_ageing",
)  # fmt: skip
"""Names of the statistics, in the order in which `WorldPrograms.statistics` returns them."""

CLEAR: Final = 0.75
"""Coverage from which an obligation counts as triggered."""

WAR: Final = 0.5
"""Severity from which an attack counts as war."""

MONTHS: Final = 12
RECENT, QUIET = MONTHS, 20 * MONTHS
"""Months since the last fight up to which it is recent, and above which it is long ago."""

YOUNG: Final = 15
OLD: Final = 30
"""Ages in years between which, and below the first of which, exits are compared."""

COALITION = (1 / 3, 1 / 4)
"""Challenger's share of power against an equal with one such ally, and with twice the help."""

COUNTS: Final = (
    "wars", "strict", "lenient", "owed", "given", "wars2", "strict2", "wars3", "strict3", "episodes", "clear",
    "attacks", "inside", "recent", "recent_at", "quiet", "quiet_at", "pair_years", "young", "young_at", "old", "old_at",
    "exits", "exits_at",
)  # fmt: skip
"""What is counted in each run; statistics are ratios of sums over runs."""

_TICK, _, _VICTIM, _AGGRESSOR, _SEVERITY, _, _ALLY, _COVERAGE, _, _LEVEL, _, _ = range(12)


@dataclass(frozen=True)
class _World:
    world: GenericWorld
    setup: Setup
    program: Program


class WorldPrograms:
    """Programs of generic worlds; replicate ``r`` takes place in world ``r`` modulo the number of worlds.

    Parameters
    ----------
    worlds : sequence of GenericWorld
    """

    def __init__(self, worlds: Sequence[GenericWorld]) -> None:
        self._worlds = [self._made(world) for world in worlds]

    @staticmethod
    def _made(world: GenericWorld) -> _World:
        setup = prepare(world.scenario)
        probes = [Path(code, "posture", pact) for code, pact in world.joined]
        return _World(world, setup, Program(setup, probes))

    def __len__(self) -> int:
        return len(self._worlds)

    def counts(self, seed: int, replicates: Ints, parameters: Floats, threads: int) -> Floats:
        """Run replicates and return the counts in each.

        Parameters
        ----------
        seed : int
        replicates : array (R)
        parameters : array (R, Q)
        threads : int

        Returns
        -------
        array (R, COUNTS)
        """
        counts = np.zeros((len(replicates), len(COUNTS)))

        def run(number: int) -> None:
            held = self._worlds[number]
            mine = np.flatnonzero(replicates % len(self._worlds) == number)
            if len(mine):
                counts[mine] = count(
                    held.world, held.program.run(seed, replicates[mine], parameters[mine], answers=True)
                )

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(len(self._worlds))))
        return counts

    def statistics(self, counts: Floats, parameters: Floats) -> Floats:
        """Return the statistics of given parameter sets.

        Parameters
        ----------
        counts : array (D, COUNTS)
            Summed over the runs of each set.
        parameters : array (D, Q)

        Returns
        -------
        array (D, STATISTICS)
            NaN where nothing was counted.
        """
        of = dict(zip(COUNTS, counts.T, strict=True))
        names = {
            "honoured_strict": ratio(of["strict"], of["wars"]),
            "honoured_lenient": ratio(of["lenient"], of["wars"]),
            "honoured_by_ally": ratio(of["given"], of["owed"]),
            "bilateral_lead": ratio(of["strict2"], of["wars2"]) - ratio(of["strict3"], of["wars3"]),
            "covered": ratio(of["clear"], of["episodes"]),
            "deterrence": _by_rule(parameters, self.deterrence),
            "recurrence": ratio(of["recent"] * of["quiet_at"], of["recent_at"] * np.maximum(of["quiet"], 0.5)),
            "initiation": ratio(of["attacks"], 2.0 * of["pair_years"]),
            "inside_pacts": ratio(of["inside"], of["attacks"]),
            "hard_times": _by_rule(parameters, hard_times),
            "exit_hazard": ratio(of["exits"], of["exits_at"]),
            "exit_ageing": ratio((of["old"] + 0.5) * of["young_at"], (of["young"] + 0.5) * of["old_at"]),
        }
        return np.column_stack([names[name] for name in STATISTICS])

    def deterrence(self, parameters: Parameters) -> float:
        """Return the relative fall in the hazard of attack when the opposing coalition doubles."""
        held = self._worlds[0]
        challenger, victim = (int(index) for index in held.world.pairs[0])
        weak, strong = (
            attack_chance_at(held.setup.first, parameters, challenger, victim, share) for share in COALITION
        )
        return 1.0 - strong / weak


def _by_rule(parameters: Floats, statistic: Callable[[Parameters], float]) -> Floats:
    return np.array([statistic(Parameters(*row)) for row in parameters.tolist()])


def hard_times(parameters: Parameters) -> float:
    """Return how much more of a legally clear shortfall is excused if all other allies default."""
    return excuse(parameters, 0.0, 1.0, False, 0.0, 0.0) - excuse(parameters, 0.0, 0.0, False, 0.0, 0.0)


def count(world: GenericWorld, batch: Batch) -> Floats:
    """Count attacks, responses, fights and exits in each run of a batch, in the order of `COUNTS`.

    Parameters
    ----------
    world : GenericWorld
    batch : Batch
        With answers, and the postures of ``world.joined`` by month.
    """
    runs = len(batch.values)
    counted = {name: np.zeros(runs) for name in COUNTS}
    _count_attacks(world, batch, counted)
    _count_exits(batch.values, counted)
    return np.column_stack([counted[name] for name in COUNTS])


def _count_attacks(world: GenericWorld, batch: Batch, counted: dict[str, Floats]) -> None:
    runs, log = len(batch.values), batch.answers
    keys = np.column_stack([batch.answered, log[:, [_TICK, _VICTIM, _AGGRESSOR]].astype(np.int64)])
    attacks, first, attack_index = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    attack_index = attack_index.reshape(-1)
    run, tick, victim, aggressor = attacks.T
    allies = np.bincount(attack_index, minlength=len(attacks))
    came = np.bincount(attack_index, weights=log[:, _LEVEL] == FORCES, minlength=len(attacks))
    clear = np.bincount(attack_index, weights=log[:, _COVERAGE], minlength=len(attacks)) >= CLEAR * allies
    inside = world.pact[victim] == world.pact[aggressor]
    war = clear & (log[first, _SEVERITY] >= WAR)
    bilateral = world.bilateral[victim]

    def add(name: str, weight: Floats) -> None:
        counted[name] += np.bincount(run, weights=weight, minlength=runs)

    for name, chosen in (("", war), ("2", war & bilateral), ("3", war & ~bilateral)):
        add(f"wars{name}", chosen.astype(float))
        add(f"strict{name}", (chosen & (came == allies)).astype(float))
    add("lenient", (war & (came > 0)).astype(float))
    add("owed", np.where(war, allies, 0).astype(float))
    add("given", np.where(war, came, 0.0))
    add("attacks", np.ones(len(attacks)))
    add("inside", inside.astype(float))
    add("episodes", np.where(inside, 1.0, 2.0))
    add("clear", clear.astype(float))
    counted["pair_years"] += len(world.pairs) * YEARS
    _count_recurrence(world, runs, (run, tick, victim, aggressor), batch.values.shape[1] - 1, counted)


def _count_recurrence(
    world: GenericWorld, runs: int, attacks: tuple[Ints, Ints, Ints, Ints], ticks: int, counted: dict[str, Floats]
) -> None:
    """Count months of contiguous pairs soon after a fight and long after one, and the fights in them."""
    run, tick, victim, aggressor = attacks
    of_pair = np.full((len(world.codes), len(world.codes)), -1)
    numbers = np.arange(len(world.pairs))
    of_pair[world.pairs[:, 0], world.pairs[:, 1]] = of_pair[world.pairs[:, 1], world.pairs[:, 0]] = numbers
    fights = np.zeros((runs, len(world.pairs), ticks), dtype=bool)
    fights[run, of_pair[victim, aggressor], tick] = True
    never = -QUIET - 1
    last = np.maximum.accumulate(np.where(fights, np.arange(ticks), never), axis=2)
    before = np.concatenate([np.full((runs, len(world.pairs), 1), never), last[:, :, :-1]], axis=2)
    since = np.arange(ticks) - before
    for name, exposed in (("recent", since <= RECENT), ("quiet", since > QUIET)):
        counted[f"{name}_at"] += exposed.sum(axis=(1, 2))
        counted[name] += (exposed & fights).sum(axis=(1, 2))


def _count_exits(postures: Floats, counted: dict[str, Floats]) -> None:
    """Count first exits and years of membership before them, by age of the pact."""
    out = postures >= OUT
    gone = np.maximum.accumulate(out, axis=1)
    leaves = gone[:, 1:] & ~gone[:, :-1]
    years = np.arange(postures.shape[1] - 1)[None, :, None] / MONTHS
    spans = {"young": years < YOUNG, "old": (years >= YOUNG) & (years < OLD), "exits": years >= 0}
    for name, span in spans.items():
        counted[name] += (leaves & span).sum(axis=(1, 2))
        counted[f"{name}_at"] += (~gone[:, :-1] & span).sum(axis=(1, 2)) / MONTHS
