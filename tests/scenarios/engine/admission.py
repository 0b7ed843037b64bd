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

__all__ = ["ACCEPTED", "DIFFERENCES", "MODELS", "answer", "missing_features", "normal", "section"]

ACCEPTED = "ACCEPTED"
#: By name: the file's name, its content, and the recorded answer.
MODELS: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "recorded" / "models-8.6.0.json").read_text()
)
_HEAD = "Expected to deploy new resources, but encountered the following errors:\n"
_UNREADABLE = "the reason is named after the words of 8.6.0"
_FORM = "8.6.0 says what its own Java code stumbled over; the reason is named here"
#: Names of models that are answered otherwise on purpose, and why.
DIFFERENCES: dict[str, str] = {
    "dmn-namespace-20240513": _UNREADABLE,
    "dmn-decision-without-name": _UNREADABLE,
    "dmn-no-definitions-name": _UNREADABLE,
    "form-not-json": _FORM,
    "form-empty": _FORM,
    "form-array": _FORM,
    "form-null": _FORM,
    "form-comment": _FORM,
    "form-git-lfs": _FORM,
}
#: How a feature is refused that 8.6.0 has and the embedded gateway has not.
_MISSING = re.compile(r"'([^']*)' is not supported by the embedded gateway")


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


def missing_features(name: str) -> list[str]:
    """The features for whose lack alone a model is refused that 8.6.0 took; empty for every other model."""
    found = answer(name)
    if MODELS[name]["answer"] != ACCEPTED or found.count("- ERROR: ") != len(_MISSING.findall(found)):
        return []
    return _MISSING.findall(found)


def section() -> str:
    """What the document of conformance says of admission."""
    wanting = {name: missing_features(name) for name in MODELS}
    same = sum(not wanting[name] and name not in DIFFERENCES for name in MODELS)
    text = (
        "\n## Which models are taken\n\n"
        f"{len(MODELS)} small models were deployed on a real 8.6.0 in November 2026. **{same} of them are answered as it "
        "did**: taken,\nor refused with the same list of errors, each as often as there (the real engine lists elements in no "
        "order; here it is that of\nthe file). `python -m tests.scenarios.engine.admission` says so again.\n\n"
        "| model | what is different |\n|---|---|\n"
    )
    text += "".join(f"| {name} | {reason} |\n" for name, reason in DIFFERENCES.items())
    for name, features in wanting.items():
        if features:
            text += f"| {name} | refused: {', '.join(features)} |\n"
    return text + _REST


_REST = """
Of 521 probes of the type of a decision's variable, all are answered as there; of 34 of corners of FEEL those are not that the
table of expressions below names.

What is wrong with a file as XML or by BPMN's schema is said alone, and first, as there; everything else is listed at once. What
8.6.0 ignores is ignored with one WARNING that names it: attributes and elements of Camunda 7, and those of Camunda 8's
namespace that it does not know. Processes that are not executable are not looked into. DMN files are not held to DMN's schema.
"""


def main() -> None:
    for name, model in MODELS.items():
        found, wanted = normal(answer(name)), normal(model["answer"])
        if found != wanted:
            why = DIFFERENCES.get(name) or ", ".join(missing_features(name)) or "(no reason)"
            print(f"{name}: {why}\n   8.6.0: {wanted!r}\n   here:  {found!r}")
    print(section().splitlines()[3])


if __name__ == "__main__":
    main()
