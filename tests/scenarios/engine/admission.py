"""Small models, each by name, and what a real 8.6.0 answered when they were deployed; recorded on 2026-11-28.

``python -m tests.scenarios.engine.admission`` says how many are answered alike, and how the others differ.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from camunda_core.errors import InvalidArgument
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.files import read_files

__all__ = ["ACCEPTED", "DIFFERENCES", "MODELS", "answer", "normal"]

ACCEPTED = "ACCEPTED"
#: By name: the file's name, its content, and the recorded answer.
MODELS: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "recorded" / "models-8.6.0.json").read_text()
)
_HEAD = "Expected to deploy new resources, but encountered the following errors:\n"
#: Names of models that are answered otherwise, and why.
DIFFERENCES: dict[str, str] = {
    "escalation-throw": "to come",
    "event-sub-process": "to come",
    "dmn-namespace-20211108": "to come",
    "dmn-namespace-20240513": "to come",
    "dmn-expressionLanguage-https:__www.omg.org_spec_DMN_20230324_FEEL_": "to come",
    "dmn-expressionLanguage-feel-scala": "to come",
    "dmn-expressionLanguage-myfeel": "to come",
    "dmn-definitions-expressionLanguage-juel": "to come",
    "dmn-function-of-required-decision": "to come",
    "dmn-boxed-context": "to come",
    "dmn-bkm": "to come",
    "dmn-boxed-list": "to come",
    "dmn-two-broken-expressions": "to come",
    "dmn-empty-output-entry": "to come",
    "dmn-empty-output-entry-without-id": "to come",
    "dmn-empty-input-expression": "to come",
    "dmn-empty-literal": "to come",
    "dmn-decision-without-logic": "to come",
    "dmn-decision-without-name": "to come",
    "dmn-decision-service": "to come",
    "dmn-import": "to come",
    "dmn-no-definitions-name": "to come",
    "dmn-unknown-function": "to come",
    "form-not-json": "to come",
    "form-empty": "to come",
    "form-array": "to come",
    "form-id-number": "to come",
    "form-blank-id": "to come",
    "form-null": "to come",
    "form-trailing": "to come",
    "form-comment": "to come",
    "form-git-lfs": "to come",
}


def normal(text: str) -> str:
    """An answer without what is free in it: the reasons of the FEEL parser, and the order of the elements."""
    text = re.sub(r"(failed to parse expression '.*?'): [^\n]*", r"\1: …", text, flags=re.DOTALL)
    first, *elements = text.split(_HEAD)[-1].strip().split("- Element: ")
    return first + "".join(f"- Element: {each.strip()}\n" for each in sorted(elements))


def answer(name: str) -> str:
    """What the embedded gateway answers to a model: ``ACCEPTED``, or the list of errors."""
    model = MODELS[name]
    try:
        Engine(lambda: 0).deployments.deploy(read_files([(model["file"], model["content"].encode())]))
    except InvalidArgument as error:
        return str(error)
    return ACCEPTED


def main() -> None:
    same = 0
    for name, model in MODELS.items():
        found, wanted = normal(answer(name)), normal(model["answer"])
        same += found == wanted
        if found != wanted:
            print(
                f"{name}\n   8.6.0: {wanted!r}\n   here:  {found!r}\n   {DIFFERENCES.get(name, '(no reason)')}"
            )
    print(f"{same} of {len(MODELS)} models are answered as 8.6.0 did")


if __name__ == "__main__":
    main()
