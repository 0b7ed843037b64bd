"""The operations of the published REST API that this gateway has not: it says so (501), where
an unknown path is 404.
"""

from __future__ import annotations

from collections.abc import Iterator

from camunda_embedded._servers.rest.reading import match_path

__all__ = ["ABSENT", "absent_methods"]

Version = tuple[int, int]

#: By the line that they came in: methods and path.
_SINCE: dict[Version, str] = {
    (8, 6): """
    POST /decision-definitions/search
    GET /decision-definitions/{decisionDefinitionKey}/xml
    POST /decision-instances/search
    POST /decision-requirements/search
    POST /documents
    DELETE GET /documents/{documentId}
    POST /documents/{documentId}/links
    POST /incidents/search
    GET /incidents/{incidentKey}
    GET /license
    POST /process-instances/search
    POST /user-tasks/search
    POST /users
    POST /users/search
    """,
    (8, 8): """
    GET /authentication/me
    POST /authorizations
    POST /authorizations/search
    DELETE GET PUT /authorizations/{authorizationKey}
    POST /batch-operation-items/search
    POST /batch-operations/search
    GET /batch-operations/{batchOperationKey}
    POST /batch-operations/{batchOperationKey}/cancellation
    POST /batch-operations/{batchOperationKey}/resumption
    POST /batch-operations/{batchOperationKey}/suspension
    POST /correlated-message-subscriptions/search
    GET /decision-definitions/{decisionDefinitionKey}
    GET /decision-instances/{decisionEvaluationInstanceKey}
    GET /decision-requirements/{decisionRequirementsKey}
    GET /decision-requirements/{decisionRequirementsKey}/xml
    POST /documents/batch
    POST /element-instances/search
    GET /element-instances/{elementInstanceKey}
    POST /groups
    POST /groups/search
    DELETE GET PUT /groups/{groupId}
    POST /groups/{groupId}/clients/search
    DELETE PUT /groups/{groupId}/clients/{clientId}
    POST /groups/{groupId}/mapping-rules/search
    DELETE PUT /groups/{groupId}/mapping-rules/{mappingRuleId}
    POST /groups/{groupId}/roles/search
    POST /groups/{groupId}/users/search
    DELETE PUT /groups/{groupId}/users/{username}
    POST /jobs/search
    POST /mapping-rules
    POST /mapping-rules/search
    DELETE GET PUT /mapping-rules/{mappingRuleId}
    POST /message-subscriptions/search
    POST /process-definitions/search
    GET /process-definitions/{processDefinitionKey}
    GET /process-definitions/{processDefinitionKey}/form
    POST /process-definitions/{processDefinitionKey}/statistics/element-instances
    GET /process-definitions/{processDefinitionKey}/xml
    POST /process-instances/cancellation
    POST /process-instances/incident-resolution
    POST /process-instances/migration
    POST /process-instances/modification
    GET /process-instances/{processInstanceKey}
    GET /process-instances/{processInstanceKey}/call-hierarchy
    POST /process-instances/{processInstanceKey}/incidents/search
    GET /process-instances/{processInstanceKey}/sequence-flows
    GET /process-instances/{processInstanceKey}/statistics/element-instances
    GET /resources/{resourceKey}
    GET /resources/{resourceKey}/content
    POST /roles
    POST /roles/search
    DELETE GET PUT /roles/{roleId}
    POST /roles/{roleId}/clients/search
    DELETE PUT /roles/{roleId}/clients/{clientId}
    POST /roles/{roleId}/groups/search
    DELETE PUT /roles/{roleId}/groups/{groupId}
    POST /roles/{roleId}/mapping-rules/search
    DELETE PUT /roles/{roleId}/mapping-rules/{mappingRuleId}
    POST /roles/{roleId}/users/search
    DELETE PUT /roles/{roleId}/users/{username}
    POST /setup/user
    GET /system/usage-metrics
    POST /tenants
    POST /tenants/search
    DELETE GET PUT /tenants/{tenantId}
    POST /tenants/{tenantId}/clients/search
    DELETE PUT /tenants/{tenantId}/clients/{clientId}
    POST /tenants/{tenantId}/groups/search
    DELETE PUT /tenants/{tenantId}/groups/{groupId}
    POST /tenants/{tenantId}/mapping-rules/search
    DELETE PUT /tenants/{tenantId}/mapping-rules/{mappingRuleId}
    POST /tenants/{tenantId}/roles/search
    DELETE PUT /tenants/{tenantId}/roles/{roleId}
    POST /tenants/{tenantId}/users/search
    DELETE PUT /tenants/{tenantId}/users/{username}
    GET /user-tasks/{userTaskKey}
    GET /user-tasks/{userTaskKey}/form
    POST /user-tasks/{userTaskKey}/variables/search
    DELETE GET PUT /users/{username}
    POST /variables/search
    GET /variables/{variableKey}
    """,
}


def _operations(text: str) -> Iterator[tuple[str, str]]:
    for line in text.strip().splitlines():
        *methods, path = line.split()
        for method in methods:
            yield method, path


#: Line → the methods and paths that it publishes and this gateway has not.
ABSENT: dict[Version, tuple[tuple[str, str], ...]] = {
    line: tuple(each for since, text in _SINCE.items() if since <= line for each in _operations(text))
    for line in _SINCE
}


def absent_methods(line: Version, path: str) -> set[str]:
    """The methods with which a path (without its prefix) is an operation that this gateway has not."""
    return {method for method, template in ABSENT[line] if match_path(template, path) is not None}
