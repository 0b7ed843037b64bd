"""Typos that type checkers must refuse: each line with the mark, and no other. Nobody runs this."""

# ruff: noqa
# pyright: reportUnnecessaryComparison=true
from __future__ import annotations

from datetime import datetime

import bridge
from camunda_rest import AsyncRestClient, RestClient
from camunda_rest.conditions import exists, gt, in_, like, lt, not_in


def searches(client: bridge.Client, rest: RestClient, now: datetime) -> None:
    client.search_user_tasks(stat="CREATED")  # refused
    client.search_user_tasks(state="CREATD")  # refused
    client.search_user_tasks(state=["CREATED", "CREATD"])  # refused
    client.search_user_tasks(priority="high")  # refused
    client.search_user_tasks(priority=like("1*"))  # refused
    client.search_user_tasks(assignee=gt("a"))  # refused
    client.search_user_tasks(due_date=gt(5))  # refused
    client.search_user_tasks(process_instance_key=like("1*"))  # refused
    client.search_user_tasks(sort="due_dat")  # refused
    client.search_user_tasks(sort=["due_date", "-priorty"])  # refused
    client.search_user_tasks(limit="5")  # refused
    client.search_user_tasks(any_of=[{"nam": "a"}])  # refused
    client.search_user_tasks(wait="5")  # refused
    client.search_user_tasks(until=lambda page: page.total_item > 3)  # refused
    client.search_process_instances(state="DONE")  # refused
    client.search_process_instances(business_ids="b")  # refused
    rest.search_incidents(error_type="JOB_NO_RETRY")  # refused

    client.search_user_tasks(state="CREATED", priority=gt(50) & lt(80), sort="-due_date", limit=5)
    client.search_user_tasks(state=["CREATED", "ASSIGNING"], assignee=exists(False), name=like("A*"))
    client.search_user_tasks(process_instance_key=5, due_date=gt(now), any_of=[{"name": "a"}], wait=5)
    client.search_user_tasks(
        assignee=in_("ann", "bob"), tenant_id=not_in("a"), until=lambda page: page.total_items > 3
    )
    client.search_variables(name="total", value=like("5*"), truncate_values=False)


def commands(client: bridge.Client) -> None:
    client.complete_user_task(5, variable={})  # refused
    client.complete_user_task()  # refused
    client.complete_user_task(5, action=3)  # refused
    client.assign_user_task(5, "ann")  # refused
    client.create_user(user_name="ann", password="x")  # refused
    client.update_user_task(5, changeset={"due_dat": None})  # refused
    client.update_user_task(5, changeset={"priority": "high"})  # refused
    client.create_document(3)  # refused
    client.create_document(b"x", metadata={"filename": "a"})  # refused
    client.create_documents(b"x")  # refused
    client.cancel_process_instances_batch_operation(state="DONE")  # refused

    client.complete_user_task(5, variables={"ok": True}, action="done", timeout=5)
    client.assign_user_task("5", assignee="ann", allow_override=False)
    client.update_user_task(5, changeset={"priority": 80})
    client.create_document(
        "a.pdf", metadata={"file_name": "a"}, on_progress=lambda done, total: print(done, total)
    )
    client.cancel_process_instances_batch_operation(everything=True)


def results(client: bridge.Client) -> None:
    task = client.get_user_task(5)
    task.state == "CREATD"  # refused
    task.asignee  # refused
    task.name = "other"  # refused
    client.get_user_task_form(5).form_key  # refused
    client.get_document("d").save(3)  # refused
    for each in client.search_incidents():
        each.error_typ  # refused

    if task.state == "CREATED" and task.due_date is not None:
        print(task.due_date.isoformat(), task.assignee)
    form = client.get_user_task_form(5)
    if form is not None:
        print(form.form_key)


async def awaited(client: bridge.AsyncClient, rest: AsyncRestClient) -> None:
    await client.search_user_tasks(stat="CREATED").first()  # refused
    await rest.get_user_task()  # refused
    for task in client.search_user_tasks():  # refused
        pass
    (await client.get_user_task(5)).asignee  # refused

    async for task in client.search_user_tasks(state="CREATED"):
        print(task.assignee)
    print((await rest.get_user_task(5)).name, await rest.search_user_tasks().count())
