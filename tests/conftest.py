import gc
import os
import signal
import threading
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests import engines
from tests.engines import _engine  # noqa: F401
from tests.gateways import plugin
from tests.gateways.plugin import (  # noqa: F401
    fresh_gateway,
    gateway,
    gateway_name,
    make_gateway,
    pytest_generate_tests,
    pytest_runtest_call,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

# Without deadlines: how long an example takes says more of the machine than of us.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("full", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# A shell that runs this in the background has Ctrl-C ignored, by the programs that tests start and interrupt as well.
if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    plugin.pytest_addoption(parser)
    engines.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    plugin.pytest_configure(config)
    engines.pytest_configure(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    engines.pytest_collection_modifyitems(config, items)
    plugin.pytest_collection_modifyitems(config, items)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes very many objects and drops none: looking for garbage meanwhile costs a third of it.

    What was collected is not looked at again, which makes each look of a test cheaper.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
