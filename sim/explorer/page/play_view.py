"""What players and observers of a run read: turns, consequences, the room, and the debrief, as HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.experiments.turns import Turn, called
from sim.explorer.page.chances import percent
from sim.explorer.room import OVER, PLAYING, TURNS, PublicAnswer, RoomView
from sim.explorer.story import Story
from sim.explorer.views import Floats
from sim.output.formatting import month, share, signed_number
from sim.output.stated import of_variable
from sim.words import OUT

if TYPE_CHECKING:
    from sim.experiments.debrief import Debrief, SeatDebrief
    from sim.experiments.exchange import Consequence

HOW: Final = (
    "<p>You decide for one government when its turn comes. You know what it would know: its own trust and fears, its "
    f"public, and what everybody can see. There are at most {TURNS} turns in five years; quiet months pass by "
    "themselves. All other states are simulated, with the settings on the left. At the end you see your path beside "
    "all simulated runs and the record, and your score beside that of the built-in rule in your place.</p>"
)

KINDS: Final = {
    "appeal": "whether to appeal", "answer": "the answer to an appeal", "course": "the posture",
    "renewal": "the renewal", "return": "the return", "client": "a client",
}  # fmt: skip
"""What the kinds of turns are about."""

MOST_LINES: Final = 8
"""Answers and news that a room shows at once, the latest."""

_WIDE, _TALL, _LEFT, _EDGE = 300.0, 84.0, 46.0, 10.0
"""Size and edges of the figure of a consequence."""


def turn_html(story: Story, turn: Turn) -> str:
    """Return a turn: the aim, the news, the question, and what the government knows."""
    scenario, knows = story.scenario, turn.knows

    def rows(values: Any, form: Callable[[Any], str]) -> str:
        return ", ".join(f"{escape(called(scenario, code))} {escape(form(value))}" for code, value in values.items())

    news = "".join(f"<li>{escape(line)}</li>" for line in knows.news)
    held = ", ".join(
        f"{escape(name)} {percent(part)} from {escape(called(scenario, partner))}"
        for name, (partner, part) in knows.held.items()
    )
    facts = [
        ("Your trust in", rows(knows.trust, share)),
        ("You fear", rows(knows.threat, share)),
        ("Postures", rows(knows.postures, str)),
        (
            "Your public",
            f"{percent(knows.approval)} approve of the alliance, {percent(knows.exit_support)} would leave",
        ),
        ("You depend on", held),
        ("Protection on offer", rows(knows.offers, share)),
        ("This attack or crisis", ", ".join(f"{name} {escape(share(value))}" for name, value in turn.figures.items())),
    ]
    listed = "".join(f"<li>{name}: {value}</li>" for name, value in facts if value)
    heard = f"<p>Since your last turn:</p><ul>{news}</ul>" if news else ""
    return (
        f"<h2>{month(turn.date)}, {escape(called(scenario, turn.state))}</h2><p>Your aim: {escape(turn.aim)}</p>{heard}"
        f"<p><b>{escape(turn.question)}</b></p><ul>{listed}</ul>"
    )


def consequence_html(consequence: "Consequence") -> str:
    """Return the effect of one answer: the rule's choice and odds, one sentence, and a figure if anything moved."""
    decided = consequence.decided
    odds = ", ".join(f"{escape(name)} {percent(chance)}" for name, chance in decided.odds.items())
    chances = f" Its chances were: {odds}." if odds else ""
    moved = [name for name, own in consequence.own.items() if _differ(own, consequence.rule[name])]
    until = month(consequence.dates[-1])
    if decided.answer == decided.rule:
        rule = f"The rule would have chosen <b>{escape(decided.rule)}</b> too, so nothing differs."
    elif moved:
        parts = ", ".join(_moved(name, consequence.own[name], consequence.rule[name]) for name in moved)
        rule = f"The rule would have chosen <b>{escape(decided.rule)}</b>. By {until} your answer made {parts}"
        rule += f" ({signed_number(consequence.points, 1)} points)."
    else:
        rule = f"The rule would have chosen <b>{escape(decided.rule)}</b>. By {until} nothing shows of it yet."
    figure = _exchange(consequence, moved[0]) if moved else ""
    return (
        f"<div class='did'><p>{month(decided.turn.date)}, {_matter(decided.turn, decided.turn.names)}: you chose "
        f"<b>{escape(str(decided.answer))}</b>. {rule}{chances}</p>{figure}</div>"
    )


def _matter(of: Turn | PublicAnswer, names: Mapping[str, str]) -> str:
    """Return the subject of a turn or an answer; a client by its name."""
    client = f", {escape(names.get(of.about, of.about))}" if of.kind == "client" else ""
    return f"{KINDS[of.kind]}{client}"


def _differ(first: Floats, second: Floats) -> bool:
    return not np.allclose(first, second, atol=0.005, equal_nan=True)


def _moved(name: str, own: Floats, rule: Floats) -> str:
    mine, its = of_variable(name, own[-1]), of_variable(name, rule[-1])
    return f"{name} <b>{mine}</b> and not {its}" if mine != its else f"{name} differ for a while"


