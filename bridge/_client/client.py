# Derived from aio_client.py by scripts/derive_sync.py: change that file, then run the script.
"""The client for new code: one typed method per RPC of the gateway, the same on both wires.

    with bridge.Client(rest_address="http://localhost:8080") as client:
        client.deploy_resource("order.bpmn")
        created = client.create_process_instance("order", variables={"amount": 5})

The vocabulary is that of the REST API, in snake case. What every method has in common:

- a key is an ``int`` or its decimal digits; results give keys as text, as the REST API does;
- a length of time is seconds, as a number or a ``timedelta``;
- ``timeout`` is the time limit of the call through all its attempts; None is the client's, plus the server's
  own waiting. (So the time for which a job is locked, ``timeout`` in REST, is ``job_timeout`` here.)
- None is "not given". What is newer than the cluster is refused with UnsupportedField, a bad argument with
  InvalidRequest, both before anything is sent; everything that fails raises a class of ``camunda_core.errors``,
  the same one on both wires.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from bridge import models
from bridge._client.arguments import at_least_1, can_be_waited, no_wait, not_empty, only_if_assigned
from bridge._client.shell import JobStream, Shell
from bridge._entrance import Entrance
from bridge._table.versions import Version
from bridge.models import ActivatedJob
from bridge.models._instructions import (
    Content,
    Flag,
    Key,
    Number,
    OperationReference,
    OptionalText,
    Resource,
    Text,
    Variables,
)
from bridge.routing import Routes
from camunda_core.config import environment
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration
from camunda_core.jobs import JobWires
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest.api.client import RestOperations

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Client", "JobStream"]

PositiveNumber = Annotated[Number, at_least_1]
PositiveDuration = Annotated[Duration, at_least_1]
ResultDuration = Annotated[Duration, at_least_1, can_be_waited]
PollDuration = Annotated[Duration, no_wait, can_be_waited]
TenantFilter = Annotated[Literal["PROVIDED", "ASSIGNED"], only_if_assigned]
Mappings = Annotated[Iterable[models.MappingInstruction], not_empty]


class Client(Shell, RestOperations):
    """Camunda 8 over REST, gRPC or both. Thread safe; a context manager.

    ``rest_address``     ``http(s)://host[:port][/context-path][/v2]``
    ``grpc_address``     ``host:port``, or ``http(s)://…``; needs ``camunda-bridge[grpc]``
    ``transport``        ``"rest"`` or ``"grpc"``: the wire of everything that ``routes`` does not name. Without
                         it REST where there is a REST address, but for job streams where there is a gRPC address too
    ``routes``           which wire serves which RPC or job type, in one line: see ``bridge.routing``
    ``credentials``      for both wires, of ``camunda_core.credentials``
    ``tls``              whom to trust and who we are
    ``retry``            how often and how fast what failed is repeated, where that does no harm
    ``timeout``          seconds (or a timedelta) for calls that bring no ``timeout``, 10 s unless the environment
                         says otherwise; where the server is asked to wait, its wait is added
    ``cluster_version``  "8.8": what the cluster can read; asked once, and only when a call needs something newer
                         than 8.6 (over gRPC: than 8.5)
    ``strict``           refuse, now, every RPC that REST can only emulate or answer in part
    ``stream_capacity``  how many streamed jobs may be activated and not yet read, over REST
    ``max_message_size`` bytes of the largest answer that is read, on either wire; -1 is no limit, 16 MiB the default
    ``consistency_wait`` how long (seconds or a timedelta) reads that may lag behind are asked again while they find
                         nothing, where a call has no ``wait``

    ``env``              variables in place of ``os.environ``, as ``from_env`` and ``camunda_core.config.environment`` give

    What is not given is taken from the environment: see ``camunda_core.config``. Raises ConfigurationError,
    naming the way out, for a client that cannot work.
    """

    def __init__(
        self,
        *,
        grpc_address: str | None = None,
        rest_address: str | None = None,
        transport: Literal["rest", "grpc"] | None = None,
        routes: str | Mapping[str, str] | Routes | None = None,
        credentials: AnyCredentials | None = None,
        tls: Tls | None = None,
        retry: RetryPolicy | None = None,
        timeout: Duration | None = None,
        cluster_version: str | Version | None = None,
        strict: bool = False,
        stream_capacity: int = 32,
        max_message_size: int | None = None,
        consistency_wait: Duration = 0.0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            Entrance.open(
                rest_address=rest_address,
                grpc_address=grpc_address,
                routes=routes,
                transport=transport,
                credentials=credentials,
                tls=tls,
                retry=retry,
                timeout=timeout,
                cluster_version=cluster_version,
                strict=strict,
                stream_capacity=stream_capacity,
                max_message_size=max_message_size,
                consistency_wait=consistency_wait,
                env=env,
            )
        )

    @classmethod
    def from_env(
        cls,
        *,
        env_file: str | os.PathLike[str] | None = None,
        config_file: str | os.PathLike[str] | None = None,
        profile: str | None = None,
        **arguments: Any,
    ) -> Self:
        """A client of what the environment says, and the files that are asked for.

        ``env_file`` is a ``.env`` file, ``config_file`` a TOML file with profiles: see
        ``camunda_core.config.environment``. ``arguments`` are those of the class, and win. Raises
        ConfigurationError with all that is wrong.
        """
        found = environment(env_file=env_file, config_file=config_file, profile=profile)
        return cls(env=found, **arguments)

    # Cluster and resources

    def topology(self, *, timeout: Duration | None = None) -> models.Topology:
        """The brokers of the cluster and their partitions.

        RPC Topology, GET /topology.
        """
        return self._call("Topology", models.Topology, timeout)

    def deploy_resource(
        self, *resources: Resource, tenant_id: OptionalText | None = None, timeout: Duration | None = None
    ) -> models.Deployment:
        """Deploys processes, decisions, forms and other resources, together or not at all.

        RPC DeployResource, POST /deployments. A resource is a path (named by its last part), a ``(name,
        content)`` pair, or a file opened in binary mode. Nothing to deploy, a file that cannot be read, and a
        name used twice raise InvalidRequest.
        """
        return self._deploy("DeployResource", models.Deployment, timeout, resources, tenant_id=tenant_id)

    def deploy_process(
        self, *resources: Resource, timeout: Duration | None = None
    ) -> models.DeployedProcesses:
        """Deploys processes; deprecated since 8.0, use ``deploy_resource``.

        RPC DeployProcess, POST /deployments.
        """
        warnings.warn("deploy_process is deprecated: use deploy_resource", DeprecationWarning, stacklevel=2)
        return self._deploy("DeployProcess", models.DeployedProcesses, timeout, resources)

    def delete_resource(
        self,
        resource_key: Key,
        *,
        delete_history: Flag | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> models.DeletedResource:
        """Deletes a deployed resource.

        RPC DeleteResource, POST /resources/{resourceKey}/deletion. ``resource_key`` is a process definition's,
        a decision requirements', a form's or a generic resource's. ``delete_history`` (8.9) deletes what its
        instances left as well. Raises NotFound, and FailedPrecondition where instances are running.
        """
        return self._call(
            "DeleteResource",
            models.DeletedResource,
            timeout,
            resource_key=resource_key,
            delete_history=delete_history,
            operation_reference=operation_reference,
        )

    # Process instances

    def create_process_instance(
        self,
        process_definition_id: Text | None = None,
        *,
        process_definition_key: Key | None = None,
        process_definition_version: Number | None = None,
        variables: Variables | None = None,
        start_instructions: Iterable[models.StartInstruction] | None = None,
        runtime_instructions: Iterable[models.TerminateAfter] | None = None,
        tags: Iterable[str] | None = None,
        business_id: str | None = None,
        tenant_id: OptionalText | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> models.ProcessInstance:
        """Starts a process.

        RPC CreateProcessInstance, POST /process-instances. The process is given by its id (the latest version,
        or ``process_definition_version``), or by ``process_definition_key``. ``runtime_instructions`` and
        ``tags`` came with 8.8, ``business_id`` with 8.9. Raises NotFound, FailedPrecondition for a process
        without a none start event, AlreadyExists for a ``business_id`` in use.
        """
        return self._call(
            "CreateProcessInstance",
            models.ProcessInstance,
            timeout,
            process_definition_id=process_definition_id,
            process_definition_key=process_definition_key,
            process_definition_version=process_definition_version,
            variables=variables,
            start_instructions=start_instructions,
            runtime_instructions=runtime_instructions,
            tags=tags,
            business_id=business_id,
            tenant_id=tenant_id,
            operation_reference=operation_reference,
        )

    def create_process_instance_with_result(
        self,
        process_definition_id: Text | None = None,
        *,
        process_definition_key: Key | None = None,
        process_definition_version: Number | None = None,
        variables: Variables | None = None,
        fetch_variables: Iterable[str] | None = None,
        request_timeout: ResultDuration | None = None,
        start_instructions: Iterable[models.StartInstruction] | None = None,
        runtime_instructions: Iterable[models.TerminateAfter] | None = None,
        tags: Iterable[str] | None = None,
        business_id: str | None = None,
        tenant_id: OptionalText | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> models.ProcessInstanceResult:
        """Starts a process and waits until it has ended.

        RPC CreateProcessInstanceWithResult, POST /process-instances. As ``create_process_instance``. The server
        waits for ``request_timeout`` seconds (15 when not given; 8.6 REST always 15), then DeadlineExceeded is
        raised and the instance goes on. ``fetch_variables`` names the variables of the result, all when not
        given. Aborted means that the instance was created and its result is unknown.
        """
        return self._call(
            "CreateProcessInstanceWithResult",
            models.ProcessInstanceResult,
            timeout,
            process_definition_id=process_definition_id,
            process_definition_key=process_definition_key,
            process_definition_version=process_definition_version,
            variables=variables,
            fetch_variables=fetch_variables,
            request_timeout=request_timeout,
            start_instructions=start_instructions,
            runtime_instructions=runtime_instructions,
            tags=tags,
            business_id=business_id,
            tenant_id=tenant_id,
            operation_reference=operation_reference,
        )

    def cancel_process_instance(
        self,
        process_instance_key: Key,
        *,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Ends a process instance.

        RPC CancelProcessInstance, POST /process-instances/{processInstanceKey}/cancellation. Raises NotFound
        for one that is not running.
        """
        self._send(
            "CancelProcessInstance",
            timeout,
            process_instance_key=process_instance_key,
            operation_reference=operation_reference,
        )

    def modify_process_instance(
        self,
        process_instance_key: Key,
        *,
        activate_instructions: Iterable[models.ActivateInstruction] | None = None,
        terminate_instructions: Iterable[models.TerminateInstruction] | None = None,
        move_instructions: Iterable[models.MoveInstruction] | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Activates, terminates and moves elements.

        RPC ModifyProcessInstance, POST /process-instances/{processInstanceKey}/modification.
        ``move_instructions`` came with 8.9. Raises NotFound, and InvalidArgument for instructions that cannot
        be followed.
        """
        self._send(
            "ModifyProcessInstance",
            timeout,
            process_instance_key=process_instance_key,
            activate_instructions=activate_instructions,
            terminate_instructions=terminate_instructions,
            move_instructions=move_instructions,
            operation_reference=operation_reference,
        )

    def migrate_process_instance(
        self,
        process_instance_key: Key,
        target_process_definition_key: Key,
        mapping_instructions: Mappings,
        *,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Goes on in another process.

        RPC MigrateProcessInstance, POST /process-instances/{processInstanceKey}/migration. At least one mapping
        is needed. Raises NotFound, and FailedPrecondition where an active element cannot be mapped.
        """
        self._send(
            "MigrateProcessInstance",
            timeout,
            process_instance_key=process_instance_key,
            target_process_definition_key=target_process_definition_key,
            mapping_instructions=mapping_instructions,
            operation_reference=operation_reference,
        )

    def set_variables(
        self,
        element_instance_key: Key,
        variables: Content,
        *,
        local: bool = False,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Sets variables of an element instance.

        RPC SetVariables, PUT /element-instances/{elementInstanceKey}/variables. At least one variable is
        needed. With ``local`` they stay in this scope, else they go up to where they are declared. (The key
        that the RPC answers is not given: REST does not know it.) Raises NotFound.
        """
        self._send(
            "SetVariables",
            timeout,
            element_instance_key=element_instance_key,
            variables=variables,
            local=local,
            operation_reference=operation_reference,
        )

    def resolve_incident(
        self,
        incident_key: Key,
        *,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Resolves an incident whose cause is gone.

        RPC ResolveIncident, POST /incidents/{incidentKey}/resolution. ``operation_reference`` needs 8.8 over
        REST. Raises NotFound, also for a job's incident while the job has no retries.
        """
        self._send(
            "ResolveIncident",
            timeout,
            incident_key=incident_key,
            operation_reference=operation_reference,
        )

    # Jobs

    def activate_jobs(
        self,
        type: Text,
        *,
        max_jobs_to_activate: PositiveNumber,
        job_timeout: PositiveDuration = 300.0,
        worker: str | None = None,
        fetch_variable: Iterable[str] | None = None,
        request_timeout: PollDuration | None = None,
        tenant_ids: Iterable[str] | None = None,
        tenant_filter: TenantFilter | None = None,
        with_lease: Flag | None = None,
        timeout: Duration | None = None,
    ) -> list[ActivatedJob]:
        """Takes jobs of a type; they are locked for ``job_timeout`` seconds.

        RPC ActivateJobs, POST /jobs/activation. Waits until there are jobs, for ``request_timeout`` seconds (10
        when not given; 0 answers at once), then the list is empty. ``fetch_variable`` names the variables that
        are wanted, all when not given. ``tenant_filter`` came with 8.9, ``with_lease`` with 8.10. Raises
        DeadlineExceeded when ``timeout`` is over first.
        """
        return self._activate(
            "ActivateJobs",
            timeout,
            type=type,
            max_jobs_to_activate=max_jobs_to_activate,
            job_timeout=job_timeout,
            worker=worker,
            fetch_variable=fetch_variable,
            request_timeout=request_timeout,
            tenant_ids=tenant_ids,
            tenant_filter=tenant_filter,
            with_lease=with_lease,
        )

    def stream_activated_jobs(
        self,
        type: Text,
        *,
        job_timeout: PositiveDuration = 300.0,
        worker: str | None = None,
        fetch_variable: Iterable[str] | None = None,
        tenant_ids: Iterable[str] | None = None,
        tenant_filter: TenantFilter | None = None,
        with_lease: Flag | None = None,
        timeout: Duration | None = None,
    ) -> JobStream:
        """Takes jobs of a type as they come, each locked for ``job_timeout`` seconds.

        RPC StreamActivatedJobs; long polling over REST. The arguments are those of ``activate_jobs``; without
        ``timeout`` the stream has no end. Over gRPC only jobs come that become available while the stream is
        open, over REST also those that wait already.
        """
        return self._stream(
            "StreamActivatedJobs",
            timeout,
            type=type,
            job_timeout=job_timeout,
            worker=worker,
            fetch_variable=fetch_variable,
            tenant_ids=tenant_ids,
            tenant_filter=tenant_filter,
            with_lease=with_lease,
        )

    def complete_job(
        self,
        job_key: Key,
        variables: Variables | None = None,
        *,
        result: models.UserTaskResult | models.AdHocSubProcessResult | None = None,
        job_lease_token: str | None = None,
        business_id: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Completes a job.

        RPC CompleteJob, POST /jobs/{jobKey}/completion. ``result`` came with 8.8, ``job_lease_token`` and
        ``business_id`` with 8.10. Raises NotFound for a job that is done or gone, FailedPrecondition for one
        with an incident.
        """
        self._send(
            "CompleteJob",
            timeout,
            job_key=job_key,
            variables=variables,
            result=result,
            job_lease_token=job_lease_token,
            business_id=business_id,
        )

    def fail_job(
        self,
        job_key: Key,
        *,
        retries: Number,
        error_message: str | None = None,
        retry_back_off: Duration = 0.0,
        variables: Variables | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Fails a job, which is tried again ``retry_back_off`` seconds later.

        RPC FailJob, POST /jobs/{jobKey}/failure. ``retries`` is how many are left; 0 raises an incident.
        ``job_lease_token`` came with 8.10. Raises NotFound for a job that is done or gone.
        """
        self._send(
            "FailJob",
            timeout,
            job_key=job_key,
            retries=retries,
            error_message=error_message,
            retry_back_off=retry_back_off,
            variables=variables,
            job_lease_token=job_lease_token,
        )

    def throw_error(
        self,
        job_key: Key,
        error_code: Text,
        *,
        error_message: str | None = None,
        variables: Variables | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Throws a BPMN error from a job.

        RPC ThrowError, POST /jobs/{jobKey}/error. ``job_lease_token`` came with 8.10. Raises NotFound for a job
        that is done or gone.
        """
        self._send(
            "ThrowError",
            timeout,
            job_key=job_key,
            error_code=error_code,
            error_message=error_message,
            variables=variables,
            job_lease_token=job_lease_token,
        )

    def update_job_retries(
        self,
        job_key: Key,
        retries: Number,
        *,
        operation_reference: OperationReference | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Sets the retries that a job has left, 1 or more.

        RPC UpdateJobRetries, PATCH /jobs/{jobKey}. ``operation_reference`` needs 8.8 over REST,
        ``job_lease_token`` 8.10. Raises NotFound.
        """
        self._send(
            "UpdateJobRetries",
            timeout,
            job_key=job_key,
            retries=retries,
            operation_reference=operation_reference,
            job_lease_token=job_lease_token,
        )

    def update_job_timeout(
        self,
        job_key: Key,
        job_timeout: Duration,
        *,
        operation_reference: OperationReference | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Locks an activated job for ``job_timeout`` seconds from now.

        RPC UpdateJobTimeout, PATCH /jobs/{jobKey}. ``operation_reference`` needs 8.8 over REST,
        ``job_lease_token`` 8.10. Raises NotFound; for a job that is not activated FailedPrecondition over gRPC
        and InvalidArgument over REST, whose gateway sends another command.
        """
        self._send(
            "UpdateJobTimeout",
            timeout,
            job_key=job_key,
            job_timeout=job_timeout,
            operation_reference=operation_reference,
            job_lease_token=job_lease_token,
        )

    def update_job_priority(
        self,
        job_key: Key,
        priority: Number,
        *,
        operation_reference: OperationReference | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
    ) -> None:
        """Sets a job's priority (clusters from 8.10).

        RPC UpdateJobPriority, PATCH /jobs/{jobKey}. Raises NotFound; Unimplemented on older clusters.
        """
        self._send(
            "UpdateJobPriority",
            timeout,
            job_key=job_key,
            priority=priority,
            operation_reference=operation_reference,
            job_lease_token=job_lease_token,
        )

    def job_wire(self) -> JobWires:
        """What ``camunda_worker.Worker`` talks through: connections of its own, with the settings of this client.

        It is for the running event loop, and makes each call once: what to repeat is the worker's to know. Raises
        ConfigurationError where no event loop is running, and where a library is missing: REST needs
        ``camunda-bridge[aio]``.
        """
        from bridge._job_wire import open_job_wire  # asyncio, which only a worker needs

        return open_job_wire(self._connection)

    # Messages, signals, conditions, decisions

    def publish_message(
        self,
        name: Text,
        *,
        correlation_key: str = "",
        time_to_live: Duration = 0.0,
        message_id: str | None = None,
        variables: Variables | None = None,
        business_id: str | None = None,
        tenant_id: OptionalText | None = None,
        timeout: Duration | None = None,
    ) -> models.PublishedMessage:
        """Publishes a message, which waits ``time_to_live`` seconds for its subscription.

        RPC PublishMessage, POST /messages/publication. Without ``correlation_key`` only start events are meant.
        ``business_id`` came with 8.10. Raises AlreadyExists while a message of the same name, correlation key
        and ``message_id`` waits.
        """
        return self._call(
            "PublishMessage",
            models.PublishedMessage,
            timeout,
            name=name,
            correlation_key=correlation_key,
            time_to_live=time_to_live,
            message_id=message_id,
            variables=variables,
            business_id=business_id,
            tenant_id=tenant_id,
        )

    def broadcast_signal(
        self,
        signal_name: Text,
        *,
        variables: Variables | None = None,
        tenant_id: OptionalText | None = None,
        timeout: Duration | None = None,
    ) -> models.Signal:
        """Broadcasts a signal.

        RPC BroadcastSignal, POST /signals/broadcast.
        """
        return self._call(
            "BroadcastSignal",
            models.Signal,
            timeout,
            signal_name=signal_name,
            variables=variables,
            tenant_id=tenant_id,
        )

    def evaluate_conditional(
        self,
        variables: Content,
        *,
        process_definition_key: Key | None = None,
        tenant_id: OptionalText | None = None,
        timeout: Duration | None = None,
    ) -> models.ConditionalEvaluation:
        """Starts the processes whose conditions hold (clusters from 8.9).

        RPC EvaluateConditional, POST /conditionals/evaluation. At least one variable is needed. Raises
        Unimplemented on older clusters.
        """
        return self._call(
            "EvaluateConditional",
            models.ConditionalEvaluation,
            timeout,
            variables=variables,
            process_definition_key=process_definition_key,
            tenant_id=tenant_id,
        )

    def evaluate_decision(
        self,
        decision_definition_id: Text | None = None,
        *,
        decision_definition_key: Key | None = None,
        variables: Variables | None = None,
        tenant_id: OptionalText | None = None,
        timeout: Duration | None = None,
    ) -> models.DecisionEvaluation:
        """Evaluates a decision, given by its id (the latest version) or key.

        RPC EvaluateDecision, POST /decision-definitions/evaluation. A failed evaluation is an answer: see
        ``failure_message``. Raises InvalidArgument for a decision that is not there.
        """
        return self._call(
            "EvaluateDecision",
            models.DecisionEvaluation,
            timeout,
            decision_definition_id=decision_definition_id,
            decision_definition_key=decision_definition_key,
            variables=variables,
            tenant_id=tenant_id,
        )
