"""Which failures are permanent: what ends a worker, and nothing else does.

And what is said of those that are waited out.
"""

from __future__ import annotations

import time

from camunda_core.errors import (
    CamundaError,
    InvalidArgument,
    PermissionDenied,
    Unauthenticated,
    Unimplemented,
)
from camunda_core.tls import mistaken

__all__ = ["Patience", "in_words", "is_foreign"]

_DENIALS = (InvalidArgument, PermissionDenied, Unauthenticated, Unimplemented)
_IN_A_ROW = 3


def in_words(pause: float, error: CamundaError) -> str:
    """When the next try follows, for the log: a server that asks for a longer pause does not get it."""
    asked = error.retry_after or 0.0
    although = f", although the server asks for a pause of {asked:g} s" if asked > pause else ""
    return f"in {pause:.2g} s{although}"


class Patience:
    """Judges the failures of a task type's polls, or of its answers.

    What this library itself refuses is permanent at once: nothing was sent, and nothing will
    change. Where the gateway denies, that is permanent after three denials in a row if it never
    said anything else; if it did, a deployment or a restart may be under way, and it must have
    lasted for ``seconds`` as well. An answer in another protocol is such a denial as long as
    nothing was ever answered in the right one: then the address is that of another port. So is a
    connection that TLS does not allow: then an authority, a name or a certificate is wrong.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._worked = False
        self._denials = 0
        self._since = 0.0

    def succeeded(self) -> None:
        """The gateway has answered."""
        self._worked = True
        self._denials = 0

    def failed(self, error: CamundaError) -> None:
        """Raises ``error`` if it is permanent."""
        foreign = not self._worked and (is_foreign(error) or _is_mistaken(error))
        if not isinstance(error, _DENIALS) and not foreign:
            self._denials = 0
            return
        if not error.sent and not isinstance(error, Unauthenticated) and not foreign:
            raise error
        if self._denials == 0:
            self._since = time.monotonic()
        self._denials += 1
        lasted = time.monotonic() - self._since
        if self._denials >= _IN_A_ROW and (not self._worked or lasted >= self._seconds):
            raise error


#: What each wire says of a server that does not speak its protocol.
_FOREIGN = ("is this the gRPC port?", "is this the REST port?")


def _is_mistaken(error: CamundaError) -> bool:
    """Whether no connection was made, for a mistake of TLS."""
    return error.lasting and not error.sent and mistaken(error.message)


def is_foreign(error: CamundaError) -> bool:
    """Whether what answered does not speak the protocol that was expected at this address."""
    return any(words in error.message for words in _FOREIGN)
