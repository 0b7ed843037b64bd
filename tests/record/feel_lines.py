"""The FEEL and DMN corpora on a cluster of yours, over gRPC, and what it answers otherwise than the 8.6.0 that recorded them.

``python -m tests.record.feel_lines HOST:PORT`` prints it as JSON; the cluster should be one to throw away.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from typing import Any

import grpc

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.record import feel_corpus

SECONDS = 30.0
#: The refusal of a batch says what is wrong with each of its expressions, in the metadata of the answer.
OPTIONS = [("grpc.max_metadata_size", 1 << 20), ("grpc.absolute_max_metadata_size", 1 << 20)]


class GrpcGateway(feel_corpus.Gateway):
    """The operations that recording needs, over gRPC; answers are in the words of REST."""

    def __init__(self, channel: grpc.Channel) -> None:
        super().__init__("")
        self._stub: Any = gateway_pb2_grpc.GatewayStub(channel)

    def deploy(self, name: str, content: str) -> str | None:
        resource = pb.Resource(name=name, content=content.encode())
        try:
            self._stub.DeployResource(pb.DeployResourceRequest(resources=[resource]), timeout=SECONDS)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            return str(error.details())
        return None

    def evaluate(self, decision_id: str, variables: dict[str, Any]) -> dict[str, Any]:
        request = pb.EvaluateDecisionRequest(decisionId=decision_id, variables=json.dumps(variables))
        answer = self._stub.EvaluateDecision(request, timeout=SECONDS)
        return {
            "output": answer.decisionOutput or "null",  # empty over gRPC when it failed
            "failureMessage": answer.failureMessage,
            "failedDecisionDefinitionId": answer.failedDecisionId,
            "evaluatedDecisions": [
                {
                    "decisionDefinitionId": each.decisionId,
                    "decisionDefinitionName": each.decisionName,
                    "output": each.decisionOutput,
                    "evaluatedInputs": [_fields(given) for given in each.evaluatedInputs],
                    "matchedRules": [
                        _fields(rule) | {"evaluatedOutputs": [_fields(out) for out in rule.evaluatedOutputs]}
                        for rule in each.matchedRules
                    ],
                }
                for each in answer.evaluatedDecisions
            ],
        }


def _fields(message: Any) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}


def differences(address: str, every: int = 1) -> tuple[set[str], dict[str, Any]]:
    """The cases of both corpora that the engine at ``host:port`` was asked (every first, second ... of each part), and what it
    answers to those that 8.6.0 answered otherwise.
    """
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        return _differences(GrpcGateway(channel), every)


def _differences(gateway: feel_corpus.Gateway, every: int) -> tuple[set[str], dict[str, Any]]:
    asked: set[str] = set()
    found: dict[str, Any] = {}
    corpus = json.loads((feel_corpus.DATA / "feel_corpus.json").read_text(encoding="utf-8"))
    for section in ("expressions", "unaryTests"):
        recorded = corpus[section][::every]
        entries = copy.deepcopy(recorded)
        feel_corpus.record_entries(gateway, entries)
        asked.update(map(_case, recorded))
        found |= _compare(recorded, entries, _case)
    models = json.loads((feel_corpus.DATA / "dmn_corpus.json").read_text(encoding="utf-8"))["models"][::every]
    again = copy.deepcopy(models)
    feel_corpus.record_models(gateway, again)
    for before, after in zip(models, again, strict=True):
        outcome = [{"recorded": model.get("refused", model["evaluations"])} for model in (before, after)]
        asked.add(f"decision {before['name']}")
        found |= _compare(outcome[:1], outcome[1:], lambda _, name=before["name"]: f"decision {name}")
    return asked, found


def recorded() -> dict[str, Any]:
    """What 8.6.0 answered to each case of both corpora."""
    corpus = json.loads((feel_corpus.DATA / "feel_corpus.json").read_text(encoding="utf-8"))
    found = {
        _case(entry): entry["recorded"] for part in ("expressions", "unaryTests") for entry in corpus[part]
    }
    models = json.loads((feel_corpus.DATA / "dmn_corpus.json").read_text(encoding="utf-8"))["models"]
    return found | {f"decision {each['name']}": each.get("refused", each["evaluations"]) for each in models}


def _case(entry: dict[str, Any]) -> str:
    if "tests" in entry:
        return f"{json.dumps(entry['value'], ensure_ascii=False)} in {entry['tests']}"
    context = f" with {json.dumps(entry['context'], ensure_ascii=False)}" if entry.get("context") else ""
    return f"{entry['expression']}{context}"


def _compare(before: list[Any], after: list[Any], name: Callable[[Any], str]) -> dict[str, Any]:
    return {
        name(old): new["recorded"]
        for old, new in zip(before, after, strict=True)
        if json.dumps(old["recorded"]) != json.dumps(new["recorded"])
    }


if __name__ == "__main__":
    _, found = differences(sys.argv[1])
    print(json.dumps(found, ensure_ascii=False, indent=1))
