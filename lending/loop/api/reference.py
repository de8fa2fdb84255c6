"""The published OpenAPI description, arranged for a page to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field or parameter. `shape`: the name of a schema to look up, when it has one."""

    name: str
    kind: str
    required: bool
    description: str
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One method of one path; `takes` and `gives` name schemas."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[FieldView]
    takes: str | None
    gives: str | None
    errors: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShapeView:
    """One schema, field by field."""

    name: str
    description: str
    fields: list[FieldView]


def read_endpoints(spec: Spec) -> list[EndpointView]:
    """Every endpoint of a description, in its order."""
    found = []
    for path, operations in spec["paths"].items():
        shared = operations.get("parameters", [])
        for method in METHODS:
            if method in operations:
                found.append(_endpoint(path, method, operations[method], shared))
    return found


def read_shapes(spec: Spec) -> list[ShapeView]:
    """The schemas that the endpoints use, in the order in which a reader meets them."""
    schemas = spec["components"]["schemas"]
    waiting = list(_names_in(spec["paths"]))
    seen: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen[name] = None
            waiting = [*_names_in(schemas[name]), *waiting]
    return [_shape(name, schemas[name]) for name in seen]


def _endpoint(path: str, method: str, operation: Spec, shared: list[Any]) -> EndpointView:
    answers = operation["responses"]
    return EndpointView(
        anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[
            _field(each["name"], each["schema"] | _said(each), each.get("required", False))
            for each in [*shared, *operation.get("parameters", [])]
        ],
        takes=_name_of(operation.get("requestBody")),
        gives=_name_of(answers.get("200")),
        errors=[
            (status, answer["description"])
            for status, answer in sorted(answers.items())
            if status.startswith("4")
        ],
    )


def _shape(name: str, schema: Spec) -> ShapeView:
    required = schema.get("required", [])
    return ShapeView(
        name,
        schema.get("description", ""),
        [
            _field(field, values, field in required)
            for field, values in schema.get("properties", {}).items()
        ],
    )


def _field(name: str, schema: Spec, required: bool) -> FieldView:
    return FieldView(
        name, _kind(schema), required, schema.get("description", ""), next(_names_in(schema), None)
    )


def _said(parameter: Spec) -> dict[str, Any]:
    return {"description": parameter["description"]} if "description" in parameter else {}


def _kind(schema: Spec) -> str:
    """A schema's type in few words: `string (uuid) or null`, `list of 1 to 10000`, `a | b`."""
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            kinds = [_kind(each) for each in schema[choice]]
            return " or ".join(kind for kind in kinds if kind)
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else list(types)
    words = [
        f"{each} ({schema['format']})" if _has_format(each, schema) else each for each in names
    ]
    return " or ".join(words) + _bounds(schema)


def _has_format(name: str, schema: Spec) -> bool:
    return name == "string" and "format" in schema


def _bounds(schema: Spec) -> str:
    pairs = (("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength"))
    for low, high in pairs:
        if high in schema:
            return f", {schema.get(low, 0)} to {schema[high]}"
    return ""


def _name_of(part: Any) -> str | None:
    return next(_names_in(part), None) if part else None


def _names_in(part: Any) -> Iterator[str]:
    """The schemas a part of the description refers to, in its order."""
    if isinstance(part, Mapping):
        reference = part.get("$ref", "")
        if reference.startswith("#/components/schemas/"):
            yield reference.rsplit("/", 1)[-1]
        for value in part.values():
            yield from _names_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _names_in(value)
