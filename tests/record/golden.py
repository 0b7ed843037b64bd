"""Request and answer pairs of both wires, call beside call: ``tests/data/recorded/golden-8.6.0.json`` and how it is made.

``python -m tests.record.golden FILE`` plays the scenarios on your cluster (see docs/your-cluster.md), natively and over REST, and
writes what was said. Keys, names, times and ports are those of first appearance, and a call that was recorded before is left out,
so that recording again changes little. Files are not recorded, only their names. Scenarios that need more than a cluster offers,
such as its clock, are left out.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import json_format

from bridge._dropin.status import rpc_error
from bridge._table.transcode import exchange
from camunda_core.errors import CamundaError
from camunda_core.retry import NO_RETRY
from camunda_rest import RestClient
from tests.gateways.base import Gateway
from tests.gateways.cluster import Cluster
from tests.record.proxy import Exchange, Proxy
from tests.scenarios.callers import Caller, Stream
from tests.scenarios.paths import BY_NAME, NATIVE
from tests.scenarios.paths import Path as Way
from tests.scenarios.stage import RECORDED, Case, Scenario
from tests.scenarios.transcript import KEY, Entry, Plain

VERSION = "8.6.0"
FILE = Path(__file__).resolve().parents[1] / "data" / "recorded" / f"golden-{VERSION}.json"
MODULES = (
    "deployments",
    "instances",
    "jobs",
    "messages",
    "decisions",
    "changes",
    "streams",
    "rejections",
    "pressure",
)

#: What stands in place of a key: this and the number of its first appearance. Keys that only one wire shows come later.
FIRST_KEY, LATER = 2**51, 500
_TIME = re.compile(r'("deadline": ?"?)\d+')
_PORT = re.compile(r'("port": ?)\d+')


class NotOverRest(Exception):
    """A scenario asks for what REST has no operation for."""


class Call(NamedTuple):
    """One recorded call, both sides as JSON; ``rest`` is None where nothing went over the wire."""

    rpc: str
    differs: str
    grpc: dict[str, Any]
    rest: dict[str, Any] | None


class TranscodingCaller(Caller):
    """Over REST by the transcoding alone: one request for one call. Remembers what each request became."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._client = RestClient(proxy.address, retry=NO_RETRY)
        self._went: dict[int, tuple[Any, Exchange | None]] = {}

    def went(self, request: Any) -> Exchange | None:
        """The exchange of that request."""
        return self._went[id(request)][1]

    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        transcoding = exchange(rpc)
        self._proxy.take()
        try:
            asked = transcoding.to_rest(request)
            answer = self._client.call(
                asked.operation, asked.path, asked.body, files=asked.files, timeout=timeout
            )
            return transcoding.answer_from_rest(answer)
        except CamundaError as error:
            raise rpc_error(error) from None
        finally:
            self._went[id(request)] = (request, self._proxy.take())

    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        return [self.unary("ActivateJobs", request, timeout)]

    def stream(self, request: Any, timeout: float | None) -> Stream:
        raise NotOverRest

    def close(self) -> None:
        self._client.close()


def recorded(gateway: Gateway, scenario: Scenario, native: Caller, rest: TranscodingCaller) -> Iterator[Call]:
    """The calls of one scenario."""
    one = _play(gateway, scenario, BY_NAME[NATIVE], native)
    try:
        other = _play(gateway, scenario, BY_NAME["rest"], rest)
    except NotOverRest:
        other = None
    if other is not None and [e.rpc for e in one.entries] != [e.rpc for e in other.entries]:
        raise RuntimeError(f"{scenario.name}: the wires did not make the same calls")
    said = [_Side(one), _Side(other)] if other is not None else [_Side(one)]
    for number, entry in enumerate(one.entries):
        if other is None and entry.rpc != "StreamActivatedJobs":
            continue
        grpc = said[0].clean(_grpc_side(entry))
        answer = None
        if other is not None and (went := rest.went(other.entries[number].request)) is not None:
            answer = said[1].clean(_rest_side(went))
        yield Call(entry.rpc, other.entries[number].differs if other else "", grpc, answer)


def _play(gateway: Gateway, scenario: Scenario, way: Way, caller: Caller) -> Case:
    case = Case(gateway, way, caller)
    try:
        scenario.perform(case)
    finally:
        case.close()
    return case


