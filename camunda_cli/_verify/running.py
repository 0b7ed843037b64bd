"""Plays all scenarios on all ways, compares, and cleans up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from camunda_cli._settings import Session
from camunda_cli._verify.play import DOCUMENTED, NotHere, Play, Scenario, Unexpected, differences
from camunda_cli._verify.ways import Way
from camunda_core.errors import CamundaError, Unimplemented

__all__ = ["DIFFERS", "DOCUMENTED_ONLY", "EQUAL", "FAILED", "NOT_HERE", "Result", "Run", "verified"]

EQUAL, DOCUMENTED_ONLY, DIFFERS, FAILED, NOT_HERE = "equal", "documented", "differs", "failed", "not here"
#: Seconds for which an incident is looked for, which searches show late.
_LATE = 20.0
#: The line whose RPCs every cluster has.
_OLDEST = (8, 5)


@dataclass(frozen=True)
class Result:
    """One scenario on one way. ``said`` are the differences, or what failed; ``documented`` the published ones that showed."""

    scenario: str
    about: str
    way: str
    state: str
    said: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass
class Run:
    """All results, and what could not be cleaned up."""

    version: str
    reference: str
    results: list[Result] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[Result]:
        """Those that differ or failed."""
        return [each for each in self.results if each.state in (DIFFERS, FAILED)]


def verified(
    session: Session,
    ways: Sequence[Way],
    scenarios: Sequence[Scenario],
    *,
    prefix: str,
    keep: bool,
    step: Callable[[str], None],
) -> Run:
    """Plays each scenario on each way, and compares with the play on the first. Raises what the first call raises."""
    found = ways[0].call("topology").gateway_version
    version = _line(found)
    run = Run(found, ways[0].name)
    finder = _finder(session, version)
    for scenario in scenarios:
        reference: Play | None = None
        for way in ways:
            step(f"{scenario.name}: {way.name}")
            play = Play(way, prefix, uuid4().hex[:8], version, session.tenant, finder)
            began = time.monotonic()
            state, said, documented = _played(scenario, play, reference)
            if way is ways[0] and state in (EQUAL, DOCUMENTED_ONLY):
                reference = play
            seconds = round(time.monotonic() - began, 3)
            run.results.append(
                Result(scenario.name, scenario.about, way.name, state, said, documented, seconds)
            )
            if not keep:
                run.left += _cleaned(play)
    return run


def _line(version: str) -> tuple[int, int]:
    parts = version.split(".")
    return (
        (int(parts[0]), int(parts[1]))
        if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit()
        else (8, 5)
    )


def _finder(session: Session, version: tuple[int, int]) -> Callable[[str], str] | None:
    rest, _ = session.addresses()
    if rest is None or version < (8, 8):
        return None

    def find(instance: str) -> str:
        with session.client(rest_address=rest, grpc_address=None, transport=None, routes="rest") as client:
            for each in client.search_incidents(
                process_instance_key=instance, state="ACTIVE", wait=_LATE, limit=1
            ):
                return each.incident_key
        raise Unexpected(f"no incident of {instance} was found within {_LATE:.0f} s")

    return find


def _played(
    scenario: Scenario, play: Play, reference: Play | None
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if play.version < scenario.since:
        return NOT_HERE, (f"needs {scenario.since[0]}.{scenario.since[1]}",), ()
    try:
        scenario.perform(play)
    except NotHere as why:
        return NOT_HERE, (str(why),), ()
    except Unexpected as error:
        return FAILED, (str(error),), ()
    except CamundaError as error:
        newer = isinstance(error, Unimplemented) and scenario.since > _OLDEST and reference is None
        return NOT_HERE if newer else FAILED, (f"{type(error).__name__}: {error}",), ()
    except Exception as error:
        return FAILED, (f"{type(error).__name__}: {error} (a fault of this program: please report it)",), ()
    return _compared(play, reference)


def _compared(play: Play, reference: Play | None) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if reference is None:
        return EQUAL, (), ()
    if [each.method for each in play.entries] != [each.method for each in reference.entries]:
        return DIFFERS, ("other calls were made",), ()
    said: list[str] = []
    documented: list[str] = []
    for number, (one, other) in enumerate(zip(reference.entries, play.entries, strict=True)):
        at = f"{number} {one.method}"
        found = list(differences(one.result, other.result, at))
        if one.refusal is not None or other.refusal is not None:
            parts = DOCUMENTED.get(one.documented, frozenset())
            for place in differences(one.refusal or {}, other.refusal or {}, at):
                if place.partition(":")[0].rpartition(".")[2] in parts:
                    documented.append(one.documented)
                else:
                    found.append(place)
        said += found
    if said:
        return DIFFERS, tuple(said), tuple(dict.fromkeys(documented))
    return (DOCUMENTED_ONLY if documented else EQUAL), (), tuple(dict.fromkeys(documented))


def _cleaned(play: Play) -> list[str]:
    """Takes away what a play has left; gives what cannot be."""
    left = []
    for instance in play.instances:
        try:
            play.way.call("cancel_process_instance", instance)
        except CamundaError as error:
            if type(error).__name__ != "NotFound":  # which has ended, as it should
                left.append(f"process instance {instance}: {error.message}")
    for resource in dict.fromkeys(play.resources):
        try:
            play.way.call("delete_resource", resource)
        except CamundaError as error:
            if type(error).__name__ != "NotFound":
                left.append(f"resource {resource}: {error.message}")
    return left
