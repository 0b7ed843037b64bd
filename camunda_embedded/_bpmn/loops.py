"""Loops that never wait for anything: the real engine refuses them at deployment."""

from __future__ import annotations

from collections.abc import Iterator

from camunda_embedded._bpmn.model import Element, Process

__all__ = ["endless_loop"]

_STARTS = frozenset({"TASK", "MANUAL_TASK", "INTERMEDIATE_THROW_EVENT"})
_PASSED = _STARTS | {"EXCLUSIVE_GATEWAY", "PARALLEL_GATEWAY"}


def _passes(element: Element) -> bool:
    kind = element.inner.type if element.inner is not None else element.type
    return kind in _PASSED and element.event != "MESSAGE"


def endless_loop(process: Process) -> list[str]:
    """The ids along a loop in which nothing waits, the first again at the end; empty when there is none.

    Only loops through tasks without work or throw events count; script tasks and calls do not,
    though they may loop too.
    """
    looping = _looping(process)
    for start in reversed(list(process.elements.values())):
        kind = start.inner.type if start.inner is not None else start.type
        if start in looping and kind in _STARTS:
            return _back_to(start)
    return []


def _looping(process: Process) -> set[Element]:
    """The elements from which a path without a wait leads back to themselves, in one walk over all
    of them (after Tarjan).
    """
    number: dict[Element, int] = {}
    lowest: dict[Element, int] = {}
    path: list[Element] = []
    on_path: set[Element] = set()
    found: set[Element] = set()
    for first in process.elements.values():
        if first in number or not _passes(first):
            continue
        walk: list[tuple[Element, Iterator[Element]]] = []

        def enter(element: Element, walk: list[tuple[Element, Iterator[Element]]] = walk) -> None:
            number[element] = lowest[element] = len(number)
            path.append(element)
            on_path.add(element)
            walk.append((element, iter([flow.target for flow in element.outgoing if _passes(flow.target)])))

        enter(first)
        while walk:
            element, targets = walk[-1]
            target = next(targets, None)
            if target is not None:
                if target is element:
                    found.add(element)
                if target not in number:
                    enter(target)
                elif target in on_path:
                    lowest[element] = min(lowest[element], number[target])
                continue
            walk.pop()
            if walk:
                before = walk[-1][0]
                lowest[before] = min(lowest[before], lowest[element])
            if lowest[element] == number[element]:
                circle = [path.pop()]
                while circle[-1] is not element:
                    circle.append(path.pop())
                on_path.difference_update(circle)
                if len(circle) > 1:
                    found.update(circle)
    return found


def _back_to(start: Element) -> list[str]:
    """The way from an element back to itself."""
    before: dict[Element, Element] = {}
    ends = [start]
    while ends:
        element = ends.pop()
        for flow in element.outgoing:
            if flow.target is start:
                way = [element]
                while way[-1] is not start:
                    way.append(before[way[-1]])
                return [each.id for each in (*reversed(way), start)]
            if flow.target not in before and _passes(flow.target):
                before[flow.target] = element
                ends.append(flow.target)
    return []
