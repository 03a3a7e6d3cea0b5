"""The published schema: it is one, the examples keep it, and broken reports do not."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from overdeliver.audit.schema import NAME, contradictions, schema

jsonschema = pytest.importorskip("jsonschema")

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.json"))
Report = dict[str, Any]


def load(name: str) -> Report:
    text = (Path(__file__).parent / "examples" / f"{name}.json").read_text(encoding="utf-8")
    report: Report = json.loads(text)
    return report


def faults(report: Report) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema())
    return [error.json_path for error in validator.iter_errors(report)]


def test_the_schema_is_a_valid_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["schema"]["const"] == NAME


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_keep_the_schema_and_add_up(path: Path) -> None:
    report = json.loads(path.read_text(encoding="utf-8"))
    assert faults(report) == []
    assert contradictions(report) == []


@pytest.mark.parametrize("key", sorted(schema()["required"]))
def test_every_part_is_required(key: str) -> None:
    report = load("full")
    del report[key]
    assert faults(report)


def test_new_properties_are_allowed() -> None:
    assert faults(load("full") | {"something_new": 1}) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kept", "rate"), 1.2),
        (("lever",), "mood"),
        (("outcomes", "broken"), -1),
        (("outcomes", "met"), "7"),
        (("schema",), "overdeliver.audit/2"),
        (("backtest", "levels", 0, "kept"), "most"),
        (("groups", 0, "flag"), "ugly"),
    ],
)
def test_a_wrong_value_is_named(path: tuple[Any, ...], value: Any) -> None:
    report = load("full")
    at: Any = report
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert faults(report)


def change(report: Report, *path: Any, to: Any) -> Report:
    changed = copy.deepcopy(report)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return changed


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("rows", "rejected"), 99, "rows:"),
        (("kept",), None, "kept:"),
        (("kept", "rate"), 0.5, "kept:"),
        (("kept", "low"), 0.99, "kept: the rate lies outside"),
        (("groups", 0, "open"), 12345, "do not add up"),
        (("groups", 0, "enough"), False, "without enough"),
        (("backtest", "levels", 0, "low"), 0.9, "backtest 0.5"),
        (("distribution", 3, "gap_high"), 77, "no common edge"),
        (("distribution", 11, "gap_high"), 0.5, "holds kept and broken"),
    ],
)
def test_contradictions_are_found(path: tuple[Any, ...], value: Any, said: str) -> None:
    found = contradictions(change(load("full"), *path, to=value))
    assert any(said in sentence for sentence in found), found
