"""HTTP answers as errors, for every dialect that clusters of 8.6 to 8.10 speak."""

from __future__ import annotations

import json

import pytest

from camunda_core.errors import Problem, error_class
from camunda_rest import operations
from camunda_rest._problems import error_of, meaning, read_problem


def rejection(code: str) -> str:
    return f"Command 'COMPLETE' rejected with code '{code}': Expected something else"


@pytest.mark.parametrize(
    ("status", "title", "detail", "code"),
    [
        # the engine's rejection decides before everything else
        (400, "INVALID_ARGUMENT", rejection("INVALID_ARGUMENT"), "INVALID_ARGUMENT"),
        (404, "NOT_FOUND", rejection("NOT_FOUND"), "NOT_FOUND"),
        (409, "ALREADY_EXISTS", rejection("ALREADY_EXISTS"), "ALREADY_EXISTS"),
        (409, "INVALID_STATE", rejection("INVALID_STATE"), "FAILED_PRECONDITION"),
        (500, "PROCESSING_ERROR", rejection("PROCESSING_ERROR"), "INTERNAL"),
        (500, "INTERNAL", rejection("EXCEEDED_BATCH_RECORD_SIZE"), "UNKNOWN"),
        (401, "UNAUTHORIZED", rejection("UNAUTHORIZED"), "PERMISSION_DENIED"),
        (403, "FORBIDDEN", rejection("FORBIDDEN"), "PERMISSION_DENIED"),
        (500, "io.camunda.Unknown", rejection("SOMETHING_NEW"), "UNKNOWN"),
        (500, "INTERNAL", f"see: {rejection('NOT_FOUND')}", "INTERNAL"),
        # broker errors, in both spellings
        (500, "INTERNAL", "unexpected (code: MAX_MESSAGE_SIZE_EXCEEDED) (message: x)", "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL", "Received error from the broker (code: RESOURCE_EXHAUSTED)", "RESOURCE_EXHAUSTED"),
        (500, "MALFORMED_REQUEST", "unexpected, code: MALFORMED_REQUEST, message: x", "INVALID_ARGUMENT"),
        (503, "X", "code: PARTITION_LEADER_MISMATCH, message: x", "UNAVAILABLE"),
        (500, "INTERNAL_ERROR", "code: INTERNAL_ERROR, message: Processing paused", "INTERNAL"),
        (404, "PROCESS_NOT_FOUND", "code: PROCESS_NOT_FOUND, message: x", "NOT_FOUND"),
        # back-pressure
        (429, "RESOURCE_EXHAUSTED", "the write limit is exhausted", "RESOURCE_EXHAUSTED"),
        (503, "RESOURCE_EXHAUSTED", "", "RESOURCE_EXHAUSTED"),
        (500, "java.lang.RuntimeException", "one broker returned 'RESOURCE_EXHAUSTED'", "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL", "at least one broker returned 'RESOURCE_EXHAUSTED'", "RESOURCE_EXHAUSTED"),
        (400, "INVALID_ARGUMENT", "the name RESOURCE_EXHAUSTED is reserved", "INVALID_ARGUMENT"),
        (429, "io.camunda.x.RequestRetriesExhaustedException", "", "RESOURCE_EXHAUSTED"),
        # titles, class names by their last segment
        (400, "INVALID_ARGUMENT", "No variables provided.", "INVALID_ARGUMENT"),
        (400, "com.fasterxml.jackson.core.JsonParseException", "", "INVALID_ARGUMENT"),
        (500, "java.lang.IllegalArgumentException", "", "INVALID_ARGUMENT"),
        (404, "NOT_FOUND", "", "NOT_FOUND"),
        (401, "UNAUTHORIZED", "tenant", "PERMISSION_DENIED"),
        (403, "FORBIDDEN", "", "PERMISSION_DENIED"),
        (503, "io.camunda.zeebe.broker.client.api.PartitionNotFoundException", "", "UNAVAILABLE"),
        (503, "UNAVAILABLE", "", "UNAVAILABLE"),
        (504, "java.util.concurrent.TimeoutException", "", "DEADLINE_EXCEEDED"),
        (502, "io.atomix.cluster.messaging.MessagingException$ConnectionClosed", "", "ABORTED"),
        (500, "UNKNOWN", "", "UNKNOWN"),
        (500, "INTERNAL", "", "INTERNAL"),
        # the status alone; a title in mixed case is the web server's, not the engine's
        (400, "Bad Request", "Failed to read request", "INVALID_ARGUMENT"),
        (401, "Unauthorized", "", "UNAUTHENTICATED"),
        (401, "", "", "UNAUTHENTICATED"),
        (403, "Forbidden", "", "PERMISSION_DENIED"),
        (404, "Not Found", "", "UNIMPLEMENTED"),
        (404, "", "", "UNIMPLEMENTED"),
        (404, "Something", "", "NOT_FOUND"),
        (405, "Method Not Allowed", "", "UNIMPLEMENTED"),
        (406, "", "", "INTERNAL"),
        (408, "", "", "DEADLINE_EXCEEDED"),
        (409, "Conflict", "", "FAILED_PRECONDITION"),
        (412, "", "", "FAILED_PRECONDITION"),
        (413, "", "", "RESOURCE_EXHAUSTED"),
        (415, "", "", "INTERNAL"),
        (418, "", "", "FAILED_PRECONDITION"),
        (429, "", "", "RESOURCE_EXHAUSTED"),
        (500, "", "", "INTERNAL"),
        (500, "java.lang.NullPointerException", "", "INTERNAL"),
        (501, "", "", "UNIMPLEMENTED"),
        (502, "", "", "UNAVAILABLE"),
        (502, "Bad Gateway", "", "UNAVAILABLE"),
        (502, "some.other.Exception", "", "ABORTED"),
        (503, "", "", "UNAVAILABLE"),
        (504, "", "", "DEADLINE_EXCEEDED"),
        (507, "", "", "UNKNOWN"),
        (302, "", "", "INTERNAL"),
    ],
)
def test_the_first_rule_that_fits_decides(status: int, title: str, detail: str, code: str) -> None:
    assert meaning(Problem(status=status, title=title, detail=detail)) == code
    document = json.dumps({"status": status, "title": title or None, "detail": detail}).encode()
    got = error_of(operations.COMPLETE_JOB, status, {"content-type": "application/problem+json"}, document)
    assert type(got) is error_class(code)
    assert (got.operation, got.sent) == ("completeJob", True)


