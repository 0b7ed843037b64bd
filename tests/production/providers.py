"""Identity providers that the same tests run on: a real Keycloak where it can be had, and the suite's own.

Keycloak comes from Maven Central, once, into the cache (``tests.cache``); it needs Java 17 or newer. Its realm has tokens of five
seconds, and clients with and without the audience of the gateway.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import requests

from camunda_core.oauth import OAuth
from tests import cache
from tests.cache import Unavailable
from tests.contract import fetch
from tests.fakes.identity import AUDIENCE, SECRET, IdentityProvider
from tests.fakes.ports import free_port
from tests.fakes.rest import close_without_answer, stall
from tests.gateways.process import Process, StartFailed, wait_until

KEYCLOAK = "26.0.0"
LIFETIME = 5
BUILD_SECONDS, START_SECONDS = 600.0, 420.0  # some ten and fifteen on a machine that has nothing else to do
#: The clients, and the tenants of each. The tokens of the patient one last.
CLIENTS: dict[str, list[str]] = {"worker": ["red", "blue"], "patient": ["red", "blue"], "stranger": []}
PATIENCE = 600


class Provider(ABC):
    """Gives tokens to its clients; the stranger's are for another audience."""

    issuer: str

    @property
    @abstractmethod
    def asked(self) -> int:
        """How many tokens it has given."""

    @abstractmethod
    def rotate(self) -> None:
        """Signs with another key from now on."""

    @abstractmethod
    def leave(self) -> None:
        """Is not there any more."""

    @abstractmethod
    def come_back(self) -> None:
        """Is there again, under the same address."""

    @abstractmethod
    def freeze(self) -> None:
        """Takes connections and says nothing."""

    @abstractmethod
    def thaw(self) -> None:
        """Goes on."""

    @abstractmethod
    def close(self) -> None:
        """Ends it."""

    def oauth(self, client: str = "worker", secret: str = SECRET, **more: Any) -> OAuth:
        """Credentials of a client."""
        audience = {"audience": "another" if client == "stranger" else AUDIENCE}
        return OAuth(issuer=self.issuer, client_id=client, client_secret=secret, **{**audience, **more})


class Own(Provider):
    """The suite's own."""

    def __init__(self) -> None:
        self._provider = IdentityProvider(lifetime=LIFETIME, tenants=CLIENTS, lifetimes={"patient": PATIENCE})
        self.issuer = self._provider.issuer

    @property
    def asked(self) -> int:
        return self._provider.asked - self._provider.refused

    def rotate(self) -> None:
        self._provider.rotate()

    def leave(self) -> None:
        self._provider.silent = close_without_answer()

    def come_back(self) -> None:
        self._provider.silent = None

    def freeze(self) -> None:
        self._provider.silent = stall()

    def thaw(self) -> None:
        self._provider.silent = None

    def close(self) -> None:
        self._provider.close()


