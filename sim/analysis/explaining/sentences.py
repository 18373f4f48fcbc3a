"""Plain-language sentences about decisions and their reasons."""

from typing import TYPE_CHECKING, Final

from sim.analysis.explaining.names import SENT, BranchNames, call_in_words, day_in_words, month_in_words
from sim.analysis.explaining.replay import CourseStep, NewLine
from sim.engine.decisions import DIVERSIFY, NOTHING, PACT, PASSED, PATRONS, Option
from sim.engine.trajectory import CallRecord
from sim.output.formatting import percent, signed_number
from sim.words import CHOICES, POSTURES, RESPONSES

if TYPE_CHECKING:
    from sim.analysis.explaining.explanation import Explained, Force

FIRST: Final = 3
"""Causes that a summary names."""

WORDS_OF: Final = {"none": "nothing", "statement": "words", "mission": "a mission", "materiel": "materiel",
                   "forces": "forces"}  # fmt: skip


UNLIKELY: Final = 0.2
"""Chance below which an outcome is called unlikely."""

ON_OCCASION: Final = ("call", "response", "objection", "lapse")
"""Kinds of decision that an event asks for; all others come up at every tick."""


def when(explained: "Explained", names: BranchNames) -> str:
    """Return the date of the event that a decision is about, or the month if it is about none."""
    event = explained.decision.about
    if event in names.scenario.events:
        return day_in_words(names.day(event, explained.decision.date))
    return month_in_words(explained.decision.date)


def choice_in_words(explained: "Explained", names: BranchNames) -> str:
    """Describe the choice: ``Russia sent a mission after Azerbaijan attacked Armenia (Jermuk)``."""
    decision = explained.decision
    who, about = names.state(decision.state), names.happened(decision.about).split(":")[0]
    if decision.kind == "call":
        return f"{who} {'appealed for help' if decision.choice == 'appeal' else 'stayed silent'} after: {about}"
    if decision.kind == "response":
        return f"{who} {SENT[decision.choice]} after: {about}"
    if decision.kind == "objection":
        beyond = "" if decision.choice == RESPONSES[-1] else " and more"
        says = "let all help pass" if decision.choice == PASSED else f"objected to {decision.choice}{beyond}"
        return f"{who} {says} after: {about}"
    if decision.kind == "policy":
        return f"{who} {decision.choice}d {names.state(decision.about)}"
    if decision.kind == "attack":
        victim = names.by_index(decision.question.other)
        return f"{who} {'attacked' if decision.choice == 'attack' else 'did not attack'} {victim}"
    if decision.kind in PATRONS:
        patron = "" if decision.choice == NOTHING else names.state(decision.choice)
        return f"{who} {_towards_patron(decision.kind, patron)}"
    stopped = "; the guarantor's force stopped it" if decision.stopped else ""
    return f"{who} {_step(explained)} in {decision.about}{stopped}"


def chance_note(explained: "Explained", tick: str) -> str:
    """Return the chance of a choice in brackets, called luck where it is luck: ``(unlikely: 7 % in that month)``.

    Parameters
    ----------
    tick : str
        ``month`` or ``week``, the time between two decisions.
    """
    chance = percent(explained.decision.chance)
    if explained.by == "record":
        return f"(on record; chance by the rule: {chance})"
    if explained.by == "own rule":
        return f"(by a rule of its own; chance by the built-in rule: {chance})"
    often = "" if explained.decision.kind in ON_OCCASION else f" in that {tick}"
    return f"(unlikely: {chance}{often})" if explained.unlikely else f"(chance {chance}{often})"


def force_in_words(force: "Force", names: BranchNames) -> str:
    """Describe whether the guarantor's force stopped a step, with the chance and the draw."""
    who, chance = names.state(force.guarantor), percent(force.chance)
    if not force.stopped:
        return f"The force of {who} could have stopped the step (chance {chance}; the draw was {force.draw:.3f})."
    luck = "unlikely: " if force.chance < UNLIKELY else "chance "
    return f"The force of {who} stopped the step ({luck}{chance}; the draw was {force.draw:.3f})."


def course_in_words(step: CourseStep, names: BranchNames) -> str:
    """Describe a step of a state's course: ``'voice' in March 2022 (unlikely: 3 %)``."""
    did = f"'{step.choice}'"
    if step.kind == DIVERSIFY:
        did = f"arms from {names.state(step.choice)}"
    elif step.kind == PACT:
        did = f"a rival pact with {names.state(step.choice)}"
    notes = {"record": "on record", "notice": "the notice ran out"}
    note = notes.get(step.by, "")
    if step.chance is not None:
        luck = "unlikely: " if step.by == "rule" and step.chance < UNLIKELY else "chance "
        note = f"{'by a rule of its own; ' if step.by == 'own rule' else ''}{luck}{percent(step.chance)}"
    return f"{did} in {month_in_words(step.date)} ({note})"


