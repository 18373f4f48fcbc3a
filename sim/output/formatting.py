"""Numbers, dates and names as text: in tables, figures, reports, explanations and the explorer."""

import math
import re
from datetime import date
from typing import Final

from sim.model.base_event import BaseEvent
from sim.output.measuring import Kind
from sim.scenario.schema import Scenario

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_NUDGE: Final = 1e-9
_PLACES: Final[dict[Kind, int]] = {"chance": 0, "date": 1, "number": 2}
_MORE: Final = (3, 4, 5, 6)
"""Decimals of the ends of an interval that fewer do not tell apart."""
_SMALL: Final = 0.005
_CLOSE: Final = re.compile(r"(?<=\d)%")
_UNITS: Final[dict[Kind, str]] = {"chance": " points", "date": " months", "number": ""}


def shown(value: float, places: int = 0) -> str:
    """Return a number as text with a given number of decimals; halves are rounded away from zero.

    Examples
    --------
    >>> shown(0.415, 2), shown(46.5), shown(-0.001, 2)
    ('0.42', '47', '0.00')
    """
    text = f"{abs(value) + _NUDGE:.{places}f}"
    return f"-{text}" if value < 0 and float(text) else text


def decimals(value: float | None, places: int = 3, *, sign: str = "", missing: str = "-") -> str:
    """Return a number with a fixed number of decimals, or ``missing`` for None and NaN.

    Examples
    --------
    >>> decimals(0.25), decimals(-0.25, 2, sign="+"), decimals(math.nan)
    ('0.250', '-0.25', '-')
    """
    return missing if value is None or math.isnan(value) else f"{value:{sign}.{places}f}"


def share(value: float) -> str:
    """Return a share with two decimals, never rounded up to 1 or down to 0.

    Examples
    --------
    >>> share(0.914), share(0.995), share(0.0004), share(1.0)
    ('0.91', '>0.99', '<0.01', '1')
    """
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    if value >= 0.995:
        return ">0.99"
    return "<0.01" if 0 < value < 0.005 else shown(value, 2)


def interval(low: float, high: float, signed: bool = False) -> str:
    """Return an interval such as ``0.87 to 0.95``."""
    form = signed_number if signed else share
    return f"{form(low)} to {form(high)}"


def signed_number(value: float, places: int = 2) -> str:
    """Return a number with its sign, a true minus sign, and a given number of decimals; zero has no sign.

    Examples
    --------
    >>> signed_number(0.075), signed_number(-0.001), signed_number(8.54, 1)
    ('+0.08', '0.00', '+8.5')
    """
    text = shown(abs(value), places)
    if float(text) == 0:
        return text
    return ("\N{MINUS SIGN}" if value < 0 else "+") + text


def signed_digits(value: float, digits: int = 3) -> str:
    """Return a number with its sign and the given number of digits; sizes below 0.00005 become 0.

    Examples
    --------
    >>> signed_digits(0.04567), signed_digits(0.04567, 2), signed_digits(0.00001)
    ('+0.0457', '+0.046', '0')
    """
    return f"{value:+.{digits}g}".replace("-", "\N{MINUS SIGN}") if abs(value) >= 0.00005 else "0"


def percent(share: float, places: int = 0) -> str:
    """Return a share in percent, never rounded up to 100 or down to 0; with decimals where it is an exact figure.

    Examples
    --------
    >>> percent(0.914), percent(0.995), percent(0.0004), percent(1.0), percent(0.9981, 2)
    ('91 %', '>99 %', '<1 %', '100 %', '99.81 %')
    """
    return f"{shown(100 * share, places) if places else in_hundred(share)} %"


def percents(low: float, high: float) -> str:
    """Return an interval of shares in percent.

    Examples
    --------
    >>> percents(0.0, 0.004), percents(0.75, 0.84)
    ('0 to <1 %', '75 to 84 %')
    """
    return f"{in_hundred(low)} to {percent(high)}"


def in_hundred(share: float) -> str:
    """Return a share as a count of 100, never rounded up to 100 or down to 0.

    Examples
    --------
    >>> in_hundred(0.125), in_hundred(0.0004)
    ('13', '<1')
    """
    if 0 < share < 0.005:
        return "<1"
    if 0.995 <= share < 1:
        return ">99"
    return shown(100 * share)


def space_percent_signs(text: str) -> str:
    """Return a text with a blank between each number and its percent sign.

    Examples
    --------
    >>> space_percent_signs("forces tied down elsewhere: 80% of them")
    'forces tied down elsewhere: 80 % of them'
    """
    return _CLOSE.sub(" %", text)


def points(difference: float) -> str:
    """Return the size of a difference between chances in percentage points.

    Examples
    --------
    >>> points(-0.424), points(0.01), points(0.002)
    ('42 percentage points', '1 percentage point', 'less than 1 percentage point')
    """
    size = abs(100 * difference)
    if 0 < size < 0.5:
        return "less than 1 percentage point"
    return f"{shown(size)} percentage point{'s' * (shown(size) != '1')}"


def amount(value: float, kind: Kind) -> str:
    """Return a difference with sign and unit: percentage points for chances, months for dates.

    Examples
    --------
    >>> amount(0.42, "chance"), amount(8.54, "date"), amount(0.07, "number"), amount(0.0027, "number")
    ('+42 points', '+8.5 months', '+0.07', '+0.003')
    >>> amount(0.01, "chance"), amount(0.0027, "chance"), amount(0.0, "chance")
    ('+1 point', '+0.3 points', '0 points')
    """
    text = f"{_signed(value, kind)}{_UNITS[kind]}"
    return text.removesuffix("s") if text[1:] == "1 points" else text


