"""An error of REST as gRPC shows it, and call metadata as headers of HTTP."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from bridge._dropin.status import PROBLEM_DOMAIN, headers_of, rpc_error
from camunda_core.errors import InvalidRequest, NotFound, Problem, Unavailable


def test_an_error_is_caught_as_what_it_means_and_as_an_error_of_grpc() -> None:
    shown: Any = rpc_error(NotFound("no such job", problem=Problem(status=404, title="NOT_FOUND")))
    assert isinstance(shown, NotFound)
    assert isinstance(shown, grpc.RpcError)
    assert shown.code() is grpc.StatusCode.NOT_FOUND
    assert shown.details() == "no such job"


def test_a_problem_document_travels_in_the_details_of_the_status() -> None:
    problem = Problem(status=404, title="NOT_FOUND", detail="no such job", instance="/v2/jobs/5/completion")
    shown: Any = rpc_error(NotFound("no such job", problem=problem))
    ((key, value),) = shown.trailing_metadata()
    assert key == "grpc-status-details-bin"
    status = status_pb2.Status.FromString(value)
    assert (status.code, status.message) == (grpc.StatusCode.NOT_FOUND.value[0], "no such job")
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.domain, info.reason) == (PROBLEM_DOMAIN, "NOT_FOUND")
    assert dict(info.metadata) == {
        "status": "404",
        "instance": "/v2/jobs/5/completion",
        **({"type": problem.type} if problem.type else {}),
    }


def test_where_nobody_answered_there_are_no_details() -> None:
    shown: Any = rpc_error(Unavailable("nobody is there"))
    assert not shown.trailing_metadata()


@pytest.mark.parametrize(
    ("metadata", "headers"),
    [
        (None, {}),
        ((), {}),
        ([("X-Trace", "a")], {"x-trace": "a"}),
        ([("x-trace", b"a")], {"x-trace": "a"}),
        ([("x-trace-bin", b"\x00\xff")], {"x-trace-bin": "AP8="}),
        ([("x", "a"), ("X", "b")], {"x": "a, b"}),
        ([("authorization", "one"), ("Authorization", "two")], {"authorization": "two"}),
        ([("grpc-timeout", "1S"), (":path", "/")], {}),
    ],
)
def test_metadata_becomes_headers(metadata: Any, headers: dict[str, str]) -> None:
    assert headers_of(metadata) == headers


@pytest.mark.parametrize("value", ["a\r\nb", "a\n", "\rb", b"a\nb"])
def test_a_value_of_several_lines_is_no_header(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="metadata x-trace: a value of more than one line"):
        headers_of([("x-trace", value)])
