"""Answers: job."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "ActivatedJob",
    "GlobalJobStatistics",
    "Job",
    "JobActivation",
    "JobErrorStatisticsItem",
    "JobTimeSeriesStatisticsItem",
    "JobTypeStatisticsItem",
    "JobWorkerStatisticsItem",
    "StatusMetric",
    "UserTaskProperties",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatedJob:
    """ActivatedJobResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "type:s processDefinitionId:s processDefinitionVersion:i elementId:s customHeaders:o worker:s retries:i deadline:i variables:o tenantId:s physicalTenantId:s? jobKey:k processInstanceKey:k processDefinitionKey:k elementInstanceKey:k kind:s listenerEventType:s userTask:*UserTaskProperties? tags:s[] rootProcessInstanceKey:k? businessId:s? priority:i? jobLeaseToken:s?"
    )

    type: str = ""  #: since 8.8
    process_definition_id: str = ""  #: since 8.8
    process_definition_version: int = 0  #: since 8.8
    element_id: str = ""  #: since 8.8
    custom_headers: dict[str, Any] = field(default_factory=dict)  #: since 8.8
    worker: str = ""  #: since 8.8
    retries: int = 0  #: since 8.8
    deadline: int = 0  #: since 8.8
    variables: dict[str, Any] = field(default_factory=dict)  #: since 8.8
    tenant_id: str = ""  #: since 8.8
    physical_tenant_id: str | None = None  #: since 8.10
    job_key: str = ""
    process_instance_key: str = ""  #: since 8.8
    process_definition_key: str = ""  #: since 8.8
    element_instance_key: str = ""  #: since 8.8
    kind: words.JobKind = UNKNOWN  #: since 8.8
    listener_event_type: words.JobListenerEventType = UNKNOWN  #: since 8.8
    user_task: UserTaskProperties | None = None  #: since 8.8
    tags: tuple[str, ...] = ()  #: since 8.8
    root_process_instance_key: str | None = None  #: since 8.9
    business_id: str | None = None  #: since 8.10
    priority: int | None = None  #: since 8.10
    job_lease_token: str | None = None  #: since 8.10


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalJobStatistics:
    """GlobalJobStatisticsQueryResult, since 8.9."""

    WIRE: ClassVar[str] = "created:*StatusMetric? completed:*StatusMetric? failed:*StatusMetric? isIncomplete:b"

    created: StatusMetric | None = None
    completed: StatusMetric | None = None
    failed: StatusMetric | None = None
    is_incomplete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """JobSearchResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "customHeaders:s{} deadline:t? deniedReason:s? elementId:s? elementInstanceKey:k endTime:t? errorCode:s? errorMessage:s? hasFailedWithRetriesLeft:b isDenied:b? jobKey:k kind:s listenerEventType:s processDefinitionId:s processDefinitionKey:k processInstanceKey:k rootProcessInstanceKey:k? businessId:s? retries:i state:s tenantId:s type:s worker:s creationTime:t? lastUpdateTime:t? priority:i?"
    )

    custom_headers: dict[str, str] = field(default_factory=dict)
    deadline: datetime | None = None
    denied_reason: str | None = None
    element_id: str | None = None
    element_instance_key: str = ""
    end_time: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    has_failed_with_retries_left: bool = False
    is_denied: bool | None = None
    job_key: str = ""
    kind: words.JobKind = UNKNOWN
    listener_event_type: words.JobListenerEventType = UNKNOWN
    process_definition_id: str = ""
    process_definition_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    business_id: str | None = None  #: since 8.10
    retries: int = 0
    state: words.JobState = UNKNOWN
    tenant_id: str = ""
    type: str = ""
    worker: str = ""
    creation_time: datetime | None = None  #: since 8.9
    last_update_time: datetime | None = None  #: since 8.9
    priority: int | None = None  #: since 8.10


@dataclass(frozen=True, slots=True, kw_only=True)
class JobActivation:
    """JobActivationResult, since 8.8."""

    WIRE: ClassVar[str] = "jobs:*ActivatedJob[]"

    jobs: tuple[ActivatedJob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobErrorStatisticsItem:
    """JobErrorStatisticsItem, since 8.9."""

    WIRE: ClassVar[str] = "errorCode:s errorMessage:s workers:i"

    error_code: str = ""
    error_message: str = ""
    workers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTimeSeriesStatisticsItem:
    """JobTimeSeriesStatisticsItem, since 8.9."""

    WIRE: ClassVar[str] = "time:t? created:*StatusMetric? completed:*StatusMetric? failed:*StatusMetric?"

    time: datetime | None = None
    created: StatusMetric | None = None
    completed: StatusMetric | None = None
    failed: StatusMetric | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTypeStatisticsItem:
    """JobTypeStatisticsItem, since 8.9."""

    WIRE: ClassVar[str] = "jobType:s created:*StatusMetric? completed:*StatusMetric? failed:*StatusMetric? workers:i"

    job_type: str = ""
    created: StatusMetric | None = None
    completed: StatusMetric | None = None
    failed: StatusMetric | None = None
    workers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWorkerStatisticsItem:
    """JobWorkerStatisticsItem, since 8.9."""

    WIRE: ClassVar[str] = "worker:s created:*StatusMetric? completed:*StatusMetric? failed:*StatusMetric?"

    worker: str = ""
    created: StatusMetric | None = None
    completed: StatusMetric | None = None
    failed: StatusMetric | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMetric:
    """StatusMetric, since 8.9."""

    WIRE: ClassVar[str] = "count:i lastUpdatedAt:t?"

    count: int = 0
    last_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTaskProperties:
    """UserTaskProperties, since 8.8."""

    WIRE: ClassVar[str] = (
        "action:s assignee:s? candidateGroups:s[] candidateUsers:s[] changedAttributes:s[] dueDate:s? followUpDate:s? formKey:k? priority:i? userTaskKey:k?"
    )

    action: str = ""
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    changed_attributes: tuple[str, ...] = ()
    due_date: str | None = None
    follow_up_date: str | None = None
    form_key: str | None = None
    priority: int | None = None
    user_task_key: str | None = None
