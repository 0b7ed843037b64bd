"""Every entrance but the typed methods (see ``bridge/test_bad_arguments.py``): whatever is given for whichever argument, it is
refused by name before anything happens, or it works. The entrances are those that the packages export.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
import camunda_embedded
import camunda_grpc
import camunda_proxy
import camunda_rest
import camunda_worker
from camunda_core import _addresses as addresses
from camunda_core import config, credentials, oauth, retry, tls
from camunda_core._environment import VARIABLES
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidRequest,
    Unavailable,
)
from camunda_core.jobs import ActivatedJob
from camunda_core.retry import NO_RETRY
from camunda_embedded import Clock, EmbeddedGateway, TokenCheck
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_rest._pool import NotConnectedError
from camunda_worker import Job, Router, Worker
from tests.unit.bad_values import REFUSALS, TEXTS, VALUES, described, values

#: Nobody listens here: what is accepted is tried, and cannot be sent.
REST, GRPC = "http://127.0.0.1:9", "127.0.0.1:9"
LIMIT = 0.2


class Wires:
    def job_wire(self) -> Any:
        raise NotImplementedError


class Answered:
    """What stands behind a job: takes every answer."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def handler() -> None:
    """Of the tasks that are declared here."""


async def _with_aio(make: Callable[[], Any], use: Callable[[Any], Any], close: str) -> None:
    made = make()
    try:
        await use(made)
    finally:
        await getattr(made, close)()


def _topology(channel: Any) -> Any:
    return stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=LIMIT)


def client(kind: Any) -> Callable[..., None]:
    def use(**given: Any) -> None:
        options = {"rest_address": REST, "grpc_address": GRPC, "retry": NO_RETRY, "timeout": LIMIT, **given}
        if kind is bridge.Client:
            with kind(**options) as made:
                made.topology()
        else:
            asyncio.run(_with_aio(lambda: kind(**options), lambda made: made.topology(), "aclose"))

    return use


def channel(make: Any, aio: bool, **own: Any) -> Callable[..., None]:
    def use(**given: Any) -> None:
        options = {**own, "retry": NO_RETRY, "timeout": LIMIT, **given}
        if aio:
            asyncio.run(_with_aio(lambda: make(**options), _topology, "close"))
        else:
            with make(**options) as made:
                _topology(made)

    return use


def rest(kind: Any, **call: Any) -> Callable[..., None]:
    """A client, or its ``call`` where arguments of that are given."""

    def use(**given: Any) -> None:
        options = {"address": REST, "retry": NO_RETRY, "timeout": LIMIT, **({} if call else given)}
        arguments = {
            "operation": operations.GET_TOPOLOGY,
            "timeout": LIMIT,
            **call,
            **(given if call else {}),
        }
        if kind is RestClient:
            with kind(**options) as made:
                made.call(**arguments)
        else:
            asyncio.run(_with_aio(lambda: kind(**options), lambda made: made.call(**arguments), "aclose"))

    return use


def made(cls: Any, **good: Any) -> Callable[..., Any]:
    return lambda **given: cls(**{**good, **given})


def job() -> Job:
    return Job(ActivatedJob(job_key="1"), Answered())


def clock() -> Clock:
    return Clock(datetime(2031, 1, 1, tzinfo=timezone.utc))


def task(**good: Any) -> Callable[..., Any]:
    return lambda **given: Worker(Wires()).task(**{"job_type": "t", **good, **given})(handler)


def proxy(kind: Any, **good: Any) -> Callable[..., None]:
    async def use(options: dict[str, Any]) -> None:
        await kind(**options).stop()

    return lambda **given: asyncio.run(use({**good, **given}))


class Routed:
    """What has routes that change."""

    routes: Any = ""


