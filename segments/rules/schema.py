"""The JSON Schema of the language, for the API's document and the browser's types. Pure."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from segments.rules import registry


def rule_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule: a union of all condition types, told apart by `type`."""
    types = registry.types()
    _, schema = models_json_schema(
        [(model, "validation") for model in types.values()],
        by_alias=True,
        ref_template="#/$defs/{model}",
    )
    definitions: dict[str, Any] = _pointing_at_rule(schema.get("$defs", {}))
    definitions["Rule"] = {
        "title": "Rule",
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in types.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: f"#/$defs/{model.__name__}" for name, model in types.items()},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Rule",
        "$defs": definitions,
    }


def _pointing_at_rule(node: Any) -> Any:
    """Let inner rules refer to the union, which is known only when all types are."""
    if isinstance(node, dict):
        if node.get("title") == "InnerRule":
            return {"$ref": "#/$defs/Rule"}
        return {name: _pointing_at_rule(value) for name, value in node.items()}
    return [_pointing_at_rule(one) for one in node] if isinstance(node, list) else node
