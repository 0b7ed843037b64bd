"""Answers: agent instance."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "AgentInstance",
    "AgentInstanceCreatedHistoryItem",
    "AgentInstanceCreation",
    "AgentInstanceDefinition",
    "AgentInstanceDocumentContent",
    "AgentInstanceHistoryItem",
    "AgentInstanceHistoryItemMetrics",
    "AgentInstanceLimits",
    "AgentInstanceMetrics",
    "AgentInstanceObjectContent",
    "AgentInstanceTextContent",
    "AgentInstanceToolCall",
    "AgentInstanceUpdate",
    "AgentTool",
    "DocumentMetadata",
    "DocumentReference",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstance:
    """AgentInstanceResult, since 8.10."""

    WIRE: ClassVar[str] = (
        "agentInstanceKey:k agentDefinitionKey:k status:s definition:*AgentInstanceDefinition? metrics:*AgentInstanceMetrics? limits:*AgentInstanceLimits? tools:*AgentTool[] elementId:s processInstanceKey:k rootProcessInstanceKey:k processDefinitionKey:k processDefinitionId:s processDefinitionVersion:i processDefinitionVersionTag:s? tenantId:s creationDate:t? lastUpdatedDate:t? completionDate:t? elementInstanceKeys:k[]"
    )

    agent_instance_key: str = ""
    agent_definition_key: str = ""
    status: words.AgentInstanceStatus = UNKNOWN
    definition: AgentInstanceDefinition | None = None
    metrics: AgentInstanceMetrics | None = None
    limits: AgentInstanceLimits | None = None
    tools: tuple[AgentTool, ...] = ()
    element_id: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str = ""
    process_definition_key: str = ""
    process_definition_id: str = ""
    process_definition_version: int = 0
    process_definition_version_tag: str | None = None
    tenant_id: str = ""
    creation_date: datetime | None = None
    last_updated_date: datetime | None = None
    completion_date: datetime | None = None
    element_instance_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceCreatedHistoryItem:
    """AgentInstanceCreatedHistoryItem, since 8.10."""

    WIRE: ClassVar[str] = "historyItemId:s historyItemKey:k isDuplicate:b"

    history_item_id: str = ""
    history_item_key: str = ""
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceCreation:
    """AgentInstanceCreationResult, since 8.10."""

    WIRE: ClassVar[str] = "agentInstanceKey:k createdHistory:*AgentInstanceCreatedHistoryItem[]"

    agent_instance_key: str = ""
    created_history: tuple[AgentInstanceCreatedHistoryItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceDefinition:
    """AgentInstanceDefinitionResult, since 8.10."""

    WIRE: ClassVar[str] = (
        "model:s provider:s systemPrompt:<contentType|TEXT=AgentInstanceTextContent|DOCUMENT=AgentInstanceDocumentContent|OBJECT=AgentInstanceObjectContent>[]"
    )

    model: str = ""
    provider: str = ""
    system_prompt: tuple[AgentInstanceDocumentContent | AgentInstanceObjectContent | AgentInstanceTextContent | dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceDocumentContent:
    """AgentInstanceDocumentContent, since 8.10."""

    WIRE: ClassVar[str] = "contentType:s documentReference:*DocumentReference?"

    content_type: str = ""
    document_reference: DocumentReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceHistoryItem:
    """AgentInstanceHistoryItemResult, since 8.10."""

    WIRE: ClassVar[str] = (
        "historyItemKey:k historyItemId:s agentInstanceKey:k elementInstanceKey:k jobKey:k loopIteration:i role:s content:<contentType|TEXT=AgentInstanceTextContent|DOCUMENT=AgentInstanceDocumentContent|OBJECT=AgentInstanceObjectContent>[] toolCalls:*AgentInstanceToolCall[] metrics:*AgentInstanceHistoryItemMetrics? commitStatus:s producedAt:t? tools:*AgentTool[] model:s? provider:s? limits:*AgentInstanceLimits? systemPrompt:<contentType|TEXT=AgentInstanceTextContent|DOCUMENT=AgentInstanceDocumentContent|OBJECT=AgentInstanceObjectContent>[] jobLeaseToken:s"
    )

    history_item_key: str = ""
    history_item_id: str = ""
    agent_instance_key: str = ""
    element_instance_key: str = ""
    job_key: str = ""
    loop_iteration: int = 0
    role: words.AgentInstanceHistoryRole = UNKNOWN
    content: tuple[AgentInstanceDocumentContent | AgentInstanceObjectContent | AgentInstanceTextContent | dict[str, Any], ...] = ()
    tool_calls: tuple[AgentInstanceToolCall, ...] = ()
    metrics: AgentInstanceHistoryItemMetrics | None = None
    commit_status: words.AgentInstanceHistoryCommitStatus = UNKNOWN
    produced_at: datetime | None = None
    tools: tuple[AgentTool, ...] = ()
    model: str | None = None
    provider: str | None = None
    limits: AgentInstanceLimits | None = None
    system_prompt: tuple[AgentInstanceDocumentContent | AgentInstanceObjectContent | AgentInstanceTextContent | dict[str, Any], ...] = ()
    job_lease_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceHistoryItemMetrics:
    """AgentInstanceHistoryItemMetrics, since 8.10."""

    WIRE: ClassVar[str] = "inputTokens:i? outputTokens:i? durationMs:i? cacheCreationTokenCount:i cacheReadTokenCount:i reasoningTokenCount:i"

    input_tokens: int | None = None
    output_tokens: int | None = None
    duration_ms: int | None = None
    cache_creation_token_count: int = 0
    cache_read_token_count: int = 0
    reasoning_token_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceLimits:
    """AgentInstanceLimits, since 8.10."""

    WIRE: ClassVar[str] = "maxModelCalls:i maxToolCalls:i maxTokens:i"

    max_model_calls: int = 0
    max_tool_calls: int = 0
    max_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceMetrics:
    """AgentInstanceMetrics, since 8.10."""

    WIRE: ClassVar[str] = "inputTokens:i outputTokens:i modelCalls:i toolCalls:i cacheCreationTokenCount:i cacheReadTokenCount:i reasoningTokenCount:i"

    input_tokens: int = 0
    output_tokens: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    cache_creation_token_count: int = 0
    cache_read_token_count: int = 0
    reasoning_token_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceObjectContent:
    """AgentInstanceObjectContent, since 8.10."""

    WIRE: ClassVar[str] = "contentType:s object:a"

    content_type: str = ""
    object: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceTextContent:
    """AgentInstanceTextContent, since 8.10."""

    WIRE: ClassVar[str] = "contentType:s text:s"

    content_type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceToolCall:
    """AgentInstanceToolCall, since 8.10."""

    WIRE: ClassVar[str] = "toolCallId:s toolName:s elementId:s? arguments:o?"

    tool_call_id: str = ""
    tool_name: str = ""
    element_id: str | None = None
    arguments: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstanceUpdate:
    """AgentInstanceUpdateResult, since 8.10."""

    WIRE: ClassVar[str] = "createdHistory:*AgentInstanceCreatedHistoryItem[]"

    created_history: tuple[AgentInstanceCreatedHistoryItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTool:
    """AgentTool, since 8.10."""

    WIRE: ClassVar[str] = "name:s description:s? elementId:s?"

    name: str = ""
    description: str | None = None
    element_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMetadata:
    """DocumentMetadataResponse, since 8.7."""

    WIRE: ClassVar[str] = "contentType:s fileName:s expiresAt:t? size:i processDefinitionId:s? processInstanceKey:k? customProperties:o"

    content_type: str = ""
    file_name: str = ""
    expires_at: datetime | None = None
    size: int = 0
    process_definition_id: str | None = None
    process_instance_key: str | None = None
    custom_properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """DocumentReference, since 8.6."""

    WIRE: ClassVar[str] = "camunda.document.type:s storeId:s documentId:s contentHash:s? metadata:*DocumentMetadata?"

    camunda_document_type: words.DocumentReferenceCamundadocumenttype = UNKNOWN  #: since 8.7
    store_id: str = ""
    document_id: str = ""
    content_hash: str | None = None  #: since 8.7
    metadata: DocumentMetadata | None = None
