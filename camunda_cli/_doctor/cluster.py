"""The cluster at the end of a way: who we are to it, what it is, and what it and those between let through."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from camunda_cli._doctor.findings import Budget, Stop
from camunda_cli._models import service_tasks
from camunda_core.credentials import Credentials, NoCredentials
from camunda_core.errors import (
    AuthenticationError,
    CamundaError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unimplemented,
)

if TYPE_CHECKING:
    import bridge

__all__ = ["NEVER", "Cluster", "same_cluster", "token"]

#: A key that looks like one of partition 1 and that nothing will ever have.
NEVER = 2**51 + 10**12
_MIB = 2**20
#: Bytes of bodies that a gateway takes: its own limit is 4 MiB.
_SIZES = (_MIB, 3 * _MIB + _MIB // 2)
#: Seconds after which brokers know of a stream that was opened.
_KNOWN = 0.5
#: Seconds by which a token's or a server's clock may differ from ours.
SKEW = 30


def token(credentials: Credentials, budget: Budget) -> tuple[str, float | None]:
    """A token can be had; and by how many seconds our clock is ahead of its issuer's, where it says."""
    if isinstance(credentials, NoCredentials):
        return "no credentials are set", None
    asked = time.time()
    try:
        headers = credentials.headers(budget.one(10.0))
    except AuthenticationError as error:
        raise Stop(
            f"no token is given: {error.message}",
            "are client id, client secret, audience and token URL those of this cluster?",
        ) from None
    except CamundaError as error:
        raise Stop(
            f"the token endpoint cannot be reached: {error.message}",
            "is CAMUNDA_OAUTH_URL right, and may this machine go there (proxy, firewall)?",
        ) from None
    kind, _, text = headers.get("authorization", headers.get("Authorization", "")).partition(" ")
    claims = _claims(text)
    ends, issued = claims.get("exp"), claims.get("iat")
    skew = asked - issued if isinstance(issued, (int, float)) and issued > asked else None
    said = f"{type(credentials).__name__} gives a {kind or 'header'}"
    if isinstance(ends, (int, float)):
        left = ends - time.time()
        if left <= 0:
            raise Stop(f"the token is over since {-left:.0f} s", "renew it; is this machine's clock right?")
        said += f" for {left:.0f} s"
    return said, skew


def _claims(text: str) -> Mapping[str, Any]:
    parts = text.split(".")
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def same_cluster(rest: Any, grpc: Any) -> str:
    """Both wires lead to one cluster. Raises Stop where they do not."""
    names = ("gateway_version", "cluster_size", "partitions_count", "replication_factor")
    differing = [name for name in names if getattr(rest, name) != getattr(grpc, name)]
    if rest.cluster_id and grpc.cluster_id and rest.cluster_id != grpc.cluster_id:
        differing.append("cluster_id")
    one, other = ({(each.host, each.port) for each in found.brokers} for found in (rest, grpc))
    if one != other:
        differing.append("brokers")
    if differing:
        values = ", ".join(
            f"{name}: {getattr(rest, name)} over REST, {getattr(grpc, name)} over gRPC"
            for name in differing
            if name != "brokers"
        )
        raise Stop(
            f"the two addresses lead to different clusters ({values or 'they have other brokers'})",
            "a client with both would split a program's work between them: correct one of the addresses",
        )
    return "both wires lead to the same cluster"