def followed(**given: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "routes"
        file.write_text("rest", encoding="utf-8")
        options = {"client": Routed(), "file": file, "hangup": False, **given}
        bridge.follow_routes(**options).close()


def rehearsal(**given: Any) -> None:
    bridge.Rehearsal(**given).close()


def rehearsed(**given: Any) -> None:
    with grpc.insecure_channel(GRPC) as native:
        bridge.rehearse(**{"channel": native, **given})


COMPLETE: dict[str, Any] = {
    "operation": operations.COMPLETE_JOB,
    "path": {"jobKey": 5},
    "body": {"variables": {}},
}
DEPLOY: dict[str, Any] = {"operation": operations.DEPLOY_RESOURCES, "files": [("a.bpmn", b"")]}
ROOT = Path(__file__).parents[2]
PEM = ROOT / "tests/unit/camunda_core/pem"
OAUTH: dict[str, Any] = {"token_url": "http://127.0.0.1:9/token", "client_id": "a", "client_secret": "b"}

#: Name: what to call with one bad argument, and whose signature that is.
ENTRANCES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "bridge.Client": (client(bridge.Client), bridge.Client),
    "bridge.AsyncClient": (client(bridge.AsyncClient), bridge.AsyncClient),
    "bridge.channel": (channel(bridge.channel, False, rest_address=REST, grpc_address=GRPC), bridge.channel),
    "bridge.aio_channel": (
        channel(bridge.aio_channel, True, rest_address=REST, grpc_address=GRPC),
        bridge.aio_channel,
    ),
    "bridge.Routes.read": (made(bridge.Routes.read, routes=None, rest=True, grpc=True), bridge.Routes.read),
    "bridge.Fallback": (
        lambda rpcs="Topology", **given: bridge.Fallback(rpcs, **given),
        bridge.Fallback,
    ),
    "bridge.Rehearsal": (rehearsal, bridge.Rehearsal),
    "bridge.Shadow": (lambda rpcs="Topology", **given: bridge.Shadow(rpcs, **given), bridge.Shadow),
    "bridge.follow_routes": (followed, bridge.follow_routes),
    "bridge.rehearse": (rehearsed, bridge.rehearse),
    "camunda_embedded.TokenCheck": (made(TokenCheck, issuer="http://127.0.0.1:9"), TokenCheck),
    "camunda_grpc.channel": (channel(camunda_grpc.channel, False, address=GRPC), camunda_grpc.channel),
    "camunda_grpc.aio_channel": (
        channel(camunda_grpc.aio_channel, True, address=GRPC),
        camunda_grpc.aio_channel,
    ),
    "camunda_rest.RestClient": (rest(RestClient), RestClient),
    "camunda_rest.AsyncRestClient": (rest(AsyncRestClient), AsyncRestClient),
    "camunda_rest.RestClient.call": (rest(RestClient, **COMPLETE), RestClient.call),
    "camunda_rest.AsyncRestClient.call": (rest(AsyncRestClient, **COMPLETE), AsyncRestClient.call),
    "camunda_rest.RestClient.call of a deployment": (rest(RestClient, **DEPLOY), RestClient.call),
    "camunda_worker.Worker": (made(Worker, client=Wires()), Worker),
    "camunda_worker.Worker.stop": (lambda **given: Worker(Wires()).stop(**given), Worker.stop),
    "camunda_worker.Router": (Router, Router),
    "camunda_worker.Router.task": (task(), Router.task),
    "camunda_worker.Router.task of processes": (task(execution="process"), Router.task),
    "camunda_worker.Router.include": (lambda routers: Router().include(routers), Router.include),
    "camunda_worker.Job.complete": (lambda **given: job().complete(**given), Job.complete),
    "camunda_worker.Job.fail": (lambda **given: job().fail(**given), Job.fail),
    "camunda_worker.Job.throw_error": (
        lambda **given: job().throw_error(**{"code": "E", **given}),
        Job.throw_error,
    ),
    "camunda_worker.Job.extend": (lambda **given: job().extend(**given), Job.extend),
    "camunda_embedded.EmbeddedGateway": (EmbeddedGateway, EmbeddedGateway),
    "camunda_embedded.Clock": (Clock, Clock),
    "camunda_embedded.Clock.advance": (lambda **given: clock().advance(**given), Clock.advance),
    "camunda_embedded.Clock.set": (lambda **given: clock().set(**given), Clock.set),
    "camunda_embedded.Clock.pin": (lambda **given: clock().pin(**{"moment": 2**45, **given}), Clock.pin),
    "camunda_proxy.Limits": (camunda_proxy.Limits, camunda_proxy.Limits),
    "camunda_proxy.DoorTls": (
        made(camunda_proxy.DoorTls, certificate=PEM / "server.pem", key=PEM / "server.key"),
        camunda_proxy.DoorTls,
    ),
    "camunda_proxy.Proxy": (proxy(camunda_proxy.Proxy, rest_address=REST), camunda_proxy.Proxy),
    "camunda_proxy.RestProxy": (proxy(camunda_proxy.RestProxy, grpc_address=GRPC), camunda_proxy.RestProxy),
    "camunda_core.config.Settings": (lambda **given: config.Settings.from_env({}, **given), config.Settings),
    "camunda_core.config.Settings.merge": (lambda **given: config.Settings().merge(**given), config.Settings),
    "camunda_core._addresses.rest_base": (made(addresses.rest_base, address=REST), addresses.rest_base),
    "camunda_core._addresses.grpc_target": (made(addresses.grpc_target, address=GRPC), addresses.grpc_target),
    "camunda_core.credentials.Basic": (
        made(credentials.Basic, username="a", password="b"),
        credentials.Basic,
    ),
    "camunda_core.credentials.Bearer": (credentials.Bearer, credentials.Bearer),
    "camunda_core.config.environment": (made(config.environment, env={}), config.environment),
    "camunda_core.oauth.ClientAssertion": (
        made(oauth.ClientAssertion, key=ROOT / "tests/unit/camunda_core/pem/client.key"),
        oauth.ClientAssertion,
    ),
    "camunda_core.oauth.OAuth": (made(oauth.OAuth, **OAUTH), oauth.OAuth),
    "camunda_core.tls.Tls": (tls.Tls, tls.Tls),
    "camunda_core.retry.RetryPolicy": (retry.RetryPolicy, retry.RetryPolicy),
}

