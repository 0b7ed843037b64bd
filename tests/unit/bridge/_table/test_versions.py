"""What a cluster is too old for is found before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from bridge._table.transcode import exchange
from bridge._table.versions import newer_fields, newer_properties, parse_version, refuse_newer, version_of
from camunda_core.errors import ConfigurationError, Internal, UnsupportedField
from camunda_grpc import gateway_pb2 as pb
from camunda_rest import operations as op


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("8.6.0", (8, 6)),
        ("8.8", (8, 8)),
        ("v8.10.2", (8, 10)),
        ("8.9.0-rc1", (8, 9)),
        ("8.7.0+build", (8, 7)),
        ((8, 8), (8, 8)),
    ],
)
def test_a_version_is_its_first_two_numbers(text: Any, version: tuple[int, int]) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    "text", ["", "8", "latest", "8.x", "8.6rc", (8,), (8, -1), (8, True), 8.6, None, b"8.6"]
)
def test_what_is_no_version_is_refused_with_what_one_looks_like(text: Any) -> None:
    with pytest.raises(ConfigurationError, match=r'cluster_version must look like "8\.8"'):
        parse_version(text)


def test_a_topology_without_a_readable_version_says_the_way_out() -> None:
    assert version_of("8.6.13") == (8, 6)
    for said in (None, "", "SNAPSHOT"):
        with pytest.raises(Internal, match="give cluster_version="):
            version_of(said)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {}),
        ({"variables": {"businessId": 1}}, {}),
        ({"businessId": None}, {}),
        ({"businessId": "b"}, {"businessId": (8, 10)}),
        ({"result": {"type": "userTask"}}, {"result": (8, 8)}),
    ],
)
def test_a_property_counts_as_newer_where_it_is_set(body: Any, found: dict[str, Any]) -> None:
    assert dict(newer_properties(op.COMPLETE_JOB, body)) == found


def test_a_property_inside_another_counts_too() -> None:
    assert dict(newer_properties(op.UPDATE_JOB, {"changeset": {"retries": 1}})) == {}
    assert dict(newer_properties(op.UPDATE_JOB, {"changeset": {"priority": 1}})) == {
        "changeset.priority": (8, 10)
    }
    assert dict(newer_properties(op.UPDATE_JOB, {"changeset": "what"})) == {}


def test_fields_of_a_message_count_where_they_are_set() -> None:
    assert dict(newer_fields(pb.CreateProcessInstanceRequest(bpmnProcessId="p"))) == {}
    assert dict(newer_fields(pb.CreateProcessInstanceRequest(tags=["a"]))) == {"tags": (8, 8)}
    nested = pb.CreateProcessInstanceWithResultRequest(request=pb.CreateProcessInstanceRequest(tags=["a"]))
    assert dict(newer_fields(nested)) == {"request.tags": (8, 8)}


def test_a_newer_field_that_asks_for_what_older_clusters_do_anyway_is_left_out() -> None:
    # As the official Java client sends it with every deletion.
    request = pb.DeleteResourceRequest(resourceKey=5, deleteHistory=False)
    assert dict(newer_fields(request)) == {}
    assert exchange("DeleteResource").to_rest(request).body == {}
    request.deleteHistory = True
    assert dict(newer_fields(request)) == {"deleteHistory": (8, 9)}
    assert exchange("DeleteResource").to_rest(request).body == {"deleteHistory": True}


def test_what_the_cluster_reads_is_let_through_and_what_it_does_not_is_refused_by_name() -> None:
    newer = {"tags": (8, 8)}
    refuse_newer(newer, (8, 8), rpc="CreateProcessInstance", wire="REST")
    with pytest.raises(UnsupportedField, match=r"^CreateProcessInstance: tags needs Camunda 8\.8 over REST"):
        refuse_newer(newer, (8, 7), rpc="CreateProcessInstance", wire="REST")


def test_the_other_wire_is_named_where_it_knows_the_field_and_is_there() -> None:
    newer = {"operationReference": (8, 8)}  # over gRPC since 8.6

    def refusal(rpc: str, **more: Any) -> str:
        with pytest.raises(UnsupportedField) as caught:
            refuse_newer(newer, (8, 6), rpc=rpc, wire="REST", **more)
        return caught.value.message

    assert "or route the RPC over gRPC" in refusal("CancelProcessInstance", grpc_there=True)
    assert "or route the RPC over gRPC" not in refusal("CancelProcessInstance")
    assert "or route the RPC over gRPC" not in refusal("CompleteJob", grpc_there=True)
