"""Files that somebody else is writing while we look at them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from camunda_core import _files
from camunda_core._files import SETTLED, is_settled, stamp
from camunda_core.credentials import Bearer
from camunda_core.tls import Tls

PEM = Path(__file__).parent / "pem"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the clock that files are judged by is ahead."""
    ahead = [0.0]
    now = time.time
    monkeypatch.setattr(_files.time, "time", lambda: now() + ahead[0])
    return ahead


def replace(file: Path, content: bytes) -> None:
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, file)


def test_a_file_is_settled_when_nobody_has_written_into_it_for_a_moment(
    tmp_path: Path, clock: list[float]
) -> None:
    file = tmp_path / "f"
    file.write_text("x")
    former = stamp(file)
    assert not is_settled(former)
    clock[0] = 2 * SETTLED
    assert is_settled(former)
    clock[0] = -3600.0
    assert is_settled(former), "a clock that was put back must not hold it up"
    clock[0] = 0.0
    replace(file, b"y")
    assert is_settled(stamp(file), former)


def test_a_token_that_is_half_written_is_not_used(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "token"
    file.write_text("first.token")
    bearer = Bearer(file)
    clock[0] = 2 * SETTLED
    assert bearer.headers() == {"authorization": "Bearer first.token"}
    clock[0] = 0.0
    file.write_text("seco")
    assert bearer.headers() == {"authorization": "Bearer first.token"}
    file.write_text("second.token")
    clock[0] = 2 * SETTLED
    assert bearer.headers() == {"authorization": "Bearer second.token"}
    replace(file, b"third.token")
    clock[0] = 0.0
    assert bearer.headers() == {"authorization": "Bearer third.token"}


def test_a_first_token_that_was_half_written_is_read_again(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "token"
    file.write_text("half")
    about = file.stat()
    bearer = Bearer(file)
    assert bearer.headers() == {"authorization": "Bearer half"}
    file.write_text("full")
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))  # within one tick of the clock of files
    assert bearer.headers() == {"authorization": "Bearer full"}


def test_authorities_that_are_half_written_are_not_trusted(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "ca.pem"
    one = (PEM / "ca.pem").read_bytes()
    file.write_bytes(one + one)
    tls = Tls(ca=file)
    file.write_bytes(one)
    assert tls.current() is tls
    clock[0] = 2 * SETTLED
    assert tls.current() is not tls
