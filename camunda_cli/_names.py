"""The names that zbctl and c8ctl have for our commands: a table, and what turns one of their lines into one of ours.

A plain number is milliseconds where theirs is a time; with a unit (``60s``) it is what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["NAMES", "Name", "rewritten"]

_INSTANCE = ("instance", "instances", "pi", "process-instance", "process-instances")
_DEFINITION = ("pd", "process-definition", "process-definitions")
_TASK = ("ut", "user-task", "user-tasks")
_INCIDENT = ("inc", "incident", "incidents")
_MESSAGE = ("msg", "message")
_JOB = ("job", "jobs")
_VARIABLE = ("var", "vars", "variable", "variables")


@dataclass(frozen=True)
class Name:
    """``verb noun`` of theirs is ``ours``.

    ``options``   their option is ours; what is not here keeps its name, in our spelling (``--errorMessage`` is
                  ``--error-message``). An option of theirs that is an argument of ours is ``""``, at the end ``"…"``;
                  one that is a filter is ``?name``
    ``times``     options that are a time
    ``whose``     which of the two has it
    """

    verb: str
    nouns: tuple[str, ...]
    ours: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    times: frozenset[str] = frozenset()
    whose: str = "both"


_START = {
    "--id": "",
    "--bpmnProcessId": "",
    "--processDefinitionId": "",
    "--version": "--process-version",
    "--withResult": "--await",
    "--awaitCompletion": "--await",
    "--fetchVariables": "--fetch",
    "--requestTimeout": "--wait",
}
_ACTIVATE = {
    "--maxJobsToActivate": "--max",
    "--timeout": "--lock",
    "--requestTimeout": "--wait",
    "--variables": "--fetch",
    "--fetchVariables": "--fetch",
}
_COMMON = {
    "--id": "--process",
    "--bpmnProcessId": "--process",
    "--processDefinitionId": "--process",
    "--version": "--process-version",
    "--processInstanceKey": "--instance",
    "--processDefinitionKey": "?process_definition_key",
    "--elementId": "--element",
}
_FOUND: tuple[tuple[tuple[str, ...], str, Mapping[str, str]], ...] = (
    (_INSTANCE, "instances", {"--key": "?process_instance_key", "--parentProcessInstanceKey": "--parent"}),
    (_DEFINITION, "definitions", {"--key": "?process_definition_key"}),
    (_TASK, "tasks", {"--key": "?user_task_key"}),
    (
        _INCIDENT,
        "incidents",
        {"--key": "?incident_key", "--errorType": "--type", "--errorMessage": "--message"},
    ),
    (_JOB, "jobs", {"--key": "?job_key"}),
    (_VARIABLE, "variables", {"--scopeKey": "--scope", "--fullValue": "--full"}),
)
_TIMES = frozenset({"--requestTimeout", "--timeout", "--retryBackOff", "--ttl", "--timeToLive"})

NAMES: tuple[Name, ...] = (
    Name("create", _INSTANCE, ("start",), _START, _TIMES),
    Name("await", _INSTANCE, ("start", "--await"), _START, _TIMES, "c8ctl"),
    Name("cancel", _INSTANCE, ("cancel",)),
    *(
        Name(verb, nouns, (command, "search"), {**_COMMON, **more}, whose="c8ctl")
        for nouns, command, more in _FOUND
        for verb in ("list", "search")
    ),
    *(
        Name("get", nouns, (command, "get"), whose="c8ctl")
        for nouns, command, _ in _FOUND
        if command != "jobs"
    ),
    Name("get", ("topology",), ("status",), whose="c8ctl"),
    Name("get", ("form",), ("tasks", "form"), whose="c8ctl"),
    Name("list", ("profile", "profiles"), ("profiles",), whose="c8ctl"),
    Name("activate", _JOB, ("jobs", "activate"), _ACTIVATE, _TIMES),
    Name("complete", _JOB, ("jobs", "complete")),
    Name(
        "fail",
        _JOB,
        ("jobs", "fail"),
        {"--errorMessage": "--message", "--retryBackOff": "--back-off"},
        _TIMES,
    ),
    *(
        Name(
            verb, _JOB, ("jobs", "throw"), {"--errorCode": "…", "--errorMessage": "--message"}, whose="zbctl"
        )
        for verb in ("throwError", "throw-error")
    ),
    Name("update", ("retries",), ("jobs", "retries"), {"--retries": "…"}, whose="zbctl"),
    Name(
        "create",
        ("worker",),
        ("jobs", "handle"),
        {"--timeout": "--lock", "--maxJobsActive": "--max"},
        _TIMES,
        "zbctl",
    ),
    Name("complete", _TASK, ("tasks", "complete"), whose="c8ctl"),
    Name("assign", _TASK, ("tasks", "assign"), {"--assignee": "…"}, whose="c8ctl"),
    Name("unassign", _TASK, ("tasks", "unassign"), whose="c8ctl"),
    Name("resolve", _INCIDENT, ("resolve",)),
    Name("publish", _MESSAGE, ("publish",), {"--timeToLive": "--ttl"}, _TIMES),
    Name("correlate", _MESSAGE, ("correlate",), whose="c8ctl"),
    Name("broadcast", ("signal",), ("broadcast",), whose="zbctl"),
    Name("set", _VARIABLE, ("set-variables",)),
    Name("deploy", ("resource",), ("deploy",), whose="zbctl"),
    Name("watch", (), ("deploy", "--watch"), whose="c8ctl"),
    Name("delete", ("resource",), ("delete",), whose="zbctl"),
    Name("evaluate", ("decision",), ("evaluate",), whose="zbctl"),
    Name("feel", ("evaluate",), ("feel",), whose="c8ctl"),
)

#: What they have for every command.
_SHARED = {"--requestTimeout": "--timeout"}
#: Ours that are named like a verb of theirs: the noun counts where something follows it.
_AMBIGUOUS = frozenset(
    {"cancel", "publish", "correlate", "broadcast", "resolve", "deploy", "delete", "evaluate", "feel"}
)
#: Shared options that take a value.
_VALUED = frozenset(
    f"--{name}"
    for name in (
        *("rest", "grpc", "transport", "routes", "profile", "config", "env-file"),
        *("tenant", "timeout", "cluster-version"),
    )
)


def rewritten(arguments: Sequence[str]) -> list[str]:
    """A line of ours that means the same; as it is where it is none of theirs."""
    places = list(_positions(arguments))
    if not places:
        return list(arguments)
    words = [arguments[place] for place in places]
    if words[0] == "help":
        return [*(each for place, each in enumerate(arguments) if place != places[0]), "--help"]
    if words == ["version"]:
        return ["--version"]
    for name in NAMES:
        if words[0] != name.verb or (name.nouns and (len(words) < 2 or words[1] not in name.nouns)):
            continue
        if name.verb in _AMBIGUOUS and not _is_noun(name, places, words):
            continue
        taken = places[: 2 if name.nouns else 1]
        rest = [each for place, each in enumerate(arguments) if place > taken[-1]]
        before = [each for place, each in enumerate(arguments) if place < taken[-1] and place not in taken]
        return [*before, *name.ours, *_options(name, rest)]
    return list(arguments)


def _is_noun(name: Name, places: Sequence[int], words: Sequence[str]) -> bool:
    """Whether the second word is a noun, where our own command takes it for what is meant."""
    if len(words) < 3 or places[2] != places[1] + 1:  # nothing follows it but options and their values
        return False
    return not (name.verb == "deploy" and Path(words[1]).exists())


def _positions(arguments: Sequence[str]) -> Iterator[int]:
    """Where there is a word that is neither an option nor the value of a shared one, up to the third such."""
    skip = False
    for place, each in enumerate(arguments):
        if skip:
            skip = False
        elif each.startswith("-") and each != "-":
            skip = each in _VALUED
        else:
            yield place


def _options(name: Name, rest: Sequence[str]) -> list[str]:
    first: list[str] = []
    last: list[str] = []
    found: list[str] = []
    words = iter(rest)
    for word in words:
        option, joined, value = word.partition("=")
        if not option.startswith("--"):
            found.append(word)
            continue
        ours = name.options.get(option, _SHARED.get(option, _ours(option)))
        if not joined and (ours in ("", "…") or ours.startswith("?") or option in name.times):
            value = next(words, "")
            joined = "="
        if option in name.times and re.fullmatch(r"\d+", value):
            value = f"{value}ms"
        if ours == "":
            first.append(value)
        elif ours == "…":
            last.append(value)
        elif ours.startswith("?"):
            found += ["--filter", f"{ours[1:]}={value}"]
        elif ours == "--fetch" and joined and "," in value:
            found += [f"--fetch={each}" for each in value.split(",")]
        else:
            found.append(f"{ours}={value}" if joined else ours)
    return [*first, *found, *last]


def _ours(option: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda each: f"-{each[1].lower()}", option)