class _Side:
    """Cleans what was said in one play on one wire."""

    def __init__(self, case: Case) -> None:
        self._tag = case.tag
        self._plain = Plain(case.tag)
        for entry in case.entries:
            self._plain.entry(entry)
        self._known = len(self._plain.keys)

    def clean(self, said: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(said, ensure_ascii=False).replace(self._tag, "")
        text = json.dumps(_sorted(json.loads(text)), ensure_ascii=False)
        text = KEY.sub(lambda match: str(self._key(match[0])), text)
        text = _TIME.sub(r"\g<1>1700000000000", _PORT.sub(r"\g<1>26501", text))
        return dict(json.loads(text))

    def _key(self, key: str) -> int:
        number = self._plain.number(key)
        return FIRST_KEY + (number if number <= self._known else LATER + number - self._known)


def _grpc_side(entry: Entry) -> dict[str, Any]:
    request = type(entry.request)()
    request.CopyFrom(entry.request)
    for each in (*getattr(request, "resources", ()), *getattr(request, "processes", ())):
        setattr(each, "content" if hasattr(each, "content") else "definition", _in_place_of(each.name))
    side: dict[str, Any] = {"request": _json(request)}
    if entry.refusal is not None:
        refusal = entry.refusal
        return side | {"code": refusal.code, "text": refusal.text, "details": refusal.details}
    if entry.rpc == "StreamActivatedJobs":
        return side | {"messages": [_json(each) for each in entry.answers]}
    return side | {"response": _json(entry.answers[0])}


def _json(message: Any) -> Any:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def _sorted(said: Any) -> Any:
    """The items of deployments, which come in any order, in one."""
    if isinstance(said, dict):
        return {
            name: sorted(value, key=_item) if name == "deployments" else _sorted(value)
            for name, value in said.items()
        }
    return [_sorted(each) for each in said] if isinstance(said, list) else said


def _item(item: dict[str, Any]) -> tuple[str, list[str]]:
    (kind,) = item
    return kind, [str(value) for name, value in sorted(item[kind].items()) if "Key" not in name]


def _in_place_of(name: str) -> bytes:
    """What is recorded of a file's content."""
    return f"<{name}>".encode()


def _rest_side(went: Exchange) -> dict[str, Any]:
    request: dict[str, Any] = {"method": went.method, "path": went.path}
    if went.request_type.startswith("multipart/"):
        request["parts"] = parts(went.request_type, went.request)
    elif went.request:
        request["body"] = json.loads(went.request)
    response: dict[str, Any] = {"status": went.status}
    if went.answer:
        response |= {"type": went.answer_type, "body": json.loads(went.answer)}
    return {"request": request, "response": response}


def parts(content_type: str, body: bytes) -> list[dict[str, str]]:
    """The parts of a multipart body; of a file the name alone."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found = []
    for part in message_from_bytes(head + body, policy=policy.HTTP).iter_parts():
        name, filename = part.get_param("name", header="content-disposition"), part.get_filename()
        entry = {"name": str(name), "type": part.get_content_type()}
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append(entry | ({"text": content.decode()} if filename is None else {"filename": filename}))
    return found


def scenarios() -> list[Scenario]:
    """Every scenario that is recorded, in the order of the recording."""
    for module in MODULES:
        importlib.import_module(f"tests.scenarios.test_{module}")
    order = [f"tests.scenarios.test_{module}" for module in MODULES]
    return sorted(RECORDED, key=lambda scenario: order.index(scenario.play.__module__))


def write(file: Path, calls: dict[str, list[Call]]) -> None:
    """Writes the file: a line for each call."""
    lines = []
    for name, said in calls.items():
        each = ",\n".join(
            f"    {json.dumps(_compact(call), ensure_ascii=False, separators=(',', ':'))}" for call in said
        )
        lines.append(f"  {json.dumps(name)}: [\n{each}\n  ]")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _compact(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call._asdict().items() if value not in ("", None)}


def read() -> dict[str, list[Call]]:
    """The recorded calls, by scenario."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: [Call(each["rpc"], each.get("differs", ""), each["grpc"], each.get("rest")) for each in said]
        for name, said in data.items()
    }


def main() -> None:
    """Records what the cluster can play."""
    file = Path(sys.argv[1])
    known: set[str] = set()
    calls: dict[str, list[Call]] = {}
    with Cluster() as gateway, Proxy(gateway.rest_address) as proxy:
        native, rest = BY_NAME[NATIVE].open(gateway), TranscodingCaller(proxy)
        try:
            for scenario in scenarios():
                if scenario.features - gateway.features:
                    continue
                for call in recorded(gateway, scenario, native, rest):
                    text = json.dumps(call, ensure_ascii=False, sort_keys=True)
                    if text not in known:
                        known.add(text)
                        calls.setdefault(scenario.name, []).append(call)
        finally:
            native.close()
            rest.close()
    write(file, calls)
    count = sum(map(len, calls.values()))
    print(f"{count} calls of {len(calls)} scenarios, {file.stat().st_size // 1024} KiB: {file}")


if __name__ == "__main__":
    main()
