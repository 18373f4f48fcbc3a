"""The compiled loop: runs replicates of one branch tick by tick and reads out variables at every date.

Importing this module hands every rule to the compiler; `sim.engine.compiling` makes the kernel and keeps it.
"""

from collections.abc import Callable
from typing import Any

import sim.model.dispatch  # noqa: F401 - with it, every room of rules is in the list
from sim.engine import draws
from sim.engine.lowering import compiled
from sim.engine.readout import value_of
from sim.engine.schedule import STAGES
from sim.engine.scratch import FULL, LOGGED, Scratch
from sim.engine.script import Script
from sim.engine.stage_tools import mark_interest
from sim.engine.stages import STAGE_FUNCTIONS, begin
from sim.model.parameters import Parameters
from sim.model.world import BETA, Floats, Ints, World
from sim.rules.beliefs import current_evidence, mean_of
from sim.rules.maths import logistic
from sim.rules.registry import RULES

_DRAWS: tuple[Callable[..., Any], ...] = (
    draws.threefry, draws.replicate_key, draws.purpose_key, draws.uniform_of_pair, draws.uniform, draws.pair_code,
)  # fmt: skip
for _function in (*RULES, *_DRAWS):
    compiled(_function)


_first, _second, _third, _fourth, _fifth, _sixth, _seventh, _eighth = (
    STAGE_FUNCTIONS[stage.name] for stage in STAGES if stage.name in STAGE_FUNCTIONS
)


@compiled
def read_out(world: World, script: Script, memory: Floats, values: Floats, date: int) -> None:
    """Write the probed variables at a date: directly from memory, as beliefs, or through `value_of`."""
    row = values[date]
    probes, words = script.taken_probe, script.taken_word
    for index in range(probes.shape[0]):
        row[probes[index]] = memory[words[index]]
    read_trust(world, script.trust_probe, script.trust_words, memory, values, date)
    probes = script.asked_probe
    for index in range(probes.shape[0]):
        probe = probes[index]
        row[probe] = value_of(world, script.probe_variable[probe], script.probe_i[probe], script.probe_j[probe])


@compiled
def read_trust(world: World, probes: Ints, words: Ints, memory: Floats, values: Floats, date: int) -> None:
    """Write trust at a date, computed from the memory words of each belief as in `sim.rules.beliefs.trust_in`.

    Without evidence, trust in logits stays where a run began.
    """
    retained = world.memory_retained[0]
    row = values[date]
    if world.belief_rule == BETA:
        for index in range(probes.shape[0]):
            favourable = current_evidence(memory[words[index, 0]], memory[words[index, 1]], retained)
            adverse = current_evidence(memory[words[index, 2]], memory[words[index, 3]], retained)
            row[probes[index]] = mean_of(favourable, adverse)
    else:
        for index in range(probes.shape[0]):
            learnt = memory[words[index, 5]]
            if date > 0 and learnt == 0.0:
                row[probes[index]] = values[0, probes[index]]
            else:
                row[probes[index]] = logistic(current_evidence(memory[words[index, 4]], learnt, retained))


@compiled
def copy(into: Any, source: Any) -> None:
    """Copy a row of numbers into another row."""
    for index in range(source.shape[0]):
        into[index] = source[index]


def run_rows(
    world: World,
    p: Parameters,
    script: Script,
    run: Scratch,
    memory: Any,
    numbers: Floats,
    first: Any,
    seed: int,
    replicates: Ints,
    parameters: Floats,
    values: Floats,
    logged: Ints,
    terms: Floats,
    start: int,
    stop: int,
) -> bool:
    """Run the replicates in rows ``start`` to ``stop - 1``, one after the other in the same memory.

    Parameters
    ----------
    world, p, script, run : handles
        As `sim.engine.lowering.Handle` lays them out; ``p`` reads the numbers of ``run.parameters``.
    memory, numbers, first : array of words
        Memory behind ``world``, its view as floating-point numbers, and its content at the start of a run.
    seed : int
    replicates : array (R)
        Replicate of each row.
    parameters : array (R, Q)
        Parameters of each row; a single row (1, Q) serves all.
    values : array (R, T + 1, P)
        Receives the probed variables by date; entries for variables that the branch lacks stay unchanged.
    logged : array (R)
        Receives the cumulative count of logged responses after each row of this call.
    terms : array (R, terms)
        Receives the terms of the likelihood in forced runs; without a column in others.

    Returns
    -------
    bool
        Whether every table of ``run`` was large enough.
    """
    run.counts[LOGGED] = 0
    run.counts[FULL] = 0
    for row in range(start, stop):
        copy(memory, first)
        copy(run.parameters, parameters[min(row, parameters.shape[0] - 1)])
        run.key[0], run.key[1] = draws.replicate_key(seed, replicates[row])
        begin(world, p, script, run)
        mark_interest(run, True)
        read_out(world, script, numbers, values[row], 0)
        for tick in range(script.ticks):
            _first(world, p, script, run, tick, None)
            _second(world, p, script, run, tick, None)
            _third(world, p, script, run, tick, None)
            _fourth(world, p, script, run, tick, None)
            _fifth(world, p, script, run, tick, None)
            _sixth(world, p, script, run, tick, None)
            _seventh(world, p, script, run, tick, None)
            _eighth(world, p, script, run, tick, None)
            read_out(world, script, numbers, values[row], tick + 1)
        logged[row] = run.counts[LOGGED]
        copy(terms[row], run.terms)
        if run.counts[FULL] != 0:
            return False
    return True
