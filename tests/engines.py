"""``--engine fast``: the same tests with the fast engine under every call and worker that does not ask for another one.

grpcio's own channel for threads stays what it is. What the fast engine has not goes over the default one, as with
``engine="auto"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bridge._entrance import Entrance

#: What is asked for its engine: the module, and the function in it.
_ASKED = (
    ("camunda_grpc._aio_channel", "connect"),
    ("camunda_rest._aio_client", "transport_of"),
    ("camunda_rest._client", "blocking_transport_of"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["default", "fast"], default="default", help="what carries calls")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "default_engine(why): is about grpcio and aiohttp themselves")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "default":
        return
    for item in items:
        mark = item.get_closest_marker("default_engine")
        if mark is not None:
            item.add_marker(pytest.mark.skip(reason=f"the default engine alone: {mark.args[0]}"))


def _with_default(asked: Callable[..., Any]) -> Callable[..., Any]:
    def instead(*given: Any, **named: Any) -> Any:
        if named.get("engine") == "default":
            named["engine"] = "auto"
        if given and given[0] == "default":
            given = ("auto", *given[1:])
        return asked(*given, **named)

    return instead


@pytest.fixture(scope="session", autouse=True)
def _engine(pytestconfig: pytest.Config) -> Iterator[None]:
    """The engine of all tests. Programs that they start are told by the environment."""
    if pytestconfig.getoption("--engine") == "default":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAMUNDA_BRIDGE_ENGINE", "fast")
        for module, name in _ASKED:
            found = __import__(module, fromlist=[name])
            patch.setattr(found, name, _with_default(getattr(found, name)))
        calling = Entrance.calling_channel
        patch.setattr(Entrance, "calling_channel", lambda self: calling(_auto(self)))
        yield


def _auto(entrance: Entrance) -> Entrance:
    return replace(entrance, engine="auto") if entrance.engine == "default" else entrance
