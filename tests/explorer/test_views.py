from dataclasses import replace
from threading import Event, Thread

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.evidence.explained import run_explained
from sim.experiments.parameters import sources
from sim.experiments.parameters.explanations import load_explanations
from sim.explorer.ensembles import FIRST, KEPT_VIEWS, Ensembles, parameter_sets
from sim.explorer.line import Line, the_line
from sim.explorer.story import Story
from sim.explorer.views import QUANTILES, View, change
from sim.model.parameters import Parameters
from sim.output.intervals import paired_bootstrap, wilson
from sim.result import run
from sim.words import FREEZE

RUNS = 40


@pytest.fixture(scope="module")
def views(story: Story) -> tuple[View, View]:
    ensembles = Ensembles(story, threads=2)
    choices = replace(story.first_choices(RUNS, seed=7))
    return ensembles.view(choices), ensembles.view(replace(choices, branch="russia-sends-forces-2022"))


def test_a_view_is_what_the_run_command_finds(story: Story, views: tuple[View, View]):
    result = run(story.scenario, replicates=RUNS, seed=7, engine="compiled")
    clients = list(story.clients)
    for view, branch in zip(views, story.branches, strict=True):
        trust = result.trust.sel(branch=branch, truster=clients, trustee="RUS").values
        np.testing.assert_allclose(view.trust, np.quantile(trust, QUANTILES, axis=0))
        for name in ("approval", "exit_support"):
            values = result.data[name].sel(branch=branch, state=clients).values
            public = np.stack([view.public(name, client) for client in range(len(clients))], axis=-1)
            np.testing.assert_allclose(public, np.quantile(values, QUANTILES, axis=0), rtol=1e-6)
        mean = result.trust.sel(branch=branch).mean("replicate")
        between = [mean.sel(truster=one, trustee=other).values for one, other in story.pairs]
        np.testing.assert_allclose(view.between, np.stack(between, axis=-1))
        postures = result.posture.sel(branch=branch, state=clients).values
        np.testing.assert_allclose(view.shares[..., FREEZE], (postures == FREEZE).mean(axis=0))
        np.testing.assert_allclose(view.shares.sum(axis=-1), 1.0)
        place, client = 36, clients.index("ARM")
        reached = (postures[:, : place + 1, client] >= FREEZE).any(axis=1)
        assert view.chance(place, client) == (reached.mean(), *wilson(int(reached.sum()), RUNS))
        assert view.now(place, client) == pytest.approx((postures[:, place, client] >= FREEZE).mean())


def test_a_change_is_paired_and_has_the_interval_of_the_bootstrap(story: Story, views: tuple[View, View]):
    one, other = views
    client, place = story.clients.index("ARM"), 47
    found = change(one, other, place, client)
    pairs = (one.frozen[:, client] <= place).astype(float) - (other.frozen[:, client] <= place)
    assert found.mean == pytest.approx(pairs.mean())
    assert found.mean > 0
    low, high = paired_bootstrap(pairs)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03))
    back = change(other, one, place, client)
    assert back.mean == pytest.approx(-found.mean)
    same = change(one, one, place, client)
    assert (same.mean, same.low, same.high) == (0.0, 0.0, 0.0)


def test_a_larger_view_is_paired_by_its_first_runs(story: Story, ensembles: Ensembles):
    few, many = (ensembles.view(story.first_choices(runs, seed=7)) for runs in (30, 50))
    assert change(few, many, 47, 0) == change(few, few, 47, 0)
    np.testing.assert_array_equal(many.frozen[:30], few.frozen)


def test_a_first_answer_comes_before_the_whole_and_both_are_true(story: Story, ensembles: Ensembles):
    choices = story.first_choices(FIRST + 100)
    found = list(ensembles.views(choices))
    assert [view.runs for view in found] == [FIRST, FIRST + 100]
    np.testing.assert_array_equal(found[1].frozen[:FIRST], found[0].frozen)
    whole = Program(story.setup(choices), story.probes).run(choices.seed, np.arange(FIRST + 100))
    column = len(story.pairs)
    np.testing.assert_allclose(
        found[1].shares[:, 0, 0], (whole.values[:, :, column] == 0).mean(axis=0), rtol=0, atol=1e-12
    )


def test_where_the_whole_comes_soon_there_is_no_first_answer(story: Story, ensembles: Ensembles):
    ensembles.view(story.first_choices(FIRST))
    ensembles._rate = 1e9  # runs a second, as on a very fast machine
    assert [view.runs for view in ensembles.views(story.first_choices(FIRST + 100))] == [FIRST + 100]