class Cluster:
    """The questions to a cluster over one wire. Each says what it saw, and raises Stop where that is wrong."""

    def __init__(
        self,
        client: bridge.Client,
        wire: str,
        budget: Budget,
        *,
        tenant: str | None,
        poll: float,
        write: bool,
    ) -> None:
        self._client = client
        self._wire = wire
        self._budget = budget
        self._tenant = tenant
        self._poll = poll
        self._write = write
        self.topology: Any = None

    def answers(self) -> str:
        """It answers, and takes us for somebody."""
        try:
            self.topology = self._client.topology(timeout=self._budget.one())
        except Unauthenticated as error:
            raise Stop(
                f"it does not take our credentials: {error.message}",
                "none are set: CAMUNDA_CLIENT_ID, CAMUNDA_BASIC_AUTH_USERNAME or CAMUNDA_OAUTH_TOKEN"
                if isinstance(self._client.config["credentials"], type(None))
                or "NoCredentials" in str(self._client.config["credentials"])
                else "is the token of this cluster: audience, issuer, not expired? are these credentials the kind it wants?",
            ) from None
        except PermissionDenied as error:
            raise Stop(
                f"it knows us, and lets us do nothing: {error.message}",
                "give the client an authorization or a role",
            ) from None
        except Unimplemented as error:
            raise Stop(
                f"what answers is no gateway of Camunda 8, or an old one: {error.message}",
                "is the address right? REST needs 8.6 or newer, gRPC 8.5",
            ) from None
        except CamundaError as error:
            raise Stop(
                f"{type(error).__name__}: {error.message}", "is the gateway well? look at its log"
            ) from None
        brokers = len(self.topology.brokers)
        return f"{self.topology.gateway_version or 'no version'}, {brokers} brokers, {self.topology.partitions_count} partitions"

    def version(self) -> str:
        """It is of a line that we know, all of it, and healthy."""
        found = self.topology.gateway_version
        parts = found.split(".")
        line = (
            tuple(int(each) for each in parts[:2])
            if len(parts) > 1 and all(p.isdigit() for p in parts[:2])
            else ()
        )
        oldest = (8, 6) if self._wire == "rest" else (8, 5)
        if not line or line < oldest:
            raise Stop(
                f"{found or 'the cluster'} is older than what this library speaks over {self._wire}",
                "upgrade the cluster, or go over gRPC, which reaches back to 8.5",
            )
        others = {each.version for each in self.topology.brokers} - {found, ""}
        if others:
            raise Stop(
                f"the gateway is {found}, and brokers are {', '.join(sorted(others))}",
                "is an update under way?",
            )
        leaders = {
            partition.partition_id
            for broker in self.topology.brokers
            for partition in broker.partitions
            if partition.role.lower() == "leader" and partition.health.lower() not in ("unhealthy", "dead")
        }
        missing = sorted(set(range(1, self.topology.partitions_count + 1)) - leaders)
        if missing:
            raise Stop(
                f"partitions {', '.join(map(str, missing))} have no healthy leader",
                "commands to them fail: look at the brokers' logs and disks",
            )
        return f"{found}, every partition has a leader"

    def permissions(self) -> str:
        """We may do what programs do. Nothing is changed: what is asked for is never there."""
        name = f"camunda-bridge-doctor-{uuid4().hex[:8]}"
        asked: dict[str, Callable[[float], object]] = {
            "start processes": lambda left: self._client.create_process_instance(name, timeout=left),
            "take jobs": lambda left: self._client.activate_jobs(
                name, max_jobs_to_activate=1, request_timeout=0, timeout=left
            ),
            "complete jobs": lambda left: self._client.complete_job(NEVER, timeout=left),
            "cancel instances": lambda left: self._client.cancel_process_instance(NEVER, timeout=left),
            "publish messages": lambda left: self._client.publish_message(
                name, correlation_key=name, timeout=left
            ),
        }
        if self._wire == "rest":
            asked["search"] = lambda left: self._client.search_process_definitions(
                limit=1, timeout=left
            ).page()
        denied, failed = [], ""
        for what, ask in asked.items():
            try:
                ask(self._budget.one())
            except (PermissionDenied, Unauthenticated):
                denied.append(what)
            except (NotFound, InvalidArgument, Unimplemented):
                pass  # it was looked at, and is not there; or the cluster is too old to have it
            except CamundaError as error:
                failed = f"{what}: {type(error).__name__}: {error.message}"
                break
        if denied:
            raise Stop(
                f"we may not {', '.join(denied)}", "give the client the authorizations, or the role, for that"
            )
        if failed:
            raise Stop(failed, "is the gateway well? look at its log")
        return f"we may {', '.join(asked)}"

    def tenant(self) -> str:
        """The tenant that is set is ours."""
        if self._tenant is None:
            return "none is set"
        try:
            self._client.activate_jobs(
                f"camunda-bridge-doctor-{uuid4().hex[:8]}",
                max_jobs_to_activate=1,
                request_timeout=0,
                tenant_ids=[self._tenant],
                timeout=self._budget.one(),
            )
            self._client.publish_message(
                f"camunda-bridge-doctor-{uuid4().hex[:8]}",
                correlation_key="-",
                tenant_id=self._tenant,
                timeout=self._budget.one(),
            )
        except (PermissionDenied, InvalidArgument, NotFound) as error:
            raise Stop(
                f"tenant {self._tenant} is not ours: {error.message}",
                "is multi-tenancy on, and is this client assigned to the tenant? CAMUNDA_DEFAULT_TENANT_ID names it",
            ) from None
        return f"{self._tenant} takes our commands"

    def poll(self) -> str:
        """A poll that waits is left to wait, and not cut by somebody between."""
        wait = min(self._poll, self._budget.one(self._poll + 5) - 0.1)
        began = time.monotonic()
        try:
            self._waiting(wait)
        except CamundaError as error:
            after = time.monotonic() - began
            raise Stop(
                f"a poll of {wait:.0f} s is cut after {after:.1f} s: {type(error).__name__}: {error.message}",
                "a proxy or load balancer ends requests that take long: raise its idle or read timeout, "
                f"or ask for shorter polls{'; ours over REST take 4 s' if self._wire == 'rest' else ''}",
            ) from None
        after = time.monotonic() - began
        if after < wait * 0.7:
            raise Stop(
                f"a poll of {wait:.0f} s is answered after {after:.1f} s already",
                "long polling is switched off in the gateway, or somebody between answers for it: workers will ask too often",
            )
        return f"a poll waited {after:.1f} s"

    def _waiting(self, wait: float) -> None:
        name = f"camunda-bridge-doctor-{uuid4().hex[:8]}"
        given: dict[str, Any] = {"max_jobs_to_activate": 1, "request_timeout": wait, "timeout": wait + 5}
        if self._wire == "grpc":
            self._client.activate_jobs(name, **given)
        else:  # as one request, which our own client would cut into slices
            self._client._rest_client("activateJobs").activate_jobs(name, **given)

    def stream(self) -> str:
        """A job stream stays open, and pushes; over REST there is none."""
        if self._wire == "rest":
            return "emulated over REST: see poll"
        name = f"camunda-bridge-doctor-{uuid4().hex[:8]}"
        wait = min(self._poll, self._budget.one(self._poll + 5) - 0.1)
        began = time.monotonic()
        if self._write:
            return self._pushed(name, max(wait, 5.0))
        try:
            self._streamed(name, wait)
        except DeadlineExceeded:
            pass
        except Unimplemented as error:
            raise Stop(
                f"it has no job streams: {error.message}", "leave stream=True out, or upgrade"
            ) from None
        except CamundaError as error:
            after = time.monotonic() - began
            raise Stop(
                f"a stream is cut after {after:.1f} s: {type(error).__name__}: {error.message}",
                "somebody between ends calls that take long: raise its timeout, or set CAMUNDA_KEEP_ALIVE",
            ) from None
        after = time.monotonic() - began
        if after < wait * 0.7:
            raise Stop(
                f"a stream of {wait:.0f} s ended after {after:.1f} s",
                "somebody between ends calls that take long",
            )
        return f"a stream stayed open for {after:.1f} s; whether it pushes, --write tries"

    def _streamed(self, name: str, wait: float) -> None:
        """One stream to its end, on a channel of its own: the client's would be opened again when it is cut."""
        from camunda_grpc import gateway_pb2 as pb
        from camunda_grpc import gateway_pb2_grpc as stubs

        channel = self._client._connection.native_channel()
        assert channel is not None
        with channel:
            request = pb.StreamActivatedJobsRequest(type=name, worker="camunda-bridge", timeout=10_000)
            for _ in stubs.GatewayStub(channel).StreamActivatedJobs(request, timeout=wait):
                pass

    def _pushed(self, name: str, wait: float) -> str:
        """With a process of our own, which is deleted again."""
        client = self._client
        (made,) = client.deploy_resource(
            (f"{name}.bpmn", service_tasks(name, name)), tenant_id=self._tenant
        ).processes
        try:
            tenants = [self._tenant or made.tenant_id or "<default>"]
            with client.stream_activated_jobs(name, timeout=wait, tenant_ids=tenants) as stream:
                time.sleep(_KNOWN)
                began = time.monotonic()
                instance = client.create_process_instance(name, tenant_id=self._tenant)
                try:
                    job = next(stream)
                except (DeadlineExceeded, StopIteration):
                    client.cancel_process_instance(instance.process_instance_key)
                    raise Stop(
                        f"a stream pushes nothing within {wait:.0f} s",
                        "somebody between holds answers back until they are whole: switch its buffering off",
                    ) from None
                client.complete_job(job.job_key)
                return f"a stream pushed a job after {(time.monotonic() - began) * 1000:.0f} ms"
        finally:
            client.delete_resource(made.process_definition_key)

    def sizes(self) -> str:
        """Bodies as large as a gateway takes come through."""
        for size in _SIZES:
            shown = f"{size / _MIB:g} MiB"
            try:
                self._client.complete_job(NEVER, {"x": "a" * size}, timeout=self._budget.one(10))
            except CamundaError as error:
                if isinstance(error, NotFound) or "Command 'COMPLETE' rejected" in error.message:
                    continue  # the engine has seen it, and says so
                raise Stop(
                    f"a request of {shown} does not come through: {type(error).__name__}: {error.message[:200]}",
                    "somebody between limits bodies: raise it to 4 MiB, the gateway's own limit "
                    "(nginx: client_max_body_size)",
                ) from None
        return f"requests of {_SIZES[-1] / _MIB:g} MiB come through"
