"""The gateway between doors and engine: each RPC of the protocol on its messages, with the real gateway's checks and words.

A door turns its wire into protocol messages, calls ``Service``, and turns the answer or the error back. Everything here runs in
the thread of the gateway's event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from camunda_core import errors
from camunda_embedded.documents import dumps, loads
from camunda_embedded.engine.core import PARTITION, PARTITION_BITS, Engine
from camunda_embedded.engine.decisions import Evaluation
from camunda_embedded.engine.deployments import Deployed
from camunda_embedded.engine.modification import Activation
from camunda_embedded.engine.state import TENANT, Definition, Instance, Job
from camunda_grpc.generated import gateway_pb2 as pb

__all__ = ["LONG_POLL", "REQUEST_TIMEOUT", "JobStream", "Service"]

#: Seconds that the gateway waits when the request does not say how long.
REQUEST_TIMEOUT = 15.0
LONG_POLL = 10.0
#: Requests with more variables or resources than this are refused by the engine's log, in bytes.
MAX_RECORD = 2 * 1024 * 1024


class Service:
    """All RPCs. ``version`` is what Topology answers."""

    def __init__(self, engine: Engine, version: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self.engine = engine
        self.version = version
        self.host = host
        self.port = port
        self._pollers: dict[str, list[asyncio.Event]] = {}
        engine.jobs.on_available = self._wake
        self._handlers: dict[str, Callable[[Any], Any]] = {
            "BroadcastSignal": self._broadcast_signal,
            "CancelProcessInstance": self._cancel_process_instance,
            "CompleteJob": self._complete_job,
            "CreateProcessInstance": self._create_process_instance,
            "DeleteResource": self._delete_resource,
            "DeployProcess": self._deploy_process,
            "DeployResource": self._deploy_resource,
            "EvaluateDecision": self._evaluate_decision,
            "FailJob": self._fail_job,
            "MigrateProcessInstance": self._migrate_process_instance,
            "ModifyProcessInstance": self._modify_process_instance,
            "PublishMessage": self._publish_message,
            "ResolveIncident": self._resolve_incident,
            "SetVariables": self._set_variables,
            "ThrowError": self._throw_error,
            "Topology": self._topology,
            "UpdateJobRetries": self._update_job_retries,
            "UpdateJobTimeout": self._update_job_timeout,
        }

    @property
    def handled(self) -> frozenset[str]:
        """The RPCs that ``handle`` answers at once."""
        return frozenset(self._handlers)

    def handle(self, rpc: str, request: Any) -> Any:
        """The answer to a request that is answered at once.

        Raises:
            camunda_core.errors.CamundaError: in the real gateway's words; Unimplemented for an RPC that it has not.
        """
        handler = self._handlers.get(rpc)
        if handler is None:
            raise errors.Unimplemented(f"Method not found: gateway_protocol.Gateway/{rpc}")
        return handler(request)

    # --- checks ---

    @staticmethod
    def _check_tenant(rpc: str, tenant: str) -> None:
        if tenant and tenant != TENANT:
            raise errors.InvalidArgument(
                f"Expected to handle gRPC request {rpc} with tenant identifier '{tenant}', but multi-tenancy is disabled"
            )

    @staticmethod
    def _check_partition(key: int) -> int:
        partition = key >> PARTITION_BITS
        if partition != PARTITION:
            raise errors.Unavailable(
                f"Expected to execute command on partition {partition}, but either it does not exist, "
                "or the gateway is not yet aware of it"
            )
        return key

    @staticmethod
    def _variables(text: str, intent: str) -> dict[str, Any]:
        if len(text) > MAX_RECORD:
            raise errors.Unknown(f"Command '{intent}' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ")
        return loads(text)

    # --- jobs ---

    async def activate_jobs(self, request: Any) -> Any | None:
        """ActivateJobs: the jobs, waited for as long as the request says; None when there were none.

        Cancelling the call ends the wait, and no job is activated for it afterwards.
        """
        self._check_tenants("ActivateJobs", request.tenantIds)
        arguments = (
            request.type,
            request.worker,
            request.timeout,
            request.maxJobsToActivate,
            list(request.fetchVariable),
        )
        if request.maxJobsToActivate < 1 or (jobs := self.engine.jobs.activate(*arguments)):
            return self._activated(jobs) if request.maxJobsToActivate >= 1 else None
        if request.requestTimeout < 0:
            return None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (request.requestTimeout / 1000 or LONG_POLL)
        event = asyncio.Event()
        waiters = self._pollers.setdefault(request.type, [])
        waiters.append(event)
        try:
            while (left := deadline - loop.time()) > 0:
                try:
                    await asyncio.wait_for(event.wait(), left)
                except asyncio.TimeoutError:
                    return None
                event.clear()
                if self.engine.jobs.waiting(request.type) and (jobs := self.engine.jobs.activate(*arguments)):
                    return self._activated(jobs)
                if event not in waiters:
                    waiters.append(event)
            return None
        finally:
            if event in waiters:
                waiters.remove(event)
            if not waiters:
                self._pollers.pop(request.type, None)
            if event.is_set():
                self._wake(request.type)  # the job that woke this poll is for another one

    @property
    def polls(self) -> int:
        """How many activations wait for jobs."""
        return sum(map(len, self._pollers.values()))

    def _wake(self, type_: str) -> None:
        for event in self._pollers.get(type_, ()):
            event.set()

    def _check_tenants(self, rpc: str, tenants: Iterable[str]) -> None:
        for tenant in tenants:
            self._check_tenant(rpc, tenant)

    def open_stream(self, request: Any, deliver: Callable[[], None]) -> JobStream:
        """StreamActivatedJobs: a stream that takes jobs from now on; ``deliver`` is called when it has taken one."""
        self._check_tenants("StreamActivatedJobs", request.tenantIds)
        if not request.type:
            raise errors.InvalidArgument(
                "Expected to stream activated jobs with type to be present, but it was blank"
            )
        if request.timeout < 1:
            raise errors.InvalidArgument(
                f"Expected to stream activated jobs with timeout to be greater than zero, but it was {request.timeout}"
            )
        return JobStream(self.engine, request, deliver)

    def _activated(self, jobs: Sequence[tuple[Job, dict[str, Any]]]) -> Any:
        return pb.ActivateJobsResponse(jobs=[activated_job(job, variables) for job, variables in jobs])

    def _complete_job(self, request: Any) -> Any:
        key = self._check_partition(request.jobKey)
        self.engine.jobs.complete(key, self._variables(request.variables, "COMPLETE"))
        return pb.CompleteJobResponse()

    def _fail_job(self, request: Any) -> Any:
        key = self._check_partition(request.jobKey)
        variables = self._variables(request.variables, "FAIL")
        self.engine.jobs.fail(key, request.retries, request.errorMessage, request.retryBackOff, variables)
        return pb.FailJobResponse()

    def _throw_error(self, request: Any) -> Any:
        key = self._check_partition(request.jobKey)
        variables = self._variables(request.variables, "THROW_ERROR")
        self.engine.jobs.throw_error(key, request.errorCode, request.errorMessage, variables)
        return pb.ThrowErrorResponse()

    def _update_job_retries(self, request: Any) -> Any:
        self.engine.jobs.update_retries(self._check_partition(request.jobKey), request.retries)
        return pb.UpdateJobRetriesResponse()

    def _update_job_timeout(self, request: Any) -> Any:
        self.engine.jobs.update_timeout(self._check_partition(request.jobKey), request.timeout)
        return pb.UpdateJobTimeoutResponse()

    def update_job(self, key: int, retries: int | None, timeout: int | None) -> None:
        """Changes retries, timeout (milliseconds from now) or both in one command, as the REST API does."""
        self.engine.jobs.update(self._check_partition(key), retries, timeout)

    # --- process instances ---

    def _created(
        self, request: Any, rpc: str, intent: str, on_completed: Callable[[Instance], None] | None
    ) -> Instance:
        self._check_tenant(rpc, request.tenantId)
        if request.runtimeInstructions:
            raise errors.Unimplemented("runtimeInstructions are not supported by the embedded gateway")
        variables = self._variables(request.variables, intent)
        starts = [start.elementId for start in request.startInstructions]
        return self.engine.creation.create(
            request.bpmnProcessId,
            request.processDefinitionKey,
            request.version,
            variables,
            starts,
            on_completed,
        )

    def _create_process_instance(self, request: Any) -> Any:
        instance = self._created(request, "CreateProcessInstance", "CREATE", None)
        return pb.CreateProcessInstanceResponse(**_instance_facts(instance))

    async def create_with_result(self, request: Any) -> Any:
        """CreateProcessInstanceWithResult: waits for the end of the instance.

        Raises:
            DeadlineExceeded: it did not complete in time; it goes on.
        """
        done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        fetch = list(request.fetchVariables)

        def completed(instance: Instance) -> None:
            found = {name: variable.value for name, variable in instance.variables.items()}
            if not done.done():
                done.set_result({n: v for n, v in found.items() if n in fetch} if fetch else found)

        instance = self._created(
            request.request, "CreateProcessInstanceWithResult", "CREATE_WITH_AWAITING_RESULT", completed
        )
        facts = _instance_facts(instance)
        timeout = request.requestTimeout / 1000 if request.requestTimeout > 0 else REQUEST_TIMEOUT
        try:
            variables = await asyncio.wait_for(done, timeout)
        except asyncio.TimeoutError:
            raise errors.DeadlineExceeded(
                f"Time out between gateway and broker: Request command-api-{PARTITION} to {self.host}:{self.port} "
                f"timed out in PT{timeout:g}S"
            ) from None
        finally:
            instance.on_completed = None
        return pb.CreateProcessInstanceWithResultResponse(variables=dumps(variables), **facts)

    def _cancel_process_instance(self, request: Any) -> Any:
        self.engine.lifecycle.cancel(self._check_partition(request.processInstanceKey))
        return pb.CancelProcessInstanceResponse()

    def _set_variables(self, request: Any) -> Any:
        key = self._check_partition(request.elementInstanceKey)
        variables = self._variables(request.variables, "UPDATE")
        return pb.SetVariablesResponse(key=self.engine.variables.update(key, variables, request.local))

    def _modify_process_instance(self, request: Any) -> Any:
        key = self._check_partition(request.processInstanceKey)
        if request.moveInstructions:
            raise errors.Unimplemented("moveInstructions are not supported by the embedded gateway")
        activations = [
            Activation(
                wanted.elementId,
                wanted.ancestorElementInstanceKey,
                [(v.scopeId, self._variables(v.variables, "MODIFY")) for v in wanted.variableInstructions],
            )
            for wanted in request.activateInstructions
        ]
        terminations = [wanted.elementInstanceKey for wanted in request.terminateInstructions]
        self.engine.modification.modify(key, activations, terminations)
        return pb.ModifyProcessInstanceResponse()

    def _migrate_process_instance(self, request: Any) -> Any:
        key = self._check_partition(request.processInstanceKey)
        plan = request.migrationPlan
        mappings = [(m.sourceElementId, m.targetElementId) for m in plan.mappingInstructions]
        self.engine.migration.migrate(key, plan.targetProcessDefinitionKey, mappings)
        return pb.MigrateProcessInstanceResponse()

    def _resolve_incident(self, request: Any) -> Any:
        self.engine.incidents.resolve(self._check_partition(request.incidentKey))
        return pb.ResolveIncidentResponse()

    # --- messages and signals ---

    def _publish_message(self, request: Any) -> Any:
        self._check_tenant("PublishMessage", request.tenantId)
        variables = self._variables(request.variables, "PUBLISH")
        key = self.engine.messages.publish(
            request.name, request.correlationKey, request.timeToLive, request.messageId, variables
        )
        return pb.PublishMessageResponse(key=key, tenantId=TENANT)

    def correlate_message(self, name: str, correlation_key: str, variables: str) -> tuple[int, int]:
        """Message correlation, which only the REST API has: the keys of the message and of the process instance it reached."""
        document = self._variables(variables, "CORRELATE")
        return self.engine.messages.correlate(name, correlation_key, document)

    def _broadcast_signal(self, request: Any) -> Any:
        self._check_tenant("BroadcastSignal", request.tenantId)
        key = self.engine.signals.broadcast(
            request.signalName, self._variables(request.variables, "BROADCAST")
        )
        return pb.BroadcastSignalResponse(key=key, tenantId=TENANT)

    # --- resources ---

    def _deploy(self, resources: list[tuple[str, bytes]]) -> Deployed:
        if sum(len(content) for _, content in resources) > MAX_RECORD:
            raise errors.Unknown("Command 'CREATE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ")
        return self.engine.deployments.deploy(resources)

    def _deploy_resource(self, request: Any) -> Any:
        self._check_tenant("DeployResource", request.tenantId)
        deployed = self._deploy([(resource.name, resource.content) for resource in request.resources])
        answer = pb.DeployResourceResponse(key=deployed.key, tenantId=TENANT)
        for process in deployed.processes:
            answer.deployments.add(process=_process_metadata(process))
        for decision in deployed.decisions:
            answer.deployments.add(
                decision=pb.DecisionMetadata(
                    dmnDecisionId=decision.id,
                    dmnDecisionName=decision.model.name,
                    version=decision.version,
                    decisionKey=decision.key,
                    dmnDecisionRequirementsId=decision.requirements.id,
                    decisionRequirementsKey=decision.requirements.key,
                    tenantId=TENANT,
                )
            )
        for requirements in deployed.requirements:
            answer.deployments.add(
                decisionRequirements=pb.DecisionRequirementsMetadata(
                    dmnDecisionRequirementsId=requirements.id,
                    dmnDecisionRequirementsName=requirements.graph.name,
                    version=requirements.version,
                    decisionRequirementsKey=requirements.key,
                    resourceName=requirements.resource_name,
                    tenantId=TENANT,
                )
            )
        for form in deployed.forms:
            answer.deployments.add(
                form=pb.FormMetadata(
                    formId=form.id,
                    version=form.version,
                    formKey=form.key,
                    resourceName=form.resource_name,
                    tenantId=TENANT,
                )
            )
        return answer

    def _deploy_process(self, request: Any) -> Any:
        deployed = self._deploy([(process.name, process.definition) for process in request.processes])
        return pb.DeployProcessResponse(
            key=deployed.key, processes=[_process_metadata(p) for p in deployed.processes]
        )

    def _delete_resource(self, request: Any) -> Any:
        self.engine.deployments.delete(self._check_partition(request.resourceKey))
        return pb.DeleteResourceResponse()

    # --- decisions, and the rest ---

    def _evaluate_decision(self, request: Any) -> Any:
        self._check_tenant("EvaluateDecision", request.tenantId)
        variables = self._variables(request.variables, "EVALUATE")
        return self._decision_answer(
            self.engine.decisions.evaluate(request.decisionId, request.decisionKey, variables)
        )

    def _decision_answer(self, evaluation: Evaluation) -> Any:
        key, decision, result = evaluation
        return pb.EvaluateDecisionResponse(
            decisionKey=decision.key,
            decisionId=decision.id,
            decisionName=decision.model.name,
            decisionVersion=decision.version,
            decisionRequirementsId=decision.requirements.id,
            decisionRequirementsKey=decision.requirements.key,
            decisionOutput="" if result.failed_decision_id else dumps(result.output),
            evaluatedDecisions=[
                pb.EvaluatedDecision(**self.engine.decisions.trace(decision, evaluated))
                for evaluated in result.evaluated_decisions
            ],
            failedDecisionId=result.failed_decision_id,
            failureMessage=result.failure_message,
            tenantId=TENANT,
            decisionInstanceKey=key,
        )

    def _topology(self, _: Any) -> Any:
        partition = pb.Partition(partitionId=PARTITION, role=pb.Partition.LEADER, health=pb.Partition.HEALTHY)
        broker = pb.BrokerInfo(
            nodeId=0, host=self.host, port=self.port, partitions=[partition], version=self.version
        )
        return pb.TopologyResponse(
            brokers=[broker],
            clusterSize=1,
            partitionsCount=1,
            replicationFactor=1,
            gatewayVersion=self.version,
        )


class JobStream:
    """A worker's stream: takes jobs while its buffer has room, gives back what did not leave it."""

    #: Bytes of jobs that may wait for the worker to read on; about what the transport of a real gateway holds.
    CAPACITY = 4 * 1024 * 1024

    def __init__(self, engine: Engine, request: Any, deliver: Callable[[], None]) -> None:
        self.type: str = request.type
        self.worker: str = request.worker
        self.timeout: int = request.timeout
        self.fetch: list[str] = list(request.fetchVariable)
        self._engine = engine
        self._deliver = deliver
        self._buffer: deque[Any] = deque()
        self._bytes = 0
        self._remove = engine.jobs.add_stream(self)

    def ready(self) -> bool:
        """Whether there is room for another job."""
        return self._bytes < self.CAPACITY

    def push(self, job: Job, variables: dict[str, Any]) -> None:
        """Takes a job."""
        message = activated_job(job, variables)
        self._buffer.append(message)
        self._bytes += message.ByteSize()
        self._deliver()

    def take(self) -> Any | None:
        """The next job to be sent; None when there is none now."""
        if not self._buffer:
            return None
        message = self._buffer.popleft()
        self._bytes -= message.ByteSize()
        return message

    def close(self, *undelivered: Any) -> None:
        """Ends the stream; jobs that were not sent, and those ``undelivered`` ones, are free again."""
        self._remove()
        given_back = [*undelivered, *self._buffer]
        self._buffer.clear()
        for message in given_back:
            self._engine.jobs.give_back(message.key)


def activated_job(job: Job, variables: dict[str, Any]) -> Any:
    """The message for an activated job."""
    instance = job.instance
    return pb.ActivatedJob(
        key=job.key,
        type=job.type,
        processInstanceKey=instance.root.key,
        bpmnProcessId=instance.definition.id,
        processDefinitionVersion=instance.definition.version,
        processDefinitionKey=instance.definition.key,
        elementId=instance.element.id,
        elementInstanceKey=instance.key,
        customHeaders=dumps(job.headers),
        worker=job.worker,
        retries=job.retries,
        deadline=job.deadline,
        variables=dumps(variables),
        tenantId=TENANT,
    )


def _process_metadata(found: Definition) -> Any:
    return pb.ProcessMetadata(
        bpmnProcessId=found.id,
        version=found.version,
        processDefinitionKey=found.key,
        resourceName=found.resource_name,
        tenantId=TENANT,
    )


def _instance_facts(instance: Instance) -> dict[str, Any]:
    return {
        "processDefinitionKey": instance.definition.key,
        "bpmnProcessId": instance.definition.id,
        "version": instance.definition.version,
        "processInstanceKey": instance.key,
        "tenantId": TENANT,
    }
