"""The idle connections of the blocking client: no lock that an interrupt could leave taken."""

from __future__ import annotations

import queue

import pytest

from camunda_core._trust import Trust
from camunda_rest._pool import open_pool
from camunda_rest._stack import _Stack


def test_it_is_a_stack_of_so_many() -> None:
    stack = _Stack(2)
    stack.put(1)
    stack.put(2)
    with pytest.raises(queue.Full):
        stack.put(3, block=False)
    assert stack.qsize() == 2
    assert [stack.get(block=False), stack.get()] == [2, 1]
    with pytest.raises(queue.Empty):
        stack.get(block=False)


@pytest.mark.parametrize("proxy", [None, "http://proxy.test:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_pool_has_one(scheme: str, proxy: str | None) -> None:
    pool, _ = open_pool(
        f"{scheme}://gateway.test:1/v2", None, Trust(None, lambda _: None), 3, True, None, proxy
    )
    assert type(pool.pool) is _Stack
    assert not any(hasattr(each, "acquire") for each in vars(pool.pool).values())
    pool.close()
