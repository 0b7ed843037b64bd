"""The list of every gateway that the suites can run on."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import pytest

from tests.gateways import base, cluster, containers, embedded, recorded
from tests.gateways.base import Gateway


@dataclass(frozen=True)
class Entry:
    """A gateway that the suites can run on.

    Args:
        name: unique; the part before the first dash is its kind ("container-8.8" is of kind "container").
        version: of Camunda, "8.6.0".
        wires: what it speaks, of "grpc" and "rest".
        features: what it can do besides, the constants of ``tests.gateways.base``.
        make: builds one, not started; takes what its class takes.
        prepare: fetches what it is made of; raises Unavailable when that cannot be had.
        when_named: only tests that name it run on it.
        on_request: it is not one of "all": whoever runs the tests must name it.
    """

    name: str
    version: str
    wires: frozenset[str]
    features: frozenset[str]
    make: Callable[..., Gateway]
    prepare: Callable[[], object] = lambda: None
    when_named: bool = False
    on_request: bool = False

    @property
    def kind(self) -> str:
        """What sort of gateway it is."""
        return self.name.split("-", 1)[0]


GATEWAYS: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add a gateway; the suites run on gateways in the order of registration.

    Raises:
        ValueError: the name is taken.
    """
    if entry.name in GATEWAYS:
        raise ValueError(f"gateway {entry.name!r} is registered already")
    GATEWAYS[entry.name] = entry


def select(text: str) -> list[Entry]:
    """The gateways that a comma-separated list of names and kinds means; "all" and "none" are understood.

    "all" are those that nobody's terms stand before; the others are added by name: "all, container-8.8".

    Raises:
        ValueError: a word is neither a name nor a kind.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if words == ["none"]:
        return []
    for word in words:
        if word != "all" and not any(word in (entry.name, entry.kind) for entry in GATEWAYS.values()):
            raise ValueError(f"unknown gateway {word!r}; known: all, none, {', '.join(GATEWAYS)}")
    return [
        entry
        for entry in GATEWAYS.values()
        if {entry.name, entry.kind} & set(words) or ("all" in words and not entry.on_request)
    ]


def on_gateways(
    *names: str,
    wires: Iterable[str] = (base.GRPC,),
    features: Iterable[str] = (),
    since: str | None = None,
    before: str | None = None,
) -> pytest.MarkDecorator:
    """Mark a test, class or module to run on every gateway that fits; see ``plugin`` for its fixtures.

    Args:
        names: names or kinds ("container-8.8", "embedded"); none means any.
        wires: what the gateway must speak, all of it.
        features: what it must be able to do, all of it.
        since: the oldest version that fits, "8.8".
        before: the first version that does not fit any more.
    """
    if isinstance(wires, str) or isinstance(features, str):
        raise TypeError("on_gateways: wires and features are collections, such as {'grpc'}")
    unknown = set(wires) - {base.GRPC, base.REST}
    if unknown:
        raise ValueError(f"on_gateways: unknown wires {sorted(unknown)}")
    for name in names:
        select(name)
    return pytest.mark.on_gateways(
        names=names, wires=frozenset(wires), features=frozenset(features), since=since, before=before
    )


def fitting(
    *,
    names: Collection[str],
    wires: frozenset[str],
    features: frozenset[str],
    since: str | None,
    before: str | None,
) -> list[Entry]:
    """The gateways that fit what ``on_gateways`` was given."""
    return [
        entry
        for entry in GATEWAYS.values()
        if ({entry.name, entry.kind} & set(names) if names else not entry.when_named)
        and wires <= entry.wires
        and features <= entry.features
        and (since is None or _numbers(entry.version) >= _numbers(since))
        and (before is None or _numbers(entry.version) < _numbers(before))
    ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version.split("-")[0]))


def _register_all() -> None:
    for dialect, version in embedded.VERSIONS.items():
        start: Callable[..., Gateway] = functools.partial(embedded.Embedded, dialect)
        register(Entry(embedded.name(dialect), version, embedded.WIRES, embedded.FEATURES, start))
    start = functools.partial(embedded.Embedded, "8.9")
    name = embedded.name("8.9")
    register(Entry(name, "8.9.0", embedded.WIRES, embedded.FEATURES, start, when_named=True))
    register(
        Entry(
            recorded.Recorded.name,
            recorded.VERSION,
            recorded.WIRES,
            recorded.FEATURES,
            recorded.Recorded,
            when_named=True,
        )
    )
    register(
        Entry(
            "cluster",
            cluster.version(),
            cluster.wires(),
            cluster.features() if cluster.named() else frozenset({base.REAL_GATEWAY, base.OPEN}),
            cluster.Cluster,
            cluster.require,
        )
    )
    for line, image in containers.IMAGES.items():
        make = functools.partial(containers.Container, line)
        pull = functools.partial(containers.pull, line)
        both = frozenset({base.GRPC, base.REST})
        version = image.rpartition(":")[2]
        name = f"container-{line}"
        register(Entry(name, version, both, containers.FEATURES, make, pull, on_request=True))


_register_all()
