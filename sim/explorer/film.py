"""One run as a film: the run nearest the median course, with every call, answer and step, and the ensemble."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.explaining.typical import nearest_median
from sim.engine.decisions import NOTHING, Decision
from sim.engine.trajectory import CallRecord, ResponseRecord, Trajectory
from sim.explorer.choices import Choices
from sim.explorer.ensembles import parameter_sets
from sim.explorer.story import Story
from sim.explorer.views import QUANTILES, Floats, Ints
from sim.machine import processors
from sim.model.events.promise import Promise
from sim.model.parameters import Parameters
from sim.output.formatting import day_in_words, event_in_words, percent, sentence
from sim.output.quantiles import date_quantiles
from sim.words import CHOICES, LOYAL, MISSION, NOTIFY, OUT, POSTURE_MEANINGS, POSTURES, RESPONSES

if TYPE_CHECKING:
    from sim.engine.model import EngineModel

ATTACK, PROMISE, STEP, POLICY = "attack", "promise", "step", "policy"
"""Kinds of captions; an attack or crisis has its call and its answers in one caption."""

_SENDS: Final = dict(
    zip(RESPONSES, ("nothing", "a statement", "a mission", "arms and money", "forces"), strict=True)
)  # fmt: skip
_DOES: Final = {"ignore": "lets {client} be", "reassure": "courts {client}", "coerce": "presses {client}"}


@dataclass(frozen=True)
class FilmCaption:
    """What happens at one place of a film.

    Attributes
    ----------
    place : int
        On the time axis.
    kind : str
    text : str
        With the chance of each choice under the built-in rule.
    lines : tuple of str
        Further lines: the call of an attack or crisis, and the answers to it.
    arrows : tuple of (str, str, str)
        From whom, to whom, and ``attack`` or the level of help.
    """

    place: int
    kind: str
    text: str
    lines: tuple[str, ...] = ()
    arrows: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Film:
    """One run, month by month, and the ensemble from which it was taken.

    Attributes
    ----------
    replicate, runs : int
        Which of how many runs.
    away : float
        Mean distance of the members' trust from the median.
    on_median : float
        Share of the members' dates at which the posture is the median one.
    trajectory : Trajectory
        Every variable of the run at every date.
    trust, posture : arrays (T, C)
        Of the clients: trust in the guarantor, and rank of the posture, -1 where a client is no member.
    trust_bands, posture_bands : arrays (Q, T, C)
        Quantiles of the ensemble (`sim.explorer.views.QUANTILES`).
    captions : tuple of FilmCaption
        In the order of time.
    """

    replicate: int
    runs: int
    away: float
    on_median: float
    trajectory: Trajectory
    trust: Floats
    posture: Ints
    trust_bands: Floats
    posture_bands: Floats
    captions: tuple[FilmCaption, ...]


def make_film(story: Story, choices: Choices) -> Film:
    """Return the run of an ensemble that is nearest its median course, with all decisions.

    The course is trust in the guarantor and posture of all clients at every date, as for ``csto-sim explain``.
    """
    from sim.engine.model import EngineModel  # noqa: PLC0415 - Mesa takes a second, and no page waits for it

    program, numbers = story.program(choices), np.arange(choices.replicates)
    sets = parameter_sets(program.setup, choices, numbers)
    values = program.run(choices.seed, numbers, sets, threads=processors()).values
    trusted = [story.pairs.index((client, story.cast.guarantor)) for client in story.clients]
    rungs = slice(len(story.pairs), len(story.pairs) + len(story.clients))
    trust, posture = values[:, :, trusted], values[:, :, rungs]
    chosen = nearest_median(trust, posture)
    median = np.median(posture, axis=0)
    model = EngineModel(
        program.setup, seed=choices.seed, replicate=chosen, parameters=Parameters(*sets[chosen].tolist())
    )
    trajectory = model.run()
    return Film(
        replicate=chosen,
        runs=choices.replicates,
        away=float(np.nanmean(np.abs(trust[chosen] - np.median(trust, axis=0)))),
        on_median=float((posture[chosen] == median).mean()),
        trajectory=trajectory,
        trust=trust[chosen],
        posture=posture[chosen].astype(np.int64),
        trust_bands=date_quantiles(trust, QUANTILES),
        posture_bands=date_quantiles(np.where(posture < LOYAL, np.nan, posture), QUANTILES),
        captions=tuple(sorted(_Teller(story, model, trajectory).captions(), key=lambda caption: caption.place)),
    )


class _Teller:
    """Puts the events and decisions of a run into words."""

    def __init__(self, story: Story, model: "EngineModel", trajectory: Trajectory) -> None:
        self._story, self._calls = story, trajectory.calls
        self._setup, self._decisions = model.setup, model.decisions
        self._ranks: NDArray[np.int64] = trajectory.values["posture"][:, :, model.focus_index]

    def captions(self) -> Iterator[FilmCaption]:
        """Yield all captions."""
        answered = {
            (decision.about, decision.state): decision for decision in self._decisions if decision.kind == "response"
        }
        called = {decision.about: decision for decision in self._decisions if decision.kind == "call"}
        for call in self._calls:
            yield self._call(call, called.get(call.event), answered)
        yield from self._promises()
        yield from self._steps()
        yield from self._policies()

    def _promises(self) -> Iterator[FilmCaption]:
        """Yield the promises that were kept or broken where nobody was attacked."""
        scenario = self._setup.scenario
        for event in scenario.events.values():
            if isinstance(event, Promise) and event.owed > 0 and event.only_if is None:
                note = f": {event.note}" if event.note else ""
                text = f"{day_in_words(event.date)}: {event_in_words(event, scenario)}{note}"
                line = f"{sentence(self._story.in_text(event.state))} gives {percent(event.given)} of what it owed"
                yield FilmCaption(self._place_of(event.date), PROMISE, text, (line,))

    def _call(
        self, call: CallRecord, called: Decision | None, answered: dict[tuple[str, str], Decision]
    ) -> FilmCaption:
        event = self._story.scenario.events.get(call.event)
        name = self._story.in_text(call.victim)
        what = f"{self._story.in_text(call.aggressor)} attacks {name}" if call.aggressor else f"Crisis in {name}"
        note = f": {event.note}" if event is not None and event.note else ""
        lines = [f"{sentence(name)} {'appeals' if call.made else 'asks for no help'}{_odds(called)}"]
        arrows = [(call.aggressor, call.victim, ATTACK)] if call.aggressor else []
        for answer in call.responses:
            if answer.spoken:
                lines.append(self._answer(answer, answered.get((call.event, answer.ally))))
            if answer.spoken and answer.level >= MISSION:
                arrows.append((answer.ally, call.victim, RESPONSES[answer.level]))
        text = f"{day_in_words(call.date)}: {what}{note}"
        return FilmCaption(self._place_of(call.date), ATTACK, text, tuple(lines), tuple(arrows))

    def _answer(self, answer: ResponseRecord, decision: Decision | None) -> str:
        held = f" (an objection held back {_SENDS[RESPONSES[answer.choice]]})" if answer.vetoed else ""
        return f"{self._story.state_name(answer.ally)}: {_SENDS[RESPONSES[answer.level]]}{_odds(decision)}{held}"

    def _steps(self) -> Iterator[FilmCaption]:
        """Yield every change of a client's posture and every turn to a patron, and who decided it."""
        focus = self._story.cast.focus
        decided: set[tuple[str, int]] = set()
        for decision in self._decisions:
            if decision.state not in self._story.clients or decision.about != focus:
                continue
            index = self._place_of(decision.date)
            name = sentence(self._story.in_text(decision.state))
            if decision.kind in ("posture", "lapse", "return"):
                before = int(self._ranks[index - 1, self._setup.codes.index(decision.state)])
                if decision.choice == POSTURES[before]:
                    continue
                moves = f"{decision.choice} ({POSTURE_MEANINGS[decision.choice]})"
                if decision.stopped:
                    guarantor = self._story.in_text(self._story.cast.guarantor)
                    text = f"{name} would move to {moves}, and the forces of {guarantor} on its soil stop it"
                else:
                    decided.add((decision.state, index))
                    text = f"{name} moves to {moves}"
                yield FilmCaption(index, STEP, f"{text}{_odds(decision)}")
            elif decision.kind in ("pact", "diversify") and decision.choice != NOTHING:
                does = "concludes a rival pact with" if decision.kind == "pact" else "turns for arms and trade to"
                yield FilmCaption(index, STEP, f"{name} {does} {self._story.in_text(decision.choice)}{_odds(decision)}")
        yield from self._undecided(decided)

    def _undecided(self, decided: set[tuple[str, int]]) -> Iterator[FilmCaption]:
        """Yield the changes of a posture that nobody decided."""
        for code in self._story.clients:
            ranks = self._ranks[:, self._setup.codes.index(code)].tolist()
            for index, (before, now) in enumerate(pairwise(ranks), start=1):
                if before == now or now < LOYAL or (code, index) in decided:
                    continue
                why = "its notice has run out" if (before, now) == (NOTIFY, OUT) else "on record"
                yield FilmCaption(index, STEP, f"{sentence(self._story.in_text(code))} is at {POSTURES[now]} ({why})")

    def _policies(self) -> Iterator[FilmCaption]:
        """Yield the changes of the guarantor's policy towards each client."""
        held: dict[str, str] = {}
        for decision in self._decisions:
            if decision.kind != "policy" or decision.state != self._story.cast.guarantor:
                continue
            client = self._setup.codes[decision.question.other]
            if decision.choice != held.get(client, CHOICES[0]):
                does = _DOES[decision.choice].format(client=self._story.in_text(client))
                text = f"{sentence(self._story.in_text(decision.state))} {does}{_odds(decision)}"
                yield FilmCaption(self._place_of(decision.date), POLICY, text)
            held[client] = decision.choice

    def _place_of(self, day: object) -> int:
        """Return the place on the time axis at which the tick of a day ends."""
        tick = self._setup.calendar.tick(day)  # type: ignore[arg-type]
        return 0 if tick is None else tick + 1


def _odds(decision: Decision | None) -> str:
    """Return the chance of a choice under the built-in rule in brackets, and whether the record fixed it."""
    if decision is None:
        return ""
    chance = percent(decision.chance)
    return f" (on record; the model gave it {chance})" if decision.fixed else f" (chance {chance})"