#: What the packages export and what is not tried here, with the reason.
ELSEWHERE = {
    "camunda_embedded.EmbeddedGateway.run": "its argument is a function of the caller's, whose errors are his",
    "camunda_embedded.Clock.watch": "the same",
    "camunda_proxy.Proxy.stop": "needs a proxy that runs",
    "camunda_proxy.RestProxy.stop": "the same",
    "camunda_proxy.serve": "runs until it is told to end; its proxy is tried",
    "camunda_embedded.TokenCheck.revoke": "takes whatever a caller sent for a token",
    "camunda_embedded.EmbeddedGateway.settle": "needs a gateway that runs; tried with the gateway",
    "camunda_embedded.EmbeddedGateway.records": "the same",
    "camunda_rest.RestClient.send": "called by the generated methods, whose arguments are tried with those",
    "camunda_rest.AsyncRestClient.send": "the same",
    "camunda_core._addresses.check_proxy": "reads the environment's proxy, which is tried below",
    "camunda_core.config.grpc_target": "exported twice",
    "camunda_core.config.rest_base": "exported twice",
    **dict.fromkeys(
        (
            "camunda_rest.Operation",  # constants of the library
            "camunda_rest.Operation.server_wait",
            "camunda_rest.Operation.leave_out_neutral",  # called by the clients
            "bridge.Routes",  # read() makes them
            "bridge.Routes.of",  # of a routing that was read
            "bridge.Routes.by_job_type",
            "bridge.Routes.wires_of",
            "bridge.Comparison",  # takes nothing
            "bridge.Comparison.began",  # called by the clients, as the next ones are
            "bridge.Comparison.ended",
            "bridge.Fallback.instead",
            "bridge.Shadow.wants",
            "bridge.Shadow.answered",
            "bridge.Shadow.failed",
            "bridge.Rehearsal.takes",
            "bridge.Rehearsal.sent",
            "bridge.Rehearsal.learnt",
            "camunda_embedded.TokenCheck.tenants_of",  # called by the gateway
            "camunda_worker.AlreadyAnswered",  # the worker makes these
            "camunda_worker.Health",
            "camunda_worker.TaskHealth",
            "camunda_worker.Job",
            "camunda_worker.BpmnError",  # raised in handlers: whatever they hold, the job has one answer
            "camunda_worker.JobFailure",
            "camunda_worker.JobLogFilter",  # logging's own constructor
            "camunda_worker.JobLogFilter.filter",
            "camunda_worker.Observer",  # called by the worker
            "camunda_worker.Variable",  # an annotation: read when a task is declared
            "camunda_worker.Middleware",
            "camunda_worker.Next",
            "camunda_worker.current_job",  # takes nothing
            "camunda_core.credentials.Credentials",  # called by the wires
            "camunda_core.credentials.NoCredentials",
            "camunda_core.config.Environment",  # environment() makes them
            "camunda_core.config.Environment.origin",
            "camunda_core.credentials.Headers",  # what callers write themselves
            "camunda_core.credentials.AsyncHeaders",
            "camunda_core.retry.Attempts",
            "camunda_core.retry.Pace",
            "camunda_core.retry.is_retryable",
            "camunda_core.retry.NO_RETRY",
            "camunda_core.oauth.TOKEN_RETRY",
            "camunda_core.tls.Pem",
            "camunda_core.tls.way_out",
            "camunda_core._addresses.is_loopback",
        ),
        "not made, or not called, by programs",
    ),
}
#: Called by the library, never by programs: methods of these classes are not entrances.
CALLED_BY_US = (
    "Observer",
    "Credentials",
    "Headers",
    "AsyncHeaders",
    "ClientAssertion",
    "NoCredentials",
    "Basic",
    "Bearer",
    "OAuth",
    "Tls",
    "RetryPolicy",
    "Attempts",
    "Pace",
)
MODULES = (
    bridge,
    camunda_grpc,
    camunda_rest,
    camunda_worker,
    camunda_embedded,
    camunda_proxy,
    config,
    credentials,
    oauth,
    tls,
    retry,
    addresses,
)


