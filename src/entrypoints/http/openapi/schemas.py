"""JSON Schemas of Python types. msgspec derives them from the types' fields and `msgspec.Meta`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.openapi.spec import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REFERENCE = "#/components/schemas/"
_ENDING = re.compile("(View|Document)$")
"""The ending of a class's name that only tells the class from its namesake of the domain."""


@dataclass
class TypeSchema(Schema):
    """The schema of a type. It is derived when the OpenAPI document is built, not when a module is imported.

    Attributes:
        python_type: A struct, an annotated type, a union, …
        keywords: More keywords of JSON Schema, such as `examples`.
    """

    python_type: Any = None
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def to_schema(self) -> dict[str, Any]:
        """Returns the schema. `$defs` has the structs and enums that it refers to."""
        derived = msgspec.json.schema(self.python_type, ref_template=_REFERENCE + "{name}")
        return {**self.keywords, **derived}


def schema_of(python_type: Any, **keywords: Any) -> Schema:  # noqa: ANN401  # a union is not a `type`
    """Returns the schema of a type, with more keywords of JSON Schema."""
    return TypeSchema(python_type=python_type, keywords=keywords)


def with_components(document: dict[str, Any]) -> dict[str, Any]:
    """Returns an OpenAPI document whose structs and enums are components, each named and given once.

    A component is named as its class, but `MessageView` is `Message` and `RetryDocument` is `Retry`. Components
    that nothing refers to are left out.

    Raises:
        ValueError: Two different classes would have the same name.
    """
    components = document["components"]
    derived: dict[str, Any] = {}
    used: set[str] = set()

    def move_definitions(part: dict[str, Any]) -> dict[str, Any]:
        for class_name, definition in part.pop("$defs", {}).items():
            name = _ENDING.sub("", class_name)
            if derived.setdefault(name, definition) != definition:
                raise ValueError(f"two different classes are both called {name} in the OpenAPI document")
        reference = part.get("$ref", "")
        if reference.startswith(_REFERENCE):
            name = _ENDING.sub("", reference.removeprefix(_REFERENCE))
            used.add(name)
            part["$ref"] = _REFERENCE + name
        return part

    paths = _map_objects(document["paths"], move_definitions)
    schemas = components["schemas"] | derived
    named = {name: _component(schemas[name]) for name in sorted(used)}
    return {**document, "paths": paths, "components": {**components, "schemas": named}}


def _component(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a component without the title that repeats its name, and an enum with its type."""
    kind = {"type": "string"} if "enum" in schema else {}
    return {**kind, **{keyword: value for keyword, value in schema.items() if keyword != "title"}}


def _map_objects(part: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:  # noqa: ANN401  # JSON
    """Returns JSON in which each object has been changed, the inner ones first."""
    if isinstance(part, list):
        return [_map_objects(item, change) for item in part]
    if isinstance(part, dict):
        return change({name: _map_objects(value, change) for name, value in part.items()})
    return part
