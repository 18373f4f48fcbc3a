import tomllib
from typing import Any

import pytest

from sim.scenario.locate import key_lines
from sim.scenario.problems import KeyPath

TEXT = '''\
# a comment with [brackets] and "quotes"
title = "x # not a comment"   # but this is
dotted.key.deep = 1
"quoted key"."with.dots" = 2
numbers = [
  1,  # one
  [2, 3],
  { a = 4 },
]
long = """
[not.a.header]
quote \\" and ""two"" quotes"""
after = 'literal \\'
multi = \'\'\'
x = 1
\'\'\'

[a.b]
inline = { c = { d = "}" }, e.f = [ "]" ] }
when = 2020-01-01T10:00:00

[ a . "b c" ]
x = 1

[[list]]
x = 1
[list.sub]
y = 2
[[list]]
x = 3
'''

EXPECTED: dict[KeyPath, int] = {
    ("title",): 2,
    ("dotted",): 3,
    ("dotted", "key", "deep"): 3,
    ("quoted key", "with.dots"): 4,
    ("numbers", 0): 6,
    ("numbers", 1, 1): 7,
    ("numbers", 2, "a"): 8,
    ("long",): 10,
    ("after",): 13,
    ("multi",): 14,
    ("a",): 18,
    ("a", "b"): 18,
    ("a", "b", "inline", "c", "d"): 19,
    ("a", "b", "inline", "e", "f", 0): 19,
    ("a", "b", "when"): 20,
    ("a", "b c", "x"): 23,
    ("list", 0): 25,
    ("list", 0, "sub", "y"): 28,
    ("list", 1, "x"): 30,
}


def test_every_kind_of_key_is_found_on_its_line() -> None:
    found = key_lines(TEXT)
    assert {path: found.get(path) for path in EXPECTED} == EXPECTED


def test_every_key_that_the_parser_sees_has_a_line() -> None:
    assert all(path in key_lines(TEXT) for path in _paths(tomllib.loads(TEXT), ()))


def test_a_table_in_pieces_is_placed_where_it_first_stands() -> None:
    found = key_lines("[a.b.c]\nx = 1\n[a.b]\ny = 2\n")
    assert found["a", "b"] == 1
    assert found["a", "b", "y"] == 4


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "a = 1", "a = 1 # end", "a=[\n\n]"])
def test_small_texts(text: str) -> None:
    assert set(key_lines(text)) == set(_paths(tomllib.loads(text), ()))


def _paths(value: Any, above: KeyPath) -> list[KeyPath]:
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path for key, child in children for path in ((*above, key), *_paths(child, (*above, key)))]
