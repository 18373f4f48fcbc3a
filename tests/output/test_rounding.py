from sim.output.rounding import shown


def test_halves_go_away_from_zero_whatever_their_binary_form():
    assert [shown(half, 2) for half in (0.415, 0.465, 0.475, -0.415)] == ["0.42", "0.47", "0.48", "-0.42"]
    assert [shown(half) for half in (0.5, 1.5, 79.5)] == ["1", "2", "80"]


def test_nothing_is_not_negative():
    assert shown(-0.004, 2) == "0.00"
