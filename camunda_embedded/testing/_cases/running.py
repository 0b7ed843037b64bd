"""Runs test cases, instruction by instruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge import models
from camunda_core.errors import CamundaError, InvalidRequest
from camunda_embedded._mocking import Rehearsing
from camunda_embedded.testing._cases.asserting import Assertions
from camunda_embedded.testing._cases.finding import Finder
from camunda_embedded.testing._cases.models import Models
from camunda_embedded.testing._cases.reading import Case, Instruction
from camunda_embedded.testing._cases.stage import ClusterStage, EmbeddedStage, Stage
from camunda_embedded.testing._source import source_of

__all__ = ["CaseRunner"]


class CaseRunner:
    """Runs cases of ``read_cases`` through a client.

    ``client``   a ``bridge.Client`` with a REST address, on a cluster or an embedded gateway from 8.8 on
    ``gateway``  the ``EmbeddedGateway`` behind it, where it is one: mocks and time are then inside of it
    """

    def __init__(self, client: Any, gateway: Rehearsing | None = None) -> None:
        if gateway is not None and getattr(gateway, "dialect", "") == "8.6":
            raise InvalidRequest(
                "test cases in JSON ask searches: give the gateway a dialect from 8.8 on, such as 8.9"
            )
        self._client, self._gateway = client, gateway
        self._on: Any = client if gateway is None else gateway

    def run(self, case: Case) -> None:
        """Runs one case from its first instruction to its last.

        Raises:
            AssertionError: an instruction does not hold, or what it is about is not there; with the place of the
                instruction in the file, and with what the process instance did.
            InvalidRequest: a ValueError; the case has ``problems``, or an instruction does not fit the model.
            CamundaError: the gateway has refused an instruction; the place is in a note, or before its text.
        """
        __tracebackhide__ = True
        if case.problems:
            raise InvalidRequest(f"{case.file.name}: " + "\n".join(case.problems))
        stage: Stage
        stage = EmbeddedStage(self._gateway) if self._gateway is not None else ClusterStage(self._client)
        play = _Play(self._client, self._on, stage)
        try:
            for instruction in case.instructions:
                where = f"{case.file.name}, {instruction.place} ({instruction.type})"
                try:
                    play.do(instruction)
                except AssertionError as error:
                    raise AssertionError(f"{where}: {error}") from None
                except InvalidRequest as error:
                    raise InvalidRequest(f"{where}: {error}") from error
                except CamundaError as error:
                    raise AssertionError(f"{where} was refused: {type(error).__name__}: {error}") from error
        finally:
            stage.end()


class _Play:
    """One run of one case."""

    def __init__(self, client: Any, on: Any, stage: Stage) -> None:
        self._client, self._stage = client, stage
        self._source = source_of(on)
        self._find = Finder(client, self._source)
        self._models = Models(client)
        asserts = Assertions(client, on, self._find, self._models)
        self._does = {
            name.upper(): getattr(where, name)
            for where in (self, asserts)
            for name in dir(where)
            if not name.startswith("_") and name != "do"
        }

    def do(self, instruction: Instruction) -> None:
        """Does what the instruction says."""
        __tracebackhide__ = True
        does: Callable[[Mapping[str, Any]], None] = self._does[instruction.type]
        does(instruction.values)

    # Each of these is an instruction, by its type in small letters.

    def create_process_instance(self, values: Mapping[str, Any]) -> None:
        """Starts a process."""
        process = values["processDefinitionSelector"]["processDefinitionId"]
        created = self._client.create_process_instance(
            process,
            variables=values.get("variables"),
            start_instructions=[
                models.StartInstruction(each["elementId"]) for each in values.get("startInstructions", ())
            ]
            or None,
            runtime_instructions=[
                models.TerminateAfter(each["afterElementId"])
                for each in values.get("runtimeInstructions", ())
            ]
            or None,
        )
        self._find.created.setdefault(process, str(created.process_instance_key))

    def complete_job(self, values: Mapping[str, Any]) -> None:
        """Completes the first open job."""
        __tracebackhide__ = True
        job = self._find.job(values["jobSelector"])
        self._client.complete_job(job.job_key, self._data(values, job))

    def _data(self, values: Mapping[str, Any], where: Any) -> Mapping[str, Any] | None:
        if values.get("useExampleData"):
            return self._models.example(where.process_definition_id, where.element_id) or None
        return values.get("variables")

    def complete_job_ad_hoc_sub_process(self, values: Mapping[str, Any]) -> None:
        """Completes the job of an ad-hoc sub-process."""
        __tracebackhide__ = True
        result = models.AdHocSubProcessResult(
            activate_elements=[
                models.ActivateElement(each["elementId"], each.get("variables"))
                for each in values.get("activateElements", ())
            ],
            is_completion_condition_fulfilled=values.get("completionConditionFulfilled", False),
            is_cancel_remaining_instances=values.get("cancelRemainingInstances", False),
        )
        job = self._find.job(values["jobSelector"])
        self._client.complete_job(job.job_key, values.get("variables"), result=result)

    def complete_job_user_task_listener(self, values: Mapping[str, Any]) -> None:
        """Completes the job of a task listener."""
        __tracebackhide__ = True
        given = values.get("corrections")
        corrections = None
        if given is not None and not values.get("denied"):
            corrections = models.Corrections(
                assignee=given.get("assignee"),
                due_date=given.get("dueDate"),
                follow_up_date=given.get("followUpDate"),
                candidate_users=given.get("candidateUsers"),
                candidate_groups=given.get("candidateGroups"),
                priority=given.get("priority"),
            )
        result = models.UserTaskResult(
            denied=values.get("denied", False),
            denied_reason=values.get("deniedReason"),
            corrections=corrections,
        )
        self._client.complete_job(self._find.job(values["jobSelector"]).job_key, result=result)

    def throw_bpmn_error_from_job(self, values: Mapping[str, Any]) -> None:
        """Throws an error from the first open job."""
        __tracebackhide__ = True
        self._client.throw_error(
            self._find.job(values["jobSelector"]).job_key,
            values["errorCode"],
            error_message=values.get("errorMessage"),
            variables=values.get("variables"),
        )

    def complete_user_task(self, values: Mapping[str, Any]) -> None:
        """Completes the first open user task."""
        __tracebackhide__ = True
        task = self._find.task(values["userTaskSelector"])
        self._client.complete_user_task(task.user_task_key, variables=self._data(values, task))

    def resolve_incident(self, values: Mapping[str, Any]) -> None:
        """Resolves the first active incident; a job of it gets a retry more."""
        __tracebackhide__ = True
        incident = self._find.incident(values["incidentSelector"])
        if incident.job_key and int(incident.job_key) > 0:
            job = next(iter(self._client.search_jobs(job_key=incident.job_key)), None)
            self._client.update_job_retries(incident.job_key, (job.retries if job else 0) + 1)
        self._client.resolve_incident(incident.incident_key)

    def update_variables(self, values: Mapping[str, Any]) -> None:
        """Sets variables of a process instance, or local ones of an element."""
        __tracebackhide__ = True
        selector = values["processInstanceSelector"]
        key = self._find.instance(selector)
        if "elementSelector" in values:
            element = self._models.id_of(selector["processDefinitionId"], values["elementSelector"])
            self._client.set_variables(self._find.element(key, element), values["variables"], local=True)
        else:
            self._client.set_variables(key, values["variables"])

    def publish_message(self, values: Mapping[str, Any]) -> None:
        """Publishes a message."""
        self._client.publish_message(
            values["name"],
            correlation_key=values.get("correlationKey", ""),
            time_to_live=values.get("timeToLive", 0) / 1000,
            message_id=values.get("messageId"),
            variables=values.get("variables"),
        )

    def correlate_message(self, values: Mapping[str, Any]) -> None:
        """Correlates a message with what waits for it."""
        self._client.correlate_message(
            name=values["name"],
            correlation_key=values.get("correlationKey", ""),
            variables=values.get("variables"),
        )

    def broadcast_signal(self, values: Mapping[str, Any]) -> None:
        """Broadcasts a signal."""
        self._client.broadcast_signal(values["signalName"], variables=values.get("variables"))

    def evaluate_decision(self, values: Mapping[str, Any]) -> None:
        """Evaluates a decision; ASSERT_DECISION sees it."""
        self._client.evaluate_decision(
            values["decisionDefinitionSelector"]["decisionDefinitionId"], variables=values.get("variables")
        )

    def evaluate_conditional_start_event(self, values: Mapping[str, Any]) -> None:
        """Starts the processes whose conditions hold."""
        found = self._client.evaluate_conditional(values["variables"])
        for each in found.process_instances:
            process = self._client.get_process_instance(each.process_instance_key, wait=self._source.patience)
            self._find.created.setdefault(process.process_definition_id, str(each.process_instance_key))

    def mock_job_worker_complete_job(self, values: Mapping[str, Any]) -> None:
        """Completes all jobs of a type."""
        given = values.get("variables", {})
        if values.get("useExampleData"):
            examples = self._models.examples()
            self._stage.complete(
                values["jobType"], lambda process, element: examples.get((process, element), {})
            )
        else:
            self._stage.complete(values["jobType"], lambda process, element: given)

    def mock_job_worker_throw_bpmn_error(self, values: Mapping[str, Any]) -> None:
        """Throws an error from all jobs of a type."""
        self._stage.throw(
            values["jobType"],
            values["errorCode"],
            values.get("errorMessage", ""),
            values.get("variables", {}),
        )

    def mock_child_process(self, values: Mapping[str, Any]) -> None:
        """Puts a process that ends at once in the place of another one."""
        self._stage.mock_process(values["processDefinitionId"], values.get("variables", {}))

    def mock_dmn_decision(self, values: Mapping[str, Any]) -> None:
        """Puts a decision that says always the same in the place of another one."""
        self._stage.mock_decision(values["decisionDefinitionId"], values.get("variables", {}))

    def increase_time(self, values: Mapping[str, Any]) -> None:
        """Moves the clock."""
        self._source.settle()
        self._stage.increase_time(values["duration"])

    def set_time(self, values: Mapping[str, Any]) -> None:
        """Stops the clock at a moment."""
        self._source.settle()
        self._stage.set_time(values["time"])