def line_in_words(line: NewLine, names: BranchNames) -> str:
    """Describe a new line of a government, from the record or by chance."""
    moved = f"its line in {line.treaty} went from {signed_number(line.before)} to {signed_number(line.after)}"
    if line.event:
        day = day_in_words(names.day(line.event, line.date))
        return f"{day}: {moved}, on record: {names.happened(line.event)}."
    if line.chance is None or line.draw is None:
        return f"{month_in_words(line.date)}: {moved}."
    luck = "unlikely: " if line.chance < UNLIKELY else "chance "
    return (
        f"{month_in_words(line.date)}: a new government, by chance, after an election or a change of leader; {moved} "
        f"({luck}{percent(line.chance)}; the draw was {line.draw:.3f})."
    )


def _towards_patron(kind: str, patron: str) -> str:
    if kind == "pact":
        return f"concluded a rival pact with {patron}" if patron else "concluded no rival pact"
    return f"began to diversify, with arms from {patron}" if patron else "did not begin to diversify"


def _step(explained: "Explained") -> str:
    decision = explained.decision
    rung = decision.options[0].name if decision.kind == "posture" else ""
    if decision.kind == "lapse":
        return "let the treaty lapse" if decision.choice == "out" else "renewed the treaty"
    if decision.kind == "return":
        return "came back" if decision.choice == "loyal" else "stayed out"
    if decision.choice == rung:
        return f"stayed at '{rung}'"
    way = "up" if POSTURES.index(decision.choice) > POSTURES.index(rung) else "down"
    tried, did = ("jump", "jumped") if explained.jump is not None else ("step", "stepped")
    return f"{f'tried to {tried}' if decision.stopped else did} {way} from '{rung}' to '{decision.choice}'"


def chances_in_words(explained: "Explained") -> str:
    """Describe the chance of each alternative under the rule, and the effect of the random draw."""
    decision, runner_up = explained.decision, explained.runner_up
    listed = ", ".join(f"{_named(explained, option.name)} {percent(option.chance)}" for option in decision.options)
    said = f"By the rule the chances were: {listed}."
    if explained.by == "record":
        said += f" On record: the file fixes the choice, whose chance by the rule was {percent(decision.chance)}"
        if decision.number is None:
            return f"{said}."
        alone = (
            f"it would have been {_named(explained, explained.rule_choice)} in this run (draw {decision.number:.3f})"
        )
        return f"{said}; left to itself {alone}."
    if explained.by == "own rule":
        said += " An agent with a rule of its own chose"
        return (
            f"{said}."
            if decision.number is None
            else f"{said}; the built-in rule gives {_named(explained, explained.rule_choice)}."
        )
    if runner_up is not None:
        said += f" Runner-up: {_named(explained, runner_up.name)}."
    if explained.unlikely:
        said += f" What was chosen was unlikely: {percent(decision.chance)}."
    if decision.draw is not None:
        said += f" The draw was {decision.draw:.3f}{_turned_draw(explained)}."
    if explained.jump is not None:
        share = percent(explained.jump.share)
        said += f" The step covers {explained.jump.rungs} rungs: {share} of such steps cover as many or more."
    if explained.due is not None and not explained.due:
        said += " No review was due: whatever the pressure, this draw leaves the posture as it is."
    return said


def option_name(explained: "Explained", option: Option) -> str:
    """Return the label of an alternative; terms of ordered choices belong to a step between two levels."""
    kind, name = explained.decision.kind, option.name
    if kind == "response":
        return WORDS_OF[name]
    if kind == "objection":
        return name if name == PASSED else f"object to {name}"
    if kind == "posture":
        stays = option is explained.decision.options[0]
        return f"pressure at {name}" if stays else f"{'down' if 'hysteresis' in option.terms else 'up'} to {name}"
    return name


def _named(explained: "Explained", option: str) -> str:
    if explained.decision.kind == "objection":
        return option if option == PASSED else f"objection from {option} on"
    return WORDS_OF[option] if explained.decision.kind == "response" else f"'{option}'"


def _turned_draw(explained: "Explained") -> str:
    at = next((flip for flip in explained.flips if flip.key == "draw"), None)
    return "" if at is None else f"; at {at.at:.3f} it would have been {_named(explained, at.choice)}"


def flips_in_words(explained: "Explained", *, parameters: bool) -> list[str]:
    """Return a line for each flip point except that of the random draw, the nearest first.

    Parameters
    ----------
    parameters : bool
        Parameters of the model, or what is read of the world.
    """
    return [
        f"{flip.words.removeprefix('parameter: ')}: {_number(flip.at)} instead of {_number(flip.now)} ({flip.unit}) "
        f"makes it {_named(explained, flip.choice)}"
        for flip in explained.flips
        if flip.key != "draw" and flip.key.startswith("parameters.") is parameters
    ]


