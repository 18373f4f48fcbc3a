from sim.scenario.merging import dropped_with, merge
from sim.scenario.schema import StateEntry


def test_tables_merge_at_every_depth_and_lists_replace() -> None:
    base = {"a": {"b": {"c": 1, "d": 2}, "list": [1, 2]}, "x": 1}
    given = {"a": {"b": {"c": 3}, "list": [3]}, "y": 2}
    assert merge(base, given) == {"a": {"b": {"c": 3, "d": 2}, "list": [3]}, "x": 1, "y": 2}
    assert base["a"] == {"b": {"c": 1, "d": 2}, "list": [1, 2]}


def test_a_table_replaces_a_number_and_the_other_way_round() -> None:
    assert merge({"a": 1}, {"a": {"2020": 2}}) == {"a": {"2020": 2}}
    assert merge({"a": {"2020": 2}}, {"a": 1}) == {"a": 1}


def test_years_merge_and_a_single_value_ends_them() -> None:
    years = {"2020": 1.0, "2022": 2.0, "source": "s"}
    assert merge(years, {"2022": 3.0}) == {"2020": 1.0, "2022": 3.0, "source": "s"}
    assert merge(years, {"value": 3.0}) == {"value": 3.0, "source": "s"}
    assert merge({"value": 3.0, "source": "s"}, {"2020": 1.0}) == {"2020": 1.0, "source": "s"}


def test_a_checked_table_is_opened_only_where_it_is_touched() -> None:
    one = StateEntry.model_validate({"capability": {"2020": 0.1, "source": "s"}, "approval": 0.3})
    other = StateEntry.model_validate({"capability": 0.2})
    merged = merge({"A": one, "B": other}, {"A": {"approval": 0.4}})
    assert merged["B"] is other
    assert merged["A"] == {"capability": {"2020": 0.1, "source": "s"}, "approval": 0.4}


def test_dropping_follows_causes_through_any_number_of_steps() -> None:
    events = {"d": {"because_of": "c"}, "a": {}, "b": {"because_of": "a"}, "c": {"because_of": "b"}, "e": 3}
    assert dropped_with(events, ["a"]) == ["d", "a", "b", "c"]
    assert dropped_with(events, ["b"]) == ["d", "b", "c"]
    assert dropped_with(events, []) == []
