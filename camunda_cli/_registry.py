"""Which commands there are: the one place where a command is registered.

A command is a module with a ``click.Command`` in it, made by ``camunda_cli._command``; it is imported when it
is used, or when the whole help is shown, and not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["SECTIONS", "Entry", "entries"]


@dataclass(frozen=True)
class Entry:
    """``place`` is ``module:attribute``; ``about`` is the line of the help."""

    place: str
    about: str


_HERE = "camunda_cli._commands"

#: The commands by the headings of the help, in its order.
SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Cluster": {
        "status": Entry(f"{_HERE}.status:status", "What answers, on either wire: version, brokers, health."),
        "doctor": Entry(f"{_HERE}.doctor:doctor", "Find out why a cluster cannot be reached or worked with."),
        "verify": Entry(
            f"{_HERE}.verify:verify", "Play every RPC and refusal on your cluster, on every way, and compare."
        ),
        "deploy": Entry(f"{_HERE}.deploy:deploy", "Deploy processes, decisions and forms."),
        "delete": Entry(f"{_HERE}.changes:delete", "Delete a deployed process, decision or form."),
    },
    "Processes": {
        "start": Entry(f"{_HERE}.instances:start", "Start a process, and await its end if you like."),
        "run": Entry(f"{_HERE}.instances:run", "Deploy a file and start the process in it."),
        "cancel": Entry(f"{_HERE}.instances:cancel", "Cancel process instances."),
        "modify": Entry(f"{_HERE}.instances:modify", "Activate, terminate and move elements."),
        "migrate": Entry(f"{_HERE}.instances:migrate", "Have an instance go on in another definition."),
        "set-variables": Entry(f"{_HERE}.changes:set_variables", "Set variables of an instance."),
        "publish": Entry(f"{_HERE}.messages:publish", "Publish a message."),
        "correlate": Entry(f"{_HERE}.messages:correlate", "Correlate a message at once (REST)."),
        "broadcast": Entry(f"{_HERE}.messages:broadcast", "Broadcast a signal."),
        "evaluate": Entry(f"{_HERE}.changes:evaluate", "Evaluate a decision."),
        "feel": Entry(f"{_HERE}.changes:feel", "Evaluate an expression of FEEL (REST)."),
        "evaluate-conditions": Entry(
            f"{_HERE}.changes:evaluate_conditions", "Start the processes whose conditions hold."
        ),
        "resolve": Entry(f"{_HERE}.changes:resolve", "Resolve incidents."),
    },
    "What is there": {
        "jobs": Entry(f"{_HERE}.jobs:jobs", "Take jobs, answer them, watch them come."),
        "instances": Entry(f"{_HERE}.finding:instances", "Process instances: search, get."),
        "incidents": Entry(f"{_HERE}.finding:incidents", "Incidents: search, get."),
        "tasks": Entry(f"{_HERE}.finding:tasks", "User tasks: search, get, complete, assign."),
        "variables": Entry(f"{_HERE}.finding:variables", "Variables: search, get."),
        "definitions": Entry(f"{_HERE}.finding:definitions", "Process definitions: search, get, xml."),
    },
    "Moving to REST": {
        "scan": Entry(f"{_HERE}.scan:scan", "What a program calls, and what becomes of it over REST."),
    },
    "On this machine": {
        "worker": Entry(
            f"{_HERE}.worker:worker", "Run a worker, and start it again when a file has changed."
        ),
        "proxy": Entry(f"{_HERE}.proxy:proxy", "Serve gRPC in front of REST, for every language."),
        "embedded": Entry(f"{_HERE}.local:embedded", "Run the embedded gateway."),
        "demo": Entry(f"{_HERE}.local:demo", "Show what this is about, in seconds."),
        "profiles": Entry(f"{_HERE}.local:profiles", "The profiles of the settings file."),
        "completion": Entry(f"{_HERE}.local:completion", "Print what makes a shell complete this."),
    },
}


def entries() -> dict[str, Entry]:
    """All of them by name."""
    return {name: entry for section in SECTIONS.values() for name, entry in section.items()}
