"""Chance that each member froze its membership or left, as a table of bars and as a sentence."""

from html import escape

from sim.explorer.shown import Shown
from sim.explorer.views import change
from sim.output import formatting


def headline(shown: Shown) -> str:
    """Return the headline of the page as a sentence (HTML)."""
    story, choices = shown.story, shown.page.choices
    name, title = story.in_text(shown.state), story.branch_title(choices.branch)
    chance, low, high = shown.view.chance(shown.place, shown.client)
    under = story.explanation_title(choices)
    title += f", under {under}" if under else ""
    changed = " (with your changes)" if choices.changed else ""
    text = (
        f"<b>{escape(title)}</b>{changed}: {escape(name)} has frozen its {escape(story.cast.focus)} membership "
        f"or left by {shown.month} in <b>{percent(chance)}</b> of {shown.view.runs:,} simulated runs "
        f"<small>({escape(formatting.percents(low, high))})</small>"
    )
    if shown.other is None or shown.same:
        return text + "."
    difference = change(shown.view, shown.other, shown.place, shown.client)
    word = "more" if difference.mean > 0 else "less"
    comparison = f"<b>{formatting.points(difference.mean)} {word}</b> than" if difference.mean else "just as in"
    spread = formatting.amounts(difference.low, difference.high, "chance")
    return f"{text}, {comparison} {escape(shown.against)} <small>({spread})</small>."


def table(shown: Shown) -> str:
    """Return the chances of all members as an HTML table."""
    rows = "".join(_row(shown, client, code) for client, code in enumerate(shown.story.clients))
    against = "" if shown.other is None or shown.same else f"<th>change against {escape(shown.against)}</th>"
    return (
        '<table class="chances"><caption>Has frozen its membership or left by '
        f"{shown.month}: share of {shown.view.runs:,} runs, with 90 % intervals</caption>"
        f'<thead><tr><th>member</th><td class="bar"></td><th>chance</th>{against}<th>on record</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(shown: Shown, client: int, code: str) -> str:
    chance, low, high = shown.view.chance(shown.place, client)
    mark = ""
    cell = ""
    if shown.other is not None and not shown.same:
        before, _, _ = shown.other.chance(shown.place, client)
        mark = f'<i class="other" style="left:{before:.1%}" title="{escape(shown.against)}: {percent(before)}"></i>'
        difference = change(shown.view, shown.other, shown.place, client)
        spread = formatting.amounts(difference.low, difference.high, "chance")
        cell = f"<td>{formatting.amount(difference.mean, 'chance')} <small>({spread})</small></td>"
    seen = shown.story.recorded_at(code, shown.place)
    looked = ' class="looked-at"' if code == shown.state else ""
    bar = (
        f'<span class="track"><span class="fill" style="width:{chance:.1%}"></span>'
        f'<span class="whisker" style="left:{low:.1%};width:{high - low:.1%}"></span>{mark}</span>'
    )
    return (
        f'<tr{looked}><td>{escape(shown.story.state_name(code))}</td><td class="bar">{bar}</td>'
        f"<td><b>{percent(chance)}</b> <small>({escape(formatting.percents(low, high))})</small></td>{cell}"
        f"<td>{seen}</td></tr>"
    )


def percent(share: float) -> str:
    """Return a share in percent as HTML.

    Examples
    --------
    >>> percent(0.381), percent(0.0004)
    ('38 %', '&lt;1 %')
    """
    return escape(formatting.percent(share))
