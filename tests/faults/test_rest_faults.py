"""What the REST clients make of a server that misbehaves: the documented error, the documented number of
attempts.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from camunda_core.credentials import Bearer, Credentials
from camunda_core.errors import (
    Aborted,
    CamundaError,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, Operation, RestClient, operations
from tests.fakes.certificates import Authority, judge_strictly
from tests.fakes.grpc import until
from tests.fakes.patience import sent_within
from tests.fakes.rest import (
    RestServer,
    Step,
    answer,
    close_without_answer,
    dribble,
    problem,
    raw,
    reset_after_request,
    stall,
)
from tests.faults.rest_sides import PEM, SIDES, raised, served

#: One operation that may be repeated and one that may not.
COMPLETE = operations.COMPLETE_JOB
CREATE = operations.CREATE_PROCESS_INSTANCE

HTML = b"<html><head><title>x</title><style>p{}</style></head><body><h1>Bad &amp; worse</h1></body></html>"

#: asyncio of 3.10 leaves the transport open when a TLS handshake fails.
refused_handshake = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning" if sys.version_info < (3, 11) else "error"
)


@pytest.fixture(params=SIDES)
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    shell = request.param()
    yield shell
    shell.close()


@pytest.fixture
def server(wire: Any) -> Iterator[RestServer]:
    yield from served(wire)


@pytest.fixture
def plain() -> Iterator[RestServer]:
    with RestServer() as made:
        yield made


REJECTED = "Command 'COMPLETE' rejected with code 'INVALID_STATE': it is in state 'FAILED'"
TERMINATED = (
    b"upstream connect error or disconnect/reset before headers. reset reason: connection termination"
)
EXHAUSTED = "Expected to activate jobs, but at least one broker returned 'RESOURCE_EXHAUSTED'"


@pytest.mark.parametrize("operation", [COMPLETE, CREATE], ids=["repeatable", "other"])
@pytest.mark.parametrize(
    "step",
    [
        problem(429, "RESOURCE_EXHAUSTED", "write limit"),
        problem(503, "RESOURCE_EXHAUSTED", "write limit"),
        problem(500, "java.lang.RuntimeException", EXHAUSTED),
        problem(503, "UNAVAILABLE", "no leader"),
        answer(429, HTML, content_type="text/html"),
        answer(503, b"no healthy upstream", content_type="text/plain"),
        answer(502, b"connect: connection refused", content_type="text/plain"),
    ],
    ids=["429", "503 back-pressure", "500 back-pressure", "503", "429 as a page", "no upstream", "refused"],
)
def test_a_refusal_that_passes_is_repeated_for_every_operation(
    wire: Any, server: RestServer, operation: Operation, step: Step
) -> None:
    server.script(step, step, answer(200, {"done": True}))
    assert wire.call(wire.client(server.address), operation) == {"done": True}
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("step", "error", "repeatable_attempts", "other_attempts"),
    [
        (problem(504, "DEADLINE_EXCEEDED", "Time out"), DeadlineExceeded, 3, 1),
        (answer(504, HTML, content_type="text/html"), DeadlineExceeded, 3, 1),
        (problem(502, "ABORTED", "Connection was closed"), Aborted, 3, 1),
        (answer(502, HTML, content_type="text/html"), Unavailable, 3, 1),
        (answer(503, HTML, content_type="text/html"), Unavailable, 3, 1),
        (answer(503, TERMINATED, content_type="text/plain"), Unavailable, 3, 1),
        (answer(503), Unavailable, 3, 1),
        (problem(503, "Service Unavailable"), Unavailable, 3, 1),
        (problem(500, "INTERNAL", "broken"), Internal, 1, 1),
        (answer(500, HTML, content_type="text/html"), Internal, 1, 1),
        (problem(409, "INVALID_STATE", REJECTED), FailedPrecondition, 1, 1),
        (answer(404, {"status": 404, "error": "Not Found", "path": "/v2/x"}), Unimplemented, 1, 1),
        (answer(413, close=True), ResourceExhausted, 1, 1),
        (answer(200, HTML, content_type="text/html"), Internal, 1, 1),
        (answer(200, b'{"a":', content_type="application/json"), Internal, 1, 1),
        (answer(200, b'{"a":1}', content_type="text/plain"), Internal, 1, 1),
        (answer(200, b'{"a":NaN}'), Internal, 1, 1),
        (problem(401, "Unauthorized"), Unauthenticated, 1, 1),
        (problem(401, "UNAUTHORIZED", "not yours"), PermissionDenied, 1, 1),
        (problem(403, "FORBIDDEN"), PermissionDenied, 1, 1),
        (answer(302, headers={"Location": "https://login.example/"}), Internal, 1, 1),
        (answer(200, b'{"half":', length=5000), Unavailable, 3, None),
        (answer(200, b'{"half":', length=5000), Aborted, None, 1),
        (reset_after_request(), Unavailable, 3, None),
        (reset_after_request(), Aborted, None, 1),
        (answer(204, headers={"X-Long": "x" * 70_000}), Unavailable, 3, None),
        (answer(204, headers={"X-Long": "x" * 70_000}), Aborted, None, 1),
        (answer(204, headers={f"X-{n}": "x" for n in range(200)}), Aborted, None, 1),
        (close_without_answer(), Unavailable, 3, None),
        (close_without_answer(), Aborted, None, 1),
    ],
)
def test_a_failure_becomes_its_error_after_as_many_attempts_as_the_operation_allows(
    wire: Any,
    server: RestServer,
    step: Step,
    error: type[CamundaError],
    repeatable_attempts: int | None,
    other_attempts: int | None,
) -> None:
    for operation, attempts in ((COMPLETE, repeatable_attempts), (CREATE, other_attempts)):
        if attempts is not None:
            server.script(step)
            got = raised(wire, wire.client(server.address), operation)
            assert type(got) is error
            assert got.operation == operation.id
            assert got.sent
            assert len(server.requests) == attempts


def test_what_is_no_http_is_not_asked_for_again_over_http_1(wire: Any, server: RestServer) -> None:
    server.script(raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00 not HTTP\r\n\r\n" + b"\xff" * 40))
    got = raised(wire, wire.client(server.address), COMPLETE)
    # Over HTTP/2 what breaks its rules breaks the connection, with the calls of others on it.
    broken = wire.kind == "http2"
    assert (type(got), len(server.requests)) == ((Unavailable, 3) if broken else (Internal, 1))
    assert got.sent


def test_what_the_server_said_is_told_from_what_was_lost(wire: Any, server: RestServer) -> None:
    client = wire.client(server.address, retry=NO_RETRY)
    for step, answered in (
        (problem(503, "UNAVAILABLE"), True),
        (answer(502, HTML, content_type="text/html"), False),
        (reset_after_request(), False),
    ):
        server.script(step)
        assert raised(wire, client, COMPLETE).answered is answered


def test_a_page_is_quoted_without_its_markup(wire: Any, server: RestServer) -> None:
    server.script(answer(503, HTML, content_type="text/html"))
    got = raised(wire, wire.client(server.address, retry=NO_RETRY), COMPLETE)
    assert "Bad & worse" in got.message
    assert "<" not in got.message
    assert got.problem is not None
    assert got.problem.status == 503


def test_a_redirect_is_not_followed_and_its_target_is_named(wire: Any, server: RestServer) -> None:
    server.script(answer(307, headers={"Location": "/elsewhere"}), answer(200, {}))
    got = raised(wire, wire.client(server.address), COMPLETE)
    assert "/elsewhere" in got.message
    assert len(server.requests) == 1


class Renewable(Credentials):
    """Tokens 1, 2, 3, …; the next one whenever the server rejects the current."""

    def __init__(self) -> None:
        self.current = 1

    def headers(self, timeout: float | None = None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.current}"}

    def rejected(self, headers: Any) -> bool:
        self.current += 1
        return True


@pytest.mark.parametrize("operation", [COMPLETE, CREATE], ids=["repeatable", "other"])
def test_a_rejected_token_is_renewed_once_even_where_nothing_else_is_repeated(
    wire: Any, server: RestServer, operation: Operation
) -> None:
    server.script(problem(401, "Unauthorized"), answer(200, {"in": True}))
    client = wire.client(server.address, credentials=Renewable(), retry=NO_RETRY)
    assert wire.call(client, operation) == {"in": True}
    assert [r.headers["authorization"] for r in server.requests] == ["Bearer 1", "Bearer 2"]


def test_a_token_that_stays_rejected_is_an_error_after_one_renewal(wire: Any, server: RestServer) -> None:
    server.script(problem(401, "Unauthorized"))
    client = wire.client(server.address, credentials=Renewable())
    assert type(raised(wire, client, COMPLETE)) is Unauthenticated
    assert len(server.requests) == 2


def test_a_token_that_cannot_be_renewed_is_not_sent_again(wire: Any, server: RestServer) -> None:
    server.script(problem(401, "Unauthorized"))
    client = wire.client(server.address, credentials=Bearer("t"))
    assert type(raised(wire, client, COMPLETE)) is Unauthenticated
    assert len(server.requests) == 1


def test_a_missing_permission_does_not_touch_the_token(wire: Any, server: RestServer) -> None:
    server.script(problem(401, "UNAUTHORIZED", "tenant"))
    credentials = Renewable()
    client = wire.client(server.address, credentials=credentials)
    assert type(raised(wire, client, COMPLETE)) is PermissionDenied
    assert (len(server.requests), credentials.current) == (1, 1)


@pytest.mark.parametrize(
    "step",
    [stall(), dribble(b" " * 300 + b"{}", 0.05), dribble(b"{}" + b" " * 300, 0.05, head=True)],
    ids=["silence", "a body byte by byte", "a head byte by byte"],
)
@pytest.mark.parametrize("operation", [COMPLETE, CREATE], ids=["repeatable", "other"])
def test_no_answer_outlives_the_time_limit(
    wire: Any, server: RestServer, operation: Operation, step: Step
) -> None:
    # Each byte of the slow answers comes in time; only a limit on the whole can end them.
    server.script(step)
    client = wire.client(server.address)
    got = sent_within(0.4, lambda limit: raised(wire, client, operation, timeout=limit))
    assert type(got) is DeadlineExceeded
    assert (got.sent, got.answered) == (True, False)
    until(lambda: bool(server.requests), "the request")
    assert len(server.requests) == 1


def test_a_server_cannot_hold_up_a_call_for_longer_than_the_longest_pause(
    wire: Any, server: RestServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "camunda_core")
    server.script(problem(503, "UNAVAILABLE", headers={"Retry-After": "3600"}), answer(200, {"done": True}))
    client = wire.client(server.address, retry=RetryPolicy(initial_delay=0, max_delay=0.1))
    assert wire.call(client, COMPLETE) == {"done": True}
    assert "follows in 0.10 s (the server asked for 3600 s)" in caplog.text


def test_a_pause_longer_than_the_time_that_is_left_is_not_begun(wire: Any, server: RestServer) -> None:
    server.script(problem(503, "UNAVAILABLE", "later", headers={"Retry-After": "3600"}))
    got = raised(wire, wire.client(server.address, retry=RetryPolicy(max_delay=3600)), COMPLETE)
    assert type(got) is Unavailable
    assert got.retry_after == 3600
    assert len(server.requests) == 1


def test_no_time_at_all_sends_nothing(wire: Any, server: RestServer) -> None:
    got = raised(wire, wire.client(server.address), COMPLETE, timeout=0)
    assert (type(got), got.sent, server.requests) == (DeadlineExceeded, False, [])


def test_a_slow_answer_within_the_time_limit_is_read(wire: Any, server: RestServer) -> None:
    server.script(dribble(b'{"ok":1}', 0.01))
    assert wire.call(wire.client(server.address), COMPLETE) == {"ok": 1}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_answer_is_read_whole(wire: Any, server: RestServer, chunked: bool) -> None:
    text = "ü" * 4_000_000
    server.script(answer(200, {"text": text, "key": 9007199254740993}, chunked=chunked))
    client = wire.client(server.address, max_message_size=32 << 20)
    assert wire.call(client, CREATE) == {"text": text, "key": 9007199254740993}


def test_a_huge_request_arrives_whole(wire: Any, server: RestServer) -> None:
    content = os.urandom(3_000_000)
    wire.call(wire.client(server.address), operations.DEPLOY_RESOURCES, files=[("a.bpmn", content)])
    assert content in server.requests[0].body


@pytest.mark.parametrize("operation", [COMPLETE, CREATE], ids=["repeatable", "other"])
def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(
    wire: Any, server: RestServer, operation: Operation
) -> None:
    client = wire.client(server.address, retry=NO_RETRY)
    for number in (1, 2, 3):
        server.script(_then_close(answer(200, {"n": number})))
        assert wire.call(client, operation) == {"n": number}
        assert server.closed.acquire(timeout=10)
        wire.settle()
    assert server.connections == 3


def _then_close(step: Step) -> Step:
    """The answer promises to keep the connection, and then it is closed."""

    def closing(exchange: Any) -> bool:
        step(exchange)
        return False

    return closing


def test_a_kept_connection_that_breaks_under_the_next_request_is_repeated_only_where_that_is_harmless(
    wire: Any, server: RestServer
) -> None:
    client = wire.client(server.address)
    server.script(answer(200, {}), reset_after_request(), answer(200, {"again": True}))
    wire.call(client, COMPLETE)
    assert wire.call(client, COMPLETE) == {"again": True}
    assert [r.connection for r in server.requests] == [1, 1, 2]

    server.script(answer(200, {}), reset_after_request(), answer(200, {}))
    wire.call(client, CREATE)
    assert type(raised(wire, client, CREATE)) is Aborted
    assert [r.connection for r in server.requests] == [2, 2]


def test_a_put_is_not_repeated_behind_our_back(wire: Any, server: RestServer) -> None:
    client = wire.client(server.address)
    server.script(answer(204), reset_after_request(), answer(204))
    arguments: Any = {"path": {"elementInstanceKey": 1}, "body": {"variables": {}}}
    call = client.call(operations.SET_VARIABLES, **arguments)
    if wire.kind != "blocking":
        run = wire._runner.run_until_complete
        run(call)
        with pytest.raises(Aborted):
            run(client.call(operations.SET_VARIABLES, **arguments))
    else:
        with pytest.raises(Aborted):
            client.call(operations.SET_VARIABLES, **arguments)
    assert len(server.requests) == 2


def test_a_server_that_ends_connections_after_some_requests_costs_no_error(wire: Any) -> None:
    with wire.server(per_connection=100) as server:
        client = wire.client(server.address, retry=NO_RETRY)
        for _ in range(250):
            assert wire.call(client, CREATE) == {}
        assert (len(server.requests), server.connections) == (250, 3)


def test_a_connection_reset_before_the_request_is_read_is_not_a_reason_to_create_twice(wire: Any) -> None:
    with wire.server(reset_accepted=1) as server:
        assert wire.call(wire.client(server.address), COMPLETE) == {}
    with wire.server(reset_accepted=1) as server:
        try:
            wire.call(wire.client(server.address), CREATE)
        except Aborted as error:  # the reset came after the request was written: nobody knows
            assert not error.answered
            assert server.requests == []
        else:  # the reset came while connecting: certainly nothing was sent
            assert len(server.requests) == 1


def test_a_refused_connection_says_that_nothing_was_sent(wire: Any) -> None:
    with wire.server() as server:
        address = server.address
    got = raised(wire, wire.client(address), CREATE)
    assert (type(got), got.sent, got.answered) == (Unavailable, False, False)
    assert "refused" in got.message


def test_a_server_that_comes_back_between_attempts_is_found(wire: Any) -> None:
    with wire.server() as server:
        address, port = server.address, server.port
    client = wire.client(address, retry=RetryPolicy(max_attempts=1000, initial_delay=0.05, max_delay=0.05))
    back: list[RestServer] = []
    timer = threading.Timer(0.2, lambda: back.append(wire.server(port=port)))
    timer.start()
    try:
        assert wire.call(client, CREATE) == {}
    finally:
        timer.join(10)
        for made in back:
            made.stop()


def test_an_unknown_host_is_named(wire: Any) -> None:
    got = raised(wire, wire.client("http://nowhere.invalid", retry=NO_RETRY), CREATE)
    assert (type(got), got.sent) == (Unavailable, False)
    assert "nowhere.invalid" in got.message
    assert "unknown host" in got.message


def test_the_answer_to_a_request_that_is_too_large_is_read_although_the_server_stops_listening(
    wire: Any,
) -> None:
    with wire.server(early=True) as server:
        server.script(answer(413, close=True))
        files = [("a.bpmn", b"x" * 30_000_000)]
        got = raised(wire, wire.client(server.address), operations.DEPLOY_RESOURCES, files=files)
        assert len(server.requests) == 1
    # The reset that follows may overtake the answer; then it is honestly unknown what became of the request.
    assert type(got) in (ResourceExhausted, Aborted)


@pytest.mark.parametrize(
    ("body", "step", "result"),
    [
        (None, problem(503, "Service Unavailable"), {"jobs": []}),
        (None, answer(200, {"jobs": []}), {"jobs": []}),
    ],
)
def test_a_long_poll_that_the_server_cut_off_found_no_jobs(
    wire: Any, server: RestServer, body: Any, step: Step, result: Any
) -> None:
    server.script(step)
    assert wire.call(wire.client(server.address), operations.ACTIVATE_JOBS, body=body) == result
    assert len(server.requests) == 1


def test_a_trusted_certificate_is_accepted(wire: Any) -> None:
    with RestServer(tls=wire.serving()) as server:
        client = wire.client(server.address, tls=Tls(ca=PEM / "ca.pem"))
        assert wire.call(client, CREATE) == {}


@refused_handshake
def test_an_untrusted_certificate_is_refused_at_once_with_a_word_on_the_way_out(wire: Any) -> None:
    with RestServer(tls=wire.serving()) as server:
        got = raised(wire, wire.client(server.address, tls=None), COMPLETE)
        assert (type(got), got.sent) == (Unavailable, False)
        assert "TLS" in got.message
        assert "Tls(ca=" in got.message
        assert (server.connections, server.requests) == (1, [])


@refused_handshake
def test_a_certificate_that_newer_pythons_do_not_take_is_told_with_the_way_out(
    wire: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_strictly(monkeypatch)
    for old in (False, True):
        authority = Authority(tmp_path, old=old)
        pair = authority.issue("server")
        serving = wire.serving()
        serving.load_cert_chain(pair.certificate, pair.key)
        with RestServer(tls=serving) as server:
            client = wire.client(server.address, tls=Tls(ca=authority.ca))
            if old:
                got = raised(wire, client, COMPLETE)
                assert (type(got), got.sent, server.requests) == (Unavailable, False, [])
                assert "RFC 5280" in got.message
            else:
                assert wire.call(client, COMPLETE) == {}


@refused_handshake
def test_a_certificate_for_another_name_is_refused_and_server_name_decides_which(wire: Any) -> None:
    ca = PEM / "ca.pem"
    with RestServer(tls=wire.serving()) as server:
        wrong = wire.client(server.address, tls=Tls(ca=ca, server_name="elsewhere.example"))
        got = raised(wire, wrong, COMPLETE)
        assert (type(got), got.sent, server.connections) == (Unavailable, False, 1)
        right = wire.client(server.address, tls=Tls(ca=ca, server_name="gateway.test"))
        assert wire.call(right, COMPLETE) == {}


@refused_handshake
def test_a_client_certificate_is_shown_where_one_is_asked_for(wire: Any) -> None:
    with RestServer(tls=wire.serving(client_ca=True)) as server:
        tls = Tls(ca=PEM / "ca.pem", certificate=PEM / "client.pem", key=PEM / "client.key")
        assert wire.call(wire.client(server.address, tls=tls), CREATE) == {}
        got = raised(wire, wire.client(server.address, tls=Tls(ca=PEM / "ca.pem")), CREATE)
        assert type(got) in (Unavailable, Aborted)
        assert len(server.requests) == 1


@refused_handshake
def test_https_to_a_plain_port_says_so(wire: Any, plain: RestServer) -> None:
    client = wire.client(plain.address.replace("http", "https"))
    got = raised(wire, client, CREATE)
    assert (type(got), got.sent) == (Unavailable, False)
    assert "plain HTTP" in got.message
    assert (plain.connections, plain.requests) == (1, [])


@refused_handshake
def test_a_peer_that_ends_the_handshake_is_not_an_error_of_the_operating_system(wire: Any) -> None:
    def hang_up() -> None:
        for _ in range(2):
            connection, _peer = listening.accept()
            connection.recv(5000)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=hang_up, daemon=True)
        serving.start()
        client = wire.client(
            f"https://127.0.0.1:{listening.getsockname()[1]}",
            retry=RetryPolicy(max_attempts=2, initial_delay=0),
        )
        got = raised(wire, client, CREATE, timeout=5)
        serving.join(10)
    assert (type(got), got.sent) == (Unavailable, False)
    assert "does this port speak TLS?" in got.message


@refused_handshake
def test_a_handshake_that_never_ends_means_that_nothing_was_sent(wire: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = wire.client(f"https://127.0.0.1:{silent.getsockname()[1]}")
        got = raised(wire, client, CREATE, timeout=0.4)
    assert (type(got), got.sent) == (Unavailable, False)


def test_a_proxy_of_the_environment_is_used_unless_told_otherwise(
    wire: Any, plain: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", plain.address)
    monkeypatch.setenv("http_proxy", plain.address)
    assert wire.call(wire.client("http://gateway.invalid:8080/ctx"), CREATE) == {}
    assert plain.requests[0].target == "http://gateway.invalid:8080/ctx/v2/process-instances"
    monkeypatch.setenv("NO_PROXY", "gateway.invalid")
    got = raised(wire, wire.client("http://gateway.invalid:8080", retry=NO_RETRY), CREATE)
    assert "unknown host" in got.message
    monkeypatch.delenv("NO_PROXY")
    got = raised(wire, wire.client("http://gateway.invalid", retry=NO_RETRY, trust_env=False), CREATE)
    assert "unknown host" in got.message
    assert len(plain.requests) == 1


def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent(
    wire: Any, plain: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", plain.address)
    monkeypatch.setenv("https_proxy", plain.address)
    plain.script(answer(407, close=True))
    got = raised(wire, wire.client("https://gateway.invalid", retry=NO_RETRY), CREATE)
    assert (type(got), got.sent) == (Unavailable, False)
    assert "407" in got.message
    assert plain.requests[0].method == "CONNECT"


@pytest.mark.default_engine("requests, which opens connections beyond those that it keeps")
def test_what_a_stalled_call_holds_does_not_stop_the_others(plain: RestServer) -> None:
    plain.script(stall(), answer(200, {"free": True}))
    with RestClient(plain.address, retry=NO_RETRY, pool_size=1) as client:
        held = threading.Thread(target=_ignore, args=(client,))
        held.start()
        try:
            while not plain.requests:
                assert held.is_alive()
            assert client.call(CREATE) == {"free": True}
        finally:
            plain.stop()
            held.join(10)


def _ignore(client: RestClient) -> None:
    try:
        client.call(CREATE)
    except CamundaError:
        return


def test_large_bodies_do_not_warn_of_the_event_loop(plain: RestServer) -> None:
    async def deploy() -> Any:
        async with AsyncRestClient(plain.address) as client:
            return await client.call(operations.DEPLOY_RESOURCES, files=[("a", b"x" * (2 << 20))])

    assert asyncio.run(deploy()) == {}
    assert io.BytesIO(plain.requests[0].body).read().count(b"x") >= 2 << 20
