"""Clients that others wrote, each installed from its registry into a place of its own in the cache. Nothing of them is copied."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests import cache
from tests.cache import Unavailable
from tests.contract import fetch
from tests.neighbours.venvs import environment

PROGRAMS = Path(__file__).parent / "programs"
INSTALL_SECONDS = 400.0
RUN_SECONDS = 120.0

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>foreign</groupId><artifactId>foreign</artifactId><version>1</version>
<dependencies><dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
</dependency></dependencies></project>
"""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


def python(program: str, *requirements: str, version: str = "3.11") -> list[str]:
    """The command that runs a Python program of ours beside these packages.

    Raises:
        Unavailable: they cannot be installed.
    """
    return [str(environment(version, requirements)), str(PROGRAMS / program)]


def node(program: str, package: str) -> list[str]:
    """The command that runs a JavaScript program of ours beside an npm package ("name@version").

    Raises:
        Unavailable: there is no Node, or npm cannot install it.
    """
    return ["node", str(installed(package) / program)]


def npm_binary(package: str, path: str) -> Path:
    """A program for Linux in an npm package.

    Raises:
        Unavailable: this is no Linux, there is no Node, or npm cannot install it.
    """
    if sys.platform != "linux":
        raise Unavailable(f"{package} has a program for Linux alone")
    found = installed(package) / "node_modules" / package.rpartition("@")[0] / path
    found.chmod(0o755)
    return found


def installed(package: str) -> Path:
    """A folder with the package and, since Node looks for packages beside a program, our programs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Unavailable("Node is not installed (no node and npm on PATH)")

    def prepare(room: Path) -> None:
        (room / "package.json").write_text('{"private": true}', encoding="utf-8")
        _install(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", package], room)

    room = cache.once(f"npm-{package.replace('/', '-').lstrip('@')}", prepare)
    for program in PROGRAMS.glob("*.mjs"):
        shutil.copyfile(program, room / program.name)
    return room


def java(program: str, artifact: str, build: Path) -> list[str]:
    """The command that runs a Java program of ours, compiled beside an artifact ("group:name:version") into ``build``.

    Raises:
        Unavailable: there is no JDK or Maven, or the artifact cannot be had.
    """
    compiler = shutil.which("javac")
    if compiler is None:
        raise Unavailable("a JDK is not installed (no javac on PATH)")
    group, name, version = artifact.split(":")

    def prepare(room: Path) -> None:
        pom = room / "pom.xml"
        pom.write_text(_POM.format(group=group, artifact=name, version=version), encoding="utf-8")
        fetch.maven("-f", str(pom), _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={room}")

    jars = cache.once(f"java-{name}-{version}", prepare)
    classpath = f"{jars}/*"
    _install(
        [compiler, "-cp", classpath, "-sourcepath", str(PROGRAMS), "-d", str(build), str(PROGRAMS / program)],
        build,
    )
    return ["java", "-cp", f"{classpath}{os.pathsep}{build}", program.removesuffix(".java")]


def go(program: str, requirement: str) -> list[str]:
    """The command that runs a Go program of ours, built once with a module ("path@version").

    Raises:
        Unavailable: there is no Go, or the module cannot be had.
    """
    if shutil.which("go") is None:
        raise Unavailable("Go is not installed (no go on PATH)")
    source = (PROGRAMS / program).read_bytes()

    def prepare(room: Path) -> None:
        (room / "main.go").write_bytes(source)
        (room / "go.mod").write_text("module foreign\n\ngo 1.24\n", encoding="utf-8")
        _install(["go", "get", requirement], room)
        _install(["go", "build", "-p", "2", "-o", "program", "."], room)

    name = requirement.replace("/", "-").replace("@", "-")
    made = cache.once(f"go-{name}-{hashlib.sha256(source).hexdigest()[:12]}", prepare)
    return [str(made / "program")]


def _install(command: Sequence[str], room: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=room, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} took longer than {INSTALL_SECONDS:.0f} s") from error
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip()[-300:]}")
