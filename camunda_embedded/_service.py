"""The gateway between servers and engine: each RPC of the protocol on its messages, with the real
gateway's checks and words.

A server turns its wire into protocol messages, calls ``Service``, and turns the answer or the error
back. Everything here runs in the thread of the gateway's event loop.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from camunda_core import errors
from camunda_core._rpcs import SERVICE
from camunda_embedded._delivery import JobStream, Polls
from camunda_embedded._documents import dumps, loads
from camunda_embedded._engine.deployments import Deployed
from camunda_embedded._engine.engine import CONDITIONAL_SINCE, Engine
from camunda_embedded._engine.files import File, read_files
from camunda_embedded._engine.jobs import PRIORITIES_SINCE
from camunda_embedded._engine.kernel import PARTITION, PARTITION_BITS
from camunda_embedded._engine.modification import Activation
from camunda_embedded._engine.rejections import Line, Rejected, error_of
from camunda_embedded._engine.resources import Decision, Definition, Form, Requirements, Resource
from camunda_embedded._engine.state import Instance, Transition
from camunda_embedded._limits import MAX_RECORD, SETTLE_SECONDS
from camunda_embedded._pace import Pace
from camunda_grpc._generated import gateway_pb2 as pb

__all__ = ["REQUEST_TIMEOUT", "Service"]

#: Seconds that the gateway waits for a result when the request does not say how long.
REQUEST_TIMEOUT = 15.0
#: The line that was the first to give leases for jobs.
_LEASES_SINCE: Line = (8, 10)
#: What the answer to a deployment calls each kind of resource, and the message for it, in the
#: order of the answer.
_METADATA: dict[type[Resource], tuple[str, Any]] = {
    Definition: ("process", pb.ProcessMetadata),
    Decision: ("decision", pb.DecisionMetadata),
    Requirements: ("decisionRequirements", pb.DecisionRequirementsMetadata),
    Form: ("form", pb.FormMetadata),
}

Fields = dict[str, Any]


class Service:
    """All RPCs; ``version`` is what Topology answers.

    Those that are answered at once are methods of the RPC's name, from the request to the fields of
    the answer (None for an empty one), and are called by ``handle``.
    """

    #: Whether requests name their tenants.
    tenanted = False

    def __init__(
        self,
        engine: Engine,
        version: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        polls: Polls | None = None,
    ) -> None:
        self.engine = engine
        self.version = version
        self.host = host
        self.port = port
        #: What clusters have been called by since 8.9.
        self.cluster_id = str(uuid.uuid4())
        #: Seconds that a request waits for what others have to do first.
        self.request_timeout = REQUEST_TIMEOUT
        self._polls = Polls(engine) if polls is None else polls
        self._tenant = engine.kernel.tenant
        #: The RPCs that ``handle`` answers.
        self.handled = _HANDLED - {rpc for rpc, since in _SINCE.items() if engine.kernel.line < since}
        #: Whether answers to jobs may name a lease.
        self._leases = engine.kernel.line >= _LEASES_SINCE

    @property
    def polls(self) -> int:
        """How many activations wait for jobs."""
        return len(self._polls)

    def end_polls(self, job_type: str | None = None, worker: str | None = None) -> None:
        """Lets the long polls that wait now end: all, or those for a job type, or of a worker."""
        self._polls.end(job_type, worker)

    def handle(self, rpc: str, request: Any) -> Any:
        """The answer to a request that is answered at once.

        Raises:
            camunda_core.errors.CamundaError: in the real gateway's words; Unimplemented for an RPC that it has not.
        """
        return self._handle(rpc, request)

    def _handle(self, rpc: str, request: Any, *read: Any) -> Any:
        if rpc not in self.handled:
            raise errors.Unimplemented(f"Method not found: {SERVICE}/{rpc}")
        if rpc in _TENANTED:
            self._check_tenants(rpc, [request.tenantId])
        return getattr(pb, f"{rpc}Response")(**(getattr(self, rpc)(request, *read) or {}))

    async def answer(self, rpc: str, request: Any) -> Any:
        """As ``handle``, without keeping others waiting: files are read beside, and what
        follows from the request is done in turns. The answer waits for it, though not longer
        than ``SETTLE_SECONDS``.
        """
        self.engine.kernel.take_unfinished()  # whoever left that does not wait for it
        if rpc in _DEPLOYING and _size(resources := _DEPLOYING[rpc](request)) <= MAX_RECORD:
            files = await asyncio.to_thread(read_files, resources, self.engine.kernel.line)
            answer = self._handle(rpc, request, files)
        else:
            answer = self._handle(rpc, request)
        await self.settled()
        return answer

    async def settled(self) -> None:
        """Waits, not longer than ``SETTLE_SECONDS``, for what the last command left unfinished."""
        await Pace.finished(self.engine.kernel.take_unfinished(), SETTLE_SECONDS)

    async def settled_due(self) -> None:
        """The same for what has fallen due by the clock."""
        await Pace.finished(self.engine.kernel.run_due(), SETTLE_SECONDS)

    # --- checks ---

    def _check_tenants(self, rpc: str, tenants: Iterable[str]) -> None:
        for tenant in tenants:
            if tenant and tenant != self._tenant:
                raise errors.InvalidArgument(
                    f"Expected to handle gRPC request {rpc} with tenant identifier '{tenant}', but multi-tenancy is disabled"
                )

    def _check_activation(self, rpc: str, request: Any) -> None:
        """What later lines read of a request for jobs, and older ones overlook."""
        line = self.engine.kernel.line
        if line >= (8, 9) and request.tenantFilter == pb.ASSIGNED:
            raise errors.InvalidArgument(
                f"Expected to handle request {rpc} with tenant filter 'ASSIGNED', but multi-tenancy is disabled"
            )
        if self._leases and request.withLease:
            raise errors.Unimplemented("withLease is not supported by the embedded gateway")

    def _refuse_later(self, request: Any, since: Line, *names: str) -> None:
        """Refuses what a line reads and this gateway does not; lines before it overlook it."""
        for name in names if self.engine.kernel.line >= since else ():
            if request.HasField(name):
                raise errors.Unimplemented(f"{name} is not supported by the embedded gateway")

    @staticmethod
    def _key(key: int) -> int:
        """A key on which a command is sent to its partition."""
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
        self._check_activation("ActivateJobs", request)
        return await self._polls.activate(request)

    async def activate_unchecked(self, request: Any) -> Any | None:
        """The same without a look at the tenants, as REST of 8.6 does it."""
        del request.tenantIds[:]
        return await self.activate_jobs(request)

    def grants(self, tenant: str) -> bool:
        """Whether there is such a tenant, and it is one of the caller's."""
        return tenant == self._tenant

    @property
    def engines(self) -> Sequence[Engine]:
        """The engines of all tenants."""
        return (self.engine,)

    def engine_of(self, key: int) -> Engine:
        """The engine in which a key is looked for."""
        return self.engine

    def give_back(self, keys: Iterable[int]) -> None:
        """Makes jobs free again that did not reach their worker."""
        for key in keys:
            self.engine_of(key).jobs.give_back(key)

    def job_facts(self, key: int) -> Fields:
        """What REST says of an activated job and gRPC does not."""
        job = self.engine.jobs.all.get(key)
        if job is None:  # it is gone already
            return {}
        root = job.instance.root
        return {
            "rootProcessInstanceKey": root.outermost.key,
            "businessId": root.business_id or None,
            "physicalTenantId": "default",
        }

    def open_stream(self, request: Any, deliver: Callable[[], None]) -> JobStream:
        """StreamActivatedJobs: a stream that takes jobs from now on; ``deliver`` is called
        when it has taken one.
        """
        self._check_tenants("StreamActivatedJobs", request.tenantIds)
        self._check_activation("StreamActivatedJobs", request)
        if not request.type:
            raise errors.InvalidArgument(
                "Expected to stream activated jobs with type to be present, but it was blank"
            )
        if request.timeout < 1:
            raise errors.InvalidArgument(
                f"Expected to stream activated jobs with timeout to be greater than zero, but it was {request.timeout}"
            )
        return self._stream(request, deliver)

    def _stream(self, request: Any, deliver: Callable[[], None]) -> JobStream:
        return JobStream((self.engine,), request, deliver)

    def CompleteJob(self, request: Any) -> None:
        if self._leases:
            self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken", "businessId")
        key = self._key(request.jobKey)
        result = request.result if request.HasField("result") else None
        self.engine.answers.complete(key, self._variables(request.variables, "COMPLETE"), result)

    def FailJob(self, request: Any) -> None:
        if self._leases:
            self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken")
        key = self._key(request.jobKey)
        variables = self._variables(request.variables, "FAIL")
        self.engine.answers.fail(key, request.retries, request.errorMessage, request.retryBackOff, variables)

    def ThrowError(self, request: Any) -> None:
        if self._leases:
            self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken")
        key = self._key(request.jobKey)
        variables = self._variables(request.variables, "THROW_ERROR")
        self.engine.answers.throw_error(key, request.errorCode, request.errorMessage, variables)

    def UpdateJobRetries(self, request: Any) -> None:
        if self._leases:
            self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken")
        self.engine.answers.update_retries(self._key(request.jobKey), request.retries)

    def UpdateJobTimeout(self, request: Any) -> None:
        if self._leases:
            self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken")
        self.engine.answers.update_timeout(self._key(request.jobKey), request.timeout)

    def UpdateJobPriority(self, request: Any) -> None:
        self._refuse_later(request, _LEASES_SINCE, "jobLeaseToken")
        if not request.HasField("priority"):
            raise errors.InvalidArgument(
                f"Expected to update the priority of job with key '{request.jobKey}', but no priority was given"
            )
        self.engine.answers.update(self._key(request.jobKey), None, None, request.priority)

    def activate_ad_hoc(
        self, key: int, elements: Sequence[tuple[str, dict[str, Any]]], *, cancel_rest: bool
    ) -> None:
        """Activates elements of an ad-hoc sub-process with variables, which only the REST API does."""
        self.engine.ad_hoc.activate(self._key(key), elements, cancel_rest=cancel_rest)

    def update_job(
        self, key: int, retries: int | None, timeout: int | None, priority: int | None = None
    ) -> None:
        """Changes retries, timeout (milliseconds from now), priority or several in one command, as the
        REST API does.
        """
        self.engine.answers.update(self._key(key), retries, timeout, priority)

    # --- user tasks, which only the REST API has ---

    async def assign_user_task(self, key: int, assignee: str, action: str, override: bool) -> None:
        """Gives a user task to somebody, or with an empty ``assignee`` to nobody."""
        await self._over(self.engine.user_tasks.assign(self._key(key), assignee, action, override=override))

    async def update_user_task(self, key: int, changes: Fields, action: str) -> None:
        """Changes properties of a user task, named as its record names them."""
        await self._over(self.engine.user_tasks.update(self._key(key), changes, action))

    async def complete_user_task(self, key: int, variables: str, action: str) -> None:
        """Completes a user task with variables, a JSON document."""
        document = self._variables(variables, "COMPLETE")
        await self._over(self.engine.user_tasks.complete(self._key(key), document, action))

    async def _over(self, transition: Transition | None) -> None:
        """Waits until a transition of a user task has taken place.

        Raises:
            FailedPrecondition: a task listener has denied it.
            DeadlineExceeded: its listeners have not answered in time; it goes on.
        """
        ended: asyncio.Future[Rejected | None] = asyncio.get_running_loop().create_future()
        if transition is not None and not transition.over:
            transition.on_end = ended.set_result
        await self.settled()
        if transition is None or transition.on_end is None:
            return
        try:
            refused = await asyncio.wait_for(asyncio.shield(ended), self.request_timeout)
        except asyncio.TimeoutError:
            raise errors.DeadlineExceeded(
                f"Time out between gateway and broker: Request command-api-{PARTITION} to {self.host}:{self.port} "
                f"timed out in PT{self.request_timeout:g}S"
            ) from None
        finally:
            transition.on_end = None
        if refused is not None and transition.command is not None:
            raise error_of(transition.command.intent, refused)

    # --- process instances ---

    def _created(
        self, request: Any, intent: str, on_completed: Callable[[Instance], None] | None
    ) -> Instance:
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
            request.tags if self.engine.kernel.line >= (8, 8) else (),
            request.businessId if self.engine.kernel.line >= (8, 9) else "",
        )

    def CreateProcessInstance(self, request: Any) -> Fields:
        return self._instance_facts(self._created(request, "CREATE", None))

    async def create_with_result(self, request: Any) -> Any:
        """CreateProcessInstanceWithResult: waits for the end of the instance.

        Raises:
            DeadlineExceeded: it did not complete in time; it goes on.
        """
        self._check_tenants("CreateProcessInstanceWithResult", [request.request.tenantId])
        done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        fetch = list(request.fetchVariables)

        def completed(instance: Instance) -> None:
            found = instance.own()
            if not done.done():
                done.set_result({n: v for n, v in found.items() if n in fetch} if fetch else found)

        instance = self._created(request.request, "CREATE_WITH_AWAITING_RESULT", completed)
        facts = self._instance_facts(instance)
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

    def CancelProcessInstance(self, request: Any) -> None:
        self.engine.lifecycle.cancel(self._key(request.processInstanceKey))

    def SetVariables(self, request: Any) -> Fields:
        key = self._key(request.elementInstanceKey)
        variables = self._variables(request.variables, "UPDATE")
        return {"key": self.engine.variables.update(key, variables, request.local)}

    def ModifyProcessInstance(self, request: Any) -> None:
        key = self._key(request.processInstanceKey)
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

    def MigrateProcessInstance(self, request: Any) -> None:
        key = self._key(request.processInstanceKey)
        plan = request.migrationPlan
        mappings = [(m.sourceElementId, m.targetElementId) for m in plan.mappingInstructions]
        self.engine.migration.migrate(key, plan.targetProcessDefinitionKey, mappings)

    def ResolveIncident(self, request: Any) -> None:
        self.engine.resolution.resolve(self._key(request.incidentKey))

    # --- messages and signals ---

    def PublishMessage(self, request: Any) -> Fields:
        self._refuse_later(request, (8, 10), "businessId")
        variables = self._variables(request.variables, "PUBLISH")
        key = self.engine.messages.publish(
            request.name, request.correlationKey, request.timeToLive, request.messageId, variables
        )
        return {"key": key, "tenantId": self._tenant}

    def correlate_message(
        self, name: str, correlation_key: str, variables: str, tenant: str = ""
    ) -> tuple[int, int]:
        """Message correlation, which only the REST API has: the keys of the message and of the
        process instance it reached.
        """
        document = self._variables(variables, "CORRELATE")
        return self.engine.messages.correlate(name, correlation_key, document)

    def BroadcastSignal(self, request: Any) -> Fields:
        variables = self._variables(request.variables, "BROADCAST")
        return {"key": self.engine.signals.broadcast(request.signalName, variables), "tenantId": self._tenant}

    # --- resources and decisions ---

    def _deploy(self, rpc: str, request: Any, files: Sequence[File] | None) -> Deployed:
        if files is None:
            resources = _DEPLOYING[rpc](request)
            if _size(resources) > MAX_RECORD:
                raise errors.Unknown("Command 'CREATE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ")
            files = read_files(resources, self.engine.kernel.line)
        return self.engine.deployments.deploy(files)

    def DeployResource(self, request: Any, files: Sequence[File] | None = None) -> Fields:
        deployed = self._deploy("DeployResource", request, files)
        deployments = [
            pb.Deployment(**{name: self._metadata(found, message)})
            for kind, (name, message) in _METADATA.items()
            for found in deployed.of(kind)
        ]
        return {"key": deployed.key, "deployments": deployments, "tenantId": self._tenant}

    def DeployProcess(self, request: Any, files: Sequence[File] | None = None) -> Fields:
        deployed = self._deploy("DeployProcess", request, files)
        processes = [self._metadata(found, pb.ProcessMetadata) for found in deployed.of(Definition)]
        return {"key": deployed.key, "processes": processes}

    def DeleteResource(self, request: Any) -> Fields | None:
        line = self.engine.kernel.line
        if line >= (8, 9) and request.deleteHistory:
            raise errors.Unimplemented("deleteHistory is not supported by the embedded gateway")
        self.engine.deployments.delete(self._key(request.resourceKey))
        return {"resourceKey": str(request.resourceKey)} if line >= (8, 9) else None

    def EvaluateDecision(self, request: Any) -> Fields:
        line = self.engine.kernel.line
        variables = self._variables(request.variables, "EVALUATE")
        decisions = self.engine.decisions
        key, decision, result = decisions.evaluate(request.decisionId, request.decisionKey, variables)
        return {
            "decisionKey": decision.key,
            "decisionId": decision.id,
            "decisionName": decision.model.name,
            "decisionVersion": decision.version,
            "decisionRequirementsId": decision.requirements.id,
            "decisionRequirementsKey": decision.requirements.key,
            "decisionOutput": "" if result.failed_decision_id else dumps(result.output),
            "evaluatedDecisions": [
                pb.EvaluatedDecision(
                    **decisions.trace(decision, evaluated),
                    decisionEvaluationInstanceKey=f"{key}-{number}" if line >= (8, 9) else "",
                )
                for number, evaluated in enumerate(result.evaluated_decisions, 1)
            ],
            "failedDecisionId": result.failed_decision_id,
            "failureMessage": result.failure_message,
            "tenantId": self._tenant,
            "decisionInstanceKey": key,
            "decisionEvaluationKey": key if line >= (8, 8) else 0,
        }

    def EvaluateConditional(self, request: Any) -> Fields:
        variables = self._variables(request.variables, "EVALUATE")
        key, started = self.engine.conditions.evaluate(request.processDefinitionKey, variables)
        instances = [
            pb.ProcessInstanceReference(processDefinitionKey=definition, processInstanceKey=instance)
            for definition, instance in started
        ]
        return {"conditionalEvaluationKey": key, "processInstances": instances, "tenantId": self._tenant}

    # --- the cluster ---

    def Topology(self, _: Any) -> Fields:
        partition = pb.Partition(partitionId=PARTITION, role=pb.Partition.LEADER, health=pb.Partition.HEALTHY)
        broker = pb.BrokerInfo(
            nodeId=0, host=self.host, port=self.port, partitions=[partition], version=self.version
        )
        return {
            "brokers": [broker],
            "clusterSize": 1,
            "partitionsCount": 1,
            "replicationFactor": 1,
            "gatewayVersion": self.version,
            "clusterId": self.cluster_id if self.engine.kernel.line >= (8, 9) else "",
        }

    def _metadata(self, found: Resource, message: Any) -> Any:
        """The metadata of a resource: its record's facts, where those of decisions have a prefix."""
        facts = {**self.engine.kernel.named(found.value()), "version": found.version}
        facts |= {f"dmn{name[0].upper()}{name[1:]}": value for name, value in facts.items()}
        return message(**{name: facts[name] for name in message.DESCRIPTOR.fields_by_name})

    def _instance_facts(self, instance: Instance) -> Fields:
        return {
            "processDefinitionKey": instance.definition.key,
            "bpmnProcessId": instance.definition.id,
            "version": instance.definition.version,
            "processInstanceKey": instance.key,
            "tenantId": self._tenant,
            "tags": instance.tags,
            "businessId": instance.business_id or None,
        }


_DEPLOYING: dict[str, Callable[[Any], list[tuple[str, bytes]]]] = {
    "DeployResource": lambda request: [(each.name, each.content) for each in request.resources],
    "DeployProcess": lambda request: [(each.name, each.definition) for each in request.processes],
}
_HANDLED = frozenset(name for name in vars(Service) if hasattr(pb, f"{name}Response"))
#: The lines that were the first to have some of them.
_SINCE: dict[str, Line] = {
    "EvaluateConditional": CONDITIONAL_SINCE,
    "UpdateJobPriority": PRIORITIES_SINCE,
}
#: Those whose request names a tenant.
_TENANTED = frozenset(
    name for name in _HANDLED if "tenantId" in getattr(pb, f"{name}Request").DESCRIPTOR.fields_by_name
)


def _size(resources: Sequence[tuple[str, bytes]]) -> int:
    return sum(len(content) for _, content in resources)
