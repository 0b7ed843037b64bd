"""One play of a scenario on one way: what it calls, and what came of it, made comparable."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from camunda_cli._output import jsonable
from camunda_cli._verify.ways import Way
from camunda_core.errors import CamundaError

__all__ = ["DOCUMENTED", "NEVER", "Entry", "NotHere", "Play", "Scenario", "Unexpected", "differences"]

#: A key that looks like one of partition 1 and that nothing will ever have.
NEVER = 2**51 + 10**12
#: Of each published difference that refusals here meet (``docs/differences.md``): what may differ.
DOCUMENTED: Mapping[str, frozenset[str]] = {
    "no-such-partition": frozenset({"text"}),
    "timeout-of-inactive-job": frozenset({"code", "kind", "text"}),
    "update-intent": frozenset({"text"}),
}

_KEY = re.compile(r"\b\d{16,19}\b")
#: Seconds in which what has to come does.
_PATIENCE = 30.0


class Unexpected(Exception):
    """Something went otherwise than the scenario says."""


class NotHere(Exception):
    """A scenario cannot be played on this cluster; why."""


@dataclass(frozen=True)
class Scenario:
    """``since`` is the oldest line that it can be played on."""

    name: str
    about: str
    perform: Callable[[Play], None]
    since: tuple[int, int] = (8, 5)


@dataclass
class Entry:
    """One call: the method, its result or its refusal as plain data, and the published difference that may show."""

    method: str
    result: Any = None
    refusal: dict[str, str] | None = None
    documented: str = ""


@dataclass
class Play:
    """What a scenario calls with. ``prefix`` begins every name that it deploys; ``left`` is what has to be cleaned up."""

    way: Way
    prefix: str
    tag: str
    version: tuple[int, int]
    tenant: str | None
    find_incident: Callable[[str], str] | None = None
    entries: list[Entry] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    _numbers: dict[str, str] = field(default_factory=dict)

    def name(self, word: str) -> str:
        """A name of this play alone; comparing takes the difference off again."""
        return f"{self.prefix}-{word}-{self.tag}"

    def call(self, method: str, *args: Any, **given: Any) -> Any:
        """A call that succeeds."""
        if self.tenant is not None and method in _WITH_TENANT:
            given["tenant_id"] = self.tenant
        if self.tenant is not None and method == "activate_jobs":
            given["tenant_ids"] = [self.tenant]
        result = self.way.call(method, *args, **given)
        self._remember(result)
        self.entries.append(Entry(method, self.plain(result)))
        return result

    def refused(self, method: str, *args: Any, kind: str, documented: str = "", **given: Any) -> None:
        """A call that fails, with a class of the tree."""
        try:
            result = self.way.call(method, *args, **given)
        except CamundaError as error:
            kinds = [
                each.__name__ for each in type(error).__mro__ if each.__module__ == "camunda_core.errors"
            ]
            said = {"kind": kinds[0], "code": error.grpc_code, "text": self._text(error.message)}
            self.entries.append(Entry(method, None, said, documented))
            if kind not in kinds and "kind" not in DOCUMENTED.get(documented, frozenset()):
                raise Unexpected(f"{method} is refused as {kinds[0]}, not {kind}: {error.message}") from None
        else:
            self._remember(result)
            raise Unexpected(f"{method} is not refused: {result!r}")

    def check(self, holds: bool, what: str) -> None:
        """Something that has to be so."""
        if not holds:
            raise Unexpected(what)

    def jobs(self, job_type: str, count: int = 1, **given: Any) -> list[Any]:
        """So many jobs, waited for, in the order of their keys. It is remembered as one call."""
        found: list[Any] = []
        before, ends = len(self.entries), time.monotonic() + _PATIENCE
        while len(found) < count:
            if time.monotonic() > ends:
                raise Unexpected(f"{len(found)} of {count} jobs of {job_type} came")
            options = {"job_timeout": 60, "worker": "verify", "request_timeout": 2, **given}
            found += self.call("activate_jobs", job_type, max_jobs_to_activate=count - len(found), **options)
        found.sort(key=lambda job: int(job.job_key))
        self.entries[before:] = [Entry("activate_jobs", self.plain(found))]
        return found

    def stream(self, job_type: str, begin: Callable[[], object], count: int) -> list[Any]:
        """So many jobs of a stream, started once it is open."""
        given: dict[str, Any] = {"job_timeout": 60, "worker": "verify", "timeout": _PATIENCE}
        given["tenant_ids"] = [self.tenant or "<default>"]
        from concurrent.futures import ThreadPoolExecutor

        stream = self.way.jobs(job_type, **given)
        with ThreadPoolExecutor(1) as apart:
            reading = apart.submit(lambda: list(islice(stream, count)))
            time.sleep(0.5)  # brokers know of a stream a moment after it was opened
            begin()
            found = reading.result(_PATIENCE + 10)
        stream.close()  # type: ignore[attr-defined]  # a generator is one
        found.sort(key=lambda job: int(job.job_key))
        self.entries.append(Entry("stream_activated_jobs", self.plain(found)))
        return found

    def incident_of(self, instance: str) -> str:
        """The key of an instance's incident, which only searches tell."""
        if self.find_incident is None:
            raise NotHere("incidents are found by searches: REST, and a cluster from 8.8 on")
        return self.find_incident(instance)

    def deploy(self, *files: tuple[str, bytes]) -> Any:
        """Deploys files, to be deleted at the end."""
        return self.call("deploy_resource", *files)

    def start(self, process: str, **variables: Any) -> str:
        """Starts an instance; its key."""
        made = self.call("create_process_instance", process, variables=variables)
        return str(made.process_instance_key)

    def _remember(self, result: Any) -> None:
        if hasattr(result, "deployment_key"):
            self.resources += [each.process_definition_key for each in result.processes]
            for names in ("decision_requirements", "forms"):
                for each in getattr(result, names, ()):
                    self.resources.append(getattr(each, f"{'form' if names == 'forms' else names}_key"))
        elif getattr(result, "process_instance_key", "") and not isinstance(result, list):
            self.instances.append(result.process_instance_key)

    # Made comparable

    def plain(self, value: Any) -> Any:
        """``value`` with its keys numbered, its times left out, and without the tag of this play."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                each.name: "a time" if each.name == "deadline" else self.plain(getattr(value, each.name))
                for each in dataclasses.fields(value)
                if each.compare and not each.name.startswith("_") and each.name not in _NOT_COMPARED
            }
        if isinstance(value, Mapping):
            return {str(name): self.plain(each) for name, each in sorted(value.items())}
        if isinstance(value, (list, tuple)):
            return [self.plain(each) for each in value]
        return self._text(value) if isinstance(value, str) else jsonable(value)

    def _text(self, text: str) -> str:
        return _KEY.sub(lambda found: self._number(found[0]), text.replace(f"-{self.tag}", ""))

    def _number(self, key: str) -> str:
        return self._numbers.setdefault(key, f"key#{len(self._numbers) + 1}")


_WITH_TENANT = frozenset(
    {
        *("deploy_resource", "create_process_instance", "create_process_instance_with_result"),
        *("publish_message", "broadcast_signal", "evaluate_decision", "evaluate_conditional"),
    }
)
#: Of results what only one wire has.
_NOT_COMPARED = frozenset({"host", "port"})


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two plain values differ, place by place."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from differences(one.get(name, "(nothing)"), other.get(name, "(nothing)"), f"{at}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}[{index}]")
    elif one != other or type(one) is not type(other):
        yield f"{at}: {one!r} against {other!r}"
