"""Declarations of the terms of decisions: weight parameter, sentence in explanations, and mechanism.

The terms of a decision are the fields of a named tuple beside the rule that returns it. Each field carries its
declaration as an annotation, which recorded decisions, explanations, mechanisms and documents use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_type_hints

from sim.model.declaring import DeclarationError
from sim.model.parameters import PARAMETERS, Parameters
from sim.model.world import NOBODY, Case, World
from sim.rules.registry import rule


@dataclass(frozen=True)
class Question:
    """A decision that a state has to make, by index, as input of the rules.

    Attributes
    ----------
    kind : str
        ``call``, ``response``, ``objection``, ``posture``, ``lapse``, ``return``, ``pact``, ``diversify``, ``policy``
        or ``attack``.
    state : int
        State that decides.
    case : Case, optional
        Attack or crisis that the decision concerns.
    other : int
        Victim of an attack, or client of a guarantor.
    treaty : int
    lean : float
        The guarantor's own preference, -1..1, for objections.
    """

    kind: str
    state: int
    case: Case | None = None
    other: int = NOBODY
    treaty: int = NOBODY
    lean: float = 0.0

    @property
    def about(self) -> Case:
        """The attack or crisis that the decision concerns; only for kinds that have one."""
        if self.case is None:
            raise TypeError(f"a {self.kind} is about no attack or crisis")
        return self.case


class Weighing(NamedTuple):
    """One alternative of a decision, as input of the sentences about its terms.

    Attributes
    ----------
    world : World
        World at the time of the decision.
    p : Parameters
    question : Question
    option : str
        Name of the alternative.
    terms : mapping
        Terms of the alternative by name.
    name_of : callable
        Function that returns the name of a state by index.
    """

    world: World
    p: Parameters
    question: Question
    option: str
    terms: Mapping[str, float]
    name_of: Callable[[int], str]


@dataclass(frozen=True)
class Term:
    """Declaration of a term of a decision.

    Attributes
    ----------
    parameters : str
        Parameters that weight the term, separated by spaces; empty where it has no weight.
    sentence : str or callable
        Meaning of the term in words, as `explain` prints it; with numbers, a function of the `Weighing`.
    mechanism : str
        Name by which commands switch the term off, with its parameters set to their off values; terms may share one.
        Empty where it cannot be switched off.
    meaning : str
        Effect of the mechanism in one line, declared by one of the terms that share it.
    with_it : str
        Further parameters that the mechanism sets to their off values.
    """

    parameters: str
    sentence: str | Callable[[Weighing], str]
    mechanism: str = ""
    meaning: str = ""
    with_it: str = ""

    @property
    def silenced(self) -> tuple[str, ...]:
        """The parameters that take their off values when the term's mechanism is switched off."""
        return (*self.parameters.split(), *self.with_it.split()) if self.mechanism else ()

    def switched_off(self, p: Parameters) -> bool:
        """Return whether parameters switch the term off: all that weigh it are at their off values."""
        weights = self.parameters.split()
        return bool(self.silenced) and all(getattr(p, name) == PARAMETERS[name].off for name in weights)

    def in_words(self, weighing: Weighing) -> str:
        """Return the meaning of the term in words, as `explain` prints it."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence(weighing)


Terms = TypeVar("Terms", bound=type)
Rule = TypeVar("Rule", bound=Callable[..., Any])

_DECLARED: Final[dict[type, Mapping[str, Term]]] = {}


def declare_terms(terms: Terms) -> Terms:
    """Register a named tuple whose fields are terms of a decision; a class decorator.

    A field is annotated with its `Term`, or with a class declared before if it is the sum of the terms there.

    Raises
    ------
    DeclarationError
        If a declaration is incomplete; the message names the first such field and the problem.
    """
    entered: dict[str, Term] = {}
    for name, hint in get_type_hints(terms, include_extras=True).items():
        where = f"{terms.__name__}.{name}"
        declared = getattr(hint, "__metadata__", (None,))[0]
        if isinstance(declared, type):
            entered |= terms_of(declared)
        elif isinstance(declared, Term):
            _check(where, declared)
            if get_args(hint)[0] is not float:
                raise DeclarationError(f"{where}: a term is a float")
            entered[label(name)] = declared
        else:
            raise DeclarationError(f"{where}: undeclared; write Annotated[float, Term(parameters, sentence)]")
    _DECLARED[terms] = MappingProxyType(entered)
    return terms


def terms_rule(function: Rule) -> Rule:
    """Register a rule that returns the terms of a decision, all given by name.

    Raises
    ------
    DeclarationError
        If the rule returns no declared terms, or terms other than those declared.
    """
    terms = function.__annotations__.get("return")
    if terms not in _DECLARED:
        raise DeclarationError(f"{function.__name__}: returns no class of terms that '@declare_terms' has entered")
    declared = terms._fields
    given = [names for names in function.__code__.co_consts if _are_names(names)]
    if not given:
        raise DeclarationError(f"{function.__name__}: {terms.__name__} takes its terms by name: {', '.join(declared)}")
    for names in given:
        lacking = [name for name in declared if name not in names]
        unknown = [name for name in names if name not in declared]
        if lacking:
            raise DeclarationError(f"{function.__name__}: gives {terms.__name__} no {', '.join(lacking)}")
        if unknown:
            raise DeclarationError(
                f"{terms.__name__}: declares no {', '.join(unknown)}, which {function.__name__} gives"
            )
    return rule(function)


def terms_of(*classes: type) -> Mapping[str, Term]:
    """Return the declarations of the terms in given classes, by name in words, in order.

    A field that is the sum of other terms is replaced by those terms.
    """
    return {name: term for kind in classes for name, term in _DECLARED[kind].items()}


def by_name(terms: NamedTuple) -> dict[str, float]:
    """Return the terms from a rule as plain numbers, by name in words."""
    return {label(name): float(value) for name, value in terms._asdict().items()}


def switched_on(terms: NamedTuple, p: Parameters) -> dict[str, float]:
    """Return the terms from a rule as `by_name` does, without those that parameters switch off."""
    declared = _DECLARED[type(terms)]
    return {name: value for name, value in by_name(terms).items() if not declared[name].switched_off(p)}


def label(field: str) -> str:
    """Return the name of a field of terms as decisions show it.

    Examples
    --------
    >>> label("exit_cost")
    'exit cost'
    """
    return field.replace("_", " ")


def _are_names(constant: object) -> bool:
    """Return whether a constant of a compiled function holds the keyword names of a call."""
    return isinstance(constant, tuple) and bool(constant) and all(isinstance(name, str) for name in constant)


def _check(where: str, term: Term) -> None:
    """Refuse an incomplete or contradictory declaration of a term."""
    if not term.sentence:
        raise DeclarationError(f"{where}: no sentence")
    for name in (*term.parameters.split(), *term.with_it.split()):
        if name not in PARAMETERS:
            raise DeclarationError(f"{where}: weighed by '{name}', which is no parameter")
    if not term.mechanism and (term.meaning or term.with_it):
        raise DeclarationError(f"{where}: no mechanism, but what it does")
    if term.mechanism and not term.silenced:
        raise DeclarationError(f"{where}: the mechanism '{term.mechanism}' has no parameter to be switched off by")
    for name in term.silenced:
        if PARAMETERS[name].off is None:
            raise DeclarationError(
                f"{where}: switched off by '{name}', of which sim/model/parameters.py declares no off value"
            )
