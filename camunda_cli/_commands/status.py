"""``status``: what answers, on either wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from camunda_cli._command import command, pass_session
from camunda_cli._exits import Exit, exit_of
from camunda_cli._output import Column
from camunda_cli._settings import Session
from camunda_core.errors import CamundaError, Unimplemented
from camunda_core.retry import NO_RETRY

__all__ = ["status"]


@command(name="status")
@pass_session
def status(session: Session) -> int:
    """What answers, on either wire: version, brokers, partitions, health.

    With both addresses both wires are asked, whatever the routes say. Ends with the code of the first wire that
    does not answer.
    """
    rest, grpc = session.addresses()
    wanted = session.option("transport")
    wires = {
        wire: address
        for wire, address in (("rest", rest), ("grpc", grpc))
        if address is not None and wanted in (None, wire)
    }
    rows, code, topologies = [], Exit.DONE, []
    for wire, address in wires.items():
        row, ended, topology = _asked(session, wire, address)
        rows.append(row)
        code = code or ended
        if topology is not None:
            topologies.append(topology)
    brokers = topologies[0].brokers if topologies else ()
    if session.output.json:
        session.output.value({"wires": rows, "brokers": brokers})
        return code
    session.output.table(
        rows, ["wire", "address", "state", "version", "brokers", "partitions", "replication", Column("ms")]
    )
    for row in rows:
        if row["error"]:
            session.output.error(f"{row['wire']}: {row['error']}")
    partitions = [
        {
            "broker": each.node_id,
            "host": f"{each.host}:{each.port}",
            "version": each.version,
            "partition": partition.partition_id,
            "role": partition.role.lower(),
            "health": partition.health.lower(),
        }
        for each in brokers
        for partition in each.partitions
    ]
    if partitions:
        session.output.table(partitions, list(partitions[0]))
    return code


def _asked(session: Session, wire: str, address: str) -> tuple[dict[str, Any], Exit, Any]:
    row: dict[str, Any] = {
        "wire": wire,
        "address": address,
        "state": "",
        "version": "",
        "brokers": None,
        "partitions": None,
        "replication": None,
        "ms": None,
        "error": "",
    }
    only: dict[str, Any] = {"rest_address": None, "grpc_address": None, f"{wire}_address": address}
    try:
        with session.client(**only, transport=None, routes=wire, retry=NO_RETRY) as client:
            client.topology()  # the first one opens the connection, which is not what is measured
            began = time.perf_counter()
            topology = client.topology()
            row["ms"] = round((time.perf_counter() - began) * 1000, 1)
            row["state"] = _health(topology, client.get_status if wire == "rest" else None)
    except CamundaError as error:
        row |= {"state": "failed", "error": f"{type(error).__name__}: {error}"}
        return row, exit_of(error) or Exit.FAILED, None
    row |= {
        "version": topology.gateway_version,
        "brokers": topology.cluster_size,
        "partitions": topology.partitions_count,
        "replication": topology.replication_factor,
    }
    return row, Exit.DONE, topology


def _health(topology: Any, ask: Callable[[], None] | None) -> str:
    states = {partition.health.lower() for broker in topology.brokers for partition in broker.partitions}
    leaders = {
        partition.partition_id
        for broker in topology.brokers
        for partition in broker.partitions
        if partition.role.lower() == "leader"
    }
    if "dead" in states or "unhealthy" in states or len(leaders) < topology.partitions_count:
        return "unhealthy"
    try:
        if ask is not None:
            ask()
    except Unimplemented:  # clusters before 8.8 do not say
        pass
    except CamundaError:
        return "unhealthy"
    return "healthy"
