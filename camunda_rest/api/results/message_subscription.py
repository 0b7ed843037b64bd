"""Answers: message subscription."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["CorrelatedMessageSubscription", "MessageSubscription"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelatedMessageSubscription:
    """CorrelatedMessageSubscriptionResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "businessId:s? correlationKey:s? correlationTime:t? elementId:s elementInstanceKey:k? messageKey:k messageName:s partitionId:i processDefinitionId:s processDefinitionKey:k processInstanceKey:k rootProcessInstanceKey:k? subscriptionKey:k tenantId:s"
    )

    business_id: str | None = None  #: since 8.10
    correlation_key: str | None = None
    correlation_time: datetime | None = None
    element_id: str = ""
    element_instance_key: str | None = None
    message_key: str = ""
    message_name: str = ""
    partition_id: int = 0
    process_definition_id: str = ""
    process_definition_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    subscription_key: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSubscription:
    """MessageSubscriptionResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "messageSubscriptionKey:k processDefinitionId:s processDefinitionKey:k? processInstanceKey:k? rootProcessInstanceKey:k? elementId:s elementInstanceKey:k? messageSubscriptionState:s lastUpdatedDate:t? messageName:s correlationKey:s? messageSubscriptionType:s? toolProperties:s{} processDefinitionName:s? processDefinitionVersion:i? toolName:s? inboundConnectorType:s? tenantId:s businessId:s?"
    )

    message_subscription_key: str = ""
    process_definition_id: str = ""
    process_definition_key: str | None = None
    process_instance_key: str | None = None
    root_process_instance_key: str | None = None  #: since 8.9
    element_id: str = ""
    element_instance_key: str | None = None
    message_subscription_state: words.MessageSubscriptionState = UNKNOWN
    last_updated_date: datetime | None = None
    message_name: str = ""
    correlation_key: str | None = None
    message_subscription_type: words.MessageSubscriptionType | None = None  #: since 8.10
    tool_properties: dict[str, str] = field(default_factory=dict)  #: since 8.10
    process_definition_name: str | None = None  #: since 8.10
    process_definition_version: int | None = None  #: since 8.10
    tool_name: str | None = None  #: since 8.10
    inbound_connector_type: str | None = None  #: since 8.10
    tenant_id: str = ""
    business_id: str | None = None  #: since 8.10
