"""The application for people's tasks, typed into as a person would."""

from __future__ import annotations

import re
from typing import Any

import pytest

from camunda_embedded import EmbeddedGateway
from examples.human_tasks import Desk, connected


@pytest.fixture
def gateway() -> Any:
    with EmbeddedGateway(dialect="8.9") as running:
        yield running


def test_two_people_work_off_the_tasks_of_accounting(
    gateway: EmbeddedGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed(desk: Desk, line: str) -> str:
        assert desk.obey(line)
        return capsys.readouterr().out

    with connected(gateway.rest_address) as client:
        ann, bob = Desk(client, "ann"), Desk(client, "bob")
        assert typed(ann, "ask 20 tea") == "asked\n"
        assert typed(ann, 'ask 1200 "a chair"') == "asked\n"
        chair, tea = [line.split() for line in typed(bob, "list").splitlines()]
        assert (chair[1:], tea[1:]) == (["1200.00", "a", "chair", "-"], ["20.00", "tea", "-"])  # urgent first
        assert typed(ann, f"take {chair[0]}") == f"{chair[0]} is yours\n"
        assert typed(bob, f"take {chair[0]}").startswith("not done: ")
        assert typed(bob, f"reject {tea[0]}") == f"{tea[0]} is rejected\n"
        assert re.search(rf"{chair[0]} .*a chair +ann\n$", typed(bob, "list"))
        assert typed(ann, f"give-back {chair[0]}") == f"{chair[0]} is free\n"
        assert typed(bob, f"approve {chair[0]}") == f"{chair[0]} is approved\n"
        assert typed(bob, "list") == ""
        found = client.search_process_instances(state="COMPLETED").all()
        assert {client.get_variables(each.process_instance_key)["approved"] for each in found} == {
            True,
            False,
        }
        assert "give-back KEY" in typed(bob, "dance")
        assert not bob.obey("quit")
