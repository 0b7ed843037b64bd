"""Who calls the gateway: what the check of tokens has found out about it, for the time of a call."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar

from camunda_core.errors import CamundaError, Unauthenticated
from camunda_embedded._tokens import Refused, TokenCheck

__all__ = ["NO_TOKEN", "TENANTS", "UNREADABLE", "admit", "admit_over_grpc"]

#: The tenants of the caller; None for every tenant.
TENANTS: ContextVar[frozenset[str] | None] = ContextVar("TENANTS", default=None)

# What the gRPC gateway says where that of REST says which it was.
NO_TOKEN = "Expected bearer token at header with key [authorization], but found nothing"
UNREADABLE = "Failed to parse bearer token, see cause for details"


async def admit(check: TokenCheck, authorization: str | None) -> None:
    """Lets a call in that has a token, and remembers whose it is.

    Raises:
        Refused: there is none, or it is not taken; in the words of REST.
        CamundaError: it cannot be verified.
    """
    TENANTS.set(await check.tenants_of(authorization))


async def admit_over_grpc(check: TokenCheck, metadata: Iterable[tuple[str, str | bytes]]) -> None:
    """The same by the metadata of a call.

    Raises:
        CamundaError: it is not let in; in the words of gRPC.
    """
    sent = {name: value for name, value in metadata if isinstance(value, str)}
    given = sent.get("authorization")
    try:
        await admit(check, given)
    except Refused as refused:
        denied: CamundaError = Unauthenticated(NO_TOKEN if str(refused) == "Access Denied" else UNREADABLE)
        raise denied from None
