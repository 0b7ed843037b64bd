"""Answers: element instance."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "ConditionWaitStateDetails",
    "ElementInstance",
    "ElementInstanceWaitState",
    "Incident",
    "JobWaitStateDetails",
    "MessageWaitStateDetails",
    "SignalWaitStateDetails",
    "TimerWaitStateDetails",
    "UserTaskWaitStateDetails",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionWaitStateDetails:
    """ConditionWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s expression:s events:s[]"

    wait_state_type: str = ""
    expression: str = ""
    events: tuple[words.ConditionWaitStateDetailsEventsItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementInstance:
    """ElementInstanceResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s startDate:t? endDate:t? elementId:s elementName:s type:s state:s hasIncident:b tenantId:s elementInstanceKey:k processInstanceKey:k rootProcessInstanceKey:k? processDefinitionKey:k incidentKey:k?"
    )

    process_definition_id: str = ""
    start_date: datetime | None = None
    end_date: datetime | None = None
    element_id: str = ""
    element_name: str = ""
    type: words.ElementInstanceResultType = UNKNOWN
    state: words.ElementInstanceState = UNKNOWN
    has_incident: bool = False
    tenant_id: str = ""
    element_instance_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    process_definition_key: str = ""
    incident_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementInstanceWaitState:
    """ElementInstanceWaitStateResult, since 8.10."""

    WIRE: ClassVar[str] = (
        "rootProcessInstanceKey:k? processInstanceKey:k elementInstanceKey:k elementId:s elementType:s tenantId:s bpmnProcessId:s details:<waitStateType|JOB=JobWaitStateDetails|MESSAGE=MessageWaitStateDetails|USER_TASK=UserTaskWaitStateDetails|TIMER=TimerWaitStateDetails|SIGNAL=SignalWaitStateDetails|CONDITION=ConditionWaitStateDetails>?"
    )

    root_process_instance_key: str | None = None
    process_instance_key: str = ""
    element_instance_key: str = ""
    element_id: str = ""
    element_type: words.WaitStateElementType = UNKNOWN
    tenant_id: str = ""
    bpmn_process_id: str = ""
    details: (
        ConditionWaitStateDetails
        | JobWaitStateDetails
        | MessageWaitStateDetails
        | SignalWaitStateDetails
        | TimerWaitStateDetails
        | UserTaskWaitStateDetails
        | dict[str, Any]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """IncidentResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s errorType:s errorMessage:s elementId:s creationTime:t? state:s tenantId:s incidentKey:k processDefinitionKey:k processInstanceKey:k rootProcessInstanceKey:k? elementInstanceKey:k jobKey:k?"
    )

    process_definition_id: str = ""
    error_type: words.IncidentErrorType = UNKNOWN
    error_message: str = ""
    element_id: str = ""  #: since 8.8
    creation_time: datetime | None = None
    state: words.IncidentState = UNKNOWN
    tenant_id: str = ""
    incident_key: str = ""  #: since 8.8
    process_definition_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    element_instance_key: str = ""  #: since 8.8
    job_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWaitStateDetails:
    """JobWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s jobKey:k jobType:s jobKind:s listenerEventType:s? retries:i?"

    wait_state_type: str = ""
    job_key: str = ""
    job_type: str = ""
    job_kind: words.JobKind = UNKNOWN
    listener_event_type: words.JobListenerEventType | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWaitStateDetails:
    """MessageWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s messageName:s correlationKey:s?"

    wait_state_type: str = ""
    message_name: str = ""
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWaitStateDetails:
    """SignalWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s signalName:s"

    wait_state_type: str = ""
    signal_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerWaitStateDetails:
    """TimerWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s dueDate:i? repetitions:i?"

    wait_state_type: str = ""
    due_date: int | None = None
    repetitions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTaskWaitStateDetails:
    """UserTaskWaitStateDetails, since 8.10."""

    WIRE: ClassVar[str] = "waitStateType:s taskKey:k dueDate:t?"

    wait_state_type: str = ""
    task_key: str = ""
    due_date: datetime | None = None
