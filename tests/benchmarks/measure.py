"""Measure everything that ``docs/performance.md`` shows, in one run, and write its tables anew.

``make performance`` does so; it takes some seven minutes on two cores.
"""

import platform
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.machine import processors
from sim.output.formatting import percent
from sim.scenario.expressions import Path as Variable
from sim.scenario.reference import replace_part
from tests.benchmarks import cases
from tests.benchmarks.generated import generated
from tests.benchmarks.stages import shares
from tests.benchmarks.timing import REFERENCE, Timed, beside, timed

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN = "<!-- figures: written by `make performance`, do not edit -->"
END = "<!-- end of figures -->"

Row = tuple[str, ...]

THREADS = 2
SIZES = (6, 17, 60, 195)
AT_REFERENCE = f"at {REFERENCE} ns a draw"
COLD_LIMIT = 15.0
"""Seconds that the first use may take."""

CHECKING_LIMIT = 0.03
"""The share of the time of reading that checking may take."""

MANY = 1_000_000
KILLS = 3
"""Runs of the large sweep, and how often it is killed."""


def figures() -> str:
    """Measure all and return the part of the page."""
    parts = (machine, goals, engines, sizes, lengths, stages)
    return "\n\n".join(part() for part in parts)


def machine() -> str:
    """Return what was measured on."""
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "mesa"))
    return (
        f"Measured on {date.today():%d %B %Y}: {_processor()}, {processors()} processors at hand, "
        f"Python {platform.python_version()}, {names}."
    )


def goals() -> str:
    """Return the table of goals."""
    states, ticks = len(cases.setup().codes), len(cases.setup().calendar.starts)
    values = cases.ensemble(1000, THREADS)
    runs = timed(lambda: cases.ensemble(1000, THREADS), threads=THREADS)
    fan = timed(lambda: cases.fan(values), threads=THREADS)
    both = timed(lambda: cases.fan(cases.ensemble(1000, THREADS)), threads=THREADS)
    cases.sweep_chunk(2, 10, THREADS)
    chunk = timed(lambda: cases.sweep_chunk(20, 100, THREADS), threads=THREADS)
    one = timed(lambda: cases.mesa_run(cases.setup()))
    few, many = (
        timed(partial(cases.batch_run, count, THREADS), rounds=2, threads=THREADS) for count in (THREADS, 14 * THREADS)
    )
    each = Timed((many.seconds - few.seconds) / (13 * THREADS), many.draw)
    times, scaled = (1000 * a / b for a, b in ((each.seconds, runs.seconds), (each.scaled, runs.scaled)))
    cases.user_run(64)
    user = {count: timed(partial(cases.user_run, count), threads=THREADS) for count in (1000, 4000)}
    large = timed(cases.large_world, rounds=1, threads=THREADS)
    with tempfile.TemporaryDirectory() as folder:
        names = iter(range(6))
        plain, drawn = (
            timed(lambda figures=figures: cases.command_run(Path(folder, f"run-{next(names)}"), figures=figures),  # type: ignore[misc]
                  rounds=3, threads=THREADS)
            for figures in (False, True)
        )  # fmt: skip
        whole, killed = Path(folder, "whole"), Path(folder, "killed")
        swept = cases.sweep_child(MANY, whole)
        cases.kill_sweep(MANY, killed, KILLS)
        again = cases.sweep_child(MANY, killed)
        same = cases.same_tables(whole, killed)
        checking = cases.checking_share(cases.stored(Path(folder)))
        cold, first_use = beside(lambda: cases.cold_child(Path(folder)), THREADS)
    name = f"{cases.SCENARIO.stem}, {cases.BRANCH}, {ticks} ticks, {states} states"
    rows = [
        _goal(f"1,000 replicates ({name}), {values.shape[2]} variables by date, with quantiles", both, "under 0.12 s",
              0.12),
        _goal("the runs alone", runs),
        _goal("the quantiles alone", fan),
        ("a chunk of a sweep: 2,000 runs with metrics", f"{2000 / chunk.seconds:,.0f} runs/s", f"{chunk.draw:.1f}",
         f"{2000 / chunk.scaled:,.0f} runs/s", "10,000 runs/s", _judged(chunk, 2000 / 10_000)),
        _goal("`sim.run`, 4,000 replicates of the branch: trajectories, answers, quantiles by date", user[4000],
              "under 1.3 s", 1.3),
        _goal("the same with 1,000 replicates", user[1000], "under 0.4 s", 0.4),
        _goal("`csto-sim run scenarios/karabakh-2023.toml --no-plot`: 800 runs in all branches, kernel compiled", plain,
              "under 2.5 s", 2.5, digits=1),
        _goal("the same with its figures", drawn, "under 6 s", 6.0, digits=1),
        _goal("1,000 replicates of 195 states and 100 treaties over 84 months", large, "under 60 s", 60.0),
        _goal("Mesa engine, one replicate in one thread", one, "0.3 s or less", 0.3),
        _goal("mesa.batch_run in two processes, one more replicate", each),
        _fact("compiled in two threads against mesa.batch_run in two processes", f"{times:.0f} times", "250 times",
              times >= 250, f"{scaled:.0f} times"),
        _fact(f"{MANY:,} runs by `csto-sim sweep`, all in all", f"{swept.seconds:.1f} s"),
        _fact("their peak memory", f"{swept.memory:.0f} MiB", "under 400 MiB", swept.memory < 400),
        _fact(f"the same killed (SIGKILL) {KILLS} times on the way and resumed: peak memory of what was left",
              f"{again.memory:.0f} MiB", "under 400 MiB", again.memory < 400),
        _fact("its files against those of the undisturbed sweep, byte for byte", "equal" if same else "differ", "equal",
              same),
        _fact("processor time of reading a result of 20 MB that its digests take", f"{checking:.1%}",
              f"under {CHECKING_LIMIT:.0%}", checking < CHECKING_LIMIT),
        _fact("first use, nothing compiled: until the message", f"{cold.first_word:.1f} s", "under 0.5 s",
              cold.first_word < 0.5),
        _goal("first use: until 100 replicates are stored", first_use, f"under {COLD_LIMIT:.0f} s", COLD_LIMIT,
              digits=1),
    ]  # fmt: skip
    return _table(("in two threads unless said", "measured", "ns a draw", AT_REFERENCE, "goal", ""), rows)


