"""Our proto file against every published one, and the versions that it and the table name."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge._table.mapping import NEWER_ON_GRPC
from camunda_grpc._generated import gateway_pb2
from camunda_rest.operations import Version
from tests import cache
from tests.contract import proto, published

ROOT = Path(__file__).resolve().parents[2]
OUR_TEXT = (ROOT / "proto" / "gateway.proto").read_text(encoding="utf-8")
OURS, MARKS = proto.parse(OUR_TEXT)
FIRST: Version = min(published.PROTOCOLS.values())


def up_to(version: Version) -> proto.Protocol:
    """What our proto file has when everything newer than a version is taken away."""
    return proto.Protocol(
        rpcs={name: rpc for name, rpc in OURS.rpcs.items() if MARKS.rpcs[name] <= version},
        messages={name for name in OURS.messages if MARKS.messages[name] <= version},
        fields={key: each for key, each in OURS.fields.items() if since(*key) <= version},
        enums={name: values for name, values in OURS.enums.items() if MARKS.enums[name] <= version},
    )


def since(message: str, number: int) -> Version:
    """The version a field came in: its own mark, or that of its message."""
    return max(MARKS.fields[message, number], MARKS.messages[message])


def test_the_compiled_stubs_hold_what_the_proto_file_says() -> None:
    compiled = proto.compiled(gateway_pb2.DESCRIPTOR)
    assert not compiled - OURS
    assert not OURS - compiled


def test_the_reader_overlooks_no_statement_of_the_proto_file() -> None:
    numbered = len(re.findall(r"=\s*\d+\s*(?:\[[^\]]*\]\s*)?;", re.sub(r"//[^\n]*", "", OUR_TEXT)))
    assert numbered == len(OURS.fields) + sum(len(values) for values in OURS.enums.values())


def test_the_protocol_has_23_rpcs_75_messages_and_275_fields() -> None:
    assert (len(OURS.rpcs), len(OURS.messages), len(OURS.fields)) == (23, 75, 275)


@pytest.mark.parametrize("version", published.PROTOCOLS)
def test_everything_a_published_protocol_has_stands_in_ours(version: str) -> None:
    theirs = published.protocol(version)
    assert len(theirs.fields) > 150
    assert not theirs - OURS


@pytest.mark.parametrize("version", published.PROTOCOLS)
def test_what_ours_adds_to_a_published_protocol_is_marked_as_newer(version: str) -> None:
    theirs = published.protocol(version)
    assert not up_to(published.PROTOCOLS[version]) - theirs


@pytest.mark.parametrize("version", published.PROTOCOLS)
def test_what_is_marked_as_newer_is_not_in_the_published_protocol(version: str) -> None:
    theirs = published.protocol(version)
    assert not theirs - up_to(published.PROTOCOLS[version])


def test_nothing_is_marked_with_a_version_that_the_library_does_not_know() -> None:
    marks = [*MARKS.rpcs.values(), *MARKS.messages.values(), *MARKS.fields.values(), *MARKS.enums.values()]
    assert set(marks) == {proto.BEGINNING, (8, 6), (8, 8), (8, 9), (8, 10)}


def test_the_table_knows_every_request_field_that_older_gateways_ignore() -> None:
    # A field of a newer message needs no entry of its own: the field that holds the message has one, and
    # an older gateway answers a newer RPC with UNIMPLEMENTED.
    expected: dict[str, dict[str, Version]] = {}
    for message in _request_messages():
        for (name, number), each in OURS.fields.items():
            if name == message and MARKS.fields[name, number] > max(FIRST, MARKS.messages[name]):
                expected.setdefault(message, {})[each.name] = MARKS.fields[name, number]
    assert expected == NEWER_ON_GRPC


def _request_messages() -> set[str]:
    pending = [rpc.request for rpc in OURS.rpcs.values()]
    found: set[str] = set()
    while pending:
        message = pending.pop()
        if message not in found:
            found.add(message)
            pending += [
                each.type
                for (name, _), each in OURS.fields.items()
                if name == message and each.type in OURS.messages
            ]
    return found


def test_a_reader_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="line 2: a field was expected, not 'reserved'"):
        proto.parse("message A {\n  reserved 4;\n}")
    with pytest.raises(ValueError, match="expected, not 'import'"):
        proto.parse('import "other.proto";')


def test_the_generated_stubs_are_fresh() -> None:
    done = subprocess.run(
        [str(_tools()), str(ROOT / "proto" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fresh" in done.stdout


def _tools() -> Path:
    """The Python of a virtual environment with the pinned compiler, made once in the cache."""
    if sys.version_info >= (3, 13):
        pytest.skip("the pinned grpcio-tools has no wheels for Python 3.13 and newer")
    requirements = ROOT / "proto" / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:8]
    place = cache.folder() / f"proto-tools-{sys.version_info.major}.{sys.version_info.minor}-{digest}"
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = place / "complete"
    with cache.lock(place.name):
        if not complete.exists():
            install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r"]
            for command in (
                [sys.executable, "-m", "venv", "--clear", str(place)],
                [*install, str(requirements)],
            ):
                done = subprocess.run(command, capture_output=True, text=True, timeout=160, check=False)
                if done.returncode:
                    pytest.skip(f"the protocol compiler cannot be installed: {done.stderr[-300:]}")
            complete.touch()
    return python