def amounts(low: float, high: float, kind: Kind) -> str:
    """Return the interval of a difference as text, with its unit at its end.

    Examples
    --------
    >>> amounts(0.36, 0.48, "chance"), amounts(0.0951, 0.1004, "number")
    ('+36 to +48 points', '+0.095 to +0.100')
    """
    if kind == "number" and low != high and _signed(low, kind) == _signed(high, kind):
        places = next((more for more in _MORE if signed_number(low, more) != signed_number(high, more)), _MORE[-1])
        return f"{signed_number(low, places)} to {signed_number(high, places)}"
    return f"{_signed(low, kind)} to {_signed(high, kind)}{_UNITS[kind]}"


def amount_within(value: float, low: float, high: float, kind: Kind) -> str:
    """Return a difference with its interval in brackets, the unit named once.

    Examples
    --------
    >>> amount_within(0.42, 0.36, 0.48, "chance"), amount_within(0.07, 0.01, 0.15, "number")
    ('+42 points (+36 to +48)', '+0.07 (+0.01 to +0.15)')
    """
    return f"{amount(value, kind)} ({amounts(low, high, kind).removesuffix(_UNITS[kind])})"


def _signed(value: float, kind: Kind) -> str:
    size = 100 * value if kind == "chance" else value
    if kind != "date" and 0 < abs(value) < _SMALL:
        return signed_digits(size, 1)
    return signed_number(size, _PLACES[kind])


def about(count: float) -> str:
    """Return a count rounded up to two significant digits.

    Examples
    --------
    >>> about(1234), about(41.2)
    ('1,300', '42')
    """
    unit = 10 ** max(0, math.floor(math.log10(max(count, 1))) - 1)
    return f"{math.ceil(count / unit) * unit:,}"


def plural(count: int, noun: str) -> str:
    """Return a number of things.

    Examples
    --------
    >>> plural(1, "event"), plural(2, "event"), plural(0, "run")
    ('1 event', '2 events', '0 runs')
    """
    return f"{count} {noun}{'s' * (count != 1)}"


def possessive(name: str) -> str:
    """Return a name with the ending of the possessive, an apostrophe alone after a plural in s.

    Examples
    --------
    >>> possessive("Armenia"), possessive("the Philippines")
    ("Armenia's", "the Philippines'")
    """
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def short_month(number: int) -> str:
    """Return the short name of a month, such as ``Dec`` for 12."""
    return MONTHS[number - 1][:3]


def month(day: date) -> str:
    """Return a month in words, such as ``Dec 2024``."""
    return f"{short_month(day.month)} {day.year}"


def day_in_words(day: date) -> str:
    """Return a day in words, such as ``13 Sep 2022``."""
    return f"{day.day} {month(day)}"


def period(first: date, last: date) -> str:
    """Return a span of years, such as ``2020-26``, with an en dash."""
    if first.year == last.year:
        return str(first.year)
    end = str(last.year) if last.year // 100 != first.year // 100 else f"{last.year % 100:02d}"
    return f"{first.year}\N{EN DASH}{end}"


def state_name(scenario: Scenario, code: str) -> str:
    """Return a state's full name, or its code if the scenario gives none."""
    state = scenario.states.get(code)
    return state.name if state is not None and state.name else code


_WITH_ARTICLE: Final = re.compile(
    r"(?!the )(?:Bahamas|Central African Republic|Comoros|Czech Republic|Dominican Republic|European Union|Gambia"
    r"|Holy See|Maldives|Netherlands|Philippines|Soviet Union|USSR|United (?:Arab (?:Emirates|Republic)|Kingdom|States)"
    r"|(?:Cook|Marshall|Solomon) Islands|(?:.* )?(?:Empire|Republic of (?:the )?(?:China|Congo|Korea)))(?: itself)?"
)
"""Names of states that take the definite article in a sentence."""

_JOINED: Final = re.compile(r"( and |, | \()")


def in_sentence(name: str) -> str:
    """Return a state's name for use in a sentence, with the definite article if it takes one; lists of names, too.

    Examples
    --------
    >>> in_sentence("United States"), in_sentence("Serbia and the Ottoman Empire"), in_sentence("Armenia")
    ('the United States', 'Serbia and the Ottoman Empire', 'Armenia')
    """
    parts = _JOINED.split(re.sub(r"^The\b", "the", name))
    return "".join(f"the {part}" if _WITH_ARTICLE.fullmatch(part) else part for part in parts)


def state_in_sentence(scenario: Scenario, code: str) -> str:
    """Return a state's name in a scenario for use in a sentence (`in_sentence`)."""
    return in_sentence(state_name(scenario, code))


def event_in_words(event: BaseEvent, scenario: Scenario, words: str | None = None) -> str:
    """Return the kind of an event and the states concerned, in a few words.

    Parameters
    ----------
    event : BaseEvent
        An event of the scenario.
    scenario : Scenario
        The source of the names of states.
    words : str, optional
        A sentence with keys of the event in braces; default: that of its kind.
    """
    given = {key: getattr(event, key) for key in type(event).model_fields}
    codes = {
        key: state_in_sentence(scenario, code)
        for key, code in given.items()
        if code is not None and key in ("state", "victim", "aggressor", "target", "as_")
    }
    text = (event.words() if words is None else words).format(**(given | codes))
    return space_percent_signs(text.removeprefix("the "))


def branch_title(scenario: Scenario, branch: str) -> str:
    """Return a branch's title, or its key with spaces for dashes."""
    given = scenario.branches.get(branch)
    return given.title if given is not None and given.title else branch.replace("-", " ")


def sentence(text: str) -> str:
    """Return a text with a capital letter in front.

    Examples
    --------
    >>> sentence("chance of help")
    'Chance of help'
    """
    return text[:1].upper() + text[1:]


def in_quotes(text: str) -> str:
    """Return a text in quotation marks, for use in a sentence."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"
