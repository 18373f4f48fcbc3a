"""Figures of a story's screens as HTML and SVG, which need no script: who counts on whom, tests, worlds, the ladder."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Final

from sim.explorer.page.wording import setting_words
from sim.explorer.screens import PromiseTest, hero, record_of, trials_of
from sim.explorer.stored import StoredAnswer
from sim.explorer.story import Story
from sim.output.formatting import in_hundred, month, percent
from sim.plots.record import Spell
from sim.scenario.schema import StoryChange
from sim.words import POSTURE_MEANINGS, POSTURES

MOST_MEMBERS: Final = 9
_SHARES: Final = ((0.0, "nothing"), (0.35, "little"), (0.65, "about half"), (0.95, "most"), (1.0, "all"))

_ACROSS: Final = 25
"""Dots in a row of worlds."""

_NUDGE: Final = 1e-9

_LADDER: Final = (58, 8, 330, 26)
"""Left edge, top, right edge and height of a rung in the figure of the ladder."""


def pledge(story: Story) -> str:
    """Return a figure of the members around the state whose help they count on."""
    guarantor, about = story.cast.guarantor, hero(story)
    others = sorted(story.clients, key=lambda code: code != about)
    chips = [
        f'<li class="{"hero" if code == about else "other"}">{escape(story.state_name(code))}</li>'
        for code in others[:MOST_MEMBERS]
    ]
    more = len(others) - MOST_MEMBERS
    chips += [f"<li>and {more} more</li>"] if more > 0 else []
    alliance = story.scenario.treaties[story.cast.focus].name or story.cast.focus
    return (
        f'<figure class="pledge"><figcaption>{escape(alliance)}</figcaption>'
        f'<p class="{"hero " if guarantor == about else ""}guarantor">{escape(story.state_name(guarantor))}'
        f"<small>whose help the others count on</small></p><ul>{''.join(chips)}</ul></figure>"
    )


def answers(story: Story) -> str:
    """Return a figure of how much help came in each test of the promise; empty if none is on file."""
    trials = trials_of(story)
    if not trials:
        return ""
    rows = "".join(_trial(story, trial) for trial in trials)
    return (
        '<figure class="tests"><figcaption>Share of full help that came, as coded here</figcaption>'
        f"<ol>{rows}</ol></figure>"
    )


def _trial(story: Story, trial: PromiseTest) -> str:
    words = setting_words(trial.level) if trial.level else next(said for upto, said in _SHARES if trial.share <= upto)
    note, share = escape(trial.note) or escape(story.scenario.title), escape(percent(trial.share))
    return (
        f'<li><span class="what"><b>{month(trial.day)}</b> {note}</span>'
        f'<span class="bar" role="img" aria-label="{share} of full help">'
        f'<i style="width:{trial.share:.0%}"></i></span><span class="came">{escape(words)}, '
        f'<span class="share">{share}</span></span></li>'
    )


def worlds(change: StoryChange, answer: StoredAnswer, *, made: bool) -> str:
    """Return a figure of 100 worlds as dots without a story's change, and beside it with the change if it is made."""
    before, after = answer.before / answer.runs, answer.after / answer.runs
    blocks = _dots("without the change", before, "before") + (_dots("with the change", after, "after") if made else "")
    legend = f"A dot stands for {answer.runs // 100} of {answer.runs:,} runs of the model."
    caption = f"Filled: {escape(change.counted)}. {legend}"
    return f'<figure class="worlds"><div>{blocks}</div><figcaption>{caption}</figcaption></figure>'


def _dots(label: str, share: float, kind: str) -> str:
    count = escape(in_hundred(share))
    dots = "".join(
        f'<circle cx="{6 + 12 * (dot % _ACROSS)}" cy="{6 + 12 * (dot // _ACROSS)}" r="4.4"'
        f' class="{"hit" if dot + 0.5 <= 100 * share + _NUDGE else "missed"}"/>'
        for dot in range(100)
    )
    said = f"{count} of 100 worlds {label}"
    return (
        f'<div class="{kind}"><b>{count}</b> of 100 {label}'
        f'<svg viewBox="0 0 {12 * _ACROSS} {1200 // _ACROSS}" role="img" aria-label="{said}">{dots}</svg></div>'
    )


def ladder(story: Story) -> str:
    """Return a figure of the rungs on which the hero stood by the record; empty where nothing was observed."""
    spells = record_of(story)
    if not spells:
        return ""
    left, top, right, step = _LADDER
    first, last = story.cast.dates[0], spells[-1].last
    bottom = top + step * len(POSTURES)

    def x(day: date) -> float:
        return left + (right - left) * (day - first).days / max(1, (last - first).days)

    def y(posture: str) -> float:
        return bottom - step * (POSTURES.index(posture) + 0.5)

    rungs = "".join(
        f'<line x1="{left}" x2="{right}" y1="{y(name)}" y2="{y(name)}"/>'
        f'<text x="{left - 6}" y="{y(name) + 4}" class="rung">{name}</text>'
        for name in POSTURES
    )
    path = " ".join(
        f"{'L' if number else 'M'} {x(spell.first):.1f} {y(spell.posture)} L {x(spell.last):.1f} {y(spell.posture)}"
        for number, spell in enumerate(spells)
    )
    years = "".join(
        f'<line x1="{x(date(year, 1, 1)):.1f}" x2="{x(date(year, 1, 1)):.1f}" y1="{bottom - 3}" y2="{bottom + 2}"/>'
        f'<text x="{x(date(year, 1, 1)):.1f}" y="{bottom + 14}" class="year">{year}</text>'
        for year in _years(first, last)
    )
    name = story.state_name(hero(story))
    reached = [posture for posture in POSTURES if any(spell.posture == posture for spell in spells)]
    meanings = "; ".join(f"<b>{posture}</b>: {POSTURE_MEANINGS[posture].replace('; ', ', ')}" for posture in reached)
    return (
        f'<figure class="ladder"><figcaption>Where {escape(name)} stood; each step up leads further out of the '
        f"alliance. {meanings}</figcaption>"
        f'<svg viewBox="0 0 {right + 10} {bottom + 20}" role="img" aria-label="{escape(_in_words(name, spells))}">'
        f'{rungs}<path d="{path}"/>{years}</svg></figure>'
    )


def _years(first: date, last: date) -> Sequence[int]:
    years = range(first.year + (first > date(first.year, 1, 1)), last.year + 1)
    return years[:: max(1, -(-len(years) // 6))]


def _in_words(name: str, spells: Sequence[Spell]) -> str:
    return f"{name}: " + ", ".join(f"{spell.posture} from {month(spell.first)}" for spell in spells)
