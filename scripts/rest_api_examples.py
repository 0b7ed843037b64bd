"""One example for each operation of the REST API, made from the contract: what its method needs, and what is done with its answer.

They are complete calls on a ``client``; tests check their types and run them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.generate_rest_api import Contract, Type, snake

__all__ = ["KEY", "example"]

KEY = "2251799813685249"

#: Where what the contract needs is no good example.
_OWN = {
    "searchUserTasks": 'for task in client.search_user_tasks(state="CREATED", sort="-due_date", limit=50):\n'
    "    print(task.user_task_key, task.name, task.due_date)",
    "searchVariables": f'for variable in client.search_variables(process_instance_key="{KEY}", truncate_values=False):\n'
    "    print(variable.name, variable.value)",
    "searchIncidents": 'for incident in client.search_incidents(state="ACTIVE", sort="-creation_time"):\n'
    "    print(incident.incident_key, incident.error_message)",
    "updateUserTask": f'client.update_user_task("{KEY}", changeset={{"priority": 80}})',
    "assignUserTask": f'client.assign_user_task("{KEY}", assignee="ann")',
    "completeUserTask": f'client.complete_user_task("{KEY}", variables={{"approved": True}})',
    "updateAgentInstance": f'client.update_agent_instance("{KEY}", element_instance_key="{KEY}", status="IDLE")',
    "createDocument": 'document = client.create_document(b"the content", metadata={"file_name": "report.txt"})\n'
    "print(document.document_id)",
    "createDocuments": 'created = client.create_documents([b"one", b"two"])\n'
    "print(created.created_documents, created.failed_documents)",
    "getDocument": 'client.get_document("d-1").save("report.txt")',
    "evaluateExpression": 'found = client.evaluate_expression(expression="=1 + 2")\nprint(found.result)',
    # the twins of RPCs
    "activateJobs": 'for job in client.activate_jobs("charge-card", max_jobs_to_activate=5, job_timeout=60):\n'
    '    client.complete_job(job.job_key, {"paid": True})',
    "broadcastSignal": 'client.broadcast_signal("stop", variables={"reason": "holiday"})',
    "cancelProcessInstance": f'client.cancel_process_instance("{KEY}")',
    "completeJob": f'client.complete_job("{KEY}", {{"paid": True}})',
    "createDeployment": 'deployed = client.deploy_resource("order.bpmn")\nprint(deployed.deployment_key)',
    "createElementInstanceVariables": f'client.set_variables("{KEY}", {{"total": 12}})',
    "createProcessInstance": 'started = client.create_process_instance("order", variables={"total": 12})\n'
    "print(started.process_instance_key)",
    "deleteResource": f'client.delete_resource("{KEY}")',
    "evaluateConditionals": 'client.evaluate_conditional({"temperature": 31})',
    "evaluateDecision": 'found = client.evaluate_decision("discount", variables={"total": 120})\nprint(found.output)',
    "failJob": f'client.fail_job("{KEY}", retries=2, error_message="try again")',
    "getTopology": "print(client.topology().gateway_version)",
    "migrateProcessInstance": "from bridge.models import MappingInstruction\n\n"
    f'client.migrate_process_instance(\n    "{KEY}",\n    target_process_definition_key="2251799813685250",\n'
    '    mapping_instructions=[MappingInstruction("old", "new")],\n)',
    "modifyProcessInstance": "from bridge.models import ActivateInstruction\n\n"
    f'client.modify_process_instance("{KEY}", activate_instructions=[ActivateInstruction("check")])',
    "publishMessage": 'client.publish_message("paid", correlation_key="order-1", time_to_live=60)',
    "resolveIncident": f'client.resolve_incident("{KEY}")',
    "throwJobError": f'client.throw_error("{KEY}", error_code="NOT_PAID")',
    "updateJob": f'client.update_job_retries("{KEY}", 3)',
}  # fmt: skip

_TEXTS = {
    "username": "ann",
    "assignee": "ann",
    "tenantId": "sales",
    "groupId": "support",
    "roleId": "reader",
    "documentId": "d-1",
    "email": "ann@example.com",
    "password": "a-good-one",
    "name": "total",
    "processDefinitionId": "order",
    "elementId": "check",
    "expression": "=1 + 2",
    "claimName": "groups",
    "claimValue": "support",
    "storeId": "in-memory",
    "contentType": "TEXT",
    "startDate": "2026-01-01",
}


def example(contract: Contract, name: str) -> str:
    """The call of an operation, as code that has a ``client``."""
    if name in _OWN:
        return _OWN[name]
    facts = contract.operations[name]
    places = [_value(contract, wire, Type.of(text)) for wire, text in facts.get("params", {}).items()]
    call = f"client.{snake(name)}"
    inner = [*places, *_named(contract, name, facts)]
    if "page" in facts:
        return _loop(contract, facts, f"{call}({', '.join([*inner, 'limit=10'])})")
    text = f"{call}({', '.join(inner)})"
    media, _ = contract.answer(facts)
    if media == "none":
        return text
    if media == "binary":
        return f'{text}.save("content.bin")'
    return f"found = {text}\nprint(found)"


def _loop(contract: Contract, facts: dict[str, Any], call: str) -> str:
    answer = Type.of(contract.answer(facts)[1])
    item = contract.wrapper(answer.name)
    assert item is not None
    fields = contract.fields(contract.resolve(item).name)
    key = next((wire for wire in fields if wire.endswith(("Key", "Id", "username"))), next(iter(fields)))
    return f"for found in {call}:\n    print(found.{snake(key)})"


def _named(contract: Contract, name: str, facts: dict[str, Any]) -> Iterator[str]:
    """The arguments that a method cannot do without."""
    if "body" in facts:
        body = Type.of(facts["body"])
        if body.list or body.name not in contract.schemas:
            yield f"body={_value(contract, 'body', body)}"
        else:
            skip = {"page", "sort", "filter"} if "page" in facts or "filter" in facts else set()
            needed = [
                (wire, type_)
                for wire, type_ in contract.fields(body.name).items()
                if type_.required and wire not in skip
            ]
            for wire, type_ in needed:
                yield f"{snake(wire)}={_value(contract, wire, type_)}"
    for wire, text in facts.get("query", {}).items():
        if text.endswith("!"):
            yield f"{snake(wire)}={_value(contract, wire, Type.of(text))}"
    if "filter" in facts:
        fields = contract.fields(facts["filter"])
        needed = [(wire, type_) for wire, type_ in fields.items() if type_.required]
        if not needed and "page" not in facts:
            preferred = ("processDefinitionId", "state", *fields)
            needed = [next((wire, fields[wire]) for wire in preferred if wire in fields)]
        for wire, type_ in needed:
            yield f"{snake(wire)}={_value(contract, wire, type_)}"


def _value(contract: Contract, wire: str, type_: Type, depth: int = 0) -> str:
    """A value as it stands in code."""
    resolved = contract.resolve(type_)
    if resolved.list:
        return f"[{_value(contract, wire, resolved._replace(list=False), depth)}]"
    kind = contract.kind(resolved)
    if kind == "filter":
        inner = Type.of(contract.schemas[resolved.name]["filter"])
        return _value(contract, wire, inner, depth)
    if kind == "enum":
        return f'"{contract.schemas[resolved.name]["enum"][0]}"'
    if kind in ("object_of", "union"):
        assert depth < 5, wire
        given = contract.fields(resolved.name).items()
        parts = (
            f'"{snake(name)}": {_value(contract, name, field, depth + 1)}'
            for name, field in given
            if field.required
        )
        return f"{{{', '.join(parts)}}}"
    plain = {
        "key": f'"{KEY}"',
        "int": "1",
        "long": "1",
        "float": "1.0",
        "bool": "True",
        "datetime": '"2026-01-01T00:00:00Z"',
        "date": '"2026-01-01"',
        "any": '"dark"',
        "object": '{"total": 12}',
        "binary": 'b"the content"',
    }
    if kind != "string":
        return plain[kind]
    if wire.endswith("Key"):
        return f'"{KEY}"'
    return f'"{_TEXTS.get(wire, snake(wire).replace("_", "-"))}"'
