"""Ask your cluster the FEEL and DMN corpora, and compare with what a real 8.6.0 answered.

    python -m tests.record.feel_corpus http://127.0.0.1:8080 [--log broker.log] [--write]

Every expression, unary test and decision of feel_corpus.json and dmn_corpus.json in tests/data/recorded is evaluated
through the REST gateway of a throwaway cluster (decisions are deployed to it), and what it answers otherwise is listed.
`--log` names the broker's log when it runs with the debug log exporter: the warnings of failed conditions are then read
from the incidents in it. `--write` writes the answers into the files, for a cluster that is a 8.6.0: to add a case, add
it without an answer and record. Where our own answer is meant to be another one, the entry says so under `differs`;
recording leaves that alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DATA = Path(__file__).resolve().parent.parent / "data" / "recorded"
BATCH = 40
MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
UNARY_VARIABLES = {"y": 4, "z": {"a": 1, "b": 9}}


class Gateway:
    """The few REST operations that recording needs."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def post(self, path: str, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
        request = urllib.request.Request(
            self.address + path, body, {"Content-Type": content_type, "Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def deploy(self, name: str, content: str) -> str | None:
        """Deploy one file; the reason when it is refused."""
        boundary = uuid.uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="resources"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content.encode() + f"\r\n--{boundary}--\r\n".encode()
        status, answer = self.post("/v2/deployments", body, f"multipart/form-data; boundary={boundary}")
        if status == 200:
            return None
        if status >= 500:
            raise SystemExit(f"the gateway answered {status}: {answer}")
        return str(answer["detail"])

    def evaluate(self, decision_id: str, variables: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({"decisionDefinitionId": decision_id, "variables": variables}).encode()
        status, answer = self.post("/v2/decision-definitions/evaluation", body)
        if status != 200:
            raise SystemExit(f"evaluating {decision_id} answered {status}: {answer}")
        return dict(answer)

    def create(self, process_id: str, variables: dict[str, Any]) -> None:
        body = json.dumps({"processDefinitionId": process_id, "variables": variables}).encode()
        status, answer = self.post("/v2/process-instances", body)
        if status != 200:
            raise SystemExit(f"creating {process_id} answered {status}: {answer}")


# --- expressions and unary tests ----------------------------------------------------------------------------------


def definitions(drg_id: str, decisions: str) -> str:
    return f'<definitions xmlns="{MODEL}" id="{drg_id}" name="{drg_id}" namespace="recorded">{decisions}</definitions>'


def literal(decision_id: str, entry: dict[str, Any]) -> str:
    text = escape(entry["expression"])
    return (
        f'<decision id="{decision_id}" name="d"><literalExpression id="{decision_id}e"><text>{text}</text>'
        "</literalExpression></decision>"
    )


def unary(decision_id: str, entry: dict[str, Any]) -> str:
    d, text = decision_id, escape(entry["tests"])
    return (
        f'<decision id="{d}" name="d"><decisionTable id="{d}t" hitPolicy="FIRST"><input id="{d}i">'
        f'<inputExpression id="{d}x"><text>x</text></inputExpression></input><output id="{d}o" name="r"/>'
        f'<rule id="{d}r"><inputEntry id="{d}n"><text>{text}</text></inputEntry><outputEntry id="{d}p">'
        "<text>true</text></outputEntry></rule></decisionTable></decision>"
    )


def answer_to(gateway: Gateway, decision_id: str, entry: dict[str, Any]) -> dict[str, Any]:
    if "tests" in entry:
        answer = gateway.evaluate(decision_id, {"x": entry["value"], **UNARY_VARIABLES})
    else:
        answer = gateway.evaluate(decision_id, entry.get("context", {}))
    message = answer["failureMessage"]
    if message:
        return {"failure": message.replace(f"Expected to evaluate decision '{decision_id}', but ", "", 1)}
    output = json.loads(answer["output"])
    return {"matches": output is True} if "tests" in entry else {"value": output}


def record_entries(gateway: Gateway, entries: list[dict[str, Any]]) -> None:
    """Deploy in batches; a batch that is refused is halved until the refused expression stands alone."""
    todo = [entries[start : start + BATCH] for start in range(0, len(entries), BATCH)]
    while todo:
        batch = todo.pop()
        tag = f"d{uuid.uuid4().hex[:10]}"
        ids = [f"{tag}_{index}" for index in range(len(batch))]
        parts = (unary(i, e) if "tests" in e else literal(i, e) for i, e in zip(ids, batch, strict=True))
        refused = gateway.deploy(f"{tag}.dmn", definitions(tag, "".join(parts)))
        if refused is None:
            for decision_id, entry in zip(ids, batch, strict=True):
                entry["recorded"] = answer_to(gateway, decision_id, entry)
        elif len(batch) == 1:
            batch[0]["recorded"] = {"refused": True}
        else:
            half = len(batch) // 2
            todo += [batch[:half], batch[half:]]


# --- the warnings of failed conditions ----------------------------------------------------------------------------

BPMN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="recorded">\
<bpmn:process id="{id}" isExecutable="true"><bpmn:startEvent id="s"><bpmn:outgoing>f0</bpmn:outgoing>\
</bpmn:startEvent><bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="g"/>\
<bpmn:exclusiveGateway id="g" default="f2"><bpmn:incoming>f0</bpmn:incoming><bpmn:outgoing>f1</bpmn:outgoing>\
<bpmn:outgoing>f2</bpmn:outgoing></bpmn:exclusiveGateway><bpmn:sequenceFlow id="f1" sourceRef="g" targetRef="e1">\
<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={text}</bpmn:conditionExpression>\
</bpmn:sequenceFlow><bpmn:sequenceFlow id="f2" sourceRef="g" targetRef="e2"/>\
<bpmn:endEvent id="e1"><bpmn:incoming>f1</bpmn:incoming></bpmn:endEvent>\
<bpmn:endEvent id="e2"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent></bpmn:process></bpmn:definitions>"""


def record_failures(gateway: Gateway, entries: list[dict[str, Any]], log: Path) -> None:
    """Run every expression as a condition, and read the message of its incident."""
    by_id = {}
    for index, entry in enumerate(entries):
        process_id = f"p{uuid.uuid4().hex[:10]}_{index}"
        refused = gateway.deploy(
            f"{process_id}.bpmn", BPMN.format(id=process_id, text=escape(entry["expression"]))
        )
        if refused is not None:
            raise SystemExit(f"{entry['expression']}: {refused}")
        gateway.create(process_id, entry["context"])
        by_id[process_id] = entry
    deadline = time.monotonic() + 30
    missing = set(by_id)
    while missing and time.monotonic() < deadline:
        time.sleep(0.5)
        for line in log.read_text(errors="replace").splitlines():
            if '"valueType":"INCIDENT"' in line and '"intent":"CREATED"' in line:
                value = json.loads(line[line.index("{") :])["value"]
                if value["bpmnProcessId"] in missing:
                    missing.discard(value["bpmnProcessId"])
                    by_id[value["bpmnProcessId"]]["recorded"] = value["errorMessage"]
    for process_id in missing:
        raise SystemExit(f"no incident for {by_id[process_id]['expression']}")


# --- decisions ----------------------------------------------------------------------------------------------------


def trace(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that does not depend on keys and versions, with its JSON texts read."""
    decisions = [
        {
            "id": decision["decisionDefinitionId"],
            "name": decision["decisionDefinitionName"],
            "output": json.loads(decision["output"]),
            "inputs": [
                {"id": i["inputId"], "name": i["inputName"], "value": json.loads(i["inputValue"])}
                for i in decision["evaluatedInputs"]
            ],
            "matchedRules": [
                {
                    "id": rule["ruleId"],
                    "index": rule["ruleIndex"],
                    "outputs": [
                        {"id": o["outputId"], "name": o["outputName"], "value": json.loads(o["outputValue"])}
                        for o in rule["evaluatedOutputs"]
                    ],
                }
                for rule in decision["matchedRules"]
            ],
        }
        for decision in answer["evaluatedDecisions"]
    ]
    return {
        "output": json.loads(answer["output"]),
        "failedDecisionId": answer["failedDecisionDefinitionId"],
        "failureMessage": answer["failureMessage"],
        "evaluatedDecisions": decisions,
    }


def record_models(gateway: Gateway, models: list[dict[str, Any]]) -> None:
    for model in models:
        refused = gateway.deploy(f"{model['name']}.dmn".replace(" ", "-"), model["xml"])
        if refused is not None:
            model["refused"] = refused.split("\n", 1)[1].partition(": ")[2]
            continue
        model.pop("refused", None)
        for evaluation in model["evaluations"]:
            evaluation["recorded"] = trace(gateway.evaluate(model["decision"], evaluation["variables"]))


# --- files --------------------------------------------------------------------------------------------------------


def dump(corpus: dict[str, Any]) -> str:
    """JSON with one entry on a line, so that a changed answer is a changed line."""
    sections = []
    for key, value in corpus.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in value)
            sections.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            sections.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="REST address of a throwaway cluster, such as http://127.0.0.1:8080")
    parser.add_argument(
        "--log", type=Path, help="the broker's log, with the debug log exporter at level info"
    )
    parser.add_argument("--write", action="store_true", help="write the answers into the files")
    arguments = parser.parse_args()
    gateway = Gateway(arguments.address)
    changed = 0
    for name in ("feel_corpus.json", "dmn_corpus.json"):
        path = DATA / name
        before = path.read_text(encoding="utf-8")
        corpus = json.loads(before)
        if name.startswith("dmn"):
            record_models(gateway, corpus["models"])
        else:
            record_entries(gateway, corpus["expressions"])
            record_entries(gateway, corpus["unaryTests"])
            if arguments.log is not None:
                record_failures(gateway, corpus["incidents"], arguments.log)
        after = dump(corpus)
        old = set(before.splitlines())
        different = [line for line in after.splitlines() if line not in old]
        changed += len(different)
        print(f"{name}: {len(different)} lines differ", *(line[:300] for line in different[:50]), sep="\n  ")
        if arguments.write:
            path.write_text(after, encoding="utf-8")
    return 1 if changed and not arguments.write else 0


if __name__ == "__main__":
    sys.exit(main())
