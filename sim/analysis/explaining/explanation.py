"""Explanation of a state's decisions around a date: the choices, their reasons, and what would have changed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.analysis.explaining.data import as_data
from sim.analysis.explaining.duties import Duty
from sim.analysis.explaining.flips import Flip
from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.render import html, text
from sim.analysis.explaining.replay import CourseStep, Move, NewLine
from sim.analysis.explaining.sentences import UNLIKELY
from sim.engine.decisions import Decision, Option
from sim.engine.trajectory import CallRecord, ResponseRecord
from sim.rules.reliability import interest_felt

if TYPE_CHECKING:
    from sim.plots.style import Sheet


@dataclass(frozen=True)
class Learned:
    """Change in one observer's trust in an ally after the ally's response."""

    observer: str
    move: Move


@dataclass(frozen=True)
class Force:
    """Whether the guarantor's force stopped a step, its chance, and the random number that settled it."""

    guarantor: str
    chance: float
    draw: float
    stopped: bool


@dataclass(frozen=True)
class Jump:
    """Number of rungs that a step covered at once, and the share of such steps that cover as many or more."""

    rungs: int
    share: float


@dataclass(frozen=True)
class Explained:
    """Explanation of a single decision.

    Attributes
    ----------
    decision : Decision
        As the engine took it.
    by : str
        Who chose: ``record``, ``rule`` (the built-in one) or ``own rule`` (a custom agent).
    rule_choice : str
        What the built-in rule chooses at the decision's random number.
    steps : bool
        Whether it is a step on the state's course.
    earlier : bool
        Whether it is the last step before the explained period.
    words : dict
        Description of each term of each alternative, by name of the alternative and of the term.
    force : Force, optional
        Where the guarantor's force could stop the step.
    jump : Jump, optional
        Where the step that the built-in rule chose covers several rungs.
    due : bool, optional
        Whether a review could have moved the posture at its draw, whatever the pressure; None for other kinds.
    flips : tuple of Flip
        Of the built-in rule's choice.
    duties : tuple of Duty
        Clauses behind a call or an answer.
    call, answer : CallRecord, ResponseRecord, optional
        The call that it is about, and what the state delivered.
    objections : tuple of Decision
        Of others, to what it chose.
    learned : tuple of Learned
        What others made of its answer, the largest move of trust first.
    """

    decision: Decision
    by: str
    rule_choice: str
    steps: bool
    earlier: bool
    words: dict[str, dict[str, str]]
    force: Force | None
    jump: Jump | None
    due: bool | None
    flips: tuple[Flip, ...]
    duties: tuple[Duty, ...]
    call: CallRecord | None
    answer: ResponseRecord | None
    objections: tuple[Decision, ...]
    learned: tuple[Learned, ...]

    @property
    def runner_up(self) -> Option | None:
        """Likeliest alternative to the chosen option, None if no other has a positive chance."""
        others = [option for option in self.decision.options if option.name != self.decision.chosen]
        likeliest = max(others, key=lambda option: option.chance, default=None)
        return likeliest if likeliest is not None and likeliest.chance > 0.0 else None

    @property
    def unlikely(self) -> bool:
        """Whether the built-in rule chose, by luck, what had a chance below `UNLIKELY`."""
        return self.by == "rule" and self.decision.chance < UNLIKELY

    @property
    def idle(self) -> bool:
        """Whether the decision was not to act: no attack, no pact, no diversification, no policy, no return."""
        idle = {"attack": "none", "pact": "none", "diversify": "none", "policy": "ignore", "return": "out"}
        return self.decision.choice == idle.get(self.decision.kind)


@dataclass(frozen=True)
class InterestMove:
    """Change in the guarantor's present interest in a member, with that tick's events as possible causes."""

    day: date
    before: float
    after: float
    events: tuple[str, ...]


@dataclass(frozen=True)
class Outlook:
    """What a member expects of its guarantor under the additive outlook, in logits.

    Trust plus ``weight`` times present interest, of which burdens count only as far as they are still held against the
    guarantor, and ``release``.

    Attributes
    ----------
    trust : float
        Trust in logits.
    interest : float, optional
        The guarantor's present interest; None without a threat.
    weight : float
        w, the weight of interest beside trust.
    burdens_held : float
        c, the share of the guarantor's burdens that the member still holds against it, 0..1.
    release : float
        What the guarantor's defaults on others add, whose forces it kept free.
    """

    trust: float
    interest: float | None
    weight: float
    burdens_held: float
    release: float

    @property
    def felt(self) -> float:
        """Interest as the member counts it, in logits; 0 without a threat."""
        return 0.0 if self.interest is None else interest_felt(self.interest, self.burdens_held)