class Keycloak(Provider):
    """A real one, in a folder of its own.

    Raises:
        Unavailable: it cannot be had here.
        StartFailed: it does not become ready.
    """

    def __init__(self, folder: Path) -> None:
        self._java = fetch.installed_java(minimum=17) or fetch.java()
        self._home = folder / "keycloak"
        shutil.copytree(distribution(), self._home, copy_function=os.link, symlinks=True)
        imported = self._home / "data" / "import"
        imported.mkdir(parents=True)
        (imported / "camunda.json").write_text(json.dumps(_realm()), encoding="utf-8")
        self._log = folder / "keycloak.log"
        self._port, self._management = free_port(), free_port()
        self._address = f"http://127.0.0.1:{self._port}"
        self.issuer = f"{self._address}/realms/camunda"
        self._process: Process | None = None
        self.come_back()

    @property
    def asked(self) -> int:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return sum('type="CLIENT_LOGIN"' in line for line in text.splitlines())

    def rotate(self) -> None:
        realms = f"{self._address}/admin/realms"
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        token_url = f"{self._address}/realms/master/protocol/openid-connect/token"
        token = requests.post(token_url, data=form, timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        realm = requests.get(f"{realms}/camunda", headers=headers, timeout=30).json()["id"]
        key = {
            "name": "newer",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": realm,
            "config": {"priority": ["900"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]},
        }
        requests.post(
            f"{realms}/camunda/components", json=key, headers=headers, timeout=30
        ).raise_for_status()

    def leave(self) -> None:
        if self._process is not None:
            self._process.terminate(20)
            self._process = None

    def come_back(self) -> None:
        command = [
            str(self._home / "bin" / "kc.sh"), "start", "--optimized", "--import-realm",
            "--http-enabled=true", "--hostname-strict=false", "--http-host=127.0.0.1",
            f"--http-port={self._port}", f"--http-management-port={self._management}",
            "--log-level=info,org.keycloak.events:debug",
        ]  # fmt: skip
        environment = {**os.environ, **_settings(self._java)}
        process = self._process = Process(command, environment=environment, log=self._log)

        def ready() -> bool | None:
            if not process.alive:
                raise StartFailed(f"Keycloak ended:\n{process.output()[-2000:]}")
            try:
                found = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5)
            except requests.RequestException:
                return None
            return found.status_code == 200 or None

        try:
            wait_until(ready, seconds=START_SECONDS, what="Keycloak", pause=0.5)
        except BaseException:
            self.leave()
            raise

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:  # kc.sh has become the JVM
            os.kill(self._process.pid, number)

    def close(self) -> None:
        self.thaw()
        self.leave()


def distribution() -> Path:
    """Keycloak, unpacked and built for a database in memory.

    Raises:
        Unavailable: it cannot be fetched or built.
    """

    def prepare(room: Path) -> None:
        artifact = f"org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip"
        fetch.maven(fetch.COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={room}")
        (packed,) = room.glob("*.zip")
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(room)
        packed.unlink()
        (inner,) = room.iterdir()
        for each in list(inner.iterdir()):
            each.rename(room / each.name)
        inner.rmdir()
        (room / "bin" / "kc.sh").chmod(0o755)
        java = fetch.installed_java(minimum=17) or fetch.java()
        command = [str(room / "bin" / "kc.sh"), "build", "--db=dev-mem", "--health-enabled=false"]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **_settings(java)},
                capture_output=True,
                text=True,
                timeout=BUILD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"Keycloak is not built in {BUILD_SECONDS:.0f} s") from error
        if done.returncode:
            raise Unavailable(f"Keycloak cannot be built: {(done.stdout + done.stderr).strip()[-300:]}")

    return cache.once(f"keycloak-{KEYCLOAK}", prepare)


def _settings(java: Path) -> dict[str, str]:
    return {
        "JAVA_HOME": str(java),
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
        "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
        "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin",
    }


def _realm() -> dict[str, Any]:
    def mapper(name: str, kind: str, **config: str) -> dict[str, Any]:
        settings = {
            "access.token.claim": "true",
            **{key.replace("_", "."): each for key, each in config.items()},
        }
        return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": settings}

    def client(name: str, tenants: list[str]) -> dict[str, Any]:
        audience = "another" if name == "stranger" else AUDIENCE
        return {
            "clientId": name,
            "secret": SECRET,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
            "attributes": {"access.token.lifespan": str(PATIENCE)} if name == "patient" else {},
            "protocolMappers": [
                mapper("audience", "oidc-audience-mapper", included_custom_audience=audience),
                mapper(
                    "tenants",
                    "oidc-hardcoded-claim-mapper",
                    claim_name="tenants",
                    claim_value=json.dumps(tenants),
                    jsonType_label="JSON",
                ),
            ],
        }

    return {
        "realm": "camunda",
        "enabled": True,
        "sslRequired": "none",
        "accessTokenLifespan": LIFETIME,
        "clients": [client(name, tenants) for name, tenants in CLIENTS.items()],
    }
