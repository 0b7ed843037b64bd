"""What a server that hung up without a word says when it is asked in its own language: TLS.

Nothing is sent to it but a greeting.
"""

from __future__ import annotations

import socket
import ssl

from camunda_core.deadline import Deadline

__all__ = ["DISTRUSTED", "EXAMINATION", "REFUSED", "TLS_WANTED", "refusal", "speaks_tls"]

#: Seconds in which a server has to say why it hung up.
EXAMINATION = 1.0
TLS_WANTED = "this port speaks TLS: write https:// or grpcs://"
REFUSED = "the peer refused our side of the TLS handshake"
#: Said of a proxy, where trying again does not help.
DISTRUSTED = "cannot be used: TLS with it failed"


def speaks_tls(place: tuple[str, int], timeout: float) -> bool:
    """Whether a TLS greeting is answered within ``timeout`` seconds. Never raises."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent but the greeting
    deadline = Deadline(timeout)
    try:
        with socket.create_connection(place, timeout=timeout) as plain:
            plain.settimeout(_left(deadline))
            with context.wrap_socket(plain):
                return True
    except ssl.SSLError as error:
        # Whoever answers a greeting with an alert speaks TLS as well.
        return "ALERT" in (error.reason or "")
    except (OSError, ValueError):
        return False


def refusal(context: ssl.SSLContext, name: str, place: tuple[str, int], timeout: float) -> str | None:
    """The alert with which a server that is trusted ends a handshake, "" when it hangs up right after one
    without an alert; None when it does neither within ``timeout`` seconds. Never raises.

    A server of TLS 1.3 asks for a client certificate in vain only after the handshake is over for us, so
    that its alert meets our first request, and is lost when it then resets the connection.
    """
    deadline = Deadline(timeout)
    shook_hands = False
    try:
        with socket.create_connection(place, timeout=timeout) as plain:
            plain.settimeout(_left(deadline))
            with context.wrap_socket(plain, server_hostname=name) as secured:
                shook_hands = True
                secured.settimeout(_left(deadline))
                if secured.recv(1):  # HTTP/2 servers speak first: settings, or an alert
                    return None
    except ssl.SSLError as error:
        reason = error.reason or ""
        if "ALERT" in reason:
            return reason
        if "EOF" not in reason:
            return None
    except TimeoutError:
        return None
    except (OSError, ValueError):
        pass
    return "" if shook_hands else None


def _left(deadline: Deadline) -> float:
    # A socket with no time at all would not block, and fail in another way.
    return max(deadline.remaining() or 0.0, 0.001)
