"""AWS's own model of the service, as botocore ships it: the judge of shapes."""

from __future__ import annotations

from functools import cache
from typing import Any, cast
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator


@cache
def service_model() -> ServiceModel:
    """The model of Lambda."""
    return ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")


def structure(name: str) -> StructureShape:
    """One shape with members."""
    shape = service_model().shape_for(name)
    assert isinstance(shape, StructureShape)
    return shape


def faults_of(value: dict[str, Any], shape: str) -> str:
    """What is wrong with a value of the wire; empty if nothing is."""
    return str(ParamValidator().validate(value, structure(shape)).generate_report())


def read_as_boto(
    operation: str, body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """An answer as a boto3 user gets it."""
    response = {"status_code": status, "headers": headers or {}, "body": body}
    shape = service_model().operation_model(operation).output_shape
    assert shape is not None
    parsed: dict[str, Any] = create_parser("rest-json").parse(response, shape)
    return parsed


def sent_by_boto(operation: str, **params: Any) -> tuple[list[str], dict[str, list[str]], bytes]:
    """A request as boto3 sends it: its decoded path segments, its query, its body."""
    model = service_model().operation_model(operation)
    request: dict[str, Any] = create_serializer("rest-json").serialize_to_request(params, model)
    query: dict[str, list[str]] = {}
    for name, value in request["query_string"].items():
        several = cast("list[object]", value if isinstance(value, list) else [value])
        query[name] = [str(each) for each in several]
    body = request["body"]
    segments = [unquote(part) for part in request["url_path"].split("/") if part]
    return segments, query, body if isinstance(body, bytes) else body.encode()