@dataclass(frozen=True)
class Chain:
    """Causes of a member's trust in its guarantor at the end of the explained period.

    Attributes
    ----------
    truster, trustee : str
    start, now : float
        Trust at the start of the run and at that end.
    reliability : float
        What the member expects of the guarantor in earnest, from trust and present interest.
    record_weight : float, optional
        Weight of trust in it, where the outlook is weighed.
    outlook : Outlook, optional
        What it is made of, where the outlook is additive.
    default_below : float
        Share of a duty below which a response is a default.
    interest_moves : tuple of InterestMove
        The largest moves of the guarantor's present interest, in logits.
    moves : tuple of Move
        Everything that moved trust, the one that tells most at that end first.
    days, path : tuple
        Trust through the whole run.
    until : date
        That end.
    """

    truster: str
    trustee: str
    start: float
    now: float
    reliability: float
    record_weight: float | None
    outlook: Outlook | None
    default_below: float
    interest_moves: tuple[InterestMove, ...]
    moves: tuple[Move, ...]
    days: tuple[date, ...]
    path: tuple[float, ...]
    until: date

    def effect(self, move: Move) -> float:
        """Return the effect of a move on trust at the end of the explained period; negative if it lowers trust."""
        return self.now - move.without


@dataclass(frozen=True, repr=False)
class Explanation:
    """Explanation of a state's decisions around a date in one replicate.

    Prints as plain text, shows itself in notebooks, gives plain data and figures.

    Attributes
    ----------
    names : BranchNames
        Names of the branch.
    source : str
        The result's folder, or the scenario.
    branch, branch_title : str
    seed, replicate, replicates : int
        ``replicates`` is 0 where nobody looked at the others.
    typical : bool
        Whether the replicate was chosen as the nearest to the median path.
    state : str
    first, last : date
        First and last day of the explained period.
    decisions : tuple of Explained
    course : tuple of CourseStep
        Every step of the state in the run, up to the last day.
    lines : tuple of NewLine
        Every new line of its government, up to the last day.
    calls : mapping of str to CallRecord
        Every call of the run by event.
    unasked : tuple of CallRecord
        Attacks and crises in that time in which the state was bound to help and nobody appealed.
    chain : Chain, optional
        For clients of the focus treaty's guarantor.

    Examples
    --------
    >>> import sim
    >>> print(sim.explain("scenarios/first-steps.toml", "RUS", "2022-09", replicate=0))  # doctest: +SKIP
    """

    names: BranchNames
    source: str
    branch: str
    branch_title: str
    seed: int
    replicate: int
    replicates: int
    typical: bool
    state: str
    first: date
    last: date
    decisions: tuple[Explained, ...]
    course: tuple[CourseStep, ...]
    lines: tuple[NewLine, ...]
    calls: Mapping[str, CallRecord]
    unasked: tuple[CallRecord, ...]
    chain: Chain | None

    @property
    def title(self) -> str:
        """Title of the scenario."""
        return self.names.scenario.title

    @property
    def tick(self) -> str:
        """Time between two decisions: ``month`` or ``week``."""
        return self.names.scenario.step

    def __str__(self) -> str:
        """Return the explanation as plain text."""
        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data, as ``explain --json`` prints it."""
        return as_data(self)

    @cached_property
    def plot(self) -> "Figures":
        """Figures of the explanation: ``explanation.plot.decision(0)``, ``explanation.plot.trust()``."""
        return Figures(self)

    def full(self) -> Sequence[Explained]:
        """Return the decisions other than idle ones, in which the state did not act."""
        return [explained for explained in self.decisions if not explained.idle]


class Figures:
    """Figures of an explanation, as methods."""

    def __init__(self, explanation: Explanation) -> None:
        self._explanation = explanation

    def decision(self, number: int = 0) -> "Sheet":
        """Draw the terms of each alternative of a decision; decisions are numbered from 0, idle ones excluded."""
        from sim.analysis.explaining.drawing import draw_decision  # noqa: PLC0415 - loads matplotlib

        return draw_decision(self._explanation, number)

    def trust(self) -> "Sheet":
        """Draw the trust in the guarantor through the run, with the events that moved it."""
        from sim.analysis.explaining.drawing import draw_chain  # noqa: PLC0415 - loads matplotlib

        return draw_chain(self._explanation)
