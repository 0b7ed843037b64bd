"""The pytest side: fixtures that start gateways, the order of the tests, and the account at the end of a run.

A test marked with ``on_gateways`` runs once on every fitting gateway and takes one of

- ``gateway``: the running gateway, shared by the whole session: leave it as you found it, use unique names;
- ``fresh_gateway``: one of its own, for tests that stop, pause or restart it;
- ``make_gateway``: a function that starts one of its own with options (such as ``partitions=3``);
- ``gateway_name``: the name alone.

A gateway that this machine cannot run is named once, with the number of tests that are left out for it, unless
``CAMUNDA_BRIDGE_REQUIRE`` names it: then the run fails.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cache import Unavailable
from tests.gateways import registry
from tests.gateways.base import Gateway
from tests.gateways.registry import GATEWAYS

TEST_SECONDS = 400  # pytest-timeout counts a gateway's start as part of the test that needs it first


@dataclass
class State:
    """What one run knows of its gateways."""

    selected: list[str]
    promised: set[str]  # must run at least one test, whatever was collected
    missing: dict[str, str] = field(default_factory=dict)  # why it cannot run here
    #: How many tests asked for one that cannot run here.
    left_out: Counter[str] = field(default_factory=Counter)
    running: dict[str, Gateway] = field(default_factory=dict)


STATE = pytest.StashKey[State]()
#: Under which a process of pytest-xdist tells the one that began it what is missing.
TOLD = "gateways"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gateways",
        metavar="NAMES",
        help="gateways to run on: all, none, or names and kinds, comma-separated "
        "(default: $CAMUNDA_BRIDGE_GATEWAYS, else all)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_gateways(...): see tests.gateways.registry.on_gateways")
    chosen = config.getoption("--gateways") or os.environ.get("CAMUNDA_BRIDGE_GATEWAYS") or "all"
    named = os.environ.get("CAMUNDA_BRIDGE_REQUIRE", "none")
    try:
        selected = [entry.name for entry in registry.select(chosen)]
        promised = {entry.name for entry in registry.select(named)}
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[STATE] = State(selected, promised)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "gateway_name" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("on_gateways")
    if mark is None:
        raise pytest.UsageError(f"{metafunc.definition.nodeid} takes a gateway but is not marked on_gateways")
    fits = [entry.name for entry in registry.fitting(**mark.kwargs)]
    if not fits:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: no registered gateway fits its on_gateways")
    names = [name for name in fits if name in metafunc.config.stash[STATE].selected]
    if names:
        params = [pytest.param(name, id=name) for name in names]
    else:
        reason = f"none of {', '.join(fits)} was selected"
        params = [pytest.param("", id="not-selected", marks=pytest.mark.skip(reason=reason))]
    metafunc.parametrize("gateway_name", params, indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests without a gateway first, then gateway by gateway: each is started once and stopped early.

    Those of a gateway that cannot run here are left out, and the account at the end says so in one line a gateway.
    """
    state = config.stash[STATE]
    for name in dict.fromkeys(filter(None, map(_gateway_of, items))):
        try:
            GATEWAYS[name].prepare()
        except Unavailable as reason:
            state.missing[name] = str(reason)
    state.left_out.update(name for item in items if (name := _gateway_of(item)) in state.missing)
    if state.left_out:
        config.hook.pytest_deselected(items=[item for item in items if _gateway_of(item) in state.missing])
        items[:] = [item for item in items if _gateway_of(item) not in state.missing]
    order = list(GATEWAYS)
    for item in items:
        name = _gateway_of(item)
        if name:
            item.user_properties.append(("gateway", name))
            if config.pluginmanager.hasplugin("timeout") and item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TEST_SECONDS))
    items.sort(key=lambda item: order.index(name) if (name := _gateway_of(item)) else -1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    name = _gateway_of(item)
    shared = item.config.stash[STATE].running.get(name) if name else None
    if shared is None:
        return (yield)
    try:
        result = yield
        if not shared.alive:
            pytest.fail(f"{name} ended during this test, which shares it", pytrace=False)
        return result
    except BaseException as error:
        if not isinstance(error, pytest.skip.Exception):
            item.add_report_section("call", f"log of {name}", shared.tail())
        raise


@pytest.fixture(scope="session")
def gateway_name(request: pytest.FixtureRequest) -> str:
    """The name of the gateway that the test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def gateway(gateway_name: str, pytestconfig: pytest.Config) -> Iterator[Gateway]:
    """The running gateway, shared by every test of the session."""
    running = pytestconfig.stash[STATE].running
    with GATEWAYS[gateway_name].make() as shared:
        running[gateway_name] = shared
        yield shared
        del running[gateway_name]


@pytest.fixture
def make_gateway(gateway_name: str) -> Iterator[Callable[..., Gateway]]:
    """A function that starts a gateway for this test alone; it takes the options of the gateway's class."""
    made: list[Gateway] = []

    def make(**options: object) -> Gateway:
        own = GATEWAYS[gateway_name].make(**options)
        made.append(own)
        own.start()
        return own

    try:
        yield make
    finally:
        for own in made:
            own.close()


@pytest.fixture
def fresh_gateway(make_gateway: Callable[..., Gateway]) -> Gateway:
    """A running gateway for this test alone."""
    return make_gateway()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Takes over what a process of pytest-xdist has found missing: this one has collected nothing."""
    state = node.config.stash[STATE]
    told = getattr(node, "workeroutput", {}).get(TOLD, {})
    state.missing.update(told.get("missing", {}))
    state.left_out.update(
        {name: n for name, n in told.get("left_out", {}).items() if name not in state.left_out}
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        state = session.config.stash[STATE]
        session.config.workeroutput[TOLD] = {"missing": state.missing, "left_out": dict(state.left_out)}
        return
    if session.config.option.collectonly or session.exitstatus not in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        return
    if _broken_promises(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.option.collectonly:
        return
    state = config.stash[STATE]
    accounts = _accounts(config)
    terminalreporter.section("gateways")
    for name in GATEWAYS:
        terminalreporter.line(f"{name}: {accounts.get(name) or _idle(state, name)}")
    for name in _broken_promises(config):
        terminalreporter.line(f"FAILED: {name} is required, but no test ran on it", red=True)


def _idle(state: State, name: str) -> str:
    """Why no test ran on it."""
    if name in state.missing:
        return f"not here: {state.missing[name]} ({state.left_out[name]} tests left out)"
    if name in state.selected:
        return "no collected test asks for it"
    return "only when it is named, see docs/your-cluster.md" if GATEWAYS[name].on_request else "not selected"


def _gateway_of(item: pytest.Item) -> str:
    """The name of the gateway that the test runs on; empty when it needs none, or none was selected."""
    callspec = getattr(item, "callspec", None)
    return "" if callspec is None else str(callspec.params.get("gateway_name", ""))


@dataclass
class Account:
    """What became of the tests of one gateway."""

    ran: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)  # failed before they began

    def __str__(self) -> str:
        parts = [f"ran {len(self.ran)} tests"]
        parts += [f"{len(self.broken)} failed in setup"] * bool(self.broken)
        parts += [f"{len(self.skipped)} skipped"] * bool(self.skipped)
        return ", ".join(parts)


def _accounts(config: pytest.Config) -> dict[str, Account]:
    accounts: dict[str, Account] = {}
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for kind in reporter.stats.values() for report in kind] if reporter else []
    for report in reports:
        properties = dict(getattr(report, "user_properties", ()))
        if "gateway" not in properties:
            continue
        account = accounts.setdefault(properties["gateway"], Account())
        if report.when == "call" and not (report.skipped and not hasattr(report, "wasxfail")):
            account.ran.add(report.nodeid)
        elif report.skipped:
            account.skipped.add(report.nodeid)
        elif report.when == "setup" and report.failed:
            account.broken.add(report.nodeid)
    return accounts


def _broken_promises(config: pytest.Config) -> list[str]:
    accounts = _accounts(config)
    return sorted(
        name for name in config.stash[STATE].promised if name not in accounts or not accounts[name].ran
    )
