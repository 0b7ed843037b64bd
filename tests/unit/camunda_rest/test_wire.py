"""Requests as they are built, and successes as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from camunda_core.errors import ConfigurationError, Internal, InvalidRequest, Unavailable
from camunda_rest import operations
from camunda_rest._request import base_url, build, parse
from camunda_rest.operations import BY_ID, Operation

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("address", "tenant", "base"),
    [
        ("http://localhost:8080", None, "http://localhost:8080/v2"),
        ("https://host/cluster-id/", None, "https://host/cluster-id/v2"),
        ("https://host/cluster-id/v2", None, "https://host/cluster-id/v2"),
        ("https://host/ctx/v2/", "east", "https://host/ctx/physical-tenants/east/v2"),
    ],
)
def test_the_base_ends_in_v2_with_the_physical_tenant_before_it(
    address: str, tenant: str | None, base: str
) -> None:
    assert base_url(address, tenant) == base


@pytest.mark.parametrize(
    ("address", "tenant", "text"),
    [
        ("localhost:8080", None, "scheme"),
        ("http://localhost:8080/v1", None, "v1"),
        ("http://h", "a/b", "physical_tenant"),
        ("http://h", "..", "physical_tenant"),
        ("http://h", "", "physical_tenant"),
        ("http://h", 3, "physical_tenant"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(address: str, tenant: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        base_url(address, tenant)


@pytest.mark.parametrize("operation", BY_ID.values(), ids=list(BY_ID))
def test_every_operation_has_its_path_its_body_and_its_headers(operation: Operation) -> None:
    files = [("a.bpmn", b"x")] if operation.body == "multipart" else []
    request = build("/v2", operation, dict.fromkeys(operation.keys, 2**51 + 1), None, files)
    assert request.method == operation.method
    assert "{" not in request.url
    assert request.url.count("2251799813685249") == len(operation.keys)
    assert request.headers["accept"] == "application/json"
    if operation.body == "json":
        assert (request.headers["content-type"], request.body) == ("application/json", b"{}")
    elif operation.body == "multipart":
        assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    else:
        assert "content-type" not in request.headers
        assert request.body is None


def test_headers_belong_to_the_request_alone() -> None:
    build("", operations.GET_TOPOLOGY).headers["x"] = "1"
    assert "x" not in build("", operations.GET_TOPOLOGY).headers


@pytest.mark.parametrize("key", [1, "1", 0, -1, "-1", 2**63 - 1, "0009"])
def test_a_key_is_an_int_or_its_digits(key: Any) -> None:
    request = build("", operations.COMPLETE_JOB, {"jobKey": key})
    assert request.url == f"/jobs/{key}/completion"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "1/../2",
        "0x5",
        "+5",
        " 5",
        "5 ",
        "٣",
        "1.0",
        1.0,
        True,
        None,
        b"1",
        2**63,
        "9" * 19,
        "9" * 400,
    ],
)
def test_anything_else_is_no_key(key: Any) -> None:
    with pytest.raises(InvalidRequest, match="jobKey") as caught:
        build("", operations.COMPLETE_JOB, {"jobKey": key})
    assert caught.value.operation == "completeJob"
    assert not caught.value.sent


def test_missing_and_unknown_keys_are_named() -> None:
    with pytest.raises(InvalidRequest, match="jobKey is missing"):
        build("", operations.COMPLETE_JOB)
    with pytest.raises(InvalidRequest, match="elementKey unknown; it has jobKey"):
        build("", operations.COMPLETE_JOB, {"jobKey": 1, "elementKey": 2})
    with pytest.raises(InvalidRequest, match="no keys"):
        build("", operations.GET_TOPOLOGY, {"jobKey": 1})


def test_files_belong_to_deployments_and_bodies_to_operations_that_have_one() -> None:
    with pytest.raises(InvalidRequest, match="only a deployment"):
        build("", operations.COMPLETE_JOB, {"jobKey": 1}, None, [("a", b"")])
    with pytest.raises(InvalidRequest, match="no body"):
        build("", operations.GET_TOPOLOGY, None, {"a": 1})


def test_a_success_is_its_json_with_exact_integers() -> None:
    body = b'{"key":9007199254740993,"huge":123456789012345678901234567890,"jobs":[]}'
    assert parse(operations.ACTIVATE_JOBS, 200, JSON, body) == {
        "key": 9007199254740993,
        "huge": 123456789012345678901234567890,
        "jobs": [],
    }


@pytest.mark.parametrize("content_type", ["application/json;charset=utf-8", "application/hal+json", None])
def test_json_goes_by_several_names(content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    assert parse(operations.ACTIVATE_JOBS, 201, headers, b"{}") == {"jobs": []}


def test_a_success_without_a_body_is_none() -> None:
    assert parse(operations.COMPLETE_JOB, 204, {}, b"") is None
    assert parse(operations.DELETE_RESOURCE, 200, {}, b"") is None


def test_deletion_may_answer_with_a_body_since_8_9() -> None:
    assert parse(operations.DELETE_RESOURCE, 200, JSON, b'{"resourceKey":"1"}') == {"resourceKey": "1"}


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        (JSON, b"", "without a body"),
        (JSON, b'{"a":', "cannot be read"),
        (JSON, b"\xff\xfe", "cannot be read"),
        (JSON, b'{"a":Infinity}', "Infinity is not JSON"),
        (JSON, b"[" * 100_000, "cannot be read"),
        (JSON, b"[]", "not an object"),
        (JSON, b"null", "not an object"),
        ({"content-type": "text/html"}, b"<p>Please log in</p>", "Please log in"),
        ({"content-type": "text/plain"}, b"{}", "text/plain"),
    ],
)
def test_a_success_that_cannot_be_read_is_an_error_of_the_server(
    headers: dict[str, str], body: bytes, text: str
) -> None:
    with pytest.raises(Internal) as caught:
        parse(operations.ACTIVATE_JOBS, 200, headers, body)
    assert text in caught.value.message
    assert caught.value.problem is not None
    assert caught.value.problem.status == 200
    assert len(caught.value.message) < 400


def test_a_page_is_no_success_even_where_no_body_is_expected() -> None:
    with pytest.raises(Internal):
        parse(operations.COMPLETE_JOB, 200, {"content-type": "text/html"}, b"<html>")


def test_only_a_job_activation_that_was_cut_off_counts_as_empty() -> None:
    body = (
        b'{"type":"about:blank","title":"Service Unavailable","status":503,"instance":"/v2/jobs/activation"}'
    )
    problem = {"content-type": "application/problem+json"}
    assert parse(operations.ACTIVATE_JOBS, 503, problem, body) == {"jobs": []}
    with pytest.raises(Unavailable):
        parse(operations.COMPLETE_JOB, 503, problem, body)
    with pytest.raises(Unavailable):
        parse(operations.ACTIVATE_JOBS, 503, {"content-type": "text/html"}, b"Service Unavailable")
    with pytest.raises(Unavailable):
        parse(
            operations.ACTIVATE_JOBS,
            503,
            problem,
            body.replace(b'"status"', b'"detail":"no leader","status"'),
        )


@pytest.mark.parametrize("body", [b"{}", b'{"jobs":null}', b'{"jobs":[]}', b'{"jobs":""}'])
def test_an_activation_without_a_list_of_jobs_found_none(body: bytes) -> None:
    assert parse(operations.ACTIVATE_JOBS, 200, {"content-type": "application/json"}, body) == {"jobs": []}
