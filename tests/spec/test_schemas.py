"""The vectors keep to the schemas, and so does everything that the core sends in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from referencing import Registry, Resource

from spec.make import ROOT
from spec.runner import run
from spec.vector_files import Vector, every_vector, read, vector_paths


class Fault(Protocol):
    """What jsonschema says of one fault."""

    json_path: str
    message: str


class Validates(Protocol):
    """The part of jsonschema that is used here."""

    def iter_errors(self, instance: Any) -> Iterable[Fault]: ...


@cache
def validator(shape: str) -> Validates:
    """The validator of one schema file."""
    files = {path.name: json.loads(path.read_text("utf-8")) for path in ROOT.glob("schemas/*")}
    registry: Registry[Any] = Registry[Any]().with_resources(
        (name, Resource.from_contents(content)) for name, content in files.items()
    )
    return cast("Validates", Draft202012Validator(files[f"{shape}.schema.json"], registry=registry))


def faults(shape: str, value: object) -> list[str]:
    """What is wrong with a value."""
    return [
        f"{each.json_path}: {each.message[:200]}" for each in validator(shape).iter_errors(value)
    ]


@pytest.mark.parametrize("path", sorted(ROOT.glob("schemas/*")), ids=lambda path: path.stem)
def test_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", vector_paths(), ids=lambda path: path.stem)
def test_vector_keeps_to_the_schema(path: Path) -> None:
    assert faults("vector", read(path)) == []


@pytest.mark.parametrize("path", vector_paths(), ids=lambda path: path.stem)
def test_messages_of_the_vector_keep_to_the_wire(path: Path) -> None:
    vector = read(path)
    for request in run(vector).requests:
        whole = {"DurableExecutionArn": request.durable_execution_arn, **json.loads(request.body)}
        assert faults("CheckpointRequest", whole) == []
    for shape, message in _answers(vector):
        assert faults(shape, message) == []


def _answers(vector: Vector) -> list[tuple[str, Any]]:
    shapes = {"receive_page": "StatePage", "receive_response": "CheckpointResponse"}
    return [
        (shape, step[verb])
        for step in vector["script"]
        for verb, shape in shapes.items()
        if verb in step
    ]


def test_every_flag_is_explained_and_used() -> None:
    explained = json.loads((ROOT / "flags.json").read_text("utf-8"))
    assert {flag for vector in every_vector() for flag in vector["flags"]} == set(explained)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "No Area"},
        {"script": [{"timer": True}]},
        {"script": [{"now": 1, "timer": True, "suspend": True, "expect": {"phase": "RUNNING"}}]},
        {"script": [{"now": 1, "expect": {"colour": "red"}}]},
        {"given": {"now": 1}},
        {"refs": []},
        {"guards": ""},
    ],
    ids=str,
)
def test_the_schema_of_vectors_refuses(wrong: dict[str, Any]) -> None:
    vector = read(vector_paths()[0])
    assert faults("vector", {**vector, **wrong}) != []
