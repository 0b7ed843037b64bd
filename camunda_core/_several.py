"""Several gateways of one cluster: their addresses as people write them, and which one calls go to.

Calls stay with one gateway until something speaks against it, and go on to the next one then, for
good: a gateway that comes back gets calls again when another one fails. What was not sent goes on at
once; what was sent is repeated only where the retry policy allows it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from typing import TypeAlias

from camunda_core._addresses import grpc_target, rest_base
from camunda_core._arguments import items
from camunda_core._patterns import pattern
from camunda_core.errors import CamundaError, ConfigurationError

__all__ = ["Addresses", "Ring", "Visits", "grpc_targets", "listed", "rest_bases", "split"]

log = logging.getLogger("camunda_core")

#: One address, several in one text with commas between, or a sequence of them.
Addresses: TypeAlias = "str | Sequence[str]"

#: Seconds that connecting to one of several gateways may take: the next one may be there.
CONNECT_LIMIT = 5.0

_SCHEME = pattern(r"\s*[A-Za-z][A-Za-z0-9+.-]*:(//|[^0-9])")
_NEXT_URL = pattern(r",(?=\s*(?:[A-Za-z][A-Za-z0-9+.-]*://|,|$))")
_LISTS = pattern(r"ipv[46]:", re.IGNORECASE)


def split(text: str) -> list[str]:
    """The addresses in a text.

    A comma may belong to a path, and a target ``ipv4:…`` or ``ipv6:…`` is a list of gRPC's own: one address.
    """
    if re.match(r"\s*https?://", text) and not re.search(r",[^/]*:\d", text):
        return [each.strip() for each in _NEXT_URL.split(text)]
    found: list[str] = []
    for piece in text.split(","):
        if found and _LISTS.match(found[-1].strip()) and not _SCHEME.match(piece):
            found[-1] += f",{piece}"
        else:
            found.append(piece)
    return [each.strip() for each in found]


def listed(given: Addresses, name: str) -> tuple[str, ...]:
    """The addresses one by one, as they were given.

    Raises ConfigurationError for an empty list, an empty place in it, and one that is there twice.
    """
    if isinstance(given, str):
        found = tuple(split(given)) if "," in given else (given,)
    elif isinstance(given, (list, tuple)):
        found = items(given, name, "addresses", lambda each: isinstance(each, str))
    else:
        raise ConfigurationError(
            f"{name} must be text such as http://localhost:8080, or a list of such, not {type(given).__name__}"
        )
    if not found:
        raise ConfigurationError(f"{name} is empty")
    if len(found) > 1 and not all(each.strip() for each in found):
        raise ConfigurationError(f"{name}: one of its addresses is empty: is there a comma too many?")
    return found


def rest_bases(given: Addresses, name: str = "rest_address") -> tuple[str, ...]:
    """``rest_base`` of each address. Raises ConfigurationError for one that cannot be one, and where
    some are for TLS and others are not.
    """
    bases = tuple(rest_base(each, name) for each in listed(given, name))
    _check([(base, base.startswith("https:")) for base in bases], name)
    return bases


def grpc_targets(given: Addresses, name: str = "grpc_address") -> tuple[tuple[str, bool], ...]:
    """``grpc_target`` of each address. Raises ConfigurationError as ``rest_bases`` does."""
    targets = tuple(grpc_target(each, name) for each in listed(given, name))
    _check(list(targets), name)
    return targets


def _check(found: list[tuple[str, bool]], name: str) -> None:
    if len({secure for _, secure in found}) > 1:
        raise ConfigurationError(
            f"{name}: some of its addresses are for TLS and others are not: gateways of one cluster are "
            "reached in one way; write all with https://, or none"
        )
    twice = next((each for each, _ in found if [other for other, _ in found].count(each) > 1), None)
    if twice is not None:
        raise ConfigurationError(f"{name}: {twice} is there twice")


class Ring:
    """Which of several gateways calls go to. Thread safe."""

    def __init__(self, names: Sequence[str], at: int = 0) -> None:
        self.names = tuple(names)
        self.at = at
        self._lock = threading.Lock()

    def leave(self, at: int, level: int = logging.WARNING) -> bool:
        """Calls from now on go to the next gateway, where they still went to this one; True if they did."""
        with self._lock:
            if at != self.at or len(self.names) < 2:
                return False
            self.at = (at + 1) % len(self.names)
        log.log(
            level, "calls go to %s now: %s failed", self.names[(at + 1) % len(self.names)], self.names[at]
        )
        return True

    def fork(self) -> Ring:
        """One that begins where this one is."""
        return Ring(self.names, self.at)


class Visits:
    """The gateways that one call tries."""

    __slots__ = ("_left", "_ring", "at")

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._left = len(ring.names) - 1
        #: Where the attempt under way goes; None between attempts.
        self.at: int | None = None

    def begin(self) -> int:
        """An attempt is about to be sent: to the gateway of this index."""
        self.at = at = self._ring.at
        return at

    def failed(self, error: CamundaError) -> bool:
        """After an attempt: whether to go on at once, since nothing was sent and another gateway is
        there. Each of them is tried so once, until ``paused``.
        """
        at, self.at = self.at, None
        if at is None or not _speaks_against_it(error):
            return False
        # A call that ran out of time says little: it may have been given too little.
        self._ring.leave(at, logging.INFO if error.grpc_code == "DEADLINE_EXCEEDED" else logging.WARNING)
        if error.sent or self._left == 0:
            return False
        self._left -= 1
        return True

    def paused(self) -> None:
        """The retry policy has had the call wait: each gateway may be tried again."""
        self._left = len(self._ring.names) - 1


def _speaks_against_it(error: CamundaError) -> bool:
    if error.grpc_code == "UNAVAILABLE":
        return True
    return error.grpc_code in ("ABORTED", "DEADLINE_EXCEEDED") and not error.answered
