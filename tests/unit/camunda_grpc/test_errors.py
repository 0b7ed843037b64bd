"""One object that is an error of the tree and everything that grpcio's users expect of theirs."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import status_pb2
from google.rpc.error_details_pb2 import RetryInfo

from camunda_core import errors
from camunda_core.retry import is_retryable
from camunda_grpc._errors import STATUS_DETAILS_KEY, Metadata, as_rpc_error, from_rpc_error
from camunda_grpc._status_details import decoded
from camunda_rest._problems import error_of
from camunda_rest.operations import COMPLETE_JOB
from tests.fakes.grpc import status_details

CODES = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]


def rpc_error(code: grpc.StatusCode, details: str = "", *trailing: tuple[str, Any]) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details, "debug text"
    )


def answered(code: grpc.StatusCode, details: str, *inner: Any) -> grpc.aio.AioRpcError:
    return rpc_error(code, details, (STATUS_DETAILS_KEY, status_details(code, details, *inner)))


@pytest.mark.parametrize("cls", list(errors.error_classes()), ids=lambda cls: cls.__name__)
def test_every_class_of_the_tree_has_a_twin_that_every_handler_catches(
    cls: type[errors.CamundaError],
) -> None:
    twin = as_rpc_error(cls("what the server said", operation="CompleteJob"))
    for handler in (*cls.__mro__[:-1], grpc.RpcError, grpc.aio.AioRpcError, grpc.Call, grpc.Future):
        assert isinstance(twin, handler)
    assert isinstance(twin, grpc.aio.AioRpcError)
    assert twin.code().name == cls.grpc_code
    assert twin.details() == "what the server said"
    assert str(twin) == "CompleteJob: what the server said"
    assert repr(twin) == f"<{cls.__name__} of CompleteJob: {cls.grpc_code}, 'what the server said'>"
    assert as_rpc_error(twin) is twin


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_survives_copying_and_pickling(copied: Any) -> None:
    error: Any = from_rpc_error(
        answered(grpc.StatusCode.NOT_FOUND, "no such job", status_pb2.Status(message="inner")), "CompleteJob"
    )
    twin: Any = copied(error)
    assert type(twin) is type(error)
    assert (str(twin), twin.problem, twin.status_details) == (str(error), error.problem, error.status_details)
    assert twin.trailing_metadata() == error.trailing_metadata()
    assert twin.debug_error_string() == "debug text"


def test_attributes_of_a_special_error_survive() -> None:
    special = errors.UnsupportedField("no", field="tenantFilter", needs="8.9")
    twin: Any = pickle.loads(pickle.dumps(as_rpc_error(special)))
    assert isinstance(twin, errors.UnsupportedField)
    assert (twin.field, twin.needs, twin.sent) == ("tenantFilter", "8.9", False)


def test_an_error_is_a_future_that_is_over() -> None:
    error: Any = as_rpc_error(errors.NotFound("gone"))
    assert error.done()
    assert not error.running()
    assert not error.cancel()
    assert not error.cancelled()
    assert not error.is_active()
    assert error.time_remaining() == 0
    assert error.exception() is error
    assert error.add_callback(print) is False
    with pytest.raises(errors.NotFound):
        error.result()
    assert error.traceback() is not None
    seen: list[Any] = []
    error.add_done_callback(seen.append)
    assert seen == [error]


def test_metadata_serve_readers_of_both_styles() -> None:
    metadata = Metadata(("a", "1"), ("b-bin", b"2"), ("a", "3"))
    assert [(pair.key, pair.value) for pair in metadata] == [("a", "1"), ("a", "3"), ("b-bin", b"2")]
    assert metadata[0] == ("a", "1")
    assert metadata["a"] == "1"
    assert metadata.get_all("a") == ["1", "3"]
    assert dict(metadata)["b-bin"] == b"2"
    assert metadata == (("a", "1"), ("a", "3"), ("b-bin", b"2"))
    assert metadata == grpc.aio.Metadata(("a", "1"), ("b-bin", b"2"), ("a", "3"))
    assert not Metadata()
    assert len({metadata, Metadata(*metadata)}) == 1


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_what_the_gateway_answered_has_its_class_and_its_problem(code: grpc.StatusCode) -> None:
    error = from_rpc_error(answered(code, "text"), "Topology")
    if code is grpc.StatusCode.CANCELLED:
        assert type(error).__mro__[1] is errors.Unavailable
        return
    assert type(error).__mro__[1] is errors.error_class(code.name)
    assert error.answered
    assert error.problem is not None
    assert error.problem.detail == "text"
    status, title = {
        "RESOURCE_EXHAUSTED": (503, "RESOURCE_EXHAUSTED"),
        "UNIMPLEMENTED": (404, "Not Found"),
        "DATA_LOSS": (500, "UNKNOWN"),
        "FAILED_PRECONDITION": (409, "INVALID_STATE"),
        "OUT_OF_RANGE": (400, "INVALID_ARGUMENT"),
        "PERMISSION_DENIED": (403, "FORBIDDEN"),
        "UNAUTHENTICATED": (401, "Unauthorized"),
    }.get(code.name, (errors.error_class(code.name).http_status, code.name))
    assert (error.problem.status, error.problem.title) == (status, title)


@pytest.mark.parametrize(
    ("code", "details", "sent", "said"),
    [
        ("UNAVAILABLE", "failed to connect to all addresses; last error: Connection refused", False, False),
        ("UNAVAILABLE", "DNS resolution failed for gateway.invalid:26500", False, False),
        ("UNAVAILABLE", "connections to all backends failing; last error: timeout", False, False),
        ("UNAVAILABLE", "Socket closed", True, False),
        ("UNAVAILABLE", "recvmsg:Connection reset by peer", True, False),
        ("UNAVAILABLE", "GOAWAY received", True, False),
        ("UNAVAILABLE", "Received http2 header with status: 503", True, False),
        ("UNAVAILABLE", "no healthy upstream", True, True),
        ("UNAVAILABLE", "upstream connect error. reset reason: remote connection failure", True, True),
        ("UNAVAILABLE", "upstream connect error. reset reason: connection termination", True, False),
        ("RESOURCE_EXHAUSTED", "Received RST_STREAM with error code 11", True, False),
        ("UNAVAILABLE", "Received http2 header with status: 502", True, False),
        ("DEADLINE_EXCEEDED", "Deadline Exceeded", True, False),
        ("CANCELLED", "Locally cancelled by application!", True, False),
        ("INTERNAL", "Exception serializing request!", False, False),
        ("RESOURCE_EXHAUSTED", "CLIENT: Sent message larger than max (9 vs. 1)", False, False),
        ("RESOURCE_EXHAUSTED", "CLIENT: Received message larger than max (9 vs. 1)", True, True),
        ("UNIMPLEMENTED", "Method not found", True, True),
    ],
)
def test_what_is_known_of_a_call_without_status_details(
    code: str, details: str, sent: bool, said: bool
) -> None:
    error = from_rpc_error(rpc_error(grpc.StatusCode[code], details))
    assert error.grpc_code == code
    assert (error.sent, error.answered) == (sent, said)


def test_a_cancellation_from_here_is_one_and_any_other_is_a_gateway_that_went_away() -> None:
    cancelled = grpc.StatusCode.CANCELLED
    for text in ("Locally cancelled by application!", "Stream removed (Channel closed!)"):
        assert isinstance(from_rpc_error(rpc_error(cancelled, text)), errors.Cancelled)
    gone: Any = from_rpc_error(rpc_error(cancelled, "Received RST_STREAM with error code 8"))
    assert issubclass(type(gone), errors.Unavailable)
    assert gone.code() is grpc.StatusCode.UNAVAILABLE
    assert gone.details() == "Received RST_STREAM with error code 8"
    assert not gone.answered


def test_messages_too_large_are_not_back_pressure() -> None:
    for text in (
        "CLIENT: Received message larger than max (9 vs. 1)",
        "gRPC message exceeds maximum size 4194304: 5000016",
        "… (code: MAX_MESSAGE_SIZE_EXCEEDED) …",
        "Stream removed (received metadata size exceeds hard limit (27909 vs. 16384))",
    ):
        problem = from_rpc_error(rpc_error(grpc.StatusCode.RESOURCE_EXHAUSTED, text)).problem
        assert problem is not None
        assert problem.status == 413


@pytest.mark.parametrize("status", [*range(300, 312), *range(400, 432), 451, 499, *range(500, 512), 520, 599])
def test_a_proxys_status_means_what_it_means_over_rest(status: int) -> None:
    """grpcio gives every status that it does not know as UNKNOWN, and 429 and 504 as UNAVAILABLE."""
    page = error_of(COMPLETE_JOB, status, {"content-type": "text/html"}, b"<h1>no</h1>")
    text = f"Received http2 header with status: {status}"
    for code in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE):
        error = from_rpc_error(rpc_error(code, text), "CompleteJob")
        assert (error.grpc_code, error.sent, error.answered) == (page.grpc_code, page.sent, page.answered)
        assert error.problem is not None
        assert page.problem is not None
        assert (error.problem.status, error.problem.title) == (status, page.problem.title)
        for repeatable in (True, False):
            assert is_retryable(error, repeatable=repeatable) == is_retryable(page, repeatable=repeatable)


def test_a_proxys_413_says_that_the_request_is_too_large() -> None:
    error = from_rpc_error(rpc_error(grpc.StatusCode.UNKNOWN, "Received http2 header with status: 413"))
    assert "the request is larger than the proxy accepts" in error.message


def test_a_gateway_that_quotes_a_proxys_status_has_spoken_itself() -> None:
    error = from_rpc_error(answered(grpc.StatusCode.INTERNAL, "Received http2 header with status: 403"))
    assert isinstance(error, errors.Internal)
    assert error.problem is not None
    assert error.problem.title == "INTERNAL"


def test_errors_that_are_no_calls_become_unknown() -> None:
    class Half(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            raise RuntimeError("not yet")

    for foreign in (grpc.RpcError("strange"), Half("strange")):
        error = from_rpc_error(foreign, "Topology")
        assert isinstance(error, errors.Unknown)
        assert isinstance(error, grpc.RpcError)
        assert error.message == "strange"


def test_status_details_that_cannot_be_read_are_left_alone() -> None:
    broken = from_rpc_error(rpc_error(grpc.StatusCode.NOT_FOUND, "x", (STATUS_DETAILS_KEY, b"\xff\xff")))
    assert broken.status_details == ()
    assert broken.answered
    strange = any_pb2.Any(type_url="type.googleapis.com/of.the.Future", value=b"1")
    status = status_pb2.Status(code=5, details=[strange]).SerializeToString()
    kept = from_rpc_error(rpc_error(grpc.StatusCode.NOT_FOUND, "x", (STATUS_DETAILS_KEY, status)))
    assert kept.status_details == (strange,)


def test_status_details_are_read_the_same_without_the_published_messages() -> None:
    pause, strange = RetryInfo(), any_pb2.Any(type_url="type.googleapis.com/of.the.Future", value=b"1")
    pause.retry_delay.FromMilliseconds(1500)
    status = status_pb2.Status(code=8, message="busy", details=[strange])
    status.details.add().Pack(status_pb2.Status(code=14, message="partition 3", details=[strange]))
    status.details.add().Pack(pause)
    code = f"""
