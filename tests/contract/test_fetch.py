"""The cache of downloads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cache
from tests.contract import fetch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMUNDA_BRIDGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_an_item_is_prepared_once_and_then_found() -> None:
    prepared = []

    def prepare(room: Path) -> None:
        prepared.append(room)
        (room / "file").write_text("there", encoding="ascii")

    assert cache.once("item", prepare) == cache.once("item", prepare)
    assert len(prepared) == 1
    assert (cache.folder() / "item" / "file").read_text(encoding="ascii") == "there"


def test_an_item_that_fails_half_way_leaves_nothing(empty_cache: Path) -> None:
    def prepare(room: Path) -> None:
        (room / "half").write_text("", encoding="ascii")
        raise cache.Unavailable("the line broke")

    with pytest.raises(cache.Unavailable, match="the line broke"):
        cache.once("item", prepare)
    assert [path.name for path in empty_cache.iterdir()] == [".locks"]


def test_parallel_runs_prepare_an_item_once(tmp_path: Path) -> None:
    run = f"""
from pathlib import Path
from tests import cache

def prepare(room):
    with open({str(tmp_path / "prepared")!r}, "a") as log:
        log.write("x")
    (room / "file").write_bytes(b"1" * 1_000_000)

assert (cache.once("item", prepare) / "file").stat().st_size == 1_000_000
"""
    runs = [subprocess.Popen([sys.executable, "-c", run], cwd=ROOT) for _ in range(4)]
    assert [each.wait(60) for each in runs] == [0, 0, 0, 0]
    assert (tmp_path / "prepared").read_text(encoding="ascii") == "x"


def test_without_maven_the_reason_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(cache.Unavailable, match="Maven is not installed"):
        fetch.protocol("8.6.0")


def test_mavens_telling_line_is_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    maven = tmp_path / "mvn"
    script = f"#!/bin/sh\necho x >> {tmp_path}/attempts\n"
    maven.write_text(script + "echo '[ERROR] Could not find artifact a:b:jar:1 in central'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(cache.Unavailable, match="Could not find artifact a:b:jar:1"):
        fetch.protocol("0.0.0")
    assert (tmp_path / "attempts").read_text(encoding="ascii").count("x") == fetch.ATTEMPTS


def test_an_unknown_name_lists_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch.main(["protocol-1.0"]) == 2
    assert "unknown: protocol-1.0; known: java, protocol-8.5.8" in capsys.readouterr().err
