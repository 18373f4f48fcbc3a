"""How members set their course in a tick, and how guarantors keep their clients."""

from typing import TYPE_CHECKING

from sim.engine.decisions import policy_options, posture_options
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
        returns = model.world.in_force[treaty] and model.ask(agent.rejoins, name)
        return _noted(model, "return", state, treaty, LOYAL) if returns else OUT
    if renewing and model.ask(agent.lapses, name):
        return _noted(model, "lapse", state, treaty, OUT)
    step = model.ask(agent.review_posture, name)
    if step not in (-1, 0, 1):
        raise InputError(f"{agent.code} moved by {step!r} rungs in {name}; allowed: -1, 0, 1")
    reached = min(OUT - 1, max(LOYAL, rung + step))
    if model.keeps_decisions:
        options = posture_options(model.world, model.parameters, state, treaty)
        model.note("posture", agent.code, name, POSTURES[reached], options, draw=model.last_draw)
    return reached


def _noted(model: "AllianceModel", kind: str, state: int, treaty: int, rung: int) -> int:
    if model.keeps_decisions:
        model.note(kind, model.setup.codes[state], model.setup.treaties[treaty], POSTURES[rung], draw=model.last_draw)
    return rung


def _seek_pact(model: "AllianceModel", state: int, treaty: int) -> None:
    if model.world.pact[state, treaty] != NOBODY or model.world.patron[state, treaty] == NOBODY:
        return
    agent, name = model.state(model.setup.codes[state]), model.setup.treaties[treaty]
    if model.ask(agent.seeks_pact, name):
        patron = int(model.world.patron[state, treaty])
        model.world.pact[state, treaty] = patron
        if model.keeps_decisions:
            model.note("pact", agent.code, name, model.setup.codes[patron], draw=model.last_draw)


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


def _policy(model: "AllianceModel", guarantor: int, state: int, treaty: int) -> int:
    agent, code = model.state(model.setup.codes[guarantor]), model.setup.codes[state]
    answer = model.ask(agent.policy_towards, code, model.setup.treaties[treaty])
    if answer in CHOICES:
        answer = CHOICES.index(str(answer))
    if answer not in range(len(CHOICES)):
        raise InputError(f"{agent.code} chose {answer!r} towards {code}; allowed: {', '.join(CHOICES)}")
    choice = int(answer)
    if model.keeps_decisions and choice != IGNORE:
        options = policy_options(model.world, model.parameters, state, treaty)
        model.note("policy", agent.code, code, CHOICES[choice], options, draw=model.last_draw)
    return choice