def exported() -> Iterator[str]:
    for module in MODULES:
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                yield f"{module.__name__}.{name}"
            if inspect.isclass(value) and name not in (*CALLED_BY_US, "Client", "AsyncClient"):
                for method, function in vars(value).items():
                    if (
                        inspect.isfunction(function)
                        and method[0] != "_"
                        and len(inspect.signature(function).parameters) > 1
                    ):
                        yield f"{module.__name__}.{name}.{method}"


def test_everything_that_the_packages_export_is_tried_or_says_why_not() -> None:
    known = {*ENTRANCES, *ELSEWHERE}
    assert set(exported()) <= known
    assert {name for name in ELSEWHERE if name in ENTRANCES} == set()


def parameters(entrance: str) -> list[str]:
    if entrance.startswith("camunda_core.config.Settings"):
        return list(config.Arguments.__annotations__)
    return [name for name in inspect.signature(ENTRANCES[entrance][1]).parameters if name != "self"]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def check(entrance: str, name: str, value: Any) -> None:
    what = f"{entrance}({name}={described(value)})"
    try:
        ENTRANCES[entrance][0](**{name: value})
    except REFUSALS as error:
        text = str(error)
        place = isinstance(value, dict) and name in ("body", "parameters")  # then the place inside is named
        by_python = value is NotImplemented and "boolean context" in text  # from 3.14 on, which names nothing
        assert place or by_python or name in text or name.rstrip("s") in text, f"{what}: {text[:500]}"
        assert len(text) < 1500, what
    except CamundaError as error:
        assert not error.sent or isinstance(error, DeadlineExceeded), what
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}") from error


