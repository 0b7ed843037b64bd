"""``python -m camunda_embedded``: the embedded gateway until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from camunda_embedded._extra import needed


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    try:
        with needed():
            from camunda_embedded._gateway import DIALECTS, EmbeddedGateway
            from camunda_embedded._ui.server import UiServer
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    parser = argparse.ArgumentParser(
        prog="python -m camunda_embedded", description="A Camunda 8 gateway in memory."
    )
    parser.add_argument(
        "--grpc-port", type=int, default=26500, help="port of the gRPC server, 0 for a free one (26500)"
    )
    parser.add_argument(
        "--rest-port", type=int, default=8080, help="port of the REST server, 0 for a free one (8080)"
    )
    parser.add_argument(
        "--dialect", choices=list(DIALECTS), default="8.6", help="the line it answers as (8.6)"
    )
    parser.add_argument(
        "--ui",
        nargs="?",
        type=int,
        const=8088,
        metavar="PORT",
        help="serve a page that shows its instances, on this port of loopback, 0 for a free one (8088)",
    )
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        gateway = EmbeddedGateway(
            grpc_port=options.grpc_port, rest_port=options.rest_port, dialect=options.dialect
        )
        with gateway:
            sys.stdout.write(f"gRPC {gateway.grpc_address}\n")
            if gateway.has_rest:
                sys.stdout.write(f"REST {gateway.rest_address}\n")
            ui = UiServer(gateway, options.ui) if options.ui is not None else None
            try:
                if ui is not None:
                    sys.stdout.write(f"UI   {ui.start()}\n")
                sys.stdout.flush()
                ended.wait()
            finally:
                if ui is not None:
                    ui.stop()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
