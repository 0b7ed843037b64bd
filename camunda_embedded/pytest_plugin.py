"""Fixtures for pytest: an embedded gateway for each test that asks for one, and clients on it.

    def test_an_order_is_shipped(camunda_client, camunda_gateway):
        camunda_client.deploy_resource("order.bpmn")
        ...
        camunda_gateway.clock.advance(3600)

``camunda_gateway``           a fresh ``EmbeddedGateway``, stopped after the test
``camunda_client``            a ``bridge.Client`` on it
``camunda_async_client``      the same as a ``bridge.AsyncClient``, for tests that are coroutines (see below)
``camunda_records``           what the gateway of the test has written: call it for the records since the last call
``camunda_run_worker``        ``with camunda_run_worker(worker):`` runs a worker beside the test and ends its polls when it stops
``camunda_shared_gateway``    one gateway for the whole session, for suites that keep apart by unique ids; its clock is shared too
``camunda_case_runner``       runs the test cases of JSON files (see below): override it to run them on a cluster
``camunda_case_resources``    says which files are deployed before such a case
``camunda_gateway_options``   what the gateways are made with: override it to return ``{"dialect": "8.8"}`` or a ``clock``

pytest finds this module by itself. It imports the gateway when a test first asks for it. ``camunda_async_client`` is a function
that makes the client (``async with camunda_async_client() as client:``), because a client belongs to the event loop of the test.

JSON files that name the schema of Camunda Process Test are collected: each of their test cases is an item.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from camunda_embedded._case_files import is_case_file
from camunda_embedded._extra import needed

if TYPE_CHECKING:
    from bridge import AsyncClient, Client
    from camunda_embedded import EmbeddedGateway
    from camunda_embedded.testing import CaseRunner

__all__ = [
    "camunda_async_client",
    "camunda_case_resources",
    "camunda_case_runner",
    "camunda_client",
    "camunda_gateway",
    "camunda_gateway_options",
    "camunda_records",
    "camunda_run_worker",
    "camunda_shared_gateway",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--bpmn-coverage``."""
    parser.getgroup("camunda").addoption(
        "--bpmn-coverage",
        metavar="FILE",
        help="write a page that shows which elements and flows of the processes were run on embedded gateways",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Counts from the beginning when a report is asked for."""
    path = config.getoption("--bpmn-coverage")
    if path:
        try:
            with needed():
                from camunda_embedded._coverage.plugin import CoveragePlugin
        except ImportError as error:
            raise pytest.UsageError(str(error)) from error
        config.pluginmanager.register(CoveragePlugin(path, config), "camunda-bpmn-coverage")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects the test cases of JSON files."""
    if not is_case_file(file_path):
        return None
    try:
        with needed():
            from camunda_embedded.testing._cases.items import CaseFile
    except ImportError as error:
        raise pytest.UsageError(str(error)) from error
    return CaseFile.from_parent(parent, path=file_path)


def _made(options: Mapping[str, Any]) -> EmbeddedGateway:
    try:
        with needed():
            from camunda_embedded._gateway import EmbeddedGateway
    except ImportError as error:
        raise pytest.UsageError(str(error)) from error
    return EmbeddedGateway(**options)


@pytest.fixture(scope="session")
def camunda_gateway_options() -> Mapping[str, Any]:
    """The arguments of ``EmbeddedGateway``; override this fixture to change them."""
    return {}


@pytest.fixture
def camunda_gateway(camunda_gateway_options: Mapping[str, Any]) -> Iterator[EmbeddedGateway]:
    """A running gateway of this test alone."""
    from camunda_embedded.testing import using

    with _made(camunda_gateway_options) as gateway, using(gateway):
        yield gateway


@pytest.fixture(scope="session")
def camunda_shared_gateway(camunda_gateway_options: Mapping[str, Any]) -> Iterator[EmbeddedGateway]:
    """A running gateway that all tests of the session share."""
    from camunda_embedded.testing import using

    with _made(camunda_gateway_options) as gateway, using(gateway):
        yield gateway


@pytest.fixture
def camunda_records(camunda_gateway: EmbeddedGateway) -> Callable[[], list[dict[str, Any]]]:
    """Each call gives the records that the gateway of this test has written since the one before, in the exporters' form."""
    seen = 0

    def records() -> list[dict[str, Any]]:
        nonlocal seen
        found = camunda_gateway.records(since=seen)
        seen = found[-1]["position"] if found else seen
        return found

    return records


def _options(gateway: EmbeddedGateway) -> dict[str, Any]:
    """What every client on the gateway is made with; credentials of the environment are for other clusters."""
    from camunda_core.credentials import NoCredentials

    addresses = {"rest_address": gateway.rest_address, "grpc_address": gateway.grpc_address}
    return {**addresses, "transport": "rest", "credentials": NoCredentials()}


@pytest.fixture
def camunda_client(camunda_gateway: EmbeddedGateway) -> Iterator[Client]:
    """A client on the gateway of this test, over REST, with gRPC at hand for routes."""
    import bridge

    with bridge.Client(**_options(camunda_gateway)) as client:
        yield client


@pytest.fixture
def camunda_async_client(camunda_gateway: EmbeddedGateway) -> Callable[..., AsyncClient]:
    """Makes asyncio clients on the gateway of this test; takes the arguments of ``bridge.AsyncClient``."""
    import bridge

    def make(**options: Any) -> AsyncClient:
        return bridge.AsyncClient(**{**_options(camunda_gateway), **options})

    return make


class _Worker(Protocol):
    """What the fixture needs of a ``camunda_worker.Worker``."""

    def run(self) -> None: ...

    def stop(self) -> None: ...


#: How long it is waited for a worker that has been stopped.
_STOP_SECONDS = 30.0


@pytest.fixture
def camunda_run_worker(
    camunda_gateway: EmbeddedGateway,
) -> Callable[[_Worker], AbstractContextManager[None]]:
    """Runs a ``camunda_worker.Worker`` in a thread while the ``with`` block lasts, on either wire.

    At the end the worker is stopped. The gateway answers its polls at once, which it would wait for elsewhere.
    What ends the worker by itself is raised there; RuntimeError when it does not stop in 30 s.
    """

    @contextlib.contextmanager
    def running(worker: _Worker) -> Iterator[None]:
        failed: list[BaseException] = []

        def run() -> None:
            try:
                worker.run()
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run, name="worker-in-test", daemon=True)
        thread.start()
        try:
            yield
        finally:
            worker.stop()
            thread.join(_STOP_SECONDS)
            if thread.is_alive():
                raise RuntimeError("the worker did not stop in 30 s: does a handler of it hang?")
        if failed:
            raise failed[0]

    return running


@pytest.fixture
def camunda_case_runner(camunda_gateway_options: Mapping[str, Any]) -> Iterator[CaseRunner]:
    """Runs test cases of JSON files on a gateway of their own, of dialect 8.9 where the options name none.

    Override it to run them on a cluster: ``yield CaseRunner(client)``.
    """
    import bridge
    from camunda_embedded.testing import CaseRunner

    with (
        _made({"dialect": "8.9", **camunda_gateway_options}) as gateway,
        bridge.Client(**_options(gateway)) as client,
    ):
        yield CaseRunner(client, gateway)


@pytest.fixture(scope="session")
def camunda_case_resources() -> Callable[[Path], Iterable[Path]]:
    """For the path of a JSON file, what is deployed before each of its cases: the processes, decisions and forms in its
    folder, or in the one above where there are none.
    """
    from camunda_embedded.testing._cases.items import resources_beside

    return resources_beside