def _exchange(consequence: "Consequence", name: str) -> str:
    """Return the path of a variable with the answer and with the rule's, as SVG."""
    own, rule = consequence.own[name], consequence.rule[name]
    ladder = name == "posture"
    low, high = (0.0, float(OUT)) if ladder else (0.0, 1.0)
    if not ladder:
        known = np.concatenate([own, rule])
        low, high = max(0.0, float(np.nanmin(known)) - 0.05), min(1.0, float(np.nanmax(known)) + 0.05)

    def points(values: Floats) -> str:
        step = (_WIDE - _LEFT - _EDGE) / max(1, len(values) - 1)
        coordinates: list[str] = []
        for index, value in enumerate(values.tolist()):
            y = _TALL - 18 - (_TALL - 28) * (value - low) / (high - low)
            if ladder and coordinates:
                coordinates.append(f"{_LEFT + step * index:.1f},{coordinates[-1].split(',')[1]}")
            coordinates.append(f"{_LEFT + step * index:.1f},{y:.1f}")
        return " ".join(coordinates)

    marks = [(of_variable(name, low), _TALL - 18), (of_variable(name, high), 10.0)]
    texts = "".join(f'<text x="{_LEFT - 4}" y="{y + 3}" text-anchor="end">{word}</text>' for word, y in marks)
    ends = (
        f'<text x="{_LEFT}" y="{_TALL - 4}">{month(consequence.dates[0])}</text>'
        f'<text x="{_WIDE - _EDGE}" y="{_TALL - 4}" text-anchor="end">{month(consequence.dates[-1])}</text>'
    )
    said = f"{name}: with your answer (thick) and with the rule's (dashed)"
    return (
        f'<svg viewBox="0 0 {_WIDE:.0f} {_TALL:.0f}" role="img" aria-label="{said}"><title>{said}</title>{texts}{ends}'
        f'<polyline class="rule" points="{points(rule)}"/><polyline class="own" points="{points(own)}"/></svg>'
        f"<p><small>{said}</small></p>"
    )


def room_html(story: Story, view: RoomView, *, clock: int | None) -> str:
    """Return the state of a room: the seats, the open questions, and the facts that all may see."""
    names = {code: escape(story.state_name(code)) for code, _ in view.seats}
    parts = [f"<h2>Room {view.code}</h2>"] if view.code else []
    if view.phase not in (PLAYING, OVER):
        taken = [names[code] + " (recorded)" * (code in view.recorded) for code, held in view.seats if held]
        parts.append(
            f"<p>Others enter the code <b>{view.code}</b> under <i>Play with others</i>, or open the address of this "
            f"page. Each has {clock} seconds for an answer; after that the built-in rule answers. Seats that nobody "
            f"takes are simulated.</p><p>Taken: {', '.join(taken) or 'none yet'}.</p>"
        )
    elif view.phase == PLAYING:
        parts += _playing(view, names)
    if view.code and view.phase == PLAYING:
        parts += _seen(view, names)
    return "".join(parts)


def _playing(view: RoomView, names: dict[str, str]) -> Iterator[str]:
    waiting = [names[code] for code in view.asked if code not in view.answered]
    if view.turn is not None:
        return
    if view.mine in view.answered:
        yield f"<p>You have answered. Waiting for {', '.join(waiting)}.</p>"
    elif not view.mine and waiting:
        yield f"<p>You watch. To answer: {', '.join(waiting)}.</p>"
    else:
        yield "<p>The run goes on\N{HORIZONTAL ELLIPSIS}</p>"


def _seen(view: RoomView, names: dict[str, str]) -> Iterator[str]:
    """Yield what everybody in a room may see."""
    if view.answers:
        lines = "".join(f"<li>{_answer(answer, names)}</li>" for answer in reversed(view.answers[-MOST_LINES:]))
        yield f"<p>Answers so far, the latest first:</p><ul class='answers'>{lines}</ul>"
    if not view.mine:
        held = ", ".join(
            f"{names.get(code, escape(code))} {escape(posture)}" for code, posture in view.postures.items()
        )
        news = "".join(f"<li>{escape(line)}</li>" for line in reversed(view.news[-MOST_LINES:]))
        yield f"<p>Postures: {held}</p>" if held else ""
        yield f"<p>News, the latest first:</p><ul>{news}</ul>" if news else ""


def _answer(public: PublicAnswer, names: dict[str, str]) -> str:
    chose = f"<b>{escape(public.answer)}</b>" if public.answer else f"the rule decided ({escape(public.left)})"
    return f"{month(public.day)}, {names[public.state]}, {_matter(public, names)}: {chose}"


def clock_html(seconds: int, elapsed: float) -> str:
    """Return the clock of a turn: a bar that runs out."""
    return (
        f"<p>You have {seconds} seconds; then the built-in rule answers.</p><div class='clock'>"
        f"<i style='animation-duration: {seconds}s; animation-delay: -{elapsed:.1f}s'></i></div>"
    )


def debrief_html(story: Story, debrief: "Debrief", states: Sequence[str]) -> str:
    """Return the debrief of some seats: scores beside the rule's, and the answers that mattered most."""
    parts = [_seat(story, debrief.seats[state], state) for state in states]
    return f"<h2>The run is over (run {debrief.played.replicate})</h2>{''.join(parts)}"


def _seat(story: Story, seat: "SeatDebrief", state: str) -> str:
    mattered = "".join(
        f"<li>{month(point.decided.turn.date)}, {_matter(point.decided.turn, point.decided.turn.names)}: "
        f"<b>{escape(str(point.decided.answer))}</b> in place of {escape(point.decided.rule)} made "
        f"{signed_number(point.points, 1)} points</li>"
        for point in seat.mattered
    )
    most = (
        f"<p>The answers that mattered most:</p><ul class='mattered'>{mattered}</ul>"
        if mattered
        else "<p>No answer made a difference to the score.</p>"
    )
    return f"<h2>{escape(story.state_name(state))}</h2><p>The aim: {escape(seat.aim)}</p>{seat.scores_html()}{most}"
