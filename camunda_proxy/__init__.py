"""A gateway of gRPC in front of a cluster that is spoken to over REST: for clients in any language, without a line changed.

``Proxy`` is it, in an event loop of yours; ``serve`` runs one until SIGTERM, as ``camunda-bridge proxy`` does.
"""

from __future__ import annotations

from camunda_proxy._limits import Limits
from camunda_proxy._proxy import DoorTls, Proxy
from camunda_proxy._serving import serve

__all__ = ["DoorTls", "Limits", "Proxy", "serve"]
