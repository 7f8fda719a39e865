"""Finishing touches to the generated OpenAPI schema (`SPECTACULAR_SETTINGS`)."""

from __future__ import annotations

from typing import Any

from sahur.api.shapes import Problem


def tell_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Every operation may answer with a problem."""
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    result["components"]["schemas"]["Problem"] = schema
    answer = {
        "description": "What went wrong, and what to do about it",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = answer
    return result
