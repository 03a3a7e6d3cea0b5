"""What programs rely on in an OpenAPI description, line by line, and what a change takes away."""

from collections.abc import Iterator
from typing import Any


def lines(described: dict[str, Any]) -> set[str]:
    """Every promise the description makes: operations, what they take, need and answer."""
    found: set[str] = set()
    for path, operations in described["paths"].items():
        for method, one in operations.items():
            name = f"{method.upper()} {path}"
            found |= {f"{name} | is", *(f"{name} | {line}" for line in _of(one, described))}
    return found


def taken_away(before: set[str], now: set[str]) -> list[str]:
    """What a program written against ``before`` would miss, or be asked for anew.

    A field that is needed now and was not is as bad as one that is gone; a need that is gone, or
    anything new, harms nobody.
    """
    known = {line.partition(" | ")[0] for line in before}
    gone = [line for line in before - now if " | needs " not in line]
    asked = [
        line for line in now - before if " | needs " in line and line.partition(" | ")[0] in known
    ]
    return sorted([*(f"gone: {line}" for line in gone), *(f"asked anew: {line}" for line in asked)])


def _of(one: dict[str, Any], described: dict[str, Any]) -> Iterator[str]:
    for parameter in one.get("parameters", ()):
        yield f"takes {parameter['in']} {parameter['name']}"
        if parameter.get("required"):
            yield f"needs {parameter['in']} {parameter['name']}"
    for kind, content in one.get("requestBody", {}).get("content", {}).items():
        for way, needed in _fields(content["schema"], described):
            yield f"takes {kind} {way}"
            if needed:
                yield f"needs {kind} {way}"
    for status, answer in one["responses"].items():
        if not 200 <= int(status) < 300:
            continue  # problems have one form, everywhere
        yield f"answers {status}"
        for content in answer.get("content", {}).values():
            for way, _ in _fields(content["schema"], described):
                yield f"answers {status} {way}"


def _fields(
    schema: dict[str, Any], described: dict[str, Any], way: str = ""
) -> Iterator[tuple[str, bool]]:
    """The ways to every field of a schema, and whether it must be given."""
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        yield f"{way}{name}", name in schema.get("required", ())
        yield from _fields(field, described, f"{way}{name}.")
    for other in schema.get("anyOf", ()):
        yield from _fields(other, described, way)
    if "items" in schema:
        yield from _fields(schema["items"], described, f"{way}[].")