def engines() -> str:
    """Return both engines side by side: what a run, and a state in a tick, costs."""
    size = len(cases.setup().codes) * len(cases.setup().calendar.starts)
    rows = []
    for name, count, threads, work in _engines():
        took = timed(work, rounds=3, threads=threads)
        each, scaled = (seconds / count / size * 1e9 for seconds in (took.seconds, took.scaled))
        rows.append(
            (name, f"{threads}", f"{count / took.seconds:,.0f}", f"{each:,.0f}", f"{took.draw:.1f}", f"{scaled:,.0f}")
        )
    heads = ("engine", "threads", "runs/s", "ns a state and tick", "ns a draw", f"ns a state and tick {AT_REFERENCE}")
    return _table(heads, rows)


def _engines() -> Iterable[tuple[str, int, int, Callable[[], object]]]:
    yield "mesa", 1, 1, lambda: cases.mesa_run(cases.setup())
    for threads in (1, THREADS):
        for count in (64, 256, 1000, 4000):
            yield f"compiled, {count:,} replicates", count, threads, partial(cases.ensemble, count, threads)


def sizes() -> str:
    """Return how cost grows with states and treaties, in both engines."""
    found = [_size(states) for states in SIZES]
    heads = ("states", "treaties", "prepared in", "compiled, 24 ticks", "ns a draw", AT_REFERENCE, "Mesa, a tick")
    compiled, mesa = (growth(SIZES, [seconds[place] for _, seconds in found]) for place in (0, 1))
    table = _table(heads, [row for row, _ in found])
    return (
        f"{table}\n\nFitted over these sizes, {AT_REFERENCE}, time grows with the number of states to the power of "
        f"{compiled:.2f} compiled and {mesa:.2f} in Mesa."
    )


def _size(states: int) -> tuple[Row, tuple[float, float]]:
    scenario = generated(states)
    ready = timed(lambda: prepare(scenario), rounds=2)
    built = prepare(scenario)
    program = watching(built)
    count = max(2, 300 // states)
    took = timed(lambda: program.run(1, np.arange(count)), rounds=3)
    tick = timed(lambda: cases.mesa_run(built, 3), rounds=2)
    row = (
        f"{states}",
        f"{len(built.treaties)}",
        f"{ready.seconds * 1e3:.0f} ms",
        f"{took.seconds / count * 1e3:.2f} ms",
        f"{took.draw:.1f}",
        f"{took.scaled / count * 1e3:.2f} ms",
        f"{tick.seconds / 3 * 1e3:.1f} ms",
    )
    return row, (took.scaled / count, tick.scaled / 3)


def watching(built: Setup) -> Program:
    """Return a branch compiled with one variable read out."""
    return Program(built, [Variable(built.focus, "credibility")])


def growth(counts: Iterable[int], seconds: Iterable[float]) -> float:
    """Return the power of the counts with which time grows, by least squares over logarithms."""
    return float(np.polyfit(np.log(list(counts)), np.log(list(seconds)), 1)[0])


def lengths() -> str:
    """Return how cost grows with ticks."""
    rows = []
    for years in (1, 2, 4, 8):
        program = watching(prepare(generated(17, years=years)))
        took = timed(lambda program=program: program.run(1, np.arange(64)), rounds=3)  # type: ignore[misc]
        each = took.seconds / 64 / (12 * years) * 1e6
        rows.append((f"{12 * years}", f"{took.seconds / 64 * 1e3:.2f} ms", f"{each:.1f} µs", f"{took.draw:.1f}"))
    return _table(("ticks (17 states)", "a run", "a tick", "ns a draw"), rows)


def stages() -> str:
    """Return where a compiled run spends its time."""
    spent = sorted(shares(cases.program(), 500).items(), key=lambda pair: -pair[1])
    return _table(("part of a run", "share of time"), [(f"`{name}`", percent(share, 1)) for name, share in spent])


def _goal(what: str, took: Timed, goal: str = "", limit: float | None = None, *, digits: int = 3) -> Row:
    verdict = "" if limit is None else _judged(took, limit)
    return what, f"{took.seconds:.{digits}f} s", f"{took.draw:.1f}", f"{took.scaled:.{digits}f} s", goal, verdict


def _judged(took: Timed, limit: float) -> str:
    """Return whether a time is below its limit, and which of both figures decided."""
    return f"{_met(took.decisive < limit)} {AT_REFERENCE if took.slow else 'by the clock'}"


def _fact(what: str, measured: str, goal: str = "", met: bool | None = None, scaled: str = "") -> Row:
    return what, measured, "", scaled, goal, "" if met is None else _met(met)


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _table(heads: Row, rows: Iterable[Row]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Write the tables of the page anew."""
    PAGE.write_text(replace_part(PAGE.read_text("utf-8"), BEGIN, END, figures()), "utf-8")


if __name__ == "__main__":
    main()
