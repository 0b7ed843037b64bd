"""A Camunda 8 gateway inside the Python process: engine, FEEL, DMN and the two servers.

from camunda_embedded import EmbeddedGateway

with EmbeddedGateway() as gateway:
    gateway.grpc_address, gateway.clock, gateway.records()

It needs the extra ``camunda-bridge[embedded]``; without it, ImportError says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from camunda_embedded._clock import Clock
    from camunda_embedded._gateway import EmbeddedGateway
    from camunda_embedded._tokens import TokenCheck

__all__ = ["Clock", "EmbeddedGateway", "TokenCheck"]


def __getattr__(name: str) -> Any:
    # FEEL and DMN are usable without grpc, so the gateway is only imported when it is asked for.
    if name == "EmbeddedGateway":
        from camunda_embedded._extra import needed

        with needed():
            from camunda_embedded._gateway import EmbeddedGateway
        return EmbeddedGateway
    if name == "Clock":
        from camunda_embedded._clock import Clock

        return Clock
    if name == "TokenCheck":
        from camunda_embedded._tokens import TokenCheck

        return TokenCheck
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
