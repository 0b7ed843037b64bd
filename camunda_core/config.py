"""The settings of a client from the environment, each with where it came from.

An explicit argument beats the environment, which beats the default; files are read on request alone
(``environment``). Everything is checked at once: a ConfigurationError lists all that is wrong, by the names of
the variables, and shows no secret.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypedDict

from camunda_core._addresses import grpc_target, rest_base
from camunda_core._arguments import flag, instance, shown, text
from camunda_core._engines import engine_of
from camunda_core._environment import IGNORED, Reader
from camunda_core._identity import read_credentials
from camunda_core._profiles import Environment, environment, variables
from camunda_core._provided import credentials_of
from camunda_core._several import Addresses, grpc_targets, listed, rest_bases, split
from camunda_core.credentials import AnyCredentials, Credentials, NoCredentials
from camunda_core.deadline import Duration, time_to_wait
from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_core.tls import Tls

__all__ = ["Environment", "Settings", "environment", "grpc_target", "rest_base"]

if TYPE_CHECKING:
    from typing_extensions import Unpack


_log = logging.getLogger(__name__)

_SAAS_REGION = "bru-2"


class Arguments(TypedDict, total=False):
    """What may be given explicitly: the fields of ``Settings``, where None means "not given"."""

    grpc_address: Addresses | None
    rest_address: Addresses | None
    credentials: AnyCredentials | None
    tls: Tls | None
    authority: str | None
    routes: Any
    transport: str | None
    prefer_rest: bool | None
    tenant_id: str | None
    cluster_version: str | tuple[int, int] | None
    timeout: Duration | None
    keepalive: Duration | None
    max_message_size: int | None
    engine: str | None


@dataclass(frozen=True)
class Settings:
    """What a client needs to know. None: not set, the client's own default holds. Times are seconds.

    ``grpc_address``     with its scheme (``grpc://``, ``grpcs://``), or a resolver's target
    ``rest_address``     the base of the REST API, ending in ``/v2``
                         (of several gateways: all of them, with commas between, on either wire)
    ``credentials``      who is calling
    ``tls``              whom to trust and who we are; hand ``grpc_tls`` or ``rest_tls`` to a client
    ``authority``        the name of the gRPC gateway, when it is not the host of its address
    ``routes``           which wire serves which RPC: CAMUNDA_BRIDGE_ROUTES, or what was given instead
    ``transport``        "grpc" or "rest" for everything
    ``prefer_rest``      where both addresses are there: as ``transport``, REST (True) or gRPC (False)
    ``tenant_id``        the tenant of commands, and of job activations, that name none
    ``cluster_version``  (8, 6), so that the cluster need not be asked
    ``timeout``          seconds for a call
    ``keepalive``        seconds between the pings of a gRPC connection, 30 or more
    ``max_message_size`` bytes of the largest answer that is read, on either wire; -1 is no limit
    ``engine``           what carries asyncio calls and workers: "default", "fast" or "auto"
    """

    grpc_address: str | None = None
    rest_address: str | None = None
    credentials: Credentials = field(default_factory=NoCredentials)
    tls: Tls | None = None
    authority: str | None = None
    routes: Any = None
    transport: str | None = None
    prefer_rest: bool | None = None
    tenant_id: str | None = None
    cluster_version: Any = None
    timeout: Duration | None = None
    keepalive: Duration | None = None
    max_message_size: int | None = None
    engine: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **arguments: Unpack[Arguments]) -> Settings:
        """The settings that ``env`` (``os.environ`` if None) describes, with ``arguments`` in
        place of what they name.

        ``arguments`` are fields of this class, None meaning "not given"; the variables behind a
        given one are not even read, so that they cannot fail. Raises ConfigurationError with
        everything that is wrong.
        """
        given = _given(arguments)
        reader = Reader(
            os.environ if env is None else env if isinstance(env, Environment) else variables(env)
        )
        read: dict[str, Any] = {}
        for name in (
            "routes",
            "transport",
            "prefer_rest",
            "tenant_id",
            "cluster_version",
            "timeout",
            "keepalive",
            "authority",
            "max_message_size",
            "engine",
        ):
            if name not in given:
                read[name] = reader.get(name)
        saas = _addresses(reader, given, read)
        if "tls" not in given:
            read["tls"] = _tls(reader)
        tls = given.get("tls", read.get("tls"))
        _decide_security(reader, read, tls)
        if "credentials" not in given:
            read["credentials"] = read_credentials(reader, saas, tls)
        reader.check()
        for name, why in _without_effect(reader, given, read):
            _log.warning("%s has no effect: %s", name, why)
        origins = {name: origin for name, origin in reader.origins.items() if read.get(name) is not None}
        found = {name: value for name, value in read.items() if value is not None}
        return cls(**found, origins=origins).merge(**arguments)

    def merge(self, **arguments: Unpack[Arguments]) -> Settings:
        """A copy in which every argument that is not None takes the place of the setting of its name."""
        given = _given(arguments)
        return (
            replace(self, **given, origins={**self.origins, **dict.fromkeys(given, "argument")})
            if given
            else self
        )

    @property
    def grpc_tls(self) -> Tls | None:
        """``tls``, unless the gRPC address asks for plaintext while the REST address does not."""
        return self._tls_for(self.grpc_address, self.rest_address)

    @property
    def rest_tls(self) -> Tls | None:
        """``tls``, unless the REST address asks for plaintext while the gRPC address does not."""
        return self._tls_for(self.rest_address, self.grpc_address)

    def _tls_for(self, address: str | None, other: str | None) -> Tls | None:
        # With plaintext on both sides it is handed out, so that the client refuses what contradicts itself.
        return None if _plaintext(address) and other is not None and not _plaintext(other) else self.tls

    def describe(self) -> str:
        """Every setting on a line, with where it came from; fit for a log, since secrets are not shown."""
        rows = []
        for item in fields(self):
            if item.name == "origins":
                continue
            value = getattr(self, item.name)
            rows.append(
                (
                    item.name,
                    "not set" if value is None else repr(value),
                    self.origins.get(item.name, "default"),
                )
            )
        width = max(len(name) for name, _, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}  ({origin})" for name, value, origin in rows)


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(arguments) - Arguments.__annotations__.keys())
    if unknown:
        raise TypeError(
            f"no such setting: {', '.join(unknown)}; there are {', '.join(Arguments.__annotations__)}"
        )
    given = {name: value for name, value in arguments.items() if value is not None}
    for name, value in given.items():
        if name in _CHECKS:
            _CHECKS[name](value, name)
    for name in _ADDRESSES & given.keys():
        given[name] = ",".join(listed(given[name], name))
    if "credentials" in given:
        given["credentials"] = credentials_of(given["credentials"])
    return given


def _transport(value: Any, name: str) -> None:
    if not isinstance(value, str) or value not in ("rest", "grpc"):
        raise ConfigurationError(f'{name} must be "rest" or "grpc", not {shown(value)}')


def _seconds(value: Any, name: str) -> None:
    try:
        time_to_wait(value, name)
    except InvalidRequest as error:
        raise ConfigurationError(error.message) from None


#: What an explicit argument must be. (``routes`` and ``cluster_version`` are read where they are used.)
_CHECKS: Mapping[str, Callable[[Any, str], object]] = {
    "grpc_address": grpc_targets,
    "rest_address": rest_bases,
    "tls": lambda value, name: instance(Tls, value, name, "a camunda_core.tls.Tls"),
    "authority": text,
    "transport": _transport,
    "prefer_rest": flag,
    "tenant_id": text,
    "timeout": _seconds,
    "keepalive": _seconds,
    "engine": engine_of,
}


_ADDRESSES = frozenset({"grpc_address", "rest_address"})


def _addresses(reader: Reader, given: Mapping[str, Any], read: dict[str, Any]) -> bool:
    """Reads both addresses; those of the SaaS cluster where none is set. True when the
    cluster is a SaaS one.
    """
    for name in ("grpc_address", "rest_address"):
        if name not in given:
            read[name] = reader.get(name)
    cluster, region = reader.get("cluster_id"), reader.get("cluster_region")
    if cluster is not None:
        region = region or _SAAS_REGION
        origin = f"{reader.name_of('cluster_id')}, {reader.name_of('cluster_region')}"
        for name, address in (
            ("grpc_address", f"grpcs://{cluster}.{region}.zeebe.camunda.io:443"),
            ("rest_address", f"https://{region}.zeebe.camunda.io/{cluster}/v2"),
        ):
            if name not in given and read[name] is None:
                read[name] = address
                reader.origins[name] = origin
    addresses = (given.get(name, read.get(name)) for name in ("grpc_address", "rest_address"))
    return cluster is not None or any(_is_saas(address) for address in addresses if isinstance(address, str))


def _is_saas(address: str) -> bool:
    host = re.sub(r"^[A-Za-z]+://", "", address).split("/")[0].rpartition(":")
    return (host[0] or host[2]).endswith(".zeebe.camunda.io")


def _decide_security(reader: Reader, read: dict[str, Any], tls: Tls | None) -> None:
    """Gives a gRPC address without a scheme one: as the switch says, or as TLS material or port 443
    suggest.
    """
    insecure = reader.get("insecure")
    address = read.get("grpc_address")
    addresses = [] if address is None else split(address)
    if address is None or not all(re.match(r"grpcs?://|\[|[^:/]+:\d+$", each) for each in addresses):
        return  # a resolver's target, which says nothing about TLS
    if "://" in address:
        if insecure is not None and insecure != address.startswith("grpc:"):
            wanted = "plaintext" if address.startswith("grpc:") else "TLS"
            reader.problems.append(
                f"{reader.name_of('grpc_address')} asks for {wanted}, "
                f"but {reader.name_of('insecure')} for the opposite: the scheme of the address is enough"
            )
        return
    secure = (tls is not None or address.endswith(":443")) if insecure is None else not insecure
    read["grpc_address"] = ",".join(f"{'grpcs' if secure else 'grpc'}://{each}" for each in addresses)


def _tls(reader: Reader) -> Tls | None:
    names = ("ca", "certificate", "key", "key_password")
    material = {name: value for name in names if (value := reader.get(name)) is not None}
    if not material:
        return None
    tls: Tls | None = reader.build(lambda: Tls(**material), *names)
    reader.origins["tls"] = ", ".join(reader.origins[name] for name in material)
    return tls


def _plaintext(address: str | None) -> bool:
    return address is not None and address.strip().lower().startswith(("http:", "grpc:"))


def _without_effect(
    reader: Reader, given: Mapping[str, Any], read: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Variables that are set in vain, and why; TLS material that only plaintext addresses
    are there for is dropped.
    """
    for name, why in IGNORED.items():
        if reader.text(name):
            yield name, why
    addresses = [given.get(name, read.get(name)) for name in ("grpc_address", "rest_address")]
    addresses = [address for address in addresses if address is not None]
    if read.get("tls") is not None and addresses and all(map(_plaintext, addresses)):
        read["tls"] = None
        yield reader.origins["tls"], "no address asks for TLS (https://, grpcs://)"
