"""Where a compiled run spends its time: the kernel's own loop with the processor's clock read around each stage."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from sim.engine import ensemble, kernel
from sim.engine.ensemble import Program
from sim.engine.lowering import compiled
from sim.engine.schedule import STAGES
from sim.engine.stages import STAGE_FUNCTIONS

PARTS = (*STAGE_FUNCTIONS, "start", "read-out")
"""What is told apart; the start copies the first world and sets beliefs."""

_GLOBALS = ("_first", "_second", "_third", "_fourth", "_fifth", "_sixth", "_seventh", "_eighth")


@intrinsic
def _cycles(_context: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(builder.module.declare_intrinsic("llvm.readcyclecounter", (), kind), [])

    return types.int64(), generate


@intrinsic
def _add(_context: Any, _address: Any, _number: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        place = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        builder.store(builder.add(builder.load(place), arguments[1]), place)
        return arguments[1]

    return types.int64(types.int64, types.int64), generate


def shares(program: Program, replicates: int) -> dict[str, float]:
    """Return the share of each of `PARTS` in the time of some runs, by the processor's clock.

    Compiles a kernel of its own, which takes as long as the engine's and is not kept.
    """
    spent = np.zeros(len(PARTS), dtype=np.int64)
    places = {part: spent.ctypes.data + 8 * number for number, part in enumerate(PARTS)}
    swapped: dict[str, Any] = {
        name: _stage(STAGE_FUNCTIONS[stage], places[stage])
        for name, stage in zip(_GLOBALS, (stage.name for stage in STAGES if stage.name in STAGE_FUNCTIONS), strict=True)
    }
    swapped |= {
        "copy": _two(kernel.copy, places["start"]),
        "begin": _four(kernel.begin, places["start"]),
        "read_out": _five(kernel.read_out, places["read-out"]),
    }
    loop = FunctionType(kernel.run_rows.__code__, {**vars(kernel), **swapped}, "run_rows_timed")
    made = numba.njit(nogil=True, error_model="numpy", _nrt=False)(loop)
    kept = ensemble.run_compiled
    ensemble.run_compiled = made
    try:
        program.run(1, np.arange(2))
        spent[:] = 0
        program.run(1, np.arange(replicates))
    finally:
        ensemble.run_compiled = kept
    return dict(zip(PARTS, (spent / spent.sum()).tolist(), strict=True))


def _stage(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    @compiled
    def clocked(world: Any, p: Any, script: Any, run: Any, tick: Any, door: Any) -> None:
        began = _cycles()
        function(world, p, script, run, tick, door)
        _add(place, _cycles() - began)

    return clocked


def _four(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    @compiled
    def clocked(one: Any, two: Any, three: Any, four: Any) -> None:
        began = _cycles()
        function(one, two, three, four)
        _add(place, _cycles() - began)

    return clocked


def _five(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    @compiled
    def clocked(one: Any, two: Any, three: Any, four: Any, five: Any) -> None:
        began = _cycles()
        function(one, two, three, four, five)
        _add(place, _cycles() - began)

    return clocked


def _two(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    @compiled
    def clocked(one: Any, two: Any) -> None:
        began = _cycles()
        function(one, two)
        _add(place, _cycles() - began)

    return clocked
