# Derived from aio_client.py by scripts/derive_sync.py: change that file, then run the script.
"""The commands that RPCs and REST operations share: one typed method each, for every blocking client.

What every method has in common:

- a key is an ``int`` or its decimal digits; results give keys as text, as the REST API does;
- a length of time is seconds, as a number or a ``timedelta``;
- ``timeout`` is the time limit of the call through all its attempts; None is the client's, plus the server's
  own waiting. (So the time for which a job is locked, ``timeout`` in REST, is ``job_timeout`` here.)
- ``retry`` is how often and how fast this call is repeated where that does no harm; None is the client's.
- None is "not given". What is newer than the cluster is refused with UnsupportedField, a bad argument with
  InvalidRequest, both before anything is sent; everything that fails raises a class of ``camunda_core.errors``,
  the same one on both wires.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from camunda_core._later import Later
from camunda_core.deadline import Duration
from camunda_core.retry import RetryPolicy
from camunda_rest._commands.arguments import (
    at_least_1,
    can_be_waited,
    no_wait,
    not_empty,
    only_if_assigned,
)
from camunda_rest._commands.kinds import (
    Content,
    Flag,
    Key,
    Limits,
    Number,
    OperationReference,
    OptionalText,
    Resource,
    Text,
    Variables,
)

if TYPE_CHECKING:
    from camunda_rest._commands import instructions, results
else:
    # Making their dataclasses takes longer than all the rest of a client.
    instructions = Later("camunda_rest._commands.instructions")
    results = Later("camunda_rest._commands.results")

__all__ = ["Commands", "PositiveDuration", "TenantFilter"]

T = TypeVar("T")

PositiveNumber = Annotated[Number, at_least_1]
PositiveDuration = Annotated[Duration, at_least_1]
ResultDuration = Annotated[Duration, at_least_1, can_be_waited]
PollDuration = Annotated[Duration, no_wait, can_be_waited]
TenantFilter = Annotated[Literal["PROVIDED", "ASSIGNED"], only_if_assigned]


class Commands:
    """The commands; how they are sent says the class that inherits from this one."""

    def _call(self, rpc: str, result: type[T], limits: Limits, /, **given: Any) -> T:
        raise NotImplementedError

    def _send(self, rpc: str, limits: Limits, /, **given: Any) -> None:
        raise NotImplementedError

    def _deploy(self, rpc: str, result: type[T], limits: Limits, resources: Any, /, **given: Any) -> T:
        raise NotImplementedError

    def _activate(self, rpc: str, limits: Limits, /, **given: Any) -> list[results.ActivatedJob]:
        raise NotImplementedError

    # Cluster and resources

    def topology(
        self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.Topology:
        """The brokers of the cluster and their partitions.

        RPC Topology, GET /topology.
        """
        return self._call("Topology", results.Topology, (timeout, retry))

    def deploy_resource(
        self,
        *resources: Resource,
        tenant_id: OptionalText | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Deployment:
        """Deploys processes, decisions, forms and other resources, together or not at all.

        RPC DeployResource, POST /deployments. A resource is a path (named by its last part), a folder (its
        ``.bpmn``, ``.dmn`` and ``.form`` files, those of folders inside as well), a pattern
        (``models/**/*.bpmn``), a ``(name, content)`` pair, or a file opened in binary mode. The answer has
        ``processes``, ``decisions``, ``decision_requirements`` and ``forms``. Nothing to deploy, a file that
        cannot be read, and a name used twice raise InvalidRequest.
        """
        return self._deploy(
            "DeployResource", results.Deployment, (timeout, retry), resources, tenant_id=tenant_id
        )

    def delete_resource(
        self,
        resource_key: Key,
        *,
        delete_history: Flag | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DeletedResource:
        """Deletes a deployed resource.

        RPC DeleteResource, POST /resources/{resourceKey}/deletion. ``resource_key`` is a process definition's,
        a decision requirements', a form's or a generic resource's. ``delete_history`` (8.9) deletes what its
        instances left as well. Raises NotFound, and FailedPrecondition where instances are running.
        """
        return self._call(
            "DeleteResource",
            results.DeletedResource,
            (timeout, retry),
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
        start_instructions: Iterable[instructions.StartInstruction] | None = None,
        runtime_instructions: Iterable[instructions.TerminateAfter] | None = None,
        tags: Iterable[str] | None = None,
        business_id: str | None = None,
        tenant_id: OptionalText | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ProcessInstance:
        """Starts a process.

        RPC CreateProcessInstance, POST /process-instances. The process is given by its id (the latest version,
        or ``process_definition_version``), or by ``process_definition_key``. ``runtime_instructions`` and
        ``tags`` came with 8.8, ``business_id`` with 8.9. Raises NotFound, FailedPrecondition for a process
        without a none start event, AlreadyExists for a ``business_id`` in use.
        """
        return self._call(
            "CreateProcessInstance",
            results.ProcessInstance,
            (timeout, retry),
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
        start_instructions: Iterable[instructions.StartInstruction] | None = None,
        runtime_instructions: Iterable[instructions.TerminateAfter] | None = None,
        tags: Iterable[str] | None = None,
        business_id: str | None = None,
        tenant_id: OptionalText | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ProcessInstanceResult:
        """Starts a process and waits until it has ended.

        RPC CreateProcessInstanceWithResult, POST /process-instances. As ``create_process_instance``. The server
        waits for ``request_timeout`` seconds (15 when not given; 8.6 REST always 15), then DeadlineExceeded is
        raised and the instance goes on. ``fetch_variables`` names the variables of the result, all when not
        given. Aborted means that the instance was created and its result is unknown.
        """
        return self._call(
            "CreateProcessInstanceWithResult",
            results.ProcessInstanceResult,
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Ends a process instance.

        RPC CancelProcessInstance, POST /process-instances/{processInstanceKey}/cancellation. Raises NotFound
        for one that is not running.
        """
        self._send(
            "CancelProcessInstance",
            (timeout, retry),
            process_instance_key=process_instance_key,
            operation_reference=operation_reference,
        )

    def modify_process_instance(
        self,
        process_instance_key: Key,
        *,
        activate_instructions: Iterable[instructions.ActivateInstruction] | None = None,
        terminate_instructions: Iterable[instructions.TerminateInstruction] | None = None,
        move_instructions: Iterable[instructions.MoveInstruction] | None = None,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Activates, terminates and moves elements.

        RPC ModifyProcessInstance, POST /process-instances/{processInstanceKey}/modification.
        ``move_instructions`` came with 8.9. Raises NotFound, and InvalidArgument for instructions that cannot
        be followed.
        """
        self._send(
            "ModifyProcessInstance",
            (timeout, retry),
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
        mapping_instructions: Annotated[Iterable[instructions.MappingInstruction], not_empty],
        *,
        operation_reference: OperationReference | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Goes on in another process.

        RPC MigrateProcessInstance, POST /process-instances/{processInstanceKey}/migration. At least one mapping
        is needed. Raises NotFound, and FailedPrecondition where an active element cannot be mapped.
        """
        self._send(
            "MigrateProcessInstance",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Sets variables of an element instance.

        RPC SetVariables, PUT /element-instances/{elementInstanceKey}/variables. At least one variable is
        needed. With ``local`` they stay in this scope, else they go up to where they are declared. (The key
        that the RPC answers is not given: REST does not know it.) Raises NotFound.
        """
        self._send(
            "SetVariables",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Resolves an incident whose cause is gone.

        RPC ResolveIncident, POST /incidents/{incidentKey}/resolution. ``operation_reference`` needs 8.8 over
        REST. Raises NotFound, also for a job's incident while the job has no retries.
        """
        self._send(
            "ResolveIncident",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> list[results.ActivatedJob]:
        """Takes jobs of a type; they are locked for ``job_timeout`` seconds.

        RPC ActivateJobs, POST /jobs/activation. Waits until there are jobs, for ``request_timeout`` seconds (10
        when not given; 0 answers at once), then the list is empty. ``fetch_variable`` names the variables that
        are wanted, all when not given. ``tenant_filter`` came with 8.9, ``with_lease`` with 8.10. A job that
        cannot be read is logged and failed with one retry less, and the others are given. Raises
        DeadlineExceeded when ``timeout`` is over first.
        """
        return self._activate(
            "ActivateJobs",
            (timeout, retry),
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

    def complete_job(
        self,
        job_key: Key,
        variables: Variables | None = None,
        *,
        result: instructions.UserTaskResult | instructions.AdHocSubProcessResult | None = None,
        job_lease_token: str | None = None,
        business_id: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Completes a job.

        RPC CompleteJob, POST /jobs/{jobKey}/completion. ``result`` came with 8.8, ``job_lease_token`` and
        ``business_id`` with 8.10. Raises NotFound for a job that is done or gone, FailedPrecondition for one
        with an incident.
        """
        self._send(
            "CompleteJob",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Fails a job, which is tried again ``retry_back_off`` seconds later.

        RPC FailJob, POST /jobs/{jobKey}/failure. ``retries`` is how many are left; 0 raises an incident.
        ``job_lease_token`` came with 8.10. Raises NotFound for a job that is done or gone.
        """
        self._send(
            "FailJob",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Throws a BPMN error from a job.

        RPC ThrowError, POST /jobs/{jobKey}/error. ``job_lease_token`` came with 8.10. Raises NotFound for a job
        that is done or gone.
        """
        self._send(
            "ThrowError",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Sets the retries that a job has left, 1 or more.

        RPC UpdateJobRetries, PATCH /jobs/{jobKey}. ``operation_reference`` needs 8.8 over REST,
        ``job_lease_token`` 8.10. Raises NotFound.
        """
        self._send(
            "UpdateJobRetries",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Locks an activated job for ``job_timeout`` seconds from now.

        RPC UpdateJobTimeout, PATCH /jobs/{jobKey}. ``operation_reference`` needs 8.8 over REST,
        ``job_lease_token`` 8.10. Raises NotFound; for a job that is not activated FailedPrecondition over gRPC
        and InvalidArgument over REST, whose gateway sends another command.
        """
        self._send(
            "UpdateJobTimeout",
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> None:
        """Sets a job's priority (clusters from 8.10).

        RPC UpdateJobPriority, PATCH /jobs/{jobKey}. Raises NotFound; Unimplemented on older clusters.
        """
        self._send(
            "UpdateJobPriority",
            (timeout, retry),
            job_key=job_key,
            priority=priority,
            operation_reference=operation_reference,
            job_lease_token=job_lease_token,
        )

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
        retry: RetryPolicy | None = None,
    ) -> results.PublishedMessage:
        """Publishes a message, which waits ``time_to_live`` seconds for its subscription.

        RPC PublishMessage, POST /messages/publication. Without ``correlation_key`` only start events are meant.
        ``business_id`` came with 8.10. Raises AlreadyExists while a message of the same name, correlation key
        and ``message_id`` waits.
        """
        return self._call(
            "PublishMessage",
            results.PublishedMessage,
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> results.Signal:
        """Broadcasts a signal.

        RPC BroadcastSignal, POST /signals/broadcast.
        """
        return self._call(
            "BroadcastSignal",
            results.Signal,
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> results.ConditionalEvaluation:
        """Starts the processes whose conditions hold (clusters from 8.9).

        RPC EvaluateConditional, POST /conditionals/evaluation. At least one variable is needed. Raises
        Unimplemented on older clusters.
        """
        return self._call(
            "EvaluateConditional",
            results.ConditionalEvaluation,
            (timeout, retry),
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
        retry: RetryPolicy | None = None,
    ) -> results.DecisionEvaluation:
        """Evaluates a decision, given by its id (the latest version) or key.

        RPC EvaluateDecision, POST /decision-definitions/evaluation. A failed evaluation is an answer: see
        ``failure_message``. Raises InvalidArgument for a decision that is not there.
        """
        return self._call(
            "EvaluateDecision",
            results.DecisionEvaluation,
            (timeout, retry),
            decision_definition_id=decision_definition_id,
            decision_definition_key=decision_definition_key,
            variables=variables,
            tenant_id=tenant_id,
        )
