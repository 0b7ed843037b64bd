"""Arguments that are dictionaries."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing_extensions import Required

    from camunda_core.deadline import Duration
    from camunda_rest._request import Key
    from camunda_rest.api import words


class AdHocSubProcessActivateActivityReference(TypedDict, total=False):
    """AdHocSubProcessActivateActivityReference."""

    element_id: Required[str]
    variables: Mapping[str, Any]


class AgentInstanceHistoryItem(TypedDict, total=False):
    """AgentInstanceHistoryItem."""

    history_item_id: Required[str]
    loop_iteration: Required[int]
    role: Required[words.AgentInstanceHistoryRole]
    content: Required[Sequence[AgentInstanceMessageContent]]
    tool_calls: Sequence[AgentInstanceToolCall]
    metrics: AgentInstanceHistoryItemMetrics
    produced_at: Required[datetime | str]
    tools: Sequence[AgentTool]
    model: str
    provider: str
    limits: AgentInstanceLimits
    system_prompt: Sequence[AgentInstanceMessageContent]


class AgentInstanceHistoryItemMetrics(TypedDict, total=False):
    """AgentInstanceHistoryItemMetrics."""

    input_tokens: Required[int]
    output_tokens: Required[int]
    duration_ms: Required[int]
    cache_creation_token_count: int
    cache_read_token_count: int
    reasoning_token_count: int


class AgentInstanceLimits(TypedDict, total=False):
    """AgentInstanceLimits."""

    max_model_calls: Required[int]
    max_tool_calls: Required[int]
    max_tokens: Required[int]


class AgentInstanceMessageContent(TypedDict, total=False):
    """AgentInstanceMessageContent."""

    content_type: Required[str]
    text: str
    document_reference: DocumentReference
    object: Any


class AgentInstanceToolCall(TypedDict, total=False):
    """AgentInstanceToolCall."""

    tool_call_id: Required[str]
    tool_name: Required[str]
    element_id: Required[str]
    arguments: Required[Mapping[str, Any]]


class AgentTool(TypedDict, total=False):
    """AgentTool."""

    name: Required[str]
    description: Required[str]
    element_id: Required[str]


class Changeset(TypedDict, total=False):
    """Changeset."""

    due_date: datetime | str
    follow_up_date: datetime | str
    candidate_users: Sequence[str]
    candidate_groups: Sequence[str]
    priority: int


class DocumentMetadata(TypedDict, total=False):
    """DocumentMetadata."""

    content_type: str
    file_name: str
    expires_at: datetime | str
    size: int
    process_definition_id: str
    process_instance_key: Key
    custom_properties: Mapping[str, Any]


class DocumentMetadataResponse(TypedDict, total=False):
    """DocumentMetadataResponse."""

    content_type: Required[str]
    file_name: Required[str]
    expires_at: Required[datetime | str]
    size: Required[int]
    process_definition_id: Required[str]
    process_instance_key: Required[Key]
    custom_properties: Required[Mapping[str, Any]]


class DocumentReference(TypedDict, total=False):
    """DocumentReference."""

    camunda_document_type: Required[words.DocumentReferenceCamundadocumenttype]
    store_id: Required[str]
    document_id: Required[str]
    content_hash: Required[str]
    metadata: Required[DocumentMetadataResponse]


class JobChangeset(TypedDict, total=False):
    """JobChangeset."""

    retries: int
    timeout: Duration
    priority: int


class MigrateProcessInstanceMappingInstruction(TypedDict, total=False):
    """MigrateProcessInstanceMappingInstruction."""

    source_element_id: Required[str]
    target_element_id: Required[str]


class ProcessInstanceMigrationBatchOperationPlan(TypedDict, total=False):
    """ProcessInstanceMigrationBatchOperationPlan."""

    target_process_definition_key: Required[Key]
    mapping_instructions: Required[Sequence[MigrateProcessInstanceMappingInstruction]]


class ProcessInstanceModificationMoveBatchOperationInstruction(TypedDict, total=False):
    """ProcessInstanceModificationMoveBatchOperationInstruction."""

    source_element_id: Required[str]
    target_element_id: Required[str]


class Restore(TypedDict, total=False):
    """RestoreRequest."""

    from_: datetime | str
    to: datetime | str
    backup_ids: Sequence[int]
