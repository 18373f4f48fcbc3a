"""Declarations of variables: shape, start and decay, and the words that describe them.

A field of `sim.model.world.World` carries its declaration as an annotation. A variable that is computed from fields is
declared with `computed`, beside its rule. `sim.model.variables` collects both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

from sim.model.parameters import PARAMETERS
from sim.rules.registry import rule
from sim.words import POSTURES

Axes = str | tuple[str | int, ...]

OWNERS: Final = {"N": "state", "NN": "dyad", "NK": "member", "K": "treaty"}
"""Unit that a variable describes (state, dyad, member or treaty), by its axes."""

FADING: Final = ("N", "NN", "NK")
"""Axes of fields that may decay with time."""


class DeclarationError(TypeError):
    """Error in a declaration that is incomplete or contradictory; the message names the problem."""


@dataclass(frozen=True)
class Variable:
    """Declaration of a variable of the model.

    Attributes
    ----------
    axes : str or tuple
        States ``N``, treaties ``K``, places ``P``, clauses ``C``, channels ``S``; as a tuple also a number of its own
        or one more than an axis, ``("N+1", 4)``. Empty for a plain number.
    meaning : str
        One line for lists and documents.
    unit : str
        Unit or range. With one, metrics, conditions, tables and figures may name the variable; its axes must then be
        those of a state ``N`` (written ``ARM.attention``), a pair ``NN`` (``ARM.trust[RUS]``), a member of a treaty
        ``NK`` (``ARM.posture`` for the scenario's focus, or ``ARM.posture[CSTO]``) or a treaty ``K``.
    start : float or None
        Value of all entries at the start of a run; None where it follows from the scenario.
    half_life : str
        Parameter with the half-life in months at which the variable decays, if it does; that of a member decays only in
        treaties whose members climb the ladder.
    worse : int
        Direction, 1 up or -1 down, in which it is worse for the alliance; 0 if there is none.
    recorded : bool
        Whether results keep it at every date, for each member of the focus treaty; any named variable of the few runs
        that are kept whole is stored too.
    at_reviews : bool
        Whether it matters only when a member reviews its posture, so that it is kept current at every tick only for
        runs that read it.
    phrase : str
        The variable of one owner as a noun in sentences, with ``{owner}``, ``{other}``, ``{treaty}`` and
        ``{guarantor}``; default: the owner's variable, by name.
    parts : tuple of Variable
        Names of the entries along the last axis.
    name : str
        The word used in expressions and columns: that of the field, unless it is a part.
    """

    axes: Axes
    meaning: str
    unit: str = ""
    start: float | None = 0.0
    half_life: str = ""
    worse: int = 0
    recorded: bool = False
    at_reviews: bool = False
    phrase: str = ""
    parts: tuple["Variable", ...] = ()
    name: str = ""

    @property
    def of(self) -> str:
        """Unit that the variable describes: ``"state"``, ``"dyad"``, ``"member"`` or ``"treaty"``."""
        return OWNERS[str(self.axes)]

    @property
    def ends(self) -> tuple[float, float] | None:
        """Smallest and largest value of the variable, where its unit is a range; postures by rank."""
        least, dots, most = self.unit.partition("..")
        if not dots:
            return None
        low, high = (float(POSTURES.index(end) if end in POSTURES else end) for end in (least, most))
        return low, high


class WorldField(NamedTuple):
    """A field of the world: its declaration and the name of its number type."""

    variable: Variable
    dtype: str


class Computed(NamedTuple):
    """A variable that a rule computes from the world.

    Attributes
    ----------
    variable : Variable
    rule : callable
        Function of the world and the indices of the owner and, for dyads and members, the other state or treaty.
    before : str
        Variable that it precedes in lists; empty for the end.
    """

    variable: Variable
    rule: Callable[..., Any]
    before: str


COMPUTED: Final[dict[str, Computed]] = {}
"""Every computed variable, by name."""

Rule = TypeVar("Rule", bound=Callable[..., Any])


def declared_fields(world: type) -> dict[str, WorldField]:
    """Return the fields of a world with their declarations.

    Raises
    ------
    DeclarationError
        If a declaration is incomplete; the message names the first such field and the problem.
    """
    fields = {}
    for name, hint in get_type_hints(world, include_extras=True).items():
        *kinds, variable = getattr(hint, "__metadata__", (None,))
        if not isinstance(variable, Variable):
            raise DeclarationError(f"{name}: undeclared; write Annotated[TYPE, Variable(axes, meaning)]")
        dtype = kinds[0] if kinds else hint.__origin__.__name__
        fields[name] = WorldField(replace(variable, name=name), dtype)
        for declared in (fields[name].variable, *variable.parts):
            _check(declared)
        if not kinds and variable.axes:
            raise DeclarationError(f"{name}: has axes {variable.axes!r}, so its type must be Floats, Ints or Flags")
    return fields


def computed(
    name: str,
    axes: str,
    meaning: str,
    unit: str,
    *,
    worse: int = 0,
    recorded: bool = False,
    phrase: str = "",
    before: str = "",
) -> Callable[[Rule], Rule]:
    """Register a rule as a computed variable, which metrics and conditions can name.

    Parameters
    ----------
    name, axes, meaning, unit, worse, recorded, phrase
        As for `Variable`.
    before : str
        Variable that it precedes in lists; default: the end.
    """
    variable = Variable(axes, meaning, unit, worse=worse, recorded=recorded, phrase=phrase, name=name)
    _check(variable)

    def enter(function: Rule) -> Rule:
        expected = ("world", *("ij"[: len(axes)]))
        given = tuple(signature(function).parameters)
        if len(given) != len(expected):
            raise DeclarationError(
                f"{name}: a variable with axes {axes!r} is computed from {', '.join(expected)}, "
                f"but {function.__name__} takes {', '.join(given)}"
            )
        if name in COMPUTED:
            raise DeclarationError(f"{name}: declared twice, by {COMPUTED[name].rule.__name__} and {function.__name__}")
        COMPUTED[name] = Computed(variable, rule(function), before)
        return function

    return enter


def _check(variable: Variable) -> None:
    """Refuse an incomplete or contradictory declaration of a variable."""
    name = variable.name
    if not name.isidentifier():
        raise DeclarationError(f"{name!r}: not a name for a variable; a part needs name='...'")
    if not variable.meaning:
        raise DeclarationError(f"{name}: no meaning")
    if variable.unit and variable.axes not in OWNERS:
        raise DeclarationError(f"{name}: has a unit, so files may name it, but its axes are not {_listed(OWNERS)}")
    if variable.half_life and variable.half_life not in PARAMETERS:
        raise DeclarationError(f"{name}: fades by '{variable.half_life}', which is no parameter")
    if variable.half_life and variable.axes not in FADING:
        raise DeclarationError(f"{name}: fades, but its axes are not {_listed(FADING)}")
    if variable.recorded and variable.axes != "NK":
        raise DeclarationError(f"{name}: recorded at every date, but it is no variable of members ('NK')")
    if (variable.worse or variable.phrase or variable.recorded) and not variable.unit:
        raise DeclarationError(f"{name}: no unit, without which files cannot name it")


def _listed(axes: Any) -> str:
    return ", ".join(repr(axis) for axis in axes)
