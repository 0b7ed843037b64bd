"""Proxies between the wires: clients in any language move without a line changed.

``Proxy`` takes gRPC and speaks REST, ``RestProxy`` the other way, each in an event loop of yours; ``serve`` runs one until
SIGTERM, as ``camunda-bridge proxy`` does.
"""

from __future__ import annotations

from camunda_proxy._door_tls import DoorTls
from camunda_proxy._limits import Limits
from camunda_proxy._proxy import Proxy
from camunda_proxy._rest_proxy import RestProxy
from camunda_proxy._serving import serve

__all__ = ["DoorTls", "Limits", "Proxy", "RestProxy", "serve"]