def test_where_others_wait_there_is_no_first_answer(
    story: Story, ensembles: Ensembles, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Line, "busy", property(lambda _: True))
    assert [view.runs for view in ensembles.views(story.first_choices(FIRST + 100))] == [FIRST + 100]


def test_equal_ensembles_asked_for_at_once_are_run_once(story: Story, ensembles: Ensembles):
    held, may_go = Event(), Event()
    blocking = Thread(target=the_line().wait_for, args=(lambda: (held.set(), may_go.wait(10)),))
    blocking.start()
    assert held.wait(10)
    choices, found = story.first_choices(70), []
    asking = [Thread(target=lambda: found.append(ensembles.view(choices))) for _ in range(3)]
    for thread in asking:
        thread.start()
    may_go.set()
    for thread in (blocking, *asking):
        thread.join(30)
    assert len(found) == 3
    assert found[0] is found[1] is found[2]


def test_what_is_compared_with_stays_at_hand_however_many_others_are_asked_for(story: Story, ensembles: Ensembles):
    shipped = story.first_choices(5)
    view = ensembles.view(shipped)
    for number in range(2 * KEPT_VIEWS):
        ensembles.view(replace(shipped, seed=100 + number))
        assert ensembles.kept(shipped) is view
    assert len(ensembles._kept) == KEPT_VIEWS


def test_who_asks_anew_abandons_what_is_under_way(story: Story, ensembles: Ensembles):
    asked = []

    def wanted() -> bool:
        asked.append(True)
        return len(asked) < 3

    assert [view.runs for view in ensembles.views(story.first_choices(5000), wanted)] == [FIRST]
    assert ensembles.kept(story.first_choices(5000)) is None


def test_a_view_is_kept(story: Story, ensembles: Ensembles):
    choices = story.first_choices(20)
    assert ensembles.kept(choices) is None
    view = ensembles.view(choices)
    assert ensembles.kept(choices) is view
    assert ensembles.view(choices) is view


def test_parameters_change_the_runs_without_a_new_program(story: Story, ensembles: Ensembles):
    choices = story.first_choices(60, seed=7)
    forgetful = choices.with_parameter("ladder_tempo", 0.3)
    assert story.program(choices) is story.program(forgetful)
    before, after = ensembles.view(choices), ensembles.view(forgetful)
    client = story.clients.index("ARM")
    assert after.chance(47, client)[0] > before.chance(47, client)[0]


def test_an_explanation_fixes_parameters_and_ties_and_draws_the_rest_from_its_own_posterior(
    karabakh: Story, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "default_source", lambda _scenario: "posterior-2019")
    plain = replace(karabakh.first_choices(40, seed=7), branch="agents-decide")
    choices = replace(plain, explanation="overstretched")
    variant = load_explanations()["overstretched"]
    (result,) = run_explained(
        karabakh.scenario, {"overstretched": variant}, branches=["agents-decide"], replicates=40, seed=7,
        engine="compiled",
    ).values()  # fmt: skip
    view = Ensembles(karabakh).view(choices)
    client = karabakh.clients.index("ARM")
    trust = result.trust.sel(branch="agents-decide", truster="ARM", trustee="RUS").values
    np.testing.assert_allclose(view.trust[2, :, client], np.quantile(trust, 0.5, axis=0))
    program = karabakh.program(choices)
    assert program is not karabakh.program(plain)
    sets = parameter_sets(program.setup, choices, np.arange(40))
    assert (sets[:, Parameters._fields.index("overstretch_cost")] == variant.parameters["overstretch_cost"]).all()
    assert karabakh.parameters("agents-decide", "overstretched")["overstretch_cost"] == 1.5
    assert choices.as_shipped() == plain


def test_parameters_are_drawn_as_run_draws_them_until_somebody_sets_them(story: Story, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "default_source", lambda _scenario: "posterior-2019")
    choices = story.first_choices(30, seed=7)
    setup = story.program(choices).setup
    drawn = parameter_sets(setup, choices, np.arange(30))
    result = run(story.scenario, branches=[choices.branch], replicates=30, seed=7, engine="compiled")
    assert result.drawn is not None
    own = setup.scenario.parameters
    for place, name in enumerate(Parameters._fields):
        expected = result.drawn[name] if name not in own else own[name]
        np.testing.assert_array_equal(drawn[:, place], expected, err_msg=name)
    moved = parameter_sets(setup, choices.with_parameter("excuse_legal", 1.5), np.arange(10, 30))
    assert (moved[:, Parameters._fields.index("excuse_legal")] == 1.5).all()
    others = [place for place, name in enumerate(Parameters._fields) if name != "excuse_legal"]
    np.testing.assert_array_equal(moved[:, others], drawn[10:, others])
