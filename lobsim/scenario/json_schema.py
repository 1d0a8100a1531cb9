"""The JSON Schema of scenario files, by which editors complete, explain and check them.

It knows what `schema.py` says of each key, and little of what keys must satisfy together
(`checks.py`): a file that it accepts may still be refused.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from lobsim.scenario.numbers import LARGEST_NUMBER, plain_numbers
from lobsim.scenario.schema import Scenario

HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:lobsim:scenario:1",  # the number is the `version` that scenarios give
}
TIMER = {
    "if": {"properties": {"requote": {"const": "timer"}}, "required": ["requote"]},
    "then": {"required": ["requote_ms"]},
    "else": {"properties": {"requote_ms": False}},
}


def scenario_schema(parameters: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The schema, given that of `params` for every known strategy.

    Other strategies may have any parameters: a file that the scenario names may bring them.
    """
    schema = Scenario.model_json_schema(schema_generator=TomlSchema)
    strategy = schema["$defs"]["StrategySpec"]
    strategy["properties"]["plugin"]["examples"] = list(parameters)
    strategy["allOf"] = [with_params(name, params) for name, params in parameters.items()]
    return {**HEAD, **schema, **TIMER}


def with_params(plugin: str, params: dict[str, Any]) -> dict[str, Any]:
    """That an account of this plugin has such parameters."""
    this_plugin = {"properties": {"plugin": {"const": plugin}}, "required": ["plugin"]}
    such_params = {"properties": {"params": params}}
    needed = {"required": ["params"]} if params["required"] else {}
    return {"if": this_plugin, "then": such_params | needed}


def bounded(json_schema: JsonSchemaValue) -> JsonSchemaValue:
    """A number within what any number may be, unless its key says less."""
    largest = int(LARGEST_NUMBER)
    if not json_schema.keys() & {"minimum", "exclusiveMinimum"}:
        json_schema["minimum"] = -largest
    if not json_schema.keys() & {"maximum", "exclusiveMaximum"}:
        json_schema["maximum"] = largest
    return json_schema


class TomlSchema(GenerateJsonSchema):
    """TOML has no null, and its numbers are numbers, never text."""

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        json_schema: JsonSchemaValue = {"type": "number"}
        self.update_with_validations(json_schema, schema, self.ValidationsMapping.numeric)
        return bounded(plain_numbers(json_schema))

    def int_schema(self, schema: Any) -> JsonSchemaValue:
        return bounded(super().int_schema(schema))

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        if json_schema.get("default") is None:
            json_schema.pop("default", None)
        return json_schema

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", exclude_defaults=True)
        return plain_numbers(dft) if isinstance(dft, Decimal) else super().encode_default(dft)

    def tagged_union_schema(self, schema: Any) -> JsonSchemaValue:
        json_schema = super().tagged_union_schema(schema)
        json_schema.pop("discriminator", None)  # OpenAPI's, unknown to JSON Schema
        return json_schema

    def get_title_from_name(self, name: str) -> str:
        return name
