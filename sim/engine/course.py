"""How members set their course in a tick, and how guarantors keep their clients."""

from typing import TYPE_CHECKING

from sim.engine.decisions import NOTHING, Question
from sim.errors import InputError
from sim.rules.guarantor import COERCE, IGNORE, REASSURE, client, feel_coercion, feel_reassurance
from sim.rules.passing import close_window
from sim.rules.patronage import adjust_portfolio
from sim.rules.posture import move_to, total_pressure
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.words import CHOICES, LOYAL, OUT, POSTURES
from sim.world import NOBODY

if TYPE_CHECKING:
    from sim.engine.model import AllianceModel


def set_course(model: "AllianceModel", renewals: list[tuple[int, int]]) -> None:
    """Let members review their posture, all from the same state of the world, and adjust their portfolios."""
    steps = []
    for state, treaty in climbers(model):
        read_circumstances(model.world, model.parameters, state, treaty)
        update_interest(model.world, model.parameters, state, treaty)
        update_reliability(model.world, model.parameters, state, treaty)
        model.world.pressure[state, treaty] = total_pressure(model.world, model.parameters, state, treaty)
    for state, treaty in climbers(model):
        rung = _next_rung(model, state, treaty, renewing=bool({(treaty, state), (treaty, NOBODY)} & set(renewals)))
        if rung != model.world.posture[state, treaty]:
            steps.append((state, treaty, rung))
    crossed = [move_to(model.world, state, treaty, rung) for state, treaty, rung in steps]
    if any(crossed):
        model.refresh_bonds()
    for state, treaty in climbers(model):
        _seek_pact(model, state, treaty)
        adjust_portfolio(model.world, model.parameters, state, treaty)
    for treaty, _ in renewals:
        model.world.months_since_renewal[treaty] = 0.0
    for treaty in model.courses:
        for state in range(len(model.setup.codes)):
            close_window(model.world, state, treaty)


def climbers(model: "AllianceModel") -> list[tuple[int, int]]:
    """Return (state, treaty) of everybody on a ladder, the guarantors excepted."""
    return [
        (state, treaty)
        for treaty in model.courses
        for state in range(len(model.setup.codes))
        if model.world.posture[state, treaty] >= LOYAL
        and state != model.world.guarantor[treaty]
        and (model.world.in_force[treaty] or model.world.posture[state, treaty] == OUT)
    ]


def _next_rung(model: "AllianceModel", state: int, treaty: int, *, renewing: bool) -> int:
    agent, name = model.state(model.setup.codes[state]), model.setup.treaties[treaty]
    given = int(model.setup.given_rungs[model.tick, state, treaty])
    if given != NOBODY:
        return given
    rung = int(model.world.posture[state, treaty])
    if rung == OUT:
        if not model.world.in_force[treaty]:
            return OUT
        return _noted(model, "return", state, treaty, LOYAL if model.ask(agent.rejoins, name) else OUT)
    if renewing and _noted(model, "lapse", state, treaty, OUT if model.ask(agent.lapses, name) else rung) == OUT:
        return OUT
    step = model.ask(agent.review_posture, name)
    if step not in (-1, 0, 1):
        raise InputError(f"{agent.code} moved by {step!r} rungs in {name}; allowed: -1, 0, 1")
    return _noted(model, "posture", state, treaty, min(OUT - 1, max(LOYAL, rung + step)), acts=True)


def _noted(model: "AllianceModel", kind: str, state: int, treaty: int, rung: int, *, acts: bool | None = None) -> int:
    """Note a decision about the rung and return it; reviews are kept whatever their end, the others if they move."""
    moves = rung != model.world.posture[state, treaty]
    question = Question(kind, state, treaty=treaty)
    name, acts = model.setup.treaties[treaty], moves if acts is None else acts
    model.note(question, name, POSTURES[rung], draw=model.last_draw, acts=bool(acts))
    return rung


def _seek_pact(model: "AllianceModel", state: int, treaty: int) -> None:
    patron = int(model.world.patron[state, treaty])
    if model.world.pact[state, treaty] != NOBODY or patron == NOBODY:
        return
    agent, name = model.state(model.setup.codes[state]), model.setup.treaties[treaty]
    sought = bool(model.ask(agent.seeks_pact, name))
    choice = model.setup.codes[patron] if sought else NOTHING
    model.note(Question("pact", state, treaty=treaty), name, choice, draw=model.last_draw, acts=sought)
    if sought:
        model.world.pact[state, treaty] = patron


def keep_clients(model: "AllianceModel") -> None:
    """Let guarantors reassure or coerce, all from the same state of the world."""
    acts = []
    for state, treaty in climbers(model):
        if client(model.world, state, treaty) and model.world.posture[state, treaty] > LOYAL:
            guarantor = int(model.world.guarantor[treaty])
            choice = _policy(model, guarantor, state, treaty)
            if choice != IGNORE:
                acts.append((guarantor, state, choice))
    for guarantor, state, choice in acts:
        feel = {REASSURE: feel_reassurance, COERCE: feel_coercion}[choice]
        feel(model.world, model.parameters, state, guarantor, model.parameters.choice_strength)
        model.witness.pressed(model, guarantor, state, choice)


def _policy(model: "AllianceModel", guarantor: int, state: int, treaty: int) -> int:
    agent, code = model.state(model.setup.codes[guarantor]), model.setup.codes[state]
    answer = model.ask(agent.policy_towards, code, model.setup.treaties[treaty])
    if answer in CHOICES:
        answer = CHOICES.index(str(answer))
    if answer not in range(len(CHOICES)):
        raise InputError(f"{agent.code} chose {answer!r} towards {code}; allowed: {', '.join(CHOICES)}")
    choice = int(answer)
    question = Question("policy", guarantor, other=state, treaty=treaty)
    model.note(question, code, CHOICES[choice], draw=model.last_draw, acts=choice != IGNORE)
    return choice