#: What would wait, or repeat, for long: nothing is wrong with it.
SLOW = {("retry", None), ("timeout", None)}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_every_bad_value_of_every_argument_is_refused_by_name_or_works(entrance: str) -> None:
    for name in parameters(entrance):
        for value in VALUES:
            if not (value is None and (name, value) in SLOW):
                check(entrance, name, value)


#: Annotation: what is of it.
SIMPLE: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "Duration": lambda value: isinstance(value, (int, float, timedelta)) and not isinstance(value, bool),
}
TYPED = [
    (entrance, name, annotation)
    for entrance in ENTRANCES
    if entrance.split(" ")[0] == entrance and "addresses" not in entrance and "Settings" not in entrance
    for name, parameter in inspect.signature(ENTRANCES[entrance][1]).parameters.items()
    for annotation in [str(parameter.annotation)]
    if annotation.removesuffix(" | None") in SIMPLE
]


@pytest.mark.parametrize(("entrance", "name", "annotation"), TYPED)
def test_what_is_not_of_the_annotated_type_is_refused(entrance: str, name: str, annotation: str) -> None:
    if (entrance, name) in UNREAD:
        return
    simple = annotation.removesuffix(" | None")
    wrong = [
        each for each in VALUES if not SIMPLE[simple](each) and not (each is None and annotation != simple)
    ]
    for value in wrong:
        with pytest.raises(REFUSALS) as caught:
            ENTRANCES[entrance][0](**{name: value})
        assert name in str(caught.value)


UNREAD = {
    ("bridge.Routes.read", "rest"): "whether there is an address, as the settings found",
    ("bridge.Routes.read", "grpc"): "the same",
    ("bridge.Routes.read", "strict"): "checked where the settings are",
    ("bridge.Fallback", "rpcs"): "any number of them; given as one here",
    ("bridge.Shadow", "rpcs"): "the same",
}


@pytest.mark.parametrize(
    ("entrance", "name", "value"),
    [
        *(
            (f"bridge.{each}", "stream_capacity", 0)
            for each in ("Client", "AsyncClient", "channel", "aio_channel")
        ),
        *(
            (f"bridge.{each}", "timeout", value)
            for each in ("Client", "AsyncClient", "channel")
            for value in (0, -1, 2e9)
        ),
        *(
            (each, "pool_size", value)
            for each in (
                "camunda_rest.RestClient",
                "camunda_rest.AsyncRestClient",
                "bridge.Client",
                "bridge.AsyncClient",
                "bridge.channel",
                "bridge.aio_channel",
            )
            for value in (0, 2**31)
        ),
        *(
            (f"camunda_rest.{each}", "user_agent", value)
            for each in ("RestClient", "AsyncRestClient")
            for value in ("", "a\nb", "ü")
        ),
        *(
            (f"camunda_grpc.{each}", "user_agent", value)
            for each in ("channel", "aio_channel")
            for value in ("", "a\nb", "ü")
        ),
        *(
            (f"camunda_grpc.{each}", "authority", value)
            for each in ("channel", "aio_channel")
            for value in ("", "a\nb", "ü")
        ),
        *(
            (f"camunda_grpc.{each}", "max_message_size", value)
            for each in ("channel", "aio_channel")
            for value in (0, -2, 2**31)
        ),
        *(
            ("camunda_embedded.EmbeddedGateway", name, value)
            for name in ("grpc_port", "rest_port")
            for value in (-1, 65536)
        ),
        *(("camunda_worker.Job.fail", "retries", value) for value in (-1, 2**31)),
        *(("camunda_worker.Job.fail", "backoff", value) for value in (-1, 1e18)),
        *(("camunda_worker.Job.extend", "seconds", value) for value in (-1, 0)),
        *(("camunda_worker.Job.throw_error", "code", value) for value in ("", " ")),
        *(("camunda_worker.Router.task", name, 0) for name in ("timeout", "max_jobs_active")),
    ],
)
def test_what_is_of_the_type_and_out_of_range_is_refused(entrance: str, name: str, value: Any) -> None:
    with pytest.raises(REFUSALS, match=name):
        ENTRANCES[entrance][0](**{name: value})


