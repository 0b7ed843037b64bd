"""``proxy``: a gateway of gRPC in front of a cluster that is spoken to over REST."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._kinds import duration
from camunda_cli._settings import Session
from camunda_core.credentials import NoCredentials
from camunda_core.errors import ConfigurationError

__all__ = ["proxy"]


@command(name="proxy")
@click.option(
    "--listen", metavar="HOST:PORT", help="The door: 127.0.0.1:26500 for gRPC, 127.0.0.1:8080 for REST."
)
@click.option(
    "--page", metavar="HOST:PORT", help="Pages of health and metrics: /, /healthz, /readyz, /metrics."
)
@click.option(
    "--own-credentials",
    is_flag=True,
    help="Call the cluster with the credentials of the settings, and not with what each caller brings.",
)
@click.option("--tls-certificate", metavar="FILE", help="TLS at the door: its chain of certificates, PEM.")
@click.option("--tls-key", metavar="FILE", help="And the private key.")
@click.option("--tls-clients", metavar="FILE", help="mTLS: the CA that clients' certificates come from.")
@click.option("--calls", type=int, default=1000, show_default=True, help="Calls at once.")
@click.option("--polls", type=int, default=2000, show_default=True, help="Waiting ActivateJobs at once.")
@click.option("--streams", type=int, default=500, show_default=True, help="Job streams at once.")
@click.option(
    "--grace", type=duration, default="10s", show_default=True, help="How long calls may take when it stops."
)
@pass_session
def proxy(
    session: Session,
    listen: str | None,
    page: str | None,
    own_credentials: bool,
    tls_certificate: str | None,
    tls_key: str | None,
    tls_clients: str | None,
    grace: float,
    calls: int,
    polls: int,
    streams: int,
) -> None:
    """Serve gRPC in front of a cluster that is spoken to over REST, until SIGTERM or Ctrl-C.

    For clients in any language that speak gRPC: Java, Go, C#, Node and zbctl go on without a line changed. Every RPC
    is translated as bridge.channel does it; job streams become long polls.

    With --grpc in place of --rest it is the other way round: REST in front of a cluster that speaks gRPC alone, for
    the operations that are RPCs.
    """
    settings = session.settings()
    rest, grpc = session.addresses()
    if rest is not None and grpc is not None:
        raise ConfigurationError(
            "the proxy goes one way: give --rest or --grpc, the wire of the cluster, not both"
        )
    if (tls_certificate is None) != (tls_key is None) or (tls_clients and tls_certificate is None):
        raise ConfigurationError("TLS at the door needs --tls-certificate and --tls-key together")
    try:
        from camunda_proxy import DoorTls, Limits, Proxy, RestProxy, serve
    except ImportError as error:
        raise ConfigurationError(f"the proxy needs camunda-bridge[proxy] ({error})") from error
    if own_credentials and (settings.credentials is None or isinstance(settings.credentials, NoCredentials)):
        raise ConfigurationError(
            "--own-credentials: there are none in the settings; describe them, or leave it out"
        )
    door = None
    if tls_certificate is not None and tls_key is not None:
        door = DoorTls(tls_certificate, tls_key, tls_clients)
    given: dict[str, Any] = {
        "page": page,
        "credentials": settings.credentials if own_credentials else None,
        "door_tls": door,
        "limits": Limits(calls=calls, polls=polls, streams=streams),
    }
    if settings.timeout is not None:
        given["timeout"] = settings.timeout

    async def run() -> None:
        made: Proxy | RestProxy
        if rest is not None:
            made = Proxy(
                rest,
                listen=listen or "127.0.0.1:26500",
                tls=settings.rest_tls,
                cluster_version=settings.cluster_version,
                **given,
            )
        else:
            assert grpc is not None
            made = RestProxy(grpc, listen=listen or "127.0.0.1:8080", tls=settings.grpc_tls, **given)

        def started(running: Proxy | RestProxy) -> None:
            door, cluster = ("grpc", "rest") if rest is not None else ("rest", "grpc")
            said = {door: running.address, cluster: rest or grpc, "page": running.page_address}
            pages = "" if page is None else f", pages on {running.page_address}"
            words = {"grpc": "gRPC", "rest": "REST"}
            text = f"{words[door]} on {running.address}, {words[cluster]} to {rest or grpc}{pages}"
            session.output.event(said, text)

        await serve(made, grace=grace, started=started)

    asyncio.run(run())
