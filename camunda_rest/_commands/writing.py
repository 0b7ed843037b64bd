"""The arguments of a command as a REST request. Pure: what it decides, clients send."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from camunda_core.errors import InvalidRequest, UnsupportedField
from camunda_rest._commands.arguments import Argument, Encode, arguments, camel, snake
from camunda_rest._commands.table import COMMANDS
from camunda_rest._versions import newer_properties
from camunda_rest.operations import Operation, Version

__all__ = ["Written", "arguments_of", "encoder", "newer_in", "refuse", "write_command"]

Encoder: TypeAlias = "Callable[[Mapping[str, Any], str | None], dict[str, Any]]"

#: How many sets of arguments, given together, are remembered for each method.
_KNOWN_SETS = 100

# The one argument that cannot have its REST name: `timeout` is the time limit of the call, everywhere.
_REST_NAMES = {"job_timeout": "timeout"}


class Written(NamedTuple):
    """A command, ready to be sent."""

    operation: Operation
    path: dict[str, Any]
    body: dict[str, Any]
    files: Sequence[tuple[str, bytes]]


@cache
def arguments_of(client: type, rpc: str) -> dict[str, tuple[str, Argument]]:
    """For each argument of the method that stands for ``rpc``: its name in REST and its encoder."""
    name = snake(rpc)
    method = [vars(cls)[name] for cls in client.__mro__ if name in vars(cls)][-1]
    return {name: (_REST_NAMES.get(name, camel(name)), each) for name, each in arguments(method).items()}


def write_command(
    client: type,
    rpc: str,
    given: Mapping[str, Any],
    tenant_id: str | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> Written:
    """The request for the arguments of a method of ``client``.

    ``tenant_id`` is the tenant of commands that could name one and do not. Raises InvalidRequest
    naming the RPC and the argument.
    """
    command = COMMANDS[rpc]
    try:
        body = encoder(client, rpc)(given, tenant_id)
    except InvalidRequest as error:
        error.operation = rpc
        raise
    path = {name: body.pop(name) for name in command.operation.keys}
    for name, members in command.inside.items():
        body[name] = {member: body.pop(member) for member in members}
    body.update(command.always)
    return Written(command.operation, path, body, files)


@cache
def encoder(client: type, rpc: str) -> Encoder:
    """``encode(given, tenant_id)``: the arguments of a method by their names in REST, without what was
    not given: keys, and what stands inside an object there, among the others. It raises
    InvalidRequest naming the argument.
    """
    choice, known = COMMANDS[rpc].choice, arguments_of(client, rpc)
    # What follows from which arguments are given, and not from their values: a program calls a
    # method in one or two ways.
    plans: dict[tuple[str, ...], list[tuple[str, str, Encode]]] = {}

    def plan_for(there: tuple[str, ...], given: Mapping[str, Any]) -> list[tuple[str, str, Encode]]:
        if choice:
            _check_choice(choice, given)
        plan = []
        for name, value in given.items():
            rest, (encode, optional) = known[name]
            if value is None and optional:
                continue
            plan.append((name, rest, encode))
        if len(plans) < _KNOWN_SETS:
            plans[there] = plan
        return plan

    def encode_all(given: Mapping[str, Any], tenant_id: str | None) -> dict[str, Any]:
        if tenant_id is not None:
            given = _for_tenant(tenant_id, given, known)
        there = tuple([name for name, value in given.items() if value is not None])
        body: dict[str, Any] = {}
        for name, rest, encode in plans.get(there) or plan_for(there, given):
            written = encode(given[name], name)
            if written is not None and written != []:
                body[rest] = written
        return body

    return encode_all


def _check_choice(choices: Mapping[str, tuple[str, ...]], given: Mapping[str, Any]) -> None:
    chosen = [name for name in choices if given.get(name) is not None]
    if len(chosen) != 1:
        raise InvalidRequest(f"set exactly one of {', '.join(choices)}")
    for name, companions in choices.items():
        for companion in companions:
            if name not in chosen and given.get(companion) is not None:
                raise InvalidRequest(f"{companion} goes with {name}: leave it unset")


def _for_tenant(tenant_id: str, given: Mapping[str, Any], known: Container[str]) -> Mapping[str, Any]:
    """The arguments of a method, with the tenant in the place it has for one (of ``known``) where
    the caller named none.
    """
    if "tenant_id" in known and given.get("tenant_id") is None:
        return {**given, "tenant_id": tenant_id}
    if "tenant_ids" in known and given.get("tenant_ids") is None and given.get("tenant_filter") != "ASSIGNED":
        return {**given, "tenant_ids": (tenant_id,)}
    return given


def newer_in(written: Written) -> dict[str, Version]:
    """What a command asks for that came after 8.6, the operation itself included."""
    newer = dict(newer_properties(written.operation, written.body))
    if written.operation.since > (8, 6):
        newer[written.operation.id] = written.operation.since
    return newer


def refuse(newer: Mapping[str, Version], cluster: Version) -> None:
    """Raises UnsupportedField for what the cluster is too old for."""
    for name, since in newer.items():
        if cluster < since:
            needs = f"{since[0]}.{since[1]}"
            raise UnsupportedField(
                f"{name} needs Camunda {needs}, this cluster is {cluster[0]}.{cluster[1]}",
                field=name,
                needs=needs,
            )
