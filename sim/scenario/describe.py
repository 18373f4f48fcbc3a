"""Descriptions of the schema in words: the allowed values of each key, for messages and the reference page."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from sim.model.fields import TINY
from sim.scenario.problems import KeyPath, listed
from sim.scenario.schema import Scenario

Node = dict[str, Any]

DATE = "a date without quotes, such as 2020-01-31"
_PATTERNS = {
    "^[A-Z][A-Z0-9]{1,7}$": "a state's code (2 to 8 capitals or digits, such as ARM)",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date, such as 2020-01-31",
    "^[A-Za-z0-9][A-Za-z0-9_ -]*$": "a name (letters, digits, '-', '_', spaces; at most 80)",
}
_QUANTITIES = ("Share", "Signed", "Positive")


@cache
def scenario_node() -> Node:
    """Return the JSON Schema of a merged scenario."""
    return Scenario.model_json_schema(by_alias=True)


def whole_node(model: type[BaseModel]) -> Node:
    """Return the JSON Schema of another kind of file with all references resolved."""
    raw = model.model_json_schema(by_alias=True)
    definitions = raw.pop("$defs")

    def written_out(node: Any) -> Any:
        if isinstance(node, list):
            return [written_out(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            named = definitions[node["$ref"].rsplit("/", 1)[1]]
            node = {**named, **{key: value for key, value in node.items() if key != "$ref"}}
        return {key: written_out(value) for key, value in node.items()}

    node: Node = written_out(raw)
    return node


def deref(node: Node) -> Node:
    """Resolve a reference, keep the keys beside it, and remove the alternative null."""
    while "$ref" in node:
        named = scenario_node()["$defs"][node["$ref"].rsplit("/", 1)[1]]
        node = {**named, **{key: value for key, value in node.items() if key != "$ref"}}
    choices = node.get("anyOf")
    if choices and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        beside = {key: value for key, value in node.items() if key != "anyOf"}
        return deref({**left[0], **beside}) if len(left) == 1 else {**beside, "anyOf": left}
    return node


def follow(loc: Sequence[str | int], root: Node | None = None) -> tuple[KeyPath, Node]:
    """Return the schema node at a location that pydantic reports.

    Parameters
    ----------
    loc : sequence of str and int
        Keys, list positions, and pydantic's marks.
    root : dict, optional
        Where to begin; default: the schema of a scenario.

    Returns
    -------
    tuple
        The key path without the marks of unions and keys; and the node of the schema that stands there, an
        empty one where nothing is known.
    """
    node: Node = deref(scenario_node() if root is None else root)
    path: list[str | int] = []
    for part in loc:
        if part == "[key]":
            return tuple(path), {"type": "string", "pattern": _key_pattern(loc[:-2], root)}
        tags = node.get("discriminator", {}).get("mapping", {})
        if part in tags:
            node = deref({"$ref": tags[part]})
            continue
        if "anyOf" in node and not (isinstance(part, str) and _child(node, part)):
            break
        path.append(part)
        node = deref(_child(node, part))
    return tuple(path), node


def keys_of(node: Node) -> dict[str, Node]:
    """Return the schema nodes of the keys that a table may have, by key."""
    properties: dict[str, Node] = node.get("properties", {})
    return properties


def words(node: Node) -> str:
    """Describe in words the values that a schema node allows."""
    node = deref(node)
    if node.get("title") in _QUANTITIES:
        return f"{words(node['anyOf'][0])}, or numbers by year"
    for key, say in _CHOICES.items():
        if key in node:
            return say(node[key])
    say_type = _TYPES.get(node.get("type", ""))
    return say_type(node) if say_type is not None else "any value"


def _child(node: Node, part: str | int) -> Node:
    if isinstance(part, int):
        fixed = node.get("prefixItems", [])
        item: Node = fixed[part] if part < len(fixed) else node.get("items", {})
        return item
    if part in node.get("properties", {}):
        named: Node = node["properties"][part]
        return named
    for inner in node.get("patternProperties", {}).values():
        return dict(inner)
    extra = node.get("additionalProperties")
    return dict(extra) if isinstance(extra, Mapping) else {}


def _key_pattern(table: Sequence[str | int], root: Node | None) -> str:
    _, node = follow(table, root)
    return next(iter(node.get("patternProperties", {})), "")


def _number_words(node: Node) -> str:
    name = "a whole number" if node["type"] == "integer" else "a number"
    low, high = node.get("minimum"), node.get("maximum", node.get("exclusiveMaximum"))
    if low == TINY:
        return f"{name} above 0"
    if low is not None and high is not None:
        return f"{name} {_plain(low)}..{_plain(high)}"
    return name


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def _list_words(node: Node) -> str:
    if "prefixItems" in node:
        return "[" + ", ".join(words(item) for item in node["prefixItems"]) + "]"
    item = words(node.get("items", {}))
    plurals = {"text": "texts", DATE: "dates without quotes, such as [2020-01-31]"}
    if item.startswith("a state's code"):
        return 'a list of states\' codes, such as ["ARM", "RUS"]'
    if item.startswith("a name"):
        return "a list of names"
    return f"a list of {plurals.get(item, item)}"


def _string_words(node: Node) -> str:
    if "maxLength" in node and "pattern" not in node:
        return f"text of at most {node['maxLength']} characters"
    return DATE if node.get("format") == "date" else _PATTERNS.get(node.get("pattern", ""), "text")


_CHOICES: dict[str, Callable[[Any], str]] = {
    "enum": lambda names: listed(map(str, names)),
    "const": str,
    "discriminator": lambda _: "a table with kind and date",
    "anyOf": lambda choices: " or ".join(map(words, choices)),
}
_TYPES: dict[str, Callable[[Node], str]] = {
    "number": _number_words,
    "integer": _number_words,
    "array": _list_words,
    "string": _string_words,
    "boolean": lambda _: "true or false",
    "object": lambda _: "a table",
}