def test_every_part_of_a_problem_is_kept() -> None:
    document = {
        "type": "about:blank",
        "title": "NOT_FOUND",
        "status": 404,
        "detail": "no such job",
        "instance": "/v2/jobs/1",
        "traceId": "abc",
    }
    got = error_of(operations.COMPLETE_JOB, 404, {"content-type": "x+json"}, json.dumps(document).encode())
    assert got.message == "no such job"
    assert got.problem == Problem(
        404, "NOT_FOUND", "no such job", "about:blank", "/v2/jobs/1", {"traceId": "abc"}
    )


def test_an_answer_of_the_web_server_keeps_what_it_has_and_points_at_the_address() -> None:
    document = {"timestamp": 1, "status": 404, "error": "Not Found", "path": "/ctx/v2/topology"}
    body = json.dumps(document).encode()
    got = error_of(operations.GET_TOPOLOGY, 404, {"content-type": "application/json"}, body)
    assert got.problem is not None
    assert (got.problem.title, got.problem.extra["path"]) == ("", "/ctx/v2/topology")
    assert "Not Found" in got.message
    assert "/ctx/v2/topology" in got.message
    assert "base address" in got.message


@pytest.mark.parametrize(
    ("content_type", "body", "detail"),
    [
        (
            "text/html",
            b"<title>502</title><script>x()</script><h1>Bad &lt;Gateway&gt;</h1>",
            "502 Bad <Gateway>",
        ),
        ("text/plain", b"upstream  connect\n error", "upstream connect error"),
        ("application/json", b'{"half":', '{"half":'),
        ("application/json", b'["not", "a problem"]', '["not", "a problem"]'),
        ("application/problem+json", b"", ""),
        ("text/plain", b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_a_body_that_is_no_problem_becomes_an_excerpt(content_type: str, body: bytes, detail: str) -> None:
    problem = read_problem(502, {"content-type": content_type}, body)
    assert (problem.title, problem.detail, problem.status) == ("", detail, 502)


def test_a_long_page_is_cut_short() -> None:
    assert len(read_problem(500, {"content-type": "text/html"}, b"<p>" + b"word " * 100_000).detail) < 250


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "9" * 500}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "nan"}, None),
        (
            {"retry-after": f"Fri, 21 Nov {'9' * 30} 10:00:00 GMT", "date": "Fri, 21 Nov 2025 10:00:30 GMT"},
            None,
        ),
        ({"retry-after": "Fri, 21 Nov 2025 10:00:30 GMT", "date": "Fri, 21 Nov 2025 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 21 Nov 2025 10:00:00 GMT", "date": "Fri, 21 Nov 2025 10:00:30 GMT"}, 0.0),
        ({"retry-after": "Fri, 21 Nov 2025 10:00:00 GMT"}, None),
        ({"retry-after": "Fri, 21 Nov 2025 10:00:00", "date": "Fri, 21 Nov 2025 10:00:30 GMT"}, None),
    ],
)
def test_the_server_may_ask_for_a_pause(headers: dict[str, str], seconds: float | None) -> None:
    assert error_of(operations.COMPLETE_JOB, 503, headers, b"").retry_after == seconds