def _number(value: float) -> str:
    return f"{value:.3g}" if 0.0 < abs(value) < 0.1 else f"{value:.2f}"


def reasons(explained: "Explained", names: BranchNames) -> str:
    """Describe the strongest reasons: against more help than was chosen, for or against a step or an appeal."""
    decision = explained.decision
    if decision.kind == "response":
        return _against_forces(explained, names)
    weighed = [option for option in decision.options if option.terms]
    if not weighed:
        return ""
    chosen = [option for option in weighed if option.name == explained.decision.chosen]
    main = chosen[0] if chosen and decision.kind != "posture" else weighed[0]
    strongest = sorted(main.terms.items(), key=lambda term: -abs(term[1]))[:FIRST]
    listed = "; ".join(f"{explained.words[main.name][name]} ({signed_number(value)})" for name, value in strongest)
    if decision.kind == "posture":
        pressure = f"{signed_number(main.utility)}{_thresholds(weighed[1:])}"
        return f"Pressure upwards was {pressure}. What weighed most: {listed}."
    subject = {"call": "an appeal", "objection": "an objection"}.get(decision.kind, f"'{main.name}'")
    return f"All in all {signed_number(main.utility)} for {subject}. What weighed most: {listed}."


def _thresholds(steps: list[Option]) -> str:
    said = []
    for step in steps:
        down = "hysteresis" in step.terms
        pressure = step.terms["pressure"]
        bar = step.utility - pressure if down else pressure - step.utility
        said.append(f"{'below' if down else 'above'} {signed_number(bar)} favours '{step.name}'")
    return f" ({'; '.join(said)})" if said else ""


def _against_forces(explained: "Explained", names: BranchNames) -> str:
    """Compare sending forces with the chosen response or, if forces were sent, with no help."""
    options = {option.name: option for option in explained.decision.options}
    most = options["forces"]
    other = options["none" if explained.decision.choice == "forces" else explained.decision.choice]
    gap = {term: most.terms[term] - other.terms[term] for term in most.terms}
    against = sorted((item for item in gap.items() if item[1] < 0), key=lambda item: item[1])
    favour = sorted((item for item in gap.items() if item[1] > 0), key=lambda item: -item[1])
    words, who = explained.words["forces"], names.state(explained.decision.state)
    gain = signed_number(most.utility - other.utility)
    said = f"Forces in place of {WORDS_OF[other.name]} would have been worth {gain} to {who}."
    if against:
        said += f" Against: {_listed(against, words)}."
    if favour:
        said += f" In favour: {_listed(favour, words)}."
    return said


def _listed(items: list[tuple[str, float]], words: dict[str, str]) -> str:
    return "; ".join(f"{words[name]} ({signed_number(value)})" for name, value in items[: FIRST + 1])


def unasked_in_words(call: CallRecord, state: str, names: BranchNames) -> str:
    """State that an ally had no request to respond to, because the victim did not appeal."""
    day = day_in_words(names.day(call.event, call.date))
    return (
        f"{day}: nobody asked {names.state(state)} for help after: {names.happened(call.event)}. "
        f"{call_in_words(names, call)}; ask why with --state {call.victim}."
    )


def delivered_in_words(explained: "Explained", names: BranchNames) -> str:
    """Describe what became of a decision to help: what was delivered, what members blocked, and what was offered."""
    answer = explained.answer
    if answer is None:
        return ""
    said = ""
    if answer.vetoed:
        objectors = tuple(objection.state for objection in explained.objections if objection.choice != PASSED)
        said = f"Held back by objections of {names.states(objectors)}: {WORDS_OF[RESPONSES[answer.level]]} came."
    if answer.offered >= 0:
        said += f" Offered and not delivered: {WORDS_OF[RESPONSES[answer.offered]]}."
    return said.strip()


def idle_in_words(idle: "list[Explained]", names: BranchNames, tick: str) -> list[str]:
    """Return a line for each decision not to act, with its chance and the chances of acting."""
    acts = {
        "attack": ("attack",), "pact": (PACT,), "diversify": (DIVERSIFY,), "policy": CHOICES[1:], "return": ("loyal",),
    }  # fmt: skip
    lines = []
    for explained in idle:
        likely = [option for option in explained.decision.options if option.name in acts[explained.decision.kind]]
        chances = ", ".join(f"{option.name} {percent(option.chance)}" for option in likely)
        treaty = f" ({explained.decision.about})" if explained.decision.kind in ("return", *PATRONS) else ""
        note = chance_note(explained, tick)
        lines.append(
            f"{when(explained, names)}: {choice_in_words(explained, names)}{treaty} {note}; chance of {chances}."
        )
    return lines
