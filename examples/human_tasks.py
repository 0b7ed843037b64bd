"""A small application for people's tasks: expenses wait for somebody of accounting, who takes and decides them.

python -m examples.human_tasks                                   # on a gateway in this process
python -m examples.human_tasks --rest-address http://localhost:8080   # on a cluster, 8.8 or later

ask 1200 a new chair     an expense, and its task
list                     what waits for accounting, the most urgent first
take KEY                 it is yours, unless somebody was faster
give-back KEY            it is everybody's again
approve KEY, reject KEY  decided, and the process goes on
quit
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bridge
from camunda_core.errors import CamundaError
from camunda_embedded import EmbeddedGateway

HERE = Path(__file__).parent


class Desk:
    """What one person does with the tasks of accounting."""

    def __init__(self, client: bridge.Client, person: str) -> None:
        self._client = client
        self._person = person

    def ask(self, amount: str, *purpose: str) -> None:
        """Starts a process, which creates the task."""
        about = {"amount": float(amount), "purpose": " ".join(purpose), "by": self._person}
        self._client.create_process_instance("approval", variables=about)
        print("asked")

    def list(self) -> None:
        """All open tasks; the search pages by itself, however many there are."""
        waiting = self._client.search_user_tasks(
            state="CREATED", candidate_group="accounting", sort="-priority", wait=2
        )
        for task in waiting:
            facts = self._client.get_variables(task.process_instance_key)
            print(
                f"{task.user_task_key}  {facts['amount']:>8.2f}  {facts['purpose']:<20}  {task.assignee or '-'}"
            )

    def take(self, key: str) -> None:
        """Refused when somebody else has it: two people never work on one task."""
        self._client.assign_user_task(key, assignee=self._person, allow_override=False)
        print(f"{key} is yours")

    def give_back(self, key: str) -> None:
        """Nobody has it now."""
        self._client.unassign_user_task(key)
        print(f"{key} is free")

    def approve(self, key: str) -> None:
        """Completes the task; the process goes on."""
        self._decide(key, True)

    def reject(self, key: str) -> None:
        """Completes the task as well: the answer is a variable."""
        self._decide(key, False)

    def _decide(self, key: str, approved: bool) -> None:
        self._client.complete_user_task(key, variables={"approved": approved})
        print(f"{key} is {'approved' if approved else 'rejected'}")

    def obey(self, line: str) -> bool:
        """One line of input; False to end. What the cluster refuses is said, and the next line is read."""
        words = shlex.split(line)
        commands: dict[str, Callable[..., None]] = {
            "ask": self.ask,
            "list": self.list,
            "take": self.take,
            "give-back": self.give_back,
            "approve": self.approve,
            "reject": self.reject,
        }
        if not words:
            return True
        if words[0] == "quit":
            return False
        try:
            commands[words[0]](*words[1:])
        except (KeyError, TypeError, ValueError):
            print(__doc__)
        except CamundaError as error:
            print(f"not done: {error.message}")
        return True


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[bridge.Client]:
    """A client with the process deployed; without an address, of a gateway that ends with this program."""
    with contextlib.ExitStack() as stack:
        if address is None:
            address = stack.enter_context(EmbeddedGateway(dialect="8.9")).rest_address
        client = stack.enter_context(bridge.Client(rest_address=address))
        client.deploy_resource(HERE / "approval.bpmn")
        yield client


def main() -> None:
    """Reads commands until ``quit`` or the end of the input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rest-address", help="http://localhost:8080")
    parser.add_argument("--person", default=getpass.getuser(), help="who is working (default: %(default)s)")
    chosen = parser.parse_args()
    with connected(chosen.rest_address) as client:
        desk = Desk(client, chosen.person)
        print("ask, list, take, give-back, approve, reject, quit")
        for line in sys.stdin:
            if not desk.obey(line):
                break


if __name__ == "__main__":
    main()
