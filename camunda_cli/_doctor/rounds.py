"""All steps in their order: both wires at once, and each step that cannot be tried named as skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from camunda_cli._doctor.cluster import SKEW, Cluster, same_cluster, token
from camunda_cli._doctor.findings import OK, SKIPPED, WARNING, WRONG, Budget, Finding, Stop
from camunda_cli._doctor.network import Way, clock_skew, place_of
from camunda_cli._settings import Session
from camunda_core.config import Settings
from camunda_core.credentials import NoCredentials
from camunda_core.errors import ConfigurationError
from camunda_core.retry import NO_RETRY

__all__ = ["examined"]

Tell = Callable[[Finding], None]
_CLUSTER = ("answers", "version", "permissions", "tenant", "sizes", "poll", "stream")
#: Steps that what comes behind them does not need.
_ALONE = frozenset({"version", "permissions", "tenant", "sizes", "poll", "stream"})


class Round:
    """The steps of one wire, or of what both share."""

    def __init__(self, wire: str, tell: Tell) -> None:
        self._wire = wire
        self._tell = tell
        self.findings: list[Finding] = []

    def take(self, step: str, look: Callable[[], str]) -> bool:
        """Takes a step; whether it went well."""
        began = time.monotonic()
        try:
            said = look()
        except Stop as stop:
            state = SKIPPED if stop.said.startswith("not tried") else WRONG
            self.add(step, state, stop.said, stop.mend, time.monotonic() - began)
            return False
        except ConfigurationError as error:
            self.add(step, WRONG, str(error), "the message says it", time.monotonic() - began)
            return False
        except Exception as error:  # a step that fails itself is a finding too: the others still count
            self.add(
                step,
                WRONG,
                f"{type(error).__name__}: {error}",
                "please report this",
                time.monotonic() - began,
            )
            return False
        self.add(step, OK, said, "", time.monotonic() - began)
        return True

    def add(self, step: str, state: str, said: str, mend: str = "", seconds: float = 0.0) -> None:
        """Notes a finding."""
        found = Finding(step, self._wire, state, said, mend, round(seconds, 3))
        self.findings.append(found)
        self._tell(found)

    def skip(self, *steps: str) -> None:
        """Names steps that cannot be tried."""
        for step in steps:
            self.add(step, SKIPPED, "not tried, since a step before it went wrong")


def examined(session: Session, *, within: float, poll: float, write: bool, tell: Tell) -> list[Finding]:
    """Everything that was found, in the order of the steps; ``tell`` hears of each as it comes."""
    budget = Budget(within)
    shared = Round("", tell)
    settings: list[Settings] = []

    def read() -> str:
        rest, grpc = session.addresses()
        settings.append(session.settings())
        named = [f"REST {rest}" if rest else "", f"gRPC {grpc}" if grpc else ""]
        return ", ".join(filter(None, named))

    if not shared.take("settings", read):
        return shared.findings
    found = settings[0]
    skews: list[float] = []

    def signed() -> str:
        said, skew = token(found.credentials, budget)
        if skew is not None:
            skews.append(-skew)
        return said

    signed_in = shared.take("token", signed)
    rest, grpc = session.addresses()
    wires = {wire: address for wire, address in (("rest", rest), ("grpc", grpc)) if address}
    if wanted := session.option("transport"):
        wires = {wire: address for wire, address in wires.items() if wire == wanted}
    rounds = {wire: Round(wire, tell) for wire in wires}
    with ThreadPoolExecutor(max_workers=2) as pool:
        seen = dict(
            zip(
                wires,
                pool.map(
                    lambda wire: _wire(
                        session, rounds[wire], wire, wires[wire], found, budget, signed_in, poll, write
                    ),
                    wires,
                ),
                strict=True,
            )
        )
    _skew(shared, [*skews, *(skew for _, skew in seen.values() if skew is not None)])
    topologies = {wire: topology for wire, (topology, _) in seen.items()}
    if all(topologies.get(wire) is not None for wire in ("rest", "grpc")):
        shared.take("wires", lambda: same_cluster(topologies["rest"], topologies["grpc"]))
    return [
        *shared.findings[:2],
        *(each for one in rounds.values() for each in one.findings),
        *shared.findings[2:],
    ]


def _skew(shared: Round, skews: list[float]) -> None:
    if not skews:
        shared.add("clock", SKIPPED, "nobody on the way tells the time")
        return
    worst = max(skews, key=abs)
    said = f"this machine's clock is {abs(worst):.0f} s {'ahead of' if worst > 0 else 'behind'} the server's"
    if abs(worst) > SKEW:
        mend = "set the clock (NTP): tokens and certificates are taken for expired, or for not yet valid"
        shared.add("clock", WRONG, said, mend)
    else:
        shared.add("clock", OK, said)


def _wire(
    session: Session,
    round_: Round,
    wire: str,
    address: str,
    settings: Settings,
    budget: Budget,
    signed_in: bool,
    poll: float,
    write: bool,
) -> tuple[Any, float | None]:
    spoken = "http2" if wire == "grpc" else "http"
    places: list[Any] = []

    def read() -> str:
        places.append(place_of(wire, address, settings))
        return address

    if not round_.take("address", read):
        round_.skip("dns", "proxy", "tcp", "tls", spoken, *_CLUSTER)
        return None, None
    way = Way(places[0], budget)
    steps = ("dns", "proxy", "tcp", "tls", spoken) if places[0].host else ()
    for number, step in enumerate(steps):
        if not round_.take(step, getattr(way, step)):
            round_.skip(*steps[number + 1 :], *_CLUSTER)
            return None, _seen_skew(way)
    skew = _seen_skew(way)
    if (
        not places[0].secure
        and not isinstance(settings.credentials, NoCredentials)
        and not _loopback(places[0].host)
    ):
        mend = f"write {'grpcs' if wire == 'grpc' else 'https'}://, if the gateway has TLS"
        round_.add("plaintext", WARNING, "credentials go over the network in plaintext", mend)
    if not signed_in:
        round_.skip(*_CLUSTER)
        return None, skew
    return _asked(session, round_, wire, address, settings, budget, poll, write), skew


def _seen_skew(way: Way) -> float | None:
    try:
        return clock_skew(way.date, way.at)[0] if way.date else None
    except (TypeError, ValueError):
        return None


def _loopback(host: str) -> bool:
    from camunda_core._addresses import is_loopback

    return is_loopback(host)


def _asked(
    session: Session,
    round_: Round,
    wire: str,
    address: str,
    settings: Settings,
    budget: Budget,
    poll: float,
    write: bool,
) -> Any:
    only: dict[str, Any] = {"rest_address": None, "grpc_address": None, f"{wire}_address": address}
    try:
        with session.client(**only, transport=None, routes=wire, retry=NO_RETRY, timeout=5.0) as client:
            tenant = session.tenant or settings.tenant_id
            cluster = Cluster(client, wire, budget, tenant=tenant, poll=poll, write=write)
            if not round_.take("answers", cluster.answers):
                round_.skip(*_CLUSTER[1:])
                return None
            for step in _CLUSTER[1:-2]:
                round_.take(step, getattr(cluster, step))
            with ThreadPoolExecutor(max_workers=2) as both:  # each waits for as long as it is told
                list(both.map(lambda step: round_.take(step, getattr(cluster, step)), _CLUSTER[-2:]))
            return cluster.topology
    except ConfigurationError as error:
        round_.add("answers", WRONG, str(error), "the message says it")
        round_.skip(*_CLUSTER[1:])
        return None
