"""Deploying and deleting, the same on every path."""

from __future__ import annotations

from tests.gateways.base import REAL_GATEWAY
from tests.gateways.models import model
from tests.scenarios.stage import Case, pb, scenario
from tests.scenarios.transcript import CUT


@scenario()
def test_a_process_decisions_and_a_form_are_deployed_at_once(case: Case) -> None:
    process, credit, risk = case.name("order"), case.name("credit"), case.name("risk")
    answer = case.deploy(
        case.resource("order", process=process, charge=case.name("charge"), ship=case.name("ship")),
        case.resource("credit", requirements=case.name("requirements"), decision=credit, risk=risk),
        case.resource("address", form=case.name("form")),
    )
    kinds = [item.WhichOneof("Metadata") for item in answer.deployments]
    assert sorted(kinds) == ["decision", "decision", "decisionRequirements", "form", "process"]
    by_kind = {
        item.WhichOneof("Metadata"): getattr(item, item.WhichOneof("Metadata")) for item in answer.deployments
    }
    assert (by_kind["process"].bpmnProcessId, by_kind["process"].version) == (process, 1)
    assert (
        by_kind["decision"].decisionRequirementsKey == by_kind["decisionRequirements"].decisionRequirementsKey
    )
    assert by_kind["form"].resourceName == "address.form"


@scenario()
def test_the_same_content_again_is_no_new_version_and_a_change_is_one(case: Case) -> None:
    names = {"process": case.name("order"), "charge": case.name("charge")}
    first = case.resource("order", **names, ship=case.name("ship"))
    changed = pb.Resource(name=first.name, content=first.content.replace(b'value="EUR"', b'value="USD"'))
    answers = [case.deploy(resource) for resource in (first, first, changed)]
    processes = [answer.deployments[0].process for answer in answers]
    assert [process.version for process in processes] == [1, 1, 2]
    assert processes[0].processDefinitionKey == processes[1].processDefinitionKey
    assert processes[2].processDefinitionKey > processes[1].processDefinitionKey


@scenario()
def test_two_processes_in_one_deployment(case: Case) -> None:
    one = pb.Resource(name="one.bpmn", content=model("empty", process=case.name("one")))
    two = pb.Resource(name="two.bpmn", content=model("empty", process=case.name("two")))
    answer = case.deploy(one, two)
    assert {item.process.resourceName for item in answer.deployments} == {"one.bpmn", "two.bpmn"}


@scenario()
def test_names_of_resources_arrive_as_they_are(case: Case) -> None:
    names = ("Übergröße-訂單.bpmn", "folder/of orders.bpmn", "100%20percent.bpmn", 'the "best".bpmn')
    for number, name in enumerate(names):
        content = model("empty", process=case.name(f"named-{number}"))
        answer = case.deploy(pb.Resource(name=name, content=content))
        assert answer.deployments[0].process.resourceName == name


@scenario(recorded=False)
def test_a_model_with_two_thousand_mistakes_is_refused_with_all_of_them(case: Case) -> None:
    tasks = "".join(f'<serviceTask id="charge-the-card-of-customer-{i}"/>' for i in range(2000))
    content = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        f'<process id="p" isExecutable="true"><startEvent id="s"/>{tasks}</process></definitions>'
    )
    resource = pb.Resource(name="mistakes.bpmn", content=content.encode())
    refusal = case.refused("DeployResource", resources=[resource])
    assert refusal.code == "INVALID_ARGUMENT"
    assert "charge-the-card-of-customer-1999" in refusal.text or (
        case.path.far and CUT.fullmatch(refusal.text)
    )


@scenario()
def test_deploy_process_deploys_a_process(case: Case) -> None:
    definition = model("empty", process=case.name("old"))
    request = pb.ProcessRequestObject(name="old.bpmn", definition=definition)
    answer = case.call("DeployProcess", processes=[request])
    assert [(each.bpmnProcessId, each.version) for each in answer.processes] == [(case.name("old"), 1)]


@scenario()
def test_deploy_process_deploys_a_decision_and_does_not_mention_it(case: Case) -> None:
    decision = case.name("discount")
    definition = model("discount", requirements=case.name("requirements"), decision=decision)
    request = pb.ProcessRequestObject(name="discount.dmn", definition=definition)
    assert not case.call("DeployProcess", processes=[request]).processes
    assert case.call("EvaluateDecision", decisionId=decision, variables='{"amount":10}').decisionOutput == "1"


@scenario(features={REAL_GATEWAY})
def test_a_deleted_process_cannot_be_started(case: Case) -> None:
    process = case.name("empty")
    key = case.deploy(case.resource("empty", process=process)).deployments[0].process.processDefinitionKey
    case.call("DeleteResource", resourceKey=key, **case.referring(7))
    case.refused("CreateProcessInstance", bpmnProcessId=process, version=-1)
    case.refused("DeleteResource", resourceKey=key)


@scenario(features={REAL_GATEWAY})
def test_decisions_and_forms_are_deleted(case: Case) -> None:
    decision = case.name("discount")
    answer = case.deploy(
        case.resource("discount", requirements=case.name("requirements"), decision=decision),
        case.resource("address", form=case.name("form")),
    )
    keys = [
        item.form.formKey or item.decisionRequirements.decisionRequirementsKey for item in answer.deployments
    ]
    for key in filter(None, keys):
        case.call("DeleteResource", resourceKey=key)
    case.refused("EvaluateDecision", decisionId=decision, variables='{"amount":10}')


@scenario()
def test_topology_is_the_same(case: Case) -> None:
    def healthy() -> bool:
        partition = case.call("Topology").brokers[0].partitions[0]
        return partition.health == pb.Partition.HEALTHY

    case.eventually(healthy, "a broker that nobody disturbs gets well")
    answer = case.call("Topology")
    assert answer.brokers[0].partitions[0].partitionId == 1
    assert answer.clusterSize == 1
