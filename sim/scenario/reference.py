"""The generated parts of ``docs/scenarios.md``: the table of event kinds and the key reference.

``python -m sim.scenario.reference`` writes them anew, and the shipped JSON Schema with them.
"""

import re
from collections.abc import Set
from pathlib import Path
from typing import Final

from sim.model.events import EVENT_KINDS
from sim.model.variables import VARIABLES
from sim.scenario.describe import Node, deref, keys_of, scenario_node, words
from sim.scenario.schema_json import schema_text

BEGIN: Final = "<!-- reference: written by `python -m sim.scenario.reference`, do not edit -->"
END: Final = "<!-- end of reference -->"
KINDS: Final = "<!-- kinds: written by `python -m sim.scenario.reference`, do not edit -->"
END_OF_KINDS: Final = "<!-- end of kinds -->"
DOCS: Final = Path(__file__).resolve().parents[2] / "docs"

_LABELS: Final = ("title", "note", "drop")
_LONG: Final = re.compile(r" \(| without quotes|, such as")
_TABLES: Final = (
    ("[states.CODE]", "StateEntry"),
    ("[places.NAME]", "Place"),
    ("[treaties.NAME]", "Treaty"),
    ("[treaties.NAME.clauses.ID]", "Clause"),
    ("[treaties.NAME.clauses.ID.coverage]", "Coverage"),
    ("[dyads.CODE.CODE]", "Dyad"),
    ("[beliefs.CODE.CODE]", "Belief"),
    ("[observed.CODE.DATE]", "ObservedMove"),
    ("[story]", "StoryTable"),
    ("[story.promise], [story.call], [story.answer], [story.happened]", "StoryPart"),
    ("[story.change]", "StoryChange"),
)
_FORMS: Final = {
    "state": "`ARM.{name}`",
    "dyad": "`ARM.{name}[RUS]`",
    "member": "`ARM.{name}`, `ARM.{name}[CSTO]`",
    "treaty": "`CSTO.{name}`",
}


def reference() -> str:
    """Return the reference of all scenario keys, table by table, as Markdown."""
    definitions = scenario_node()["$defs"]
    parts = ["### Top level", _table(scenario_node(), skip=_table_keys())]
    for header, name in _TABLES:
        parts += [f"### `{header}`", definitions[name]["description"], _table(definitions[name])]
    common = keys_of(definitions["Leader"]).keys() - {"kind", "state"}
    shared = {**definitions["Leader"], "properties": _only(definitions["Leader"], common)}
    parts += ["### `[events]`", "Every event may hold these keys, beside those of its kind.", _table(shared)]
    for kind, pointer in _kinds().items():
        node = definitions[pointer.rsplit("/", 1)[1]]
        parts += [f'#### `kind = "{kind}"`', node["description"], _table(node, skip={*common, "kind"})]
    branch = definitions["Branch"]
    others = ", ".join(f"`{key}`" for key in keys_of(branch) if key not in _LABELS)
    parts += [
        "### `[branches.NAME]`",
        f"{branch['description']} The other keys are what they are at the top level: {others}.",
        _table({**branch, "properties": _only(branch, _LABELS)}),
        "### Variables",
        "What metrics and conditions can name.",
        _variables(),
    ]
    return "\n\n".join(parts)


def guide() -> str:
    """Return a description of each kind of event as Markdown."""
    rows = [f"| `{kind}` | {event.guide} |" for kind, event in EVENT_KINDS.items()]
    return "\n".join(("| kind | what it does |", "| --- | --- |", *rows))


def replace_part(page: str, begin: str, end: str, text: str) -> str:
    """Return a page with ``text`` between two markers; both markers must be in the page.

    Examples
    --------
    >>> replace_part("a <b> old <e> z", "<b>", "<e>", "new").split()
    ['a', '<b>', 'new', '<e>', 'z']
    """
    start = page.index(begin)
    return f"{page[:start]}{begin}\n\n{text}\n\n{page[page.index(end, start) :]}"


def with_reference(page: str) -> str:
    """Return a page in which the parts between the markers are generated anew."""
    return replace_part(replace_part(page, KINDS, END_OF_KINDS, guide()), BEGIN, END, reference())


def write_documents(folder: Path = DOCS) -> None:
    """Write the generated parts of ``scenarios.md`` and the JSON Schema of scenarios."""
    page = folder / "scenarios.md"
    page.write_text(with_reference(page.read_text("utf-8")), "utf-8")
    (folder / "scenario.schema.json").write_text(schema_text(), "utf-8")


def _table_keys() -> set[str]:
    return {
        key
        for key, node in keys_of(scenario_node()).items()
        if deref(node).get("type") == "object" and key != "parameters"
    }


def _kinds() -> dict[str, str]:
    (union,) = keys_of(scenario_node())["events"]["patternProperties"].values()
    order = [choice["$ref"] for choice in union["oneOf"]]
    by_pointer = {pointer: kind for kind, pointer in union["discriminator"]["mapping"].items()}
    return {by_pointer[pointer]: pointer for pointer in order}


def _only(node: Node, keys: Set[str] | tuple[str, ...]) -> dict[str, Node]:
    return {key: inner for key, inner in keys_of(node).items() if key in keys}


def _table(node: Node, skip: Set[str] = frozenset()) -> str:
    needed = node.get("required", [])
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    keys = keys_of(node)
    for key in sorted(keys.keys() - skip, key=lambda key: (key not in needed, list(keys).index(key))):
        whole = deref(keys[key])
        value = _LONG.split(words(whole))[0]
        default = "required" if key in needed else _default(whole)
        rows.append(f"| `{key}` | {value} | {default} | {whole.get('description', '')} |")
    return "\n".join(rows)


def _default(node: Node) -> str:
    given = node.get("default")
    if given is None or given == "":
        return ""
    if isinstance(given, bool):
        return str(given).lower()
    return str(int(given)) if isinstance(given, float) and given.is_integer() else str(given)


def _variables() -> str:
    rows = ["| variable | written | unit | meaning |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{name}` | {_FORMS[variable.of].format(name=name)} | {variable.unit} | {variable.meaning} |"
        for name, variable in VARIABLES.items()
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    write_documents()
