"""Arguments become the JSON of REST exactly, and answers are read tolerantly."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from bridge import models
from bridge._doors.translation import message_of
from camunda_core.errors import Internal
from camunda_rest._commands.arguments import arguments, camel, snake
from camunda_rest._commands.decoding import reader
from tests.unit.bridge.client_calls import Recorder, call


def sent(rpc: str, *args: Any, **kwargs: Any) -> Any:
    """The request that a method makes."""
    import bridge

    with bridge.Client(rest_address="http://127.0.0.1:1") as client:
        recorder = Recorder()
        client._doors = {"rest": recorder}  # type: ignore[dict-item]
        call(client, rpc, list(args), kwargs)
    ((_, request),) = recorder.requests
    return request


def test_names_follow_one_rule() -> None:
    assert camel("is_completion_condition_fulfilled") == "isCompletionConditionFulfilled"
    assert snake("CreateProcessInstanceWithResult") == "create_process_instance_with_result"
    assert snake("processDefinitionId") == "process_definition_id"


# Arguments


def test_what_is_not_given_is_not_sent() -> None:
    assert sent("CreateProcessInstance", "p", tags=(), tenant_id="").body == {"processDefinitionId": "p"}
    assert sent("CompleteJob", 5).body == {}
    assert sent("CompleteJob", 5, {}).body == {"variables": {}}


def test_an_explicit_none_inside_variables_is_a_value() -> None:
    assert sent("CompleteJob", 5, {"a": None, "b": [None]}).body["variables"] == {"a": None, "b": [None]}


@pytest.mark.parametrize("key", [7, "7"])
def test_a_key_is_an_int_or_its_digits(key: models.Key) -> None:
    assert sent("CompleteJob", key).path == {"jobKey": "7"}


def test_corrections_tell_clearing_from_keeping() -> None:
    corrections = models.Corrections(assignee="", candidate_users=(), priority=0)
    request = sent("CompleteJob", 5, result=models.UserTaskResult(denied=False, corrections=corrections))
    assert request.body["result"] == {
        "type": "userTask",
        "denied": False,
        "corrections": {"assignee": "", "candidateUsers": [], "priority": 0},
    }
    message = message_of("CompleteJob", request).result.corrections
    assert message.HasField("candidateUsers")
    assert not message.HasField("candidateGroups")
    assert message.HasField("assignee")


def test_the_result_of_an_ad_hoc_sub_process() -> None:
    result = models.AdHocSubProcessResult(
        [models.ActivateElement("a", {"x": 1}), models.ActivateElement("b")],
        is_completion_condition_fulfilled=True,
    )
    assert sent("CompleteJob", 5, result=result).body["result"] == {
        "type": "adHocSubProcess",
        "activateElements": [{"elementId": "a", "variables": {"x": 1}}, {"elementId": "b"}],
        "isCompletionConditionFulfilled": True,
    }


def test_a_move_names_source_and_ancestor_by_their_kind() -> None:
    move = models.MoveInstruction(
        models.ByElementInstanceKey(7), "b", ancestor_scope_instruction=models.DirectAncestor("8")
    )
    assert sent("ModifyProcessInstance", 5, move_instructions=[move]).body["moveInstructions"] == [
        {
            "sourceElementInstruction": {"sourceType": "byKey", "sourceElementInstanceKey": "7"},
            "targetElementId": "b",
            "ancestorScopeInstruction": {
                "ancestorScopeType": "direct",
                "ancestorElementInstanceKey": "8",
            },
        }
    ]


def test_the_updates_of_a_job_stand_in_a_changeset() -> None:
    assert sent("UpdateJobRetries", 5, 3).body == {"changeset": {"retries": 3}}
    assert sent("UpdateJobTimeout", 5, 1.5).body == {"changeset": {"timeout": 1500}}


def test_an_awaited_creation_says_so_in_the_body() -> None:
    body = sent("CreateProcessInstanceWithResult", "p", request_timeout=2).body
    assert body == {"processDefinitionId": "p", "awaitCompletion": True, "requestTimeout": 2000}


def test_an_encoder_is_made_from_the_hints_alone() -> None:
    def method(some_count: int, tags: list[str] | None = None) -> None: ...

    made = arguments(method)
    assert {name: each.optional for name, each in made.items()} == {"some_count": False, "tags": True}
    assert made["tags"].encode(("a",), "tags") == ["a"]


# Answers


def test_unknown_properties_are_ignored_and_missing_ones_and_nulls_take_the_default() -> None:
    data = {"processInstanceKey": "1", "future": {"x": 1}, "tenantId": None, "tags": None}
    read = reader(models.ProcessInstance)(data, {})
    assert read == models.ProcessInstance(process_instance_key="1")


def test_keys_are_text_whatever_the_version_says() -> None:
    read = reader(models.ProcessInstance)
    assert read({"processInstanceKey": 2**60 + 1}, {}) == read({"processInstanceKey": str(2**60 + 1)}, {})
    assert read({"processInstanceKey": 1, "processDefinitionKey": 0}, {}).process_definition_key == ""


def test_a_deployment_keeps_generic_resources_apart_and_leaves_out_unknown_kinds() -> None:
    items = [
        {"resource": {"resourceKey": "3", "resourceId": "r"}, "form": None},
        {"form": {"formKey": "2", "formId": "f"}, "resource": None},
        {"future": {}},
    ]
    deployment = reader(models.Deployment)({"deploymentKey": 1, "deployments": items}, {})
    assert [item.form and item.form.form_key for item in deployment.deployments] == ["2"]
    assert [each.resource_key for each in deployment.resources] == ["3"]


def test_one_evaluation_key_has_two_names() -> None:
    read = reader(models.DecisionEvaluation)
    assert read({"decisionInstanceKey": 5}, {}) == read({"decisionEvaluationKey": "5"}, {})
    assert read({"decisionEvaluationKey": "0", "decisionInstanceKey": "5"}, {}).decision_evaluation_key == "5"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "ProcessInstance must be an object"),
        ({}, "ProcessInstance has no processInstanceKey"),
        (None, "ProcessInstance has no processInstanceKey"),
        ({"processInstanceKey": "1", "tags": "a"}, "tags: must be a list"),
        (
            {"processInstanceKey": "1", "processDefinitionVersion": "1"},
            "processDefinitionVersion: must be an int",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_says_where(data: Any, text: str) -> None:
    with pytest.raises(Internal, match=text):
        reader(models.ProcessInstance)(data, {})


def test_results_survive_pickling() -> None:
    job = models.ActivatedJob(job_key="1", variables={"a": [1]}, user_task=models.UserTask(assignee="ada"))
    assert pickle.loads(pickle.dumps(job)) == job