@pytest.mark.parametrize("entrance", ENTRANCES)
@given(data=st.data())
def test_no_value_at_all_comes_out_as_anything_else(entrance: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(parameters(entrance)))
    value = data.draw(values)
    if not (value is None and (name, value) in SLOW):
        check(entrance, name, value)


def test_a_refusal_shows_no_secret() -> None:
    for make, options in (
        (bridge.Client, {"rest_address": REST, "credentials": "s3cret"}),
        (RestClient, {"address": REST, "credentials": "s3cret"}),
        (camunda_grpc.channel, {"address": GRPC, "credentials": "s3cret"}),
        (bridge.Client, {"rest_address": "http://user:s3cret@host"}),
        (credentials.Basic, {"username": "a", "password": "s3cret\n"}),
        (credentials.Bearer, {"token": "s3cret s3cret"}),
        (oauth.OAuth, {**OAUTH, "client_secret": "s3cret\n"}),
        (tls.Tls, {"key_password": "s3cret"}),
    ):
        with pytest.raises((ConfigurationError, InvalidRequest)) as caught:
            make(**options)  # type: ignore[operator]
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("timeout", [3e6, 1e9, timedelta(days=365)])
def test_no_socket_is_told_to_wait_longer_than_it_can(timeout: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def urlopen(*args: Any, timeout: Any, **options: Any) -> Any:
        waits.append(timeout.total)
        raise NotConnectedError(ConnectionRefusedError())

    with RestClient(REST, retry=NO_RETRY) as made:
        way: Any = made._sites[0].way
        monkeypatch.setattr(way._pool, "urlopen", urlopen)
        with pytest.raises(Unavailable):
            made.call(operations.GET_TOPOLOGY, timeout=timeout)
    assert 1e6 < waits[0] * 1000 < 2**31


PROXIES = [
    *(
        "http://a b:1",
        "::::",
        "http://[::1",
        "http://h:99999",
        "http://",
        "http://a..b:1",
        f"http://{'a' * 70}.x:1",
    ),
    *("ftp://x", "http://h\udc80:1", "//", "http://:80"),
]


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("kind", [RestClient, AsyncRestClient])
def test_a_proxy_that_cannot_be_one_is_refused_when_the_client_is_made(
    kind: Any, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    with pytest.raises(ConfigurationError, match="proxy"):
        kind("http://example.invalid:1")


@pytest.mark.parametrize("proxy", ["http://user:pa ss@h:1", "h:3128", "https://h", "http://[::1]:3128", "h"])
def test_a_proxy_that_can_be_one_is_taken(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    RestClient("http://example.invalid:1").close()


@pytest.mark.parametrize(
    "name", [name for row in VARIABLES.values() for name in (*row.names, *row.inverted, *row.inline)]
)
def test_whatever_a_variable_says_it_is_read_or_refused_by_name(name: str) -> None:
    for said in (
        *(each for each in TEXTS if "\0" not in each),
        "1e400",
        "nan",
        "-1",
        "9" * 400,
        "٣.٣",
        "=,=,",
        "job:=rest",
        "%",
    ):
        try:
            config.Settings.from_env({name: said}).describe()
        except ConfigurationError as error:
            assert str(error).startswith("environment: ")
            assert name in str(error) or "is not set, but" in str(
                error
            )  # then another variable must be there too
            assert len(str(error)) < 1500
