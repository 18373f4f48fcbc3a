"""The JSON Schema of a scenario file, for completion and validation in editors.

It is derived from the typed schema. Two things differ from a plain derivation. A file with ``extends`` and
the tables of a branch may hold parts of tables, so keys are required only where nothing can supply them. And
the tables of a branch have the types of the tables that they change.
"""

import json
from typing import Any, Final

from sim.model.parameters import PARAMETERS
from sim.scenario.describe import Node, scenario_node
from sim.scenario.schema import Branch

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_QUANTITIES: Final = ("Share", "Signed", "Positive")
_LABELS: Final = ("title", "note", "drop")
_TABLES: Final = ("parameters", "states", "places", "treaties", "dyads", "beliefs", "events")


def scenario_schema() -> Node:
    """Return the JSON Schema (2020-12) of a scenario file."""
    raw = scenario_node()
    definitions: dict[str, Node] = {}
    kinds = _event_classes(raw)
    for name, node in raw["$defs"].items():
        made = clean(node, definitions)
        if name not in kinds:
            made.pop("required", None)
        definitions[name] = made
    properties = {key: clean(node, definitions) for key, node in raw["properties"].items()}
    properties["parameters"] = _parameters(properties["parameters"]["description"])
    move = definitions["ObservedMove"]
    definitions["ObservedMove"] = {"anyOf": [_bare(move["properties"]["posture"]), move]}
    part = definitions["StoryPart"]
    definitions["StoryPart"] = {"anyOf": [_bare(part["properties"]["text"]), part]}
    definitions["EventChange"] = _event_change([definitions[name] for name in kinds])
    events = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in (*kinds, "EventChange")]}
    patterns = properties["events"]["patternProperties"]
    properties["events"]["patternProperties"] = dict.fromkeys(patterns, events)
    for table in _TABLES:
        definitions[table] = properties[table]
        properties[table] = {"$ref": f"#/$defs/{table}"}
    written_over = [key for key in Branch.model_fields if key not in _LABELS]
    definitions["Branch"]["properties"] |= {key: properties[key] for key in written_over}
    return {
        "$schema": DIALECT,
        "title": "csto-sim scenario",
        "description": "A scenario of csto-sim; see docs/scenarios.md.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": ["title"],
        "if": {"required": ["extends"]},
        "else": _required_without_base(raw),
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """Return the JSON Schema as text, as shipped in ``docs/scenario.schema.json``."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def clean(node: Any, definitions: dict[str, Node]) -> Any:
    """Simplify a schema: remove titles and the alternative null, forbid unknown keys, and name quantity types."""
    if isinstance(node, list):
        return [clean(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    node = _without_null(node)
    if node.get("title") in _QUANTITIES:
        definitions[node["title"]] = {
            "anyOf": node["anyOf"],
            "description": "a number, numbers by year, or { value = NUMBER, source = TEXT }",
        }
        return {"$ref": f"#/$defs/{node['title']}", **_kept(node, ("description", "default"))}
    made: Node = {}
    for key, value in node.items():
        if key in ("properties", "patternProperties"):
            made[key] = {name: clean(inner, definitions) for name, inner in value.items()}
        elif key not in ("title", "discriminator", "$defs"):
            made[key] = clean(value, definitions)
    if "patternProperties" in made:
        made["additionalProperties"] = False
    return made


def _without_null(node: Node) -> Node:
    choices = node.get("anyOf", [])
    left = [choice for choice in choices if choice != {"type": "null"}]
    if len(left) == len(choices):
        return node
    beside = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
    if len(left) > 1:
        return {**beside, "anyOf": left}
    return {**beside, **{key: value for key, value in left[0].items() if key not in beside or key == "title"}}


def _kept(node: Node, keys: tuple[str, ...]) -> Node:
    return {key: node[key] for key in keys if key in node}


def _event_classes(raw: Node) -> list[str]:
    (union,) = raw["properties"]["events"]["patternProperties"].values()
    return [choice["$ref"].rsplit("/", 1)[1] for choice in union["oneOf"]]


def _event_change(kinds: list[Node]) -> Node:
    """Return the schema of a table that changes an existing event and therefore omits its kind."""
    properties: dict[str, Node] = {}
    for kind in kinds:
        for key, node in kind["properties"].items():
            if key == "kind":
                continue
            known = properties.setdefault(key, node)
            if node != known:
                choices = [_bare(choice) for choice in known.get("anyOf", [known])]
                choices += [_bare(node)] if _bare(node) not in choices else []
                merged = choices[0] if len(choices) == 1 else {"anyOf": choices}
                properties[key] = {**merged, "description": "as in an event of its kind"}
    return {
        "type": "object",
        "description": "keys that change an event of the extended scenario; without 'kind'",
        "properties": properties,
        "additionalProperties": False,
    }


def _bare(node: Node) -> Node:
    return {key: value for key, value in node.items() if key not in ("description", "default")}


def _parameters(description: str) -> Node:
    return {
        "type": "object",
        "description": description,
        "properties": {
            name: {
                "type": "number",
                "minimum": parameter.low,
                "maximum": parameter.high,
                "default": parameter.default,
                "description": f"{parameter.meaning} ({parameter.unit})",
            }
            for name, parameter in PARAMETERS.items()
        },
        "additionalProperties": False,
    }


def _required_without_base(raw: Node) -> Node:
    needed = {name: node["required"] for name, node in raw["$defs"].items() if "required" in node}

    def entries(*required: str, **inner: Node) -> Node:
        table: Node = {"required": list(required)}
        return {"additionalProperties": {**table, "properties": inner} if inner else table}

    return {
        "required": [*(key for key in raw["required"] if key != "title"), "states", "treaties"],
        "properties": {
            "states": entries(*needed["StateEntry"]),
            "places": entries(*needed["Place"]),
            "treaties": entries(*needed["Treaty"], clauses=entries(*needed["Clause"])),
            "beliefs": {"additionalProperties": entries(*needed["Belief"])},
            "events": entries("date", "kind"),
        },
    }
