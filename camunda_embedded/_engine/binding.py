"""Which version of a linked process, decision or form an element means: the newest, that of its own deployment, or a tagged one."""

from __future__ import annotations

from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.resources import R, Versions
from camunda_embedded._engine.state import Instance

__all__ = ["bound"]

_INTENDED = {
    "process": "process definition to call",
    "decision": "decision to evaluate",
    "form": "form to use",
}


def bound(versions: Versions[R], id_: str, instance: Instance, error_type: str, what: str) -> R | None:
    """The version that the element of an instance means; None when it means the newest and there is none.

    ``what`` is how the failure calls it, such as ``call process with BPMN process id``.

    Raises:
        Failure: of the error type, when there is none of the deployment, or with the tag.
    """
    binding, kind = instance.element.binding, what.split()[1]
    if binding.type == "latest":
        return versions.latest(id_)
    newest_first = reversed(versions.by_id.get(id_, []))
    if binding.type == "deployment":
        own = instance.definition.deployment_key
        found = next((each for each in newest_first if each.deployment_key == own), None)
        text = (
            f"Expected to {what} '{id_}' with binding type 'deployment', but no such {kind} found in the deployment with "
            f"key {own} which contained the current process. To resolve this incident, migrate the process instance to a "
            f"process definition that is deployed together with the intended {_INTENDED[kind]}."
        )
    else:
        found = next((each for each in newest_first if each.version_tag == binding.tag), None)
        text = (
            f"Expected to {what} '{id_}' and version tag '{binding.tag}', but no such {kind} found. "
            f"To resolve this incident, deploy a {kind} with the given id and version tag."
        )
    if found is None:
        raise Failure(error_type, text)
    return found
