"""The debrief of a played run: scores beside the rule's, the answers that mattered most, and another go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import Final

from sim.checked import checked
from sim.experiments.exchange import without
from sim.experiments.played import Played, SeatPath
from sim.experiments.playing import play_again
from sim.experiments.scores import SeatScore
from sim.experiments.seat import Decide
from sim.experiments.turns import DecidedTurn, called
from sim.model.world import Floats
from sim.output.formatting import signed_number
from sim.words import POSTURES

MOST: Final = 2
"""Answers of each seat that a debrief names."""

_WIDTH, _HEIGHT, _LEFT, _EDGE = 640.0, 200.0, 60.0, 14.0


@dataclass(frozen=True)
class TurningPoint:
    """An answer that mattered: the points that it gained compared with the rule's answer on the same draws."""

    decided: DecidedTurn
    points: float

    def __str__(self) -> str:
        """Return one sentence."""
        turn = self.decided.turn
        return (
            f"{turn.date}, {turn.kind} ({turn.about}): {self.decided.answer} in place of {self.decided.rule} "
            f"made {signed_number(self.points, 1)} points"
        )


@dataclass(frozen=True)
class SeatDebrief:
    """The debrief of one seat.

    Attributes
    ----------
    aim : str
        In words; empty if the seat was never asked.
    own, rule : SeatScore
        The score, and that of the built-in rule in this seat on the same draws, beside the others' answers.
    mattered : tuple of TurningPoint
        The answers that mattered most.
    """

    aim: str
    own: SeatScore
    rule: SeatScore
    mattered: tuple[TurningPoint, ...]

    def scores_html(self) -> str:
        """Return both scores as an HTML table, with what each lost by part of the aim."""
        rows = "".join(
            f"<tr><th scope='row'>{who}</th><td><b>{score.points:.1f}</b></td>"
            + "".join(f"<td>{points:.1f}</td>" for points in score.lost.values())
            + "</tr>"
            for who, score in (("you", self.own), ("the rule in your seat, on the same draws", self.rule))
        )
        heads = "".join(f"<th scope='col'>lost: {escape(part)}</th>" for part in self.own.lost)
        return (
            f"<table><thead><tr><td></td><th scope='col'>score of 100</th>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


@dataclass(frozen=True)
class Debrief:
    """The debrief of a played run, shown as text, and in notebooks with the path of each seat.

    Attributes
    ----------
    played : Played
    seats : dict of SeatDebrief
        By state.
    """

    played: Played
    seats: Mapping[str, SeatDebrief]

    def again(self, decide: Decide | Mapping[str, Decide]) -> Played:
        """Play again with other luck: the next replicate.

        Parameters
        ----------
        decide : callable, or dict of callables
            Who decides, for the one seat or for each of several.
        """
        return play_again(self.played, decide if isinstance(decide, Mapping) else {self.played.state: decide})

    def __str__(self) -> str:
        """Return the debrief as text."""
        return "\n\n".join("\n".join(self._lines(state)) for state in self.seats)

    def _lines(self, state: str) -> Iterator[str]:
        seat = self.seats[state]
        yield f"{state}, run {self.played.replicate}: {seat.own}"
        yield f"the rule in its seat, on the same draws: {seat.rule}"
        if not seat.mattered:
            yield "no answer made a difference to the score"
        yield from map(str, seat.mattered)

    def _repr_html_(self) -> str:
        return "".join(self._section(state) for state in self.seats)

    def _section(self, state: str) -> str:
        setup, seat = self.played.game.setup, self.seats[state]
        lines = list(self._lines(state))[2:]
        mattered = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return (
            f"<h3>{escape(called(setup.scenario, state))}</h3><p>{escape(seat.aim)}</p>"
            f"{seat.scores_html()}<ul>{mattered}</ul>"
            + path_figure(self.played.seats[state], [day.isoformat() for day in self.played.dates])
        )


@checked()
def debrief(played: Played) -> Debrief:
    """Return the debrief of a played run; it takes one more run for each answer that a seat gave.

    Parameters
    ----------
    played : Played
        The played run.

    Examples
    --------
    >>> played = sim.play("first-steps", "ARM", lambda turn: turn.options[0])  # doctest: +SKIP
    >>> print(sim.debrief(played))  # doctest: +SKIP
    """
    return Debrief(played, {state: _seat(played, state) for state in played.game.seats})


def _seat(played: Played, state: str) -> SeatDebrief:
    own = played.scores[state]
    own_turns = [index for index, decided in enumerate(played.decided) if decided.turn.state == state]

    def scored(left_out: Sequence[int]) -> SeatScore:
        return without(played.game, played.decided, left_out).tallies[state].score()

    points = [
        TurningPoint(played.decided[index], own.points - scored([index]).points)
        for index in own_turns
        if played.decided[index].answer is not None
    ]
    most = sorted(points, key=lambda point: -abs(point.points))[:MOST]
    mattered = tuple(point for point in most if point.points)
    aim = played.decided[own_turns[0]].turn.aim if own_turns else ""
    return SeatDebrief(aim, own, scored(own_turns), mattered)


def path_figure(seat: SeatPath, dates: Sequence[str]) -> str:
    """Return a figure (SVG) of a seat's path over the fan of the ensemble and the record.

    Parameters
    ----------
    seat : SeatPath
    dates : sequence of str
    """
    name, path = next(iter(seat.paths.items()))
    ladder = name == "posture"
    top = len(POSTURES) - 1 if ladder else 1.0
    step = (_WIDTH - _LEFT - _EDGE) / max(1, len(path) - 1)

    def points(values: Floats | Sequence[float]) -> list[str]:
        coordinates: list[str] = []
        before = float("nan")
        for index, value in enumerate(map(float, values)):
            if ladder and coordinates and value != before:  # a posture holds until it changes
                coordinates.append(f"{_LEFT + step * index:.1f},{_y(before / top):.1f}")
            if not isnan(value):
                coordinates.append(f"{_LEFT + step * index:.1f},{_y(value / top):.1f}")
                before = value
        return coordinates

    marks = [(POSTURES[rank], rank / top) for rank in range(len(POSTURES))] if ladder else [("0", 0.0), ("1", 1.0)]
    parts = [
        f'<text x="{_LEFT - 6}" y="{_y(height) + 4:.1f}" text-anchor="end">{escape(word)}</text>'
        f'<line x1="{_LEFT}" x2="{_WIDTH - _EDGE}" y1="{_y(height):.1f}" y2="{_y(height):.1f}" stroke="#ddd"/>'
        for word, height in marks
    ]
    known = ["your path"]
    if name in seat.ensemble:
        low, middle, high = seat.ensemble[name]
        fan = " ".join([*points(low), *reversed(points(high))])
        parts.append(f'<polygon points="{fan}" fill="#4477aa" fill-opacity="0.2"/>')
        parts.append(_line(points(middle), "#4477aa", 'stroke-dasharray="5 3"'))
        known.append("blue: nine of ten runs of the rule, and their middle")
    record = [POSTURES.index(posture) if posture else float("nan") for posture in seat.record]
    if ladder and points(record):
        parts.append(_line(points(record), "#777777"))
        known.append("grey: on record")
    parts.append(_line(points(path), "#bb3333", 'stroke-width="3"'))
    parts += [
        f'<text x="{x}" y="{_HEIGHT - 4}" text-anchor="{anchor}">{day}</text>'
        for x, anchor, day in ((_LEFT, "start", dates[0]), (_WIDTH - _EDGE, "end", dates[-1]))
    ]
    title = f"{name.capitalize()}. Red: {'; '.join(known)}"
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" width="{_WIDTH:.0f}" role="img" font-size="12" '
        f'font-family="sans-serif" style="background:#fff;color:#000"><title>{title}</title>{"".join(parts)}</svg>'
        f"<p>{title}.</p>"
    )


def _y(share: float) -> float:
    return _HEIGHT - 28.0 - (_HEIGHT - 28.0 - _EDGE) * share


def _line(points: Sequence[str], colour: str, more: str = "") -> str:
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" {more}/>'