CREATE = operations.CREATE_PROCESS_INSTANCE
PROBLEM = {"content-type": "application/problem+json"}


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(
    ("body", "answered"),
    [
        (b"", False),
        (b"<h1>Service Unavailable</h1>", False),
        (b"upstream connect error or disconnect/reset before headers. reset reason: remote reset", False),
        (b"no healthy upstream", True),
        (b'{"message": "upstream connect error. reset reason: connection failure"}', True),
        (b'{"message": "The upstream server is timing out"}', False),
        (b'{"timestamp": 1, "status": 503, "error": "Service Unavailable", "path": "/v2/x"}', False),
    ],
)
def test_a_proxy_that_lost_its_upstream_has_not_answered_for_the_gateway(
    status: int, body: bytes, answered: bool
) -> None:
    for content_type in ("text/html", "application/json", "application/problem+json"):
        got = error_of(CREATE, status, {"content-type": content_type}, body)
        assert (got.sent, got.answered) == (True, answered)
        assert ("the command may have been executed" in got.message) is not answered
        assert "may have been executed" not in error_of(operations.COMPLETE_JOB, status, {}, body).message


@pytest.mark.parametrize(
    ("status", "title", "answered"),
    [
        (503, "RESOURCE_EXHAUSTED", True),
        (503, "UNAVAILABLE", True),
        (503, "io.camunda.zeebe.broker.client.api.PartitionNotFoundException", True),
        (504, "DEADLINE_EXCEEDED", True),
        (502, "ABORTED", True),
        (503, "Service Unavailable", False),  # the gateway's web layer has stopped waiting for the engine
        (503, "Error 1033: tunnel error", False),
        (502, "Bad Gateway", False),
        (504, "Gateway Timeout", False),
    ],
)
def test_a_problem_document_is_the_gateways_own_where_its_title_is(
    status: int, title: str, answered: bool
) -> None:
    body = json.dumps({"title": title, "status": status}).encode()
    assert error_of(CREATE, status, PROBLEM, body).answered is answered


@pytest.mark.parametrize(
    ("detail", "asks", "code"),
    [
        ("tenant 'a' is not authorized", False, "PERMISSION_DENIED"),
        ("who are you?", True, "UNAUTHENTICATED"),
        (rejection("UNAUTHORIZED"), True, "PERMISSION_DENIED"),
    ],
    ids=["a tenant, as recorded", "credentials are asked for", "the engine's own word"],
)
def test_a_401_that_asks_for_credentials_is_unauthenticated_whatever_its_title(
    detail: str, asks: bool, code: str
) -> None:
    headers = {"content-type": "application/problem+json", **({"www-authenticate": "Bearer"} if asks else {})}
    body = json.dumps({"title": "UNAUTHORIZED", "status": 401, "detail": detail}).encode()
    assert error_of(operations.GET_TOPOLOGY, 401, headers, body).grpc_code == code
