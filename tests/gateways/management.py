"""HTTP to the servers under test, and the management port of a Camunda broker."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.gateways.base import Clock, Gateway


def _opener() -> urllib.request.OpenerDirector:
    # No proxies: every server here is on loopback. Certificates are the tests' own.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )


OPENER = _opener()


def call(method: str, url: str, body: object = None, *, seconds: float = 10.0) -> tuple[int, str]:
    """Status and text of one HTTP exchange; ``body`` goes as JSON. Status 0 when nothing answered."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with OPENER.open(request, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)


def leaders(topology: Mapping[str, Any]) -> set[int]:
    """The partitions that have a healthy leader, by the REST answer to a topology request.

    While a broker starts, 8.5 leaves the lists out.
    """
    return {
        partition["partitionId"]
        for node in topology.get("brokers", ())
        for partition in node.get("partitions", ())
        if str(partition["role"]).lower() == "leader" and str(partition["health"]).lower() == "healthy"
    }


class Management:
    """The management port of a broker: readiness, clock, flow control, pausing.

    Args:
        address: ``http://host:port``.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.clock = Clock(lambda milliseconds: self._do("POST", "clock/add", {"offsetMilli": milliseconds}))

    def ready(self) -> bool:
        """Whether the broker says so. Calls may still fail until the gateway knows the leader."""
        return call("GET", f"{self.address}/actuator/health/readiness")[0] == 200

    def partitions(self) -> dict[str, Any]:
        """What the broker says of its partitions, by id; empty when it does not answer."""
        status, text = call("GET", f"{self.address}/actuator/partitions")
        return dict(json.loads(text)) if status == 200 else {}

    def flow_control(self, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Set limits (``{"request": …}``, ``{"write": …}``), or with no body read them."""
        return dict(json.loads(self._do("GET" if body is None else "POST", "flowControl", body)))

    @contextmanager
    def limited(self, *, requests: int | None = None, writes_per_second: int | None = None) -> Iterator[None]:
        """Back-pressure while the block runs.

        Args:
            requests: so many commands at once (completing a job is exempt).
            writes_per_second: so many records a second and partition (nothing is exempt).
        """
        if requests is None and writes_per_second is None:
            raise ValueError("limited: give requests or writes_per_second")
        try:
            if requests is not None:
                fixed = {"enabled": True, "algorithm": "fixed", "fixed": {"limit": requests}}
                self.flow_control({"request": fixed})
            if writes_per_second is not None:
                self.flow_control({"write": {"enabled": True, "limit": writes_per_second, "rampUp": 0}})
            yield
        finally:
            self.flow_control({"request": {"enabled": True, "algorithm": "aimd"}})
            self.flow_control({"write": {"enabled": False, "limit": 400, "rampUp": 0}})

    def pause(self) -> None:
        """Stop processing: commands are answered INTERNAL until ``resume``."""
        self._do("POST", "partitions/pauseProcessing", {})

    def resume(self) -> None:
        """Process again."""
        self._do("POST", "partitions/resumeProcessing", {})

    def job_streams(self) -> dict[str, Any]:
        """The registered job streams: ``remote`` as the broker sees them, ``client`` as the gateway does."""
        return dict(json.loads(self._do("GET", "jobstreams")))

    def _do(self, method: str, path: str, body: object = None) -> str:
        status, text = call(method, f"{self.address}/actuator/{path}", body)
        if status not in (200, 204):
            raise RuntimeError(f"{method} /actuator/{path} answered {status}: {text[:300]}")
        return text


class Managed(Gateway):
    """A gateway whose broker has a management port."""

    @property
    @abstractmethod
    def management_address(self) -> str:
        """``http://host:port`` of the management port."""

    @property
    def management(self) -> Management:
        """The management port, for all it can do."""
        return Management(self.management_address)

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return self.management.clock

    def flow_control(self, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Set limits, or with no body read them; see ``Management.flow_control``."""
        return self.management.flow_control(body)

    @contextmanager
    def limited(self, *, requests: int | None = None, writes_per_second: int | None = None) -> Iterator[None]:
        """Back-pressure while the block runs; see ``Management.limited``."""
        with self.management.limited(requests=requests, writes_per_second=writes_per_second):
            yield

    def pause(self) -> None:
        """Stop processing: commands are answered INTERNAL until ``resume``."""
        self.management.pause()

    def resume(self) -> None:
        """Process again."""
        self.management.resume()
