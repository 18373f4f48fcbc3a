import pytest

from sim.output.likelihood import SCALE, word, words


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.0, "exceptionally unlikely"),
        (0.01, "exceptionally unlikely"),
        (0.011, "very unlikely"),
        (0.10, "very unlikely"),
        (0.33, "unlikely"),
        (0.331, "about as likely as not"),
        (0.5, "about as likely as not"),
        (0.659, "about as likely as not"),
        (0.66, "likely"),
        (0.90, "very likely"),
        (0.989, "very likely"),
        (0.99, "virtually certain"),
        (1.0, "virtually certain"),
    ],
)
def test_chances_have_the_words_of_the_guidance_note(chance: float, said: str):
    assert word(chance) == said


def test_the_scale_covers_every_chance_once():
    assert [low for _, low, _ in SCALE][1:] == [high for _, _, high in SCALE][:-1]
    assert (SCALE[0][1], SCALE[-1][2]) == (0.0, 1.0)


def test_an_interval_over_several_words_names_both_ends():
    assert words(0.34, 0.65) == "about as likely as not"
    assert words(0.2, 0.95) == "anywhere from unlikely to very likely"
