"""Answers: batch operation."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["BatchOperation", "BatchOperationError", "BatchOperationItem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOperation:
    """BatchOperationResponse, since 8.8."""

    WIRE: ClassVar[str] = (
        "batchOperationKey:s state:s batchOperationType:s startDate:t? endDate:t? actorType:s? actorId:s? operationsTotalCount:i operationsFailedCount:i operationsCompletedCount:i errors:*BatchOperationError[]"
    )

    batch_operation_key: str = ""
    state: words.BatchOperationState = UNKNOWN
    batch_operation_type: words.BatchOperationType = UNKNOWN
    start_date: datetime | None = None
    end_date: datetime | None = None
    actor_type: words.AuditLogActorType | None = None  #: since 8.9
    actor_id: str | None = None  #: since 8.9
    operations_total_count: int = 0
    operations_failed_count: int = 0
    operations_completed_count: int = 0
    errors: tuple[BatchOperationError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOperationError:
    """BatchOperationError, since 8.8."""

    WIRE: ClassVar[str] = "partitionId:i type:s message:s"

    partition_id: int = 0
    type: words.BatchOperationErrorType = UNKNOWN
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOperationItem:
    """BatchOperationItemResponse, since 8.8."""

    WIRE: ClassVar[str] = (
        "operationType:s batchOperationKey:s itemKey:s processInstanceKey:k? rootProcessInstanceKey:k? state:s processedDate:t? errorMessage:s?"
    )

    operation_type: words.BatchOperationType = UNKNOWN
    batch_operation_key: str = ""
    item_key: str = ""
    process_instance_key: str | None = None
    root_process_instance_key: str | None = None  #: since 8.9
    state: words.BatchOperationItemResponseState = UNKNOWN
    processed_date: datetime | None = None
    error_message: str | None = None
