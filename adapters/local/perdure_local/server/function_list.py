"""ListFunctions, so that clients can find out what there is to invoke."""

from __future__ import annotations

from typing import Any

from perdure.models.encode import to_wire

from ..embedded import EmbeddedService
from .exchange import Call, Reply, json_reply


def list_functions(embedded: EmbeddedService, call: Call) -> Reply:
    """Every function in one page; of Lambda's description, what there is here."""
    del call
    setting = embedded.service.setting
    functions: list[dict[str, Any]] = []
    for name in sorted(embedded.functions):
        arn = setting.region.function_arn(name, "$LATEST").removesuffix(":$LATEST")
        described: dict[str, Any] = {
            "FunctionName": name,
            "FunctionArn": arn,
            "Version": "$LATEST",
        }
        config = setting.functions.get(name)
        if config is not None and config.durable_config is not None:
            described["DurableConfig"] = to_wire(config.durable_config)
        functions.append(described)
    return json_reply(200, {"Functions": functions})
