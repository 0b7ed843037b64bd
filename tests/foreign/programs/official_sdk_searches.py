"""The flows of searching and of what only REST has, with the official Python SDK; ``official_sdk_client.py`` plays them."""

import io

from camunda_orchestration_sdk import models
from camunda_orchestration_sdk.types import File


def _request(name, older, given):
    """A request of the class of that name, which the SDK of 9 calls otherwise."""
    return (getattr(models, name, None) or getattr(models, older)).from_dict(given)


def flows(told, client, create, job, refused):
    """The flows by name; the last four are what the other flows are made of."""
    files, names = told["files"], told["names"]

    def of(instance, **more):
        return {"filter": {"processInstanceKey": str(instance), **more}}

    def cancel(key):
        kind = getattr(models, "CancelProcessInstanceData", None) or models.CancelProcessInstanceRequest
        client.cancel_process_instance(key, data=kind())

    def instances_of(given):
        return client.search_process_instances(data=models.ProcessInstanceSearchQuery.from_dict(given))

    def definitions():
        wanted = {"filter": {"processDefinitionId": names["order"]}}
        found = client.search_process_definitions(data=models.ProcessDefinitionSearchQuery.from_dict(wanted))
        (first,) = found.items
        again = client.get_process_definition(first.process_definition_key)
        xml = client.get_process_definition_xml(first.process_definition_key)
        return {
            "name": first.name,
            "version": first.version,
            "file": again.resource_name.rpartition("/")[2],
            "xml": names["order"] in xml,
        }

    def instances():
        keys = [create(names["order"], {}).process_instance_key for _ in range(2)]
        wanted = {"filter": {"processInstanceKey": {"$in": keys}, "state": "ACTIVE"}}
        page = instances_of(
            {**wanted, "sort": [{"field": "processInstanceKey", "order": "DESC"}], "page": {"limit": 1}}
        )
        (last,) = page.items
        got = client.get_process_instance(keys[0])
        for key in keys:
            cancel(key)
        return {
            "total": page.page.total_items,
            "newest": last.process_instance_key == keys[1],
            "process": got.process_definition_id,
            "state": str(got.state.value),
            "left": len(instances_of(wanted).items),
        }

    def elements():
        key = create(names["empty"], {}).process_instance_key
        found = client.search_element_instances(data=models.ElementInstanceSearchQuery.from_dict(of(key)))
        one = client.get_element_instance(found.items[0].element_instance_key)
        assert one.process_instance_key == key
        rows = [[e.element_id, str(e.type_.value), str(e.state.value)] for e in found.items]
        return sorted(row for row in rows if row[0] != names["empty"])

    def found_variables():
        key = create(names["waits"], {"orderId": "o-3", "n": 1}).process_instance_key
        wanted = of(key, name={"$like": "*"})
        found = client.search_variables(data=_request("VariableSearchQuery", "SearchVariablesData", wanted))
        one = client.get_variable(found.items[0].variable_key)
        cancel(key)
        return [sorted([v.name, v.value] for v in found.items), one.name == found.items[0].name]

    def incidents():
        key = create(names["order"], {}).process_instance_key
        failed = {"retries": 0, "errorMessage": "no"}
        client.fail_job(job(names["charge"]).job_key, data=models.JobFailRequest.from_dict(failed))
        wanted = models.IncidentSearchQuery.from_dict(of(key, state="ACTIVE"))
        (incident,) = client.search_incidents(data=wanted).items
        (its_job,) = client.search_jobs(data=models.JobSearchQuery.from_dict(of(key))).items
        before = client.get_process_instance(key).has_incident
        update = models.JobUpdateRequest.from_dict({"changeset": {"retries": 1}})
        client.update_job(its_job.job_key, data=update)
        client.resolve_incident(incident.incident_key)
        after = client.get_incident(incident.incident_key)
        has_incident = client.get_process_instance(key).has_incident
        cancel(key)
        return {
            "type": str(incident.error_type.value),
            "element": incident.element_id,
            "job": [str(its_job.state.value), its_job.retries],
            "instance": [before, has_incident],
            "resolved": str(after.state.value),
        }

    def user_tasks():
        client.deploy_resources_from_files([files["approval"]])
        key = create(names["approval"], {"sum": 7}).process_instance_key
        wanted = models.UserTaskSearchQuery.from_dict(of(key, state="CREATED"))
        (task,) = client.search_user_tasks(data=wanted).items
        assign = models.UserTaskAssignmentRequest.from_dict({"assignee": "bob", "allowOverride": True})
        client.assign_user_task(task.user_task_key, data=assign)
        mine = models.UserTaskSearchQuery.from_dict(of(key, assignee="bob"))
        seen = client.search_user_task_variables(
            task.user_task_key,
            data=_request("UserTaskVariableSearchQueryRequest", "SearchUserTaskVariablesData", {}),
        )
        assigned = len(client.search_user_tasks(data=mine).items)
        done = models.UserTaskCompletionRequest.from_dict({"variables": {"ok": True}})
        client.complete_user_task(task.user_task_key, data=done)
        return {
            "assignee": task.assignee,
            "groups": list(task.candidate_groups),
            "assigned": assigned,
            "variables": [[each.name, each.value] for each in seen.items],
            "state": str(client.get_user_task(task.user_task_key).state.value),
            "instance": str(client.get_process_instance(key).state.value),
        }

    def evaluations():
        wanted = {"filter": {"decisionDefinitionId": names["decision"]}}
        (known,) = client.search_decision_definitions(
            data=models.DecisionDefinitionSearchQuery.from_dict(wanted)
        ).items
        got = client.get_decision_definition(known.decision_definition_key)
        data = {"decisionDefinitionId": names["decision"], "variables": {"amount": 120}}
        client.evaluate_decision(data=models.DecisionEvaluationByID.from_dict(data))
        wanted |= {"sort": [{"field": "evaluationDate", "order": "DESC"}], "page": {"limit": 100}}
        found = client.search_decision_instances(data=models.DecisionInstanceSearchQuery.from_dict(wanted))
        last = next(each for each in found.items if each.result == "12")
        again = client.get_decision_instance(last.decision_evaluation_instance_key)
        return [got.name, str(again.state.value), again.result]

    def batch():
        keys = [create(names["waits"], {"orderId": f"b-{n}"}).process_instance_key for n in range(2)]
        data = {"filter": {"processInstanceKey": {"$in": keys}}}
        begun = client.cancel_process_instances_batch_operation(
            data=models.ProcessInstanceCancellationBatchOperationRequest.from_dict(data)
        )
        key = begun.batch_operation_key
        done = client.get_batch_operation(key)
        wanted = models.BatchOperationItemSearchQuery.from_dict({"filter": {"batchOperationKey": key}})
        items = client.search_batch_operation_items(data=wanted).items
        states = [str(client.get_process_instance(each).state.value) for each in keys]
        return [str(done.state.value), done.operations_completed_count, len(items), *states]

    def documents():
        content = "Grüße".encode()
        file = File(payload=io.BytesIO(content), file_name="a.txt", mime_type="text/plain")
        kept = client.create_document(data=models.CreateDocumentData(file=file))
        read = client.get_document(kept.document_id).payload.read()
        client.delete_document(kept.document_id)
        gone = refused(lambda: client.get_document(kept.document_id))
        return [kept.metadata.file_name, read == content, gone]

    every = (definitions, instances, elements, found_variables, incidents, user_tasks, evaluations, batch,
             documents)  # fmt: skip
    return {each.__name__: each for each in every}
