"""The searches of a client as a source: for clusters from 8.8 on."""

from __future__ import annotations

import json
import time
from typing import Any

from camunda_core.errors import NotFound
from camunda_embedded.testing._facts import (
    DecisionFacts,
    ElementFacts,
    IncidentFacts,
    InstanceFacts,
    JobFacts,
    UserTaskFacts,
)

__all__ = ["ClientSource"]

_STATES = {"CANCELED": "TERMINATED"}


class ClientSource:
    """Reads through a ``bridge.Client``, or whatever has its searches.

    Clusters answer searches a little late, and nobody can say when nothing more will come: assertions wait for
    ``patience`` seconds (10).
    """

    def __init__(self, client: Any) -> None:
        self.patience = 10.0
        self._client = client

    def instance(self, key: str) -> InstanceFacts | None:
        """What the searches find of an instance."""
        client, mine = self._client, {"process_instance_key": key}
        found = next(iter(client.search_process_instances(limit=1, **mine)), None)
        if found is None:
            return None
        facts = InstanceFacts(
            key=key,
            process_id=found.process_definition_id,
            state=_STATES.get(found.state, found.state),
            parent=found.parent_process_instance_key or "",
        )
        runs = sorted(
            client.search_element_instances(**mine),
            key=lambda e: (e.start_date is None, e.start_date or 0, int(e.element_instance_key or 0)),
        )
        ends = sorted({e.end_date for e in runs if e.end_date is not None})
        facts.elements = [
            ElementFacts(
                key=e.element_instance_key,
                id=e.element_id,
                type=e.type,
                state=_STATES.get(e.state, e.state),
                ended=0 if e.end_date is None else ends.index(e.end_date) + 1,
            )
            for e in runs
            if e.element_instance_key != key
        ]
        facts.flows = self._flows(key)
        for variable in client.search_variables(truncate_values=False, **mine):
            where = (
                facts.variables
                if variable.scope_key == key
                else facts.local.setdefault(variable.scope_key, {})
            )
            where[variable.name] = _parsed(variable.value)
        facts.incidents = [
            IncidentFacts(
                key=i.incident_key,
                element_id=i.element_id,
                type=i.error_type,
                message=i.error_message,
                state="RESOLVED" if i.state == "RESOLVED" else "ACTIVE",
            )
            for i in client.search_incidents(**mine)
        ]
        facts.jobs = [
            JobFacts(
                key=j.job_key,
                type=j.type,
                element_id=j.element_id or "",
                element_key=j.element_instance_key,
                state=j.state,
                retries=j.retries,
                worker=j.worker,
                error=j.error_message or "",
            )
            for j in client.search_jobs(**mine)
        ]
        facts.user_tasks = [
            UserTaskFacts(
                key=t.user_task_key,
                element_id=t.element_id,
                state=t.state,
                assignee=t.assignee or "",
                candidate_groups=t.candidate_groups,
                candidate_users=t.candidate_users,
                priority=t.priority,
                due_date=t.due_date.isoformat() if t.due_date else "",
                follow_up_date=t.follow_up_date.isoformat() if t.follow_up_date else "",
            )
            for t in client.search_user_tasks(**mine)
        ]
        facts.decisions = [
            DecisionFacts(
                id=d.decision_definition_id, output=_parsed(d.result), failure=d.evaluation_failure or ""
            )
            for d in client.search_decision_instances(**mine)
        ]
        return facts

    def _flows(self, key: str) -> list[str]:
        try:
            answer = self._client.get_process_instance_sequence_flows(key)
        except NotFound:  # it has taken none, or the search is not so far
            return []
        items = getattr(answer, "items", answer)
        return [each.element_id for each in items]

    def newest(self, process_id: str, parent: str = "") -> str | None:
        """The key of the newest instance of a process."""
        called = {"parent_process_instance_key": parent} if parent else {}
        found = self._client.search_process_instances(
            process_definition_id=process_id, sort="-process_instance_key", limit=1, **called
        )
        newest = next(iter(found), None)
        return None if newest is None else str(newest.process_instance_key)

    def settle(self) -> None:
        """There is nothing that a cluster could be asked."""

    def at_rest(self) -> bool:
        """Never known."""
        return False

    def now(self) -> int:
        """The time of this machine."""
        return round(time.time() * 1000)

    def move(self, until: int) -> bool:
        """Waits a little, where ``until`` is not over."""
        if self.now() >= until:
            return False
        time.sleep(0.2)
        return True


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