import pickle, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("google.rpc", "grpc")):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
from google.protobuf import any_pb2
from camunda_grpc._status_details import decoded
(other, inner, pause), seconds = decoded({status.SerializeToString()!r})
print(type(other) is any_pb2.Any and type(inner.details[0]).__name__, other.value, inner.code, inner.message, seconds)
copied = pickle.loads(pickle.dumps((other, inner, pause)))
print(copied == (other, inner, pause), [each.DESCRIPTOR.full_name for each in copied])
print(decoded(b"\\xff\\xff"), decoded(None))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == [
        "Any b'1' 14 partition 3 1.5",
        "True ['google.protobuf.Any', 'google.rpc.Status', 'google.rpc.RetryInfo']",
        "((), None) ((), None)",
    ], done.stderr
    details, seconds = decoded(status.SerializeToString())
    assert details == (strange, status_pb2.Status(code=14, message="partition 3", details=[strange]), pause)
    assert seconds == 1.5


def test_an_error_has_what_others_read_of_grpcios_own() -> None:
    # pyzeebe prints errors from the private attributes.
    native = rpc_error(grpc.StatusCode.INTERNAL, "broken", ("key", "value"))
    ours = from_rpc_error(native)
    for name in ("_code", "_details", "_debug_error_string"):
        assert getattr(ours, name) == getattr(native, name)
    for name in vars(native):
        assert hasattr(ours, name), name
