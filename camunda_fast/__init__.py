"""A second engine under the wires: HTTP/2 and HTTP/1.1 by httpunk, in the event loop itself.

Nothing here is public. Wires are asked for it by ``engine="fast"``; see ``camunda_core._engines``.
"""

from __future__ import annotations
