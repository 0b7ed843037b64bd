"""What both gRPC doors say: the words of REST as messages. Pure."""

from __future__ import annotations

from typing import Any

from bridge._table.mapping import ROWS, RestRequest
from bridge._table.transcode import classes_of, exchange
from camunda_core.errors import CamundaError
from camunda_rest._encoding import check_json

__all__ = ["message_of"]


def message_of(rpc: str, request: RestRequest) -> Any:
    """The request message for a request in the words of REST; InvalidRequest names what JSON cannot carry."""
    try:
        check_json(request.body)  # the one check of what a caller's variables may hold, on both wires
    except CamundaError as error:
        error.operation = rpc
        raise
    row = ROWS[rpc]
    if not row.emulated_by:
        return exchange(rpc).from_rest(request.path, request.body, request.files)
    message = exchange(row.emulated_by).from_rest(request.path, request.body)
    cls = classes_of(rpc)[0]
    known = cls.DESCRIPTOR.fields_by_name
    return cls(**{each.name: value for each, value in message.ListFields() if each.name in known})
